package auth

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// revisions is a store whose answers the test decides.
type revisions struct {
	value atomic.Int64
	fails atomic.Bool
	asked atomic.Int64
}

func (r *revisions) RightsRevision(context.Context) (int64, error) {
	r.asked.Add(1)
	if r.fails.Load() {
		return 0, errors.New("connection refused")
	}
	return r.value.Load(), nil
}

func TestWatchTellsEachRise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		store := &revisions{}
		w, err := NewWatch(WatchOptions{Store: store, Logger: slog.New(slog.NewTextHandler(&out, nil))})
		if err != nil {
			t.Fatal(err)
		}
		var told atomic.Int64
		var order []int
		w.Notify(func(context.Context) { told.Add(1); order = append(order, 1) })
		w.Notify(func(context.Context) { order = append(order, 2) })
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		expect := func(what string, want int64) {
			t.Helper()
			synctest.Wait()
			if got := told.Load(); got != want {
				t.Errorf("%s: told %d times, want %d", what, got, want)
			}
		}
		expect("at the first look", 1)
		time.Sleep(5 * time.Second)
		expect("while nothing changes", 1)

		store.value.Store(5)
		time.Sleep(500 * time.Millisecond)
		expect("half a second after a change", 2)

		store.value.Store(6)
		w.Touch()
		w.Touch()
		expect("at once after a touch", 3)

		store.value.Store(2) // restored from a backup
		time.Sleep(500 * time.Millisecond)
		expect("after a fall", 4)

		store.fails.Store(true)
		store.value.Store(9)
		time.Sleep(10 * time.Second)
		expect("while the store fails", 4)
		if n := strings.Count(out.String(), "level=ERROR"); n != 1 {
			t.Errorf("the failure was told %d times", n)
		}
		store.fails.Store(false)
		time.Sleep(500 * time.Millisecond)
		expect("when it works again", 5)

		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if len(order) != 10 || order[0] != 1 || order[1] != 2 {
			t.Errorf("told in the order %v", order)
		}
	})
}
