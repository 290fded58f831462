package peer

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// contiguous checks that nothing is missing or doubled between the first and the last packet.
func contiguous(t *testing.T, got []received) {
	t.Helper()
	for i := 1; i < len(got); i++ {
		if got[i].SequenceNumber != got[i-1].SequenceNumber+1 {
			t.Fatalf("packet %d: sequence number %d after %d", i, got[i].SequenceNumber, got[i-1].SequenceNumber)
		}
	}
}

// rising checks that the timestamps of frames rise and those within a frame are equal.
func rising(t *testing.T, got []received) {
	t.Helper()
	for i := 1; i < len(got); i++ {
		step := int32(got[i].Timestamp - got[i-1].Timestamp)
		if got[i-1].Marker && step <= 0 || !got[i-1].Marker && step != 0 {
			t.Fatalf("packet %d (index %d): timestamp goes by %d after index %d (marker %v)",
				i, indexOf(got[i]), step, indexOf(got[i-1]), got[i-1].Marker)
		}
	}
}

func TestAnswersBeforeTheCameraIsThere(t *testing.T) {
	c := newScript("cold")
	e := start(t, scripts{c.key: c})
	v := newViewer(t)
	begun := time.Now()
	p := v.watch(e, c.key)
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("the answer took %v", took)
	}
	waitFor(t, p, "the connection", func(s Snapshot) bool { return s.Connection == Connected && s.Protocol == "udp" })
	if s := p.Snapshot(); s.State.Status != relay.Connecting || !s.AudioPlayable {
		t.Errorf("before the camera: %+v", s)
	}
	c.set(func(s *relay.State) { s.Status, s.Code = relay.Refused, relay.CodeCredentials })
	waitFor(t, p, "the refusal", func(s Snapshot) bool { return s.State.Code == relay.CodeCredentials })
	c.set(func(s *relay.State) { s.Status, s.Code = relay.Live, "" })
	c.video(true, 3, 500, time.Now())
	c.video(false, 1, 500, time.Now())
	got := v.videoPackets(4)
	contiguous(t, got)
	rising(t, got)
	if indexOf(got[0]) != 0 || !got[2].Marker {
		t.Errorf("the picture does not begin with the keyframe: %v", got[0])
	}
}

func TestJoinsWithTheKeptFrames(t *testing.T) {
	t.Parallel()
	c := newScript("warm")
	c.past(60, 4, 1100) // 2.4 s: 264 KB
	c.play(t, 0, 2, 1000)
	e := start(t, scripts{c.key: c})
	v := newViewer(t)
	p := v.watch(e, c.key)
	got := v.reaches(240 + 40)
	contiguous(t, got)
	rising(t, got)
	if indexOf(got[0]) != 0 {
		t.Fatalf("begins with packet %d, not with the keyframe", indexOf(got[0]))
	}
	// Natural timestamps: the replay runs through 2.4 s of stream in a fraction of that.
	last := got[239]
	if span := last.Timestamp - got[0].Timestamp; span != 59*frameTicks {
		t.Errorf("the replay spans %d ticks, want %d", span, 59*frameTicks)
	}
	if took := last.at.Sub(got[0].at); took > 1200*time.Millisecond {
		t.Errorf("the replay of 2.4 s took %v", took)
	}
	s := p.Stats()
	if s.Replays != 1 || s.FirstFrame <= 0 || s.CaughtUp < s.FirstFrame {
		t.Errorf("stats: %+v", s)
	}
}

func TestWaitsForAKeyframeThatIsNear(t *testing.T) {
	c := newScript("near")
	c.past(90, 30, 1100) // 3 MB take over a second at first
	c.due = 100 * time.Millisecond
	e := start(t, scripts{c.key: c})
	v := newViewer(t)
	p := v.watch(e, c.key)
	eventually(t, "waiting for the keyframe", c.skipped)
	f := c.video(true, 1, 100, time.Now())
	if got := v.videoPackets(1); indexOf(got[0]) != f.First {
		t.Errorf("begins with packet %d, not with the keyframe %d that was near", indexOf(got[0]), f.First)
	}
	if n := p.Stats().Replays; n != 0 {
		t.Errorf("%d replays", n)
	}
}

