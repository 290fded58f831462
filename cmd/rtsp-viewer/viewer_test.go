package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
	"github.com/rtsp-viewer/rtsp-viewer/signaling"
)

// page is one WebSocket of somebody signed in, as the wall has it.
type page struct {
	t      *testing.T
	socket *websocket.Conn
	api    *webrtc.API

	mu      sync.Mutex
	hello   signaling.HelloMessage
	greeted chan struct{}
	tiles   map[string]*tile
	byes    []signaling.ByeMessage
	done    chan struct{}
}

// tile is one view of a page: its peer connection and what arrived.
type tile struct {
	t    *testing.T
	page *page
	view string
	pc   *webrtc.PeerConnection

	mu         sync.Mutex
	generation int64
	answered   chan struct{}
	states     []signaling.StateMessage
	ends       []signaling.EndMessage
	errors     []signaling.ErrorMessage
	frames     int
	first      time.Time // of the first whole picture
	last       time.Time
	counters   []uint64  // of the stamps in the pictures
	asked      time.Time // when watch was sent
	live       time.Time // of the first picture that was less than 250 ms old
	sound      int       // packets
}

// openPage opens a WebSocket. settings may change how its peer connections are made.
func (g *gateway) openPage(c *client, settings ...func(*webrtc.SettingEngine)) *page {
	g.t.Helper()
	var engine webrtc.SettingEngine
	engine.SetIncludeLoopbackCandidate(true)
	for _, f := range settings {
		f(&engine)
	}
	media := &webrtc.MediaEngine{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		g.t.Fatal(err)
	}
	p := &page{
		t: g.t, tiles: map[string]*tile{}, greeted: make(chan struct{}), done: make(chan struct{}),
		api: webrtc.NewAPI(webrtc.WithSettingEngine(engine), webrtc.WithMediaEngine(media)),
	}
	dialer := websocket.Dialer{Subprotocols: []string{signaling.Protocol}, HandshakeTimeout: 5 * time.Second}
	address := "ws" + strings.TrimPrefix(c.base, "http") + "/api/v1/signaling"
	socket, answer, err := dialer.Dial(address, http.Header{"Authorization": {"Bearer " + c.token}})
	if err != nil {
		g.t.Fatalf("open the socket: %v (%v)", err, answer)
	}
	p.socket = socket
	go p.read()
	<-p.greeted
	g.t.Cleanup(p.close)
	return p
}

// close closes the socket and all peer connections, as a closed window does.
func (p *page) close() {
	_ = p.socket.Close()
	<-p.done
	p.mu.Lock()
	tiles := p.tiles
	p.tiles = map[string]*tile{}
	p.mu.Unlock()
	for _, x := range tiles {
		_ = x.pc.Close()
	}
}

func (p *page) read() {
	defer close(p.done)
	for {
		_, text, err := p.socket.ReadMessage()
		if err != nil {
			return
		}
		var head struct{ Type, View string }
		if json.Unmarshal(text, &head) != nil {
			continue
		}
		p.mu.Lock()
		x := p.tiles[head.View]
		p.mu.Unlock()
		switch head.Type {
		case "hello":
			p.mu.Lock()
			_ = json.Unmarshal(text, &p.hello)
			p.mu.Unlock()
			select {
			case <-p.greeted:
			default:
				close(p.greeted)
			}
		case "bye":
			var m signaling.ByeMessage
			_ = json.Unmarshal(text, &m)
			p.mu.Lock()
			p.byes = append(p.byes, m)
			p.mu.Unlock()
		default:
			if x != nil {
				x.take(head.Type, text)
			}
		}
	}
}

func (p *page) send(m signaling.ClientMessage) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.socket.WriteJSON(m); err != nil {
		p.t.Errorf("send %s: %v", m.Type, err)
	}
}

// watch opens a camera in a new tile; change may alter the message.
func (p *page) watch(camera cameraAnswer, change ...func(*signaling.ClientMessage)) *tile {
	p.t.Helper()
	x := &tile{t: p.t, page: p, view: uuid.NewString(), answered: make(chan struct{})}
	x.open(camera, change...)
	return x
}

func (x *tile) open(camera cameraAnswer, change ...func(*signaling.ClientMessage)) {
	x.t.Helper()
	pc, err := x.page.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		x.t.Fatal(err)
	}
	x.pc = pc
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio} {
		if _, err := pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			x.t.Fatal(err)
		}
	}
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { x.receive(track) })
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		x.t.Fatal(err)
	}
	message := signaling.ClientMessage{Type: "watch", View: x.view, Camera: camera.ID, Admit: "evict_oldest", Label: "pion", Offer: offer.SDP}
	for _, f := range change {
		f(&message)
	}
	x.view = message.View
	x.page.mu.Lock()
	x.page.tiles[x.view] = x
	x.page.mu.Unlock()
	pc.OnICECandidate(func(c *webrtc.ICECandidate) {
		m := signaling.ClientMessage{Type: "candidate", View: x.view}
		if c != nil {
			j := c.ToJSON()
			m.Candidate = &signaling.Candidate{Candidate: j.Candidate, SDPMid: j.SDPMid, SDPMLineIndex: j.SDPMLineIndex, UsernameFragment: j.UsernameFragment}
		}
		x.page.mu.Lock()
		defer x.page.mu.Unlock()
		_ = x.page.socket.WriteJSON(m) // the page may be closed by now
	})
	x.asked = time.Now()
	x.page.send(message)
	if err := pc.SetLocalDescription(offer); err != nil {
		x.t.Fatal(err)
	}
}

