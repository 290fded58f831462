package peer

import (
	"testing"
	"time"
)

func TestCreditLetsAPaceThrough(t *testing.T) {
	const rate, most = 1e6, 20000.0
	var c credit
	now := time.Unix(1, 0)
	sent := 0.0
	for end := now.Add(time.Second); now.Before(end); {
		c.fill(now, rate, most)
		for c.bytes > 0 {
			c.bytes -= 1200
			sent += 1200
		}
		wait := c.wait(rate)
		if wait < time.Millisecond {
			t.Fatalf("waits %v with %v bytes", wait, c.bytes)
		}
		now = now.Add(wait)
	}
	if sent < rate || sent > rate+most+1200 {
		t.Errorf("%v bytes in a second at %v", sent, rate)
	}
	// A sender that slept is owed no more than a burst.
	now = now.Add(time.Hour)
	if c.fill(now, rate, most); c.bytes != most {
		t.Errorf("%v bytes of credit after an hour", c.bytes)
	}
}

func TestPaceIsLearned(t *testing.T) {
	var all clients
	ip := (&viewer{}).address()
	now := time.Unix(1000, 0)
	c := all.acquire(ip, now)
	if all.acquire(ip, now) != c {
		t.Fatal("viewers of one address do not share what is known of it")
	}
	is := func(what string, want float64) {
		t.Helper()
		if c.rate != want {
			t.Errorf("%s: %.0f, want %.0f", what, c.rate, want)
		}
	}
	replay := func(took time.Duration) {
		c.begin(now)
		now = now.Add(took)
		c.end(took)
	}
	c.arrive(nearby)
	if c.offer() != paceStart {
		t.Errorf("an offer of %v", c.offer())
	}
	c.begin(now)
	c.begin(now)
	if c.share() != paceStart/2 || c.offer() != paceStart/3 {
		t.Errorf("of two replays each has %v, a third would have %v", c.share(), c.offer())
	}
	c.end(0)
	c.end(0)
	c.report(true, now)
	is("after replays that were given up", paceStart)
	replay(clean / 2)
	c.report(true, now)
	is("after a replay too short to tell", paceStart)
	replay(time.Second)
	c.report(false, now)
	is("after a replay with losses", paceStart)
	replay(time.Second)
	c.report(true, now)
	is("after a replay without losses", 2*paceStart)
	c.report(true, now)
	is("after another report on the same", 2*paceStart)

	c.begin(now)
	if !c.slow(now.Add(calm)) || c.slow(now.Add(calm+time.Millisecond)) {
		t.Error("one burst of losses is not one slowdown")
	}
	is("after one burst of losses", paceStart)
	now = now.Add(time.Hour)
	c.clean(now, 0)
	c.clean(now, nearby+1)
	is("far away, while nothing is lost", paceStart)
	c.clean(now, nearby)
	c.clean(now.Add(clean/2), nearby)
	is("nearby, while nothing is lost, a step towards where something was", paceStart+2*paceStart/pacePart)

	// It is remembered over a reload, and not for ever.
	all.release(c, now)
	all.release(c, now)
	if all.acquire(ip, now.Add(memory)) != c {
		t.Error("forgotten at once")
	}
	all.release(c, now)
	if all.acquire(ip, now.Add(memory+time.Second)) == c {
		t.Error("never forgotten")
	}
}

// Twice what a line takes is a flood, however well half of it went.
func TestALossyPaceIsApproachedByStepsFarAway(t *testing.T) {
	var all clients
	now := time.Unix(1000, 0)
	c := all.acquire((&viewer{}).address(), now)
	c.arrive(60 * time.Millisecond)
	c.arrive(200 * time.Millisecond) // a queue on the way
	replay := func(lossless bool) float64 {
		now = now.Add(time.Second)
		c.begin(now)
		used := c.share()
		if !lossless {
			c.slow(now)
		}
		c.end(time.Second)
		c.report(lossless, now)
		return used
	}
	if used := replay(true); used != paceFar {
		t.Errorf("the first replay goes at %v", used)
	}
	if used := replay(false); used != 1.5*paceFar {
		t.Errorf("after one without losses: %v", used)
	}
	// The line takes 10 Mbit/s: no replay may ask for much more again, nor for much less.
	const takes = 10e6 / 8
	if c.slow(c.slowed.Add(calmFar - 1)) {
		t.Error("the losses of one full queue slow down twice")
	}
	floods := 0
	for i := range 50 {
		used := replay(c.share() <= takes)
		if used > takes {
			floods++
		}
		if used > takes+paceStep || used < paceFar {
			t.Fatalf("replay %d goes at %.1f Mbit/s", i, used*8/1e6)
		}
	}
	if floods > 3 || c.rate < 9e6/8 {
		t.Errorf("%d of 50 replays asked for too much; now %.1f Mbit/s", floods, c.rate*8/1e6)
	}
	// It may have become faster meanwhile.
	now = now.Add(wary)
	for range 20 {
		replay(true)
	}
	if c.rate < 2*takes {
		t.Errorf("still at %.1f Mbit/s", c.rate*8/1e6)
	}
	// The line has become slower: what was safe is not.
	for range 8 {
		replay(false)
	}
	if c.rate != paceMin {
		t.Errorf("after losses again and again: %v", c.rate)
	}
}

func TestAnUnknownRoundTripIsFar(t *testing.T) {
	var c client
	c.arrive(0)
	if c.share() != paceFar {
		t.Errorf("begins at %v", c.share())
	}
}

func TestLiveFramesOfDistantViewersAreSpread(t *testing.T) {
	var far, next client
	far.arrive(nearby + 1)
	next.arrive(nearby)
	if got := next.live(1000); got != burstPace {
		t.Errorf("nearby: %v", got)
	}
	if got := far.live(1000); got != liveFactor*paceFar {
		t.Errorf("a small frame: %v", got)
	}
	// However large, it has left after the time of a frame.
	if late := time.Duration(200e3 / far.live(200e3) * float64(time.Second)); late > liveSpread+time.Microsecond {
		t.Errorf("a keyframe of 200 KB takes %v", late)
	}
	if got := far.live(50e6); got != burstPace {
		t.Errorf("faster than a burst each millisecond: %v", got)
	}
}

// A keyframe that came just now says nothing about how much the stream brings.
func TestAFreshKeyframeDoesNotHurryADistantReplay(t *testing.T) {
	var far client
	far.arrive(nearby + 1)
	for _, age := range []time.Duration{0, 200 * time.Millisecond, time.Second, 3 * time.Second} {
		// 4 Mbit/s with keyframes of 134 KB
		if own, floor := far.least(134_000+int(age.Seconds()*467e3), age); floor > paceFar || floor < own*5/4 {
			t.Errorf("%v after the keyframe: at least %.1f Mbit/s", age, floor*8/1e6)
		}
	}
}
