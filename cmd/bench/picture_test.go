package main

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// frames makes the packets of n frames of three packets each, a keyframe every gop, from a sequence number on.
func frames(n, gop int, sequence uint16) []*rtp.Packet {
	var all []*rtp.Packet
	for f := range n {
		for i, payload := range [][]byte{{0x67, 1}, {0x7c, 0x85}, {0x7c, 0x45}} {
			if f%gop != 0 && i == 0 {
				payload = []byte{0x41, 1}
			}
			all = append(all, &rtp.Packet{
				Header:  rtp.Header{SequenceNumber: sequence, Timestamp: uint32(f) * 3600, Marker: i == 2},
				Payload: payload,
			})
			sequence++
		}
	}
	return all
}

func feed(a *assembler, packets []*rtp.Packet) (pictures int) {
	for _, p := range packets {
		pictures += len(a.push(a.unwrap(p.SequenceNumber), p, time.Now()))
	}
	return pictures
}

func TestPicturesAreWhole(t *testing.T) {
	const first = 65500 // the numbers wrap on the way
	t.Run("out of order", func(t *testing.T) {
		packets := frames(40, 10, first)
		for i := 0; i+4 < len(packets); i += 4 {
			rand.Shuffle(4, func(a, b int) { packets[i+a], packets[i+b] = packets[i+b], packets[i+a] })
		}
		if got := feed(newAssembler(), packets); got != 40 {
			t.Errorf("%d pictures, want 40", got)
		}
	})
	t.Run("joined within a group", func(t *testing.T) {
		if got := feed(newAssembler(), frames(40, 10, first)[3*4:]); got != 30 {
			t.Errorf("%d pictures, want the 30 from the next keyframe on", got)
		}
	})
	t.Run("lost for good", func(t *testing.T) {
		packets := frames(40, 10, first)
		if got := feed(newAssembler(), slices.Delete(packets, 3*5+1, 3*5+2)); got != 35 {
			t.Errorf("%d pictures, want the 5 before the loss and the 30 from the next keyframe on", got)
		}
	})
	t.Run("lost and sent again", func(t *testing.T) {
		packets := frames(9, 10, first)
		lost := packets[3*5+1]
		a := newAssembler()
		if got := feed(a, slices.Delete(slices.Clone(packets), 3*5+1, 3*5+2)); got != 5 {
			t.Errorf("%d pictures before the resend, want 5", got)
		}
		if got := feed(a, []*rtp.Packet{lost}); got != 4 {
			t.Errorf("the resend completes %d pictures, want 4", got)
		}
	})
}

func TestLossesAreAskedForAgainAfterAWhile(t *testing.T) {
	var l losses
	now := time.Now()
	for _, n := range []int64{100, 101, 105} {
		l.arrived(n)
	}
	if got, _ := l.due(now); !slices.Equal(got, []uint16{102, 103, 104}) {
		t.Errorf("asked for %v, want 102 to 104", got)
	}
	l.arrived(103)
	if got, _ := l.due(now.Add(askAgain / 2)); len(got) > 0 {
		t.Errorf("asked for %v again too soon", got)
	}
	if got, _ := l.due(now.Add(askAgain)); !slices.Equal(got, []uint16{102, 104}) {
		t.Errorf("asked for %v, want 102 and 104", got)
	}
}

// TestOffsetsCoverTheInterval holds that openings stand all over the interval however long each takes.
func TestOffsetsCoverTheInterval(t *testing.T) {
	const n, interval = 8, 4 * time.Second
	o := newOffsets(interval, n)
	parts := make([]int, n)
	at := o.origin
	for range n {
		wait := o.next(at) - time.Until(at)
		if wait < 0 || wait > interval {
			t.Fatalf("waits %v", wait)
		}
		at = at.Add(wait)
		parts[int(at.Add(time.Millisecond).Sub(o.origin)%interval/(interval/n))]++
		at = at.Add(1700 * time.Millisecond)
	}
	for i, count := range parts {
		if count > 2 || (count == 0 && parts[(i+1)%n] == 0) {
			t.Errorf("the parts of the interval have %v openings", parts)
			break
		}
	}
}
