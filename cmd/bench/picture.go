package main

import (
	"time"

	"github.com/pion/rtp"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// picture is one whole video frame, as a decoder gets it.
type picture struct {
	counter uint64    // the camera's, from its stamp; 0 if it has none
	sent    time.Time // when the camera sent it
	at      time.Time // when its last packet was there
}

// assembler makes pictures of packets as a browser's jitter buffer does: in order, none before the first keyframe is whole, none whose
// reference is missing. A later keyframe that is whole ends the wait for what is lost.
type assembler struct {
	packets map[int64]*rtp.Packet // by sequence number without wrapping, from next on
	keys    []int64               // packets that begin a keyframe, from next on
	next    int64                 // where the next picture begins; valid once begun
	begun   bool
	highest int64
	seen    bool
}

func newAssembler() *assembler { return &assembler{packets: make(map[int64]*rtp.Packet)} }

// push takes packet number n and gives the pictures that it completes, oldest first.
func (a *assembler) push(n int64, p *rtp.Packet, now time.Time) []picture {
	if _, twice := a.packets[n]; twice || (a.begun && n < a.next) || len(p.Payload) == 0 {
		return nil
	}
	a.packets[n] = p
	if beginsKeyframe(p.Payload) {
		a.keys = append(a.keys, n)
	}
	var done []picture
	for {
		from, to, ok := a.whole()
		if !ok {
			return done
		}
		done = append(done, a.take(from, to, now))
	}
}

// waiting counts packets that are not part of a whole picture yet.
func (a *assembler) waiting() int { return len(a.packets) }

// unwrap gives a sequence number without wrapping.
func (a *assembler) unwrap(sequence uint16) int64 {
	if !a.seen {
		a.seen, a.highest = true, int64(sequence)+1<<16
		return a.highest
	}
	n := a.highest + int64(int16(sequence-uint16(a.highest)))
	a.highest = max(a.highest, n)
	return n
}

// whole finds the picture to give next: the one that follows the last, else the newest whole keyframe.
func (a *assembler) whole() (from, to int64, ok bool) {
	if a.begun {
		if to, ok = a.end(a.next); ok {
			return a.next, to, true
		}
	}
	for i := len(a.keys) - 1; i >= 0; i-- {
		if to, ok := a.end(a.keys[i]); ok {
			return a.keys[i], to, true
		}
	}
	return 0, 0, false
}

// end finds the last packet of the picture that begins with packet from, if all are there.
func (a *assembler) end(from int64) (int64, bool) {
	first, ok := a.packets[from]
	for n := from; ok; n++ {
		p, there := a.packets[n]
		if !there || p.Timestamp != first.Timestamp {
			return 0, false
		}
		if p.Marker {
			return n, true
		}
	}
	return 0, false
}

// take gives the picture from packet from to packet to, and forgets all before its end.
func (a *assembler) take(from, to int64, now time.Time) picture {
	done := picture{at: now}
	// What stands before the parameter sets belongs to the picture too.
	begin, stamp := from, a.packets[from].Timestamp
	for p, ok := a.packets[begin-1]; ok && p.Timestamp == stamp; p, ok = a.packets[begin-1] {
		begin--
	}
	for n := begin; n <= to; n++ {
		units(a.packets[n].Payload, func(unit []byte) {
			if counter, sent, ok := rtsptest.ParseSEI(unit); ok {
				done.counter, done.sent = counter, sent
			}
		})
	}
	a.next, a.begun = to+1, true
	for n := range a.packets {
		if n <= to {
			delete(a.packets, n)
		}
	}
	kept := a.keys[:0]
	for _, n := range a.keys {
		if n > to {
			kept = append(kept, n)
		}
	}
	a.keys = kept
	return done
}

// units gives the NAL units that a packet holds whole (RFC 6184: single units and STAP-A).
func units(payload []byte, give func(unit []byte)) {
	switch kind := payload[0] & 0x1f; {
	case kind == 24:
		for rest := payload[1:]; len(rest) > 2; {
			size := int(rest[0])<<8 | int(rest[1])
			if size == 0 || size > len(rest)-2 {
				return
			}
			give(rest[2 : 2+size])
			rest = rest[2+size:]
		}
	case kind < 24:
		give(payload)
	}
}

// beginsKeyframe tells whether a packet holds a sequence parameter set, which stands before each keyframe.
func beginsKeyframe(payload []byte) (found bool) {
	units(payload, func(unit []byte) { found = found || unit[0]&0x1f == 7 })
	return found
}
