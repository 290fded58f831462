package checks

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// DefaultEvery is the time between two looks at a camera where the settings can't be read.
const DefaultEvery = 5 * time.Minute

// Bounds of a Sweep.
const (
	atOnce      = 512             // cameras that are asked at the same time
	leastRate   = 10              // cameras asked per second, as long as any are due: few cameras are all known soon after the start
	againAfter  = time.Second     // before a camera that did not answer is asked once more
	settingsFor = 5 * time.Second // how long the settings are believed
	lapseEvery  = 15 * time.Second
	recordBound = 10 * time.Second // for one question to the records
)

// Streams ask cameras whether they are there; *relay.Relay is one.
type Streams interface {
	State(key relay.Key) (relay.State, bool)
	Reach(ctx context.Context, key relay.Key) error
}

// SweepOptions are what a Sweep needs. All must be set.
type SweepOptions struct {
	Records  Records
	Streams  Streams
	Settings Settings
	Found    func(camera.Sighting) // States.Found
	Logger   *slog.Logger
}

// Sweep asks each camera that nobody watches, once in the time that the settings say, whether it is there. It spreads its questions:
// so many in each second that all are asked in two thirds of that time. When a camera was looked at stands in the records, so of several
// gateways one asks it.
type Sweep struct {
	records  Records
	streams  Streams
	settings Settings
	found    func(camera.Sighting)
	log      *slog.Logger
	free     chan struct{} // holds one for each camera that is being asked
	asked    atomic.Uint64
	failed   atomic.Uint64
}

// SweepStats count since New.
type SweepStats struct {
	Asking int    // cameras being asked now
	Asked  uint64 // questions answered or given up
	Failed uint64 // of those, cameras that are not there
}

// NewSweep makes a Sweep. It starts nothing.
func NewSweep(o SweepOptions) (*Sweep, error) {
	switch {
	case o.Records == nil:
		return nil, errors.New("checks: SweepOptions.Records is nil")
	case o.Streams == nil:
		return nil, errors.New("checks: SweepOptions.Streams is nil")
	case o.Settings == nil:
		return nil, errors.New("checks: SweepOptions.Settings is nil")
	case o.Found == nil:
		return nil, errors.New("checks: SweepOptions.Found is nil")
	case o.Logger == nil:
		return nil, errors.New("checks: SweepOptions.Logger is nil")
	}
	return &Sweep{
		records: o.Records, streams: o.Streams, settings: o.Settings, found: o.Found, log: o.Logger, free: make(chan struct{}, atOnce),
	}, nil
}

// Stats gives the counts.
func (s *Sweep) Stats() SweepStats {
	return SweepStats{Asking: len(s.free), Asked: s.asked.Load(), Failed: s.failed.Load()}
}

// plan is what a Sweep goes by for some seconds.
type plan struct {
	read  time.Time
	every time.Duration
	rate  int // cameras per second
}

// Run sweeps until ctx ends and every question has; it gives nil. Records that fail are asked again each second.
func (s *Sweep) Run(ctx context.Context) error {
	var asking sync.WaitGroup
	defer asking.Wait()
	p := plan{every: DefaultEvery}
	var lapsed time.Time
	failing := false
	for {
		err := s.step(ctx, &p, &lapsed, &asking)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !failing:
			s.log.Error("cameras can't be looked after; it is tried again", "error", err)
		case err == nil && failing:
			s.log.Info("cameras are looked after again")
		}
		failing = err != nil
		// Never in step with other gateways, nor with whatever runs each second.
		if !pause(ctx, time.Second/2+rand.N(time.Second)) {
			return nil
		}
	}
}

// step does what is due in one second.
func (s *Sweep) step(ctx context.Context, p *plan, lapsed *time.Time, asking *sync.WaitGroup) error {
	bounded, cancel := context.WithTimeout(ctx, recordBound)
	defer cancel()
	now := time.Now()
	if now.Sub(p.read) >= settingsFor {
		if err := s.replan(bounded, p); err != nil {
			return err
		}
		p.read = now
	}
	if now.Sub(*lapsed) >= lapseEvery {
		if err := s.records.Lapse(bounded, p.every); err != nil {
			return err
		}
		*lapsed = now
	}
	most := min(p.rate, cap(s.free)-len(s.free))
	if p.every <= 0 || most <= 0 {
		return nil
	}
	due, err := s.records.ClaimChecks(bounded, p.every, most)
	if err != nil {
		return err
	}
	for _, id := range due {
		s.free <- struct{}{} // there is room: nobody else puts any in
		asking.Go(func() {
			defer func() { <-s.free }()
			if pause(ctx, rand.N(time.Second)) {
				s.ask(ctx, id)
			}
		})
	}
	return nil
}

// replan reads the settings anew.
func (s *Sweep) replan(ctx context.Context, p *plan) error {
	every, err := s.settings.SweepEvery(ctx)
	if err != nil {
		return err
	}
	p.every = every
	if every <= 0 {
		return nil
	}
	n, err := s.records.CountSwept(ctx)
	if err != nil {
		return err
	}
	p.rate = max(leastRate, 1+int(1.5*float64(n)/every.Seconds()))
	return nil
}

// ask asks one camera, and once more if it does not answer: one lost packet is no broken camera.
func (s *Sweep) ask(ctx context.Context, id camera.ID) {
	key := relay.Key{Camera: id, Kind: camera.Main}
	if _, lives := s.streams.State(key); lives {
		return // its stream says it
	}
	err := s.streams.Reach(ctx, key)
	if err != nil && pause(ctx, againAfter) {
		err = s.streams.Reach(ctx, key)
	}
	if ctx.Err() != nil {
		return
	}
	f := camera.Sighting{Camera: id, By: camera.FoundBySweep, State: camera.StateReachable, At: time.Now()}
	if err != nil {
		var why *relay.Refusal
		if !errors.As(err, &why) || why.Code == relay.CodeNoSuch || why.Code == relay.CodeRecords {
			return // nothing is known of the camera
		}
		f.State, f.Code = camera.StateRefused, why.Code
		s.failed.Add(1)
	}
	s.asked.Add(1)
	s.found(f)
}
