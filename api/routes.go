package api

import "net/http"

const (
	v1      = "/api/v1"
	sdpType = "application/sdp"
)

// routes is the one table of everything that the gateway answers over HTTP: gin, the gate and the OpenAPI document all come from it.
func (a *API) routes() []route {
	const (
		get    = http.MethodGet
		post   = http.MethodPost
		put    = http.MethodPut
		change = http.MethodPatch
		remove = http.MethodDelete
	)
	return []route{
		// Signing in.
		{method: post, path: v1 + "/auth/login", need: anyone, tag: "sign-in", name: "login", summary: "Sign in by login name or e-mail", typed: typed(a, a.login)},
		{method: post, path: v1 + "/auth/refresh", need: anyone, tag: "sign-in", name: "refresh", summary: "Exchange the refresh cookie for new tokens", typed: typed(a, a.refresh)},
		{method: post, path: v1 + "/auth/logout", need: anyone, tag: "sign-in", name: "logout", summary: "Sign out here", typed: typed(a, a.logout)},

		// Oneself.
		{method: get, path: v1 + "/me", need: user, tag: "me", name: "get-me", summary: "My account", typed: typed(a, a.getMe)},
		{method: change, path: v1 + "/me", need: user, tag: "me", name: "patch-me", summary: "Change my name, phone or language", typed: typed(a, a.patchMe)},
		{method: post, path: v1 + "/me/password", need: user, tag: "me", name: "change-password", summary: "Change my password; signs out everywhere else", typed: typed(a, a.changePassword)},
		{method: get, path: v1 + "/me/cameras", need: user, tag: "me", name: "list-my-cameras", summary: "Cameras that I may watch", typed: typed(a, a.listMyCameras)},
		{method: get, path: v1 + "/me/cameras/{id}", need: user, tag: "me", name: "get-my-camera", summary: "One of them", typed: typed(a, a.getMyCamera)},
		{method: get, path: v1 + "/me/favorites", need: user, tag: "me", name: "list-favorites", summary: "My favourites among them", typed: typed(a, a.listFavorites)},
		{method: put, path: v1 + "/me/favorites/{camera_id}", need: user, tag: "me", name: "add-favorite", summary: "Make a camera a favourite", typed: typed(a, a.addFavorite)},
		{method: remove, path: v1 + "/me/favorites/{camera_id}", need: user, tag: "me", name: "remove-favorite", summary: "Make it none", typed: typed(a, a.removeFavorite)},
		{method: get, path: v1 + "/me/views", need: user, tag: "me", name: "list-my-views", summary: "What I watch now, on all devices", typed: typed(a, a.listMyViews)},

		// People.
		{method: get, path: v1 + "/users", need: admin, tag: "users", name: "list-users", summary: "All accounts", typed: typed(a, a.listUsers)},
		{method: post, path: v1 + "/users", need: admin, tag: "users", name: "create-user", summary: "Register somebody", status: http.StatusCreated, typed: typed(a, a.createUser)},
		{method: get, path: v1 + "/users/{id}", need: admin, tag: "users", name: "get-user", summary: "One account", typed: typed(a, a.getUser)},
		{method: change, path: v1 + "/users/{id}", need: admin, tag: "users", name: "patch-user", summary: "Change an account: names, role, ban, limit, password", typed: typed(a, a.patchUser)},
		{method: remove, path: v1 + "/users/{id}", need: admin, tag: "users", name: "delete-user", summary: "Delete an account", typed: typed(a, a.deleteUser)},
		{method: get, path: v1 + "/people", need: moderator, tag: "users", name: "list-people", summary: "Who there is, to grant cameras to", typed: typed(a, a.listPeople)},

		// Grants.
		{method: get, path: v1 + "/users/{id}/cameras", need: moderator, tag: "grants", name: "list-user-cameras", summary: "A user's cameras, and by which grants", typed: typed(a, a.listUserCameras)},
		{method: put, path: v1 + "/users/{id}/cameras/{camera_id}", need: moderator, tag: "grants", name: "grant-camera", summary: "Grant a camera", typed: typed(a, a.grantCamera)},
		{method: remove, path: v1 + "/users/{id}/cameras/{camera_id}", need: moderator, tag: "grants", name: "revoke-camera", summary: "Revoke it", typed: typed(a, a.revokeCamera)},
		{method: get, path: v1 + "/users/{id}/groups", need: moderator, tag: "grants", name: "list-user-groups", summary: "A user's groups", typed: typed(a, a.listUserGroups)},
		{method: put, path: v1 + "/users/{id}/groups/{group_id}", need: moderator, tag: "grants", name: "grant-group", summary: "Grant a group: whatever cameras it holds at any moment", typed: typed(a, a.grantGroup)},
		{method: remove, path: v1 + "/users/{id}/groups/{group_id}", need: moderator, tag: "grants", name: "revoke-group", summary: "Revoke it", typed: typed(a, a.revokeGroup)},

		// Cameras.
		{method: get, path: v1 + "/cameras", need: moderator, tag: "cameras", name: "list-cameras", summary: "All cameras", typed: typed(a, a.listCameras)},
		{method: post, path: v1 + "/cameras", need: moderator, tag: "cameras", name: "create-camera", summary: "Add a camera", status: http.StatusCreated, typed: typed(a, a.createCamera)},
		{method: get, path: v1 + "/cameras/{id}", need: moderator, tag: "cameras", name: "get-camera", summary: "One camera", typed: typed(a, a.getCamera)},
		{method: change, path: v1 + "/cameras/{id}", need: moderator, tag: "cameras", name: "patch-camera", summary: "Change a camera; a new address redials it at once", typed: typed(a, a.patchCamera)},
		{method: remove, path: v1 + "/cameras/{id}", need: moderator, tag: "cameras", name: "delete-camera", summary: "Delete a camera; 409 with counts if it is in use", typed: typed(a, a.deleteCamera)},
		{method: get, path: v1 + "/cameras/{id}/users", need: moderator, tag: "cameras", name: "list-camera-users", summary: "Who was granted it, and how", typed: typed(a, a.listCameraUsers)},

		// Groups.
		{method: get, path: v1 + "/groups", need: moderator, tag: "groups", name: "list-groups", summary: "Groups of cameras", typed: typed(a, a.listGroups)},
		{method: post, path: v1 + "/groups", need: moderator, tag: "groups", name: "create-group", summary: "Make a group", status: http.StatusCreated, typed: typed(a, a.createGroup)},
		{method: get, path: v1 + "/groups/{id}", need: moderator, tag: "groups", name: "get-group", summary: "One group", typed: typed(a, a.getGroup)},
		{method: change, path: v1 + "/groups/{id}", need: moderator, tag: "groups", name: "patch-group", summary: "Change its name or notes", typed: typed(a, a.patchGroup)},
		{method: remove, path: v1 + "/groups/{id}", need: moderator, tag: "groups", name: "delete-group", summary: "Delete a group and its grants", typed: typed(a, a.deleteGroup)},
		{method: get, path: v1 + "/groups/{id}/users", need: moderator, tag: "groups", name: "list-group-users", summary: "Who was granted it", typed: typed(a, a.listGroupUsers)},
		{method: put, path: v1 + "/groups/{id}/cameras/{camera_id}", need: moderator, tag: "groups", name: "add-to-group", summary: "Put a camera into it", typed: typed(a, a.addToGroup)},
		{method: remove, path: v1 + "/groups/{id}/cameras/{camera_id}", need: moderator, tag: "groups", name: "remove-from-group", summary: "Take a camera out of it", typed: typed(a, a.removeFromGroup)},

		// Watching.
		{method: get, path: v1 + "/signaling", need: user, tag: "watching", name: "signaling", summary: "WebSocket, subprotocol rtsp-viewer.v1", status: http.StatusSwitchingProtocols, stays: true, raw: raw(a.signaling)},
		{method: post, path: v1 + "/cameras/{id}/whep", need: user, tag: "watching", name: "whep", summary: "Watch by WHEP", query: []string{"view", "admit", "replaces"}, status: http.StatusCreated, media: sdpType, body: sdpType, raw: raw(a.whep)},
		{method: change, path: v1 + "/whep/{secret}", need: user, tag: "watching", name: "whep-candidates", summary: "Trickle candidates of a WHEP view", status: noContent, body: "application/trickle-ice-sdpfrag", raw: raw(a.whep)},
		{method: remove, path: v1 + "/whep/{secret}", need: user, tag: "watching", name: "whep-end", summary: "End a WHEP view", raw: raw(a.whep)},
		{method: post, path: v1 + "/cameras/{id}/hls", need: user, tag: "watching", name: "hls", summary: "Watch by HLS; waits at most 5 s for the camera", status: http.StatusCreated, typed: typed(a, a.openHLS)},
		{method: get, path: hlsFile, need: anyone, tag: "watching", name: "hls-file", summary: "Playlists and segments of a view by HLS; the secret in the path is the right to them", media: "application/vnd.apple.mpegurl", quiet: true, raw: a.serveHLS},
		{method: get, path: v1 + "/views", need: moderator, tag: "watching", name: "list-views", summary: "Who watches what now", typed: typed(a, a.listViews)},
		{method: remove, path: v1 + "/views/{id}", need: user, tag: "watching", name: "end-view", summary: "End a view: one's own, or anybody's for a moderator", typed: typed(a, a.endView)},

		// What happened.
		{method: get, path: v1 + "/events", need: admin, tag: "events", name: "list-events", summary: "What happened", typed: typed(a, a.listEvents)},
		{method: get, path: v1 + "/events/stream", need: admin, tag: "events", name: "stream-events", summary: "The same as it happens (SSE, Last-Event-ID)", media: "text/event-stream", query: []string{"after"}, stays: true, raw: a.streamEvents},

		// The gateway itself.
		{method: get, path: v1 + "/openapi.json", need: anyone, tag: "gateway", name: "openapi", summary: "This document", media: "application/json", quiet: true, raw: a.serveOpenAPI},
		{method: get, path: "/api/docs", need: anyone, tag: "gateway", name: "docs", summary: "It as a page", media: "text/html", quiet: true, raw: page("index.html", "text/html; charset=utf-8")},
		{method: get, path: "/api/docs/app.js", need: anyone, tag: "gateway", name: "docs-script", summary: "The page's script", media: "text/javascript", quiet: true, raw: page("app.js", "text/javascript; charset=utf-8")},
		{method: get, path: "/api/docs/style.css", need: anyone, tag: "gateway", name: "docs-style", summary: "The page's style", media: "text/css", quiet: true, raw: page("style.css", "text/css; charset=utf-8")},
		{method: get, path: "/healthz", need: anyone, tag: "gateway", name: "healthz", summary: "The process answers", media: "text/plain", quiet: true, raw: a.healthz},
		{method: get, path: "/readyz", need: anyone, tag: "gateway", name: "readyz", summary: "The gateway can work: its database answers", media: "text/plain", quiet: true, raw: a.readyz},
		{method: get, path: "/metrics", need: admin, tag: "gateway", name: "metrics", summary: "Metrics for Prometheus", media: "text/plain", quiet: true, raw: raw(a.metrics)},
		{method: get, path: "/{path}", need: anyone, tag: "gateway", name: "app", summary: "The web app: whatever no other route answers", media: "text/html", quiet: true, rest: true, raw: a.serveRest},
	}
}
