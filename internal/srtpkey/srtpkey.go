// Package srtpkey derives the keys of SRTP that a master key stands for.
package srtpkey

import (
	"crypto/aes"
	"crypto/cipher"
)

// The labels of SRTP's session keys (RFC 3711, 4.3.2).
const (
	encryption = 0
	salting    = 2
)

// Derive gives the session key and salt of SRTP packets, as long as the master's (RFC 3711, 4.3, with a key derivation rate of 0; RFC 6188 for
// keys of 256 bits; RFC 7714, 11, for the salt of 12 bytes that AES-GCM has). It fails for a key that AES does not have.
func Derive(key, salt []byte) (sessionKey, sessionSalt []byte, err error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, err
	}
	derive := func(label byte, size int) []byte {
		var iv [aes.BlockSize]byte
		copy(iv[:], salt)
		iv[7] ^= label
		made := make([]byte, size)
		cipher.NewCTR(block, iv[:]).XORKeyStream(made, made)
		return made
	}
	return derive(encryption, len(key)), derive(salting, len(salt)), nil
}
