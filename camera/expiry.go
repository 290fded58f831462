package camera

import (
	"context"
	"errors"
	"time"
)

// Bounds of waiting for a grant's end.
const (
	expiryLook  = time.Minute // how long to trust one look: the clock may be set, a machine may sleep
	expiryRetry = time.Second // after a store that failed
)

// Expiries notices that a grant has come to its end. Nothing changes in the store at that moment, so no rights revision rises; live
// views must be judged again all the same.
type Expiries struct {
	service *Service
	ended   func(ctx context.Context)
	wake    chan struct{} // capacity 1: grants may have changed
}

// NewExpiries makes Expiries that call ended, from Run's goroutine, each time that the end of a grant has passed.
func NewExpiries(s *Service, ended func(ctx context.Context)) (*Expiries, error) {
	if s == nil || ended == nil {
		return nil, errors.New("watch the ends of grants: no service, or nobody to tell")
	}
	return &Expiries{service: s, ended: ended, wake: make(chan struct{}, 1)}, nil
}

// Recheck looks for the next end anew, since grants may have changed. It never blocks; call it when the rights revision has risen.
func (e *Expiries) Recheck(context.Context) {
	select {
	case e.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Run waits for the ends of grants until ctx ends, and then gives nil. A store that fails is asked again each second; the fault is
// logged once.
func (e *Expiries) Run(ctx context.Context) error {
	after := e.service.at()
	failing := false
	for {
		// From the last look on, not from now: a grant may have ended in between.
		at, ok, err := e.service.store.NextExpiry(ctx, after)
		wait := expiryLook
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			if !failing {
				e.service.logger.Error("the next end of a grant can't be found", "error", err)
			}
			failing, wait = true, expiryRetry
		default:
			failing = false
			now := e.service.at()
			if ok && !at.After(now) {
				after = now
				e.ended(ctx)
				continue
			}
			if ok {
				wait = min(wait, at.Sub(now))
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-e.wake:
			timer.Stop()
		case <-timer.C:
		}
	}
}
