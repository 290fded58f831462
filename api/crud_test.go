package api

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
	"github.com/rtsp-viewer/rtsp-viewer/store"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

// fields names the faulty fields of a problem: "path code".
func fields(p Problem) string {
	var out []string
	for _, f := range p.Errors {
		out = append(out, f.Path+" "+f.Code)
	}
	return strings.Join(out, ", ")
}

func TestUsers(t *testing.T) { users(t, store.Options{}) }

// TestOnPostgres is the same on the other engine: routes know no engine, so people and cameras stand for all.
func TestOnPostgres(t *testing.T) {
	users(t, store.Options{URL: pgtest.URL(t)})
	cameras(t, store.Options{URL: pgtest.URL(t)})
}

func users(t *testing.T, where store.Options) {
	s := open(t, where)
	a := s.as("admin", "POST", "/api/v1/users", map[string]any{
		"login": "olga", "password": password, "last_name": "Ёлкина", "first_name": "Ольга", "role": "moderator", "email": nil, "views_limit": 0,
	})
	var u User
	s.into(a, 201, &u)
	if u.Name != "Ёлкина О." || u.Role != "moderator" || u.ViewsLimit == nil || *u.ViewsLimit != 0 || u.ID == "" ||
		a.header.Get("Location") != "/api/v1/users/"+u.ID || a.header.Get("ETag") != `"1"` || !u.HasPassword || strings.Contains(a.text, password) {
		t.Errorf("%v %s", a.header, a.text)
	}
	p := s.problem(s.as("admin", "POST", "/api/v1/users", map[string]any{"login": "OLGA", "password": password}), 409, "user.login_taken")
	if len(p.Params) == 0 {
		t.Error("the conflict does not name the id in the way")
	}
	for _, wrong := range []struct {
		body   any
		status int
		fields string
	}{
		{map[string]any{"password": password}, 422, "login required"},
		{map[string]any{"login": 7, "password": password}, 422, "login type"},
		{map[string]any{"login": "x", "password": password, "role": "root"}, 422, "role not_allowed"},
		{map[string]any{"login": "x", "password": "short"}, 422, "password too_short"},
		{`{"login": `, 400, " malformed"},
		{`[]`, 422, " type"},
		{``, 400, ""},
	} {
		code := "request.invalid"
		switch {
		case wrong.status == 400:
			code = "request.malformed"
		case strings.HasPrefix(wrong.fields, "password"):
			code = "user.invalid"
		}
		if p := s.problem(s.as("admin", "POST", "/api/v1/users", wrong.body), wrong.status, code); fields(p) != wrong.fields {
			t.Errorf("%v: %q", wrong.body, fields(p))
		}
	}
	s.problem(s.as("admin", "POST", "/api/v1/users", "x=1", "Content-Type", "text/plain"), 415, "request.media_type")

	// A whole object goes back as it came; read-only fields in it are ignored.
	path := "/api/v1/users/" + u.ID
	a = s.as("admin", "GET", path, nil)
	var whole map[string]any
	s.into(a, 200, &whole)
	whole["id"], whole["created_at"], whole["phone"], whole["views_limit"] = "other", 7, "112", nil
	a = s.as("admin", "PATCH", path, whole, "If-Match", a.header.Get("ETag"))
	var changed User
	s.into(a, 200, &changed)
	if changed.ID != u.ID || changed.Phone != "112" || changed.ViewsLimit != nil || a.header.Get("ETag") == `"1"` {
		t.Errorf("%s", a.text)
	}
	for _, tag := range []string{`"1"`, `W/"1"`, `"x"`, `1`} {
		if a := s.as("admin", "PATCH", path, map[string]any{"phone": "1"}, "If-Match", tag); a.status != 412 {
			t.Errorf("If-Match %s: %d", tag, a.status)
		}
	}
	s.expect(s.as("admin", "PATCH", path, map[string]any{"phone": nil}, "If-Match", "*"), 200)
	if p := s.problem(s.as("admin", "PATCH", path, map[string]any{"role": nil, "banned": nil}), 422, "user.invalid"); fields(p) != "role required, banned required" {
		t.Errorf("%s", fields(p))
	}
	s.problem(s.as("admin", "PATCH", path, map[string]any{"views_limit": "many"}), 422, "request.invalid")

	// People may change little of themselves, and nothing of their rights.
	s.expect(s.as("user", "PATCH", "/api/v1/me", map[string]any{"role": "admin", "banned": true, "login": "x", "first_name": "Юра", "language": "ru"}), 200)
	var me User
	s.into(s.as("user", "GET", "/api/v1/me", nil), 200, &me)
	if me.Role != "user" || me.Login != "user" || me.FirstName != "Юра" || me.Language != "ru" {
		t.Errorf("%+v", me)
	}
	s.problem(s.as("admin", "DELETE", "/api/v1/users/"+string(s.admin.ID), nil), 409, "user.last_admin")

	// A page tells how to get the next; what a page holds is held once.
	seen, cursor := map[string]bool{}, ""
	for pages := 0; ; pages++ {
		var page list[User]
		s.into(s.as("admin", "GET", "/api/v1/users?limit=2&sort=-login&cursor="+cursor, nil), 200, &page)
		if page.Total != 4 || len(page.Items) > 2 || pages > 4 {
			t.Fatalf("%+v", page)
		}
		for _, u := range page.Items {
			if seen[u.ID] {
				t.Errorf("%s twice", u.Login)
			}
			seen[u.ID] = true
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	if len(seen) != 4 {
		t.Errorf("%d of 4 users", len(seen))
	}
	// Who is there now was seen; who never signed in was not.
	s.expect(s.as("admin", "POST", "/api/v1/users", map[string]any{"login": "nina", "password": "correct horse battery"}), 201)
	var listed list[ListedUser]
	s.into(s.as("admin", "GET", "/api/v1/users?sort=login", nil), 200, &listed)
	for _, u := range listed.Items {
		if there := u.Login != "nina" && u.Login != "olga"; there != (u.SeenAt != nil) {
			t.Errorf("%s was seen at %v", u.Login, u.SeenAt)
		}
	}
	var one PersonWithRole
	s.into(s.as("moderator", "GET", "/api/v1/people/"+string(s.admin.ID), nil), 200, &one)
	if one.Login != "admin" || one.Role != "admin" || one.Kind != "person" {
		t.Errorf("%+v", one)
	}
	s.problem(s.as("moderator", "GET", "/api/v1/people/nobody", nil), 404, "user.not_found")
	var found list[PersonWithRole]
	s.into(s.as("moderator", "GET", "/api/v1/people?q=%D0%B5%D0%BB%D0%BA&limit=5000", nil), 200, &found)
	if found.Total != 1 || found.Items[0].Login != "olga" || found.Items[0].Role != "moderator" {
		t.Errorf("%+v", found)
	}
	a = s.as("moderator", "GET", "/api/v1/people", nil)
	if strings.Contains(a.text, "phone") || strings.Contains(a.text, "email") {
		t.Errorf("people tells too much: %s", a.text)
	}
	for _, query := range []string{"limit=0", "limit=x", "sort=password", "cursor=nonsense"} {
		if a := s.as("admin", "GET", "/api/v1/users?"+query, nil); a.status != 422 {
			t.Errorf("%s: %d %s", query, a.status, a.text)
		}
	}

	s.expect(s.as("admin", "DELETE", path, nil), 204)
	s.problem(s.as("admin", "GET", path, nil), 404, "user.not_found")
}

func TestCameras(t *testing.T) { cameras(t, store.Options{}) }

func cameras(t *testing.T, where store.Options) {
	s := open(t, where)
	var c Camera
	a := s.as("moderator", "POST", "/api/v1/cameras", map[string]any{
		"name": "Ворота 10", "address": "rtsps://camera.example:8554/a", "tags": []string{"двор"}, "transport": "tcp", "notes": "secret notes",
		"sweep": false,
	})
	s.into(a, 201, &c)
	if c.Sweep {
		t.Error("it is swept")
	}
	if c.Number != 1 || c.State != "unknown" || c.Since != nil || c.Passport != nil || c.Tags[0] != "двор" || c.Transport != "tcp" ||
		a.header.Get("Location") != "/api/v1/cameras/"+c.ID || !strings.Contains(a.text, `Z"`) {
		t.Errorf("%s", a.text)
	}
	path := "/api/v1/cameras/" + c.ID
	if p := s.problem(s.as("moderator", "POST", "/api/v1/cameras", map[string]any{"name": "x", "address": "rtsp://camera.example/", "number": 1}), 409,
		"camera.number_taken"); p.Params["id"] != c.ID {
		t.Errorf("%v", p.Params)
	}
	if p := s.problem(s.as("moderator", "POST", "/api/v1/cameras", map[string]any{"name": "", "address": "http://camera.example/"}), 422, "camera.invalid"); !strings.Contains(fields(p), "address") {
		t.Errorf("%s", fields(p))
	}

	a = s.as("moderator", "GET", path, nil)
	var whole map[string]any
	s.into(a, 200, &whole)
	whole["notes"], whole["tags"] = nil, []string{"двор", "въезд"}
	s.into(s.as("moderator", "PATCH", path, whole, "If-Match", a.header.Get("ETag")), 200, &c)
	if c.Notes != "" || len(c.Tags) != 2 || c.Address != "rtsps://camera.example:8554/a" {
		t.Errorf("%+v", c)
	}
	s.expect(s.as("moderator", "PATCH", path, map[string]any{"name": "x"}, "If-Match", a.header.Get("ETag")), 412)

	s.camera("Ворота 9")
	var page list[Camera]
	s.into(s.as("moderator", "GET", "/api/v1/cameras?sort=name", nil), 200, &page)
	if page.Total != 2 || page.Items[0].Name != "Ворота 9" {
		t.Errorf("%+v", page)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	_, err := s.cameras.Saw(t.Context(), []camera.Sighting{{Camera: camera.ID(c.ID), By: camera.FoundBySweep, State: camera.StateRefused, Code: "camera.timeout", At: now}})
	must(t, err)
	for query, want := range map[string]int{
		"tag=%D0%94%D0%B2%D0%BE%D1%80": 1, "tag=%D0%B4%D0%B2%D0%BE%D1%80&tag=%D0%B2%D1%8A%D0%B5%D0%B7%D0%B4": 1, "tag=%D0%B4%D0%B2%D0%BE%D1%80&tag=x": 0,
		"state=refused": 1, "state=unknown": 1, "state=unknown&state=refused": 2, "state=live": 0, "transport=tcp": 1, "transport=auto&state=refused": 0,
		"state=refused&sort=-state": 1,
	} {
		s.into(s.as("moderator", "GET", "/api/v1/cameras?"+query, nil), 200, &page)
		if page.Total != want || len(page.Items) != want {
			t.Errorf("%s: %+v", query, page)
		}
	}
	s.problem(s.as("moderator", "GET", "/api/v1/cameras?state=asleep", nil), 422, "request.invalid")
	s.into(s.as("moderator", "GET", "/api/v1/cameras?sort=state", nil), 200, &page)
	if first := page.Items[0]; first.State != "refused" || first.Code != "camera.timeout" || !first.Since.Equal(now) || first.SeenAt != nil || page.Items[1].State != "unknown" {
		t.Errorf("by state: %+v", page)
	}
	var tags list[Tag]
	s.into(s.as("moderator", "GET", "/api/v1/tags", nil), 200, &tags)
	if tags.Total != 2 || tags.Items[0] != (Tag{"въезд", 1}) || tags.Items[1] != (Tag{"двор", 1}) {
		t.Errorf("%+v", tags)
	}

	// Grants, direct and by a group.
	user := s.person("olga", auth.RoleUser)
	grant := "/api/v1/users/" + string(user.ID) + "/cameras/" + c.ID
	s.problem(s.as("olga", "GET", "/api/v1/me/cameras/"+c.ID, nil), 404, "camera.not_found")
	ends := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	s.expect(s.as("moderator", "PUT", grant, map[string]any{"expires_at": ends, "reason": "смена"}), 204)
	s.problem(s.as("moderator", "PUT", grant, map[string]any{"expires_at": time.Now().Add(-time.Hour)}), 422, "grant.invalid")
	s.problem(s.as("moderator", "PUT", grant, map[string]any{"expires_at": "soon"}), 422, "request.invalid")
	var g Group
	s.into(s.as("moderator", "POST", "/api/v1/groups", map[string]any{"name": "Двор"}), 201, &g)
	s.expect(s.as("moderator", "PUT", "/api/v1/groups/"+g.ID+"/cameras/"+c.ID, nil), 204)
	s.expect(s.as("moderator", "PUT", "/api/v1/users/"+string(user.ID)+"/groups/"+g.ID, nil), 204)
	var granted list[GrantedCamera]
	s.into(s.as("moderator", "GET", "/api/v1/users/"+string(user.ID)+"/cameras", nil), 200, &granted)
	if len(granted.Items) != 1 || len(granted.Items[0].Via) != 2 || granted.Items[0].Via[0].Reason != "смена" ||
		!granted.Items[0].Via[0].ExpiresAt.Equal(ends) || granted.Items[0].Via[1].GroupName != "Двор" {
		t.Errorf("%+v", granted)
	}
	var holders list[CameraUser]
	for _, path := range []string{path + "/users", "/api/v1/groups/" + g.ID + "/users"} {
		s.into(s.as("moderator", "GET", path, nil), 200, &holders)
		if i := slices.IndexFunc(holders.Items, func(u CameraUser) bool { return u.Login == "olga" }); i < 0 || len(holders.Items[i].Via) == 0 {
			t.Errorf("%s: %+v", path, holders)
		}
	}
	var groups list[GrantedGroup]
	s.into(s.as("moderator", "GET", "/api/v1/users/"+string(user.ID)+"/groups", nil), 200, &groups)
	if len(groups.Items) != 1 || groups.Items[0].ID != g.ID || groups.Items[0].Cameras != 1 {
		t.Errorf("%+v", groups)
	}
	s.into(s.as("moderator", "GET", "/api/v1/cameras?group="+g.ID, nil), 200, &page)
	if page.Total != 1 {
		t.Errorf("by group: %+v", page)
	}

	// What the user sees.
	s.expect(s.as("olga", "PUT", "/api/v1/me/favorites/"+c.ID, nil), 204)
	var mine list[WatchableCamera]
	s.into(s.as("olga", "GET", "/api/v1/me/cameras", nil), 200, &mine)
	if mine.Total != 1 || !mine.Items[0].Favorite || mine.Items[0].State != "refused" {
		t.Errorf("%+v", mine)
	}
	s.into(s.as("olga", "GET", "/api/v1/me/favorites", nil), 200, &mine)
	if mine.Total != 1 {
		t.Errorf("%+v", mine)
	}
	s.expect(s.as("olga", "DELETE", "/api/v1/me/favorites/"+c.ID, nil), 204)

	// Deleting what is in use.
	p := s.problem(s.as("moderator", "DELETE", path, nil), 409, "camera.in_use")
	if p.Params["grants"] != "1" || p.Params["groups"] != "1" {
		t.Errorf("counts: %v", p.Params)
	}
	s.expect(s.as("moderator", "DELETE", grant, nil), 204)
	s.expect(s.as("moderator", "DELETE", path+"?force=true", nil), 204)
	s.problem(s.as("moderator", "GET", path, nil), 404, "camera.not_found")
	s.problem(s.as("olga", "GET", "/api/v1/me/cameras/"+c.ID, nil), 404, "camera.not_found")

	a = s.as("moderator", "GET", "/api/v1/groups/"+g.ID, nil)
	s.into(a, 200, &g)
	if g.Cameras != 0 || g.Users != 1 {
		t.Errorf("%+v", g)
	}
	s.into(s.as("moderator", "PATCH", "/api/v1/groups/"+g.ID, map[string]any{"notes": "пусто"}, "If-Match", a.header.Get("ETag")), 200, &g)
	s.expect(s.as("moderator", "PATCH", "/api/v1/groups/"+g.ID, map[string]any{"notes": nil}, "If-Match", a.header.Get("ETag")), 412)
	s.expect(s.as("moderator", "DELETE", "/api/v1/groups/"+g.ID, nil), 204)
	s.problem(s.as("moderator", "GET", "/api/v1/groups/"+g.ID, nil), 404, "group.not_found")
}

func TestViews(t *testing.T) {
	s := open(t, store.Options{})
	c := s.camera("Gate")
	ctx := t.Context()
	watch := func(login, view string) *viewers.View {
		p, err := s.auth.Authenticate(ctx, s.tokens[login])
		must(t, err)
		p.Remote = "203.0.113.7"
		v, err := s.viewers.Open(ctx, viewers.Request{
			Principal: p, View: viewers.ViewID(view), Camera: c.ID, Transport: viewers.WebRTC, Admit: viewers.EvictOldest, Lease: time.Minute, Label: "Wall",
		})
		must(t, err)
		return v
	}
	u := s.person("olga", auth.RoleUser)
	must(t, s.cameras.Grant(ctx, auth.Principal{User: s.admin}, u.ID, c.ID, camera.Terms{}))
	own, second, others := watch("olga", "tile-1"), watch("olga", "tile-2"), watch("moderator", "tile-1")

	var page list[ViewOfCamera]
	s.into(s.as("moderator", "GET", "/api/v1/views", nil), 200, &page)
	if page.Total != 3 {
		t.Fatalf("%+v", page)
	}
	var shown Camera
	if s.into(s.as("moderator", "GET", "/api/v1/cameras/"+string(c.ID), nil), 200, &shown); shown.Views != 3 {
		t.Errorf("the camera has %d views", shown.Views)
	}
	var foreign, mine string
	for _, v := range page.Items {
		if v.Camera.Name != "Gate" || v.Camera.Number != 1 || v.Label != "Wall" || v.Transport != "webrtc" || v.Remote != "203.0.113.7" {
			t.Errorf("%+v", v)
		}
		switch {
		case v.User.Login == "moderator":
			foreign = v.ID
		case v.View == "tile-2":
			mine = v.ID
		}
	}
	s.into(s.as("olga", "GET", "/api/v1/me/views", nil), 200, &page)
	if page.Total != 2 {
		t.Errorf("%+v", page)
	}
	s.problem(s.as("olga", "DELETE", "/api/v1/views/"+foreign, nil), 404, "view.not_found")
	s.expect(s.as("olga", "DELETE", "/api/v1/views/tile-1", nil), 204)
	s.expect(s.as("moderator", "DELETE", "/api/v1/views/"+mine, nil), 204)
	for _, v := range []*viewers.View{own, second} {
		<-v.Done()
		if v.End().Code != viewers.CodeClosed {
			t.Errorf("%+v", v.End())
		}
	}
	if others.End().Code != "" {
		t.Error("another user's view of the same id ended")
	}
	s.problem(s.as("olga", "DELETE", "/api/v1/views/tile-1", nil), 404, "view.not_found")
	a := s.as("admin", "GET", "/metrics", nil)
	for _, want := range []string{
		`rtsp_viewer_views{transport="webrtc"} 1`, `rtsp_viewer_views_ended_total{code="view.closed"} 2`, `rtsp_viewer_streams{status="live"} 0`,
		`route="/api/v1/views/{id}"`, `rtsp_viewer_build_info{version="test"} 1`, "go_goroutines", "rtsp_viewer_events_written_total",
	} {
		if !strings.Contains(a.text, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if strings.Contains(a.text, string(c.ID)) {
		t.Error("metrics name a camera")
	}
}

func TestEvents(t *testing.T) {
	s := open(t, store.Options{})
	c := s.camera("Gate")
	var page struct {
		Items      []Event
		NextCursor string `json:"next_cursor"`
		Total      *int
	}
	read := func(query string) {
		t.Helper()
		page.Items, page.NextCursor = nil, ""
		s.into(s.as("admin", "GET", "/api/v1/events?"+query, nil), 200, &page)
	}
	read("kind=camera.created,user.created&limit=2")
	if len(page.Items) != 2 || page.NextCursor == "" || page.Items[0].ID >= page.Items[1].ID {
		t.Fatalf("%+v", page)
	}
	seen := len(page.Items)
	read("kind=camera.created,user.created&limit=1000&cursor=" + page.NextCursor)
	if seen += len(page.Items); seen != 4 || page.NextCursor != "" {
		t.Errorf("%d events in all: %+v", seen, page)
	}
	read("kind=camera.created")
	if len(page.Items) != 1 || page.Items[0].Camera.ID != string(c.ID) || page.Items[0].Camera.Name != "Gate" || page.Items[0].Actor.Login != "admin" {
		t.Errorf("%+v", page.Items)
	}
	read("camera=" + string(c.ID))
	if len(page.Items) != 1 {
		t.Errorf("by camera: %+v", page.Items)
	}
	began := time.Now()
	for read("kind=session.begun"); len(page.Items) < 3; read("kind=session.begun") { // they are written after the answer
		if time.Since(began) > 20*time.Second {
			t.Fatalf("three people have signed in, and there is only %+v", page.Items)
		}
	}
	read("sort=-id&limit=1")
	newest := page.Items[0].ID
	read(fmt.Sprintf("after=%d", newest))
	if len(page.Items) != 0 {
		t.Errorf("after the newest: %+v", page.Items)
	}
	read("from=2200-01-01T00:00:00Z")
	if len(page.Items) != 0 {
		t.Errorf("from the future: %+v", page.Items)
	}
	s.problem(s.as("admin", "GET", "/api/v1/events?after=-1", nil), 422, "request.invalid")
}

// TestEventStream reads the stream as a browser does: what happened after the id that it names, then what happens.
func TestEventStream(t *testing.T) {
	s := open(t, store.Options{})
	s.problem(s.send("GET", "/api/v1/events/stream", nil), 401, "auth.token")
	s.problem(s.as("moderator", "GET", "/api/v1/events/stream", nil), 403, "auth.role")
	s.problem(s.as("admin", "GET", "/api/v1/events/stream", nil, "Last-Event-ID", "x"), 422, "request.invalid")
	s.camera("Before")

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", s.url+"/api/v1/events/stream", nil)
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+s.tokens["admin"])
	r.Header.Set("Last-Event-ID", "0")
	response, err := http.DefaultTransport.RoundTrip(r)
	must(t, err)
	defer response.Body.Close()
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %v", response.StatusCode, response.Header)
	}
	stream := bufio.NewScanner(response.Body)
	await := func(name string) {
		t.Helper()
		var last int64
		for stream.Scan() {
			if body, ok := strings.CutPrefix(stream.Text(), "data: "); ok {
				var e Event
				must(t, json.Unmarshal([]byte(body), &e))
				if e.ID <= last {
					t.Errorf("event %d after %d", e.ID, last)
				}
				if last = e.ID; e.Kind == "camera.created" && e.Camera.Name == name {
					return
				}
			}
		}
		t.Fatalf("the stream ended before %s: %v", name, stream.Err())
	}
	await("Before")
	s.camera("After")
	await("After")

	// Signing out ends the stream, although it was opened with a token that has not run out.
	s.expect(s.as("admin", "POST", "/api/v1/auth/logout", nil), 204)
	for stream.Scan() {
	}
	if stream.Err() != nil {
		t.Errorf("the stream broke instead of ending: %v", stream.Err())
	}
}

func TestDoors(t *testing.T) {
	s := open(t, store.Options{})
	s.expect(s.send("GET", "/api/v1/signaling", nil, "Cookie", accessCookie+"="+s.tokens["user"]), 202)
	r := <-s.seen
	if p, ok := auth.PrincipalFrom(r.Context()); !ok || p.User.Login != "user" || p.Remote != "127.0.0.1" || p.Session == "" {
		t.Errorf("%+v", p)
	}
	a := s.as("user", "POST", "/api/v1/cameras/c7/whep?view=v", "v=0", "Content-Type", sdpType)
	s.expect(a, 202)
	if r = <-s.seen; r.PathValue("id") != "c7" {
		t.Errorf("camera %q", r.PathValue("id"))
	}
}
