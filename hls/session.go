package hls

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

const (
	// lease is how long a view lives after its last request, or three target durations if that is more.
	lease = 12 * time.Second
	// openWithin is how long Open waits for pictures.
	openWithin = 5 * time.Second
	// openEnough is how much must be there to begin with, and openSettled how long after the first picture nobody waits for newer ones.
	openEnough  = time.Second
	openSettled = 400 * time.Millisecond
	openFresh   = 200 * time.Millisecond
	// openOld is how old the newest picture may be with which a player begins, or so many pictures' time if that is more: FFmpeg and a busy machine
	// hold some back, and what is older is from before the camera fell silent.
	openOld, openOldPictures = 8 * time.Second, 4
	// keepPlace is for how long a place is kept for a page whose camera does not show pictures yet.
	keepPlace = 6 * time.Second
	maxGone   = 4096 // ended sessions whose reason is remembered
	// outlastMost is how long a player plays on whose view goes on by WebRTC: until that connects or gives up.
	outlastMost = 6 * time.Second
	// rejoinEvery is how often a player that fell behind is put at the edge again.
	rejoinEvery = 2 * time.Second
)

// Request asks for a session.
type Request struct {
	Principal auth.Principal
	Camera    camera.ID
	Stream    camera.StreamKind // empty: main
	View      viewers.ViewID    // empty: one is made
	Admit     viewers.Admit     // empty: EvictOldest
	Replaces  viewers.ViewID
	Label     string
}

// Session is a view by HLS and where it plays.
type Session struct {
	View viewers.ViewID
	// Playlist is for hls.js; its first segment is the view's own. NativePlaylist is for players that follow RFC 8216 to the letter.
	Playlist, NativePlaylist Path
}

// session is one view. Players know its secret.
type session struct {
	hls    *HLS
	view   *viewers.View
	stream *stream
	digest digest
	user   auth.UserID
	over   chan struct{} // closed when nothing is served any more

	mu       sync.Mutex // guards what follows
	seen     time.Time  // last request
	lease    time.Duration
	joined   time.Time
	course   course
	fetched  uint64 // number after the newest segment that was asked for, or the first of the list
	named    uint64 // number after the newest segment that was ever listed, as the list counts
	hasAsked bool
	holding  int // requests that wait for the list's next segment
}

// departed is a session that has ended.
type departed struct {
	end    viewers.End
	forget time.Time
}

// Open opens a view, starts FFmpeg if nobody watches the stream by HLS yet, and returns when the first list can be given: in a tenth of
// a second if the stream plays, after at most 5 s otherwise. It gives what viewers.Open gives, ErrNoFFmpeg, ErrStream, a fault of kind
// Unsupported if the camera's pictures can't be shown without transcoding (media.codec, media.no_video), and one of kind Unavailable
// if none came in time (the state's code, camera.connecting or hls.ffmpeg_failed): then the place is kept for 6 s for a page that gave
// its view's id.
func (h *HLS) Open(ctx context.Context, r Request) (Session, error) {
	key, err := keyOf(r.Camera, r.Stream)
	if err != nil {
		return Session{}, err
	}
	if err := h.tool.check(ctx); err != nil {
		return Session{}, fmt.Errorf("open an HLS session: %w", err)
	}
	if !h.begin() {
		return Session{}, viewers.ErrStopping
	}
	defer h.work.Done()
	named := r.View != ""
	if !named {
		r.View = viewers.ViewID(newID())
	}
	if r.Admit == "" {
		r.Admit = viewers.EvictOldest
	}
	view, err := h.viewers.Open(ctx, viewers.Request{
		Principal: r.Principal, View: r.View, Camera: r.Camera, Transport: viewers.HLS, Admit: r.Admit, Replaces: r.Replaces,
		Label: r.Label, Lease: lease,
	})
	if err != nil {
		return Session{}, err
	}
	stream, ok := h.join(key)
	if !ok {
		view.Close(viewers.CodeStopping)
		return Session{}, viewers.ErrStopping
	}
	if err := h.await(ctx, stream, view); err != nil {
		if named && ctx.Err() == nil && fault.KindOf(err) == fault.Unavailable {
			view.Linger(keepPlace)
		} else {
			view.Close(viewers.CodeClosed)
		}
		h.leave(stream)
		return Session{}, fmt.Errorf("open an HLS session: %w", err)
	}
	secret, digest := newSecret()
	s := &session{hls: h, view: view, stream: stream, digest: digest, user: r.Principal.User.ID, over: make(chan struct{}), seen: h.now(), lease: lease}
	h.mu.Lock()
	if h.stopping || h.ctx.Err() != nil {
		h.mu.Unlock()
		view.Close(viewers.CodeStopping)
		h.leave(stream)
		return Session{}, viewers.ErrStopping
	}
	h.sessions[digest] = s
	h.work.Add(1)
	h.mu.Unlock()
	h.count.opened.Add(1)
	go func() {
		defer h.work.Done()
		<-view.Done()
		h.outlast(s)
		close(s.over)
		h.depart(s)
	}()
	view.Renew()
	base := Prefix + secret + "/"
	return Session{View: view.ID(), Playlist: Path(base + fileList), NativePlaylist: Path(base + fileNative)}, nil
}

