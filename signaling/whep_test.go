package signaling

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

const whepOffer = "v=0\r\no=- 42 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:0\r\n" +
	"a=ice-ufrag:play\r\na=ice-pwd:playerpassword\r\na=fingerprint:sha-256 AA\r\na=candidate:9 1 udp 1 192.0.2.5 5 typ host\r\n"

type reply struct {
	*http.Response
	body    string
	problem problemBody
}

// ask makes a request as user u; header is "Name: value" lines.
func (r *rig) ask(method, path, body string, header ...string) reply {
	r.t.Helper()
	return r.askAs("u", method, path, body, header...)
}

func (r *rig) askAs(user, method, path, body string, header ...string) reply {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, r.http.URL+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("X-User", user)
	req.Header.Set("User-Agent", "GStreamer/1.22 souphttpsrc")
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := r.http.Client().Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	got := reply{Response: resp, body: string(text)}
	if resp.Header.Get("Content-Type") == "application/problem+json" {
		if err := json.Unmarshal(text, &got.problem); err != nil {
			r.t.Fatal(err)
		}
	}
	return got
}

func (r *rig) wants(what string, got reply, status int, code string) {
	r.t.Helper()
	if got.StatusCode != status || got.problem.Code != code {
		r.t.Fatalf("%s: %d %q %s, want %d %q", what, got.StatusCode, got.problem.Code, got.body, status, code)
	}
}

const sdp, frag = "Content-Type: application/sdp", "Content-Type: application/trickle-ice-sdpfrag"

// liveRig's cameras send pictures at once.
func liveRig(t *testing.T, change ...func(*Options)) *rig {
	r := newRig(t, change...)
	r.peers.start.Status, r.peers.start.Connection = "live", Connected
	return r
}

