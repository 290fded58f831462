package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

const (
	adminPassword = "correct horse 8189"
	userPassword  = "battery staple 5150"
)

// logBuffer gathers a gateway's log, for tests to read and for a failed test to print.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// gateway is a whole gateway in this process, on free ports of loopback.
type gateway struct {
	t     *testing.T
	app   *App
	log   *logBuffer
	admin *client
	stop  context.CancelFunc
	ended chan error
}

// startGateway starts a gateway with a data folder of its own; change may alter its settings before.
func startGateway(t *testing.T, change ...func(*Config)) *gateway {
	t.Helper()
	config, err := parse(t, nil, "--listen", "127.0.0.1:0", "--webrtc-port", "0", "--data-dir", t.TempDir(),
		"--admin-password", adminPassword, "--linger", "1s", "--log-level", "debug")
	if err != nil {
		t.Fatal(err)
	}
	// What a hash costs is auth's matter; here it would be most of what a gateway's start takes.
	config.tuned = func(o auth.Options) auth.Options {
		o.Hashing = &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
		return o
	}
	for _, f := range change {
		f(&config)
	}
	g := &gateway{t: t, log: &logBuffer{}, ended: make(chan error, 1)}
	g.app, err = New(t.Context(), config, slog.New(slog.NewTextHandler(g.log, &slog.HandlerOptions{Level: config.LogLevel})))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	g.stop = stop
	go func() { g.ended <- g.app.Run(ctx) }()
	t.Cleanup(func() {
		g.end()
		if t.Failed() {
			t.Logf("log of the gateway:\n%s", tail(g.log.String(), 120))
		}
	})
	g.admin = g.signIn("admin", adminPassword)
	return g
}

// end stops the gateway and waits for it; a second call does nothing.
func (g *gateway) end() {
	g.t.Helper()
	if g.ended == nil {
		return
	}
	g.stop()
	if err := <-g.ended; err != nil {
		g.t.Errorf("the gateway ended with: %v", err)
	}
	g.ended = nil
}

func tail(text string, lines int) string {
	all := strings.Split(text, "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// client is somebody signed in.
type client struct {
	t     *testing.T
	base  string
	token string
	http  *http.Client
	user  string // id
}

// signIn signs somebody in and fails the test if that is refused.
func (g *gateway) signIn(login, password string) *client {
	g.t.Helper()
	return signInAt(g.t, "http://"+g.app.Addr().String(), login, password)
}

// signInAt does so at a gateway that is another process.
func signInAt(t *testing.T, base, login, password string) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, base: base, http: &http.Client{Jar: jar, Timeout: 20 * time.Second}}
	var answer struct {
		AccessToken string `json:"access_token"`
		User        struct {
			ID string `json:"id"`
		} `json:"user"`
	}
	c.want(http.StatusOK, "POST", "/auth/login", map[string]string{"login": login, "password": password}, &answer)
	c.token, c.user = answer.AccessToken, answer.User.ID
	return c
}

// do sends a request and gives the status and the body.
func (c *client) do(method, path string, body any) (int, []byte) {
	c.t.Helper()
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	r, err := http.NewRequest(method, c.base+"/api/v1"+path, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer.StatusCode, text
}

// want sends a request, demands a status and decodes the answer into out, if there is one.
func (c *client) want(status int, method, path string, body, out any) {
	c.t.Helper()
	got, text := c.do(method, path, body)
	if got != status {
		c.t.Fatalf("%s %s: status %d, want %d: %s", method, path, got, status, text)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
}

// cameraAnswer is what tests read of a camera.
type cameraAnswer struct {
	ID     string `json:"id"`
	Number int    `json:"number"`
	Name   string `json:"name"`
}

// addCamera adds a camera; fields beside name and address may be given.
func (g *gateway) addCamera(name, address string, fields map[string]any) cameraAnswer {
	g.t.Helper()
	body := map[string]any{"name": name, "address": address}
	for k, v := range fields {
		body[k] = v
	}
	var c cameraAnswer
	g.admin.want(http.StatusCreated, "POST", "/cameras", body, &c)
	return c
}

// simulated starts a simulated camera and adds it.
func (g *gateway) simulated(spec rtsptest.Spec, opts ...func(*rtsptest.Options)) (*rtsptest.Camera, cameraAnswer) {
	g.t.Helper()
	cam := rtsptest.Start(g.t, spec, opts...)
	return cam, g.addCamera(fmt.Sprintf("Camera %d", spec.Number), cam.URL(), nil)
}

// addUser registers somebody of role user and signs them in.
func (g *gateway) addUser(login string) *client {
	g.t.Helper()
	g.admin.want(http.StatusCreated, "POST", "/users", map[string]any{"login": login, "password": userPassword, "role": "user"}, nil)
	return g.signIn(login, userPassword)
}

// grant lets a user see a camera.
func (g *gateway) grant(user *client, camera cameraAnswer) {
	g.t.Helper()
	if status, text := g.admin.do("PUT", "/users/"+user.user+"/cameras/"+camera.ID, map[string]any{}); status/100 != 2 {
		g.t.Fatalf("grant: status %d: %s", status, text)
	}
}

// small is a light camera for tests about anything but the picture.
func small(number int) rtsptest.Spec {
	return rtsptest.Spec{Number: number, Width: 320, Height: 180, FPS: 10, GOP: 10, Kbps: 100, Seconds: 4}
}

// randomText gives a text that occurs nowhere else.
func randomText(t *testing.T) string {
	t.Helper()
	key, err := randomKey()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", raw[:12])
}

// eventually waits until check holds and fails the test after the promised time. It looks often; it does not sleep for a result.
func eventually(t *testing.T, within time.Duration, what string, check func() bool) {
	t.Helper()
	start := time.Now()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !check() {
		if time.Since(start) > within {
			t.Fatalf("not within %v: %s", within, what)
		}
		<-tick.C
	}
}
