package peer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// Options is what an Endpoint needs.
type Options struct {
	// Relay gives the streams. Required.
	Relay *relay.Relay
	// Logger is required.
	Logger *slog.Logger
	// Port is the number for UDP on every local address and for TCP, 1 to 65535. 0 takes a free one, for tests.
	Port int
	// Hosts are the names and addresses to advertise, and nothing else. Empty: the local addresses (container bridges left out,
	// loopback only with Scope Loopback) and Request.PageHost.
	Hosts []string
	// Scope says on which addresses to listen.
	Scope Scope
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

// Scope says which local addresses the endpoint uses.
type Scope uint8

// The scopes.
const (
	Everywhere Scope = iota // all up addresses but those of container bridges; loopback only for a page that came by it
	Loopback                // 127.0.0.1 and ::1 alone
)

// Request asks for one viewer.
type Request struct {
	// Key names the stream.
	Key relay.Key
	// Offer is the browser's SDP.
	Offer string
	// PageHost is the host (a name or an address, without port) by which this browser reached the page; it is advertised beside
	// the local addresses, for a gateway behind NAT or a container's port mapping. May be empty.
	PageHost string
	// Grouping says whether sound and picture are one MediaStream.
	Grouping Grouping
}

// Grouping says how the tracks are bound together (RFC 8830, msid).
type Grouping uint8

// The groupings. Apart lets the picture go as fast as it can: a browser that synchronises lips delays it by the sound's buffer.
// Together is for players that expect one MediaStream (the WHEP draft demands it).
const (
	Apart Grouping = iota
	Together
)

// Endpoint is the port on which viewers arrive, and all of them.
type Endpoint struct {
	streams streams
	log     *slog.Logger
	hosts   []string
	now     func() time.Time
	ports   *ports
	counts  counters
	clients clients
	names   names
	batches batches
	rounds  rounds
	setups  chan struct{} // a place for each peer connection that is being made
	ready   chan struct{} // closed by Run when engine is there
	ended   chan struct{} // closed when Run returns, or by Close
	engine  *engine       // written before ready closes

	mu      sync.Mutex
	state   stage              // guarded by mu
	peers   map[*Peer]struct{} // guarded by mu
	serving sync.WaitGroup     // one for each of peers
}

type stage uint8

const (
	bornStage stage = iota
	runStage
	endStage
)

// New binds the sockets and starts nothing. A taken port is an error that names it. The caller runs the endpoint, or closes it.
func New(o Options) (*Endpoint, error) {
	if o.Relay == nil {
		return nil, errors.New("peer: Relay is missing")
	}
	return newEndpoint(o, relayStreams{o.Relay})
}

func newEndpoint(o Options, from streams) (*Endpoint, error) {
	if o.Logger == nil {
		return nil, errors.New("peer: Logger is missing")
	}
	if o.Port < 0 || o.Port > 65535 {
		return nil, fmt.Errorf("peer: port %d is not in 0..65535", o.Port)
	}
	e := &Endpoint{
		streams: from, log: o.Logger, hosts: o.Hosts, now: o.Now,
		setups: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1)),
		ready:  make(chan struct{}), ended: make(chan struct{}), peers: make(map[*Peer]struct{}),
	}
	if e.now == nil {
		e.now = time.Now
	}
	var err error
	if e.ports, err = bind(o.Scope, o.Port, o.Logger, pionLog{o.Logger}, &e.batches, &e.counts); err != nil {
		return nil, fmt.Errorf("open the port for WebRTC: %w", err)
	}
	return e, nil
}

// Run serves until ctx ends, closes all peers and the sockets, and returns when all that it started has returned.
func (e *Endpoint) Run(ctx context.Context) error {
	if !e.enter(bornStage, runStage) {
		return errors.New("peer: the endpoint has run before, or is closed")
	}
	defer close(e.ended)
	e.ports.start()
	defer e.ports.close()
	var err error
	if e.engine, err = newEngine(e.ports, e.ports.pion); err != nil {
		e.enter(runStage, endStage)
		return fmt.Errorf("prepare for viewers: %w", err)
	}
	close(e.ready)
	e.ports.watch(ctx)

	e.enter(runStage, endStage)
	e.mu.Lock()
	for p := range e.peers {
		p.cancel()
	}
	e.mu.Unlock()
	e.serving.Wait()
	e.rounds.running.Wait()
	return nil
}

// Close lets go of the sockets of an endpoint that was never run; else it does nothing.
func (e *Endpoint) Close() {
	if e.enter(bornStage, endStage) {
		e.ports.close()
		close(e.ended)
	}
}

func (e *Endpoint) enter(from, to stage) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state != from {
		return false
	}
	e.state = to
	return true
}

