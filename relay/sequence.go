package relay

import "github.com/pion/rtp"

// sequence follows the RTP sequence numbers of a track.
type sequence struct {
	begun bool
	next  uint16
	ssrc  uint32
}

// repeated is how far back a packet counts as a late repetition; further back, the camera began anew.
const repeated = 64

// take tells how many packets are missing before this one, and whether it is to be used at all.
func (s *sequence) take(p *rtp.Packet) (lost int, fresh bool) {
	switch gap := int16(p.SequenceNumber - s.next); {
	case !s.begun, p.SSRC != s.ssrc:
		if s.begun {
			lost = 1 // at least; whatever came before is not continued
		}
		s.begun, s.ssrc = true, p.SSRC
	case gap == 0:
	case gap < 0 && gap >= -repeated:
		return 0, false
	case gap < 0:
		lost = 1
	default:
		lost = int(gap)
	}
	s.next = p.SequenceNumber + 1
	return lost, true
}
