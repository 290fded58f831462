package relay

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// TestTwoHundredCamerasKeepToTheirMemory: what they would keep is four times what they may. Whoever is live loses nothing by it, and the share
// is the same for all.
func TestTwoHundredCamerasKeepToTheirMemory(t *testing.T) {
	const cameras, budget = 200, 40 << 20
	synctest.Test(t, func(t *testing.T) {
		b := start(t, func(o *Options) { o.CacheBytes = budget })
		defer b.stop()
		var readers []*Reader
		var calls []*call
		for i := range cameras {
			r := b.read(t, camera.ID(fmt.Sprint("c", i)))
			defer r.Close()
			readers, calls = append(readers, r), append(calls, (<-b.script.news).describe())
		}
		// 1.3 Mbit/s each with a keyframe every 4 s: a ring would keep up to 1.3 MB.
		for frame := range 140 {
			for i, c := range calls {
				if (frame+i)%100 == 0 {
					c.frame(nalIDR, 60_000, 3600)
				} else {
					c.frame(nalSlice, 6000, 3600)
				}
			}
			time.Sleep(40 * time.Millisecond)
			for _, r := range readers {
				drain(r)
			}
			if used := b.relay.budget.used.Load(); used > budget+cameras*(64<<10) {
				t.Fatalf("frame %d: %d bytes in all rings, %d allowed", frame, used, budget)
			}
		}
		joined := 0
		for i, r := range readers {
			if r.Dropped() != 0 {
				t.Fatalf("camera %d: a live reader lost %d frames to the bound", i, r.Dropped())
			}
			fresh := b.read(t, camera.ID(fmt.Sprint("c", i)))
			if f, ok := fresh.Next(); ok && f.Keyframe {
				joined++
			}
			fresh.Close()
		}
		// A group that has outgrown the share is given up, and its camera waits for the next keyframe; the others begin at once.
		if joined < cameras/10 {
			t.Errorf("only %d cameras have a picture to begin with", joined)
		}
		for _, s := range b.relay.Stats().Streams {
			if s.CacheBytes > 2*budget/cameras+80_000 {
				t.Errorf("%s keeps %d bytes, a share is %d", s.Key, s.CacheBytes, budget/cameras)
			}
		}
	})
}
