package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const issuer = "rtsp-viewer"

// signer makes and reads tokens by one signing key. Each use has a key of its own, derived from that.
type signer struct {
	keyID   string
	access  []byte
	refresh []byte
	code    []byte
}

func newSigner(id string, key []byte) *signer {
	return &signer{
		keyID:   id,
		access:  derive(key, "access token"),
		refresh: derive(key, "refresh token"),
		code:    derive(key, "device code"),
	}
}

// deriveID gives the id of a key that was given without one.
func deriveID(key []byte) string {
	id := sha256.Sum256(derive(key, "key id"))
	return hex.EncodeToString(id[:4])
}

func derive(key []byte, use string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("rtsp-viewer " + use))
	return mac.Sum(nil)
}

// newAccess gives a JWT (RFC 7519, HS256) for a session.
func (s *signer) newAccess(session Session, now, expires time.Time) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		Session: string(session.ID),
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: issuer, Subject: string(session.User),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
		},
	})
	token.Header["kid"] = s.keyID
	return token.SignedString(s.access)
}

type claims struct {
	Session string `json:"sid"`
	jwt.RegisteredClaims
}

// errOtherKey says that none of our keys has signed a token, by what it says of itself.
var errOtherKey = errors.New("signed with another key")

// readAccess gives the session and user that an access token names. ErrExpired only if all else is right; ErrToken otherwise, because of
// errOtherKey if it names a key that is not among ours.
func (k *SigningKeys) readAccess(token string, now time.Time) (SessionID, UserID, error) {
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		id, _ := t.Header["kid"].(string)
		s := k.at(id)
		if s == nil {
			return nil, errOtherKey
		}
		return s.access, nil
	},
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(issuer),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(func() time.Time { return now }))
	switch {
	case err == nil && c.Session != "" && c.Subject != "":
		return SessionID(c.Session), UserID(c.Subject), nil
	case err == nil:
		return "", "", ErrToken
	case errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenInvalidIssuer):
		return "", "", ErrExpired
	}
	return "", "", ErrToken.Because(err)
}

// newRefresh gives a random refresh token of 256 bits.
func newRefresh() string {
	token := make([]byte, 32)
	rand.Read(token) //nolint:errcheck // crypto/rand.Read never fails
	return base64.RawURLEncoding.EncodeToString(token)
}

// successor gives the token that follows token, used at that moment. It is a function of both and the key, so that presenting the same
// token again can be answered with the same successor although no token is kept in the clear; without the key it can't be foreseen.
func (s *signer) successor(token string, used time.Time) string {
	mac := hmac.New(sha256.New, s.refresh)
	mac.Write([]byte(token))
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(used.UnixMilli()))) //nolint:gosec // any 64 bits will do
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// hashRefresh gives the form in which the store keeps a refresh token. Tokens have 256 bits, so a plain hash can't be guessed.
func hashRefresh(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// hashCode gives the form in which the store keeps a device's code. A code has 40 bits, so that a plain hash could be guessed by who has
// the database; without the key it can't be.
func (s *signer) hashCode(code string) []byte {
	mac := hmac.New(sha256.New, s.code)
	mac.Write([]byte(code))
	return mac.Sum(nil)
}
