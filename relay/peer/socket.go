package peer

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// sendBuffer is what we ask of the kernel for each socket's outgoing queue: half a second of 64 Mbit/s. It grants at most
// net.core.wmem_max.
const sendBuffer = 4 << 20

// receiveBuffer holds what viewers report; a few hundred bytes a second each.
const receiveBuffer = 1 << 20

// socket is the UDP socket of one local address, as pion's ICE wants it. Many viewers write to it at once.
//
// It differs from *net.UDPConn in three ways. A write never waits: when the socket's buffer is full, the packet is dropped and
// counted, or one slow network card would hold up every viewer and the consent checks of all of them. A write takes no exclusive
// lock. And write deadlines are ignored: closing one ICE agent sets one on this shared socket (pion/ice#991).
type socket struct {
	conn    *net.UDPConn
	local   *net.UDPAddr
	is4     bool
	fd      uintptr // for Linux; valid while held
	reading         // for Linux
	counts  *counters
	all     *batches
	cuts    bool        // the kernel cuts a buffer into datagrams
	refused atomic.Bool // the way to a viewer did not take such a buffer
	told    bool        // that it did is logged; ports.watch's
	granted int         // bytes of send buffer

	// Held for reading around each system call and nothing else, so that Close does not free the descriptor under it. It is the last
	// lock that a writer takes: taken twice by one, with Close waiting in between, it would hold up both for ever.
	held   sync.RWMutex
	closed bool // guarded by held
}

// counters are an Endpoint's.
type counters struct {
	opened, sent, calls, dropped, failed atomic.Uint64
	resent, replays, keyframeRequests    atomic.Uint64
}

func listenSocket(ip netip.Addr, port int, all *batches, counts *counters) (*socket, error) {
	network := "udp6"
	if ip.Is4() {
		network = "udp4"
	}
	conn, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(netip.AddrPortFrom(ip, uint16(port))))
	if err != nil {
		return nil, fmt.Errorf("listen on UDP port %d of %s: %w", port, ip, err)
	}
	// The kernel may grant less; then bursts of hundreds of viewers drop a little earlier.
	_ = conn.SetWriteBuffer(sendBuffer)
	_ = conn.SetReadBuffer(receiveBuffer)
	s := &socket{conn: conn, local: conn.LocalAddr().(*net.UDPAddr), is4: ip.Is4(), counts: counts, all: all}
	if err := s.prepare(); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("prepare the UDP socket of %s: %w", ip, err)
	}
	return s, nil
}

// ReadFrom is ReadFromAddrPort with the address in another form.
func (s *socket) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := s.ReadFromAddrPort(b)
	if err != nil {
		return n, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

// ReadFromAddrPort reads the next datagram that is pion's business; ICE prefers it to ReadFrom since it allocates nothing. What an inlet takes
// is passed over.
func (s *socket) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		n, from, err := s.readOne(b)
		if err != nil || !s.all.hear(from, b[:n]) {
			return n, from, err
		}
	}
}

// WriteTo sends one datagram; see WriteToAddrPort.
func (s *socket) WriteTo(b []byte, addr net.Addr) (int, error) {
	to, ok := addr.(*net.UDPAddr)
	if !ok {
		return 0, net.InvalidAddrError("not a UDP address")
	}
	return s.WriteToAddrPort(b, to.AddrPort())
}

// WriteToAddrPort sends one datagram or drops it; it never waits. A dropped one is no error: on UDP it might have got lost anyway,
// and resends mend it.
func (s *socket) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if batch := s.all.find(to); batch != nil && batch.take(s, b) {
		return len(b), nil
	}
	if err := s.sendOne(b, to); err != nil {
		return 0, err
	}
	return len(b), nil
}

// sendOne sends one datagram.
func (s *socket) sendOne(b []byte, to netip.AddrPort) error {
	s.held.RLock()
	defer s.held.RUnlock()
	if s.closed {
		return net.ErrClosed
	}
	s.counts.calls.Add(1)
	return s.count(s.send(b, to), 1)
}

// sendTogether sends datagrams with one system call. False, and nothing was sent, if they have to go one by one: this kernel does not
// cut, or the card, a tunnel or the smallest MTU on the way to this viewer does not let it.
func (s *socket) sendTogether(h *segments, to netip.AddrPort) bool {
	if !s.cuts || to.Addr().Is4() != s.is4 {
		return false
	}
	s.held.RLock()
	defer s.held.RUnlock()
	if s.closed {
		return true
	}
	s.counts.calls.Add(1)
	err := s.sendCut(h, to)
	if cannotCut(err) {
		s.refused.Store(true)
		return false
	}
	_ = s.count(err, h.count) // told by the counter: a viewer's network may come back
	return true
}

// sendEach sends datagrams one by one.
func (s *socket) sendEach(h *segments, to netip.AddrPort) {
	for rest := h.buf; len(rest) > 0; {
		n := min(h.size, len(rest))
		_ = s.sendOne(rest[:n], to)
		rest = rest[n:]
	}
}

// count sorts the outcome of a system call that sent n datagrams.
func (s *socket) count(err error, n int) error {
	switch {
	case err == nil:
		s.counts.sent.Add(uint64(n))
	case isFull(err):
		s.counts.dropped.Add(uint64(n))
		return nil
	default:
		s.counts.failed.Add(uint64(n))
	}
	return err
}

// LocalAddr is the bound address.
func (s *socket) LocalAddr() net.Addr { return s.local }

// SetDeadline acts on reading alone.
func (s *socket) SetDeadline(t time.Time) error { return s.conn.SetReadDeadline(t) }

// SetReadDeadline is net.UDPConn's.
func (s *socket) SetReadDeadline(t time.Time) error { return s.conn.SetReadDeadline(t) }

// SetWriteDeadline does nothing: writes never wait, and the socket is shared.
func (s *socket) SetWriteDeadline(time.Time) error { return nil }

// Close ends reading and writing. Closing twice is harmless.
func (s *socket) Close() error {
	s.held.Lock()
	defer s.held.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return s.conn.Close()
}
