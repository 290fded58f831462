package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/settings"
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

// gatewaySettings is the key under which all that an admin may change stands as one value.
const gatewaySettings = "gateway"

// keptSettings is the value. What an older program did not know keeps its default.
type keptSettings struct {
	EventsKeepDays int   `json:"events_keep_days"`
	SweepEvery     int   `json:"sweep_every_s"`
	Version        int64 `json:"version"`
}

func readSettings(value []byte) (settings.Settings, error) {
	kept := keptSettings(settings.Default())
	if value == nil {
		return settings.Settings(kept), nil
	}
	if err := json.Unmarshal(value, &kept); err != nil {
		return settings.Settings{}, fmt.Errorf("reading the settings: %w", err)
	}
	return settings.Settings(kept), nil
}

// Settings gives what an admin may change, as it is kept.
func (db *DB) Settings(ctx context.Context) (settings.Settings, error) {
	value, _, err := db.Setting(ctx, gatewaySettings)
	if err != nil {
		return settings.Settings{}, err
	}
	return readSettings(value)
}

// ChangeSettings keeps s if its version follows the one that is kept; else auth.ErrChanged.
func (db *DB) ChangeSettings(ctx context.Context, s settings.Settings, happened ...events.Event) error {
	value, err := json.Marshal(keptSettings(s))
	if err != nil {
		return fmt.Errorf("keeping the settings: %w", err)
	}
	return db.change(ctx, happened, func(tx *sql.Tx) error { // changes run one after another, so what is read here still holds at the commit
		var before []byte
		err := tx.QueryRowContext(ctx, `SELECT value FROM settings WHERE key = $1`, gatewaySettings).Scan(&before)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("reading the settings: %w", err)
		}
		kept, err := readSettings(before)
		if err != nil {
			return err
		}
		if kept.Version+1 != s.Version {
			return auth.Changed(kept.Version)
		}
		_, err = tx.ExecContext(ctx,
			`INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, gatewaySettings, value)
		if err != nil {
			return fmt.Errorf("keeping the settings: %w", err)
		}
		return nil
	})
}
