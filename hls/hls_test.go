package hls_test

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/hls"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
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
	asked := time.Now()
	p.load()
	t.Logf("cold: the first picture shown is %v old", asked.Sub(p.segments[0].at))
	if !strings.Contains(p.segments[0].uri, "k=") {
		t.Errorf("the first segment is nobody's own:\n%s", p.text)
	}
	p.watch(patience, func() bool { return p.played() > 6 })
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
	// Another one begins at once, since FFmpeg runs, and near the newest that is there, wherever the keyframe is.
	begun := time.Now()
	q := b.plays("w")
	t.Logf("warm: list and segments after %v", time.Since(begun))
	if q.played() < 0.6 || q.played() > 2.2 || q.segments[0].at.Before(last.at.Add(-2*time.Second)) {
		t.Errorf("the first list holds %v s, from %v after the newest that another one has:\n%s", q.played(), q.segments[0].at.Sub(last.at), q.text)
	}
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
	b.eventually(patience, "FFmpeg is gone", func() bool { s := b.Stats(); return s.FFmpeg.Live == 0 && len(s.Streams) == 0 && s.Bytes == 0 })
	first.Close()
	second.Close()
	limit, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := cam.AwaitSessions(limit, 0); err != nil {
		t.Error("the camera is pulled for nobody")
	}
}

func TestPicturesOutOfOrderKeepTheirTimes(t *testing.T) {
	t.Parallel()
	b := newHouse(t)
	spec := gate
	spec.BFrames, spec.GOP = 2, 50
	b.camera("a", spec)
	b.pull("a", 1700*time.Millisecond)
	p := b.player(string(b.open("v", "a").Playlist))
	p.watch(patience, func() bool { return p.played() > 4 })
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
	native.watch(patience, func() bool { return native.played() > 2 })
	checkFilm(t, native.files[0], true)
}

func TestFFmpegPlaysBothLists(t *testing.T) {
	t.Parallel()
	b, _ := newYard(t)
	s := b.open("v", "a")
	for _, list := range []hls.Path{s.Playlist, s.NativePlaylist} {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		cmd := exec.CommandContext(ctx, "ffmpeg", "-hide_banner", "-nostdin", "-v", "fatal", "-t", "5", "-i", b.web.URL+string(list),
			"-fps_mode", "passthrough", "-map", "0:v", "-f", "framecrc", "pipe:1", "-map", "0:a", "-f", "null", "-")
		out, err := cmd.Output()
		cancel()
		if err != nil {
			t.Errorf("%v: %v", list, err)
		}
		if n := strings.Count(string(out), "\n0, "); n < 120 || n > 190 {
			t.Errorf("%v: %d pictures in five seconds", list, n)
		}
	}
}

