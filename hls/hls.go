package hls

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/ffmpeg"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

// Prefix is where Handler expects to be mounted.
const Prefix = "/hls/"

// Options are what an HLS needs. Relay, Viewers and Logger must be set.
type Options struct {
	Relay   *relay.Relay
	Viewers *viewers.Viewers
	Logger  *slog.Logger
	// FFmpeg is the program; empty: "ffmpeg" in PATH.
	FFmpeg string
	// Now is the clock; nil: time.Now. Timers are the runtime's, so a clock must run as fast as they do.
	Now func() time.Time
	// Linger is how long an FFmpeg outlives its last view; 0: 5 s.
	Linger time.Duration
	// StreamBytes bounds the media kept of one stream; 0: 48 MiB. TotalBytes bounds that of all; 0: 512 MiB.
	StreamBytes, TotalBytes int64
	// Headers may add headers to any answer of Handler, for pages of other sites (CORS); nil: none.
	Headers func(h http.Header, r *http.Request)
}

// HLS holds the streams that somebody watches by HLS and the views that do. It is safe for concurrent use.
type HLS struct {
	relay   *relay.Relay
	viewers *viewers.Viewers
	log     *slog.Logger
	now     func() time.Time
	linger  time.Duration
	limit   int64
	headers func(http.Header, *http.Request)
	runner  *ffmpeg.Runner
	tool    *tool
	budget  budget
	count   counters
	up      chan struct{} // closed when Run serves

	mu       sync.Mutex // guards what follows
	ctx      context.Context
	begun    bool
	stopping bool
	work     sync.WaitGroup // goroutines of streams and sessions
	streams  map[relay.Key]*stream
	sessions map[digest]*session
	gone     map[digest]departed
}

// counters are written by whoever does the thing and read by Stats.
type counters struct {
	spawned, failed, silent, opened, playlists, segments, bytes, missing atomic.Uint64
}

// New checks the options. It starts nothing, and does not look for FFmpeg yet: WebRTC works without.
func New(o Options) (*HLS, error) {
	switch {
	case o.Relay == nil:
		return nil, errors.New("hls: Options.Relay is nil")
	case o.Viewers == nil:
		return nil, errors.New("hls: Options.Viewers is nil")
	case o.Logger == nil:
		return nil, errors.New("hls: Options.Logger is nil")
	case o.Linger < 0 || o.StreamBytes < 0 || o.TotalBytes < 0:
		return nil, errors.New("hls: Linger, StreamBytes and TotalBytes can't be negative")
	}
	h := &HLS{
		relay: o.Relay, viewers: o.Viewers, log: o.Logger.With("component", "hls"), now: o.Now, linger: o.Linger, limit: o.StreamBytes,
		headers: o.Headers, runner: ffmpeg.New(ffmpeg.Options{Path: o.FFmpeg}), up: make(chan struct{}),
		streams: map[relay.Key]*stream{}, sessions: map[digest]*session{}, gone: map[digest]departed{},
	}
	if h.now == nil {
		h.now = time.Now
	}
	if h.linger == 0 {
		h.linger = 5 * time.Second
	}
	if h.limit == 0 {
		h.limit = 48 << 20
	}
	if h.budget.limit = o.TotalBytes; h.budget.limit == 0 {
		h.budget.limit = 512 << 20
	}
	if h.headers == nil {
		h.headers = func(http.Header, *http.Request) {}
	}
	h.tool = newTool(h.runner, h.log, h.now)
	return h, nil
}

// Ready is closed when Run serves; until then Open gives viewers.ErrStopping.
func (h *HLS) Ready() <-chan struct{} { return h.up }

// Run serves until ctx ends: then every view ends with server.stopping, and Run returns when every FFmpeg has been waited for and every
// goroutine has returned. An HLS runs once.
func (h *HLS) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	h.mu.Lock()
	twice := h.begun
	if !twice {
		h.begun, h.ctx = true, ctx // from then on it is only read
	}
	h.mu.Unlock()
	if twice {
		return errors.New("hls: run twice")
	}
	h.tool.check(ctx)
	close(h.up)
	beat := time.NewTicker(time.Second)
	defer beat.Stop()
	for {
		select {
		case <-beat.C:
			h.sweep()
		case <-ctx.Done():
			h.stop()
			return nil
		}
	}
}

