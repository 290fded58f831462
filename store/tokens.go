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

const tokenColumns = `t.id, t.user_id, COALESCE(t.parent_id, ''), t.name, t.role, t.created_at, COALESCE(t.expires_at, 0), t.seen_at, t.remote`

// scanToken reads tokenColumns and what follows them.
func scanToken(row scanner, more ...any) (auth.Token, error) {
	var t auth.Token
	var created, expires, seen int64
	err := row.Scan(append([]any{&t.ID, &t.User, &t.Parent, &t.Name, &t.Role, &created, &expires, &seen, &t.Remote}, more...)...)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return auth.Token{}, auth.ErrToken
	case err != nil:
		return auth.Token{}, fmt.Errorf("reading an API token: %w", err)
	}
	t.CreatedAt, t.ExpiresAt, t.SeenAt = fromMillis(created), fromMillis(expires), fromMillis(seen)
	return t, nil
}

// CreateToken adds an API token with the hash of its key. auth.ErrNoUser, auth.ErrToken if its parent is gone, auth.ErrTokens.
func (db *DB) CreateToken(ctx context.Context, t auth.Token, hash []byte, evs ...events.Event) error {
	return db.change(ctx, evs, func(tx *sql.Tx) error {
		var there bool
		var tokens int
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users WHERE id = $1), (SELECT COUNT(*) FROM api_tokens WHERE user_id = $1)`,
			string(t.User)).Scan(&there, &tokens)
		switch {
		case err != nil:
			return fmt.Errorf("counting API tokens: %w", err)
		case !there:
			return auth.ErrNoUser
		case tokens >= auth.MaxTokens:
			return auth.ErrTokens.With("limit", fmt.Sprint(auth.MaxTokens))
		}
		expires := sql.NullInt64{Int64: toMillis(t.ExpiresAt), Valid: !t.ExpiresAt.IsZero()}
		parent := sql.NullString{String: string(t.Parent), Valid: t.Parent != ""}
		_, err = tx.ExecContext(ctx, `INSERT INTO api_tokens (id, user_id, parent_id, name, hash, role, created_at, expires_at, seen_at, remote, sort_name, search)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '', $9, $10)`,
			string(t.ID), string(t.User), parent, t.Name, hash, string(t.Role), toMillis(t.CreatedAt), expires, sortKey(t.Name), searchable(t.Name))
		switch {
		case orphans(err):
			return auth.ErrToken
		case err != nil:
			return fmt.Errorf("adding an API token: %w", err)
		}
		return nil
	})
}

// Token gives an API token. auth.ErrToken.
func (db *DB) Token(ctx context.Context, id auth.TokenID) (auth.Token, error) {
	return scanToken(db.read.QueryRowContext(ctx, `SELECT `+tokenColumns+` FROM api_tokens t WHERE t.id = $1`, string(id)))
}

// TokenByHash finds an API token by its key. auth.ErrToken.
func (db *DB) TokenByHash(ctx context.Context, hash []byte) (auth.Token, error) {
	return scanToken(db.read.QueryRowContext(ctx, `SELECT `+tokenColumns+` FROM api_tokens t WHERE t.hash = $1`, hash))
}

// Tokens gives one page of a user's API tokens. Sort is name (the order without it), created_at, expires_at or seen_at.
func (db *DB) Tokens(ctx context.Context, user auth.UserID, q paging.Query) (paging.Page[auth.Token], error) {
	return pageOf(ctx, db.read, tokenListing(user, q), q, tokenColumns, scanTokenRow)
}

func tokenListing(user auth.UserID, q paging.Query) listing {
	const expires = "COALESCE(t.expires_at, 9000000000000000)" // those without an end are the last to have one
	l := listing{
		name: "tokens", from: "api_tokens t", id: "t.id", first: "name",
		sorts:   map[string]string{"name": "t.sort_name", "created_at": "t.created_at", "expires_at": expires, "seen_at": "t.seen_at"},
		numbers: map[string]bool{"t.created_at": true, expires: true, "t.seen_at": true},
	}
	l.and("t.user_id = " + l.arg(string(user)))
	l.search("t.search", q.Q)
	return l
}

func scanTokenRow(rows *sql.Rows, more ...any) (auth.Token, error) { return scanToken(rows, more...) }

// DeleteToken removes an API token and those made by it. auth.ErrNoToken.
func (db *DB) DeleteToken(ctx context.Context, id auth.TokenID, evs ...events.Event) error {
	return db.change(ctx, evs, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM api_tokens WHERE id = $1`, string(id))
		if err != nil {
			return fmt.Errorf("deleting an API token: %w", err)
		}
		return changedRow(res, auth.ErrNoToken)
	})
}

// SeeTokens writes SeenAt and Remote of tokens, by id. It changes no rights.
func (db *DB) SeeTokens(ctx context.Context, used []auth.Token) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		for _, t := range used {
			_, err := tx.ExecContext(ctx, `UPDATE api_tokens SET seen_at = $2, remote = $3 WHERE id = $1 AND seen_at < $2`,
				string(t.ID), toMillis(t.SeenAt), t.Remote)
			if err != nil {
				return fmt.Errorf("noting the use of an API token: %w", err)
			}
		}
		return nil
	})
}

const (
	expiredTokens = `SELECT ` + tokenColumns + ` FROM api_tokens t WHERE t.expires_at <= $1 ORDER BY t.expires_at, t.id`
	nextTokenEnd  = `SELECT COALESCE(MIN(expires_at), 0) FROM api_tokens WHERE expires_at > $1`
)

// ExpiredTokens gives the tokens whose time was over at now, and when the next one's will be; zero if none has an end.
func (db *DB) ExpiredTokens(ctx context.Context, now time.Time) ([]auth.Token, time.Time, error) {
	rows, err := db.read.QueryContext(ctx, expiredTokens, toMillis(now))
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("listing expired API tokens: %w", err)
	}
	defer rows.Close() //nolint:errcheck // reading only
	var over []auth.Token
	for rows.Next() {
		t, err := scanToken(rows)
		if err != nil {
			return nil, time.Time{}, err
		}
		over = append(over, t)
	}
	if err := rows.Err(); err != nil {
		return nil, time.Time{}, fmt.Errorf("listing expired API tokens: %w", err)
	}
	var next int64
	err = db.read.QueryRowContext(ctx, nextTokenEnd, toMillis(now)).Scan(&next)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("looking for the next end of an API token: %w", err)
	}
	return over, fromMillis(next), nil
}
