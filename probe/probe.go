package probe

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/ffmpeg"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// Faults that probe gives, beside those of camera.Service.Try.
var (
	ErrBusy    = fault.New(fault.TooMany, "probe.busy", "other cameras are being looked at; try again in a few seconds").With("retry_after", "5")
	ErrRunning = fault.New(fault.Conflict, "probe.running", "another job probes cameras") // Params: id
	ErrNoJob   = fault.New(fault.NotFound, "probe.not_found", "no such job, or it is forgotten")
	ErrNothing = fault.New(fault.Invalid, "probe.nothing", "there is no such camera to probe")
)

// Bounds of single probes.
const (
	perUser = 3  // at once
	inAll   = 16 // at once
)

// Cameras are the records of cameras; *camera.Service is one.
type Cameras interface {
	Try(ctx context.Context, t camera.Trial) (camera.Tried, error)
	List(ctx context.Context, q camera.ListQuery) (paging.Page[camera.Camera], error)
	KeepPassport(ctx context.Context, target camera.Target, p camera.Passport, still []byte) (bool, error)
}

// Recorder takes events; *events.Log is one.
type Recorder interface {
	Record(e events.Event)
}

// Options are what a Prober needs. All but Now must be set.
type Options struct {
	Cameras Cameras
	Relay   *relay.Relay
	// HLS gives the code of why HLS would not carry a stream that says this of itself; empty if it would. (*hls.HLS).Refuses is one.
	HLS    func(ctx context.Context, s relay.State) string
	FFmpeg *ffmpeg.Runner // makes pictures; there are none while the program is missing
	Events Recorder
	Logger *slog.Logger
	Now    func() time.Time // nil: time.Now
}

// Prober looks at cameras. It is safe for concurrent use.
type Prober struct {
	cameras Cameras
	relay   *relay.Relay
	hls     func(context.Context, relay.State) string
	ffmpeg  *ffmpeg.Runner
	events  Recorder
	log     *slog.Logger
	now     func() time.Time
	pencils chan struct{} // one for each picture that is being made
	working sync.WaitGroup

	mu      sync.Mutex // guards what follows
	ctx     context.Context
	begun   bool
	users   map[auth.UserID]int      // single probes going on
	single  int                      // of all users
	dialled map[string]chan struct{} // by address: closed when its survey has ended
	jobs    []*job                   // the newest first
}

// New makes a Prober. It starts nothing.
func New(o Options) (*Prober, error) {
	switch {
	case o.Cameras == nil:
		return nil, errors.New("probe: Options.Cameras is nil")
	case o.Relay == nil:
		return nil, errors.New("probe: Options.Relay is nil")
	case o.HLS == nil:
		return nil, errors.New("probe: Options.HLS is nil")
	case o.FFmpeg == nil:
		return nil, errors.New("probe: Options.FFmpeg is nil")
	case o.Events == nil:
		return nil, errors.New("probe: Options.Events is nil")
	case o.Logger == nil:
		return nil, errors.New("probe: Options.Logger is nil")
	}
	p := &Prober{
		cameras: o.Cameras, relay: o.Relay, hls: o.HLS, ffmpeg: o.FFmpeg, events: o.Events, log: o.Logger, now: o.Now,
		pencils: make(chan struct{}, picturesAtOnce), users: map[auth.UserID]int{}, dialled: map[string]chan struct{}{},
	}
	if p.now == nil {
		p.now = time.Now
	}
	return p, nil
}

// Run lets jobs run until ctx ends; it returns when all of them have ended. A Prober runs once.
func (p *Prober) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.mu.Lock()
	twice := p.begun
	if !twice {
		p.begun, p.ctx = true, ctx
	}
	p.mu.Unlock()
	if twice {
		return errors.New("probe: run twice")
	}
	<-ctx.Done()
	p.mu.Lock()
	p.ctx = nil
	p.mu.Unlock()
	p.working.Wait()
	return nil
}

// Found is what a probe came to.
type Found struct {
	Passport camera.Passport
	Still    []byte    // a JPEG of at most camera.MaxStill; nil if there is none
	Camera   camera.ID // of which it was probed; empty for an address alone
	Kept     bool      // with the camera
}

// Probe looks at one camera for somebody who waits for it: within 20 s, and in most cases within 3. A camera that does not answer is no error;
// the passport says it. What is found of a camera as it is stored is kept with it. The faults of camera.Service.Try, ErrBusy.
func (p *Prober) Probe(ctx context.Context, by auth.Principal, t camera.Trial) (Found, error) {
	tried, err := p.cameras.Try(ctx, t)
	if err != nil {
		return Found{}, err
	}
	release, err := p.admit(by.User.ID)
	if err != nil {
		return Found{}, err
	}
	defer release()
	found := p.examine(ctx, tried, asked)
	if ctx.Err() != nil {
		return Found{}, ctx.Err()
	}
	found.Camera = t.Camera
	if tried.Target.Kind == camera.Main {
		if found.Kept, err = p.cameras.KeepPassport(ctx, tried.Target, found.Passport, found.Still); err != nil {
			return Found{}, err
		}
	}
	pass := found.Passport
	p.log.Info("probed a camera", "camera", string(t.Camera), "by", by.User.Login, "via", string(pass.Via), "code", pass.Code, "took_ms", pass.TookMS)
	return found, nil
}

// admit takes a place for a single probe.
func (p *Prober) admit(user auth.UserID) (release func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users[user] >= perUser || p.single >= inAll {
		return nil, ErrBusy
	}
	p.users[user]++
	p.single++
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.single--
		if p.users[user]--; p.users[user] == 0 {
			delete(p.users, user)
		}
	}, nil
}

// alone waits until nobody else surveys an address, and takes it; false if ctx ended before.
func (p *Prober) alone(ctx context.Context, address string) (release func(), ok bool) {
	for {
		p.mu.Lock()
		other := p.dialled[address]
		if other == nil {
			mine := make(chan struct{})
			p.dialled[address] = mine
			p.mu.Unlock()
			return func() {
				p.mu.Lock()
				delete(p.dialled, address)
				p.mu.Unlock()
				close(mine)
			}, true
		}
		p.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, false
		}
	}
}
