package peer

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestStrangersOnTCPAreBounded: whoever opens connections and says nothing gets no more than a few, and keeps no viewer out.
func TestStrangersOnTCPAreBounded(t *testing.T) {
	c := newScript("strangers")
	c.past(3, 1, 100)
	e := start(t, scripts{c.key: c})
	v := newViewer(t, overTCP)
	p := v.watch(e, c.key)
	v.reaches(2)

	to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(e.Port())).String()
	closed := make(chan struct{}, maxStrangers+50)
	for range maxStrangers + 50 {
		conn, err := net.Dial("tcp4", to)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		go func() {
			_, _ = io.Copy(io.Discard, conn)
			closed <- struct{}{}
		}()
	}
	late := time.After(tcpFirst / 2) // ICE gives strangers up by itself after tcpFirst
	for range 50 {
		select {
		case <-closed:
		case <-late:
			t.Fatalf("more than %d connections of strangers are open", maxStrangers)
		}
	}
	// The viewer that was there first still is, and another one gets in.
	f := c.video(true, 1, 100, time.Now())
	v.reaches(f.First)
	late2 := newViewer(t, overTCP)
	late2.watch(e, c.key)
	late2.reaches(f.First)
	if s := p.Snapshot(); s.Protocol != "tcp" || s.Connection != Connected {
		t.Errorf("the viewer is %+v", s)
	}
}

// TestAStrangerDoesNotHoldUpTheEnd: somebody who is connected and says nothing must not keep the gateway from stopping.
func TestAStrangerDoesNotHoldUpTheEnd(t *testing.T) {
	e, err := newEndpoint(Options{Logger: quiet(t), Scope: Loopback}, scripts{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	conn, err := net.Dial("tcp4", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(e.Port())).String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	eventually(t, "the stranger", func() bool {
		e.ports.tcp.mu.Lock()
		defer e.ports.tcp.mu.Unlock()
		return len(e.ports.tcp.strangers) == 1
	})
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(tcpFirst / 2):
		t.Errorf("Run waits for a stranger")
		<-ended
	}
}

// faulty is a listener that runs out of descriptors once.
type faulty struct {
	net.Listener
	failed atomic.Bool
}

func (f *faulty) Accept() (net.Conn, error) {
	if !f.failed.Swap(true) {
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return f.Listener.Accept()
}

func TestAcceptsAfterAFault(t *testing.T) {
	local := netip.MustParseAddr("127.0.0.1")
	part, err := listenTCP(local, 0)
	if err != nil {
		t.Fatal(err)
	}
	l := newListener(0)
	l.add(local, &faulty{Listener: part})
	defer l.Close()
	conn, err := net.Dial("tcp4", part.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	accepted := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			err = conn.Close()
		}
		accepted <- err
	}()
	select {
	case err := <-accepted:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Error("a fault of the moment ends TCP for good")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}
