package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// lives is the condition that a grant called g has not ended; at is the place of the moment.
func lives(at string) string { return livesOf("g.", at) }

// livesOf is lives for a grant called otherwise: its name and a point, or nothing.
func livesOf(grant, at string) string {
	return `(` + grant + `expires_at IS NULL OR ` + grant + `expires_at > ` + at + `)`
}

// mayWatch lists those of the cameras that the watcher may watch: for each camera one look at the primary keys of cameras and grants,
// and one for each group that the camera is in.
func mayWatch(w camera.Watcher, cameras []camera.ID) listing {
	l := listing{from: "cameras c"}
	l.and(`c.id IN (` + ids(&l, cameras) + `)`)
	if !w.Everything {
		user, at := l.arg(string(w.User)), l.arg(toMillis(w.At))
		// One EXISTS over both: of two with OR between, PostgreSQL reads the second as a set, with all cameras of all of the user's groups.
		l.and(`EXISTS (SELECT 1 FROM camera_grants g WHERE g.user_id = ` + user + ` AND g.camera_id = c.id AND ` + lives(at) + `
			UNION ALL SELECT 1 FROM group_cameras m JOIN group_grants g ON g.group_id = m.group_id
				WHERE m.camera_id = c.id AND g.user_id = ` + user + ` AND ` + lives(at) + `)`)
	}
	return l
}

// MayWatch gives those of the cameras that the watcher may watch.
func (db *DB) MayWatch(ctx context.Context, w camera.Watcher, cameras ...camera.ID) ([]camera.Record, error) {
	if len(cameras) == 0 {
		return nil, nil
	}
	l := mayWatch(w, cameras)
	rows, err := db.read.QueryContext(ctx, `SELECT `+cameraColumns+` FROM `+l.text(), l.args...)
	if err != nil {
		return nil, fmt.Errorf("reading who may watch: %w", err)
	}
	defer rows.Close() //nolint:errcheck // reading only
	var found []camera.Record
	for rows.Next() {
		r, err := scanCameraRow(rows)
		if err != nil {
			return nil, fmt.Errorf("reading who may watch: %w", err)
		}
		found = append(found, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading who may watch: %w", err)
	}
	return found, nil
}

// granted adds the condition that the user has a grant that leads to the camera called c.
func (l *listing) granted(user auth.UserID, moment time.Time) {
	who, at := l.arg(string(user)), l.arg(toMillis(moment))
	l.and(`c.id IN (SELECT g.camera_id FROM camera_grants g WHERE g.user_id = ` + who + ` AND ` + lives(at) + `
		UNION SELECT m.camera_id FROM group_grants g JOIN group_cameras m ON m.group_id = g.group_id
			WHERE g.user_id = ` + who + ` AND ` + lives(at) + `)`)
}

// watchable lists the cameras that the watcher may watch, with the favourite, called f, beside.
func watchable(w camera.Watcher, q camera.WatchQuery) listing {
	l := cameraListing("watchable", "")
	join := "LEFT JOIN"
	if q.Favourites == camera.FavouritesOnly {
		join = "JOIN"
	}
	l.from = `cameras c ` + join + ` favourites f ON f.camera_id = c.id AND f.user_id = ` + l.arg(string(w.User))
	if !w.Everything {
		l.granted(w.User, w.At)
	}
	l.filter(q.ListQuery)
	return l
}

// Watchable gives a page of the cameras that the watcher may watch.
func (db *DB) Watchable(ctx context.Context, w camera.Watcher, q camera.WatchQuery) (paging.Page[camera.Found], error) {
	l := watchable(w, q)
	return pageOf(ctx, db.read, l, q.Query, cameraColumns+`, f.camera_id IS NOT NULL`,
		func(rows *sql.Rows, more ...any) (f camera.Found, err error) {
			f.Record, err = scanCameraRow(rows, append([]any{&f.Favourite}, more...)...)
			return f, err
		})
}

const nextExpiry = `SELECT MIN(e.ends) FROM (SELECT MIN(expires_at) AS ends FROM camera_grants WHERE expires_at > $1
	UNION ALL SELECT MIN(expires_at) AS ends FROM group_grants WHERE expires_at > $1) e`

// NextExpiry gives the first end of a grant after a moment.
func (db *DB) NextExpiry(ctx context.Context, after time.Time) (time.Time, bool, error) {
	var first sql.NullInt64
	err := db.read.QueryRowContext(ctx, nextExpiry, toMillis(after)).Scan(&first)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("reading the next end of a grant: %w", err)
	}
	return fromMillis(first.Int64), first.Valid, nil
}

// GrantCamera gives a camera, or new terms.
func (db *DB) GrantCamera(ctx context.Context, user auth.UserID, id camera.ID, v camera.Via, evs ...events.Event) error {
	return db.grant(ctx, `camera_grants`, `camera_id`, camera.ErrNotFound, user, string(id), v, evs)
}

