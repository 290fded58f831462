package signaling

import (
	"crypto/rand"
	"encoding/base64"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

const (
	maxTiles  = 64
	maxEnds   = 64              // ends kept for a page that comes back
	endsFor   = 2 * time.Minute // how long
	settleFor = time.Second
)

// session is a page's: the views that it opened, and the socket by which it is reached, if any. It outlives sockets.
type session struct {
	s         *Signaling
	id        string
	principal auth.Principal
	pageHost  string

	mu     sync.Mutex // guards what follows
	socket *socket    // nil while lost
	lostAt time.Time  // when the socket was lost
	tiles  map[string]*tile
	// playing are the views that the page plays by HLS; a list is replaced, never edited.
	playing []viewers.ViewID
	ends    []EndMessage // recent ends: a page that was away may not have got them
	over    bool
}

// secret gives 128 random bits in text.
func secret() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (s *Signaling) newSession(p auth.Principal, pageHost string) (*session, bool) {
	ses := &session{s: s, id: secret(), principal: p, pageHost: pageHost, tiles: map[string]*tile{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return nil, false
	}
	s.sessions[ses.id] = ses
	return ses, true
}

func (s *Signaling) forget(ses *session) {
	s.mu.Lock()
	delete(s.sessions, ses.id)
	s.mu.Unlock()
}

// hello greets; views is nil but after resume.
func (ses *session) hello(views []ViewState) HelloMessage {
	h := HelloMessage{
		Type: "hello", Session: ses.id, Resumed: views != nil, ICEServers: ses.s.servers,
		Limit: ses.s.viewers.Limit(ses.principal.User), ServerTime: ses.s.now().UTC(),
		ResumeMS: ses.s.resumeFor.Milliseconds(), Views: views,
	}
	if h.Views == nil {
		h.Views = []ViewState{}
	}
	return h
}

// attach makes sock the session's socket; hello is the first message on it that is of this session.
func (ses *session) attach(sock *socket, hello HelloMessage) (former *socket) {
	sock.put(hello)
	ses.mu.Lock()
	defer ses.mu.Unlock()
	former, ses.socket, ses.lostAt = ses.socket, sock, time.Time{}
	return former
}

// resume takes up the session of a lost socket in a new one. It gives the session that the socket has from now on.
func (s *Signaling) resume(present *session, sock *socket, id string) *session {
	if present.id == id {
		present.send(present.hello(nil))
		return present
	}
	if present.size() > 0 {
		present.refuse("", errResume)
		return present
	}
	s.mu.Lock()
	former := s.sessions[id]
	if former != nil {
		p := present.principal
		if former.principal.User.ID != p.User.ID || former.principal.Session != p.Session {
			former = nil
		}
	}
	s.mu.Unlock()
	if former == nil || !former.takeOver(sock) {
		present.send(present.hello(nil))
		return present
	}
	s.forget(present)
	s.count(func(st *Stats) { st.Resumed++ })
	return former
}

// takeOver moves the session to sock: hello with what lives on, the recent ends, and every view's state; false if the session is over.
func (ses *session) takeOver(sock *socket) bool {
	ses.mu.Lock()
	if ses.over {
		ses.mu.Unlock()
		return false
	}
	views := []ViewState{}
	tiles := make([]*tile, 0, len(ses.tiles))
	for _, t := range ses.tiles {
		if t.shown.Generation != 0 {
			views = append(views, t.shown)
		}
		tiles = append(tiles, t)
	}
	ends := slices.Clone(ses.ends)
	ses.lostAt = time.Time{} // nobody takes it for abandoned while it is being taken over
	ses.mu.Unlock()

	if former := ses.attach(sock, ses.hello(views)); former != nil && former != sock {
		former.close(ByeMessage{}, closeTakenOver)
	}
	now := ses.s.now()
	for _, end := range ends {
		if now.Sub(end.At) < endsFor {
			ses.send(end)
		}
	}
	for _, t := range tiles {
		t.put(job{kind: jobPush})
	}
	return true
}

// detach notes that sock is gone. gone means that the page itself is: it was closed, reloaded or left. Its peers are no more, and its
// places wait a moment for the page that a reload brings; else the session waits to be resumed, and the peers go on.
func (s *Signaling) detach(ses *session, sock *socket, gone bool) {
	ses.mu.Lock()
	if ses.socket != sock {
		ses.mu.Unlock()
		return
	}
	ses.socket, ses.lostAt = nil, s.now()
	empty := len(ses.tiles) == 0 && len(ses.ends) == 0
	ses.mu.Unlock()
	switch {
	case gone:
		ses.each(job{kind: jobPart})
		s.forget(ses)
	case empty:
		s.forget(ses)
	default:
		s.boundLost(ses.principal.User.ID)
	}
}

// boundLost ends the session lost longest when a user has more lost ones than he may have sockets.
func (s *Signaling) boundLost(user auth.UserID) {
	now := s.now()
	var oldest *session
	n := 0
	for _, ses := range s.all() {
		if ses.principal.User.ID != user {
			continue
		}
		if lost := ses.lost(now); lost >= 0 {
			n++
			if oldest == nil || lost > oldest.lost(now) {
				oldest = ses
			}
		}
	}
	if n > s.perUser {
		oldest.finish(viewers.CodeExpired)
		s.forget(oldest)
	}
}

// lost gives how long the session has had no socket; negative if it has one.
func (ses *session) lost(now time.Time) time.Duration {
	ses.mu.Lock()
	defer ses.mu.Unlock()
	if ses.socket != nil || ses.lostAt.IsZero() {
		return -1
	}
	return now.Sub(ses.lostAt)
}

// abandoned ends the session if it was not resumed in time; its views are still to be ended then.
func (ses *session) abandoned(now time.Time) bool {
	ses.mu.Lock()
	defer ses.mu.Unlock()
	if ses.socket != nil || ses.lostAt.IsZero() || now.Sub(ses.lostAt) <= ses.s.resumeFor {
		return false
	}
	ses.over = true
	return true
}

func (ses *session) size() int {
	ses.mu.Lock()
	defer ses.mu.Unlock()
	return len(ses.tiles)
}

// finish ends all views with a code, and the session with them: it can't be resumed any more. It gives the views that are ending.
func (ses *session) finish(code string) []*tile {
	ses.mu.Lock()
	ses.over = true
	ses.mu.Unlock()
	return ses.each(job{kind: jobFinish, code: code})
}

// settle waits a moment for views to end, so that what they say comes before goodbye.
func settle(tiles []*tile) {
	late := time.NewTimer(settleFor)
	defer late.Stop()
	for _, t := range tiles {
		select {
		case <-t.gone:
		case <-late.C:
			return
		}
	}
}

// dismiss says goodbye and closes the socket; the session is over.
func (ses *session) dismiss(bye ByeMessage, code int) {
	ses.mu.Lock()
	sock := ses.socket
	ses.over, ses.socket = true, nil
	ses.mu.Unlock()
	if sock != nil {
		sock.close(bye, code)
	}
	ses.s.forget(ses)
}

func (ses *session) each(j job) []*tile {
	ses.mu.Lock()
	tiles := slices.Collect(maps.Values(ses.tiles))
	ses.mu.Unlock()
	for _, t := range tiles {
		t.put(j)
	}
	return tiles
}

// dispatch hands a message to its view's own queue, so that a slow view delays no other, and order is kept within each.
func (ses *session) dispatch(m ClientMessage) {
	switch m.Type {
	case "watch", "switch", "candidate", "restart", "close":
	default:
		return // of a later version
	}
	if m.View == "" {
		ses.refuse("", errMalformed.At("view", "required"))
		return
	}
	ses.mu.Lock()
	t := ses.tiles[m.View]
	if t == nil && m.Type != "watch" {
		ses.mu.Unlock()
		if m.Type == "restart" || m.Type == "switch" {
			ses.refuse(m.View, errNoView)
		}
		return // a candidate or close that crossed the end on its way
	}
	if ses.over && m.Type == "watch" { // nobody would end it
		ses.mu.Unlock()
		ses.refuse(m.View, viewers.ErrStopping)
		return
	}
	if t == nil && len(ses.tiles) >= maxTiles {
		ses.mu.Unlock()
		ses.refuse(m.View, errViews)
		return
	}
	if t == nil {
		t = newTile(ses, m.View)
		if !ses.s.begin() {
			ses.mu.Unlock()
			ses.refuse(m.View, viewers.ErrStopping)
			return
		}
		ses.tiles[m.View] = t
		go t.run()
	}
	full := !t.putLocked(job{kind: jobMessage, message: m})
	ses.mu.Unlock()
	switch {
	case full && (m.Type == "watch" || m.Type == "switch" || m.Type == "restart"):
		ses.refuse(m.View, errTooFast)
	case full:
		ses.complain(m.View, errTooFast)
	}
}

// send queues a message for the page; while the socket is lost it is dropped, since resume tells the present state of all.
func (ses *session) send(m any) {
	ses.mu.Lock()
	sock := ses.socket
	ses.mu.Unlock()
	if sock == nil || sock.put(m) {
		return
	}
	ses.s.count(func(st *Stats) { st.Slow++ })
	sock.close(ByeMessage{}, closeTryLater)
}

// sendEnd tells an end and keeps it for a page that comes back.
func (ses *session) sendEnd(end EndMessage) {
	ses.mu.Lock()
	ses.ends = append(ses.ends, end)
	if len(ses.ends) > maxEnds {
		ses.ends = slices.Clone(ses.ends[1:])
	}
	ses.mu.Unlock()
	ses.send(end)
}

// refuse answers a message that could not be done. What is not a fault of the client is logged here, once.
func (ses *session) refuse(view string, err error) {
	f := fault.From(err)
	if f.Kind == fault.Internal {
		ses.s.log.Error("a signaling message could not be done", "user", ses.principal.User.Login, "view", view, "error", err)
	}
	ses.send(errorMessage(view, f))
}

// complain tells what went wrong with a message that has no answer. It names the view in the parameters, since an error with a view
// answers the watch or restart that is in the air.
func (ses *session) complain(view string, err error) {
	ses.refuse("", fault.From(err).With("view", view))
}

// errorMessage puts a fault on the wire.
func errorMessage(view string, f *fault.Error) ErrorMessage {
	m := ErrorMessage{Type: "error", View: view, Code: f.Code, Detail: f.Detail, Params: f.Params}
	switch {
	case f.Code == viewers.ErrLimit.Code:
		m.Retry, m.RetryAfterMS = true, 10_000
	case f.Kind == fault.Internal, f.Kind == fault.Unavailable:
		m.Retry, m.RetryAfterMS = true, 2_000
	case f.Kind == fault.TooMany:
		m.Retry, m.RetryAfterMS = true, 5_000
	}
	for _, field := range f.Fields {
		if m.Params == nil {
			m.Params = map[string]string{}
		}
		m.Params["field"] = field.Path
	}
	return m
}
