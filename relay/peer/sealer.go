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
	"log/slog"
	"sync"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/prf"
	"github.com/pion/dtls/v3/pkg/protocol/extension"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"github.com/rtsp-viewer/rtsp-viewer/internal/srtpkey"
)

// sealer encrypts media for one viewer as SRTP with AES-GCM (RFC 7714), straight into the buffer that goes to the kernel. pion's srtp.Context makes
// the same bytes, which outlet proves all the time; but it looks up and guesses anew for each packet what the sender knows. It belongs to the sender.
type sealer struct {
	gcm   cipher.AEAD
	salt  [gcmSalt]byte
	nonce [gcmSalt]byte // reused: an interface's argument would be allocated for each packet
}

// overhead is what a packet has beside its payload: a header without extensions and contributing sources, and the tag of AES-GCM.
const (
	rtpHeader = 12
	gcmTag    = 16
	gcmSalt   = 12
	overhead  = rtpHeader + gcmTag
)

// seal appends the packet to dst, which must have room for it. Of the header it takes what media have: no padding, extension or contributing sources.
// number is the sequence number, counted on beyond 16 bits from 1<<16.
func (s *sealer) seal(dst []byte, h *rtp.Header, number uint64, payload []byte) []byte {
	from := len(dst)
	packet := dst[from : from+rtpHeader : from+s.sealed(len(payload))]
	packet[0], packet[1] = 2<<6, h.PayloadType
	if h.Marker {
		packet[1] |= 1 << 7
	}
	binary.BigEndian.PutUint16(packet[2:], uint16(number))
	binary.BigEndian.PutUint32(packet[4:], h.Timestamp)
	binary.BigEndian.PutUint32(packet[8:], h.SSRC)
	// RFC 7714, 8.1: two zeroes, SSRC, rollover counter, sequence number; all of it upon the salt.
	binary.BigEndian.PutUint32(s.nonce[2:], binary.BigEndian.Uint32(s.salt[2:])^h.SSRC)
	binary.BigEndian.PutUint32(s.nonce[6:], binary.BigEndian.Uint32(s.salt[6:])^(uint32(number>>16)-1))
	binary.BigEndian.PutUint16(s.nonce[10:], binary.BigEndian.Uint16(s.salt[10:])^uint16(number))
	return dst[:from+len(s.gcm.Seal(packet, s.nonce[:], payload, packet))]
}

// sealed is the size of a packet with such a payload.
func (s *sealer) sealed(payload int) int { return overhead + payload }

// newSealer makes one of SRTP's master key, and salt of gcmSalt bytes.
func newSealer(key, salt []byte) (*sealer, error) {
	session, sessionSalt, err := srtpkey.Derive(key, salt)
	if err != nil {
		return nil, err
	}
	defer clear(session)
	block, err := aes.NewCipher(session)
	if err != nil {
		return nil, err
	}
	s := &sealer{salt: [gcmSalt]byte(sessionSalt)}
	s.nonce = s.salt
	if s.gcm, err = cipher.NewGCM(block); err != nil {
		return nil, err
	}
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

// LogValue keeps it out of logs.
func (s *secrets) LogValue() slog.Value { return slog.StringValue("•••") }

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
	clear(s.master)
	s.client, s.master = client, master
	return len(line), nil
}

// keys makes the server's sealer and what opens the client's reports, once, and forgets what was heard; nil if the browser took another cipher than
// AES-GCM, or the handshake was not heard.
func (s *secrets) keys() (out *sealer, in *srtp.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.forget()
	var profile srtp.ProtectionProfile
	switch s.profile {
	case dtls.SRTP_AEAD_AES_128_GCM:
		profile = srtp.ProtectionProfileAeadAes128Gcm
	case dtls.SRTP_AEAD_AES_256_GCM:
		profile = srtp.ProtectionProfileAeadAes256Gcm
	default:
		return nil, nil
	}
	if len(s.master) == 0 {
		return nil, nil
	}
	key, err := profile.KeyLen()
	if err != nil {
		return nil, nil
	}
	seed := append(append([]byte("EXTRACTOR-dtls_srtp"), s.client...), s.server[:]...)
	material, err := prf.PHash(s.master, seed, 2*(key+gcmSalt), s.hash())
	if err != nil {
		return nil, nil
	}
	defer clear(material)
	salts := material[2*key:] // the client's are first, of both
	if out, err = newSealer(material[key:2*key], salts[gcmSalt:]); err != nil {
		return nil, nil
	}
	in, err = srtp.CreateContext(material[:key], salts[:gcmSalt], profile, srtp.SRTCPReplayProtection(replayWindow))
	if err != nil {
		return out, nil
	}
	return out, in
}

// forget wipes what the keys were made of. The caller holds mu.
func (s *secrets) forget() {
	clear(s.master)
	s.client, s.master = nil, nil
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
