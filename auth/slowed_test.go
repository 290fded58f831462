package auth_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

func TestSignInIsSlowedPerAccountAndAddress(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		admin := w.admin(n)
		w.user(n, admin, auth.User{Login: "ivanov"})
		attacker, room := auth.Device{Remote: "203.0.113.9"}, auth.Device{Remote: "10.0.0.8"}
		judged := 0
		for range 12 {
			_, _, err := n.Login(t.Context(), "ivanov", otherPassword, attacker)
			if errors.Is(err, auth.ErrCredentials) {
				judged++
			} else if !errors.Is(err, auth.ErrSlowDown) || fault.From(err).Params["retry_after"] != "1" {
				t.Fatalf("after %d tries: %v, %v", judged, err, fault.From(err).Params)
			}
		}
		if judged != 5 {
			t.Errorf("%d tries were judged at once, want 5", judged)
		}
		if _, _, err := n.Login(t.Context(), "ivanov", goodPassword, attacker); !errors.Is(err, auth.ErrSlowDown) {
			t.Errorf("even the right password has to wait: %v", err)
		}
		if _, _, err := n.Login(t.Context(), "IVANOV", goodPassword, attacker); !errors.Is(err, auth.ErrSlowDown) {
			t.Errorf("another spelling has to wait too: %v", err)
		}
		if _, _, err := n.Login(t.Context(), "ivanov", goodPassword, room); err != nil {
			t.Errorf("the control room is locked out: %v", err)
		}
		for _, wait := range []time.Duration{1, 2, 4, 8} { // each failure doubles the wait
			w.clock.add(wait*time.Second - time.Millisecond)
			if _, _, err := n.Login(t.Context(), "ivanov", otherPassword, attacker); !errors.Is(err, auth.ErrSlowDown) {
				t.Fatalf("just before %d s: %v", wait, err)
			}
			w.clock.add(time.Millisecond)
			if _, _, err := n.Login(t.Context(), "ivanov", otherPassword, attacker); !errors.Is(err, auth.ErrCredentials) {
				t.Fatalf("after %d s: %v", wait, err)
			}
		}
		w.clock.add(16 * time.Second)
		if _, _, err := n.Login(t.Context(), "ivanov", goodPassword, attacker); err != nil {
			t.Fatalf("the right password after the wait: %v", err)
		}
		for range 4 {
			if _, _, err := n.Login(t.Context(), "ivanov", otherPassword, attacker); !errors.Is(err, auth.ErrCredentials) {
				t.Errorf("after a success the count begins anew: %v", err)
			}
		}
	})
}

func TestManyTriesAtOnceGainNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		w.admin(n)
		errs := make([]error, 40)
		var group sync.WaitGroup
		for i := range errs {
			group.Go(func() {
				_, _, errs[i] = n.Login(context.Background(), "admin", otherPassword, auth.Device{Remote: "203.0.113.9"})
			})
		}
		group.Wait()
		judged := 0
		for _, err := range errs {
			if errors.Is(err, auth.ErrCredentials) {
				judged++
			} else if !errors.Is(err, auth.ErrSlowDown) {
				t.Error(err)
			}
		}
		if judged > 5 {
			t.Errorf("%d of 40 tries at once were judged, want at most 5", judged)
		}
	})
}
