package signaling

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

func TestWatchIsAnsweredBeforeTheCameraIsThere(t *testing.T) {
	r := newRig(t)
	p := r.page("u")
	if p.hello.Limit != 4 || p.hello.Session == "" || p.hello.Resumed || p.hello.ResumeMS != 60_000 {
		t.Fatalf("hello %+v", p.hello)
	}
	mid := "0"
	p.send(ClientMessage{Type: "watch", View: "v1", Camera: "c1", Offer: "v=0\r\n", Stream: "sub"})
	p.send(ClientMessage{Type: "candidate", View: "v1", Candidate: &Candidate{Candidate: "one", SDPMid: &mid}}) // before the answer
	p.send(ClientMessage{Type: "candidate", View: "v1", Candidate: &Candidate{Candidate: "two"}})
	p.send(ClientMessage{Type: "candidate", View: "v1"})
	var a AnswerMessage
	p.next("answer", "v1", &a)
	if a.SDP == "" || a.Camera != "c1" || a.Generation == 0 || time.Since(a.OpenedAt) > time.Minute {
		t.Fatalf("answer %+v", a)
	}
	var c CandidateMessage
	p.next("candidate", "v1", &c)
	if c.Candidate != nil {
		t.Fatalf("candidate %+v", c)
	}
	var st StateMessage
	p.next("state", "v1", &st)
	if st.Status != "connecting" || st.Generation != a.Generation {
		t.Fatalf("state %+v", st)
	}
	peer := r.peer()
	if peer.request.Stream != "sub" || peer.request.PageHost != "127.0.0.1" || peer.request.Grouping != Apart {
		t.Errorf("request %+v", peer.request)
	}
	r.until("candidates arrive", func() bool { return len(peer.took()) == 3 })
	if got := peer.took(); got[0].Candidate != "one" || *got[0].SDPMid != "0" || got[1].Candidate != "two" || got[2].Candidate != "" {
		t.Errorf("candidates %+v", got)
	}

	peer.becomes(func(s *Snapshot) {
		s.Connection, s.Status, s.FrameInterval, s.Audio, s.Width = Connected, "live", 500*time.Millisecond, true, 1920
	})
	p.next("state", "v1", &st)
	if st.Status != "live" || st.FrameIntervalMS != 500 || !st.Audio || st.Width != 1920 {
		t.Fatalf("state %+v", st)
	}

	p.send(ClientMessage{Type: "restart", View: "v1", Offer: "v=0\r\nrestarted"})
	var again AnswerMessage
	p.next("answer", "v1", &again)
	if again.Generation != a.Generation || peer.restarts[0] != "v=0\r\nrestarted" {
		t.Fatalf("answer %+v to the restart", again)
	}

	p.send(ClientMessage{Type: "close", View: "v1"})
	if end := p.end("v1", viewers.CodeClosed); end.Retry || end.Generation != a.Generation {
		t.Errorf("end %+v", end)
	}
	r.gone(peer)
	if v := r.watching("u"); len(v) != 0 {
		t.Errorf("still watching %v", v)
	}
}

func TestTheFifthEvictsAcrossSocketsAndTheEvictedIsNotReopenedByAMachine(t *testing.T) {
	r := newRig(t)
	a, b := r.page("u"), r.page("u")
	for i := range 4 {
		a.watch(fmt.Sprintf("v%d", i), fmt.Sprintf("c%d", i), "evict_oldest")
	}
	first := r.peer()
	b.watch("w", "c9", "evict_oldest")
	end := a.end("v0", viewers.CodeEvicted)
	if end.Retry || end.Params["camera"] != "Gate c9" || end.Params["where"] != "Chrome" {
		t.Errorf("end %+v", end)
	}
	r.gone(first)
	a.send(ClientMessage{Type: "watch", View: "v0", Camera: "c0", Offer: "v=0"})
	if m := a.error("v0", viewers.CodeEvicted); m.Retry || m.Params["camera"] != "Gate c9" {
		t.Errorf("error %+v", m)
	}
	b.send(ClientMessage{Type: "watch", View: "x", Camera: "c9", Offer: "v=0"})
	if m := b.error("x", viewers.ErrLimit.Code); !m.Retry || m.RetryAfterMS == 0 || m.Params["limit"] != "4" {
		t.Errorf("error %+v", m)
	}
	other := r.page("w") // another user has a limit of his own
	other.watch("v0", "c0", "if_free")
}

