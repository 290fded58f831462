package signaling

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

const (
	maxMessage  = 64 << 10
	outboxSize  = 1024 // a wall of 64 tiles being restored is told 300 things at once
	pingEvery   = 20 * time.Second
	pingPlaying = 5 * time.Second  // while the page plays by HLS: its leases last 12 s
	readWithin  = 45 * time.Second // two pings unanswered, and a little
	writeWithin = 10 * time.Second
	partWithin  = 3 * time.Second // for all that is still to be said on a socket that the gateway closes
	ratePerSec  = 100             // messages, sustained
	rateBurst   = 400
	maxNonsense = 10 // malformed messages before the socket is closed

	closeGoingAway = websocket.CloseGoingAway
	closePolicy    = websocket.ClosePolicyViolation
	closeTryLater  = websocket.CloseTryAgainLater
	closeTakenOver = 4001 // the session goes on in another socket
)

// Faults of the wire itself.
var (
	errOrigin    = fault.New(fault.Forbidden, "signaling.origin", "pages of this origin may not connect; see ALLOWED_ORIGINS")
	errProtocol  = fault.New(fault.Invalid, "signaling.protocol", "offer the WebSocket subprotocol "+Protocol)
	errMalformed = fault.New(fault.Invalid, "signaling.malformed", "not a message of "+Protocol)
	errTooFast   = fault.New(fault.TooMany, "signaling.too_fast", "too many messages at once")
	errTooMany   = fault.New(fault.TooMany, "signaling.too_many", "too many sockets of this user")
	errViews     = fault.New(fault.TooMany, "signaling.too_many_views", "too many views in one session")
	errResume    = fault.New(fault.Conflict, "signaling.resume_late", "resume comes before any watch")
	errNoView    = fault.New(fault.NotFound, "signaling.no_view", "this view is not open here; watch it first")
	errOffer     = fault.New(fault.Invalid, "signaling.offer", "an SDP offer is missing")
)

// Socket serves GET /api/v1/signaling: the WebSocket that carries rtsp-viewer.v1.
func (s *Signaling) Socket() http.Handler { return http.HandlerFunc(s.serveSocket) }

func (s *Signaling) serveSocket(w http.ResponseWriter, r *http.Request) {
	principal, ok := auth.PrincipalFrom(r.Context())
	switch {
	case !ok:
		problem(w, auth.ErrToken)
		return
	case !s.originAllowed(r):
		problem(w, errOrigin)
		return
	case !slices.Contains(websocket.Subprotocols(r), Protocol):
		problem(w, errProtocol)
		return
	}
	full, ok := s.admit(principal.User.ID)
	if !ok {
		problem(w, viewers.ErrStopping)
		return
	}
	defer s.open.Done()
	defer s.dismissed(principal.User.ID)

	upgrader := websocket.Upgrader{
		HandshakeTimeout: writeWithin, Subprotocols: []string{Protocol},
		CheckOrigin: func(*http.Request) bool { return true }, // done above, with a reason
		Error:       func(http.ResponseWriter, *http.Request, int, error) {},
	}
	if !websocket.IsWebSocketUpgrade(r) {
		w.Header().Set("Upgrade", "websocket")
		problemStatus(w, http.StatusUpgradeRequired, errProtocol)
		return
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.log.Debug("a socket did not open", "remote", principal.Remote, "error", err)
		return
	}
	sock := newSocket(conn)
	var wg sync.WaitGroup
	wg.Go(sock.write)
	defer wg.Wait()
	defer close(sock.unread)
	if full {
		sock.close(ByeMessage{Type: "bye", Code: errTooMany.Code, RetryAfterMS: 30_000}, closeTryLater)
		sock.discard()
		return
	}
	s.read(sock, principal, hostOnly(r.Host))
}

// read owns the reading half of a socket for its whole life.
func (s *Signaling) read(sock *socket, principal auth.Principal, pageHost string) {
	ses, ok := s.newSession(principal, pageHost)
	if !ok {
		sock.close(ByeMessage{Type: "bye", Code: viewers.CodeStopping, RetryAfterMS: 1000}, closeGoingAway)
		sock.discard()
		return
	}
	ses.attach(sock, ses.hello(nil))
	defer func() { sock.shut() }()

	conn := sock.conn
	conn.SetReadLimit(maxMessage)
	_ = conn.SetReadDeadline(time.Now().Add(readWithin))
	conn.SetPongHandler(func(string) error { // called while this goroutine reads
		ses.renewPlaying()
		return conn.SetReadDeadline(time.Now().Add(readWithin))
	})
	allowance, last := float64(rateBurst), time.Now()
	nonsense := 0
	for {
		kind, body, err := conn.ReadMessage()
		if err != nil {
			s.detach(ses, sock, websocket.IsCloseError(err, websocket.CloseGoingAway))
			return
		}
		_ = conn.SetReadDeadline(time.Now().Add(readWithin))
		now := time.Now()
		allowance = min(allowance+now.Sub(last).Seconds()*ratePerSec, rateBurst) - 1
		last = now
		if allowance < 0 {
			s.count(func(st *Stats) { st.Abusive++ })
			sock.close(ByeMessage{Type: "bye", Code: errTooFast.Code, RetryAfterMS: 10_000}, closePolicy)
			s.detach(ses, sock, false)
			sock.discard()
			return
		}
		var m ClientMessage
		if kind != websocket.TextMessage || json.Unmarshal(body, &m) != nil || m.Type == "" {
			if nonsense++; nonsense >= maxNonsense {
				s.count(func(st *Stats) { st.Abusive++ })
				sock.close(ByeMessage{Type: "bye", Code: errMalformed.Code, RetryAfterMS: 10_000}, closePolicy)
				s.detach(ses, sock, false)
				sock.discard()
				return
			}
			ses.refuse("", errMalformed)
			continue
		}
		switch m.Type {
		case "resume":
			ses = s.resume(ses, sock, m.Session)
			continue
		case "playing":
			ses.setPlaying(m.Views)
			sock.lively.Store(len(m.Views) > 0)
			continue
		}
		ses.dispatch(m)
	}
}

