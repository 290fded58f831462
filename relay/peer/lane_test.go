package peer

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// sealed is the wire behind a lane: it encrypts as pion does, and keeps what left.
type sealed struct {
	t    *testing.T
	seal *srtp.Context
	last []byte
}

func (s *sealed) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	plain, err := (&rtp.Packet{Header: *h, Payload: payload}).Marshal()
	if err != nil {
		s.t.Fatal(err)
	}
	if s.last, err = s.seal.EncryptRTP(nil, plain, nil); err != nil {
		s.t.Fatal(err)
	}
	return len(payload), nil
}

func (s *sealed) Write([]byte) (int, error) { return 0, nil }

// shelf is a ring that forgets what is older than size packets.
type shelf struct {
	*scriptReader
	tag  byte
	tail uint64
	size uint64
}

func (r *shelf) packet(index uint64) relay.Packet {
	p := relay.Packet{Payload: make([]byte, 20), Timestamp: uint32(index/3) * frameTicks, Marker: index%3 == 2}
	p.Payload[0] = r.tag
	binary.BigEndian.PutUint64(p.Payload[1:], index)
	return p
}

func (r *shelf) Packet(_ relay.Track, index uint64) (relay.Packet, bool) {
	if index >= r.tail || index+r.size < r.tail {
		return relay.Packet{}, false
	}
	return r.packet(index), true
}

// TestNeverOtherBytesUnderANumber sends two rounds of the sequence numbers, goes back, changes the stream and its pace at random,
// and asks for random numbers again: whatever comes is what left under this number last, after encryption, so the count of rounds
// that SRTP guesses is right too. Other bytes under a used number give the key away (NIST SP 800-38D, 8).
func TestNeverOtherBytesUnderANumber(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	key := bytes.Repeat([]byte{7}, 16)
	salt := bytes.Repeat([]byte{9}, 12)
	seal, err := srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm)
	if err != nil {
		t.Fatal(err)
	}
	open, err := srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm)
	if err != nil {
		t.Fatal(err)
	}
	wire := &sealed{t: t, seal: seal}
	l := newLane(relay.Video, &binding{ssrc: 1, out: wire})
	from := &shelf{size: 1 << 17}
	at := uint64(0) // in from
	now := time.Unix(0, 0)
	var sent [1 << 16][]byte
	resent, refused := 0, 0
	first := l.next
	for l.next < first+1<<17 {
		from.tail = max(from.tail, at+3)
		f := relay.Frame{Timestamp: from.packet(at).Timestamp}
		line := l.place(&f, now)
		for range 3 {
			p := from.packet(at)
			seq := uint16(l.next)
			if _, err := l.send(&p, at, line, 96, from); err != nil {
				t.Fatal(err)
			}
			sent[seq] = wire.last
			if _, err := open.DecryptRTP(nil, wire.last, nil); err != nil {
				t.Fatalf("packet %d can't be opened: %v", l.next, err)
			}
			at++
		}
		before := l.last
		l.sent(line.at(f.Timestamp), now)
		if int32(l.last-before) <= 0 && l.next > first+3 {
			t.Fatalf("packet %d: the clock went by %d", l.next, int32(l.last-before))
		}
		now = now.Add(40 * time.Millisecond)
		n := random.IntN(8000)
		if l.next < first+1<<16 {
			n = 100 // a long undisturbed run
		}
		switch {
		case n < 20: // a keyframe request
			back := min(at, 3*uint64(random.IntN(300)))
			at -= back
			in := from.packet(at).Timestamp
			l.pressed = false
			l.compress(in, in+uint32(back/3+10)*frameTicks, int(back/3)+10)
		case n == 20: // another camera
			l.leave(from)
			from = &shelf{tag: from.tag + 1, size: 5000 + uint64(random.IntN(2))<<17}
			at = 3 * uint64(random.IntN(1000))
		case n > 7980: // packets that no viewer was sent
			at += 3 * uint64(random.IntN(50))
		}
		for range 2 {
			wanted := uint16(random.Uint32())
			if _, ok := l.resend(wanted); !ok {
				refused++
				continue
			}
			if resent++; !bytes.Equal(wire.last, sent[wanted]) {
				t.Fatalf("at packet %d number %d was resent with other bytes", l.next, wanted)
			}
		}
	}
	if resent < 1000 || refused < 1000 {
		t.Errorf("%d resent and %d refused: this test shows nothing", resent, refused)
	}
}

// A screen may show a dead camera for days.
func TestTheClockRisesAfterDays(t *testing.T) {
	for _, pause := range []time.Duration{time.Minute, 7 * time.Hour, 14 * time.Hour, 60 * time.Hour} {
		l := newLane(relay.Video, &binding{ssrc: 1, out: &sink{}})
		now := time.Unix(1000, 0)
		for i := range 2 {
			f := relay.Frame{Timestamp: 5000 * uint32(i), Arrived: now}
			l.sent(l.place(&f, now).at(f.Timestamp), now)
		}
		l.leave(nil)
		before := l.last
		now = now.Add(pause)
		f := relay.Frame{Timestamp: 77, Arrived: now}
		step := int32(l.place(&f, now).at(f.Timestamp) - before)
		if want := int32(min(pause, longest) * 90 / time.Millisecond); step != want {
			t.Errorf("after %v the clock moved by %d, want %d", pause, step, want)
		}
	}
	if got, want := (&lane{rate: 90000}).ticks(60*time.Hour), uint32(60*3600*90000%(1<<32)); got != want {
		t.Errorf("60 hours are %d ticks, want %d", got, want)
	}
}
