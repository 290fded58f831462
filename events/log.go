package events

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Bounds of the Log.
const (
	queueBound  = 4096             // events waiting for the store; the oldest fall out
	batchBound  = 256              // events written in one transaction
	writeBound  = 10 * time.Second // for one batch
	drainBound  = 2 * time.Second  // for everything left when Run is told to end
	retryDelay  = time.Second      // after a store that failed
	tellDropped = time.Second      // how often lost events are spoken of
)

// Query asks for events. The zero Query asks for the oldest DefaultLimit events.
type Query struct {
	After  int64 // only ids greater than this, oldest first
	Before int64 // if positive: only ids smaller than this, newest first; After then is the lower bound
	Limit  int   // 1–1,000; 0 is 100
	Kinds  []Kind
	Codes  []string
	Camera string    // camera id
	User   string    // user id, as the one who did it or whom it was done to
	Q      string    // words, each of which stands in a name, login, number, address or note of the event; folded by the store
	From   time.Time // inclusive; zero: no bound
	To     time.Time // exclusive; zero: no bound
}

// Store keeps events. Ids grow in the order in which events become visible: a reader that has seen id n never finds a smaller
// one later.
type Store interface {
	AppendEvents(ctx context.Context, batch []Event) error
	Events(ctx context.Context, q Query) ([]Event, error)
	// CountEvents gives how many events q asks for, whatever its Limit.
	CountEvents(ctx context.Context, q Query) (int, error)
	// LastEventID gives the highest id that any event ever had; 0 before the first.
	LastEventID(ctx context.Context) (int64, error)
	// DeleteEvents removes at most limit events from before that time, oldest first, and gives how many.
	DeleteEvents(ctx context.Context, before time.Time, limit int) (int, error)
}

// Options are what a Log needs. All but Now must be set.
type Options struct {
	Store  Store
	Logger *slog.Logger
	Now    func() time.Time // nil: time.Now
}

// Stats counts since New.
type Stats struct {
	Queued  int    // events waiting for the store now
	Written uint64 // events that the store has taken
	Dropped uint64 // events lost to a full queue or to the end of the process
}

// Log tells every event once to the structured log and keeps it in the store. It is safe for concurrent use.
type Log struct {
	store  Store
	logger *slog.Logger
	now    func() time.Time
	wake   chan struct{} // capacity 1: the queue is no longer empty

	mu       sync.Mutex // guards what follows; never held while writing or logging
	queue    []Event
	written  uint64
	dropped  uint64
	told     uint64    // how many of dropped have been spoken of
	toldLast time.Time // when
	failures map[string]failure
}

// New makes a Log; nothing is written before Run.
func New(o Options) (*Log, error) {
	switch {
	case o.Store == nil:
		return nil, errors.New("events: Options.Store is missing")
	case o.Logger == nil:
		return nil, errors.New("events: Options.Logger is missing")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Log{store: o.Store, logger: o.Logger, now: o.Now, wake: make(chan struct{}, 1), failures: map[string]failure{}}, nil
}

// Record tells e to the structured log at once and queues it for the store. It never blocks: if the queue is full, the oldest
// event in it is lost, counted, and spoken of at most once a second. Record fills in At if it is zero.
//
// A change does not go through Record: its event is written in the change's own transaction, and told with Tell after it.
func (l *Log) Record(e Event) {
	if e.At.IsZero() {
		e.At = l.now().UTC()
	}
	l.Tell(e)
	l.keep(e)
}

// keep queues e for the store.
func (l *Log) keep(e Event) {
	l.mu.Lock()
	if len(l.queue) >= queueBound {
		l.queue = l.queue[1:]
		l.dropped++
	}
	l.queue = append(l.queue, e)
	lost := l.lostLocked()
	l.mu.Unlock()

	select {
	case l.wake <- struct{}{}:
	default:
	}
	l.tellLost(lost)
}

// Stats gives the counters.
func (l *Log) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Stats{Queued: len(l.queue), Written: l.written, Dropped: l.dropped}
}

// Run writes queued events to the store in batches until ctx ends, then tries for at most 2 s to write what is left. A store
// that fails is tried again each second; meanwhile the queue fills. Run gives nil.
func (l *Log) Run(ctx context.Context) error {
	failing := false
	for {
		select {
		case <-ctx.Done():
			l.drain(ctx)
			return nil
		case <-l.wake:
		}
		for l.pending() {
			err := l.writeBatch(ctx, writeBound)
			if err == nil {
				if failing {
					l.logger.Info("the event store works again")
				}
				failing = false
				continue
			}
			if ctx.Err() != nil {
				break
			}
			if !failing {
				l.logger.Error("writing events failed; they are kept and tried again", "error", err)
			}
			failing = true
			if !wait(ctx, retryDelay) {
				break
			}
		}
	}
}

func (l *Log) drain(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainBound)
	defer cancel()
	for l.pending() {
		if err := l.writeBatch(ctx, drainBound); err != nil {
			l.mu.Lock()
			left := len(l.queue)
			l.dropped += uint64(left)
			l.told = l.dropped
			l.queue = nil
			l.mu.Unlock()
			l.logger.Error("events were lost at the end", "count", left, "error", err)
			return
		}
	}
}

// writeBatch takes the oldest events out and writes them; if that fails, they go back to the front, as far as there is room.
func (l *Log) writeBatch(ctx context.Context, bound time.Duration) error {
	l.mu.Lock()
	n := min(len(l.queue), batchBound)
	batch := append([]Event(nil), l.queue[:n]...)
	if l.queue = l.queue[n:]; len(l.queue) == 0 {
		l.queue = nil // lets go of the array
	}
	l.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	err := l.store.AppendEvents(ctx, batch)

	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.written += uint64(n)
		return nil
	}
	over := min(max(len(batch)+len(l.queue)-queueBound, 0), len(batch))
	l.dropped += uint64(over)
	l.queue = append(batch[over:], l.queue...)
	return err
}

func (l *Log) pending() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queue) > 0
}

// lostLocked gives how many lost events are to be spoken of now. The caller holds mu.
func (l *Log) lostLocked() uint64 {
	now := l.now()
	if l.dropped == l.told || now.Sub(l.toldLast) < tellDropped {
		return 0
	}
	lost := l.dropped - l.told
	l.told, l.toldLast = l.dropped, now
	return lost
}

func (l *Log) tellLost(lost uint64) {
	if lost > 0 {
		l.logger.Error("the event queue is full; the oldest events were lost", "count", lost)
	}
}

func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