// await waits until a player could begin.
func (h *HLS) await(ctx context.Context, s *stream, view *viewers.View) error {
	late := time.NewTimer(openWithin)
	defer late.Stop()
	look := time.NewTimer(0)
	defer look.Stop()
	for {
		changed := s.window.wait()
		ready, again := s.ready(h.now())
		if ready {
			return nil
		}
		if err := s.refused(); err != nil {
			return err // waiting does not help
		}
		look.Reset(again)
		select {
		case <-changed:
		case <-s.news():
		case <-look.C:
		case <-view.Done():
			return endFault(view.End())
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-h.ctx.Done():
			return viewers.ErrStopping
		case <-late.C:
			return s.late()
		}
	}
}

// outlast lets the player of a view that has gone over to WebRTC play on for a while: whether that connects is not known yet, and the
// picture must not stand until it is.
func (h *HLS) outlast(s *session) {
	late := time.NewTimer(outlastMost)
	defer late.Stop()
	look := time.NewTicker(outlastLook)
	defer look.Stop()
	for h.goesOn(s) {
		select {
		case <-look.C:
		case <-late.C:
			return
		case <-h.ctx.Done():
			return
		}
	}
}

// outlastLook is how often it is looked whether the view still stands.
const outlastLook = 500 * time.Millisecond

// goesOn reports whether an ended session's view is open by WebRTC.
func (h *HLS) goesOn(s *session) bool {
	if s.view.End().Code != viewers.CodeReplaced {
		return false
	}
	watching, err := h.viewers.ListUser(h.ctx, s.user)
	if err != nil {
		return false
	}
	for _, w := range watching {
		if w.View == s.view.ID() {
			return w.Transport == viewers.WebRTC && w.Camera == s.stream.key.Camera
		}
	}
	return false
}

// depart forgets a session and remembers why it ended.
func (h *HLS) depart(s *session) {
	now := h.now()
	h.mu.Lock()
	delete(h.sessions, s.digest)
	if len(h.gone) >= maxGone {
		for d := range h.gone { // any: its player is answered 404 instead of 410
			delete(h.gone, d)
			break
		}
	}
	h.gone[s.digest] = departed{end: s.view.End(), forget: now.Add(viewers.Remember)}
	h.mu.Unlock()
	h.leave(s.stream)
}

// find gives the session of a secret, or why there is none.
func (h *HLS) find(d digest) (*session, error) {
	h.mu.Lock()
	s, gone, was := h.sessions[d], h.gone[d], false
	if s == nil {
		_, was = h.gone[d]
	}
	h.mu.Unlock()
	if s == nil {
		if was {
			return nil, endFault(gone.end)
		}
		return nil, ErrNoPath
	}
	select {
	case <-s.over:
		return nil, endFault(s.view.End())
	default:
	}
	select {
	case <-s.view.Done():
		if !h.goesOn(s) {
			return nil, endFault(s.view.End())
		}
	default:
	}
	return s, nil
}

// Pong renews views of a user by the answer of the page that shows them: a page in the background asks for nothing for a minute, and is
// there all the same. Views that are not by HLS, or not there, are passed over.
func (h *HLS) Pong(user auth.UserID, views ...viewers.ViewID) {
	if len(views) == 0 {
		return
	}
	asked := make(map[viewers.ViewID]bool, len(views))
	for _, v := range views {
		asked[v] = true
	}
	h.mu.Lock()
	var found []*session
	for _, s := range h.sessions {
		if s.user == user && asked[s.view.ID()] {
			found = append(found, s)
		}
	}
	h.mu.Unlock()
	for _, s := range found {
		s.renew()
	}
}

// sweep renews leases that are longer than the view's own, and forgets old ends.
func (h *HLS) sweep() {
	now := h.now()
	h.mu.Lock()
	for d, g := range h.gone {
		if now.After(g.forget) {
			delete(h.gone, d)
		}
	}
	sessions := make([]*session, 0, len(h.sessions))
	for _, s := range h.sessions {
		sessions = append(sessions, s)
	}
	h.mu.Unlock()
	for _, s := range sessions {
		s.mu.Lock()
		more := s.lease > lease && now.Before(s.seen.Add(s.lease-lease))
		s.mu.Unlock()
		if more {
			s.view.Renew()
		}
	}
}