func TestWHEPFromOfferToDelete(t *testing.T) {
	r := liveRig(t, func(o *Options) {
		o.ICEServers = []ICEServer{{URLs: []string{"turn:turn.example.org"}, Username: "wall", Credential: `a"b`}}
	})
	got := r.ask("POST", "/api/v1/cameras/c1/whep", whepOffer, sdp, "Accept: application/sdp")
	r.wants("post", got, http.StatusCreated, "")
	peer := r.peer()
	if got.body != peer.Answer() || got.Header.Get("Content-Type") != "application/sdp" || got.Header.Get("Accept-Patch") != mediaSDPFrag {
		t.Errorf("answer %v %s", got.Header, got.body)
	}
	if link := got.Header.Get("Link"); link != `<turn:turn.example.org>; rel="ice-server"; username="wall"; credential="a\"b"; credential-type="password"` {
		t.Errorf("link %s", link)
	}
	if peer.request.Grouping != Together || peer.request.Offer != whepOffer {
		t.Errorf("request %+v", peer.request)
	}
	location, etag := got.Header.Get("Location"), got.Header.Get("ETag")
	if key := strings.TrimPrefix(location, "/api/v1/whep/"); len(key) < 22 || strings.Contains(key, "/") {
		t.Errorf("location %q holds fewer than 128 bits", location)
	}
	if !strings.HasPrefix(etag, `"`) {
		t.Errorf("etag %s is not strong", etag)
	}
	list, _ := r.viewers.ListUser(context.Background(), "u")
	if len(list) != 1 || list[0].Transport != viewers.WHEP || list[0].Label != "GStreamer 1.22" {
		t.Errorf("views %+v", list)
	}

	trickle := "a=ice-ufrag:play\r\na=ice-pwd:playerpassword\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n" +
		"a=candidate:1 1 udp 2130706431 192.0.2.5 50000 typ host\r\na=end-of-candidates\r\n"
	r.wants("trickle", r.ask("PATCH", location, trickle, frag, "If-Match: "+etag), http.StatusNoContent, "")
	if c := peer.took(); len(c) != 2 || c[0].Candidate != "candidate:1 1 udp 2130706431 192.0.2.5 50000 typ host" || *c[0].SDPMid != "0" ||
		*c[0].UsernameFragment != "play" || c[1].Candidate != "" {
		t.Errorf("candidates %+v", c)
	}
	r.wants("no If-Match", r.ask("PATCH", location, trickle, frag), http.StatusPreconditionRequired, errNeedsMatch.Code)
	r.wants("stale If-Match", r.ask("PATCH", location, trickle, frag, `If-Match: "old"`), http.StatusPreconditionFailed, errMatch.Code)
	r.wants("not a fragment", r.ask("PATCH", location, "a=mid:0", frag, "If-Match: *"), http.StatusUnprocessableEntity, errBadFragment.Code)
	r.wants("wrong type", r.ask("PATCH", location, trickle, sdp, "If-Match: *"), http.StatusUnsupportedMediaType, errFragMedia.Code)
	r.wants("another user", r.askAs("w", "PATCH", location, trickle, frag, "If-Match: *"), http.StatusNotFound, errNoResource.Code)
	r.wants("another user's delete", r.askAs("w", "DELETE", location, ""), http.StatusNotFound, errNoResource.Code)

	restart := "a=ice-ufrag:new\r\na=ice-pwd:newpassword\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
	r.wants("restart without *", r.ask("PATCH", location, restart, frag, "If-Match: "+etag), http.StatusPreconditionFailed, errMatch.Code)
	got = r.ask("PATCH", location, restart, frag, "If-Match: *")
	r.wants("restart", got, http.StatusOK, "")
	if got.Header.Get("ETag") == etag || got.Header.Get("ETag") == "" || got.Header.Get("Content-Type") != mediaSDPFrag {
		t.Errorf("restart %v", got.Header)
	}
	want := "a=ice-ufrag:gate\r\na=ice-pwd:gatepassword\r\nm=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:0\r\n" +
		"a=candidate:1 1 udp 2130706431 192.0.2.1 8189 typ host\r\na=end-of-candidates\r\n"
	if got.body != want {
		t.Errorf("restart answered %q, want %q", got.body, want)
	}
	if o := peer.restarts[0]; !strings.Contains(o, "o=- 42 3 ") || !strings.Contains(o, "a=ice-ufrag:new\r\na=ice-pwd:newpassword\r\na=fingerprint") ||
		strings.Contains(o, "candidate") {
		t.Errorf("restart offered %q", o)
	}
	r.wants("trickle of the former session", r.ask("PATCH", location, trickle, frag, "If-Match: "+etag), http.StatusPreconditionFailed, errMatch.Code)

	r.wants("delete", r.ask("DELETE", location, ""), http.StatusOK, "")
	r.gone(peer)
	if v := r.watching("u"); len(v) != 0 {
		t.Errorf("still watching %v", v)
	}
	r.until("it is gone", func() bool { return r.ask("DELETE", location, "").StatusCode == http.StatusGone })
	r.wants("after the end", r.ask("PATCH", location, trickle, frag, "If-Match: *"), http.StatusGone, viewers.CodeClosed)
}

