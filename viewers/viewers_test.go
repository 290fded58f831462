package viewers_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

func TestTheFifthClosesTheOldestAndSaysWhy(t *testing.T) {
	inBubble(t, func(r *rig) {
		views := r.four()
		fifth := r.open("v5", "c5", viewers.EvictOldest)
		end := r.ended(views[0], viewers.CodeEvicted)
		for key, want := range map[string]string{
			"camera": "Gate c5", "number": "5", "where": "Chrome, Windows", "address": "192.0.2.7", "by": "Ivanov",
		} {
			if end.Params[key] != want {
				t.Errorf("%s is %q, want %q", key, end.Params[key], want)
			}
		}
		r.lives(append(views[1:], fifth)...)
		e := r.diary.of("v1", events.ViewEnded)
		if len(e) != 1 || e[0].Code != viewers.CodeEvicted || e[0].Transport != "webrtc" || e[0].Remote != "192.0.2.7" || e[0].Camera.Name != "Gate c1" {
			t.Errorf("events %+v", e)
		}

		r.refused(viewers.ErrLimit, request("v6", "c6", viewers.IfFree))
		r.refused(viewers.ErrEvicted, request("v1", "c1", viewers.IfFree))
		again := r.open("v1", "c1", viewers.EvictOldest) // a click on "open again"
		r.ended(views[1], viewers.CodeEvicted)
		r.lives(again)
	})
}

func TestSameViewAgainKeepsItsPlace(t *testing.T) {
	inBubble(t, func(r *rig) {
		views := r.four()
		time.Sleep(5 * time.Second)
		again := request("v1", "c1", viewers.IfFree)
		again.Transport = viewers.HLS
		hls, err := r.Open(context.Background(), again)
		if err != nil {
			t.Fatal(err)
		}
		r.ended(views[0], viewers.CodeReplaced)
		if !hls.OpenedAt().Equal(views[0].OpenedAt()) || hls.Generation() <= views[0].Generation() {
			t.Errorf("opened %v after %v", hls.OpenedAt(), views[0].OpenedAt())
		}
		views[0].Close(viewers.CodeClosed) // the late end of the replaced transport
		views[0].Renew()
		r.lives(append(views[1:], hls)...)
		r.refused(viewers.ErrLimit, request("v5", "c5", viewers.IfFree))

		// It is still the oldest.
		r.open("v5", "c5", viewers.EvictOldest)
		r.ended(hls, viewers.CodeEvicted)
	})
}

func TestLeasesLapseAndMayBeReopened(t *testing.T) {
	inBubble(t, func(r *rig) {
		views := r.four()
		gone := r.open("v1", "c1", viewers.IfFree) // nobody renews it
		time.Sleep(11 * time.Second)
		r.lives(gone)
		time.Sleep(3 * time.Second)
		r.ended(gone, viewers.CodeExpired)
		r.lives(views[1:]...)
		r.open("v5", "c5", viewers.IfFree) // its place is free
		if e := r.diary.of("v1", events.ViewEnded); e[len(e)-1].Code != viewers.CodeExpired || e[len(e)-1].Lasted < 12*time.Second {
			t.Errorf("events %+v", e)
		}
	})
}

func TestLingerKeepsThePlaceForAReload(t *testing.T) {
	inBubble(t, func(r *rig) {
		views := r.four()
		opened := views[2].OpenedAt()
		views[2].Linger(5 * time.Second)
		time.Sleep(3 * time.Second)
		r.refused(viewers.ErrLimit, request("other", "c5", viewers.IfFree))
		back := r.open("v3", "c3", viewers.IfFree)
		if !back.OpenedAt().Equal(opened) {
			t.Errorf("opening time moved from %v to %v", opened, back.OpenedAt())
		}
		views[3].Linger(5 * time.Second)
		time.Sleep(7 * time.Second)
		r.ended(views[3], viewers.CodeExpired)
	})
}

