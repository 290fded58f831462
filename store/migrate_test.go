package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
)

func TestManyProcessesStartAtOnce(t *testing.T) {
	eachOptions(t, func(t *testing.T, o Options) {
		var group sync.WaitGroup
		for range 6 {
			group.Go(func() {
				db, err := Open(context.Background(), o)
				if err != nil {
					t.Errorf("starting beside others: %v", err)
					return
				}
				defer db.Close()
				if empty, err := db.Empty(context.Background()); !empty || err != nil {
					t.Errorf("the new database is empty: %v, %v", empty, err)
				}
			})
		}
		group.Wait()
	})
}

func TestNewerSchemaIsRefused(t *testing.T) {
	eachOptions(t, func(t *testing.T, o Options) {
		db := open(t, o)
		if _, err := db.write.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`); err != nil {
			t.Fatal(err)
		}
		_, err := Open(context.Background(), o)
		if !errors.Is(err, ErrNewer) || fault.From(err).Params["schema"] != "99999" {
			t.Fatalf("opening a newer database: %v, want %v", err, ErrNewer)
		}
		if fault.CodeOf(err) != "store.newer" || !strings.Contains(err.Error(), "newer version of this program") {
			t.Errorf("the refusal does not say what is wrong: %v", err)
		}
	})
}

func TestSQLiteIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	db := open(t, Options{Dir: dir, Logger: slog.New(slog.DiscardHandler)})
	if err := db.PutSetting(t.Context(), "a", []byte("b")); err != nil { // so that there is a WAL
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the data folder has mode %v, %v", info.Mode(), err)
	}
	files, _ := os.ReadDir(dir)
	if len(files) < 3 {
		t.Fatalf("want the database, its WAL and its lock, got %v", files)
	}
	for _, file := range files {
		if info, err := file.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", file.Name(), info.Mode(), err)
		}
	}
}

func TestSQLiteIsCopiedBeforeMigration(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	at := time.Date(2026, 11, 22, 14, 5, 9, 0, time.UTC)
	o := Options{Dir: dir, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return at }}
	db, err := Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	newest := latest(t, db)
	if copies := glob(t, dir); len(copies) > 0 {
		t.Fatalf("a new database was copied: %v", copies)
	}
	addUser(t, db, "ivanov")
	// As an older program left it: the newest migration is not there yet.
	if _, err := db.write.Exec(`DELETE FROM goose_db_version WHERE version_id = $1`, newest); err != nil {
		t.Fatal(err)
	}
	undo(t, db, newest)
	db.Close()

	db = open(t, o)
	if latest(t, db) != newest {
		t.Fatalf("the schema is at %d, want %d", latest(t, db), newest)
	}
	copies := glob(t, dir)
	if len(copies) != 1 || !strings.HasSuffix(copies[0], ".before-20261122-140509") {
		t.Fatalf("want one copy named after its time, got %v", copies)
	}
	if info, err := os.Stat(copies[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy has mode %v, %v", info.Mode(), err)
	}
	before, err := sql.Open("sqlite", sqliteDSN(copies[0], "deferred", "query_only(1)"))
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	var version int64
	if err := before.QueryRow(`SELECT MAX(version_id) FROM goose_db_version`).Scan(&version); err != nil || version >= newest {
		t.Errorf("the copy has schema %d, %v, want one older than %d", version, err, newest)
	}
	if newest > 1 {
		var login string
		if err := before.QueryRow(`SELECT login FROM users`).Scan(&login); err != nil || login != "ivanov" {
			t.Errorf("the copy holds user %q, %v", login, err)
		}
		if _, err := db.AccountByLogin(ctx, "ivanov"); err != nil {
			t.Errorf("after the migration: %v", err)
		}
	}
}

// undo runs the Down part of one SQLite migration.
func undo(t *testing.T, db *DB, version int64) {
	t.Helper()
	names, err := fs.Glob(migrations, fmt.Sprintf("migrations/sqlite/%05d_*.sql", version))
	if err != nil || len(names) != 1 {
		t.Fatalf("finding migration %d: %v, %v", version, names, err)
	}
	text, err := migrations.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	_, down, found := strings.Cut(string(text), "-- +goose Down")
	if !found {
		t.Fatalf("%s can't be undone", names[0])
	}
	if _, err := db.write.Exec(down); err != nil {
		t.Fatal(err)
	}
}

func latest(t *testing.T, db *DB) (version int64) {
	t.Helper()
	if err := db.read.QueryRow(`SELECT MAX(version_id) FROM goose_db_version`).Scan(&version); err != nil {
		t.Fatal(err)
	}
	return version
}

func glob(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, FileName+".before-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestSchemasAreTheSame holds the doubled migrations together.
func TestSchemasAreTheSame(t *testing.T) {
	lite := open(t, Options{Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	pg := open(t, Options{URL: pgtest.URL(t), Logger: slog.New(slog.DiscardHandler)})

	type column struct {
		Type     string
		Nullable bool
	}
	read := func(db *DB, query string) map[string]column {
		rows, err := db.read.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		columns := make(map[string]column)
		for rows.Next() {
			var table, name, kind string
			var nullable bool
			if err := rows.Scan(&table, &name, &kind, &nullable); err != nil {
				t.Fatal(err)
			}
			columns[table+"."+name] = column{kind, nullable}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return columns
	}
	inSQLite := read(lite, `SELECT m.name, c.name, lower(c.type), c."notnull" = 0 FROM sqlite_schema m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'goose_db_version'`)
	inPostgres := read(pg, `SELECT table_name, column_name, CASE data_type WHEN 'bytea' THEN 'blob' ELSE data_type END, is_nullable = 'YES'
		FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'goose_db_version'`)
	for name, want := range inPostgres {
		if got, ok := inSQLite[name]; !ok || got != want {
			t.Errorf("%s is %+v on PostgreSQL and %+v (%v) on SQLite", name, want, got, ok)
		}
	}
	for name := range inSQLite {
		if _, ok := inPostgres[name]; !ok {
			t.Errorf("%s is on SQLite only", name)
		}
	}
	if len(inPostgres) < 50 {
		t.Errorf("only %d columns were compared", len(inPostgres))
	}

	// Text sorts by bytes on both, or pages would differ.
	rows, err := pg.read.Query(`SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name <> 'goose_db_version' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		t.Errorf(`%s lacks COLLATE "C"`, name)
	}

	// The same indexes, by name.
	names := func(db *DB, query string) []string {
		rows, err := db.read.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		found := make(map[string]bool)
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			found[name] = true
		}
		return slices.Sorted(maps.Keys(found))
	}
	lites := names(lite, `SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL`)
	pgs := names(pg, `SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_constraint k ON k.conindid = i.oid AND k.contype IN ('p', 'u', 'x')
		WHERE n.nspname = 'public' AND c.relname <> 'goose_db_version' AND k.oid IS NULL`)
	if !slices.Equal(lites, pgs) {
		t.Errorf("indexes differ:\nPostgreSQL %v\nSQLite     %v", pgs, lites)
	}
	// And what they, primary keys and unique columns hold, in order.
	lites = names(lite, `SELECT m.name || ': ' || group_concat(i.name, ', ') || ' ' || x."unique" || x.partial
		FROM sqlite_schema m, pragma_index_list(m.name) x, pragma_index_info(x.name) i
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'goose_db_version' GROUP BY m.name, x.name`)
	pgs = names(pg, `SELECT c.relname || ': ' || string_agg(a.attname, ', ' ORDER BY k.place) || ' ' || x.indisunique::int || (x.indpred IS NOT NULL)::int
		FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		CROSS JOIN LATERAL unnest(x.indkey::int[]) WITH ORDINALITY k (number, place) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
		WHERE n.nspname = 'public' AND c.relname <> 'goose_db_version' GROUP BY c.relname, x.indexrelid, x.indisunique, x.indpred`)
	if len(lites) < 30 || !slices.Equal(lites, pgs) {
		t.Errorf("indexes hold different columns:\nPostgreSQL %v\nSQLite     %v", pgs, lites)
	}
}

