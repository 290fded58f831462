package api

import "net/http"

// watchingRoutes is the part of the table about watching.
func (a *API) watchingRoutes() []route {
	return []route{
		{method: http.MethodGet, path: v1 + "/signaling", need: user, screen: true, tag: "watching", name: "signaling", summary: "WebSocket, subprotocol rtsp-viewer.v1", status: http.StatusSwitchingProtocols, stays: true, raw: raw(a.signaling)},
		{method: http.MethodPost, path: v1 + "/cameras/{id}/whep", need: user, screen: true, tag: "watching", name: "whep", summary: "Watch by WHEP", query: []string{"view", "admit", "replaces"}, status: http.StatusCreated, media: sdpType, body: sdpType, raw: raw(a.whep)},
		{method: http.MethodPatch, path: v1 + "/whep/{secret}", need: user, screen: true, tag: "watching", name: "whep-candidates", summary: "Trickle candidates of a WHEP view", status: noContent, body: "application/trickle-ice-sdpfrag", raw: raw(a.whep)},
		{method: http.MethodDelete, path: v1 + "/whep/{secret}", need: user, screen: true, tag: "watching", name: "whep-end", summary: "End a WHEP view", raw: raw(a.whep)},
		{method: http.MethodPost, path: v1 + "/cameras/{id}/hls", need: user, screen: true, tag: "watching", name: "hls", summary: "Watch by HLS; waits at most 5 s for the camera", status: http.StatusCreated, typed: typed(a, a.openHLS)},
		{method: http.MethodGet, path: hlsFile, need: anyone, tag: "watching", name: "hls-file", summary: "Playlists and segments of a view by HLS; the secret in the path is the right to them", media: "application/vnd.apple.mpegurl", quiet: true, raw: a.serveHLS},
		{method: http.MethodGet, path: v1 + "/views", need: moderator, tag: "watching", name: "list-views", summary: "Who watches what now", typed: typed(a, a.listViews)},
		{method: http.MethodDelete, path: v1 + "/views/{id}", need: user, screen: true, tag: "watching", name: "end-view", summary: "End a view: one's own, or anybody's for a moderator", typed: typed(a, a.endView)},
	}
}

// eventRoutes is the part of the table about what happened.
func (a *API) eventRoutes() []route {
	return []route{
		{method: http.MethodGet, path: v1 + "/events", need: admin, tag: "events", name: "list-events", summary: "What happened", typed: typed(a, a.listEvents)},
		{method: http.MethodGet, path: v1 + "/events/stream", need: admin, tag: "events", name: "stream-events", summary: "The same as it happens (SSE, Last-Event-ID)", media: "text/event-stream", query: []string{"after", "kind", "code", "camera", "user", "q", "from", "to"}, stays: true, raw: a.streamEvents},
	}
}
