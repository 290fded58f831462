package camera

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// unseal opens one value. A key that is missing may have been made since the keys were read: then they are read again.
func (s *Service) unseal(id ID, column string, sealed []byte) ([]byte, error) {
	keys := s.keys.Load()
	plain, err := keys.Open(id, column, sealed)
	if name, _, _ := bytes.Cut(sealed, []byte{':'}); err == nil || s.reread == nil || keys.Has(string(name)) {
		return plain, err
	}
	s.Reread(context.Background())
	if again := s.keys.Load(); again != keys {
		return again.Open(id, column, sealed)
	}
	return nil, err
}

// Reread takes the keys as they are kept now, so that what is sealed from here on is sealed with the primary of now. It is for auth.Watch.
// Keys that can't be read leave those in use.
func (s *Service) Reread(context.Context) {
	if s.reread == nil {
		return
	}
	next, err := s.reread()
	if err != nil {
		s.logger.Error("reading the encryption keys again failed; those in use stay", "error", err)
		return
	}
	if before := s.keys.Load(); before.String() != next.String() {
		s.keys.Store(next)
		s.logger.Info("the encryption keys have changed", "primary", next.Primary(), "keys", next.IDs())
	}
}

// RotationStore is what a Rotation needs of the records.
type RotationStore interface {
	Store
	// SealedOtherwise gives at most so many cameras behind one that another key than this has sealed, by id.
	SealedOtherwise(ctx context.Context, key string, behind ID, limit int) ([]Record, error)
	// CountSealedOtherwise counts all of them.
	CountSealedOtherwise(ctx context.Context, key string) (int, error)
	// Reseal writes the sealed columns of those cameras that still have the version, and raises it and the rights revision, in one
	// transaction. It counts them.
	Reseal(ctx context.Context, records []Record) (int, error)
	// PutSetting keeps value under key, whatever was there.
	PutSetting(ctx context.Context, key string, value []byte) error
}

const (
	// perReseal is how many cameras are sealed anew in one transaction: few enough that nobody waits for it.
	perReseal = 100
	// noticeBound is when each gateway has noticed that the keys have changed, and what it was writing is written.
	noticeBound = 3 * time.Second
)

// Rotation seals everything anew with the primary key. What is done is done: it can be broken off at any moment and begun again.
type Rotation struct {
	service *Service
	store   RotationStore
}

// NewRotation makes a Rotation with the keys of a Service. It starts nothing.
func NewRotation(s *Service, store RotationStore) (*Rotation, error) {
	if s == nil || store == nil {
		return nil, errors.New("make a rotation: the service or the store is missing")
	}
	return &Rotation{service: s, store: store}, nil
}

// Done reports whether everything is sealed with the primary key, the sentinel included. ErrKey if the sentinel does not open.
func (r *Rotation) Done(ctx context.Context) (bool, error) {
	if err := r.service.CheckSentinel(ctx); err != nil {
		return false, err
	}
	primary := r.service.keys.Load().Primary()
	sealed, _, err := r.store.Setting(ctx, sentinelKey)
	if err != nil {
		return false, fmt.Errorf("look at the sentinel: %w", err)
	}
	left, err := r.store.CountSealedOtherwise(ctx, primary)
	return left == 0 && bytes.HasPrefix(sealed, []byte(primary+":")), err
}

// Unopened are the numbers of cameras that no key opens: they keep their old seal, and their addresses must be written anew.
type Unopened []int

// Run seals everything anew that another key than the primary has sealed, the sentinel last, so that Done is false until all of it is. A
// gateway that has not noticed the new key may seal with the old one meanwhile, so it looks again once all have noticed, until nothing is found.
// progress is told how many are done of those that were found, from the caller's goroutine.
func (r *Rotation) Run(ctx context.Context, progress func(done, all int)) (Unopened, error) {
	primary := r.service.keys.Load().Primary()
	for {
		unopened, err := r.pass(ctx, primary, progress)
		if err != nil {
			return nil, err
		}
		sentinel, err := r.service.keys.Load().Seal("", columnSentinel, []byte(sentinelText))
		if err != nil {
			return nil, err
		}
		notice := time.NewTimer(noticeBound)
		select {
		case <-ctx.Done():
			notice.Stop()
			return nil, fmt.Errorf("seal anew: %w", ctx.Err())
		case <-notice.C:
		}
		left, err := r.store.CountSealedOtherwise(ctx, primary)
		switch {
		case err != nil:
			return nil, err
		case left > len(unopened):
			continue
		}
		if len(unopened) == 0 {
			err = r.store.PutSetting(ctx, sentinelKey, sentinel)
		}
		return unopened, err
	}
}

// pass goes through all cameras that are sealed otherwise.
func (r *Rotation) pass(ctx context.Context, primary string, progress func(done, all int)) (Unopened, error) {
	all, err := r.store.CountSealedOtherwise(ctx, primary)
	if err != nil {
		return nil, err
	}
	var unopened Unopened
	behind, done := ID(""), 0
	for {
		found, err := r.store.SealedOtherwise(ctx, primary, behind, perReseal)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			// None is left, or there was none: also then gateways hear of the new keys.
			_, err := r.store.Reseal(ctx, nil)
			return unopened, err
		}
		behind = found[len(found)-1].ID
		var anew []Record
		for _, record := range found {
			open, err := r.service.open(record)
			if errors.Is(err, ErrKey) {
				unopened = append(unopened, record.Number)
				continue
			}
			if err != nil {
				return nil, err
			}
			if record.Sealed, err = r.service.seal(record.ID, open); err != nil {
				return nil, err
			}
			anew = append(anew, record)
		}
		n, err := r.store.Reseal(ctx, anew)
		if err != nil {
			return nil, err
		}
		done += n
		progress(done, all)
	}
}
