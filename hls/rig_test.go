package hls_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/hls"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

func TestMain(m *testing.M) {
	// Most of these tests wait for pictures to come and need no processor meanwhile.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// patience is how long these tests wait for what takes a second or a few: machines that run them have other work, too.
const patience = 40 * time.Second

// house is a gateway's HLS with all that is below it, real but for the records.
type house struct {
	*hls.HLS
	t       *testing.T
	relay   *relay.Relay
	viewers *viewers.Viewers
	records *records
	log     *lines
	web     *httptest.Server
}

// records are people, cameras and grants.
type records struct {
	mu      sync.Mutex
	targets map[camera.ID]camera.Target
	denied  map[camera.ID]bool
}

func (r *records) Dial(_ context.Context, id camera.ID, kind camera.StreamKind) (camera.Target, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t, ok := r.targets[id]
	if !ok {
		return camera.Target{}, camera.ErrNotFound
	}
	return t, nil
}

func (r *records) MayWatch(_ context.Context, _ auth.User, id camera.ID) (camera.Camera, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.targets[id]; !ok || r.denied[id] {
		return camera.Camera{}, camera.ErrNotFound
	}
	return camera.Camera{ID: id, Number: 1, Name: "Gate"}, nil
}

func (r *records) User(_ context.Context, id auth.UserID) (auth.User, error) {
	return auth.User{ID: id, Login: string(id), Role: auth.RoleUser}, nil
}

func (r *records) SessionLives(context.Context, auth.SessionID) (bool, error) { return true, nil }

func (r *records) CameraExists(context.Context, camera.ID) (bool, error) { return true, nil }

func (r *records) deny(id camera.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.denied[id] = true
}

type nobody struct{}

func (nobody) Record(events.Event) {}

// lines are a log that a test can search.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func newHouse(t *testing.T, change ...func(*hls.Options)) *house {
	t.Helper()
	b := &house{t: t, log: &lines{}, records: &records{targets: map[camera.ID]camera.Target{}, denied: map[camera.ID]bool{}}}
	logger := slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	b.relay, err = relay.New(relay.Options{Addresses: b.records, Logger: logger, Linger: 300 * time.Millisecond})
	must(err)
	tracker, err := viewers.NewMemory(time.Now)
	must(err)
	b.viewers, err = viewers.New(viewers.Options{Rights: b.records, Tracker: tracker, Events: nobody{}, Logger: logger, Limit: 8, Beat: 100 * time.Millisecond})
	must(err)
	o := hls.Options{Relay: b.relay, Viewers: b.viewers, Logger: logger, Linger: time.Second}
	for _, f := range change {
		f(&o)
	}
	b.HLS, err = hls.New(o)
	must(err)
	ends := []func(){}
	for _, run := range []func(context.Context) error{b.relay.Run, b.viewers.Run, b.HLS.Run} {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- run(ctx) }()
		ends = append(ends, func() {
			cancel()
			select {
			case err := <-done:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(10 * time.Second):
				t.Error("Run does not return")
			}
		})
	}
	<-b.relay.Ready()
	<-b.Ready()
	mux := http.NewServeMux()
	mux.Handle(hls.Prefix, b.Handler())
	b.web = httptest.NewServer(mux)
	t.Cleanup(func() {
		b.web.Close()
		for i := len(ends) - 1; i >= 0; i-- {
			ends[i]()
		}
		if n := b.Stats().FFmpeg.Live; n != 0 {
			t.Errorf("%d FFmpegs are left", n)
		}
		if text := b.log.String(); strings.Contains(text, "rtsp://") {
			t.Errorf("the log tells an address:\n%s", text)
		}
		if t.Failed() {
			t.Logf("log:\n%s", b.log.String())
		}
	})
	return b
}

func (b *house) camera(id camera.ID, spec rtsptest.Spec) *rtsptest.Camera {
	b.t.Helper()
	c := rtsptest.Start(b.t, spec)
	b.records.mu.Lock()
	defer b.records.mu.Unlock()
	b.records.targets[id] = camera.Target{Camera: id, Kind: camera.Main, Address: c.URL(), Transport: camera.TransportAuto}
	return c
}

// newYard makes a house whose one camera, a, is watched by other means already.
func newYard(t *testing.T, change ...func(*hls.Options)) (*house, *rtsptest.Camera) {
	t.Helper()
	b := newHouse(t, change...)
	cam := b.camera("a", yard)
	b.pull("a", 0)
	return b, cam
}

// pull reads a camera as somebody who watches by other means, and returns when the newest keyframe is old enough.
func (b *house) pull(id camera.ID, old time.Duration) *relay.Reader {
	b.t.Helper()
	r, err := b.relay.Read(relay.Key{Camera: id, Kind: camera.Main})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(r.Close)
	var key time.Time
	for limit := time.After(patience); ; {
		f, ok := r.Next()
		if ok {
			if f.Keyframe {
				key = f.Arrived
			}
			if !key.IsZero() && f.Arrived.Sub(key) >= old {
				return r
			}
			continue
		}
		select {
		case <-r.Ready():
		case <-limit:
			b.t.Fatalf("no pictures: %+v", r.State())
		}
	}
}

func (b *house) open(view string, id camera.ID, change ...func(*hls.Request)) hls.Session {
	b.t.Helper()
	for began := time.Now(); ; {
		s, err := b.try(view, id, change...)
		if err == nil {
			return s
		}
		// On a busy machine the first picture may take longer than a page is kept waiting.
		if fault.KindOf(err) != fault.Unavailable || time.Since(began) > patience {
			b.t.Fatal(err)
		}
	}
}

func (b *house) try(view string, id camera.ID, change ...func(*hls.Request)) (hls.Session, error) {
	r := hls.Request{Principal: auth.Principal{User: auth.User{ID: "u"}, Session: "s"}, Camera: id, View: viewers.ViewID(view)}
	for _, f := range change {
		f(&r)
	}
	ctx, cancel := context.WithTimeout(b.t.Context(), 15*time.Second)
	defer cancel()
	return b.Open(ctx, r)
}

// get asks for a path and gives status, headers and body.
func (b *house) get(path string) (int, http.Header, []byte) {
	b.t.Helper()
	return b.ask(http.MethodGet, path)
}

func (b *house) ask(method, path string) (int, http.Header, []byte) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, b.web.URL+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	resp, err := b.web.Client().Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatalf("%s: %v", path, err)
	}
	return resp.StatusCode, resp.Header, body
}

// code gives the code of a refusal.
func (b *house) code(path string) string {
	b.t.Helper()
	status, _, body := b.get(path)
	var p struct{ Code string }
	if status < 400 || json.Unmarshal(body, &p) != nil {
		return fmt.Sprintf("%d %.80s", status, body)
	}
	return fmt.Sprintf("%d %s", status, p.Code)
}

// eventually waits until something is so.
func (b *house) eventually(within time.Duration, what string, so func() bool) {
	b.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(within); !so(); {
		select {
		case <-tick.C:
		case <-limit:
			b.t.Fatalf("not within %v: %s; %+v", within, what, b.Stats())
		}
	}
}
