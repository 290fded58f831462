package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

func TestOnlyGrantsOpenCameras(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		user, other, admin := y.person("user", auth.RoleUser), y.person("other", auth.RoleUser), y.person("admin", auth.RoleAdmin)
		direct, inGroup, neither := y.camera("direct"), y.camera("in group"), y.camera("neither")
		g := y.group("g", inGroup)
		y.group("not granted", neither)
		for _, c := range []camera.Camera{direct, inGroup, neither} {
			y.may(user, c, false)
			y.may(y.by.User, c, true)
			y.may(admin, c, true)
		}
		y.may(admin, camera.Camera{ID: "none"}, false)

		e := y.changed(func() { y.must(y.Grant(ctx, y.by, user.ID, direct.ID, camera.Terms{Reason: "смена"})) })
		if e.Kind != events.GrantGiven || e.User.Login != "user" || e.Camera.Name != "direct" {
			t.Errorf("the event: %+v", e)
		}
		e = y.changed(func() { y.must(y.GrantGroup(ctx, y.by, user.ID, g.ID, camera.Terms{})) })
		if e.Kind != events.GrantGiven || e.User.Login != "user" || !strings.Contains(e.Note, `"g"`) {
			t.Errorf("the event: %+v", e)
		}
		y.may(user, direct, true)
		y.may(user, inGroup, true)
		y.may(user, neither, false)
		y.may(other, direct, false)
		y.may(other, inGroup, false)
		if got := fmt.Sprint(y.names(user, sorted("name"))); got != "[direct in group]" {
			t.Errorf("watchable: %s", got)
		}
		if got := fmt.Sprint(y.names(other, sorted("name"))); got != "[]" {
			t.Errorf("watchable by another: %s", got)
		}

		banned, strange := user, user
		banned.Banned = true
		strange.Role = "operator"
		y.may(banned, direct, false)
		y.may(strange, direct, false)
		bannedModerator := y.by.User
		bannedModerator.Banned = true
		y.may(bannedModerator, direct, false)

		// Groups are living.
		y.changed(func() { y.must(y.AddToGroup(ctx, y.by, g.ID, neither.ID)) })
		y.may(user, neither, true)
		y.unchanged(func() { y.must(y.AddToGroup(ctx, y.by, g.ID, neither.ID)) })
		e = y.changed(func() { y.must(y.RemoveFromGroup(ctx, y.by, g.ID, neither.ID)) })
		if e.Kind != events.GroupChanged || e.Camera.Name != "neither" || e.Code != "group.camera_removed" {
			t.Errorf("the event: %+v", e)
		}
		y.may(user, neither, false)
		y.unchanged(func() { y.must(y.RemoveFromGroup(ctx, y.by, g.ID, neither.ID)) })

		// A direct grant beside the group's: taking one away leaves the other.
		y.must(y.Grant(ctx, y.by, user.ID, inGroup.ID, camera.Terms{}))
		e = y.changed(func() { y.must(y.Revoke(ctx, y.by, user.ID, inGroup.ID)) })
		if e.Kind != events.GrantWithdrawn || e.Camera.Name != "in group" {
			t.Errorf("the event: %+v", e)
		}
		y.unchanged(func() { y.must(y.Revoke(ctx, y.by, user.ID, inGroup.ID)) })
		y.may(user, inGroup, true)
		y.changed(func() { y.must(y.RevokeGroup(ctx, y.by, user.ID, g.ID)) })
		y.unchanged(func() { y.must(y.RevokeGroup(ctx, y.by, user.ID, g.ID)) })
		y.may(user, inGroup, false)
		y.changed(func() { y.must(y.Revoke(ctx, y.by, user.ID, direct.ID)) })
		y.may(user, direct, false)

		for want, err := range map[error]error{
			auth.ErrNoUser:     y.Grant(ctx, y.by, "none", direct.ID, camera.Terms{}),
			camera.ErrNotFound: y.Grant(ctx, y.by, user.ID, "none", camera.Terms{}),
			camera.ErrNoGroup:  y.GrantGroup(ctx, y.by, user.ID, "none", camera.Terms{}),
		} {
			y.mustBe(want, err)
		}
		// The store itself, when user or camera go in between.
		y.mustBe(auth.ErrNoUser, db.GrantCamera(ctx, "none", direct.ID, camera.Via{}))
		y.mustBe(camera.ErrNotFound, db.GrantCamera(ctx, user.ID, "none", camera.Via{}))
		y.mustBe(camera.ErrNoGroup, db.GrantGroup(ctx, user.ID, "none", camera.Via{}))
		y.mustBe(camera.ErrNotFound, db.AddFavourite(ctx, user.ID, "none", y.clock()))
		_, err := db.AddToGroup(ctx, g.ID, "none")
		y.mustBe(camera.ErrNotFound, err)
		_, err = db.AddToGroup(ctx, "none", direct.ID)
		y.mustBe(camera.ErrNoGroup, err)
	})
}

