package hls_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/hls"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

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
	b.eventually(patience, "nobody holds a place", func() bool { return b.viewers.Stats().Now[viewers.HLS] == 0 })
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

// TestAPlayerPlaysOnUntilItsViewHasGoneOverToWebRTC has the view opened by WebRTC, which is not connected yet.
func TestAPlayerPlaysOnUntilItsViewHasGoneOverToWebRTC(t *testing.T) {
	t.Parallel()
	b, _ := newYard(t)
	p := b.plays("v")
	over := func() *viewers.View {
		v, err := b.viewers.Open(t.Context(), viewers.Request{
			Principal: auth.Principal{User: auth.User{ID: "u"}, Session: "s"}, View: "v", Camera: "a", Transport: viewers.WebRTC,
			Admit: viewers.IfFree, Lease: 30 * time.Second,
		})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	successor := over()
	for range 4 {
		p.loadWith(fmt.Sprint("?_HLS_msn=", p.next))
	}
	if p.jumps > 0 || p.played() < 2 {
		t.Errorf("%d jumps, %.1f s played", p.jumps, p.played())
	}
	// Its view's end is its end, too.
	successor.Close(viewers.CodeRevoked)
	if got := b.code(p.list); got != "410 "+viewers.CodeReplaced {
		t.Errorf("after the view's end: %s", got)
	}
	// And it does not take longer than connecting may.
	p = b.plays("v")
	defer over().Close(viewers.CodeClosed)
	p.loadWith(fmt.Sprint("?_HLS_msn=", p.next))
	b.eventually(patience, "the path is dead", func() bool { return b.code(p.list) == "410 "+viewers.CodeReplaced })
	// A view that goes on by HLS elsewhere leaves its old path at once.
	p = b.player(string(b.open("v", "a").Playlist))
	b.open("v", "a")
	if got := b.code(p.list); got != "410 "+viewers.CodeReplaced {
		t.Errorf("after another opening: %s", got)
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
	b.eventually(patience, "the first is told", func() bool { return b.code(string(first.Playlist)) == "410 "+viewers.CodeEvicted })
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

// TestWhoLeavesWhileWaitingIsNoFault has a player end that waits for its list, as each does.
func TestWhoLeavesWhileWaitingIsNoFault(t *testing.T) {
	t.Parallel()
	b, _ := newYard(t)
	p := b.plays("v")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	b.eventually(patience, "a list is waited for", func() bool {
		p.load() // what is new by now
		w := httptest.NewRecorder()
		b.Handler().ServeHTTP(w, httptest.NewRequestWithContext(gone, http.MethodGet, fmt.Sprintf("%s?_HLS_msn=%d", p.list, p.next), nil))
		if w.Code != http.StatusOK && w.Code != 499 {
			t.Fatalf("it is answered %d %s", w.Code, w.Body)
		}
		return w.Code == 499
	})
}

// TestASilentCameraShowsNobodyItsPast has a camera stop before somebody comes: pictures of before would look like those of now.
func TestASilentCameraShowsNobodyItsPast(t *testing.T) {
	t.Parallel()
	b := newHouse(t)
	cam := b.camera("a", yard)
	reader := b.pull("a", 0)
	b.plays("first")
	cam.Pause()
	b.eventually(patience, "the camera counts as silent", func() bool { return reader.State().Status == relay.Stalled })
	b.eventually(patience, "whoever comes is told so", func() bool {
		_, err := b.try("second", "a")
		if err == nil { // what FFmpeg held is let go a moment after
			return false
		}
		// The gateway may have hung up meanwhile and be trying again.
		if !strings.HasPrefix(fault.CodeOf(err), "camera.") || fault.KindOf(err) != fault.Unavailable {
			t.Fatal(err)
		}
		return true
	})
	cam.Resume()
	resumed := time.Now()
	p := b.plays("second")
	if at := p.segments[0].at; at.Before(resumed.Add(-2 * time.Second)) {
		t.Errorf("the first segment is from %v before the camera went on", resumed.Sub(at))
	}
}
