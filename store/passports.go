package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// PutPassport keeps what a probe found, beside a camera that is as it was.
func (db *DB) PutPassport(ctx context.Context, id camera.ID, version int64, passport string, outcome camera.Outcome, still []byte) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE cameras SET passport = $3, outcome = $4 WHERE id = $1 AND version = $2`, string(id), version, passport, string(outcome))
		if err != nil {
			return fmt.Errorf("keeping a passport: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil {
			return fmt.Errorf("keeping a passport: %w", err)
		} else if n == 0 {
			if err := sameVersion(ctx, tx, `SELECT version FROM cameras WHERE id = $1`, string(id), version, camera.ErrNotFound); err != nil {
				return err
			}
			return camera.ErrVersion // it was changed and changed back: whoever asks reads it anew
		}
		if len(still) == 0 {
			return dropStill(ctx, tx, id)
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO camera_stills (camera_id, picture) VALUES ($1, $2)
			ON CONFLICT (camera_id) DO UPDATE SET picture = excluded.picture`, string(id), still)
		if err != nil {
			return fmt.Errorf("keeping the picture of a passport: %w", err)
		}
		return nil
	})
}

// dropStill forgets the picture of a passport.
func dropStill(ctx context.Context, tx *sql.Tx, id camera.ID) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM camera_stills WHERE camera_id = $1`, string(id)); err != nil {
		return fmt.Errorf("forgetting the picture of a passport: %w", err)
	}
	return nil
}

// PassportStill gives the picture of a passport that counts still.
func (db *DB) PassportStill(ctx context.Context, id camera.ID) ([]byte, error) {
	var picture []byte
	err := db.read.QueryRowContext(ctx, `SELECT s.picture FROM camera_stills s JOIN cameras c ON c.id = s.camera_id
		WHERE s.camera_id = $1 AND c.passport IS NOT NULL`, string(id)).Scan(&picture)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, camera.ErrNoStill
	case err != nil:
		return nil, fmt.Errorf("reading the picture of a passport: %w", err)
	}
	return picture, nil
}