func TestGrantsEndByTheClock(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		u, c, d := y.person("u", auth.RoleUser), y.camera("c"), y.camera("d")
		g := y.group("g", d)
		next := func(want time.Duration) {
			t.Helper()
			at, ok, err := y.NextExpiry(ctx)
			if err != nil || ok != (want != 0) || (ok && !at.Equal(y.clock().Add(want))) {
				t.Fatalf("the next grant ends at %v, %v, %v, want in %v of %v", at, ok, err, want, y.clock())
			}
		}
		next(0)
		hour, twoHours := y.clock().Add(time.Hour), y.clock().Add(2*time.Hour)
		y.must(y.Grant(ctx, y.by, u.ID, c.ID, camera.Terms{ExpiresAt: &twoHours, Reason: "ремонт"}))
		y.must(y.GrantGroup(ctx, y.by, u.ID, g.ID, camera.Terms{ExpiresAt: &hour}))
		next(time.Hour)
		y.pass(time.Hour - time.Millisecond)
		y.may(u, c, true)
		y.may(u, d, true)
		y.pass(time.Millisecond)
		y.may(u, d, false)
		y.may(u, c, true)
		if got := fmt.Sprint(y.names(u, sorted("name"))); got != "[c]" {
			t.Errorf("watchable: %s", got)
		}
		next(time.Hour)
		y.pass(time.Hour)
		y.may(u, c, false)
		next(0)
		page, err := y.UserCameras(ctx, u.ID, camera.ListQuery{})
		if err != nil || len(page.Items) != 0 || page.Total != 0 {
			t.Errorf("ended grants are listed: %+v, %v", page, err)
		}
		holders, err := y.CameraUsers(ctx, d.ID, paging.Query{})
		if err != nil || len(holders.Items) != 1 || !holders.Items[0].Via[0].Role {
			t.Errorf("ended grants are listed: %+v, %v", holders, err)
		}

		// New terms replace the old ones, both ways.
		y.must(y.Grant(ctx, y.by, u.ID, c.ID, camera.Terms{}))
		y.may(u, c, true)
		next(0)
		soon := y.clock().Add(time.Minute)
		y.must(y.Grant(ctx, y.by, u.ID, c.ID, camera.Terms{ExpiresAt: &soon}))
		next(time.Minute)

		past, long := y.clock(), strings.Repeat("x", 501)
		err = y.Grant(ctx, y.by, u.ID, c.ID, camera.Terms{ExpiresAt: &past, Reason: long})
		y.mustBe(camera.ErrGrantInvalid, err)
		if f := fault.From(err).Fields; len(f) != 2 || f[0] != (fault.Field{Path: "expires_at", Code: "past"}) || f[1] != (fault.Field{Path: "reason", Code: "too_long"}) {
			t.Errorf("fields %v", f)
		}
	})
}

