package peer

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// narrowConn is a viewer's socket behind a slow line: what comes in passes at a rate after a delay, and what does not fit the line's
// queue is lost, as in a router.
type narrowConn struct {
	net.PacketConn
	out  chan datagram
	stop chan struct{}
	wg   sync.WaitGroup
}

type datagram struct {
	data []byte
	from net.Addr
	due  time.Time
}

// newNarrow makes a line of rate bytes a second with a queue of so many bytes and a delay on the way in.
func newNarrow(conn net.PacketConn, rate float64, queue int, delay time.Duration) *narrowConn {
	c := &narrowConn{PacketConn: conn, out: make(chan datagram, 4096), stop: make(chan struct{})}
	c.wg.Add(1)
	go func() {
		defer c.wg.Done()
		free := time.Now() // when the line has sent all that it holds
		buf := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				close(c.out)
				return
			}
			now := time.Now()
			if free.Before(now) {
				free = now
			}
			if free.Sub(now).Seconds()*rate+float64(n) > float64(queue) {
				continue
			}
			free = free.Add(time.Duration(float64(n+28) / rate * float64(time.Second)))
			select {
			case c.out <- datagram{append([]byte(nil), buf[:n]...), from, free.Add(delay)}:
			default:
			}
		}
	}()
	return c
}

func (c *narrowConn) ReadFrom(b []byte) (int, net.Addr, error) {
	d, ok := <-c.out
	if !ok {
		return 0, nil, net.ErrClosed
	}
	if wait := time.Until(d.due); wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-c.stop:
			return 0, nil, net.ErrClosed
		}
	}
	return copy(b, d.data), d.from, nil
}

func (c *narrowConn) Close() error {
	err := c.PacketConn.Close()
	c.wg.Wait()
	return err
}

func narrow(rate float64, queue int, delay time.Duration) viewerOption {
	return func(s *webrtc.SettingEngine, k *viewerKind) {
		conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		line := newNarrow(conn, rate, queue, delay)
		s.SetICEUDPMux(webrtc.NewICEUDPMux(s.LoggerFactory.NewLogger("narrow"), line))
		k.closes = append(k.closes, func() error { close(line.stop); return line.Close() })
	}
}

// nacking asks for holes each 40 ms, at most once in 100 ms for the same packet, as browsers do.
func (v *viewer) nacking() {
	stop, ended := make(chan struct{}), make(chan struct{})
	asked := map[uint16]time.Time{}
	go func() {
		defer close(ended)
		tick := time.NewTicker(40 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case now := <-tick.C:
				v.mu.Lock()
				got := ordered(v.got[webrtc.RTPCodecTypeVideo])
				track := v.tracks[webrtc.RTPCodecTypeVideo]
				v.mu.Unlock()
				var missing []uint16
				for i := 1; i < len(got); i++ {
					for seq := got[i-1].SequenceNumber + 1; seq != got[i].SequenceNumber; seq++ {
						if now.Sub(asked[seq]) > 100*time.Millisecond {
							asked[seq] = now
							missing = append(missing, seq)
						}
					}
				}
				if len(missing) > 0 {
					_ = v.pc.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{
						MediaSSRC: uint32(track.SSRC()), Nacks: rtcp.NackPairsFromSequenceNumbers(missing),
					}})
				}
			}
		}
	}()
	v.t.Cleanup(func() { close(stop); <-ended })
}

func TestJoinsOverANarrowLine(t *testing.T) {
	t.Parallel()
	c := newScript("narrow")
	c.past(75, 16, 1000) // 3 s of 3.2 Mbit/s
	c.play(t, 0, 16, 1000)
	e := start(t, scripts{c.key: c})
	v := newViewer(t, narrow(10e6/8, 125_000, 30*time.Millisecond))
	p := v.watch(e, c.key)
	v.nacking()
	var list []received
	whole := func(to uint64) {
		t.Helper()
		v.until("everything without a hole", func() bool {
			list = ordered(v.got[webrtc.RTPCodecTypeVideo])
			return len(list) > int(to) && list[len(list)-1].SequenceNumber-list[0].SequenceNumber == uint16(len(list)-1)
		})
	}
	whole(c.published())
	s := p.Stats()
	t.Logf("all of it %v after the first; %d packets resent of %d, pace now %.1f Mbit/s",
		list[len(list)-1].at.Sub(list[0].at).Round(time.Millisecond), s.Resent, s.Packets, e.clients.acquire(v.address(), time.Now()).rate*8/1e6)
	// A busy machine may let a burst through; a flood of the queue loses several hundred.
	if s.Resent > s.Packets/50 {
		t.Errorf("%d of %d packets are resends: the replay floods the line", s.Resent, s.Packets)
	}
}

