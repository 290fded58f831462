package peer

import (
	"net"
	"testing"
	"time"

	"github.com/pion/srtp/v3"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// What a frame may cost for one more viewer, whatever machine it is.
const (
	allocationsPerFrame = 0
	callsPerFrame       = 1 // for each run of packets of one size
)

// steady is a stream that has a frame each time that it is asked to.
type steady struct {
	*scriptReader // nil: what is not here is not asked for
	frame         relay.Frame
	there         bool
	state         relay.State
}

func (r *steady) Next() (relay.Frame, bool) {
	if !r.there {
		return relay.Frame{}, false
	}
	r.there = false
	return r.frame, true
}

// turn publishes the next frame.
func (r *steady) turn() {
	r.frame.First += uint64(len(r.frame.Packets))
	r.frame.Timestamp += frameTicks
	for i := range r.frame.Packets {
		r.frame.Packets[i].Timestamp = r.frame.Timestamp
	}
	r.there = true
}

func (r *steady) Behind() (frames, bytes int)                 { return 0, 0 }
func (r *steady) KeyframeAhead() (frames, bytes int, ok bool) { return 0, 0, false }
func (r *steady) Rewind() bool                                { return false }
func (r *steady) State() relay.State                          { return r.state }
func (r *steady) Revision() uint64                            { return 1 }
func (r *steady) Dropped() uint64                             { return 0 }

// live makes a sender of a viewer that has been live for long, to a plain UDP socket that reads what comes.
func live(t *testing.T, sizes ...int) (*sender, *steady, *socket) {
	t.Helper()
	sock, b, to := wire(t)
	drain(to)
	key, salt := make([]byte, 16), make([]byte, 12)
	context, err := srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm)
	if err != nil {
		t.Fatal(err)
	}
	r := &steady{state: relay.State{Status: relay.Live}, frame: relay.Frame{Track: relay.Video}}
	for i, n := range sizes {
		r.frame.Packets = append(r.frame.Packets, relay.Packet{Payload: make([]byte, n), Marker: i == len(sizes)-1})
		r.frame.Bytes += n
	}
	now := time.Now()
	s := &sender{
		peer: &Peer{counts: sock.counts, changed: make(chan struct{}, 1), log: quiet(t)}, now: time.Now,
		src: source{reader: r}, open: true, shown: true, client: &client{rate: paceMax, rtt: time.Millisecond}, batch: b,
		timer: time.NewTimer(time.Hour), opened: now, report: now.Add(time.Hour),
	}
	t.Cleanup(func() { s.timer.Stop() })
	if s.outlet.sealer, err = newSealer(key, salt); err != nil {
		t.Fatal(err)
	}
	s.outlet.follow(b)
	s.lanes[relay.Video] = newLane(relay.Video, &binding{ssrc: 7, out: &pionWire{sealed: &sealed{t: t, seal: context}, socket: sock, to: b}})
	s.lanes[relay.Audio] = newLane(relay.Audio, nil)
	s.lanes[relay.Video].by = &s.outlet
	r.turn()
	s.serve(s.src.round)
	if s.outlet.via == nil {
		t.Fatal("the way was not proved by the first frame")
	}
	return s, r, sock
}

func drain(from *net.UDPConn) {
	go func() {
		buf := make([]byte, 2048)
		for {
			if _, err := from.Read(buf); err != nil {
				return
			}
		}
	}()
}

func TestWhatAFrameCosts(t *testing.T) {
	for _, c := range []struct {
		name  string
		sizes []int
		runs  uint64
	}{
		{"a picture of nine packets", []int{1188, 1188, 1188, 1188, 1188, 1188, 1188, 1188, 400}, 1},
		{"a picture of one packet", []int{700}, 1},
		{"something small before the picture", []int{60, 1188, 1188, 1188, 90}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, r, sock := live(t, c.sizes...)
			if !sock.cuts {
				t.Skip("this kernel has no UDP segmentation (before Linux 4.18, or not Linux)")
			}
			const frames = 300 // below proofEvery packets: all of them are our own work
			s.credit = credit{}
			calls, sent := sock.counts.calls.Load(), sock.counts.sent.Load()
			allocations := testing.AllocsPerRun(frames, func() {
				s.credit = credit{} // the pace is not what is measured
				r.turn()
				s.serve(s.src.round)
			})
			done := uint64(frames + 1) // and one to warm up
			if got := sock.counts.sent.Load() - sent; got != done*uint64(len(c.sizes)) {
				t.Fatalf("%d packets of %d frames were sent", got, done)
			}
			if got := sock.counts.calls.Load() - calls; got != done*c.runs*callsPerFrame {
				t.Errorf("%d system calls for %d frames of %d runs", got, done, c.runs)
			}
			// The race detector empties pools at random.
			if allocations > allocationsPerFrame && !raceDetector {
				t.Errorf("%v allocations for a frame", allocations)
			}
		})
	}
}

// TestAStuckViewerHoldsUpNobody: its own goroutine may have to wait for ICE. It is served when that is done.
func TestAStuckViewerHoldsUpNobody(t *testing.T) {
	stuck, itsStream, itsSocket := live(t, 700)
	other, otherStream, otherSocket := live(t, 700)
	r := &round{ready: make(chan struct{}, 1), quit: make(chan struct{})}
	r.senders.Store(&[]*sender{stuck, other})
	ended := make(chan struct{})
	go func() { defer close(ended); r.run() }()
	t.Cleanup(func() { close(r.quit); <-ended })

	itsBefore, otherBefore := itsSocket.counts.sent.Load(), otherSocket.counts.sent.Load()
	stuck.do(func() bool {
		itsStream.turn()
		otherStream.turn()
		r.ready <- struct{}{}
		eventually(t, "the other's frame", func() bool { return otherSocket.counts.sent.Load() > otherBefore })
		if itsSocket.counts.sent.Load() != itsBefore {
			t.Error("two served one viewer at once")
		}
		return true
	})
	if itsSocket.counts.sent.Load() == itsBefore {
		t.Error("the frame that came meanwhile was forgotten")
	}
}

// TestABigPictureIsTheRoundsBusinessToItsEnd: it goes in bursts, and no goroutine of the viewer's has to be woken for each of them.
func TestABigPictureIsTheRoundsBusinessToItsEnd(t *testing.T) {
	sizes := make([]int, 5*burstPackets)
	for i := range sizes {
		sizes[i] = 1188
	}
	s, stream, sock := live(t, sizes...) // nobody waits for its timer
	r := &round{ready: make(chan struct{}, 1), quit: make(chan struct{})}
	r.senders.Store(&[]*sender{s})
	s.src.round = r
	ended := make(chan struct{})
	go func() { defer close(ended); r.run() }()
	t.Cleanup(func() { close(r.quit); <-ended })

	r.ready <- struct{}{}
	eventually(t, "the rest of the first picture", func() bool { return sock.counts.sent.Load() == uint64(len(sizes)) })
	s.mu.Lock()
	stream.turn()
	s.mu.Unlock()
	r.ready <- struct{}{}
	eventually(t, "all of the next", func() bool { return sock.counts.sent.Load() == 2*uint64(len(sizes)) })
}
