package relay

import (
	"bytes"
	"context"
	"maps"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// pts runs FFmpeg on an address, copying packets, and gives the timestamps in seconds of each of its outputs' packets.
func pts(t *testing.T, url string, args ...string) [][]float64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	ff := exec.CommandContext(ctx, "ffmpeg", append([]string{"-hide_banner", "-nostdin", "-loglevel", "warning", "-rtsp_transport", "tcp",
		"-probesize", "5000000", "-fpsprobesize", "0", "-copyts", "-i", url, "-c", "copy", "-f", "framecrc"}, args...)...)
	var stderr bytes.Buffer
	ff.Stderr = &stderr
	out, err := ff.Output()
	if err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, stderr.String())
	}
	if stderr.Len() > 0 {
		t.Logf("ffmpeg: %s", stderr.String())
	}
	tracks, base := make([][]float64, 2), make([]float64, 2)
	for line := range strings.SplitSeq(string(out), "\n") {
		if tb, ok := strings.CutPrefix(line, "#tb "); ok {
			i, rest, _ := strings.Cut(tb, ": ")
			n, _ := strconv.Atoi(i)
			num, den, _ := strings.Cut(rest, "/")
			a, _ := strconv.ParseFloat(num, 64)
			b, _ := strconv.ParseFloat(den, 64)
			base[n] = a / b
			continue
		}
		fields := strings.Split(line, ",")
		if len(fields) < 5 {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(fields[0]))
		if err != nil {
			continue
		}
		v, _ := strconv.ParseFloat(strings.TrimSpace(fields[2]), 64)
		tracks[n] = append(tracks[n], v*base[n])
	}
	return tracks
}

func TestFFmpegBeginsWithTheKeptPictures(t *testing.T) {
	t.Parallel()
	y := newYard(t, nil)
	spec := small
	spec.Audio, spec.GOP, spec.Seconds = "pcma", 100, 8
	y.camera("a", rtsptest.Start(t, spec))
	r := y.read(t, "a")
	keys := 0
	watch(t, r, 20*time.Second, func(f Frame) bool { // in the middle of a group of pictures: a new one is 2 s away
		if f.Keyframe {
			keys++
		}
		behind := 0
		if keys == 2 && f.Track == Video && !f.Keyframe {
			behind = int(f.Arrived.Sub(r.stream.ring.newestKeyframe().Arrived) / time.Millisecond)
		}
		return behind > 2000
	})
	url, err := y.LoopbackURL(Key{"a", camera.Main})
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	got := pts(t, url, "-t", "2", "-")
	took := time.Since(begun)
	if len(got[0]) < 40 || len(got[1]) == 0 {
		t.Fatalf("%d pictures, %d packets of sound", len(got[0]), len(got[1]))
	}
	if took > 1500*time.Millisecond {
		t.Errorf("2 s that were kept took %v", took)
	}
	if first := got[0][0]; first < 0 || first > 0.3 {
		t.Errorf("the first picture is at %v s, want about 0.1", first)
	}
	if apart := got[1][0] - got[0][0]; apart < -0.3 || apart > 0.3 {
		t.Errorf("sound begins %v s after the pictures", apart)
	}
}

func TestBFramesPassToFFmpegWithTheirTimes(t *testing.T) {
	t.Parallel()
	y := newYard(t, nil)
	spec := small
	spec.BFrames = 2
	y.camera("a", rtsptest.Start(t, spec))
	r := y.read(t, "a")
	await(t, r, 10*time.Second, is(Unsupported, CodeBFrames))
	url, err := y.LoopbackURL(Key{"a", camera.Main})
	if err != nil {
		t.Fatal(err)
	}
	back := 0
	got := pts(t, url, "-t", "2", "-")[0]
	for i := 1; i < len(got); i++ {
		if got[i] < got[i-1] {
			back++
		}
	}
	if len(got) < 40 || back < 5 {
		t.Fatalf("%d pictures, %d out of order", len(got), back)
	}
}

func TestALoopbackAddressIsGoodForOneConnectionAndAWhile(t *testing.T) {
	t.Parallel()
	y := newYard(t, nil)
	cam := y.camera("a", rtsptest.Start(t, small))
	key := Key{"a", camera.Main}
	open := func(url string) (*gortsplib.Client, error) {
		u, err := base.ParseURL(url)
		if err != nil {
			t.Fatal(err)
		}
		tcp := gortsplib.ProtocolTCP
		c := &gortsplib.Client{Scheme: u.Scheme, Host: u.Host, Protocol: &tcp}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		_, _, err = c.Describe(u)
		return c, err
	}
	url, err := y.LoopbackURL(key)
	if err != nil {
		t.Fatal(err)
	}
	guess, err := open(url[:len(url)-1] + "~")
	guess.Close()
	if err == nil {
		t.Fatal("a guessed address opens")
	}
	first, err := open(url)
	if err != nil {
		t.Fatal(err)
	}
	second, err := open(url)
	second.Close()
	if err == nil {
		t.Fatal("a second connection got in")
	}
	if y.Stats().Loopback != 1 {
		t.Fatal("not counted")
	}
	first.Close()
	again, err := open(url)
	again.Close()
	if err == nil {
		t.Fatal("the address outlived its connection")
	}
	unused, err := y.LoopbackURL(key)
	if err != nil {
		t.Fatal(err)
	}
	y.loopback.mu.Lock()
	waiting := slices.Collect(maps.Values(y.loopback.tickets))
	y.loopback.mu.Unlock()
	for _, ticket := range waiting { // as if the time were over
		y.loopback.expire(ticket)
	}
	late, err := open(unused)
	late.Close()
	if err == nil {
		t.Fatal("an expired address opens")
	}
	limit, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := cam.AwaitSessions(limit, 0); err != nil {
		t.Fatal("the camera is still pulled for nobody")
	}
}
