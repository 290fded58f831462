package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// changedMany asserts that do raises the rights revision by one and calls Changed once, and gives the events that it left.
func (y *yard) changedMany(do func()) []events.Event {
	y.t.Helper()
	revision, calls, last := y.revision(), y.changes.Load(), y.lastEvent().ID
	do()
	if got := y.revision(); got != revision+1 {
		y.t.Errorf("the rights revision went from %d to %d", revision, got)
	}
	if got := y.changes.Load(); got != calls+1 {
		y.t.Errorf("Changed was called %d times", got-calls)
	}
	left, err := y.db.Events(y.t.Context(), events.Query{After: last, Limit: 1000})
	y.must(err)
	for _, e := range left {
		if e.Actor.ID != string(y.by.User.ID) || e.Remote != y.by.Remote {
			y.t.Errorf("the event does not say who did it and from where: %+v", e)
		}
	}
	return left
}

func ptr[T any](v T) *T { return &v }

func TestManyCamerasAreChangedAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		full := camera.NewCamera{Name: "full", Address: "rtsp://h/1"}
		for i := range 32 {
			full.Tags = append(full.Tags, fmt.Sprint("tag ", i))
		}
		a := y.add(camera.NewCamera{Name: "a", Address: "rtsp://h/1", Tags: []string{"Ёлка", "old"}, Transport: camera.TransportTCP})
		b, c, f := y.camera("b"), y.add(camera.NewCamera{Name: "c", Address: "rtsp://h/1", Location: "hall"}), y.add(full)
		g, h := y.group("g", a), y.group("h", b)
		y.must(y.RemoveFromGroup(ctx, y.by, h.ID, b.ID))
		y.must(y.AddToGroup(ctx, y.by, h.ID, c.ID))
		y.pass(time.Minute)

		var got camera.BulkResult
		left := y.changedMany(func() {
			var err error
			got, err = y.ChangeMany(ctx, y.by, []camera.ID{a.ID, b.ID, "none", c.ID, a.ID, f.ID}, camera.BulkChange{
				Transport: ptr(camera.TransportTCP), Location: ptr("  Склад "), Sweep: ptr(false),
				AddTags: []string{"елка", "new"}, RemoveTags: []string{"OLD"}, AddGroups: []camera.GroupID{g.ID}, RemoveGroups: []camera.GroupID{h.ID},
			})
			y.must(err)
		})
		slices.SortFunc(got.Failed, func(a, b camera.BulkFailure) int { return strings.Compare(a.Code, b.Code) })
		want := camera.BulkResult{Changed: 3, Failed: []camera.BulkFailure{{ID: "none", Code: "camera.not_found"}, {ID: f.ID, Code: "camera.too_many_tags"}}}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		var told []string
		for _, e := range left {
			told = append(told, fmt.Sprint(e.Camera.Name, " ", e.Kind, " ", e.Code, e.Fields))
		}
		slices.Sort(told)
		if got, want := strings.Join(told, "\n"), strings.Join([]string{
			"a camera.changed [location tags sweep]", "b camera.changed [location tags transport sweep]", "b group.changed group.camera_added[cameras]",
			"c camera.changed [location tags transport sweep]", "c group.changed group.camera_added[cameras]", "c group.changed group.camera_removed[cameras]",
		}, "\n"); got != want {
			t.Errorf("told:\n%s\nwant:\n%s", got, want)
		}
		now, err := y.Get(ctx, a.ID)
		y.must(err)
		if fmt.Sprint(now.Tags) != "[Ёлка new]" || now.Location != "Склад" || now.Sweep || now.Version != 2 || !now.UpdatedAt.Equal(y.clock()) {
			t.Errorf("%+v", now)
		}
		if page, err := y.List(ctx, camera.ListQuery{Group: g.ID, Tags: []string{"NEW"}, Query: paging.Query{Q: "склад"}}); err != nil || page.Total != 3 {
			t.Errorf("found by what they were given: %+v, %v", page, err)
		}
		if still, err := y.Get(ctx, f.ID); err != nil || still.Location != "" || still.Version != 1 {
			t.Errorf("one that can't be changed was: %+v", still)
		}
		y.unchanged(func() {
			got, err := y.ChangeMany(ctx, y.by, []camera.ID{a.ID, b.ID}, camera.BulkChange{AddTags: []string{"NEW"}, AddGroups: []camera.GroupID{g.ID}, RemoveTags: []string{"x"}})
			if err != nil || got.Changed != 0 || got.Unchanged != 2 {
				t.Errorf("the same again: %+v, %v", got, err)
			}
		})
		// All or nothing where the request is wrong.
		y.unchanged(func() {
			_, err := y.ChangeMany(ctx, y.by, []camera.ID{a.ID}, camera.BulkChange{AddTags: []string{"more"}, AddGroups: []camera.GroupID{"none"}})
			y.mustBe(camera.ErrNoGroup, err)
			for _, wrong := range []struct {
				ids   []camera.ID
				c     camera.BulkChange
				field string
			}{
				{nil, camera.BulkChange{}, "ids required"},
				{make1001(), camera.BulkChange{}, "ids too_many"},
				{[]camera.ID{a.ID}, camera.BulkChange{Transport: ptr(camera.Transport("pigeon"))}, "transport not_allowed"},
				{[]camera.ID{a.ID}, camera.BulkChange{AddTags: []string{"a\x00"}}, "add_tags characters"},
			} {
				_, err := y.ChangeMany(ctx, y.by, wrong.ids, wrong.c)
				if f := fault.From(err).Fields; len(f) != 1 || f[0].Path+" "+f[0].Code != wrong.field {
					t.Errorf("%s: %v %v", wrong.field, err, f)
				}
			}
		})
		if now, err := y.Get(ctx, a.ID); err != nil || now.Version != 2 {
			t.Errorf("a refused change left %+v", now)
		}
	})
}

