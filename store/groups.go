package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// groupColumns are those of a group called gr; at is the place of the moment by which grants count.
func groupColumns(at string) string {
	return `gr.id, gr.version, gr.created_at, gr.updated_at, gr.name, gr.notes,
		(SELECT COUNT(*) FROM group_cameras m WHERE m.group_id = gr.id),
		(SELECT COUNT(*) FROM group_grants g WHERE g.group_id = gr.id AND ` + lives(at) + `)`
}

func scanGroup(scan func(...any) error, more ...any) (camera.Group, error) {
	var g camera.Group
	var created, updated int64
	err := scan(append([]any{&g.ID, &g.Version, &created, &updated, &g.Name, &g.Notes, &g.Cameras, &g.Users}, more...)...)
	g.CreatedAt, g.UpdatedAt = fromMillis(created), fromMillis(updated)
	return g, err
}

// CreateGroup adds a group.
func (db *DB) CreateGroup(ctx context.Context, g camera.Group, evs ...events.Event) (camera.Group, error) {
	err := db.change(ctx, evs, func(tx *sql.Tx) error {
		if err := freeGroupName(ctx, tx, g); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO camera_groups (id, version, created_at, updated_at, name, name_folded, notes, sort_name, search)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			string(g.ID), g.Version, toMillis(g.CreatedAt), toMillis(g.UpdatedAt), g.Name, folded(g.Name), g.Notes, sortKey(g.Name), searchable(g.Name, g.Notes))
		if err != nil {
			return fmt.Errorf("adding a group: %w", err)
		}
		return nil
	})
	if err != nil {
		return camera.Group{}, err
	}
	return g, nil
}

// freeGroupName gives ErrGroupTaken if another group has the name. It runs under the rights revision's lock.
func freeGroupName(ctx context.Context, tx *sql.Tx, g camera.Group) error {
	var other string
	err := tx.QueryRowContext(ctx, `SELECT id FROM camera_groups WHERE name_folded = $1 AND id <> $2`, folded(g.Name), string(g.ID)).Scan(&other)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("looking for a group's name: %w", err)
	}
	return camera.ErrGroupTaken.With("id", other).At("name", camera.ErrGroupTaken.Code)
}

// Group gives one group.
func (db *DB) Group(ctx context.Context, id camera.GroupID, at time.Time) (camera.Group, error) {
	g, err := scanGroup(db.read.QueryRowContext(ctx, `SELECT `+groupColumns("$2")+` FROM camera_groups gr WHERE gr.id = $1`,
		string(id), toMillis(at)).Scan)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return camera.Group{}, camera.ErrNoGroup
	case err != nil:
		return camera.Group{}, fmt.Errorf("reading a group: %w", err)
	}
	return g, nil
}

// Groups gives a page of groups.
func (db *DB) Groups(ctx context.Context, at time.Time, q paging.Query) (paging.Page[camera.Group], error) {
	l := listing{
		name: "groups", id: "gr.id", first: "name",
		sorts:   map[string]string{"name": "gr.sort_name", "created_at": "gr.created_at", "updated_at": "gr.updated_at"},
		numbers: map[string]bool{"gr.created_at": true, "gr.updated_at": true},
	}
	l.from = "camera_groups gr"
	l.search("gr.search", q.Q)
	return pageOf(ctx, db.read, l, q, groupColumns(strconv.FormatInt(toMillis(at), 10)), func(rows *sql.Rows, more ...any) (camera.Group, error) {
		return scanGroup(rows.Scan, more...)
	})
}

// UpdateGroup replaces a group's name and notes if it still has the version.
func (db *DB) UpdateGroup(ctx context.Context, g camera.Group, evs ...events.Event) (camera.Group, error) {
	err := db.change(ctx, evs, func(tx *sql.Tx) error {
		if err := sameVersion(ctx, tx, `SELECT version FROM camera_groups WHERE id = $1`, string(g.ID), g.Version, camera.ErrNoGroup); err != nil {
			return err
		}
		if err := freeGroupName(ctx, tx, g); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE camera_groups SET version = version + 1, updated_at = $2, name = $3, name_folded = $4, notes = $5,
			sort_name = $6, search = $7 WHERE id = $1`,
			string(g.ID), toMillis(g.UpdatedAt), g.Name, folded(g.Name), g.Notes, sortKey(g.Name), searchable(g.Name, g.Notes))
		if err != nil {
			return fmt.Errorf("changing a group: %w", err)
		}
		return nil
	})
	if err != nil {
		return camera.Group{}, err
	}
	g.Version++
	return g, nil
}

// DeleteGroup deletes a group.
func (db *DB) DeleteGroup(ctx context.Context, id camera.GroupID, evs ...events.Event) error {
	return db.change(ctx, evs, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM camera_groups WHERE id = $1`, string(id))
		if err != nil {
			return fmt.Errorf("deleting a group: %w", err)
		}
		return changedRow(res, camera.ErrNoGroup)
	})
}

// AddToGroup puts a camera into a group.
func (db *DB) AddToGroup(ctx context.Context, id camera.GroupID, cam camera.ID, evs ...events.Event) (bool, error) {
	added, err := db.unless(ctx, evs, `INSERT INTO group_cameras (group_id, camera_id) VALUES ($1, $2)
		ON CONFLICT (group_id, camera_id) DO NOTHING`, string(id), string(cam))
	if orphans(err) {
		if _, err := db.Camera(ctx, cam); err != nil {
			return false, err
		}
		return false, camera.ErrNoGroup
	}
	return added, err
}

// RemoveFromGroup takes a camera out of a group.
func (db *DB) RemoveFromGroup(ctx context.Context, id camera.GroupID, cam camera.ID, evs ...events.Event) (bool, error) {
	return db.unless(ctx, evs, `DELETE FROM group_cameras WHERE group_id = $1 AND camera_id = $2`, string(id), string(cam))
}
