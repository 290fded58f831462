package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"
)

// ErrMissing says that the program could not be started at all: it is not installed, or may not be run.
var ErrMissing = errors.New("ffmpeg can't be started")

// ErrLacks says that this build of FFmpeg was made without something that is needed.
var ErrLacks = errors.New("ffmpeg lacks something")

// probeTimeout bounds one question to the program about itself.
const probeTimeout = 20 * time.Second

// Options are what a Runner needs.
type Options struct {
	// Path is the program, looked up in PATH if it has no slash; empty: "ffmpeg".
	Path string
}

// Runner starts children and counts them. It is safe for concurrent use.
type Runner struct {
	path                    string
	live                    atomic.Int64
	started, failed, killed atomic.Uint64
}

// New makes a Runner. It starts nothing and does not look for the program yet.
func New(o Options) *Runner {
	if o.Path == "" {
		o.Path = "ffmpeg"
	}
	return &Runner{path: o.Path}
}

// Stats are counts since the start, but Live.
type Stats struct {
	Live    int    // children that run, or have ended and are not waited for yet
	Started uint64 // children that were started
	Failed  uint64 // of those, how many ended by themselves and with an error
	Killed  uint64 // of those, how many had to be killed
}

// Stats counts.
func (r *Runner) Stats() Stats {
	return Stats{Live: int(r.live.Load()), Started: r.started.Load(), Failed: r.failed.Load(), Killed: r.killed.Load()}
}

// Need is a part of FFmpeg and an option that it must have, as "ffmpeg -h" names them: {"muxer=mp4", "frag_every_frame"}.
type Need struct{ Part, Option string }

// Probe asks the program for its version and for the parts that are needed. It gives ErrMissing or ErrLacks.
func (r *Runner) Probe(ctx context.Context, needs ...Need) (version string, err error) {
	out, err := r.ask(ctx, "-version")
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrMissing, err)
	}
	line, _, _ := strings.Cut(out, "\n")
	version, ok := strings.CutPrefix(line, "ffmpeg version ")
	if !ok {
		return "", fmt.Errorf("%w: it does not tell a version", ErrMissing)
	}
	version, _, _ = strings.Cut(version, " ")
	for _, n := range needs {
		out, err := r.ask(ctx, "-hide_banner", "-h", n.Part)
		if err != nil {
			return version, fmt.Errorf("%w: %w", ErrMissing, err)
		}
		if !strings.Contains(out, n.Option) {
			return version, fmt.Errorf("%w: %s of %s", ErrLacks, n.Option, n.Part)
		}
	}
	return version, nil
}

// ask runs the program to its end and gives what it printed.
func (r *Runner) ask(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, r.path, args...)
	cmd.Env = environment()
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("run %s %s: %w", r.path, strings.Join(args, " "), err)
	}
	return string(out), nil
}

// environment is what a child may know of ours.
func environment() []string {
	env := []string{"LC_ALL=C"}
	for _, name := range []string{"PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}
