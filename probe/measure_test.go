package probe

import (
	"math"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// shoot gives a measure pictures at places in a stream of 25 a second, in the order in which they come; those at multiples of gop are
// keyframes.
func shoot(gop int, places ...int) *measure {
	m := &measure{}
	for _, p := range places {
		m.add(relay.Frame{Track: relay.Video, Timestamp: uint32(0xffffff00 + p*3600), Keyframe: p%gop == 0, Bytes: 1000})
	}
	return m
}

func span(from, to int) (places []int) {
	for i := from; i < to; i++ {
		places = append(places, i)
	}
	return places
}

func join(parts ...[]int) (places []int) {
	for _, p := range parts {
		places = append(places, p...)
	}
	return places
}

func TestWhatIsMissingIsNotMeasured(t *testing.T) {
	reordered := []int{0}
	for i := 3; i < 75; i += 3 { // each P-picture before the two B-pictures that are shown before it
		reordered = append(reordered, i, i-2, i-1)
	}
	reordered = append(reordered, 74, 73, 75)
	open := []int{0, -2, -3, -1}
	for i := 4; i <= 104; i += 4 { // each before the three that are shown before it, also across keyframes; the middle one comes first
		open = append(open, i, i-2, i-3, i-1)
	}
	cases := map[string]struct {
		m        *measure
		fps      float64
		keyframe float64 // 0: not known
		kbps     int
		enough   bool
	}{
		"nothing":                  {shoot(25), 0, 0, 0, false},
		"one picture":              {shoot(25, 0), 0, 0, 0, false},
		"everything":               {shoot(25, span(0, 51)...), 25, 1, 200, true},
		"a whole group, too short": {shoot(25, span(0, 26)...), 25, 1, 200, false},
		"one keyframe":             {shoot(500, span(0, 60)...), 25, 0, 203, false},
		"the rest of a group lost": {shoot(50, join(span(0, 5), span(50, 101))...), 25, 2, 200, true},
		"a keyframe lost, and so its whole group": {shoot(25, join(span(0, 25), span(50, 76))...), 25, 1, 200, true},
		"no group whole":                      {shoot(50, join(span(0, 20), span(50, 70))...), 25, 0, 116, false},
		"out of order, also across keyframes": {shoot(52, open...), 25, 2.08, 200, true},
		"out of order":                        {shoot(75, reordered...), 25, 3, 200, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := c.m.fps(); math.Abs(got-c.fps) > c.fps/50 {
				t.Errorf("%g pictures a second, not %g", got, c.fps)
			}
			if got, known := c.m.keyframes(); known != (c.keyframe > 0) || got != c.keyframe {
				t.Errorf("a keyframe each %g s (known: %v), not %g", got, known, c.keyframe)
			}
			if got := c.m.kbps(); math.Abs(float64(got-c.kbps)) > float64(c.kbps)/50 {
				t.Errorf("%d kbit/s, not %d", got, c.kbps)
			}
			if got := c.m.enough(); got != c.enough {
				t.Errorf("enough: %v", got)
			}
		})
	}
}

func TestACameraThatSendsTooManyPicturesIsNotRememberedForEver(t *testing.T) {
	m := &measure{}
	for i := range 3 * picturesMost {
		m.add(relay.Frame{Track: relay.Video, Timestamp: uint32(i)})
	}
	if len(m.shots) != picturesMost || !m.enough() {
		t.Errorf("%d are remembered; enough: %v", len(m.shots), m.enough())
	}
}
