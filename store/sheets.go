package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
)

// rowsAtOnce is how many rows one INSERT of a spreadsheet writes. SQLite's driver takes a time for a statement's arguments that grows with the square
// of their number, PostgreSQL wants few round trips.
const rowsAtOnce = 25

// asked is what answers a query: the database, or a transaction.
type asked interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Present gives what a spreadsheet is judged against.
func (db *DB) Present(ctx context.Context, logins []string, at time.Time) (camera.Present, error) {
	return present(ctx, db.read, logins, at)
}

func present(ctx context.Context, from asked, logins []string, at time.Time) (camera.Present, error) {
	p := camera.Present{
		Numbers: map[int]camera.ID{}, Groups: map[string]camera.Group{}, Users: map[string]auth.User{},
		Members: map[camera.GroupID]map[camera.ID]bool{}, Grants: map[auth.UserID]map[camera.ID]bool{},
	}
	read := func(what, query string, args []any, row func(rows *sql.Rows) error) error {
		rows, err := from.QueryContext(ctx, query, args...)
		if err != nil {
			return fmt.Errorf("reading %s for a sheet: %w", what, err)
		}
		defer rows.Close() //nolint:errcheck // reading only
		for rows.Next() {
			if err := row(rows); err != nil {
				return fmt.Errorf("reading %s for a sheet: %w", what, err)
			}
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("reading %s for a sheet: %w", what, err)
		}
		return nil
	}
	if err := read("cameras", `SELECT `+cameraColumns+` FROM cameras c ORDER BY c.number`, nil, func(rows *sql.Rows) error {
		r, err := scanCameraRow(rows)
		p.Records = append(p.Records, r)
		return err
	}); err != nil {
		return p, err
	}
	if err := read("numbers", `SELECT number, camera_id FROM camera_numbers`, nil, func(rows *sql.Rows) error {
		var number int
		var id camera.ID
		err := rows.Scan(&number, &id)
		p.Numbers[number] = id
		return err
	}); err != nil {
		return p, err
	}
	if err := read("numbers", `SELECT value FROM counters WHERE name = 'camera_number'`, nil, func(rows *sql.Rows) error {
		return rows.Scan(&p.Highest)
	}); err != nil {
		return p, err
	}
	if err := read("groups", `SELECT id, name, name_folded FROM camera_groups`, nil, func(rows *sql.Rows) error {
		var g camera.Group
		var key string
		err := rows.Scan(&g.ID, &g.Name, &key)
		p.Groups[key] = g
		return err
	}); err != nil {
		return p, err
	}
	if err := read("groups", `SELECT group_id, camera_id FROM group_cameras`, nil, func(rows *sql.Rows) error {
		var g camera.GroupID
		var id camera.ID
		err := rows.Scan(&g, &id)
		put(p.Members, g, id)
		return err
	}); err != nil {
		return p, err
	}
	for some := range slices.Chunk(logins, 500) {
		var l listing
		if err := read("users", `SELECT `+userColumns+`, login_folded FROM users WHERE kind = 'person' AND login_folded IN (`+ids(&l, some)+`)`, l.args,
			func(rows *sql.Rows) error {
				var key string
				u, err := scanUser(rows, &key)
				p.Users[key] = u
				return err
			}); err != nil {
			return p, err
		}
		var m listing
		moment := m.arg(toMillis(at))
		if err := read("grants", `SELECT g.user_id, g.camera_id FROM camera_grants g JOIN users u ON u.id = g.user_id
			WHERE u.kind = 'person' AND u.login_folded IN (`+ids(&m, some)+`) AND `+lives(moment), m.args, func(rows *sql.Rows) error {
			var user auth.UserID
			var id camera.ID
			err := rows.Scan(&user, &id)
			put(p.Grants, user, id)
			return err
		}); err != nil {
			return p, err
		}
	}
	return p, nil
}

// put adds one to a set of sets.
func put[A, B comparable](sets map[A]map[B]bool, a A, b B) {
	if sets[a] == nil {
		sets[a] = map[B]bool{}
	}
	sets[a][b] = true
}

// eventsAtOnce is how many events of a spreadsheet are written between two words of how far it is.
const eventsAtOnce = 500

