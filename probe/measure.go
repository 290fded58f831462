package probe

import (
	"slices"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// clockRate is that of all pictures over RTP (RFC 6184, RFC 7798, RFC 2435), in Hz.
const clockRate = 90000

const (
	// spanLeast is how much video is measured at least, in ticks.
	spanLeast = clockRate * 3 / 2
	// picturesMost bounds what is remembered: no camera sends as many while it is looked at.
	picturesMost = 5000
	// gapLeast is how many usual steps from one picture to the next mean that something between them is missing.
	gapLeast = 3
)

// measure is what pictures are like, by their own timestamps: arrivals come in bunches, and an SPS need not tell the truth.
type measure struct {
	pictures  int
	shots     []shot
	last      uint32
	from, to  int64 // of the earliest and the latest picture, as they are shown, in ticks since the first
	keys      int
	backwards bool
	whole     bool        // a group of pictures is
	key       relay.Frame // the newest keyframe
}

// shot is what is remembered of a picture.
type shot struct {
	at    int64 // as it is shown, in ticks since the first
	bytes int
	key   bool
}

func (m *measure) add(f relay.Frame) {
	if f.Track != relay.Video || len(m.shots) >= picturesMost {
		return
	}
	s := shot{bytes: f.Bytes, key: f.Keyframe}
	if m.pictures > 0 {
		step := int64(int32(f.Timestamp - m.last))
		m.backwards = m.backwards || step < 0
		s.at = m.shots[m.pictures-1].at + step
	}
	m.last = f.Timestamp
	m.from, m.to = min(m.from, s.at), max(m.to, s.at)
	m.shots = append(m.shots, s)
	m.pictures++
	if f.Keyframe {
		m.keys++
		m.key = f
	}
	if m.keys >= 2 && !m.whole {
		m.whole = len(m.groups()) > 0
	}
}

// enough reports whether another picture would tell nothing new.
func (m *measure) enough() bool {
	return m.whole && m.to-m.from >= spanLeast || len(m.shots) >= picturesMost
}

// gap is where pictures are missing: between two that are shown, in ticks.
type gap struct{ from, to int64 }

// gaps gives the usual step from one picture that is shown to the next, in ticks, and where steps are much longer; 0 if there are too few.
func (m *measure) gaps() (usual int64, gaps []gap) {
	if len(m.shots) < 2 {
		return 0, nil
	}
	shown := make([]int64, len(m.shots))
	for i, s := range m.shots {
		shown[i] = s.at
	}
	slices.Sort(shown)
	steps := make([]int64, len(shown)-1)
	for i := range steps {
		steps[i] = shown[i+1] - shown[i]
	}
	slices.Sort(steps)
	if usual = steps[len(steps)/2]; usual == 0 {
		return 0, nil
	}
	for i := range steps {
		if g := (gap{shown[i], shown[i+1]}); g.to-g.from > gapLeast*usual {
			gaps = append(gaps, g)
		}
	}
	return usual, gaps
}

// group is what there is from one keyframe to the next.
type group struct {
	pictures, bytes int
	ticks           int64
}

// groups gives those that are whole: after a loss the relay gives nothing until the next keyframe, which looks like pictures that are
// rarer than they are. From keyframe to keyframe numbers are exact, too, where pictures come out of order.
func (m *measure) groups() (whole []group) {
	if m.keys < 2 {
		return nil
	}
	_, gaps := m.gaps()
	var g group
	began, begun := int64(0), false
	for _, s := range m.shots {
		if s.key {
			torn := func(missing gap) bool { return missing.from >= began && missing.to <= s.at }
			if g.ticks = s.at - began; begun && g.ticks > 0 && !slices.ContainsFunc(gaps, torn) {
				whole = append(whole, g)
			}
			began, begun, g = s.at, true, group{}
		}
		g.pictures++
		g.bytes += s.bytes
	}
	return whole
}

func sum(groups []group) (all group) {
	for _, g := range groups {
		all.pictures += g.pictures
		all.bytes += g.bytes
		all.ticks += g.ticks
	}
	return all
}

// fps gives pictures a second; 0 if there are too few to tell.
func (m *measure) fps() float64 {
	if all := sum(m.groups()); all.ticks > 0 {
		return float64(all.pictures) * clockRate / float64(all.ticks)
	}
	if usual, gaps := m.gaps(); len(gaps) > 0 {
		return clockRate / float64(usual) // an average would say too little
	}
	if m.pictures < 2 || m.to == m.from {
		return 0
	}
	return float64(m.pictures-1) * clockRate / float64(m.to-m.from)
}

// keyframes gives the usual seconds from one keyframe to the next; false if that is not known.
func (m *measure) keyframes() (float64, bool) {
	groups := m.groups()
	if len(groups) == 0 {
		return 0, false
	}
	slices.SortFunc(groups, func(a, b group) int { return int(a.ticks - b.ticks) })
	return float64(groups[len(groups)/2].ticks) / clockRate, true
}

// waited gives the seconds in which no second keyframe came; 0 if one did.
func (m *measure) waited() float64 {
	if m.keys >= 2 {
		return 0
	}
	return float64(m.to-m.from) / clockRate
}

// kbps gives the bit rate: over whole groups of pictures where there are any, since a keyframe is as large as many others.
func (m *measure) kbps() int {
	all := sum(m.groups())
	if all.ticks == 0 {
		all.ticks = m.to - m.from
		for _, s := range m.shots {
			all.bytes += s.bytes
		}
	}
	if all.ticks <= 0 {
		return 0
	}
	return int(float64(all.bytes) * 8 * clockRate / float64(all.ticks) / 1000)
}
