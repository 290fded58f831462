package api

import "net/http"

// signInRoutes is the part of the table about signing in.
func (a *API) signInRoutes() []route {
	return []route{
		{method: http.MethodPost, path: v1 + "/auth/login", need: anyone, tag: "sign-in", name: "login", summary: "Sign in by login name or e-mail", typed: typed(a, a.login)},
		{method: http.MethodPost, path: v1 + "/auth/device", need: anyone, tag: "sign-in", name: "login-device", summary: "Sign a wall screen in by its code; lasts 400 days and longer by use", typed: typed(a, a.loginDevice)},
		{method: http.MethodPost, path: v1 + "/auth/refresh", need: anyone, tag: "sign-in", name: "refresh", summary: "Exchange the refresh cookie for new tokens", typed: typed(a, a.refresh)},
		{method: http.MethodPost, path: v1 + "/auth/logout", need: anyone, tag: "sign-in", name: "logout", summary: "Sign out here", typed: typed(a, a.logout)},
	}
}

// ownRoutes is the part of the table about oneself.
func (a *API) ownRoutes() []route {
	return []route{
		{method: http.MethodGet, path: v1 + "/me", need: user, screen: true, tag: "me", name: "get-me", summary: "My account", typed: typed(a, a.getMe)},
		{method: http.MethodPatch, path: v1 + "/me", need: user, tag: "me", name: "patch-me", summary: "Change my name, phone or language", typed: typed(a, a.patchMe)},
		{method: http.MethodPost, path: v1 + "/me/password", need: user, tag: "me", name: "change-password", summary: "Change my password; signs out everywhere else", typed: typed(a, a.changePassword)},
		{method: http.MethodGet, path: v1 + "/me/sessions", need: user, tag: "me", name: "list-my-sessions", summary: "Where I am signed in", typed: typed(a, a.listMySessions)},
		{method: http.MethodDelete, path: v1 + "/me/sessions", need: user, tag: "me", name: "end-my-sessions", summary: "Sign me out everywhere, here too", typed: typed(a, a.endMySessions)},
		{method: http.MethodDelete, path: v1 + "/me/sessions/{id}", need: user, tag: "me", name: "end-my-session", summary: "Sign me out at one place", typed: typed(a, a.endMySession)},
		{method: http.MethodGet, path: v1 + "/me/tokens", need: user, tag: "me", name: "list-my-tokens", summary: "My API tokens", typed: typed(a, a.listMyTokens)},
		{method: http.MethodPost, path: v1 + "/me/tokens", need: user, tag: "me", name: "create-token", summary: "Make an API token; its key is shown once", status: http.StatusCreated, typed: typed(a, a.createToken)},
		{method: http.MethodDelete, path: v1 + "/me/tokens/{id}", need: user, tag: "me", name: "delete-my-token", summary: "Take an API token away, with what was opened and made by it", typed: typed(a, a.deleteMyToken)},
		{method: http.MethodGet, path: v1 + "/me/cameras", need: user, screen: true, tag: "me", name: "list-my-cameras", summary: "Cameras that I may watch", typed: typed(a, a.listMyCameras)},
		{method: http.MethodGet, path: v1 + "/me/cameras/{id}", need: user, screen: true, tag: "me", name: "get-my-camera", summary: "One of them", typed: typed(a, a.getMyCamera)},
		{method: http.MethodGet, path: v1 + "/me/favorites", need: user, screen: true, tag: "me", name: "list-favorites", summary: "My favourites among them", typed: typed(a, a.listFavorites)},
		{method: http.MethodPut, path: v1 + "/me/favorites/{camera_id}", need: user, tag: "me", name: "add-favorite", summary: "Make a camera a favourite", typed: typed(a, a.addFavorite)},
		{method: http.MethodDelete, path: v1 + "/me/favorites/{camera_id}", need: user, tag: "me", name: "remove-favorite", summary: "Make it none", typed: typed(a, a.removeFavorite)},
		{method: http.MethodGet, path: v1 + "/me/views", need: user, screen: true, tag: "me", name: "list-my-views", summary: "What I watch now, on all devices", typed: typed(a, a.listMyViews)},
	}
}

