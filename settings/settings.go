// Package settings holds what an admin may change of the gateway while it runs.
//
// It owns the settings, their bounds and defaults, and who is told of a change. It refuses values out of bounds and changes made over
// somebody else's; what must be known before the database is open (addresses, keys) is configuration, not a setting. It runs no
// goroutines: Recheck is called when the rights revision rises, in every process, and Changed after that.
package settings

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

// Bounds and defaults.
const (
	MinKeepDays     = 30
	MaxKeepDays     = 3650
	DefaultKeepDays = 365

	MinSweep     = 60 // seconds; 0 is off
	MaxSweep     = 86400
	DefaultSweep = 300
)

// ErrInvalid is the refusal of values out of bounds; Fields says which.
var ErrInvalid = fault.New(fault.Invalid, "settings.invalid", "some settings are out of bounds")

// Settings are all of them. Version is 1 while nobody has changed any.
type Settings struct {
	EventsKeepDays int // how long the event log is kept; 30–3,650
	SweepEvery     int // seconds between two looks at a camera that nobody watches; 60–86,400, 0: off
	Version        int64
}

// Default gives what holds until somebody changes it.
func Default() Settings {
	return Settings{EventsKeepDays: DefaultKeepDays, SweepEvery: DefaultSweep, Version: 1}
}

// Patch is a change; null puts a default back.
type Patch struct {
	EventsKeepDays patch.Optional[int]
	SweepEvery     patch.Optional[int]
}

// Store keeps the settings.
type Store interface {
	// Settings gives what is kept, Default for what is not.
	Settings(ctx context.Context) (Settings, error)
	// ChangeSettings keeps s, whose Version must be one more than the one that is kept, and appends happened in the same transaction,
	// which raises the rights revision. Else auth.ErrChanged with the version that is kept.
	ChangeSettings(ctx context.Context, s Settings, happened ...events.Event) error
}

// Options are what a Service needs. Store and Logger must be set.
type Options struct {
	Store   Store
	Logger  *slog.Logger
	Now     func() time.Time // nil: time.Now
	Touched func()           // called after a change in this process, so that the revision is looked at soon: auth's Watch.Touch; may be nil
}

// Service reads and changes settings. It is safe for concurrent use.
type Service struct {
	store   Store
	logger  *slog.Logger
	now     func() time.Time
	touched func()

	mu    sync.Mutex // guards what follows; not held while the store is asked
	known Settings   // Version 0: not known
	asked int        // how often Recheck came: what was read before the last one is not kept
}

// New makes a Service. It starts nothing and reads nothing.
func New(o Options) (*Service, error) {
	switch {
	case o.Store == nil:
		return nil, errors.New("settings: Options.Store is missing")
	case o.Logger == nil:
		return nil, errors.New("settings: Options.Logger is missing")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Touched == nil {
		o.Touched = func() {}
	}
	return &Service{store: o.Store, logger: o.Logger, now: o.Now, touched: o.Touched}, nil
}

// Recheck forgets what was known, since somebody may have changed it; the next question asks the store. It does no I/O.
func (s *Service) Recheck(context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = Settings{}
	s.asked++
}

// Get gives the settings as they are kept.
func (s *Service) Get(ctx context.Context) (Settings, error) {
	s.mu.Lock()
	asked := s.asked
	s.mu.Unlock()
	kept, err := s.store.Settings(ctx)
	if err != nil {
		return Settings{}, fmt.Errorf("read the settings: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if asked == s.asked {
		s.known = kept
	}
	return kept, nil
}

// SweepEvery gives how often cameras that nobody watches are looked at; 0: never. It may be asked each second: only the first question
// after a change goes to the store. A change counts within a second in every process.
func (s *Service) SweepEvery(ctx context.Context) (time.Duration, error) {
	now, err := s.current(ctx)
	return time.Duration(now.SweepEvery) * time.Second, err
}

// KeepEvents gives how long the event log is kept; as with SweepEvery.
func (s *Service) KeepEvents(ctx context.Context) (time.Duration, error) {
	now, err := s.current(ctx)
	return time.Duration(now.EventsKeepDays) * 24 * time.Hour, err
}

func (s *Service) current(ctx context.Context) (Settings, error) {
	s.mu.Lock()
	known := s.known
	s.mu.Unlock()
	if known.Version != 0 {
		return known, nil
	}
	return s.Get(ctx)
}

// Change changes settings and tells the event log which. With ifVersion it gives auth.ErrChanged unless that is still the version.
// ErrInvalid for values out of bounds. A change that changes nothing is none.
func (s *Service) Change(ctx context.Context, by auth.Principal, p Patch, ifVersion *int64) (Settings, error) {
	for {
		old, err := s.Get(ctx)
		if err != nil {
			return Settings{}, err
		}
		if ifVersion != nil && *ifVersion != old.Version {
			return Settings{}, auth.Changed(old.Version)
		}
		wanted, fields, err := p.applied(old)
		if err != nil || len(fields) == 0 {
			return old, err
		}
		wanted.Version = old.Version + 1
		e := events.Event{
			At: s.now().UTC().Truncate(time.Millisecond), Kind: events.SettingsChanged, Actor: by.User.Person(), Remote: by.Remote, Fields: fields,
		}
		err = s.store.ChangeSettings(ctx, wanted, e)
		if errors.Is(err, auth.ErrChanged) && ifVersion == nil {
			continue // somebody was quicker: this change goes on top of theirs
		}
		if err != nil {
			return Settings{}, fmt.Errorf("change the settings: %w", err)
		}
		events.Tell(s.logger, e)
		s.Recheck(ctx)
		s.touched()
		return wanted, nil
	}
}

// applied gives old with p's fields, and the API's names of those that differ.
func (p Patch) applied(old Settings) (Settings, []string, error) {
	wanted := old
	fail := ErrInvalid
	var fields []string
	for _, f := range []struct {
		name                   string
		sent                   patch.Optional[int]
		to                     *int
		min, max, normal, none int // none is one more value that is allowed
	}{
		{"events_keep_days", p.EventsKeepDays, &wanted.EventsKeepDays, MinKeepDays, MaxKeepDays, DefaultKeepDays, DefaultKeepDays},
		{"sweep_every_s", p.SweepEvery, &wanted.SweepEvery, MinSweep, MaxSweep, DefaultSweep, 0},
	} {
		value := f.sent.Or(*f.to)
		if f.sent.Null {
			value = f.normal
		}
		switch {
		case value == f.none:
		case value < f.min:
			fail = fail.At(f.name, "too_small")
		case value > f.max:
			fail = fail.At(f.name, "too_big")
		}
		if value != *f.to {
			*f.to = value
			fields = append(fields, f.name)
		}
	}
	if len(fail.Fields) > 0 {
		return Settings{}, nil, fail
	}
	return wanted, fields, nil
}
