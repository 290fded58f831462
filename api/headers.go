package api

import (
	"strings"

	"github.com/gin-gonic/gin"
)

// ownPolicy is the Content-Security-Policy of api's own answers. The app's pages bring their own from web, which knows what its build
// needs; frame-ancestors is added to both, because only the configuration knows which sites may embed the gateway.
const ownPolicy = "default-src 'self'; connect-src 'self' ws: wss:; media-src 'self' blob:; img-src 'self' data: blob:; " +
	"style-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'"

// frameAncestors words ALLOWED_ORIGINS for Content-Security-Policy.
func frameAncestors(origins []string) string {
	if len(origins) == 0 {
		return "frame-ancestors 'none'"
	}
	return "frame-ancestors 'self' " + strings.Join(origins, " ")
}

// protect sets the headers that every answer carries.
func (a *API) protect(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	if c.FullPath() == "" {
		h.Set("Content-Security-Policy", a.ancestors)
		return
	}
	h.Set("Content-Security-Policy", ownPolicy+"; "+a.ancestors)
	h.Set("Cache-Control", "no-store") // answers depend on who asks; pages that don't say otherwise themselves
}
