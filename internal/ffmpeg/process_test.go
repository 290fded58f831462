package ffmpeg

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// asParent makes the test binary a gateway that starts an FFmpeg and waits to be killed.
const asParent = "FFMPEG_TEST_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(asParent) != "" {
		parent()
	}
	goleak.VerifyTestMain(m)
}

// endless makes FFmpeg write to its outputs for ever, without haste.
var endless = []string{"-hide_banner", "-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc=size=160x90:rate=25", "-f", "rawvideo", "pipe:1"}

func parent() {
	// From a goroutine of its own whose thread the runtime may end, as handlers' threads are.
	started := make(chan *Process)
	go func() {
		p, err := New(Options{}).Start(1, endless...)
		if err != nil {
			panic(err)
		}
		started <- p
	}()
	p := <-started
	go func() { _, _ = io.Copy(io.Discard, p.Outputs[0]) }()
	fmt.Println(p.PID())
	select {}
}

func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z") // of a killed parent's child, init may be slow to reap
}

func gone(t *testing.T, pid int, within time.Duration) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(within); alive(pid); {
		select {
		case <-tick.C:
		case <-limit:
			_ = syscall.Kill(-pid, syscall.SIGKILL)
			t.Fatalf("FFmpeg lives after %v", within)
		}
	}
}

func start(t *testing.T, r *Runner, outputs int, args ...string) *Process {
	t.Helper()
	p, err := r.Start(outputs, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// ended waits for the end and gives it.
func ended(t *testing.T, p *Process, within time.Duration) error {
	t.Helper()
	select {
	case <-p.Done():
		return p.Err()
	case <-time.After(within):
		t.Fatalf("it lives after %v", within)
		return nil
	}
}

func TestAChildDiesWithAGatewayThatIsKilled(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	gateway := exec.Command(exe, "-test.run=^$")
	gateway.Env = append(os.Environ(), asParent+"=1")
	gateway.Stderr = os.Stderr
	out, err := gateway.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := gateway.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || !alive(pid) {
		t.Fatalf("no FFmpeg runs: %q", line)
	}
	if err := gateway.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = gateway.Wait()
	gone(t, pid, 2*time.Second)
}

func TestStopAndKillWaitForTheChild(t *testing.T) {
	cases := map[string]func(*testing.T, *Process){
		"stopped while it writes": func(_ *testing.T, p *Process) { p.Stop() },
		"killed":                  func(_ *testing.T, p *Process) { p.Kill() },
		"stopped while it sleeps (SIGSTOP)": func(t *testing.T, p *Process) {
			if err := syscall.Kill(p.PID(), syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			p.Stop()
		},
		"twice": func(_ *testing.T, p *Process) { p.Stop(); p.Kill(); p.Stop() },
	}
	for name, end := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := New(Options{})
			p := start(t, r, 1, endless...)
			if _, err := io.ReadFull(p.Outputs[0], make([]byte, 1000)); err != nil {
				t.Fatal(err)
			}
			if s := r.Stats(); s.Live != 1 || s.Started != 1 {
				t.Fatalf("%+v", s)
			}
			begun := time.Now()
			end(t, p)
			if took := time.Since(begun); took > termPatience+2*time.Second {
				t.Errorf("it took %v", took)
			}
			if _, err := os.Stat(fmt.Sprintf("/proc/%d", p.PID())); err == nil {
				t.Error("it was not waited for")
			}
			if err := p.Err(); !errors.Is(err, ErrStopped) {
				t.Errorf("it ended with %v", err)
			}
			if s := r.Stats(); s.Live != 0 || s.Failed != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestAnEndTellsWhyWithoutAddresses(t *testing.T) {
	t.Parallel()
	r := New(Options{})
	p := start(t, r, 1, "-hide_banner", "-nostdin", "-i", "rtsp://user:canary@127.0.0.1:1/canary", "-f", "null", "-")
	if err := ended(t, p, 10*time.Second); err == nil || errors.Is(err, io.EOF) {
		t.Fatalf("it ended with %v", err)
	}
	if words := p.LastWords(); strings.Contains(words, "canary") || !strings.Contains(words, "refused") {
		t.Errorf("it said: %s", words)
	}
	if s := r.Stats(); s.Failed != 1 || s.Live != 0 {
		t.Errorf("%+v", s)
	}
	long := &tail{}
	for range 1000 {
		_, _ = long.Write([]byte("rtsp://canary/ is no good\n"))
	}
	if s := long.String(); len(s) > tailBytes || strings.Contains(s, "canary") || !strings.Contains(s, "no good") {
		t.Errorf("kept: %.100s", s)
	}
}

func TestPipesCarryWhatTheChildWrites(t *testing.T) {
	t.Parallel()
	r := New(Options{})
	p := start(t, r, 2, "-hide_banner", "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=size=160x90:rate=25:duration=1",
		"-f", "framecrc", "pipe:1", "-frames:v", "3", "-f", "framecrc", "pipe:3")
	counts := make(chan int, 2)
	for _, out := range p.Outputs {
		go func() {
			defer out.Close()
			b, err := io.ReadAll(out)
			if err != nil {
				t.Error(err)
			}
			counts <- strings.Count(string(b), "\n0, ")
		}()
	}
	if a, b := <-counts, <-counts; a+b != 28 {
		t.Errorf("%d and %d pictures", a, b)
	}
	if err := ended(t, p, 10*time.Second); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

func TestAChildKnowsNothingOfTheGatewaysKeys(t *testing.T) {
	t.Setenv("RTSP_VIEWER_SECRET_KEY", "canary")
	p := start(t, New(Options{}), 1, endless...)
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", p.PID()))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(env), "canary") || !strings.Contains(string(env), "PATH=") {
		t.Errorf("it knows %q", env)
	}
}

func TestProbeTellsWhatIsMissing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	version, err := New(Options{}).Probe(ctx, Need{"muxer=mp4", "frag_every_frame"}, Need{"encoder=aac", "aac"})
	if err != nil || version == "" {
		t.Fatalf("%q %v", version, err)
	}
	if _, err := New(Options{}).Probe(ctx, Need{"muxer=mp4", "frag_every_moon"}); !errors.Is(err, ErrLacks) {
		t.Error(err)
	}
	for _, path := range []string{filepath.Join(t.TempDir(), "ffmpeg"), "/dev/null", "true"} {
		r := New(Options{Path: path})
		if _, err := r.Probe(ctx); !errors.Is(err, ErrMissing) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := New(Options{Path: "/dev/null"}).Start(1); !errors.Is(err, ErrMissing) {
		t.Error(err)
	}
}

func TestAProbeDoesNotWaitForAProgramThatHangs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ffmpeg")
	syscall.ForkLock.RLock() // a child that is forked now would hold the file open, and nobody could run it
	err := os.WriteFile(path, []byte("#!/bin/sh\necho ffmpeg\nsleep 5\n"), 0o755)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if _, err := New(Options{Path: path}).Probe(ctx); err == nil {
		t.Error("it works")
	}
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("it took %v", took)
	}
}
