package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second

// script is a Peers whose peers do what the test says.
type script struct {
	mu     sync.Mutex
	peers  []*scripted
	opened chan *scripted
	hold   map[camera.ID]chan struct{} // Open of these waits
	refuse error
	start  Snapshot
}

type scripted struct {
	request PeerRequest
	changed chan struct{}
	done    chan struct{}
	once    sync.Once

	mu         sync.Mutex
	snap       Snapshot
	candidates []Candidate
	restarts   []string
	switches   []camera.ID
	stuck      error // what Switch gives
}

func newScript() *script {
	return &script{
		opened: make(chan *scripted, 64), hold: map[camera.ID]chan struct{}{},
		start: Snapshot{Connection: "new", Status: "connecting", Since: time.Now().UTC()},
	}
}

func (s *script) Open(ctx context.Context, r PeerRequest) (Peer, error) {
	s.mu.Lock()
	hold, refuse, start := s.hold[r.Camera], s.refuse, s.start
	s.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if refuse != nil {
		return nil, refuse
	}
	start.Camera, start.Stream = r.Camera, r.Stream
	p := &scripted{request: r, changed: make(chan struct{}, 1), done: make(chan struct{}), snap: start}
	s.mu.Lock()
	s.peers = append(s.peers, p)
	s.mu.Unlock()
	s.opened <- p
	return p, nil
}

func (p *scripted) Answer() string {
	return "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\na=ice-ufrag:gate\r\na=ice-pwd:gatepassword\r\nm=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:0\r\n" +
		"a=candidate:1 1 udp 2130706431 192.0.2.1 8189 typ host\r\na=end-of-candidates\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:1\r\n"
}

func (p *scripted) AddCandidate(c Candidate) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.Candidate == "nonsense" {
		return fault.New(fault.Invalid, "signaling.candidate", "not an ICE candidate")
	}
	p.candidates = append(p.candidates, c)
	return nil
}

func (p *scripted) Restart(offer string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.restarts = append(p.restarts, offer)
	return p.Answer(), nil
}

func (p *scripted) Switch(id camera.ID, stream camera.StreamKind) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.switches = append(p.switches, id)
	return p.stuck
}

func (p *scripted) Changed() <-chan struct{} { return p.changed }
func (p *scripted) Done() <-chan struct{}    { return p.done }
func (p *scripted) Close() error             { p.once.Do(func() { close(p.done) }); return nil }

func (p *scripted) Snapshot() Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.snap
}

// becomes changes the snapshot.
func (p *scripted) becomes(f func(*Snapshot)) {
	p.mu.Lock()
	f(&p.snap)
	p.mu.Unlock()
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

func (p *scripted) took() []Candidate {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Candidate(nil), p.candidates...)
}

// records are users, sessions and cameras.
type records struct {
	mu     sync.Mutex
	ended  map[auth.SessionID]bool
	denied map[camera.ID]bool
	hangs  bool // questions after sessions are not answered
}

func (r *records) MayWatch(_ context.Context, _ auth.User, id camera.ID) (camera.Camera, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.denied[id] || !strings.HasPrefix(string(id), "c") {
		return camera.Camera{}, camera.ErrNotFound
	}
	return camera.Camera{ID: id, Name: "Gate " + string(id), Number: 5}, nil
}

func (r *records) User(_ context.Context, id auth.UserID) (auth.User, error) {
	return auth.User{ID: id, Login: string(id), Role: auth.RoleUser}, nil
}

func (r *records) SessionLives(ctx context.Context, id auth.SessionID) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hangs {
		r.mu.Unlock()
		<-ctx.Done()
		r.mu.Lock()
		return false, ctx.Err()
	}
	return !r.ended[id], nil
}

func (r *records) CameraExists(context.Context, camera.ID) (bool, error) { return true, nil }

func (r *records) change(f func(*records)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(r)
}

type silent struct{}

func (silent) Record(events.Event) {}

type rig struct {
	t       *testing.T
	s       *Signaling
	viewers *viewers.Viewers
	peers   *script
	records *records
	http    *httptest.Server
	stop    func()
}

func newRig(t *testing.T, change ...func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, peers: newScript(), records: &records{ended: map[auth.SessionID]bool{}, denied: map[camera.ID]bool{}}}
	tracker, err := viewers.NewMemory(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	r.viewers, err = viewers.New(viewers.Options{
		Rights: r.records, Tracker: tracker, Events: silent{}, Logger: logger, Limit: 4, Beat: 100 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Viewers: r.viewers, Peers: r.peers, Sessions: r.records, Logger: logger}
	for _, f := range change {
		f(&o)
	}
	if r.s, err = New(o); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = r.viewers.Run(ctx) })
	wg.Go(func() { _ = r.s.Run(ctx) })
	r.stop = sync.OnceFunc(func() { cancel(); wg.Wait() })

	mux := http.NewServeMux()
	mux.Handle("GET /api/v1/signaling", r.s.Socket())
	mux.Handle("/api/v1/cameras/{id}/whep", r.s.WHEP())
	mux.Handle("/api/v1/whep/{secret}", r.s.WHEP())
	r.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if user := req.Header.Get("X-User"); user != "" {
			req = req.WithContext(auth.WithPrincipal(req.Context(), auth.Principal{
				User: auth.User{ID: auth.UserID(user), Login: user}, Session: auth.SessionID(req.Header.Get("X-Session")), Remote: "192.0.2.9",
			}))
		}
		mux.ServeHTTP(w, req)
	}))
	t.Cleanup(func() { r.stop(); r.http.Close() })
	return r
}

