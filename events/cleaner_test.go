package events

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestCleanerRemovesWhatWasKeptLongEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		for i := range 2500 { // one older than the other, a minute apart
			store.kept = append(store.kept, Event{At: time.Now().Add(time.Duration(i-2500) * time.Minute)})
		}
		var keep atomic.Int64
		keep.Store(int64(1000*time.Minute + 30*time.Second))
		var out bytes.Buffer
		c, err := NewCleaner(CleanerOptions{
			Store: store, Logger: slog.New(slog.NewTextHandler(&out, nil)),
			Keep: func(context.Context) (time.Duration, error) { return time.Duration(keep.Load()), nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- c.Run(ctx) }()

		time.Sleep(time.Second) // of the bubble's clock: two pauses
		synctest.Wait()
		if left := len(store.views()); left != 1000 {
			t.Errorf("%d events are left", left)
		}
		for _, n := range store.batches() {
			if n > cleanBatch {
				t.Errorf("a batch took %d", n)
			}
		}
		keep.Store(int64(10*time.Minute + 30*time.Second))
		c.Wake()
		synctest.Wait()
		if left := len(store.views()); left != 10 {
			t.Errorf("after a change of the setting %d events are left", left)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if left := len(store.views()); left != 0 {
			t.Errorf("an hour later %d events are left", left)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if n := strings.Count(out.String(), "old events were removed"); n != 3 {
			t.Errorf("it was told %d times: %s", n, out.String())
		}
	})
}

func TestCleanerRemovesNothingWhenItCannotKnow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{kept: []Event{{}}}
		var out bytes.Buffer
		c, err := NewCleaner(CleanerOptions{
			Store: store, Logger: slog.New(slog.NewTextHandler(&out, nil)),
			Keep: func(context.Context) (time.Duration, error) { return 0, errors.New("no settings") },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { c.Run(ctx); close(done) }()
		synctest.Wait()
		cancel()
		<-done
		if len(store.kept) != 1 || !strings.Contains(out.String(), "removing old events failed") {
			t.Errorf("%d events are left, the log says %s", len(store.kept), out.String())
		}
	})
}

func TestErrorsBecomeEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		store := &memory{}
		l := newLog(t, store, &out)
		stop := run(l)
		handler := l.Failures(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo}))
		log := slog.New(handler).With("component", "relay")

		log.Info("all is well")
		log.Warn("not so well")
		for range 5 {
			log.Error("reading failed", "error", errors.New("disk"), "request_id", "R1")
		}
		log.Error("writing failed")
		synctest.Wait()
		kept := store.all()
		if len(kept) != 2 {
			t.Fatalf("%d events: %+v", len(kept), kept)
		}
		if e := kept[0]; e.Kind != ServerFailed || e.Code != "relay" || e.Note != "reading failed: disk (R1)" || e.Times != 1 || e.At.IsZero() {
			t.Errorf("the event is %+v", e)
		}
		time.Sleep(failureEvery)
		log.Error("reading failed", "error", errors.New("another disk"))
		synctest.Wait()
		kept = store.all()
		if e := kept[len(kept)-1]; len(kept) != 3 || e.Times != 5 || e.Note != "reading failed: another disk" {
			t.Errorf("a minute later: %d, %+v", len(kept), e)
		}
		stop()
		for line, want := range map[string]int{"all is well": 1, "not so well": 1, "reading failed": 6, "server.failed": 0} {
			if n := strings.Count(out.String(), line); n != want {
				t.Errorf("%q stands %d times in the structured log", line, n)
			}
		}
	})
}
