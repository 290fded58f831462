package signaling

import (
	"slices"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

// TestPagesSignsOfLifeRenewWhatTheyPlay: by the message itself, by the answers to pings, which come often enough for a lease of 12 s, and no
// more once the list is empty.
func TestPagesSignsOfLifeRenewWhatTheyPlay(t *testing.T) {
	signs := make(chan []viewers.ViewID, 16)
	r := newRig(t, func(o *Options) {
		o.Playing = func(user auth.UserID, views ...viewers.ViewID) {
			if user != "u" {
				t.Errorf("a sign of life of %q", user)
			}
			signs <- slices.Clone(views)
		}
	})
	p := r.page("u")
	p.send(ClientMessage{Type: "playing", Views: []string{"tv-1", "tv-2"}})
	want := []viewers.ViewID{"tv-1", "tv-2"}
	for _, what := range []string{"the message", "the answer to a ping"} {
		select {
		case got := <-signs:
			if !slices.Equal(got, want) {
				t.Errorf("%s renews %v, want %v", what, got, want)
			}
		case <-time.After(pingPlaying + 2*time.Second):
			t.Fatalf("no sign of life by %s", what)
		}
	}
	p.send(ClientMessage{Type: "playing"})
	p.watch("v1", "c1", "if_free") // answered after the list was taken
	for len(signs) > 0 {
		<-signs // a ping that crossed it
	}
	select {
	case got := <-signs:
		t.Errorf("%v renewed although the page plays nothing", got)
	case <-time.After(pingPlaying + 2*time.Second):
	}
}
