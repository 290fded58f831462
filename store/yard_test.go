package store

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// yard is a camera service over a real database, with a clock that the test moves.
type yard struct {
	*camera.Service
	t       *testing.T
	db      *DB
	keys    *camera.Keyring
	by      auth.Principal
	changes atomic.Int64 // calls of Options.Changed
	views   atomic.Int64 // what Options.Usage answers for the camera watched
	watched camera.ID
	log     syncBuffer

	mu  sync.Mutex
	now time.Time
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func newYard(t *testing.T, db *DB) *yard {
	t.Helper()
	key, err := camera.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := camera.NewKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	y := &yard{t: t, db: db, keys: keys, now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	y.Service = y.service(keys)
	y.by = auth.Principal{User: y.person("moderator", auth.RoleModerator), Remote: "192.0.2.7"}
	return y
}

func (y *yard) service(keys *camera.Keyring) *camera.Service {
	y.t.Helper()
	s, err := camera.New(camera.Options{
		Store: y.db, Keys: keys, Logger: slog.New(slog.NewTextHandler(&y.log, nil)), Now: y.clock,
		Changed: func() { y.changes.Add(1) },
		Usage:   func(context.Context) map[camera.ID]int { return map[camera.ID]int{y.watched: int(y.views.Load())} },
	})
	if err != nil {
		y.t.Fatal(err)
	}
	return s
}

func (y *yard) clock() time.Time {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.now
}

func (y *yard) pass(d time.Duration) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.now = y.now.Add(d)
}

// person adds a user.
func (y *yard) person(login string, role auth.Role) auth.User {
	y.t.Helper()
	u := auth.User{ID: auth.UserID(uuid.Must(uuid.NewV7()).String()), Login: login, LastName: "Имя " + login, Role: role, Version: 1, CreatedAt: y.clock(), UpdatedAt: y.clock()}
	if err := y.db.CreateUser(y.t.Context(), auth.Account{User: u, PasswordHash: "x"}); err != nil {
		y.t.Fatal(err)
	}
	return u
}

// camera adds a camera.
func (y *yard) camera(name string) camera.Camera {
	y.t.Helper()
	return y.add(camera.NewCamera{Name: name, Address: "rtsp://10.0.0.1/1"})
}

func (y *yard) add(n camera.NewCamera) camera.Camera {
	y.t.Helper()
	c, err := y.Create(y.t.Context(), y.by, n)
	if err != nil {
		y.t.Fatalf("adding a camera: %v %v", err, fault.From(err).Fields)
	}
	return c
}

func (y *yard) group(name string, cameras ...camera.Camera) camera.Group {
	y.t.Helper()
	g, err := y.CreateGroup(y.t.Context(), y.by, camera.NewGroup{Name: name})
	if err != nil {
		y.t.Fatal(err)
	}
	for _, c := range cameras {
		y.must(y.AddToGroup(y.t.Context(), y.by, g.ID, c.ID))
	}
	return g
}

func (y *yard) must(err error) {
	y.t.Helper()
	if err != nil {
		y.t.Fatalf("%v %v", err, fault.From(err).Fields)
	}
}

func (y *yard) mustBe(want, err error) {
	y.t.Helper()
	if !errors.Is(err, want) {
		y.t.Fatalf("got %v, want %v", err, want)
	}
}

// may asserts whether a user may watch a camera.
func (y *yard) may(u auth.User, c camera.Camera, want bool) {
	y.t.Helper()
	got, err := y.MayWatch(y.t.Context(), u, c.ID)
	switch {
	case want && (err != nil || got.ID != c.ID || got.Name != c.Name || got.Number != c.Number):
		y.t.Fatalf("%s may not watch %q: %v", u.Login, c.Name, err)
	case !want && !errors.Is(err, camera.ErrNotFound):
		y.t.Fatalf("%s may watch %q (%v)", u.Login, c.Name, err)
	case want && (got.Address != "" || got.Username != "" || got.HasPassword):
		y.t.Fatalf("a watcher is told the address: %+v", got)
	}
}

// changed asserts that do raises the rights revision by one, calls Changed once and leaves one event, which it gives.
func (y *yard) changed(do func()) events.Event {
	y.t.Helper()
	revision, calls, last := y.revision(), y.changes.Load(), y.lastEvent().ID
	do()
	if got := y.revision(); got != revision+1 {
		y.t.Errorf("the rights revision went from %d to %d", revision, got)
	}
	if got := y.changes.Load(); got != calls+1 {
		y.t.Errorf("Changed was called %d times", got-calls)
	}
	e := y.lastEvent()
	if e.ID != last+1 {
		y.t.Errorf("%d events were left", e.ID-last)
	}
	if e.Actor.ID != string(y.by.User.ID) || e.Actor.Name != y.by.User.Name() || e.Remote != y.by.Remote || !e.At.Equal(y.clock()) {
		y.t.Errorf("the event does not say who did it, from where and when: %+v", e)
	}
	return e
}

// unchanged asserts that do changes nothing that anybody would have to judge again.
func (y *yard) unchanged(do func()) {
	y.t.Helper()
	revision, calls, last := y.revision(), y.changes.Load(), y.lastEvent().ID
	do()
	if y.revision() != revision || y.changes.Load() != calls || y.lastEvent().ID != last {
		y.t.Error("the revision rose, Changed was called or an event was left, and nothing had changed")
	}
}

func (y *yard) revision() int64 {
	y.t.Helper()
	n, err := y.db.RightsRevision(y.t.Context())
	y.must(err)
	return n
}

func (y *yard) lastEvent() events.Event {
	y.t.Helper()
	found, err := y.db.Events(y.t.Context(), events.Query{Before: 1 << 60, Limit: 1})
	y.must(err)
	if len(found) == 0 {
		return events.Event{}
	}
	return found[0]
}

// names gives the names on all pages of the cameras that a user may watch.
func (y *yard) names(u auth.User, q camera.WatchQuery) []string {
	y.t.Helper()
	names := []string{}
	for {
		page, err := y.Watchable(y.t.Context(), u, q)
		y.must(err)
		for _, w := range page.Items {
			names = append(names, w.Camera.Name)
		}
		if page.NextCursor == "" {
			if q.Cursor == "" && page.Total != len(names) || page.Total < len(page.Items) {
				y.t.Errorf("total %d, %d items", page.Total, len(names))
			}
			return names
		}
		q.Cursor = page.NextCursor
	}
}

func sorted(sort string) camera.WatchQuery {
	return camera.WatchQuery{ListQuery: camera.ListQuery{Query: paging.Query{Sort: sort}}}
}

func search(q string) camera.WatchQuery {
	return camera.WatchQuery{ListQuery: camera.ListQuery{Query: paging.Query{Q: q, Sort: "name"}}}
}
