// Package trackertest holds the rules that every viewers.Tracker keeps, and a simple model to play at random against it.
//
// It owns tests only. It runs no goroutines but those of the tracker under test.
package trackertest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

// Subject is a fresh, empty tracker and the way to let time pass for it.
type Subject struct {
	Tracker viewers.Tracker
	Advance func(time.Duration)
}

// TTL is that of the claims below.
const ttl = 12 * time.Second

// Run plays all rules against trackers that fresh makes.
func Run(t *testing.T, fresh func(t *testing.T) Subject) {
	rules := map[string]func(*testing.T, Subject){
		"the fifth closes the oldest":                 fifth,
		"a machine never evicts":                      machine,
		"the same view keeps place and opening time":  sameView,
		"another camera is a new opening":             otherCamera,
		"replaces takes the place":                    replaces,
		"evicted ids are remembered for ten minutes":  remembered,
		"a late release is harmless":                  lateRelease,
		"leases lapse":                                lapse,
		"renewing tells what is lost":                 renewTells,
		"trimming takes the oldest":                   trim,
		"users do not touch one another":              users,
		"kicks reach the node":                        kicks,
		"at random, as the model says":                model,
		"many at once, and never more than the limit": crowd,
	}
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) { rule(t, fresh(t)) })
	}
}

func claim(user, view, cam string, admit viewers.Admit) viewers.Claim {
	return viewers.Claim{
		Entry: viewers.Entry{
			Seat:   viewers.Seat{Place: viewers.Place{User: auth.UserID(user), View: viewers.ViewID(view)}},
			Camera: camera.ID(cam), Name: "Camera " + cam, Number: 7, Transport: viewers.WebRTC, Label: "Desk of " + user, Remote: "192.0.2.1", Node: "a",
		},
		Admit: admit, Limit: 4, TTL: ttl,
	}
}

func admit(t *testing.T, s Subject, c viewers.Claim) viewers.Admission {
	t.Helper()
	a, err := s.Tracker.Admit(context.Background(), c)
	if err != nil {
		t.Fatalf("admit %s: %v", c.Entry.View, err)
	}
	return a
}

func ids(t *testing.T, s Subject, user string) string {
	t.Helper()
	entries, err := s.Tracker.List(context.Background(), auth.UserID(user))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, string(e.View))
	}
	return fmt.Sprint(names)
}

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %s, want %s", what, got, want)
	}
}

func fill(t *testing.T, s Subject, user string) (admissions []viewers.Admission) {
	t.Helper()
	for _, view := range []string{"v1", "v2", "v3", "v4"} {
		admissions = append(admissions, admit(t, s, claim(user, view, "c"+view, viewers.IfFree)))
		s.Advance(time.Millisecond)
	}
	return admissions
}

func fifth(t *testing.T, s Subject) {
	first := fill(t, s, "u")[0]
	a := admit(t, s, claim("u", "v5", "c5", viewers.EvictOldest))
	if len(a.Evicted) != 1 || a.Evicted[0].Seat != first.Entry.Seat || a.Evicted[0].End.Code != viewers.CodeEvicted {
		t.Fatalf("evicted %+v", a.Evicted)
	}
	want(t, "camera told", a.Evicted[0].End.Params["camera"], "Camera c5")
	want(t, "place told", a.Evicted[0].End.Params["where"], "Desk of u")
	want(t, "living", ids(t, s, "u"), "[v2 v3 v4 v5]")
}

func machine(t *testing.T, s Subject) {
	fill(t, s, "u")
	_, err := s.Tracker.Admit(context.Background(), claim("u", "v5", "c5", viewers.IfFree))
	if !errors.Is(err, viewers.ErrLimit) {
		t.Fatalf("got %v, want ErrLimit", err)
	}
	want(t, "living", ids(t, s, "u"), "[v1 v2 v3 v4]")
}

func sameView(t *testing.T, s Subject) {
	before := fill(t, s, "u")[0]
	s.Advance(time.Second)
	c := claim("u", "v1", "cv1", viewers.IfFree)
	c.Entry.Transport, c.Entry.Node = viewers.HLS, "b"
	a := admit(t, s, c)
	if len(a.Evicted) != 0 || !a.Entry.OpenedAt.Equal(before.Entry.OpenedAt) || a.Entry.Order != before.Entry.Order {
		t.Fatalf("%+v after %+v", a, before.Entry)
	}
	if a.Entry.Generation <= before.Entry.Generation {
		t.Fatalf("generation %d after %d", a.Entry.Generation, before.Entry.Generation)
	}
	want(t, "living", ids(t, s, "u"), "[v1 v2 v3 v4]")
}

