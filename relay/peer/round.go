package peer

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// round serves some viewers of one stream: a frame wakes its goroutine once, which then goes from viewer to viewer. To wake a goroutine for
// each of them costs about as much as encrypting the frame.
type round struct {
	key   relay.Key
	ready chan struct{} // of all readers in the round
	quit  chan struct{}

	places int // readers in the round; guarded by rounds.mu

	mu      sync.Mutex
	senders atomic.Pointer[[]*sender] // changed under mu; those that are served
}

// fullRound is how many viewers a round has before the stream gets another one for another core.
const fullRound = 8

// rounds are those of all streams.
type rounds struct {
	running sync.WaitGroup

	mu sync.Mutex
	by map[relay.Key][]*round // guarded by mu
}

// join opens a stream for one viewer, in the round of it that has the fewest. The caller closes the source.
func (r *rounds) join(key relay.Key, from streams) (source, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.by[key]
	var to *round
	for _, other := range list {
		if to == nil || other.places < to.places {
			to = other
		}
	}
	fresh := to == nil || to.places >= fullRound && len(list) < runtime.GOMAXPROCS(0)
	if fresh {
		to = &round{key: key, ready: make(chan struct{}, 1), quit: make(chan struct{})}
		to.senders.Store(new([]*sender))
	}
	reader, err := from.read(key, to.ready)
	if err != nil {
		return source{}, err
	}
	if fresh {
		if r.by == nil {
			r.by = make(map[relay.Key][]*round)
		}
		r.by[key] = append(list, to)
		r.running.Go(to.run)
	}
	to.places++
	return source{key: key, reader: reader, round: to, rounds: r}, nil
}

// leave gives a place up; a round without any ends.
func (r *rounds) leave(from *round) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if from.places--; from.places > 0 {
		return
	}
	close(from.quit)
	list := slices.DeleteFunc(r.by[from.key], func(o *round) bool { return o == from })
	if len(list) == 0 {
		delete(r.by, from.key)
		return
	}
	r.by[from.key] = list
}

// roundWait is the longest wait after which a round comes again by itself. What is due later comes with a frame, most likely, or by the
// viewer's own timer.
const roundWait = 100 * time.Millisecond

// run serves until the round is left by all. The rest of a picture that is sent in several bursts is its business, too: one timer for all of them,
// in place of a goroutine to wake for each viewer and burst.
func (r *round) run() {
	waiting := make(map[*sender]time.Time)
	serve := func(s *sender) {
		if wait := s.serve(r); wait > 0 {
			waiting[s] = time.Now().Add(wait)
		} else {
			delete(waiting, s)
		}
	}
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-r.ready:
			for _, s := range *r.senders.Load() {
				serve(s)
			}
		case now := <-timer.C:
			for s, due := range waiting {
				if !due.After(now) {
					serve(s)
				}
			}
		case <-r.quit:
			return
		}
		if len(waiting) > 0 {
			timer.Reset(time.Until(earliest(waiting)))
		}
	}
}

func earliest(waiting map[*sender]time.Time) (first time.Time) {
	for _, due := range waiting {
		if first.IsZero() || due.Before(first) {
			first = due
		}
	}
	return first
}

// take has a sender served by the round, until it lets it go.
func (r *round) take(s *sender) {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := *r.senders.Load()
	list := append(old[:len(old):len(old)], s)
	r.senders.Store(&list)
}

func (r *round) letGo(s *sender) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(*r.senders.Load()), func(o *sender) bool { return o == s })
	r.senders.Store(&list)
}
