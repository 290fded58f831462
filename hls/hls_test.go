package hls_test

import (
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

var gate = rtsptest.Spec{Width: 320, Height: 180, FPS: 25, GOP: 100, Seconds: 8, Audio: "pcma"}

func TestAPlayerBeginsAtOnceNearLiveAndGoesOn(t *testing.T) {
	b := newHouse(t)
	b.camera("a", gate)
	b.pull("a", 2500*time.Millisecond)
	s := b.open("v", "a")
	p := b.player(string(s.Playlist))
	p.load()
	if p.segments[0].bytes == 0 || p.played() < 0.5 || p.played() > 2 {
		t.Errorf("the first list holds %v s:\n%s", p.played(), p.text)
	}
	p.watch(10*time.Second, func() bool { return p.played() > 5 })
	got := probe(t, p.files[0])
	if n := decode(t, p.files[0]); n != len(got["video"]) || n < 125 {
		t.Errorf("%d pictures of %d can be decoded", n, len(got["video"]))
	}
}