func otherCamera(t *testing.T, s Subject) {
	fill(t, s, "u")
	s.Advance(time.Second)
	if a := admit(t, s, claim("u", "v1", "other", viewers.IfFree)); len(a.Evicted) != 0 {
		t.Fatalf("evicted %+v", a.Evicted)
	}
	want(t, "living", ids(t, s, "u"), "[v2 v3 v4 v1]")
}

func replaces(t *testing.T, s Subject) {
	fill(t, s, "u")
	c := claim("u", "v5", "c5", viewers.IfFree)
	c.Replaces = "v3"
	a := admit(t, s, c)
	if len(a.Evicted) != 1 || a.Evicted[0].Seat.View != "v3" || a.Evicted[0].End.Code != viewers.CodeClosed {
		t.Fatalf("evicted %+v", a.Evicted)
	}
	want(t, "living", ids(t, s, "u"), "[v1 v2 v4 v5]")
	c = claim("u", "v6", "c6", viewers.IfFree)
	c.Replaces = "v3" // not there any more
	if _, err := s.Tracker.Admit(context.Background(), c); !errors.Is(err, viewers.ErrLimit) {
		t.Fatalf("got %v, want ErrLimit", err)
	}
}

func remembered(t *testing.T, s Subject) {
	ctx := context.Background()
	fill(t, s, "u")
	admit(t, s, claim("u", "v5", "c5", viewers.EvictOldest)) // evicts v1
	if _, ok, err := s.Tracker.End(ctx, viewers.Seat{Place: viewers.Place{User: "u", View: "v2"}}, viewers.End{Code: viewers.CodeRevoked}); !ok || err != nil {
		t.Fatal(ok, err)
	}
	_, err := s.Tracker.Admit(ctx, claim("u", "v1", "cv1", viewers.IfFree))
	if !errors.Is(err, viewers.ErrEvicted) {
		t.Fatalf("got %v, want ErrEvicted", err)
	}
	_, err = s.Tracker.Admit(ctx, claim("u", "v2", "cv2", viewers.IfFree))
	if !errors.Is(err, viewers.ErrRevoked) {
		t.Fatalf("got %v, want ErrRevoked", err)
	}
	a := admit(t, s, claim("u", "v1", "cv1", viewers.EvictOldest)) // a person's act
	if len(a.Evicted) != 0 {
		t.Fatalf("evicted %+v though a place was free", a.Evicted)
	}
	if err := s.Tracker.Release(ctx, a.Entry.Seat); err != nil {
		t.Fatal(err)
	}
	admit(t, s, claim("u", "v1", "cv1", viewers.IfFree)) // forgotten by the person's act
	s.Advance(viewers.Remember + time.Second)
	admit(t, s, claim("u", "v2", "cv2", viewers.IfFree)) // forgotten by time
}

