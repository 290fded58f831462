package main

import (
	"context"
	"sync"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// diary remembers when cameras sent each frame, longer than they do themselves: players of FFmpeg's own lists are up to 20 s behind.
type diary struct {
	control string

	mu     sync.Mutex
	frames [][]rtsptest.SentFrame // by camera, oldest first
}

// diaryEvery is how often the cameras are asked. They remember 512 frames.
const diaryEvery = 8 * time.Second

// run writes the diary until ctx ends.
func (d *diary) run(ctx context.Context) {
	look := time.NewTicker(diaryEvery)
	defer look.Stop()
	for {
		_ = d.refresh(ctx) // whoever looks something up is told
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}

// refresh asks what was sent since.
func (d *diary) refresh(ctx context.Context) error {
	all, err := sentByAll(ctx, d.control)
	if err != nil {
		return err
	}
	d.note(all)
	return nil
}

// note adds what is not known yet.
func (d *diary) note(all []rtsptest.Stats) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.frames == nil {
		d.frames = make([][]rtsptest.SentFrame, len(all))
	}
	for i, stats := range all {
		known := d.frames[i]
		for _, f := range stats.Recent {
			if n := len(known); n == 0 || f.Counter > known[n-1].Counter {
				known = append(known, f)
			}
		}
		d.frames[i] = known
	}
}

// sent tells when the camera last sent the frame of a place in its loop, before a moment; false if it did not, as far as is known.
func (d *diary) sent(camera, frame int, before float64) (float64, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if camera >= len(d.frames) {
		return 0, false
	}
	for i := len(d.frames[camera]) - 1; i >= 0; i-- {
		f := d.frames[camera][i]
		if at := millis(f.Sent); f.Frame == frame && at < before {
			return at, true
		}
	}
	return 0, false
}
