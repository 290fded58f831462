package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// trouble gives the place of a state in the order of trouble, from 1 on, as sort_state keeps it.
func trouble(s camera.State) int { return 1 + slices.Index(camera.StatesByTrouble, s) }

// troublesOf lists the places of states, as they stand between the brackets of IN.
func troublesOf(of func(camera.State) bool) string {
	var list []string
	for _, s := range camera.StatesByTrouble {
		if of(s) {
			list = append(list, strconv.Itoa(trouble(s)))
		}
	}
	return strings.Join(list, ", ")
}

// perSighting is how many cameras are read by one statement.
const perSighting = 500

// Saw keeps what was found out about cameras.
func (db *DB) Saw(ctx context.Context, found []camera.Sighting) ([]camera.Turn, error) {
	by := map[camera.ID][]camera.Sighting{}
	var cameras []camera.ID
	for _, f := range found {
		if by[f.Camera] == nil {
			cameras = append(cameras, f.Camera)
		}
		by[f.Camera] = append(by[f.Camera], f)
	}
	slices.Sort(cameras) // one order for all who write many rows: then they do not lock each other out
	var turns []camera.Turn
	err := db.tx(ctx, func(tx *sql.Tx) error {
		turns = nil
		for some := range slices.Chunk(cameras, perSighting) {
			more, err := saw(ctx, tx, some, by)
			if err != nil {
				return err
			}
			turns = append(turns, more...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("keeping how cameras are: %w", err)
	}
	return turns, nil
}

// saw keeps sightings of some cameras.
func saw(ctx context.Context, tx *sql.Tx, cameras []camera.ID, by map[camera.ID][]camera.Sighting) ([]camera.Turn, error) {
	standing, err := standings(ctx, tx, cameras)
	if err != nil {
		return nil, err
	}
	var turns []camera.Turn
	touched := map[[2]int64][]camera.ID{} // by checked_at and seen_at: those of whom nothing else is new, in few statements
	for _, was := range standing {
		now := was
		for _, f := range by[was.Camera] {
			before := now.Now
			var told bool
			if now.Now, told = before.Taking(f); told {
				turns = append(turns, camera.Turn{Camera: was.Camera, Number: was.Number, Name: was.Name, Was: before, Now: now.Now})
			}
		}
		s, old := now.Now, was.Now
		if s.State == old.State && s.Code == old.Code && s.Since.Equal(old.Since) && s.Told == old.Told {
			key := [2]int64{toMillis(s.CheckedAt), toMillis(s.SeenAt)}
			touched[key] = append(touched[key], was.Camera)
			continue
		}
		_, err := tx.ExecContext(ctx, `UPDATE cameras SET state = $2, state_code = $3, state_since = $4, seen_at = $5, checked_at = $6, sort_state = $7,
			told = $8, told_at = $9 WHERE id = $1`,
			string(was.Camera), string(s.State), s.Code, toMillis(s.Since), toMillis(s.SeenAt), toMillis(s.CheckedAt), trouble(s.State),
			s.Told, toMillis(s.ToldAt))
		if err != nil {
			return nil, err
		}
	}
	for key, some := range touched {
		var l listing
		checked, seen := l.arg(key[0]), l.arg(key[1])
		_, err := tx.ExecContext(ctx, `UPDATE cameras SET checked_at = `+checked+`, seen_at = `+seen+` WHERE id IN (`+ids(&l, some)+`)`, l.args...)
		if err != nil {
			return nil, err
		}
	}
	return turns, nil
}

// standings reads how cameras are, as Turn.Now, in the order of their ids.
func standings(ctx context.Context, tx *sql.Tx, cameras []camera.ID) ([]camera.Turn, error) {
	var l listing
	rows, err := tx.QueryContext(ctx, `SELECT id, number, name, state, state_code, state_since, seen_at, checked_at, told, told_at
		FROM cameras WHERE id IN (`+ids(&l, cameras)+`) ORDER BY id`, l.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // reading only
	var found []camera.Turn
	for rows.Next() {
		var t camera.Turn
		var since, seen, checked, told int64
		if err := rows.Scan(&t.Camera, &t.Number, &t.Name, &t.Now.State, &t.Now.Code, &since, &seen, &checked, &t.Now.Told, &told); err != nil {
			return nil, err
		}
		t.Now.Since, t.Now.SeenAt, t.Now.CheckedAt, t.Now.ToldAt = fromMillis(since), fromMillis(seen), fromMillis(checked), fromMillis(told)
		found = append(found, t)
	}
	return found, rows.Err()
}

// claimChecks asks twice whether a camera is due: of two that claim at once, the second waits for the first's row and finds it done.
const claimChecks = `UPDATE cameras SET checked_at = $2 WHERE sweep AND checked_at <= $1 AND id IN (
	SELECT id FROM cameras WHERE sweep AND checked_at <= $1 ORDER BY checked_at, id LIMIT `

// ClaimChecks gives cameras that are due.
func (db *DB) ClaimChecks(ctx context.Context, before, now time.Time, limit int) ([]camera.ID, error) {
	var claimed []camera.ID
	err := db.tx(ctx, func(tx *sql.Tx) error {
		claimed = nil
		rows, err := tx.QueryContext(ctx, claimChecks+strconv.Itoa(limit)+`) RETURNING id`, toMillis(before), toMillis(now))
		if err != nil {
			return err
		}
		defer rows.Close() //nolint:errcheck // reading only
		for rows.Next() {
			var id camera.ID
			if err := rows.Scan(&id); err != nil {
				return err
			}
			claimed = append(claimed, id)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("claiming cameras to look at: %w", err)
	}
	return claimed, nil
}

// CountSwept counts the cameras that are swept.
func (db *DB) CountSwept(ctx context.Context) (n int, err error) {
	if err := db.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM cameras WHERE sweep`).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting cameras to look at: %w", err)
	}
	return n, nil
}

// Lapse makes unknown what nobody has said again. Since when a camera has been in a state is kept only for what is known.
func (db *DB) Lapse(ctx context.Context, held, verdicts, now time.Time) error {
	err := db.tx(ctx, func(tx *sql.Tx) error {
		for _, l := range []struct {
			of    func(camera.State) bool
			since time.Time
		}{
			{camera.State.Held, held},
			{func(s camera.State) bool { return !s.Held() && s != camera.StateUnknown }, verdicts},
		} {
			_, err := tx.ExecContext(ctx, `UPDATE cameras SET state = 'unknown', state_code = '', state_since = $2, sort_state = `+
				strconv.Itoa(trouble(camera.StateUnknown))+` WHERE sort_state IN (`+troublesOf(l.of)+`) AND checked_at < $1`, toMillis(l.since), toMillis(now))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forgetting how cameras were: %w", err)
	}
	return nil
}
