// Package api is the gateway's HTTP side: the REST API, its OpenAPI document, metrics, health, and the doors to signaling and to the web
// app.
//
// It owns the one table of routes (routes.go), the gate that lets a request through to its route, the translation of faults into
// application/problem+json, cookies, origins and the access log. It refuses to look at a request's body or parameters before it knows
// whose it is, to send back a value that was sent, to word errors in any language but codes, and to decide who may see what: auth,
// camera and viewers do. It runs no goroutines; an event stream lives in its request's.
package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/hls"
	"github.com/rtsp-viewer/rtsp-viewer/probe"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
	"github.com/rtsp-viewer/rtsp-viewer/relay/peer"
	"github.com/rtsp-viewer/rtsp-viewer/settings"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

const (
	maxBody         = 1 << 20 // of every request, in bytes
	defaultPatience = 30 * time.Second
)

// Options are what an API needs. All but those said to be optional must be set.
type Options struct {
	Auth     *auth.Service
	Cameras  *camera.Service
	Viewers  *viewers.Viewers
	Events   events.Store // read only
	Relay    *relay.Relay // for states and figures
	Settings *settings.Service
	Probes   *probe.Prober

	Signaling http.Handler // GET /api/v1/signaling; the principal is in the request's context
	HLS       *hls.HLS
	WHEP      http.Handler // WHEP; path values "id" (POST) and "secret" (PATCH, DELETE)
	Web       http.Handler // the app: whatever no other route answers
	Ready     func(context.Context) error

	EventLog func() events.Stats       // optional: figures of the event log
	Peers    func() peer.EndpointStats // optional: figures of WebRTC
	Sockets  func() int                // optional: WebSockets open now

	PublicURL      string   // optional: the address by which browsers reach the gateway
	TrustedProxies []string // addresses or CIDRs whose X-Forwarded-* and X-Request-Id are believed
	AllowedOrigins []string // other sites' pages that may use the API and embed the app: "https://portal.example"

	Logger   *slog.Logger
	Version  string
	TimeZone *time.Location   // of times in sheets; nil: UTC
	Patience time.Duration    // how long the work for a request may take; 0: 30 s. Event streams and WebSockets stay as long as they like
	Now      func() time.Time // nil: time.Now
}

// API answers HTTP requests. It is safe for concurrent use.
type API struct {
	auth      *auth.Service
	cameras   *camera.Service
	viewers   *viewers.Viewers
	events    events.Store
	relay     *relay.Relay
	settings  *settings.Service
	probes    *probe.Prober
	signaling http.Handler
	whep      http.Handler
	hls       *hls.HLS
	hlsMedia  http.Handler
	web       http.Handler
	metrics   http.Handler
	ready     func(context.Context) error
	log       *slog.Logger
	patience  time.Duration
	zone      *time.Location
	now       func() time.Time

	publicURL *url.URL // nil if not configured
	proxies   proxies
	origins   map[string]bool // as parseOrigin gives them
	ancestors string          // Content-Security-Policy: frame-ancestors

	streams  atomic.Int32  // event streams open now
	sheets   chan struct{} // a place for each spreadsheet that is worked on
	requests *requests
	byRoute  map[routeKey]route
	staying  map[string]bool // paths of routes whose answers last
	openAPI  []byte
	document *huma.OpenAPI
	engine   *gin.Engine
}

// New makes an API. It starts nothing.
func New(o Options) (*API, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	a := &API{
		auth: o.Auth, cameras: o.Cameras, viewers: o.Viewers, events: o.Events, relay: o.Relay, settings: o.Settings, probes: o.Probes,
		signaling: o.Signaling, whep: o.WHEP, hls: o.HLS, web: o.Web, ready: o.Ready, log: o.Logger.With("component", "api"), patience: o.Patience, zone: o.TimeZone, now: o.Now,
		origins: map[string]bool{}, requests: newRequests(), byRoute: map[routeKey]route{}, staying: map[string]bool{}, sheets: make(chan struct{}, sheetsAtOnce),
	}
	if a.patience <= 0 {
		a.patience = defaultPatience
	}
	a.hlsMedia = o.HLS.Handler()
	if a.now == nil {
		a.now = time.Now
	}
	if err := a.trust(o); err != nil {
		return nil, err
	}
	a.metrics = metricsHandler(o.Version, a.requests, o.sources()...)
	if err := a.build(o); err != nil {
		return nil, err
	}
	return a, nil
}

