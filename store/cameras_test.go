package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

func TestCameraIsKeptWithItsCredentialsApart(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		var c camera.Camera
		e := y.changed(func() {
			c = y.add(camera.NewCamera{
				Name: "  Ёлочная, вход ", Location: "Цех 2", Tags: []string{"Улица", "улица", " ", "PTZ"}, Notes: "строка\nвторая",
				Address: "RTSP://admin:p@ss/w#rd@CAM.example.com:554/1", SubAddress: "rtsp://cam.example.com/2", Transport: camera.TransportTCP,
			})
		})
		want := camera.Camera{
			ID: c.ID, Number: 1, Name: "Ёлочная, вход", Location: "Цех 2", Tags: []string{"Улица", "PTZ"}, Notes: "строка\nвторая",
			Address: "rtsp://cam.example.com/1", SubAddress: "rtsp://cam.example.com/2", Username: "admin", HasPassword: true,
			Transport: camera.TransportTCP, Sweep: true, Standing: camera.Standing{State: camera.StateUnknown}, Version: 1, CreatedAt: y.clock(), UpdatedAt: y.clock(),
		}
		if fmt.Sprintf("%+v", c) != fmt.Sprintf("%+v", want) {
			t.Errorf("got %+v\nwant %+v", c, want)
		}
		if got, err := y.Get(ctx, c.ID); err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("got %+v (%v)\nwant %+v", got, err, want)
		}
		if e.Kind != events.CameraCreated || e.Camera != (events.Subject{ID: string(c.ID), Number: 1, Name: c.Name}) {
			t.Errorf("the event: %+v", e)
		}
		main, err := y.Dial(ctx, c.ID, camera.Main)
		y.must(err)
		if main != (camera.Target{Camera: c.ID, Kind: camera.Main, Address: "rtsp://cam.example.com/1", Username: "admin", Password: camera.NewPassword("p@ss/w#rd"), Transport: camera.TransportTCP}) {
			t.Errorf("the relay would dial %+v with %q", main, main.Password.Reveal())
		}
		sub, err := y.Dial(ctx, c.ID, camera.Sub)
		if err != nil || sub.Address != "rtsp://cam.example.com/2" || sub.Password != main.Password {
			t.Errorf("sub stream: %+v, %v", sub, err)
		}
		plain := y.camera("без потока")
		_, err = y.Dial(ctx, plain.ID, camera.Sub)
		y.mustBe(camera.ErrNoStream, err)
		_, err = y.Dial(ctx, "none", camera.Main)
		y.mustBe(camera.ErrNotFound, err)
		_, err = y.Get(ctx, "none")
		y.mustBe(camera.ErrNotFound, err)
		if plain.Transport != camera.TransportAuto || plain.HasPassword {
			t.Errorf("defaults: %+v", plain)
		}
	})
}

func TestCameraFaultsNameTheirFields(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		long := strings.Repeat("ы", 201)
		_, err := y.Create(t.Context(), y.by, camera.NewCamera{
			Number: -1, Name: " ", Location: long, Tags: []string{"a\x00b"}, Notes: "\x1b[31m", Transport: "pigeon",
			Address: "http://secret-host/", SubAddress: "rtsp://a:secret-word@/", Username: "a\nb", Password: camera.NewPassword("•••"),
		})
		y.mustBe(camera.ErrInvalid, err)
		got := map[string]string{}
		for _, f := range fault.From(err).Fields {
			got[f.Path] = f.Code
		}
		want := map[string]string{
			"number": "out_of_range", "name": "required", "location": "too_long", "tags": "characters", "notes": "characters",
			"transport": "not_allowed", "address": "camera.address_scheme", "sub_address": "camera.address_host",
			"username": "characters", "password": "redacted",
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the fault holds what was sent: %v", err)
		}
		for _, n := range []camera.NewCamera{
			{Name: "x", Address: "rtsp://a:b@h/1", Username: "c"},
			{Name: "x", Address: "rtsp://a:b@h/1", Password: camera.NewPassword("c")},
			{Name: "x", Address: "rtsp://a:b@h/1", SubAddress: "rtsp://a:c@h/2"},
		} {
			_, err := y.Create(t.Context(), y.by, n)
			if f := fault.From(err).Fields; len(f) != 1 || f[0].Code != "camera.credentials_differ" {
				t.Errorf("credentials that differ: %v", f)
			}
		}
		y.add(camera.NewCamera{Name: "same twice", Address: "rtsp://a:b@h/1", SubAddress: "rtsp://a:b@h/2", Username: "a", Password: camera.NewPassword("b")})
	})
}

