package camera

import (
	"context"
	"fmt"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// Saw keeps what was found out about cameras, in that order, and gives the turns of health that the event log is to be told.
func (s *Service) Saw(ctx context.Context, found []Sighting) ([]Turn, error) {
	turns, err := s.store.Saw(ctx, found)
	if err != nil {
		return nil, fmt.Errorf("keep how cameras are: %w", err)
	}
	return turns, nil
}

// ClaimChecks gives at most so many cameras that are to be looked at, since nobody has for that long; of several gateways each camera
// is given to one.
func (s *Service) ClaimChecks(ctx context.Context, since time.Duration, limit int) ([]ID, error) {
	claimed, err := s.store.ClaimChecks(ctx, s.at().Add(-since), s.at(), limit)
	if err != nil {
		return nil, fmt.Errorf("claim cameras to look at: %w", err)
	}
	return claimed, nil
}

// CountSwept counts the cameras that are swept.
func (s *Service) CountSwept(ctx context.Context) (int, error) {
	n, err := s.store.CountSwept(ctx)
	if err != nil {
		return 0, fmt.Errorf("count the cameras to look at: %w", err)
	}
	return n, nil
}

// Lapse makes unknown what no gateway has said again for HoldLives, and what no sweep has said again: every is how often they look, 0 if
// they don't.
func (s *Service) Lapse(ctx context.Context, every time.Duration) error {
	now := s.at()
	if err := s.store.Lapse(ctx, now.Add(-HoldLives), now.Add(-max(3*every, verdictLives)), now); err != nil {
		return fmt.Errorf("forget how cameras were: %w", err)
	}
	return nil
}

// Tags gives a page of all tags with the count of cameras that have them. Sort is tag (the order without it) or cameras.
func (s *Service) Tags(ctx context.Context, q paging.Query) (paging.Page[Tag], error) {
	page, err := s.store.Tags(ctx, q)
	if err != nil {
		return paging.Page[Tag]{}, fmt.Errorf("list tags: %w", err)
	}
	return page, nil
}
