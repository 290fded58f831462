package checks

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// Bounds of States.
const (
	sightingsBound = 20_000                 // waiting for the records; what comes then is let go, since all is said again
	gatherFor      = 100 * time.Millisecond // before a batch is written: changes come in crowds
	holdEvery      = camera.HoldLives / 3   // to say again what streams do
	retryRecords   = time.Second            // after records that failed
	writeBound     = 10 * time.Second       // for one batch
	drainBound     = 2 * time.Second        // for everything left when Run is told to end
)

// StatesOptions are what States need. All but Now must be set.
type StatesOptions struct {
	Records Records
	Events  Recorder
	Logger  *slog.Logger
	// Lives gives the state of a stream that lives; *relay.Relay's State does. It is asked only while Run runs.
	Lives func(relay.Key) (relay.State, bool)
	Now   func() time.Time // nil: time.Now
}

// States writes down how cameras are. Changed, Closed and Found may be called from any goroutine and never block.
type States struct {
	records Records
	log     *slog.Logger
	lives   func(relay.Key) (relay.State, bool)
	now     func() time.Time
	periods periods
	wake    chan struct{} // capacity 1: there is something to write

	mu      sync.Mutex // guards what follows
	waiting []camera.Sighting
	lost    int
	held    map[camera.ID]bool // whose main streams live
}

// NewStates makes States. It starts nothing.
func NewStates(o StatesOptions) (*States, error) {
	switch {
	case o.Records == nil:
		return nil, errors.New("checks: StatesOptions.Records is nil")
	case o.Events == nil:
		return nil, errors.New("checks: StatesOptions.Events is nil")
	case o.Logger == nil:
		return nil, errors.New("checks: StatesOptions.Logger is nil")
	case o.Lives == nil:
		return nil, errors.New("checks: StatesOptions.Lives is nil")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &States{
		records: o.Records, log: o.Logger, lives: o.Lives, now: o.Now, periods: newPeriods(o.Events),
		wake: make(chan struct{}, 1), held: map[camera.ID]bool{},
	}, nil
}

// Changed takes a change of a stream's state; for relay.Options.StateChanged. A camera is judged by its main stream.
func (s *States) Changed(key relay.Key, state relay.State) {
	if key.Kind != camera.Main {
		return
	}
	s.mu.Lock()
	s.held[key.Camera] = true
	s.mu.Unlock()
	s.Found(sighting(key.Camera, state, state.Since))
}

// Closed takes the end of a stream; for relay.Options.Closed.
func (s *States) Closed(key relay.Key) {
	if key.Kind != camera.Main {
		return
	}
	s.Found(camera.Sighting{Camera: key.Camera, By: camera.FoundByEnding, At: s.now()})
}

// Found takes what was found out about a camera.
func (s *States) Found(f camera.Sighting) {
	f.At = f.At.UTC().Truncate(time.Millisecond)
	s.mu.Lock()
	if len(s.waiting) < sightingsBound {
		s.waiting = append(s.waiting, f)
	} else {
		s.lost++
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func sighting(id camera.ID, state relay.State, at time.Time) camera.Sighting {
	return camera.Sighting{Camera: id, By: camera.FoundByStream, State: camera.State(state.Status), Code: state.Code, At: at}
}

// Run writes until ctx ends, and then for at most 2 s what is left: the streams must have ended before. It gives nil.
func (s *States) Run(ctx context.Context) error {
	hold := time.NewTicker(holdEvery)
	defer hold.Stop()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			s.drain(ctx)
			return nil
		case <-hold.C:
			s.hold()
		case <-tick.C:
			s.periods.flush(s.now())
		case <-s.wake:
			if !pause(ctx, gatherFor) {
				continue
			}
			err := s.write(ctx, writeBound)
			if err == nil {
				if failing {
					s.log.Info("the records of how cameras are work again")
				}
				failing = false
				continue
			}
			if !failing && ctx.Err() == nil {
				s.log.Error("how cameras are can't be kept; it is tried again", "error", err)
			}
			failing = true
			pause(ctx, retryRecords)
		}
	}
}

// hold says again what streams do, which shows that this gateway lives, and mends whatever went untold.
func (s *States) hold() {
	s.mu.Lock()
	held, lost := slices.Collect(maps.Keys(s.held)), s.lost
	s.lost = 0
	s.mu.Unlock()
	if lost > 0 {
		s.log.Warn("changes of camera states went untold; what is so now is told", "count", lost)
	}
	now := s.now()
	for _, id := range held {
		if state, lives := s.lives(relay.Key{Camera: id, Kind: camera.Main}); lives {
			s.Found(sighting(id, state, now))
		}
	}
}

// write keeps what waits; what could not be kept waits on, in front of what has come since.
func (s *States) write(ctx context.Context, bound time.Duration) error {
	s.mu.Lock()
	batch := s.waiting
	s.waiting = nil
	s.mu.Unlock()
	batch = slices.DeleteFunc(batch, s.untrue)
	if len(batch) == 0 {
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	turns, err := s.records.Saw(bounded, batch)
	if err != nil {
		s.mu.Lock()
		over := max(len(batch)+len(s.waiting)-sightingsBound, 0)
		s.lost += over
		s.waiting = append(batch[min(over, len(batch)):], s.waiting...)
		s.mu.Unlock()
		select {
		case s.wake <- struct{}{}:
		default:
		}
		return err
	}
	now := s.now()
	for _, t := range turns {
		s.periods.turn(t, now)
	}
	return nil
}

// untrue reports of the end of a stream whether the camera has got a new one meanwhile. The old one and the new one speak from their
// own goroutines, so the end may be told after the beginning.
func (s *States) untrue(f camera.Sighting) bool {
	if f.By != camera.FoundByEnding {
		return false
	}
	if _, lives := s.lives(relay.Key{Camera: f.Camera, Kind: camera.Main}); lives {
		return true
	}
	s.mu.Lock()
	delete(s.held, f.Camera)
	s.mu.Unlock()
	return false
}

func (s *States) drain(ctx context.Context) {
	if err := s.write(context.WithoutCancel(ctx), drainBound); err != nil {
		s.log.Error("how cameras were at the end could not be kept", "error", err)
	}
	s.periods.end(s.now())
}

// pause waits; false if ctx ended before.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
