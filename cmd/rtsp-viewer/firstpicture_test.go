package main

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// TestFirstPictureDoesNotWaitForAKeyframe opens a camera with a keyframe every 4 s, already watched, at random offsets, with the cache
// and without. The picture and the live picture may take a quarter of the time at most, in the median.
func TestFirstPictureDoesNotWaitForAKeyframe(t *testing.T) {
	spec := rtsptest.Spec{Number: 4, Width: 640, Height: 360, FPS: 25, GOP: 100, Kbps: 800, Seconds: 8}
	measure := func(g *gateway, opens int) (first, live []time.Duration) {
		_, added := g.simulated(spec)
		p := g.openPage(g.admin)
		p.watch(added).wantFrames(1, 15*time.Second) // the camera is watched, its cache is full
		var tiles []*tile
		for range opens {
			// An offset in the keyframe interval, not a wait for a result.
			<-time.After(time.Duration(rand.Int64N(int64(1300 * time.Millisecond))))
			x := g.openPage(g.admin).watch(added)
			tiles = append(tiles, x)
		}
		for _, x := range tiles {
			eventually(t, 15*time.Second, "a live picture", func() bool {
				x.mu.Lock()
				defer x.mu.Unlock()
				return !x.live.IsZero() && !x.first.IsZero()
			})
			x.mu.Lock()
			first, live = append(first, x.first.Sub(x.asked)), append(live, x.live.Sub(x.asked))
			x.mu.Unlock()
			x.page.close()
		}
		slices.Sort(first)
		slices.Sort(live)
		return first, live
	}
	many := func(c *Config) { c.ViewsPerUser = 64 }
	const opens = 12
	first, live := measure(startGateway(t, many), opens)
	bareFirst, bareLive := measure(startGateway(t, many, func(c *Config) { c.CacheBytes = 0 }), opens)
	t.Logf("first picture, median %v with the cache, %v without; live %v and %v", first[opens/2], bareFirst[opens/2], live[opens/2], bareLive[opens/2])
	if first[opens/2] > bareFirst[opens/2]/4 {
		t.Errorf("the first picture takes %v in the median, more than a quarter of %v without the cache", first[opens/2], bareFirst[opens/2])
	}
	if live[opens/2] > bareLive[opens/2]/4 {
		t.Errorf("the live picture takes %v in the median, more than a quarter of %v without the cache", live[opens/2], bareLive[opens/2])
	}
}
