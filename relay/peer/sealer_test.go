package peer

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/pion/dtls/v3"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/pion/webrtc/v4"

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
		got := make([]byte, 0, maxSegment)
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
			got = ours.seal(got[:0], &h, number, body)
			if !bytes.Equal(got, want) || len(got) != ours.sealed(len(body)) {
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

// TestPionProvesOurPackets: most packets are our own work, pion's state follows over the rounds of sequence numbers on each track, however seldom it has a
// packet, and keys that are not the right ones are never used.
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
		video, audio := newLane(relay.Video, &binding{ssrc: 7, out: out}), newLane(relay.Audio, &binding{ssrc: 8, out: out})
		video.by, audio.by = o, o
		p := relay.Packet{Payload: make([]byte, 200)}
		const packets, share = 1 << 18, 4096 // each share-th is sound, always just before or after a proof of the picture
		var none *scriptReader
		b.begin()
		send := func(l *lane, index uint64) {
			if _, err := l.send(&p, index, line{num: 1, den: 1}, 96, none); err != nil {
				t.Fatal(err)
			}
		}
		before := map[*lane]uint64{}
		for i := range uint64(packets) {
			l := &video
			if i%share == 1 || i >= packets/2 && i%2 == 0 { // at last as much of it as of the picture
				l = &audio
			}
			n := out.n
			if send(l, i); out.n > n {
				before[l] = l.next
			} else if gap := l.next - before[l]; gap > proofEvery {
				t.Fatalf("pion has not seen the last %d packets of SSRC %d, and may miscount its rounds", gap, l.to.ssrc)
			}
			if wrong && i == 5000 {
				break
			}
		}
		b.flush()
		if wrong && out.n != 5001 {
			t.Errorf("of 5001 packets %d went by pion, whose keys are others than ours", out.n)
		}
		if !wrong && (out.n > 3*packets/proofEvery || out.n < packets/proofEvery) {
			t.Errorf("%d of %d packets went by pion", out.n, packets)
		}
		if (o.via == nil) != wrong {
			t.Errorf("wrong keys %v: our own work is used: %v", wrong, o.via != nil)
		}
	}
}

// TestAnAbsenceKeepsTheRound: a viewer was away for rounds of the sequence numbers (over TCP pion alone sends), and comes back.
func TestAnAbsenceKeepsTheRound(t *testing.T) {
	key, salt := make([]byte, 16), make([]byte, 12)
	profile := srtp.ProtectionProfileAeadAes128Gcm
	ours, err := newSealer(key, salt)
	if err != nil {
		t.Fatal(err)
	}
	payload := make([]byte, 300)
	for _, number := range []uint64{1<<16 + 5, 1<<16 + 6, 5<<16 + 40000, 5<<16 + 39990, 5<<16 + 40001, 9<<16 + 3, 8<<16 + 65530, 9<<16 + 4} {
		h := rtp.Header{Version: 2, PayloadType: 96, SSRC: 7, SequenceNumber: uint16(number)}
		plain, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := srtp.CreateContext(key, salt, profile)
		if err != nil {
			t.Fatal(err)
		}
		theirs.SetROC(7, uint32(number>>16)-1)
		want, err := theirs.EncryptRTP(nil, plain, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ours.seal(make([]byte, 0, maxSegment), &h, number, payload)
		if !bytes.Equal(got, want) {
			t.Errorf("packet %d of round %d has another round's nonce", uint16(number), number>>16-1)
		}
	}
}

// keyLog keeps what a browser's own key log says.
type keyLog struct {
	mu   sync.Mutex
	text string
}

func (k *keyLog) Write(line []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.text += string(line)
	return len(line), nil
}

// TestTheHandshakesSecretIsKeptNowhere: neither in the log, however talkative, nor in the peer once the keys are made, whatever cipher the
// browser takes.
func TestTheHandshakesSecretIsKeptNowhere(t *testing.T) {
	for _, profile := range []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80} {
		var told, known keyLog
		c := newScript("secret")
		c.past(1, 2, 200)
		c.play(t, 0, 2, 200)
		e := start(t, scripts{c.key: c}, func(o *Options) {
			o.Logger = slog.New(slog.NewTextHandler(&told, &slog.HandlerOptions{Level: slog.LevelDebug - 8}))
		})
		v := newViewer(t, func(s *webrtc.SettingEngine, _ *viewerKind) {
			s.SetDTLSKeyLogWriter(&known)
			s.SetSRTPProtectionProfiles(profile)
		})
		p := v.watch(e, c.key)
		v.videoPackets(20)
		p.secrets.mu.Lock()
		if p.secrets.master != nil || p.secrets.client != nil {
			t.Errorf("%v: the secret is still there", profile)
		}
		p.secrets.mu.Unlock()
		known.mu.Lock()
		fields := strings.Fields(known.text)
		known.mu.Unlock()
		if len(fields) != 3 {
			t.Fatalf("the browser's key log: %q", fields)
		}
		_ = p.Close()
		e.log.Debug("a peer as a careless hand would log it", "secrets", &p.secrets)
		told.mu.Lock()
		text := strings.ToLower(told.text)
		told.mu.Unlock()
		if text == "" || strings.Contains(text, strings.ToLower(fields[2])) {
			t.Errorf("%v: the log has the secret, or nothing", profile)
		}
	}
}
