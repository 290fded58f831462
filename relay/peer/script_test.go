package peer

import (
	"encoding/binary"
	"sync"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// script is a stream whose frames a test publishes by hand: what a camera does can't be timed to the packet.
type script struct {
	key relay.Key

	mu      sync.Mutex
	frames  []relay.Frame
	packets [2][]relay.Packet
	state   relay.State
	changes uint64 // of state
	due     time.Duration
	readers []*scriptReader
	opened  int
}

type scripts map[relay.Key]*script

func (s scripts) read(key relay.Key, ready chan struct{}) (reader, error) {
	c, ok := s[key]
	if !ok {
		return nil, relay.ErrStopped
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	r := &scriptReader{from: c, ready: ready, at: -1}
	signal(ready)
	c.readers = append(c.readers, r)
	c.opened++
	return r, nil
}

func newScript(name string) *script {
	return &script{key: relay.Key{Camera: camera.ID(name), Kind: camera.Main}, state: relay.State{
		Status: relay.Connecting, Media: relay.Media{
			Video: relay.Codec{Name: "H264", ClockRate: 90000}, Audio: relay.Codec{Name: "PCMU", ClockRate: 8000, Channels: 1},
		},
	}}
}

// scripted frames are 40 ms apart on a clock that begins at an odd place.
const (
	frameTicks  = 3600
	scriptClock = 4_000_000_000 // wraps within a test
)

// video publishes a frame of n packets, as if it had come at the time. Each payload holds a NAL header and the packet's index.
func (c *script) video(keyframe bool, n, size int, at time.Time) relay.Frame {
	c.mu.Lock()
	c.state.Status = relay.Live
	c.changes++
	c.mu.Unlock()
	return c.hidden(keyframe, n, size, at)
}

// hidden publishes a frame and leaves the state as it is.
func (c *script) hidden(keyframe bool, n, size int, at time.Time) relay.Frame {
	c.mu.Lock()
	count := uint32(0)
	for _, f := range c.frames {
		if f.Track == relay.Video {
			count++
		}
	}
	f := relay.Frame{
		Track: relay.Video, First: uint64(len(c.packets[relay.Video])), Timestamp: scriptClock + count*frameTicks, Keyframe: keyframe,
		Arrived: at,
	}
	for i := range n {
		payload := make([]byte, size)
		payload[0] = 0x61
		if keyframe {
			payload[0] = 0x65
		}
		binary.BigEndian.PutUint64(payload[1:], f.First+uint64(i))
		f.Packets = append(f.Packets, relay.Packet{Payload: payload, Marker: i == n-1, Timestamp: f.Timestamp})
		f.Bytes += size
	}
	c.packets[relay.Video] = append(c.packets[relay.Video], f.Packets...)
	c.frames = append(c.frames, f)
	c.mu.Unlock()
	c.wake()
	return f
}

// sound publishes 20 ms of sound.
func (c *script) sound(at time.Time) {
	c.mu.Lock()
	n := uint32(len(c.packets[relay.Audio]))
	p := relay.Packet{Payload: make([]byte, 160), Timestamp: n * 160}
	binary.BigEndian.PutUint64(p.Payload[1:], uint64(n))
	f := relay.Frame{Track: relay.Audio, First: uint64(n), Packets: []relay.Packet{p}, Timestamp: p.Timestamp, Arrived: at, Bytes: 160}
	c.packets[relay.Audio] = append(c.packets[relay.Audio], p)
	c.frames = append(c.frames, f)
	c.mu.Unlock()
	c.wake()
}

func (c *script) wake() {
	c.mu.Lock()
	readers := append([]*scriptReader(nil), c.readers...)
	c.mu.Unlock()
	for _, r := range readers {
		signal(r.ready)
	}
}

func (c *script) set(change func(*relay.State)) {
	c.mu.Lock()
	change(&c.state)
	c.changes++
	c.mu.Unlock()
	c.wake()
}

// past publishes a group of n frames that ended just now, 40 ms apart.
func (c *script) past(n, packets, size int) {
	begin := time.Now().Add(-time.Duration(n) * 40 * time.Millisecond)
	for i := range n {
		c.video(i == 0, packets, size, begin.Add(time.Duration(i+1)*40*time.Millisecond))
	}
}

// play publishes live frames each 40 ms until the test ends.
func (c *script) play(t *testing.T, gop, packets, size int) {
	t.Helper()
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(40 * time.Millisecond)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case now := <-tick.C:
				c.video(gop > 0 && i%gop == 0, packets, size, now)
			}
		}
	}()
	t.Cleanup(func() { close(stop); <-ended })
}