func (x *tile) take(kind string, text []byte) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch kind {
	case "answer":
		var m signaling.AnswerMessage
		_ = json.Unmarshal(text, &m)
		x.generation = m.Generation
		if err := x.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: m.SDP}); err != nil {
			x.t.Errorf("the answer is refused: %v\n%s", err, m.SDP)
		}
		select {
		case <-x.answered:
		default:
			close(x.answered)
		}
	case "state":
		var m signaling.StateMessage
		_ = json.Unmarshal(text, &m)
		x.states = append(x.states, m)
	case "end":
		var m signaling.EndMessage
		_ = json.Unmarshal(text, &m)
		x.ends = append(x.ends, m)
	case "error":
		var m signaling.ErrorMessage
		_ = json.Unmarshal(text, &m)
		x.errors = append(x.errors, m)
	}
}

// receive counts pictures and reads the stamps in them.
func (x *tile) receive(track *webrtc.TrackRemote) {
	var depacketizer codecs.H264Packet
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		if track.Kind() == webrtc.RTPCodecTypeAudio {
			x.mu.Lock()
			x.sound++
			x.mu.Unlock()
			continue
		}
		counters, sent := stamps(&depacketizer, packet)
		x.mu.Lock()
		x.counters = append(x.counters, counters...)
		if x.live.IsZero() && !sent.IsZero() && time.Since(sent) < 250*time.Millisecond {
			x.live = time.Now()
		}
		if packet.Marker {
			x.frames++
			x.last = time.Now()
			if x.first.IsZero() {
				x.first = x.last
			}
		}
		x.mu.Unlock()
	}
}

// stamps gives the counters in the SEI of one packet, and when the last of them was sent.
func stamps(d *codecs.H264Packet, p *rtp.Packet) (counters []uint64, sent time.Time) {
	annexB, err := d.Unmarshal(p.Payload)
	if err != nil {
		return nil, sent
	}
	for _, nalu := range strings.Split(string(annexB), "\x00\x00\x00\x01") {
		if counter, at, ok := rtsptest.ParseSEI([]byte(nalu)); ok {
			counters, sent = append(counters, counter), at
		}
	}
	return counters, sent
}

func (x *tile) count() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.frames
}

// newest is the camera's own number of the last picture.
func (x *tile) newest() uint64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.counters) == 0 {
		x.t.Fatal("no picture had a number")
	}
	return x.counters[len(x.counters)-1]
}

// wantFrames waits for n more pictures.
func (x *tile) wantFrames(n int, within time.Duration) {
	x.t.Helper()
	before := x.count()
	eventually(x.t, within, "more pictures", func() bool { return x.count() >= before+n })
}

// wantState waits for the newest state to be status with code ("" is any code).
func (x *tile) wantState(status, code string, within time.Duration) signaling.StateMessage {
	x.t.Helper()
	var m signaling.StateMessage
	eventually(x.t, within, "state "+status+" "+code, func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		if len(x.states) == 0 {
			return false
		}
		m = x.states[len(x.states)-1]
		return m.Status == status && (code == "" || m.Code == code)
	})
	return m
}

// wantEnd waits for the view's end.
func (x *tile) wantEnd(code string, within time.Duration) signaling.EndMessage {
	x.t.Helper()
	var m signaling.EndMessage
	eventually(x.t, within, "end "+code, func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		if len(x.ends) == 0 {
			return false
		}
		m = x.ends[len(x.ends)-1]
		return true
	})
	if m.Code != code {
		x.t.Fatalf("the view ended with %s, want %s", m.Code, code)
	}
	return m
}

// wantError waits for a refusal.
func (x *tile) wantError(code string, within time.Duration) {
	x.t.Helper()
	var got string
	eventually(x.t, within, "error "+code, func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		if len(x.errors) == 0 {
			return false
		}
		got = x.errors[len(x.errors)-1].Code
		return true
	})
	if got != code {
		x.t.Fatalf("refused with %s, want %s", got, code)
	}
}

// closing is the message that closes a tile.
func closing(x *tile) signaling.ClientMessage {
	return signaling.ClientMessage{Type: "close", View: x.view}
}
