package auth

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Revisions tells how often rights have changed: it rises with each change to a user, session, grant, group or camera, in the
// change's own transaction.
type Revisions interface {
	RightsRevision(ctx context.Context) (int64, error)
}

// WatchOptions are what a Watch needs. Store and Logger must be set.
type WatchOptions struct {
	Store  Revisions
	Every  time.Duration // between two looks; 0: 500 ms
	Logger *slog.Logger
}

// Watch notices that rights have changed, whoever changed them, and tells all who asked. It is what ends a revoked view within 2 s on
// every node.
type Watch struct {
	store  Revisions
	every  time.Duration
	logger *slog.Logger
	touch  chan struct{} // capacity 1
	notify []func(context.Context)
}

// NewWatch makes a Watch; it looks at nothing before Run.
func NewWatch(o WatchOptions) (*Watch, error) {
	switch {
	case o.Store == nil:
		return nil, errors.New("auth: WatchOptions.Store is missing")
	case o.Logger == nil:
		return nil, errors.New("auth: WatchOptions.Logger is missing")
	}
	if o.Every <= 0 {
		o.Every = 500 * time.Millisecond
	}
	return &Watch{store: o.Store, every: o.Every, logger: o.Logger, touch: make(chan struct{}, 1)}, nil
}

// Notify has fn called from Run's goroutine, in the order of registration, once at Run's first look and then after each change. It
// must be called before Run. A slow fn delays the others.
func (w *Watch) Notify(fn func(ctx context.Context)) { w.notify = append(w.notify, fn) }

// Touch makes Run look at once: called in this process after a change. It never blocks.
func (w *Watch) Touch() {
	select {
	case w.touch <- struct{}{}:
	default:
	}
}

// Run looks until ctx ends; it gives nil. A store that does not answer is spoken of once and asked again.
func (w *Watch) Run(ctx context.Context) error {
	ticker := time.NewTicker(w.every)
	defer ticker.Stop()
	known, failing := int64(-1), false
	for {
		revision, err := w.look(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			return nil
		case err != nil:
			if !failing {
				w.logger.Error("reading the rights revision failed; rights are as last known until it works again", "error", err)
			}
			failing = true
		default:
			if failing {
				w.logger.Info("the rights revision is read again")
			}
			failing = false
			if revision != known { // it falls when a backup was restored
				known = revision
				for _, fn := range w.notify {
					fn(ctx)
				}
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-w.touch:
		case <-ticker.C:
		}
	}
}

// look bounds one reading, so that a database that hangs does not hide itself.
func (w *Watch) look(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return w.store.RightsRevision(ctx)
}
