package peer

import (
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// TestNothingIsSentOfWhatCannotBeShown: a browser would show a few pictures of a camera with B-frames, and then none.
func TestNothingIsSentOfWhatCannotBeShown(t *testing.T) {
	t.Parallel()
	c := rtsptest.Start(t, rtsptest.Spec{Number: 4, BFrames: 2, Profile: "main", Width: 320, Height: 180, Seconds: 2, Audio: "pcmu"})
	r, e := pull(t, directory{"b": c.URL()})
	key := relay.Key{Camera: "b", Kind: camera.Main}
	v := newViewer(t)
	p := v.watch(e, key)
	waitFor(t, p, "the verdict", func(s Snapshot) bool {
		return s.Connection == Connected && s.State.Code == relay.CodeBFrames
	})
	frames := func() uint64 { return r.Stats().Streams[0].Frames }
	until := frames() + 40
	eventually(t, "more pictures of the camera", func() bool { return frames() >= until })
	if n, m := len(v.video()), len(v.audio()); n+m != 0 {
		t.Errorf("%d packets of video and %d of sound were sent", n, m)
	}
}

// TestAStreamThatCanBeShownAgainGoesOn: somebody has changed the camera's settings.
func TestAStreamThatCanBeShownAgainGoesOn(t *testing.T) {
	t.Parallel()
	c := newScript("profile")
	c.past(10, 2, 500)
	e := start(t, scripts{c.key: c})
	v := newViewer(t)
	p := v.watch(e, c.key)
	v.reaches(19)
	unsupported := func(s *relay.State) { s.Status, s.Code = relay.Unsupported, relay.CodeBFrames }
	c.set(unsupported)
	waitFor(t, p, "the verdict", func(s Snapshot) bool { return s.State.Code == relay.CodeBFrames })
	for i := range 30 {
		c.hidden(i == 0, 2, 500, time.Now())
	}
	first := c.hidden(true, 3, 500, time.Now())
	c.set(func(s *relay.State) { s.Status, s.Code = relay.Live, "" })
	got := v.reaches(first.First + 2)
	contiguous(t, got)
	rising(t, got)
	for _, p := range got {
		if i := indexOf(p); i >= 20 && i < first.First {
			t.Fatalf("packet %d was sent while the stream could not be shown", i)
		}
	}
}