func TestSoundStartsAtLive(t *testing.T) {
	t.Parallel()
	c := newScript("sound")
	begin := time.Now().Add(-2 * time.Second)
	for i := range 50 {
		at := begin.Add(time.Duration(i) * 40 * time.Millisecond)
		c.video(i == 0, 4, 1100, at)
		c.sound(at)
		c.sound(at.Add(20 * time.Millisecond))
	}
	e := start(t, scripts{c.key: c})
	v := newViewer(t)
	p := v.watch(e, c.key)
	v.reaches(199)
	eventually(t, "the end of the replay", func() bool { return p.Stats().CaughtUp > 0 })
	for range 10 {
		c.sound(time.Now())
		c.video(false, 1, 100, time.Now())
	}
	v.until("sound", func() bool { return len(v.got[webrtc.RTPCodecTypeAudio]) >= 5 })
	if got := v.audio(); indexOf(got[0]) != 100 || got[0].PayloadType != 0 {
		t.Errorf("sound begins with packet %d, payload type %d; live was 100", indexOf(got[0]), got[0].PayloadType)
	}
	v.until("sender reports of both tracks", func() bool {
		seen := map[uint32]bool{}
		for _, r := range v.reports {
			seen[r.SSRC] = true
		}
		return len(seen) == 2
	})
	// The picture's report puts the newest frame at its arrival.
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, r := range v.reports {
		frames := v.got[webrtc.RTPCodecTypeVideo]
		if r.SSRC != uint32(v.tracks[webrtc.RTPCodecTypeVideo].SSRC()) {
			continue
		}
		ahead := int32(r.RTPTime - frames[len(frames)-1].Timestamp)
		if ahead < -90000 || ahead > 3*90000 {
			t.Errorf("the report's timestamp is %d ticks after the newest frame's", ahead)
		}
	}
}

func TestResendsAreByteIdentical(t *testing.T) {
	c := newScript("nack")
	c.past(40, 5, 1000)
	e := start(t, scripts{c.key: c})
	v := newViewer(t)
	p := v.watch(e, c.key)
	v.reaches(199)
	c.video(false, 2, 300, time.Now())
	before := v.videoPackets(202)
	// Of the replay, of the keyframe, of live, and some that never were.
	var want []uint16
	for _, i := range []int{0, 3, 57, 58, 123, 199, 200, 201} {
		want = append(want, before[i].SequenceNumber)
	}
	ssrc := uint32(v.tracks[webrtc.RTPCodecTypeVideo].SSRC())
	v.say(&rtcp.TransportLayerNack{MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(append(want, before[0].SequenceNumber-5))})
	after := v.videoPackets(202 + len(want))[202:]
	for _, p := range after {
		i := slices.IndexFunc(before, func(b received) bool { return b.SequenceNumber == p.SequenceNumber })
		if i < 0 {
			t.Fatalf("sequence number %d was never sent before", p.SequenceNumber)
		}
		a, _ := before[i].Marshal()
		b, _ := p.Marshal()
		if !slices.Equal(a, b) {
			t.Errorf("sequence number %d: other bytes", p.SequenceNumber)
		}
	}
	eventually(t, "the count of resends", func() bool {
		s := p.Stats()
		return s.Resent == uint64(len(want)) && s.Unresendable == 1
	})
	// Live goes on where it was.
	c.video(false, 1, 300, time.Now())
	all := v.videoPackets(202 + len(want) + 1)
	if last := all[len(all)-1]; last.SequenceNumber != before[201].SequenceNumber+1 {
		t.Errorf("after resends comes %d, want %d", last.SequenceNumber, before[201].SequenceNumber+1)
	}
}

func TestKeyframeRequestIsAnsweredFromTheRing(t *testing.T) {
	t.Parallel()
	c := newScript("pli")
	c.past(50, 4, 1000)
	c.play(t, 0, 2, 1000)
	e := start(t, scripts{c.key: c})
	v := newViewer(t)
	p := v.watch(e, c.key)
	v.reaches(200 + 30)
	ssrc := uint32(v.tracks[webrtc.RTPCodecTypeVideo].SSRC())
	// A storm of requests, as from a browser whose decoder is stuck. The first that comes half a second after joining counts.
	replays := func() uint64 { return p.Stats().Replays }
	eventually(t, "a replay", func() bool {
		v.say(&rtcp.PictureLossIndication{MediaSSRC: ssrc})
		return replays() == 2
	})
	for range 20 {
		v.say(&rtcp.PictureLossIndication{MediaSSRC: ssrc})
	}
	v.until("the keyframe again", func() bool {
		n := 0
		for _, p := range v.got[webrtc.RTPCodecTypeVideo] {
			if indexOf(p) == 0 {
				n++
			}
		}
		return n >= 2
	})
	got := v.reaches(c.published() + 60)
	contiguous(t, got)
	rising(t, got)
	// At the end the clock is the true one again: as if there had been no replay.
	first, last := got[0], got[len(got)-1]
	frame := func(p received) uint32 { // number of the frame of a packet
		if i := indexOf(p); i >= 200 {
			return 50 + uint32(i-200)/2
		} else {
			return uint32(i) / 4
		}
	}
	if want := first.Timestamp + (frame(last)-frame(first))*frameTicks; last.Timestamp != want {
		t.Errorf("after the replay the clock is off by %d ticks", int32(last.Timestamp-want))
	}
	if n := replays(); n > 3 {
		t.Errorf("%d replays for a storm", n)
	}
	// Resends of a replayed frame carry its squeezed timestamp.
	i := slices.IndexFunc(got[1:], func(p received) bool { return indexOf(p) == 0 }) + 1
	v.say(&rtcp.TransportLayerNack{MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers([]uint16{got[i+7].SequenceNumber})})
	v.until("the resend", func() bool {
		for _, p := range v.got[webrtc.RTPCodecTypeVideo][len(got):] {
			if p.SequenceNumber == got[i+7].SequenceNumber {
				if p.Timestamp != got[i+7].Timestamp || indexOf(p) != indexOf(got[i+7]) {
					t.Errorf("resent %v, was %v", p.Header, got[i+7].Header)
				}
				return true
			}
		}
		return false
	})
}

