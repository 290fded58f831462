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
	const width, perStatement = 20, 50
	for id := last - int64(len(evs)) + 1; len(evs) > 0; {
		n := min(len(evs), perStatement)
		var text strings.Builder
		args := make([]any, 0, n*width)
		text.WriteString(`INSERT INTO events (` + eventColumns + `) VALUES `)
		for i, e := range evs[:n] {
			if i > 0 {
				text.WriteString(", ")
			}
			for column := range width {
				text.WriteString(string("(,"[min(column, 1)]) + "$" + strconv.Itoa(i*width+column+1))
			}
			text.WriteString(")")
			args = append(args, eventRow(id, e)...)
			id++
		}
		if _, err := tx.ExecContext(ctx, text.String(), args...); err != nil {
			return fmt.Errorf("appending events: %w", err)
		}
		evs = evs[n:]
	}
	return nil
}

func eventRow(id int64, e events.Event) []any {
	fields := ""
	if len(e.Fields) > 0 {
		text, _ := json.Marshal(e.Fields) //nolint:errcheck,errchkjson // strings always marshal
		fields = string(text)
	}
	return []any{
		id, toMillis(e.At), string(e.Kind),
		e.Actor.ID, e.Actor.Login, e.Actor.Name, e.User.ID, e.User.Login, e.User.Name,
		e.Camera.ID, e.Camera.Number, e.Camera.Name,
		e.View, e.Transport, e.Remote, e.Code, e.Lasted.Milliseconds(), fields, e.Note, max(e.Times, 1),
	}
}

// Events gives the events that q asks for: oldest first, or newest first if q.Before is set.
func (db *DB) Events(ctx context.Context, q events.Query) ([]events.Event, error) {
	var args []any
	arg := func(value any) string {
		args = append(args, value)
		return "$" + strconv.Itoa(len(args))
	}
	where, direction := []string{"id > " + arg(q.After)}, "ASC"
	if q.Before > 0 {
		where, direction = append(where, "id < "+arg(q.Before)), "DESC"
	}
	if len(q.Kinds) > 0 {
		var kinds []string
		for _, kind := range q.Kinds {
			kinds = append(kinds, arg(string(kind)))
		}
		where = append(where, "kind IN ("+strings.Join(kinds, ", ")+")")
	}
	if q.Camera != "" {
		where = append(where, "camera_id = "+arg(q.Camera))
	}
	if q.User != "" {
		user := arg(q.User)
		where = append(where, "(actor_id = "+user+" OR user_id = "+user+")")
	}
	if !q.From.IsZero() {
		where = append(where, "at >= "+arg(toMillis(q.From)))
	}
	if !q.To.IsZero() {
		where = append(where, "at < "+arg(toMillis(q.To)))
	}
	rows, err := db.read.QueryContext(ctx, `SELECT `+eventColumns+` FROM events WHERE `+strings.Join(where, " AND ")+
		` ORDER BY id `+direction+` LIMIT `+strconv.Itoa(paging.Query{Limit: q.Limit}.Bounded()), args...)
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
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
