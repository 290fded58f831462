package hls

import (
	"sync"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// clocks tell when on the wall FFmpeg's zero was, by the stream's clocks as the relay follows them now: a camera's clock that runs
// faster or slower than ours moves it, slowly, and each track by itself.
type clocks struct {
	read   func(relay.Track) (rtp uint32, at time.Time)
	origin func(relay.Track) (rtp uint32, ok bool)

	mu     sync.Mutex // guards what follows
	tracks [2]trackClock
}

type trackClock struct {
	rate  float64 // ticks a second; 0: no such track
	known bool
	last  uint32
	ticks int64 // from the zero to last, unwrapped: 32 bits are a few hours
	zero  time.Time
}

func newClocks(reader *relay.Reader, origin func(relay.Track) (uint32, bool), soundRate int) *clocks {
	c := &clocks{read: reader.Clock, origin: origin}
	c.tracks[relay.Video].rate, c.tracks[relay.Audio].rate = videoRate, float64(soundRate)
	return c
}

// follow reads the clocks; call it every few seconds at least.
func (c *clocks) follow() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.tracks {
		t, track := &c.tracks[i], relay.Track(i)
		if t.rate == 0 {
			continue
		}
		rtp, at := c.read(track)
		if at.IsZero() {
			continue
		}
		if !t.known {
			zero, ok := c.origin(track)
			if !ok {
				continue
			}
			t.known, t.last = true, zero
		}
		t.ticks += int64(int32(rtp - t.last))
		t.last = rtp
		t.zero = at.Add(-time.Duration(float64(t.ticks) / t.rate * float64(time.Second)))
	}
}

// wall gives when a picture was that FFmpeg gives this time, in the mixer's ticks; zero while unknown.
func (c *clocks) wall(pts int64) time.Time {
	c.mu.Lock()
	zero := c.tracks[relay.Video].zero
	c.mu.Unlock()
	if zero.IsZero() {
		return zero
	}
	// By parts: a day of ticks in nanoseconds is more than 63 bits hold.
	seconds, rest := time.Duration(pts/videoRate), time.Duration(pts%videoRate)
	return zero.Add(seconds*time.Second + rest*time.Second/videoRate - headStart)
}

// skew gives how much later the sound's zero was than the pictures'.
func (c *clocks) skew() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.tracks[relay.Video].known || !c.tracks[relay.Audio].known {
		return 0
	}
	return c.tracks[relay.Audio].zero.Sub(c.tracks[relay.Video].zero)
}
