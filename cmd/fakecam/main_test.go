package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 2 * time.Minute // the first run encodes

// output is what a program printed so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// program is fakecam within the test.
type program struct {
	manifest       manifest
	stdout, stderr *output
	stop           func() int // ends it as Ctrl-C does and gives the exit code
}

// launch runs fakecam and waits for its manifest.
func launch(t *testing.T, args ...string) *program {
	t.Helper()
	p := &program{stdout: new(output), stderr: new(output)}
	file := filepath.Join(t.TempDir(), "cameras.json")
	ctx, cancel := context.WithCancel(t.Context())
	exit := make(chan int, 1)
	go func() { exit <- run(ctx, append(args, "--manifest", file), p.stdout, p.stderr) }()
	p.stop = sync.OnceValue(func() int {
		cancel()
		http.DefaultClient.CloseIdleConnections()
		return <-exit
	})
	t.Cleanup(func() { p.stop() })

	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		text, err := os.ReadFile(file)
		if err == nil {
			if err := json.Unmarshal(text, &p.manifest); err != nil {
				t.Fatalf("half a manifest: %v: %s", err, text)
			}
			return p
		}
		select {
		case code := <-exit:
			exit <- code
			t.Fatalf("fakecam ended with %d: %s", code, p.stderr)
		case <-deadline.C:
			t.Fatalf("no manifest: %s", p.stderr)
		case <-poll.C:
		}
	}
}

// call does a request to the control interface and gives the answer's status and body.
func (p *program) call(t *testing.T, method, path string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.manifest.Control+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func (p *program) do(t *testing.T, path string) {
	t.Helper()
	if status, text := p.call(t, "POST", path); status != http.StatusNoContent {
		t.Fatalf("POST %s: %d %s", path, status, text)
	}
}

func (p *program) stats(t *testing.T, camera int) report {
	t.Helper()
	var all struct{ Cameras []report }
	status, text := p.call(t, "GET", "/stats")
	if err := json.Unmarshal([]byte(text), &all); err != nil || status != http.StatusOK {
		t.Fatalf("GET /stats: %d %v", status, err)
	}
	return all.Cameras[camera-1]
}

// grab plays a camera with FFmpeg and reads the barcode of its first picture.
func grab(t *testing.T, e entry) (number int, err error) {
	t.Helper()
	u, err := url.Parse(e.Address)
	if err != nil {
		t.Fatal(err)
	}
	if e.Username != "" {
		u.User = url.UserPassword(e.Username, e.Password)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ffmpeg", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-timeout", "5000000", "-analyzeduration", "200000",
		"-i", u.String(), "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "pipe:1")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	text, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, &complaint)
	}
	img, err := png.Decode(bytes.NewReader(text))
	if err != nil {
		return 0, err
	}
	number, _, ok := rtsptest.ReadBarcode(img)
	if !ok {
		t.Fatal("no barcode in the picture")
	}
	return number, nil
}

func TestDemoShowsSixCameras(t *testing.T) {
	p := launch(t)
	if len(p.manifest.Cameras) != 6 {
		t.Fatalf("%d cameras", len(p.manifest.Cameras))
	}
	for _, e := range p.manifest.Cameras {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			number, err := grab(t, e)
			if err != nil {
				t.Fatal(err)
			}
			if number != e.Number {
				t.Errorf("camera %d shows %d", e.Number, number)
			}
			if s := p.stats(t, e.Number); s.SessionsEver == 0 || s.Frames == 0 || len(s.Recent) == 0 || s.Name != e.Name {
				t.Errorf("stats of %s: %d sessions ever, %d frames", s.Name, s.SessionsEver, s.Frames)
			}
		})
	}
	kinds := map[string]bool{}
	for _, m := range demo {
		kinds["1080p"] = kinds["1080p"] || m.spec.Height == 1080
		kinds["sound"] = kinds["sound"] || m.spec.Audio != ""
		kinds["keyframe every 4 s"] = kinds["keyframe every 4 s"] || m.spec.GOP == 4*m.spec.FPS
		kinds["2 frames a second"] = kinds["2 frames a second"] || m.spec.FPS == 2
		kinds["password"] = kinds["password"] || m.method == "digest"
	}
	for kind, there := range kinds {
		if !there {
			t.Errorf("no camera with %s", kind)
		}
	}
}

// equal is the command line of a few small cameras.
var equal = []string{"--cameras", "3", "--width", "320", "--height", "180", "--seconds", "1"}

