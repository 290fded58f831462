package hls

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
)

// secretBytes of randomness are in a path: 192 bits.
const secretBytes = 24

// Path is the path of a playlist on this server, which is all that a player needs, and so a secret: it prints redacted. JSON encodes it
// as it is; string(p) reveals it.
type Path string

// String gives the path without its secret.
func (p Path) String() string { return RedactPath(string(p)) }

// GoString is String.
func (p Path) GoString() string { return p.String() }

// Format prints String whatever the verb.
func (p Path) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(p.String())) }

// LogValue is String.
func (p Path) LogValue() slog.Value { return slog.StringValue(p.String()) }

// RedactPath takes the secret out of a request's path, for logs. Other paths come back as they are.
func RedactPath(path string) string {
	before, rest, ours := strings.Cut(path, Prefix)
	if !ours || before != "" {
		return path
	}
	_, file, below := strings.Cut(rest, "/")
	if below {
		return Prefix + "•••/" + file
	}
	return Prefix + "•••"
}

// digest is by what a secret is looked up: comparing digests tells nothing of the secret by the time that it takes.
type digest [sha256.Size]byte

func newSecret() (string, digest) {
	var b [secretBytes]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	s := base64.RawURLEncoding.EncodeToString(b[:])
	return s, sha256.Sum256([]byte(s))
}

func newID() string {
	var b [16]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}