func TestAnotherCameraInTheSameTile(t *testing.T) {
	r := newRig(t)
	p := r.page("u")
	first := p.watch("v", "c1", "evict_oldest")
	former := r.peer()
	second := p.watch("v", "c2", "evict_oldest")
	if second.Camera != "c2" || second.Generation <= first.Generation {
		t.Fatalf("answer %+v after %+v", second, first)
	}
	r.gone(former)
	now := r.peer()

	// Refused: what stood before stands.
	p.send(ClientMessage{Type: "watch", View: "v", Camera: "secret", Offer: "v=0"})
	p.error("v", "camera.not_found")
	now.becomes(func(s *Snapshot) { s.Status = "live" })
	var st StateMessage
	for st.Status != "live" {
		p.next("state", "v", &st)
	}
	if st.Generation != second.Generation {
		t.Errorf("state %+v", st)
	}
	select {
	case m := <-p.in:
		t.Errorf("a replaced opening told the page %v", m)
	default:
	}
}

func TestASlowViewDelaysNoOther(t *testing.T) {
	r := newRig(t)
	hold := make(chan struct{})
	r.peers.hold["c1"] = hold
	p := r.page("u")
	p.send(ClientMessage{Type: "watch", View: "slow", Camera: "c1", Offer: "v=0"})
	p.send(ClientMessage{Type: "close", View: "slow"})
	p.watch("fast", "c2", "if_free") // answered meanwhile
	close(hold)
	p.end("slow", viewers.CodeClosed) // in its own order: opened, then closed
}

func TestPeersThatDieAreExpired(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.page("u")
	p.watch("a", "c1", "if_free")
	one := r.peer()
	second := p.watch("b", "c2", "if_free")
	two := r.peer()
	one.becomes(func(s *Snapshot) { s.Connection = Failed })
	if end := p.end("a", viewers.CodeExpired); !end.Retry {
		t.Errorf("end %+v", end)
	}
	p.watch("a", "c1", "if_free")

	// A connection that the browser closed is another matter: the same view may go on by HLS, or after a reload.
	_ = two.Close()
	q := r.page("u")
	if again := q.watch("b", "c2", "if_free"); !again.OpenedAt.Equal(second.OpenedAt) {
		t.Errorf("opened at %v before, %v after", second.OpenedAt, again.OpenedAt)
	}
	p.end("b", viewers.CodeReplaced)
	_ = r.peer().Close() // a's
	if end := p.end("a", viewers.CodeExpired); !end.Retry {
		t.Errorf("end %+v", end)
	}
}

func TestCodecsRefusedKeepThePlaceForHLS(t *testing.T) {
	r := newRig(t)
	r.peers.refuse = fault.New(fault.Unsupported, "signaling.codecs", "the browser offers no H.264")
	p := r.page("u")
	p.send(ClientMessage{Type: "watch", View: "v", Camera: "c1", Offer: "v=0"})
	if m := p.error("v", "signaling.codecs"); m.Retry {
		t.Errorf("error %+v", m)
	}
	if v := r.watching("u"); len(v) != 1 {
		t.Errorf("watching %v: the place was given away", v)
	}
}

