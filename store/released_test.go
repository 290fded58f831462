package store

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// firstRelease is the last migration of the first released schema.
const firstRelease = 2

// undoTo undoes all migrations after one, the newest first.
func undoTo(t *testing.T, db *DB, version int64) {
	t.Helper()
	names, err := fs.Glob(migrations, "migrations/"+string(db.engine)+"/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	slices.Reverse(names)
	for _, name := range names {
		var number int64
		if _, err := fmt.Sscanf(name[strings.LastIndexByte(name, '/')+1:], "%05d_", &number); err != nil {
			t.Fatal(err)
		}
		if number <= version {
			continue
		}
		text, err := migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, down, found := strings.Cut(string(text), "-- +goose Down")
		if !found {
			t.Fatalf("%s can't be undone", name)
		}
		if _, err := db.write.Exec(down); err != nil {
			t.Fatalf("undoing %s: %v", name, err)
		}
		if _, err := db.write.Exec(`DELETE FROM goose_db_version WHERE version_id = $1`, number); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReleasedSchemaIsBroughtUp fills the first released schema as its program did, and opens it with this one.
func TestReleasedSchemaIsBroughtUp(t *testing.T) {
	eachOptions(t, func(t *testing.T, o Options) {
		ctx := context.Background()
		old, err := Open(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		undoTo(t, old, firstRelease)
		for _, text := range []string{
			`INSERT INTO users (id, version, created_at, updated_at, login, login_folded, email, email_folded, first_name, last_name, middle_name, phone,
				role, banned, views_limit, language, password_hash, password_changed_at, signed_in_at, sort_name, sort_login, search)
				VALUES ('u1', 3, 1000, 2000, 'Ivanov', 'ivanov', '', NULL, 'Иван', 'Иванов', '', '', 'user', FALSE, 2, 'ru', 'hash', 1000, 0, 'иванов', 'ivanov', 'ivanov')`,
			`INSERT INTO cameras (id, version, created_at, updated_at, number, name, location, tags, notes, transport, sealed_with, address_sealed,
				sort_name, sort_location, tags_folded, search)
				VALUES ('c1', 5, 1000, 2000, 7, 'Ворота', 'Цех', '["Ёлка","PTZ","a b"]', '', 'tcp', 'k', 'x', 'ворота', 'цех', '` + "\nелка\nptz\na b\n" + `', 'ворота'),
				('c2', 1, 1000, 1000, 8, 'Двор', '', '[]', '', 'auto', 'k', 'x', 'двор', '', '` + "\n\n" + `', 'двор'),
				('c3', 1, 1000, 1000, 9, 'Крыша', '', '["елка"]', '', 'auto', 'k', 'x', 'крыша', '', '` + "\nелка\n" + `', 'крыша')`,
			`INSERT INTO camera_numbers (number, camera_id) VALUES (7, 'c1'), (8, 'c2'), (9, 'c3'), (10, 'gone')`,
			`INSERT INTO camera_groups (id, version, created_at, updated_at, name, name_folded, notes, sort_name, search) VALUES ('g1', 1, 1, 1, 'G', 'g', '', 'g', 'g')`,
			`INSERT INTO group_cameras (group_id, camera_id) VALUES ('g1', 'c2')`,
			`INSERT INTO group_grants (user_id, group_id, reason, granted_at, granted_by) VALUES ('u1', 'g1', '', 1, 'admin')`,
			`INSERT INTO camera_grants (user_id, camera_id, expires_at, reason, granted_at, granted_by) VALUES ('u1', 'c1', NULL, 'смена', 1, 'admin')`,
			`INSERT INTO favourites (user_id, camera_id, created_at) VALUES ('u1', 'c1', 1)`,
			`INSERT INTO sessions (id, user_id, created_at, seen_at, expires_at, ended_at, end_code, remote, user_agent) VALUES ('s1', 'u1', 1, 1, 4000000000000, 0, '', '192.0.2.1', 'x')`,
			`INSERT INTO events (id, at, kind, actor_id, actor_login, actor_name, user_id, user_login, user_name, camera_id, camera_number, camera_name,
				view, transport, remote, code, lasted_ms, fields, note, times)
				VALUES (1, 1000, 'camera.created', 'a', 'admin', 'admin', '', '', '', 'c1', 7, 'Ворота', '', '', '', '', 0, '', '', 1)`,
			`UPDATE counters SET value = 1 WHERE name = 'event_id'`,
		} {
			if _, err := old.write.Exec(text); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
		if err := old.Close(); err != nil {
			t.Fatal(err)
		}

		db := open(t, o)
		a, err := db.AccountByLogin(ctx, "ivanov")
		if err != nil || a.User.Name() != "Иванов И." || a.PasswordHash != "hash" || *a.User.ViewsLimit != 2 {
			t.Errorf("the user is %+v, %v", a.User, err)
		}
		r, err := db.Camera(ctx, "c1")
		if err != nil || r.Number != 7 || r.Version != 5 || !r.Sweep || r.Standing.State != camera.StateUnknown || fmt.Sprint(r.Tags) != "[Ёлка PTZ a b]" {
			t.Errorf("the camera is %+v, %v", r, err)
		}
		tags, err := db.Tags(ctx, paging.Query{})
		if err != nil || fmt.Sprint(tags.Items) != "[{a b 1} {PTZ 1} {Ёлка 2}]" {
			t.Errorf("the tags are %+v, %v", tags.Items, err)
		}
		page, err := db.Cameras(ctx, camera.ListQuery{Tags: []string{"ЕЛКА"}, States: []camera.State{camera.StateUnknown}})
		if err != nil || page.Total != 2 {
			t.Errorf("found by tag and state: %+v, %v", page, err)
		}
		may, err := db.MayWatch(ctx, camera.Watcher{User: "u1", At: time.Now()}, "c1", "c2", "c3")
		if err != nil || len(may) != 2 {
			t.Errorf("the grants give %+v, %v", may, err)
		}
		told, err := db.Events(ctx, events.Query{Camera: "c1"})
		if err != nil || len(told) != 1 || told[0].Camera.Name != "Ворота" {
			t.Errorf("the log has %+v, %v", told, err)
		}
		if due, err := db.ClaimChecks(ctx, time.Now(), time.Now(), 10); err != nil || len(due) != 3 {
			t.Errorf("%d cameras are due for a sweep, %v", len(due), err)
		}
	})
}