func TestGrantsShowBothWays(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		anna, boris := y.person("anna", auth.RoleUser), y.person("boris", auth.RoleUser)
		a, b, c := y.camera("a"), y.camera("b"), y.camera("c")
		g2, g1 := y.group("Группа 10", a, b), y.group("Группа 2", a)
		end := y.clock().Add(time.Hour)
		y.must(y.Grant(ctx, y.by, anna.ID, a.ID, camera.Terms{ExpiresAt: &end, Reason: "смена"}))
		y.must(y.GrantGroup(ctx, y.by, anna.ID, g2.ID, camera.Terms{}))
		y.must(y.GrantGroup(ctx, y.by, anna.ID, g1.ID, camera.Terms{Reason: "пост"}))
		y.must(y.Grant(ctx, y.by, boris.ID, a.ID, camera.Terms{}))

		ways := func(vias []camera.Via) string {
			var parts []string
			for _, v := range vias {
				if v.GrantedBy != y.by.User.Name() || !v.GrantedAt.Equal(y.clock()) {
					t.Errorf("who gave it and when: %+v", v)
				}
				part := v.GroupName + "/" + v.Reason
				if v.ExpiresAt != nil {
					part += "/" + v.ExpiresAt.Sub(y.clock()).String()
				}
				parts = append(parts, part)
			}
			return strings.Join(parts, ", ")
		}
		page, err := y.UserCameras(ctx, anna.ID, camera.ListQuery{Query: paging.Query{Limit: 1}})
		y.must(err)
		if page.Total != 2 || len(page.Items) != 1 || page.Items[0].Camera.Name != "a" || page.NextCursor == "" {
			t.Fatalf("anna's cameras: %+v", page)
		}
		if got := ways(page.Items[0].Via); got != "/смена/1h0m0s, Группа 2/пост, Группа 10/" {
			t.Errorf("anna sees a by %s", got)
		}
		page, err = y.UserCameras(ctx, anna.ID, camera.ListQuery{Query: paging.Query{Limit: 1, Cursor: page.NextCursor}})
		y.must(err)
		if len(page.Items) != 1 || page.Items[0].Camera.Name != "b" || ways(page.Items[0].Via) != "Группа 10/" || page.NextCursor != "" {
			t.Errorf("anna's second camera: %+v", page)
		}
		holders, err := y.CameraUsers(ctx, a.ID, paging.Query{})
		y.must(err)
		if holders.Total != 3 || len(holders.Items) != 3 || fmt.Sprint(holders.Items[2].Via) != fmt.Sprint([]camera.Via{{Role: true}}) || holders.Items[0].User.Login != "anna" || len(holders.Items[0].Via) != 3 || holders.Items[1].User.Login != "boris" || ways(holders.Items[1].Via) != "/" {
			t.Errorf("a's users: %+v", holders)
		}
		holders, err = y.CameraUsers(ctx, a.ID, paging.Query{Limit: 1, Sort: "-login"})
		if err != nil || holders.Total != 3 || len(holders.Items) != 1 || holders.Items[0].User.Login != "moderator" || holders.NextCursor == "" {
			t.Errorf("a's users, last first: %+v, %v", holders, err)
		}
		holders, err = y.CameraUsers(ctx, a.ID, paging.Query{Q: "ИМЯ ann"})
		if err != nil || holders.Total != 1 || len(holders.Items) != 1 {
			t.Errorf("a's users by name: %+v, %v", holders, err)
		}
		if holders, err = y.CameraUsers(ctx, c.ID, paging.Query{}); err != nil || len(holders.Items) != 1 {
			t.Errorf("c's users: %+v, %v", holders, err)
		}
		if holders, err = y.GroupUsers(ctx, g2.ID, paging.Query{}); err != nil || len(holders.Items) != 1 || holders.Items[0].User.Login != "anna" {
			t.Errorf("the group's users: %+v, %v", holders, err)
		}
		groups, err := y.UserGroups(ctx, anna.ID)
		if err != nil || len(groups) != 2 || groups[0].Via.Group != g1.ID || groups[1].Via.Group != g2.ID || groups[0].Cameras != 1 || groups[1].Cameras != 2 {
			t.Errorf("anna's groups: %+v, %v", groups, err)
		}
		// Who needs no grant sees every camera by role, and besides by what they were granted.
		y.must(y.Grant(ctx, y.by, y.by.User.ID, c.ID, camera.Terms{}))
		page, err = y.UserCameras(ctx, y.by.User.ID, camera.ListQuery{})
		if err != nil || page.Total != 3 || !page.Items[0].Via[0].Role || len(page.Items[0].Via) != 1 || len(page.Items[2].Via) != 2 || page.Items[2].Via[1].Role {
			t.Errorf("a moderator's cameras: %+v, %v", page, err)
		}
		_, err = y.UserCameras(ctx, "none", camera.ListQuery{})
		y.mustBe(auth.ErrNoUser, err)
		_, err = y.CameraUsers(ctx, "none", paging.Query{})
		y.mustBe(camera.ErrNotFound, err)

		y.must(db.DeleteUser(ctx, anna.ID))
		if holders, err = y.CameraUsers(ctx, a.ID, paging.Query{}); err != nil || len(holders.Items) != 2 {
			t.Errorf("grants outlive their user: %+v, %v", holders, err)
		}
	})
}

