package peer

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log/slog"
	"math/big"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/transport/v4/stdnet"
	"github.com/pion/webrtc/v4"
)

// How long ICE waits. A viewer whose network stumbles is kept for 12 s, in which the page may restart ICE. That a viewer is there ICE sees by the
// viewer's own checks and by reports (leaveEvery); it asks for nothing itself (consentEvery).
const (
	iceDisconnected = 7 * time.Second
	iceFailed       = 5 * time.Second // after Disconnected
	iceKeepalive    = 0               // never
	dtlsDeadline    = 10 * time.Second
	dtlsRetransmit  = 100 * time.Millisecond
)

// certificateYears is how long the certificate of all viewers is valid. Browsers check its fingerprint only (RFC 8827, 6.5), but pion
// refuses to use one that has run out, and its own last a month: a gateway would stop answering in its second.
const certificateYears = 20

// h264 is the profiles that we take in an offer, best first, as profile-level-id (RFC 6184, 8.1): a camera's stream is sent untouched
// whatever its profile, and decoders take more than browsers offer. The level is not compared.
var h264 = []string{"42e01f", "42001f", "42c01f", "4d001f", "4de01f", "4d401f", "64001f", "640c1f", "64e01f", "f4001f"}

// engine makes peer connections: the settings, codecs and certificate that all viewers share.
type engine struct {
	media  *webrtc.MediaEngine
	set    [2]webrtc.SettingEngine // by reach
	config webrtc.Configuration
}

func newEngine(p *ports, pion logging.LoggerFactory) (*engine, error) {
	certificate, err := newCertificate()
	if err != nil {
		return nil, err
	}
	e := &engine{config: webrtc.Configuration{
		Certificates: []webrtc.Certificate{*certificate},
		BundlePolicy: webrtc.BundlePolicyMaxBundle,
	}}
	base, err := stdnet.NewNet()
	if err != nil {
		return nil, fmt.Errorf("list the network interfaces: %w", err)
	}
	if e.media, err = newMediaEngine(); err != nil {
		return nil, err
	}
	for _, r := range []reach{outside, withLoopback} {
		set, err := settings(muxes{ports: p, reach: r}, base, pion)
		if err != nil {
			return nil, err
		}
		e.set[r] = set
	}
	return e, nil
}

// connection makes a peer connection that tells the secrets of its handshake.
func (e *engine) connection(r reach, tell *secrets) (*webrtc.PeerConnection, error) {
	set := e.set[r]
	set.SetDTLSKeyLogWriter(tell)
	set.SetDTLSServerHelloMessageHook(tell.hello)
	// An empty registry: reports, resends and statistics are ours. pion's own would copy each packet into a ring per viewer.
	api := webrtc.NewAPI(webrtc.WithMediaEngine(e.media), webrtc.WithSettingEngine(set),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	return api.NewPeerConnection(e.config)
}

func settings(m muxes, base *stdnet.Net, pion logging.LoggerFactory) (webrtc.SettingEngine, error) {
	var s webrtc.SettingEngine
	s.LoggerFactory = pion
	s.SetNet(localNet{Net: base, muxes: m})
	s.SetICEUDPMux(m)
	s.SetICETCPMux(m.tcpMux)
	s.SetNetworkTypes([]webrtc.NetworkType{
		webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6,
	})
	s.DisableActiveTCP(true)
	s.SetIncludeLoopbackCandidate(m.reach == withLoopback)
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetICETimeouts(iceDisconnected, iceFailed, iceKeepalive)
	// Browsers hide their addresses, so they show up as peer-reflexive, which ICE would by default accept after a second only.
	s.SetHostAcceptanceMinWait(0)
	s.SetSrflxAcceptanceMinWait(0)
	s.SetPrflxAcceptanceMinWait(0)
	s.SetRelayAcceptanceMinWait(0)

	// As the DTLS server we choose the cipher. Browsers list AES-CM with HMAC-SHA1 first and would get it; AES-128-GCM costs a
	// third of it.
	if err := s.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		return s, err
	}
	s.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	// The cookie round trip guards against forged source addresses; ICE has verified the address before DTLS gets a byte.
	s.SetDTLSInsecureSkipHelloVerify(true)
	s.SetDTLSRetransmissionInterval(dtlsRetransmit)
	s.SetDTLSConnectContextMaker(func() (context.Context, func()) {
		return context.WithTimeout(context.Background(), dtlsDeadline)
	})
	return s, nil
}

func newMediaEngine() (*webrtc.MediaEngine, error) {
	m := &webrtc.MediaEngine{}
	feedback := []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"}}
	for i, profile := range h264 {
		codec := webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: webrtc.MimeTypeH264, ClockRate: 90000, RTCPFeedback: feedback,
				SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=" + profile,
			},
			PayloadType: webrtc.PayloadType(96 + i), // the answer takes the offer's numbers
		}
		if err := m.RegisterCodec(codec, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, fmt.Errorf("register H.264: %w", err)
		}
	}
	for _, codec := range []webrtc.RTPCodecParameters{
		{PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1",
		}},
		{PayloadType: 0, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}},
		{PayloadType: 8, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMA, ClockRate: 8000}},
	} {
		if err := m.RegisterCodec(codec, webrtc.RTPCodecTypeAudio); err != nil {
			return nil, fmt.Errorf("register %s: %w", codec.MimeType, err)
		}
	}
	return m, nil
}

func newCertificate() (*webrtc.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the DTLS key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("make the DTLS certificate's number: %w", err)
	}
	now := time.Now()
	certificate, err := webrtc.NewCertificate(key, x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "WebRTC"},
		Issuer:       pkix.Name{CommonName: "WebRTC"},
		NotBefore:    now.AddDate(0, 0, -1),
		NotAfter:     now.AddDate(certificateYears, 0, 0),
	})
	if err != nil {
		return nil, fmt.Errorf("make the DTLS certificate: %w", err)
	}
	return certificate, nil
}

// pionLog passes pion's words on as debug messages: what matters of them, a Peer tells as its state.
type pionLog struct {
	log *slog.Logger
}

// NewLogger makes the logger of one part of pion.
func (p pionLog) NewLogger(scope string) logging.LeveledLogger {
	return pionScope{log: p.log.With("pion", scope)}
}

type pionScope struct{ log *slog.Logger }

func (p pionScope) say(msg string) { p.log.Debug(msg) }

func (p pionScope) sayf(format string, args []any) {
	if p.log.Enabled(context.Background(), slog.LevelDebug) {
		p.log.Debug(fmt.Sprintf(format, args...))
	}
}

// Trace is left out: it comes per packet.
func (p pionScope) Trace(string) {}

// Tracef is left out: it comes per packet.
func (p pionScope) Tracef(string, ...any) {}

// Debug and the rest are debug messages.
func (p pionScope) Debug(msg string)             { p.say(msg) }
func (p pionScope) Debugf(f string, args ...any) { p.sayf(f, args) }
func (p pionScope) Info(msg string)              { p.say(msg) }
func (p pionScope) Infof(f string, args ...any)  { p.sayf(f, args) }
func (p pionScope) Warn(msg string)              { p.say(msg) }
func (p pionScope) Warnf(f string, args ...any)  { p.sayf(f, args) }
func (p pionScope) Error(msg string)             { p.say(msg) }
func (p pionScope) Errorf(f string, args ...any) { p.sayf(f, args) }
