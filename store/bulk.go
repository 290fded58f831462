package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
)

// changeMany is change for a change that finds its events on the way; without one it changes nothing, and raises nothing.
func (db *DB) changeMany(ctx context.Context, fn func(tx *sql.Tx) ([]events.Event, error)) ([]events.Event, error) {
	var told []events.Event
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE counters SET value = value + 1 WHERE name = 'rights_revision'`); err != nil {
			return fmt.Errorf("raising the rights revision: %w", err)
		}
		var err error
		if told, err = fn(tx); err != nil {
			return err
		}
		if len(told) == 0 {
			return errUnchanged
		}
		return appendEvents(ctx, tx, told)
	})
	switch {
	case errors.Is(err, errUnchanged):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return told, nil
}

// recordsOf reads cameras; those that are gone are missing.
func recordsOf(ctx context.Context, tx *sql.Tx, cameras []camera.ID) (map[camera.ID]camera.Record, error) {
	var l listing
	rows, err := tx.QueryContext(ctx, `SELECT `+cameraColumns+` FROM cameras c WHERE c.id IN (`+ids(&l, cameras)+`)`, l.args...)
	if err != nil {
		return nil, fmt.Errorf("reading cameras: %w", err)
	}
	defer rows.Close() //nolint:errcheck // reading only
	found := make(map[camera.ID]camera.Record, len(cameras))
	for rows.Next() {
		r, err := scanCameraRow(rows)
		if err != nil {
			return nil, fmt.Errorf("reading cameras: %w", err)
		}
		found[r.ID] = r
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading cameras: %w", err)
	}
	return found, nil
}

// groupsOf reads the names of groups, as Fields of path say which is missing. camera.ErrNoGroup.
func groupsOf(ctx context.Context, tx *sql.Tx, path string, groups []camera.GroupID) (map[camera.GroupID]camera.Group, error) {
	found := make(map[camera.GroupID]camera.Group, len(groups))
	if len(groups) == 0 {
		return found, nil
	}
	var l listing
	rows, err := tx.QueryContext(ctx, `SELECT id, name FROM camera_groups WHERE id IN (`+ids(&l, groups)+`)`, l.args...)
	if err != nil {
		return nil, fmt.Errorf("reading groups: %w", err)
	}
	defer rows.Close() //nolint:errcheck // reading only
	for rows.Next() {
		var g camera.Group
		if err := rows.Scan(&g.ID, &g.Name); err != nil {
			return nil, fmt.Errorf("reading groups: %w", err)
		}
		found[g.ID] = g
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading groups: %w", err)
	}
	if len(found) < len(groups) {
		return nil, camera.ErrNoGroup.At(path, camera.ErrNoGroup.Code)
	}
	return found, nil
}

// changedRows reads one column of the rows that a statement with RETURNING has changed.
func changedRows(ctx context.Context, tx *sql.Tx, statement string, args ...any) ([]string, error) {
	rows, err := tx.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // reading only
	var found []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		found = append(found, id)
	}
	return found, rows.Err()
}

// ChangeCameras changes many cameras.
func (db *DB) ChangeCameras(ctx context.Context, cameras []camera.ID, e camera.Edit) (camera.BulkResult, []events.Event, error) {
	var result camera.BulkResult
	told, err := db.changeMany(ctx, func(tx *sql.Tx) (evs []events.Event, err error) {
		result = camera.BulkResult{}
		records, err := recordsOf(ctx, tx, cameras)
		if err != nil {
			return nil, err
		}
		differ := map[camera.ID]bool{}
		var there []camera.ID // and changed as asked, if they had to be
		for _, id := range cameras {
			r, ok := records[id]
			if !ok {
				result.Failed = append(result.Failed, camera.BulkFailure{ID: id, Code: camera.ErrNotFound.Code})
				continue
			}
			next, fields, code := e.Change(r)
			if code != "" {
				result.Failed = append(result.Failed, camera.BulkFailure{ID: id, Code: code})
				continue
			}
			there = append(there, id)
			if len(fields) == 0 {
				continue
			}
			if err := putCamera(ctx, tx, &next); err != nil {
				return nil, err
			}
			differ[id] = true
			evs = append(evs, e.Changed(next, fields))
		}
		for _, move := range []struct {
			path, statement string
			groups          []camera.GroupID
			in              bool
		}{
			{"add_groups", `INSERT INTO group_cameras (group_id, camera_id) SELECT $1, c.id FROM cameras c WHERE c.id IN (%s)
				ON CONFLICT (group_id, camera_id) DO NOTHING RETURNING camera_id`, e.Add, true},
			{"remove_groups", `DELETE FROM group_cameras WHERE group_id = $1 AND camera_id IN (%s) RETURNING camera_id`, e.Remove, false},
		} {
			groups, err := groupsOf(ctx, tx, move.path, move.groups)
			if err != nil {
				return nil, err
			}
			for _, group := range move.groups {
				if len(there) == 0 {
					break
				}
				l := listing{args: []any{string(group)}}
				moved, err := changedRows(ctx, tx, fmt.Sprintf(move.statement, ids(&l, there)), l.args...)
				if err != nil {
					return nil, fmt.Errorf("changing a group's cameras: %w", err)
				}
				slices.Sort(moved)
				for _, id := range moved {
					differ[camera.ID(id)] = true
					evs = append(evs, e.Moved(groups[group], records[camera.ID(id)], move.in))
				}
			}
		}
		result.Changed, result.Unchanged = len(differ), len(there)-len(differ)
		return evs, nil
	})
	if err != nil {
		return camera.BulkResult{}, nil, err
	}
	return result, told, nil
}

// DeleteCameras deletes many cameras.
func (db *DB) DeleteCameras(
	ctx context.Context, cameras []camera.ID, force camera.Force, at time.Time, views map[camera.ID]int, event func(camera.Record) events.Event,
) ([]camera.BulkFailure, []events.Event, error) {
	var failed []camera.BulkFailure
	told, err := db.changeMany(ctx, func(tx *sql.Tx) (evs []events.Event, err error) {
		failed = nil
		records, err := recordsOf(ctx, tx, cameras)
		if err != nil {
			return nil, err
		}
		hanging, err := hangingOf(ctx, tx, cameras, at)
		if err != nil {
			return nil, err
		}
		var gone []camera.ID
		for _, id := range cameras {
			r, ok := records[id]
			h := hanging[id]
			h.Views = views[id]
			switch {
			case !ok:
				failed = append(failed, camera.BulkFailure{ID: id, Code: camera.ErrNotFound.Code})
			case force == camera.IfUnused && !h.None():
				failed = append(failed, camera.BulkFailure{ID: id, Code: camera.ErrInUse.Code, Hanging: h})
			default:
				gone = append(gone, id)
				evs = append(evs, event(r))
			}
		}
		if len(gone) == 0 {
			return nil, nil
		}
		var l listing
		if _, err := tx.ExecContext(ctx, `DELETE FROM cameras WHERE id IN (`+ids(&l, gone)+`)`, l.args...); err != nil {
			return nil, fmt.Errorf("deleting cameras: %w", err)
		}
		return evs, nil
	})
	if err != nil {
		return nil, nil, err
	}
	return failed, told, nil
}

// hangingOf is countHanging for many cameras.
func hangingOf(ctx context.Context, tx *sql.Tx, cameras []camera.ID, at time.Time) (map[camera.ID]camera.Hanging, error) {
	found := make(map[camera.ID]camera.Hanging, len(cameras))
	for _, part := range []struct {
		table, where string
		to           func(h *camera.Hanging) *int
	}{
		{"camera_grants g", " AND " + lives("$1"), func(h *camera.Hanging) *int { return &h.Grants }},
		{"group_cameras g", "", func(h *camera.Hanging) *int { return &h.Groups }},
		{"favourites g", "", func(h *camera.Hanging) *int { return &h.Favourites }},
	} {
		var l listing
		if strings.Contains(part.where, "$1") {
			l.arg(toMillis(at))
		}
		rows, err := tx.QueryContext(ctx, `SELECT g.camera_id, COUNT(*) FROM `+part.table+` WHERE g.camera_id IN (`+ids(&l, cameras)+`)`+part.where+
			` GROUP BY g.camera_id`, l.args...)
		if err != nil {
			return nil, fmt.Errorf("counting what hangs on cameras: %w", err)
		}
		for rows.Next() {
			var id camera.ID
			var n int
			if err := rows.Scan(&id, &n); err != nil {
				rows.Close() //nolint:errcheck // the first error counts
				return nil, fmt.Errorf("counting what hangs on cameras: %w", err)
			}
			h := found[id]
			*part.to(&h) = n
			found[id] = h
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, fmt.Errorf("counting what hangs on cameras: %w", err)
		}
	}
	return found, nil
}
