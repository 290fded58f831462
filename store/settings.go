package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Setting gives what is kept under key; false if nothing is.
func (db *DB) Setting(ctx context.Context, key string) ([]byte, bool, error) {
	var value []byte
	err := db.read.QueryRowContext(ctx, `SELECT value FROM settings WHERE key = $1`, key).Scan(&value)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("reading the setting %s: %w", key, err)
	}
	return value, true, nil
}

// PutSettingOnce keeps value under key unless something is kept there already, and gives what is kept then. Of two processes that do it
// at once, both get the same.
func (db *DB) PutSettingOnce(ctx context.Context, key string, value []byte) ([]byte, error) {
	var kept []byte
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx,
			`INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`, key, value); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT value FROM settings WHERE key = $1`, key).Scan(&kept)
	})
	if err != nil {
		return nil, fmt.Errorf("keeping the setting %s: %w", key, err)
	}
	return kept, nil
}

// PutSetting keeps value under key, whatever was there.
func (db *DB) PutSetting(ctx context.Context, key string, value []byte) error {
	_, err := db.write.ExecContext(ctx,
		`INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
	if err != nil {
		return fmt.Errorf("keeping the setting %s: %w", key, err)
	}
	return nil
}