func TestJudgeEndsWhatMayNotGoOn(t *testing.T) {
	ctx := context.Background()
	two := 2
	none := 0
	cases := map[string]struct {
		change func(*rights)
		want   [4]string // codes of v1 to v4; "" lives
	}{
		"grant withdrawn": {func(r *rights) { r.denied["c2"] = true }, [4]string{"", viewers.CodeRevoked, "", ""}},
		"camera deleted":  {func(r *rights) { delete(r.cameras, "c3") }, [4]string{"", "", viewers.CodeDeleted, ""}},
		"user banned": {func(r *rights) { r.users["u"] = auth.User{ID: "u", Banned: true} }, [4]string{
			viewers.CodeRevoked, viewers.CodeRevoked, viewers.CodeRevoked, viewers.CodeRevoked,
		}},
		"user deleted": {func(r *rights) { delete(r.users, "u") }, [4]string{
			viewers.CodeRevoked, viewers.CodeRevoked, viewers.CodeRevoked, viewers.CodeRevoked,
		}},
		"signed out": {func(r *rights) { r.ended["s1"] = true }, [4]string{
			viewers.CodeClosed, viewers.CodeClosed, viewers.CodeClosed, viewers.CodeClosed,
		}},
		"limit lowered": {func(r *rights) { r.users["u"] = auth.User{ID: "u", ViewsLimit: &two} }, [4]string{
			viewers.CodeEvicted, viewers.CodeEvicted, "", "",
		}},
		"limit none": {func(r *rights) { r.users["u"] = auth.User{ID: "u", ViewsLimit: &none} }, [4]string{
			viewers.CodeRevoked, viewers.CodeRevoked, viewers.CodeRevoked, viewers.CodeRevoked,
		}},
		"database away": {func(r *rights) { r.broken = errors.New("connection refused") }, [4]string{}},
		"nothing":       {func(*rights) {}, [4]string{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				views := r.four()
				r.rights.change(c.change)
				r.Judge(ctx)
				for i, code := range c.want {
					if code == "" {
						r.lives(views[i])
					} else {
						r.ended(views[i], code)
					}
				}
				entries, err := r.List(ctx)
				if err != nil {
					t.Fatal(err)
				}
				left := 0
				for _, code := range c.want {
					if code == "" {
						left++
					}
				}
				if len(entries) != left {
					t.Errorf("%d views are listed, want %d", len(entries), left)
				}
			})
		})
	}
}

func TestRevokedIsRememberedButSignedOutIsNot(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.four()
		r.rights.change(func(r *rights) { r.denied["c1"] = true })
		r.Judge(context.Background())
		r.rights.change(func(r *rights) { r.denied["c1"] = false })
		r.refused(viewers.ErrRevoked, request("v1", "c1", viewers.IfFree))
		r.open("v1", "c1", viewers.EvictOldest) // a person, who may again

		r.rights.change(func(r *rights) { r.ended["s1"] = true })
		r.Judge(context.Background())
		r.refused(auth.ErrToken, request("v2", "c2", viewers.IfFree))
		in := request("v2", "c2", viewers.IfFree)
		in.Principal.Session = "s2"
		if _, err := r.Open(context.Background(), in); err != nil {
			t.Errorf("the wall is not restored after signing in again: %v", err)
		}
	})
}

func TestASignInThatLapsesByTheClockEndsItsViewsWithoutBeingTold(t *testing.T) {
	inBubble(t, func(r *rig) {
		views := r.four()
		r.rights.change(func(r *rights) { r.ended["s1"] = true })
		time.Sleep(time.Minute + time.Second)
		r.ended(views[3], viewers.CodeClosed)
	})
}

func TestARevocationDuringOpenIsNotMissed(t *testing.T) {
	inBubble(t, func(r *rig) {
		// The revision rises and all views are judged after Open has read the rights, before its view is seated.
		r.rights.change(func(rt *rights) {
			rt.mayWatch = func() {
				rt.change(func(rt *rights) { rt.denied["c1"] = true })
				r.Judge(context.Background())
			}
		})
		v, err := r.Open(context.Background(), request("v1", "c1", viewers.IfFree))
		if err != nil {
			t.Fatal(err)
		}
		r.ended(v, viewers.CodeRevoked)
	})
}

