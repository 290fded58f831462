package relay

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

const (
	// ticketLife is how long an address may wait for its reader.
	ticketLife = 30 * time.Second
	// loopbackPatience bounds the wait for a keyframe before a description is given.
	loopbackPatience = 20 * time.Second
	// loopbackQueue holds two groups of pictures of the largest ring in packets.
	loopbackQueue = 16384
)

var errLoopback = fault.New(fault.Unavailable, "relay.loopback", "the loopback server is not running")

// loopback is an RTSP server on 127.0.0.1 from which FFmpeg reads streams: over TCP only, by addresses that serve one connection each.
// What reads there is one of the stream's readers, so the camera does not see it, and its password is on no command line.
type loopback struct {
	relay *Relay
	off   bool // tests with fake time have no sockets

	mu      sync.Mutex
	server  *gortsplib.Server // nil unless running
	ctx     context.Context
	cancel  context.CancelFunc
	tickets map[string]*ticket
	running sync.WaitGroup
}

func newLoopback(r *Relay) *loopback { return &loopback{relay: r, tickets: map[string]*ticket{}} }

func (l *loopback) start() error {
	if l.off {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	server := &gortsplib.Server{
		RTSPAddress:    "127.0.0.1:0",
		WriteQueueSize: loopbackQueue,
		WriteTimeout:   10 * time.Second,
		// Reports would move FFmpeg's timestamps in the middle of the stream; RTP-Info has said it all.
		DisableRTCPSenderReports: true,
		Handler:                  &loopbackHandler{loopback: l},
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	if err := server.Start(); err != nil {
		l.cancel()
		return fmt.Errorf("start the loopback RTSP server: %w", err)
	}
	l.server = server
	return nil
}

func (l *loopback) stop() {
	l.mu.Lock()
	server := l.server
	l.server = nil
	tickets := l.tickets
	l.tickets = map[string]*ticket{}
	l.mu.Unlock()
	if server == nil {
		return
	}
	l.cancel()
	for _, t := range tickets {
		t.void.Stop()
	}
	server.Close()
	for _, t := range tickets {
		t.close()
	}
	l.running.Wait()
}

func (l *loopback) serving() *gortsplib.Server {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.server
}

func (l *loopback) url(key Key) (string, error) {
	var secret [24]byte
	rand.Read(secret[:]) // never fails (crypto/rand)
	token := base64.RawURLEncoding.EncodeToString(secret[:])
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server == nil {
		return "", errLoopback
	}
	t := &ticket{loopback: l, key: key, token: token}
	t.ctx, t.cancel = context.WithCancel(l.ctx)
	t.void = time.AfterFunc(ticketLife, func() { l.expire(t) })
	l.tickets[token] = t
	return fmt.Sprintf("rtsp://%s/%s", l.server.NetListener().Addr(), token), nil
}

// expire voids a ticket that no connection has used.
func (l *loopback) expire(t *ticket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.conn == nil {
		delete(l.tickets, t.token)
		t.cancel()
	}
}

// clients counts connections that hold a ticket.
func (l *loopback) clients() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, t := range l.tickets {
		if t.conn != nil {
			n++
		}
	}
	return n
}

// claim gives the ticket of a path to the connection that it is bound to, or to the first that asks; nil for any other.
func (l *loopback) claim(path string, c *gortsplib.ServerConn) *ticket {
	if a, err := netip.ParseAddrPort(c.NetConn().RemoteAddr().String()); err != nil || !a.Addr().IsLoopback() {
		return nil
	}
	token, _, _ := strings.Cut(strings.Trim(path, "/"), "/") // a track's path hangs below
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tickets[token]
	if t == nil || t.conn != nil && t.conn != c {
		return nil
	}
	t.conn = c
	t.void.Stop()
	return t
}

// find gives the ticket of an address; nil if it is void.
func (l *loopback) find(url string) *ticket {
	token := url[strings.LastIndexByte(url, '/')+1:]
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tickets[token]
}

// release ends the tickets of a connection or session that is gone.
func (l *loopback) release(ours func(*ticket) bool) {
	var gone []*ticket
	l.mu.Lock()
	for token, t := range l.tickets {
		if ours(t) {
			delete(l.tickets, token)
			gone = append(gone, t)
		}
	}
	l.mu.Unlock()
	for _, t := range gone {
		t.close()
	}
}

// loopbackHandler hears what clients of the loopback server ask. It has no OnAnnounce, so nobody can publish.
type loopbackHandler struct{ loopback *loopback }

func answer(code base.StatusCode) *base.Response { return &base.Response{StatusCode: code} }

// OnDescribe answers when a keyframe is kept, so that the description and the first picture are complete.
func (h *loopbackHandler) OnDescribe(c *gortsplib.ServerHandlerOnDescribeCtx) (*base.Response, *gortsplib.ServerStream, error) {
	t := h.loopback.claim(c.Path, c.Conn)
	if t == nil {
		return answer(base.StatusNotFound), nil, nil
	}
	server := h.loopback.serving()
	if server == nil {
		return answer(base.StatusServiceUnavailable), nil, nil
	}
	stream, err := t.prepare(server)
	if err != nil {
		return answer(base.StatusServiceUnavailable), nil, nil
	}
	return answer(base.StatusOK), stream, nil
}

// OnSetup refuses whoever has not asked for the description.
func (h *loopbackHandler) OnSetup(c *gortsplib.ServerHandlerOnSetupCtx) (*base.Response, *gortsplib.ServerStream, error) {
	t := h.loopback.claim(c.Path, c.Conn)
	if t == nil {
		return answer(base.StatusNotFound), nil, nil
	}
	stream := t.served()
	if stream == nil {
		return answer(base.StatusNotFound), nil, nil
	}
	return answer(base.StatusOK), stream, nil
}

// OnPlay queues the kept packets behind the answer and lets the live ones follow.
func (h *loopbackHandler) OnPlay(c *gortsplib.ServerHandlerOnPlayCtx) (*base.Response, error) {
	t := h.loopback.claim(c.Path, c.Conn)
	if t == nil || !t.play(c.Session) {
		return answer(base.StatusNotFound), nil
	}
	return answer(base.StatusOK), nil
}

// OnSessionClose ends the reading of a client that said goodbye.
func (h *loopbackHandler) OnSessionClose(c *gortsplib.ServerHandlerOnSessionCloseCtx) {
	h.loopback.release(func(t *ticket) bool { return t.plays(c.Session) })
}

// OnConnClose ends the reading of a client that did not.
func (h *loopbackHandler) OnConnClose(c *gortsplib.ServerHandlerOnConnCloseCtx) {
	h.loopback.release(func(t *ticket) bool { return t.conn == c.Conn })
}

// OnStreamWriteError, OnPacketsLost and OnDecodeError keep the server from printing to the process's log.
func (h *loopbackHandler) OnStreamWriteError(*gortsplib.ServerHandlerOnStreamWriteErrorCtx) {}

// OnPacketsLost does nothing: clients send nothing.
func (h *loopbackHandler) OnPacketsLost(*gortsplib.ServerHandlerOnPacketsLostCtx) {}

// OnDecodeError does nothing: what clients report is of no use here.
func (h *loopbackHandler) OnDecodeError(*gortsplib.ServerHandlerOnDecodeErrorCtx) {}
