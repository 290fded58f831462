package events

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Bounds of the Cleaner.
const (
	cleanEvery = time.Hour
	cleanBatch = 1000                   // events removed in one transaction: short enough that nobody waits for it
	cleanPause = 100 * time.Millisecond // between two, for everybody else's
)

// CleanerOptions are what a Cleaner needs. All but Now must be set.
type CleanerOptions struct {
	Store  Store
	Keep   func(context.Context) (time.Duration, error) // how long events are kept; asked before each pass
	Logger *slog.Logger
	Now    func() time.Time // nil: time.Now
}

// Cleaner removes events that have been kept long enough. Run is its only goroutine. Several processes may clean one store.
type Cleaner struct {
	store  Store
	keep   func(context.Context) (time.Duration, error)
	logger *slog.Logger
	now    func() time.Time
	wake   chan struct{} // capacity 1
}

// NewCleaner makes a Cleaner. It starts nothing.
func NewCleaner(o CleanerOptions) (*Cleaner, error) {
	switch {
	case o.Store == nil:
		return nil, errors.New("events: CleanerOptions.Store is missing")
	case o.Keep == nil:
		return nil, errors.New("events: CleanerOptions.Keep is missing")
	case o.Logger == nil:
		return nil, errors.New("events: CleanerOptions.Logger is missing")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Cleaner{store: o.Store, keep: o.Keep, logger: o.Logger, now: o.Now, wake: make(chan struct{}, 1)}, nil
}

// Wake has Run ask how long events are kept, and make a pass if that has changed. It never blocks.
func (c *Cleaner) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Run makes a pass at the beginning, once an hour, and when woken, until ctx ends. It gives nil.
func (c *Cleaner) Run(ctx context.Context) error {
	ticker := time.NewTicker(cleanEvery)
	defer ticker.Stop()
	var kept time.Duration // in the last pass
	for woken := false; ; {
		keep, err := c.keep(ctx)
		removed := 0
		if err == nil && !(woken && keep == kept) {
			kept = keep
			removed, err = c.clean(ctx, c.now().Add(-keep))
		}
		if removed > 0 {
			c.logger.Info("old events were removed", "count", removed)
		}
		if err != nil && ctx.Err() == nil {
			c.logger.Error("removing old events failed; tried again in an hour", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			woken = false
		case <-c.wake:
			woken = true
		}
	}
}

// clean is one pass: batch after batch until nothing of before is left.
func (c *Cleaner) clean(ctx context.Context, before time.Time) (removed int, err error) {
	for {
		batch, cancel := context.WithTimeout(ctx, writeBound)
		n, err := c.store.DeleteEvents(batch, before, cleanBatch)
		cancel()
		removed += n
		if err != nil || n == 0 {
			return removed, err
		}
		if !wait(ctx, cleanPause) {
			return removed, ctx.Err()
		}
	}
}
