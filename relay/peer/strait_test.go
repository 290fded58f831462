package peer

import (
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// wholeKeyframes counts the keyframes of n packets that arrived without a hole, from an index on.
func wholeKeyframes(list []received, n int, from uint64) int {
	parts := map[uint32]map[uint64]bool{}
	for _, p := range list {
		if p.Payload[0] != 0x65 || indexOf(p) < from {
			continue
		}
		if parts[p.Timestamp] == nil {
			parts[p.Timestamp] = map[uint64]bool{}
		}
		parts[p.Timestamp][indexOf(p)] = true
	}
	whole := 0
	for _, got := range parts {
		if len(got) == n {
			whole++
		}
	}
	return whole
}

// TestALineThatIsTooNarrowGetsWholePictures: a third of what the camera sends passes. The viewer sees keyframes, whole, and is sent much less
// than the camera brings rather than more and more again.
func TestALineThatIsTooNarrowGetsWholePictures(t *testing.T) {
	t.Parallel()
	const packets = 12
	c := newScript("strait")
	c.past(25, packets, 1000)
	c.play(t, 25, packets, 1000) // 2.4 Mbit/s
	e := start(t, scripts{c.key: c})
	v := newViewer(t, narrow(0.8e6/8, 40_000, 5*time.Millisecond))
	p := v.watch(e, c.key)
	v.nacking()
	eventually(t, "pictures passed over", func() bool { return p.Stats().DroppedFrames > 40 })
	from, before := c.published(), p.Stats()
	eventually(t, "keyframes", func() bool { return wholeKeyframes(v.video(), packets, from) >= 4 })
	after, brought := p.Stats(), float64(c.published()-from)*1000
	sent := float64(after.Bytes - before.Bytes)
	t.Logf("sent %.2f of what the camera brought; resent %d of %d packets", sent/brought, after.Resent, after.Packets)
	if sent > 0.75*brought {
		t.Errorf("%.0f bytes were sent while the camera brought %.0f: the line is flooded", sent, brought)
	}
	sorted := ordered(v.video())
	for i := 1; i < len(sorted); i++ {
		if step := int32(sorted[i].Timestamp - sorted[i-1].Timestamp); step < 0 {
			t.Fatalf("index %d comes %d ticks after index %d", indexOf(sorted[i]), step, indexOf(sorted[i-1]))
		}
	}
}

func TestAStraitFollowsTheLine(t *testing.T) {
	var l strait
	now := time.Unix(1000, 0)
	window := func(sent, lost int) (entered bool) {
		now = now.Add(straitWindow)
		for range sent {
			l.took(1000)
		}
		l.lost += lost
		entered, _ = l.judge(now, 1)
		return entered
	}
	l.judge(now, 1)
	for range 20 {
		if window(100, 33) {
			t.Fatal("a line that loses a third is taken for a narrow one")
		}
	}
	if window(100, 80) || !window(100, 80) {
		t.Fatal("a line that loses most was not taken for a narrow one after two windows")
	}
	if want := 100 * 1000 * 0.2 / straitWindow.Seconds(); l.rate < want*0.99 || l.rate > want*1.01 {
		t.Errorf("it took %.0f bytes a second, not %.0f", want, l.rate)
	}
	was := l.rate
	for range 4 {
		window(30, 0)
	}
	if l.rate <= was {
		t.Error("it is not tried whether the line takes more")
	}
	was = l.rate
	window(60, 30)
	if l.rate >= was || l.rate < was/2 {
		t.Errorf("after losses the rate went from %.0f to %.0f", was, l.rate)
	}
	for range int(straitFree/straitWindow) + 2 {
		window(straitPackets, 0)
	}
	if l.narrow() {
		t.Error("a line that has room to spare is still taken for a narrow one")
	}
}

// TestThoseBehindOneLineShareIt: a newcomer begins with its part, but not where only one of many has a narrow line.
func TestThoseBehindOneLineShareIt(t *testing.T) {
	c := &client{}
	for range 4 {
		if part := c.come(); part != 0 {
			t.Fatalf("a part of %.0f of a line of which nothing is known", part)
		}
	}
	c.widen(0, 3000)
	if part := c.come(); part != 0 {
		t.Errorf("one of four has a narrow line, and the next begins with %.0f", part)
	}
	c.leave(0)
	c.widen(0, 3000)
	if part := c.come(); part != 2000 {
		t.Errorf("the third begins with %.0f of 6000", part)
	}
	a, b, now := &sender{}, &sender{}, time.Unix(1000, 0)
	if !c.claim(a, now) || c.claim(b, now) {
		t.Error("two have the turn")
	}
	c.yield(b) // it is not b's
	if c.claim(b, now) {
		t.Error("the turn was given by somebody who did not have it")
	}
	if c.yield(a); !c.claim(b, now) {
		t.Error("nobody has the turn, and it is not given")
	}
	if !c.claim(a, now.Add(straitHold)) {
		t.Error("who never gives the turn back holds up the others for ever")
	}
}

// TestAResendIsAHalfAtMost of what is sent besides, whatever is asked for.
func TestAResendIsAHalfAtMost(t *testing.T) {
	s, r, _ := live(t, 1000, 1000, 1000, 1000)
	r.state.Status = relay.Live
	now := time.Now()
	s.now = func() time.Time { return now }
	s.resends = credit{}
	s.resends.fill(now, 0, resendBurst)
	r.turn()
	s.serve(s.src.round)
	s.resends.bytes = 0
	for range 50 {
		now = now.Add(40 * time.Millisecond)
		before := s.resends.bytes
		r.turn()
		s.serve(s.src.round)
		if got := s.resends.bytes - before; got > 4000*resendPart+resendPace*0.041 {
			t.Fatalf("a frame of 4,000 bytes allows %.0f bytes of resends", got)
		}
	}
}
