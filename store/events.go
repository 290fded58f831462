package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

const eventColumns = `id, at, kind, actor_id, actor_login, actor_name, user_id, user_login, user_name,
	camera_id, camera_number, camera_name, view, transport, remote, code, lasted_ms, fields, note, times`

// eventWidth is how many columns an event is written with: eventColumns and text_id.
const eventWidth = 21

// AppendEvents writes a batch in one transaction.
func (db *DB) AppendEvents(ctx context.Context, batch []events.Event) error {
	return db.tx(ctx, func(tx *sql.Tx) error { return appendEvents(ctx, tx, batch) })
}

// appendEvents writes evs within tx, as its last act: from here to the commit no other transaction can append, which is why ids
// grow in the order in which events become visible. A sequence would hand out ids that a slower transaction shows later, behind
// the back of those who read from the last id they saw.
func appendEvents(ctx context.Context, tx *sql.Tx, evs []events.Event) error {
	if len(evs) == 0 {
		return nil
	}
	var last int64
	err := tx.QueryRowContext(ctx, `UPDATE counters SET value = value + $1 WHERE name = 'event_id' RETURNING value`, len(evs)).Scan(&last)
	if err != nil {
		return fmt.Errorf("numbering events: %w", err)
	}
	const perStatement = 10 // SQLite looks each $n up among all before it, so a statement's time grows with the square of their number
	insert := func(n int) string {
		return `INSERT INTO events (` + eventColumns + `, text_id) VALUES ` + places(n, eventWidth)
	}
	var full *sql.Stmt // of perStatement events, read once for many
	if len(evs) >= 2*perStatement {
		if full, err = tx.PrepareContext(ctx, insert(perStatement)); err != nil {
			return fmt.Errorf("appending events: %w", err)
		}
		defer full.Close() //nolint:errcheck // the transaction's end closes it too
	}
	for id := last - int64(len(evs)) + 1; len(evs) > 0; {
		n := min(len(evs), perStatement)
		args := make([]any, 0, n*eventWidth)
		texts := make([]eventText, n)
		for i, e := range evs[:n] {
			texts[i] = textOf(e)
			args = append(args, eventRow(id, e, texts[i].id)...)
			id++
		}
		if err := keepTexts(ctx, tx, texts); err != nil {
			return err
		}
		if full != nil && n == perStatement {
			_, err = full.ExecContext(ctx, args...)
		} else {
			_, err = tx.ExecContext(ctx, insert(n), args...)
		}
		if err != nil {
			return fmt.Errorf("appending events: %w", err)
		}
		evs = evs[n:]
	}
	return nil
}

func eventRow(id int64, e events.Event, text int64) []any {
	fields := ""
	if len(e.Fields) > 0 {
		text, _ := json.Marshal(e.Fields) //nolint:errcheck,errchkjson // strings always marshal
		fields = string(text)
	}
	return []any{
		id, toMillis(e.At), string(e.Kind),
		e.Actor.ID, e.Actor.Login, e.Actor.Name, e.User.ID, e.User.Login, e.User.Name,
		e.Camera.ID, e.Camera.Number, e.Camera.Name,
		e.View, e.Transport, e.Remote, e.Code, e.Lasted.Milliseconds(), fields, e.Note, max(e.Times, 1), text,
	}
}

// eventFilter gives the condition of the events that q asks for.
func eventFilter(q events.Query) listing {
	l := listing{name: "events", from: "events", id: "id"}
	l.and("id > " + l.arg(q.After))
	if q.Before > 0 {
		l.and("id < " + l.arg(q.Before))
	}
	if len(q.Kinds) > 0 {
		l.and("kind IN (" + ids(&l, q.Kinds) + ")")
	}
	if len(q.Codes) > 0 {
		l.and("code IN (" + ids(&l, q.Codes) + ")")
	}
	if q.Camera != "" {
		l.and("camera_id = " + l.arg(q.Camera))
	}
	if q.User != "" {
		user := l.arg(q.User)
		l.and("(actor_id = " + user + " OR user_id = " + user + ")")
	}
	if !q.From.IsZero() {
		l.and("at >= " + l.arg(toMillis(q.From)))
	}
	if !q.To.IsZero() {
		l.and("at < " + l.arg(toMillis(q.To)))
	}
	if words := strings.Fields(folded(q.Q)); len(words) > 0 {
		var found []string
		for _, word := range words {
			found = append(found, "search LIKE "+l.arg(likePattern(word))+` ESCAPE '\'`)
		}
		l.and("text_id IN (SELECT id FROM event_texts WHERE " + strings.Join(found, " AND ") + ")")
	}
	return l
}

