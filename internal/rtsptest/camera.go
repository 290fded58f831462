package rtsptest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
)

// Options make a camera. Clip and Logger must be given.
type Options struct {
	// Clip is what it plays.
	Clip *Clip
	// Listen is the TCP address, default "127.0.0.1:0". UDP ports are always chosen freely on the same host.
	Listen string
	// Logger gets the camera's few words. Credentials are never logged.
	Logger *slog.Logger
	// Username, if not empty, and Password are demanded by AuthMethod: "basic" or "digest" (MD5, the default).
	Username, Password, AuthMethod string
	// TCPOnly answers 461 to a SETUP for UDP, UDPOnly to one for TCP.
	TCPOnly, UDPOnly bool
	// MaxSessions refuses further sessions with 453, as cameras with a limit do; 0 means no limit.
	MaxSessions int
	// SessionTimeout is how long a UDP session lives without a keepalive. Default 60 s.
	SessionTimeout time.Duration
	// Recent is how many sent frames Stats remembers. Default 512.
	Recent int
	// Misdescribe, if not nil, changes the description before anybody asks for it: parameter sets left out or wrong, more media
	// than are sent. The clip's own media and formats must stay in it. It is called at each power-on.
	Misdescribe func(*description.Session)
}

// Camera is one simulated RTSP camera. Its methods may be called from any goroutine. Kill and Restart work while Run
// runs; the other controls at any time.
type Camera struct {
	log     *slog.Logger
	listen  string
	timeout time.Duration
	gate    *gate
	mislead func(*description.Session) // nil: the truth is told

	orders  chan order    // to the power switch within Run
	ready   chan struct{} // closed once it listens for the first time
	stopped chan struct{} // closed when Run returns
	ran     atomic.Bool
	held    heldPort // owned by Run's goroutine

	station atomic.Pointer[station] // nil while it is switched off
	wake    chan struct{}           // tells the sender that something changed

	mu       sync.Mutex // guards what follows
	faults   faults
	playing  map[*gortsplib.ServerSession]struct{}
	address  string // host:port, once it listens
	stats    Stats
	recent   *ring
	changed  chan struct{} // closed and replaced when the number of sessions changes
	timeline timeline
}

// faults are the settings that a test turns while the camera runs.
type faults struct {
	username, password, method string
	tcpOnly, udpOnly           bool
	maxSessions                int
	slow                       time.Duration
	paused, blind              bool
	drop                       int // video packets still to be lost
}

// order asks the power switch for something and waits for the answer.
type order struct {
	do   func() error
	done chan error
}

// NewCamera makes a camera; it listens once Run is called. It refuses a missing Clip or Logger and options that
// contradict each other.
func NewCamera(o Options) (*Camera, error) {
	switch {
	case o.Clip == nil:
		return nil, errors.New("make a camera: no clip")
	case o.Logger == nil:
		return nil, errors.New("make a camera: no logger")
	case o.TCPOnly && o.UDPOnly:
		return nil, errors.New("make a camera: TCP only and UDP only")
	case o.AuthMethod != "" && o.AuthMethod != "basic" && o.AuthMethod != "digest":
		return nil, fmt.Errorf("make a camera: authentication %q is not basic or digest", o.AuthMethod)
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.SessionTimeout == 0 {
		o.SessionTimeout = 60 * time.Second
	}
	c := &Camera{
		log: o.Logger, listen: o.Listen, timeout: o.SessionTimeout, gate: newGate(), mislead: o.Misdescribe,
		orders: make(chan order), ready: make(chan struct{}), stopped: make(chan struct{}), wake: make(chan struct{}, 1),
		faults: faults{
			username: o.Username, password: o.Password, method: o.AuthMethod,
			tcpOnly: o.TCPOnly, udpOnly: o.UDPOnly, maxSessions: o.MaxSessions,
		},
		playing:  make(map[*gortsplib.ServerSession]struct{}),
		recent:   newRing(orDefault(o.Recent, 512)),
		changed:  make(chan struct{}),
		timeline: newTimeline(o.Clip, time.Now()),
	}
	return c, nil
}

// Run listens and serves until ctx ends; then it returns nil, all connections closed. It returns an error if it can't
// listen. It may be called once.
func (c *Camera) Run(ctx context.Context) error {
	if c.ran.Swap(true) {
		return errors.New("run a camera: it ran already")
	}
	defer close(c.stopped)
	if err := c.powerOn(c.listen); err != nil {
		return fmt.Errorf("run a camera: %w", err)
	}
	close(c.ready)

	defer func() {
		c.powerOff()
		c.held.release()
	}()

	sending := make(chan struct{})
	go func() {
		defer close(sending)
		c.send(ctx)
	}()
	defer func() { <-sending }()
	for {
		select {
		case o := <-c.orders:
			o.done <- o.do()
		case <-ctx.Done():
			return nil
		}
	}
}

// Ready is closed once the camera listens.
func (c *Camera) Ready() <-chan struct{} { return c.ready }

// Address is host:port, empty before Ready. It stays the same over Kill and Restart.
func (c *Camera) Address() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.address
}

// URL is rtsp://host:port/cam, without credentials. It is valid once Ready is closed. A camera that listens at all
// addresses names the loopback one.
func (c *Camera) URL() string {
	address := c.Address()
	if a, err := netip.ParseAddrPort(address); err == nil && a.Addr().IsUnspecified() {
		address = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port()).String()
	}
	return "rtsp://" + address + Path
}

// Path is where a camera has its stream; any other path is answered with 404.
const Path = "/cam"

// Stats tells what the camera has seen so far.
func (c *Camera) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.SessionsNow = len(c.playing)
	s.Recent = c.recent.list()
	return s
}

// AwaitSessions waits until exactly n sessions play, or ctx ends.
func (c *Camera) AwaitSessions(ctx context.Context, n int) error {
	for {
		c.mu.Lock()
		now, changed := len(c.playing), c.changed
		c.mu.Unlock()
		if now == n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for %d sessions, %d play: %w", n, now, ctx.Err())
		}
	}
}

// order has the power switch do something.
func (c *Camera) order(do func() error) error {
	o := order{do, make(chan error, 1)}
	select {
	case c.orders <- o:
		return <-o.done
	case <-c.stopped:
		return errors.New("the camera has stopped")
	}
}

// powerOn listens and makes the stream. Only Run's goroutine calls it.
func (c *Camera) powerOn(address string) error {
	s, err := newStation(c, address)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.address = s.address()
	c.timeline.reboot()
	c.mu.Unlock()
	c.station.Store(s)
	c.nudge()
	return nil
}

// powerOff closes the listener and every connection. Only Run's goroutine calls it.
func (c *Camera) powerOff() {
	if s := c.station.Swap(nil); s != nil {
		s.close()
	}
}

// nudge wakes the sender, which looks anew at everything.
func (c *Camera) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}
