package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/rtsp-viewer/rtsp-viewer/events"
)

// Spans of time that Options may change.
const (
	DefaultAccessTTL  = 15 * time.Minute
	DefaultRefreshTTL = 30 * 24 * time.Hour
	DefaultDeviceTTL  = 400 * 24 * time.Hour // of a screen's sign-in without use: browsers keep no cookie longer

	refreshGrace = 60 * time.Second // how long a used refresh token still gives its successor
	cleanEvery   = time.Hour

	defaultViews = 4
)

// Options are what a Service needs. Store, Events, Keys and Logger must be set.
type Options struct {
	Store      Store
	Events     *events.Log
	Keys       *SigningKeys                 // the same on every node
	Reread     func() (*SigningKeys, error) // reads the keys again while one replaces another; nil: they never change
	Logger     *slog.Logger
	Now        func() time.Time // nil: time.Now
	AccessTTL  time.Duration    // of access tokens; 0: 15 minutes
	RefreshTTL time.Duration    // of an unused refresh token, and so of a session nobody uses; 0: 30 days. Of a screen's: 400 days
	Hashing    *argon2id.Params // nil: 46 MiB, two passes, one lane. Older hashes are renewed at sign-in
	// ViewsPerUser is how many views a user without a limit of their own may have at once, 1–64; 0: 4.
	ViewsPerUser int
	Changed      func() // called after each change to users or sessions, from the caller's goroutine: Watch.Touch; may be nil
}

// Device is where somebody signs in from.
type Device struct {
	Remote    string // client address without port
	UserAgent string
}

// Tokens are what a sign-in or a refresh gives. They are secrets.
type Tokens struct {
	Access         string // JWT, RFC 7519
	AccessExpires  time.Time
	Refresh        string // opaque, 43 characters
	RefreshExpires time.Time
}

// Service signs people in and keeps their accounts. It is safe for concurrent use.
type Service struct {
	store      Store
	events     *events.Log
	logger     *slog.Logger
	now        func() time.Time
	accessTTL  time.Duration
	refreshTTL time.Duration
	keys       atomic.Pointer[SigningKeys]
	reread     func() (*SigningKeys, error)
	lookedAt   atomic.Int64 // when a token under an unknown key last made us read the keys again, in Unix milliseconds
	hasher     *hasher
	throttle   *throttle
	views      int
	changed    func()
	cache      cache
	rechecked  chan struct{} // capacity 1: Run looks for the next end of an API token

	uses struct {
		mu sync.Mutex // guards what follows
		of map[TokenID]Token
	}
}

// New makes a Service. It starts nothing.
func New(o Options) (*Service, error) {
	switch {
	case o.Store == nil:
		return nil, errors.New("auth: Options.Store is missing")
	case o.Events == nil:
		return nil, errors.New("auth: Options.Events is missing")
	case o.Keys == nil:
		return nil, errors.New("auth: Options.Keys is missing")
	case o.Logger == nil:
		return nil, errors.New("auth: Options.Logger is missing")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.AccessTTL <= 0 {
		o.AccessTTL = DefaultAccessTTL
	}
	if o.RefreshTTL <= 0 {
		o.RefreshTTL = DefaultRefreshTTL
	}
	switch {
	case o.ViewsPerUser == 0:
		o.ViewsPerUser = defaultViews
	case o.ViewsPerUser < 1 || o.ViewsPerUser > MaxViews:
		return nil, fmt.Errorf("auth: Options.ViewsPerUser is not within 1 and %d", MaxViews)
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	s := &Service{
		store: o.Store, events: o.Events, logger: o.Logger, now: o.Now,
		accessTTL: o.AccessTTL, refreshTTL: o.RefreshTTL,
		reread: o.Reread, hasher: newHasher(o.Hashing), throttle: newThrottle(), views: o.ViewsPerUser, changed: o.Changed,
		rechecked: make(chan struct{}, 1),
	}
	s.keys.Store(o.Keys)
	return s, nil
}

// Run removes sessions that ended or ran out long ago, once an hour, ends API tokens when they expire, and writes down when they were
// used, until ctx ends. It gives nil.
func (s *Service) Run(ctx context.Context) error {
	clean, seen := time.NewTicker(cleanEvery), time.NewTicker(tokenSeenEvery)
	defer clean.Stop()
	defer seen.Stop()
	expiry := time.NewTimer(0)
	defer expiry.Stop()
	s.clean(ctx)
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			s.writeUses(last)
			return nil
		case <-clean.C:
			s.clean(ctx)
		case <-seen.C:
			s.writeUses(ctx)
		case <-expiry.C:
			expiry.Reset(s.expireTokens(ctx))
		case <-s.rechecked:
			expiry.Reset(s.expireTokens(ctx))
		}
	}
}

func (s *Service) clean(ctx context.Context) {
	if err := s.store.CleanSessions(ctx, s.now()); err != nil && ctx.Err() == nil {
		s.logger.Error("removing old sessions failed; tried again in an hour", "error", err)
	}
}

// ViewsLimit gives how many views u may have at once, over all devices and transports: the user's own limit, else the gateway's.
func (s *Service) ViewsLimit(u User) int {
	if u.ViewsLimit != nil {
		return *u.ViewsLimit
	}
	return s.views
}
