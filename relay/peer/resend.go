package peer

import (
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// maxQueued bounds the resends that wait for their turn.
const maxQueued = 1024

// enqueue notes what a viewer misses; repair sends it.
func (s *sender) enqueue(missing []uint16) {
	if len(missing) == 0 {
		return
	}
	now := s.now()
	for _, seq := range missing {
		if s.lanes[relay.Video].full(seq) < s.since || s.resentLately(seq, now) {
			continue
		}
		word, bit := &s.queued[seq>>6], uint64(1)<<(seq&63)
		if *word&bit != 0 {
			continue
		}
		if s.replaying {
			s.asked++
		}
		if len(s.queue) >= maxQueued {
			s.peer.tally.unresendable.Add(1)
			continue
		}
		s.strait.lost++
		*word |= bit
		s.queue = append(s.queue, seq)
	}
	if s.asked >= lossBurst {
		if s.client.slow(now) {
			s.floor = max(s.floor*3/4, s.own*5/4)
		}
		s.asked = 1
	}
}

// resent is when a packet was sent again.
type resent struct {
	seq uint16
	at  uint32 // milliseconds since the viewer connected, and one; 0: never
}

// age is the time of now as resent keeps it.
func (s *sender) age(now time.Time) uint32 { return uint32(now.Sub(s.opened)/time.Millisecond) + 1 }

// resentLately says that a packet was sent again less than a round trip ago.
func (s *sender) resentLately(seq uint16, now time.Time) bool {
	was := s.lately[seq%uint16(len(s.lately))]
	trip := min(max(s.rtt, resendSoonest), resendLatest)
	return was.at != 0 && was.seq == seq && s.age(now)-was.at < uint32(trip/time.Millisecond)
}

// repair sends the resends that wait, before anything new: a hole holds up all that follows. False if the pace does not allow more of
// anything now. Those for which only the resends' own bound has no room stay in the queue and let new packets pass.
func (s *sender) repair() bool {
	if len(s.queue) == 0 {
		return true
	}
	age := s.age(s.now())
	for i, seq := range s.queue {
		if s.credit.bytes <= 0 || s.resends.bytes <= 0 {
			s.queue = s.queue[:copy(s.queue, s.queue[i:])]
			return s.credit.bytes > 0
		}
		s.queued[seq>>6] &^= 1 << (seq & 63)
		n, ok := s.lanes[relay.Video].resend(seq)
		if !ok {
			s.peer.tally.unresendable.Add(1)
			continue
		}
		s.lately[seq%uint16(len(s.lately))] = resent{seq, age}
		s.credit.bytes -= float64(n)
		s.resends.bytes -= float64(n)
		s.strait.took(n)
		s.peer.tally.resent.Add(1)
		s.peer.tally.packets.Add(1)
		s.peer.tally.bytes.Add(uint64(n))
		s.peer.counts.resent.Add(1)
	}
	s.queue = s.queue[:0]
	return true
}

func (s *sender) forgetResends() {
	s.queue = s.queue[:0]
	clear(s.queued[:])
}
