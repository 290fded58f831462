package checks

import (
	"context"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
)

// Records keep how cameras are; *camera.Service is one.
type Records interface {
	Saw(ctx context.Context, found []camera.Sighting) ([]camera.Turn, error)
	ClaimChecks(ctx context.Context, since time.Duration, limit int) ([]camera.ID, error)
	CountSwept(ctx context.Context) (int, error)
	Lapse(ctx context.Context, every time.Duration) error
}

// Recorder takes events without blocking; *events.Log is one.
type Recorder interface {
	Record(events.Event)
}

// Settings say how often to look; an admin may change that at any time.
type Settings interface {
	// SweepEvery gives the time between two looks at a camera; 0: no sweeps.
	SweepEvery(ctx context.Context) (time.Duration, error)
}
