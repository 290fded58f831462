package peer

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"sync"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/prf"
	"github.com/pion/dtls/v3/pkg/protocol/extension"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
	"github.com/pion/rtp"
)

// sealer encrypts media for one viewer as SRTP with AES-GCM (RFC 7714), straight into the buffer that goes to the kernel. It counts no
// rounds of sequence numbers: it is told each packet's full number. It belongs to the sender's goroutine.
type sealer struct {
	aead  cipher.AEAD
	salt  [12]byte
	nonce [12]byte // reused, as header: they would escape to the heap for each packet
}

// rtpHeader is the size of the header that we send: no extensions, no contributing sources.
const rtpHeader = 12

// seal appends the packet to dst. round counts how often the sequence number has passed 65,535.
func (s *sealer) seal(dst []byte, h *rtp.Header, round uint32, payload []byte) []byte {
	from := len(dst)
	dst = append(dst, 0x80, h.PayloadType)
	if h.Marker {
		dst[from+1] |= 0x80
	}
	dst = binary.BigEndian.AppendUint16(dst, h.SequenceNumber)
	dst = binary.BigEndian.AppendUint32(dst, h.Timestamp)
	dst = binary.BigEndian.AppendUint32(dst, h.SSRC)
	s.nonce = [12]byte{}
	binary.BigEndian.PutUint32(s.nonce[2:], h.SSRC)
	binary.BigEndian.PutUint32(s.nonce[6:], round)
	binary.BigEndian.PutUint16(s.nonce[10:], h.SequenceNumber)
	for i := range s.nonce {
		s.nonce[i] ^= s.salt[i]
	}
	return s.aead.Seal(dst, s.nonce[:], payload, dst[from:from+rtpHeader])
}

// sealed is the size of a packet with such a payload.
func (s *sealer) sealed(payload int) int { return rtpHeader + payload + s.aead.Overhead() }

// newSealer derives the session keys from a master key (RFC 3711, 4.3; the salt of RFC 7714 is shorter and stands in front).
func newSealer(key, salt []byte) (*sealer, error) {
	derive := func(label byte, n int) ([]byte, error) {
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		var in [16]byte
		copy(in[:14], salt)
		in[7] ^= label
		out := make([]byte, 0, 32)
		for i := byte(0); len(out) < n; i++ {
			in[15] = i
			var part [16]byte
			block.Encrypt(part[:], in[:])
			out = append(out, part[:]...)
		}
		return out[:n], nil
	}
	session, err := derive(0, len(key)) // label_rtp_encryption
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(session)
	if err != nil {
		return nil, err
	}
	s := &sealer{}
	if s.aead, err = cipher.NewGCM(block); err != nil {
		return nil, err
	}
	sessionSalt, err := derive(2, len(s.salt)) // label_rtp_salt
	if err != nil {
		return nil, err
	}
	copy(s.salt[:], sessionSalt)
	return s, nil
}

// secrets hears what a DTLS handshake agrees on, as far as the keys of SRTP are made of it (RFC 5764, 4.2). pion gives none of its
// own out; it tells both by way of hooks that are meant for the curious.
type secrets struct {
	mu      sync.Mutex
	client  []byte // random of the ClientHello; guarded by mu, as all below
	master  []byte
	server  [handshake.RandomLength]byte
	suite   uint16
	profile dtls.SRTPProtectionProfile
}

// hello is called with each ServerHello that is sent, and lets it pass.
func (s *secrets) hello(m handshake.MessageServerHello) handshake.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.server = m.Random.MarshalFixed()
	if m.CipherSuiteID != nil {
		s.suite = *m.CipherSuiteID
	}
	for _, e := range m.Extensions {
		if use, ok := e.(*extension.UseSRTP); ok && len(use.ProtectionProfiles) == 1 {
			s.profile = use.ProtectionProfiles[0]
		}
	}
	return &m
}

// Write takes a line of the key log: CLIENT_RANDOM, the client's random and the master secret, in hex.
func (s *secrets) Write(line []byte) (int, error) {
	fields := bytes.Fields(line)
	if len(fields) != 3 || string(fields[0]) != "CLIENT_RANDOM" {
		return len(line), nil
	}
	client, err := hex.AppendDecode(nil, fields[1])
	if err != nil {
		return len(line), nil
	}
	master, err := hex.AppendDecode(nil, fields[2])
	if err != nil {
		return len(line), nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.client, s.master = client, master
	return len(line), nil
}

// sealer makes that of the server's media; nil if the browser took another cipher than AES-GCM, or the handshake was not heard.
func (s *secrets) sealer() *sealer {
	s.mu.Lock()
	defer s.mu.Unlock()
	size := 0
	switch s.profile {
	case dtls.SRTP_AEAD_AES_128_GCM:
		size = 16
	case dtls.SRTP_AEAD_AES_256_GCM:
		size = 32
	}
	if size == 0 || len(s.master) == 0 {
		return nil
	}
	const salt = 12
	seed := append(append([]byte("EXTRACTOR-dtls_srtp"), s.client...), s.server[:]...)
	material, err := prf.PHash(s.master, seed, 2*(size+salt), s.hash())
	if err != nil {
		return nil
	}
	made, err := newSealer(material[size:2*size], material[2*size+salt:])
	if err != nil {
		return nil
	}
	s.client, s.master = nil, nil
	return made
}

// hash is that of the cipher suite (RFC 5289): SHA-384 with AES-256, else SHA-256.
func (s *secrets) hash() func() hash.Hash {
	switch dtls.CipherSuiteID(s.suite) {
	case dtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, dtls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384:
		return sha512.New384
	default:
		return sha256.New
	}
}
