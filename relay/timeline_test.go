package relay

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

func TestTheClockFollowsADriftingCameraWithoutAJump(t *testing.T) {
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	line := timeline{rate: 90000, base: 0xfffffff0, epoch: at}
	in, last := uint32(5), uint32(0)
	var worst, worstStep time.Duration
	lastRTP, lastWall := uint32(0), time.Time{}
	for i := range 25 * 3600 * 4 { // four hours at 25 frames a second, the camera 500 ppm fast, arrivals jittering by 30 ms
		arrived := at.Add(time.Duration(i) * 40 * time.Millisecond).Add(time.Duration(rand.Int64N(int64(30 * time.Millisecond))))
		out := line.stamp(in, arrived, 3600, false)
		if i > 0 && out-last != 3602 && out-last != 3601 {
			t.Fatalf("frame %d: the camera's step of 3601 or 3602 became %d", i, out-last)
		}
		last = out
		rtp, wall := line.clock()
		if i > 1000 {
			off := time.Duration(int32(rtp-line.at(wall))-int32(line.offset+in-line.at(at.Add(time.Duration(i)*40*time.Millisecond)))) * time.Second / 90000
			worst = max(worst, off.Abs())
			step := time.Duration(int32(rtp-lastRTP))*time.Second/90000 - wall.Sub(lastWall)
			worstStep = max(worstStep, step.Abs())
		}
		lastRTP, lastWall = rtp, wall
		in += 3601 + uint32(i%5/1)%2 // about 3601.4 to 3601.8: 400 to 500 ppm
	}
	if line.jumps != 0 {
		t.Fatalf("%d jumps", line.jumps)
	}
	if worst > 60*time.Millisecond || worstStep > time.Millisecond {
		t.Fatalf("the mapping for sender reports is off by %v and jerks by %v", worst, worstStep)
	}
}

func TestParameterSetsOfTheDescriptionAndOfTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		r := b.read(t, "a")
		defer r.Close()
		c := (<-b.script.news).describe()
		c.frame(nalIDR, 100, 3600) // no parameter sets in band
		got := videoOf(drain(r))
		if text := string(annexB(got[0].Packets)); len(got) != 1 || !containsAll(text, testSPS, testPPS) {
			t.Fatalf("the keyframe came without the parameter sets of the SDP: %x", text[:60])
		}
		// The camera turns to another resolution (an SPS of x264 for 320x180), first in an access unit of its own, marker and all.
		other := []byte{0x67, 0x42, 0xc0, 0x0d, 0xd9, 0x01, 0x41, 0x9f, 0x9e, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0x20, 0xf1, 0x42, 0x99, 0x60}
		c.rtp(other, true)
		c.frame(nalIDR, 100, 3600)
		c.frame(nalSlice, 100, 3600)
		c.frame(nalIDR, 100, 3600)
		synctest.Wait()
		got = videoOf(drain(r))
		for _, f := range got {
			if text := string(annexB(f.Packets)); f.Keyframe != containsAll(text, other) || containsAll(text, testSPS) {
				t.Fatalf("keyframe %v, but its new SPS is missing or the old one is back", f.Keyframe)
			}
		}
		if m := r.State().Media; len(got) != 3 || m.Width != 320 || m.Height != 180 {
			t.Fatalf("%d frames, media %+v", len(got), m)
		}
	})
}

func containsAll(text string, parts ...[]byte) bool {
	for _, p := range parts {
		found := false
		for i := 0; i+len(p) <= len(text); i++ {
			if text[i:i+len(p)] == string(p) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

func TestNothingPassesWithoutParameterSetsOrKeyframe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		r := b.read(t, "a")
		defer r.Close()
		c := <-b.script.news
		c.in.Describe(Offer{Video: Codec{Name: "H264", ClockRate: 90000}})
		c.frame(nalIDR, 100, 3600)
		c.frame(nalSlice, 100, 3600)
		want(t, r, Connecting, "")
		if got := drain(r); len(got) != 0 {
			t.Fatal("pictures that nobody can decode")
		}
		c.rtp(testSPS, false)
		c.rtp(testPPS, false)
		c.frame(nalSlice, 100, 3600)
		if got := drain(r); len(got) != 0 {
			t.Fatal("a stream that begins without a keyframe")
		}
		c.frame(nalIDR, 100, 3600)
		want(t, r, Live, "")
	})
}

