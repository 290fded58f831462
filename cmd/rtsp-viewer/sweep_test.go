package main

import (
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// knownWithin is how long it may take until a new camera's state is known: it is due at once, and asked within seconds.
const knownWithin = 30 * time.Second

// standing is how the API says that a camera is doing.
type standing struct {
	State  string     `json:"state"`
	Code   string     `json:"state_code"`
	Since  *time.Time `json:"state_since"`
	SeenAt *time.Time `json:"seen_at"`
	Views  int        `json:"views"`
}

func (g *gateway) wantStanding(c cameraAnswer, state, code string) standing {
	g.t.Helper()
	var s standing
	eventually(g.t, knownWithin, c.Name+" to be "+state+" "+code, func() bool {
		g.admin.want(http.StatusOK, "GET", "/cameras/"+c.ID, nil, &s)
		return s.State == state && s.Code == code
	})
	return s
}

// TestCamerasThatNobodyWatchesAreKnown looks at the list of cameras before, while and after somebody watches one.
func TestCamerasThatNobodyWatchesAreKnown(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	cam := rtsptest.Start(t, small(1))
	cam.OneSession()
	cam.RequireAuth("admin", "canary", "digest")
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	good := g.addCamera("good", cam.URL(), map[string]any{"username": "admin", "password": "canary"})
	gone := g.addCamera("gone", "rtsp://"+closed.Addr().String()+"/1", nil)
	left := g.addCamera("left alone", "rtsp://"+closed.Addr().String()+"/1", map[string]any{"sweep": false})

	if s := g.wantStanding(good, "reachable", ""); s.Since == nil || s.SeenAt == nil || s.Views != 0 {
		t.Errorf("a camera that answers: %+v", s)
	}
	if s := g.wantStanding(gone, "refused", "camera.unreachable"); s.Since == nil || s.SeenAt != nil {
		t.Errorf("a camera that is gone: %+v", s)
	}
	g.wantStanding(left, "unknown", "")
	if s := cam.Stats(); s.SessionsEver != 0 || s.Describes != 0 || s.Denied != 0 {
		t.Errorf("to be asked is more than to be asked: %+v", s)
	}
	listed := func(state string) (names []string) {
		t.Helper()
		var page struct{ Items []cameraAnswer }
		g.admin.want(http.StatusOK, "GET", "/cameras?state="+state, nil, &page)
		for _, c := range page.Items {
			names = append(names, c.Name)
		}
		return names
	}
	if got := listed("refused&state=unknown"); len(got) != 2 || got[0] != "gone" {
		t.Errorf("with trouble: %v", got)
	}

	p := g.openPage(g.admin)
	x := p.watch(good)
	x.wantFrames(2, 20*time.Second)
	if s := g.wantStanding(good, "live", ""); s.Views != 1 {
		t.Errorf("while it is watched: %+v", s)
	}
	eventually(t, knownWithin, "the list to say live", func() bool { return len(listed("live")) == 1 })
	p.send(closing(x))
	if s := g.wantStanding(good, "reachable", ""); s.SeenAt == nil || s.Views != 0 {
		t.Errorf("after it was watched: %+v", s)
	}

	// Another address is looked at anew, at once.
	g.admin.want(http.StatusOK, "PATCH", "/cameras/"+gone.ID, map[string]any{"address": rtsptest.Start(t, small(2)).URL()}, nil)
	g.wantStanding(gone, "reachable", "")

	// One event for each period, whoever watched meanwhile.
	told := func(c cameraAnswer) (notes []string) {
		var page struct {
			Items []struct{ Note, Code string }
		}
		g.admin.want(http.StatusOK, "GET", "/events?kind=camera.state&camera="+c.ID, nil, &page)
		for _, e := range page.Items {
			notes = append(notes, strings.TrimSpace(e.Note+" "+e.Code))
		}
		return notes
	}
	if got := strings.Join(told(good), ", "); got != "main reachable" {
		t.Errorf("told of the good one: %s", got)
	}
	if got := told(gone); len(got) == 0 || got[0] != "main refused camera.unreachable" {
		t.Errorf("told of the other one: %v", got)
	}
}

// TestGroupsAreLiving puts a camera into a granted group and takes it out while it is watched.
func TestGroupsAreLiving(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	_, cam := g.simulated(small(1))
	user := g.addUser("operator")
	var group struct {
		ID string `json:"id"`
	}
	g.admin.want(http.StatusCreated, "POST", "/groups", map[string]any{"name": "Двор"}, &group)
	g.admin.want(http.StatusOK, "POST", "/grants", map[string]any{"users": []string{user.user}, "groups": []string{group.ID}}, nil)
	sees := func() int {
		var page struct{ Total int }
		user.want(http.StatusOK, "GET", "/me/cameras", nil, &page)
		return page.Total
	}
	if n := sees(); n != 0 {
		t.Fatalf("%d cameras in an empty group", n)
	}
	g.admin.want(http.StatusNoContent, "PUT", "/groups/"+group.ID+"/cameras/"+cam.ID, nil, nil)
	eventually(t, rightsBound, "the camera to be seen", func() bool { return sees() == 1 })
	p := g.openPage(user)
	x := p.watch(cam)
	x.wantFrames(2, 20*time.Second)
	g.admin.want(http.StatusOK, "POST", "/cameras/bulk", map[string]any{"ids": []string{cam.ID}, "remove_groups": []string{group.ID}}, nil)
	x.wantEnd("view.revoked", rightsBound)
	if n := sees(); n != 0 {
		t.Errorf("%d cameras are seen", n)
	}
}

// TestPasswordGoesNowhereNew changes where a running camera is dialled, and listens there.
func TestPasswordGoesNowhereNew(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	cam := rtsptest.Start(t, small(1))
	cam.RequireAuth("admin", "canary-7", "basic")
	added := g.addCamera("locked", cam.URL(), map[string]any{"username": "admin", "password": "canary-7"})
	page := g.openPage(g.admin)
	x := page.watch(added)
	x.wantFrames(2, 20*time.Second)

	thief, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var heard strings.Builder
	var hearing sync.WaitGroup
	hearing.Go(func() {
		for {
			c, err := thief.Accept()
			if err != nil {
				return
			}
			hearing.Go(func() {
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(20 * time.Second))
				text := make([]byte, 4096)
				for {
					n, err := c.Read(text)
					mu.Lock()
					heard.Write(text[:n])
					mu.Unlock()
					if err != nil {
						return
					}
					// Ask for the password as a camera would.
					_, rest, _ := strings.Cut(string(text[:n]), "CSeq: ")
					number, _, _ := strings.Cut(rest, "\r\n")
					_, _ = io.WriteString(c, "RTSP/1.0 401 Unauthorized\r\nCSeq: "+number+"\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n")
				}
			})
		}
	})
	t.Cleanup(func() { thief.Close(); hearing.Wait() })
	there := thief.Addr().String()

	// GET, change the name, PATCH the whole object back: the password stays.
	var whole map[string]any
	g.admin.want(http.StatusOK, "GET", "/cameras/"+added.ID, nil, &whole)
	whole["name"] = "renamed"
	g.admin.want(http.StatusOK, "PATCH", "/cameras/"+added.ID, whole, nil)
	x.wantFrames(5, 20*time.Second)

	_, port, _ := net.SplitHostPort(cam.Address())
	for _, change := range []map[string]any{
		{"address": "rtsp://" + there + "/1"},
		{"sub_address": "rtsp://" + there + "/1"},
		{"address": "rtsps://" + there + "/1"},
		{"address": "rtsps://127.0.0.1:" + port + "/" + rtsptest.Path},
		{"address": "rtsp://localhost:" + port + "/" + rtsptest.Path},
		{"address": "rtsp://admin@" + there + "/1", "username": "admin"},
	} {
		whole["address"], whole["sub_address"] = nil, nil
		delete(whole, "address")
		delete(whole, "sub_address")
		for field, value := range change {
			whole[field] = value
		}
		var problem struct {
			Code   string
			Errors []struct{ Code string }
		}
		g.admin.want(http.StatusUnprocessableEntity, "PATCH", "/cameras/"+added.ID, whole, &problem)
		if problem.Code != "camera.password_required" {
			t.Errorf("%v: %+v", change, problem)
		}
	}
	x.wantFrames(10, 20*time.Second)

	// Told to forget the password, it dials there and says nothing of it, however it is asked.
	g.admin.want(http.StatusOK, "PATCH", "/cameras/"+added.ID, map[string]any{"address": "rtsp://" + there + "/1", "password": nil}, nil)
	eventually(t, 30*time.Second, "the gateway to dial there", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return strings.Contains(heard.String(), "RTSP/1.0")
	})
	g.wantStanding(added, "refused", "camera.credentials")
	mu.Lock()
	defer mu.Unlock()
	if text := heard.String(); strings.Contains(text, "canary") || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte("admin:canary-7"))) {
		t.Errorf("the password went there: %s", text)
	}
}
