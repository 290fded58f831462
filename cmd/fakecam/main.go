// Command fakecam plays RTSP cameras: six different ones for the demo, or any number of equal ones for benchmarks. It
// needs FFmpeg in PATH the first time, when it draws and encodes what they show.
//
// It owns the choice of cameras, the manifest by which others find them, the HTTP interface that pauses, kills, slows and
// otherwise torments them, and the demo, which runs a gateway beside them. It refuses to encode while it plays, and to listen beyond loopback unless told so.
//
// It runs one goroutine per camera (and those within) and one HTTP server; all have ended when it exits.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// commands are what the program can do; playing needs no word.
type commands struct {
	Play flags    `cmd:"" default:"withargs" help:"Play the six cameras of the demo, or --cameras equal ones, until Ctrl-C."`
	Demo showcase `cmd:"" help:"Play the six cameras and run a gateway that shows them, until Ctrl-C; nothing stays."`
}

// flags are the command line of playing.
type flags struct {
	Listen   string `help:"Host that cameras listen at." default:"127.0.0.1" placeholder:"HOST"`
	PortBase int    `help:"Port of the first camera, the others follow; 0: any free ones." placeholder:"PORT"`
	HTTP     string `help:"Address of the control interface." default:"127.0.0.1:0" placeholder:"ADDRESS"`
	Manifest string `help:"File to write the list of cameras to, once all serve." type:"path" placeholder:"FILE"`
	Clips    string `help:"Folder where encoded clips are kept." type:"path" env:"RTSP_VIEWER_CLIPS" placeholder:"DIR"`
	LogLevel string `help:"debug, info, warn or error." enum:"debug,info,warn,error" default:"info"`

	Cameras int    `help:"Play this many equal cameras, sharing one clip, in place of the demo's six." placeholder:"N"`
	Width   int    `help:"Equal cameras: width in pixels." default:"640"`
	Height  int    `help:"Equal cameras: height in pixels." default:"360"`
	FPS     int    `help:"Equal cameras: frames a second." default:"25"`
	GOP     int    `help:"Equal cameras: frames from one keyframe to the next; 0: a second's." placeholder:"FRAMES"`
	Kbps    int    `help:"Equal cameras: bit rate in kbit/s; 0: by size." placeholder:"KBPS"`
	Seconds int    `help:"Equal cameras: length of the loop." default:"10"`
	Codec   string `help:"Equal cameras: h264, h265 or mjpeg." enum:"h264,h265,mjpeg" default:"h264"`
	Profile string `help:"Equal cameras: H.264 profile: baseline, main or high." placeholder:"PROFILE"`
	BFrames int    `help:"Equal cameras: B-frames in a row." placeholder:"N"`
	Audio   string `help:"Equal cameras: sound: pcmu, pcma, opus or aac." placeholder:"CODEC"`
	NoVideo bool   `help:"Equal cameras: sound alone."`
}

const description = `RTSP cameras that play prepared clips: for the demo, for tests, for benchmarks.

While they play, the control interface (its address is in the manifest) answers GET /healthz, /stats?recent=N (with the times at
which the last frames were sent) and /manifest, and does to camera N what POST /cameras/N/... says: pause, blind, resume, kill, restart, blackhole,
slow?ms=, drop?n=, jump?ms=, auth?username=&password=&method=basic|digest, tcp-only, udp-only, one-session.`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program: it plays until ctx ends and gives the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c commands
	left := -1 // set when the parser itself wants to exit, as after --help
	parser, err := kong.New(&c, kong.Name("fakecam"), kong.Writers(stdout, stderr), kong.Exit(func(code int) { left = code }),
		kong.Description(description))
	if err != nil {
		fmt.Fprintln(stderr, "fakecam:", err)
		return 2
	}
	words, err := parser.Parse(args)
	if left >= 0 {
		return left
	}
	f := &c.Play
	if err == nil {
		err = f.check()
	}
	if err != nil {
		fmt.Fprintln(stderr, "fakecam:", err)
		return 2
	}
	do := func() error { return play(ctx, *f, stdout, stderr) }
	if words.Command() == "demo" {
		do = func() error { return c.Demo.run(ctx, stdout, stderr) }
	}
	// Ctrl-C reaches FFmpeg too, whose complaint about it is no fault.
	if err := do(); err != nil && ctx.Err() == nil {
		fmt.Fprintln(stderr, "fakecam:", err)
		return 1
	}
	return 0
}

// check refuses what the parser can't know to be wrong.
func (f *flags) check() error {
	if f.Clips == "" {
		f.Clips = rtsptest.CacheDir()
	}
	if f.Cameras < 0 || f.Cameras > 10_000 {
		return fmt.Errorf("--cameras %d: not in 0..10000", f.Cameras)
	}
	if last := f.PortBase + max(f.Cameras, len(demo)) - 1; f.PortBase != 0 && (f.PortBase < 1 || last > 65535) {
		return fmt.Errorf("--port-base %d: the ports %d..%d are not all in 1..65535", f.PortBase, f.PortBase, last)
	}
	return nil
}

// logger writes text, one line an event.
func (f *flags) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}
