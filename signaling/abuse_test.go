package signaling

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

func TestHandshakeRefusals(t *testing.T) {
	r := newRig(t, func(o *Options) {
		o.AllowedOrigins = []string{"https://wall.example.org"}
		o.PublicURL = "https://cams.example.org/"
	})
	origin := func(o string) http.Header { return http.Header{"Origin": {o}} }
	for _, c := range []struct {
		name, user string
		header     http.Header
		status     int
	}{
		{"nobody", "", nil, 401},
		{"foreign page", "u", origin("https://evil.example.org"), 403},
		{"foreign page with a lookalike", "u", origin("https://wall.example.org.evil.org"), 403},
		{"foreign page of another scheme", "u", origin("http://wall.example.org"), 403},
		{"opaque origin", "u", origin("null"), 403},
		{"own page", "u", origin(r.http.URL), 101},
		{"allowed page", "u", origin("https://wall.example.org"), 101},
		{"public address", "u", origin("https://cams.example.org"), 101},
		{"no browser", "u", nil, 101},
	} {
		conn, resp, err := r.dial(c.user, "s", c.header)
		if resp == nil || resp.StatusCode != c.status {
			t.Errorf("%s: %v %v, want %d", c.name, err, resp, c.status)
		}
		if conn != nil {
			_ = conn.Close()
		}
	}
	// Without the subprotocol.
	d := websocket.Dialer{}
	_, resp, err := d.Dial("ws"+strings.TrimPrefix(r.http.URL, "http")+"/api/v1/signaling", http.Header{"X-User": {"u"}})
	if err == nil || resp.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("without the subprotocol: %v", err)
	}
	var body problemBody
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil || body.Code != errProtocol.Code {
		t.Errorf("body %+v %v", body, err)
	}
}

func TestSocketsPerUserAreCapped(t *testing.T) {
	r := newRig(t, func(o *Options) { o.SocketsPerUser = 2 })
	a := r.page("u")
	r.page("u")
	conn, _, err := r.dial("u", "s-u", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var bye ByeMessage
	if err := conn.ReadJSON(&bye); err != nil || bye.Code != errTooMany.Code || bye.RetryAfterMS == 0 {
		t.Fatalf("bye %+v %v", bye, err)
	}
	if _, _, err := conn.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseTryAgainLater) {
		t.Errorf("closed with %v", err)
	}
	r.page("w") // others are not touched
	a.cut()
	r.until("a place for a socket is free", func() bool { return r.s.Stats().Sockets == 2 })
	r.page("u")
}