type scriptReader struct {
	from   *script
	ready  chan struct{}
	at     int // in frames; -1: not begun
	skip   bool
	closed bool
}

func (r *scriptReader) newest() int {
	for i := len(r.from.frames) - 1; i >= 0; i-- {
		if r.from.frames[i].Keyframe {
			return i
		}
	}
	return -1
}

func (r *scriptReader) Next() (relay.Frame, bool) {
	r.from.mu.Lock()
	defer r.from.mu.Unlock()
	if r.at < 0 {
		if r.at = r.newest(); r.at < 0 {
			return relay.Frame{}, false
		}
	}
	for r.at < len(r.from.frames) {
		f := r.from.frames[r.at]
		r.at++
		if r.skip && f.Track == relay.Video {
			if !f.Keyframe {
				continue
			}
			r.skip = false
		}
		return f, true
	}
	return relay.Frame{}, false
}

func (r *scriptReader) Behind() (frames, bytes int) {
	r.from.mu.Lock()
	defer r.from.mu.Unlock()
	for _, f := range r.from.frames[max(r.at, 0):] {
		if f.Track == relay.Video {
			frames++
		}
		bytes += f.Bytes
	}
	return frames, bytes
}

func (r *scriptReader) KeyframeAhead() (frames, bytes int, ok bool) {
	r.from.mu.Lock()
	defer r.from.mu.Unlock()
	key := r.newest()
	if r.at < 0 || key <= r.at {
		return 0, 0, false
	}
	for _, f := range r.from.frames[r.at:key] {
		if f.Track == relay.Video {
			frames++
		}
		bytes += f.Bytes
	}
	return frames, bytes, true
}

func (r *scriptReader) Rewind() bool {
	r.from.mu.Lock()
	defer r.from.mu.Unlock()
	at := r.newest()
	if at < 0 {
		return false
	}
	r.at, r.skip = at, false
	return true
}

func (r *scriptReader) SkipToLive() {
	r.from.mu.Lock()
	defer r.from.mu.Unlock()
	r.at, r.skip = len(r.from.frames), true
}

func (r *scriptReader) KeyframeDue() (time.Duration, bool) {
	r.from.mu.Lock()
	defer r.from.mu.Unlock()
	return r.from.due, r.from.due > 0
}

func (r *scriptReader) Packet(t relay.Track, index uint64) (relay.Packet, bool) {
	r.from.mu.Lock()
	defer r.from.mu.Unlock()
	if index >= uint64(len(r.from.packets[t])) {
		return relay.Packet{}, false
	}
	return r.from.packets[t][index], true
}

func (r *scriptReader) State() relay.State {
	r.from.mu.Lock()
	defer r.from.mu.Unlock()
	return r.from.state
}

func (r *scriptReader) Revision() uint64 {
	r.from.mu.Lock()
	defer r.from.mu.Unlock()
	return r.from.changes
}

func (r *scriptReader) Clock(t relay.Track) (uint32, time.Time) {
	r.from.mu.Lock()
	defer r.from.mu.Unlock()
	for i := len(r.from.frames) - 1; i >= 0; i-- {
		if f := r.from.frames[i]; f.Track == t {
			return f.Timestamp, f.Arrived
		}
	}
	return 0, time.Time{}
}

func (r *scriptReader) Dropped() uint64 { return 0 }

func (r *scriptReader) Close() {
	r.from.mu.Lock()
	defer r.from.mu.Unlock()
	r.closed = true
}

// published counts the video packets.
func (c *script) published() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return uint64(len(c.packets[relay.Video]))
}

// skipped says that a reader waits for the next keyframe.
func (c *script) skipped() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.readers {
		if r.skip {
			return true
		}
	}
	return false
}

// open counts the readers that were not closed.
func (c *script) open() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, r := range c.readers {
		if !r.closed {
			n++
		}
	}
	return n
}
