package peer

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

const (
	// maxCandidates bounds what a browser may trickle between two offers.
	maxCandidates = 64
	// gatherDeadline bounds the wait for ICE to take the sockets, which are open already.
	gatherDeadline = 2 * time.Second
	// feedbackQueue is how many compound RTCP packets may wait for the sender; more are dropped, and viewers repeat themselves.
	feedbackQueue = 32
)

// Candidate is an ICE candidate as RTCIceCandidate.toJSON gives it (W3C WebRTC, 4.8.1.2). An empty Candidate ends them.
type Candidate struct {
	Candidate        string
	SDPMid           *string
	SDPMLineIndex    *uint16
	UsernameFragment *string
}

// Peer is one viewer. Its methods may be called from any goroutine.
type Peer struct {
	endpoint *Endpoint
	clients  *clients
	counts   *counters
	log      *slog.Logger
	pc       *webrtc.PeerConnection
	video    *track
	audio    *track          // nil: the browser did not ask for sound
	page     string          // Request.PageHost
	ctx      context.Context // ends with the peer
	cancel   context.CancelFunc
	changed  chan struct{}
	done     chan struct{}
	moved    chan struct{} // to the sender: the transport's state changed
	feedback chan feedback // to the sender
	switches chan source   // to the sender
	tally    tally
	secrets  secrets // of the handshake

	negotiation sync.Mutex // one offer at a time

	mu         sync.Mutex
	snapshot   Snapshot // guarded by mu
	answer     string   // guarded by mu
	candidates int      // since the last offer; guarded by mu
}

// negotiate answers an offer with the addresses to advertise. It waits for no network: the sockets are open.
func (p *Peer) negotiate(ctx context.Context, offer string, hosts []netip.Addr) (string, error) {
	p.negotiation.Lock()
	defer p.negotiation.Unlock()
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: receiveOnly(offer)}); err != nil {
		return "", p.refused(err)
	}
	answer, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return "", p.refused(err)
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(answer); err != nil {
		return "", p.refused(err)
	}
	ctx, cancel := context.WithTimeout(ctx, gatherDeadline)
	defer cancel()
	select {
	case <-gathered:
	case <-p.ctx.Done():
		return "", ErrClosed
	case <-ctx.Done():
		return "", ErrClosed.Because(ctx.Err())
	}
	text := withCandidates(p.pc.LocalDescription().SDP, p.endpoint.Port(), hosts)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer, p.candidates = text, 0
	return text, nil
}

// refused sorts pion's reasons.
func (p *Peer) refused(err error) error {
	switch {
	case p.ctx.Err() != nil || errors.Is(err, webrtc.ErrConnectionClosed):
		return ErrClosed.Because(err)
	case errors.Is(err, webrtc.ErrUnsupportedCodec), errors.Is(err, webrtc.ErrSenderWithNoCodecs):
		return ErrCodecs.Because(err)
	default:
		return ErrOffer.Because(err)
	}
}

// Answer is the SDP for the browser's last offer, with all of the gateway's candidates in it.
func (p *Peer) Answer() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.answer
}

// AddCandidate takes one of the browser's candidates; mDNS names are passed over, since the browser's checks show its address.
// ErrCandidate for nonsense or more than 64, ErrClosed after the end.
func (p *Peer) AddCandidate(c Candidate) error {
	if p.ctx.Err() != nil {
		return ErrClosed
	}
	p.mu.Lock()
	p.candidates++
	tooMany := p.candidates > maxCandidates
	p.mu.Unlock()
	if tooMany {
		return ErrCandidate
	}
	err := p.pc.AddICECandidate(webrtc.ICECandidateInit{
		Candidate: c.Candidate, SDPMid: c.SDPMid, SDPMLineIndex: c.SDPMLineIndex, UsernameFragment: c.UsernameFragment,
	})
	switch {
	case err == nil:
		return nil
	case p.ctx.Err() != nil || errors.Is(err, webrtc.ErrConnectionClosed):
		return ErrClosed
	default:
		return ErrCandidate.Because(err)
	}
}

// Restart answers an offer with new ICE credentials (RFC 8445, 9): the same tracks and keys over a new path. ErrOffer, ErrCodecs,
// ErrClosed.
func (p *Peer) Restart(offer string) (answer string, err error) {
	if p.ctx.Err() != nil {
		return "", ErrClosed
	}
	if _, err := readOffer(offer); err != nil {
		return "", err
	}
	// The gateway's addresses may have changed, which may be why the viewer needs another path.
	return p.negotiate(p.ctx, offer, p.endpoint.advertised(p.ctx, p.page))
}

// Switch sends another stream in the same tracks, without renegotiation, on a rising clock. The viewer sees the new picture at once
// if the stream is already being pulled, and keeps the last one until then. ErrClosed, or why the relay does not give the stream.
func (p *Peer) Switch(key relay.Key) error {
	if p.ctx.Err() != nil {
		return ErrClosed
	}
	src, err := p.endpoint.rounds.join(key, p.endpoint.streams)
	if err != nil {
		return err
	}
	select {
	case p.switches <- src:
		return nil
	case <-p.ctx.Done():
		src.close()
		return ErrClosed
	}
}

// Changed receives after Snapshot would give something new; changes in between are folded into one.
func (p *Peer) Changed() <-chan struct{} { return p.changed }

// Snapshot tells how the viewer is doing now.
func (p *Peer) Snapshot() Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.snapshot
}

// Stats counts.
func (p *Peer) Stats() Stats { return p.tally.stats() }

// Done is closed when the connection has failed or was closed, by whichever side, and all of the peer's goroutines have returned.
func (p *Peer) Done() <-chan struct{} { return p.done }

