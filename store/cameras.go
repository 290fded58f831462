package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

var _ camera.Store = (*DB)(nil)

const cameraColumns = `c.id, c.version, c.created_at, c.updated_at, c.number, c.name, c.location, c.tags, c.notes, c.transport,
	c.sealed_with, c.address_sealed, c.sub_address_sealed, c.username_sealed, c.password_sealed,
	c.sweep, c.state, c.state_code, c.state_since, c.seen_at, COALESCE(c.passport, '')`

// scanCamera reads cameraColumns, and more behind them.
func scanCamera(scan func(...any) error, more ...any) (camera.Record, error) {
	var r camera.Record
	var created, updated, since, seen int64
	var tags string
	err := scan(append([]any{
		&r.ID, &r.Version, &created, &updated, &r.Number, &r.Name, &r.Location, &tags, &r.Notes, &r.Transport,
		&r.Sealed.Key, &r.Sealed.Address, &r.Sealed.SubAddress, &r.Sealed.Username, &r.Sealed.Password,
		&r.Sweep, &r.Standing.State, &r.Standing.Code, &since, &seen, &r.Passport,
	}, more...)...)
	if err != nil {
		return r, err
	}
	r.CreatedAt, r.UpdatedAt = fromMillis(created), fromMillis(updated)
	r.Standing.Since, r.Standing.SeenAt = fromMillis(since), fromMillis(seen)
	if err := json.Unmarshal([]byte(tags), &r.Tags); err != nil {
		return r, fmt.Errorf("reading the tags of camera %d: %w", r.Number, err)
	}
	return r, nil
}

func scanCameraRow(rows *sql.Rows, more ...any) (camera.Record, error) {
	return scanCamera(rows.Scan, more...)
}

// cameraRow gives all columns that a change writes, from number on, in the order of cameraChange.
func cameraRow(r camera.Record) []any {
	tags := r.Tags
	if tags == nil {
		tags = []string{}
	}
	text, _ := json.Marshal(tags) //nolint:errcheck,errchkjson // strings always marshal
	return []any{
		r.Number, r.Name, r.Location, string(text), r.Notes, string(r.Transport),
		r.Sealed.Key, blob(r.Sealed.Address), blob(r.Sealed.SubAddress), blob(r.Sealed.Username), blob(r.Sealed.Password),
		sortKey(r.Name), sortKey(r.Location), searchable(append([]string{strconv.Itoa(r.Number), r.Name, r.Location}, tags...)...), r.Sweep,
	}
}

// blob gives bytes as a column keeps them: none is NULL, which drivers do not agree on for a nil slice.
func blob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

const cameraChange = `number, name, location, tags, notes, transport, sealed_with, address_sealed, sub_address_sealed, username_sealed,
	password_sealed, sort_name, sort_location, search, sweep`

// CreateCamera adds a camera.
func (db *DB) CreateCamera(ctx context.Context, r camera.Record, evs ...events.Event) (camera.Record, error) {
	assign := r.Number == 0
	evs = slices.Clone(evs)
	err := db.change(ctx, evs, func(tx *sql.Tx) error {
		if assign {
			err := tx.QueryRowContext(ctx, `UPDATE counters SET value = value + 1 WHERE name = 'camera_number' RETURNING value`).Scan(&r.Number)
			if err != nil {
				return fmt.Errorf("numbering a camera: %w", err)
			}
			for i := range evs {
				if evs[i].Camera.ID == string(r.ID) {
					evs[i].Camera.Number = r.Number
				}
			}
		}
		if err := takeNumber(ctx, tx, r); err != nil {
			return err
		}
		return insertCamera(ctx, tx, r)
	})
	if err != nil {
		return camera.Record{}, err
	}
	return r, nil
}

