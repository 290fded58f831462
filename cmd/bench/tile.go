package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"github.com/rtsp-viewer/rtsp-viewer/signaling"
)

// A player that gets packets but no picture asks for a keyframe, after a while that is longer once it plays, since resends may mend the
// picture; libwebrtc's patience is the like.
const (
	patienceFirst = 500 * time.Millisecond
	patienceThen  = 3 * time.Second
	askEvery      = 500 * time.Millisecond
)

// tile is one view, watched with pion: a peer connection, and what came.
type tile struct {
	page    *page // nil: WHEP
	view    string
	pc      *webrtc.PeerConnection
	clicked time.Time

	offered chan struct{} // closed when the offer is set: an answer may come before
	playing chan struct{} // closed with the first whole picture
	settled chan struct{} // closed a second after it was live, or when it failed

	mu        sync.Mutex
	connected time.Time
	first     time.Time
	live      time.Time
	later     time.Duration
	last      picture
	missing   int
	asked     int // keyframes
	resends   int // packets asked for again
	err       error
	over      bool
}

// watch opens a camera in a new tile. The click is where it begins.
func (p *pool) watch(ctx context.Context, camera, from string) (*tile, error) {
	t, err := p.newTile(from)
	if err != nil {
		return nil, err
	}
	if err := t.begin(camera); err != nil {
		return nil, errors.Join(err, t.pc.Close())
	}
	return t, ctx.Err()
}

// newTile makes a tile that may receive.
func (p *pool) newTile(from string) (*tile, error) {
	t := &tile{page: p.page, view: uuid.NewString(), clicked: time.Now(), offered: make(chan struct{}), playing: make(chan struct{}), settled: make(chan struct{})}
	api, err := p.api(from)
	if err != nil {
		return nil, err
	}
	if t.pc, err = api.NewPeerConnection(webrtc.Configuration{}); err != nil {
		return nil, fmt.Errorf("make a peer connection: %w", err)
	}
	if err := t.prepare(); err != nil {
		return nil, errors.Join(err, t.pc.Close())
	}
	return t, nil
}

// prepare adds what is to be received and watches it.
func (t *tile) prepare() error {
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio} {
		if _, err := t.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			return err
		}
	}
	t.pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { t.receive(track) })
	t.pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		t.mu.Lock()
		defer t.mu.Unlock()
		if state == webrtc.PeerConnectionStateConnected && t.connected.IsZero() {
			t.connected = time.Now()
		}
	})
	return nil
}

// begin asks for a camera by the page's WebSocket.
func (t *tile) begin(camera string) error {
	t.pc.OnICECandidate(func(c *webrtc.ICECandidate) {
		m := signaling.ClientMessage{Type: "candidate", View: t.view}
		if c != nil {
			j := c.ToJSON()
			m.Candidate = &signaling.Candidate{Candidate: j.Candidate, SDPMid: j.SDPMid, SDPMLineIndex: j.SDPMLineIndex, UsernameFragment: j.UsernameFragment}
		}
		_ = t.page.send(m) // a socket that is gone is noticed by the tile that never plays
	})
	offer, err := t.pc.CreateOffer(nil)
	if err != nil {
		return fmt.Errorf("make an offer: %w", err)
	}
	t.page.add(t.view, t)
	if err := t.page.send(signaling.ClientMessage{
		Type: "watch", View: t.view, Camera: camera, Admit: "evict_oldest", Label: "bench", Offer: offer.SDP,
	}); err != nil {
		return fmt.Errorf("send watch: %w", err)
	}
	defer close(t.offered)
	return t.pc.SetLocalDescription(offer)
}

func (t *tile) answer(sdp string) {
	<-t.offered
	if err := t.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp}); err != nil {
		t.fail(fmt.Errorf("take the answer: %w", err))
	}
}

func (t *tile) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.over {
		t.over, t.err = true, err
		close(t.settled)
	}
}

// close gives the view back and ends the peer connection.
func (t *tile) close() {
	if t.page != nil {
		_ = t.page.send(signaling.ClientMessage{Type: "close", View: t.view})
		t.page.remove(t.view)
	}
	_ = t.pc.Close()
}

// receive reads a track until the connection ends.
func (t *tile) receive(track *webrtc.TrackRemote) {
	whole, lost := newAssembler(), losses{}
	patience := patienceFirst
	var since, asked time.Time // of the last picture, or the first packet; of the last keyframe asked for
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		if track.Kind() != webrtc.RTPCodecTypeVideo {
			continue
		}
		now := time.Now()
		if since.IsZero() {
			since = now
		}
		n := whole.unwrap(packet.SequenceNumber)
		lost.arrived(n)
		for _, p := range whole.push(n, packet, now) {
			t.show(p)
			since, patience = now, patienceThen
			lost.forget(whole.next)
		}
		missing, mendable := lost.due(now)
		if len(missing) > 0 {
			t.askAgain(track.SSRC(), missing)
		}
		if (!mendable || whole.waiting() > 0 && now.Sub(since) > patience) && now.Sub(asked) > askEvery {
			asked = now
			t.askKeyframe(track.SSRC())
		}
	}
}

func (t *tile) askAgain(of webrtc.SSRC, missing []uint16) {
	t.mu.Lock()
	t.resends += len(missing)
	t.mu.Unlock()
	_ = t.pc.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{MediaSSRC: uint32(of), Nacks: rtcp.NackPairsFromSequenceNumbers(missing)}})
}

func (t *tile) askKeyframe(of webrtc.SSRC) {
	t.mu.Lock()
	t.asked++
	t.mu.Unlock()
	_ = t.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(of)}})
}

// show notes a whole picture.
func (t *tile) show(p picture) {
	t.mu.Lock()
	defer t.mu.Unlock()
	age := p.at.Sub(p.sent)
	if t.first.IsZero() {
		t.first = p.at
		close(t.playing)
	} else if p.counter > t.last.counter+1 {
		t.missing += int(p.counter - t.last.counter - 1)
	}
	if t.live.IsZero() && age < livelyAge {
		t.live = p.at
	}
	t.last = p
	if !t.over && !t.live.IsZero() && p.at.Sub(t.live) >= time.Second {
		t.over, t.later = true, age
		close(t.settled)
	}
}

// outcome waits until the tile has been live for a second and tells what its opening was like.
func (t *tile) outcome(ctx context.Context) opening {
	select {
	case <-t.settled:
	case <-time.After(patience):
		t.fail(fmt.Errorf("not live after %v", patience))
	case <-ctx.Done():
		t.fail(ctx.Err())
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	o := opening{Missing: t.missing, Asked: t.asked, Resends: t.resends}
	if t.err != nil {
		o.Fault = t.err.Error()
		return o
	}
	o.Connect, o.First, o.Live, o.Later = t.connected.Sub(t.clicked), t.first.Sub(t.clicked), t.live.Sub(t.clicked), t.later
	return o
}
