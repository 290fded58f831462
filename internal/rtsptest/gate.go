package rtsptest

import (
	"net"
	"sync"
)

// gate stands in a camera's connections. Shut, it is a cable that was pulled: what arrives waits, what is sent is lost,
// and nobody is told. Open again, a connection goes on where it stopped.
type gate struct {
	mu     sync.Mutex
	opened chan struct{} // closed while the gate is open
}

func newGate() *gate {
	g := &gate{opened: make(chan struct{})}
	close(g.opened)
	return g
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.isOpen() {
		g.opened = make(chan struct{})
	}
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.isOpen() {
		close(g.opened)
	}
}

func (g *gate) isOpen() bool {
	select {
	case <-g.opened:
		return true
	default:
		return false
	}
}

// passage is closed while the gate is open; a waiter asks again after it.
func (g *gate) passage() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.opened
}

// gatedListener puts a gate into every connection.
type gatedListener struct {
	net.Listener
	gate *gate
}

func (l *gatedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &gatedConn{Conn: conn, gate: l.gate, closed: make(chan struct{})}, nil
}

type gatedConn struct {
	net.Conn
	gate   *gate
	once   sync.Once
	closed chan struct{}
}

// Read gives what came once the gate is open, both before and after waiting for it: the gate may shut in between.
func (c *gatedConn) Read(b []byte) (int, error) {
	if err := c.wait(); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(b)
	if waited := c.wait(); waited != nil {
		return 0, waited
	}
	return n, err
}

func (c *gatedConn) wait() error {
	select {
	case <-c.gate.passage():
		return nil
	case <-c.closed:
		return net.ErrClosed
	}
}

// Write loses what is sent through a shut gate: whole messages, since gortsplib writes each with one call.
func (c *gatedConn) Write(b []byte) (int, error) {
	select {
	case <-c.gate.passage():
		return c.Conn.Write(b)
	default:
		return len(b), nil
	}
}

func (c *gatedConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
