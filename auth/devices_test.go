package auth_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
)

const day = 24 * time.Hour

// screen makes a wall screen and signs it in.
func (w *world) screen(n *node, by auth.Principal) (auth.DeviceState, auth.Tokens) {
	w.t.Helper()
	d, code, err := n.CreateDevice(w.t.Context(), by, auth.NewDevice{Name: "Wall"})
	if err != nil {
		w.t.Fatal(err)
	}
	tokens, u, err := n.LoginDevice(w.t.Context(), code.Text, desk)
	if err != nil || u.ID != d.ID || u.Kind != auth.KindDevice || u.Name() != "Wall" {
		w.t.Fatalf("%+v, %v", u, err)
	}
	return d, tokens
}

// TestScreenComesBackAfterPowerCuts: the power goes while the screen rotates its token, and comes back days later.
func TestScreenComesBackAfterPowerCuts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n, other := w.node(), w.node()
		admin := w.admin(n)
		_, first := w.screen(n, admin)
		refresh := func(n *node, token string) auth.Tokens {
			t.Helper()
			tokens, _, err := n.Refresh(t.Context(), token, desk)
			if err != nil {
				t.Fatalf("refreshing: %v", err)
			}
			return tokens
		}
		w.clock.add(399 * day)
		lost := refresh(n, first.Refresh) // the answer never arrives
		if d := lost.RefreshExpires.Sub(w.clock.Now()); d != 400*day {
			t.Errorf("the next token lives %v", d)
		}
		w.clock.add(30 * day) // beyond the first token's own end
		if err := other.db.CleanSessions(t.Context(), w.clock.Now()); err != nil {
			t.Fatal(err)
		}
		again := refresh(other, first.Refresh)
		if again.Refresh == lost.Refresh {
			t.Error("the successor that was lost is given once more: whoever has found it could go on beside the screen")
		}
		w.principal(n, again)
		if refresh(n, first.Refresh).Refresh != again.Refresh {
			t.Error("within a minute the successor is another one")
		}
		w.clock.add(day)
		again = refresh(n, first.Refresh) // a second power cut

		// Once the successor was used, the screen had it: whoever brings the old one has a copy.
		second := refresh(n, again.Refresh)
		if refresh(other, again.Refresh).Refresh != second.Refresh {
			t.Error("within a minute the successor is another one")
		}
		w.clock.add(time.Minute + time.Millisecond)
		if _, _, err := other.Refresh(t.Context(), first.Refresh, desk); !errors.Is(err, auth.ErrToken) {
			t.Errorf("a token whose successor was used: %v", err)
		}
		if _, _, err := n.Refresh(t.Context(), second.Refresh, desk); !errors.Is(err, auth.ErrToken) {
			t.Errorf("the family goes on: %v", err)
		}
		if told := w.events(n, events.SignedOut); len(told) != 1 || told[0].Code != auth.EndReused || told[0].User.Name != "Wall" {
			t.Errorf("told %+v", told)
		}
	})
}

// TestCopyOfAScreenIsNoticed: a thief who always brings the token that the screen has just used can't go on beside it, although its
// successor was never used.
func TestCopyOfAScreenIsNoticed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		_, first := w.screen(n, w.admin(n))
		held, _, err := n.Refresh(t.Context(), first.Refresh, desk)
		if err != nil {
			t.Fatal(err)
		}
		w.clock.add(10 * time.Minute)
		stolen, _, err := n.Refresh(t.Context(), first.Refresh, desk) // as after a power cut
		if err != nil {
			t.Fatal(err)
		}
		if err := n.db.CleanSessions(t.Context(), w.clock.Now().Add(100*day)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := n.Refresh(t.Context(), held.Refresh, desk); !errors.Is(err, auth.ErrToken) {
			t.Errorf("the screen: %v", err)
		}
		if _, _, err := n.Refresh(t.Context(), stolen.Refresh, desk); !errors.Is(err, auth.ErrToken) {
			t.Errorf("the thief: %v", err)
		}
		if told := w.events(n, events.SignedOut); len(told) != 1 || told[0].Code != auth.EndReused {
			t.Errorf("told %+v", told)
		}
	})
}

