package store

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

// sees tells a sighting of now and gives the healths of which the log is to be told.
func (y *yard) sees(c camera.Camera, by camera.Finder, state camera.State, code string) string {
	y.t.Helper()
	turns, err := y.Saw(y.t.Context(), []camera.Sighting{{Camera: c.ID, By: by, State: state, Code: code, At: y.clock()}})
	y.must(err)
	var told []string
	for _, turn := range turns {
		if turn.Camera != c.ID || turn.Number != c.Number || turn.Name != c.Name {
			y.t.Errorf("the turn is of %+v", turn)
		}
		told = append(told, turn.Now.Told)
	}
	return strings.Join(told, " ")
}

func TestStateIsWhatWasLastFoundOut(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		c := y.camera("c")
		revision := y.revision()
		want := func(state camera.State, code string, since, seen time.Time) {
			t.Helper()
			got, err := y.Get(ctx, c.ID)
			y.must(err)
			if s := got.Standing; s.State != state || s.Code != code || !s.Since.Equal(since) || !s.SeenAt.Equal(seen) || got.Version != c.Version {
				t.Fatalf("it is %+v (version %d), want %s %q since %v, seen %v", s, got.Version, state, code, since, seen)
			}
		}
		told := func(got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("the log is told %q, want %q", got, want)
			}
		}
		var never time.Time
		want(camera.StateUnknown, "", never, never)

		// Sweeps.
		first := y.clock()
		told(y.sees(c, camera.FoundBySweep, camera.StateReachable, ""), "ok")
		want(camera.StateReachable, "", first, first)
		y.pass(time.Minute)
		told(y.sees(c, camera.FoundBySweep, camera.StateReachable, ""), "")
		want(camera.StateReachable, "", first, y.clock())
		seen := y.clock()
		y.pass(time.Minute)
		gone := y.clock()
		told(y.sees(c, camera.FoundBySweep, camera.StateRefused, "camera.timeout"), "camera.timeout")
		want(camera.StateRefused, "camera.timeout", gone, seen)
		y.pass(time.Minute)
		told(y.sees(c, camera.FoundBySweep, camera.StateRefused, "camera.timeout"), "")
		want(camera.StateRefused, "camera.timeout", gone, seen)

		// A stream, against which no sweep speaks.
		told(y.sees(c, camera.FoundByStream, camera.StateConnecting, ""), "")
		want(camera.StateConnecting, "", y.clock(), seen)
		y.pass(time.Second)
		live := y.clock()
		told(y.sees(c, camera.FoundByStream, camera.StateLive, ""), "ok")
		y.pass(time.Second)
		told(y.sees(c, camera.FoundBySweep, camera.StateRefused, "camera.timeout"), "")
		want(camera.StateLive, "", live, live)
		told(y.sees(c, camera.FoundByStream, camera.StateConnecting, ""), "")
		want(camera.StateLive, "", live, y.clock())
		told(y.sees(c, camera.FoundByEnding, "", ""), "")
		want(camera.StateReachable, "", y.clock(), y.clock())

		// What a viewer met and a sweep can't see.
		y.pass(time.Minute)
		seen = y.clock()
		told(y.sees(c, camera.FoundByStream, camera.StateRefused, "camera.credentials"), "camera.credentials")
		y.sees(c, camera.FoundByEnding, "", "")
		y.pass(time.Minute)
		told(y.sees(c, camera.FoundBySweep, camera.StateReachable, ""), "")
		want(camera.StateRefused, "camera.credentials", seen, y.clock())
		if y.revision() != revision {
			t.Error("rights were said to have changed")
		}

		// Dialled otherwise, it may be another one.
		at := y.clock()
		if _, err := y.Patch(ctx, y.by, c.ID, camera.Patch{Name: patch.Of("renamed")}, nil); err != nil {
			t.Fatal(err)
		}
		c.Name, c.Version = "renamed", 2
		want(camera.StateRefused, "camera.credentials", seen, at)
		changed, err := y.Patch(ctx, y.by, c.ID, camera.Patch{Password: patch.Of(camera.NewPassword("right"))}, nil)
		y.must(err)
		if changed.Standing.State != camera.StateUnknown {
			t.Errorf("the answer says %+v", changed.Standing)
		}
		c.Version = 3
		want(camera.StateUnknown, "", never, at)
		told(y.sees(c, camera.FoundBySweep, camera.StateReachable, ""), "ok")

		// A viewer for whom it did not come up leaves the reason.
		y.sees(c, camera.FoundByStream, camera.StateConnecting, "camera.lost")
		y.sees(c, camera.FoundByEnding, "", "")
		want(camera.StateRefused, "camera.lost", y.clock(), at)

		// Several at once, in their order.
		turns, err := y.Saw(ctx, []camera.Sighting{
			{Camera: c.ID, By: camera.FoundByStream, State: camera.StateLive, At: y.clock()},
			{Camera: "gone", By: camera.FoundByStream, State: camera.StateLive, At: y.clock()},
			{Camera: c.ID, By: camera.FoundByStream, State: camera.StateStalled, At: y.clock()},
		})
		if err != nil || len(turns) != 2 || turns[0].Now.Told != "ok" || turns[1].Now.Told != "stalled" {
			t.Errorf("%+v, %v", turns, err)
		}

		// A gateway that says nothing any more.
		y.pass(camera.HoldLives / 2)
		y.must(y.Lapse(ctx, 5*time.Minute))
		want(camera.StateStalled, "", at, at)
		y.pass(camera.HoldLives)
		y.must(y.Lapse(ctx, 5*time.Minute))
		if got, _ := y.Get(ctx, c.ID); got.Standing.State != camera.StateUnknown {
			t.Errorf("after its gateway died: %+v", got.Standing)
		}
		y.sees(c, camera.FoundBySweep, camera.StateRefused, "camera.timeout")
		y.pass(time.Hour + time.Minute)
		y.must(y.Lapse(ctx, time.Hour))
		if got, _ := y.Get(ctx, c.ID); got.Standing.State != camera.StateRefused {
			t.Errorf("between two sweeps: %+v", got.Standing)
		}
		y.must(y.Lapse(ctx, 0))
		if got, _ := y.Get(ctx, c.ID); got.Standing.State != camera.StateUnknown || got.Standing.Code != "" {
			t.Errorf("nobody looks any more: %+v", got.Standing)
		}
	})
}

func TestEachCameraIsClaimedOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		var all []camera.ID
		for i := range 40 {
			all = append(all, y.camera(fmt.Sprint(i)).ID)
		}
		off := false
		y.add(camera.NewCamera{Name: "not swept", Address: "rtsp://h/1", Sweep: &off})
		if n, err := y.CountSwept(ctx); n != 40 || err != nil {
			t.Errorf("%d are swept, %v", n, err)
		}
		var mu sync.Mutex
		var claimed []camera.ID
		var gateways sync.WaitGroup
		for range 4 {
			gateways.Go(func() {
				for {
					some, err := y.ClaimChecks(ctx, time.Minute, 3)
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					claimed = append(claimed, some...)
					done := len(claimed) >= 40
					mu.Unlock()
					if done || err != nil {
						return
					}
				}
			})
		}
		gateways.Wait()
		slices.Sort(claimed)
		slices.Sort(all)
		if !slices.Equal(claimed, all) {
			t.Errorf("%d cameras were claimed, %d of them different", len(claimed), len(slices.Compact(claimed)))
		}
		y.pass(59 * time.Second)
		if some, err := y.ClaimChecks(ctx, time.Minute, 3); len(some) != 0 || err != nil {
			t.Errorf("claimed before they were due: %v, %v", some, err)
		}
		// Those that were looked at longest ago come first, whoever looked.
		y.sees(camera.Camera{ID: all[0], Number: 1, Name: "0"}, camera.FoundByStream, camera.StateLive, "")
		y.pass(time.Minute)
		y.sees(camera.Camera{ID: all[1], Number: 2, Name: "1"}, camera.FoundByStream, camera.StateLive, "")
		some, err := y.ClaimChecks(ctx, time.Second, 100)
		if err != nil || len(some) != 39 || slices.Contains(some, all[1]) {
			t.Errorf("%d claimed, %v", len(some), err)
		}
	})
}

func TestTagsAreCounted(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		for _, tags := range [][]string{{"Цех 10", "Улица"}, {"цех 2", "улица"}, {"УЛИЦА", "Ёлка", "100%"}, {"улица"}, nil} {
			y.add(camera.NewCamera{Name: "c", Address: "rtsp://h/1", Tags: tags})
		}
		last := y.add(camera.NewCamera{Name: "c", Address: "rtsp://h/1", Tags: []string{"прочь", "Улица"}})
		y.must(y.Delete(ctx, y.by, last.ID, camera.Forced))
		read := func(q paging.Query) string {
			var all []string
			for {
				page, err := y.Tags(ctx, q)
				y.must(err)
				for _, tag := range page.Items {
					all = append(all, fmt.Sprint(tag.Tag, " ", tag.Cameras))
				}
				if q.Cursor = page.NextCursor; q.Cursor == "" {
					return strings.Join(all, "|")
				}
			}
		}
		for _, limit := range []int{0, 1, 2} {
			for sort, want := range map[string]string{
				"":         "100% 1|Ёлка 1|УЛИЦА 4|цех 2 1|Цех 10 1",
				"-tag":     "Цех 10 1|цех 2 1|УЛИЦА 4|Ёлка 1|100% 1",
				"-cameras": "УЛИЦА 4|цех 2 1|Цех 10 1|Ёлка 1|100% 1",
			} {
				if got := read(paging.Query{Sort: sort, Limit: limit}); got != want {
					t.Errorf("by %q, %d on a page: %s\nwant %s", sort, limit, got, want)
				}
			}
		}
		for q, want := range map[string]string{"елк": "Ёлка 1", "ЦЕХ": "цех 2 1|Цех 10 1", "%": "100% 1", "_": ""} {
			if got := read(paging.Query{Q: q}); got != want {
				t.Errorf("search %q: %s, want %s", q, got, want)
			}
		}
		if _, err := y.Tags(ctx, paging.Query{Sort: "name"}); err == nil {
			t.Error("sorted by nothing that it knows")
		}
	})
}
