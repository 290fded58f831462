package peer

import (
	"time"

	"github.com/pion/rtcp"
)

// reportEvery is the time between sender reports, give or take a fifth.
const reportEvery = 1500 * time.Millisecond

// reportSlack is how late a report may be. A frame takes it along, as long as there are frames; to wake the viewer's own goroutine for it costs as
// much as a frame.
const reportSlack = 200 * time.Millisecond

// reports sends sender reports when they are due. None goes during a replay, whose timestamps do not tell the time.
func (s *sender) reports(now time.Time) {
	if !s.shown || s.replaying || s.report.After(now) {
		return
	}
	s.report = now.Add(around(reportEvery))
	s.due = time.Time{} // the timer may have been for this one
	for i := range s.lanes {
		l := &s.lanes[i]
		rtp, at := s.src.reader.Clock(l.track)
		if l.to == nil || !l.begun || !l.set || l.pressed || at.IsZero() {
			continue
		}
		// The wire's two reports are one packet each: a viewer reads them apart.
		s.peer.tell([]rtcp.Packet{
			&rtcp.SenderReport{
				SSRC: l.to.ssrc, NTPTime: ntp(now), RTPTime: l.live.at(rtp) + l.ticks(now.Sub(at)),
				PacketCount: l.packets, OctetCount: l.octets,
			},
			&rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{
				Source: l.to.ssrc,
				Items:  []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: s.peer.cname(l.track)}},
			}}},
		})
	}
}
