package peer

import (
	"context"
	"strings"
	"testing"

	"github.com/pion/rtcp"
)

// FuzzOffer: whatever a browser offers, it gets an answer or a fault, and nobody else notices.
func FuzzOffer(f *testing.F) {
	good := newViewer(f).offer(nil)
	f.Add(good)
	f.Add(strings.ReplaceAll(good, "a=mid:", "a=x:"))
	f.Add(strings.ReplaceAll(good, "a=ice-ufrag", "a=x"))
	f.Add(strings.ReplaceAll(good, "a=fingerprint:sha-256 ", "a=fingerprint:"))
	f.Add(strings.ReplaceAll(good, "\r\n", "\n"))
	f.Add(strings.ReplaceAll(good, "recvonly", "sendrecv"))
	f.Add(good + good[strings.Index(good, "m="):])
	c := newScript("fuzz")
	e, err := newEndpoint(Options{Logger: quiet(f), Scope: Loopback}, scripts{c.key: c})
	if err != nil {
		f.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	f.Cleanup(func() { cancel(); <-ended })
	f.Fuzz(func(t *testing.T, offer string) {
		p, err := e.Open(context.Background(), Request{Key: c.key, Offer: offer})
		if (p == nil) == (err == nil) {
			t.Fatalf("peer %v, error %v", p, err)
		}
		if err == nil {
			_, _ = p.Restart(offer)
			_ = p.AddCandidate(Candidate{Candidate: offer})
			_ = p.Close()
		}
		if n := c.open(); n != 0 {
			t.Fatalf("%d readers left", n)
		}
	})
}

// FuzzFeedback: RTCP comes from the viewer's machine, and is read on ours.
func FuzzFeedback(f *testing.F) {
	for _, p := range []rtcp.Packet{
		&rtcp.PictureLossIndication{MediaSSRC: 7},
		&rtcp.FullIntraRequest{FIR: []rtcp.FIREntry{{SSRC: 7}}},
		&rtcp.TransportLayerNack{MediaSSRC: 7, Nacks: rtcp.NackPairsFromSequenceNumbers([]uint16{1, 2, 65535})},
		&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: 7, FractionLost: 3}}},
	} {
		b, err := p.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if got := parseFeedback(b, 7); len(got.missing) > maxMissing+16 {
			t.Fatalf("%d missing", len(got.missing))
		}
	})
}

func TestFeedbackSurvivesWhatCannotBeRead(t *testing.T) {
	pli, _ := (&rtcp.PictureLossIndication{MediaSSRC: 7}).Marshal()
	broken := []byte{0x9f, 201, 0, 1, 0, 0, 0, 1} // a receiver report of 31 blocks that has none
	if f := parseFeedback(append(append([]byte{}, broken...), pli...), 7); !f.keyframe {
		t.Error("a broken report hides the request behind it")
	}
	if f := parseFeedback(pli, 8); f.keyframe {
		t.Error("a request for another track")
	}
	if f := parseFeedback([]byte{0x80, 201, 0xff, 0xff}, 7); !f.empty() {
		t.Error("something in nothing")
	}
}
