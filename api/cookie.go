package api

import (
	"net/http"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
)

// The cookies of a sign-in. The access cookie also opens the WebSocket and whatever else a browser fetches without headers.
const (
	accessCookie  = "rtsp_viewer_access"
	refreshCookie = "rtsp_viewer_refresh"

	accessPath  = "/api/v1"
	refreshPath = "/api/v1/auth"
)

// cookies gives the Set-Cookie lines of a sign-in. Lax lets a link from elsewhere open the app signed in; the refresh token, which is
// worth more, goes to nobody but our own pages.
func cookies(t auth.Tokens, x exchange) []string {
	return []string{
		cookie(accessCookie, t.Access, accessPath, t.AccessExpires, http.SameSiteLaxMode, x),
		cookie(refreshCookie, t.Refresh, refreshPath, t.RefreshExpires, http.SameSiteStrictMode, x),
	}
}

// noCookies gives the lines that take both away.
func noCookies(x exchange) []string {
	gone := time.Unix(0, 0)
	return []string{
		cookie(accessCookie, "", accessPath, gone, http.SameSiteLaxMode, x),
		cookie(refreshCookie, "", refreshPath, gone, http.SameSiteStrictMode, x),
	}
}

func cookie(name, value, path string, expires time.Time, site http.SameSite, x exchange) string {
	c := http.Cookie{
		Name: name, Value: value, Path: path, Expires: expires.UTC(), HttpOnly: true, Secure: x.secure, SameSite: site,
	}
	if value == "" {
		c.MaxAge = -1
	}
	return c.String()
}
