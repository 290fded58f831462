// Package signaling is the wire of WebRTC: the WebSocket protocol rtsp-viewer.v1 (docs/protocol.md) for pages, WHEP for players.
//
// It owns sockets, the sessions that outlive them, the order of what happens to one view, and the secrets of WHEP resources. It refuses
// foreign origins, sockets beyond the cap, messages over 64 KiB, and to know what is in an SDP beyond what WHEP's fragments need;
// peers are strings and snapshots to it. viewers.Open is its only way to a picture.
//
// It runs two goroutines per socket (reading, writing), one per view of a session, one per WHEP resource, and Signaling.Run.
package signaling

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

// Sessions tells whether a sign-in session lives; *auth.Service is one.
type Sessions interface {
	SessionLives(ctx context.Context, id auth.SessionID) (bool, error)
}

// Options are what a Signaling needs. Viewers, Peers, Sessions and Logger must be set. The principal comes in each request's context
// (auth.WithPrincipal); a request without one is refused.
type Options struct {
	Viewers        *viewers.Viewers
	Peers          Peers
	Sessions       Sessions
	Logger         *slog.Logger
	ICEServers     []ICEServer // told to pages; none by default
	AllowedOrigins []string    // other sites' pages, each "scheme://host[:port]"
	PublicURL      string      // how the world sees the gateway behind a proxy; its origin is allowed too
	// Playing is told, at each sign of life of a page, which views it plays by other means than a peer (HLS); nil: nobody is.
	Playing        func(user auth.UserID, views ...viewers.ViewID)
	SocketsPerUser int              // 0: 16
	ResumeFor      time.Duration    // how long a session waits for a new socket; 0: 60 s
	Now            func() time.Time // nil: time.Now
}

// Signaling serves pages and WHEP players. It is safe for concurrent use.
type Signaling struct {
	viewers   *viewers.Viewers
	peers     Peers
	auth      Sessions
	log       *slog.Logger
	servers   []ICEServer
	origins   map[string]bool
	playing   func(auth.UserID, ...viewers.ViewID)
	perUser   int
	resumeFor time.Duration
	now       func() time.Time

	life context.Context // ends what hangs on no request: tiles, WHEP resources
	stop context.CancelFunc

	mu        sync.Mutex // guards what follows
	sessions  map[string]*session
	sockets   map[auth.UserID]int
	resources map[string]*resource // WHEP, by secret
	gone      map[string]departed  // WHEP resources that ended, by secret
	stopping  bool
	stats     Stats

	open sync.WaitGroup // sockets and WHEP requests; Add only under mu and while not stopping
	work sync.WaitGroup // views' goroutines and closing peers; likewise
}

// Stats are counts. Sockets, Sessions, Views and Players are those of now.
type Stats struct {
	Sockets, Sessions, Views, Players int
	Resumed, Slow, Abusive            int64 // sessions taken up again; sockets closed because they read too slowly, or sent nonsense
}

// New checks the options. It starts nothing.
func New(o Options) (*Signaling, error) {
	switch {
	case o.Viewers == nil:
		return nil, errors.New("signaling: Options.Viewers is nil")
	case o.Peers == nil:
		return nil, errors.New("signaling: Options.Peers is nil")
	case o.Sessions == nil:
		return nil, errors.New("signaling: Options.Sessions is nil")
	case o.Logger == nil:
		return nil, errors.New("signaling: Options.Logger is nil")
	}
	s := &Signaling{
		viewers: o.Viewers, peers: o.Peers, auth: o.Sessions, log: o.Logger.With("component", "signaling"),
		servers: o.ICEServers, origins: map[string]bool{}, perUser: o.SocketsPerUser, resumeFor: o.ResumeFor, now: o.Now,
		sessions: map[string]*session{}, sockets: map[auth.UserID]int{},
		resources: map[string]*resource{}, gone: map[string]departed{},
	}
	for _, origin := range append([]string{o.PublicURL}, o.AllowedOrigins...) {
		if origin == "" {
			continue
		}
		u, err := url.Parse(origin)
		if err != nil || u.Scheme == "" || u.Host == "" {
			return nil, fmt.Errorf("signaling: %q is no origin; it is like https://example.org", origin)
		}
		s.origins[strings.ToLower(u.Scheme+"://"+u.Host)] = true
	}
	if s.playing = o.Playing; s.playing == nil {
		s.playing = func(auth.UserID, ...viewers.ViewID) {}
	}
	if s.servers == nil {
		s.servers = []ICEServer{}
	}
	if s.perUser == 0 {
		s.perUser = 16
	}
	if s.resumeFor == 0 {
		s.resumeFor = 60 * time.Second
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.life, s.stop = context.WithCancel(context.Background())
	return s, nil
}
