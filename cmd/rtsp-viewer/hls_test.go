package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// hlsView is a view by HLS as a player has it.
type hlsView struct {
	t        *testing.T
	base     string
	View     string `json:"view"`
	Playlist string `json:"playlist"`
	Native   string `json:"native_playlist"`
}

// openHLS opens a camera by HLS; body may name the view and more.
func (c *client) openHLS(camera cameraAnswer, body map[string]any) *hlsView {
	c.t.Helper()
	v := &hlsView{t: c.t, base: c.base}
	if body == nil {
		body = map[string]any{}
	}
	// A busy machine may need longer for the first picture than a page is kept waiting.
	for limit := time.Now().Add(hlsPatience); ; {
		status, text := c.do("POST", "/cameras/"+camera.ID+"/hls", body)
		if status == http.StatusServiceUnavailable && time.Now().Before(limit) {
			continue
		}
		if err := json.Unmarshal(text, v); status != http.StatusCreated || err != nil {
			c.t.Fatalf("open by HLS: %d %s", status, text)
		}
		return v
	}
}

// hlsPatience is how long a camera may take until it is to be had by HLS.
const hlsPatience = 40 * time.Second

// get fetches a path without any credentials, as a television does.
func (v *hlsView) get(path string) (int, string) {
	v.t.Helper()
	answer, err := http.Get(v.base + path)
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// segment fetches a list and its newest segment, and gives the segment's address.
func (v *hlsView) segment(list string) string {
	v.t.Helper()
	status, text := v.get(list)
	if status != http.StatusOK || !strings.HasPrefix(text, "#EXTM3U") {
		v.t.Fatalf("%s: %d %s", "the list", status, text)
	}
	newest := ""
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			newest = line
		}
	}
	path := list[:strings.LastIndex(list, "/")+1] + newest
	if status, media := v.get(path); status != http.StatusOK || len(media) < 500 {
		v.t.Fatalf("the segment: %d, %d bytes", status, len(media))
	}
	return path
}

// TestOneLimitOverBothTransports has four views, two by each transport, in two windows; the fifth closes the oldest, whichever it is.
func TestOneLimitOverBothTransports(t *testing.T) {
	g := startGateway(t)
	_, one := g.simulated(small(1))
	_, two := g.simulated(small(2))
	p := g.openPage(g.admin)
	oldest := p.watch(one)
	oldest.wantFrames(1, 10*time.Second)
	second := g.admin.openHLS(one, nil)
	p.watch(two).wantFrames(1, 10*time.Second)
	third := g.admin.openHLS(two, nil)

	fifth := g.admin.openHLS(two, map[string]any{"label": "TV in the lobby"})
	end := oldest.wantEnd("view.evicted", 2*time.Second)
	if end.Params["camera"] != two.Name || !strings.Contains(end.Params["where"], "TV in the lobby") {
		t.Errorf("the evicted is not told what was opened where: %v", end.Params)
	}
	// Now the oldest is by HLS, and a WebRTC view closes it.
	path := second.segment(second.Playlist)
	p.watch(one).wantFrames(1, 10*time.Second)
	for _, gone := range []string{second.Playlist, second.Native, path} {
		status, text := second.get(gone)
		var problem struct {
			Code   string            `json:"code"`
			Params map[string]string `json:"params"`
		}
		if err := json.Unmarshal([]byte(text), &problem); err != nil || status != http.StatusGone || problem.Code != "view.evicted" {
			t.Fatalf("after the end: %d %s", status, text)
		}
		if problem.Params["camera"] != one.Name {
			t.Errorf("the evicted player is not told what was opened: %v", problem.Params)
		}
	}
	third.segment(third.Playlist)
	fifth.segment(fifth.Native)
	// A machine does not evict.
	if status, text := g.admin.do("POST", "/cameras/"+one.ID+"/hls", map[string]any{"admit": "if_free"}); status != http.StatusConflict ||
		!strings.Contains(string(text), "view.limit") {
		t.Errorf("if_free at the limit: %d %s", status, text)
	}
}

