package peer

import "github.com/rtsp-viewer/rtsp-viewer/relay"

// maxQueued bounds the resends that wait for their turn.
const maxQueued = 1024

// enqueue notes what a viewer misses; repair sends it.
func (s *sender) enqueue(missing []uint16) {
	if len(missing) == 0 {
		return
	}
	if s.replaying {
		if s.asked += len(missing); s.asked >= lossBurst {
			if s.client.slow(s.now()) {
				s.floor = max(s.floor*3/4, s.own*5/4)
			}
			s.asked = 1
		}
	}
	for _, seq := range missing {
		if s.lanes[relay.Video].full(seq) < s.since {
			continue
		}
		word, bit := &s.queued[seq>>6], uint64(1)<<(seq&63)
		if *word&bit != 0 {
			continue
		}
		if len(s.queue) >= maxQueued {
			s.peer.tally.unresendable.Add(1)
			continue
		}
		*word |= bit
		s.queue = append(s.queue, seq)
	}
}

// repair sends the resends that wait, before anything new: a hole holds up all that follows. False if the pace does not allow more now.
func (s *sender) repair() bool {
	for i, seq := range s.queue {
		if s.credit.bytes <= 0 {
			s.queue = s.queue[:copy(s.queue, s.queue[i:])]
			return false
		}
		s.queued[seq>>6] &^= 1 << (seq & 63)
		n, ok := 0, false
		if s.resends.bytes > 0 {
			n, ok = s.lanes[relay.Video].resend(seq)
		}
		if !ok {
			s.peer.tally.unresendable.Add(1)
			continue
		}
		s.credit.bytes -= float64(n)
		s.resends.bytes -= float64(n)
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
