package peer

import (
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
)

// tally is a viewer's counters; the sender writes, anybody reads.
type tally struct {
	packets, bytes, resent, unresendable, keyframeRequests, replays, dropped atomic.Uint64
	lost, rtt, firstFrame, caughtUp                                          atomic.Int64
	fraction, jitter                                                         atomic.Uint32
}

// report takes a reception report of the video (RFC 3550, 6.4.1).
func (t *tally) report(r *rtcp.ReceptionReport) {
	t.lost.Store(int64(int32(r.TotalLost<<8) >> 8)) // 24 bits with a sign
	t.fraction.Store(uint32(r.FractionLost))
	t.jitter.Store(r.Jitter)
}

func (t *tally) stats() Stats {
	return Stats{
		Packets:          t.packets.Load(),
		Bytes:            t.bytes.Load(),
		Resent:           t.resent.Load(),
		Unresendable:     t.unresendable.Load(),
		KeyframeRequests: t.keyframeRequests.Load(),
		Replays:          t.replays.Load(),
		DroppedFrames:    t.dropped.Load(),
		Lost:             t.lost.Load(),
		LossFraction:     float64(t.fraction.Load()) / 256,
		Jitter:           time.Duration(t.jitter.Load()) * time.Second / 90000,
		RTT:              time.Duration(t.rtt.Load()),
		FirstFrame:       time.Duration(t.firstFrame.Load()),
		CaughtUp:         time.Duration(t.caughtUp.Load()),
	}
}
