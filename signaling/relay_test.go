package signaling

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
	"github.com/rtsp-viewer/rtsp-viewer/relay/peer"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

// directory is where the relay finds cameras.
type directory map[camera.ID]string

func (d directory) Dial(_ context.Context, id camera.ID, kind camera.StreamKind) (camera.Target, error) {
	address, ok := d[id]
	if !ok {
		return camera.Target{}, camera.ErrNotFound
	}
	return camera.Target{Camera: id, Kind: kind, Address: address, Transport: camera.TransportTCP}, nil
}

// realPeers runs a relay and an endpoint on loopback.
func realPeers(t *testing.T, cameras directory) Peers {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	r, err := relay.New(relay.Options{Addresses: cameras, Logger: logger, Linger: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	e, err := peer.New(peer.Options{Relay: r, Logger: logger, Scope: peer.Loopback})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = r.Run(ctx) })
	wg.Go(func() { _ = e.Run(ctx) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	return PeersOf(e)
}

// screen is a browser as far as WebRTC goes.
type screen struct {
	t       *testing.T
	pc      *webrtc.PeerConnection
	packets atomic.Int64
	trickle chan webrtc.ICECandidateInit
	states  chan webrtc.PeerConnectionState
	wg      sync.WaitGroup
}

func newScreen(t *testing.T, adjust ...func(*webrtc.SettingEngine)) *screen {
	t.Helper()
	var s webrtc.SettingEngine
	for _, f := range adjust {
		f(&s)
	}
	s.SetIncludeLoopbackCandidate(true)
	s.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() && ip.To4() != nil })
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	m := &webrtc.MediaEngine{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(s), webrtc.WithInterceptorRegistry(&interceptor.Registry{})).
		NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	v := &screen{t: t, pc: pc, trickle: make(chan webrtc.ICECandidateInit, 16), states: make(chan webrtc.PeerConnectionState, 16)}
	pc.OnICECandidate(func(c *webrtc.ICECandidate) {
		if c != nil {
			v.trickle <- c.ToJSON()
		}
	})
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) { v.states <- state })
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		v.wg.Add(1)
		defer v.wg.Done()
		for {
			if _, _, err := track.ReadRTP(); err != nil {
				return
			}
			v.packets.Add(1)
		}
	})
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio} {
		if _, err := pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(v.close)
	return v
}

func (v *screen) close() {
	_ = v.pc.GracefulClose()
	v.wg.Wait()
}

// offer gives an offer without candidates.
func (v *screen) offer() string {
	v.t.Helper()
	return v.offerWith(nil)
}

func (v *screen) offerWith(o *webrtc.OfferOptions) string {
	v.t.Helper()
	offer, err := v.pc.CreateOffer(o)
	if err != nil {
		v.t.Fatal(err)
	}
	if err := v.pc.SetLocalDescription(offer); err != nil {
		v.t.Fatal(err)
	}
	return offer.SDP
}

func (v *screen) accept(sdp string) {
	v.t.Helper()
	if err := v.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp}); err != nil {
		v.t.Fatal(err, sdp)
	}
}

func (v *screen) candidate() webrtc.ICECandidateInit {
	v.t.Helper()
	select {
	case c := <-v.trickle:
		return c
	case <-time.After(patience):
		v.t.Fatal("no candidate")
		return webrtc.ICECandidateInit{}
	}
}

// plays waits until more packets have come.
func (v *screen) plays(r *rig) {
	v.t.Helper()
	goal := v.packets.Load() + 50
	r.until("packets", func() bool { return v.packets.Load() >= goal })
}