// GrantGroup gives a group, or new terms.
func (db *DB) GrantGroup(ctx context.Context, user auth.UserID, id camera.GroupID, v camera.Via, evs ...events.Event) error {
	return db.grant(ctx, `group_grants`, `group_id`, camera.ErrNoGroup, user, string(id), v, evs)
}

func (db *DB) grant(
	ctx context.Context, grants, column string, missing error, user auth.UserID, id string, v camera.Via, evs []events.Event,
) error {
	var expires any
	if v.ExpiresAt != nil {
		expires = toMillis(*v.ExpiresAt)
	}
	return db.change(ctx, evs, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO `+grants+` (user_id, `+column+`, expires_at, reason, granted_at, granted_by)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (user_id, `+column+`) DO UPDATE SET expires_at = excluded.expires_at, reason = excluded.reason,
				granted_at = excluded.granted_at, granted_by = excluded.granted_by`,
			string(user), id, expires, v.Reason, toMillis(v.GrantedAt), v.GrantedBy)
		switch {
		case orphans(err):
			return missingSide(ctx, db.read, user, missing)
		case err != nil:
			return fmt.Errorf("granting: %w", err)
		}
		return nil
	})
}

// missingSide says which of user and thing is not there, after the database has refused a row that points to both.
func missingSide(ctx context.Context, read *sql.DB, user auth.UserID, missing error) error {
	var there bool
	if err := read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users WHERE id = $1)`, string(user)).Scan(&there); err != nil {
		return fmt.Errorf("finding what is missing: %w", err)
	}
	if !there {
		return auth.ErrNoUser
	}
	return missing
}

// RevokeCamera takes the direct grant away.
func (db *DB) RevokeCamera(ctx context.Context, user auth.UserID, id camera.ID, evs ...events.Event) (bool, error) {
	return db.unless(ctx, evs, `DELETE FROM camera_grants WHERE user_id = $1 AND camera_id = $2`, string(user), string(id))
}

// RevokeGroup takes the grant of a group away.
func (db *DB) RevokeGroup(ctx context.Context, user auth.UserID, id camera.GroupID, evs ...events.Event) (bool, error) {
	return db.unless(ctx, evs, `DELETE FROM group_grants WHERE user_id = $1 AND group_id = $2`, string(user), string(id))
}

// unless makes a change by one statement and reports whether it was one; if no row changed, neither the revision nor an event stays.
func (db *DB) unless(ctx context.Context, evs []events.Event, statement string, args ...any) (bool, error) {
	err := db.change(ctx, evs, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, statement, args...)
		if err != nil {
			return err
		}
		return changedRow(res, errUnchanged)
	})
	if errors.Is(err, errUnchanged) {
		return false, nil
	}
	return err == nil, err
}

// Columns of a Via in the order of scanVia: of a grant called g, and of a group called gr.
const (
	directVia = `'' AS group_id, '' AS group_name, '' AS sort_name, g.expires_at, g.reason, g.granted_at, g.granted_by`
	groupVia  = `gr.id AS group_id, gr.name AS group_name, gr.sort_name, g.expires_at, g.reason, g.granted_at, g.granted_by`
)

func scanVia(rows *sql.Rows, before ...any) (camera.Via, error) {
	var v camera.Via
	var sortName string
	var expires sql.NullInt64
	var granted int64
	if err := rows.Scan(append(before, &v.Group, &v.GroupName, &sortName, &expires, &v.Reason, &granted, &v.GrantedBy)...); err != nil {
		return v, err
	}
	v.GrantedAt = fromMillis(granted)
	if expires.Valid {
		at := fromMillis(expires.Int64)
		v.ExpiresAt = &at
	}
	return v, nil
}

