package store

import (
	"cmp"
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
	role, banned, views_limit, language, kind, notes, password_hash <> ''`

// scanner is a row, of one or of many.
type scanner interface{ Scan(dest ...any) error }

// scanUser reads userColumns and what follows them.
func scanUser(row scanner, more ...any) (auth.User, error) {
	var u auth.User
	var created, updated int64
	var limit sql.NullInt64
	dest := append([]any{&u.ID, &u.Version, &created, &updated, &u.Login, &u.Email, &u.FirstName, &u.LastName, &u.MiddleName, &u.Phone,
		&u.Role, &u.Banned, &limit, &u.Language, &u.Kind, &u.Notes, &u.HasPassword}, more...)
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

// AccountByLogin finds a person by e-mail if login holds an "@", which no login name does, else by login name. auth.ErrNoUser.
func (db *DB) AccountByLogin(ctx context.Context, login string) (auth.Account, error) {
	if strings.Contains(login, "@") {
		return db.account(ctx, `kind = 'person' AND email_folded = $1`, folded(login))
	}
	return db.account(ctx, `kind = 'person' AND login_folded = $1`, folded(login))
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
func (db *DB) Users(ctx context.Context, q auth.UsersQuery) (paging.Page[auth.User], error) {
	return pageOf(ctx, db.read, usersAsked(q), q.Query, userColumns, scanUserRow)
}

// LastSeen gives when each of the users was last there; who never signed in is missing.
func (db *DB) LastSeen(ctx context.Context, users []auth.UserID) (map[auth.UserID]time.Time, error) {
	seen := make(map[auth.UserID]time.Time, len(users))
	if len(users) == 0 {
		return seen, nil
	}
	var l listing
	// The user's row keeps the sign-in that sessions cleaned away have forgotten.
	rows, err := db.read.QueryContext(ctx, `SELECT users.id, users.signed_in_at,
		COALESCE((SELECT MAX(s.seen_at) FROM sessions s WHERE s.user_id = users.id), 0) FROM users WHERE users.id IN (`+ids(&l, users)+`)`, l.args...)
	if err != nil {
		return nil, fmt.Errorf("looking when users were seen: %w", err)
	}
	defer rows.Close() //nolint:errcheck // reading only
	for rows.Next() {
		var id auth.UserID
		var signedIn, used int64
		if err := rows.Scan(&id, &signedIn, &used); err != nil {
			return nil, fmt.Errorf("looking when users were seen: %w", err)
		}
		if at := max(signedIn, used); at > 0 {
			seen[id] = fromMillis(at)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("looking when users were seen: %w", err)
	}
	return seen, nil
}

// usersAsked begins the list of the users that q asks for.
func usersAsked(q auth.UsersQuery) listing {
	l := userListing("users")
	if q.Kind != "" {
		l.and("users.kind = " + l.arg(string(q.Kind)))
	}
	if q.Role != "" {
		l.and("users.role = " + l.arg(string(q.Role)))
	}
	if q.Banned != nil {
		l.and("users.banned = " + l.arg(*q.Banned))
	}
	if q.HasPassword != nil {
		l.and("(users.password_hash <> '') = " + l.arg(*q.HasPassword))
	}
	l.search("users.search", byName(q.Q))
	return l
}

// byName gives a search for people in which initials are found, as people are shown: «Иванов И. И.».
func byName(q string) string {
	words := strings.Fields(q)
	for i, word := range words {
		if bare := strings.TrimRight(word, "."); bare != "" {
			words[i] = bare
		}
	}
	return strings.Join(words, " ")
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
		notes, password_hash, kind, password_changed_at, signed_in_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $3, 0)`,
		append([]any{string(a.ID), a.Version, toMillis(a.CreatedAt), toMillis(a.UpdatedAt)},
			append(userRow(a.User), a.PasswordHash, string(cmp.Or(a.Kind, auth.KindPerson)))...)...)
	if err != nil {
		return fmt.Errorf("adding a user: %w", err)
	}
	return nil
}

