package relay

import (
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// stream is a camera's stream as readers see it: a ring, a state, and those who read. Its supervisor keeps it going.
type stream struct {
	key   Key
	relay *Relay
	log   *slog.Logger
	now   func() time.Time
	ring  *ring
	feed  *feed
	count counters

	dialled atomic.Pointer[camera.Target] // what the last session was with, or the next one will be; nil before. Written by the supervisor

	wake    chan struct{} // cap 1: something happened that the supervisor should look at
	recheck chan struct{} // cap 1: the target may have changed
	awaited atomic.Bool   // the supervisor wants to be woken by the next frame
	hasty   atomic.Bool   // whoever left last wants the session to end without lingering
	freshTo atomic.Int64  // Unix nanoseconds: until then the newest picture may pass for the present; written by the feed

	state    atomic.Pointer[State] // written by the supervisor only, by setState
	revision atomic.Uint64         // grows after each change of state

	mu      sync.Mutex // guards changes of readers
	readers atomic.Pointer[[]*Reader]
	bells   atomic.Pointer[[]chan struct{}] // of all readers, each once

	toldAt atomic.Int64 // Unix second in which the last line about dropped frames was logged
}

func newStream(key Key, r *Relay) *stream {
	s := &stream{
		key: key, relay: r, now: r.opt.Now, wake: make(chan struct{}, 1), recheck: make(chan struct{}, 1),
		log: r.opt.Logger.With("camera", string(key.Camera), "stream", string(key.Kind)),
	}
	s.readers.Store(new([]*Reader))
	s.bells.Store(new([]chan struct{}))
	s.ring = &ring{budget: &r.budget, pinned: s.pinned}
	s.feed = newFeed(s)
	s.state.Store(&State{Status: Connecting, Since: s.now()})
	return s
}

// random is where a stream's clock begins (RFC 3550, 5.1).
func (s *stream) random() uint32 { return rand.Uint32() }

func (s *stream) currentState() State { return s.state.Load().clone() }

func (s *stream) setState(next *State) {
	s.state.Store(next)
	s.revision.Add(1)
}

func (s *stream) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *stream) checkAnew() {
	select {
	case s.recheck <- struct{}{}:
	default:
	}
}

// tell signals every reader. It costs one load, and a failed or successful send to a channel with room for one for each that is not shared.
func (s *stream) tell() {
	for _, bell := range *s.bells.Load() {
		select {
		case bell <- struct{}{}:
		default:
		}
	}
}

// seat makes a list of readers the stream's. The caller holds mu.
func (s *stream) seat(readers []*Reader) {
	bells := make([]chan struct{}, 0, len(readers))
	known := make(map[chan struct{}]bool, len(readers))
	for _, r := range readers {
		if !known[r.ready] {
			known[r.ready] = true
			bells = append(bells, r.ready)
		}
	}
	s.readers.Store(&readers)
	s.bells.Store(&bells)
}

func (s *stream) join(groups int, ready chan struct{}) *Reader {
	r := newReader(s, groups, ready)
	s.hasty.Store(false)
	s.mu.Lock()
	old := *s.readers.Load()
	s.seat(append(old[:len(old):len(old)], r))
	s.mu.Unlock()
	if len(old) == 0 {
		s.wakeUp()
	}
	return r
}

func (s *stream) leave(r *Reader) {
	s.mu.Lock()
	old := *s.readers.Load()
	if len(old) > 1 {
		s.hasty.Store(false) // the last to leave decides
	}
	readers := make([]*Reader, 0, len(old))
	for _, o := range old {
		if o != r {
			readers = append(readers, o)
		}
	}
	s.seat(readers)
	s.mu.Unlock()
	if len(readers) == 0 {
		s.wakeUp()
	}
}

// stale reports whether the kept pictures are of the past: none may begin a viewer's picture any more, or an old one would look live.
func (s *stream) stale() bool { return s.now().UnixNano() > s.freshTo.Load() }

func (s *stream) watched() bool { return len(*s.readers.Load()) > 0 }

// pinned gives the oldest frame that a reader's replay still needs.
func (s *stream) pinned() uint64 {
	oldest, now := noPin, int64(0)
	for _, r := range *s.readers.Load() {
		if pin := r.pin.Load(); pin < oldest {
			if now == 0 {
				now = s.now().UnixNano()
			}
			if r.pinUntil.Load() > now {
				oldest = pin
			}
		}
	}
	return oldest
}

// tellDropped counts frames that a reader lost, and says so once a second at most.
func (s *stream) tellDropped(n uint64) {
	s.count.dropped.Add(n)
	second := s.now().Unix()
	if last := s.toldAt.Load(); last != second && s.toldAt.CompareAndSwap(last, second) {
		s.log.Warn("a reader fell behind and lost frames", "frames", n, "total", s.count.dropped.Load())
	}
}

// keyframe gives the newest keyframe.
func (s *stream) keyframe() (Keyframe, bool) {
	f := s.ring.newestKeyframe()
	if f == nil {
		return Keyframe{}, false
	}
	return Keyframe{At: f.Arrived, Media: s.feed.snapshot().media, Packets: f.Packets}, true
}
