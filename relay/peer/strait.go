package peer

import (
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// strait is what is known of the line to one viewer that takes less than its stream brings. Packets that are sent into such a line are lost at
// its head; sent again, they are lost together with what comes next, and nobody sees a picture. So the viewer gets what the line takes, at that
// pace: whole pictures while they are fresh, and nothing between a picture that comes too late and the next keyframe.
//
// It is the viewer's own, not its address's: of those behind one router, one may have a bad radio. Viewers who share a line each find their
// part of it. It belongs to the sender.
type strait struct {
	rate float64 // bytes a second that the line was seen to take; 0: it is wide enough

	from             time.Time // when the present window began
	sent, lost, size int       // packets sent in it, those of which were lost, and bytes sent
	passed           int       // frames passed over in it

	room credit    // of what the line takes
	bad  int       // windows on end with heavy losses
	free time.Time // since when the line had room to spare
}

const (
	straitWindow  = 500 * time.Millisecond
	straitPackets = 8 // fewer tell nothing
	// straitHeavy is the part of packets whose loss, in two windows on end, says that the line takes no more. Resends are at most a half of what is
	// new, so that a line which is only bad, and loses a third, does not come here.
	straitHeavy = 0.4
	straitSome  = 0.15
	straitFew   = 0.05
	// straitFree is how long the line must take everything for its rate to be forgotten.
	straitFree  = 10 * time.Second
	straitLeast = 100e3 / 8
	// straitDebt bounds how long a large picture is paid for: the rate may have fallen meanwhile.
	straitDebt = 2 * time.Second
	// straitLate is the age of a picture which is passed over, with all that follow up to the next keyframe.
	straitLate = 500 * time.Millisecond
)

func (l *strait) narrow() bool { return l.rate > 0 }

// took counts a packet that was sent.
func (l *strait) took(bytes int) {
	l.sent++
	l.size += bytes
	l.room.bytes = max(l.room.bytes-float64(bytes), -l.rate*straitDebt.Seconds())
}

// judge ends a window when it is time. others have narrow lines at the same address, it included. entered: the line has turned out to be too narrow. lossy: many packets were lost.
func (l *strait) judge(now time.Time, others int) (entered, lossy bool) {
	if l.from.IsZero() {
		l.from = now
	}
	passed := now.Sub(l.from)
	if passed < straitWindow || l.sent < straitPackets {
		return false, false
	}
	loss := min(float64(l.lost)/float64(l.sent), 1)
	through := max(float64(l.size)*(1-loss)/passed.Seconds(), straitLeast)
	used := l.passed > 0 || float64(l.size) > 0.8*l.rate*passed.Seconds()
	l.from, l.sent, l.lost, l.size, l.passed = now, 0, 0, 0, 0
	if l.narrow() {
		l.adjust(loss, through, used, others, now)
		return false, loss > straitSome
	}
	if loss < straitHeavy {
		l.bad = 0
		return false, loss > straitSome
	}
	if l.bad++; l.bad < 2 {
		return false, true
	}
	l.enter(through, now)
	return true, true
}

// enter sets the rate of a line that is too narrow.
func (l *strait) enter(rate float64, now time.Time) {
	l.bad, l.rate, l.free, l.room = 0, max(rate, straitLeast), now, credit{at: now, bytes: 1}
}

// adjust follows the line, which others share.
func (l *strait) adjust(loss, through float64, used bool, others int, now time.Time) {
	if used {
		l.free = now
	}
	switch {
	case loss > straitSome:
		l.rate = max(min(l.rate*7/8, through), l.rate/2, straitLeast)
	case loss < straitFew && used:
		l.rate = min(l.rate*17/16+straitLeast/float64(max(others, 1)), paceMax) // by steps: those who share a line come to equal parts
	case now.Sub(l.free) > straitFree:
		l.rate = 0
	}
}

// judge looks at how the line does. A viewer whose line has turned out to be too narrow goes on with the next keyframe.
func (s *sender) judge(now time.Time) {
	entered, lossy := s.strait.judge(now, s.client.straits())
	if s.strait.rate != s.shared {
		s.client.widen(s.shared, s.strait.rate)
		s.shared = s.strait.rate
	}
	if lossy {
		s.client.slow(now)
	}
	if !entered {
		return
	}
	s.settle()
	s.abandon(now)
	s.forgetResends()
	s.since = s.lanes[relay.Video].next // what was lost until now says nothing of the new pace
	s.turn = stay
	if s.lanes[relay.Video].begun {
		s.lanes[relay.Video].pressed = false
		s.thin = true
	}
	s.peer.log.Debug("a viewer's line takes less than the stream brings", "kbit_s", int(s.strait.rate*8/1000))
}

// straitTurn is how soon a viewer looks again whether it is its turn, straitHold for how long one may have it.
const (
	straitTurn = 10 * time.Millisecond
	straitHold = 2 * time.Second
)

// waitTurn says how long the frame in hand, of which nothing was sent yet, has to wait: until the line has room, and none of the same address sends into
// it. Viewers who share a line would else all get their keyframes at the same time and slowly, ten times as old as one by one. again: a newer
// keyframe has come, which is to be sent in place of it.
func (s *sender) waitTurn(now time.Time) (wait time.Duration, again bool) {
	if !s.strait.narrow() || s.sent > 0 {
		return 0, false
	}
	if _, _, newer := s.src.reader.KeyframeAhead(); newer && !s.replaying {
		s.strait.passed++
		s.peer.tally.dropped.Add(1)
		s.held, s.frame, s.thin = false, relay.Frame{}, true
		return 0, true
	}
	s.strait.room.fill(now, s.strait.rate, s.strait.rate*straitLate.Seconds())
	if wait = s.strait.room.wait(s.strait.rate); wait == 0 && !s.client.claim(s, now) {
		wait = straitTurn
	}
	return wait, false
}

// abandon gives up the frame in hand.
func (s *sender) abandon(now time.Time) {
	if s.held && s.sent > 0 {
		s.lanes[relay.Video].sent(s.line.at(s.frame.Timestamp), now) // its timestamp is used
	}
	s.held, s.frame = false, relay.Frame{}
	if s.client != nil {
		s.client.yield(s)
	}
}

// passOver says that a picture is not sent, since the line is behind, or was when one before it came.
func (s *sender) passOver(f *relay.Frame, now time.Time) bool {
	if !s.strait.narrow() {
		if s.thin && !f.Keyframe {
			s.peer.tally.dropped.Add(1)
			return true
		}
		s.thin = false
		return false
	}
	over := s.thin || now.Sub(f.Arrived) > straitLate
	if f.Keyframe {
		_, _, newer := s.src.reader.KeyframeAhead()
		over = newer
	}
	s.thin = over
	if over {
		s.strait.passed++
		s.peer.tally.dropped.Add(1)
	} else if f.Keyframe {
		// What is missing of pictures before is of no use any more.
		s.forgetResends()
		s.since = s.lanes[relay.Video].next
	}
	return over
}