func TestMayWatchManyJudgesAll(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		u := y.person("u", auth.RoleUser)
		var all []camera.ID
		for i := range 12 {
			c := y.camera(fmt.Sprint(i))
			all = append(all, c.ID)
			if i%3 == 0 {
				y.must(y.Grant(ctx, y.by, u.ID, c.ID, camera.Terms{}))
			}
		}
		for len(all) < 1100 {
			all = append(all, camera.ID(fmt.Sprint("none ", len(all))))
		}
		found, err := y.MayWatchMany(ctx, u, all...)
		if err != nil || len(found) != 4 || found[all[3]].Name != "3" {
			t.Errorf("%d found, %v", len(found), err)
		}
		if found, err = y.MayWatchMany(ctx, u); err != nil || len(found) != 0 {
			t.Errorf("none asked for: %v, %v", found, err)
		}
	})
}

func TestFavouritesFollowTheGrant(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		u, other := y.person("u", auth.RoleUser), y.person("other", auth.RoleUser)
		a, b := y.camera("a"), y.camera("b")
		stars := func(u auth.User) string {
			t.Helper()
			page, err := y.Favourites(ctx, u, camera.ListQuery{})
			y.must(err)
			var names []string
			for _, w := range page.Items {
				if !w.Favourite {
					t.Error("a favourite without the flag")
				}
				names = append(names, w.Camera.Name)
			}
			if page.Total != len(names) {
				t.Errorf("total %d of %v", page.Total, names)
			}
			return strings.Join(names, " ")
		}
		y.mustBe(camera.ErrNotFound, y.AddFavourite(ctx, u, a.ID))
		y.must(y.Grant(ctx, y.by, u.ID, a.ID, camera.Terms{}))
		y.must(y.Grant(ctx, y.by, u.ID, b.ID, camera.Terms{}))
		y.must(y.Grant(ctx, y.by, other.ID, a.ID, camera.Terms{}))
		y.unchanged(func() {
			y.must(y.AddFavourite(ctx, u, a.ID))
			y.must(y.AddFavourite(ctx, u, a.ID))
		})
		if stars(u) != "a" || stars(other) != "" {
			t.Errorf("favourites %q and %q", stars(u), stars(other))
		}
		page, err := y.Watchable(ctx, u, camera.WatchQuery{})
		if err != nil || len(page.Items) != 2 || !page.Items[0].Favourite || page.Items[1].Favourite {
			t.Errorf("flags: %+v, %v", page.Items, err)
		}
		y.must(y.Revoke(ctx, y.by, u.ID, a.ID))
		if stars(u) != "" {
			t.Error("a favourite is shown that may not be watched")
		}
		y.must(y.Grant(ctx, y.by, u.ID, a.ID, camera.Terms{}))
		if stars(u) != "a" {
			t.Error("the favourite did not come back with the grant")
		}
		y.must(y.Revoke(ctx, y.by, u.ID, a.ID))
		y.must(y.RemoveFavourite(ctx, u, a.ID))
		y.must(y.RemoveFavourite(ctx, u, a.ID))
		y.must(y.Grant(ctx, y.by, u.ID, a.ID, camera.Terms{}))
		if stars(u) != "" {
			t.Error("a star taken away came back")
		}
		y.must(y.AddFavourite(ctx, y.by.User, b.ID))
		if stars(y.by.User) != "b" {
			t.Error("a moderator's favourite")
		}
	})
}

