package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// AddFavourite stars a camera. It changes nobody's rights, so the revision stays.
func (db *DB) AddFavourite(ctx context.Context, user auth.UserID, id camera.ID, at time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO favourites (user_id, camera_id, created_at) VALUES ($1, $2, $3)
			ON CONFLICT (user_id, camera_id) DO NOTHING`, string(user), string(id), toMillis(at))
		switch {
		case orphans(err):
			return missingSide(ctx, db.read, user, camera.ErrNotFound)
		case err != nil:
			return fmt.Errorf("adding a favourite: %w", err)
		}
		return nil
	})
}

// RemoveFavourite takes the star away.
func (db *DB) RemoveFavourite(ctx context.Context, user auth.UserID, id camera.ID) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM favourites WHERE user_id = $1 AND camera_id = $2`, string(user), string(id)); err != nil {
			return fmt.Errorf("removing a favourite: %w", err)
		}
		return nil
	})
}
