package hls_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/hls"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

var (
	// gate has a keyframe every 4 s, yard one a second and no sound.
	gate = rtsptest.Spec{Width: 320, Height: 180, FPS: 25, GOP: 100, Seconds: 8, Audio: "pcma"}
	yard = rtsptest.Spec{Width: 320, Height: 180, FPS: 25, GOP: 25, Seconds: 8, Audio: "pcma"}
)

// checkFilm holds what a player was given to what a viewer would notice: every picture decodes, time goes on evenly, and sound and
// pictures begin and end together.
func checkFilm(t *testing.T, f *film, sound bool) (pictures int) {
	t.Helper()
	got := probe(t, f)
	video, audio := got["video"], got["audio"]
	if n := decode(t, f); n != len(video) || n == 0 {
		t.Errorf("%d pictures of %d can be decoded", n, len(video))
	}
	if video[0].Flags[0] != 'K' {
		t.Error("the first picture is no keyframe")
	}
	shown := make([]float64, 0, len(video))
	for _, v := range video {
		shown = append(shown, v.pts)
	}
	sort.Float64s(shown)
	squeezed := true
	for i := 1; i < len(shown); i++ {
		step := shown[i] - shown[i-1]
		squeezed = squeezed && step < 0.002
		if step <= 0 || !squeezed && (step < 0.03 || step > 0.3) {
			t.Errorf("picture %d of %d comes %v s after the one before", i, len(shown), step)
		}
	}
	if !sound {
		if len(audio) > 0 {
			t.Error("there is sound")
		}
		return len(video)
	}
	if len(audio) == 0 {
		t.Fatal("there is no sound")
	}
	first, last := audio[0].pts-shown[0], audio[len(audio)-1].pts-shown[len(shown)-1]
	if first < -0.1 || first > 0.1 || last < -0.1 || last > 0.1 {
		t.Errorf("sound begins %v s and ends %v s after the pictures", first, last)
	}
	for i := 1; i < len(audio); i++ {
		if gap := audio[i].pts - audio[i-1].pts; gap < 0.021 || gap > 0.022 {
			t.Errorf("sound has a step of %v s", gap)
		}
	}
	return len(video)
}

func TestAPlayerBeginsNearLiveInTheMiddleOfAGroupOfPictures(t *testing.T) {
	t.Parallel()
	b := newHouse(t)
	b.camera("a", gate)
	b.pull("a", 2500*time.Millisecond)
	s := b.open("v", "a")
	p := b.player(string(s.Playlist))
	p.load()
	now := time.Now()
	if behind := now.Sub(p.segments[0].at); behind > 2500*time.Millisecond {
		t.Errorf("the first picture shown is %v old; keyframes are 4 s apart\n%s", behind, p.text)
	}
	if !strings.Contains(p.segments[0].uri, "k=") || p.played() < 0.9 || p.played() > 2.2 {
		t.Errorf("the first list holds %v s:\n%s", p.played(), p.text)
	}
	p.watch(15*time.Second, func() bool { return p.played() > 6 })
	if p.jumps > 0 || p.broken > 0 {
		t.Errorf("%d jumps, %d discontinuities", p.jumps, p.broken)
	}
	if n := checkFilm(t, p.files[0], true); n < 150 {
		t.Errorf("%d pictures", n)
	}
	last := p.segments[len(p.segments)-1]
	if off := last.at.Sub(p.segments[0].at).Seconds() + last.seconds - p.played(); off > 0.1 || off < -0.1 {
		t.Errorf("the wall's time of segments and their lengths are %v s apart", off)
	}
	// Another one begins at once: FFmpeg runs.
	begun := time.Now()
	q := b.player(string(b.open("w", "a").Playlist))
	q.load()
	t.Logf("warm: list and segments after %v", time.Since(begun))
	if b.Stats().Spawned != 1 {
		t.Errorf("%d FFmpegs for one stream", b.Stats().Spawned)
	}
	checkFilm(t, q.files[0], true)
}