func TestNonsense(t *testing.T) {
	r := newRig(t)
	p := r.page("u")
	p.send(map[string]any{"type": "watch", "view": "v", "camera": "c1", "offer": "v=0", "later": map[string]any{"version": 2}})
	var a AnswerMessage
	p.next("answer", "v", &a)                             // unknown fields are ignored
	p.send(map[string]any{"type": "dance"})               // unknown types are
	p.send(ClientMessage{Type: "close", View: "unknown"}) // what crossed an end is
	p.send(ClientMessage{Type: "candidate", View: "unknown"})
	p.send(ClientMessage{Type: "restart", View: "unknown", Offer: "v=0"})
	p.error("unknown", errNoView.Code)
	p.send(ClientMessage{Type: "watch"})
	if m := p.error("", errMalformed.Code); m.Params["field"] != "view" {
		t.Errorf("error %+v", m)
	}
	p.send(ClientMessage{Type: "watch", View: "x", Camera: "c1"})
	p.error("x", "signaling.offer")
	p.send(ClientMessage{Type: "watch", View: "x y", Camera: "c1", Offer: "v=0"})
	p.error("x y", viewers.ErrBadView.Code)
	p.send(ClientMessage{Type: "watch", View: "x", Camera: "c1", Offer: "v=0", Admit: "always"})
	p.error("x", errMalformed.Code)
	p.send(ClientMessage{Type: "candidate", View: "v", Candidate: &Candidate{Candidate: "nonsense"}})
	if m := p.error("", "signaling.candidate"); m.View != "" || m.Params["view"] != "v" {
		t.Errorf("error %+v would be taken for the answer to a watch", m)
	}

	for range maxNonsense - 1 {
		p.send([]int{1, 2})
		p.error("", errMalformed.Code)
	}
	p.send([]int{1, 2})
	var bye ByeMessage
	p.next("bye", "", &bye)
	if bye.Code != errMalformed.Code || p.closes() != websocket.ClosePolicyViolation {
		t.Errorf("bye %+v", bye)
	}

	q := r.page("u")
	_ = q.conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"`+strings.Repeat("x", maxMessage)+`"}`))
	if code := q.closes(); code != websocket.CloseMessageTooBig {
		t.Errorf("a message over 64 KiB closed with %d", code)
	}
}

func TestAFloodIsStopped(t *testing.T) {
	r := newRig(t)
	p := r.page("u")
	for range rateBurst + 200 {
		if p.conn.WriteJSON(ClientMessage{Type: "dance"}) != nil {
			break
		}
	}
	if code := p.closes(); code != websocket.ClosePolicyViolation {
		t.Errorf("closed with %d", code)
	}
	if st := r.s.Stats(); st.Abusive != 1 {
		t.Errorf("stats %+v", st)
	}
}

func TestAPageThatDoesNotReadIsClosed(t *testing.T) {
	r := newRig(t)
	p := r.page("u")
	p.watch("v", "c1", "if_free")
	peer := r.peer()
	conn, _, err := r.dial("u", "s-u", nil) // takes the session up, and never reads
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.WriteJSON(ClientMessage{Type: "resume", Session: p.hello.Session}); err != nil {
		t.Fatal(err)
	}
	p.closes()
	r.s.mu.Lock()
	ses := r.s.sessions[p.hello.Session]
	r.s.mu.Unlock()
	long := strings.Repeat("x", 60_000)
	for r.s.Stats().Slow == 0 {
		ses.send(ErrorMessage{Type: "error", Detail: long})
	}
	select {
	case <-peer.done:
		t.Error("the peer ended with the slow socket")
	default:
	}
	q := r.page("u") // the page comes back in another socket
	q.send(ClientMessage{Type: "resume", Session: p.hello.Session})
	var st StateMessage
	q.next("state", "v", &st)
}

func TestAPageThatDoesNotReadDoesNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	conn, _, err := r.dial("u", "s-u", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r.until("the session is there", func() bool { return r.s.Stats().Sessions == 1 })
	ses := r.s.all()[0]
	long := strings.Repeat("x", 60_000)
	for range outboxSize / 2 { // more than the buffers between hold, so that a write is under way
		ses.send(ErrorMessage{Type: "error", Detail: long})
	}
	begun := time.Now()
	r.stop()
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("the end took %v", took)
	}
}

func TestAWatchThatCrossesTheEndOfItsSessionOpensNothing(t *testing.T) {
	r := newRig(t)
	held := make(chan struct{})
	r.peers.hold["c1"] = held
	p := r.page("u")
	p.send(ClientMessage{Type: "watch", View: "v", Camera: "c1", Offer: "v=0\r\n"})
	r.until("the first watch is under way", func() bool { return len(r.watching("u")) == 1 })
	r.s.all()[0].finish(viewers.CodeExpired)
	p.send(ClientMessage{Type: "watch", View: "v", Camera: "c2", Offer: "v=0\r\n"})
	p.send(ClientMessage{Type: "watch", View: "w", Camera: "c2", Offer: "v=0\r\n"})
	p.error("w", viewers.CodeStopping) // the messages before it have been taken
	close(held)
	p.end("v", viewers.CodeExpired)
	r.until("nothing is open", func() bool { return len(r.watching("u")) == 0 && r.s.Stats().Views == 0 })
	r.peer()
	select {
	case <-r.peers.opened:
		t.Error("the second watch opened a peer")
	default:
	}
}

func TestFlappingStatesAreFolded(t *testing.T) {
	r := newRig(t)
	p := r.page("u")
	p.watch("v", "c1", "if_free")
	peer := r.peer()
	began := time.Now()
	for i := range 2000 {
		peer.becomes(func(s *Snapshot) { s.Width = i + 1 })
	}
	n := 0
	for {
		var st StateMessage
		p.next("state", "v", &st)
		n++
		if st.Width == 2000 {
			break
		}
	}
	if most := 3 + int(time.Since(began)/stateEvery); n > most {
		t.Errorf("%d states in %v", n, time.Since(began))
	}
}