// TestTwoAfterAPowerCut: two pages of a screen that come back at once are no copies of each other.
func TestTwoAfterAPowerCut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		nodes := []*node{w.node(), w.node()}
		_, first := w.screen(nodes[0], w.admin(nodes[0]))
		if _, _, err := nodes[0].Refresh(t.Context(), first.Refresh, desk); err != nil {
			t.Fatal(err)
		}
		w.clock.add(day)
		got := make([]auth.Tokens, 6)
		var group sync.WaitGroup
		for i := range got {
			group.Go(func() {
				var err error
				if got[i], _, err = nodes[i%2].Refresh(context.Background(), first.Refresh, desk); err != nil {
					t.Errorf("refresh %d: %v", i, err)
				}
			})
		}
		group.Wait()
		for _, other := range got {
			if other.Refresh != got[0].Refresh {
				t.Error("two at once got different successors")
			}
		}
	})
}

// TestPeopleAreNotScreens: a person's token is a copy after a minute, whether its successor was used or not.
func TestPeopleAreNotScreens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		w.admin(n)
		tokens := w.login(n, "admin", goodPassword)
		if _, _, err := n.Refresh(t.Context(), tokens.Refresh, desk); err != nil {
			t.Fatal(err)
		}
		w.clock.add(time.Minute + time.Millisecond)
		if _, _, err := n.Refresh(t.Context(), tokens.Refresh, desk); !errors.Is(err, auth.ErrToken) {
			t.Errorf("after a minute: %v", err)
		}
	})
}

// TestScreenRotatesForYears: the chain of a screen that never sleeps is cut behind it, and a copy is still noticed.
func TestScreenRotatesForYears(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		_, tokens := w.screen(n, w.admin(n))
		var stolen string
		for i := range 60 {
			w.clock.add(10 * day)
			next, _, err := n.Refresh(t.Context(), tokens.Refresh, desk)
			if err != nil {
				t.Fatalf("after %d days: %v", 10*(i+1), err)
			}
			if i == 58 {
				stolen = tokens.Refresh
			}
			tokens = next
			if err := n.db.CleanSessions(t.Context(), w.clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := n.Refresh(t.Context(), stolen, desk); !errors.Is(err, auth.ErrToken) {
			t.Errorf("a copy: %v", err)
		}
		if _, _, err := n.Refresh(t.Context(), tokens.Refresh, desk); !errors.Is(err, auth.ErrToken) {
			t.Errorf("after a copy was seen: %v", err)
		}
	})
}

func TestCodeRunsOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n, other := w.node(), w.node()
		admin := w.admin(n)
		for _, c := range []struct {
			after time.Duration
			want  error
		}{{15*time.Minute - time.Millisecond, nil}, {15 * time.Minute, auth.ErrDeviceCode}} {
			_, code, err := n.CreateDevice(t.Context(), admin, auth.NewDevice{Name: "Wall"})
			if err != nil {
				t.Fatal(err)
			}
			w.clock.add(c.after)
			if _, _, err := other.LoginDevice(t.Context(), code.Text, desk); !errors.Is(err, c.want) {
				t.Errorf("%v later: %v", c.after, err)
			}
		}
		told := w.events(other, events.SignedIn, events.SignInFailed)
		if last := told[len(told)-1]; last.Kind != events.SignInFailed || last.Code != "auth.device_code" || last.Actor.ID != "" {
			t.Errorf("told %+v", last)
		}
	})
}

func TestCodesAreReadable(t *testing.T) {
	w := &world{t: t, clock: &clock{now: time.Now()}}
	w.options.Dir, w.options.Logger = t.TempDir(), discard()
	n := w.node()
	admin := w.admin(n)
	seen := map[string]bool{}
	for range 50 {
		d, code, err := n.CreateDevice(t.Context(), admin, auth.NewDevice{Name: "Wall"})
		if err != nil {
			t.Fatal(err)
		}
		if len(code.Text) != 9 || code.Text[4] != '-' || strings.ContainsAny(code.Text, "01IOabc") || seen[code.Text] || seen[d.Login] {
			t.Errorf("code %q", code.Text)
		}
		seen[code.Text], seen[d.Login] = true, true
	}
	for _, wrong := range []string{"", "-", "AAAA-AAAA", strings.Repeat("Я", 500), "\x00\xff"} {
		if _, _, err := n.LoginDevice(t.Context(), wrong, auth.Device{Remote: "10.1.1.1"}); !errors.Is(err, auth.ErrDeviceCode) {
			t.Errorf("%.10q: %v", wrong, err)
		}
	}
}