func TestNumbersAreNeverReused(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		a := y.camera("a")
		b := y.add(camera.NewCamera{Number: 40, Name: "b", Address: "rtsp://h/1"})
		c := y.camera("c")
		if a.Number != 1 || b.Number != 40 || c.Number != 41 {
			t.Fatalf("numbers %d, %d, %d", a.Number, b.Number, c.Number)
		}
		if d := y.add(camera.NewCamera{Number: 7, Name: "d", Address: "rtsp://h/1"}); d.Number != 7 {
			t.Errorf("a free number below: %d", d.Number)
		}
		_, err := y.Create(ctx, y.by, camera.NewCamera{Number: 40, Name: "x", Address: "rtsp://h/1"})
		y.mustBe(camera.ErrNumberTaken, err)
		if got := fault.From(err).Params["id"]; got != string(b.ID) {
			t.Errorf("the camera in the way is %q", got)
		}
		y.must(y.Delete(ctx, y.by, c.ID, camera.IfUnused))
		if e := y.camera("e"); e.Number != 42 {
			t.Errorf("after a deletion the next number is %d", e.Number)
		}
		_, err = y.Create(ctx, y.by, camera.NewCamera{Number: 41, Name: "x", Address: "rtsp://h/1"})
		y.mustBe(camera.ErrNumberRetired, err)

		moved, err := y.Patch(ctx, y.by, a.ID, camera.Patch{Number: patch.Of(100)}, nil)
		if err != nil || moved.Number != 100 {
			t.Fatalf("%+v, %v", moved, err)
		}
		_, err = y.Patch(ctx, y.by, b.ID, camera.Patch{Number: patch.Of(1)}, nil)
		y.mustBe(camera.ErrNumberTaken, err) // a camera's old number still means that camera
		back, err := y.Patch(ctx, y.by, a.ID, camera.Patch{Number: patch.Of(1)}, nil)
		if err != nil || back.Number != 1 {
			t.Fatalf("back to its own number: %+v, %v", back, err)
		}
		if f := y.camera("f"); f.Number != 101 {
			t.Errorf("after 100 was used the next number is %d", f.Number)
		}

		var group sync.WaitGroup
		numbers := make([]int, 20)
		for i := range numbers {
			group.Go(func() {
				n, err := y.Create(ctx, y.by, camera.NewCamera{Name: "at once", Address: "rtsp://h/1"})
				if err != nil {
					t.Errorf("at once: %v", err)
				}
				numbers[i] = n.Number
			})
		}
		group.Wait()
		slices.Sort(numbers)
		for i, n := range numbers {
			if n != 102+i {
				t.Fatalf("twenty made at once have the numbers %v", numbers)
			}
		}
	})
}

// whole gives the patch that a client sends who takes back a whole object as GET gave it.
func whole(c camera.Camera) camera.Patch {
	return camera.Patch{
		Number: patch.Of(c.Number), Name: patch.Of(c.Name), Location: patch.Of(c.Location), Tags: patch.Of(c.Tags), Notes: patch.Of(c.Notes),
		Address: patch.Of(c.Address), SubAddress: patch.Of(c.SubAddress), Username: patch.Of(c.Username), Transport: patch.Of(c.Transport),
		Sweep: patch.Of(c.Sweep),
	}
}

