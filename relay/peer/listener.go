package peer

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
)

// listener is one TCP listener per local address, accepted from as one: ICE over TCP (RFC 6544) on the addresses of the UDP sockets
// and no others.
type listener struct {
	port     int
	accepted chan net.Conn
	done     chan struct{}
	running  sync.WaitGroup

	mu     sync.Mutex
	closed bool                        // guarded by mu
	parts  map[netip.Addr]net.Listener // guarded by mu
}

func newListener(port int) *listener {
	return &listener{port: port, accepted: make(chan net.Conn), done: make(chan struct{}), parts: make(map[netip.Addr]net.Listener)}
}

// bind listens on one more address; serving begins with start.
func listenTCP(ip netip.Addr, port int) (net.Listener, error) {
	network := "tcp6"
	if ip.Is4() {
		network = "tcp4"
	}
	l, err := net.ListenTCP(network, net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, uint16(port))))
	if err != nil {
		return nil, fmt.Errorf("listen on TCP port %d of %s: %w", port, ip, err)
	}
	return l, nil
}

// add serves one more address.
func (l *listener) add(ip netip.Addr, part net.Listener) {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		_ = part.Close()
		return
	}
	l.parts[ip] = part
	l.running.Add(1)
	l.mu.Unlock()
	go func() {
		defer l.running.Done()
		for {
			conn, err := part.Accept()
			if err != nil {
				return // closed: listeners give up for no other reason that a retry would mend
			}
			select {
			case l.accepted <- conn:
			case <-l.done:
				_ = conn.Close()
			}
		}
	}()
}

// remove stops serving an address that is gone.
func (l *listener) remove(ip netip.Addr) {
	l.mu.Lock()
	part := l.parts[ip]
	delete(l.parts, ip)
	l.mu.Unlock()
	if part != nil {
		_ = part.Close()
	}
}

// Accept waits for a connection on any of the addresses.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.accepted:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close ends all of them.
func (l *listener) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	parts := l.parts
	l.parts = nil
	l.mu.Unlock()
	close(l.done)
	for _, part := range parts {
		_ = part.Close()
	}
	l.running.Wait()
	return nil
}

// Addr has the port and no address, so that ICE takes the listener for all of the local addresses.
func (l *listener) Addr() net.Addr { return &net.TCPAddr{Port: l.port} }
