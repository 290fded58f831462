package main

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// TestOneSessionAtTheCamera has three viewers and FFmpeg on the loopback RTSP read one camera, which must count one session, and none
// once all have left.
func TestOneSessionAtTheCamera(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	cam, added := g.simulated(small(1))
	var pages []*page
	for range 3 {
		p := g.openPage(g.admin)
		p.watch(added).wantFrames(5, 10*time.Second)
		pages = append(pages, p)
	}
	url, err := g.app.streams.LoopbackURL(relay.Key{Camera: camera.ID(added.ID), Kind: camera.Main})
	if err != nil {
		t.Fatal(err)
	}
	reader := exec.CommandContext(t.Context(), "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp",
		"-i", url, "-frames:v", "20", "-f", "null", "-")
	if out, err := reader.CombinedOutput(); err != nil {
		t.Fatalf("FFmpeg on the loopback RTSP: %v: %s", err, out)
	}
	if s := cam.Stats(); s.SessionsEver != 1 || s.SessionsNow != 1 {
		t.Fatalf("the camera counts %d sessions ever and %d now, want 1 and 1", s.SessionsEver, s.SessionsNow)
	}
	for _, p := range pages {
		p.close()
	}
	// Leases of views whose page is gone, the linger time of one second, and two seconds.
	ctx, cancel := context.WithTimeout(t.Context(), 12*time.Second+g.app.config.Linger+2*time.Second)
	defer cancel()
	if err := cam.AwaitSessions(ctx, 0); err != nil {
		t.Fatalf("the camera still has a session after all have left: %v", err)
	}
}

// TestClosedTileFreesTheCamera asks for no more than linger and a second when the page says that it closes.
func TestClosedTileFreesTheCamera(t *testing.T) {
	g := startGateway(t)
	cam, added := g.simulated(small(1))
	p := g.openPage(g.admin)
	x := p.watch(added)
	x.wantFrames(2, 10*time.Second)
	p.send(closing(x))
	ctx, cancel := context.WithTimeout(t.Context(), g.app.config.Linger+time.Second)
	defer cancel()
	if err := cam.AwaitSessions(ctx, 0); err != nil {
		t.Fatal("the camera still has a session after linger and a second")
	}
}