func TestOneCameraSessionAndOneFFmpegForAll(t *testing.T) {
	t.Parallel()
	b := newHouse(t)
	cam := b.camera("a", yard)
	first, second := b.pull("a", 0), b.pull("a", 0)
	var sessions []hls.Session
	for i := range 3 {
		sessions = append(sessions, b.open(fmt.Sprint("v", i), "a"))
	}
	for _, s := range sessions {
		b.player(string(s.Playlist)).load()
	}
	if s := cam.Stats(); s.SessionsEver != 1 {
		t.Errorf("the camera saw %d sessions", s.SessionsEver)
	}
	st := b.Stats()
	if st.FFmpeg.Live != 1 || st.Spawned != 1 || st.Sessions != 3 || len(st.Streams) != 1 || st.Streams[0].Views != 3 {
		t.Errorf("%+v", st)
	}
	for i := range sessions {
		b.end(fmt.Sprint("v", i))
	}
	b.eventually(4*time.Second, "FFmpeg is gone", func() bool { s := b.Stats(); return s.FFmpeg.Live == 0 && len(s.Streams) == 0 && s.Bytes == 0 })
	first.Close()
	second.Close()
	limit, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := cam.AwaitSessions(limit, 0); err != nil {
		t.Error("the camera is pulled for nobody")
	}
}

func TestThePlayerGoesOnWhenFFmpegDoesNot(t *testing.T) {
	cases := map[string]struct {
		signal syscall.Signal
		within time.Duration
	}{
		"killed":  {syscall.SIGKILL, 6 * time.Second},
		"stopped": {syscall.SIGSTOP, 10 * time.Second},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newHouse(t)
			b.camera("a", yard)
			b.pull("a", 0)
			p := b.player(string(b.open("v", "a").Playlist))
			p.watch(10*time.Second, func() bool { return p.played() > 2 })
			if err := syscall.Kill(b.child(), c.signal); err != nil {
				t.Fatal(err)
			}
			p.watch(c.within, func() bool { return p.broken == 1 })
			p.watch(10*time.Second, func() bool { return len(p.files) == 2 && p.played() > 4 })
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
			b := newHouse(t, func(o *hls.Options) { o.FFmpeg = fake(t, bad, 2) })
			b.camera("a", yard)
			b.pull("a", 0)
			p := b.player(string(b.open("v", "a").Playlist))
			p.load()
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
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPicturesOutOfOrderKeepTheirTimes(t *testing.T) {
	t.Parallel()
	b := newHouse(t)
	spec := gate
	spec.BFrames, spec.GOP = 2, 50
	b.camera("a", spec)
	b.pull("a", 1700*time.Millisecond)
	p := b.player(string(b.open("v", "a").Playlist))
	p.watch(15*time.Second, func() bool { return p.played() > 4 })
	checkFilm(t, p.files[0], true)
	back := 0
	packets := probe(t, p.files[0])["video"]
	for i := 1; i < len(packets); i++ {
		if packets[i].pts < packets[i-1].pts {
			back++
		}
	}
	if back < 30 {
		t.Errorf("%d pictures of %d are out of order", back, len(packets))
	}
	native := b.player(string(b.open("w", "a").NativePlaylist))
	native.watch(15*time.Second, func() bool { return native.played() > 2 })
	checkFilm(t, native.files[0], true)
}

func TestNativeSegmentsBeginWithKeyframes(t *testing.T) {
	t.Parallel()
	b := newHouse(t)
	spec := yard
	spec.Audio = ""
	b.camera("a", spec)
	s := b.open("v", "a")
	p := b.player(string(s.NativePlaylist))
	p.watch(20*time.Second, func() bool { return len(p.segments) >= 3 })
	if !strings.Contains(p.text, "#EXT-X-INDEPENDENT-SEGMENTS") || strings.Contains(p.text, "k=") {
		t.Errorf("the list:\n%s", p.text)
	}
	checkFilm(t, p.files[0], false)
	_, _, head := b.get(filepath.Dir(string(s.NativePlaylist)) + "/" + p.head)
	for _, seg := range p.segments[1:] { // each by itself
		if seg.seconds < 2 || seg.seconds > 3.1 {
			t.Errorf("a segment of %v s", seg.seconds)
		}
		_, _, body := b.get(filepath.Dir(string(s.NativePlaylist)) + "/" + seg.uri)
		alone := &film{}
		alone.Write(head)
		alone.Write(body)
		if n := checkFilm(t, alone, false); float64(n) < seg.seconds*25-1 {
			t.Errorf("%d pictures in %v s", n, seg.seconds)
		}
	}
}

func TestACameraThatWasAwayGoesOnInTheSameList(t *testing.T) {
	cases := map[string]struct{ harm, heal func(*rtsptest.Camera) error }{
		"paused": {func(c *rtsptest.Camera) error { c.Pause(); return nil }, func(c *rtsptest.Camera) error { c.Resume(); return nil }},
		"killed": {(*rtsptest.Camera).Kill, (*rtsptest.Camera).Restart},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newHouse(t)
			cam := b.camera("a", yard)
			b.pull("a", 0)
			p := b.player(string(b.open("v", "a").Playlist))
			p.watch(10*time.Second, func() bool { return p.played() > 2 })
			if err := c.harm(cam); err != nil {
				t.Fatal(err)
			}
			before := p.played()
			quiet := time.Now().Add(4 * time.Second)
			p.watch(6*time.Second, func() bool { return time.Now().After(quiet) }) // the list stays
			if lost := p.played() - before; lost > 2 {
				t.Errorf("%v s played of a silent camera", lost)
			}
			spawned := b.Stats().Spawned
			if spawned != 1 {
				t.Errorf("a silent camera cost %d FFmpegs", spawned)
			}
			if err := c.heal(cam); err != nil {
				t.Fatal(err)
			}
			p.watch(15*time.Second, func() bool { return p.broken > 0 })
			at := p.played()
			p.watch(10*time.Second, func() bool { return p.played() > at+2 })
			for _, f := range p.files {
				checkFilm(t, f, true)
			}
			last := p.segments[len(p.segments)-1]
			if behind := last.got.Sub(last.at); behind > 3*time.Second {
				t.Errorf("the list is %v behind", behind)
			}
		})
	}
}