func make1001() (ids []camera.ID) {
	for i := range 1001 {
		ids = append(ids, camera.ID(fmt.Sprint(i)))
	}
	return ids
}

func TestManyCamerasAreDeletedAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		free, granted, watched, grouped := y.camera("free"), y.camera("granted"), y.camera("watched"), y.camera("grouped")
		u := y.person("u", auth.RoleUser)
		y.must(y.Grant(ctx, y.by, u.ID, granted.ID, camera.Terms{}))
		y.must(y.AddFavourite(ctx, u, granted.ID))
		y.group("g", grouped)
		y.watched = watched.ID
		y.views.Store(2)
		all := []camera.ID{free.ID, granted.ID, watched.ID, grouped.ID, "none"}
		var failed []camera.BulkFailure
		left := y.changedMany(func() {
			n, f, err := y.DeleteMany(ctx, y.by, all, camera.IfUnused)
			if y.must(err); n != 1 {
				t.Errorf("%d deleted", n)
			}
			failed = f
		})
		if len(left) != 1 || left[0].Kind != events.CameraDeleted || left[0].Camera.Name != "free" {
			t.Errorf("told: %+v", left)
		}
		slices.SortFunc(failed, func(a, b camera.BulkFailure) int { return strings.Compare(string(a.ID), string(b.ID)) })
		if want := []camera.BulkFailure{
			{ID: granted.ID, Code: "camera.in_use", Hanging: camera.Hanging{Grants: 1, Favourites: 1}}, {ID: watched.ID, Code: "camera.in_use", Hanging: camera.Hanging{Views: 2}},
			{ID: grouped.ID, Code: "camera.in_use", Hanging: camera.Hanging{Groups: 1}}, {ID: "none", Code: "camera.not_found"},
		}; fmt.Sprint(failed) != fmt.Sprint(want) {
			t.Errorf("failed %+v\nwant %+v", failed, want)
		}
		left = y.changedMany(func() {
			n, f, err := y.DeleteMany(ctx, y.by, all, camera.Forced)
			if y.must(err); n != 3 || len(f) != 2 {
				t.Errorf("%d deleted by force, %+v", n, f)
			}
		})
		if len(left) != 3 {
			t.Errorf("told: %+v", left)
		}
		y.unchanged(func() {
			if n, _, err := y.DeleteMany(ctx, y.by, all, camera.Forced); n != 0 || err != nil {
				t.Errorf("%d deleted twice, %v", n, err)
			}
		})
	})
}

