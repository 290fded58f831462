package relay

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

func TestAFreshReaderBeginsWithTheLastKeyframe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		first := b.read(t, "a")
		defer first.Close()
		c := (<-b.script.news).describe()
		c.play(t, 3*time.Second, 40*time.Millisecond, 50) // keyframes at 0 s and 2 s
		for range 5 {
			c.sound(160)
		}
		r := b.read(t, "a")
		defer r.Close()
		frames, bytes := r.Behind()
		if frames != 25 || bytes < 24*500 {
			t.Fatalf("behind by %d frames, %d bytes; want the 25 since the last keyframe", frames, bytes)
		}
		got := drain(r)
		if len(got) != 30 || !got[0].Keyframe || got[29].Track != Audio {
			t.Fatalf("%d frames, keyframe first %v", len(got), got[0].Keyframe)
		}
		edge, at := r.Edge()
		if replayed := videoOf(got); replayed[24].First >= edge || time.Since(at) > time.Second {
			t.Fatal("the edge is not where live was")
		}
		c.frame(nalSlice, 500, 3600)
		if live := drain(r); len(live) != 1 || live[0].First < edge {
			t.Fatalf("live: %+v at edge %d", live, edge)
		}
		if _, _, ok := r.KeyframeAhead(); ok {
			t.Fatal("a keyframe ahead of live")
		}
		// A PLI: the same pictures again, and what came since.
		if !r.Rewind() {
			t.Fatal("no rewind")
		}
		if again := videoOf(drain(r)); len(again) != 26 || again[0].First != got[0].First {
			t.Fatalf("rewound to %d frames", len(again))
		}
		if due, ok := r.KeyframeDue(); ok {
			t.Fatalf("a guess of %v after one interval", due)
		}
		if !r.Rewind() {
			t.Fatal("no rewind")
		}
		r.Next()
		c.frame(nalIDR, 3000, 3600)
		if frames, bytes, ok := r.KeyframeAhead(); !ok || frames != 25 || bytes < 25*500 || !r.Rewind() {
			t.Fatalf("a keyframe ahead: %v, %d frames and %d bytes before it", ok, frames, bytes)
		}
		if got := drain(r); len(got) != 1 || !got[0].Keyframe {
			t.Fatalf("%d frames after the move", len(got))
		}
		r.SkipToLive()
		c.sound(160)
		c.frame(nalSlice, 500, 3600)
		if got := drain(r); len(got) != 1 || got[0].Track != Audio {
			t.Fatalf("skipped to live, got %d frames", len(got))
		}
		c.frame(nalIDR, 3000, 3600)
		if got := drain(r); len(got) != 1 || !got[0].Keyframe {
			t.Fatal("live does not begin with the keyframe")
		}
	})
}

func TestEveryKeptPacketIsFoundByItsIndex(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		r := b.read(t, "a")
		defer r.Close()
		c := (<-b.script.news).describe()
		c.play(t, 40*time.Second, 40*time.Millisecond, 50)
		old := b.read(t, "a")
		defer old.Close()
		for _, f := range videoOf(drain(old)) {
			for i, p := range f.Packets {
				if got, ok := r.Packet(Video, f.First+uint64(i)); !ok || &got.Payload[0] != &p.Payload[0] || got.Timestamp != p.Timestamp {
					t.Fatalf("packet %d is not the one", f.First+uint64(i))
				}
			}
		}
		if _, ok := r.Packet(Video, 0); ok {
			t.Fatal("40 s later the first packet is still kept")
		}
		edge, _ := old.Edge()
		if _, ok := r.Packet(Video, edge); ok {
			t.Fatal("a packet of the future")
		}
		if due, ok := r.KeyframeDue(); !ok || due > 2*time.Second {
			t.Fatalf("keyframe due in %v, %v", due, ok)
		}
		if size := b.relay.Stats().CacheBytes; size > 300_000 || size <= 0 {
			t.Fatalf("%d bytes kept of two groups of pictures", size)
		}
	})
}

func TestASlowReaderLosesFramesAndDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		slow, quick := b.read(t, "a"), b.read(t, "a")
		defer slow.Close()
		defer quick.Close()
		c := (<-b.script.news).describe()
		c.frame(nalIDR, 3000, 3600)
		drain(slow)
		n := len(drain(quick))
		for range 10 {
			c.play(t, time.Second, 40*time.Millisecond, 25)
			n += len(drain(quick))
		}
		if n != 251 || quick.Dropped() != 0 {
			t.Fatalf("the quick reader got %d frames of 251", n)
		}
		got := drain(slow)
		if len(got) != 25 || !got[0].Keyframe || slow.Dropped() != 225 {
			t.Fatalf("the slow reader got %d frames, keyframe first %v, %d dropped", len(got), got[0].Keyframe, slow.Dropped())
		}
		// No newer keyframe to go on with: wait for one.
		c.play(t, 400*time.Millisecond, 40*time.Millisecond, 100)
		drain(slow)
		for range 75 {
			c.frame(nalSlice, 500, 3600)
			time.Sleep(40 * time.Millisecond)
		}
		if got := drain(slow); len(got) != 0 || slow.Dropped() != 300 {
			t.Fatalf("got %d stale frames, %d dropped", len(got), slow.Dropped())
		}
		c.frame(nalIDR, 3000, 3600)
		if got := drain(slow); len(got) != 1 {
			t.Fatalf("%d frames at the next keyframe", len(got))
		}
	})
}

func TestAReplayHoldsWhatItStillNeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		live := b.read(t, "a")
		defer live.Close()
		c := (<-b.script.news).describe()
		c.play(t, 10*time.Second, 40*time.Millisecond, 250)
		r := b.read(t, "a")
		defer r.Close()
		f, ok := r.Next()
		if !ok || !f.Keyframe {
			t.Fatal("no replay")
		}
		// While it goes on slowly, three short groups of pictures come.
		n := 1
		for i := range 150 {
			typ := byte(nalSlice)
			if i%50 == 0 {
				typ = nalIDR
			}
			c.frame(typ, 500, 3600)
			time.Sleep(10 * time.Millisecond)
			for range 3 {
				if _, ok := r.Next(); ok {
					n++
				}
			}
		}
		if n += len(drain(r)); n != 400 || r.Dropped() != 0 {
			t.Fatalf("%d frames of 400, %d dropped", n, r.Dropped())
		}
	})
}

func TestMemoryIsBoundedForAStreamAndForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, func(o *Options) { o.CacheBytes = 20 << 20 })
		defer b.stop()
		r := b.read(t, "a")
		defer r.Close()
		c := (<-b.script.news).describe()
		c.frame(nalIDR, 100_000, 3600)
		for range 300 { // a group of pictures of 30 MB
			c.frame(nalSlice, 100_000, 3600)
			time.Sleep(40 * time.Millisecond)
			drain(r)
		}
		if size := b.relay.Stats().CacheBytes; size > ringBytes || size < ringBytes/2 {
			t.Fatalf("%d bytes in one ring", size)
		}
		if r.Dropped() != 0 {
			t.Fatal("a live reader lost frames to the bound")
		}
		fresh := b.read(t, "a")
		defer fresh.Close()
		if got := drain(fresh); len(got) != 0 {
			t.Fatal("a reader began in the middle of a group of pictures")
		}
		if _, ok := b.relay.LastKeyframe(Key{"a", camera.Main}); !ok {
			t.Fatal("the last keyframe is forgotten")
		}
		// Others come; together they stay within the bound, each with its newest group of pictures as far as it fits.
		for _, id := range []camera.ID{"b", "c", "d"} {
			o := b.read(t, id)
			defer o.Close()
			d := (<-b.script.news).describe()
			for i := range 100 {
				typ := byte(nalSlice)
				if i%25 == 0 {
					typ = nalIDR
				}
				d.frame(typ, 60_000, 3600)
				c.frame(nalSlice, 100_000, 3600)
				time.Sleep(40 * time.Millisecond)
				drain(o)
				drain(r)
			}
			if got := len(drain(b.read(t, id))); got != 25 {
				t.Fatalf("%s: a fresh reader gets %d frames, want the newest group", id, got)
			}
		}
		if s := b.relay.Stats(); s.CacheBytes > s.CacheLimit+1<<20 {
			t.Fatalf("%d bytes in all rings, %d allowed", s.CacheBytes, s.CacheLimit)
		}
		if r.Dropped() != 0 {
			t.Fatal("a live reader lost frames to the bound")
		}
	})
}

func TestReadersComeAndGoWhileFramesFlow(t *testing.T) {
	b := start(t, nil)
	defer b.stop()
	holder := b.read(t, "a")
	defer holder.Close()
	c := (<-b.script.news).describe()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	var given atomic.Uint64
	for range 12 {
		running.Go(func() {
			for ctx.Err() == nil {
				r := b.read(t, "a")
				next, fresh := uint64(0), true
				for range rand.IntN(200) {
					switch rand.IntN(20) {
					case 0:
						if r.Rewind() {
							fresh = true
						}
					case 1:
						r.SkipToLive()
						fresh = true
					case 2:
						_, ok := r.Packet(Video, next)
						_, _ = r.Behind()
						_, _ = r.Clock(Video)
						_ = ok
					}
					f, ok := r.Next()
					if !ok {
						runtime.Gosched()
						continue
					}
					if f.Track != Video {
						continue
					}
					given.Add(1)
					if (fresh || f.First != next) && !f.Keyframe {
						t.Errorf("a gap before %d (expected %d, fresh %v) and no keyframe", f.First, next, fresh)
						return
					}
					next, fresh = f.First+uint64(len(f.Packets)), false
				}
				r.Close()
			}
		})
	}
	for i := range 4000 {
		if i%40 == 0 {
			c.frame(nalIDR, 5000, 3600)
		} else {
			c.frame(nalSlice, 1500, 3600)
		}
		if i%3 == 0 {
			c.sound(160)
		}
		runtime.Gosched()
	}
	stop()
	running.Wait()
	if given.Load() < 1000 || b.relay.Stats().Streams[0].Readers != 1 {
		t.Fatalf("%d frames given, %d readers left", given.Load(), b.relay.Stats().Streams[0].Readers)
	}
}
