package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/legacy"
)

var _ legacy.Store = (*DB)(nil)

// TakeOver runs fn in one change of rights.
func (db *DB) TakeOver(ctx context.Context, fn func(legacy.Tx) error) error {
	return db.change(ctx, nil, func(tx *sql.Tx) error { return fn(takeover{tx}) })
}

// takeover is what an import does within its transaction.
type takeover struct{ tx *sql.Tx }

// Origins gives what was taken over before.
func (t takeover) Origins(ctx context.Context) (map[legacy.Origin]string, error) {
	found := map[legacy.Origin]string{}
	err := each(ctx, t.tx, `SELECT kind, origin, id FROM origins`, nil, func(rows *sql.Rows) error {
		var o legacy.Origin
		var id string
		if err := rows.Scan(&o.Kind, &o.ID, &id); err != nil {
			return err
		}
		found[o] = id
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading what was taken over before: %w", err)
	}
	return found, nil
}

// perOrigins is how many origins are kept by one statement.
const perOrigins = 500

// Remember keeps what is taken over.
func (t takeover) Remember(ctx context.Context, taken map[legacy.Origin]string) error {
	keys := make([]legacy.Origin, 0, len(taken))
	for o := range taken {
		keys = append(keys, o)
	}
	for some := range slices.Chunk(keys, perOrigins) {
		args := make([]any, 0, 3*len(some))
		for _, o := range some {
			args = append(args, string(o.Kind), o.ID, taken[o])
		}
		if _, err := t.tx.ExecContext(ctx, `INSERT INTO origins (kind, origin, id) VALUES `+places(len(some), 3), args...); err != nil {
			return fmt.Errorf("keeping what is taken over: %w", err)
		}
	}
	return nil
}

// People gives everybody.
func (t takeover) People(ctx context.Context) ([]auth.User, error) {
	var people []auth.User
	err := each(ctx, t.tx, `SELECT `+userColumns+` FROM users`, nil, func(rows *sql.Rows) error {
		u, err := scanUser(rows)
		people = append(people, u)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading users: %w", err)
	}
	return people, nil
}

// Cameras gives all cameras.
func (t takeover) Cameras(ctx context.Context) ([]camera.Record, error) {
	var records []camera.Record
	err := each(ctx, t.tx, `SELECT `+cameraColumns+` FROM cameras c`, nil, func(rows *sql.Rows) error {
		r, err := scanCameraRow(rows)
		records = append(records, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading cameras: %w", err)
	}
	return records, nil
}

// AddUser keeps a new account.
func (t takeover) AddUser(ctx context.Context, a auth.Account) error { return insertUser(ctx, t.tx, a) }

// AddCamera keeps a new camera with its number.
func (t takeover) AddCamera(ctx context.Context, r camera.Record) error {
	if err := takeNumber(ctx, t.tx, r); err != nil {
		return err
	}
	return insertCamera(ctx, t.tx, r)
}

// Grant gives a camera to somebody who has not got it.
func (t takeover) Grant(ctx context.Context, user auth.UserID, id camera.ID, v camera.Via) (bool, error) {
	return t.added(ctx, `INSERT INTO camera_grants (user_id, camera_id, expires_at, reason, granted_at, granted_by)
		VALUES ($1, $2, NULL, $3, $4, $5) ON CONFLICT (user_id, camera_id) DO NOTHING`,
		string(user), string(id), v.Reason, toMillis(v.GrantedAt), v.GrantedBy)
}

// Favourite stars a camera.
func (t takeover) Favourite(ctx context.Context, user auth.UserID, id camera.ID, at time.Time) (bool, error) {
	return t.added(ctx, `INSERT INTO favourites (user_id, camera_id, created_at) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, camera_id) DO NOTHING`, string(user), string(id), toMillis(at))
}

func (t takeover) added(ctx context.Context, statement string, args ...any) (bool, error) {
	res, err := t.tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return false, fmt.Errorf("taking over: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Tell keeps events.
func (t takeover) Tell(ctx context.Context, happened []events.Event) error {
	return appendEvents(ctx, t.tx, happened)
}

// ReadLegacy reads all that the predecessor keeps in a PostgreSQL, as of one moment, and changes nothing there.
func ReadLegacy(ctx context.Context, address string) (legacy.Records, error) {
	var all legacy.Records
	pool, err := postgresPool(address)
	if err != nil {
		return all, err
	}
	defer pool.Close() //nolint:errcheck // reading only
	tx, err := pool.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return all, fmt.Errorf("connecting to the predecessor's PostgreSQL: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // reading only
	// Naive times are UTC: EXTRACT takes a time without a zone as it stands, whatever the zone of the connection. All else is read as text,
	// so that a column of another type than we know is no obstacle.
	const times = `COALESCE((EXTRACT(EPOCH FROM created_at) * 1000)::bigint, 0), COALESCE((EXTRACT(EPOCH FROM updated_at) * 1000)::bigint, 0)`
	err = each(ctx, tx, `SELECT id::text, `+texts("first_name", "last_name", "paternal_name", "phone_number", "email", "password", "role", "ban")+`, `+times+`
		FROM users ORDER BY created_at, id`, nil, func(rows *sql.Rows) error {
		var u legacy.User
		var password string
		var created, updated int64
		if err := rows.Scan(&u.ID, &u.FirstName, &u.LastName, &u.Paternal, &u.Phone, &u.Email, &password, &u.Role, &u.Ban, &created, &updated); err != nil {
			return err
		}
		u.Password, u.CreatedAt, u.UpdatedAt = legacy.NewPassword(password), fromMillis(created), fromMillis(updated)
		all.Users = append(all.Users, u)
		return nil
	})
	if err == nil {
		err = each(ctx, tx, `SELECT id, `+texts("name", "stream_url", "location")+`, `+times+` FROM cameras ORDER BY id`, nil, func(rows *sql.Rows) error {
			var c legacy.Camera
			var created, updated int64
			if err := rows.Scan(&c.ID, &c.Name, &c.StreamURL, &c.Location, &created, &updated); err != nil {
				return err
			}
			c.CreatedAt, c.UpdatedAt = fromMillis(created), fromMillis(updated)
			all.Cameras = append(all.Cameras, c)
			return nil
		})
	}
	for _, pairs := range []struct {
		table string
		to    *[]legacy.Pair
	}{{"user_cameras", &all.Grants}, {"favorite_cameras", &all.Favourites}} {
		if err == nil {
			err = each(ctx, tx, `SELECT DISTINCT user_id::text, camera_id FROM `+pairs.table+` ORDER BY 1, 2`, nil, func(rows *sql.Rows) error {
				var p legacy.Pair
				err := rows.Scan(&p.User, &p.Camera)
				*pairs.to = append(*pairs.to, p)
				return err
			})
		}
	}
	if err != nil {
		return legacy.Records{}, fmt.Errorf("reading the predecessor's records: %w", err)
	}
	return all, nil
}

// texts selects columns as text, nothing as empty.
func texts(columns ...string) string {
	for i, c := range columns {
		columns[i] = "COALESCE(" + c + "::text, '')"
	}
	return strings.Join(columns, ", ")
}
