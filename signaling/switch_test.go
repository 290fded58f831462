package signaling

import (
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/relay/peer"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

func (p *page) switchTo(view, cam string) SwitchedMessage {
	p.r.t.Helper()
	p.send(ClientMessage{Type: "switch", View: view, Camera: cam, Admit: "evict_oldest", Label: "Chrome"})
	var m SwitchedMessage
	p.next("switched", view, &m)
	return m
}

// TestAnotherCameraOverTheSameConnection: the place is kept, the view is opened anew, and the former camera's state is not told as the new one's.
func TestAnotherCameraOverTheSameConnection(t *testing.T) {
	r := newRig(t)
	p := r.page("u")
	first := p.watch("v", "c1", "evict_oldest")
	only := r.peer()
	only.becomes(func(s *Snapshot) { s.Connection, s.Status = Connected, "live" })
	var st StateMessage
	for st.Status != "live" {
		p.next("state", "v", &st)
	}
	second := p.switchTo("v", "c2")
	if second.Camera != "c2" || second.Generation <= first.Generation || second.OpenedAt.Before(first.OpenedAt) {
		t.Fatalf("%+v after %+v", second, first)
	}
	// The peer has not left c1 yet, then it has.
	only.becomes(func(s *Snapshot) { s.Width = 640 })
	only.becomes(func(s *Snapshot) { s.Camera, s.Status, s.Width = "c2", "connecting", 0 })
	p.next("state", "v", &st)
	if st.Generation != second.Generation || st.Status != "connecting" || st.Width != 0 {
		t.Errorf("the first state of c2 is %+v", st)
	}

	// Refused: c2 stands.
	p.send(ClientMessage{Type: "switch", View: "v", Camera: "secret", Admit: "evict_oldest"})
	p.error("v", "camera.not_found")
	only.becomes(func(s *Snapshot) { s.Status = "live" })
	p.next("state", "v", &st)
	if st.Generation != second.Generation || st.Status != "live" {
		t.Errorf("after a refusal: %+v", st)
	}
	if len(only.switches) != 1 || only.switches[0] != "c2" {
		t.Errorf("switched to %v", only.switches)
	}
	select {
	case <-only.Done():
		t.Error("the peer was closed")
	default:
	}
	p.send(ClientMessage{Type: "close", View: "v"})
	if end := p.end("v", viewers.CodeClosed); end.Generation != second.Generation {
		t.Errorf("end %+v", end)
	}
}

func TestASwitchWithoutAConnectionIsRefused(t *testing.T) {
	r := newRig(t)
	p := r.page("u")
	p.send(ClientMessage{Type: "switch", View: "v", Camera: "c1"})
	p.error("v", errNoView.Code)

	// A peer that ended in this moment: the place is there for a fresh watch.
	first := p.watch("v", "c1", "evict_oldest")
	former := r.peer()
	former.mu.Lock()
	former.stuck = peer.ErrClosed
	former.mu.Unlock()
	p.send(ClientMessage{Type: "switch", View: "v", Camera: "c2"})
	p.error("v", peer.ErrClosed.Code)
	r.gone(former)
	if again := p.watch("v", "c2", "if_free"); again.Generation <= first.Generation {
		t.Errorf("watched anew: %+v", again)
	}
}