func TestSwitchesStreamOnARisingClock(t *testing.T) {
	a, b := newScript("a"), newScript("b")
	a.past(10, 2, 500)
	a.play(t, 0, 2, 500)
	b.past(75, 4, 1000)
	b.play(t, 0, 2, 1000)
	e := start(t, scripts{a.key: a, b.key: b})
	v := newViewer(t)
	p := v.watch(e, a.key)
	v.reaches(60)
	asked := time.Now()
	if err := p.Switch(b.key); err != nil {
		t.Fatal(err)
	}
	got := v.reaches(300 + 20) // only b has that many
	live := slices.IndexFunc(got, func(p received) bool { return len(p.Payload) == 1000 && indexOf(p) >= 300 })
	// What is kept lasts 3 s and no other keyframe follows: live in the time of one replay, which takes 0.12 s at the first pace.
	if took := got[live].at.Sub(asked); took > 2*time.Second {
		t.Errorf("live %v after the switch", took)
	}
	contiguous(t, got)
	rising(t, got)
	i := slices.IndexFunc(got, func(p received) bool { return len(p.Payload) == 1000 })
	if i < 0 || indexOf(got[i]) != 0 {
		t.Fatalf("the new stream does not begin with its keyframe")
	}
	// From the last picture of a to live b the clock moved as the wall did, give or take.
	moved := time.Duration(int32(got[len(got)-1].Timestamp-got[i-1].Timestamp)) * time.Second / 90000
	passed := got[len(got)-1].at.Sub(got[i-1].at)
	if d := moved - passed; d > time.Second || d < -time.Second {
		t.Errorf("the clock moved %v in %v", moved, passed)
	}
	if s := p.Snapshot(); s.Key != b.key {
		t.Errorf("snapshot shows %v", s.Key)
	}
	if n := a.open(); n != 0 {
		t.Errorf("%d readers of the left stream", n)
	}
	if err := p.Switch(relay.Key{Camera: "none"}); err == nil {
		t.Error("switched to a stream that does not exist")
	}
}

func TestOverTCPAlone(t *testing.T) {
	c := newScript("tcp")
	c.past(50, 4, 1100)
	c.play(t, 0, 2, 1000)
	e := start(t, scripts{c.key: c})
	v := newViewer(t, overTCP)
	p := v.watch(e, c.key)
	got := v.reaches(230)
	contiguous(t, got)
	rising(t, got)
	if s := p.Snapshot(); s.Protocol != "tcp" {
		t.Errorf("protocol %q", s.Protocol)
	}
}

func TestICERestartKeepsTheTracks(t *testing.T) {
	t.Parallel()
	c := newScript("restart")
	c.past(5, 2, 500)
	c.play(t, 0, 2, 500)
	e := start(t, scripts{c.key: c})
	v := newViewer(t)
	p := v.watch(e, c.key)
	v.reaches(40)
	answer, err := p.Restart(v.offer(&webrtc.OfferOptions{ICERestart: true}))
	if err != nil {
		t.Fatal(err)
	}
	if answer == "" || answer != p.Answer() || !strings.Contains(answer, "typ host") {
		t.Fatalf("answer: %s", answer)
	}
	v.accept(answer)
	n := uint64(len(v.video()))
	got := v.reaches(n + 100)
	for i := 1; i < len(got); i++ { // packets that were under way may be lost
		if int32(got[i].Timestamp-got[i-1].Timestamp) < 0 {
			t.Errorf("packet %d: the clock turned back", i)
		}
	}
	if ssrc := got[0].SSRC; slices.ContainsFunc(got, func(p received) bool { return p.SSRC != ssrc }) {
		t.Error("another track")
	}
}

func TestClosingEndsEverything(t *testing.T) {
	c := newScript("close")
	c.past(5, 2, 500)
	e := start(t, scripts{c.key: c})

	v := newViewer(t)
	p := v.watch(e, c.key)
	v.reaches(9)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if s := p.Snapshot(); s.Connection != Closed || c.open() != 0 || e.Stats().Peers != 0 {
		t.Errorf("after Close: %+v, %d readers", s, c.open())
	}
	if err := p.Switch(c.key); err == nil {
		t.Error("Switch works after Close")
	}
	if err := p.AddCandidate(Candidate{}); err == nil {
		t.Error("AddCandidate works after Close")
	}
	if _, err := p.Restart(v.pc.LocalDescription().SDP); err == nil {
		t.Error("Restart works after Close")
	}

	// The browser leaves: DTLS says so at once.
	v2 := newViewer(t)
	p2 := v2.watch(e, c.key)
	v2.reaches(9)
	v2.close()
	select {
	case <-p2.Done():
	case <-time.After(patience):
		t.Fatal("a viewer that left is still there")
	}
}