// admit counts a socket in; full tells that the user has too many, ok is false when the gateway is stopping.
func (s *Signaling) admit(user auth.UserID) (full, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return false, false
	}
	s.open.Add(1)
	s.sockets[user]++
	return s.sockets[user] > s.perUser, true
}

func (s *Signaling) dismissed(user auth.UserID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sockets[user]--; s.sockets[user] == 0 {
		delete(s.sockets, user)
	}
}

func (s *Signaling) count(f func(*Stats)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.stats)
}

// originAllowed keeps other sites' pages out: a browser sends its cookies along with their sockets too (RFC 6455, 10.2). Programs
// that are no browsers send no Origin.
func (s *Signaling) originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	return strings.EqualFold(u.Host, r.Host) || s.origins[strings.ToLower(u.Scheme+"://"+u.Host)]
}

func hostOnly(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return strings.Trim(host, "[]")
}

// socket is one WebSocket. One goroutine reads (Signaling.read), one writes; everybody else puts messages into the outbox.
type socket struct {
	conn   *websocket.Conn
	out    chan []byte
	quit   chan struct{} // closed by close or shut
	unread chan struct{} // closed when nobody reads any more

	lively atomic.Bool // the page plays by HLS: it is asked for a sign of life more often

	once sync.Once
	bye  []byte // set before quit closes
	code int    // likewise
}

func newSocket(conn *websocket.Conn) *socket {
	return &socket{conn: conn, out: make(chan []byte, outboxSize), quit: make(chan struct{}), unread: make(chan struct{})}
}

// put queues a message; false if the outbox is full, which means that the page has not read for a long time.
func (k *socket) put(m any) bool {
	body, err := json.Marshal(m)
	if err != nil {
		return true // our messages always marshal
	}
	select {
	case <-k.quit:
		return true
	case k.out <- body:
		return true
	default:
		return false
	}
}

// close ends the socket after what is queued: a bye, then a close frame of code. Only the first close counts.
func (k *socket) close(bye ByeMessage, code int) {
	k.once.Do(func() {
		if bye.Code != "" {
			k.bye, _ = json.Marshal(bye)
		}
		k.code = code
		close(k.quit)
		_ = k.conn.NetConn().SetWriteDeadline(time.Now().Add(partWithin)) // of a write under way
	})
}

// shut ends the socket when the other side is gone.
func (k *socket) shut() { k.close(ByeMessage{}, 0) }

// discard reads and drops what still comes until the socket is closed.
func (k *socket) discard() {
	k.conn.SetReadLimit(maxMessage)
	_ = k.conn.SetReadDeadline(time.Now().Add(writeWithin))
	for {
		if _, _, err := k.conn.NextReader(); err != nil {
			return
		}
	}
}

// write owns the writing half of the socket for its whole life.
func (k *socket) write() {
	defer func() { _ = k.conn.Close() }()
	ping := time.NewTicker(pingPlaying)
	defer ping.Stop()
	quiet := time.Duration(0) // since the last ping
	for {
		select {
		case body := <-k.out:
			if k.send(websocket.TextMessage, body, time.Now().Add(writeWithin)) != nil {
				return
			}
		case <-ping.C:
			if quiet += pingPlaying; quiet < pingEvery && !k.lively.Load() {
				continue
			}
			quiet = 0
			if k.send(websocket.PingMessage, nil, time.Now().Add(writeWithin)) != nil {
				return
			}
		case <-k.quit:
			k.farewell()
			return
		}
	}
}

func (k *socket) farewell() {
	if k.code == 0 {
		return
	}
	until := time.Now().Add(partWithin)
	for {
		select {
		case body := <-k.out:
			if k.send(websocket.TextMessage, body, until) != nil {
				return
			}
			continue
		default:
		}
		break
	}
	if k.bye != nil && k.send(websocket.TextMessage, k.bye, until) != nil {
		return
	}
	if k.send(websocket.CloseMessage, websocket.FormatCloseMessage(k.code, ""), until) != nil {
		return
	}
	// Closing while something unread comes in would reset the connection, and the page would not hear the goodbye.
	late := time.NewTimer(time.Second)
	defer late.Stop()
	select {
	case <-k.unread:
	case <-late.C:
	}
}

func (k *socket) send(kind int, body []byte, until time.Time) error {
	_ = k.conn.SetWriteDeadline(until)
	return k.conn.WriteMessage(kind, body)
}
