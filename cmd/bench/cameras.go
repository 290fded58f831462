package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// clip is what the cameras of a scenario show: all of them the same, each on a clock of its own.
type clip struct {
	width, height int
	kbps          int
	gop           int // frames, at 25 a second
	audio         string
	seconds       int // until it begins anew; 0: 12
}

const fps = 25

// interval is the time from one keyframe to the next.
func (c clip) interval() time.Duration { return time.Duration(c.gop) * time.Second / fps }

func (c clip) String() string {
	text := fmt.Sprintf("%dx%d, %g Mbit/s", c.width, c.height, float64(c.kbps)/1000)
	if c.audio != "" {
		text += ", sound"
	}
	return text
}

// cameras are a fakecam process.
type cameras struct {
	*child
	Control string   `json:"control"`
	List    []source `json:"cameras"`
}

// source is a camera as an administrator would add it.
type source struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// startCameras starts n equal cameras, which listen on loopback; what they sent can be asked at host. More words go to the program.
func startCameras(ctx context.Context, path, space, host, dir string, c clip, n int, more ...string) (*cameras, error) {
	list := filepath.Join(dir, "cameras.json")
	profile := "baseline"
	if c.height > 720 {
		profile = "high"
	}
	seconds := 12
	if c.seconds > 0 {
		seconds = c.seconds
	}
	child, err := order{name: "cameras", space: space, path: path, args: append(more,
		"--cameras", strconv.Itoa(n), "--width", strconv.Itoa(c.width), "--height", strconv.Itoa(c.height), "--fps", strconv.Itoa(fps),
		"--gop", strconv.Itoa(c.gop), "--kbps", strconv.Itoa(c.kbps), "--seconds", strconv.Itoa(seconds), "--audio", c.audio, "--profile", profile,
		"--http", net.JoinHostPort(host, "0"), "--manifest", list, "--log-level", "warn",
	)}.start()
	if err != nil {
		return nil, err
	}
	// The list is written before it is printed.
	if _, err := child.line(ctx, "{"); err != nil {
		child.end()
		return nil, err
	}
	text, err := os.ReadFile(list)
	all := &cameras{child: child}
	if err == nil {
		err = json.Unmarshal(text, all)
	}
	if err != nil {
		child.end()
		return nil, fmt.Errorf("read the list of cameras: %w", err)
	}
	go func() {
		for range child.lines { // the rest of the list
		}
	}()
	return all, nil
}

// sentFrames asks what camera number i of the list (from 0) has sent lately, oldest first.
func sentFrames(ctx context.Context, control string, i int) ([]rtsptest.SentFrame, error) {
	all, err := sentByAll(ctx, control)
	if err != nil {
		return nil, err
	}
	if i >= len(all) {
		return nil, fmt.Errorf("ask what the cameras sent: there is no camera %d", i)
	}
	return all[i].Recent, nil
}

// sentByAll asks what all cameras have sent lately.
func sentByAll(ctx context.Context, control string) ([]rtsptest.Stats, error) {
	var all struct {
		Cameras []rtsptest.Stats `json:"cameras"`
	}
	if err := ask(ctx, http.MethodGet, control+"/stats?recent=500", "", nil, &all); err != nil {
		return nil, fmt.Errorf("ask what the cameras sent: %w", err)
	}
	return all.Cameras, nil
}