// A line that the stream all but fills would need many seconds for what is kept. A keyframe that comes meanwhile ends the wait.
func TestAReplayJumpsToANewerKeyframe(t *testing.T) {
	t.Parallel()
	c := newScript("jump")
	c.past(75, 16, 1000)   // 3 s of 3.2 Mbit/s
	c.play(t, 0, 12, 1000) // 2.4 Mbit/s
	e := start(t, scripts{c.key: c})
	v := newViewer(t, narrow(4.5e6/8, 60_000, 30*time.Millisecond))
	p := v.watch(e, c.key)
	v.nacking()
	v.videoPackets(40)
	key := c.video(true, 16, 1000, time.Now())
	joined := time.Now()
	eventually(t, "live", func() bool { return p.Stats().CaughtUp > 0 })
	took := time.Since(joined)
	list := v.reaches(key.First + 15)
	// Twice the time that the keyframe takes on the line behind a full queue.
	if took > time.Second {
		t.Errorf("live %v after a newer keyframe came", took)
	}
	s := p.Stats()
	if s.Replays != 1 || s.DroppedFrames == 0 {
		t.Errorf("%d replays, %d frames passed over", s.Replays, s.DroppedFrames)
	}
	sorted := ordered(list)
	for i := 1; i < len(sorted); i++ {
		a, b := sorted[i-1], sorted[i]
		if step := int32(b.Timestamp - a.Timestamp); step < 0 || step == 0 && indexOf(b) < indexOf(a) {
			t.Fatalf("index %d comes %d ticks after index %d", indexOf(b), step, indexOf(a))
		}
	}
}

// Some players ask for a lost packet each 20 ms, however long the way is.
func TestResendsOnceInARoundTrip(t *testing.T) {
	t.Parallel()
	c := newScript("storm")
	c.past(5, 4, 1000)
	e := start(t, scripts{c.key: c})
	v := newViewer(t, narrow(100e6/8, 1<<20, 200*time.Millisecond))
	p := v.watch(e, c.key)
	got := v.reaches(19)
	ask := func(i int) {
		t.Helper()
		v.say(&rtcp.TransportLayerNack{MediaSSRC: got[0].SSRC, Nacks: rtcp.NackPairsFromSequenceNumbers([]uint16{got[i].SequenceNumber})})
	}
	for range 10 {
		ask(3)
		ask(4)
	}
	ask(5)
	eventually(t, "a resend", func() bool { return p.Stats().Resent >= 3 })
	if n := p.Stats().Resent; n != 3 {
		t.Errorf("%d resends of 3 packets within a round trip", n)
	}
	// The resend may get lost as well.
	v.videoPackets(23)
	eventually(t, "another resend", func() bool { ask(3); return p.Stats().Resent > 3 })
}

// A keyframe that is larger than a router's queue goes through it, without a resend, if it is not sent at once.
func TestALiveKeyframeFitsTheQueueOfADistantLine(t *testing.T) {
	t.Parallel()
	c := newScript("large")
	c.past(5, 2, 500)
	e := start(t, scripts{c.key: c})
	v := newViewer(t, narrow(10e6/8, 125_000, 30*time.Millisecond))
	p := v.watch(e, c.key)
	v.reaches(9)
	eventually(t, "live", func() bool { return p.Stats().CaughtUp > 0 })
	f := c.video(true, 130, 1100, time.Now())
	got := v.reaches(f.First + 129)
	contiguous(t, got)
}

// The same for a viewer that lost its picture, whose clock has little room left: it must rise all the same.
func TestAReplayForAKeyframeRequestJumpsOnARisingClock(t *testing.T) {
	t.Parallel()
	c := newScript("mend")
	c.past(30, 16, 1000)
	e := start(t, scripts{c.key: c})
	v := newViewer(t, narrow(10e6/8, 125_000, 30*time.Millisecond))
	p := v.watch(e, c.key)
	got := v.reaches(479)
	eventually(t, "a replay", func() bool {
		v.say(&rtcp.PictureLossIndication{MediaSSRC: got[0].SSRC})
		return p.Stats().Replays == 2
	})
	key := c.video(true, 16, 1000, time.Now())
	v.reaches(key.First + 15)
	last := c.video(false, 2, 1000, time.Now())
	got = v.reaches(last.First + 1)
	contiguous(t, got)
	rising(t, got)
	if s := p.Stats(); s.DroppedFrames == 0 || len(got) > 480+450 {
		t.Errorf("%d frames passed over, %d packets sent", s.DroppedFrames, len(got))
	}
}
