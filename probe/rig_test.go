package probe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/color"
	"image/jpeg"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/hls"
	"github.com/rtsp-viewer/rtsp-viewer/internal/ffmpeg"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
	"github.com/rtsp-viewer/rtsp-viewer/probe"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
	"github.com/rtsp-viewer/rtsp-viewer/store"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

// lookMost is how long a probe may take, whatever the camera does.
const lookMost = 20 * time.Second

// The credentials of every camera here that asks for some. They must be nowhere but in requests to it.
const (
	rightName = "tester"
	rightWord = "sesame"
)

// rig is a prober with the parts that it has in a gateway: records in SQLite, relay, HLS.
type rig struct {
	prober  *probe.Prober
	relay   *relay.Relay
	cameras *camera.Service
	users   atomic.Int64
}

// newRig serves until the test and its subtests have ended; then nothing that it logged may hold an address or a password.
func newRig(t *testing.T) *rig {
	t.Helper()
	said := &lines{}
	log := slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	t.Cleanup(func() {
		if text := said.String(); strings.Contains(text, rightWord) || strings.Contains(text, "127.0.0.1") {
			t.Errorf("the log tells an address or a password:\n%s", text)
		}
	})
	db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Logger: log})
	must(t, err)
	t.Cleanup(func() { db.Close() })
	recorder, err := events.New(events.Options{Store: db, Logger: log})
	must(t, err)
	key, err := camera.NewKey()
	must(t, err)
	ring, err := camera.NewKeyring(key)
	must(t, err)
	r := &rig{}
	r.cameras, err = camera.New(camera.Options{Store: db, Keys: ring, Logger: log})
	must(t, err)
	must(t, r.cameras.CheckSentinel(t.Context()))
	r.relay, err = relay.New(relay.Options{Addresses: r.cameras, Logger: log, Linger: 300 * time.Millisecond})
	must(t, err)
	segments, err := hls.New(hls.Options{Relay: r.relay, Viewers: new(viewers.Viewers), Logger: log}) // nobody views here
	must(t, err)
	r.prober, err = probe.New(probe.Options{
		Cameras: r.cameras, Relay: r.relay, HLS: segments.Refuses, FFmpeg: ffmpeg.New(ffmpeg.Options{}), Events: recorder, Logger: log,
	})
	must(t, err)
	run(t, recorder.Run)
	run(t, r.relay.Run)
	run(t, r.prober.Run)
	<-r.relay.Ready()
	return r
}

// run serves until the test and its subtests have ended.
func run(t *testing.T, serve func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// probe looks at a camera as a person asks for it, each time another one, and holds what every answer must keep: it comes in time, with a
// picture that can be decoded or none, and without a secret.
func (r *rig) probe(t *testing.T, trial camera.Trial) (camera.Passport, []byte) {
	t.Helper()
	by := auth.Principal{User: auth.User{ID: auth.UserID(fmt.Sprintf("u%d", r.users.Add(1))), Login: "moderator"}}
	began := time.Now()
	found, err := r.prober.Probe(t.Context(), by, trial)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > lookMost {
		t.Errorf("a look of %v", took)
	}
	p := found.Passport
	text, err := json.Marshal(p)
	must(t, err)
	if strings.Contains(string(text), rightWord) || strings.Contains(string(text), "127.0.0.1") {
		t.Errorf("the passport tells an address or a password: %s", text)
	}
	if t.Failed() || testing.Verbose() {
		t.Logf("%s", text)
	}
	if p.HasStill != (found.Still != nil) {
		t.Errorf("still: %v, and %d bytes of it", p.HasStill, len(found.Still))
	}
	for way, c := range map[string]camera.Carriage{"WebRTC": p.WebRTC, "HLS": p.HLS} {
		if c.Carried == (c.Code != "") || c.Carried == (c.By == "") || c.Sound && !c.Carried {
			t.Errorf("%s contradicts itself: %+v", way, c)
		}
	}
	return p, found.Still
}

// dial is a trial of an address, with the right credentials if it needs some.
func dial(address string, locked bool) camera.Trial {
	trial := camera.Trial{Address: patch.Of(address)}
	if locked {
		trial.Username, trial.Password = patch.Of(rightName), patch.Of(camera.NewPassword(rightWord))
	}
	return trial
}

// stillSize decodes a picture.
func stillSize(t *testing.T, still []byte) (width, height int) {
	t.Helper()
	if still == nil {
		t.Fatal("no picture")
	}
	picture, err := jpeg.Decode(bytes.NewReader(still))
	if err != nil {
		t.Fatalf("a picture of %d bytes: %v", len(still), err)
	}
	// What a decoder makes of pictures that it could not read is grey all over.
	size, darkest, brightest := picture.Bounds(), uint8(255), uint8(0)
	for y := size.Min.Y; y < size.Max.Y; y += 4 {
		for x := size.Min.X; x < size.Max.X; x += 4 {
			l := color.GrayModel.Convert(picture.At(x, y)).(color.Gray).Y
			darkest, brightest = min(darkest, l), max(brightest, l)
		}
	}
	if brightest-darkest < 100 {
		t.Errorf("nothing can be seen in the picture: brightness is %d to %d", darkest, brightest)
	}
	return size.Dx(), size.Dy()
}

// lines collects what is logged.
type lines struct {
	mu   sync.Mutex
	text []byte
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	return len(b), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}
