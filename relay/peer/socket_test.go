package peer

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// wire is a socket with a batch to a plain UDP socket that reads what comes.
func wire(t testing.TB) (*socket, *batch, *net.UDPConn) {
	t.Helper()
	to, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = to.Close() })
	all := new(batches)
	s, err := listenSocket(netip.MustParseAddr("127.0.0.1"), 0, all, new(counters))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, all.join(to.LocalAddr().(*net.UDPAddr).AddrPort(), nil), to
}

func TestAFrameIsOneCall(t *testing.T) {
	for _, cuts := range []bool{true, false} {
		s, b, to := wire(t)
		if cuts && !s.cuts {
			t.Log("this kernel has no UDP segmentation; the other half is tested")
			continue
		}
		s.cuts = cuts
		// Equal ones and a shorter last; a longer one; more than a batch holds; one that is too large; another after the end.
		sizes := []int{1200, 1200, 1200, 300, 900, 900}
		for range burstPackets + 4 {
			sizes = append(sizes, 1000)
		}
		sizes = append(sizes, maxSegment+1, 80)
		b.begin()
		for i, n := range sizes {
			p := bytes.Repeat([]byte{byte(i)}, n)
			if i == len(sizes)-1 {
				b.flush()
			}
			if _, err := s.WriteToAddrPort(p, b.to); err != nil {
				t.Fatal(err)
			}
			clear(p) // the writer's buffer is its own again
		}
		buf := make([]byte, 2048)
		for i, want := range sizes {
			_ = to.SetReadDeadline(time.Now().Add(patience))
			n, err := to.Read(buf)
			if err != nil || n != want || buf[0] != byte(i) || buf[n-1] != byte(i) {
				t.Fatalf("cuts %v: datagram %d has %d bytes of %d (%v), want %d", cuts, i, n, buf[0], err, want)
			}
		}
		calls, sent := s.counts.calls.Load(), s.counts.sent.Load()
		want := uint64(len(sizes))
		if cuts {
			want = 1 + 1 + 2 + 1 + 1
		}
		if calls != want || sent != uint64(len(sizes)) {
			t.Errorf("cuts %v: %d datagrams in %d calls, want %d", cuts, sent, calls, want)
		}
	}
}

// Loopback delivers within the call, so that no socket here is ever full: the kernel's answer is put in.
func TestAFullSocketDropsAndCounts(t *testing.T) {
	s, b, _ := wire(t)
	if err := s.count(syscall.EAGAIN, 3); err != nil {
		t.Errorf("a full socket is an error: %v", err)
	}
	if err := s.count(syscall.EPERM, 1); err == nil {
		t.Error("a refusal is none")
	}
	if c := s.counts; c.dropped.Load() != 3 || c.failed.Load() != 1 || c.sent.Load() != 0 {
		t.Errorf("dropped %d, failed %d", c.dropped.Load(), c.failed.Load())
	}
	_ = s.Close()
	if _, err := s.WriteToAddrPort([]byte{1}, b.to); err == nil {
		t.Error("a closed socket takes packets")
	}
}

func TestWriteDeadlinesAreIgnored(t *testing.T) {
	s, b, to := wire(t)
	if err := s.SetWriteDeadline(time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.WriteTo([]byte{7}, net.UDPAddrFromAddrPort(b.to)); err != nil {
		t.Fatalf("closing one viewer's agent interrupts another's writes: %v", err)
	}
	_ = to.SetReadDeadline(time.Now().Add(patience))
	if n, err := to.Read(make([]byte, 10)); n != 1 || err != nil {
		t.Fatal(n, err)
	}
}

// TestNoWriterHoldsUpClose: an address of the machine may go while viewers are sent to from it. A writer that waits for its turn must
// not hold the socket: with Close waiting in between it could not take it again to send, and both would wait for ever.
func TestNoWriterHoldsUpClose(t *testing.T) {
	for range 50 {
		s, b, _ := wire(t)
		b.begin()
		b.mu.Lock() // as while a frame goes to the kernel
		begun, written, closed := make(chan struct{}), make(chan struct{}), make(chan struct{})
		go func() {
			defer close(written)
			close(begun)
			for range burstPackets + 4 {
				_, _ = s.WriteToAddrPort(make([]byte, 1000), b.to)
			}
		}()
		<-begun
		runtime.Gosched()
		go func() { defer close(closed); _ = s.Close() }()
		select {
		case <-closed:
		case <-time.After(patience):
			t.Fatal("the socket does not close while a writer waits for its turn")
		}
		b.mu.Unlock()
		<-written
		b.flush()
	}
}

// sink is where packets end in tests of what sending costs.
type sink struct{ n atomic.Int64 }

func (s *sink) WriteRTP(*rtp.Header, []byte) (int, error) { s.n.Add(1); return 0, nil }
func (s *sink) Write([]byte) (int, error)                 { return 0, nil }

func TestSendingAllocatesNothing(t *testing.T) {
	l := newLane(relay.Video, &binding{ssrc: 1, out: &sink{}})
	p := relay.Packet{Payload: make([]byte, 1188)}
	var r *scriptReader
	index := uint64(0)
	if n := testing.AllocsPerRun(1000, func() {
		f := relay.Frame{Timestamp: uint32(index) * 10}
		m := l.place(&f, time.Time{})
		_, _ = l.send(&p, index, m, 96, r)
		l.sent(m.at(f.Timestamp), time.Time{})
		index++
	}); n != 0 {
		t.Errorf("%v allocations for a packet", n)
	}
	s, b, to := wire(t)
	go func() {
		buf := make([]byte, 2048)
		for {
			if _, err := to.Read(buf); err != nil {
				return
			}
		}
	}()
	payload := make([]byte, 1200)
	if n := testing.AllocsPerRun(200, func() {
		b.begin()
		for range 8 {
			_, _ = s.WriteToAddrPort(payload, b.to)
		}
		b.flush()
	}); n >= 1 { // the pool may be emptied by the collector
		t.Errorf("%v allocations for a frame", n)
	}
}

func BenchmarkFrameToSocket(b *testing.B) {
	for _, cuts := range []bool{true, false} {
		b.Run(fmt.Sprintf("cuts=%v", cuts), func(b *testing.B) {
			s, batch, _ := wire(b)
			s.cuts = cuts && s.cuts
			payload := make([]byte, 1216)
			b.ReportAllocs()
			for b.Loop() {
				batch.begin()
				for range 8 {
					_, _ = s.WriteToAddrPort(payload, batch.to)
				}
				batch.flush()
			}
		})
	}
}
