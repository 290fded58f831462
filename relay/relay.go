package relay

import (
	"context"
	"errors"
	"log/slog"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// ErrStopped says that the relay is not running (any more).
var ErrStopped = fault.New(fault.Unavailable, "server.stopping", "the relay is not running")

// Addresses tells the relay where cameras are; camera.Service is one.
type Addresses interface {
	// Dial gives all that dialling takes. A camera or stream that does not exist is a fault of kind NotFound.
	Dial(ctx context.Context, id camera.ID, kind camera.StreamKind) (camera.Target, error)
}

// Options are what a Relay needs. Addresses and Logger must be set.
type Options struct {
	Addresses Addresses
	Logger    *slog.Logger
	// Source dials cameras; nil: RTSP.
	Source Source
	// Linger is how long a connection outlives its last reader; 0: 10 s.
	Linger time.Duration
	// CacheBytes bounds the rings of all streams together; 0: 256 MiB.
	CacheBytes int64
	// Now is the clock; nil: time.Now. Timers are the runtime's, so a clock must run as fast as they do.
	Now func() time.Time
	// StateChanged is told of each change of a stream's status or code, from the stream's goroutine; it must not block. May be nil.
	StateChanged func(Key, State)
	// Closed is told of each stream that was let go of, after its last StateChanged, from the same goroutine; it must not block. May be
	// nil.
	Closed func(Key)
}

// Relay holds every stream that somebody reads. It is safe for concurrent use.
type Relay struct {
	opt      Options
	budget   budget
	prints   fingerprinter
	loopback *loopback
	up       chan struct{} // closed when Run serves
	sessions atomic.Uint64

	mu        sync.Mutex      // guards what follows; never held on the way of a frame
	ctx       context.Context // Run's; nil before
	begun     bool
	stopped   bool
	running   sync.WaitGroup
	streams   map[Key]*stream
	memories  map[Key]memory
	keyframes keyframes
}

// New makes a relay. It starts nothing.
func New(o Options) (*Relay, error) {
	if o.Addresses == nil || o.Logger == nil {
		return nil, errors.New("relay: Addresses and Logger are needed")
	}
	if o.Linger < 0 || o.CacheBytes < 0 {
		return nil, errors.New("relay: Linger and CacheBytes can't be negative")
	}
	if o.Linger == 0 {
		o.Linger = 10 * time.Second
	}
	if o.CacheBytes == 0 {
		o.CacheBytes = 256 << 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Source == nil {
		o.Source = newRTSP(o.Now)
	}
	r := &Relay{opt: o, up: make(chan struct{}), prints: newFingerprinter(), streams: map[Key]*stream{}, memories: map[Key]memory{}}
	r.budget.limit = o.CacheBytes
	r.loopback = newLoopback(r)
	return r, nil
}

// Ready is closed when Run serves; until then Read joins streams that wait for it, and LoopbackURL fails.
func (r *Relay) Ready() <-chan struct{} { return r.up }

// Run serves until ctx ends; it returns when every connection is closed and every goroutine has returned. A relay runs once.
func (r *Relay) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.mu.Lock()
	twice := r.begun
	r.begun = true
	r.mu.Unlock()
	if twice {
		return errors.New("relay: run twice")
	}
	if err := r.loopback.start(); err != nil {
		return err
	}
	r.mu.Lock()
	r.ctx = ctx
	for _, s := range r.streams {
		r.supervise(s)
	}
	r.mu.Unlock()
	close(r.up)

	<-ctx.Done()

	r.mu.Lock()
	r.stopped = true
	r.mu.Unlock()
	r.loopback.stop()
	r.running.Wait()
	return nil
}

// supervise starts a stream's supervisor. The caller holds mu.
func (r *Relay) supervise(s *stream) {
	v := &supervisor{stream: s, ctx: r.ctx}
	r.running.Go(v.run)
}

// Read joins a stream and never waits for the camera, which is dialled for the first reader. The caller must Close the reader.
// It fails with ErrStopped only.
func (r *Relay) Read(key Key) (*Reader, error) { return r.read(key, 1) }

// ReadTogether is Read for one of several readers whom one goroutine serves: ready, which has room for one signal, is their Ready. It gets one
// signal for a frame, however many share it.
func (r *Relay) ReadTogether(key Key, ready chan struct{}) (*Reader, error) {
	return r.open(key, 1, ready)
}

func (r *Relay) read(key Key, groups int) (*Reader, error) {
	return r.open(key, groups, make(chan struct{}, 1))
}

func (r *Relay) open(key Key, groups int, ready chan struct{}) (*Reader, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return nil, ErrStopped
	}
	s := r.streams[key]
	if s == nil {
		s = newStream(key, r)
		r.streams[key] = s
		r.budget.streams.Add(1)
		if r.ctx != nil {
			defer r.supervise(s) // after the reader has joined
		}
	}
	return s.join(groups, ready), nil
}

