package main

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// stateLog turns changes of streams' states into events with the camera's name. Its queue is bounded: when it is full a change goes
// untold, which the log says.
type stateLog struct {
	cameras *camera.Service
	journal *events.Log
	log     *slog.Logger
	queue   chan stateChange
	lost    atomic.Int64
}

type stateChange struct {
	key   relay.Key
	state relay.State
}

func newStateLog(cameras *camera.Service, journal *events.Log, log *slog.Logger) (*stateLog, error) {
	if cameras == nil || journal == nil || log == nil {
		return nil, errors.New("state log: something is missing")
	}
	return &stateLog{cameras: cameras, journal: journal, log: log, queue: make(chan stateChange, 1024)}, nil
}

// changed takes a change from a stream's goroutine and never blocks.
func (l *stateLog) changed(key relay.Key, state relay.State) {
	if state.Status == relay.Connecting && state.Code == "" {
		return // the first attempt: nothing has happened yet
	}
	select {
	case l.queue <- stateChange{key, state}:
	default:
		l.lost.Add(1)
	}
}

// Run writes events until ctx ends. How long the state before lasted stands in the event.
func (l *stateLog) Run(ctx context.Context) error {
	since := map[relay.Key]time.Time{}
	for {
		select {
		case <-ctx.Done():
			return nil
		case c := <-l.queue:
			e := events.Event{
				At: c.state.Since.UTC(), Kind: events.CameraState, Code: c.state.Code,
				Camera: events.Subject{ID: string(c.key.Camera)}, Note: string(c.key.Kind) + " " + string(c.state.Status),
			}
			if before, ok := since[c.key]; ok {
				e.Lasted = max(0, c.state.Since.Sub(before))
			}
			since[c.key] = c.state.Since
			look, cancel := context.WithTimeout(ctx, 2*time.Second)
			if cam, err := l.cameras.Get(look, c.key.Camera); err == nil {
				e.Camera.Number, e.Camera.Name = cam.Number, cam.Name
			} else if errors.Is(err, camera.ErrNotFound) {
				delete(since, c.key)
			}
			cancel()
			l.journal.Record(e)
			if lost := l.lost.Swap(0); lost > 0 {
				l.log.Warn("changes of camera states went untold", "count", lost)
			}
		}
	}
}
