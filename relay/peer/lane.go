package peer

import (
	"math/rand/v2"
	"time"

	"github.com/pion/rtp"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// lane is one track on its way to one viewer: its numbers, its clock, its memory. It belongs to the sender's goroutine.
type lane struct {
	track relay.Track
	to    *binding // nil: the browser did not ask for this track
	by    *outlet  // of both lanes; nil: pion alone

	header rtp.Header // reused: writing a packet allocates nothing
	rate   uint32     // ticks a second of the codec now sent
	next   uint64     // sequence number of the next packet, extended beyond 16 bits
	read   uint64     // ring index after the last packet sent of the present stream
	runs   runs

	begun  bool
	last   uint32    // timestamp of the last frame sent
	lastAt time.Time // when it was sent

	live    line   // the stream's clock as the viewer is to see it; sender reports follow it
	set     bool   // live is valid for the present stream
	squeeze line   // of a replay on a running stream
	until   uint32 // the stream's timestamp up to which squeeze holds; valid while squeezing
	pressed bool   // squeeze is in force

	packets, octets uint32 // for sender reports (RFC 3550, 6.4.1)
}

func newLane(t relay.Track, to *binding) lane {
	l := lane{track: t, to: to, rate: 90000}
	// The 16 bits on the wire begin in their lower half, so that a lost first packet can't shift SRTP's count of overflows (RFC 3711,
	// 3.3.1). The bit above keeps subtraction simple.
	l.next = 1<<16 + uint64(rand.Uint32N(1<<15))
	l.last = rand.Uint32()
	l.header = rtp.Header{Version: 2}
	if to != nil {
		l.header.SSRC = to.ssrc
	}
	return l
}

// place decides the timestamp line for a frame, which must be in order: the result never falls behind what was sent.
func (l *lane) place(f *relay.Frame, now time.Time) line {
	if !l.set {
		// The first frame of this stream: it continues the clock by as much as has passed since the last one.
		l.live = shift(f.Timestamp, l.passed(f.Arrived, now))
		l.set = true
	}
	if l.pressed && int32(f.Timestamp-l.until) >= 0 {
		l.pressed = false
	}
	m := l.live
	if l.pressed {
		m = l.squeeze
	}
	if l.begun && int32(m.at(f.Timestamp)-l.last) <= 0 {
		// Two frames must never share a timestamp. It takes a stream that turned its clock back to come here.
		l.pressed = false
		l.live = shift(f.Timestamp, l.last+1)
		m = l.live
	}
	return m
}

// longest bounds a step of the viewer's clock: one of more than 2^31 ticks, 6.6 hours of video, is taken for a step back, and the
// picture would stand for as long again.
const longest = time.Hour

// passed is the viewer's clock for something that came at a time.
func (l *lane) passed(arrived, now time.Time) uint32 {
	if !l.begun {
		return l.last
	}
	if arrived.IsZero() || arrived.After(now) {
		arrived = now
	}
	since := min(max(arrived.Sub(l.lastAt), time.Millisecond), longest)
	return l.last + l.ticks(since)
}

// ticks is a time on the codec's clock, exact for days; it wraps as the clock does.
func (l *lane) ticks(d time.Duration) uint32 {
	sec, rest := int64(d/time.Second), int64(d%time.Second)
	return uint32(sec*int64(l.rate) + rest*int64(l.rate)/int64(time.Second))
}

// compress prepares the replay of a running stream. Its frames begin at first, the stream's clock will be at end when the replay
// ends, frames is an upper bound of how many there are. Timestamps rise from just after the last frame sent to the true ones at the
// end, at the pace at which the packets will really go: a browser takes a burst that is tighter in timestamps than in time for
// delay, and keeps it.
func (l *lane) compress(first, end uint32, frames int) {
	in := int64(int32(end - first))
	out := int64(int32(l.live.at(end) - (l.last + 1)))
	if in <= 0 || out >= in {
		l.pressed = false // it fits as it is
		return
	}
	out = max(out, int64(frames)+1)
	l.squeeze = line{in: first, out: l.last + 1, num: out, den: in}
	l.until, l.pressed = end, true
}

// send writes one packet of a frame.
func (l *lane) send(p *relay.Packet, index uint64, m line, pt uint8, from reader) (int, error) {
	l.runs.note(l.next, index, from, m, pt)
	l.header.SequenceNumber = uint16(l.next)
	l.header.Timestamp = m.at(p.Timestamp)
	l.header.Marker = p.Marker
	l.header.PayloadType = pt
	number := l.next
	l.next++
	l.read = index + 1
	l.packets++
	l.octets += uint32(len(p.Payload))
	return len(p.Payload), l.by.send(l.to, &l.header, number, p.Payload)
}

// full extends a sequence number on the wire that was sent, of the newest 65,536.
func (l *lane) full(wire uint16) uint64 { return l.next - 1 - uint64(uint16(l.next)-1-wire) }

// resend writes the packet of a sequence number on the wire again, byte for byte.
func (l *lane) resend(wire uint16) (bytes int, ok bool) {
	back := uint64(uint16(l.next) - 1 - wire)
	if back > maxHistory {
		return 0, false
	}
	p, ts, pt, ok := l.runs.find(l.track, l.next-1-back)
	if !ok {
		return 0, false
	}
	l.header.SequenceNumber = wire
	l.header.Timestamp = ts
	l.header.Marker = p.Marker
	l.header.PayloadType = pt
	if err := l.by.resend(l.to, &l.header, l.next-1-back, p.Payload); err != nil {
		return 0, false
	}
	l.packets++
	l.octets += uint32(len(p.Payload))
	return len(p.Payload), true
}

// sent closes a frame.
func (l *lane) sent(ts uint32, now time.Time) { l.begun, l.last, l.lastAt = true, ts, now }

// leave forgets the stream, not the viewer's clock.
func (l *lane) leave(from reader) {
	l.runs.leave(from)
	l.set, l.pressed, l.read = false, false, 0
}
