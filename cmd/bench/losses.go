package main

import (
	"slices"
	"time"
)

// How a player asks for lost packets again: as libwebrtc does, at once, then every 100 ms, which it takes for the round trip while it
// knows none, ten times at most.
const (
	askAgain  = 100 * time.Millisecond
	askTimes  = 10
	mostAsked = 1000 // more missing packets than that are given up for a keyframe
)

// losses keeps book of the packets that did not come.
type losses struct {
	missing map[int64]loss // by sequence number without wrapping
	highest int64
	begun   bool
}

type loss struct {
	asked time.Time
	times int
}

// arrived notes a packet.
func (l *losses) arrived(n int64) {
	if !l.begun {
		l.begun, l.highest, l.missing = true, n, make(map[int64]loss)
	}
	delete(l.missing, n)
	for gap := l.highest + 1; gap < n && n-l.highest < mostAsked; gap++ {
		l.missing[gap] = loss{}
	}
	l.highest = max(l.highest, n)
}

// due gives the packets to ask for now, in order; false if there are so many that a keyframe does better.
func (l *losses) due(now time.Time) ([]uint16, bool) {
	if len(l.missing) > mostAsked {
		clear(l.missing)
		return nil, false
	}
	var list []int64
	for n, m := range l.missing {
		switch {
		case now.Sub(m.asked) < askAgain:
		case m.times == askTimes:
			delete(l.missing, n)
		default:
			l.missing[n] = loss{now, m.times + 1}
			list = append(list, n)
		}
	}
	slices.Sort(list)
	wire := make([]uint16, len(list))
	for i, n := range list {
		wire[i] = uint16(n)
	}
	return wire, true
}

// forget drops what is older than a packet: nobody needs it any more.
func (l *losses) forget(before int64) {
	for n := range l.missing {
		if n < before {
			delete(l.missing, n)
		}
	}
}
