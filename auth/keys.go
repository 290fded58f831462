package auth

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unique"
)

const (
	leastKey = 32  // bytes of a signing key, as long as the hash of HS256 (RFC 7518, 3.2)
	mostKeys = 100 // in a list: each is tried with a screen's code
)

var keyID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)

// SigningKey is one key that signs tokens, with the id that stands in them as kid (RFC 7515, 4.1.4). It prints without its secret.
type SigningKey struct {
	id     string
	secret unique.Handle[string] // behind a handle, so that fmt can't walk to it
}

// NewSigningKey makes a random key. Its id is made of it, one way.
func NewSigningKey() SigningKey {
	secret := make([]byte, leastKey)
	rand.Read(secret) //nolint:errcheck // crypto/rand.Read never fails
	return newSigningKey("", secret)
}

func newSigningKey(id string, secret []byte) SigningKey {
	if id == "" {
		id = deriveID(secret)
	}
	return SigningKey{id: id, secret: unique.Make(string(secret))}
}

// ID gives the key's id, which is no secret.
func (k SigningKey) ID() string { return k.id }

// Reveal gives the key as ParseSigningKeys reads it, "id:base64"; for the key file only.
func (k SigningKey) Reveal() string {
	if k == (SigningKey{}) {
		return ""
	}
	return k.id + ":" + base64.StdEncoding.EncodeToString([]byte(k.secret.Value()))
}

// String gives the id alone.
func (k SigningKey) String() string { return k.id + ":" + redacted }

// Format hides the secret from every verb of fmt.
func (k SigningKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalText hides the secret from encoders.
func (k SigningKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// SigningKeys are all keys of tokens. The first signs; each of them verifies what it has signed, so that a token from before a rotation is
// good until it runs out. It is safe for concurrent use and never changes. It prints as the ids of its keys.
type SigningKeys struct {
	keys    []SigningKey
	signers []*signer // of each key
}

// ParseSigningKeys reads "[id:]base64,…", the first the one that signs. An id is 1–32 of letters, digits, '.', '_' and '-', and is made of the
// key if there is none; a key is at least 32 bytes. Faults name the position or id, never the key.
func ParseSigningKeys(text string) (*SigningKeys, error) {
	var keys []SigningKey
	for i, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		id, encoded, named := strings.Cut(part, ":")
		if !named {
			id, encoded = "", part
		}
		if id = strings.TrimSpace(id); named && !keyID.MatchString(id) {
			return nil, fmt.Errorf("key %d of the list is not of the form id:base64", i+1)
		}
		secret, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
		if err != nil || len(secret) < leastKey {
			return nil, fmt.Errorf("key %d of the list is not base64 of at least %d bytes", i+1, leastKey)
		}
		keys = append(keys, newSigningKey(id, secret))
	}
	return NewSigningKeys(keys...)
}

// NewSigningKeys makes a list of keys with different ids, at least one. The first signs.
func NewSigningKeys(keys ...SigningKey) (*SigningKeys, error) {
	switch {
	case len(keys) == 0:
		return nil, errors.New("no signing key is given")
	case len(keys) > mostKeys:
		return nil, fmt.Errorf("%d signing keys are given; remove those that are no longer needed", len(keys))
	}
	k := &SigningKeys{keys: slices.Clone(keys)}
	for i, key := range keys {
		if key == (SigningKey{}) {
			return nil, errors.New("an empty signing key is given")
		}
		if k.at(key.id) != nil {
			return nil, fmt.Errorf("signing key %s is given twice", key.id)
		}
		k.signers = append(k.signers, newSigner(keys[i].id, []byte(key.secret.Value())))
	}
	return k, nil
}

// Primary gives the id of the key that signs.
func (k *SigningKeys) Primary() string { return k.keys[0].id }

// IDs gives the ids of all keys, the primary first.
func (k *SigningKeys) IDs() []string {
	ids := make([]string, 0, len(k.keys))
	for _, key := range k.keys {
		ids = append(ids, key.id)
	}
	return ids
}

// Begun gives the list with key as the one that signs.
func (k *SigningKeys) Begun(key SigningKey) (*SigningKeys, error) {
	return NewSigningKeys(append([]SigningKey{key}, k.keys...)...)
}

// Announced gives the list with key as one that verifies, and does not sign yet.
func (k *SigningKeys) Announced(key SigningKey) (*SigningKeys, error) {
	return NewSigningKeys(append(slices.Clone(k.keys), key)...)
}

// Moved gives the list with the key of that id as the one that signs; false if it is not in it.
func (k *SigningKeys) Moved(id string) (*SigningKeys, bool) {
	at := slices.IndexFunc(k.keys, func(key SigningKey) bool { return key.id == id })
	if at < 0 {
		return nil, false
	}
	keys := append([]SigningKey{k.keys[at]}, slices.Delete(slices.Clone(k.keys), at, at+1)...)
	next, err := NewSigningKeys(keys...)
	return next, err == nil
}

// Reveal gives the list as ParseSigningKeys reads it; for the key file only.
func (k *SigningKeys) Reveal() string {
	texts := make([]string, 0, len(k.keys))
	for _, key := range k.keys {
		texts = append(texts, key.Reveal())
	}
	return strings.Join(texts, ",")
}

// String gives the ids of the keys.
func (k *SigningKeys) String() string { return "signing keys " + strings.Join(k.IDs(), ", ") }

// Format hides the keys from every verb of fmt.
func (k *SigningKeys) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// primary gives what signs.
func (k *SigningKeys) primary() *signer { return k.signers[0] }

// at gives the signer of an id; nil if there is none.
func (k *SigningKeys) at(id string) *signer {
	for _, s := range k.signers {
		if s.keyID == id {
			return s
		}
	}
	return nil
}