func (o Options) complete() error {
	for _, part := range []struct {
		name    string
		missing bool
	}{
		{"Auth", o.Auth == nil}, {"Cameras", o.Cameras == nil}, {"Viewers", o.Viewers == nil}, {"Events", o.Events == nil},
		{"Relay", o.Relay == nil}, {"Signaling", o.Signaling == nil}, {"WHEP", o.WHEP == nil}, {"Web", o.Web == nil},
		{"Settings", o.Settings == nil}, {"Probes", o.Probes == nil}, {"HLS", o.HLS == nil}, {"Ready", o.Ready == nil}, {"Logger", o.Logger == nil},
	} {
		if part.missing {
			return errors.New("api: Options." + part.name + " is missing")
		}
	}
	return nil
}

// trust reads the options about other hosts; all faults are told at once.
func (a *API) trust(o Options) error {
	var faults []error
	if o.PublicURL != "" {
		u, err := url.Parse(o.PublicURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			faults = append(faults, fmt.Errorf("public URL %q is not an http or https address", o.PublicURL))
		} else {
			a.publicURL = u
		}
	}
	var listed []string
	for _, s := range o.AllowedOrigins {
		origin, ok := parseOrigin(s)
		if !ok || strings.ContainsAny(s, " ;,'\"*") {
			faults = append(faults, fmt.Errorf("allowed origin %q is not of the form https://host", s))
			continue
		}
		a.origins[origin] = true
		listed = append(listed, origin)
	}
	a.ancestors = frameAncestors(listed)
	var err error
	if a.proxies, err = parseProxies(o.TrustedProxies); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// build makes gin's routes and the OpenAPI document out of the table.
func (a *API) build(o Options) error {
	// gin's mode is one variable of the process. Debug, its default, prints every route to standard output.
	if gin.Mode() == gin.DebugMode {
		gin.SetMode(gin.ReleaseMode)
	}
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	if err := e.SetTrustedProxies(o.TrustedProxies); err != nil {
		return fmt.Errorf("trust proxies: %w", err)
	}
	e.Use(a.begin, a.account, a.recoverPanic, a.protect, a.crossOrigin, a.bound, a.gate, a.textual)

	h := humagin.New(e, humaConfig(o.Version))
	document := h.OpenAPI()
	registry := document.Components.Schemas
	for _, r := range a.routes() {
		if r.rest {
			e.NoRoute(r.raw)
			e.NoMethod(a.wrongMethod)
			continue
		}
		a.byRoute[routeKey{r.method, r.ginPath()}] = r
		a.staying[r.path] = r.stays
		if r.typed != nil {
			r.typed(h, r.operation(registry))
			continue
		}
		e.Handle(r.method, r.ginPath(), r.raw)
		document.AddOperation(r.documentRaw(registry))
	}
	documentKinds(document)
	a.engine, a.document = e, document
	return a.writeDocument()
}

// Handler answers everything on LISTEN. Event streams end with their requests' contexts: give the server a BaseContext that ends when it
// shall stop.
func (a *API) Handler() http.Handler { return http.HandlerFunc(a.serve) }

// serve answers HEAD as GET (RFC 9110, 9.3.2): net/http leaves the body out by itself.
func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead && !a.staying[r.URL.Path] {
		get := *r
		get.Method = http.MethodGet
		r = &get
	}
	a.engine.ServeHTTP(w, r)
}

// Metrics is the page of metrics without a sign-in, for METRICS_LISTEN.
func (a *API) Metrics() http.Handler { return a.metrics }

// serveRest answers what no route does: unknown API addresses with a problem, everything else by the app.
func (a *API) serveRest(c *gin.Context) {
	path := c.Request.URL.Path
	if path == "/api" || strings.HasPrefix(path, "/api/") {
		a.refuse(c, errNoSuchRoute)
		return
	}
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
		c.Header("Allow", "GET, HEAD")
		a.wrongMethod(c)
		return
	}
	c.Status(http.StatusOK) // gin has set 404 beforehand
	a.web.ServeHTTP(c.Writer, c.Request)
}

func (a *API) wrongMethod(c *gin.Context) {
	writeProblem(c, &Problem{
		Type: "about:blank", Title: http.StatusText(http.StatusMethodNotAllowed), Status: http.StatusMethodNotAllowed,
		Detail: "this address does not take this method; see Allow", Code: "route.method", RequestID: exchangeFrom(c.Request.Context()).id,
	})
}