func TestSequenceNumbersOfOddCameras(t *testing.T) {
	type step struct {
		seq   uint16
		ssrc  uint32
		lost  int
		fresh bool
	}
	var s sequence
	for i, x := range []step{{65534, 1, 0, true}, {65535, 1, 0, true}, {0, 1, 0, true}, {0, 1, 0, false}, {65535, 1, 0, false}, {3, 1, 2, true},
		{40000, 2, 1, true}, {40001, 2, 0, true}, {100, 2, 1, true}, {101, 2, 0, true}} {
		lost, fresh := s.take(&rtp.Packet{Header: rtp.Header{SequenceNumber: x.seq, SSRC: x.ssrc}})
		if fresh != x.fresh || (lost > 0) != (x.lost > 0) || x.lost > 1 && lost != x.lost {
			t.Errorf("step %d: %d lost, fresh %v; want %+v", i, lost, fresh, x)
		}
	}
}

func TestBFramesAreToldFromAnnouncements(t *testing.T) {
	const announced = reorderAnnounced
	p, bb, i := accessUnit{}, accessUnit{b: true}, accessUnit{idr: true}
	at := func(u accessUnit, ts uint32) accessUnit { u.timestamp = ts; return u }
	cases := []struct {
		name string
		rule reorderRule
		in   []accessUnit
		seen bool
	}{
		{"I P B B, unsaid", reorderUnsaid, []accessUnit{at(i, 0), at(p, 10800), at(bb, 3600), at(bb, 7200)}, true},
		{"announced and used", announced, []accessUnit{at(i, 0), at(p, 3600), at(bb, 7200)}, true},
		{"announced only", announced, []accessUnit{at(i, 0), at(p, 3600), at(p, 7200)}, false},
		{"bi-predictive from the past", reorderUnsaid, []accessUnit{at(i, 0), at(bb, 3600), at(bb, 7200)}, false},
		{"impossible", reorderNever, []accessUnit{at(i, 0), at(bb, 7200), at(bb, 3600)}, false},
		{"a clock that jumps back", reorderUnsaid, []accessUnit{at(i, 9000), at(p, 3600), at(p, 7200)}, false},
	}
	for _, c := range cases {
		o := ordering{rule: c.rule}
		for _, u := range c.in {
			o.see(u)
		}
		if o.seen != c.seen {
			t.Errorf("%s: %v", c.name, o.seen)
		}
	}
}

func TestALockoutIsForgottenWithItsPassword(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		r := b.read(t, "a")
		(<-b.script.news).end <- refused(CodeCredentials)
		want(t, r, Refused, CodeCredentials)
		r.Close()
		time.Sleep(15 * time.Second) // the stream closes; then, unwatched, the password is mended
		b.book.set("a", camera.Target{Camera: "a", Address: "rtsp://canary-host/a", Password: camera.NewPassword("mended")})
		r = b.read(t, "a")
		defer r.Close()
		at := time.Now()
		(<-b.script.news).describe().frame(nalIDR, 3000, 3600)
		if time.Since(at) > 0 {
			t.Fatal("the mended password waited")
		}
		want(t, r, Live, "")
	})
}

func TestASoundFormatOfG711IsCutToFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		r := b.read(t, "a")
		defer r.Close()
		c := (<-b.script.news).describe()
		c.frame(nalIDR, 3000, 3600)
		drain(r)
		c.sound(3000)
		got := drain(r)
		if len(got) != 1 || len(got[0].Packets) != 3 {
			t.Fatalf("%+v", got)
		}
		sum, ts := 0, got[0].Timestamp
		for _, p := range got[0].Packets {
			if len(p.Payload) > MaxPayload || p.Timestamp != ts+uint32(sum) {
				t.Fatalf("%d bytes at %d", len(p.Payload), p.Timestamp-ts)
			}
			sum += len(p.Payload)
		}
		if sum != 3000 {
			t.Fatalf("%d bytes of 3000", sum)
		}
	})
}

func TestACameraWithoutAClockGetsOurs(t *testing.T) {
	for name, step := range map[string]uint32{"stands": 0, "milliseconds": 40, "twice as fast": 7200} {
		at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
		line := timeline{rate: 90000, base: 99, epoch: at}
		var first, last uint32
		for i := range 25 * 60 {
			arrived := at.Add(time.Duration(i) * 40 * time.Millisecond)
			out := line.stamp(uint32(i)*step, arrived, 3600, false)
			if i == 25*30 {
				first = out
			} else if i > 0 && int32(out-last) <= 0 {
				t.Fatalf("%s: frame %d steps by %d", name, i, int32(out-last))
			}
			last = out
		}
		if rose := time.Duration(last-first) * time.Second / 90000; (rose - 30*time.Second).Abs() > 100*time.Millisecond {
			t.Errorf("%s: the clock rose by %v in 30 s", name, rose)
		}
	}
}
