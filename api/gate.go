package api

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

var errCharacters = fault.New(fault.Invalid, "request.invalid", "some fields are wrong").At("query", "characters")

type routeKey struct{ method, ginPath string }

// bound ends the work for a request that a database or a camera holds up, so that such requests can't pile up: whoever asked has given up by
// then.
func (a *API) bound(c *gin.Context) {
	if c.FullPath() == "" || a.byRoute[routeKey{c.Request.Method, c.FullPath()}].stays {
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), a.patience)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
}

// gate lets a request through to its route: who it is, where it comes from, what the route needs. It runs before anything of the
// request but its headers is looked at. A route that the table does not know is closed.
func (a *API) gate(c *gin.Context) {
	if c.FullPath() == "" {
		return // no route: the answer for the rest follows, which is open to anyone
	}
	r, ok := a.byRoute[routeKey{c.Request.Method, c.FullPath()}]
	if !ok {
		a.refuse(c, errNoSuchRoute)
		return
	}
	if r.need == anyone {
		// Signing in, refreshing and signing out set or read cookies: no other site's page may make a browser do it.
		if err := a.checkOrigin(c.Request, originUnlessForeign); err != nil {
			a.refuse(c, err)
		}
		return
	}
	token, err := a.token(c.Request)
	if err != nil {
		a.refuse(c, err)
		return
	}
	p, err := a.auth.Authenticate(c.Request.Context(), token)
	if err != nil {
		a.refuse(c, err)
		return
	}
	p.Remote = exchangeFrom(c.Request.Context()).device.Remote
	a.auth.Used(p)
	c.Request = c.Request.WithContext(auth.WithPrincipal(c.Request.Context(), p))
	switch {
	case p.User.Kind == auth.KindDevice && !r.screen:
		a.refuse(c, auth.ErrViewOnly)
	case !p.Role().Allows(auth.Role(r.need)):
		a.refuse(c, auth.ErrRole)
	}
}

// token gives the access token of a request: the Bearer's, or else the cookie's if the request may come from one of our pages.
func (a *API) token(r *http.Request) (string, error) {
	if t := bearer(r); t != "" {
		return t, nil
	}
	cookie, err := r.Cookie(accessCookie)
	if err != nil || cookie.Value == "" {
		return "", auth.ErrToken
	}
	if err := a.checkOrigin(r, originProven); err != nil {
		return "", err
	}
	return cookie.Value, nil
}

// bearer gives the token of an Authorization header (RFC 6750, 2.1), or "".
func bearer(r *http.Request) string {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// textual refuses what is no text in the address, which PostgreSQL can't even be asked for.
func (a *API) textual(c *gin.Context) {
	for _, p := range c.Params {
		if !isText(p.Value) {
			a.refuse(c, errNoSuchRoute)
			return
		}
	}
	if c.FullPath() == "" || c.Request.URL.RawQuery == "" {
		return
	}
	for _, values := range c.Request.URL.Query() {
		for _, v := range values {
			if !isText(v) {
				a.refuse(c, errCharacters)
				return
			}
		}
	}
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
