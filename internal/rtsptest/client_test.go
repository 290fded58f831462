package rtsptest_test

import (
	"sync"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/pion/rtp"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// small is a spec that encodes in a moment.
func small(number int) rtsptest.Spec {
	return rtsptest.Spec{Name: "Тест", Number: number, Width: 320, Height: 180, Seconds: 1, GOP: 5}
}

const patience = 10 * time.Second

// reader plays one camera and hands out its packets.
type reader struct {
	client  *gortsplib.Client
	desc    *description.Session
	packets chan *rtp.Packet // of the first medium; the reader waits for nobody: too many are thrown away
	closing sync.Once
}

// dial connects and plays all media, over TCP unless the client says otherwise.
func dial(url string, changes ...func(*gortsplib.Client)) (*reader, error) {
	u, err := base.ParseURL(url)
	if err != nil {
		return nil, err
	}
	tcp := gortsplib.ProtocolTCP
	c := &gortsplib.Client{Scheme: u.Scheme, Host: u.Host, Protocol: &tcp, UserAgent: "tester", ReadTimeout: patience}
	for _, change := range changes {
		change(c)
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	r := &reader{client: c, packets: make(chan *rtp.Packet, 8192)}
	if err := r.play(u); err != nil {
		c.Close()
		return nil, err
	}
	return r, nil
}

func (r *reader) play(u *base.URL) error {
	desc, _, err := r.client.Describe(u)
	if err != nil {
		return err
	}
	r.desc = desc
	if err := r.client.SetupAll(desc.BaseURL, desc.Medias); err != nil {
		return err
	}
	first := desc.Medias[0]
	r.client.OnPacketRTPAny(func(m *description.Media, _ format.Format, p *rtp.Packet) {
		if m == first {
			select {
			case r.packets <- p:
			default:
			}
		}
	})
	_, err = r.client.Play(nil)
	return err
}

func (r *reader) close() { r.closing.Do(r.client.Close) }

func watch(t *testing.T, url string, changes ...func(*gortsplib.Client)) *reader {
	t.Helper()
	r, err := dial(url, changes...)
	if err != nil {
		t.Fatalf("play %s: %v", url, err)
	}
	t.Cleanup(r.close)
	return r
}

// packet is the next one; the test fails without.
func (r *reader) packet(t *testing.T) *rtp.Packet {
	t.Helper()
	select {
	case p := <-r.packets:
		return p
	case <-time.After(patience):
		t.Fatal("no packet")
		return nil
	}
}

// silence waits until no packet has come for ten frames' time; the test fails if they don't cease.
func (r *reader) silence(t *testing.T) {
	t.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	for {
		select {
		case <-r.packets:
		case <-time.After(400 * time.Millisecond):
			return
		case <-end.C:
			t.Fatal("the packets don't cease")
		}
	}
}

// picture is what a frame's packets carried.
type picture struct {
	counter  uint64
	stamp    uint32
	sent     time.Time
	keyframe bool
	first    uint16 // sequence number of its first packet
}

// picture reads packets up to the end of the next frame that has an SEI.
func (r *reader) picture(t *testing.T) picture {
	t.Helper()
	var pic picture
	have, begun := false, false
	for {
		p := r.packet(t)
		if !begun {
			pic.first, begun = p.SequenceNumber, true
		}
		if counter, sent, ok := rtsptest.ParseSEI(p.Payload); ok {
			have, pic.counter, pic.sent, pic.stamp = true, counter, sent, p.Timestamp
		}
		if p.Payload[0]&0x1f == 7 {
			pic.keyframe = true
		}
		if p.Marker {
			if have {
				return pic
			}
			begun = false
			pic = picture{}
		}
	}
}
