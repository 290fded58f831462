package camera

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
)

// Options are what a Service needs. Store, Keys and Logger are required.
type Options struct {
	Store   Store
	Keys    *Keyring
	Reread  func() (*Keyring, error) // nil: the keys stay; gives the keys as they are kept now, while one replaces another
	Logger  *slog.Logger
	Now     func() time.Time                             // nil: time.Now
	Changed func()                                       // nil: nobody; called after each committed change of rights, from the caller's goroutine
	Usage   func(ctx context.Context) (views map[ID]int) // nil: none; how many views of each camera go on
}

// Service is the door to cameras, groups, grants and favourites. It trusts its callers for roles: a method with a Principal records
// who did it and does not ask whether they may. It is safe for use by many goroutines.
type Service struct {
	store   Store
	keys    atomic.Pointer[Keyring]
	reread  func() (*Keyring, error)
	logger  *slog.Logger
	now     func() time.Time
	changed func()
	usage   func(ctx context.Context) map[ID]int
}

// New makes a Service. It reads nothing; call CheckSentinel before serving.
func New(o Options) (*Service, error) {
	switch {
	case o.Store == nil:
		return nil, errors.New("make the camera service: no store")
	case o.Keys == nil:
		return nil, errors.New("make the camera service: no keys")
	case o.Logger == nil:
		return nil, errors.New("make the camera service: no logger")
	}
	s := &Service{store: o.Store, reread: o.Reread, logger: o.Logger, now: o.Now, changed: o.Changed, usage: o.Usage}
	s.keys.Store(o.Keys)
	if s.now == nil {
		s.now = time.Now
	}
	if s.changed == nil {
		s.changed = func() {}
	}
	if s.usage == nil {
		s.usage = func(context.Context) map[ID]int { return nil }
	}
	return s, nil
}

// at gives now as the store keeps it: UTC, in milliseconds.
func (s *Service) at() time.Time { return s.now().UTC().Truncate(time.Millisecond) }

// event begins an event done by somebody.
func (s *Service) event(kind events.Kind, by auth.Principal) events.Event {
	e := events.Event{At: s.at(), Kind: kind, Remote: by.Remote}
	if by.User.ID != "" {
		e.Actor = person(by.User)
	}
	return e
}

// done follows a committed change of rights: it tells the structured log, and whoever judges again.
func (s *Service) done(e events.Event) {
	events.Tell(s.logger, e)
	s.changed()
}

// person names a user for an event.
func person(u auth.User) events.Person {
	return events.Person{ID: string(u.ID), Login: u.Login, Name: u.Name()}
}

// subject names a camera for an event.
func subject(r Record) events.Subject {
	return events.Subject{ID: string(r.ID), Number: r.Number, Name: r.Name}
}

// newID gives a UUIDv7: growing with time, so that indexes by id stay dense.
func newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	return id.String(), nil
}
