package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// deviceRows is where a device's state comes from: its row, its last session if there is one, and the code that is good at a time.
func deviceRows(l *listing, now time.Time) string {
	return `users LEFT JOIN sessions s ON s.id = (SELECT x.id FROM sessions x WHERE x.user_id = users.id ORDER BY x.seen_at DESC, x.id DESC LIMIT 1)
		LEFT JOIN device_codes k ON k.user_id = users.id AND k.expires_at > ` + l.arg(toMillis(now))
}

const deviceColumns = `users.id, users.version, users.created_at, users.updated_at, users.login, users.email, users.first_name, users.last_name,
	users.middle_name, users.phone, users.role, users.banned, users.views_limit, users.language, users.kind, users.notes,
	users.password_hash <> '',
	COALESCE(s.id, ''), COALESCE(s.created_at, 0), COALESCE(s.seen_at, 0), COALESCE(s.expires_at, 0), COALESCE(s.ended_at, 0),
	COALESCE(s.remote, ''), COALESCE(s.user_agent, ''), COALESCE(k.expires_at, 0)`

const deviceSeen = "COALESCE(s.seen_at, 0)"

// scanDevice reads deviceColumns and what follows them.
func scanDevice(row scanner, now time.Time, more ...any) (auth.DeviceState, error) {
	var d auth.DeviceState
	var created, seen, expires, ended, code int64
	s := &d.LastSession
	var err error
	d.User, err = scanUser(row, append([]any{&s.ID, &created, &seen, &expires, &ended, &s.Device.Remote, &s.Device.UserAgent, &code}, more...)...)
	if err != nil {
		return auth.DeviceState{}, err
	}
	s.CreatedAt, s.SeenAt, s.ExpiresAt, s.EndedAt = fromMillis(created), fromMillis(seen), fromMillis(expires), fromMillis(ended)
	if s.ID != "" {
		s.User = d.ID
		d.SignedIn = s.Lives(now)
	}
	d.CodeExpires = fromMillis(code)
	return d, nil
}

// DeviceState gives a device with its sign-in. auth.ErrNoDevice.
func (db *DB) DeviceState(ctx context.Context, id auth.UserID, now time.Time) (auth.DeviceState, error) {
	var l listing
	from := deviceRows(&l, now)
	d, err := scanDevice(db.read.QueryRowContext(ctx,
		`SELECT `+deviceColumns+` FROM `+from+` WHERE users.kind = 'device' AND users.id = `+l.arg(string(id)), l.args...), now)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return auth.DeviceState{}, auth.ErrNoDevice
	case err != nil:
		return auth.DeviceState{}, fmt.Errorf("reading a device: %w", err)
	}
	return d, nil
}

// Devices gives one page. Sort is name (the order without it), created_at or seen_at.
func (db *DB) Devices(ctx context.Context, now time.Time, q paging.Query) (paging.Page[auth.DeviceState], error) {
	return pageOf(ctx, db.read, deviceListing(now, q), q, deviceColumns, func(rows *sql.Rows, more ...any) (auth.DeviceState, error) {
		return scanDevice(rows, now, more...)
	})
}

func deviceListing(now time.Time, q paging.Query) listing {
	l := listing{
		name: "devices", id: "users.id", first: "name",
		sorts:   map[string]string{"name": "users.sort_name", "created_at": "users.created_at", "seen_at": deviceSeen},
		numbers: map[string]bool{"users.created_at": true, deviceSeen: true},
	}
	l.from = deviceRows(&l, now)
	l.and("users.kind = 'device'")
	l.search("users.search", q.Q)
	return l
}

// CreateDevice adds a device and the code that will sign it in.
func (db *DB) CreateDevice(ctx context.Context, u auth.User, code auth.DeviceCode, evs ...events.Event) error {
	return db.change(ctx, evs, func(tx *sql.Tx) error {
		if err := insertUser(ctx, tx, auth.Account{User: u}); err != nil {
			return err
		}
		return putCode(ctx, tx, u.ID, code)
	})
}

// PutDeviceCode replaces the code that will sign a device in. auth.ErrNoDevice.
func (db *DB) PutDeviceCode(ctx context.Context, id auth.UserID, code auth.DeviceCode, evs ...events.Event) error {
	return db.change(ctx, evs, func(tx *sql.Tx) error {
		var there bool
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users WHERE id = $1 AND kind = 'device')`, string(id)).Scan(&there)
		switch {
		case err != nil:
			return fmt.Errorf("looking for a device: %w", err)
		case !there:
			return auth.ErrNoDevice
		}
		return putCode(ctx, tx, id, code)
	})
}

func putCode(ctx context.Context, tx *sql.Tx, id auth.UserID, code auth.DeviceCode) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO device_codes (user_id, hash, expires_at) VALUES ($1, $2, $3)
		ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at`, string(id), code.Hash, toMillis(code.ExpiresAt))
	if err != nil {
		return fmt.Errorf("keeping a device's code: %w", err)
	}
	return nil
}

// BeginDevice uses a device's code; see auth.Store.
func (db *DB) BeginDevice(
	ctx context.Context, hash []byte, s auth.Session, first auth.RefreshToken, endCode string,
) (u auth.User, ended int, err error) {
	err = db.change(ctx, nil, func(tx *sql.Tx) error {
		// Of two who use one code at once, one finds it gone.
		var id string
		err := tx.QueryRowContext(ctx, `DELETE FROM device_codes WHERE hash = $1 AND expires_at > $2 RETURNING user_id`,
			hash, toMillis(s.CreatedAt)).Scan(&id)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return auth.ErrDeviceCode
		case err != nil:
			return fmt.Errorf("using a device's code: %w", err)
		}
		u, err = scanUser(tx.QueryRowContext(ctx, `UPDATE users SET signed_in_at = $2 WHERE id = $1 AND kind = 'device' AND NOT banned RETURNING `+userColumns,
			id, toMillis(s.CreatedAt)))
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return auth.ErrDeviceCode
		case err != nil:
			return fmt.Errorf("signing a device in: %w", err)
		}
		if ended, err = endSessions(ctx, tx, u.ID, "", endCode, s.CreatedAt); err != nil {
			return err
		}
		s.User = u.ID
		return insertSession(ctx, tx, s, first)
	})
	if err != nil {
		return auth.User{}, 0, err
	}
	return u, ended, nil
}
