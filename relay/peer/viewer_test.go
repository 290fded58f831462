package peer

import (
	"context"
	"encoding/binary"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// patience bounds every wait of a test; only a failing test uses it up.
const patience = 20 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quiet(t testing.TB) *slog.Logger {
	t.Helper()
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
}

// start runs an endpoint on loopback for the length of a test.
func start(t *testing.T, from streams, adjust ...func(*Options)) *Endpoint {
	t.Helper()
	o := Options{Logger: quiet(t), Scope: Loopback}
	for _, f := range adjust {
		f(&o)
	}
	e, err := newEndpoint(o, from)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return e
}

// received is one RTP packet as a viewer got it.
type received struct {
	rtp.Packet
	at time.Time
}

// viewer is a browser as far as the wire goes: a pion peer connection that only receives.
type viewer struct {
	t    testing.TB
	pc   *webrtc.PeerConnection
	peer *Peer

	mu      sync.Mutex
	tracks  map[webrtc.RTPCodecType]*webrtc.TrackRemote
	got     map[webrtc.RTPCodecType][]received
	reports []*rtcp.SenderReport
	grown   chan struct{}
	wg      sync.WaitGroup
}

type viewerOption func(*webrtc.SettingEngine, *viewerKind)

type viewerKind struct {
	silent bool // asks for no sound
	closes []func() error
}

func overTCP(s *webrtc.SettingEngine, _ *viewerKind) {
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	s.DisableActiveTCP(false)
}

func silent(_ *webrtc.SettingEngine, k *viewerKind) { k.silent = true }

func newViewer(t testing.TB, options ...viewerOption) *viewer {
	t.Helper()
	var s webrtc.SettingEngine
	s.LoggerFactory = pionLog{quiet(t)}
	s.SetIncludeLoopbackCandidate(true)
	s.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() && ip.To4() != nil })
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	s.DisableActiveTCP(true)
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetICETimeouts(2*time.Second, 4*time.Second, 200*time.Millisecond)
	// Resent packets repeat a sequence number that did arrive.
	s.DisableSRTPReplayProtection(true)
	// Chromium's order.
	s.SetSRTPProtectionProfiles(dtls.SRTP_AES128_CM_HMAC_SHA1_80, dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AEAD_AES_128_GCM)
	var kind viewerKind
	for _, o := range options {
		o(&s, &kind)
	}
	m := &webrtc.MediaEngine{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(s), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	v := &viewer{
		t: t, pc: pc, grown: make(chan struct{}, 1),
		tracks: map[webrtc.RTPCodecType]*webrtc.TrackRemote{}, got: map[webrtc.RTPCodecType][]received{},
	}
	pc.OnTrack(v.read)
	kinds := []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio}
	if kind.silent {
		kinds = kinds[:1]
	}
	for _, k := range kinds {
		if _, err := pc.AddTransceiverFromKind(k, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		v.close()
		for _, f := range kind.closes {
			_ = f()
		}
	})
	return v
}

func (v *viewer) close() {
	if err := v.pc.GracefulClose(); err != nil {
		v.t.Errorf("closing the viewer: %v", err)
	}
	v.wg.Wait()
}

func (v *viewer) read(track *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
	v.mu.Lock()
	v.tracks[track.Kind()] = track
	v.wg.Add(2)
	v.mu.Unlock()
	go func() {
		defer v.wg.Done()
		for {
			packets, _, err := r.ReadRTCP()
			if err != nil {
				return
			}
			for _, p := range packets {
				if sr, ok := p.(*rtcp.SenderReport); ok {
					v.mu.Lock()
					v.reports = append(v.reports, sr)
					v.mu.Unlock()
					signal(v.grown)
				}
			}
		}
	}()
	defer v.wg.Done()
	for {
		p, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		v.mu.Lock()
		v.got[track.Kind()] = append(v.got[track.Kind()], received{Packet: *p, at: time.Now()})
		v.mu.Unlock()
		signal(v.grown)
	}
}