// insertCamera adds a camera whose number is taken for it.
func insertCamera(ctx context.Context, tx *sql.Tx, r camera.Record) error {
	args := append([]any{string(r.ID), r.Version, toMillis(r.CreatedAt), toMillis(r.UpdatedAt)}, cameraRow(r)...)
	_, err := tx.ExecContext(ctx, `INSERT INTO cameras (id, version, created_at, updated_at, `+cameraChange+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`, args...)
	if err != nil {
		return fmt.Errorf("adding a camera: %w", err)
	}
	return putTags(ctx, tx, r)
}

// takeNumber notes that a camera has a number, unless another one has or had it. It runs under the rights revision's lock, so nobody
// takes the number in between.
func takeNumber(ctx context.Context, tx *sql.Tx, r camera.Record) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO camera_numbers (number, camera_id) VALUES ($1, $2) ON CONFLICT (number) DO NOTHING`,
		r.Number, string(r.ID)); err != nil {
		return fmt.Errorf("taking a number: %w", err)
	}
	var holder string
	var lives bool
	if err := tx.QueryRowContext(ctx, `SELECT n.camera_id, EXISTS (SELECT 1 FROM cameras c WHERE c.id = n.camera_id)
		FROM camera_numbers n WHERE n.number = $1`, r.Number).Scan(&holder, &lives); err != nil {
		return fmt.Errorf("taking a number: %w", err)
	}
	switch {
	case holder == string(r.ID):
	case lives:
		return camera.ErrNumberTaken.With("id", holder).At("number", camera.ErrNumberTaken.Code)
	default:
		return camera.ErrNumberRetired.At("number", camera.ErrNumberRetired.Code)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE counters SET value = $1 WHERE name = 'camera_number' AND value < $1`, r.Number); err != nil {
		return fmt.Errorf("taking a number: %w", err)
	}
	return nil
}

// Camera gives one camera.
func (db *DB) Camera(ctx context.Context, id camera.ID) (camera.Record, error) {
	r, err := scanCamera(db.read.QueryRowContext(ctx, `SELECT `+cameraColumns+` FROM cameras c WHERE c.id = $1`, string(id)).Scan)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return r, camera.ErrNotFound
	case err != nil:
		return r, fmt.Errorf("reading a camera: %w", err)
	}
	return r, nil
}

// cameraListing begins a list of cameras, called c.
func cameraListing(name, from string) listing {
	return listing{
		name: name, from: from, id: "c.id", first: "number",
		sorts: map[string]string{
			"number": "c.number", "name": "c.sort_name", "location": "c.sort_location", "state": "c.sort_state",
			"created_at": "c.created_at", "updated_at": "c.updated_at",
		},
		numbers: map[string]bool{"c.number": true, "c.sort_state": true, "c.created_at": true, "c.updated_at": true},
	}
}

// filter adds what a list of cameras is asked for.
func (l *listing) filter(q camera.ListQuery) {
	l.search("c.search", q.Q)
	for _, tag := range q.Tags {
		l.and(`c.id IN (SELECT camera_id FROM camera_tags WHERE folded = ` + l.arg(folded(tag)) + `)`)
	}
	if len(q.States) > 0 {
		places := make([]string, len(q.States))
		for i, s := range q.States {
			places[i] = l.arg(trouble(s))
		}
		l.and(`c.sort_state IN (` + strings.Join(places, ", ") + `)`)
	}
	if len(q.Outcomes) > 0 {
		places := make([]string, len(q.Outcomes))
		for i, o := range q.Outcomes {
			places[i] = l.arg(string(o))
		}
		l.and(`c.outcome IN (` + strings.Join(places, ", ") + `)`)
	}
	if q.Transport != "" {
		l.and(`c.transport = ` + l.arg(string(q.Transport)))
	}
	if q.Group != "" {
		l.and(`c.id IN (SELECT camera_id FROM group_cameras WHERE group_id = ` + l.arg(string(q.Group)) + `)`)
	}
}

// Cameras gives a page of all cameras.
func (db *DB) Cameras(ctx context.Context, q camera.ListQuery) (paging.Page[camera.Record], error) {
	l := cameraListing("cameras", "cameras c")
	l.filter(q)
	return pageOf(ctx, db.read, l, q.Query, cameraColumns, scanCameraRow)
}

// UpdateCamera replaces a camera if it still has the version.
func (db *DB) UpdateCamera(ctx context.Context, r camera.Record, evs ...events.Event) (camera.Record, error) {
	err := db.change(ctx, evs, func(tx *sql.Tx) error {
		if err := sameVersion(ctx, tx, `SELECT version FROM cameras WHERE id = $1`, string(r.ID), r.Version, camera.ErrNotFound); err != nil {
			return err
		}
		if err := takeNumber(ctx, tx, r); err != nil {
			return err
		}
		return putCamera(ctx, tx, &r)
	})
	if err != nil {
		return camera.Record{}, err
	}
	return r, nil
}

// putCamera writes a changed camera and raises its version.
func putCamera(ctx context.Context, tx *sql.Tx, r *camera.Record) error {
	set := strings.Split(cameraChange, ",")
	for i, column := range set {
		set[i] = strings.TrimSpace(column) + " = $" + strconv.Itoa(i+3)
	}
	// On the right of a SET stand the values from before. Whatever is sealed is sealed anew when any of it changes.
	const same = ` = CASE WHEN address_sealed = $10 AND transport = $8 AND ($17 OR NOT sweep) THEN `
	args := append([]any{string(r.ID), toMillis(r.UpdatedAt)}, cameraRow(*r)...)
	var since, seen int64
	probed := r.Passport != ""
	err := tx.QueryRowContext(ctx, `UPDATE cameras SET version = version + 1, updated_at = $2, `+strings.Join(set, ", ")+`,
		state`+same+`state ELSE 'unknown' END, state_code`+same+`state_code ELSE '' END, state_since`+same+`state_since ELSE 0 END,
		passport = CASE WHEN address_sealed = $10 AND transport = $8 THEN passport END,
		outcome = CASE WHEN address_sealed = $10 AND transport = $8 THEN outcome ELSE 'none' END,
		sort_state`+same+`sort_state ELSE `+strconv.Itoa(trouble(camera.StateUnknown))+` END, checked_at`+same+`checked_at ELSE 0 END
		WHERE id = $1 RETURNING version, state, state_code, state_since, seen_at, COALESCE(passport, '')`, args...).
		Scan(&r.Version, &r.Standing.State, &r.Standing.Code, &since, &seen, &r.Passport)
	if err != nil {
		return fmt.Errorf("changing a camera: %w", err)
	}
	r.Standing.Since, r.Standing.SeenAt = fromMillis(since), fromMillis(seen)
	if probed && r.Passport == "" {
		if err := dropStill(ctx, tx, r.ID); err != nil {
			return err
		}
	}
	return putTags(ctx, tx, *r)
}

// putTags writes a camera's tags one by one, for searching by them.
func putTags(ctx context.Context, tx *sql.Tx, r camera.Record) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM camera_tags WHERE camera_id = $1`, string(r.ID)); err != nil {
		return fmt.Errorf("changing a camera's tags: %w", err)
	}
	if len(r.Tags) == 0 {
		return nil
	}
	var l listing
	id := l.arg(string(r.ID))
	rows := make([]string, len(r.Tags))
	for i, tag := range r.Tags {
		rows[i] = "(" + id + ", " + l.arg(folded(tag)) + ", " + l.arg(tag) + ")"
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO camera_tags (camera_id, folded, tag) VALUES `+strings.Join(rows, ", ")+` ON CONFLICT DO NOTHING`, l.args...)
	if err != nil {
		return fmt.Errorf("changing a camera's tags: %w", err)
	}
	return nil
}

// sameVersion gives auth.ErrChanged unless the row still has the version, and missing if it is gone.
func sameVersion(ctx context.Context, tx *sql.Tx, query, id string, version int64, missing error) error {
	var now int64
	err := tx.QueryRowContext(ctx, query, id).Scan(&now)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return missing
	case err != nil:
		return fmt.Errorf("comparing versions: %w", err)
	case now != version:
		return auth.Changed(now)
	}
	return nil
}

// DeleteCamera deletes a camera with what hangs on it, or refuses if something does.
func (db *DB) DeleteCamera(ctx context.Context, id camera.ID, force camera.Force, at time.Time, evs ...events.Event) (camera.Hanging, error) {
	var hanging camera.Hanging
	err := db.change(ctx, evs, func(tx *sql.Tx) error {
		var err error
		if hanging, err = countHanging(ctx, tx, id, at); err != nil {
			return err
		}
		if force == camera.IfUnused && !hanging.None() {
			return camera.ErrInUse
		}
		res, err := tx.ExecContext(ctx, `DELETE FROM cameras WHERE id = $1`, string(id))
		if err != nil {
			return fmt.Errorf("deleting a camera: %w", err)
		}
		return changedRow(res, camera.ErrNotFound)
	})
	return hanging, err
}

// CountHanging counts what hangs on a camera.
func (db *DB) CountHanging(ctx context.Context, id camera.ID, at time.Time) (camera.Hanging, error) {
	return countHanging(ctx, db.read, id, at)
}

func countHanging(ctx context.Context, from interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}, id camera.ID, at time.Time) (camera.Hanging, error) {
	var h camera.Hanging
	err := from.QueryRowContext(ctx, `SELECT
		(SELECT COUNT(*) FROM camera_grants WHERE camera_id = $1 AND (expires_at IS NULL OR expires_at > $2)),
		(SELECT COUNT(*) FROM group_cameras WHERE camera_id = $1),
		(SELECT COUNT(*) FROM favourites WHERE camera_id = $1)`, string(id), toMillis(at)).Scan(&h.Grants, &h.Groups, &h.Favourites)
	if err != nil {
		return h, fmt.Errorf("counting what hangs on a camera: %w", err)
	}
	return h, nil
}