func lateRelease(t *testing.T, s Subject) {
	ctx := context.Background()
	former := admit(t, s, claim("u", "v1", "c", viewers.IfFree))
	admit(t, s, claim("u", "v1", "c", viewers.IfFree))
	for range 2 {
		if err := s.Tracker.Release(ctx, former.Entry.Seat); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok, err := s.Tracker.End(ctx, former.Entry.Seat, viewers.End{Code: viewers.CodeRevoked}); ok || err != nil {
		t.Fatal(ok, err)
	}
	want(t, "living", ids(t, s, "u"), "[v1]")
}

func lapse(t *testing.T, s Subject) {
	fill(t, s, "u")
	s.Advance(ttl + time.Second)
	want(t, "living", ids(t, s, "u"), "[]")
	a := admit(t, s, claim("u", "v5", "c5", viewers.IfFree))
	if len(a.Evicted) != 0 {
		t.Fatalf("evicted %+v", a.Evicted)
	}
	admit(t, s, claim("u", "v1", "cv1", viewers.IfFree)) // a lapsed view may be reopened by a machine
}

func renewTells(t *testing.T, s Subject) {
	ctx := context.Background()
	all := fill(t, s, "u")
	var leases []viewers.Lease
	for _, a := range all {
		leases = append(leases, viewers.Lease{Entry: a.Entry, TTL: ttl})
	}
	s.Advance(ttl - time.Second)
	if losses, err := s.Tracker.Renew(ctx, leases); len(losses) != 0 || err != nil {
		t.Fatal(losses, err)
	}
	s.Advance(ttl - time.Second)
	want(t, "living", ids(t, s, "u"), "[v1 v2 v3 v4]")

	admit(t, s, claim("u", "v5", "c5", viewers.EvictOldest)) // v1
	admit(t, s, claim("u", "v2", "cv2", viewers.IfFree))     // replaced
	_ = s.Tracker.Release(ctx, all[2].Entry.Seat)
	losses, err := s.Tracker.Renew(ctx, leases)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[viewers.ViewID]string{}
	for _, l := range losses {
		codes[l.Seat.View] = l.End.Code
	}
	want(t, "losses", fmt.Sprint(codes), fmt.Sprint(map[viewers.ViewID]string{
		"v1": viewers.CodeEvicted, "v2": viewers.CodeReplaced, "v3": viewers.CodeExpired,
	}))
}

func trim(t *testing.T, s Subject) {
	fill(t, s, "u")
	losses, err := s.Tracker.Trim(context.Background(), "u", 1, viewers.End{Code: viewers.CodeEvicted})
	if err != nil || len(losses) != 3 || losses[0].Seat.View != "v1" {
		t.Fatal(losses, err)
	}
	want(t, "living", ids(t, s, "u"), "[v4]")
}

func users(t *testing.T, s Subject) {
	fill(t, s, "u")
	a := admit(t, s, claim("w", "v1", "c", viewers.EvictOldest))
	if len(a.Evicted) != 0 {
		t.Fatalf("evicted %+v", a.Evicted)
	}
	_ = s.Tracker.Release(context.Background(), a.Entry.Seat)
	want(t, "living", ids(t, s, "u"), "[v1 v2 v3 v4]")
}

func kicks(t *testing.T, s Subject) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c, err := s.Tracker.Kicks(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, "u")
	other := claim("u", "v5", "c5", viewers.EvictOldest)
	other.Entry.Node = "b"
	admit(t, s, other)
	select {
	case l := <-c:
		want(t, "kicked", string(l.Seat.View), "v1")
		want(t, "why", l.End.Code, viewers.CodeEvicted)
	case <-time.After(5 * time.Second):
		t.Fatal("no kick")
	}
}

// known is the model: what a user has, in the simplest words.
type known struct {
	open   []viewers.Entry // oldest first
	until  map[viewers.ViewID]time.Duration
	ended  map[viewers.ViewID]time.Duration // evicted or revoked: remembered until
	at     time.Duration
	latest int64
}

func (k *known) pass(d time.Duration) {
	k.at += d
	k.open = slices.DeleteFunc(k.open, func(e viewers.Entry) bool { return k.until[e.View] <= k.at })
	for id, until := range k.ended {
		if until <= k.at {
			delete(k.ended, id)
		}
	}
}

func (k *known) index(id viewers.ViewID) int {
	return slices.IndexFunc(k.open, func(e viewers.Entry) bool { return e.View == id })
}

func model(t *testing.T, s Subject) {
	ctx := context.Background()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	t.Logf("seed %d", seed)
	k := &known{until: map[viewers.ViewID]time.Duration{}, ended: map[viewers.ViewID]time.Duration{}}
	limit := 4
	for step := range 4000 {
		d := time.Duration(1+r.IntN(900)) * time.Millisecond
		if r.IntN(60) == 0 {
			d += time.Duration(r.IntN(700)) * time.Second
		}
		s.Advance(d)
		k.pass(d)
		id := viewers.ViewID(fmt.Sprintf("tile%d", r.IntN(9)))
		what := ""
		switch r.IntN(10) {
		case 0, 1, 2, 3, 4:
			c := claim("u", string(id), fmt.Sprint(r.IntN(3)), viewers.IfFree)
			c.Limit = limit
			if r.IntN(2) == 0 {
				c.Admit = viewers.EvictOldest
			}
			if r.IntN(4) == 0 {
				c.Replaces = viewers.ViewID(fmt.Sprintf("tile%d", r.IntN(9)))
			}
			what = fmt.Sprintf("admit %s %s camera %s replaces %q limit %d", id, c.Admit, c.Entry.Camera, c.Replaces, limit)
			a, err := s.Tracker.Admit(ctx, c)
			k.admit(t, what, c, a, err)
		case 5, 6:
			what = "renew"
			var leases []viewers.Lease
			for _, e := range k.open {
				if r.IntN(2) == 0 {
					leases = append(leases, viewers.Lease{Entry: e, TTL: ttl})
					k.until[e.View] = k.at + ttl
				}
			}
			if losses, err := s.Tracker.Renew(ctx, leases); err != nil || len(losses) != 0 {
				t.Fatalf("step %d: renew: %v %v", step, losses, err)
			}
		case 7:
			what = "release " + string(id)
			if i := k.index(id); i >= 0 {
				seat := k.open[i].Seat
				if r.IntN(2) == 0 {
					seat.Generation-- // late
				} else {
					k.open = slices.Delete(k.open, i, i+1)
				}
				_ = s.Tracker.Release(ctx, seat)
			}
		case 8:
			what = "revoke " + string(id)
			i := k.index(id)
			_, ok, _ := s.Tracker.End(ctx, viewers.Seat{Place: viewers.Place{User: "u", View: id}}, viewers.End{Code: viewers.CodeRevoked})
			if ok != (i >= 0) {
				t.Fatalf("step %d: %s: %v", step, what, ok)
			}
			if ok {
				k.open = slices.Delete(k.open, i, i+1)
				k.ended[id] = k.at + viewers.Remember
			}
		case 9:
			limit = 1 + r.IntN(6)
			what = fmt.Sprint("limit ", limit)
			_, _ = s.Tracker.Trim(ctx, "u", limit, viewers.End{Code: viewers.CodeEvicted})
			k.evict(limit)
		}
		var names []string
		for _, e := range k.open {
			names = append(names, string(e.View))
		}
		if got, model := ids(t, s, "u"), fmt.Sprint(names); got != model {
			t.Fatalf("step %d: after %s: got %s, want %s", step, what, got, model)
		}
		if len(k.open) > limit {
			t.Fatalf("step %d: %d views, limit %d", step, len(k.open), limit)
		}
	}
}

