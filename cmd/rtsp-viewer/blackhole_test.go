package main

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// TestBlackHoleDelaysNobody starts 50 cameras at once, with all alive and then with one that never answers. The other 49 must be live as
// soon as without it.
func TestBlackHoleDelaysNobody(t *testing.T) {
	const cameras = 50
	spec := rtsptest.Spec{Number: 7, Width: 160, Height: 90, FPS: 5, GOP: 5, Kbps: 30, Seconds: 2}
	start := func(holed bool) time.Duration {
		g := startGateway(t, func(c *Config) { c.ViewsPerUser = 64 })
		var added []cameraAnswer
		for i := range cameras {
			if i == 0 && holed {
				silent, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer silent.Close()
				added = append(added, g.addCamera("black hole", "rtsp://"+silent.Addr().String()+"/cam", nil))
				continue
			}
			added = append(added, g.addCamera(fmt.Sprintf("Camera %d", i), rtsptest.Start(t, spec).URL(), nil))
		}
		p := g.openPage(g.admin)
		began := time.Now()
		var tiles []*tile
		for _, c := range added {
			tiles = append(tiles, p.watch(c))
		}
		for _, x := range tiles[1:] {
			eventually(t, 60*time.Second, "a picture", func() bool { return x.count() > 0 })
		}
		took := time.Since(began)
		p.close()
		g.end()
		return took
	}
	without := start(false)
	with := start(true)
	t.Logf("49 cameras live after %v, with a black hole beside them after %v", without, with)
	// Half as long again, and a second for the machine's moods; a shared dial would cost three seconds for each camera behind it.
	if with > without*3/2+time.Second {
		t.Errorf("with one black hole the others took %v, without %v", with, without)
	}
}
