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

// sessionsKept is how long an ended session stays readable.
const sessionsKept = 30 * 24 * time.Hour

const sessionColumns = `s.id, s.user_id, s.created_at, s.seen_at, s.expires_at, s.ended_at, s.remote, s.user_agent`

// scanSession reads sessionColumns and what follows them.
func scanSession(row scanner, more ...any) (auth.Session, error) {
	var s auth.Session
	var created, seen, expires, ended int64
	err := row.Scan(append([]any{&s.ID, &s.User, &created, &seen, &expires, &ended, &s.Device.Remote, &s.Device.UserAgent}, more...)...)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return auth.Session{}, auth.ErrToken
	case err != nil:
		return auth.Session{}, fmt.Errorf("reading a session: %w", err)
	}
	s.CreatedAt, s.SeenAt, s.ExpiresAt, s.EndedAt = fromMillis(created), fromMillis(seen), fromMillis(expires), fromMillis(ended)
	return s, nil
}

// BeginSession adds a session and its first refresh token if the user is not banned and still has passwordHash.
// auth.ErrCredentials otherwise.
func (db *DB) BeginSession(ctx context.Context, s auth.Session, first auth.RefreshToken, passwordHash string) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		// This locks the user's row: a ban or a new password waits and then ends this session too, or came first and is seen here.
		res, err := tx.ExecContext(ctx, `UPDATE users SET signed_in_at = $2 WHERE id = $1 AND NOT banned AND password_hash = $3`,
			string(s.User), toMillis(s.CreatedAt), passwordHash)
		if err != nil {
			return fmt.Errorf("signing a user in: %w", err)
		}
		if err := changedRow(res, auth.ErrCredentials); err != nil {
			return err
		}
		return insertSession(ctx, tx, s, first)
	})
}

func insertSession(ctx context.Context, tx *sql.Tx, s auth.Session, first auth.RefreshToken) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO sessions (id, user_id, created_at, seen_at, expires_at, ended_at, end_code, remote, user_agent)
		VALUES ($1, $2, $3, $4, $5, 0, '', $6, $7)`,
		string(s.ID), string(s.User), toMillis(s.CreatedAt), toMillis(s.SeenAt), toMillis(s.ExpiresAt), s.Device.Remote, s.Device.UserAgent)
	if err != nil {
		return fmt.Errorf("beginning a session: %w", err)
	}
	return insertRefresh(ctx, tx, s.ID, first, s.CreatedAt)
}

func insertRefresh(ctx context.Context, tx *sql.Tx, id auth.SessionID, t auth.RefreshToken, now time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO refresh_tokens (hash, session_id, created_at, expires_at, used_at) VALUES ($1, $2, $3, $4, 0)`,
		t.Hash, string(id), toMillis(now), toMillis(t.ExpiresAt))
	if err != nil {
		return fmt.Errorf("keeping a refresh token: %w", err)
	}
	return nil
}

// Session gives a session, ended or not. auth.ErrToken if there is none.
func (db *DB) Session(ctx context.Context, id auth.SessionID) (auth.Session, error) {
	return scanSession(db.read.QueryRowContext(ctx, `SELECT `+sessionColumns+` FROM sessions s WHERE s.id = $1`, string(id)))
}

// SessionOfRefresh gives the session that a refresh token belongs to, used or not. auth.ErrToken.
func (db *DB) SessionOfRefresh(ctx context.Context, hash []byte) (auth.Session, error) {
	return scanSession(db.read.QueryRowContext(ctx,
		`SELECT `+sessionColumns+` FROM sessions s JOIN refresh_tokens t ON t.session_id = s.id WHERE t.hash = $1`, hash))
}

// Sessions gives one page of the living sessions of a user, the last seen first. Sort is seen_at, created_at or expires_at.
func (db *DB) Sessions(ctx context.Context, user auth.UserID, now time.Time, q paging.Query) (paging.Page[auth.Session], error) {
	return pageOf(ctx, db.read, sessionListing(user, now, q), q, sessionColumns,
		func(rows *sql.Rows, more ...any) (auth.Session, error) { return scanSession(rows, more...) })
}

func sessionListing(user auth.UserID, now time.Time, q paging.Query) listing {
	l := listing{
		name: "sessions", from: "sessions s", id: "s.id", first: "-seen_at",
		sorts:   map[string]string{"seen_at": "s.seen_at", "created_at": "s.created_at", "expires_at": "s.expires_at"},
		numbers: map[string]bool{"s.seen_at": true, "s.created_at": true, "s.expires_at": true},
	}
	l.and("s.user_id = " + l.arg(string(user)) + " AND s.ended_at = 0 AND s.expires_at > " + l.arg(toMillis(now)))
	l.search("LOWER(s.remote || ' ' || s.user_agent)", q.Q) // both fold ASCII alone, which is what browsers call themselves in
	return l
}