// held gives a user's direct grants, ended ones left out: "camera until reason", sorted.
func (y *yard) held(u auth.User) string {
	y.t.Helper()
	var all []string
	page, err := y.UserCameras(y.t.Context(), u.ID, camera.ListQuery{Query: paging.Query{Limit: 1000}})
	y.must(err)
	term := func(name string, v camera.Via) {
		if v.ExpiresAt != nil {
			name += v.ExpiresAt.Format(" until 15:04")
		}
		if v.Reason != "" {
			name += " for " + v.Reason
		}
		all = append(all, name)
	}
	for _, g := range page.Items {
		for _, v := range g.Via {
			if v.Group == "" {
				term(g.Camera.Name, v)
			}
		}
	}
	groups, err := y.db.UserGroups(y.t.Context(), u.ID, y.clock())
	y.must(err)
	for _, g := range groups {
		term("group "+g.Via.GroupName, g.Via)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func TestManyGrantsAreGivenAndTakenAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		anna, boris := y.person("anna", auth.RoleUser), y.person("boris", auth.RoleUser)
		a, b := y.camera("a"), y.camera("b")
		g := y.group("g", y.camera("c"))
		y.must(y.Grant(ctx, y.by, anna.ID, a.ID, camera.Terms{}))
		y.pass(time.Minute)
		all := camera.Pairs{Users: []auth.UserID{anna.ID, boris.ID, anna.ID}, Cameras: []camera.ID{b.ID, a.ID}, Groups: []camera.GroupID{g.ID}}
		give := func(p camera.Pairs, terms camera.Terms, wantGiven, wantUnchanged int) {
			t.Helper()
			given, unchanged, err := y.GrantMany(ctx, y.by, p, terms)
			if y.must(err); given != wantGiven || unchanged != wantUnchanged {
				t.Errorf("%d given, %d unchanged, want %d and %d", given, unchanged, wantGiven, wantUnchanged)
			}
		}
		left := y.changedMany(func() { give(all, camera.Terms{}, 5, 1) })
		if len(left) != 5 {
			t.Fatalf("%d events of 5 grants", len(left))
		}
		for _, e := range left {
			if e.Kind != events.GrantGiven || e.User.Login == "" || (e.Camera.Name == "") != (e.Note == `group "g"`) {
				t.Errorf("the event does not say whom was given what: %+v", e)
			}
		}
		y.unchanged(func() { give(all, camera.Terms{}, 0, 6) })
		end := y.clock().Add(time.Hour)
		left = y.changedMany(func() {
			give(camera.Pairs{Users: all.Users, Cameras: []camera.ID{a.ID}}, camera.Terms{ExpiresAt: &end, Reason: "смена"}, 2, 0)
		})
		if want := "a until 13:01 for смена, b, group g"; len(left) != 2 || y.held(anna) != want || y.held(boris) != want {
			t.Errorf("anna has %s, boris %s, %d events", y.held(anna), y.held(boris), len(left))
		}

		// Wrong ones change nothing at all.
		y.unchanged(func() {
			past := y.clock()
			for field, wrong := range map[string]struct {
				p    camera.Pairs
				t    camera.Terms
				want error
			}{
				"users[0] user.not_found":     {camera.Pairs{Users: []auth.UserID{boris.ID, "-"}, Cameras: []camera.ID{b.ID}}, camera.Terms{Reason: "x"}, auth.ErrNoUser},
				"cameras[0] camera.not_found": {camera.Pairs{Users: all.Users, Cameras: []camera.ID{b.ID, "-"}}, camera.Terms{Reason: "x"}, camera.ErrNotFound},
				"groups[0] group.not_found":   {camera.Pairs{Users: all.Users, Groups: []camera.GroupID{"-"}}, camera.Terms{}, camera.ErrNoGroup},
				"users required":              {camera.Pairs{Cameras: all.Cameras}, camera.Terms{}, camera.ErrGrantInvalid},
				"cameras required":            {camera.Pairs{Users: all.Users}, camera.Terms{}, camera.ErrGrantInvalid},
				"expires_at past":             {all, camera.Terms{ExpiresAt: &past}, camera.ErrGrantInvalid},
				"users too_many":              {camera.Pairs{Users: append(manyUsers(10), anna.ID), Cameras: make1001()[:1000]}, camera.Terms{}, camera.ErrGrantInvalid},
			} {
				_, _, err := y.GrantMany(ctx, y.by, wrong.p, wrong.t)
				if f := fault.From(err).Fields; !errors.Is(err, wrong.want) || len(f) != 1 || f[0].Path+" "+f[0].Code != field {
					t.Errorf("%s: %v %v", field, err, f)
				}
			}
		})

		// Grants that have ended are given anew, and are not told when they are taken.
		y.pass(2 * time.Hour)
		if y.held(anna) != "b, group g" {
			t.Errorf("anna has %s", y.held(anna))
		}
		left = y.changedMany(func() {
			n, err := y.WithdrawMany(ctx, y.by, all)
			if y.must(err); n != 4 {
				t.Errorf("%d withdrawn", n)
			}
		})
		if len(left) != 4 || left[0].Kind != events.GrantWithdrawn || y.held(anna)+y.held(boris) != "" {
			t.Errorf("%d events; anna has %s", len(left), y.held(anna))
		}
		y.unchanged(func() {
			if n, err := y.WithdrawMany(ctx, y.by, camera.Pairs{Users: []auth.UserID{anna.ID, "-"}, Cameras: []camera.ID{a.ID, "-"}}); n != 0 || err != nil {
				t.Errorf("%d withdrawn twice, %v", n, err)
			}
		})
		give(all, camera.Terms{}, 6, 0)
	})
}

