package relay

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// Parameter sets of x264, 640x360: baseline, and main with max_num_reorder_frames 2.
var (
	testSPS = []byte{0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x70, 0x11, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00, 0x00, 0x03, 0x00, 0x32, 0x0f, 0x16, 0x2e, 0x48}
	testPPS = []byte{0x68, 0xcb, 0x83, 0xcb, 0x20}
)

// script is a Source of which a test plays the camera.
type script struct {
	mu    sync.Mutex
	calls []*call
	news  chan *call
	hints []Hint
}

// call is one Pull in progress.
type call struct {
	in     Intake
	ctx    context.Context
	target camera.Target
	end    chan error
	seq    [tracks]uint16
	ts     uint32
}

func newScript() *script { return &script{news: make(chan *call, 100)} }

func (s *script) Pull(ctx context.Context, target camera.Target, hint Hint, in Intake) error {
	c := &call{in: in, ctx: ctx, target: target, end: make(chan error, 1), ts: 0xffff0000}
	s.mu.Lock()
	s.calls, s.hints = append(s.calls, c), append(s.hints, hint)
	s.mu.Unlock()
	s.news <- c
	select {
	case err := <-c.end:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

func (c *call) describe() *call {
	c.in.Describe(Offer{Video: Codec{Name: "H264", ClockRate: 90000}, SPS: testSPS, PPS: testPPS, Transport: camera.TransportTCP,
		Audio: Codec{Name: "PCMU", ClockRate: 8000, Channels: 1}})
	return c
}

func (c *call) rtp(payload []byte, marker bool) {
	c.in.RTP(Video, &rtp.Packet{Header: rtp.Header{SequenceNumber: c.seq[Video], Timestamp: c.ts, Marker: marker, SSRC: 1}, Payload: payload}, time.Now())
	c.seq[Video]++
}

// nal is a NAL unit of n bytes. A slice begins a picture and is intra or predictive.
func nal(typ byte, n int) []byte {
	b := make([]byte, n)
	b[0], b[1] = 0x60|typ, 0x88 // first_mb 0, slice_type 7 (I) in three bits of five: ue 0 = 1, ue 7 = 0001000
	for i := 2; i < n; i++ {
		b[i] = byte(i) | 1
	}
	return b
}

// frame sends one access unit of n bytes and moves the camera's clock on by step ticks.
func (c *call) frame(typ byte, n int, step uint32) {
	b := nal(typ, n)
	if n <= 1400 {
		c.rtp(b, true)
	} else {
		body := b[1:]
		for first := byte(0x80); len(body) > 0; first = 0 {
			k := min(1390, len(body))
			end := byte(0)
			if k == len(body) {
				end = 0x40
			}
			c.rtp(append([]byte{0x60 | 28, first | end | typ}, body[:k]...), end != 0)
			body = body[k:]
		}
	}
	c.ts += step
}

func (c *call) sound(n int) {
	c.in.RTP(Audio, &rtp.Packet{Header: rtp.Header{SequenceNumber: c.seq[Audio], Timestamp: c.ts / 90 * 8, SSRC: 2}, Payload: make([]byte, n)}, time.Now())
	c.seq[Audio]++
}

// play sends pictures for a time at an interval, a keyframe first and then every gop.
func (c *call) play(t *testing.T, d, interval time.Duration, gop int) {
	t.Helper()
	step := uint32(interval * 90000 / time.Second)
	for i := 0; i < int(d/interval); i++ {
		if c.ctx.Err() != nil {
			return
		}
		if i%gop == 0 {
			c.frame(nalIDR, 3000, step)
		} else {
			c.frame(nalSlice, 500, step)
		}
		time.Sleep(interval)
	}
}

// book is Addresses of a test.
type book struct {
	mu      sync.Mutex
	targets map[camera.ID]camera.Target
	err     error
	asked   int
}

func (b *book) Dial(_ context.Context, id camera.ID, kind camera.StreamKind) (camera.Target, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	if b.err != nil {
		return camera.Target{}, b.err
	}
	if t, ok := b.targets[id]; ok {
		return t, nil
	}
	return camera.Target{Camera: id, Kind: kind, Address: "rtsp://canary-host/" + string(id), Username: "u", Password: camera.NewPassword("canary")}, nil
}

func (b *book) set(id camera.ID, t camera.Target) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.targets == nil {
		b.targets = map[camera.ID]camera.Target{}
	}
	b.targets[id] = t
}

func (b *book) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
}

// lines collects what is logged.
type lines struct {
	mu   sync.Mutex
	text []byte
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	return len(b), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

type bench struct {
	relay  *Relay
	script *script
	book   *book
	log    *lines
	mu     sync.Mutex
	states []State
	stop   func()
}

// start runs a relay with a scripted source until the test ends.
func start(t *testing.T, change func(*Options)) *bench {
	t.Helper()
	b := &bench{script: newScript(), book: &book{}, log: &lines{}}
	o := Options{Addresses: b.book, Source: b.script, Linger: 10 * time.Second,
		Logger: slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		StateChanged: func(_ Key, s State) {
			b.mu.Lock()
			b.states = append(b.states, s)
			b.mu.Unlock()
		}}
	if change != nil {
		change(&o)
	}
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	r.loopback.off = true // sockets don't belong into a bubble of fake time
	b.relay = r
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	b.stop = func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
	return b
}

func (b *bench) read(t *testing.T, id camera.ID) *Reader {
	t.Helper()
	r, err := b.relay.Read(Key{id, camera.Main})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func drain(r *Reader) (frames []Frame) {
	for {
		f, ok := r.Next()
		if !ok {
			return frames
		}
		frames = append(frames, f)
	}
}

func videoOf(frames []Frame) (out []Frame) {
	for _, f := range frames {
		if f.Track == Video {
			out = append(out, f)
		}
	}
	return out
}
