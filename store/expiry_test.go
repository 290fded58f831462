package store

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

func TestTheEndOfAGrantIsNoticed(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		u, a, b := y.person("u", auth.RoleUser), y.camera("a"), y.camera("b")
		real, err := camera.New(camera.Options{Store: db, Keys: y.keys, Logger: slog.New(slog.DiscardHandler)})
		y.must(err)
		ended := make(chan time.Time, 10)
		expiries, err := camera.NewExpiries(real, func(context.Context) { ended <- time.Now() })
		y.must(err)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- expiries.Run(ctx) }()

		grant := func(c camera.Camera, in time.Duration) time.Time {
			t.Helper()
			end := time.Now().Add(in)
			y.must(real.Grant(ctx, y.by, u.ID, c.ID, camera.Terms{ExpiresAt: &end}))
			expiries.Recheck(ctx)
			return end
		}
		late := time.Now().Add(time.Hour)
		y.must(real.Grant(ctx, y.by, u.ID, b.ID, camera.Terms{ExpiresAt: &late}))
		expiries.Recheck(ctx)
		for _, c := range []camera.Camera{a, b} { // sooner than the one that it waits for, twice
			end := grant(c, 300*time.Millisecond)
			select {
			case at := <-ended:
				if at.Before(end.Truncate(time.Millisecond)) || at.After(end.Add(2*time.Second)) {
					t.Errorf("a grant that ended at %v was noticed at %v", end, at)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("the end of a grant was not noticed")
			}
			if _, err := real.MayWatch(ctx, u, c.ID); err == nil {
				t.Error("when it was noticed, the grant still opened the camera")
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if len(ended) != 0 {
			t.Error("told of an end that was none")
		}
	})
}
