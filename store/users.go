package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

var _ auth.Store = (*DB)(nil)

const userColumns = `id, version, created_at, updated_at, login, email, first_name, last_name, middle_name, phone,
	role, banned, views_limit, language`

// scanner is a row, of one or of many.
type scanner interface{ Scan(dest ...any) error }

// scanUser reads userColumns and what follows them.
func scanUser(row scanner, more ...any) (auth.User, error) {
	var u auth.User
	var created, updated int64
	var limit sql.NullInt64
	dest := append([]any{&u.ID, &u.Version, &created, &updated, &u.Login, &u.Email, &u.FirstName, &u.LastName, &u.MiddleName, &u.Phone,
		&u.Role, &u.Banned, &limit, &u.Language}, more...)
	if err := row.Scan(dest...); err != nil {
		return auth.User{}, err
	}
	u.CreatedAt, u.UpdatedAt = fromMillis(created), fromMillis(updated)
	if limit.Valid {
		views := int(limit.Int64)
		u.ViewsLimit = &views
	}
	return u, nil
}

// Empty reports whether there are no users yet, as at the first start.
func (db *DB) Empty(ctx context.Context) (bool, error) {
	var some bool
	if err := db.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users)`).Scan(&some); err != nil {
		return false, fmt.Errorf("looking for users: %w", err)
	}
	return !some, nil
}

// User gives a user. auth.ErrNoUser.
func (db *DB) User(ctx context.Context, id auth.UserID) (auth.User, error) {
	u, err := scanUser(db.read.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE id = $1`, string(id)))
	return u, noUser(err)
}

// AccountByID gives a user with the password's hash. auth.ErrNoUser.
func (db *DB) AccountByID(ctx context.Context, id auth.UserID) (auth.Account, error) {
	return db.account(ctx, `id = $1`, string(id))
}

// AccountByLogin finds by e-mail if login holds an "@", which no login name does, else by login name. auth.ErrNoUser.
func (db *DB) AccountByLogin(ctx context.Context, login string) (auth.Account, error) {
	if strings.Contains(login, "@") {
		return db.account(ctx, `email_folded = $1`, folded(login))
	}
	return db.account(ctx, `login_folded = $1`, folded(login))
}

func (db *DB) account(ctx context.Context, where, value string) (auth.Account, error) {
	var a auth.Account
	var err error
	a.User, err = scanUser(db.read.QueryRowContext(ctx, `SELECT `+userColumns+`, password_hash FROM users WHERE `+where, value),
		&a.PasswordHash)
	return a, noUser(err)
}

func noUser(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return auth.ErrNoUser
	}
	return fmt.Errorf("reading a user: %w", err)
}

// Users gives one page of users. Sort is name (the order without it), login or created_at.
func (db *DB) Users(ctx context.Context, q paging.Query) (paging.Page[auth.User], error) {
	l := userListing("users")
	l.search("users.search", q.Q)
	return pageOf(ctx, db.read, l, q, userColumns, scanUserRow)
}

// userListing begins a list of users.
func userListing(name string) listing {
	return listing{
		name: name, from: "users", id: "users.id", first: "name",
		sorts:   map[string]string{"name": "users.sort_name", "login": "users.sort_login", "created_at": "users.created_at"},
		numbers: map[string]bool{"users.created_at": true},
	}
}

func scanUserRow(rows *sql.Rows, more ...any) (auth.User, error) { return scanUser(rows, more...) }

// CreateUser adds a. auth.ErrLoginTaken, auth.ErrEmailTaken, with the id in the way.
func (db *DB) CreateUser(ctx context.Context, a auth.Account, evs ...events.Event) error {
	err := db.change(ctx, evs, func(tx *sql.Tx) error { return insertUser(ctx, tx, a) })
	return db.taken(ctx, a.User, err)
}

// CreateFirstUser adds a if there are no users at all, and tells whether it did.
func (db *DB) CreateFirstUser(ctx context.Context, a auth.Account, evs ...events.Event) (bool, error) {
	err := db.change(ctx, evs, func(tx *sql.Tx) error {
		var some bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users)`).Scan(&some); err != nil {
			return fmt.Errorf("looking for users: %w", err)
		}
		if some {
			return errUnchanged
		}
		return insertUser(ctx, tx, a)
	})
	if errors.Is(err, errUnchanged) {
		return false, nil
	}
	return err == nil, err
}

// errUnchanged rolls back a transaction that found nothing to do.
var errUnchanged = errors.New("nothing to change")

func insertUser(ctx context.Context, tx *sql.Tx, a auth.Account) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO users (id, version, created_at, updated_at, login, login_folded, email, email_folded,
		first_name, last_name, middle_name, phone, role, banned, views_limit, language, sort_name, sort_login, search,
		password_hash, password_changed_at, signed_in_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $3, 0)`,
		append([]any{string(a.ID), a.Version, toMillis(a.CreatedAt), toMillis(a.UpdatedAt)},
			append(userRow(a.User), a.PasswordHash)...)...)
	if err != nil {
		return fmt.Errorf("adding a user: %w", err)
	}
	return nil
}