// ImportCameras does what plan makes of a spreadsheet.
func (db *DB) ImportCameras(
	ctx context.Context, logins []string, at time.Time, plan func(camera.Present) (camera.Import, error),
) ([]events.Event, error) {
	var told []events.Event
	err := db.change(ctx, nil, func(tx *sql.Tx) error {
		p, err := present(ctx, tx, logins, at)
		if err != nil {
			return err
		}
		i, err := plan(p)
		if err != nil {
			return err
		}
		if told = i.Events; len(told) == 0 {
			return errUnchanged
		}
		return write(ctx, tx, i)
	})
	switch {
	case errors.Is(err, errUnchanged):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return told, nil
}

// write writes what was planned, its events last. It runs under the rights revision's lock: the numbers are as free as they were when it was
// planned.
func write(ctx context.Context, tx *sql.Tx, i camera.Import) error {
	var numbers, made, tags, members, grants [][]any
	highest := 0
	for number, id := range i.Numbers {
		highest = max(highest, number)
		numbers = append(numbers, []any{number, string(id)})
	}
	for _, r := range i.New {
		made = append(made, append([]any{string(r.ID), r.Version, toMillis(r.CreatedAt), toMillis(r.UpdatedAt)}, cameraRow(r)...))
		for _, tag := range r.Tags {
			tags = append(tags, []any{string(r.ID), folded(tag), tag})
		}
	}
	for _, m := range i.Members {
		members = append(members, []any{string(m.Group), string(m.Camera)})
	}
	for _, g := range i.Grants {
		grants = append(grants, []any{string(g.User), string(g.Camera), i.Via.Reason, toMillis(i.Via.GrantedAt), i.Via.GrantedBy})
	}
	done, of := 0, len(numbers)+len(made)+len(tags)+len(members)+len(grants)+len(i.Changed)+len(i.Events)
	wrote := func(n int) {
		if done += n; i.Wrote != nil {
			i.Wrote(done, of)
		}
	}
	for _, part := range []struct {
		what, before, behind string
		rows                 [][]any
	}{
		{"numbers", `INSERT INTO camera_numbers (number, camera_id) VALUES `, ``, numbers},
		{"cameras", `INSERT INTO cameras (id, version, created_at, updated_at, ` + cameraChange + `) VALUES `, ``, made},
		{"tags", `INSERT INTO camera_tags (camera_id, folded, tag) VALUES `, ` ON CONFLICT DO NOTHING`, tags},
		{"places in groups", `INSERT INTO group_cameras (group_id, camera_id) VALUES `, ` ON CONFLICT DO NOTHING`, members},
		{"grants", `INSERT INTO camera_grants (user_id, camera_id, reason, granted_at, granted_by) VALUES `, // over one that has ended
			` ON CONFLICT (user_id, camera_id) DO UPDATE SET expires_at = NULL, reason = excluded.reason,
			granted_at = excluded.granted_at, granted_by = excluded.granted_by`, grants},
	} {
		if err := insertRows(ctx, tx, part.before, part.behind, part.rows, wrote); err != nil {
			return fmt.Errorf("writing %s of a sheet: %w", part.what, err)
		}
	}
	for _, r := range i.Changed {
		if err := putCamera(ctx, tx, &r); err != nil {
			return err
		}
		wrote(1)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE counters SET value = $1 WHERE name = 'camera_number' AND value < $1`, highest); err != nil {
		return fmt.Errorf("counting numbers of a sheet: %w", err)
	}
	for some := range slices.Chunk(i.Events, eventsAtOnce) {
		if err := appendEvents(ctx, tx, some); err != nil {
			return err
		}
		wrote(len(some))
	}
	return nil
}

// insertRows writes rows of as many values each, rowsAtOnce at a time, and tells after each time how many.
func insertRows(ctx context.Context, tx *sql.Tx, before, behind string, rows [][]any, wrote func(int)) error {
	var full *sql.Stmt // of rowsAtOnce, read once for many
	if len(rows) >= 2*rowsAtOnce {
		var err error
		if full, err = tx.PrepareContext(ctx, before+places(rowsAtOnce, len(rows[0]))+behind); err != nil {
			return err
		}
		defer full.Close() //nolint:errcheck // the transaction's end closes it too
	}
	for some := range slices.Chunk(rows, rowsAtOnce) {
		args := slices.Concat(some...)
		var err error
		if full != nil && len(some) == rowsAtOnce {
			_, err = full.ExecContext(ctx, args...)
		} else {
			_, err = tx.ExecContext(ctx, before+places(len(some), len(some[0]))+behind, args...)
		}
		if err != nil {
			return err
		}
		wrote(len(some))
	}
	return nil
}