func TestPageAndPlayerShareOneRealCamera(t *testing.T) {
	cam := rtsptest.Start(t, rtsptest.Spec{Number: 1, Seconds: 2})
	r := newRig(t, func(o *Options) { o.Peers = realPeers(t, directory{"c1": cam.URL()}) })

	// The page: trickling over the socket.
	page, tile := r.page("u"), newScreen(t)
	page.send(ClientMessage{Type: "watch", View: "tile", Camera: "c1", Admit: "evict_oldest", Offer: tile.offer()})
	c := tile.candidate()
	page.send(ClientMessage{Type: "candidate", View: "tile", Candidate: &Candidate{Candidate: c.Candidate, SDPMid: c.SDPMid, SDPMLineIndex: c.SDPMLineIndex}})
	var a AnswerMessage
	page.next("answer", "tile", &a)
	tile.accept(a.SDP)
	var st StateMessage
	for st.Status != "live" || st.FrameIntervalMS == 0 {
		page.next("state", "tile", &st)
	}
	if st.FrameIntervalMS < 30 || st.FrameIntervalMS > 60 || st.Width != 640 || st.Height != 360 {
		t.Errorf("state %+v of a camera of 25 frames a second", st)
	}
	tile.plays(r)

	// A player beside it.
	player := newScreen(t)
	offer := player.offer()
	got := r.ask("POST", "/api/v1/cameras/c1/whep?view=player", offer, sdp)
	r.wants("post", got, http.StatusCreated, "")
	player.accept(got.body)
	pc := player.candidate()
	ufrag, pwd := sdpCredentials(offer)
	fragment := fmt.Sprintf("a=ice-ufrag:%s\r\na=ice-pwd:%s\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=%s\r\n", ufrag, pwd, pc.Candidate)
	location := got.Header.Get("Location")
	r.wants("trickle", r.ask("PATCH", location, fragment, frag, "If-Match: "+got.Header.Get("ETag")), http.StatusNoContent, "")
	player.plays(r)
	if n := cam.Stats().SessionsNow; n != 1 {
		t.Errorf("the camera counts %d sessions", n)
	}

	// ICE restarted over WHEP: the gateway is given credentials alone, and pictures go on.
	for len(player.trickle) > 0 {
		<-player.trickle
	}
	ufrag, pwd = sdpCredentials(player.offerWith(&webrtc.OfferOptions{ICERestart: true}))
	restart := fmt.Sprintf("a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n", ufrag, pwd)
	re := r.ask("PATCH", location, restart, frag, "If-Match: *")
	r.wants("restart", re, http.StatusOK, "")
	answer, err := parseFragment(re.body)
	if err != nil || len(answer.candidates) == 0 {
		t.Fatalf("restart answered %q", re.body)
	}
	formerUfrag, formerPwd := sdpCredentials(got.body)
	player.accept(strings.NewReplacer(formerUfrag, answer.ufrag, formerPwd, answer.pwd).Replace(got.body))
	player.plays(r)

	// The socket is lost: pictures go on, and the session is taken up.
	page.cut()
	tile.plays(r)
	back := r.page("u")
	back.send(ClientMessage{Type: "resume", Session: page.hello.Session})
	var h HelloMessage
	back.next("hello", "", &h)
	if !h.Resumed || len(h.Views) != 1 || h.Views[0].Generation != a.Generation {
		t.Fatalf("hello %+v", h)
	}
	back.next("state", "tile", &st)
	back.send(ClientMessage{Type: "restart", View: "tile", Offer: tile.offerWith(&webrtc.OfferOptions{ICERestart: true})})
	back.next("answer", "tile", &a)
	tile.accept(a.SDP)
	tile.plays(r)

	// A camera that is no more is told within moments.
	if err := cam.Kill(); err != nil {
		t.Fatal(err)
	}
	for st.Status == "live" {
		back.next("state", "tile", &st)
	}
	if err := cam.Restart(); err != nil {
		t.Fatal(err)
	}
	for st.Status != "live" {
		back.next("state", "tile", &st)
	}
	tile.plays(r)

	// The player's browser goes in peace: its place is free at once, and the page's tile lives on.
	player.close()
	r.until("the player's place is free", func() bool { return strings.Join(r.watching("u"), " ") == "tile" })
	back.send(ClientMessage{Type: "close", View: "tile"})
	back.end("tile", viewers.CodeClosed)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := cam.AwaitSessions(ctx, 0); err != nil {
		t.Error(err)
	}
}

// wire is a UDP socket that can be cut, as a killed browser's is: nothing comes and nothing goes, not even a goodbye.
type wire struct {
	net.PacketConn
	cut atomic.Bool
}

func (w *wire) WriteTo(b []byte, to net.Addr) (int, error) {
	if w.cut.Load() {
		return len(b), nil
	}
	return w.PacketConn.WriteTo(b, to)
}

func (w *wire) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := w.PacketConn.ReadFrom(b)
		if err != nil || !w.cut.Load() {
			return n, from, err
		}
	}
}

func TestABrowserThatIsKilledIsGoneIn15Seconds(t *testing.T) {
	t.Parallel()
	cam := rtsptest.Start(t, rtsptest.Spec{Number: 1, Seconds: 2})
	r := newRig(t, func(o *Options) { o.Peers = realPeers(t, directory{"c1": cam.URL()}) })
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	cable := &wire{PacketConn: conn}
	mux := webrtc.NewICEUDPMux(nil, cable)
	defer mux.Close()
	page, tile := r.page("u"), newScreen(t, func(s *webrtc.SettingEngine) { s.SetICEUDPMux(mux) })
	defer tile.close()
	page.send(ClientMessage{Type: "watch", View: "tile", Camera: "c1", Offer: tile.offer()})
	c := tile.candidate()
	page.send(ClientMessage{Type: "candidate", View: "tile", Candidate: &Candidate{Candidate: c.Candidate, SDPMid: c.SDPMid}})
	var a AnswerMessage
	page.next("answer", "tile", &a)
	tile.accept(a.SDP)
	tile.plays(r)

	cable.cut.Store(true)
	page.cut()
	killed := time.Now()
	// It is not given up at once: a network that stumbles for a few seconds costs nothing.
	r.until("some seconds pass", func() bool { return len(r.watching("u")) == 0 || time.Since(killed) > 6*time.Second })
	if took := time.Since(killed); took < 6*time.Second {
		t.Errorf("gone after %v", took)
	}
	r.until("its place is free", func() bool { return len(r.watching("u")) == 0 })
	if took := time.Since(killed); took > 15*time.Second {
		t.Errorf("gone after %v", took)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := cam.AwaitSessions(ctx, 0); err != nil {
		t.Error(err)
	}
}