// userRow gives what changes with an account: the columns from login to search, in the order of insertUser.
func userRow(u auth.User) []any {
	email := sql.NullString{String: folded(u.Email), Valid: u.Email != ""}
	var limit sql.NullInt64
	if u.ViewsLimit != nil {
		limit = sql.NullInt64{Int64: int64(*u.ViewsLimit), Valid: true}
	}
	byName := sortKey(u.Name())
	if u.LastName != "" {
		byName = sortKey(u.LastName) + "\x01" + sortKey(u.FirstName) + "\x01" + sortKey(u.MiddleName)
	}
	search := searchable(u.Login, u.Email, u.LastName+" "+u.FirstName+" "+u.MiddleName, u.FirstName+" "+u.LastName, u.Phone)
	return []any{u.Login, folded(u.Login), u.Email, email, u.FirstName, u.LastName, u.MiddleName, u.Phone,
		string(u.Role), u.Banned, limit, u.Language, byName, sortKey(u.Login), search}
}

// UpdateUser writes all of a but id and creation time, the hash only if there is one, if the row still has version. A ban and a hash end
// the user's sessions. auth.ErrNoUser, auth.ErrChanged, auth.ErrLoginTaken, auth.ErrEmailTaken, auth.ErrLastAdmin.
func (db *DB) UpdateUser(ctx context.Context, a auth.Account, version int64, evs ...events.Event) (auth.User, error) {
	u := a.User
	err := db.change(ctx, evs, func(tx *sql.Tx) error {
		before, err := scanUser(tx.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE id = $1`, string(u.ID)))
		if err != nil {
			return noUser(err)
		}
		if before.Version != version {
			return auth.Changed(before.Version)
		}
		_, err = tx.ExecContext(ctx, `UPDATE users SET version = $2, updated_at = $3, login = $4, login_folded = $5, email = $6, email_folded = $7,
			first_name = $8, last_name = $9, middle_name = $10, phone = $11, role = $12, banned = $13, views_limit = $14, language = $15,
			sort_name = $16, sort_login = $17, search = $18 WHERE id = $1`,
			append([]any{string(u.ID), version + 1, toMillis(u.UpdatedAt)}, userRow(u)...)...)
		if err != nil {
			return fmt.Errorf("changing a user: %w", err)
		}
		if u.Banned && !before.Banned {
			if err := endSessions(ctx, tx, u.ID, "", auth.EndBanned, u.UpdatedAt); err != nil {
				return err
			}
		}
		if a.PasswordHash != "" {
			_, err := tx.ExecContext(ctx, `UPDATE users SET password_hash = $2, password_changed_at = $3 WHERE id = $1`,
				string(u.ID), a.PasswordHash, toMillis(u.UpdatedAt))
			if err != nil {
				return fmt.Errorf("changing a password: %w", err)
			}
			if err := endSessions(ctx, tx, u.ID, "", auth.EndPassword, u.UpdatedAt); err != nil {
				return err
			}
		}
		return keepAdmin(ctx, tx, before)
	})
	if err != nil {
		return auth.User{}, db.taken(ctx, u, err)
	}
	u.Version = version + 1
	return u, nil
}

// DeleteUser removes a user with all sessions, tokens, grants and favourites. auth.ErrNoUser, auth.ErrLastAdmin.
func (db *DB) DeleteUser(ctx context.Context, id auth.UserID, evs ...events.Event) error {
	return db.change(ctx, evs, func(tx *sql.Tx) error {
		before, err := scanUser(tx.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE id = $1`, string(id)))
		if err != nil {
			return noUser(err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM users WHERE id = $1`, string(id)); err != nil {
			return fmt.Errorf("deleting a user: %w", err)
		}
		return keepAdmin(ctx, tx, before)
	})
}

// keepAdmin gives auth.ErrLastAdmin if before was an admin who could act, and now there is none.
func keepAdmin(ctx context.Context, tx *sql.Tx, before auth.User) error {
	if before.Role != auth.RoleAdmin || before.Banned {
		return nil
	}
	var left bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin' AND NOT banned)`).Scan(&left)
	switch {
	case err != nil:
		return fmt.Errorf("looking for another admin: %w", err)
	case !left:
		return auth.ErrLastAdmin
	}
	return nil
}

// SetPassword writes the hash if the account still has the one of a, and ends all sessions of the user but keep. auth.ErrOldPassword.
func (db *DB) SetPassword(ctx context.Context, a auth.Account, hash string, keep auth.SessionID, at time.Time, evs ...events.Event) error {
	return db.change(ctx, evs, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE users SET password_hash = $3, password_changed_at = $4 WHERE id = $1 AND password_hash = $2`,
			string(a.ID), a.PasswordHash, hash, toMillis(at))
		if err != nil {
			return fmt.Errorf("changing a password: %w", err)
		}
		if err := changedRow(res, auth.ErrOldPassword); err != nil {
			return err
		}
		return endSessions(ctx, tx, a.ID, keep, auth.EndPassword, at)
	})
}

// RenewHash replaces a hash by one of the same password, unless it has changed.
func (db *DB) RenewHash(ctx context.Context, id auth.UserID, old, renewed string) error {
	_, err := db.write.ExecContext(ctx, `UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2`, string(id), old, renewed)
	if err != nil {
		return fmt.Errorf("renewing a password hash: %w", err)
	}
	return nil
}

// taken turns a broken uniqueness into its fault, with the id in the way.
func (db *DB) taken(ctx context.Context, u auth.User, err error) error {
	broken, where, value := auth.ErrLoginTaken, `login_folded = $1`, folded(u.Login)
	switch {
	case breaks(err, "users", "login_folded"):
	case breaks(err, "users", "email_folded"):
		broken, where, value = auth.ErrEmailTaken, `email_folded = $1`, folded(u.Email)
	default:
		return err
	}
	if other, e := db.account(ctx, where, value); e == nil {
		broken = broken.With("id", string(other.ID))
	}
	return broken
}
