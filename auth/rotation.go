package auth

import (
	"context"
	"time"
)

const (
	// KeyNeeded is for how long after it signed the last time a signing key is still needed: until the access tokens and the codes of
	// screens that it made have run out. Sign-ins do not depend on it.
	KeyNeeded = max(DefaultAccessTTL, codeTTL)

	// rereadEvery bounds how often a token under an unknown key, which anybody can make up, has the keys read again.
	rereadEvery = time.Second
)

// Reread takes the signing keys as they are kept now. It is for Watch. Keys that can't be read leave those in use.
func (s *Service) Reread(context.Context) {
	if s.reread == nil {
		return
	}
	next, err := s.reread()
	if err != nil {
		s.logger.Error("reading the signing keys again failed; those in use stay", "error", err)
		return
	}
	if before := s.keys.Load(); before.Reveal() != next.Reveal() {
		s.keys.Store(next)
		s.logger.Info("the signing keys have changed", "primary", next.Primary(), "keys", next.IDs())
	}
}

// rereadOnce is Reread for a token under a key that we do not know: another gateway on the same folder may have noticed it before us. It tells
// whether the keys were read.
func (s *Service) rereadOnce(ctx context.Context) bool {
	now := s.now().UnixMilli()
	last := s.lookedAt.Load()
	if s.reread == nil || now-last < rereadEvery.Milliseconds() && now >= last || !s.lookedAt.CompareAndSwap(last, now) {
		return false
	}
	s.Reread(ctx)
	return true
}
