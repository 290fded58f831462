package peer

import "github.com/rtsp-viewer/rtsp-viewer/relay"

// Candidate is an ICE candidate as RTCIceCandidate.toJSON gives it (W3C WebRTC, 4.8.1.2). An empty Candidate ends them.
type Candidate struct {
	Candidate        string
	SDPMid           *string
	SDPMLineIndex    *uint16
	UsernameFragment *string
}

// Peer is one viewer. Its methods may be called from any goroutine.
type Peer struct {
	changed chan struct{}
	done    chan struct{}
	answer  string
}

// Answer is the SDP for the browser, all of the gateway's candidates in it.
func (p *Peer) Answer() string { return p.answer }

// AddCandidate takes one of the browser's candidates. ErrCandidate for nonsense, ErrClosed after the end.
func (p *Peer) AddCandidate(c Candidate) error { return ErrClosed }

// Restart answers an offer with new ICE credentials (RFC 8445, 9): the same tracks and keys over a new path.
func (p *Peer) Restart(offer string) (answer string, err error) { return "", ErrClosed }

// Switch sends another stream in the same tracks, without renegotiation, on a rising clock. The viewer sees the new picture at once
// if the stream is already being pulled, and keeps the last one until then.
func (p *Peer) Switch(key relay.Key) error { return ErrClosed }

// Changed receives after Snapshot would give something new; changes in between are folded into one.
func (p *Peer) Changed() <-chan struct{} { return p.changed }

// Snapshot tells how the viewer is doing now.
func (p *Peer) Snapshot() Snapshot { return Snapshot{} }

// Stats counts.
func (p *Peer) Stats() Stats { return Stats{} }

// Done is closed when the connection has failed or was closed, by whichever side.
func (p *Peer) Done() <-chan struct{} { return p.done }

// Close ends the viewer and waits until all of its goroutines have returned. Closing twice is harmless.
func (p *Peer) Close() error { return nil }
