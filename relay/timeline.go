package relay

import "time"

// Rules of the stream's clock.
const (
	// clockJump is how far a camera's timestamps may stray from the wall, beside a slow drift, before they are anchored anew.
	clockJump = 5 * time.Second
	// reorderSpan is how far a timestamp may go back where pictures come out of order.
	reorderSpan = time.Second
	// clockStands is how far apart two packets of one timestamp may arrive before the camera's clock counts as broken.
	clockStands = 10 * time.Millisecond
	// clockDistrust jumps, each within clockRelapse of the one before, and a session's timestamps are not believed any more: arrivals
	// make the clock. Some cameras count in the wrong unit, or not at all.
	clockDistrust = 4
	clockRelapse  = 30 * time.Second
	// clockSettle is the time constant by which the clock follows the camera's; a single packet moves it by clockNudge at most.
	clockSettle = 30 * time.Second
	clockNudge  = 100 * time.Millisecond
)

// timeline turns a camera's RTP timestamps of one track into the stream's, which rise by elapsed time over reconnects and jumps, and
// keeps the mapping between the stream's clock and the wall.
//
// The line is base at epoch, running at rate. Within a session the camera's own steps are kept, so that arrival jitter does not show;
// drift is the slowly filtered distance between the camera's clock and the line.
type timeline struct {
	rate  float64 // ticks a second
	base  uint32
	epoch time.Time

	begun    bool // something was stamped, ever
	anchored bool // offset is of the present session
	offset   uint32
	lastIn   uint32
	last     uint32 // highest given
	lastAt   time.Time
	drift    float64 // ticks
	weight   int     // packets since the anchor, up to settled
	jumps    uint64
	relapses int // jumps in short succession
	jumpedAt time.Time
}

// settled is how many packets are averaged before the slow filter begins.
const settled = 50

// restart tells that another session begins: its timestamps have nothing to do with the last one's.
func (t *timeline) restart() { t.anchored, t.relapses = false, 0 }

// at gives the line's value at a time on the wall.
func (t *timeline) at(wall time.Time) uint32 {
	return t.base + uint32(int64(wall.Sub(t.epoch).Seconds()*t.rate))
}

// stamp gives the stream's timestamp for a camera's. step is the least by which it must rise after an anchor; reorder permits small
// steps back.
func (t *timeline) stamp(in uint32, arrived time.Time, step uint32, reorder bool) uint32 {
	if t.relapses >= clockDistrust {
		return t.stampArrival(in, arrived)
	}
	if t.anchored {
		back := int32(in - t.lastIn)
		stray := float64(int32(in+t.offset-t.at(arrived))) - t.drift
		jumped := stray > clockJump.Seconds()*t.rate || stray < -clockJump.Seconds()*t.rate
		jumped = jumped || back < 0 && !(reorder && float64(back) > -reorderSpan.Seconds()*t.rate)
		jumped = jumped || back == 0 && arrived.Sub(t.lastAt) > clockStands
		if jumped {
			t.jumps++
			t.anchored = false
			if t.relapses++; arrived.Sub(t.jumpedAt) > clockRelapse {
				t.relapses = 1
			}
			t.jumpedAt = arrived
		}
	}
	if !t.anchored {
		t.anchor(in, arrived, step)
	}
	out := in + t.offset
	if in == t.lastIn {
		out = t.last + 1 // two pictures may not share a timestamp
	}
	t.follow(in+t.offset, arrived)
	t.lastIn, t.lastAt, t.begun = in, arrived, true
	if int32(out-t.last) > 0 || t.weight == 1 {
		t.last = out
	}
	return out
}

// stampArrival is stamp for cameras whose timestamps are worth nothing.
func (t *timeline) stampArrival(in uint32, arrived time.Time) uint32 {
	out := t.last + uint32(max(arrived.Sub(t.lastAt).Seconds()*t.rate, 1))
	t.last, t.lastIn, t.lastAt = out, in, arrived
	t.drift = float64(int32(out - t.at(arrived)))
	return out
}

func (t *timeline) anchor(in uint32, arrived time.Time, step uint32) {
	out := t.at(arrived)
	if t.begun && int32(out-(t.last+step)) < 0 {
		out = t.last + step
	}
	t.offset, t.anchored = out-in, true
	t.drift, t.weight = float64(int32(out-t.at(arrived))), 0
	t.lastIn = in - 1 // whatever comes is no repetition
}

// follow moves the drift towards what this packet shows. Late packets come in bursts, so each weighs by the time since the one before.
func (t *timeline) follow(out uint32, arrived time.Time) {
	off := float64(int32(out-t.at(arrived))) - t.drift
	if t.weight < settled {
		t.weight++
		t.drift += off / float64(t.weight)
		return
	}
	nudge := clockNudge.Seconds() * t.rate
	off = min(max(off, -nudge), nudge)
	share := arrived.Sub(t.lastAt).Seconds() / clockSettle.Seconds()
	t.drift += off * min(max(share, 0), 0.1)
}

// clock gives the stream's timestamp that belongs to the wall's time of the last packet; zero time before the first.
func (t *timeline) clock() (uint32, time.Time) {
	if !t.begun {
		return 0, time.Time{}
	}
	return t.at(t.lastAt) + uint32(int64(t.drift)), t.lastAt
}