// retire takes a stream off; false if it must stay. What is kept of it is its last keyframe.
func (r *Relay) retire(s *stream, watched func() bool) bool {
	k, ok := s.keyframe()
	r.mu.Lock()
	if watched != nil && watched() {
		r.mu.Unlock()
		return false
	}
	delete(r.streams, s.key)
	if ok {
		r.keyframes.keep(s.key, k)
	}
	r.mu.Unlock()
	s.ring.clear()
	r.budget.streams.Add(-1)
	if r.opt.Closed != nil {
		r.opt.Closed(s.key)
	}
	return true
}

// Recheck asks Addresses anew for every stream, in the streams' own goroutines, and redials those whose target changed; it forgets
// what it held against the old one. It does not wait.
func (r *Relay) Recheck(context.Context) {
	r.mu.Lock()
	streams := make([]*stream, 0, len(r.streams))
	for _, s := range r.streams {
		streams = append(streams, s)
	}
	r.mu.Unlock()
	for _, s := range streams {
		s.checkAnew()
	}
}

func (r *Relay) find(key Key) *stream {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.streams[key]
}

// State gives the state of a stream that lives.
func (r *Relay) State(key Key) (State, bool) {
	if s := r.find(key); s != nil {
		return s.currentState(), true
	}
	return State{}, false
}

// LastKeyframe gives the newest keyframe of a stream, also after the stream closed, as long as there is room: the newest 1,000
// keyframes of closed streams in 64 MiB.
func (r *Relay) LastKeyframe(key Key) (Keyframe, bool) {
	if s := r.find(key); s != nil {
		if k, ok := s.keyframe(); ok {
			return k, true
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.keyframes.get(key)
}

func (r *Relay) forgetKeyframe(key Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keyframes.drop(key)
}

// maxMemories bounds what is remembered of targets nobody watches.
const maxMemories = 20_000

func (r *Relay) recall(key Key) memory {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.memories[key]
}

func (r *Relay) remember(key Key, m memory) {
	now := r.opt.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.memories[key]; !known && len(r.memories) >= maxMemories {
		for k, old := range r.memories {
			if old.notBefore.Before(now) {
				delete(r.memories, k)
				break
			}
		}
	}
	r.memories[key] = m
}

// Stats counts.
func (r *Relay) Stats() Stats {
	r.mu.Lock()
	streams := make([]*stream, 0, len(r.streams))
	for _, s := range r.streams {
		streams = append(streams, s)
	}
	r.mu.Unlock()
	out := Stats{CacheBytes: r.budget.used.Load(), CacheLimit: r.budget.limit, Sessions: r.sessions.Load(), Loopback: r.loopback.clients()}
	for _, s := range streams {
		out.Streams = append(out.Streams, s.stats())
	}
	sort.Slice(out.Streams, func(i, j int) bool { return out.Streams[i].Key.String() < out.Streams[j].Key.String() })
	return out
}

// LoopbackURL gives an RTSP address on 127.0.0.1 from which one client can read the stream, over TCP. It serves the first connection
// that uses it, and is void if none does within 30 s. Treat it as a secret.
func (r *Relay) LoopbackURL(key Key) (string, error) { return r.loopback.url(key) }

// LoopbackOrigin gives what the stream's clock of a track showed at the instant that the reader of an address from LoopbackURL calls
// zero; with Reader.Clock it tells when on the wall something in the reader's timestamps was. False before the reader plays, and once
// it is gone.
func (r *Relay) LoopbackOrigin(url string, track Track) (timestamp uint32, ok bool) {
	if track >= tracks {
		return 0, false
	}
	if t := r.loopback.find(url); t != nil {
		if zero := t.origins[track].Load(); zero != nil {
			return *zero, true
		}
	}
	return 0, false
}
