package store

import (
	"context"
	"log/slog"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
)

// eachEngine runs fn once on a fresh PostgreSQL database and once on a fresh SQLite file, both with the newest schema.
func eachEngine(t *testing.T, fn func(t *testing.T, db *DB)) {
	t.Helper()
	eachOptions(t, func(t *testing.T, o Options) {
		fn(t, open(t, o))
	})
}

// eachOptions runs fn with the options of an empty database on each engine.
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