// TestSameViewGoesOnByHLS keeps place and opening time when a tile changes its transport.
func TestSameViewGoesOnByHLS(t *testing.T) {
	g := startGateway(t)
	_, added := g.simulated(small(1))
	x := g.openPage(g.admin).watch(added)
	x.wantFrames(1, 10*time.Second)
	type view struct {
		View      string    `json:"view"`
		Transport string    `json:"transport"`
		OpenedAt  time.Time `json:"opened_at"`
	}
	mine := func() view {
		t.Helper()
		var list struct{ Items []view }
		g.admin.want(http.StatusOK, "GET", "/me/views", nil, &list)
		if len(list.Items) != 1 {
			t.Fatalf("%d views, want one: %+v", len(list.Items), list.Items)
		}
		return list.Items[0]
	}
	before := mine()
	v := g.admin.openHLS(added, map[string]any{"view": x.view, "admit": "if_free"})
	x.wantEnd("view.replaced", 2*time.Second)
	after := mine()
	if after.View != x.view || after.Transport != "hls" || !after.OpenedAt.Equal(before.OpenedAt) {
		t.Errorf("the view was %+v and is %+v", before, after)
	}
	v.segment(v.Playlist)
}

// TestOneFFmpegPerCamera has two WebRTC and three HLS viewers on one camera: one session there, one FFmpeg here, and none of either after.
func TestOneFFmpegPerCamera(t *testing.T) {
	g := startGateway(t, func(c *Config) { c.ViewsPerUser = 8 })
	cam, added := g.simulated(small(1))
	p := g.openPage(g.admin)
	for range 2 {
		p.watch(added).wantFrames(1, 10*time.Second)
	}
	var views []*hlsView
	for range 3 {
		v := g.admin.openHLS(added, nil)
		v.segment(v.Playlist)
		views = append(views, v)
	}
	if s := cam.Stats(); s.SessionsEver != 1 {
		t.Errorf("the camera counts %d sessions", s.SessionsEver)
	}
	if s := g.app.segments.Stats(); s.FFmpeg.Live != 1 || s.Spawned != 1 {
		t.Errorf("%d FFmpegs live, %d ever; want one", s.FFmpeg.Live, s.Spawned)
	}
	for _, v := range views {
		if status, text := g.admin.do("DELETE", "/views/"+v.View, nil); status != http.StatusNoContent {
			t.Fatalf("end the view: %d %s", status, text)
		}
	}
	eventually(t, 10*time.Second, "no FFmpeg", func() bool { return g.app.segments.Stats().FFmpeg.Live == 0 })
	if strings.Contains(g.log.String(), strings.Split(views[0].Playlist, "/")[2]) {
		t.Error("the secret of a path is in the log")
	}
}

// TestHLSRefusesStrangers: a guessed path, another user's camera, another user's view id, a view after its grant.
func TestHLSRefusesStrangers(t *testing.T) {
	g := startGateway(t)
	_, added := g.simulated(small(1))
	user := g.addUser("viewer")
	if status, text := user.do("POST", "/cameras/"+added.ID+"/hls", map[string]any{}); status != http.StatusNotFound {
		t.Errorf("without a grant: %d %s", status, text)
	}
	g.grant(user, added)
	v := user.openHLS(added, map[string]any{"view": "tile-1"})
	v.segment(v.Playlist)
	secret := strings.Split(v.Playlist, "/")[2]
	for _, path := range []string{
		"/hls/" + strings.Repeat("A", len(secret)) + "/index.m3u8", "/hls/tile-1/index.m3u8", "/hls/" + secret[1:] + "/index.m3u8",
		"/hls//" + secret[1:] + "/index.m3u8", "/HLS/" + secret + "/index.m3u8", "/api/v1/hls/" + secret + "/index.m3u8",
	} {
		if status, _ := v.get(path); status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, status)
		}
	}
	// The admin's view of the same id is another view.
	other := g.admin.openHLS(added, map[string]any{"view": "tile-1"})
	other.segment(other.Playlist)
	v.segment(v.Playlist)
	if status, text := g.admin.do("DELETE", "/users/"+user.user+"/cameras/"+added.ID, nil); status/100 != 2 {
		t.Fatalf("revoke: %d %s", status, text)
	}
	eventually(t, rightsBound, "410 after the grant was withdrawn", func() bool {
		status, text := v.get(v.Playlist)
		return status == http.StatusGone && strings.Contains(text, "view.revoked")
	})
	other.segment(other.Playlist)
	// Neither what was right nor what was nearly so.
	if strings.Contains(g.log.String(), secret[1:]) {
		t.Error("the secret of a path is in the log")
	}
}

// TestBFramesPlayByHLS: what WebRTC can't carry goes on by HLS under the same view.
func TestBFramesPlayByHLS(t *testing.T) {
	g := startGateway(t)
	spec := small(9)
	spec.BFrames, spec.Profile = 2, "main"
	_, added := g.simulated(spec)
	x := g.openPage(g.admin).watch(added)
	x.wantState("unsupported", "media.bframes", faultBound)
	v := g.admin.openHLS(added, map[string]any{"view": x.view, "admit": "if_free"})
	v.segment(v.Playlist)
}
