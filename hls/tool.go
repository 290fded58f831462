package hls

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/ffmpeg"
)

// askAgain is how often FFmpeg is looked for while there is none.
const askAgain = 10 * time.Second

// needs are what our FFmpeg must be able to do.
var needs = []ffmpeg.Need{
	{Part: "demuxer=rtsp", Option: "rtsp_transport"},
	{Part: "muxer=mp4", Option: "frag_every_frame"},
	{Part: "encoder=aac", Option: "aac"},
}

// tool knows whether there is an FFmpeg that does.
type tool struct {
	runner *ffmpeg.Runner
	log    *slog.Logger
	now    func() time.Time

	asking sync.Mutex // held while it is asked

	mu      sync.Mutex // guards what follows
	asked   time.Time
	version string
	err     error
}

func newTool(r *ffmpeg.Runner, log *slog.Logger, now func() time.Time) *tool {
	return &tool{runner: r, log: log, now: now}
}

func (t *tool) found() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		return ""
	}
	return t.version
}

// known gives the last answer; false if it is time to ask.
func (t *tool) known() (error, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err, !t.asked.IsZero() && (t.err == nil || t.now().Sub(t.asked) < askAgain)
}

// check gives ErrNoFFmpeg if there is none.
func (t *tool) check(ctx context.Context) error {
	if err, ok := t.known(); ok {
		return err
	}
	t.asking.Lock()
	defer t.asking.Unlock()
	if err, ok := t.known(); ok {
		return err
	}
	version, err := t.runner.Probe(ctx, needs...)
	if ctx.Err() != nil {
		return ctx.Err() // the question was withdrawn
	}
	if err != nil {
		err = ErrNoFFmpeg.Because(err)
	}
	t.mu.Lock()
	told := !t.asked.IsZero() && (t.err == nil) == (err == nil)
	t.asked, t.version, t.err = t.now(), version, err
	t.mu.Unlock()
	switch {
	case told:
	case err != nil:
		t.log.Warn("no usable FFmpeg: WebRTC works, HLS does not until it is installed", "error", err)
	default:
		t.log.Info("FFmpeg found", "version", version)
	}
	return err
}
