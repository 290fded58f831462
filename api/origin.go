package api

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/rtsp-viewer/rtsp-viewer/hls"
)

// proxies is the set of addresses whose X-Forwarded-* headers are believed.
type proxies []netip.Prefix

func parseProxies(list []string) (proxies, error) {
	var out proxies
	for _, s := range list {
		if prefix, err := netip.ParsePrefix(s); err == nil {
			out = append(out, prefix.Masked())
			continue
		}
		addr, err := netip.ParseAddr(s)
		if err != nil {
			return nil, fmt.Errorf("trusted proxy %q is neither an address nor a CIDR", s)
		}
		out = append(out, netip.PrefixFrom(addr, addr.BitLen()))
	}
	return out, nil
}

// trusts reports whether the request's peer is one of the proxies.
func (p proxies) trusts(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	for _, prefix := range p {
		if prefix.Contains(peer.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// secure reports whether the browser's side of the connection is https.
func (a *API) secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	if a.proxies.trusts(r) {
		if proto := r.Header.Get("X-Forwarded-Proto"); proto != "" {
			first, _, _ := strings.Cut(proto, ",")
			return strings.EqualFold(strings.TrimSpace(first), "https")
		}
	}
	return a.publicURL != nil && a.publicURL.Scheme == "https"
}

// parseOrigin gives a URL's origin in its normal form, "https://host" without a default port; false for "null" and the like.
func parseOrigin(s string) (string, bool) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	return u.Scheme + "://" + normalHost(u.Host), true
}

// normalHost lowers a host and drops port 80 and 443: a proxy that ends TLS leaves us guessing the scheme.
func normalHost(host string) string {
	host = strings.ToLower(host)
	for _, port := range []string{":80", ":443"} {
		if h, ok := strings.CutSuffix(host, port); ok && (!strings.Contains(h, ":") || strings.HasSuffix(h, "]")) {
			return h
		}
	}
	return host
}

// ours reports whether an origin or a referring page is this gateway itself or a site that ALLOWED_ORIGINS names. As in
// net/http.CrossOriginProtection the host decides about sameness: behind a proxy that ends TLS the scheme can't be known.
func (a *API) ours(r *http.Request, page string) bool {
	origin, ok := parseOrigin(page)
	if !ok {
		return false
	}
	if a.origins[origin] {
		return true
	}
	_, host, _ := strings.Cut(origin, "://")
	if host == normalHost(r.Host) {
		return true
	}
	if a.publicURL != nil && host == normalHost(a.publicURL.Host) {
		return true
	}
	return a.proxies.trusts(r) && host == normalHost(r.Header.Get("X-Forwarded-Host"))
}

// checkOrigin decides whether an unsafe request comes from a page of ours. withCookie: the browser may have added the credentials by
// itself, so proof is needed; otherwise only a proof of the contrary refuses.
func (a *API) checkOrigin(r *http.Request, proof originProof) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if a.ours(r, origin) {
			return nil
		}
		return errOrigin
	}
	if referer := r.Header.Get("Referer"); referer != "" {
		if a.ours(r, referer) {
			return nil
		}
		return errOrigin
	}
	switch site := r.Header.Get("Sec-Fetch-Site"); {
	case site == "same-origin":
		return nil
	case site != "" && site != "none":
		return errOrigin
	}
	// A page of another site can't set a header of its own without a preflight, which it does not pass.
	if proof == originUnlessForeign || r.Header.Get("X-Requested-With") != "" {
		return nil
	}
	return errOrigin
}

// originProof says how much checkOrigin asks for.
type originProof uint8

const (
	originProven        originProof = iota // a cookie speaks: the origin must be shown
	originUnlessForeign                    // no cookie decides: only a foreign origin is refused
)

// crossOrigin answers preflights and marks answers for the pages of ALLOWED_ORIGINS (Fetch, 3.2).
func (a *API) crossOrigin(c *gin.Context) {
	path := c.Request.URL.Path
	if len(a.origins) == 0 || !strings.HasPrefix(path, "/api/") && !strings.HasPrefix(path, hls.Prefix) {
		return
	}
	h := c.Writer.Header()
	h.Add("Vary", "Origin")
	origin := c.GetHeader("Origin")
	normal, ok := parseOrigin(origin)
	if !ok || !a.origins[normal] {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Set("Access-Control-Expose-Headers", "ETag, Location, Link, Accept-Patch, Retry-After, "+requestIDHeader)
	if c.Request.Method == http.MethodOptions && c.GetHeader("Access-Control-Request-Method") != "" {
		h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, Last-Event-ID, Range, X-Requested-With")
		h.Set("Access-Control-Max-Age", "600")
		c.AbortWithStatus(http.StatusNoContent)
	}
}