func TestResumeTakesUpWhatLives(t *testing.T) {
	r := newRig(t)
	p := r.page("u")
	lives := p.watch("lives", "c1", "if_free")
	peer := r.peer()
	p.watch("ends", "c2", "if_free")
	r.peer()
	p.cut()
	if err := r.viewers.EndView(context.Background(), principal("m"), viewers.Place{User: "u", View: "ends"}); err != nil {
		t.Fatal(err)
	}
	peer.becomes(func(s *Snapshot) { s.Connection, s.Status = Connected, "live" })

	// Somebody else, and the same user signed in elsewhere, can't take it up.
	for _, who := range [][2]string{{"x", "s-x"}, {"u", "other"}} {
		conn, _, err := r.dial(who[0], who[1], nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.WriteJSON(ClientMessage{Type: "resume", Session: p.hello.Session})
		for range 2 {
			var h HelloMessage
			if err := conn.ReadJSON(&h); err != nil || h.Resumed || h.Session == p.hello.Session {
				t.Fatalf("%v: hello %+v, %v", who, h, err)
			}
		}
		_ = conn.Close()
	}

	q := r.page("u")
	q.send(ClientMessage{Type: "resume", Session: p.hello.Session})
	var h HelloMessage
	q.next("hello", "", &h)
	if !h.Resumed || h.Session != p.hello.Session || len(h.Views) != 1 || h.Views[0] != (ViewState{View: "lives", Camera: "c1", Generation: lives.Generation}) {
		t.Fatalf("hello %+v", h)
	}
	if end := q.end("ends", viewers.CodeClosed); end.Params["by"] == "" {
		t.Errorf("end %+v", end)
	}
	var st StateMessage
	q.next("state", "lives", &st)
	if st.Status != "live" {
		t.Errorf("state %+v", st)
	}
	select {
	case <-peer.done:
		t.Error("the peer was ended by a lost socket")
	default:
	}
	q.send(ClientMessage{Type: "candidate", View: "lives", Candidate: &Candidate{Candidate: "late"}})
	r.until("the candidate arrives", func() bool { return len(peer.took()) == 1 })
	q.send(ClientMessage{Type: "close", View: "lives"})
	q.end("lives", viewers.CodeClosed)
}

func TestResumeFromALivingSocketClosesTheFormer(t *testing.T) {
	r := newRig(t)
	p := r.page("u")
	p.watch("v", "c1", "if_free")
	q := r.page("u")
	q.send(ClientMessage{Type: "resume", Session: p.hello.Session})
	var h HelloMessage
	q.next("hello", "", &h)
	if !h.Resumed {
		t.Fatalf("hello %+v", h)
	}
	if code := p.closes(); code != closeTakenOver {
		t.Errorf("the former socket closed with %d", code)
	}
	var st StateMessage
	q.next("state", "v", &st)
	q.send(ClientMessage{Type: "resume", Session: "another"})
	q.error("", errResume.Code)
}

func TestASessionThatNobodyResumesExpires(t *testing.T) {
	r := newRig(t, func(o *Options) { o.ResumeFor = 50 * time.Millisecond })
	p := r.page("u")
	p.watch("v", "c1", "if_free")
	peer := r.peer()
	p.cut()
	r.gone(peer)
	r.until("its place is free", func() bool { return len(r.watching("u")) == 0 })
	r.until("the session is forgotten", func() bool { return r.s.Stats().Sessions == 0 })
}

func TestAReloadedPageKeepsItsPlaces(t *testing.T) {
	r := newRig(t)
	p := r.page("u")
	var before [4]AnswerMessage
	for i := range before {
		before[i] = p.watch(fmt.Sprintf("v%d", i), "c1", "evict_oldest")
	}
	peer := r.peer()
	_ = p.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, ""), time.Now().Add(time.Second))
	r.gone(peer) // the browser's end is no more
	q := r.page("u")
	q.send(ClientMessage{Type: "watch", View: "other", Camera: "c2", Offer: "v=0"})
	q.error("other", viewers.ErrLimit.Code)
	for i := range before {
		if a := q.watch(fmt.Sprintf("v%d", i), "c1", "if_free"); !a.OpenedAt.Equal(before[i].OpenedAt) {
			t.Errorf("opened at %v before, %v after the reload", before[i].OpenedAt, a.OpenedAt)
		}
	}
}

func TestStoppingTellsEverybody(t *testing.T) {
	r := newRig(t)
	p := r.page("u")
	p.watch("v", "c1", "if_free")
	peer := r.peer()
	r.stop()
	if end := p.end("v", viewers.CodeStopping); !end.Retry {
		t.Errorf("end %+v", end)
	}
	var bye ByeMessage
	p.next("bye", "", &bye)
	if bye.Code != viewers.CodeStopping || bye.RetryAfterMS < 500 || bye.RetryAfterMS > 3000 {
		t.Errorf("bye %+v", bye)
	}
	if code := p.closes(); code != websocket.CloseGoingAway {
		t.Errorf("closed with %d", code)
	}
	r.gone(peer)
	_, resp, err := r.dial("u", "s", nil)
	if err == nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a new socket while stopping: %v", err)
	}
}

func TestRecheckEndsSocketsOfASessionThatIsOver(t *testing.T) {
	r := newRig(t)
	p, other := r.page("u"), r.page("w")
	p.watch("v", "c1", "if_free")
	r.records.change(func(rec *records) { rec.ended["s-u"] = true })
	r.s.Recheck(context.Background())
	p.end("v", viewers.CodeClosed)
	var bye ByeMessage
	p.next("bye", "", &bye)
	if bye.Code != "auth.token" {
		t.Errorf("bye %+v", bye)
	}
	if code := p.closes(); code != websocket.ClosePolicyViolation {
		t.Errorf("closed with %d", code)
	}
	other.watch("v", "c1", "if_free")
}

func TestRecheckIsBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.page("u")
	r.records.change(func(rec *records) { rec.hangs = true })
	begun := time.Now()
	r.s.Recheck(context.Background())
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("a database that hangs held up whoever tells of changes for %v", took)
	}
	r.records.change(func(rec *records) { rec.hangs = false })
	p.watch("v", "c1", "if_free") // what could not be found out ends nothing
}

func TestARevokedGrantEndsTheTile(t *testing.T) {
	r := newRig(t)
	p := r.page("u")
	p.watch("v", "c1", "if_free")
	peer := r.peer()
	r.records.change(func(rec *records) { rec.denied["c1"] = true })
	r.viewers.Judge(context.Background())
	if end := p.end("v", viewers.CodeRevoked); end.Retry || end.Params["reason"] != "grant" {
		t.Errorf("end %+v", end)
	}
	r.gone(peer)
}
