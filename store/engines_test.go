package store

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
)

// Databases with the newest schema and nothing else, migrated once for all tests: each gets a copy.
var (
	migratedPostgres = pgtest.Template(func(address string) error {
		return migrated(Options{URL: address})
	})
	migratedSQLite = sync.OnceValues(func() (file []byte, err error) {
		dir, err := os.MkdirTemp("", "migrated-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		if err := migrated(Options{Dir: dir}); err != nil {
			return nil, err
		}
		return os.ReadFile(filepath.Join(dir, FileName)) // the last connection has put the WAL into it
	})
)

func migrated(o Options) error {
	o.Logger = slog.New(slog.DiscardHandler)
	db, err := Open(context.Background(), o)
	if err != nil {
		return err
	}
	return db.Close()
}

// eachEngine runs fn once on a fresh PostgreSQL database and once on a fresh SQLite file, both with the newest schema.
func eachEngine(t *testing.T, fn func(t *testing.T, db *DB)) {
	t.Helper()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		fn(t, open(t, Options{URL: migratedPostgres(t), Logger: slog.New(slog.DiscardHandler)}))
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		file, err := migratedSQLite()
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, FileName), file, 0o600); err != nil {
			t.Fatal(err)
		}
		fn(t, open(t, Options{Dir: dir, Logger: slog.New(slog.DiscardHandler)}))
	})
}

// eachOptions runs fn with the options of an empty database on each engine: no program has been there yet.
func eachOptions(t *testing.T, fn func(t *testing.T, o Options)) {
	t.Helper()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		fn(t, Options{URL: pgtest.URL(t), Logger: slog.New(slog.DiscardHandler)})
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		fn(t, Options{Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	})
}

// open opens a database for as long as the test runs.
func open(t *testing.T, o Options) *DB {
	t.Helper()
	db, err := Open(context.Background(), o)
	if err != nil {
		t.Fatalf("opening the database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	return db
}
