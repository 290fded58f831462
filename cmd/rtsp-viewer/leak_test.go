package main

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// heapMoods is by how much the heap may differ without anything being lost: under the race detector it is coarse.
const heapMoods = 8 << 20

// usage is what 200 opens and closes must not raise.
type usage struct {
	goroutines  int
	descriptors map[string]int // by what they lead to
	heap        uint64
}

func measureUsage(t *testing.T) usage {
	t.Helper()
	debug.FreeOSMemory()
	const folder = "/proc/self/fd/"
	open, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	descriptors := map[string]int{}
	for _, entry := range open {
		target, err := os.Readlink(folder + entry.Name())
		if err != nil {
			continue // the one that read the folder
		}
		kind, _, _ := strings.Cut(target, ":")
		if strings.HasPrefix(filepath.Base(target), store.FileName) {
			kind = "database" // its pool keeps up to a fixed number of connections
		}
		descriptors[kind]++
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{runtime.NumGoroutine(), descriptors, m.HeapAlloc}
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
		return after.goroutines <= before.goroutines+2 && after.descriptors["socket"] <= before.descriptors["socket"]
	})
	t.Logf("after 20: %+v; after 200: %+v", before, after)
	for kind, n := range after.descriptors {
		if kind != "socket" && kind != "database" && n > before.descriptors[kind] {
			t.Errorf("%d descriptors of %s, %d before", n, kind, before.descriptors[kind])
		}
	}

	if after.heap > before.heap+heapMoods {
		t.Errorf("the heap grew from %d to %d bytes", before.heap, after.heap)
	}
	kept.wantFrames(5, 5*time.Second)
}

// TestHLSOpensAndClosesLeaveNothing does the same by HLS: no child, goroutine, descriptor or heap more after 200 than after 20.
func TestHLSOpensAndClosesLeaveNothing(t *testing.T) {
	others := children(t, "self") // other tests' database server, which stays
	g := startGateway(t)
	_, added := g.simulated(small(1))
	kept := g.admin.openHLS(added, nil) // so that FFmpeg runs throughout
	kept.segment(kept.Playlist)
	turn := func() {
		v := g.admin.openHLS(added, nil)
		v.segment(v.Playlist)
		kept.segment(kept.Playlist)
		g.admin.want(http.StatusNoContent, "DELETE", "/views/"+v.View, nil, nil)
	}
	for range 20 {
		turn()
	}
	before, files := measureUsage(t), filesIn(t, g.app.config.DataDir)
	for range 180 {
		turn()
	}
	if left := since(files, filesIn(t, g.app.config.DataDir)); len(left) > 0 {
		t.Errorf("files are left: %v", left)
	}
	var after usage
	eventually(t, 15*time.Second, "goroutines and descriptors where 20 opens left them", func() bool {
		after = measureUsage(t)
		// The HTTP client of this test keeps idle connections of its own: two goroutines and a socket on each end.
		return after.goroutines <= before.goroutines+4 && after.descriptors["socket"] <= before.descriptors["socket"]+2
	})
	t.Logf("after 20: %+v; after 200: %+v", before, after)
	if after.heap > before.heap+heapMoods {
		t.Errorf("the heap grew from %d to %d bytes", before.heap, after.heap)
	}
	if made := since(others, children(t, "self")); len(made) != 1 {
		t.Errorf("children %v, want the one FFmpeg", made)
	}
	if s := g.app.segments.Stats(); s.FFmpeg.Live != 1 || s.Spawned != 1 {
		t.Errorf("%d FFmpegs live, %d ever; want the one", s.FFmpeg.Live, s.Spawned)
	}
	g.admin.want(http.StatusNoContent, "DELETE", "/views/"+kept.View, nil, nil)
	eventually(t, 10*time.Second, "no child process", func() bool { return len(since(others, children(t, "self"))) == 0 })
}

// filesIn gives all files and folders below one.
func filesIn(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		all = append(all, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// since gives those of now that were not there before.
func since(before, now []string) []string {
	return slices.DeleteFunc(now, func(pid string) bool { return slices.Contains(before, pid) })
}

// children gives the ids of a process's children, zombies among them (proc(5)).
func children(t *testing.T, of string) []string {
	t.Helper()
	folder := "/proc/" + of + "/task/"
	tasks, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, task := range tasks {
		text, err := os.ReadFile(folder + task.Name() + "/children")
		if err != nil {
			continue // the thread has ended
		}
		all = append(all, strings.Fields(string(text))...)
	}
	return all
}
