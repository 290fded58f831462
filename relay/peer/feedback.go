package peer

import (
	"encoding/binary"
	"time"

	"github.com/pion/rtcp"
)

// maxRTCP is the largest compound packet that is read.
const maxRTCP = 1500

// feedback is what one compound RTCP packet of a viewer says about one of our tracks.
type feedback struct {
	video    bool
	keyframe bool     // PLI (RFC 4585, 6.3.1) or FIR (RFC 5104, 4.3.1)
	missing  []uint16 // sequence numbers of a NACK (RFC 4585, 6.2.1)
	report   *rtcp.ReceptionReport
	at       time.Time
}

func (f *feedback) empty() bool { return !f.keyframe && len(f.missing) == 0 && f.report == nil }

// canWait says that nothing is to be done about it before the next frame.
func (f *feedback) canWait() bool {
	return !f.keyframe && len(f.missing) == 0 && (!f.video || f.report.FractionLost == 0)
}

// maxMissing bounds how many sequence numbers one compound packet may ask for.
const maxMissing = 1024

// parseFeedback reads a compound packet piece by piece: what can't be read is passed over, and costs no more than itself.
func parseFeedback(b []byte, ssrc uint32) feedback {
	var f feedback
	for len(b) >= 4 {
		size := 4 * (int(binary.BigEndian.Uint16(b[2:])) + 1)
		if b[0]>>6 != 2 || size > len(b) {
			return f
		}
		piece := b[:size]
		b = b[size:]
		packets, err := rtcp.Unmarshal(piece)
		if err != nil {
			continue
		}
		for _, p := range packets {
			f.take(p, ssrc)
		}
	}
	return f
}

func (f *feedback) take(p rtcp.Packet, ssrc uint32) {
	switch p := p.(type) {
	case *rtcp.PictureLossIndication:
		f.keyframe = f.keyframe || p.MediaSSRC == ssrc
	case *rtcp.FullIntraRequest:
		for _, e := range p.FIR {
			f.keyframe = f.keyframe || e.SSRC == ssrc
		}
	case *rtcp.TransportLayerNack:
		if p.MediaSSRC != ssrc {
			return
		}
		for _, pair := range p.Nacks {
			pair.Range(func(seq uint16) bool {
				f.missing = append(f.missing, seq)
				return len(f.missing) < maxMissing
			})
			if len(f.missing) >= maxMissing {
				return
			}
		}
	case *rtcp.ReceiverReport:
		f.reports(p.Reports, ssrc)
	case *rtcp.SenderReport:
		f.reports(p.Reports, ssrc)
	}
}

func (f *feedback) reports(list []rtcp.ReceptionReport, ssrc uint32) {
	for i := range list {
		if list[i].SSRC == ssrc {
			f.report = &list[i]
		}
	}
}

// ntp is a time as sender reports carry it: seconds since 1900 in 32.32 bits (RFC 3550, 4).
func ntp(t time.Time) uint64 {
	const from1900 = 2208988800
	ns := uint64(t.UnixNano())
	sec, frac := ns/1e9+from1900, ns%1e9
	return sec<<32 | frac<<32/1e9
}

// roundTrip is that of a report that echoes one of our sender reports (RFC 3550, 6.4.1); 0 if it echoes none.
func roundTrip(r *rtcp.ReceptionReport, at time.Time) time.Duration {
	if r.LastSenderReport == 0 {
		return 0
	}
	ticks := int32(uint32(ntp(at)>>16) - r.LastSenderReport - r.Delay)
	if ticks < 0 {
		return 0
	}
	return time.Duration(ticks) * time.Second / 65536
}