func TestGroups(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		a, b := y.camera("a"), y.camera("b")
		var g camera.Group
		e := y.changed(func() { g = y.group("  Ёлки 10 ") })
		if e.Kind != events.GroupCreated || g.Name != "Ёлки 10" || g.Version != 1 {
			t.Errorf("%+v, %+v", g, e)
		}
		_, err := y.CreateGroup(ctx, y.by, camera.NewGroup{Name: "елки  10"})
		y.mustBe(camera.ErrGroupTaken, err)
		if fault.From(err).Params["id"] != string(g.ID) {
			t.Errorf("the group in the way: %v", fault.From(err).Params)
		}
		_, err = y.CreateGroup(ctx, y.by, camera.NewGroup{Name: " "})
		y.mustBe(camera.ErrGroupInvalid, err)
		other := y.group("Ёлки 2", a, b)
		end := y.clock().Add(time.Minute)
		y.must(y.GrantGroup(ctx, y.by, y.person("u", auth.RoleUser).ID, other.ID, camera.Terms{}))
		y.must(y.GrantGroup(ctx, y.by, y.person("v", auth.RoleUser).ID, other.ID, camera.Terms{ExpiresAt: &end}))
		y.pass(time.Minute)

		page, err := y.Groups(ctx, paging.Query{Limit: 1, Q: "ЕЛКИ"})
		if err != nil || page.Total != 2 || len(page.Items) != 1 || page.Items[0].Name != "Ёлки 2" || page.Items[0].Cameras != 2 || page.Items[0].Users != 1 {
			t.Fatalf("first page: %+v, %v", page, err)
		}
		page, err = y.Groups(ctx, paging.Query{Limit: 1, Q: "ЕЛКИ", Cursor: page.NextCursor})
		if err != nil || len(page.Items) != 1 || page.Items[0].ID != g.ID || page.NextCursor != "" {
			t.Errorf("second page: %+v, %v", page, err)
		}
		cameras, err := y.List(ctx, camera.ListQuery{Group: other.ID})
		if err != nil || cameras.Total != 2 {
			t.Errorf("cameras of the group: %+v, %v", cameras, err)
		}

		_, err = y.PatchGroup(ctx, y.by, other.ID, camera.GroupPatch{Name: patch.Of("ЁЛКИ 10")}, nil)
		y.mustBe(camera.ErrGroupTaken, err)
		e = y.changed(func() {
			g, err = y.PatchGroup(ctx, y.by, g.ID, camera.GroupPatch{Name: patch.Of("ёлки 10"), Notes: patch.Of("n")}, &g.Version)
			y.must(err)
		})
		if g.Version != 2 || g.Name != "ёлки 10" || fmt.Sprint(e.Fields) != "[name notes]" {
			t.Errorf("%+v, %+v", g, e)
		}
		y.unchanged(func() {
			_, err = y.PatchGroup(ctx, y.by, g.ID, camera.GroupPatch{Name: patch.Of("ёлки 10")}, nil)
			y.must(err)
			stale := int64(1)
			_, err = y.PatchGroup(ctx, y.by, g.ID, camera.GroupPatch{Name: patch.Of("x")}, &stale)
			y.mustBe(camera.ErrVersion, err)
		})
		e = y.changed(func() { y.must(y.DeleteGroup(ctx, y.by, other.ID)) })
		if e.Kind != events.GroupDeleted || !strings.Contains(e.Note, "Ёлки 2") {
			t.Errorf("the event: %+v", e)
		}
		y.mustBe(camera.ErrNoGroup, y.DeleteGroup(ctx, y.by, other.ID))
		_, err = y.Group(ctx, other.ID)
		y.mustBe(camera.ErrNoGroup, err)
		if _, err := y.Get(ctx, a.ID); err != nil {
			t.Errorf("a camera went with its group: %v", err)
		}
	})
}