func TestDatabaseTroubleIsHealedLater(t *testing.T) {
	inBubble(t, func(r *rig) {
		views := r.four()
		r.rights.change(func(r *rights) { r.broken, r.denied["c2"] = errors.New("connection refused"), true })
		r.Judge(context.Background()) // told once, in the middle of the trouble
		time.Sleep(30 * time.Second)
		r.lives(views...)
		r.rights.change(func(r *rights) { r.broken = nil })
		time.Sleep(2 * time.Second)
		r.ended(views[1], viewers.CodeRevoked)
	})
}

func TestARevocationDuringOpenIsNotMissedInDatabaseTrouble(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.rights.change(func(rt *rights) {
			rt.mayWatch = func() {
				r.Judge(context.Background())
				rt.change(func(rt *rights) { rt.denied["c1"], rt.broken = true, errors.New("connection refused") })
			}
		})
		v, err := r.Open(context.Background(), request("v1", "c1", viewers.IfFree))
		if err != nil {
			t.Fatal(err)
		}
		watchOver(v)
		time.Sleep(5 * time.Second)
		r.lives(v)
		r.rights.change(func(r *rights) { r.broken = nil })
		time.Sleep(2 * time.Second)
		r.ended(v, viewers.CodeRevoked)
	})
}

func TestAModeratorEndsAView(t *testing.T) {
	inBubble(t, func(r *rig) {
		views := r.four()
		ctx := context.Background()
		list, err := r.List(ctx)
		if err != nil || len(list) != 4 || list[0].Login != "ivanov" || list[0].Name != "Gate c1" || list[0].Remote != "192.0.2.7" {
			t.Fatal(list, err)
		}
		place, err := viewers.ParseRef(list[1].Ref())
		if err != nil {
			t.Fatal(err)
		}
		by := auth.Principal{User: auth.User{ID: "m", Login: "petrova", LastName: "Petrova"}}
		if err := r.EndView(ctx, by, place); err != nil {
			t.Fatal(err)
		}
		if end := r.ended(views[1], viewers.CodeClosed); end.Params["by"] != "Petrova" {
			t.Errorf("params %v", end.Params)
		}
		told := r.diary.of(string(list[1].View), events.ViewEnded)
		if len(told) != 1 || told[0].Actor.Login != "petrova" || told[0].User.Login != "ivanov" || told[0].Code != viewers.CodeClosed || told[0].Camera.Name == "" {
			t.Errorf("the log says %+v", told)
		}
		own := auth.Principal{User: auth.User{ID: "u", Login: "ivanov"}}
		if err := r.EndView(ctx, own, list[2].Place); err != nil {
			t.Fatal(err)
		}
		if told := r.diary.of(string(list[2].View), events.ViewEnded); len(told) != 1 || told[0].Actor.Login != "ivanov" || told[0].User.ID != "" {
			t.Errorf("of one's own view the log says %+v", told)
		}
		if err := r.EndView(ctx, by, place); !errors.Is(err, viewers.ErrNoView) {
			t.Errorf("ending it twice: %v", err)
		}
		if _, err := viewers.ParseRef("nonsense"); !errors.Is(err, viewers.ErrNoView) {
			t.Errorf("a bad reference: %v", err)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	none := 0
	inBubble(t, func(r *rig) {
		for name, c := range map[string]struct {
			want   error
			change func(*viewers.Request)
		}{
			"no id":           {viewers.ErrBadView, func(q *viewers.Request) { q.View = "" }},
			"id with a slash": {viewers.ErrBadView, func(q *viewers.Request) { q.View = "a/b" }},
			"long id":         {viewers.ErrBadView, func(q *viewers.Request) { q.View = viewers.ViewID(strings.Repeat("a", 65)) }},
			"bad replaces":    {viewers.ErrBadView, func(q *viewers.Request) { q.Replaces = "a b" }},
			"admit":           {viewers.ErrBadRequest, func(q *viewers.Request) { q.Admit = "always" }},
			"transport":       {viewers.ErrBadRequest, func(q *viewers.Request) { q.Transport = "carrier pigeon" }},
			"lease":           {viewers.ErrBadRequest, func(q *viewers.Request) { q.Lease = time.Hour }},
			"nobody":          {auth.ErrToken, func(q *viewers.Request) { q.Principal = auth.Principal{} }},
			"unknown user":    {auth.ErrToken, func(q *viewers.Request) { q.Principal.User.ID = "x" }},
			"unknown camera":  {camera.ErrNotFound, func(q *viewers.Request) { q.Camera = "x" }},
			"no camera":       {camera.ErrNotFound, func(q *viewers.Request) { q.Camera = "" }},
		} {
			req := request("v1", "c1", viewers.EvictOldest)
			c.change(&req)
			if _, err := r.Open(context.Background(), req); !errors.Is(err, c.want) {
				t.Errorf("%s: got %v, want %v", name, err, c.want)
			}
		}
		r.rights.change(func(r *rights) { r.users["u"] = auth.User{ID: "u", ViewsLimit: &none} })
		r.refused(viewers.ErrNotAllowed, request("v1", "c1", viewers.EvictOldest))
		if s := r.Stats(); s.Refused[viewers.ErrBadView.Code] != 4 || s.Now[viewers.WebRTC] != 0 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestTwoNodesShareOneLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _ := viewers.NewMemory(time.Now)
		a, b := newRig(t, m, "a"), newRig(t, m, "b")
		synctest.Wait()
		views := a.four()
		b.open("w1", "c5", viewers.EvictOldest)
		synctest.Wait() // the kick
		a.ended(views[0], viewers.CodeEvicted)

		w2 := b.open("v2", "c2", viewers.IfFree) // the tile moves to the other node, as behind a balancer
		time.Sleep(2 * time.Second)              // the heartbeat tells
		a.ended(views[1], viewers.CodeReplaced)
		a.lives(views[2:]...)
		b.lives(w2)

		if err := b.EndView(context.Background(), auth.Principal{User: auth.User{Login: "m"}}, viewers.Place{User: "u", View: "v3"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		a.ended(views[2], viewers.CodeClosed)
		a.stop()
		b.stop()
	})
}

func TestStoppingKeepsPlacesForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _ := viewers.NewMemory(time.Now)
		a, b := newRig(t, m, "a"), newRig(t, m, "b")
		views := a.four()
		a.stop()
		for _, v := range views {
			a.ended(v, viewers.CodeStopping)
		}
		a.refused(viewers.ErrStopping, request("v1", "c1", viewers.IfFree))
		back := b.open("v1", "c1", viewers.IfFree)
		if !back.OpenedAt().Equal(views[0].OpenedAt()) {
			t.Errorf("opening time moved")
		}
		b.refused(viewers.ErrLimit, request("other", "c5", viewers.IfFree))
		b.stop()
	})
}

func TestLabelsAreFitToBeShown(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.four()
		req := request("v5", "c5", viewers.EvictOldest)
		req.Label = "  Desk\u202e 2\n\t" + strings.Repeat("Я", 100)
		if _, err := r.Open(context.Background(), req); err != nil {
			t.Fatal(err)
		}
		list, _ := r.ListUser(context.Background(), "u")
		got := list[len(list)-1].Label
		if want := "Desk 2 " + strings.Repeat("Я", 57); got != want {
			t.Errorf("got %q", got)
		}
	})
}

func TestManyViewsAreJudgedQuicklyAndCheaply(t *testing.T) {
	inBubble(t, func(r *rig) {
		many := 64
		r.rights.change(func(r *rights) { r.users["u"] = auth.User{ID: "u", ViewsLimit: &many} })
		for i := range 60 {
			r.open("v"+string(rune('A'+i%26))+string(rune('a'+i/26)), "c1", viewers.IfFree)
		}
		r.rights.change(func(r *rights) { r.asked = 0 })
		r.Judge(context.Background())
		r.rights.change(func(r *rights) {
			if r.asked != 1 {
				t.Errorf("one user on one camera took %d questions", r.asked)
			}
		})
	})
}
