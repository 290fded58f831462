package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"syscall"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/postgres/*.sql migrations/sqlite/*.sql
var migrations embed.FS

// migrationLock is the PostgreSQL advisory lock that a migrating process holds: "rtsp" and "view" as numbers.
const migrationLock = 0x7274737076696577

func (db *DB) migratePostgres(ctx context.Context) (err error) {
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	defer conn.Close() //nolint:errcheck // back to the pool
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(migrationLock)); err != nil {
		return fmt.Errorf("waiting for another process to finish its migration: %w", err)
	}
	defer func() {
		// Also when ctx has ended: the connection would keep the lock in the pool.
		free, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if _, e := conn.ExecContext(free, `SELECT pg_advisory_unlock($1)`, int64(migrationLock)); e != nil {
			err = errors.Join(err, fmt.Errorf("ending the migration: %w", e))
		}
	}()
	return migrate(ctx, db.write, goose.DialectPostgres, postgres, db.logger, nil)
}

func migrateSQLite(ctx context.Context, path string, logger *slog.Logger, now func() time.Time) error {
	unlock, err := lockFile(ctx, path+".lock")
	if err != nil {
		return err
	}
	defer unlock()

	// Foreign keys stay off: a migration that rebuilds a table would delete what points to it. They are checked afterwards.
	db, err := sql.Open("sqlite", sqliteDSN(path, "immediate", "journal_mode(WAL)"))
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer db.Close() //nolint:errcheck // nothing is pending
	err = migrate(ctx, db, goose.DialectSQLite3, sqlite, logger, func(version int64) error {
		return copyAside(ctx, db, fmt.Sprintf("%s.before-%s", path, now().UTC().Format("20060102-150405")), version, logger)
	})
	if err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, `PRAGMA foreign_key_check`)
	if err != nil {
		return fmt.Errorf("checking the database: %w", err)
	}
	defer rows.Close() //nolint:errcheck // reading only
	if rows.Next() {
		return errors.New("checking the database: some records point to others that are not there")
	}
	return rows.Err()
}

// migrate brings the schema up to date, held by a lock of the caller. before is called with the present version if there is one and
// it is about to change.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, e engine, logger *slog.Logger, before func(version int64) error) error {
	files, err := fs.Sub(migrations, "migrations/"+string(e))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	provider, err := goose.NewProvider(dialect, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	version, newest, err := provider.GetVersions(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("reading the schema's version: %w", err)
	case version > newest:
		return ErrNewer.With("schema", fmt.Sprint(version)).With("program", fmt.Sprint(newest))
	case version == newest:
		return nil
	case version > 0 && before != nil:
		if err := before(version); err != nil {
			return err
		}
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bringing the schema from version %d to %d: %w", version, newest, err)
	}
	logger.Info("the schema is up to date", "engine", string(e), "was", version, "is", newest)
	return nil
}

// expectSchema refuses a schema that is not this program's own. It writes nothing.
func (db *DB) expectSchema(ctx context.Context) error {
	names, err := fs.Glob(migrations, "migrations/"+string(db.engine)+"/*.sql")
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	var version, newest int64
	for _, name := range names {
		n, err := goose.NumericComponent(name)
		if err != nil {
			return fmt.Errorf("reading the migrations: %w", err)
		}
		newest = max(newest, n)
	}
	if err := db.Ping(ctx); err != nil {
		return err
	}
	if err := db.read.QueryRowContext(ctx, `SELECT MAX(version_id) FROM goose_db_version`).Scan(&version); err != nil {
		return ErrMissing.Because(err)
	}
	switch {
	case version > newest:
		return ErrNewer.With("schema", fmt.Sprint(version)).With("program", fmt.Sprint(newest))
	case version < newest:
		return ErrOlder.With("schema", fmt.Sprint(version)).With("program", fmt.Sprint(newest))
	}
	return nil
}

// copyAside writes a copy of the whole database that SQLite itself has made, so that what is in the WAL is in it too.
func copyAside(ctx context.Context, db *sql.DB, path string, version int64, logger *slog.Logger) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // VACUUM takes an empty file, and would make it by the umask
	if err == nil {
		err = file.Close()
	}
	if err == nil {
		_, err = db.ExecContext(ctx, `VACUUM INTO $1`, path)
	}
	if err != nil {
		return fmt.Errorf("copying the database aside before its migration: %w", err)
	}
	logger.Info("the database was copied aside before its migration", "copy", path, "schema", version)
	return nil
}

// lockFile waits for the lock on path, which the kernel drops when the process dies.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the lock of the data folder: %w", err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			break
		}
		timer := time.NewTimer(20 * time.Millisecond)
		select {
		case <-timer.C:
			continue
		case <-ctx.Done():
			timer.Stop()
			err = ctx.Err()
		}
		break
	}
	file.Close()
	return nil, fmt.Errorf("waiting for another process to finish its migration: %w", err)
}

// sqliteDSN gives the driver's name of a file; txLock is how transactions begin, pragmas are set on each connection. A commit is on the
// disk before it is answered: a power cut that took back the use of a refresh token would sign its owner out.
func sqliteDSN(path, txLock string, pragmas ...string) string {
	q := url.Values{"_txlock": {txLock}, "_pragma": append([]string{"busy_timeout(10000)", "synchronous(FULL)"}, pragmas...)}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}
