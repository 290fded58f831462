package auth_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"go.uber.org/goleak"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	goodPassword  = "верблюд на крыше"
	otherPassword = "kanarienvogel-93"
)

var (
	signingKey = bytes.Repeat([]byte{7}, 32)
	quick      = &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	desk       = auth.Device{Remote: "10.0.0.7", UserAgent: "Chromium"}
)

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// node is one process: a Service on the database that all nodes of a test share.
type node struct {
	*auth.Service
	db    *store.DB
	log   *events.Log
	clock *clock
	out   *lines
}

// lines collects a log.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// world is what the nodes of a test share.
type world struct {
	t       *testing.T
	options store.Options
	clock   *clock
}

// migrated makes databases that have the newest schema already.
var migrated = pgtest.Template(func(address string) error {
	db, err := store.Open(context.Background(), store.Options{URL: address, Logger: discard()})
	if err != nil {
		return err
	}
	return db.Close()
})

// each runs fn on each engine.
func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	quiet := discard()
	began := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		fn(t, &world{t, store.Options{URL: migrated(t), Logger: quiet}, &clock{now: began}})
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		fn(t, &world{t, store.Options{Dir: t.TempDir(), Logger: quiet}, &clock{now: began}})
	})
}

// node starts one more process.
func (w *world) node(with ...func(*auth.Options)) *node {
	w.t.Helper()
	db, err := store.Open(context.Background(), w.options)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { db.Close() })
	n := &node{db: db, clock: w.clock, out: &lines{}}
	logger := slog.New(slog.NewTextHandler(n.out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if n.log, err = events.New(events.Options{Store: db, Logger: logger, Now: w.clock.Now}); err != nil {
		w.t.Fatal(err)
	}
	o := auth.Options{Store: db, Events: n.log, Keys: keysOf(w.t, signingKey), Logger: logger, Now: w.clock.Now, Hashing: quick}
	for _, fn := range with {
		fn(&o)
	}
	if n.Service, err = auth.New(o); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// keysOf gives keys as an installation has them, the first the one that signs.
func keysOf(t *testing.T, secrets ...[]byte) *auth.SigningKeys {
	t.Helper()
	var texts []string
	for _, secret := range secrets {
		texts = append(texts, base64.StdEncoding.EncodeToString(secret))
	}
	keys, err := auth.ParseSigningKeys(strings.Join(texts, ","))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// admin makes the first admin and signs them in.
func (w *world) admin(n *node) auth.Principal {
	w.t.Helper()
	if _, created, err := n.FirstAdmin(w.t.Context(), "admin", goodPassword); !created || err != nil {
		w.t.Fatalf("the first admin: %v, %v", created, err)
	}
	return w.principal(n, w.login(n, "admin", goodPassword))
}

// user registers somebody.
func (w *world) user(n *node, by auth.Principal, u auth.User) auth.User {
	w.t.Helper()
	made, err := n.CreateUser(w.t.Context(), by, auth.NewUser{User: u, Password: goodPassword})
	if err != nil {
		w.t.Fatalf("registering %s: %v", u.Login, err)
	}
	return made
}

func (w *world) login(n *node, login, password string) auth.Tokens {
	w.t.Helper()
	tokens, _, err := n.Login(w.t.Context(), login, password, desk)
	if err != nil {
		w.t.Fatalf("signing %s in: %v", login, err)
	}
	return tokens
}

func (w *world) principal(n *node, tokens auth.Tokens) auth.Principal {
	w.t.Helper()
	p, err := n.Authenticate(w.t.Context(), tokens.Access)
	if err != nil {
		w.t.Fatalf("authenticating: %v", err)
	}
	p.Remote = desk.Remote
	return p
}

// events gives all events of the kinds, after what is queued has been written.
func (w *world) events(n *node, kinds ...events.Kind) []events.Event {
	w.t.Helper()
	over, cancel := context.WithCancel(context.Background())
	cancel()
	n.log.Run(over) // ends at once, after writing what is left
	found, err := n.db.Events(w.t.Context(), events.Query{Kinds: kinds})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}
