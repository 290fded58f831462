package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/events"
)

const (
	textWidth = 3   // columns of event_texts
	fillBatch = 500 // events of older programs that one transaction makes findable
)

// eventText is what events are found by, once for all that have the same.
type eventText struct {
	id     int64 // of the text itself; never 0
	search string
	day    int64 // of the event
}

func textOf(e events.Event) eventText {
	number := ""
	if e.Camera.Number != 0 {
		number = strconv.Itoa(e.Camera.Number)
	}
	search := searchable(e.Actor.Login, e.Actor.Name, e.User.Login, e.User.Name, number, e.Camera.Name, e.Remote, e.Note)
	sum := sha256.Sum256([]byte(search))
	id := int64(binary.BigEndian.Uint64(sum[:])) //nolint:gosec // any 64 bits will do
	return eventText{id: max(id, -id, 1), search: search, day: dayOf(e.At)}
}

// dayOf gives a time in days since 1970.
func dayOf(at time.Time) int64 { return toMillis(at) / (24 * time.Hour).Milliseconds() }

// keepTexts writes those texts that are new, and the newer days of those that are not, within tx.
func keepTexts(ctx context.Context, tx *sql.Tx, texts []eventText) error {
	newest := make(map[int64]int, len(texts)) // by id: one statement can't change a row twice
	var distinct []eventText
	for _, t := range texts {
		if i, seen := newest[t.id]; seen {
			distinct[i].day = max(distinct[i].day, t.day)
			continue
		}
		newest[t.id] = len(distinct)
		distinct = append(distinct, t)
	}
	args := make([]any, 0, len(distinct)*textWidth)
	for _, t := range distinct {
		args = append(args, t.id, t.search, t.day)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO event_texts (id, search, day) VALUES `+places(len(distinct), textWidth)+
		` ON CONFLICT (id) DO UPDATE SET day = excluded.day WHERE event_texts.day < excluded.day`, args...)
	if err != nil {
		return fmt.Errorf("keeping what events are found by: %w", err)
	}
	return nil
}

// places gives ($1, $2), ($3, $4) … for so many rows.
func places(rows, width int) string {
	var text strings.Builder
	for row := range rows {
		if row > 0 {
			text.WriteString(", ")
		}
		for column := range width {
			text.WriteString(string("(,"[min(column, 1)]) + "$" + strconv.Itoa(row*width+column+1))
		}
		text.WriteString(")")
	}
	return text.String()
}

// fillTexts makes the events of older programs findable, a batch after the other, so that others may write in between.
func (db *DB) fillTexts(ctx context.Context) error {
	for {
		rows, err := db.write.QueryContext(ctx, `SELECT `+eventColumns+` FROM events WHERE text_id = 0 LIMIT `+strconv.Itoa(fillBatch))
		if err != nil {
			return fmt.Errorf("reading the events of an older program: %w", err)
		}
		batch, err := scanEvents(rows)
		if err != nil || len(batch) == 0 {
			return err
		}
		err = db.tx(ctx, func(tx *sql.Tx) error {
			texts := make([]eventText, len(batch))
			for i, e := range batch {
				texts[i] = textOf(e)
				if _, err := tx.ExecContext(ctx, `UPDATE events SET text_id = $1 WHERE id = $2`, texts[i].id, e.ID); err != nil {
					return fmt.Errorf("making an event findable: %w", err)
				}
			}
			return keepTexts(ctx, tx, texts)
		})
		if err != nil {
			return err
		}
	}
}
