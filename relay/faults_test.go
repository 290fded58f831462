package relay

import (
	"bytes"
	"context"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// promise is how soon a camera that is back must show pictures again: 5 s and one keyframe interval (small has one a second).
const promise = 6 * time.Second

func TestACameraThatWasAwayPlaysAgainSoon(t *testing.T) {
	cases := map[string]struct {
		harm, heal func(*rtsptest.Camera) error
		state      func(State) bool
	}{
		"paused": {func(c *rtsptest.Camera) error { c.Pause(); return nil }, func(c *rtsptest.Camera) error { c.Resume(); return nil },
			func(s State) bool { return s.Status == Stalled }},
		"killed": {(*rtsptest.Camera).Kill, (*rtsptest.Camera).Restart,
			func(s State) bool { return s.Status == Connecting && s.Code == CodeUnreachable }},
		"black hole": {func(c *rtsptest.Camera) error { c.BlackHole(); return nil }, func(c *rtsptest.Camera) error { c.Resume(); return nil },
			func(s State) bool { return s.Status == Stalled }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newYard(t, nil)
			cam := y.camera("a", rtsptest.Start(t, small))
			r := y.read(t, "a")
			before := await(t, r, 10*time.Second, is(Live, ""))
			before = append(before, watch(t, r, 5*time.Second, func(f Frame) bool { return f.Keyframe })...)
			if err := c.harm(cam); err != nil {
				t.Fatal(err)
			}
			before = append(before, await(t, r, 3*time.Second, c.state)...)
			before = append(before, await(t, r, 10*time.Second, func(s State) bool { return s.Status == Connecting })...)
			if err := c.heal(cam); err != nil {
				t.Fatal(err)
			}
			after := await(t, r, promise, is(Live, ""))
			after = append(after, watch(t, r, 3*time.Second, func(f Frame) bool { return true })...)
			last, first := before[len(before)-1], after[0]
			if !first.Keyframe {
				t.Fatal("pictures go on without a keyframe")
			}
			passed := first.Arrived.Sub(last.Arrived)
			if rose := time.Duration(first.Timestamp-last.Timestamp) * time.Second / 90000; (rose - passed).Abs() > 100*time.Millisecond {
				t.Fatalf("the clock rose by %v in %v", rose, passed)
			}
		})
	}
}