func TestNativeSegmentsBeginWithKeyframes(t *testing.T) {
	t.Parallel()
	b := newHouse(t)
	spec := yard
	spec.Audio = ""
	b.camera("a", spec)
	s := b.open("v", "a")
	p := b.player(string(s.NativePlaylist))
	p.watch(patience, func() bool { return len(p.segments) >= 3 })
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

func TestAPlayerThatFellBehindIsPutAtTheEdge(t *testing.T) {
	t.Parallel()
	b, _ := newYard(t)
	p := b.plays("v")
	stale := p.segments[0]
	seen := b.Stats().Streams[0].Sequence
	b.eventually(patience, "the window has gone on", func() bool {
		b.Pong("u", "v") // the page is there
		return b.Stats().Streams[0].Sequence > seen+20
	})
	first := len(p.segments)
	p.files, p.head = nil, ""
	p.load()
	if p.jumps != 1 || !strings.Contains(p.text, "first.m4s") {
		t.Fatalf("the list does not begin at the edge:\n%s", p.text)
	}
	seconds := 0.0
	for _, s := range p.segments[first:] {
		seconds += s.seconds
	}
	if seconds > 3 {
		t.Errorf("it begins %v s before the end of the list", seconds)
	}
	checkFilm(t, p.files[0], true)
	if got := b.code(filepath.Dir(p.list) + "/" + stale.uri); got != "404 hls.not_found" {
		t.Errorf("an old segment: %s", got)
	}
}

// TestAPlayerThatOnlyAsksForListsIsPutAtTheEdge knows all numbers when it is given segments that it could take: they come under new ones.
func TestAPlayerThatOnlyAsksForListsIsPutAtTheEdge(t *testing.T) {
	t.Parallel()
	b, _ := newYard(t)
	p := b.plays("v")
	known := p.next // the newest that it has
	b.eventually(patience, "the list begins anew", func() bool {
		_, _, body := b.get(p.list)
		for line := range strings.SplitSeq(string(body), "\n") {
			if number, ok := strings.CutPrefix(line, "#EXT-X-MEDIA-SEQUENCE:"); ok {
				n, _ := strconv.ParseInt(number, 10, 64)
				if strings.Contains(string(body), "first.m4s") && n >= known {
					p.next = n
					return true
				}
				for uri := range strings.SplitSeq(string(body), "\n") {
					if uri != "" && uri[0] != '#' {
						if was := p.names[n]; was != "" && was != uri {
							t.Fatalf("segment %d was %s and is %s now:\n%s", n, was, uri, body)
						}
						p.names[n] = uri
						n++
					}
				}
			}
		}
		return false
	})
	p.files, p.head = nil, ""
	p.load()
	if newest := len(p.names); p.names[p.next-1] == "" || newest == 0 {
		t.Errorf("%v", p.names)
	}
	if !strings.Contains(p.text, "#EXT-X-DISCONTINUITY-SEQUENCE:1\n") {
		t.Errorf("what comes does not follow what was, and the list does not say so:\n%s", p.text)
	}
	p.watch(patience, func() bool { return p.played() > 4 })
	if p.jumps > 0 || p.broken > 0 {
		t.Errorf("%d jumps, %d discontinuities", p.jumps, p.broken)
	}
	checkFilm(t, p.files[0], true)
}

func TestAListWaitsForTheSegmentThatIsAskedFor(t *testing.T) {
	t.Parallel()
	b, camera := newYard(t)
	p := b.plays("v")
	if !strings.Contains(p.text, "CAN-BLOCK-RELOAD=YES") {
		t.Errorf("the list does not say that it waits:\n%s", p.text)
	}
	atOnce := 0
	for range 8 {
		next := p.next
		p.loadWith(fmt.Sprint("?_HLS_msn=", next))
		if p.next <= next {
			t.Errorf("asked for %d, and the next is %d", next, p.next)
		}
		if p.next == next+1 {
			atOnce++
		}
	}
	if atOnce == 0 {
		t.Error("no list came with the segment that was asked for, but later ones")
	}
	p.loadWith(fmt.Sprint("?_HLS_msn=", p.next-1)) // is there
	next := p.next
	p.loadWith(fmt.Sprint("?_HLS_msn=", next+1)) // one more than the next
	if p.next <= next+1 {
		t.Errorf("asked for %d, and the next is %d", next+1, p.next)
	}
	for _, far := range []string{"1000000000", "9223372036854775807"} { // nobody waits for that
		if got := b.code(p.list + "?_HLS_msn=" + far); got != "400 request.invalid" {
			t.Errorf("asked for %s: %s", far, got)
		}
	}
	for _, none := range []string{"99999999999999999999", "-1", "x", "", "1&_HLS_msn=2"} {
		p.loadWith("?_HLS_msn=" + none)
	}
	camera.Pause() // what does not come is not waited for without end
	b.eventually(patience, "the list stays as it is", func() bool {
		next := p.next
		p.loadWith(fmt.Sprint("?_HLS_msn=", next))
		return p.next == next
	})
}

// TestOpeningsLeaveOthersTheirSegments has sixty people come within three seconds.
func TestOpeningsLeaveOthersTheirSegments(t *testing.T) {
	t.Parallel()
	b, _ := newYard(t)
	p := b.plays("v")
	begun := b.Stats().Streams[0].Sequence
	var others sync.WaitGroup
	others.Go(func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for i := range 60 {
			if s, err := b.try(fmt.Sprint("o", i%6), "a"); err == nil {
				_, _, _ = b.get(string(s.Playlist))
			}
			<-tick.C
		}
	})
	done := make(chan struct{})
	go func() {
		others.Wait()
		close(done)
	}()
	longest, last := time.Duration(0), time.Now()
	p.watch(patience, func() bool {
		longest, last = max(longest, time.Since(last)), time.Now()
		select {
		case <-done:
			return true
		default:
			return false
		}
	})
	if longest > 2*time.Second {
		t.Logf("on this machine the player itself did not ask for %v: what it lost says nothing", longest)
		return
	}
	if p.jumps > 0 || p.broken > 0 {
		t.Errorf("the first player's list went past it:\n%s", p.text)
	}
	cut := b.Stats().Streams[0].Sequence - begun
	if seconds := p.played(); float64(cut) > 4*seconds {
		t.Errorf("%d segments in %.1f s", cut, seconds)
	}
	checkFilm(t, p.files[0], true)
}

func TestMediaStaysWithinItsBound(t *testing.T) {
	t.Parallel()
	const bound = 400 << 10
	b := newHouse(t, func(o *hls.Options) { o.StreamBytes = bound })
	spec := gate
	spec.Kbps = 2000
	b.camera("a", spec)
	b.pull("a", 0)
	list := string(b.open("v", "a").Playlist)
	most := int64(0)
	b.eventually(patience, "five seconds have come", func() bool {
		if status, _, body := b.get(list); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		s := b.Stats()
		most = max(most, s.Bytes)
		return s.Streams[0].Sequence > 10
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
		b.eventually(patience, "FFmpeg is gone", func() bool { s := b.Stats(); return s.FFmpeg.Live == 0 && len(s.Streams) == 0 && s.Bytes == 0 })
	}
	if s := b.Stats(); s.Spawned < 15 || s.Failed != 0 {
		t.Errorf("%+v", s)
	}
	b.eventually(patience, "no loopback reader is left", func() bool { return b.relay.Stats().Loopback == 0 })
}