func (k *known) evict(limit int) (n int) {
	for len(k.open) > limit {
		k.ended[k.open[0].View] = k.at + viewers.Remember
		k.open = k.open[1:]
		n++
	}
	return n
}

func (k *known) admit(t *testing.T, what string, c viewers.Claim, a viewers.Admission, err error) {
	t.Helper()
	id := c.Entry.View
	_, barred := k.ended[id]
	i, j := k.index(id), k.index(c.Replaces)
	if i == j {
		j = -1
	}
	machine := c.Admit == viewers.IfFree
	refused := machine && (barred || i < 0 && j < 0 && len(k.open) >= c.Limit)
	if refused != (err != nil) {
		t.Fatalf("%s: %v, model refuses: %v", what, err, refused)
	}
	if refused {
		return
	}
	if a.Entry.Generation <= k.latest {
		t.Fatalf("%s: generation %d after %d", what, a.Entry.Generation, k.latest)
	}
	k.latest = a.Entry.Generation
	evictions := 0
	if j >= 0 {
		k.open = slices.Delete(k.open, j, j+1)
		evictions++
	}
	if i < 0 && j < 0 {
		n := k.evict(c.Limit - 1)
		if machine && n > 0 {
			t.Fatalf("%s: the model itself evicts for a machine", what)
		}
		evictions += n
	}
	if len(a.Evicted) != evictions {
		t.Fatalf("%s: evicted %v, model %d", what, a.Evicted, evictions)
	}
	i = k.index(id)
	switch {
	case i >= 0 && k.open[i].Camera == c.Entry.Camera:
		if !k.open[i].OpenedAt.Equal(a.Entry.OpenedAt) {
			t.Fatalf("%s: opening time moved", what)
		}
		k.open[i] = a.Entry
	case i >= 0:
		k.open = append(slices.Delete(k.open, i, i+1), a.Entry)
	default:
		k.open = append(k.open, a.Entry)
	}
	k.until[id] = k.at + c.TTL
	delete(k.ended, id)
}

// crowd opens from many devices at once.
func crowd(t *testing.T, s Subject) {
	ctx := context.Background()
	const devices, opens = 8, 200
	errs := make(chan error, devices)
	for device := range devices {
		go func() {
			r := rand.New(rand.NewPCG(uint64(device), 2))
			for range opens {
				c := claim("u", fmt.Sprintf("d%dt%d", device, r.IntN(3)), fmt.Sprint(r.IntN(5)), viewers.IfFree)
				if device%2 == 0 {
					c.Admit = viewers.EvictOldest
				}
				a, err := s.Tracker.Admit(ctx, c)
				if err == nil && c.Admit == viewers.IfFree && len(a.Evicted) > 0 {
					errs <- fmt.Errorf("a machine evicted %v", a.Evicted)
					return
				}
				entries, err := s.Tracker.List(ctx, "u")
				if err != nil || len(entries) > c.Limit {
					errs <- fmt.Errorf("%d views at once: %w", len(entries), err)
					return
				}
				if a.Entry.View != "" && r.IntN(3) == 0 {
					_ = s.Tracker.Release(ctx, a.Entry.Seat)
				}
			}
			errs <- nil
		}()
	}
	for range devices {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
}
