package api

import "net/http"

// signInRoutes is the part of the table about signing in.
func (a *API) signInRoutes() []route {
	return []route{
		{method: http.MethodPost, path: v1 + "/auth/login", need: anyone, tag: "sign-in", name: "login", summary: "Sign in by login name or e-mail", typed: typed(a, a.login)},
		{method: http.MethodPost, path: v1 + "/auth/refresh", need: anyone, tag: "sign-in", name: "refresh", summary: "Exchange the refresh cookie for new tokens", typed: typed(a, a.refresh)},
		{method: http.MethodPost, path: v1 + "/auth/logout", need: anyone, tag: "sign-in", name: "logout", summary: "Sign out here", typed: typed(a, a.logout)},
	}
}

// ownRoutes is the part of the table about oneself.
func (a *API) ownRoutes() []route {
	return []route{
		{method: http.MethodGet, path: v1 + "/me", need: user, tag: "me", name: "get-me", summary: "My account", typed: typed(a, a.getMe)},
		{method: http.MethodPatch, path: v1 + "/me", need: user, tag: "me", name: "patch-me", summary: "Change my name, phone or language", typed: typed(a, a.patchMe)},
		{method: http.MethodPost, path: v1 + "/me/password", need: user, tag: "me", name: "change-password", summary: "Change my password; signs out everywhere else", typed: typed(a, a.changePassword)},
		{method: http.MethodGet, path: v1 + "/me/cameras", need: user, tag: "me", name: "list-my-cameras", summary: "Cameras that I may watch", typed: typed(a, a.listMyCameras)},
		{method: http.MethodGet, path: v1 + "/me/cameras/{id}", need: user, tag: "me", name: "get-my-camera", summary: "One of them", typed: typed(a, a.getMyCamera)},
		{method: http.MethodGet, path: v1 + "/me/favorites", need: user, tag: "me", name: "list-favorites", summary: "My favourites among them", typed: typed(a, a.listFavorites)},
		{method: http.MethodPut, path: v1 + "/me/favorites/{camera_id}", need: user, tag: "me", name: "add-favorite", summary: "Make a camera a favourite", typed: typed(a, a.addFavorite)},
		{method: http.MethodDelete, path: v1 + "/me/favorites/{camera_id}", need: user, tag: "me", name: "remove-favorite", summary: "Make it none", typed: typed(a, a.removeFavorite)},
		{method: http.MethodGet, path: v1 + "/me/views", need: user, tag: "me", name: "list-my-views", summary: "What I watch now, on all devices", typed: typed(a, a.listMyViews)},
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
		{method: http.MethodGet, path: v1 + "/people", need: moderator, tag: "users", name: "list-people", summary: "Who there is, to grant cameras to", typed: typed(a, a.listPeople)},
	}
}
