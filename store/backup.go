package store

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// ErrPostgres refuses what only SQLite's file can do.
var ErrPostgres = errors.New("the records are in PostgreSQL, which has tools of its own for this")

// Backup writes a copy of the whole database, as of one moment, into a new file of mode 0600, while others read and write. What is sealed stays
// sealed. ErrPostgres.
func (db *DB) Backup(ctx context.Context, path string) error {
	if db.engine != sqlite {
		return ErrPostgres
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // VACUUM takes an empty file, and would make it by the umask
	if err != nil {
		return fmt.Errorf("copying the database: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("copying the database: %w", err)
	}
	if _, err := db.write.ExecContext(ctx, `VACUUM INTO $1`, path); err != nil {
		return fmt.Errorf("copying the database: %w", err)
	}
	return nil
}

// Check reads through the whole SQLite file and says what is broken in it. On PostgreSQL it only asks for a sign of life.
func (db *DB) Check(ctx context.Context) error {
	if db.engine != sqlite {
		return db.Ping(ctx)
	}
	var found string
	if err := db.read.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&found); err != nil {
		return fmt.Errorf("checking the database: %w", err)
	}
	if found != "ok" {
		return fmt.Errorf("checking the database: it is damaged: %s", found)
	}
	return nil
}
