// Package store keeps users, cameras, grants, events and settings in PostgreSQL, or in SQLite where nothing else is installed.
//
// It owns the SQL, the schema and its migrations, and DB, which implements the Store of each domain package. One SQL text serves both
// engines; only migrations are doubled. It refuses a schema newer than the program, to fold or sort by the database's collation, and
// to keep anything but ciphertext of a camera's credentials. Times are UTC milliseconds; ids are UUIDv7 as text, given by the domain.
// A change, the rights revision that it raises and its events are one transaction. It runs no goroutines but database/sql's.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// FileName is SQLite's file in the data folder.
const FileName = "rtsp-viewer.db"

// Options say where the records are.
type Options struct {
	URL    string // postgres://…; empty: SQLite in Dir
	Dir    string // the data folder; made with mode 0700 if it is not there
	Logger *slog.Logger
	Now    func() time.Time // nil: time.Now; names the copy made before a migration
	Schema Schema           // what to do about it
}

// Schema says what Open does about the schema.
type Schema uint8

// Migrate, the zero value, makes the database if there is none and brings it up to date, as a gateway does. AsItIs is for tools that work
// beside a running gateway: it makes and changes nothing, and refuses a database that is not there or has another schema.
const (
	Migrate Schema = iota
	AsItIs
)

// DB is an open database with the newest schema. It is safe for concurrent use.
type DB struct {
	engine engine
	write  *sql.DB // all transactions that change something
	read   *sql.DB // everything else; the same pool on PostgreSQL
	logger *slog.Logger
}

// engine is what differs between the two.
type engine string

const (
	postgres engine = "postgres"
	sqlite   engine = "sqlite"
)

// ErrNewer is the refusal of a schema that a newer program has made.
var ErrNewer = fault.New(fault.Conflict, "store.newer", "the database was made by a newer version of this program; start that one, or restore the copy made before the upgrade")

// The refusals of AsItIs.
var (
	ErrMissing = fault.New(fault.NotFound, "store.missing", "there is no database here that a gateway has made")
	ErrOlder   = fault.New(fault.Conflict, "store.older", "the database was made by an older version of this program; start the gateway once, which brings it up to date")
)

// Open connects, brings the schema up to date unless Options.Schema is AsItIs, and gives the database. Processes that start at the same time wait for each other. A
// SQLite file that holds records is copied aside before a migration. ErrNewer if a newer program has been here.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Logger == nil {
		return nil, errors.New("store: Options.Logger is missing")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.URL != "" {
		return openPostgres(ctx, o)
	}
	if o.Dir == "" {
		return nil, errors.New("store: Options has neither URL nor Dir")
	}
	return openSQLite(ctx, o)
}

// postgresPool prepares connections to a PostgreSQL; it makes none yet.
func postgresPool(address string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		// The parser's error quotes the address, and with it the password.
		return nil, fault.New(fault.Invalid, "store.url", "the database address is not a valid postgres:// URL")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "rtsp-viewer"
	}
	// Dead connections are found out in half a minute instead of two hours: who waits for an answer must not hang on one.
	config.DialFunc = (&net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}}).DialContext
	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		// A gateway that loses power in a transaction keeps the lock on rights_revision for as long as the server believes in it: no other
		// could change anything.
		_, err := conn.Exec(ctx, `SET idle_in_transaction_session_timeout = '30s'`)
		return err
	}))
	pool.SetMaxOpenConns(20)
	pool.SetMaxIdleConns(5)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	pool.SetConnMaxLifetime(time.Hour) // so that a failover or a moved address is noticed
	return pool, nil
}

func openPostgres(ctx context.Context, o Options) (*DB, error) {
	pool, err := postgresPool(o.URL)
	if err != nil {
		return nil, err
	}
	db := &DB{engine: postgres, write: pool, read: pool, logger: o.Logger}
	if err := db.settle(ctx, o.Schema, db.migratePostgres); err != nil {
		pool.Close()
		return nil, err
	}
	return db, nil
}

func openSQLite(ctx context.Context, o Options) (*DB, error) {
	path, err := filepath.Abs(filepath.Join(o.Dir, FileName))
	if err != nil {
		return nil, fmt.Errorf("finding the data folder: %w", err)
	}
	if o.Schema == AsItIs {
		if _, err := os.Stat(path); err != nil {
			return nil, ErrMissing.Because(err)
		}
	} else if err := makeSQLite(ctx, path, o); err != nil {
		return nil, err
	}

	// One writer: SQLite has one anyway, and waiting in Go's queue is fair and ends with the context, whereas SQLite's busy handler
	// polls. Transactions take the write lock at their beginning, so none fails halfway because another was first. Readers see the last
	// committed state (WAL) and never wait.
	write, err := sql.Open("sqlite", sqliteDSN(path, "immediate", "foreign_keys(1)"))
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", sqliteDSN(path, "deferred", "query_only(1)"))
	if err != nil {
		write.Close()
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	read.SetMaxOpenConns(8)
	read.SetMaxIdleConns(8)
	db := &DB{engine: sqlite, write: write, read: read, logger: o.Logger}
	if err := db.settle(ctx, o.Schema, db.Ping); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// settle sees to it that the schema is this program's: by migrating, or by refusing any other.
func (db *DB) settle(ctx context.Context, schema Schema, migrate func(context.Context) error) error {
	if schema == AsItIs {
		return db.expectSchema(ctx)
	}
	if err := migrate(ctx); err != nil {
		return err
	}
	return db.fillTexts(ctx)
}

// makeSQLite makes the data folder and the file if need be, and brings the schema up to date.
func makeSQLite(ctx context.Context, path string, o Options) error {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	// SQLite would make the file by the umask; its -wal and -shm take the mode of the file.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("opening the database file: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("opening the database file: %w", err)
	}
	return migrateSQLite(ctx, path, o.Logger, o.Now)
}

// Close closes all connections.
func (db *DB) Close() error {
	err := db.write.Close()
	if db.read != db.write {
		err = errors.Join(err, db.read.Close())
	}
	if err != nil {
		return fmt.Errorf("closing the database: %w", err)
	}
	return nil
}

// Ping asks the database for a sign of life.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	if err := db.read.QueryRowContext(ctx, `SELECT 1`).Scan(&one); err != nil {
		return fmt.Errorf("asking the database for a sign of life: %w", err)
	}
	return nil
}

// Engine names what keeps the records: "postgres" or "sqlite".
func (db *DB) Engine() string { return string(db.engine) }

// toMillis gives t as a column keeps it; 0 stands for the zero time.
func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// fromMillis gives a column's time in UTC; the zero time for 0.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
