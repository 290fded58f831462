package hls

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// Patience with FFmpeg.
const (
	lookEvery = 250 * time.Millisecond
	// silentMost is how long FFmpeg may give nothing while the camera sends pictures; four pictures' time and a second
	// if that is more.
	silentMost = 3 * time.Second
	// owedLeast is how much newer the camera's pictures must be than FFmpeg's before it owes any.
	owedLeast = 500 * time.Millisecond
	// startMost is how long it may take to its first output, the camera sending.
	startMost = 8 * time.Second
	// liveEarly is how much older than its first sight of a camera the stream's clock may take its first pictures for: less than it takes to count
	// as silent.
	liveEarly = time.Second
	// steady is how long one must have played for the next to begin at once.
	steady                    = 10 * time.Second
	backoffFirst, backoffMost = 200 * time.Millisecond, 4 * time.Second
	// deafAfter failures in a row without a picture, and the sound is left out: perhaps FFmpeg can't read it.
	deafAfter = 2
)

// stream is what the views of one stream share: the window, and the goroutine that keeps an FFmpeg going for it.
type stream struct {
	hls    *HLS
	key    relay.Key
	log    *slog.Logger
	window *window
	wake   chan struct{} // holds one: somebody came or went

	views int // guarded by hls.mu

	spawned atomic.Uint64
	playing atomic.Bool

	mu      sync.Mutex // guards what follows
	state   relay.State
	failing bool // the last FFmpeg gave nothing
	firstAt time.Time
	changed chan struct{}

	// Of the goroutine only.
	layout      layout
	layoutKnown bool
	generations int
	failures    int // in a row, without a picture
}

func newStream(h *HLS, key relay.Key) *stream {
	return &stream{
		hls: h, key: key, log: h.log.With("stream", key.String()), window: newWindow(h.limit, &h.budget, h.now),
		wake: make(chan struct{}, 1), changed: make(chan struct{}),
	}
}

func (s *stream) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// news gives a channel that is closed when the stream's state changes.
func (s *stream) news() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

func (s *stream) update(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

// see takes over the relay's state.
func (s *stream) see(state relay.State) {
	s.mu.Lock()
	same := s.state.Status == state.Status && s.state.Code == state.Code
	s.mu.Unlock()
	if !same {
		s.update(func() { s.state = state })
	}
}

// refused gives why the stream will not be shown soon, or at all; nil if it may be.
func (s *stream) refused() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := refusalOf(s.state); f != nil {
		return f
	}
	if s.state.Status == relay.Refused {
		return lateFault(s.state, false)
	}
	return nil
}

// silentSince reports whether the camera sends nothing at present, or has not sent without a stop since a picture.
func (s *stream) silentSince(picture time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.state.Status {
	case relay.Stalled, relay.Connecting:
		return true
	case relay.Live:
		return picture.Before(s.state.Since.Add(-liveEarly))
	}
	return false
}

// late gives why there are no pictures yet.
func (s *stream) late() *fault.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return lateFault(s.state, s.failing)
}

// ready reports whether a player could begin now, or when to look again if nothing changes: there must be a second of media, not from before the
// camera fell silent, and FFmpeg must have given all that the relay had kept.
func (s *stream) ready(now time.Time) (ok bool, again time.Duration) {
	have, newest, gen, any := s.window.edge()
	if !any || have < ticks(openEnough) {
		return false, time.Second
	}
	at := gen.wall(newest.pts())
	old := time.Duration(newest.dur) * time.Second / videoRate * openOldPictures
	if s.silentSince(at) || now.Sub(at) > max(openOld, old) {
		return false, lookEvery // old pictures must not look like new ones
	}
	if now.Sub(at) < openFresh {
		return true, 0
	}
	settled := gen.began.Add(openSettled)
	if !now.Before(settled) {
		return true, 0
	}
	return false, settled.Sub(now)
}

// run keeps an FFmpeg going while somebody watches, and ends some seconds after the last has gone.
func (s *stream) run(ctx context.Context) {
	defer s.window.discard()
	reader, err := s.hls.relay.Read(s.key)
	if err != nil { // the gateway is going down
		s.hls.retire(s)
		<-ctx.Done()
		return
	}
	defer reader.Close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var watching sync.WaitGroup
	watching.Go(func() { s.watch(ctx, cancel) })
	defer watching.Wait()
	defer cancel(nil)

	wait := backoffFirst
	for s.presentable(ctx, reader) {
		began := s.hls.now()
		err := s.play(ctx, reader)
		s.playing.Store(false)
		if ctx.Err() != nil {
			return
		}
		lasted := s.hls.now().Sub(began)
		anew := errors.Is(err, errAnew)
		if anew || lasted >= steady {
			wait = backoffFirst
		}
		if !anew {
			s.hls.count.failed.Add(1)
			s.log.Warn("FFmpeg ended; another one takes over", "error", err, "played", lasted.Round(time.Millisecond), "in", wait)
		}
		if anew && lasted >= time.Second {
			continue
		}
		if !s.pause(ctx, wait) {
			return
		}
		wait = min(2*wait, backoffMost)
	}
}

// errIdle ends a stream that nobody watches any more.
var errIdle = errors.New("nobody watches")

// watch ends the stream when nobody has watched it for the linger time.
func (s *stream) watch(ctx context.Context, cancel context.CancelCauseFunc) {
	idle := time.NewTimer(s.hls.linger)
	defer idle.Stop()
	for {
		if s.hls.watched(s) {
			idle.Stop()
		} else {
			idle.Reset(s.hls.linger)
		}
		select {
		case <-ctx.Done():
			s.hls.retire(s)
			return
		case <-s.wake:
		case <-idle.C:
			if s.hls.retire(s) {
				cancel(errIdle)
				return
			}
		}
	}
}

func (s *stream) pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// presentable waits until the camera is known to send what FFmpeg can take; false at the end.
func (s *stream) presentable(ctx context.Context, reader *relay.Reader) bool {
	for {
		state := reader.State()
		s.see(state)
		if refusalOf(state) == nil && state.Status != relay.Refused && state.Media.Video.Name != "" {
			return true
		}
		select {
		case <-reader.Ready():
		case <-ctx.Done():
			return false
		}
	}
}
