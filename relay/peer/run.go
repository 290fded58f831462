package peer

import (
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// line maps a stream's timestamps onto a viewer's, straight: in becomes out, and den ticks of the stream become num of the viewer.
// Equal num and den only shift, and hold for ever; a squeeze holds for the replay that it was made for (below 2^31 ticks).
type line struct {
	in, out  uint32
	num, den int64
}

// shift is the line that lets time pass as it does in the stream.
func shift(in, out uint32) line { return line{in: in, out: out, num: 1, den: 1} }

// at is exact and depends on nothing but the line and ts, so that a resent packet gets its old timestamp.
func (l line) at(ts uint32) uint32 {
	if l.num == l.den {
		return l.out + (ts - l.in)
	}
	return l.out + uint32(int64(int32(ts-l.in))*l.num/l.den)
}

// run is a stretch of sequence numbers whose packets lie side by side in one ring and share all that is not in the ring. From it a
// packet is rebuilt byte for byte as it was sent; other bytes under a used SSRC and sequence number would give SRTP's key away.
type run struct {
	first  uint64 // sequence number, extended
	index  uint64 // of that packet in the ring
	reader reader // whose ring; nil when the stream has been left
	line   line
	pt     uint8
}

// maxRuns and maxHistory bound what is kept: browsers forget what is older than 10,000 packets.
const (
	maxRuns    = 128
	maxHistory = 16384
)

// runs is a viewer's memory of what it was sent on one track: a few dozen bytes for each jump, none for each packet.
type runs struct {
	list []run
}

// note remembers that the packet with sequence number seq has index in the ring. It costs a comparison unless something changed.
func (r *runs) note(seq, index uint64, from reader, l line, pt uint8) {
	if n := len(r.list); n > 0 {
		last := &r.list[n-1]
		if last.reader == from && last.line == l && last.pt == pt && index-last.index == seq-last.first {
			return
		}
	}
	// A run is forgotten when the one after it has become too old as well.
	drop := 0
	for drop < len(r.list) && (len(r.list)-drop >= maxRuns || (drop+1 < len(r.list) && seq-r.list[drop+1].first > maxHistory)) {
		drop++
	}
	if drop > 0 {
		r.list = append(r.list[:0], r.list[drop:]...)
	}
	r.list = append(r.list, run{first: seq, index: index, reader: from, line: l, pt: pt})
}

// leave forgets what came from a stream that is no longer read.
func (r *runs) leave(from reader) {
	for i := range r.list {
		if r.list[i].reader == from {
			r.list[i].reader = nil
		}
	}
}

// find rebuilds what was sent as seq; false if the ring holds it no more.
func (r *runs) find(t relay.Track, seq uint64) (p relay.Packet, ts uint32, pt uint8, ok bool) {
	for i := len(r.list) - 1; i >= 0; i-- {
		run := &r.list[i]
		if seq < run.first {
			continue
		}
		if run.reader == nil {
			break
		}
		if p, ok = run.reader.Packet(t, run.index+(seq-run.first)); ok {
			return p, run.line.at(p.Timestamp), run.pt, true
		}
		break
	}
	return relay.Packet{}, 0, 0, false
}
