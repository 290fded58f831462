package store

import (
	"context"
	"database/sql"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver by name

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// olderSchema makes a database as a program left it whose newest migration was version, and runs more in it.
func olderSchema(t *testing.T, o Options, version int64, more ...string) {
	t.Helper()
	driver, name, dialect, e := "pgx", o.URL, goose.DialectPostgres, postgres
	if o.URL == "" {
		path := filepath.Join(o.Dir, FileName)
		if err := os.MkdirAll(o.Dir, 0o700); err != nil {
			t.Fatal(err)
		}
		driver, name, dialect, e = "sqlite", sqliteDSN(path, "immediate", "journal_mode(WAL)"), goose.DialectSQLite3, sqlite
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	files, err := fs.Sub(migrations, "migrations/"+string(e))
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(dialect, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(context.Background(), version); err != nil {
		t.Fatal(err)
	}
	for _, text := range more {
		if _, err := db.Exec(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

// TestPeopleSurviveUpgrade brings a database of the second schema, before there were wall screens, to the newest.
func TestPeopleSurviveUpgrade(t *testing.T) {
	eachOptions(t, func(t *testing.T, o Options) {
		ctx := t.Context()
		olderSchema(t, o, 2,
			`INSERT INTO users (id, version, created_at, updated_at, login, login_folded, email, first_name, last_name, middle_name, phone, role, banned,
				views_limit, language, password_hash, password_changed_at, signed_in_at, sort_name, sort_login, search)
				VALUES ('u1', 7, 1000, 2000, 'Ivanov', 'ivanov', '', 'Ivan', 'Ivanov', '', '', 'admin', FALSE, 3, 'ru', 'a hash', 0, 0, 'ivanov', 'ivanov', 'ivanov')`,
			`INSERT INTO sessions (id, user_id, created_at, seen_at, expires_at, ended_at, end_code, remote, user_agent)
				VALUES ('s1', 'u1', 1000, 1000, 9000000000000, 0, '', '10.0.0.1', 'Firefox')`,
			`INSERT INTO refresh_tokens (hash, session_id, created_at, expires_at, used_at) VALUES (CAST('r1' AS `+blobType(o)+`), 's1', 1000, 9000000000000, 0)`,
			`INSERT INTO cameras (id, version, created_at, updated_at, number, name, location, tags, notes, transport, sealed_with, address_sealed,
				sort_name, sort_location, tags_folded, search) VALUES ('c1', 1, 1, 1, 1, 'Gate', '', '[]', '', 'auto', 'k', CAST('x' AS `+blobType(o)+`), 'gate', '', '', 'gate')`,
			`INSERT INTO camera_grants (user_id, camera_id, reason, granted_at, granted_by) VALUES ('u1', 'c1', '', 0, '')`,
		)
		if _, err := Open(ctx, Options{URL: o.URL, Dir: o.Dir, Logger: slog.New(slog.DiscardHandler), Schema: AsItIs}); err == nil {
			t.Error("a tool opens an older schema")
		}
		db := open(t, o)
		a, err := db.AccountByLogin(ctx, "IVANOV")
		if err != nil || a.ID != "u1" || a.Kind != auth.KindPerson || a.Version != 7 || *a.ViewsLimit != 3 || a.PasswordHash != "a hash" || a.Notes != "" {
			t.Errorf("%+v, %v", a.User, err)
		}
		now := time.UnixMilli(5000)
		page, err := db.Sessions(ctx, "u1", now, paging.Query{})
		if err != nil || page.Total != 1 || page.Items[0].Device.UserAgent != "Firefox" {
			t.Errorf("%+v, %v", page, err)
		}
		next := auth.RefreshToken{Hash: []byte("r2"), ExpiresAt: now.Add(time.Hour)}
		if use, err := db.UseRefresh(ctx, []byte("r1"), func(time.Time) auth.RefreshToken { return next }, auth.Device{}, now); err != nil || use.Session.User != "u1" {
			t.Errorf("the sign-in is lost: %v", err)
		}
		if granted, err := db.MayWatch(ctx, camera.Watcher{User: "u1", At: now}, "c1"); err != nil || len(granted) != 1 {
			t.Errorf("the grant is lost: %v", err)
		}
		if err := db.CreateToken(ctx, auth.Token{ID: "t1", User: "u1", Name: "Script", Role: auth.RoleUser, CreatedAt: now}, []byte("key")); err != nil {
			t.Error(err)
		}
		addDevice(t, db, "wall", now)
		if err := open(t, Options{URL: o.URL, Dir: o.Dir, Logger: slog.New(slog.DiscardHandler), Schema: AsItIs}).Ping(ctx); err != nil {
			t.Errorf("a tool beside the gateway: %v", err)
		}
	})
}

func blobType(o Options) string {
	if o.URL != "" {
		return "BYTEA"
	}
	return "BLOB"
}

// TestInitialsAreFound: people are looked for as they are shown, on each engine.
func TestInitialsAreFound(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		for i, name := range []string{"Иванов Иван Ильич", "Иванов Пётр Ильич", "Ивановский Иван Павлович", "Иванова И. И."} {
			addUser(t, db, []string{"iii", "ipi", "iip", "wall.left"}[i], func(u *auth.User) {
				parts := [3]string{}
				copy(parts[:], strings.Fields(name))
				u.LastName, u.FirstName, u.MiddleName = parts[0], parts[1], parts[2]
			})
		}
		for q, want := range map[string]int{
			"Иванов И. И.": 4, "иванов п. и.": 2, "ИВАНОВ петр": 1, "Иванова И.": 1, "...": 0, "wall.left": 1, "WALL.": 1,
		} {
			page, err := db.Users(t.Context(), auth.UsersQuery{Query: paging.Query{Q: q}, Kind: auth.KindPerson})
			if err != nil || page.Total != want {
				t.Errorf("%q finds %d, %v; want %d", q, page.Total, err, want)
			}
		}
	})
}