func TestMigrationsAreDoubled(t *testing.T) {
	names := func(e engine) (found []string) {
		entries, err := fs.ReadDir(migrations, "migrations/"+string(e))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			found = append(found, entry.Name())
		}
		return found
	}
	if !slices.Equal(names(postgres), names(sqlite)) {
		t.Errorf("PostgreSQL has %v, SQLite has %v", names(postgres), names(sqlite))
	}
}

func TestWrongAddressTellsNoPassword(t *testing.T) {
	for _, address := range []string{
		"postgres://gateway:kanarienvogel@127.0.0.1:notaport/db", "postgres://gateway:kanarienvogel@127.0.0.1:1/db?connect_timeout=1",
		"postgres://gateway:kanarien%zzvogel@127.0.0.1/db",
	} {
		_, err := Open(t.Context(), Options{URL: address, Logger: slog.New(slog.DiscardHandler)})
		if err == nil || strings.Contains(err.Error(), "kanarien") || strings.Contains(err.Error(), "vogel") {
			t.Errorf("opening a database that is not there: %v", err)
		}
	}
}

// A gateway that dies in the middle of a change must not lock the others out of theirs.
func TestForgottenTransactionEnds(t *testing.T) {
	db := open(t, Options{URL: migratedPostgres(t), Logger: slog.New(slog.DiscardHandler)})
	for range 3 {
		conn, err := db.write.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() // only now, so that each is another one
		var bound string
		if err := conn.QueryRowContext(t.Context(), `SHOW idle_in_transaction_session_timeout`).Scan(&bound); err != nil || bound != "30s" {
			t.Errorf("a transaction that nobody goes on with lives for %q, %v", bound, err)
		}
	}
}

func addUser(t *testing.T, db *DB, login string, with ...func(*auth.User)) auth.User {
	t.Helper()
	u := auth.User{
		ID: auth.UserID("id-" + login), Kind: auth.KindPerson, Login: login, Role: auth.RoleUser, Version: 1,
		CreatedAt: time.UnixMilli(1_000).UTC(), UpdatedAt: time.UnixMilli(1_000).UTC(),
	}
	for _, fn := range with {
		fn(&u)
	}
	u.HasPassword = true
	if err := db.CreateUser(t.Context(), auth.Account{User: u, PasswordHash: "hash of " + login}); err != nil {
		t.Fatalf("adding %s: %v", login, err)
	}
	return u
}