func TestWHEPEvicted(t *testing.T) {
	r := liveRig(t)
	got := r.ask("POST", "/api/v1/cameras/c1/whep?view=player", whepOffer, sdp)
	r.wants("post", got, http.StatusCreated, "")
	peer := r.peer()
	p := r.page("u")
	for _, v := range []string{"a", "b", "c", "d"} {
		p.watch(v, "c2", "evict_oldest")
	}
	r.gone(peer)
	location := got.Header.Get("Location")
	gone := r.ask("PATCH", location, "", frag, "If-Match: *")
	r.wants("patch", gone, http.StatusGone, viewers.CodeEvicted)
	if gone.problem.Params["camera"] != "Gate c2" || gone.problem.Params["where"] != "Chrome" {
		t.Errorf("params %v", gone.problem.Params)
	}
	again := r.ask("POST", "/api/v1/cameras/c1/whep?view=player&admit=if_free", whepOffer, sdp)
	r.wants("a machine's return", again, http.StatusGone, viewers.CodeEvicted)
	again = r.ask("POST", "/api/v1/cameras/c1/whep?view=new&admit=if_free", whepOffer, sdp)
	r.wants("another machine", again, http.StatusConflict, viewers.ErrLimit.Code)
	again = r.ask("POST", "/api/v1/cameras/c1/whep?view=player&replaces=b&admit=if_free", whepOffer, sdp)
	r.wants("a machine that replaces", again, http.StatusGone, viewers.CodeEvicted)
	again = r.ask("POST", "/api/v1/cameras/c1/whep?view=new&replaces=b&admit=if_free", whepOffer, sdp)
	r.wants("replaces", again, http.StatusCreated, "")
	if end := p.end("b", viewers.CodeClosed); end.Params["replaced_by"] != "new" {
		t.Errorf("end %+v", end)
	}
	r.wants("a person's return", r.ask("POST", "/api/v1/cameras/c1/whep?view=player", whepOffer, sdp), http.StatusCreated, "")
	p.end("a", viewers.CodeEvicted)
}

func TestWHEPTakesOverATile(t *testing.T) {
	r := liveRig(t)
	p := r.page("u")
	before := p.watch("tile", "c1", "if_free")
	r.wants("post", r.ask("POST", "/api/v1/cameras/c1/whep?view=tile&admit=if_free", whepOffer, sdp), http.StatusCreated, "")
	if end := p.end("tile", viewers.CodeReplaced); end.Retry {
		t.Errorf("end %+v", end)
	}
	list, _ := r.viewers.ListUser(context.Background(), "u")
	if len(list) != 1 || !list[0].OpenedAt.Equal(before.OpenedAt) {
		t.Errorf("views %+v, opened %v before", list, before.OpenedAt)
	}
}

func TestWHEPWaitsForTheCamera(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	replies := make(chan reply, 1)
	go func() { replies <- r.ask("POST", "/api/v1/cameras/c1/whep", whepOffer, sdp) }()
	peer := r.peer()
	peer.becomes(func(s *Snapshot) { s.Code = "camera.timeout" })
	peer.becomes(func(s *Snapshot) { s.Status, s.Code = "live", "" })
	r.wants("a camera that comes up", <-replies, http.StatusCreated, "")

	go func() { replies <- r.ask("POST", "/api/v1/cameras/c2/whep", whepOffer, sdp) }()
	peer = r.peer()
	peer.becomes(func(s *Snapshot) {
		s.Status, s.Code, s.Params = "unsupported", "media.codec", map[string]string{"codec": "H265"}
	})
	got := <-replies
	r.wants("H.265", got, http.StatusUnprocessableEntity, "media.codec")
	if got.problem.Params["codec"] != "H265" {
		t.Errorf("params %v", got.problem.Params)
	}
	r.gone(peer)

	began := time.Now()
	go func() { replies <- r.ask("POST", "/api/v1/cameras/c3/whep", whepOffer, sdp) }()
	peer = r.peer()
	peer.becomes(func(s *Snapshot) { s.Status, s.Code = "refused", "camera.credentials" })
	got = <-replies
	r.wants("a camera that refuses", got, http.StatusServiceUnavailable, "camera.credentials")
	if waited := time.Since(began); waited < liveWithin || waited > liveWithin+3*time.Second {
		t.Errorf("waited %v", waited)
	}
	if got.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	r.gone(peer)
	if v := r.watching("u"); len(v) != 1 {
		t.Errorf("watching %v: only the first is live", v)
	}
}

