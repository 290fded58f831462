package main

import (
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// faultBound is how long a viewer waits to learn what is wrong with a camera.
const faultBound = 5 * time.Second

// TestWhatIsWrongWithACameraIsSaid gives the tile a code, and the log too, for each sort of camera that can't be shown.
func TestWhatIsWrongWithACameraIsSaid(t *testing.T) {
	g := startGateway(t)
	locked := rtsptest.Start(t, small(1), func(o *rtsptest.Options) { o.Username, o.Password = "viewer", "right" })
	website := httptest.NewServer(nil)
	t.Cleanup(website.Close)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	spec := func(change func(*rtsptest.Spec)) string {
		s := small(9)
		change(&s)
		return rtsptest.Start(t, s).URL()
	}
	cases := []struct {
		name, address, status, code string
		fields                      map[string]any
	}{
		{"wrong password", locked.URL(), "refused", "camera.credentials", map[string]any{"username": "viewer", "password": "wrong"}},
		{"unknown host", "rtsp://no-such-camera.invalid/stream", "connecting", "camera.unknown_host", nil},
		{"nobody listens", "rtsp://" + closed.Addr().String() + "/cam", "connecting", "camera.unreachable", nil},
		{"black hole", "rtsp://" + silent.Addr().String() + "/cam", "connecting", "camera.timeout", nil},
		{"a web site", "rtsp://" + strings.TrimPrefix(website.URL, "http://") + "/cam", "", "camera.not_rtsp", nil},
		{"wrong path", strings.TrimSuffix(locked.URL(), "/cam") + "/other", "", "camera.no_stream", map[string]any{"username": "viewer", "password": "right"}},
		{"sound only", spec(func(s *rtsptest.Spec) { s.NoVideo, s.Audio = true, "pcmu" }), "unsupported", "media.no_video", nil},
		{"H.265", spec(func(s *rtsptest.Spec) { s.Codec = "h265" }), "unsupported", "media.codec", nil},
		{"MJPEG", spec(func(s *rtsptest.Spec) { s.Codec = "mjpeg" }), "unsupported", "media.codec", nil},
		{"B-frames", spec(func(s *rtsptest.Spec) { s.BFrames, s.Profile = 2, "main" }), "unsupported", "media.bframes", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			added := g.addCamera(c.name, c.address, c.fields)
			x := g.openPage(g.admin).watch(added)
			var last string
			eventually(t, faultBound, "code "+c.code, func() bool {
				x.mu.Lock()
				defer x.mu.Unlock()
				for _, s := range x.states {
					last = s.Code
					if s.Code == c.code && (c.status == "" || s.Status == c.status) {
						return true
					}
				}
				return false
			})
			eventually(t, time.Second, "the code and the camera's name in the log, not only "+last, func() bool {
				for _, line := range strings.Split(g.log.String(), "\n") {
					if strings.Contains(line, c.code) && strings.Contains(line, c.name) {
						return true
					}
				}
				return false
			})
			x.page.send(closing(x))
		})
	}
}

// TestCameraComesBack pauses, kills and restarts a camera under a viewer.
func TestCameraComesBack(t *testing.T) {
	g := startGateway(t)
	cam, added := g.simulated(small(1)) // a keyframe each second
	x := g.openPage(g.admin).watch(added)
	x.wantFrames(10, 10*time.Second)
	const back = 5*time.Second + time.Second // and one keyframe interval

	cam.Pause()
	x.wantState("stalled", "", 3*time.Second)
	cam.Resume()
	x.wantFrames(5, back)
	x.wantState("live", "", time.Second)

	if err := cam.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 3*time.Second, "a state that is not live", func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		return x.states[len(x.states)-1].Status != "live"
	})
	if err := cam.Restart(); err != nil {
		t.Fatal(err)
	}
	x.wantFrames(5, back)
	x.wantState("live", "", time.Second)
	if err := cam.Restart(); err != nil { // a reboot faster than anybody notices
		t.Fatal(err)
	}
	x.wantFrames(5, back)
}

// TestPicturesOfAPausedCameraAreNotShownAgain asks for a keyframe as browsers do that see no picture, and comes as a new viewer. Pages tell
// live from dead by decoded frames, so the kept picture must not be sent once more.
func TestPicturesOfAPausedCameraAreNotShownAgain(t *testing.T) {
	g := startGateway(t)
	cam, added := g.simulated(small(1))
	p := g.openPage(g.admin)
	x := p.watch(added)
	x.wantFrames(10, 10*time.Second)
	cam.Pause()
	x.wantState("stalled", "", 3*time.Second)
	frames, last := x.count(), x.newest()
	late := p.watch(added)
	video := x.pc.GetReceivers()[0].Track()
	begun := time.Now()
	eventually(t, 10*time.Second, "the new viewer's connection", func() bool {
		_ = x.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(video.SSRC())}})
		return late.pc.ConnectionState() == webrtc.PeerConnectionStateConnected && time.Since(begun) > 1500*time.Millisecond
	})
	if n := x.count(); n != frames {
		t.Errorf("%d pictures came from a camera that sends none", n-frames)
	}
	if n := late.count(); n != 0 {
		t.Errorf("a new viewer was given %d pictures of the past", n)
	}
	cam.Resume()
	late.wantFrames(1, 5*time.Second+time.Second)
	late.mu.Lock()
	defer late.mu.Unlock()
	if len(late.counters) == 0 || late.counters[0] <= last {
		t.Errorf("the new viewer began with picture %v, the last before the pause was %d", late.counters, last)
	}
}

// TestTheClockOfTheCameraJumps: a jump of the camera's clock costs no picture.
func TestTheClockOfTheCameraJumps(t *testing.T) {
	g := startGateway(t)
	cam, added := g.simulated(small(1))
	x := g.openPage(g.admin).watch(added)
	x.wantFrames(5, 10*time.Second)
	for _, jump := range []time.Duration{time.Hour, -2 * time.Hour} {
		cam.JumpTimestamps(jump)
		x.wantFrames(10, 5*time.Second)
	}
	x.wantState("live", "", time.Second)
}
