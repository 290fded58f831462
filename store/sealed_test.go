package store

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

func TestSentinelRefusesOtherKeys(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		var group sync.WaitGroup
		for range 4 { // gateways that start at once
			group.Go(func() {
				if err := y.CheckSentinel(ctx); err != nil {
					t.Errorf("first start: %v", err)
				}
			})
		}
		group.Wait()
		y.camera("c")
		y.must(y.CheckSentinel(ctx))

		fresh, err := camera.NewKey()
		y.must(err)
		others, err := camera.NewKeyring(fresh)
		y.must(err)
		for range 2 {
			err = y.service(others).CheckSentinel(ctx)
			y.mustBe(camera.ErrKey, err)
			want := "sealed with key " + y.keys.Primary() + ", which is not among the keys given"
			if !strings.Contains(err.Error(), want) {
				t.Errorf("got %q, want it to say %q", err, want)
			}
			// Without the sentinel, a camera stands in for it.
			if _, err := db.write.ExecContext(ctx, `DELETE FROM settings WHERE key = 'keys.sentinel'`); err != nil {
				t.Fatal(err)
			}
		}
		y.must(y.CheckSentinel(ctx))
	})
}

// TestNothingSealedIsInTheDatabase plants secrets and reads what a thief of the disk would read.
func TestNothingSealedIsInTheDatabase(t *testing.T) {
	const canary = "Canary-пароль-7f3a"
	eachOptions(t, func(t *testing.T, o Options) {
		db := open(t, o)
		y := newYard(t, db)
		ctx := t.Context()
		y.must(y.CheckSentinel(ctx))
		c := y.add(camera.NewCamera{Name: "c", Address: "rtsp://canary-user:" + canary + "@canary-host.example.com/canary-path", SubAddress: "rtsp://canary-host.example.com/canary-sub"})
		_, err := y.Patch(ctx, y.by, c.ID, camera.Patch{Password: patch.Of(camera.NewPassword(canary + "2")), Name: patch.Of("renamed")}, nil)
		y.must(err)
		_, err = y.Patch(ctx, y.by, c.ID, camera.Patch{Address: patch.Of("rtsp://u:" + canary + "\x01@h/")}, nil)
		if err == nil || strings.Contains(err.Error(), "anary") {
			t.Errorf("a refusal: %v", err)
		}
		var dump bytes.Buffer
		if o.Dir != "" {
			if _, err := db.write.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
				t.Fatal(err)
			}
			err := filepath.WalkDir(o.Dir, func(path string, d fs.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					var content []byte
					content, err = os.ReadFile(path)
					dump.Write(content)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		} else {
			for _, table := range []string{"cameras", "events", "settings", "camera_grants"} {
				rows, err := db.read.QueryContext(ctx, `SELECT convert_to(CAST(r.* AS TEXT), 'UTF8') FROM `+table+` r`)
				if err != nil {
					t.Fatal(err)
				}
				for rows.Next() {
					var row []byte
					if err := rows.Scan(&row); err != nil {
						t.Fatal(err)
					}
					dump.Write(row)
				}
				if err := rows.Err(); err != nil {
					t.Fatal(err)
				}
				rows.Close()
			}
			r, err := db.Camera(ctx, c.ID)
			y.must(err)
			fmt.Fprintf(&dump, "%s%s%s%s", r.Sealed.Address, r.Sealed.SubAddress, r.Sealed.Username, r.Sealed.Password)
		}
		if !bytes.Contains(dump.Bytes(), []byte("renamed")) {
			t.Fatal("the camera itself is not in what was read")
		}
		for _, secret := range []string{canary, "canary-user", "canary-host", "canary-path", "canary-sub"} {
			if bytes.Contains(dump.Bytes(), []byte(secret)) || bytes.Contains(dump.Bytes(), fmt.Appendf(nil, "%x", secret)) {
				t.Errorf("%q is in the database", secret)
			}
		}
		if log := y.log.String(); strings.Contains(log, "anary") || !strings.Contains(log, "renamed") {
			t.Errorf("the log: %s", log)
		}
	})
}

func TestPasswordInAPathIsNeverShownAndStays(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		const stored = "rtsp://10.0.0.1/user=admin&password=tlJwpbo6&channel=1"
		c := y.add(camera.NewCamera{Name: "c", Address: stored})
		if c.Address != "rtsp://10.0.0.1/user=admin&password=•••&channel=1" || c.HasPassword {
			t.Errorf("shown: %+v", c)
		}
		dials := func(want string) {
			t.Helper()
			if target, err := y.Dial(ctx, c.ID, camera.Main); err != nil || target.Address != want {
				t.Errorf("dials %q, %v", target.Address, err)
			}
		}
		dials(stored)
		y.unchanged(func() {
			_, err := y.Patch(ctx, y.by, c.ID, whole(c), nil)
			y.must(err)
		})
		_, err := y.Patch(ctx, y.by, c.ID, camera.Patch{Address: patch.Of("rtsp://10.0.0.1/user=admin&password=•••&channel=2")}, nil)
		y.must(err)
		dials("rtsp://10.0.0.1/user=admin&password=tlJwpbo6&channel=2")
		for _, to := range []string{"rtsp://10.0.0.66/?password=•••", "rtsp://u:new@10.0.0.66/?password=•••"} {
			_, err = y.Patch(ctx, y.by, c.ID, camera.Patch{Address: patch.Of(to)}, nil)
			y.mustBe(camera.ErrPasswordRequired, err)
		}
		_, err = y.Patch(ctx, y.by, c.ID, camera.Patch{SubAddress: patch.Of("rtsp://10.0.0.1/?password=•••")}, nil)
		y.mustBe(camera.ErrInvalid, err)
		dials("rtsp://10.0.0.1/user=admin&password=tlJwpbo6&channel=2")
		_, err = y.Patch(ctx, y.by, c.ID, camera.Patch{Address: patch.Of("rtsp://10.0.0.66/?password=new")}, nil)
		y.must(err)
		dials("rtsp://10.0.0.66/?password=new")
	})
}

