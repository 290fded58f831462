package api

import (
	"context"

	"github.com/gin-gonic/gin"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/hls"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

// NewHLS says how to watch a camera by HLS.
type NewHLS struct {
	View     string `json:"view,omitempty" doc:"the page's own id for the view; one is made if absent. The id of a view that runs by another transport goes on by HLS in the same place"`
	Stream   string `json:"stream,omitempty" enum:"main,sub" doc:"main if absent"`
	Admit    string `json:"admit,omitempty" enum:"evict_oldest,if_free" doc:"evict_oldest, a person's act, if absent"`
	Replaces string `json:"replaces,omitempty" doc:"the view whose place this one takes"`
	Label    string `json:"label,omitempty" doc:"what to call this screen to whoever it evicts"`
}

// HLSView is a view by HLS. Its paths hold a secret of their own: whoever has one can watch until the view ends.
type HLSView struct {
	View           string `json:"view"`
	Playlist       string `json:"playlist" doc:"for hls.js"`
	NativePlaylist string `json:"native_playlist" doc:"for players that follow RFC 8216 to the letter"`
}

func (a *API) openHLS(ctx context.Context, in *struct {
	ID   string `path:"id"`
	Body *NewHLS
}) (*created[HLSView], error) {
	r := hls.Request{Principal: caller(ctx), Camera: camera.ID(in.ID)}
	if b := in.Body; b != nil {
		r.View, r.Stream, r.Admit = viewers.ViewID(b.View), camera.StreamKind(b.Stream), viewers.Admit(b.Admit)
		r.Replaces, r.Label = viewers.ViewID(b.Replaces), b.Label
	}
	s, err := a.hls.Open(ctx, r)
	if err != nil {
		return nil, err
	}
	return &created[HLSView]{
		Location: string(s.Playlist),
		Body:     HLSView{View: string(s.View), Playlist: string(s.Playlist), NativePlaylist: string(s.NativePlaylist)},
	}, nil
}

// serveHLS gives playlists and segments. The secret in the path is the right to them: there is nobody to ask for.
func (a *API) serveHLS(c *gin.Context) { a.hlsMedia.ServeHTTP(c.Writer, c.Request) }

// hlsFile is the route of everything below a view's secret.
const hlsFile = hls.Prefix + "{secret}/{file}"