// UseRefresh presents a refresh token; see auth.Store.
func (db *DB) UseRefresh(
	ctx context.Context, hash []byte, following func(used time.Time) auth.RefreshToken, d auth.Device, now time.Time,
) (auth.RefreshUse, error) {
	var use auth.RefreshUse
	next := following(now)
	err := db.tx(ctx, func(tx *sql.Tx) error {
		use = auth.RefreshUse{}
		// First the write, which waits for another that presents the same token; then what it found.
		res, err := tx.ExecContext(ctx, `UPDATE refresh_tokens SET used_at = $2, expires_at = CASE WHEN expires_at > $2 THEN $3 ELSE expires_at END
			WHERE hash = $1 AND used_at = 0`, hash, toMillis(now), toMillis(next.ExpiresAt))
		if err != nil {
			return fmt.Errorf("using a refresh token: %w", err)
		}
		used, err := res.RowsAffected()
		if err != nil {
			return fmt.Errorf("using a refresh token: %w", err)
		}
		if used == 0 {
			// Used before, so that the write waited for nobody. What follows is read in two steps, and a replacement between them would look
			// like a copy of the token: it has to come before or after both.
			if _, err := tx.ExecContext(ctx, `UPDATE refresh_tokens SET used_at = used_at WHERE hash = $1`, hash); err != nil {
				return fmt.Errorf("using a refresh token: %w", err)
			}
		}
		var usedAt, expires int64
		use.Session, err = scanSession(tx.QueryRowContext(ctx, `SELECT `+sessionColumns+`, t.used_at, t.expires_at
			FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE t.hash = $1`, hash), &usedAt, &expires)
		if err != nil {
			return err
		}
		if !use.Session.Lives(now) || expires <= toMillis(now) {
			return auth.ErrToken
		}
		if used == 0 {
			if usedAt == refreshReplaced {
				use.Replaced = true
				return nil
			}
			use.UsedBefore = fromMillis(usedAt)
			return findNext(ctx, tx, &use, following(use.UsedBefore).Hash)
		}
		use.Session.SeenAt, use.Session.ExpiresAt, use.Session.Device, use.NextExpires = now, next.ExpiresAt, d, next.ExpiresAt
		return prolong(ctx, tx, use.Session.ID, next, d, now)
	})
	if err != nil {
		return auth.RefreshUse{}, err
	}
	return use, nil
}

// findNext looks for the successor of a token that was used before: the one that is foreseen, or, if another key has made it, the one of the
// session that was made when the token was used and waits for its use.
func findNext(ctx context.Context, tx *sql.Tx, use *auth.RefreshUse, foreseen []byte) error {
	var expires, used int64
	err := tx.QueryRowContext(ctx, `SELECT hash, expires_at, used_at FROM refresh_tokens WHERE hash = $1`, foreseen).Scan(&use.Next, &expires, &used)
	if errors.Is(err, sql.ErrNoRows) {
		use.NextLost = true
		err = tx.QueryRowContext(ctx, `SELECT hash, expires_at, used_at FROM refresh_tokens WHERE session_id = $1 AND created_at = $2 AND used_at = 0`,
			string(use.Session.ID), toMillis(use.UsedBefore)).Scan(&use.Next, &expires, &used)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("reading a refresh token: %w", err)
	}
	use.NextExpires, use.NextUsed = fromMillis(expires), fromMillis(used)
	return nil
}

// refreshReplaced stands as the time of use of a refresh token in whose place another was given; cleaning leaves it until it expires.
const refreshReplaced = -1

