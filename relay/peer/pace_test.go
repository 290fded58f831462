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
	c.report(true)
	is("after replays that were given up", paceStart)
	replay(clean / 2)
	c.report(true)
	is("after a replay too short to tell", paceStart)
	replay(time.Second)
	c.report(false)
	is("after a replay with losses", paceStart)
	replay(time.Second)
	c.report(true)
	is("after a replay without losses", 2*paceStart)
	c.report(true)
	is("after another report on the same", 2*paceStart)

	c.begin(now)
	c.lossy(now.Add(calm))
	c.lossy(now.Add(calm + time.Millisecond))
	is("after one burst of losses", paceStart)
	now = now.Add(time.Hour)
	c.clean(now, 0)
	c.clean(now, nearby+1)
	is("far away, while nothing is lost", paceStart)
	c.clean(now, nearby)
	c.clean(now.Add(clean/2), nearby)
	is("nearby, while nothing is lost", 2*paceStart)

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
