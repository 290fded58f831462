package peer

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// maxStrangers is how many TCP connections may be open that have not shown to be a viewer's. A browser's shows it within a round trip;
// all others are port scans, or somebody who wants our descriptors.
const maxStrangers = 512

// acceptPause is the wait after a connection could not be accepted, most often because there are no descriptors left.
const acceptPause = 100 * time.Millisecond

// listener is one TCP listener per local address, accepted from as one: ICE over TCP (RFC 6544) on the addresses of the UDP sockets
// and no others.
type listener struct {
	port     int
	accepted chan net.Conn
	done     chan struct{}
	running  sync.WaitGroup

	mu        sync.Mutex
	closed    bool                        // guarded by mu
	parts     map[netip.Addr]net.Listener // guarded by mu
	strangers []*inbound                  // oldest first; guarded by mu
}

// inbound is an accepted connection. It is a stranger until ICE answers on it, which takes the viewer's password (RFC 8445, 7.3).
type inbound struct {
	net.Conn
	from  *listener
	ip    netip.Addr
	known atomic.Bool
}

// Write sends an answer or media.
func (c *inbound) Write(b []byte) (int, error) {
	if !c.known.Load() {
		c.from.forget(c)
	}
	return c.Conn.Write(b)
}

// Close ends the connection.
func (c *inbound) Close() error {
	c.from.forget(c)
	return c.Conn.Close()
}

// admit counts a connection among the strangers. Of too many the oldest goes: of those from the newcomer's own address if there are
// any, so that a flood from one address ends its own connections first.
func (l *listener) admit(conn net.Conn) net.Conn {
	c := &inbound{Conn: conn, from: l}
	if remote, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		c.ip = remote.AddrPort().Addr()
	}
	// Else the kernel takes megabytes for a slow viewer, who would see them seconds later.
	if tcp, ok := conn.(*net.TCPConn); ok {
		if raw, err := tcp.SyscallConn(); err == nil {
			_ = raw.Control(limitUnsent)
		}
	}
	var out *inbound
	l.mu.Lock()
	if len(l.strangers) >= maxStrangers {
		i := max(0, slices.IndexFunc(l.strangers, func(o *inbound) bool { return o.ip == c.ip }))
		out = l.strangers[i]
		l.strangers = slices.Delete(l.strangers, i, i+1)
	}
	l.strangers = append(l.strangers, c)
	l.mu.Unlock()
	if out != nil {
		_ = out.Close()
	}
	return c
}

// forget takes a connection off the strangers: it is a viewer's, or closed.
func (l *listener) forget(c *inbound) {
	if c.known.Swap(true) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.strangers, c); i >= 0 {
		l.strangers = slices.Delete(l.strangers, i, i+1)
	}
}

func newListener(port int) *listener {
	return &listener{port: port, accepted: make(chan net.Conn), done: make(chan struct{}), parts: make(map[netip.Addr]net.Listener)}
}

// listenTCP listens on one address; serving begins with add.
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
			switch {
			case errors.Is(err, net.ErrClosed):
				return
			case err != nil:
				select {
				case <-time.After(acceptPause):
				case <-l.done:
				}
				continue
			}
			conn = l.admit(conn)
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

// Close ends all of them, and the connections of strangers: ICE would wait for the first words of each.
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
	l.running.Wait() // nobody is admitted any more
	l.mu.Lock()
	strangers := slices.Clone(l.strangers)
	l.mu.Unlock()
	for _, c := range strangers {
		_ = c.Close()
	}
	return nil
}

// Addr has the port and no address, so that ICE takes the listener for all of the local addresses.
func (l *listener) Addr() net.Addr { return &net.TCPAddr{Port: l.port} }
