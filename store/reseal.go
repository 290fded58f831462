package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

var _ camera.RotationStore = (*DB)(nil)

// SealedOtherwise gives some cameras that another key has sealed.
func (db *DB) SealedOtherwise(ctx context.Context, key string, behind camera.ID, limit int) ([]camera.Record, error) {
	rows, err := db.read.QueryContext(ctx, `SELECT `+cameraColumns+` FROM cameras c WHERE c.sealed_with <> $1 AND c.id > $2 ORDER BY c.id LIMIT $3`,
		key, string(behind), limit)
	if err != nil {
		return nil, fmt.Errorf("looking for cameras under other keys: %w", err)
	}
	defer rows.Close() //nolint:errcheck // reading only
	var found []camera.Record
	for rows.Next() {
		r, err := scanCameraRow(rows)
		if err != nil {
			return nil, fmt.Errorf("looking for cameras under other keys: %w", err)
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// CountSealedOtherwise counts them.
func (db *DB) CountSealedOtherwise(ctx context.Context, key string) (n int, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM cameras WHERE sealed_with <> $1`, key).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting cameras under other keys: %w", err)
	}
	return n, nil
}

// Reseal writes what was sealed anew. The version rises although nobody sees a difference: who read the old seal must not write it back.
func (db *DB) Reseal(ctx context.Context, records []camera.Record) (int, error) {
	done := 0
	err := db.change(ctx, nil, func(tx *sql.Tx) error {
		done = 0
		for _, r := range records {
			res, err := tx.ExecContext(ctx, `UPDATE cameras SET version = version + 1, sealed_with = $3, address_sealed = $4, sub_address_sealed = $5,
				username_sealed = $6, password_sealed = $7 WHERE id = $1 AND version = $2`, string(r.ID), r.Version, r.Sealed.Key,
				blob(r.Sealed.Address), blob(r.Sealed.SubAddress), blob(r.Sealed.Username), blob(r.Sealed.Password))
			if err != nil {
				return fmt.Errorf("sealing a camera anew: %w", err)
			}
			n, err := res.RowsAffected()
			if err != nil {
				return fmt.Errorf("sealing a camera anew: %w", err)
			}
			done += int(n)
		}
		return nil
	})
	return done, err
}
