package peer

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
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
)

// sealer encrypts media for one viewer as SRTP, straight into the buffer that goes to the kernel. The cipher, its keys and its nonces are pion's
// (srtp.Context, RFC 7714); what is passed by are the layers above, which copy and lock for each packet. It belongs to the sender.
type sealer struct {
	context *srtp.Context
	last    [2]lastSealed // of each lane
}

// lastSealed is the highest full number that was sealed for an SSRC; the zero value is of none, since numbers begin at 1<<16.
type lastSealed struct {
	ssrc   uint32
	number uint64
}

// overhead is what a packet has beside its payload: a header without extensions and contributing sources, and the tag of AES-GCM.
const (
	rtpHeader = 12
	overhead  = rtpHeader + 16
)

// farNumbers is a distance of numbers at which the context is told the round, since it could guess wrongly from 32,768 on (RFC 3711,
// 3.3.1). Resends are nearer; it takes a viewer who was away over TCP to come here.
const farNumbers = 1 << 14

// seal appends the packet to dst, which must have room for it. number is the sequence number, counted on beyond 16 bits from 1<<16.
func (s *sealer) seal(dst []byte, h *rtp.Header, number uint64, payload []byte) ([]byte, error) {
	last := s.of(h.SSRC)
	if max(number, last.number)-min(number, last.number) > farNumbers {
		s.context.SetROC(h.SSRC, uint32(number>>16)-1)
	}
	last.number = max(number, last.number)
	from, plain := len(dst), rtpHeader+len(payload)
	packet := dst[from : from+plain : from+s.sealed(len(payload))]
	if _, err := h.MarshalTo(packet); err != nil {
		return dst, err
	}
	copy(packet[rtpHeader:], payload)
	packet, err := s.context.EncryptRTP(packet, packet, h) // in place
	return dst[:from+len(packet)], err
}

// of gives the lane of an SSRC.
func (s *sealer) of(ssrc uint32) *lastSealed {
	for i := range s.last {
		if s.last[i].ssrc == ssrc && s.last[i].number > 0 {
			return &s.last[i]
		}
	}
	// A new one. There are no more SSRCs than lanes.
	to := &s.last[0]
	if to.number > 0 {
		to = &s.last[1]
	}
	*to = lastSealed{ssrc: ssrc}
	return to
}

// sealed is the size of a packet with such a payload.
func (s *sealer) sealed(payload int) int { return overhead + payload }

func newSealer(key, salt []byte, profile srtp.ProtectionProfile) (*sealer, error) {
	context, err := srtp.CreateContext(key, salt, profile)
	if err != nil {
		return nil, err
	}
	return &sealer{context: context}, nil
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

// sealer makes that of the server's media, once, and forgets what was heard; nil if the browser took another cipher than AES-GCM, or the
// handshake was not heard.
func (s *secrets) sealer() *sealer {
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
		return nil
	}
	if len(s.master) == 0 {
		return nil
	}
	key, err := profile.KeyLen()
	if err != nil {
		return nil
	}
	salt, err := profile.SaltLen()
	if err != nil {
		return nil
	}
	seed := append(append([]byte("EXTRACTOR-dtls_srtp"), s.client...), s.server[:]...)
	material, err := prf.PHash(s.master, seed, 2*(key+salt), s.hash())
	if err != nil {
		return nil
	}
	defer clear(material)
	made, err := newSealer(material[key:2*key], material[2*key+salt:], profile)
	if err != nil {
		return nil
	}
	return made
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
