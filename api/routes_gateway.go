package api

import "net/http"

// gatewayRoutes is the part of the table about the gateway itself.
func (a *API) gatewayRoutes() []route {
	return []route{
		{method: http.MethodGet, path: v1 + "/settings", need: admin, tag: "settings", name: "get-settings", summary: "What may be changed while the gateway runs", typed: typed(a, a.getSettings)},
		{method: http.MethodPatch, path: v1 + "/settings", need: admin, tag: "settings", name: "patch-settings", summary: "Change it; it counts everywhere within 2 s", typed: typed(a, a.patchSettings)},
		{method: http.MethodGet, path: v1 + "/openapi.json", need: anyone, tag: "gateway", name: "openapi", summary: "This document", media: "application/json", quiet: true, raw: a.serveOpenAPI},
		{method: http.MethodGet, path: "/api/docs", need: anyone, tag: "gateway", name: "docs", summary: "It as a page", media: "text/html", quiet: true, raw: page("index.html", "text/html; charset=utf-8")},
		{method: http.MethodGet, path: "/api/docs/app.js", need: anyone, tag: "gateway", name: "docs-script", summary: "The page's script", media: "text/javascript", quiet: true, raw: page("app.js", "text/javascript; charset=utf-8")},
		{method: http.MethodGet, path: "/api/docs/style.css", need: anyone, tag: "gateway", name: "docs-style", summary: "The page's style", media: "text/css", quiet: true, raw: page("style.css", "text/css; charset=utf-8")},
		{method: http.MethodGet, path: "/api/docs/errors", need: anyone, tag: "gateway", name: "errors", summary: "Every code, in words, and whether to try again", media: "text/html", quiet: true, raw: page("errors.html", "text/html; charset=utf-8")},
		{method: http.MethodGet, path: "/api/docs/errors.js", need: anyone, tag: "gateway", name: "errors-script", summary: "That page's script", media: "text/javascript", quiet: true, raw: page("errors.js", "text/javascript; charset=utf-8")},
		{method: http.MethodGet, path: "/api/docs/codes.json", need: anyone, tag: "gateway", name: "codes", summary: "Every code, for programs", media: "application/json", quiet: true, raw: page("codes.json", "application/json")},
		{method: http.MethodGet, path: "/api/docs/words.json", need: anyone, tag: "gateway", name: "code-words", summary: "Every code in words, for programs", media: "application/json", quiet: true, raw: page("words.json", "application/json")},
		{method: http.MethodGet, path: "/healthz", need: anyone, tag: "gateway", name: "healthz", summary: "The process answers", media: "text/plain", quiet: true, raw: a.healthz},
		{method: http.MethodGet, path: "/readyz", need: anyone, tag: "gateway", name: "readyz", summary: "The gateway can work: its database answers", media: "text/plain", quiet: true, raw: a.readyz},
		{method: http.MethodGet, path: "/metrics", need: admin, tag: "gateway", name: "metrics", summary: "Metrics for Prometheus", media: "text/plain", quiet: true, raw: raw(a.metrics)},
		{method: http.MethodGet, path: "/{path}", need: anyone, tag: "gateway", name: "app", summary: "The web app: whatever no other route answers", media: "text/html", quiet: true, rest: true, raw: a.serveRest},
	}
}
