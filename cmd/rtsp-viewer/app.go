package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/api"
	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/checks"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/hls"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/ffmpeg"
	"github.com/rtsp-viewer/rtsp-viewer/probe"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
	"github.com/rtsp-viewer/rtsp-viewer/relay/peer"
	preferences "github.com/rtsp-viewer/rtsp-viewer/settings" // settings are this package's flags
	"github.com/rtsp-viewer/rtsp-viewer/signaling"
	"github.com/rtsp-viewer/rtsp-viewer/store"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
	"github.com/rtsp-viewer/rtsp-viewer/web"
)

// stopBound is how long the gateway may take to end after it was asked to.
const stopBound = 10 * time.Second

// App is the whole gateway in one process. Tests run the very same.
type App struct {
	config        Config
	log           *slog.Logger
	listener      net.Listener
	firstPassword string // path of the file; empty if there was an admin already
	parts         []part // in the order of starting; they end in the opposite order
	undo          []func()
	journal       *events.Log
	endpoint      *peer.Endpoint
	streams       *relay.Relay
	segments      *hls.HLS
}

// part is something that runs as long as the gateway does. Its run returns when its context has ended and all that it started has too.
type part struct {
	name string
	run  func(ctx context.Context) error
}

// New opens the port and the database and wires all parts, floor by floor. It starts nothing. On an error all that it opened is closed
// again. ctx bounds the opening only.
func New(ctx context.Context, config Config, log *slog.Logger) (app *App, err error) {
	a := &App{config: config, log: log}
	defer func() {
		if err != nil {
			a.close()
		}
	}()

	// The port first: a second gateway by mistake must not touch anything.
	if a.listener, err = listen(config.Listen, "listen"); err != nil {
		return nil, err
	}
	a.onClose(func() { _ = a.listener.Close() })

	if err = os.MkdirAll(config.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	db, err := store.Open(ctx, store.Options{URL: config.DatabaseURL, Dir: config.DataDir, Logger: log.With("component", "store")})
	if err != nil {
		return nil, err
	}
	a.onClose(func() {
		if err := db.Close(); err != nil {
			log.Error("closing the database failed", "error", err)
		}
	})
	signing, keys, err := a.keys(ctx, db)
	if err != nil {
		return nil, err
	}

	journal, err := events.New(events.Options{Store: db, Logger: log.With("component", "events")})
	if err != nil {
		return nil, err
	}
	a.journal = journal
	a.part("events", journal.Run)
	log = slog.New(journal.Failures(log.Handler())) // what fails from here on is an event too
	watch, err := auth.NewWatch(auth.WatchOptions{Store: db, Logger: log.With("component", "auth")})
	if err != nil {
		return nil, err
	}
	accounts := auth.Options{
		Store: db, Events: journal, Keys: signing, Reread: a.rereadSigning(), Logger: log.With("component", "auth"), Changed: watch.Touch,
	}
	if config.tuned != nil {
		accounts = config.tuned(accounts)
	}
	people, err := auth.New(accounts)
	if err != nil {
		return nil, err
	}
	a.part("auth", people.Run)

	prefs, err := preferences.New(preferences.Options{Store: db, Logger: log.With("component", "settings"), Touched: watch.Touch})
	if err != nil {
		return nil, err
	}
	cleaner, err := events.NewCleaner(events.CleanerOptions{Store: db, Keep: prefs.KeepEvents, Logger: log.With("component", "events")})
	if err != nil {
		return nil, err
	}
	a.part("retention", cleaner.Run)

	var views *viewers.Viewers // set below; cameras ask only once the gateway serves
	cameras, err := camera.New(camera.Options{
		Store: db, Keys: keys, Reread: a.reread(), Logger: log.With("component", "camera"), Changed: watch.Touch,
		Usage: func(ctx context.Context) map[camera.ID]int { return viewsOf(ctx, views) },
	})
	if err != nil {
		return nil, err
	}
	if err = cameras.CheckSentinel(ctx); err != nil {
		return nil, err
	}
	if err = a.firstAdmin(ctx, db, people); err != nil {
		return nil, err
	}

	var streams *relay.Relay // set below; it is asked only once the gateway serves
	states, err := checks.NewStates(checks.StatesOptions{
		Records: cameras, Events: journal, Logger: log.With("component", "checks"),
		Lives: func(key relay.Key) (relay.State, bool) { return streams.State(key) },
	})
	if err != nil {
		return nil, err
	}
	a.part("camera states", states.Run)
	streams, err = relay.New(relay.Options{
		Addresses: cameras, Logger: log.With("component", "relay"), Linger: max(config.Linger, 1), CacheBytes: max(config.CacheBytes, 1), // for the relay 0 is a default
		StateChanged: states.Changed, Closed: states.Closed,
	})
	if err != nil {
		return nil, err
	}
	a.streams = streams
	a.part("relay", streams.Run)
	sweep, err := checks.NewSweep(checks.SweepOptions{
		Records: cameras, Streams: streams, Settings: prefs, Found: states.Found, Logger: log.With("component", "checks"),
	})
	if err != nil {
		return nil, err
	}
	a.part("sweep", sweep.Run)

	scope := peer.Everywhere
	if config.LoopbackOnly() {
		scope = peer.Loopback
	}
	a.endpoint, err = peer.New(peer.Options{
		Relay: streams, Logger: log.With("component", "peer"), Port: config.WebRTCPort, Hosts: config.WebRTCHosts, Scope: scope,
	})
	if err != nil {
		return nil, fmt.Errorf("open the WebRTC port (%sWEBRTC_PORT, --webrtc-port): %w", envPrefix, err)
	}
	a.onClose(a.endpoint.Close) // if it is never run
	a.part("webrtc", a.endpoint.Run)

	tracker, err := viewers.NewMemory(time.Now)
	if err != nil {
		return nil, err
	}
	views, err = viewers.New(viewers.Options{
		Rights: rights{people, cameras}, Tracker: tracker, Events: journal,
		Logger: log, Limit: config.ViewsPerUser,
	})
	if err != nil {
		return nil, err
	}
	a.part("viewers", views.Run)

	segments, err := hls.New(hls.Options{Relay: streams, Viewers: views, Logger: log})
	if err != nil {
		return nil, err
	}
	a.segments = segments
	a.part("hls", segments.Run)

	prober, err := probe.New(probe.Options{
		Cameras: cameras, Relay: streams, HLS: segments.Refuses, FFmpeg: ffmpeg.New(ffmpeg.Options{}), Events: journal,
		Logger: log.With("component", "probe"),
	})
	if err != nil {
		return nil, err
	}
	a.part("probe", prober.Run)

	publicURL := ""
	if config.PublicURL != nil {
		publicURL = config.PublicURL.String()
	}
	wire, err := signaling.New(signaling.Options{
		Viewers: views, Peers: signaling.PeersOf(a.endpoint), Sessions: people, Logger: log,
		AllowedOrigins: config.AllowedOrigins, PublicURL: publicURL, Playing: segments.Pong,
	})
	if err != nil {
		return nil, err
	}
	a.part("signaling", wire.Run)

	// The order matters: who is remembered is dropped first, then views are judged by what is true now, and only then are cameras
	// redialled, so that nobody sees a camera's new address for whom the grant has just ended.
	watch.Notify(cameras.Reread)
	watch.Notify(people.Reread)
	watch.Notify(people.Recheck)
	watch.Notify(prefs.Recheck)
	watch.Notify(func(context.Context) { cleaner.Wake() })
	watch.Notify(views.Judge)
	watch.Notify(wire.Recheck)
	watch.Notify(streams.Recheck)
	expiries, err := camera.NewExpiries(cameras, views.Judge)
	if err != nil {
		return nil, err
	}
	watch.Notify(expiries.Recheck)
	a.part("ends of grants", expiries.Run)
	a.part("rights", watch.Run)

	page, err := web.Handler()
	if err != nil {
		return nil, fmt.Errorf("read the web app: %w", err)
	}
	rest, err := api.New(api.Options{
		Auth: people, Cameras: cameras, Viewers: views, Events: db, Relay: streams, Settings: prefs, Probes: prober,
		Signaling: wire.Socket(), WHEP: wire.WHEP(), HLS: segments, Web: page, Ready: db.Ping,
		EventLog: journal.Stats, Peers: a.endpoint.Stats, Sockets: func() int { return wire.Stats().Sockets },
		PublicURL: publicURL, TrustedProxies: config.TrustedProxies, AllowedOrigins: config.AllowedOrigins,
		Logger: log, Version: version(), TimeZone: config.TimeZone,
	})
	if err != nil {
		return nil, err
	}
	if config.MetricsListen != "" {
		metrics, err := listen(config.MetricsListen, "metrics-listen")
		if err != nil {
			return nil, err
		}
		a.onClose(func() { _ = metrics.Close() })
		a.part("metrics", a.server(metrics, rest.Metrics()).run)
	}
	front := a.server(a.listener, rest.Handler())
	if config.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(config.TLSCert, config.TLSKey)
		if err != nil {
			return nil, fmt.Errorf("read the TLS certificate: %w", err)
		}
		front.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	a.part("http", front.run)
	return a, nil
}

// FirstPasswordFile gives the path of the file with the first admin's password, if this start made one.
func (a *App) FirstPasswordFile() string { return a.firstPassword }

// Addr is where the gateway listens; useful with port 0.
func (a *App) Addr() net.Addr { return a.listener.Addr() }

// WebRTCPort is the port that viewers connect to.
func (a *App) WebRTCPort() int { return a.endpoint.Port() }

// URL is an address for a browser on this machine, or the public one.
func (a *App) URL() string {
	if a.config.PublicURL != nil {
		return a.config.PublicURL.String()
	}
	scheme := "http"
	if a.config.TLSCert != "" {
		scheme = "https"
	}
	host, _, _ := net.SplitHostPort(a.config.Listen)
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	_, port, _ := net.SplitHostPort(a.listener.Addr().String())
	return scheme + "://" + net.JoinHostPort(host, port)
}

func (a *App) part(name string, run func(context.Context) error) {
	a.parts = append(a.parts, part{name, run})
}

func (a *App) onClose(f func()) { a.undo = append(a.undo, f) }

// close undoes what New opened, the last first.
func (a *App) close() {
	for len(a.undo) > 0 {
		last := len(a.undo) - 1
		a.undo[last]()
		a.undo = a.undo[:last]
	}
}

// Run serves until ctx ends or a part fails. Parts end one after another, the last started first: no more requests, then sockets say
// bye, peers and cameras close, the last events are written, the database closes. It gives the first failure, nil after an asked-for end.
func (a *App) Run(ctx context.Context) error {
	defer a.close()
	// What the start took and nobody needs any more (46 MiB for one password's hash) goes back to the system now, not minutes later.
	debug.FreeOSMemory()
	type ended struct {
		index int
		err   error
	}
	results := make(chan ended, len(a.parts))
	stops := make([]context.CancelFunc, len(a.parts))
	running := make([]chan struct{}, len(a.parts))
	for i, p := range a.parts {
		own, stop := context.WithCancel(context.WithoutCancel(ctx))
		stops[i], running[i] = stop, make(chan struct{})
		go func() {
			defer close(running[i])
			results <- ended{i, p.run(own)}
		}()
	}
	a.journal.Record(events.Event{Kind: events.ServerStarted, Note: version()})
	a.log.Info("serving", "address", a.Addr().String(), "webrtc_port", a.WebRTCPort(), "version", version())

	var failure error
	select {
	case <-ctx.Done():
	case first := <-results:
		name := a.parts[first.index].name
		failure = fmt.Errorf("%s ended by itself: %w", name, errors.Join(first.err, errUnasked))
	}
	a.journal.Record(events.Event{Kind: events.ServerStopped, Code: fault.CodeOf(failure)}) // events end last
	late := time.NewTimer(stopBound)
	defer late.Stop()
	for i := len(a.parts) - 1; i >= 0; i-- {
		stops[i]()
		select {
		case <-running[i]:
		case <-late.C:
			for _, stop := range stops {
				stop()
			}
			return errors.Join(failure, fmt.Errorf("%s did not end within %v", a.parts[i].name, stopBound))
		}
	}
	for len(results) > 0 {
		if r := <-results; r.err != nil && !errors.Is(r.err, context.Canceled) {
			failure = errors.Join(failure, fmt.Errorf("%s: %w", a.parts[r.index].name, r.err))
		}
	}
	return failure
}

var errUnasked = fault.New(fault.Internal, "server.part_ended", "a part of the gateway ended unasked")