func TestPatchTakesBackWholeObjects(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		c := y.add(camera.NewCamera{Name: "old", Location: "here", Tags: []string{"t"}, Notes: "n", Address: "rtsp://admin:secret@10.0.0.1:81/live@10.0.0.9?x=1", SubAddress: "rtsp://10.0.0.1:81/2"})
		y.unchanged(func() {
			same, err := y.Patch(ctx, y.by, c.ID, whole(c), &c.Version)
			if err != nil || same.Version != 1 {
				t.Errorf("the same again: %+v, %v", same, err)
			}
		})
		y.pass(time.Minute)
		p := whole(c)
		p.Name = patch.Of("new")
		var changed camera.Camera
		e := y.changed(func() {
			var err error
			changed, err = y.Patch(ctx, y.by, c.ID, p, &c.Version)
			y.must(err)
		})
		if changed.Name != "new" || changed.Version != 2 || !changed.UpdatedAt.Equal(y.clock()) || !changed.CreatedAt.Equal(c.CreatedAt) || !changed.HasPassword {
			t.Errorf("changed to %+v", changed)
		}
		if e.Kind != events.CameraChanged || fmt.Sprint(e.Fields) != "[name]" || e.Camera.Name != "new" {
			t.Errorf("the event: %+v", e)
		}
		if target, err := y.Dial(ctx, c.ID, camera.Main); err != nil || target.Password.Reveal() != "secret" {
			t.Errorf("the password did not stay: %v", err)
		}
		_, err := y.Patch(ctx, y.by, c.ID, whole(c), &c.Version)
		y.mustBe(camera.ErrVersion, err)
		if f := fault.From(err); f.Kind != fault.Precondition || f.Code != "precondition.version" || f.Params["version"] != "2" {
			t.Errorf("a stale version: %+v", f)
		}

		cleared, err := y.Patch(ctx, y.by, c.ID, camera.Patch{
			Location: patch.Null[string](), Tags: patch.Null[[]string](), Notes: patch.Null[string](), SubAddress: patch.Null[string](),
			Username: patch.Null[string](), Password: patch.Null[camera.Password](), Transport: patch.Null[camera.Transport](),
		}, nil)
		y.must(err)
		if cleared.Location+cleared.Notes+cleared.SubAddress+cleared.Username != "" || len(cleared.Tags) != 0 || cleared.HasPassword || cleared.Transport != camera.TransportAuto || cleared.Name != "new" || cleared.Address != c.Address {
			t.Errorf("cleared: %+v", cleared)
		}
		for field, p := range map[string]camera.Patch{
			"number": {Number: patch.Null[int]()}, "name": {Name: patch.Null[string]()}, "address": {Address: patch.Null[string]()},
		} {
			_, err := y.Patch(ctx, y.by, c.ID, p, nil)
			if f := fault.From(err).Fields; !errors.Is(err, camera.ErrInvalid) || len(f) != 1 || f[0].Path != field {
				t.Errorf("null as %s: %v %v", field, err, f)
			}
		}
		_, err = y.Patch(ctx, y.by, "none", camera.Patch{Name: patch.Of("x")}, nil)
		y.mustBe(camera.ErrNotFound, err)
	})
}

func TestPatchesOfDifferentFieldsAtOnceAreAllKept(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		c := y.camera("c")
		var group sync.WaitGroup
		for _, p := range []camera.Patch{
			{Name: patch.Of("name")}, {Location: patch.Of("location")}, {Notes: patch.Of("notes")}, {Tags: patch.Of([]string{"tag"})},
			{Number: patch.Of(77)}, {Address: patch.Of("rtsp://10.0.0.2/1")}, {Username: patch.Of("u")},
		} {
			group.Go(func() {
				if _, err := y.Patch(t.Context(), y.by, c.ID, p, nil); err != nil {
					t.Errorf("%+v: %v", p, err)
				}
			})
		}
		group.Wait()
		got, err := y.Get(t.Context(), c.ID)
		y.must(err)
		if got.Name != "name" || got.Location != "location" || got.Notes != "notes" || len(got.Tags) != 1 || got.Number != 77 || got.Address != "rtsp://10.0.0.2/1" || got.Username != "u" || got.Version != 8 {
			t.Errorf("something was lost: %+v", got)
		}
	})
}

