package hls

import (
	"errors"
	"time"
)

const (
	// soundPatience is how long a picture waits for the sound that belongs to it.
	soundPatience = 250 * time.Millisecond
	// soundLost is how long no sound may come before pictures do not wait for it any more.
	soundLost = time.Second
	// skewMost is how far sound may stray from the pictures before it is put right.
	skewMost = 60 * time.Millisecond
	// soundQueued bounds the sound that waits for pictures, in frames: ten seconds.
	soundQueued = 10 * audioRate / audioFrame
	// preludePictures are looked at together before any passes.
	preludePictures = 3
	// foreignKeyframes that are not as the description says are left out at the beginning, before the description is doubted.
	foreignKeyframes = 2
	// headStart is added to all times, so that decoding times before FFmpeg's zero (B-frames) are above zero.
	headStart = 10 * time.Second
)

var (
	errBackwards = errors.New("time goes backwards")
	errOtherSPS  = errors.New("the camera's pictures are of another kind now")
)

// mixer puts the pictures and the sound of one FFmpeg together: it holds a picture until its sound is there, or due, and fills what is
// missing with silence, without which players would wait. It is one goroutine's.
type mixer struct {
	window *window
	layout layout
	about  *description // of the pictures

	started time.Time
	usual   func() time.Duration // between two pictures; 0: unknown
	skew    func() time.Duration // how much later on the wall the sound's zero is than the pictures'

	waiting []waiting
	prelude []sample // the first pictures, until there are enough
	began   bool
	matched bool  // a keyframe came that is as the description says
	foreign int   // keyframes before it
	last    int64 // end of the last picture taken, by its own duration
	blind   bool  // a gap came: nothing passes before the next keyframe
	shown   int64 // how far pictures were let go, in presentation time

	sound    []sample // not yet placed
	heard    time.Time
	shift    int64 // of sound, in its ticks
	placed   int64 // end of the sound placed; -1: none yet
	received bool
}

// waiting is a picture that waits for its sound.
type waiting struct {
	sample
	since time.Time
	gap   bool // a discontinuity comes before it
}

func newMixer(w *window, l layout, about *description, started time.Time, usual, skew func() time.Duration) *mixer {
	return &mixer{window: w, layout: l, about: about, started: started, usual: usual, skew: skew, placed: -1, blind: true}
}

// picture takes one, in decoding order. An error says that another FFmpeg must begin.
func (m *mixer) picture(s sample, now time.Time) error {
	s.dts += int64(headStart.Seconds() * videoRate)
	s.dur = max(s.dur, 1)
	if m.began {
		return m.admit(s, now)
	}
	if m.prelude = append(m.prelude, s); len(m.prelude) < preludePictures {
		return nil
	}
	m.began = true
	mend(m.prelude, ticks(m.usual()))
	for _, s := range m.prelude {
		if err := m.admit(s, now); err != nil {
			return err
		}
	}
	m.prelude = nil
	return nil
}

// mend puts the times of a generation's first pictures right: FFmpeg gives the very first none, and guesses decoding times until it has
// seen a few.
func mend(s []sample, usual int64) {
	n := len(s)
	if usual <= 0 {
		usual = max(s[n-1].dts-s[n-2].dts, 1)
	}
	for i := n - 2; i >= 0; i-- {
		if gap := s[i+1].dts - s[i].dts; gap <= 0 || gap > usual*3/2 {
			s[i].cto += int32(s[i].dts - (s[i+1].dts - usual))
			s[i].dts = s[i+1].dts - usual
		}
		s[i].dur = uint32(s[i+1].dts - s[i].dts)
	}
	shown := s[1].pts()
	for _, other := range s[2:] {
		shown = min(shown, other.pts())
	}
	s[0].cto = int32(max(shown-usual-s[0].dts, 0))
}