func manyUsers(n int) (ids []auth.UserID) {
	for i := range n {
		ids = append(ids, auth.UserID(fmt.Sprint("u", i)))
	}
	return ids
}

func TestGrantsAreCopied(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		from, to := y.person("from", auth.RoleUser), y.person("to", auth.RoleUser)
		a, b, c, d, e := y.camera("a"), y.camera("b"), y.camera("c"), y.camera("d"), y.camera("e")
		g, h := y.group("g"), y.group("h")
		soon, late := y.clock().Add(time.Minute), y.clock().Add(3*time.Hour)
		for _, grant := range []struct {
			u     auth.User
			c     camera.Camera
			terms camera.Terms
		}{
			{from, a, camera.Terms{Reason: "theirs"}}, {from, b, camera.Terms{ExpiresAt: &late}}, {from, c, camera.Terms{ExpiresAt: &soon}}, {from, e, camera.Terms{}},
			{to, a, camera.Terms{Reason: "own"}}, {to, d, camera.Terms{}}, {to, e, camera.Terms{ExpiresAt: &soon}}, {to, c, camera.Terms{ExpiresAt: &soon}},
		} {
			y.must(y.Grant(ctx, y.by, grant.u.ID, grant.c.ID, grant.terms))
		}
		y.must(y.GrantGroup(ctx, y.by, from.ID, g.ID, camera.Terms{}))
		y.must(y.GrantGroup(ctx, y.by, to.ID, h.ID, camera.Terms{}))
		y.pass(time.Hour) // c has ended for both, e for one
		copied := func(how camera.Copying, wantGiven, wantWithdrawn int, want string) {
			t.Helper()
			left := y.changedMany(func() {
				given, withdrawn, err := y.CopyGrants(ctx, y.by, to.ID, from.ID, how)
				if y.must(err); given != wantGiven || withdrawn != wantWithdrawn {
					t.Errorf("%d given, %d withdrawn, want %d and %d", given, withdrawn, wantGiven, wantWithdrawn)
				}
			})
			if len(left) != wantGiven+wantWithdrawn {
				t.Errorf("%d events", len(left))
			}
			if got := y.held(to); got != want {
				t.Errorf("now there are %s, want %s", got, want)
			}
		}
		copied(camera.CopyAdd, 3, 0, "a for own, b until 15:00, d, e, group g, group h")
		y.unchanged(func() {
			_, _, err := y.CopyGrants(ctx, y.by, to.ID, from.ID, camera.CopyAdd)
			y.must(err)
		})
		copied(camera.CopyReplace, 1, 2, "a for theirs, b until 15:00, e, group g")
		if got := y.held(from); got != "a for theirs, b until 15:00, e, group g" {
			t.Errorf("the other one has %s", got)
		}
		y.unchanged(func() {
			_, _, err := y.CopyGrants(ctx, y.by, to.ID, from.ID, camera.CopyReplace)
			y.must(err)
			_, _, err = y.CopyGrants(ctx, y.by, to.ID, to.ID, camera.CopyReplace)
			y.mustBe(camera.ErrGrantInvalid, err)
			_, _, err = y.CopyGrants(ctx, y.by, to.ID, "-", camera.CopyReplace)
			y.mustBe(auth.ErrNoUser, err)
			_, _, err = y.CopyGrants(ctx, y.by, "-", from.ID, camera.CopyReplace)
			y.mustBe(auth.ErrNoUser, err)
		})
	})
}