func TestAnotherKindOfPicturesGetsAnotherHead(t *testing.T) {
	t.Parallel()
	b := newHouse(t)
	cam := b.camera("a", yard)
	b.pull("a", 0)
	p := b.player(string(b.open("v", "a").Playlist))
	p.watch(10*time.Second, func() bool { return p.played() > 1.5 })
	other := yard
	other.Width, other.Height = 480, 270
	clip, err := rtsptest.Prepare(t.Context(), rtsptest.CacheDir(), other)
	if err != nil {
		t.Fatal(err)
	}
	if err := cam.SwitchClip(clip); err != nil {
		t.Fatal(err)
	}
	p.watch(15*time.Second, func() bool { return p.broken > 0 })
	at := p.played()
	p.watch(10*time.Second, func() bool { return p.played() > at+1 })
	for i, want := range []string{"320,180", "480,270"} {
		out := string(tool(t, p.files[min(i*(len(p.files)-1), len(p.files)-1)].Bytes(), "ffprobe", "-v", "error", "-select_streams", "v",
			"-show_entries", "stream=width,height", "-of", "csv=p=0", "-i", "pipe:0"))
		if strings.TrimSpace(out) != want {
			t.Errorf("film %d is %q, want %s", i, out, want)
		}
	}
}

func TestAPlayerThatFellBehindIsPutAtTheEdge(t *testing.T) {
	t.Parallel()
	b := newHouse(t)
	b.camera("a", yard)
	b.pull("a", 0)
	p := b.player(string(b.open("v", "a").Playlist))
	p.load()
	stale := p.segments[0]
	seen := b.Stats().Streams[0].Sequence
	b.eventually(20*time.Second, "the window has gone on", func() bool {
		b.Pong("u", "v") // the page is there
		return b.Stats().Streams[0].Sequence > seen+24
	})
	first := len(p.segments)
	p.files, p.head = nil, ""
	p.load()
	if p.jumps != 1 || !strings.Contains(p.text, "first.m4s") {
		t.Fatalf("the list does not begin at the edge:\n%s", p.text)
	}
	if behind := time.Since(p.segments[first].at); behind > 2500*time.Millisecond {
		t.Errorf("it begins %v behind live", behind)
	}
	checkFilm(t, p.files[0], true)
	if got := b.code(filepath.Dir(p.list) + "/" + stale.uri); got != "404 hls.not_found" {
		t.Errorf("an old segment: %s", got)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	b := newHouse(t)
	spec := yard
	spec.Codec, spec.Audio = "h265", ""
	b.camera("h265", spec)
	dead := b.camera("dead", yard)
	if err := dead.Kill(); err != nil {
		t.Fatal(err)
	}
	b.camera("denied", yard)
	b.records.deny("denied")
	cases := map[string]struct {
		id     camera.ID
		change func(*hls.Request)
		kind   fault.Kind
		code   string
	}{
		"codec":       {"h265", func(*hls.Request) {}, fault.Unsupported, relay.CodeCodec},
		"unreachable": {"dead", func(*hls.Request) {}, fault.Unavailable, relay.CodeUnreachable},
		"no grant":    {"denied", func(*hls.Request) {}, fault.NotFound, camera.ErrNotFound.Code},
		"stream":      {"h265", func(r *hls.Request) { r.Stream = "third" }, fault.Invalid, hls.ErrStream.Code},
		"view":        {"h265", func(r *hls.Request) { r.View = "no good" }, fault.Invalid, viewers.ErrBadView.Code},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			_, err := b.try("", c.id, c.change)
			if fault.KindOf(err) != c.kind || fault.CodeOf(err) != c.code {
				t.Errorf("got %v", err)
			}
			if took := time.Since(begun); took > 6*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
	b.eventually(3*time.Second, "nobody holds a place", func() bool { return b.viewers.Stats().Now[viewers.HLS] == 0 })
}

func TestWithoutFFmpegNoPlaceIsTaken(t *testing.T) {
	t.Parallel()
	b := newHouse(t, func(o *hls.Options) { o.FFmpeg = filepath.Join(t.TempDir(), "ffmpeg") })
	b.camera("a", yard)
	if _, err := b.try("v", "a"); !errors.Is(err, hls.ErrNoFFmpeg) {
		t.Errorf("got %v", err)
	}
	if s := b.viewers.Stats(); s.Opened[viewers.HLS] != 0 {
		t.Errorf("%+v", s)
	}
	if !errors.Is(b.Available(t.Context()), hls.ErrNoFFmpeg) || b.Stats().Version != "" {
		t.Error("HLS counts as available")
	}
}

func TestAPathIsGoodForItsViewAndAsLongAsThat(t *testing.T) {
	t.Parallel()
	b := newHouse(t)
	b.camera("a", yard)
	s := b.open("v", "a")
	list := string(s.Playlist)
	dir := filepath.Dir(list)
	p := b.player(list)
	p.load()
	secret := strings.Split(list, "/")[2]
	near := secret[:len(secret)-1] + "A"
	if near == secret {
		near = secret[:len(secret)-1] + "B"
	}
	for path, want := range map[string]string{
		hls.Prefix + "v/index.m3u8":                         "404 hls.not_found",
		hls.Prefix + "v/" + p.segments[0].uri:               "404 hls.not_found",
		hls.Prefix + secret[:len(secret)-1] + "/index.m3u8": "404 hls.not_found",
		hls.Prefix + near + "/index.m3u8":                   "404 hls.not_found",
		hls.Prefix + "/index.m3u8":                          "404 hls.not_found",
		hls.Prefix:                                          "404 hls.not_found",
		dir + "/":                                           "404 hls.not_found",
		dir + "/other.m3u8":                                 "404 hls.not_found",
		dir + "/init.mp4":                                   "404 hls.not_found",
		dir + "/init.mp4?g=99":                              "404 hls.not_found",
		dir + "/s.m4s?g=1&n=-1":                             "404 hls.not_found",
		dir + "/s.m4s?g=1&n=99999":                          "404 hls.not_found",
		dir + "/s.m4s?g=9223372036854775807&n=9223372036854775807": "404 hls.not_found",
		dir + "/first.m4s?g=1&n=0&k=5&t=6":                         "404 hls.not_found",
		dir + "/first.m4s?g=1&n=0":                                 "404 hls.not_found",
		dir + "/n.m4s?g=1&a=0&b=9223372036854775807":               "404 hls.not_found",
		dir + "/n.m4s?g=1&a=3&b=2":                                 "404 hls.not_found",
	} {
		if got := b.code(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if status, header, _ := b.ask("POST", list); status != 405 || header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %v", status, header)
	}
	if status, header, body := b.ask("HEAD", dir+"/"+p.segments[0].uri); status != 200 || len(body) > 0 || header.Get("Content-Length") != fmt.Sprint(p.segments[0].bytes) {
		t.Errorf("HEAD: %d %v", status, header)
	}
	for _, form := range []string{"%v", "%s", "%+v", "%#v", "%q", "%x"} {
		if text := fmt.Sprintf(form, s) + fmt.Sprintf(form, s.Playlist); strings.Contains(text, secret) {
			t.Errorf("%s prints the secret: %s", form, text)
		}
	}
	if red := hls.RedactPath(list); strings.Contains(red, secret) || red != "/hls/•••/index.m3u8" {
		t.Errorf("redacted: %s", red)
	}

	b.records.deny("a")
	b.viewers.Judge(context.Background())
	for _, path := range []string{list, string(s.NativePlaylist), dir + "/" + p.segments[0].uri} {
		if got := b.code(path); got != "410 "+viewers.CodeRevoked {
			t.Errorf("%s after the end: %s", path, got)
		}
	}
	if strings.Contains(b.log.String(), secret) {
		t.Error("the log tells the secret")
	}
}

func TestAnEvictedPlayerIsToldSo(t *testing.T) {
	t.Parallel()
	b := newHouse(t)
	b.camera("a", yard)
	first := b.open("v0", "a")
	for i := 1; i <= 8; i++ {
		b.open(fmt.Sprint("v", i), "a")
	}
	b.eventually(time.Second, "the first is told", func() bool { return b.code(string(first.Playlist)) == "410 "+viewers.CodeEvicted })
	if _, err := b.try("v9", "a", func(r *hls.Request) { r.Admit = viewers.IfFree }); !errors.Is(err, viewers.ErrLimit) {
		t.Errorf("a machine got in: %v", err)
	}
	again := b.open("v8", "a") // the same view by another way
	if got := b.Stats().Sessions; got > 9 {
		t.Errorf("%d sessions", got)
	}
	b.player(string(again.Playlist)).load()
}

func TestAViewLivesAsLongAsSomebodyAsksOrAnswers(t *testing.T) {
	t.Parallel()
	b := newHouse(t)
	b.camera("a", yard)
	silent, asking, answering := b.open("silent", "a"), b.open("asking", "a"), b.open("answering", "a")
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for end := time.Now().Add(14 * time.Second); time.Now().Before(end); <-tick.C {
		b.get(string(asking.Playlist))
		b.Pong("u", "answering", "nobody")
		b.Pong("somebody else", "silent")
	}
	if got := b.code(string(silent.Playlist)); got != "410 "+viewers.CodeExpired {
		t.Errorf("silent: %s", got)
	}
	for _, s := range []hls.Session{asking, answering} {
		if status, _, _ := b.get(string(s.Playlist)); status != 200 {
			t.Errorf("%s: %d", s.View, status)
		}
	}
}

func TestMediaStaysWithinItsBound(t *testing.T) {
	t.Parallel()
	const bound = 400 << 10
	b := newHouse(t, func(o *hls.Options) { o.StreamBytes = bound })
	spec := gate
	spec.Kbps = 2000
	b.camera("a", spec)
	b.pull("a", 0)
	p := b.player(string(b.open("v", "a").Playlist))
	most := int64(0)
	p.watch(20*time.Second, func() bool {
		most = max(most, b.Stats().Bytes)
		return p.played() > 5
	})
	if most > bound+100<<10 || most == 0 { // the newest segment always stays
		t.Errorf("%d bytes kept, bound %d", most, bound)
	}
}

func TestOpenAndCloseLeaveNothing(t *testing.T) {
	t.Parallel()
	b := newHouse(t, func(o *hls.Options) { o.Linger = time.Millisecond })
	b.camera("a", yard)
	b.pull("a", 500*time.Millisecond)
	for i := range 15 {
		view := fmt.Sprint("v", i)
		b.player(string(b.open(view, "a").Playlist)).load()
		b.end(view)
		b.eventually(5*time.Second, "FFmpeg is gone", func() bool { s := b.Stats(); return s.FFmpeg.Live == 0 && len(s.Streams) == 0 && s.Bytes == 0 })
	}
	if s := b.Stats(); s.Spawned != 15 || s.Failed != 0 || s.FFmpeg.Killed != 0 {
		t.Errorf("%+v", s)
	}
	b.eventually(2*time.Second, "no loopback reader is left", func() bool { return b.relay.Stats().Loopback == 0 })
}
