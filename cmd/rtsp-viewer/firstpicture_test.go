package main

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// TestFirstPictureDoesNotWaitForAKeyframe opens a camera with a keyframe every 4 s, already watched, at random offsets, with the cache
// and without, in turn, so that both meet the same moods of the machine. The picture and the live picture may take a quarter of the time
// at most, in the median. The picture is small: cmd/bench measures large ones, with every part in a process of its own.
func TestFirstPictureDoesNotWaitForAKeyframe(t *testing.T) {
	spec := rtsptest.Spec{Number: 4, Width: 320, Height: 180, FPS: 25, GOP: 100, Kbps: 150, Seconds: 8}
	type side struct {
		g           *gateway
		camera      cameraAnswer
		first, live []time.Duration
	}
	many := func(c *Config) { c.ViewsPerUser = 64 }
	kept := &side{g: startGateway(t, many)}
	bare := &side{g: startGateway(t, many, func(c *Config) { c.CacheBytes = 0 })}
	for _, s := range []*side{kept, bare} {
		_, s.camera = s.g.simulated(spec)
		s.g.openPage(s.g.admin).watch(s.camera).wantFrames(1, 15*time.Second) // the camera is watched, its cache is full
	}
	measure := func(s *side) {
		t.Helper()
		x := s.g.openPage(s.g.admin).watch(s.camera)
		eventually(t, 15*time.Second, "a live picture", func() bool {
			x.mu.Lock()
			defer x.mu.Unlock()
			return !x.live.IsZero() && !x.first.IsZero()
		})
		x.mu.Lock()
		s.first, s.live = append(s.first, x.first.Sub(x.asked)), append(s.live, x.live.Sub(x.asked))
		x.mu.Unlock()
		x.page.close()
	}
	const (
		opens = 6
		// What stays in memory for retransmission without a cache, too: an opening sooner after a keyframe finds that one.
		resends = 600 * time.Millisecond
		part    = (3600*time.Millisecond - resends) / opens
	)
	for _, i := range rand.Perm(opens) {
		// Whoever opens without a cache ends at a keyframe, so this is an offset in the keyframe interval, not a wait for a result. Each part of
		// the interval has its turn: chance would crowd them now and then.
		<-time.After(resends + time.Duration(i)*part + time.Duration(rand.Int64N(int64(part))))
		measure(kept)
		measure(bare)
	}
	median := func(d []time.Duration) time.Duration {
		slices.Sort(d)
		return d[len(d)/2]
	}
	first, bareFirst, live, bareLive := median(kept.first), median(bare.first), median(kept.live), median(bare.live)
	t.Logf("first picture, median %v with the cache, %v without; live %v and %v", first, bareFirst, live, bareLive)
	if first > bareFirst/4 {
		t.Errorf("the first picture takes %v in the median, more than a quarter of %v without the cache", first, bareFirst)
	}
	if live > bareLive/4 {
		t.Errorf("the live picture takes %v in the median, more than a quarter of %v without the cache", live, bareLive)
	}
}