func TestWHEPRefusals(t *testing.T) {
	r := liveRig(t)
	const post = "/api/v1/cameras/c1/whep"
	r.wants("nobody", r.askAs("", "POST", post, whepOffer, sdp), http.StatusUnauthorized, "auth.token")
	r.wants("unknown camera", r.ask("POST", "/api/v1/cameras/x/whep", whepOffer, sdp), http.StatusNotFound, "camera.not_found")
	r.wants("type", r.ask("POST", post, whepOffer, "Content-Type: text/plain"), http.StatusUnsupportedMediaType, errMedia.Code)
	r.wants("accept", r.ask("POST", post, whepOffer, sdp, "Accept: text/html, application/sdp;q=0"), http.StatusNotAcceptable, errAccept.Code)
	r.wants("large", r.ask("POST", post, whepOffer+strings.Repeat("a", maxMessage), sdp), http.StatusRequestEntityTooLarge, errTooLarge.Code)
	r.wants("no offer", r.ask("POST", post, "hello", sdp), http.StatusUnprocessableEntity, errOffer.Code)
	r.wants("view", r.ask("POST", post+"?view=a%2Fb", whepOffer, sdp), http.StatusUnprocessableEntity, viewers.ErrBadView.Code)
	r.wants("admit", r.ask("POST", post+"?admit=always", whepOffer, sdp), http.StatusUnprocessableEntity, viewers.ErrBadRequest.Code)
	r.wants("stream", r.ask("POST", post+"?stream=third", whepOffer, sdp), http.StatusUnprocessableEntity, errStreamKind.Code)
	r.wants("guessed", r.ask("DELETE", "/api/v1/whep/AAAAAAAAAAAAAAAAAAAAAA", ""), http.StatusNotFound, errNoResource.Code)
	got := r.ask("GET", post, "")
	r.wants("get", got, http.StatusMethodNotAllowed, errMethod.Code)
	if got.Header.Get("Allow") != "OPTIONS, POST" {
		t.Errorf("allow %q", got.Header.Get("Allow"))
	}
	got = r.ask("OPTIONS", post, "")
	if got.StatusCode != http.StatusNoContent || got.Header.Get("Accept-Post") != mediaSDP {
		t.Errorf("options %d %v", got.StatusCode, got.Header)
	}
	r.peers.refuse = fault.New(fault.Unsupported, "signaling.codecs", "the browser offers no H.264")
	r.wants("codecs", r.ask("POST", post, whepOffer, sdp), http.StatusUnprocessableEntity, "signaling.codecs")
	if v := r.watching("u"); len(v) != 0 {
		t.Errorf("watching %v after refusals", v)
	}
}

func TestWHEPPeerThatDiesFreesThePlace(t *testing.T) {
	r := liveRig(t)
	got := r.ask("POST", "/api/v1/cameras/c1/whep", whepOffer, sdp)
	r.wants("post", got, http.StatusCreated, "")
	r.peer().becomes(func(s *Snapshot) { s.Connection = Failed })
	r.until("the place is free", func() bool { return len(r.watching("u")) == 0 })
	r.until("it says why", func() bool {
		return r.ask("DELETE", got.Header.Get("Location"), "").problem.Code == viewers.CodeExpired
	})
}

func TestWHEPStops(t *testing.T) {
	r := liveRig(t)
	r.wants("post", r.ask("POST", "/api/v1/cameras/c1/whep", whepOffer, sdp), http.StatusCreated, "")
	peer := r.peer()
	r.stop()
	r.gone(peer)
	r.wants("while stopping", r.ask("POST", "/api/v1/cameras/c1/whep", whepOffer, sdp), http.StatusServiceUnavailable, viewers.CodeStopping)
}

func FuzzFragment(f *testing.F) {
	f.Add("a=ice-ufrag:a\r\na=ice-pwd:b\r\nm=video 9 X 0\r\na=mid:0\r\na=candidate:1 1 udp 1 1.1.1.1 1 typ host\r\n")
	f.Add("m=\na=ice-ufrag:\n")
	f.Fuzz(func(t *testing.T, body string) {
		frag, err := parseFragment(body)
		if err != nil {
			return
		}
		offer := restartOffer(whepOffer, frag)
		if ufrag, pwd := sdpCredentials(offer); ufrag != frag.ufrag || pwd != frag.pwd {
			t.Errorf("credentials %q %q in %q", ufrag, pwd, offer)
		}
	})
}
