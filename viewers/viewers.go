// Package viewers knows who is watching what, now. Open is the only door to a picture, whatever carries it.
//
// It owns the view, the limit of views per user, leases, and the reasons for which a view ends; the Tracker holds what all nodes must
// agree on. It refuses whoever is not signed in, may not watch the camera, or has no place left; it refuses to count up and down: the
// number of views is the number of leases that have not lapsed. It knows nothing of WebRTC or HLS: a transport opens a view, renews
// it while somebody really watches, and ends when View.Done closes.
//
// Viewers.Run is its only goroutine of length (lapsed leases, heartbeats, kicks, judging again); Judge uses a few while it works.
package viewers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
)

// ViewID is a view's id as the page made it: 1 to 64 letters, digits, hyphens or underscores; a UUID for a tile. It is unique per user.
type ViewID string

// Transport is what carries a view.
type Transport string

// The transports. WebRTC is signalled over the page's WebSocket, WHEP over HTTP.
const (
	WebRTC Transport = "webrtc"
	WHEP   Transport = "whep"
	HLS    Transport = "hls"
)

// Admit says what happens when all places are taken.
type Admit string

// EvictOldest is a person's act, which closes the view opened longest ago. IfFree is whatever a machine does by itself (restore,
// reload, reconnect, tour, kiosk): it never evicts, and it never reopens what was evicted or revoked.
const (
	EvictOldest Admit = "evict_oldest"
	IfFree      Admit = "if_free"
)

// Request asks for a view.
type Request struct {
	Principal auth.Principal
	View      ViewID
	Camera    camera.ID
	Transport Transport
	Admit     Admit
	Replaces  ViewID        // optional: the view of the same user whose place this one takes; that one ends with view.closed
	Label     string        // optional: the screen in words, told to the evicted; trimmed to 64 characters
	Lease     time.Duration // how long the view lives after its opening and after each Renew; 1 s to 10 min
}

// Rights says who may watch what. It gives auth.ErrNoUser for a user that is gone and camera.ErrNotFound for a camera that is gone or
// not granted; any other error means that it could not be found out, and ends nothing.
type Rights interface {
	MayWatch(ctx context.Context, u auth.User, id camera.ID) (camera.Camera, error)
	User(ctx context.Context, id auth.UserID) (auth.User, error)
	SessionLives(ctx context.Context, id auth.SessionID) (bool, error)
	// CameraExists tells a deleted camera from a withdrawn grant.
	CameraExists(ctx context.Context, id camera.ID) (bool, error)
}

// Recorder takes events without blocking; *events.Log is one.
type Recorder interface {
	Record(events.Event)
}

// Options are what a Viewers needs. Rights, Tracker, Events and Logger must be set.
type Options struct {
	Rights  Rights
	Tracker Tracker
	Events  Recorder
	Logger  *slog.Logger
	Limit   int              // views at once of a user without a limit of his own, 1 to 64
	Node    string           // this process's name among those that share the Tracker; "" is one alone
	Now     func() time.Time // nil: time.Now
	Beat    time.Duration    // how often lapsed leases are looked for and the Tracker is told; 0: 1 s
}

// Viewers is the door and the list of those inside. It is safe for concurrent use.
type Viewers struct {
	rights  Rights
	tracker Tracker
	events  Recorder
	log     *slog.Logger
	limit   int
	node    string
	now     func() time.Time
	beat    time.Duration
	unsure  chan struct{} // cap 1: a judgement could not find out all that it had to

	mu       sync.Mutex // guards what follows
	views    map[Place]*View
	epoch    int64        // how many judgements have begun
	opening  int          // Opens between admission and entry into views
	early    map[Seat]End // ends of views that those Opens have not entered yet
	stopping bool
	stats    Stats
	muted    map[string]bool // troubles told once and not yet over
}

// Stats are counts since the start, but Now, which are the views of this process by transport.
type Stats struct {
	Now     map[Transport]int
	Opened  map[Transport]int64
	Refused map[string]int64 // by code
	Ended   map[string]int64 // by code
}

// New checks the options. It starts nothing.
func New(o Options) (*Viewers, error) {
	switch {
	case o.Rights == nil:
		return nil, errors.New("viewers: Options.Rights is nil")
	case o.Tracker == nil:
		return nil, errors.New("viewers: Options.Tracker is nil")
	case o.Events == nil:
		return nil, errors.New("viewers: Options.Events is nil")
	case o.Logger == nil:
		return nil, errors.New("viewers: Options.Logger is nil")
	case o.Limit < 1 || o.Limit > maxLimit:
		return nil, fmt.Errorf("viewers: Options.Limit is %d, not 1 to %d", o.Limit, maxLimit)
	}
	v := &Viewers{
		rights: o.Rights, tracker: o.Tracker, events: o.Events, log: o.Logger.With("component", "viewers"),
		limit: o.Limit, node: o.Node, now: o.Now, beat: o.Beat, unsure: make(chan struct{}, 1),
		views: map[Place]*View{}, early: map[Seat]End{}, muted: map[string]bool{},
		stats: Stats{Opened: map[Transport]int64{}, Refused: map[string]int64{}, Ended: map[string]int64{}},
	}
	if v.now == nil {
		v.now = time.Now
	}
	if v.beat == 0 {
		v.beat = time.Second
	}
	return v, nil
}

// Limit gives how many views u may have at once; 0 means that he may not watch at all.
func (v *Viewers) Limit(u auth.User) int {
	if u.ViewsLimit == nil {
		return v.limit
	}
	return min(max(*u.ViewsLimit, 0), maxLimit)
}

// Stats gives the counts.
func (v *Viewers) Stats() Stats {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := Stats{
		Now: map[Transport]int{}, Opened: maps.Clone(v.stats.Opened),
		Refused: maps.Clone(v.stats.Refused), Ended: maps.Clone(v.stats.Ended),
	}
	for _, view := range v.views {
		s.Now[view.entry.Transport]++
	}
	return s
}

// tell logs a trouble once until it is over (err is nil).
func (v *Viewers) tell(doing string, err error) {
	v.mu.Lock()
	was := v.muted[doing]
	if err != nil {
		v.muted[doing] = true
	} else {
		delete(v.muted, doing)
	}
	v.mu.Unlock()
	switch {
	case err != nil && !was:
		v.log.Error(doing+" is failing; views stay as they are", "error", err)
	case err == nil && was:
		v.log.Info(doing + " works again")
	}
}