// admit takes a picture whose time is right.
func (m *mixer) admit(s sample, now time.Time) error {
	if s.dts < m.last-videoRate {
		return errBackwards
	}
	if s.key && otherSPS(s, m.about) {
		switch {
		case m.matched:
			return errOtherSPS
		case m.foreign < foreignKeyframes: // kept from before the camera was set up differently; FFmpeg was told the newest
			m.foreign++
			m.last = s.end()
			return nil
		}
		m.about = m.about.with(s)
	}
	m.matched = m.matched || s.key
	w := waiting{sample: s, since: now}
	usual := m.usual()
	limit := max(time.Second, 3*usual)
	if usual == 0 {
		limit = 10 * time.Second
	}
	if m.blind {
		if !s.key {
			m.last = s.end()
			return nil
		}
		m.blind, w.gap = false, true
	}
	if int64(s.dur) > ticks(limit) { // the camera was silent after this one
		w.dur = uint32(max(ticks(usual), 1))
		m.blind = true
	}
	m.last = s.end()
	m.waiting = append(m.waiting, w)
	m.flush(now)
	return nil
}

func ticks(d time.Duration) int64 { return int64(d.Seconds() * videoRate) }

// hear takes a frame of sound.
func (m *mixer) hear(s sample, now time.Time) {
	if m.layout == pictures {
		return
	}
	s.dts += int64(headStart.Seconds() * audioRate)
	m.heard = now
	skew := int64(m.skew().Seconds() * audioRate)
	if off := skew - m.shift; !m.received || max(off, -off) > int64(skewMost.Seconds()*audioRate) {
		m.shift = skew
	}
	m.received = true
	s.dts += m.shift
	if len(m.sound) >= soundQueued {
		m.sound = append(m.sound[:0], m.sound[1:]...)
	}
	m.sound = append(m.sound, s)
	m.flush(now)
}

// flush lets pictures go whose sound is there, or overdue.
func (m *mixer) flush(now time.Time) {
	for len(m.waiting) > 0 {
		v := m.waiting[0]
		if m.layout == picturesAndSound && !m.complete(v) && m.expected(now) && now.Sub(v.since) < soundPatience {
			return
		}
		m.waiting = m.waiting[1:]
		if v.gap {
			m.window.breakUp()
			m.placed, m.shown = -1, 0
		}
		m.shown = max(m.shown, v.pts()+int64(v.dur))
		m.window.push(v.sample, m.place(v.sample))
	}
}

// due gives when flush must be called without anything having come; false if it need not.
func (m *mixer) due() (time.Time, bool) {
	if len(m.waiting) == 0 {
		return time.Time{}, false
	}
	return m.waiting[0].since.Add(soundPatience), true
}

// expected reports whether it is worth waiting for sound.
func (m *mixer) expected(now time.Time) bool {
	if !m.received {
		return now.Sub(m.started) < soundLost
	}
	return now.Sub(m.heard) < soundLost
}

// complete reports whether the sound of a picture has come.
func (m *mixer) complete(v waiting) bool {
	n := len(m.sound)
	until := max(m.shown, v.pts()+int64(v.dur)) * audioRate / videoRate
	return n > 0 && m.sound[n-1].dts+audioFrame >= until || m.placed >= until
}

// place gives the sound from where the last ended to the end of this picture, without gaps.
func (m *mixer) place(v sample) (out []sample) {
	if m.layout == pictures {
		return nil
	}
	if m.placed < 0 {
		m.placed = v.pts() * audioRate / videoRate
	}
	until := m.shown * audioRate / videoRate
	for m.placed+audioFrame <= until {
		for len(m.sound) > 0 && m.sound[0].dts+audioFrame/2 < m.placed {
			m.sound = m.sound[1:] // too late
		}
		s := sample{data: silence}
		if len(m.sound) > 0 && m.sound[0].dts <= m.placed+audioFrame/2 {
			s = m.sound[0]
			m.sound = m.sound[1:]
		}
		s.dts, s.dur, s.cto = m.placed, audioFrame, 0
		m.placed += audioFrame
		out = append(out, s)
	}
	return out
}
