package events

import (
	"context"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of failures.
const (
	failureEvery = time.Minute // how often the same failure makes an event
	failureKinds = 256         // different failures remembered; beyond, the memory begins anew
	noteBound    = 500         // bytes of a failure's note
)

// failure is one sort of error in the structured log.
type failure struct {
	told time.Time // when it last made an event
	more int       // how often it came since
}

// Failures gives a handler that passes everything on to next and makes an event of each error: the same one at most once a minute, with
// how often it came since the last. What the structured log may hold, an admin may read. The Log itself must not write to it: its own
// errors are about events that can't be kept.
func (l *Log) Failures(next slog.Handler) slog.Handler {
	return &failures{log: l, next: next}
}

// failures is the handler. Handlers with other attributes share the Log's memory of failures.
type failures struct {
	log       *Log
	next      slog.Handler
	component string
}

func (h *failures) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelError || h.next.Enabled(ctx, level)
}

func (h *failures) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError {
		h.log.fail(h.event(r))
	}
	if !h.next.Enabled(ctx, r.Level) {
		return nil
	}
	return h.next.Handle(ctx, r)
}

func (h *failures) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.next = h.next.WithAttrs(attrs)
	for _, a := range attrs {
		if a.Key == "component" {
			with.component = a.Value.String()
		}
	}
	return &with
}

func (h *failures) WithGroup(name string) slog.Handler {
	with := *h
	with.next = h.next.WithGroup(name)
	return &with
}

func (h *failures) event(r slog.Record) Event {
	e := Event{At: r.Time.UTC(), Kind: ServerFailed, Code: h.component, Note: r.Message}
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "component":
			e.Code = a.Value.String()
		case "error", "panic":
			e.Note += ": " + a.Value.String()
		case "request_id":
			e.Note += " (" + a.Value.String() + ")"
		case "camera_id":
			e.Camera.ID = a.Value.String()
		}
		return true
	})
	e.Note = bounded(strings.ToValidUTF8(e.Note, ""), noteBound)
	return e
}

// fail records a failure's event unless the same one made an event less than a minute ago.
func (l *Log) fail(e Event) {
	key := e.Code + " " + e.Camera.ID + " " + failureName(e.Note)
	now := l.now()
	l.mu.Lock()
	if len(l.failures) >= failureKinds {
		clear(l.failures)
	}
	f, known := l.failures[key]
	if known && now.Sub(f.told) < failureEvery {
		f.more++
		l.failures[key] = f
		l.mu.Unlock()
		return
	}
	e.Times = f.more + 1
	l.failures[key] = failure{told: now}
	l.mu.Unlock()
	l.keep(e)
}

// failureName is what makes two failures the same: the message, without what followed from it.
func failureName(note string) string {
	message, _, _ := strings.Cut(note, ": ")
	return message
}

func bounded(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
