package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	modernc "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/rtsp-viewer/rtsp-viewer/events"
)

// txTries is how often a transaction is begun that lost against another.
const txTries = 8

// tx runs fn in a transaction that writes. If the database breaks it off for another's sake (serialization, deadlock, busy), fn runs
// again in a new one, so fn must begin anew with whatever it gathers. An error of fn rolls back and comes back as it is.
func (db *DB) tx(ctx context.Context, fn func(tx *sql.Tx) error) error {
	for try := 1; ; try++ {
		err := db.once(ctx, fn)
		if err == nil || try == txTries || !passing(err) {
			return err
		}
		delay := time.NewTimer(time.Duration(rand.Int64N(int64(10*time.Millisecond) << try)))
		select {
		case <-ctx.Done():
			delay.Stop()
			return errors.Join(err, ctx.Err())
		case <-delay.C:
		}
	}
}

func (db *DB) once(ctx context.Context, fn func(tx *sql.Tx) error) error {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing; before, the first error counts
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		if gone := ctx.Err(); gone != nil && errors.Is(err, sql.ErrTxDone) {
			err = gone // it was rolled back because nobody waits for it any more
		}
		return fmt.Errorf("committing a transaction: %w", err)
	}
	return nil
}

// change is tx for whatever decides who may do or see what: it raises the rights revision first and appends evs last. The revision's row
// is a lock too: changes of rights run one after another, so that what fn finds (another admin, a free number) is still so at the commit.
func (db *DB) change(ctx context.Context, evs []events.Event, fn func(tx *sql.Tx) error) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE counters SET value = value + 1 WHERE name = 'rights_revision'`); err != nil {
			return fmt.Errorf("raising the rights revision: %w", err)
		}
		if err := fn(tx); err != nil {
			return err
		}
		return appendEvents(ctx, tx, evs)
	})
}

// RightsRevision gives how often rights have changed.
func (db *DB) RightsRevision(ctx context.Context) (int64, error) {
	var revision int64
	err := db.read.QueryRowContext(ctx, `SELECT value FROM counters WHERE name = 'rights_revision'`).Scan(&revision)
	if err != nil {
		return 0, fmt.Errorf("reading the rights revision: %w", err)
	}
	return revision, nil
}

// passing reports whether err is a quarrel between transactions that the next try may win.
func passing(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01" // serialization_failure, deadlock_detected
	}
	var lite *modernc.Error
	if errors.As(err, &lite) {
		code := lite.Code() & 0xff
		return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
	}
	return false
}

// breaks reports whether err says that a row breaks the uniqueness of table's column. The constraint must be declared by UNIQUE at
// the column, so that PostgreSQL names it table_column_key.
func breaks(err error, table, column string) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505" && pg.ConstraintName == table+"_"+column+"_key"
	}
	var lite *modernc.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE && strings.Contains(lite.Error(), table+"."+column)
	}
	return false
}

// orphans reports whether err says that a row points to one that is not there.
func orphans(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23503"
	}
	var lite *modernc.Error
	return errors.As(err, &lite) && lite.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
}

// changedRow gives missing unless res changed a row.
func changedRow(res sql.Result, missing error) error {
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("counting changed rows: %w", err)
	}
	if n == 0 {
		return missing
	}
	return nil
}
