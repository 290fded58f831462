package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// usage is what 200 opens and closes must not raise.
type usage struct {
	goroutines, descriptors int
	heap                    uint64
}

func measureUsage(t *testing.T) usage {
	t.Helper()
	debug.FreeOSMemory()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{runtime.NumGoroutine(), len(open), m.HeapAlloc}
}

// TestOpensAndClosesLeaveNothing compares what 20 opens and closes left with what 200 did. The viewers are in this process too, so
// their leaks would count as well.
func TestOpensAndClosesLeaveNothing(t *testing.T) {
	g := startGateway(t)
	_, added := g.simulated(small(1))
	p := g.openPage(g.admin)
	kept := p.watch(added)
	kept.wantFrames(1, 10*time.Second)
	turn := func() {
		x := p.watch(added)
		x.wantFrames(1, 10*time.Second)
		p.send(closing(x))
		x.wantEnd("view.closed", 5*time.Second)
		p.mu.Lock()
		delete(p.tiles, x.view)
		p.mu.Unlock()
		_ = x.pc.Close()
	}
	for range 20 {
		turn()
	}
	before := measureUsage(t)
	for range 180 {
		turn()
	}
	var after usage
	// What was closed last may still be ending.
	eventually(t, 15*time.Second, "goroutines and descriptors where 20 opens left them", func() bool {
		after = measureUsage(t)
		return after.goroutines <= before.goroutines+2 && after.descriptors <= before.descriptors+1
	})
	const grown = 8 << 20 // under the race detector the heap is coarse
	if after.heap > before.heap+grown {
		t.Errorf("the heap grew from %d to %d bytes", before.heap, after.heap)
	}
	kept.wantFrames(5, 5*time.Second)
}