// renew says that somebody watches.
func (s *session) renew() {
	now := s.hls.now()
	s.mu.Lock()
	s.seen = now
	s.mu.Unlock()
	s.view.Renew()
}

// asked notes the target duration of the list that was given.
func (s *session) asked(target int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lease = max(lease, 3*time.Duration(target)*time.Second)
}

// took notes that a segment was asked for.
func (s *session) took(seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fetched = max(s.fetched, seq+1)
}

// aheadMost is how far after the next segment a player may ask for one and be kept waiting (draft-pantos-hls-rfc8216bis, 6.2.5.2: two after
// the last).
const aheadMost = 1

// heldMost is how many requests of one view are kept waiting for the next segment at once; a player has one. More are answered with the list
// as it is.
const heldMost = 4

// holdMost bounds how long a player waits for the list that it asked for, in target durations, and holdLongest whatever those are. The list that
// there is comes then; a page that hears nothing for longer takes the way for lost.
const (
	holdMost    = 2
	holdLongest = 8 * time.Second
)

// list gives the player's list; it waits for the first segment after a change of FFmpeg if it must, and for segment number want, as the
// list counts, if that is to come soon (negative: for none); errNumber if it is not. A player that fell out of the window, or was paused, gets a
// list that begins at the edge, with another first segment of its own.
func (s *session) list(ctx context.Context, want int64) (string, error) {
	late := time.NewTimer(openWithin)
	defer late.Stop()
	held := time.NewTimer(min(holdMost*time.Duration(s.stream.window.targetDuration())*time.Second, holdLongest))
	defer held.Stop()
	hold := held.C
	if want < 0 || !s.hold() {
		hold = nil
	} else {
		defer s.unhold()
	}
	for {
		grown := s.stream.window.waitGrown()
		text, named, ok := s.tryList()
		select {
		case <-s.over:
			return "", endFault(s.view.End())
		default:
		}
		switch {
		case !ok:
		case int64(named)+aheadMost < want:
			return "", errNumber
		case hold == nil || int64(named) > want:
			return text, nil
		}
		select {
		case <-grown:
		case <-hold:
			hold = nil
		case <-s.over:
			return "", endFault(s.view.End())
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case <-late.C:
			return "", s.stream.late()
		}
	}
}

// hold counts a request in that waits; false if too many do.
func (s *session) hold() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holding >= heldMost {
		return false
	}
	s.holding++
	return true
}

func (s *session) unhold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holding--
}

// tryList gives the list as it is now and the number that comes after its last; false while there is none.
func (s *session) tryList() (text string, named uint64, ok bool) {
	w := s.stream.window
	s.mu.Lock()
	c, asked, fetched, joined := s.course, s.hasAsked, s.fetched, s.joined
	s.mu.Unlock()
	var oldest, newest uint64
	if asked {
		text, oldest, newest, ok = w.list(c)
	}
	if !asked || ok && oldest > fetched && s.hls.now().Sub(joined) > rejoinEvery {
		if anew, can := w.join(); can {
			c = s.begin(anew)
			text, _, newest, ok = w.list(c)
		}
	}
	if !ok {
		return "", 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.named = max(s.named, newest+c.shift+1)
	return text, newest + c.shift + 1, true
}

// begin puts the player at a place. What its list named before keeps its number: for a player that knows a number, what stands there
// must stay what it was (RFC 8216, 6.2.2); and what comes then does not follow it.
func (s *session) begin(at join) course {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := course{join: at, shift: s.course.shift, anew: s.course.anew}
	if s.hasAsked {
		c.anew++
	}
	if number := at.seq + c.shift; number < s.named {
		c.shift += s.named - number
	}
	s.course, s.hasAsked, s.joined = c, true, s.hls.now()
	s.fetched = max(s.fetched, at.seq)
	return c
}

// nativeList gives the plain list; it waits for the first whole group of pictures.
func (s *session) nativeList(ctx context.Context) (string, error) {
	late := time.NewTimer(nativeWithin)
	defer late.Stop()
	for {
		changed := s.stream.window.wait()
		text, target, ok := s.stream.window.nativeList()
		s.asked(target)
		if ok {
			return text, nil
		}
		select {
		case <-changed:
		case <-s.over:
			return "", endFault(s.view.End())
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case <-late.C:
			return "", s.stream.late()
		}
	}
}

// nativeWithin is how long a native player waits for its first list: a keyframe may be ten seconds away.
const nativeWithin = 10 * time.Second