func TestCamerasAreTormented(t *testing.T) {
	p := launch(t, equal...)
	first := p.manifest.Cameras[0]
	if status, _ := p.call(t, "GET", "/healthz"); status != http.StatusOK {
		t.Errorf("health: %d", status)
	}

	p.do(t, "/cameras/1/auth?username=u&password=p&method=digest")
	if _, err := grab(t, first); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("without a password: %v", err)
	}
	with := first
	with.Username, with.Password = "u", "p"
	if _, err := grab(t, with); err != nil {
		t.Errorf("with a password: %v", err)
	}
	p.do(t, "/cameras/1/auth")

	p.do(t, "/cameras/1/kill")
	u, err := url.Parse(first.Address)
	if err != nil {
		t.Fatal(err)
	}
	if conn, err := net.Dial("tcp", u.Host); err == nil {
		_ = conn.Close()
		t.Error("a dead camera answers")
	}
	p.do(t, "/cameras/1/restart")
	for _, deed := range []string{"pause", "resume", "blackhole", "resume", "slow?ms=10", "drop?n=5", "jump?ms=-4000", "slow?ms=0"} {
		p.do(t, "/cameras/1/"+deed)
	}
	if _, err := grab(t, first); err != nil {
		t.Errorf("after all that: %v", err)
	}
	if _, text := p.call(t, "GET", "/stats?recent=1"); strings.Count(text, `"rtp"`) != 1 {
		t.Errorf("one frame of one camera is wanted: %s", text)
	}
	if n := p.stats(t, 2).ConnectionsEver; n != 0 {
		t.Errorf("its neighbour was called %d times", n)
	}

	for path, want := range map[string]int{
		"/cameras/4/pause": 404, "/cameras/0/pause": 404, "/cameras/x/pause": 404, "/cameras/1/paint": 404,
		"/cameras/1/slow": 400, "/cameras/1/drop?n=0": 400, "/cameras/1/jump?ms=soon": 400, "/cameras/1/auth?method=ntlm": 400,
	} {
		if status, text := p.call(t, "POST", path); status != want {
			t.Errorf("POST %s: %d %s", path, status, text)
		}
	}
}

func TestEndLeavesNothing(t *testing.T) {
	p := launch(t, equal...)
	if _, err := grab(t, p.manifest.Cameras[2]); err != nil {
		t.Fatal(err)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d: %s", code, p.stderr)
	}
	for _, address := range []string{p.manifest.Cameras[0].Address, p.manifest.Control} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if conn, err := net.Dial("tcp", u.Host); err == nil {
			_ = conn.Close()
			t.Errorf("%s still answers", address)
		}
	}
	var printed manifest
	if err := json.Unmarshal([]byte(p.stdout.String()), &printed); err != nil || len(printed.Cameras) != 3 {
		t.Errorf("printed %s: %v", p.stdout, err)
	}
}

func TestHealthWaitsForTheCameras(t *testing.T) {
	s := &site{}
	server := &program{manifest: manifest{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, l, s.handler()) }()
	server.manifest.Control = "http://" + l.Addr().String()
	for method, path := range map[string]string{"GET": "/healthz", "POST": "/cameras/1/pause"} {
		if status, _ := server.call(t, method, path); status != http.StatusServiceUnavailable {
			t.Errorf("%s %s: %d before the cameras serve", method, path, status)
		}
	}
	cancel()
	http.DefaultClient.CloseIdleConnections()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestWrongFlagsAreTold(t *testing.T) {
	for _, args := range [][]string{
		{"--cameras", "-1"}, {"--port-base", "65533"}, {"--codec", "theora"}, {"paint"},
	} {
		var stdout, stderr output
		if code := run(t.Context(), args, &stdout, &stderr); code != 2 || !strings.HasPrefix(stderr.String(), "fakecam: ") {
			t.Errorf("%v: exit code %d, %s", args, code, &stderr)
		}
	}
	var stdout, stderr output
	if code := run(t.Context(), []string{"play", "--help"}, &stdout, &stderr); code != 0 || !strings.Contains(stdout.String(), "--manifest") {
		t.Errorf("--help: exit code %d, %s", code, &stdout)
	}
}

func TestTakenPortIsTold(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var stdout, stderr output
	code := run(t.Context(), append(equal, "--http", l.Addr().String()), &stdout, &stderr)
	if code != 1 || !strings.Contains(stderr.String(), "address already in use") {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
}

func TestCtrlCWhileEncodingLeavesNoClip(t *testing.T) {
	clips := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	stdout, stderr := new(output), new(output)
	exit := make(chan int, 1)
	go func() { exit <- run(ctx, append(equal, "--seconds", "600", "--clips", clips), stdout, stderr) }()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for half := []string(nil); len(half) == 0; <-poll.C { // until FFmpeg has begun to write
		half, _ = filepath.Glob(filepath.Join(clips, "encoding-*", "video.*"))
	}
	cancel()
	if code := <-exit; code != 0 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if left, _ := filepath.Glob(filepath.Join(clips, "*[^k]")); len(left) != 0 { // all but .lock
		t.Errorf("%v is left", left)
	}
}