func TestPasswordGoesNowhereNew(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		secret := patch.Of(camera.NewPassword("secret"))
		for _, c := range []struct {
			name     string
			p        camera.Patch
			field    string // "": it goes through
			password string
		}{
			{"host", camera.Patch{Address: patch.Of("rtsp://10.0.0.66/1")}, "address", ""},
			{"port", camera.Patch{Address: patch.Of("rtsp://10.0.0.1:555/1")}, "address", ""},
			{"scheme", camera.Patch{Address: patch.Of("rtsps://10.0.0.1:554/1")}, "address", ""},
			{"host of the sub stream", camera.Patch{SubAddress: patch.Of("rtsp://10.0.0.66/1")}, "sub_address", ""},
			{"user without a password", camera.Patch{Address: patch.Of("rtsp://admin@10.0.0.66/1")}, "address", ""},
			{"path", camera.Patch{Address: patch.Of("rtsp://10.0.0.1/2?x")}, "", "secret"},
			{"default port", camera.Patch{Address: patch.Of("RTSP://10.0.0.1:554/1")}, "", "secret"},
			{"streams swapped", camera.Patch{Address: patch.Of("rtsp://10.0.0.2:8554/1"), SubAddress: patch.Of("rtsp://10.0.0.1/1")}, "", "secret"},
			{"password again", camera.Patch{Address: patch.Of("rtsp://10.0.0.66/1"), Password: secret}, "", "secret"},
			{"another password", camera.Patch{Address: patch.Of("rtsp://10.0.0.66/1"), Password: patch.Of(camera.NewPassword("other"))}, "", "other"},
			{"no password any more", camera.Patch{Address: patch.Of("rtsp://10.0.0.66/1"), Password: patch.Null[camera.Password]()}, "", ""},
			{"password in the address", camera.Patch{Address: patch.Of("rtsp://admin:new@10.0.0.66/1")}, "", "new"},
			{"password in the sub address", camera.Patch{SubAddress: patch.Of("rtsp://admin:new@10.0.0.66/1")}, "", "new"},
			{"empty password in the address", camera.Patch{Address: patch.Of("rtsp://admin:@10.0.0.66/1")}, "", ""},
			{"sub stream gone", camera.Patch{SubAddress: patch.Null[string]()}, "", "secret"},
		} {
			t.Run(c.name, func(t *testing.T) {
				cam := y.add(camera.NewCamera{Name: "c", Address: "rtsp://admin:secret@10.0.0.1/1", SubAddress: "rtsp://10.0.0.2:8554/1"})
				_, err := y.Patch(ctx, y.by, cam.ID, c.p, nil)
				target, dialErr := y.Dial(ctx, cam.ID, camera.Main)
				y.must(dialErr)
				if c.field != "" {
					y.mustBe(camera.ErrPasswordRequired, err)
					if f := fault.From(err).Fields; len(f) != 1 || f[0].Path != c.field {
						t.Errorf("fields %v", f)
					}
					if target.Address != "rtsp://10.0.0.1/1" {
						t.Errorf("it was changed all the same: %v", target)
					}
					return
				}
				if err != nil || target.Password.Reveal() != c.password {
					t.Errorf("password %q, %v", target.Password.Reveal(), err)
				}
			})
		}
		open := y.add(camera.NewCamera{Name: "no password", Address: "rtsp://admin@10.0.0.1/1"})
		_, err := y.Patch(ctx, y.by, open.ID, camera.Patch{Address: patch.Of("rtsp://10.0.0.66/1")}, nil)
		y.must(err)

		// A whole object comes back with a pasted address: the user name in it is newer than the one that GET gave.
		cam := y.add(camera.NewCamera{Name: "pasted", Address: "rtsp://admin:secret@10.0.0.1/1"})
		p := whole(cam)
		p.Address = patch.Of("rtsp://viewer:new@10.0.0.5/1")
		got, err := y.Patch(ctx, y.by, cam.ID, p, nil)
		if err != nil || got.Username != "viewer" || got.Address != "rtsp://10.0.0.5/1" {
			t.Errorf("pasted: %+v, %v", got, err)
		}
		if e := y.lastEvent(); fmt.Sprint(e.Fields) != "[address username password]" {
			t.Errorf("changed fields %v", e.Fields)
		}
	})
}

func TestDeleteTellsWhatHangsOnACamera(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		u := y.person("u", auth.RoleUser)
		c := y.camera("c")
		end := y.clock().Add(time.Hour)
		y.must(y.Grant(ctx, y.by, u.ID, c.ID, camera.Terms{}))
		y.must(y.Grant(ctx, y.by, y.person("ended", auth.RoleUser).ID, c.ID, camera.Terms{ExpiresAt: &end}))
		y.pass(time.Hour)
		y.must(y.AddFavourite(ctx, u, c.ID))
		y.group("g", c)
		refused := func(views string) {
			t.Helper()
			y.unchanged(func() {
				err := y.Delete(ctx, y.by, c.ID, camera.IfUnused)
				y.mustBe(camera.ErrInUse, err)
				want := map[string]string{"views": views, "grants": "1", "groups": "1", "favourites": "1"}
				if got := fault.From(err).Params; fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("counts %v, want %v", got, want)
				}
			})
			y.may(u, c, true)
		}
		refused("0")
		y.watched = c.ID
		y.views.Store(2)
		refused("2")

		e := y.changed(func() { y.must(y.Delete(ctx, y.by, c.ID, camera.Forced)) })
		if e.Kind != events.CameraDeleted || e.Camera != (events.Subject{ID: string(c.ID), Number: c.Number, Name: "c"}) {
			t.Errorf("the event: %+v", e)
		}
		y.may(u, c, false)
		y.mustBe(camera.ErrNotFound, y.Delete(ctx, y.by, c.ID, camera.Forced))
		page, err := y.UserCameras(ctx, u.ID, camera.ListQuery{})
		if err != nil || page.Total != 0 {
			t.Errorf("grants are left: %+v, %v", page, err)
		}
		told, err := y.db.Events(ctx, events.Query{Camera: string(c.ID)})
		if err != nil || len(told) < 5 {
			t.Fatalf("%d events of the deleted camera, %v", len(told), err)
		}
		for _, e := range told {
			if e.Camera.Name != "c" || e.Camera.Number != c.Number {
				t.Errorf("an event lost its names: %+v", e)
			}
		}
		y.views.Store(0)
		y.must(y.Delete(ctx, y.by, y.camera("unused").ID, camera.IfUnused))
	})
}