// offer gives a complete offer, as a browser that has gathered.
func (v *viewer) offer(options *webrtc.OfferOptions) string {
	v.t.Helper()
	offer, err := v.pc.CreateOffer(options)
	if err != nil {
		v.t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(v.pc)
	if err := v.pc.SetLocalDescription(offer); err != nil {
		v.t.Fatal(err)
	}
	<-gathered
	return v.pc.LocalDescription().SDP
}

func (v *viewer) accept(answer string) {
	v.t.Helper()
	if err := v.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		v.t.Fatalf("the answer is refused: %v\n%s", err, answer)
	}
}

// watch opens a stream.
func (v *viewer) watch(e *Endpoint, key relay.Key) *Peer {
	v.t.Helper()
	p, err := e.Open(context.Background(), Request{Key: key, Offer: v.offer(nil)})
	if err != nil {
		v.t.Fatal(err)
	}
	v.peer = p
	v.t.Cleanup(func() { _ = p.Close() })
	v.accept(p.Answer())
	return p
}

// until waits for a condition on what was received; it runs under the viewer's lock.
func (v *viewer) until(what string, done func() bool) {
	v.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		v.mu.Lock()
		ok := done()
		v.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-v.grown:
		case <-deadline.C:
			v.t.Fatalf("waited in vain for %s; got %d video and %d audio packets", what, len(v.video()), len(v.audio()))
		}
	}
}

func (v *viewer) video() []received { return v.packets(webrtc.RTPCodecTypeVideo) }
func (v *viewer) audio() []received { return v.packets(webrtc.RTPCodecTypeAudio) }

func (v *viewer) packets(k webrtc.RTPCodecType) []received {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]received(nil), v.got[k]...)
}

// videoPackets waits for n video packets.
func (v *viewer) videoPackets(n int) []received {
	v.t.Helper()
	v.until("video", func() bool { return len(v.got[webrtc.RTPCodecTypeVideo]) >= n })
	return v.video()
}

// reaches waits for the packet of a ring index, and gives everything up to it.
func (v *viewer) reaches(index uint64) []received {
	v.t.Helper()
	v.until("a packet", func() bool {
		for _, p := range v.got[webrtc.RTPCodecTypeVideo] {
			if indexOf(p) >= index {
				return true
			}
		}
		return false
	})
	return v.video()
}

// address is where the gateway sees the viewer.
func (v *viewer) address() netip.Addr { return netip.MustParseAddr("127.0.0.1") }

func (v *viewer) say(p rtcp.Packet) {
	v.t.Helper()
	if err := v.pc.WriteRTCP([]rtcp.Packet{p}); err != nil {
		v.t.Fatal(err)
	}
}

// indexOf reads the ring index out of a scripted payload.
func indexOf(p received) uint64 { return binary.BigEndian.Uint64(p.Payload[1:]) }

// eventually polls for what is told by no channel.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		<-tick.C
	}
}

func waitFor(t testing.TB, p *Peer, what string, done func(Snapshot) bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for !done(p.Snapshot()) {
		select {
		case <-p.Changed():
		case <-deadline.C:
			t.Fatalf("waited in vain for %s: %+v", what, p.Snapshot())
		}
	}
}

// losing makes a viewer lose every nth packet of media on its way in.
func losing(n int) viewerOption {
	return func(s *webrtc.SettingEngine, k *viewerKind) {
		conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		s.SetICEUDPMux(webrtc.NewICEUDPMux(s.LoggerFactory.NewLogger("lossy"), &lossyConn{PacketConn: conn, n: n}))
		k.closes = append(k.closes, conn.Close)
	}
}

// lossyConn drops packets that are RTP (RFC 7983: first byte 128 to 191, and no RTCP by RFC 5761).
type lossyConn struct {
	net.PacketConn
	n, seen int
}

func (c *lossyConn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := c.PacketConn.ReadFrom(b)
		if err != nil || n < 2 || b[0]&0xc0 != 0x80 || (b[1] >= 192 && b[1] <= 223) {
			return n, from, err
		}
		if c.seen++; c.seen%c.n != 0 {
			return n, from, err
		}
	}
}
