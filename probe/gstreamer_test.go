package probe_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// film is a file of FFmpeg's making that GStreamer pays out, in real time, from its beginning for each that comes.
type film struct {
	name       string
	source     string   // of pictures: size and rate, as of FFmpeg's testsrc2; empty: none
	video      []string // the encoder and its settings
	videoPayer string
	sine       string // of sound: as of FFmpeg's sine; empty: none
	audio      []string
	audioPayer string
	auth       string // "", "basic" or "digest": tester, sesame
	udp        bool   // TCP is refused
	seconds    int    // 0: more than a look takes that sees two keyframes
}

// x264 gives an encoder's settings: a closed group of pictures every gop frames, as cameras have it.
func x264(profile string, gop, bFrames int, more ...string) []string {
	params := fmt.Sprintf("keyint=%d:min-keyint=%d:scenecut=0:open-gop=0:b-adapt=0", gop, gop)
	params = strings.Join(append([]string{params}, more...), ":")
	return []string{"-c:v", "libx264", "-preset", "superfast", "-pix_fmt", "yuv420p", "-profile:v", profile, "-bf", fmt.Sprint(bFrames), "-x264-params", params}
}

func x265(gop int, pixels string) []string {
	params := fmt.Sprintf("keyint=%d:min-keyint=%d:scenecut=0:open-gop=0:bframes=0:log-level=error", gop, gop)
	return []string{"-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", pixels, "-x265-params", params}
}

// shoot makes the film's file.
func (f film) shoot(ctx context.Context, file string) error {
	args := []string{"-hide_banner", "-nostats", "-loglevel", "error", "-y"}
	if f.source != "" {
		args = append(args, "-f", "lavfi", "-i", "testsrc2="+f.source)
	}
	if f.sine != "" {
		args = append(args, "-f", "lavfi", "-i", "sine="+f.sine)
	}
	args = append(append(args, f.video...), f.audio...)
	seconds := f.seconds
	if seconds == 0 {
		seconds = 10
	}
	args = append(args, "-t", fmt.Sprint(seconds), file)
	if said, err := exec.CommandContext(ctx, "ffmpeg", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("make %s: %w: %s", f.name, err, said)
	}
	return nil
}

// launch is GStreamer's pipeline for the film.
func (f film) launch(file string) string {
	launch := fmt.Sprintf("( filesrc location=%s ! matroskademux name=d", file)
	payers := 0
	for _, way := range []struct{ pad, payer string }{{"video_0", f.videoPayer}, {"audio_0", f.audioPayer}} {
		if way.payer != "" {
			launch += fmt.Sprintf(" d.%s ! queue ! %s name=pay%d pt=%d", way.pad, way.payer, payers, 96+payers)
			payers++
		}
	}
	return launch + " )"
}

// screen runs GStreamer's RTSP server with the films until the test ends, and gives their addresses by name.
func screen(t *testing.T, films []film) map[string]string {
	t.Helper()
	type mount struct {
		Path   string `json:"path"`
		Launch string `json:"launch"`
		Auth   string `json:"auth"`
		UDP    bool   `json:"udp"`
	}
	folder := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	mounts := make([]mount, len(films))
	var shooting errgroup.Group
	shooting.SetLimit(runtime.NumCPU())
	for i, f := range films {
		file := filepath.Join(folder, f.name+".mkv")
		mounts[i] = mount{"/" + f.name, f.launch(file), f.auth, f.udp}
		shooting.Go(func() error { return f.shoot(ctx, file) })
	}
	must(t, shooting.Wait())
	asked, err := json.Marshal(mounts)
	if err != nil {
		t.Fatal(err)
	}
	// The system's own Python, for which the packages of scripts/prepare.sh are.
	cmd := exec.Command("/usr/bin/python3", "testdata/gstreamer.py", string(asked))
	var complaint strings.Builder
	cmd.Stderr = &complaint
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start GStreamer's server: %v", err)
	}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	t.Cleanup(func() {
		stdin.Close()
		kill := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		_, _ = io.Copy(io.Discard, stdout)
		if err := cmd.Wait(); err != nil {
			t.Errorf("GStreamer's server: %v: %s", err, complaint.String())
		}
	})
	ports := map[string]int{}
	if err == nil {
		err = json.Unmarshal(line, &ports)
	}
	if err != nil {
		t.Fatalf("GStreamer's server does not serve (scripts/prepare.sh test installs what it needs): %v", err)
	}
	addresses := map[string]string{}
	for i, f := range films {
		addresses[f.name] = fmt.Sprintf("rtsp://127.0.0.1:%d%s", ports[f.auth], mounts[i].Path)
	}
	return addresses
}
