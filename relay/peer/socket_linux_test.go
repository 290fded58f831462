//go:build amd64 || arm64

package peer

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestARefusedBatchGoesOneByOne has the kernel refuse to cut, as it does for any socket that sends no checksums: with EINVAL, as when
// a path's MTU is too small.
func TestARefusedBatchGoesOneByOne(t *testing.T) {
	s, b, to := wire(t)
	if !s.cuts {
		t.Skip("this kernel has no UDP segmentation")
	}
	frame := func(b *batch, from *net.UDPConn) (calls uint64) {
		t.Helper()
		before := s.counts.calls.Load()
		b.begin()
		for i := range 5 {
			if _, err := s.WriteToAddrPort([]byte{byte(i), 1, 2}, b.to); err != nil {
				t.Fatal(err)
			}
		}
		b.flush()
		buf := make([]byte, 10)
		for i := range 5 {
			_ = from.SetReadDeadline(time.Now().Add(patience))
			if n, err := from.Read(buf); n != 3 || err != nil || buf[0] != byte(i) {
				t.Fatalf("datagram %d: %d bytes, %v, %v", i, n, buf[:n], err)
			}
		}
		return s.counts.calls.Load() - before
	}
	if err := unix.SetsockoptInt(int(s.fd), unix.SOL_SOCKET, unix.SO_NO_CHECK, 1); err != nil {
		t.Fatal(err)
	}
	if n := frame(b, to); n != 6 {
		t.Errorf("a refused frame took %d calls, want one in vain and 5", n)
	}
	if n := frame(b, to); n != 5 || !s.refused.Load() {
		t.Errorf("the next one took %d calls, want 5; refused: %v", n, s.refused.Load())
	}
	if err := unix.SetsockoptInt(int(s.fd), unix.SOL_SOCKET, unix.SO_NO_CHECK, 0); err != nil {
		t.Fatal(err)
	}
	// What one viewer's way does not take is no reason to send to all others one by one.
	other, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if n := frame(s.all.join(other.LocalAddr().(*net.UDPAddr).AddrPort(), nil), other); n != 1 {
		t.Errorf("another viewer's frame took %d calls", n)
	}
	if s.counts.failed.Load() != 0 || s.counts.sent.Load() != 15 {
		t.Errorf("%d failed, %d sent of 15", s.counts.failed.Load(), s.counts.sent.Load())
	}
}

// TestAPathBelowAPacketIsNoLoss: a tunnel's MTU may be smaller than a packet, which IP then cuts.
func TestAPathBelowAPacketIsNoLoss(t *testing.T) {
	for _, err := range []error{unix.EMSGSIZE, unix.EINVAL, unix.EIO} {
		if !cannotCut(err) {
			t.Errorf("%v loses a whole batch", err)
		}
	}
	for _, err := range []error{unix.EAGAIN, unix.ENOBUFS, unix.EPERM, unix.ENETUNREACH, nil} {
		if cannotCut(err) {
			t.Errorf("%v gives up cutting", err)
		}
	}
}

// TestASlowViewerOverTCPLagsLittle: what the kernel takes for a viewer that does not read is shown late, so it must not take much.
func TestASlowViewerOverTCPLagsLittle(t *testing.T) {
	local := netip.MustParseAddr("127.0.0.1")
	part, err := listenTCP(local, 0)
	if err != nil {
		t.Fatal(err)
	}
	l := newListener(0)
	l.add(local, part)
	defer l.Close()
	viewer, err := net.Dial("tcp4", part.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer viewer.Close()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	taken, packet := 0, make([]byte, 1200)
	for {
		_ = conn.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
		n, err := conn.Write(packet)
		taken += n
		if err != nil {
			break
		}
		if taken > 1<<20 {
			t.Fatal("the kernel takes more than a megabyte for a viewer that does not read")
		}
	}
	t.Logf("%d bytes were taken", taken)
}
