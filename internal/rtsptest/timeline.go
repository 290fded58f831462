package rtsptest

import (
	"math/rand/v2"
	"time"
)

// timeline says which frame is due when, and which time stamp and counter it bears. It is a pure function of the clock,
// so it runs on without anybody counting.
type timeline struct {
	clip    *Clip
	origin  time.Time     // when the camera was made: the time stamps count from here
	epoch   time.Time     // when slot 0 of this clip was due
	counter uint64        // of the first frame of this clip
	shift   time.Duration // jumps of the time stamps
	video   uint32        // what the time stamps begin with, anew at every reboot
	audio   uint32
}

func newTimeline(clip *Clip, now time.Time) timeline {
	return timeline{clip: clip, origin: now, epoch: now}
}

// onto is the timeline from now on with another clip.
func (t timeline) onto(clip *Clip, now time.Time) timeline {
	if len(t.clip.frames) > 0 {
		slot := t.slotAt(now) + 1
		t.counter += uint64(slot)
		now = t.due(slot)
	}
	t.clip, t.epoch = clip, now
	return t
}

// reboot draws new beginnings for the time stamps, as RFC 3550 wants them.
func (t *timeline) reboot() { t.video, t.audio = rand.Uint32(), rand.Uint32() }

// slotAt is the last slot due at or before now. Slots count frames in the order of sending.
func (t timeline) slotAt(now time.Time) int64 {
	since := max(now.Sub(t.epoch), 0)
	return int64(since/time.Second)*int64(t.clip.spec.FPS) + int64(since%time.Second)*int64(t.clip.spec.FPS)/int64(time.Second)
}

// due is when a slot is to be sent: exact for any number of slots, so the camera never drifts.
func (t timeline) due(slot int64) time.Time {
	fps := int64(t.clip.spec.FPS)
	// Rounded up, so that slotAt(due(n)) is n.
	return t.epoch.Add(time.Duration(slot/fps)*time.Second + time.Duration((slot%fps*int64(time.Second)+fps-1)/fps))
}

// frame is what a slot sends, and its place among all frames of this clip in the order of display.
func (t timeline) frame(slot int64) (f *frame, display int64) {
	n := int64(len(t.clip.frames))
	f = &t.clip.frames[slot%n]
	return f, slot/n*n + int64(f.display)
}

// videoStamp is the RTP time stamp of a picture by its place in the order of display.
func (t timeline) videoStamp(display int64) uint32 {
	base := ticks(t.epoch.Sub(t.origin)+t.shift, videoClock)
	return t.video + uint32(base+display*videoClock/int64(t.clip.spec.FPS))
}

// soundAt is the last frame of sound due at or before now.
func (t timeline) soundAt(now time.Time) int64 {
	return ticks(max(now.Sub(t.epoch), 0), t.clip.audio.rate) / int64(t.clip.audio.samples)
}

func (t timeline) soundDue(n int64) time.Time {
	samples, rate := n*int64(t.clip.audio.samples), int64(t.clip.audio.rate)
	return t.epoch.Add(time.Duration(samples/rate)*time.Second + time.Duration((samples%rate*int64(time.Second)+rate-1)/rate))
}

func (t timeline) soundStamp(n int64) uint32 {
	base := ticks(t.epoch.Sub(t.origin)+t.shift, t.clip.audio.rate)
	return t.audio + uint32(base+n*int64(t.clip.audio.samples))
}

// ticks is a duration in units of a clock, without overflow for years.
func ticks(d time.Duration, rate int) int64 {
	return int64(d/time.Second)*int64(rate) + int64(d%time.Second)*int64(rate)/int64(time.Second)
}
