package probe

import (
	"slices"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// clockRate is that of all pictures over RTP (RFC 6184, RFC 7798, RFC 2435), in Hz.
const clockRate = 90000

// spanLeast is how much video is measured at least, in ticks.
const spanLeast = clockRate * 3 / 2

// measure is what pictures are like, by their own timestamps: arrivals come in bunches, and an SPS need not tell the truth.
type measure struct {
	pictures  int
	bytes     int
	last      uint32
	at        int64 // of the last picture, in ticks since the first
	from, to  int64 // of the earliest and the latest picture, as they are shown
	keys      []int64
	keyFirst  int // how many pictures came before the first keyframe
	keyLast   int // and before the newest
	keyBytes  int // of all pictures before the newest keyframe, from the first one on
	backwards bool
	key       relay.Frame // the newest keyframe
}

func (m *measure) add(f relay.Frame) {
	if f.Track != relay.Video {
		return
	}
	if m.pictures > 0 {
		step := int64(int32(f.Timestamp - m.last))
		m.backwards = m.backwards || step < 0
		m.at += step
	}
	m.last = f.Timestamp
	m.from, m.to = min(m.from, m.at), max(m.to, m.at)
	if f.Keyframe {
		if len(m.keys) == 0 {
			m.keyFirst = m.pictures
		}
		m.keyLast = m.pictures
		m.keys = append(m.keys, m.at)
		m.keyBytes = m.bytes
		m.key = f
	}
	m.pictures++
	m.bytes += f.Bytes
}

// enough reports whether another picture would tell nothing new.
func (m *measure) enough() bool { return len(m.keys) >= 2 && m.to-m.from >= spanLeast }

// fps gives pictures a second; 0 if there are too few to tell. From keyframe to keyframe it is exact: where pictures come out of order, those
// shown before the latest one may still be on their way.
func (m *measure) fps() float64 {
	if n := len(m.keys); n >= 2 && m.keys[n-1] > m.keys[0] {
		return float64(m.keyLast-m.keyFirst) * clockRate / float64(m.keys[n-1]-m.keys[0])
	}
	if m.pictures < 2 || m.to == m.from {
		return 0
	}
	return float64(m.pictures-1) * clockRate / float64(m.to-m.from)
}

// keyframes gives the usual seconds from one keyframe to the next; false if fewer than two came.
func (m *measure) keyframes() (float64, bool) {
	if len(m.keys) < 2 {
		return 0, false
	}
	steps := make([]int64, 0, len(m.keys)-1)
	for i := 1; i < len(m.keys); i++ {
		steps = append(steps, m.keys[i]-m.keys[i-1])
	}
	slices.Sort(steps)
	usual := steps[len(steps)/2]
	return float64(usual) / clockRate, usual > 0
}

// kbps gives the bit rate: over whole groups of pictures where there are any, since a keyframe is as large as many others.
func (m *measure) kbps() int {
	ticks, bytes := m.to-m.from, m.bytes
	if n := len(m.keys); n >= 2 && m.keys[n-1] > m.keys[0] {
		ticks, bytes = m.keys[n-1]-m.keys[0], m.keyBytes
	}
	if ticks <= 0 {
		return 0
	}
	return int(float64(bytes) * 8 * clockRate / float64(ticks) / 1000)
}
