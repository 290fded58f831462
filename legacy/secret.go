package legacy

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
	"unique"
)

// Password is what stood in the predecessor's column. It prints as nothing of it.
type Password struct{ text unique.Handle[string] }

// NewPassword wraps a column's text.
func NewPassword(text string) Password { return Password{unique.Make(text)} }

func (p Password) reveal() string {
	if p == (Password{}) {
		return ""
	}
	return p.text.Value()
}

// Format hides the text from every verb of fmt.
func (p Password) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "•••") }

// MarshalText hides the text from encoders.
func (p Password) MarshalText() ([]byte, error) { return []byte("•••"), nil }

// Key opens the predecessor's addresses. It prints without its secret.
type Key struct{ block cipher.Block }

// ParseKey reads base64 of 32 bytes. Its errors quote nothing.
func ParseKey(text string) (Key, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return Key{}, errors.New("the predecessor's key is not base64")
	}
	if len(raw) != 32 {
		return Key{}, fmt.Errorf("the predecessor's key is %d bytes long instead of 32", len(raw))
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return Key{}, fmt.Errorf("read the predecessor's key: %w", err)
	}
	return Key{block}, nil
}

// Format hides the key from every verb of fmt.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "•••") }

// errSealed is the one answer to all that does not open: without authentication nobody can tell a wrong key from a damaged value.
var errSealed = errors.New("the address does not open with this key")

// open gives an address in the clear: base64 of a 16-byte IV and AES-256-CBC with the padding of PKCS#7 (RFC 5652, 6.3).
func (k Key) open(sealed string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(sealed), ""))
	if err != nil || len(raw) < 2*aes.BlockSize || len(raw)%aes.BlockSize != 0 {
		return "", errSealed
	}
	plain := make([]byte, len(raw)-aes.BlockSize)
	cipher.NewCBCDecrypter(k.block, raw[:aes.BlockSize]).CryptBlocks(plain, raw[aes.BlockSize:]) //nolint:staticcheck // what the predecessor used
	pad := int(plain[len(plain)-1])
	if pad == 0 || pad > aes.BlockSize {
		return "", errSealed
	}
	for _, b := range plain[len(plain)-pad:] {
		if int(b) != pad {
			return "", errSealed
		}
	}
	text := string(plain[:len(plain)-pad])
	if !utf8.ValidString(text) {
		return "", errSealed
	}
	return text, nil
}