func TestACameraThatDoesNotOpenHidesNoOther(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		good := y.camera("good")
		lost := y.add(camera.NewCamera{Name: "lost", Address: "rtsp://admin:secret@10.0.0.1/1"})
		if _, err := db.write.ExecContext(ctx, `UPDATE cameras SET address_sealed = $1, username_sealed = $1, password_sealed = $1 WHERE id = $2`,
			[]byte("k-old:0123456789012345678901234567890123456789"), string(lost.ID)); err != nil {
			t.Fatal(err)
		}
		page, err := y.List(ctx, camera.ListQuery{})
		if err != nil || len(page.Items) != 2 || page.Items[0].Address != good.Address || page.Items[1].Address != "" || !page.Items[1].HasPassword {
			t.Fatalf("the list: %+v, %v", page.Items, err)
		}
		if log := y.log.String(); !strings.Contains(log, "sealed with key k-old, which is not among the keys given") {
			t.Errorf("the log does not name the key: %s", log)
		}
		_, err = y.Dial(ctx, lost.ID, camera.Main)
		y.mustBe(camera.ErrKey, err)
		_, err = y.Patch(ctx, y.by, lost.ID, camera.Patch{Name: patch.Of("x")}, nil)
		y.mustBe(camera.ErrKey, err)
		_, err = y.Patch(ctx, y.by, lost.ID, camera.Patch{Address: patch.Of("rtsp://admin:new@10.0.0.1/1")}, nil)
		y.must(err)
		if target, err := y.Dial(ctx, lost.ID, camera.Main); err != nil || target.Username != "admin" || target.Password.Reveal() != "new" {
			t.Errorf("written anew: %v, %v", target, err)
		}
	})
}