// Close ends the viewer and waits until all of its goroutines have returned. Closing twice is harmless.
func (p *Peer) Close() error {
	p.cancel()
	<-p.done
	return nil
}

// run is the peer's life, from the answer to the end.
func (p *Peer) run(s *sender) {
	var reading sync.WaitGroup
	for i := range s.lanes {
		if l := &s.lanes[i]; l.to != nil {
			reading.Add(1)
			go func() {
				defer reading.Done()
				p.listen(l.to, l.track)
			}()
		}
	}
	s.run(p.ctx)
	p.cancel() // before pc closes: Switch and feedback must not wait for a sender that is gone
	if err := p.pc.GracefulClose(); err != nil {
		p.log.Debug("closing a viewer's connection", "error", err)
	}
	reading.Wait()
	if p.connection() != Failed {
		p.setConnection(Closed)
	}
	p.endpoint.remove(p)
	close(p.done)
}

// listen reads one track's RTCP until the connection closes.
func (p *Peer) listen(b *binding, t relay.Track) {
	buf := make([]byte, maxRTCP)
	for {
		n, _, err := b.rtcp.Read(buf, nil)
		if errors.Is(err, io.ErrShortBuffer) {
			continue // larger than any report of an honest viewer
		}
		if err != nil {
			return // only closing ends it: what can't be parsed is no error here
		}
		f := parseFeedback(buf[:n], b.ssrc)
		if f.empty() {
			continue
		}
		f.video, f.at = t == relay.Video, p.endpoint.now()
		select {
		case p.feedback <- f:
		case <-p.ctx.Done():
			return
		default: // a flood; viewers ask again
		}
	}
}

// path is how packets reach the viewer.
type path struct {
	local    netip.Addr
	remote   netip.AddrPort
	protocol string // "udp" or "tcp"
	rtt      time.Duration
	priority uint32 // of the local candidate (RFC 8445, 5.1.2)
}

func (p *Peer) transport() *webrtc.ICETransport {
	return p.pc.GetTransceivers()[0].Sender().Transport().ICETransport()
}

// path tells the path that ICE has chosen.
func (p *Peer) path() (path, bool) {
	transport := p.transport()
	pair, err := transport.GetSelectedCandidatePair()
	if err != nil || pair == nil || pair.Remote == nil {
		return path{}, false
	}
	remote, err := netip.ParseAddr(pair.Remote.Address)
	if err != nil {
		return path{}, false
	}
	local, err := netip.ParseAddr(pair.Local.Address)
	if err != nil {
		return path{}, false
	}
	found := path{
		local: local.Unmap(), remote: netip.AddrPortFrom(remote, pair.Remote.Port), protocol: pair.Local.Protocol.String(), priority: pair.Local.Priority,
	}
	if stats, ok := transport.GetSelectedCandidatePairStats(); ok {
		found.rtt = time.Duration(stats.CurrentRoundTripTime * float64(time.Second))
	}
	return found, true
}

func (p *Peer) tell(packets []rtcp.Packet) {
	if err := p.pc.WriteRTCP(packets); err != nil && p.ctx.Err() == nil {
		p.log.Debug("sending a report", "error", err)
	}
}

// cname names the endpoint to the viewer (RFC 3550, 6.5.1), as in the answer.
func (p *Peer) cname(t relay.Track) string {
	if t == relay.Audio && p.audio != nil {
		return p.audio.stream
	}
	return p.video.stream
}

func (p *Peer) connection() Connection {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.snapshot.Connection
}

// turned is pion's callback.
func (p *Peer) turned(state webrtc.PeerConnectionState) {
	switch state {
	case webrtc.PeerConnectionStateConnecting:
		p.setConnection(Connecting)
	case webrtc.PeerConnectionStateConnected:
		p.setConnection(Connected)
	case webrtc.PeerConnectionStateDisconnected:
		p.setConnection(Disconnected)
	case webrtc.PeerConnectionStateFailed:
		p.setConnection(Failed)
	case webrtc.PeerConnectionStateClosed:
		p.setConnection(Closed)
	}
}

func (p *Peer) setConnection(c Connection) {
	p.mu.Lock()
	same := p.snapshot.Connection == c || p.snapshot.Connection == Failed || p.snapshot.Connection == Closed
	if !same {
		p.snapshot.Connection = c
	}
	p.mu.Unlock()
	if same {
		return
	}
	p.log.Debug("a viewer's connection", "state", c)
	signal(p.moved)
	signal(p.changed)
}

func (p *Peer) setProtocol(name string) {
	p.mu.Lock()
	same := p.snapshot.Protocol == name
	p.snapshot.Protocol = name
	p.mu.Unlock()
	if !same {
		signal(p.changed)
	}
}

// observe takes the stream's state, and tells if people would notice a difference.
func (p *Peer) observe(key relay.Key, state relay.State, audio bool) {
	p.mu.Lock()
	old := &p.snapshot
	same := old.Key == key && old.AudioPlayable == audio && sameState(&old.State, &state)
	if !same {
		old.Key, old.State, old.AudioPlayable = key, state, audio
	}
	p.mu.Unlock()
	if !same {
		signal(p.changed)
	}
}

func sameState(a, b *relay.State) bool {
	interval := a.FrameInterval - b.FrameInterval
	return a.Status == b.Status && a.Code == b.Code && a.Since.Equal(b.Since) && a.RetryAt.Equal(b.RetryAt) && a.Media == b.Media &&
		max(interval, -interval) <= a.FrameInterval/8 // it is measured, and trembles
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
