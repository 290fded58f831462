package store

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// addDevice adds a wall screen and signs it in with the token "0".
func addDevice(t *testing.T, db *DB, name string, at time.Time) (auth.User, auth.Session) {
	t.Helper()
	u := auth.User{
		ID: auth.UserID("id-" + name), Kind: auth.KindDevice, Login: "device:" + name, LastName: name, Role: auth.RoleUser, Version: 1, CreatedAt: at, UpdatedAt: at,
	}
	code := auth.DeviceCode{Hash: []byte("code of " + name), ExpiresAt: at.Add(time.Hour)}
	if err := db.CreateDevice(t.Context(), u, code); err != nil {
		t.Fatal(err)
	}
	s := auth.Session{ID: auth.SessionID("session of " + name), CreatedAt: at, SeenAt: at, ExpiresAt: at.Add(400 * 24 * time.Hour)}
	got, ended, err := db.BeginDevice(t.Context(), code.Hash, s, auth.RefreshToken{Hash: []byte(name + "0"), ExpiresAt: s.ExpiresAt}, auth.EndReplaced)
	if err != nil || got.ID != u.ID || ended != 0 {
		t.Fatalf("%+v, %d, %v", got, ended, err)
	}
	return u, s
}

// TestChainOfAScreenIsCut: tokens used long ago go, but each session's last, whose successor may never have arrived.
func TestChainOfAScreenIsCut(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		const hour = time.Hour
		ctx, now := t.Context(), time.UnixMilli(1_700_000_000_000).UTC()
		addDevice(t, db, "busy", now)
		addDevice(t, db, "cut", now)
		use := func(name string, i int) {
			t.Helper()
			next := auth.RefreshToken{Hash: fmt.Append(nil, name, i+1), ExpiresAt: now.Add(400 * 24 * hour)}
			if _, err := db.UseRefresh(ctx, fmt.Append(nil, name, i), func(time.Time) auth.RefreshToken { return next }, auth.Device{}, now); err != nil {
				t.Fatal(err)
			}
		}
		use("cut", 0) // and never again
		for i := range 10 {
			now = now.Add(10 * 24 * hour)
			use("busy", i)
			if err := db.CleanSessions(ctx, now); err != nil {
				t.Fatal(err)
			}
		}
		kept := func(name string) (n int) {
			t.Helper()
			if err := db.read.QueryRow(`SELECT COUNT(*) FROM refresh_tokens WHERE session_id = $1`, "session of "+name).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := kept("busy"); n != 5 { // used 30, 20, 10 and 0 days ago, and the one to be used
			t.Errorf("the busy screen keeps %d tokens", n)
		}
		if n := kept("cut"); n != 2 {
			t.Errorf("the screen that was cut off keeps %d tokens", n)
		}
	})
}

// TestDeviceIsNeverMore: the schema itself holds a screen to what it is.
func TestDeviceIsNeverMore(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		u, _ := addDevice(t, db, "wall", time.UnixMilli(1000))
		for _, text := range []string{
			`UPDATE users SET role = 'admin' WHERE id = $1`, `UPDATE users SET password_hash = 'x' WHERE id = $1`, `UPDATE users SET kind = 'robot' WHERE id = $1`,
		} {
			if _, err := db.write.Exec(text, string(u.ID)); err == nil {
				t.Errorf("%s was taken", text)
			}
		}
		if _, err := db.AccountByLogin(t.Context(), u.Login); err != auth.ErrNoUser {
			t.Errorf("by its login: %v", err)
		}
	})
}

// TestListsOfPeopleGoByIndex: first pages of people, screens, sign-ins and tokens.
func TestListsOfPeopleGoByIndex(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		fill(t, db, 10, 3000, 5, 10)
		for _, text := range []string{
			`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO sessions (id, user_id, created_at, seen_at, expires_at, ended_at,
				end_code, remote, user_agent) SELECT 's' || i, 'u' || i, i, i, 9000000000000, 0, '', '', '' FROM n`,
			`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO api_tokens (id, user_id, name, hash, role, created_at, seen_at,
				remote, sort_name, search) SELECT 't' || i, 'u' || i, '', CAST('t' || i AS ` + map[engine]string{postgres: "BYTEA", sqlite: "BLOB"}[db.engine] + `), 'user', i, 0, '', '', '' FROM n`,
			`UPDATE users SET kind = 'device', password_hash = '' WHERE CAST(substr(id, 2) AS INTEGER) % 100 = 0`,
			`ANALYZE`,
		} {
			if _, err := db.write.Exec(text); err != nil {
				t.Fatal(err)
			}
		}
		now := time.UnixMilli(5000)
		page := func(l listing, columns, sort string) {
			t.Helper()
			text, args, err := l.statement(columns, sort, forwards, nil, 101)
			if err != nil {
				t.Fatal(err)
			}
			wantIndex(t, db, text, args)
		}
		for _, sort := range []string{"users.sort_name", "users.sort_login", "users.created_at"} {
			page(usersAsked(auth.UsersQuery{Kind: auth.KindPerson}), userColumns, sort)
		}
		page(sessionListing("u7", now, paging.Query{}), sessionColumns, "s.seen_at")
		page(tokenListing("u7", paging.Query{}), tokenColumns, "t.sort_name")
		wantIndex(t, db, `SELECT `+tokenColumns+` FROM api_tokens t WHERE t.hash = $1`, []any{[]byte("x")})
		text, args, err := deviceListing(now, paging.Query{}).statement(deviceColumns, "users.sort_name", forwards, nil, 101)
		if err != nil {
			t.Fatal(err)
		}
		// Sign-ins may be read once and joined: there are not many more of them than screens here.
		if steps := plan(t, db, text, args); regexp.MustCompile(`(Seq Scan on|SCAN) users`).MatchString(steps) {
			t.Errorf("screens are found among all people:\n%s", steps)
		}
		wantIndex(t, db, expiredTokens, []any{int64(5)})
		wantIndex(t, db, nextTokenEnd, []any{int64(5)})
	})
}

func wantIndex(t *testing.T, db *DB, text string, args []any) {
	t.Helper()
	if steps := plan(t, db, text, args); regexp.MustCompile(`Seq Scan on|SCAN \w+($|\n)`).MatchString(steps) {
		t.Errorf("%s reads a whole table:\n%s", text, steps)
	}
}
