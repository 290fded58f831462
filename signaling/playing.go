package signaling

import "github.com/rtsp-viewer/rtsp-viewer/viewers"

// setPlaying takes the list of views that the page plays by HLS in place of the former one, and counts as a sign of life.
func (ses *session) setPlaying(views []string) {
	if len(views) > maxTiles {
		views = views[:maxTiles]
	}
	playing := make([]viewers.ViewID, len(views))
	for i, v := range views {
		playing[i] = viewers.ViewID(v)
	}
	ses.mu.Lock()
	ses.playing = playing
	ses.mu.Unlock()
	ses.renewPlaying()
}

// renewPlaying passes a sign of life on to the views that the page plays by HLS. The list is replaced, never edited.
func (ses *session) renewPlaying() {
	ses.mu.Lock()
	playing := ses.playing
	ses.mu.Unlock()
	if len(playing) > 0 {
		ses.s.playing(ses.principal.User.ID, playing...)
	}
}
