package hls_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/hls"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

func TestThePlayerGoesOnWhenFFmpegDoesNot(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "stopped": syscall.SIGSTOP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, _ := newYard(t)
			p := b.player(string(b.open("v", "a").Playlist))
			p.watch(patience, func() bool { return p.played() > 2 })
			if err := syscall.Kill(b.child(), signal); err != nil {
				t.Fatal(err)
			}
			p.watch(patience, func() bool { return p.broken == 1 })
			p.watch(patience, func() bool { return len(p.files) == 2 && p.played() > 4 })
			for _, f := range p.files {
				checkFilm(t, f, true)
			}
			for i := 1; i < len(p.segments); i++ {
				if p.segments[i].seq != p.segments[i-1].seq+1 {
					t.Errorf("segment %d follows %d", p.segments[i].seq, p.segments[i-1].seq)
				}
			}
			if s := b.Stats(); s.FFmpeg.Live != 1 || s.Sessions != 1 || s.Failed != 1 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// end ends a view as its user does.
func (b *house) end(view string) {
	b.t.Helper()
	by := auth.Principal{User: auth.User{ID: "u"}, Session: "s"}
	if err := b.viewers.EndView(context.Background(), by, viewers.Place{User: "u", View: viewers.ViewID(view)}); err != nil {
		b.t.Fatal(err)
	}
}

// child gives the process id of the one FFmpeg that reads from this house's relay.
func (b *house) child() int {
	b.t.Helper()
	stats, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", os.Getpid()))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, file := range stats {
		children, _ := os.ReadFile(file)
		for _, pid := range strings.Fields(string(children)) {
			args, _ := os.ReadFile("/proc/" + pid + "/cmdline")
			if strings.Contains(string(args), "rtsp://"+b.loopback()) {
				var n int
				_, _ = fmt.Sscan(pid, &n)
				return n
			}
		}
	}
	b.t.Fatal("no FFmpeg runs")
	return 0
}

// loopback gives the address of the relay's own server.
func (b *house) loopback() string {
	b.t.Helper()
	u, err := b.relay.LoopbackURL(relay.Key{Camera: "nobody", Kind: camera.Main})
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.Split(strings.TrimPrefix(u, "rtsp://"), "/")[0]
}

func TestBadFFmpegsAreReplaced(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"babbles":        "head -c 200000 /dev/urandom; exec sleep 60",
		"ends at once":   "exit 0",
		"fails":          "echo 'rtsp://canary@127.0.0.1/ is no good' >&2; exit 1",
		"an endless box": `printf '\377\377\377\377moov'; exec sleep 60`,
		"an empty box":   `printf '\000\000\000\000moov'; exec sleep 60`,
		"half a moof":    `printf '\000\000\000\010ftyp\000\000\000\040moof\000\000'; exit 0`,
		"no description": `printf '\000\000\000\010moof\000\000\000\011mdatx'; exec sleep 60`,
	}
	for name, bad := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, _ := newYard(t, func(o *hls.Options) { o.FFmpeg = fake(t, bad, 2) })
			b.plays("v")
			if s := b.Stats(); s.Failed < 2 || s.Spawned < 3 {
				t.Errorf("%+v", s)
			}
			if strings.Contains(b.log.String(), "canary") {
				t.Error("the log tells what FFmpeg said of an address")
			}
		})
	}
}

// fake is an FFmpeg that knows its options, and does something else the first n times it is to play.
func fake(t *testing.T, bad string, n int) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "ffmpeg")
	script := fmt.Sprintf("#!/bin/sh\ncase \"$*\" in *-version*|*' -h '*) exec ffmpeg \"$@\";; esac\n"+
		"echo x >> %[1]s/times\n[ $(wc -l < %[1]s/times) -gt %[2]d ] && exec ffmpeg \"$@\"\n%[3]s\n", dir, n, bad)
	syscall.ForkLock.RLock() // a child that is forked now would hold the file open, and nobody could run it
	err := os.WriteFile(path, []byte(script), 0o755)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestACameraThatWasAwayGoesOnInTheSameList(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ harm, heal func(*rtsptest.Camera) error }{
		"paused": {func(c *rtsptest.Camera) error { c.Pause(); return nil }, func(c *rtsptest.Camera) error { c.Resume(); return nil }},
		"killed": {(*rtsptest.Camera).Kill, (*rtsptest.Camera).Restart},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, cam := newYard(t)
			p := b.player(string(b.open("v", "a").Playlist))
			p.watch(patience, func() bool { return p.played() > 2 })
			if err := c.harm(cam); err != nil {
				t.Fatal(err)
			}
			before := p.played()
			quiet := time.Now().Add(4 * time.Second)
			p.watch(patience, func() bool { return time.Now().After(quiet) }) // the list stays
			if lost := p.played() - before; lost > 3 {
				t.Errorf("%v s played of a silent camera", lost)
			}
			spawned := b.Stats().Spawned
			if spawned != 1 {
				t.Errorf("a silent camera cost %d FFmpegs", spawned)
			}
			if err := c.heal(cam); err != nil {
				t.Fatal(err)
			}
			p.watch(patience, func() bool { return p.broken > 0 })
			at := p.played()
			p.watch(patience, func() bool { return p.played() > at+2 })
			for _, f := range p.files {
				checkFilm(t, f, true)
			}
			p.watch(patience, func() bool { // the silence has not moved its clock
				last := p.segments[len(p.segments)-1]
				return last.got.Sub(last.at) < 3*time.Second
			})
		})
	}
}

func TestAnotherKindOfPicturesGetsAnotherHead(t *testing.T) {
	t.Parallel()
	b, cam := newYard(t)
	p := b.player(string(b.open("v", "a").Playlist))
	p.watch(patience, func() bool { return p.played() > 1.5 })
	other := yard
	other.Width, other.Height = 480, 270
	clip, err := rtsptest.Prepare(t.Context(), rtsptest.CacheDir(), other)
	if err != nil {
		t.Fatal(err)
	}
	if err := cam.SwitchClip(clip); err != nil {
		t.Fatal(err)
	}
	p.watch(patience, func() bool { return p.broken > 0 })
	at := p.played()
	p.watch(patience, func() bool { return p.played() > at+1 })
	for i, want := range []string{"320,180", "480,270"} {
		out := string(tool(t, p.files[min(i*(len(p.files)-1), len(p.files)-1)].Bytes(), "ffprobe", "-v", "error", "-select_streams", "v",
			"-show_entries", "stream=width,height", "-of", "csv=p=0", "-i", "pipe:0"))
		if strings.TrimSpace(out) != want {
			t.Errorf("film %d is %q, want %s", i, out, want)
		}
	}
}