// page is a browser's end of a socket.
type page struct {
	r       *rig
	conn    *websocket.Conn
	hello   HelloMessage
	in      chan map[string]any
	closed  chan struct{}
	err     error // set before closed
	stopped func()
}

func (r *rig) dial(user, session string, header http.Header) (*websocket.Conn, *http.Response, error) {
	if header == nil {
		header = http.Header{}
	}
	header.Set("X-User", user)
	header.Set("X-Session", session)
	d := websocket.Dialer{Subprotocols: []string{Protocol}, HandshakeTimeout: patience}
	return d.Dial("ws"+strings.TrimPrefix(r.http.URL, "http")+"/api/v1/signaling", header)
}

func (r *rig) page(user string) *page {
	r.t.Helper()
	conn, resp, err := r.dial(user, "s-"+user, nil)
	if err != nil {
		r.t.Fatal(err, resp)
	}
	p := &page{r: r, conn: conn, in: make(chan map[string]any, 1024), closed: make(chan struct{})}
	go func() {
		defer close(p.closed)
		for {
			_, body, err := conn.ReadMessage()
			if err != nil {
				p.err = err
				return
			}
			var m map[string]any
			if err := json.Unmarshal(body, &m); err != nil {
				p.err = err
				return
			}
			p.in <- m
		}
	}()
	r.t.Cleanup(func() { _ = conn.Close(); <-p.closed })
	p.next("hello", "", &p.hello)
	return p
}

func (p *page) send(m any) {
	p.r.t.Helper()
	if err := p.conn.WriteJSON(m); err != nil {
		p.r.t.Fatal(err)
	}
}

// next waits for the next message of a type and view, passing over others, and reads it into m.
func (p *page) next(kind, view string, m any) {
	p.r.t.Helper()
	late := time.After(patience)
	var seen []any
	for {
		select {
		case got := <-p.in:
			if got["type"] != kind || view != "" && got["view"] != view {
				seen = append(seen, got)
				continue
			}
			body, _ := json.Marshal(got)
			if err := json.Unmarshal(body, m); err != nil {
				p.r.t.Fatal(err)
			}
			return
		case <-late:
			p.r.t.Fatalf("no %s of %q; seen %v", kind, view, seen)
		}
	}
}

func (p *page) watch(view, cam, admit string) AnswerMessage {
	p.r.t.Helper()
	p.send(ClientMessage{Type: "watch", View: view, Camera: cam, Admit: admit, Offer: "v=0\r\n", Label: "Chrome"})
	var a AnswerMessage
	p.next("answer", view, &a)
	return a
}

func (p *page) error(view, code string) ErrorMessage {
	p.r.t.Helper()
	var m ErrorMessage
	p.next("error", view, &m)
	if m.Code != code {
		p.r.t.Fatalf("error %+v, want %s", m, code)
	}
	return m
}

func (p *page) end(view, code string) EndMessage {
	p.r.t.Helper()
	var m EndMessage
	p.next("end", view, &m)
	if m.Code != code {
		p.r.t.Fatalf("end %+v, want %s", m, code)
	}
	return m
}

// closes waits until the gateway has closed the socket, and gives the close code.
func (p *page) closes() int {
	p.r.t.Helper()
	select {
	case <-p.closed:
	case <-time.After(patience):
		p.r.t.Fatal("the socket stays open")
	}
	var c *websocket.CloseError
	if errors.As(p.err, &c) {
		return c.Code
	}
	p.r.t.Fatalf("closed without a code: %v", p.err)
	return 0
}

// cut loses the socket as a network does: nothing is said.
func (p *page) cut() {
	_ = p.conn.NetConn().Close()
	<-p.closed
}

func (r *rig) peer() *scripted {
	r.t.Helper()
	select {
	case p := <-r.peers.opened:
		return p
	case <-time.After(patience):
		r.t.Fatal("no peer was opened")
		return nil
	}
}

func (r *rig) gone(p *scripted) {
	r.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		r.t.Fatal("the peer lives on")
	}
}

func (r *rig) until(what string, f func() bool) {
	r.t.Helper()
	late := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		select {
		case <-late:
			r.t.Fatal("never: " + what)
		case <-tick.C:
		}
	}
}

func (r *rig) watching(user string) (views []string) {
	r.t.Helper()
	list, err := r.viewers.ListUser(context.Background(), auth.UserID(user))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, w := range list {
		views = append(views, string(w.View))
	}
	return views
}

func principal(user string) auth.Principal {
	return auth.Principal{User: auth.User{ID: auth.UserID(user), Login: user}}
}