// vias reads rows of a key and a Via, the direct way first, then groups by name.
func (db *DB) vias(ctx context.Context, l listing, query string) (map[string][]camera.Via, error) {
	rows, err := db.read.QueryContext(ctx, query+` ORDER BY sort_name, group_id`, l.args...)
	if err != nil {
		return nil, fmt.Errorf("reading the ways of grants: %w", err)
	}
	defer rows.Close() //nolint:errcheck // reading only
	found := map[string][]camera.Via{}
	for rows.Next() {
		var key string
		v, err := scanVia(rows, &key)
		if err != nil {
			return nil, fmt.Errorf("reading the ways of grants: %w", err)
		}
		found[key] = append(found[key], v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the ways of grants: %w", err)
	}
	return found, nil
}

// UserCameras gives a page of the cameras that a user may watch.
func (db *DB) UserCameras(ctx context.Context, w camera.Watcher, q camera.ListQuery) (paging.Page[camera.RecordVia], error) {
	var page paging.Page[camera.RecordVia]
	l := cameraListing("granted", "cameras c")
	if !w.Everything {
		l.granted(w.User, w.At)
	}
	l.filter(q)
	records, err := pageOf(ctx, db.read, l, q.Query, cameraColumns, scanCameraRow)
	page.NextCursor, page.Total = records.NextCursor, records.Total
	if err != nil || len(records.Items) == 0 {
		return page, err
	}
	var cameras []camera.ID
	for _, r := range records.Items {
		cameras = append(cameras, r.ID)
	}
	var v listing
	who, moment, these := v.arg(string(w.User)), v.arg(toMillis(w.At)), ids(&v, cameras)
	vias, err := db.vias(ctx, v, `SELECT g.camera_id, `+directVia+` FROM camera_grants g
			WHERE g.user_id = `+who+` AND `+lives(moment)+` AND g.camera_id IN (`+these+`)
		UNION ALL SELECT m.camera_id, `+groupVia+` FROM group_grants g JOIN camera_groups gr ON gr.id = g.group_id
			JOIN group_cameras m ON m.group_id = g.group_id
			WHERE g.user_id = `+who+` AND `+lives(moment)+` AND m.camera_id IN (`+these+`)`)
	if err != nil {
		return page, err
	}
	for _, r := range records.Items {
		page.Items = append(page.Items, camera.RecordVia{Record: r, Via: vias[string(r.ID)]})
	}
	return page, nil
}

// UserGroups gives all groups granted to a user.
func (db *DB) UserGroups(ctx context.Context, user auth.UserID, at time.Time) ([]camera.GrantedGroup, error) {
	rows, err := db.read.QueryContext(ctx, `SELECT (SELECT COUNT(*) FROM group_cameras m WHERE m.group_id = gr.id), `+groupVia+`
		FROM group_grants g JOIN camera_groups gr ON gr.id = g.group_id WHERE g.user_id = $1 AND `+lives("$2")+`
		ORDER BY gr.sort_name, gr.id`, string(user), toMillis(at))
	if err != nil {
		return nil, fmt.Errorf("reading a user's groups: %w", err)
	}
	defer rows.Close() //nolint:errcheck // reading only
	var groups []camera.GrantedGroup
	for rows.Next() {
		var g camera.GrantedGroup
		if g.Via, err = scanVia(rows, &g.Cameras); err != nil {
			return nil, fmt.Errorf("reading a user's groups: %w", err)
		}
		groups = append(groups, g)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading a user's groups: %w", err)
	}
	return groups, nil
}

// roles whose people may watch every camera.
const watchEverything = `SELECT id FROM users WHERE role IN ('moderator', 'admin')`

// CameraUsers gives a page of those who may watch a camera.
func (db *DB) CameraUsers(ctx context.Context, id camera.ID, at time.Time, q paging.Query) (paging.Page[camera.Holder], error) {
	return db.holders(ctx, "camera users", q, ` UNION `+watchEverything, func(l *listing) string {
		cam, moment := l.arg(string(id)), l.arg(toMillis(at))
		return `SELECT g.user_id, ` + directVia + ` FROM camera_grants g WHERE g.camera_id = ` + cam + ` AND ` + lives(moment) + `
			UNION ALL SELECT g.user_id, ` + groupVia + ` FROM group_cameras m JOIN group_grants g ON g.group_id = m.group_id
				JOIN camera_groups gr ON gr.id = g.group_id WHERE m.camera_id = ` + cam + ` AND ` + lives(moment)
	})
}

// GroupUsers gives a page of those to whom a group is granted.
func (db *DB) GroupUsers(ctx context.Context, id camera.GroupID, at time.Time, q paging.Query) (paging.Page[camera.Holder], error) {
	return db.holders(ctx, "group users", q, "", func(l *listing) string {
		group, moment := l.arg(string(id)), l.arg(toMillis(at))
		return `SELECT g.user_id, ` + groupVia + ` FROM group_grants g JOIN camera_groups gr ON gr.id = g.group_id
			WHERE g.group_id = ` + group + ` AND ` + lives(moment)
	})
}

// holders gives a page of users out of the ways that lead to them: ways writes the query of user ids and Vias, besides what follows it of
// users without a Via.
func (db *DB) holders(
	ctx context.Context, name string, q paging.Query, besides string, ways func(l *listing) string,
) (paging.Page[camera.Holder], error) {
	var page paging.Page[camera.Holder]
	l := userListing(name)
	l.and(`users.id IN (SELECT w.user_id FROM (` + ways(&l) + `) w` + besides + `)`)
	l.search("users.search", q.Q)
	users, err := pageOf(ctx, db.read, l, q, userColumns, scanUserRow)
	page.NextCursor, page.Total = users.NextCursor, users.Total
	if err != nil || len(users.Items) == 0 {
		return page, err
	}
	var v listing
	query := ways(&v)
	people := make([]string, len(users.Items))
	for i, u := range users.Items {
		people[i] = v.arg(string(u.ID))
	}
	vias, err := db.vias(ctx, v, `SELECT * FROM (`+query+`) w WHERE w.user_id IN (`+strings.Join(people, ", ")+`)`)
	if err != nil {
		return page, err
	}
	for _, u := range users.Items {
		page.Items = append(page.Items, camera.Holder{User: u, Via: vias[string(u.ID)]})
	}
	return page, nil
}
