package main

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
)

// notes makes the notes of n frames of four packets each, a keyframe every gop; the second packet has the stamp.
func notes(n, gop int, first uint16) []note {
	var r reel
	var all []note
	for f := range n {
		for i := range 4 {
			m := note{n: r.unwrap(first), stamp: uint32(f) * 3600, marker: i == 3, key: f%gop == 0 && i == 0}
			r.seen, r.highest = true, m.n
			if i == 1 {
				m.counter, m.sent = uint64(f+1), int64(f)
			}
			all = append(all, m)
			first++
		}
	}
	return all
}

func counters(packets []note) (got []uint64) {
	var r reel
	for _, m := range packets {
		r.push(m, func(counter uint64, _ int64) { got = append(got, counter) })
	}
	return got
}

func TestTheCrowdSeesWholePictures(t *testing.T) {
	all := notes(40, 10, 65500)
	t.Run("out of order", func(t *testing.T) {
		mixed := slices.Clone(all)
		for i := 0; i+4 <= len(mixed); i += 4 {
			rand.Shuffle(4, func(a, b int) { mixed[i+a], mixed[i+b] = mixed[i+b], mixed[i+a] })
		}
		if got := counters(mixed); len(got) != 40 || !slices.IsSorted(got) {
			t.Errorf("%v, want 1 to 40", got)
		}
	})
	t.Run("twice", func(t *testing.T) {
		if got := counters(append(slices.Clone(all[:20]), all...)); len(got) != 40 {
			t.Errorf("%d pictures, want 40", len(got))
		}
	})
	t.Run("joined within a group", func(t *testing.T) {
		if got := counters(all[4*4:]); len(got) != 30 || got[0] != 11 {
			t.Errorf("%v, want 11 to 40", got)
		}
	})
	t.Run("lost for good", func(t *testing.T) {
		if got := counters(slices.Delete(slices.Clone(all), 4*5+1, 4*5+2)); len(got) != 35 || got[5] != 11 {
			t.Errorf("%v, want 1 to 5 and 11 to 40", got)
		}
	})
	t.Run("lost and sent again", func(t *testing.T) {
		late := slices.Delete(slices.Clone(all[:32]), 4*5+1, 4*5+2)
		if got := counters(append(late, all[4*5+1])); len(got) != 8 {
			t.Errorf("%v, want 1 to 8", got)
		}
	})
}

func TestTheCrowdFindsTheOtherSide(t *testing.T) {
	answer := "v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=setup:active\r\n" +
		"a=candidate:1 1 tcp 1 127.0.0.1 9 typ host tcptype passive\r\na=candidate:2 1 udp 1 ::1 8189 typ host\r\n" +
		"a=candidate:3 1 udp 1 10.0.0.1 8189 typ host\r\na=candidate:4 1 udp 1 127.0.0.1 8189 typ host\r\n"
	for local, want := range map[string]string{"127.0.0.1": "127.0.0.1:8189", "10.77.1.2": "10.0.0.1:8189"} {
		a, err := readCrowdAnswer(answer, netip.MustParseAddr(local))
		if err != nil || a.at.String() != want || !a.active || a.ufrag != "abcd" {
			t.Errorf("from %s: %+v, %v, want %s", local, a, err, want)
		}
	}
	if _, err := readCrowdAnswer("a=ice-ufrag:a\r\na=ice-pwd:b\r\n", netip.MustParseAddr("127.0.0.1")); err == nil {
		t.Error("an answer without candidates was taken")
	}
}

func TestSTUNIsSealed(t *testing.T) {
	check := iceCheck([]byte("abcdefghijkl"), "them:us", "secret", 7)
	if stunKind(check) != stunRequest || len(check)%4 != 0 || int(check[3])|int(check[2])<<8 != len(check)-stunHeader {
		t.Errorf("%x is not a request of its own length", check)
	}
	reply := iceReply(check, [4]byte{127, 0, 0, 1}, 8189, "other")
	if stunKind(reply) != stunSuccess || string(stunTransaction(reply)) != "abcdefghijkl" {
		t.Errorf("%x does not answer", reply)
	}
	if stunKind([]byte{0x80, 96}) != 0 {
		t.Error("RTP was taken for STUN")
	}
}
