package store

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
)

// fill adds people and cameras by the thousand, with grants spread evenly, a tenth of which have an end.
func fill(t testing.TB, db *DB, cameras, users, groups, grants int) {
	t.Helper()
	numbers := func(n int) string {
		return fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) `, n)
	}
	for _, text := range []string{
		numbers(users) + `INSERT INTO users (id, version, created_at, updated_at, login, login_folded, email, first_name, last_name, middle_name, phone,
			role, banned, language, password_hash, password_changed_at, signed_in_at, sort_name, sort_login, search)
			SELECT 'u' || i, 1, i, i, 'u' || i, 'u' || i, '', '', '', '', '', 'user', FALSE, '', 'x', 0, 0, 'u' || i, 'u' || i, 'u' || i FROM n`,
		numbers(cameras) + `INSERT INTO cameras (id, version, created_at, updated_at, number, name, location, tags, notes, transport, sealed_with, address_sealed,
			sort_name, sort_location, search)
			SELECT 'c' || i, 1, i, i, i, 'Camera ' || i, '', '[]', '', 'auto', 'k', 'x', 'camera ' || i, 'hall ' || (i % 50), 'camera ' || i FROM n`,
		numbers(cameras) + `INSERT INTO camera_tags (camera_id, folded, tag) SELECT 'c' || i, 'tag ' || (i % 50), 'Tag ' || (i % 50) FROM n`,
		`UPDATE cameras SET sort_state = 1 + number % 7, checked_at = 1900000000000 - 1000 * (number % 3000)`,
		numbers(groups) + `INSERT INTO camera_groups (id, version, created_at, updated_at, name, name_folded, notes, sort_name, search)
			SELECT 'g' || i, 1, i, i, 'g' || i, 'g' || i, '', 'g' || i, 'g' || i FROM n`,
		numbers(cameras) + fmt.Sprintf(`INSERT INTO group_cameras (group_id, camera_id) SELECT 'g' || (1 + i %% %d), 'c' || i FROM n`, groups),
		numbers(users*5) + fmt.Sprintf(`INSERT INTO group_grants (user_id, group_id, reason, granted_at, granted_by)
			SELECT 'u' || (1 + i %% %d), 'g' || (1 + (i + i / %d * 13) %% %d), '', 0, '' FROM n WHERE TRUE ON CONFLICT DO NOTHING`, users, users, groups),
		numbers(grants) + fmt.Sprintf(`INSERT INTO camera_grants (user_id, camera_id, expires_at, reason, granted_at, granted_by)
			SELECT 'u' || (1 + i %% %d), 'c' || (1 + (i * 7 + i / %d) %% %d), CASE WHEN i %% 10 = 0 THEN 2000000000000 + i END, '', 0, '' FROM n WHERE TRUE ON CONFLICT DO NOTHING`, users, users, cameras),
		numbers(users*20) + fmt.Sprintf(`INSERT INTO favourites (user_id, camera_id, created_at)
			SELECT 'u' || (1 + i %% %d), 'c' || (1 + i %% %d), 0 FROM n WHERE TRUE ON CONFLICT DO NOTHING`, users, cameras-1),
		`ANALYZE`,
	} {
		if _, err := db.write.ExecContext(context.Background(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

// plan gives what the engine would do for a query, a step on each line.
func plan(t *testing.T, db *DB, text string, args []any) string {
	t.Helper()
	prefix, before := "EXPLAIN ", 0
	if db.engine == sqlite {
		prefix, before = "EXPLAIN QUERY PLAN ", 3
	}
	// On the connection that has filled the tables: SQLite explains by the schema and the averages that a connection happens to know.
	rows, err := db.write.QueryContext(t.Context(), prefix+text, args...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var step string
		var dest []any
		for range before {
			dest = append(dest, new(int))
		}
		if err := rows.Scan(append(dest, &step)...); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "\n")
}

func TestRightsAndFirstPagesGoByIndex(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		if db.engine == postgres {
			fill(t, db, 4000, 400, 80, 40000) // so many that reading a whole table never looks cheap
		} else {
			fill(t, db, 500, 100, 20, 5000) // SQLite goes by the averages that ANALYZE finds
		}
		w := camera.Watcher{User: "u77", At: time.UnixMilli(1900000000000)}
		all := camera.Watcher{User: "u77", Everything: true}
		page := func(l listing, sort string, after ...string) func() (string, []any) {
			return func() (string, []any) {
				text, args, err := l.statement("c.name", sort, forwards, after, 101)
				if err != nil {
					t.Fatal(err)
				}
				return text, args
			}
		}
		filtered := func(q camera.ListQuery, sort string) func() (string, []any) {
			l := cameraListing("cameras", "cameras c")
			l.filter(q)
			return page(l, sort)
		}
		// For a page of a user's own cameras PostgreSQL may find it cheaper to read all cameras, or which groups they are in, once than to
		// fetch each by its key; that is right as long as nobody else's grants are read.
		const rights = `(Seq Scan on|SCAN) (camera_grants|group_grants|favourites|g|f)\b`
		// The same holds for the cameras of a group or with a tag.
		const members = `(Seq Scan on|SCAN) (camera_tags|group_cameras)\b`
		// SQLite calls it a search too when it reads a whole table for a minimum.
		const anything = `Seq Scan on|SCAN \w+($|\n)|SEARCH \w+_grants($|\n)`
		for _, q := range []struct {
			name  string
			never string
			query func() (string, []any)
		}{
			{"may watch", anything, func() (string, []any) {
				l := mayWatch(w, []camera.ID{"c5", "c6", "c7", "c8"})
				return "SELECT c.name FROM " + l.text(), l.args
			}},
			{"next expiry", anything, func() (string, []any) { return nextExpiry, []any{toMillis(w.At)} }},
			{"watchable by number", rights, page(watchable(w, camera.WatchQuery{}), "c.number")},
			{"watchable by name", rights, page(watchable(w, camera.WatchQuery{}), "c.sort_name")},
			{"everything by name", anything, page(watchable(all, camera.WatchQuery{}), "c.sort_name")},
			{"favourites", rights, page(watchable(w, camera.WatchQuery{Favourites: camera.FavouritesOnly}), "c.number")},
			{"cameras by number", anything, page(cameraListing("cameras", "cameras c"), "c.number")},
			{"cameras by name", anything, page(cameraListing("cameras", "cameras c"), "c.sort_name")},
			{"cameras by state", anything, page(cameraListing("cameras", "cameras c"), "c.sort_state")},
			{"cameras by age", anything, page(cameraListing("cameras", "cameras c"), "c.created_at")},
			{"cameras by change", anything, page(cameraListing("cameras", "cameras c"), "c.updated_at")},
			{"cameras with trouble", anything, filtered(camera.ListQuery{States: []camera.State{camera.StateRefused, camera.StateStalled}}, "c.sort_state")},
			{"cameras with a tag", members, filtered(camera.ListQuery{Tags: []string{"tag 7"}}, "c.number")},
			{"cameras of a group", members, filtered(camera.ListQuery{Group: "g7"}, "c.number")},
			{"groups by name", anything, func() (string, []any) {
				l := listing{id: "gr.id"}
				l.from = "camera_groups gr"
				text, args, err := l.statement(groupColumns("1900000000000"), "gr.sort_name", forwards, nil, 101)
				if err != nil {
					t.Fatal(err)
				}
				return text, args
			}},
			{"people by name", anything, func() (string, []any) {
				text, args, err := userListing("users").statement("users.login", "users.sort_name", forwards, nil, 101)
				if err != nil {
					t.Fatal(err)
				}
				return text, args
			}},
			{"due for a sweep", anything, func() (string, []any) {
				return claimChecks + "10) RETURNING id", []any{toMillis(w.At), toMillis(w.At)}
			}},
			{"what hangs on a camera", anything, func() (string, []any) {
				return `SELECT COUNT(*) FROM camera_grants g WHERE g.camera_id = $1 AND ` + lives("$2"), []any{"c7", toMillis(w.At)}
			}},
			{"cameras by location", anything, page(cameraListing("cameras", "cameras c"), "c.sort_location")},
			{"second page", anything, page(cameraListing("cameras", "cameras c"), "c.sort_name", "camera 100", "c100")},
		} {
			text, args := q.query()
			if steps := plan(t, db, text, args); regexp.MustCompile(q.never).MatchString(steps) {
				t.Errorf("%s reads a whole table:\n%s", q.name, steps)
			}
		}
	})
}

// BenchmarkRights measures on 10,000 cameras, 1,000 users, 200 groups and 100,000 grants.
func BenchmarkRights(b *testing.B) {
	for _, engine := range []engine{postgres, sqlite} {
		b.Run(string(engine), func(b *testing.B) {
			o := Options{Dir: b.TempDir(), Logger: slog.New(slog.DiscardHandler)}
			if engine == postgres {
				o.URL = pgtest.URL(b)
			}
			ctx := b.Context()
			db, err := Open(ctx, o)
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			fill(b, db, 10_000, 1_000, 200, 100_000)
			w := camera.Watcher{User: "u77", At: time.UnixMilli(1900000000000)}
			run := func(name string, do func() error) {
				b.Run(name, func(b *testing.B) {
					for b.Loop() {
						if err := do(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
			run("may-watch", func() error { _, err := db.MayWatch(ctx, w, "c77"); return err })
			run("watchable", func() error { _, err := db.Watchable(ctx, w, camera.WatchQuery{}); return err })
			run("all-cameras", func() error { _, err := db.Cameras(ctx, camera.ListQuery{}); return err })
			run("search", func() error {
				_, err := db.Cameras(ctx, camera.ListQuery{Query: paging.Query{Q: "camera 99", Sort: "name"}})
				return err
			})
			run("user-cameras", func() error { _, err := db.UserCameras(ctx, w, camera.ListQuery{}); return err })
			run("favourites", func() error {
				_, err := db.Watchable(ctx, w, camera.WatchQuery{Favourites: camera.FavouritesOnly})
				return err
			})
			run("groups", func() error { _, err := db.Groups(ctx, w.At, paging.Query{}); return err })
			run("tags", func() error { _, err := db.Tags(ctx, paging.Query{}); return err })
			run("by-state", func() error {
				_, err := db.Cameras(ctx, camera.ListQuery{Query: paging.Query{Sort: "state"}})
				return err
			})
			run("camera-users", func() error { _, err := db.CameraUsers(ctx, "c77", w.At, paging.Query{}); return err })
		})
	}
}
