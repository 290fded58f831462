package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/hls"
	"github.com/rtsp-viewer/rtsp-viewer/internal/ffmpeg"
	"github.com/rtsp-viewer/rtsp-viewer/probe"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
	"github.com/rtsp-viewer/rtsp-viewer/settings"
	"github.com/rtsp-viewer/rtsp-viewer/store"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
	"github.com/rtsp-viewer/rtsp-viewer/web"
)

const password = "correct-horse-battery"

// site is a gateway's HTTP side over real services and a real database, on a socket.
type site struct {
	t         testing.TB
	url       string
	transport http.RoundTripper
	api       *API
	db        *store.DB
	auth      *auth.Service
	cameras   *camera.Service
	viewers   *viewers.Viewers
	key       *auth.SigningKeys
	log       *lines
	seen      chan *http.Request // what reached the signaling and WHEP doors

	admin  auth.User
	tokens map[string]string // by login
}

// lines is a log that a test can read.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// rights glues auth and camera, as the program does.
type rights struct {
	*auth.Service
	cameras *camera.Service
}

func (r rights) MayWatch(ctx context.Context, u auth.User, id camera.ID) (camera.Camera, error) {
	return r.cameras.MayWatch(ctx, u, id)
}

func (r rights) CameraExists(ctx context.Context, id camera.ID) (bool, error) {
	_, err := r.cameras.Get(ctx, id)
	return err == nil, nil
}

// quick are hashing parameters that cost no time.
func quick() *argon2id.Params {
	return &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// open starts a site with an admin, a moderator and a user, all signed in. adjust may change the options before New.
func open(t testing.TB, where store.Options, adjust ...func(*Options)) *site {
	t.Helper()
	s := &site{t: t, log: &lines{}, tokens: map[string]string{}, transport: http.DefaultTransport, seen: make(chan *http.Request, 16)}
	logger := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	where.Logger = logger
	if where.URL == "" {
		where.Dir = t.TempDir()
	}
	ctx := t.Context()
	var err error
	s.key, err = auth.NewSigningKeys(auth.NewSigningKey())
	must(t, err)
	s.db, err = store.Open(ctx, where)
	must(t, err)
	t.Cleanup(func() { s.db.Close() })
	log, err := events.New(events.Options{Store: s.db, Logger: logger})
	must(t, err)
	run(t, log.Run)
	s.auth, err = auth.New(auth.Options{Store: s.db, Events: log, Keys: s.key, Logger: logger, Hashing: quick()})
	must(t, err)
	key, err := camera.NewKey()
	must(t, err)
	ring, err := camera.NewKeyring(key)
	must(t, err)
	s.cameras, err = camera.New(camera.Options{Store: s.db, Keys: ring, Logger: logger})
	must(t, err)
	must(t, s.cameras.CheckSentinel(ctx))
	prefs, err := settings.New(settings.Options{Store: s.db, Logger: logger})
	must(t, err)
	tracker, err := viewers.NewMemory(time.Now)
	must(t, err)
	s.viewers, err = viewers.New(viewers.Options{
		Rights: rights{s.auth, s.cameras}, Tracker: tracker, Events: log, Logger: logger, Limit: 4,
	})
	must(t, err)
	run(t, s.viewers.Run)
	cams, err := relay.New(relay.Options{Addresses: s.cameras, Logger: logger})
	must(t, err)
	segments, err := hls.New(hls.Options{Relay: cams, Viewers: s.viewers, Logger: logger})
	must(t, err)
	run(t, segments.Run)
	<-segments.Ready()
	prober, err := probe.New(probe.Options{
		Cameras: s.cameras, Relay: cams, HLS: segments.Refuses, FFmpeg: ffmpeg.New(ffmpeg.Options{}), Events: log, Logger: logger,
	})
	must(t, err)
	run(t, prober.Run)
	app, err := web.Handler()
	must(t, err)
	door := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.seen <- r
		w.WriteHeader(http.StatusAccepted)
	})
	o := Options{
		Auth: s.auth, Cameras: s.cameras, Viewers: s.viewers, Events: s.db, Relay: cams, Settings: prefs, Probes: prober,
		Signaling: door, WHEP: door, HLS: segments, Web: app, Ready: s.db.Ping, EventLog: log.Stats, Logger: logger, Version: "test",
	}
	for _, change := range adjust {
		change(&o)
	}
	s.api, err = New(o)
	must(t, err)
	server := httptest.NewServer(s.api.Handler())
	t.Cleanup(server.Close)
	s.url = server.URL

	_, _, err = s.auth.FirstAdmin(ctx, "admin", password)
	must(t, err)
	_, s.admin, err = s.auth.Login(ctx, "admin", password, auth.Device{Remote: "127.0.0.1"})
	must(t, err)
	s.person("moderator", auth.RoleModerator)
	s.person("user", auth.RoleUser)
	s.tokens["admin"] = s.token("admin")
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// run runs a part until the test ends, and waits for it.
func run(t testing.TB, part func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = part(ctx)
	}()
	t.Cleanup(func() { cancel(); <-done })
}

