package main

import (
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// views gives a cold long view and a warm one of 60 s with the same figures.
func views(first, age time.Duration, stalls int) []hlsView {
	ages := []markedAge{{markFirst, age}, {markShort, age}, {mark10, age}, {mark60, age}}
	return []hlsView{
		{State: stateLong, First: first, Ages: ages, Stalls: stalls},
		{State: stateWarm, First: first, Ages: ages},
	}
}

func TestHLSIsHeldToItsPromises(t *testing.T) {
	for _, c := range []struct {
		name   string
		ours   []hlsView
		broken []string // what each reason begins with, in order
	}{
		{"all hold", views(time.Second, 1200*time.Millisecond, 0), nil},
		{"too slow", views(1300*time.Millisecond, time.Second, 0), []string{"cold, first picture, median", "warm, first picture from after the click, median"}},
		{"too far behind", views(time.Second, 3*time.Second, 0), []string{
			"cold, behind live after 10 s", "warm, first picture from after the click, median", "warm, first picture from after the click, p95", "warm, behind live after 10 s", "cold, behind live after 60 s", "warm, behind live after 60 s",
		}},
		{"stood", views(time.Second, 1200*time.Millisecond, 1), []string{"long: the picture stood 1 times"}},
		{"not measured", []hlsView{{State: stateLong, Fault: "no picture"}, {State: stateWarm, Fault: "no picture"}}, []string{
			sideOurs + ", long: no picture", sideOurs + ", warm: no picture",
			"cold, first picture, median", "cold, first picture, p95", "cold, behind live after 10 s",
			"warm, first picture from after the click, median", "warm, first picture from after the click, p95", "warm, behind live after 10 s",
			"cold, behind live after 60 s", "warm, behind live after 60 s",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := hlsResult{hlsScenario: hlsScenario{long: longView, warmFor: longView, promise: eighth}, ours: c.ours, muxer: views(10*time.Second, 10*time.Second, 3)}
			r.judge()
			if len(r.broken) != len(c.broken) {
				t.Fatalf("broken: %q, want what begins with %q", r.broken, c.broken)
			}
			for i, why := range r.broken {
				if !strings.HasPrefix(why, c.broken[i]) {
					t.Errorf("broken: %q, want what begins with %q", why, c.broken[i])
				}
			}
			var text strings.Builder
			writeHLSTables(&text, []hlsResult{r})
			if n := strings.Count(text.String(), "does not hold"); (n > 0) != (len(c.broken) > 0) {
				t.Errorf("the table says %d times that something does not hold:\n%s", n, text.String())
			}
		})
	}
}

// TestDiaryOutlivesTheCamerasMemory reads the same frames twice, and finds a place of the loop in the round that was before the moment.
func TestDiaryOutlivesTheCamerasMemory(t *testing.T) {
	began := time.Unix(1_700_000_000, 0)
	round := func(from, to uint64) (all []rtsptest.SentFrame) {
		for n := from; n < to; n++ {
			all = append(all, rtsptest.SentFrame{Counter: n, Frame: int(n % 10), Sent: began.Add(time.Duration(n) * time.Second)})
		}
		return all
	}
	d := &diary{}
	d.note([]rtsptest.Stats{{Recent: round(0, 12)}})
	d.note([]rtsptest.Stats{{Recent: round(8, 25)}})
	if n := len(d.frames[0]); n != 25 {
		t.Errorf("%d frames in the diary, want 25", n)
	}
	for _, c := range []struct {
		frame  int
		before time.Duration
		want   time.Duration
		known  bool
	}{{3, 5 * time.Second, 3 * time.Second, true}, {3, 20 * time.Second, 13 * time.Second, true}, {3, 2 * time.Second, 0, false}} {
		at, known := d.sent(0, c.frame, millis(began.Add(c.before)))
		if known != c.known || known && at != millis(began.Add(c.want)) {
			t.Errorf("frame %d before %v: %v, %v; want %v, %v", c.frame, c.before, at, known, millis(began.Add(c.want)), c.known)
		}
	}
}
