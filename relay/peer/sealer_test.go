package peer

import (
	"bytes"
	"crypto/rand"
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// TestOurPacketsAreThoseOfSRTP over two rounds of the sequence numbers, in both sizes of key.
func TestOurPacketsAreThoseOfSRTP(t *testing.T) {
	for _, profile := range []srtp.ProtectionProfile{srtp.ProtectionProfileAeadAes128Gcm, srtp.ProtectionProfileAeadAes256Gcm} {
		size, err := profile.KeyLen()
		if err != nil {
			t.Fatal(err)
		}
		key, salt := make([]byte, size), make([]byte, 12)
		_, _ = rand.Read(key)
		_, _ = rand.Read(salt)
		theirs, err := srtp.CreateContext(key, salt, profile)
		if err != nil {
			t.Fatal(err)
		}
		ours, err := newSealer(key, salt)
		if err != nil {
			t.Fatal(err)
		}
		payload := make([]byte, relay.MaxPayload)
		var got []byte
		for number := uint64(1<<16 + 30000); number < 3<<16+30000; number += 101 {
			h := rtp.Header{Version: 2, PayloadType: 102, SSRC: 0x80fe0102, SequenceNumber: uint16(number), Timestamp: uint32(number) * 3000, Marker: number%5 == 0}
			body := payload[:number%relay.MaxPayload]
			plain, err := (&rtp.Packet{Header: h, Payload: body}).Marshal()
			if err != nil {
				t.Fatal(err)
			}
			want, err := theirs.EncryptRTP(nil, plain, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got = ours.seal(got[:0], &h, uint32(number>>16)-1, body); !bytes.Equal(got, want) || len(got) != ours.sealed(len(body)) {
				t.Fatalf("packet %d differs", number)
			}
		}
	}
}

// pionWire stands for pion: it encrypts with its own state and writes to the socket.
type pionWire struct {
	*sealed
	socket *socket
	to     *batch
	wrong  bool
	n      int
}

func (p *pionWire) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	p.n++
	_, err := p.sealed.WriteRTP(h, payload)
	if p.wrong {
		p.last[len(p.last)-1]++
	}
	if err == nil {
		_, err = p.socket.WriteToAddrPort(p.last, p.to.to)
	}
	return len(payload), err
}

// TestPionProvesOurPackets: most packets are our own work, pion's state follows over the rounds of sequence numbers, and keys that are not
// the right ones are never used.
func TestPionProvesOurPackets(t *testing.T) {
	for _, wrong := range []bool{false, true} {
		s, b, to := wire(t)
		go func() {
			buf := make([]byte, 2048)
			for {
				if _, err := to.Read(buf); err != nil {
					return
				}
			}
		}()
		key, salt := make([]byte, 16), make([]byte, 12)
		context, err := srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm)
		if err != nil {
			t.Fatal(err)
		}
		o := &outlet{}
		if o.sealer, err = newSealer(key, salt); err != nil {
			t.Fatal(err)
		}
		o.follow(b)
		out := &pionWire{sealed: &sealed{t: t, seal: context}, socket: s, to: b, wrong: wrong}
		l := newLane(relay.Video, &binding{ssrc: 7, out: out})
		l.by = o
		p := relay.Packet{Payload: make([]byte, 200)}
		const packets = 150_000
		var none *scriptReader
		b.begin()
		for i := range uint64(packets) {
			if _, err := l.send(&p, i, line{num: 1, den: 1}, 96, none); err != nil {
				t.Fatal(err)
			}
		}
		b.flush()
		want := 1 + (packets-1)/(proofEvery+1)
		if wrong {
			want = packets
		}
		if out.n != want {
			t.Errorf("wrong keys %v: %d of %d packets went by pion, want %d", wrong, out.n, packets, want)
		}
		if (o.via == nil) != wrong {
			t.Errorf("wrong keys %v: our own work is used: %v", wrong, o.via != nil)
		}
	}
}