// person registers somebody and signs them in.
func (s *site) person(login string, role auth.Role) auth.User {
	s.t.Helper()
	u, err := s.auth.CreateUser(s.t.Context(), auth.Principal{User: s.admin},
		auth.NewUser{User: auth.User{Login: login, Role: role}, Password: password})
	must(s.t, err)
	s.tokens[login] = s.token(login)
	return u
}

func (s *site) token(login string) string {
	s.t.Helper()
	t, _, err := s.auth.Login(s.t.Context(), login, password, auth.Device{Remote: "127.0.0.1"})
	must(s.t, err)
	return t.Access
}

// camera adds a camera.
func (s *site) camera(name string) camera.Camera {
	s.t.Helper()
	c, err := s.cameras.Create(s.t.Context(), auth.Principal{User: s.admin}, camera.NewCamera{
		Name: name, Address: "rtsp://camera.example/stream", Username: "viewer", Password: camera.NewPassword("camera-secret-7"),
	})
	must(s.t, err)
	return c
}

// answer is a response, read whole.
type answer struct {
	status int
	header http.Header
	text   string
}

// as is a request by somebody signed in, "" for nobody; body may be nil, a string, or a value to be sent as JSON.
func (s *site) as(login, method, path string, body any, header ...string) answer {
	s.t.Helper()
	if login != "" {
		header = append(header, "Authorization", "Bearer "+s.tokens[login])
	}
	return s.send(method, path, body, header...)
}

func (s *site) send(method, path string, body any, header ...string) answer {
	s.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		must(s.t, err)
		reader = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, reader)
	must(s.t, err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := s.transport.RoundTrip(r)
	must(s.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(s.t, err)
	return answer{status: response.StatusCode, header: response.Header, text: string(text)}
}

// into reads an answer that must have the status given.
func (s *site) into(a answer, status int, to any) {
	s.t.Helper()
	s.expect(a, status)
	if err := json.Unmarshal([]byte(a.text), to); err != nil {
		s.t.Fatalf("answer is not the JSON expected: %v\n%s", err, a.text)
	}
}

func (s *site) expect(a answer, status int) {
	s.t.Helper()
	if a.status != status {
		s.t.Fatalf("status %d instead of %d: %s", a.status, status, a.text)
	}
}

// problem reads an answer that must be a problem of the code given, and holds it to its shape.
func (s *site) problem(a answer, status int, code string) Problem {
	s.t.Helper()
	var p Problem
	s.into(a, status, &p)
	if p.Code != code || p.Status != status || p.Title == "" || p.Type != "about:blank" || p.RequestID == "" ||
		p.RequestID != a.header.Get("X-Request-Id") || a.header.Get("Content-Type") != problemType {
		s.t.Fatalf("not a problem %d %s: %v %s", status, code, a.header, a.text)
	}
	return p
}

// problemAny is problem for whatever code.
func (s *site) problemAny(a answer, status int) Problem {
	s.t.Helper()
	return s.problem(a, status, problemCode(a))
}

// serveTLS has the requests that follow go over TLS of the gateway's own.
func (s *site) serveTLS() {
	server := httptest.NewTLSServer(s.api.Handler())
	s.t.Cleanup(server.Close)
	s.url, s.transport = server.URL, server.Client().Transport
}