// Open answers an offer, at once: it waits neither for the camera nor for candidates. The stream is joined before it returns. The
// caller closes the Peer. ErrOffer, ErrCodecs, ErrClosed once Run has ended, or why the relay does not give the stream.
func (e *Endpoint) Open(ctx context.Context, r Request) (*Peer, error) {
	select {
	case <-e.ready:
	case <-e.ended:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	offer, err := readOffer(r.Offer)
	if err != nil {
		return nil, err
	}
	src, err := e.rounds.join(r.Key, e.streams)
	if err != nil {
		return nil, err
	}
	p, s, err := e.prepareInTurn(ctx, r, offer, src)
	if err == nil {
		err = e.serve(p, s)
	}
	if err != nil {
		src.close()
		return nil, err
	}
	return p, nil
}

// prepareInTurn keeps one core free for frames: making a peer connection takes a few milliseconds of one, and a page may open a hundred at once.
func (e *Endpoint) prepareInTurn(ctx context.Context, r Request, o offered, src source) (*Peer, *sender, error) {
	hosts := e.advertised(ctx, r.PageHost) // may ask a name server
	select {
	case e.setups <- struct{}{}:
		defer func() { <-e.setups }()
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	case <-e.ended:
		return nil, nil, ErrClosed
	}
	return e.prepare(ctx, r, o, src, hosts)
}

// prepare builds a peer and answers, but starts nothing of ours.
func (e *Endpoint) prepare(ctx context.Context, r Request, o offered, src source, hosts []netip.Addr) (_ *Peer, _ *sender, err error) {
	p := &Peer{
		endpoint: e, clients: &e.clients, counts: &e.counts, log: e.log.With("stream", r.Key),
		changed: make(chan struct{}, 1), done: make(chan struct{}), moved: make(chan struct{}, 1),
		feedback: make(chan feedback, feedbackQueue), switches: make(chan source),
		snapshot: Snapshot{Connection: Unconnected, Key: r.Key, State: src.reader.State()},
		page:     r.PageHost,
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	if len(hosts) == 0 {
		p.log.Warn("there is no address to advertise to a viewer: no configured host resolves", "hosts", e.hosts)
	}
	way := outside
	if slices.ContainsFunc(hosts, netip.Addr.IsLoopback) {
		way = withLoopback
	}
	if p.pc, err = e.engine.connection(way, &p.secrets); err != nil {
		p.cancel()
		return nil, nil, fmt.Errorf("make a peer connection: %w", err)
	}
	defer func() {
		if err != nil {
			p.cancel()
			_ = p.pc.GracefulClose()
		}
	}()
	p.pc.OnConnectionStateChange(p.turned)
	if err = p.addTracks(r.Grouping, o.audio); err != nil {
		return nil, nil, err
	}
	// Another path without a change of state: a browser has found a better one.
	p.transport().OnSelectedCandidatePairChange(func(*webrtc.ICECandidatePair) { signal(p.moved) })
	if _, err = p.negotiate(ctx, r.Offer, hosts); err != nil {
		return nil, nil, err
	}
	video := p.video.bound.Load()
	if video == nil {
		return nil, nil, ErrOffer
	}
	s := &sender{peer: p, now: e.now, src: src, dropped: src.reader.Dropped()}
	s.lanes[relay.Video] = newLane(relay.Video, video)
	s.lanes[relay.Audio] = newLane(relay.Audio, nil)
	if p.audio != nil {
		s.lanes[relay.Audio] = newLane(relay.Audio, p.audio.bound.Load())
	}
	for i := range s.lanes {
		s.lanes[i].by = &s.outlet
	}
	var ok bool
	if s.pt, ok = video.payloadType(relay.Codec{Name: "H264", ClockRate: 90000}); !ok {
		return nil, nil, ErrCodecs
	}
	s.observe() // nobody serves it yet
	return p, s, nil
}

// advertised gives the addresses for an answer to a browser that reached the page by a host.
func (e *Endpoint) advertised(ctx context.Context, page string) []netip.Addr {
	return advertised(ctx, &e.names, e.hosts, page, e.ports.local())
}

func (p *Peer) addTracks(g Grouping, audio bool) error {
	add := func(t *track) error {
		_, err := p.pc.AddTransceiverFromTrack(t, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		if err != nil {
			return fmt.Errorf("add the %s track: %w", t.kind, err)
		}
		return nil
	}
	name := rand.Text()[:12]
	p.video = &track{kind: webrtc.RTPCodecTypeVideo, stream: name}
	if err := add(p.video); err != nil || !audio {
		return err
	}
	p.audio = &track{kind: webrtc.RTPCodecTypeAudio, stream: name}
	if g == Apart {
		p.audio.stream += "-sound"
	}
	return add(p.audio)
}

// serve starts a peer, unless the endpoint is ending.
func (e *Endpoint) serve(p *Peer, s *sender) error {
	e.mu.Lock()
	if e.state != runStage {
		e.mu.Unlock()
		p.cancel()
		_ = p.pc.GracefulClose()
		return ErrClosed
	}
	e.peers[p] = struct{}{}
	e.serving.Add(1)
	e.mu.Unlock()
	e.counts.opened.Add(1)
	go func() {
		defer e.serving.Done()
		p.run(s)
	}()
	return nil
}

func (e *Endpoint) remove(p *Peer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.peers, p)
}

// Port is the number that viewers connect to.
func (e *Endpoint) Port() int { return e.ports.port }

// Stats counts over all viewers.
func (e *Endpoint) Stats() EndpointStats {
	e.mu.Lock()
	n := len(e.peers)
	e.mu.Unlock()
	c := &e.counts
	return EndpointStats{
		Peers: n, Opened: c.opened.Load(), Sent: c.sent.Load(), SendCalls: c.calls.Load(), SendDropped: c.dropped.Load(),
		SendFailed: c.failed.Load(), Resent: c.resent.Load(), Replays: c.replays.Load(), KeyframeReqs: c.keyframeRequests.Load(),
	}
}