// eventPage gives the query of a page. The ids come first, since indexes hold them: only the events that are shown are read.
func eventPage(q events.Query) (string, []any) {
	l, direction := eventFilter(q), " ASC"
	if q.Before > 0 {
		direction = " DESC"
	}
	return `SELECT ` + eventColumns + ` FROM events WHERE id IN (SELECT id FROM ` + l.text() + ` ORDER BY id` + direction +
		` LIMIT ` + strconv.Itoa(paging.Query{Limit: q.Limit}.Bounded()) + `) ORDER BY id` + direction, l.args
}

// eventCount gives the query of their number.
func eventCount(q events.Query) (string, []any) {
	l := eventFilter(q)
	return `SELECT COUNT(*) FROM ` + l.text(), l.args
}

// Events gives the events that q asks for: oldest first, or newest first if q.Before is set.
func (db *DB) Events(ctx context.Context, q events.Query) ([]events.Event, error) {
	text, args := eventPage(q)
	rows, err := db.read.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	return scanEvents(rows)
}

// CountEvents gives how many events q asks for.
func (db *DB) CountEvents(ctx context.Context, q events.Query) (int, error) {
	text, args := eventCount(q)
	var count int
	if err := db.read.QueryRowContext(ctx, text, args...).Scan(&count); err != nil {
		return 0, fmt.Errorf("counting events: %w", err)
	}
	return count, nil
}

// LastEventID gives the highest id that any event ever had. All events up to it can be read: ids are given under the lock that the
// commit frees.
func (db *DB) LastEventID(ctx context.Context) (int64, error) {
	var last int64
	if err := db.read.QueryRowContext(ctx, `SELECT value FROM counters WHERE name = 'event_id'`).Scan(&last); err != nil {
		return 0, fmt.Errorf("reading the last event's id: %w", err)
	}
	return last, nil
}

// DeleteEvents removes at most limit events of before, oldest first; when none are left, at most as many texts that no event has any
// more. It gives how many rows it removed: none means that it is done.
func (db *DB) DeleteEvents(ctx context.Context, before time.Time, limit int) (int, error) {
	for _, old := range []struct {
		text  string
		bound int64
	}{
		{`DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < $1 ORDER BY at, id LIMIT ` + strconv.Itoa(limit) + `)`, toMillis(before)},
		{`DELETE FROM event_texts WHERE day < $1 AND id IN (SELECT id FROM event_texts WHERE day < $1 ORDER BY day LIMIT ` + strconv.Itoa(limit) + `)`, dayOf(before)},
	} {
		res, err := db.write.ExecContext(ctx, old.text, old.bound)
		if err != nil {
			return 0, fmt.Errorf("removing old events: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return int(n), err
		}
	}
	return 0, nil
}

// scanEvents reads rows of eventColumns to their end and closes them.
func scanEvents(rows *sql.Rows) ([]events.Event, error) {
	defer rows.Close() //nolint:errcheck // reading only
	var found []events.Event
	for rows.Next() {
		var e events.Event
		var at, lasted int64
		var fields string
		if err := rows.Scan(&e.ID, &at, &e.Kind, &e.Actor.ID, &e.Actor.Login, &e.Actor.Name, &e.User.ID, &e.User.Login, &e.User.Name,
			&e.Camera.ID, &e.Camera.Number, &e.Camera.Name, &e.View, &e.Transport, &e.Remote, &e.Code, &lasted, &fields, &e.Note,
			&e.Times); err != nil {
			return nil, fmt.Errorf("reading events: %w", err)
		}
		e.At, e.Lasted = fromMillis(at), time.Duration(lasted)*time.Millisecond
		if fields != "" {
			if err := json.Unmarshal([]byte(fields), &e.Fields); err != nil {
				return nil, fmt.Errorf("reading the fields of event %d: %w", e.ID, err)
			}
		}
		found = append(found, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	return found, nil
}