func TestARestartIsOverBeforeAnybodyNotices(t *testing.T) {
	t.Parallel()
	states := make(chan State, 100)
	y := newYard(t, func(o *Options) { o.StateChanged = func(_ Key, s State) { states <- s } })
	cam := y.camera("a", rtsptest.Start(t, small))
	r := y.read(t, "a")
	await(t, r, 10*time.Second, is(Live, ""))
	begun := time.Now()
	watch(t, r, 10*time.Second, func(Frame) bool { return time.Since(begun) > steady+200*time.Millisecond })
	if err := cam.Restart(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	watch(t, r, promise, func(f Frame) bool { return f.Keyframe && f.Arrived.Sub(began) > 50*time.Millisecond })
	for len(states) > 0 {
		if s := <-states; s.Status != Live {
			t.Fatalf("people saw %+v", s)
		}
	}
}

func TestTransportIsFoundAndRemembered(t *testing.T) {
	t.Parallel()
	y := newYard(t, nil)
	cam := y.camera("a", rtsptest.Start(t, small, func(o *rtsptest.Options) { o.UDPOnly = true }))
	for i := range 2 {
		r := y.read(t, "a")
		await(t, r, 10*time.Second, is(Live, ""))
		if r.State().Media.Transport != "udp" {
			t.Fatal("not by UDP")
		}
		r.Close()
		y.emptied(t)
		if err := cam.AwaitSessions(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		// The first time it asks for TCP in vain; after that it knows.
		if got, want := cam.Stats().ConnectionsEver, 2+i; got != want {
			t.Fatalf("%d connections after session %d, want %d", got, i+1, want)
		}
	}
	y.camera("b", rtsptest.Start(t, small), func(c *camera.Target) { c.Transport = camera.TransportUDP })
	b := y.read(t, "b")
	await(t, b, 10*time.Second, is(Live, ""))
	if b.State().Media.Transport != "udp" {
		t.Fatal("the camera's own setting is ignored")
	}
}

func TestALossIsWaitedOutNotSmeared(t *testing.T) {
	t.Parallel()
	y := newYard(t, nil)
	cam := y.camera("a", rtsptest.Start(t, small))
	r := y.read(t, "a")
	watch(t, r, 10*time.Second, func(f Frame) bool { return f.Keyframe })
	seen := watch(t, r, 10*time.Second, func(f Frame) bool { return !f.Keyframe })
	last, _ := counter(seen[len(seen)-1])
	cam.DropPackets(1)
	watch(t, r, 10*time.Second, func(f Frame) bool {
		n, ok := counter(f)
		if !ok {
			return false
		}
		gap := n != last+1
		if gap && !f.Keyframe {
			t.Errorf("picture %d follows %d and is no keyframe", n, last)
		}
		last = n
		return gap
	})
	if s := y.Stats().Streams[0]; s.Losses != 1 || s.Discarded == 0 {
		t.Fatalf("%+v", s)
	}
}

func TestJumpsOfTheCamerasClockAreSmoothed(t *testing.T) {
	t.Parallel()
	y := newYard(t, nil)
	cam := y.camera("a", rtsptest.Start(t, small))
	r := y.read(t, "a")
	watch(t, r, 10*time.Second, func(f Frame) bool { return f.Keyframe })
	for i, delta := range []time.Duration{time.Hour, -30 * time.Minute, -300 * time.Millisecond} {
		cam.JumpTimestamps(delta)
		frames := watch(t, r, 5*time.Second, func(Frame) bool { return y.Stats().Streams[0].Reanchored == uint64(i+1) })
		frames = append(frames, watch(t, r, 5*time.Second, func(Frame) bool { return true })...)
		for j := 1; j < len(frames); j++ {
			if step := time.Duration(int32(frames[j].Timestamp-frames[j-1].Timestamp)) * time.Second / 90000; step <= 0 || step > 400*time.Millisecond {
				t.Fatalf("jump by %v: the stream's clock steps by %v", delta, step)
			}
		}
	}
}

func TestThreeReadersAndFFmpegAreOneSession(t *testing.T) {
	t.Parallel()
	y := newYard(t, nil)
	spec := small
	spec.Audio, spec.GOP, spec.Seconds = "aac", 100, 8
	cam := y.camera("a", rtsptest.Start(t, spec))
	key := Key{"a", camera.Main}
	readers := []*Reader{y.read(t, "a"), y.read(t, "a"), y.read(t, "a")}
	for _, r := range readers {
		watch(t, r, 10*time.Second, func(f Frame) bool { return f.Keyframe })
	}
	url, err := y.LoopbackURL(key)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	begun := time.Now()
	var stderr bytes.Buffer
	ff := exec.CommandContext(ctx, "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "warning", "-rtsp_transport", "tcp",
		"-probesize", "5000000", "-fpsprobesize", "0", "-i", url, "-map", "0:v", "-map", "0:a", "-t", "3", "-progress", "pipe:1", "-f", "null", "-")
	ff.Stderr = &stderr
	out, err := ff.Output()
	if err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, stderr.String())
	}
	frames := 0
	for line := range strings.SplitSeq(string(out), "\n") {
		if n, ok := strings.CutPrefix(line, "frame="); ok {
			frames, _ = strconv.Atoi(strings.TrimSpace(n))
		}
	}
	if frames < 60 {
		t.Fatalf("ffmpeg got %d frames of 3 s in %v\n%s", frames, time.Since(begun), stderr.String())
	}
	if text := stderr.String(); strings.Contains(text, "error") || strings.Contains(text, "Invalid") || strings.Contains(text, "missed") {
		t.Errorf("ffmpeg complains:\n%s", text)
	}
	if again, err := exec.CommandContext(ctx, "ffmpeg", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", url, "-t", "1", "-f", "null", "-").CombinedOutput(); err == nil {
		t.Errorf("the address served twice: %s", again)
	}
	if s := cam.Stats(); s.SessionsEver != 1 || s.SessionsNow != 1 {
		t.Fatalf("the camera sees %d sessions, %d ever", s.SessionsNow, s.SessionsEver)
	}
	for _, r := range readers {
		r.Close()
	}
	left, cancel := context.WithTimeout(t.Context(), y.opt.Linger+2*time.Second)
	defer cancel()
	if err := cam.AwaitSessions(left, 0); err != nil {
		t.Fatalf("the last reader is gone, the session stands: %v", err)
	}
	y.emptied(t)
}

func TestDigestAndBasicPasswordsOpen(t *testing.T) {
	t.Parallel()
	y := newYard(t, nil)
	for _, method := range []string{"basic", "digest"} {
		id := camera.ID(method)
		y.camera(id, rtsptest.Start(t, small, func(o *rtsptest.Options) {
			o.Username, o.Password, o.AuthMethod = "admin", "canary@:/#ж", method
		}), func(c *camera.Target) { c.Username, c.Password = "admin", camera.NewPassword("canary@:/#ж") })
		await(t, y.read(t, id), 10*time.Second, is(Live, ""))
	}
}