// prolong keeps the next refresh token of a session, which lives on with it.
func prolong(ctx context.Context, tx *sql.Tx, id auth.SessionID, next auth.RefreshToken, d auth.Device, now time.Time) error {
	if err := insertRefresh(ctx, tx, id, next, now); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE sessions SET seen_at = $2, expires_at = $3, remote = $4, user_agent = $5 WHERE id = $1`,
		string(id), toMillis(now), toMillis(next.ExpiresAt), d.Remote, d.UserAgent)
	if err != nil {
		return fmt.Errorf("prolonging a session: %w", err)
	}
	return nil
}

// ReplaceRefresh gives a used refresh token a new successor in place of one that was never used; see auth.Store.
func (db *DB) ReplaceRefresh(
	ctx context.Context, hash []byte, use auth.RefreshUse, next auth.RefreshToken, d auth.Device, now time.Time,
) (bool, error) {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		// The token's row first, as in UseRefresh: of two that replace at once, one waits and finds that it was used now.
		var id auth.SessionID
		err := tx.QueryRowContext(ctx, `UPDATE refresh_tokens SET used_at = $3, expires_at = $4 WHERE hash = $1 AND used_at = $2 RETURNING session_id`,
			hash, toMillis(use.UsedBefore), toMillis(now), toMillis(next.ExpiresAt)).Scan(&id)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return errUnchanged
		case err != nil:
			return fmt.Errorf("using a refresh token again: %w", err)
		}
		res, err := tx.ExecContext(ctx, `UPDATE refresh_tokens SET used_at = $2 WHERE hash = $1 AND used_at = 0`, use.Next, refreshReplaced)
		if err != nil {
			return fmt.Errorf("replacing a refresh token: %w", err)
		}
		if err := changedRow(res, errUnchanged); err != nil {
			return err
		}
		return prolong(ctx, tx, id, next, d, now)
	})
	if errors.Is(err, errUnchanged) {
		return false, nil
	}
	return err == nil, err
}

// EndSession ends a session. Only if it was living, the rights revision rises and evs are written; the answer tells.
func (db *DB) EndSession(ctx context.Context, id auth.SessionID, code string, at time.Time, evs ...events.Event) (bool, error) {
	err := db.change(ctx, evs, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE sessions SET ended_at = $2, end_code = $3 WHERE id = $1 AND ended_at = 0`,
			string(id), toMillis(at), code)
		if err != nil {
			return fmt.Errorf("ending a session: %w", err)
		}
		return changedRow(res, errUnchanged)
	})
	if errors.Is(err, errUnchanged) {
		return false, nil
	}
	return err == nil, err
}

// EndSessions ends all living sessions of a user and counts them; evs, with that count in Times, are written only if there were any.
func (db *DB) EndSessions(ctx context.Context, user auth.UserID, code string, at time.Time, evs ...events.Event) (ended int, err error) {
	err = db.change(ctx, nil, func(tx *sql.Tx) error {
		ended, err = endSessions(ctx, tx, user, "", code, at)
		if err != nil {
			return err
		}
		if ended == 0 {
			return errUnchanged
		}
		for i := range evs {
			evs[i].Times = ended
		}
		return appendEvents(ctx, tx, evs)
	})
	if errors.Is(err, errUnchanged) {
		err = nil
	}
	return ended, err
}

// endSessions ends all living sessions of a user but keep, within tx, and counts them.
func endSessions(ctx context.Context, tx *sql.Tx, user auth.UserID, keep auth.SessionID, code string, at time.Time) (int, error) {
	// Those that have run out are marked too, but they are no news: they are counted apart.
	var living int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM sessions WHERE user_id = $1 AND id <> $2 AND ended_at = 0 AND expires_at > $3`,
		string(user), string(keep), toMillis(at)).Scan(&living)
	if err != nil {
		return 0, fmt.Errorf("counting the sessions of a user: %w", err)
	}
	_, err = tx.ExecContext(ctx, `UPDATE sessions SET ended_at = $3, end_code = $4 WHERE user_id = $1 AND id <> $2 AND ended_at = 0`,
		string(user), string(keep), toMillis(at), code)
	if err != nil {
		return 0, fmt.Errorf("ending the sessions of a user: %w", err)
	}
	return living, nil
}

// CleanSessions removes what no longer serves; see auth.Store.
func (db *DB) CleanSessions(ctx context.Context, now time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM refresh_tokens WHERE expires_at < $1`, toMillis(now)); err != nil {
			return fmt.Errorf("removing refresh tokens: %w", err)
		}
		// A wall screen rotates for years. Used tokens are kept to notice a copy, the last one also because its successor may never have arrived.
		if _, err := tx.ExecContext(ctx, `DELETE FROM refresh_tokens WHERE used_at > 0 AND used_at < $1
			AND EXISTS (SELECT 1 FROM refresh_tokens later WHERE later.session_id = refresh_tokens.session_id AND later.used_at > refresh_tokens.used_at)`,
			toMillis(now.Add(-sessionsKept))); err != nil {
			return fmt.Errorf("removing refresh tokens: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM device_codes WHERE expires_at < $1`, toMillis(now)); err != nil {
			return fmt.Errorf("removing codes of devices: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE expires_at < $1 OR (ended_at > 0 AND ended_at < $1)`,
			toMillis(now.Add(-sessionsKept))); err != nil {
			return fmt.Errorf("removing sessions: %w", err)
		}
		return nil
	})
}
