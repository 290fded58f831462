package camera

import (
	"fmt"
	"io"
	"log/slog"
	"unique"
)

const redacted = "•••"

// Password is a camera's secret in the clear. It prints, logs and marshals as "•••"; Reveal is the only way to the text. Two
// passwords may be compared with ==. The zero value is no password.
//
// The text lies behind a handle, because fmt prints the unexported fields of a struct without asking their methods: whoever prints a
// struct that holds a Password sees an address in memory at worst.
type Password struct{ text unique.Handle[string] }

// NewPassword wraps a secret.
func NewPassword(text string) Password {
	if text == "" {
		return Password{}
	}
	return Password{text: unique.Make(text)}
}

// Reveal gives the secret; for the RTSP client only.
func (p Password) Reveal() string {
	if !p.Set() {
		return ""
	}
	return p.text.Value()
}

// Set reports whether there is a secret at all.
func (p Password) Set() bool { return p != Password{} }

// String hides the secret.
func (p Password) String() string {
	if !p.Set() {
		return ""
	}
	return redacted
}

// GoString hides the secret from %#v.
func (p Password) GoString() string { return "camera.Password(" + p.String() + ")" }

// Format hides the secret from every verb of fmt, %d and %x included.
func (p Password) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// LogValue hides the secret from slog.
func (p Password) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText hides the secret from JSON and every other encoder.
func (p Password) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText takes a secret out of a request body, so that a body's type can hold a Password from the first moment on.
func (p *Password) UnmarshalText(text []byte) error {
	*p = NewPassword(string(text))
	return nil
}