func (h *HLS) stop() {
	h.mu.Lock()
	h.stopping = true
	sessions := make([]*session, 0, len(h.sessions))
	for _, s := range h.sessions {
		sessions = append(sessions, s)
	}
	h.mu.Unlock()
	for _, s := range sessions {
		s.view.Close(viewers.CodeStopping)
	}
	h.work.Wait()
}

// begin counts a goroutine in; false when nothing may begin any more.
func (h *HLS) begin() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.beginLocked()
}

func (h *HLS) beginLocked() bool {
	if h.ctx == nil || h.stopping || h.ctx.Err() != nil {
		return false
	}
	h.work.Add(1)
	return true
}

// Available gives nil if HLS works here, else ErrNoFFmpeg. It asks FFmpeg anew from time to time while it does not.
func (h *HLS) Available(ctx context.Context) error { return h.tool.check(ctx) }

// StreamStats are those of one stream that is watched by HLS.
type StreamStats struct {
	Key        relay.Key
	Views      int
	Generation int    // how many times a head was made
	Spawned    uint64 // FFmpegs started
	Segments   int    // kept
	Bytes      int64  // kept
	Sequence   uint64 // segments ever begun
	Playing    bool   // its FFmpeg gives pictures
}

// Stats are counts since the start, but for Streams, Sessions, Live and Bytes, which are now.
type Stats struct {
	Streams  []StreamStats // in no order
	Sessions int
	FFmpeg   ffmpeg.Stats
	Version  string // of FFmpeg; empty if there is none
	Bytes    int64  // of media kept
	Opened   uint64 // sessions
	Spawned  uint64 // FFmpegs started
	Failed   uint64 // of those, how many ended or had to end although their camera lived
	Silent   uint64 // of those, how many gave nothing any more
	// Answers of Handler.
	Playlists, Segments, Sent, Missing uint64 // Sent in bytes of media; Missing: asked for what is not kept any more
}

// Stats counts.
func (h *HLS) Stats() Stats {
	s := Stats{
		FFmpeg: h.runner.Stats(), Version: h.tool.found(), Bytes: h.budget.used.Load(), Opened: h.count.opened.Load(), Spawned: h.count.spawned.Load(),
		Failed: h.count.failed.Load(), Silent: h.count.silent.Load(), Playlists: h.count.playlists.Load(), Segments: h.count.segments.Load(),
		Sent: h.count.bytes.Load(), Missing: h.count.missing.Load(),
	}
	h.mu.Lock()
	s.Sessions = len(h.sessions)
	streams := make([]*stream, 0, len(h.streams))
	views := make([]int, 0, len(h.streams))
	for _, st := range h.streams {
		streams, views = append(streams, st), append(views, st.views)
	}
	h.mu.Unlock()
	for i, st := range streams {
		w := st.window.stats()
		s.Streams = append(s.Streams, StreamStats{
			Key: st.key, Views: views[i], Generation: w.generation, Spawned: st.spawned.Load(), Segments: w.segments, Bytes: w.bytes,
			Sequence: w.sequence, Playing: st.playing.Load(),
		})
	}
	return s
}

// join gives a stream and counts a view in; false when nothing may begin.
func (h *HLS) join(key relay.Key) (*stream, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ctx == nil || h.stopping || h.ctx.Err() != nil {
		return nil, false
	}
	s := h.streams[key]
	if s == nil {
		s = newStream(h, key)
		h.streams[key] = s
		h.beginLocked()
		ctx := h.ctx
		go func() {
			defer h.work.Done()
			s.run(ctx)
		}()
	}
	s.views++
	return s, true
}

func (h *HLS) leave(s *stream) {
	h.mu.Lock()
	s.views--
	h.mu.Unlock()
	s.nudge()
}

// retire takes a stream off; false if somebody watches it.
func (h *HLS) retire(s *stream) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.views > 0 && !h.stopping {
		return false
	}
	delete(h.streams, s.key)
	return true
}

func (h *HLS) watched(s *stream) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return s.views > 0
}

// keyOf checks the stream of a request.
func keyOf(id camera.ID, kind camera.StreamKind) (relay.Key, error) {
	switch kind {
	case "":
		kind = camera.Main
	case camera.Main, camera.Sub:
	default:
		return relay.Key{}, fmt.Errorf("open an HLS session: %w", ErrStream)
	}
	return relay.Key{Camera: id, Kind: kind}, nil
}