// userRow gives what changes with an account: the columns from login to notes, in the order of insertUser.
func userRow(u auth.User) []any {
	email := sql.NullString{String: folded(u.Email), Valid: u.Email != ""}
	var limit sql.NullInt64
	if u.ViewsLimit != nil {
		limit = sql.NullInt64{Int64: int64(*u.ViewsLimit), Valid: true}
	}
	name := sortKey(u.Name())
	if u.LastName != "" {
		name = sortKey(u.LastName) + "\x01" + sortKey(u.FirstName) + "\x01" + sortKey(u.MiddleName)
	}
	search := searchable(u.Login, u.Email, u.LastName+" "+u.FirstName+" "+u.MiddleName, u.FirstName+" "+u.LastName, u.Phone, u.Notes)
	if u.Kind == auth.KindDevice {
		search = searchable(u.LastName, u.Notes) // the made-up login is nobody's to look for
	}
	return []any{u.Login, folded(u.Login), u.Email, email, u.FirstName, u.LastName, u.MiddleName, u.Phone,
		string(u.Role), u.Banned, limit, u.Language, name, sortKey(u.Login), search, u.Notes}
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
		u.Kind = before.Kind
		if err := rewriteUser(ctx, tx, before, u); err != nil {
			return err
		}
		if a.PasswordHash != "" {
			_, err := tx.ExecContext(ctx, `UPDATE users SET password_hash = $2, password_changed_at = $3 WHERE id = $1`,
				string(u.ID), a.PasswordHash, toMillis(u.UpdatedAt))
			if err != nil {
				return fmt.Errorf("changing a password: %w", err)
			}
			if _, err := endSessions(ctx, tx, u.ID, "", auth.EndPassword, u.UpdatedAt); err != nil {
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

// rewriteUser writes all of u but id, kind and creation time, and raises the version. A ban ends the user's sessions.
func rewriteUser(ctx context.Context, tx *sql.Tx, before, u auth.User) error {
	_, err := tx.ExecContext(ctx, `UPDATE users SET version = $2, updated_at = $3, login = $4, login_folded = $5, email = $6, email_folded = $7,
		first_name = $8, last_name = $9, middle_name = $10, phone = $11, role = $12, banned = $13, views_limit = $14, language = $15,
		sort_name = $16, sort_login = $17, search = $18, notes = $19 WHERE id = $1`,
		append([]any{string(u.ID), before.Version + 1, toMillis(u.UpdatedAt)}, userRow(u)...)...)
	if err != nil {
		return fmt.Errorf("changing a user: %w", err)
	}
	if !u.Banned || before.Banned {
		return nil
	}
	_, err = endSessions(ctx, tx, u.ID, "", auth.EndBanned, u.UpdatedAt)
	return err
}

// EditUsers asks edit what each of the users becomes and writes it, all in one transaction; see auth.Store.
func (db *DB) EditUsers(
	ctx context.Context, ids []auth.UserID, edit func(auth.User) (auth.User, []events.Event, error),
) ([]auth.Edited, error) {
	var edited []auth.Edited
	err := db.change(ctx, nil, func(tx *sql.Tx) error {
		edited = make([]auth.Edited, 0, len(ids))
		var evs []events.Event
		for _, id := range ids {
			e, err := editUser(ctx, tx, id, edit)
			if err != nil {
				return err
			}
			edited = append(edited, e)
			evs = append(evs, e.Events...)
		}
		if len(evs) == 0 {
			return errUnchanged
		}
		return appendEvents(ctx, tx, evs)
	})
	if err != nil && !errors.Is(err, errUnchanged) {
		return nil, err
	}
	return edited, nil
}

// editUser is EditUsers for one of them. Its error is one that breaks the transaction off.
func editUser(
	ctx context.Context, tx *sql.Tx, id auth.UserID, edit func(auth.User) (auth.User, []events.Event, error),
) (auth.Edited, error) {
	e := auth.Edited{ID: id}
	before, err := scanUser(tx.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE id = $1`, string(id)))
	if err = noUser(err); errors.Is(err, auth.ErrNoUser) {
		e.Err = auth.ErrNoUser
		return e, nil
	}
	if err != nil {
		return e, err
	}
	after, evs, err := edit(before)
	if err != nil || len(evs) == 0 {
		e.Err = err
		return e, nil
	}
	if acting(before) && !acting(after) {
		// Asked beforehand: an error afterwards would take everybody's change back.
		switch left, err := anotherAdmin(ctx, tx, id); {
		case err != nil:
			return e, err
		case !left:
			e.Err = auth.ErrLastAdmin
			return e, nil
		}
	}
	e.Changed, e.Events = true, evs
	return e, rewriteUser(ctx, tx, before, after)
}

// acting reports whether u is an admin who can act.
func acting(u auth.User) bool { return u.Role == auth.RoleAdmin && !u.Banned }

// anotherAdmin reports whether there is an admin who can act beside id.
func anotherAdmin(ctx context.Context, tx *sql.Tx, id auth.UserID) (left bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin' AND NOT banned AND id <> $1)`, string(id)).Scan(&left)
	if err != nil {
		return false, fmt.Errorf("looking for another admin: %w", err)
	}
	return left, nil
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
	if !acting(before) {
		return nil
	}
	left, err := anotherAdmin(ctx, tx, "")
	if err == nil && !left {
		return auth.ErrLastAdmin
	}
	return err
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
		_, err = endSessions(ctx, tx, a.ID, keep, auth.EndPassword, at)
		return err
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
