package signaling

import (
	"context"
	"reflect"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

const (
	lease      = 12 * time.Second // ICE: disconnected after 3 s, failed 9 s later
	renewEvery = 2 * time.Second
	openWithin = 10 * time.Second
	stateEvery = 100 * time.Millisecond // states that change faster are told as one
	maxJobs    = 64
	keepPlace  = 5 * time.Second // for the same view by another transport, when a peer could not be made
)

// tile is one view of a session: its peer, and the queue of what is asked of it. Its goroutine ends when nothing is open and nothing asked.
type tile struct {
	ses  *session
	view string
	wake chan struct{} // cap 1
	gone chan struct{} // closed when the goroutine has ended

	// Guarded by ses.mu.
	jobs  []job
	shown ViewState // for hello after resume; Generation is 0 while nothing is open

	// The goroutine's own.
	open     *viewers.View
	peer     Peer
	stream   camera.StreamKind // of open's camera
	told     StateMessage
	toldAt   time.Time
	stateDue *time.Timer
}

type jobKind uint8

const (
	jobMessage jobKind = iota // from the page
	jobPush                   // tell the state again: the page has a new socket
	jobPart                   // the page is gone; keep the place a moment
	jobFinish                 // end, with a code
)

type job struct {
	kind    jobKind
	message ClientMessage
	code    string
}

func newTile(ses *session, view string) *tile {
	return &tile{ses: ses, view: view, wake: make(chan struct{}, 1), gone: make(chan struct{})}
}

// put queues what the gateway itself asks; never too much.
func (t *tile) put(j job) {
	t.ses.mu.Lock()
	t.jobs = append(t.jobs, j)
	t.ses.mu.Unlock()
	t.rouse()
}

// putLocked queues what the page asks, under ses.mu; false if it asks faster than it can be done.
func (t *tile) putLocked(j job) bool {
	if len(t.jobs) >= maxJobs {
		return false
	}
	t.jobs = append(t.jobs, j)
	t.rouse()
	return true
}

func (t *tile) rouse() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// next gives the next job. over tells that there is none, nothing is open, and the tile is off its session's list.
func (t *tile) next() (j job, ok, over bool) {
	t.ses.mu.Lock()
	defer t.ses.mu.Unlock()
	if len(t.jobs) > 0 {
		j = t.jobs[0]
		t.jobs = t.jobs[1:]
		return j, true, false
	}
	t.jobs = nil
	if t.open == nil {
		delete(t.ses.tiles, t.view)
		return job{}, false, true
	}
	return job{}, false, false
}

func (t *tile) run() {
	defer t.ses.s.work.Done()
	defer close(t.gone)
	renew := time.NewTicker(renewEvery)
	defer renew.Stop()
	t.stateDue = time.NewTimer(time.Hour)
	t.stateDue.Stop()
	defer t.stateDue.Stop()
	for {
		if t.open != nil {
			select {
			case <-t.open.Done():
				t.ended()
			default:
			}
		}
		j, ok, over := t.next()
		if over {
			return
		}
		if ok {
			t.handle(j)
			continue
		}
		var dead, changed <-chan struct{}
		if t.peer != nil {
			dead, changed = t.peer.Done(), t.peer.Changed()
		}
		select {
		case <-t.wake:
		case <-t.open.Done():
		case <-dead:
			t.hungUp()
		case <-changed:
			t.changed()
		case <-t.stateDue.C:
			t.tellState()
		case <-renew.C:
			t.renew()
		}
	}
}

func (t *tile) handle(j job) {
	switch j.kind {
	case jobPush:
		t.told = StateMessage{}
		t.tellState()
	case jobFinish:
		if t.open != nil {
			t.open.Close(j.code)
		}
	case jobPart:
		if t.open != nil {
			t.open.Linger(keepPlace)
			t.drop()
		}
	case jobMessage:
		switch j.message.Type {
		case "watch":
			t.watch(j.message)
		case "switch":
			t.switchTo(j.message)
		case "candidate":
			t.candidate(j.message)
		case "restart":
			t.restart(j.message)
		case "close":
			if t.open != nil {
				t.open.Close(viewers.CodeClosed)
			}
		}
	}
}

// asked reads what a watch or switch asks for; false: it was refused.
func (t *tile) asked(m ClientMessage) (r viewers.Request, stream camera.StreamKind, ok bool) {
	stream = camera.StreamKind(m.Stream)
	if stream == "" {
		stream = camera.Main
	}
	admit := viewers.Admit(m.Admit)
	if admit == "" {
		admit = viewers.IfFree
	}
	switch {
	case stream != camera.Main && stream != camera.Sub:
		t.ses.refuse(t.view, errMalformed.At("stream", "unknown"))
		return r, stream, false
	case admit != viewers.IfFree && admit != viewers.EvictOldest:
		t.ses.refuse(t.view, errMalformed.At("admit", "unknown"))
		return r, stream, false
	}
	return viewers.Request{
		Principal: t.ses.principal, View: viewers.ViewID(t.view), Camera: camera.ID(m.Camera), Transport: viewers.WebRTC,
		Admit: admit, Label: m.Label, Lease: lease,
	}, stream, true
}

// watch opens the view, anew if it is open. What stood before stands until the new one is admitted.
func (t *tile) watch(m ClientMessage) {
	s := t.ses.s
	r, stream, ok := t.asked(m)
	if !ok {
		return
	}
	if m.Offer == "" {
		t.ses.refuse(t.view, errOffer)
		return
	}
	r.Replaces = viewers.ViewID(m.Replaces)
	ctx, cancel := context.WithTimeout(s.life, openWithin)
	defer cancel()
	view, err := s.viewers.Open(ctx, r)
	if err != nil {
		t.ses.refuse(t.view, err)
		return
	}
	t.drop() // its view has ended by the opening of the new one
	select {
	case <-view.Done(): // evicted or taken over in this very moment
		t.ses.refuse(t.view, endFault(view.End()))
		return
	default:
	}
	peer, err := s.peers.Open(ctx, PeerRequest{
		Camera: view.Camera().ID, Stream: stream, Offer: m.Offer, PageHost: t.ses.pageHost, Grouping: Apart,
	})
	if err != nil {
		view.Linger(keepPlace) // the page goes on by HLS in the same place
		t.ses.refuse(t.view, err)
		return
	}
	t.open, t.peer, t.stream = view, peer, stream
	t.show(ViewState{View: t.view, Camera: string(view.Camera().ID), Generation: view.Generation()})
	t.answer(peer.Answer())
	t.ses.send(CandidateMessage{Type: "candidate", View: t.view, Generation: view.Generation()}) // all are in the answer
	t.told = StateMessage{}
	t.tellState()
}

func (t *tile) answer(sdp string) {
	t.ses.send(AnswerMessage{
		Type: "answer", View: t.view, Generation: t.open.Generation(), Camera: string(t.open.Camera().ID),
		OpenedAt: t.open.OpenedAt().UTC(), SDP: sdp,
	})
}

func (t *tile) candidate(m ClientMessage) {
	if t.peer == nil {
		return
	}
	var c Candidate
	if m.Candidate != nil {
		c = *m.Candidate
	}
	if err := t.peer.AddCandidate(c); err != nil && !t.dead() {
		t.ses.complain(t.view, err)
	}
}

func (t *tile) restart(m ClientMessage) {
	if t.peer == nil {
		t.ses.refuse(t.view, errNoView)
		return
	}
	if m.Offer == "" {
		t.ses.refuse(t.view, errOffer)
		return
	}
	sdp, err := t.peer.Restart(m.Offer)
	if err != nil {
		t.ses.refuse(t.view, err)
		return
	}
	t.open.Renew() // a lease's time to come up by the new path
	t.answer(sdp)
	t.ses.send(CandidateMessage{Type: "candidate", View: t.view, Generation: t.open.Generation()})
}

// dead tells that the peer has ended, and its end is about to be told.
func (t *tile) dead() bool {
	select {
	case <-t.peer.Done():
		return true
	case <-t.open.Done():
		return true
	default:
		return false
	}
}

// changed renews and tells what the peer's snapshot says now.
func (t *tile) changed() {
	t.renew()
	if wait := stateEvery - time.Since(t.toldAt); wait > 0 {
		t.stateDue.Reset(wait)
		return
	}
	t.tellState()
}

// renew keeps the lease while ICE lives. A peer that is still connecting has the lease that it was opened with, and no more.
func (t *tile) renew() {
	if t.peer == nil {
		return
	}
	switch t.peer.Snapshot().Connection {
	case Connected:
		t.open.Renew()
	case Failed:
		t.open.Close(viewers.CodeExpired)
	}
}

// hungUp is the end of a peer that its view has not ended. Where the network failed, seconds ago by now, the view is over. But where
// the browser closed its connection, the page may be about to go on with the same view by HLS, or is being reloaded: the place waits.
func (t *tile) hungUp() {
	if t.peer.Snapshot().Connection == Failed {
		t.open.Close(viewers.CodeExpired)
		return
	}
	t.open.Linger(keepPlace)
	t.ses.s.retire(t.peer)
	t.peer = nil
	t.show(ViewState{})
}

// tellState tells the state if it is another than what was told last.
func (t *tile) tellState() {
	if t.peer == nil {
		return
	}
	snap := t.peer.Snapshot()
	if snap.Camera != t.open.Camera().ID || snap.Stream != t.stream {
		return // it has not left the former camera yet, whose state is not this one's
	}
	m := stateMessage(t.view, t.open.Generation(), snap)
	if reflect.DeepEqual(m, t.told) {
		return
	}
	t.told, t.toldAt = m, time.Now()
	t.ses.send(m)
}

func stateMessage(view string, generation int64, snap Snapshot) StateMessage {
	m := StateMessage{
		Type: "state", View: view, Generation: generation, Status: snap.Status, Since: snap.Since.UTC(), Code: snap.Code,
		Params: snap.Params, FrameIntervalMS: snap.FrameInterval.Milliseconds(), Audio: snap.Audio,
		Width: snap.Width, Height: snap.Height,
	}
	if !snap.RetryAt.IsZero() {
		at := snap.RetryAt.UTC()
		m.RetryAt = &at
	}
	return m
}

// ended tells the page why the view is no more.
func (t *tile) ended() {
	end, generation := t.open.End(), t.open.Generation()
	t.drop()
	t.ses.sendEnd(endMessage(t.view, generation, end))
}

func endMessage(view string, generation int64, end viewers.End) EndMessage {
	return EndMessage{
		Type: "end", View: view, Generation: generation, Code: end.Code, Params: end.Params, At: end.At, Retry: end.MayRetry(),
	}
}

// drop lets go of view and peer.
func (t *tile) drop() {
	if t.open == nil {
		return
	}
	t.ses.s.retire(t.peer)
	t.open, t.peer = nil, nil
	t.show(ViewState{})
}

func (t *tile) show(v ViewState) {
	t.ses.mu.Lock()
	t.shown = v
	t.ses.mu.Unlock()
}