// TestTimeOfManyGrantsGrowsWithTheirNumber, and not faster: 10,000 may be sent at once. How long that takes, make bench says.
func TestTimeOfManyGrantsGrowsWithTheirNumber(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		fill(t, db, 150, 100, 1, 0)
		users := manyUsers(101)[1:]
		// Not of the first cameras, of which fill has granted one.
		pairs := func(users []auth.UserID, first, count int) camera.Pairs {
			p := camera.Pairs{Users: users}
			for i := range count {
				p.Cameras = append(p.Cameras, camera.ID(fmt.Sprint("c", first+i)))
			}
			return p
		}
		timed := func(p camera.Pairs) (give, take time.Duration) {
			began := time.Now()
			given, _, err := y.GrantMany(t.Context(), y.by, p, camera.Terms{})
			if y.must(err); given != len(p.Users)*len(p.Cameras) {
				t.Errorf("%d given", given)
			}
			give, began = time.Since(began), time.Now()
			withdrawn, err := y.WithdrawMany(t.Context(), y.by, p)
			if y.must(err); withdrawn != given {
				t.Errorf("%d withdrawn", withdrawn)
			}
			return give, time.Since(began)
		}
		timed(pairs(users[:10], 111, 10)) // what is read for the first time is no measure
		give, take := timed(pairs(users[:40], 111, 10))
		giveMore, takeMore := timed(pairs(users, 111, 40))
		t.Logf("400 grants took %v to give and %v to take, 4,000 %v and %v", give, take, giveMore, takeMore)
		// Ten times as long is usual; a hundred times would be with the square. What a request has the patience for is no matter.
		patience := 12 * time.Second
		if giveMore > max(60*give, patience) || takeMore > max(60*take, patience) {
			t.Errorf("400 grants took %v to give and %v to take, 4,000 %v and %v", give, take, giveMore, takeMore)
		}
	})
}
