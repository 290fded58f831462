package camera

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unique"
)

const keySize = 32 // AES-256

var keyID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)

// Key is one sealing key: AES-256 with a name. It prints without its secret.
type Key struct {
	id     string
	secret unique.Handle[string] // keySize bytes, behind a handle as in Password
}

// NewKey makes a random key with a random id.
func NewKey() (Key, error) {
	var name [4]byte
	var secret [keySize]byte
	if _, err := rand.Read(name[:]); err != nil {
		return Key{}, fmt.Errorf("make a key id: %w", err)
	}
	if _, err := rand.Read(secret[:]); err != nil {
		return Key{}, fmt.Errorf("make a key: %w", err)
	}
	return Key{id: "k" + hex.EncodeToString(name[:]), secret: unique.Make(string(secret[:]))}, nil
}

// ID gives the key's name, which is no secret: it stands in front of all that the key sealed.
func (k Key) ID() string { return k.id }

// Reveal gives the key as ParseKeyring reads it, "id:base64"; for the key file only.
func (k Key) Reveal() string {
	if k == (Key{}) {
		return ""
	}
	return k.id + ":" + base64.StdEncoding.EncodeToString([]byte(k.secret.Value()))
}

// String gives the id alone.
func (k Key) String() string { return k.id + ":" + redacted }

// Format hides the secret from every verb of fmt.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalText hides the secret from encoders.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Keyring seals and opens what must not be read in the database. What it seals begins with the id of the key, so that several keys
// can be in use while one replaces another; the first one seals, all of them open. It is safe for use by many goroutines and never
// changes. It prints as the ids of its keys.
//
// A sealed value is id ':' nonce(12) ciphertext tag(16), AES-256-GCM (NIST SP 800-38D) with a random nonce: at 2^32 values a key, a
// repeated nonce is less likely than one in 2^32, which no number of cameras comes near. The camera's id and the column's name
// are authenticated with it, so that no value can be moved to another row or column.
//
// No keyed hash of an address is kept beside it. To see whether an address has changed, or which camera has the address of a
// spreadsheet's row, the sealed ones are opened and compared: that costs about a microsecond each, while a hash would tell whoever reads
// the database which cameras share an address, and would need a key that outlives every rotation.
type Keyring struct {
	primary string
	ids     []string                            // in the order given
	aead    func(id string) (cipher.AEAD, bool) // a function, because fmt would walk through a map down to the keys
}

// ParseKeyring reads "id:base64,…". The first key is the primary. An id is 1–32 of letters, digits, '.', '_' and '-'; a key is 32 bytes in
// standard or URL base64, padded or not. Faults are ErrKeyring and name the id or position, never the key.
func ParseKeyring(text string) (*Keyring, error) {
	var keys []Key
	for i, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		id, encoded, ok := strings.Cut(part, ":")
		id = strings.TrimSpace(id)
		if !ok || !keyID.MatchString(id) {
			return nil, ErrKeyring.Because(fmt.Errorf("key %d of the list is not of the form id:base64", i+1))
		}
		raw, err := decodeKey(strings.TrimSpace(encoded))
		if err != nil {
			return nil, ErrKeyring.Because(fmt.Errorf("key %s: %w", id, err))
		}
		keys = append(keys, Key{id: id, secret: unique.Make(string(raw))})
	}
	return NewKeyring(keys...)
}

// decodeKey gives 32 bytes. Its errors never quote what it was given.
func decodeKey(text string) ([]byte, error) {
	text = strings.TrimRight(text, "=")
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(text, "-_") {
		encoding = base64.RawURLEncoding
	}
	raw, err := encoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("not base64")
	}
	if len(raw) != keySize {
		return nil, fmt.Errorf("%d bytes long instead of %d", len(raw), keySize)
	}
	return raw, nil
}

// NewKeyring makes a keyring of keys with different ids, at least one. The first is the primary.
func NewKeyring(keys ...Key) (*Keyring, error) {
	if len(keys) == 0 {
		return nil, ErrKeyring.Because(errors.New("no key is given"))
	}
	aeads := make(map[string]cipher.AEAD, len(keys))
	ring := &Keyring{primary: keys[0].id, aead: func(id string) (cipher.AEAD, bool) { a, ok := aeads[id]; return a, ok }}
	for _, k := range keys {
		if k == (Key{}) {
			return nil, ErrKeyring.Because(errors.New("an empty key is given"))
		}
		if _, double := aeads[k.id]; double {
			return nil, ErrKeyring.Because(fmt.Errorf("key %s is given twice", k.id))
		}
		block, err := aes.NewCipher([]byte(k.secret.Value()))
		if err != nil {
			return nil, ErrKeyring.Because(fmt.Errorf("key %s: %w", k.id, err))
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, ErrKeyring.Because(fmt.Errorf("key %s: %w", k.id, err))
		}
		aeads[k.id] = aead
		ring.ids = append(ring.ids, k.id)
	}
	return ring, nil
}

// Has reports whether a key of that id is among them.
func (k *Keyring) Has(id string) bool {
	_, ok := k.aead(id)
	return ok
}

// Primary gives the id of the key that seals.
func (k *Keyring) Primary() string { return k.primary }

// IDs gives the ids of all keys, the primary first.
func (k *Keyring) IDs() []string { return append([]string(nil), k.ids...) }

// String gives the ids of the keys.
func (k *Keyring) String() string { return "keys " + strings.Join(k.ids, ", ") }

// Format hides the keys from every verb of fmt.
func (k *Keyring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// Seal seals a value of one camera's column with the primary key. An empty value is sealed as nil: that there is none is no secret.
func (k *Keyring) Seal(camera ID, column string, plain []byte) ([]byte, error) {
	if len(plain) == 0 {
		return nil, nil
	}
	aead, _ := k.aead(k.primary)
	out := make([]byte, 0, len(k.primary)+1+aead.NonceSize()+len(plain)+aead.Overhead())
	out = append(append(out, k.primary...), ':')
	nonce := make([]byte, aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("seal %s: %w", column, err)
	}
	out = append(out, nonce...)
	return aead.Seal(out, nonce, plain, associated(camera, column)), nil
}

// Open opens what Seal sealed for the same camera and column. A key that is not there, or does not fit, is ErrKey with the key's id; so
// is a value that was changed or moved.
func (k *Keyring) Open(camera ID, column string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	id, rest, ok := bytes.Cut(sealed, []byte{':'})
	if !ok || !keyID.Match(id) {
		return nil, ErrKey.Because(fmt.Errorf("open %s: it does not begin with the id of a key", column))
	}
	name := string(id)
	aead, ok := k.aead(name)
	if !ok {
		return nil, missingKey(name)
	}
	if len(rest) < aead.NonceSize()+aead.Overhead() {
		return nil, ErrKey.With("key", name).Because(fmt.Errorf("open %s: it is cut short", column))
	}
	plain, err := aead.Open(nil, rest[:aead.NonceSize()], rest[aead.NonceSize():], associated(camera, column))
	if err != nil {
		return nil, ErrKey.With("key", name).Because(fmt.Errorf(
			"open %s: sealed with key %s, and the key given under that name is another one, or the value was changed", column, name))
	}
	return plain, nil
}

// missingKey says which key is needed, in the words that whoever starts the gateway reads.
func missingKey(id string) error {
	f := ErrKey.With("key", id)
	f.Detail = "sealed with key " + id + ", which is not among the keys given"
	return f
}

// associated binds a sealed value to its place. A NUL stands in no id and no column name, so no two places give the same bytes.
func associated(camera ID, column string) []byte {
	return []byte(string(camera) + "\x00" + column)
}