// userRoutes is the part of the table about accounts.
func (a *API) userRoutes() []route {
	return []route{
		{method: http.MethodGet, path: v1 + "/users", need: admin, tag: "users", name: "list-users", summary: "All accounts", typed: typed(a, a.listUsers)},
		{method: http.MethodPost, path: v1 + "/users", need: admin, tag: "users", name: "create-user", summary: "Register somebody", status: http.StatusCreated, typed: typed(a, a.createUser)},
		{method: http.MethodGet, path: v1 + "/users/{id}", need: admin, tag: "users", name: "get-user", summary: "One account", typed: typed(a, a.getUser)},
		{method: http.MethodPatch, path: v1 + "/users/{id}", need: admin, tag: "users", name: "patch-user", summary: "Change an account: names, role, ban, limit, password", typed: typed(a, a.patchUser)},
		{method: http.MethodDelete, path: v1 + "/users/{id}", need: admin, tag: "users", name: "delete-user", summary: "Delete an account", typed: typed(a, a.deleteUser)},
		{method: http.MethodPost, path: v1 + "/users/bulk", need: admin, tag: "users", name: "bulk-users", summary: "Set limit, ban, role or language of many", typed: typed(a, a.bulkUsers)},
		{method: http.MethodGet, path: v1 + "/users/{id}/sessions", need: admin, tag: "users", name: "list-user-sessions", summary: "Where somebody is signed in", typed: typed(a, a.listUserSessions)},
		{method: http.MethodDelete, path: v1 + "/users/{id}/sessions", need: admin, tag: "users", name: "end-user-sessions", summary: "Sign somebody out everywhere", typed: typed(a, a.endUserSessions)},
		{method: http.MethodDelete, path: v1 + "/users/{id}/sessions/{session_id}", need: admin, tag: "users", name: "end-user-session", summary: "Sign somebody out at one place", typed: typed(a, a.endUserSession)},
		{method: http.MethodGet, path: v1 + "/users/{id}/tokens", need: admin, tag: "users", name: "list-user-tokens", summary: "Somebody's API tokens", typed: typed(a, a.listUserTokens)},
		{method: http.MethodDelete, path: v1 + "/users/{id}/tokens/{token_id}", need: admin, tag: "users", name: "delete-user-token", summary: "Take one away", typed: typed(a, a.deleteUserToken)},
		{method: http.MethodGet, path: v1 + "/people", need: moderator, tag: "users", name: "list-people", summary: "Who there is, to grant cameras to", typed: typed(a, a.listPeople)},
		{method: http.MethodGet, path: v1 + "/people/{id}", need: moderator, tag: "users", name: "get-person", summary: "One of them", typed: typed(a, a.getPerson)},
	}
}

// deviceRoutes is the part of the table about wall screens.
func (a *API) deviceRoutes() []route {
	return []route{
		{method: http.MethodGet, path: v1 + "/devices", need: admin, tag: "devices", name: "list-devices", summary: "Wall screens", typed: typed(a, a.listDevices)},
		{method: http.MethodPost, path: v1 + "/devices", need: admin, tag: "devices", name: "create-device", summary: "Add a wall screen, and get the code that signs it in", status: http.StatusCreated, typed: typed(a, a.createDevice)},
		{method: http.MethodGet, path: v1 + "/devices/{id}", need: admin, tag: "devices", name: "get-device", summary: "One of them", typed: typed(a, a.getDevice)},
		{method: http.MethodPatch, path: v1 + "/devices/{id}", need: admin, tag: "devices", name: "patch-device", summary: "Change its name, notes, limit, ban or language", typed: typed(a, a.patchDevice)},
		{method: http.MethodDelete, path: v1 + "/devices/{id}", need: admin, tag: "devices", name: "delete-device", summary: "Delete it with its grants", typed: typed(a, a.deleteDevice)},
		{method: http.MethodPost, path: v1 + "/devices/{id}/code", need: admin, tag: "devices", name: "renew-device-code", summary: "Get a new code; the screen stays signed in until it is used", typed: typed(a, a.renewCode)},
		{method: http.MethodDelete, path: v1 + "/devices/{id}/session", need: admin, tag: "devices", name: "end-device-session", summary: "Sign the screen out", typed: typed(a, a.endDeviceSession)},
	}
}
