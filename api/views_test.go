package api

import (
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/store"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

func TestWhoWatchesWhat(t *testing.T) {
	s := open(t, store.Options{})
	ctx := t.Context()
	cameras := map[string]camera.Camera{}
	for _, name := range []string{"Ворота", "Ёлочная", "Склад"} {
		cameras[name] = s.camera(name)
	}
	people := map[string]auth.User{}
	for _, login := range []string{"olga", "igor"} {
		people[login] = s.person(login, auth.RoleModerator)
	}
	watch := func(login, view, name string) *viewers.View {
		p, err := s.auth.Authenticate(ctx, s.tokens[login])
		must(t, err)
		p.Remote = "203.0.113.7"
		v, err := s.viewers.Open(ctx, viewers.Request{
			Principal: p, View: viewers.ViewID(view), Camera: cameras[name].ID, Transport: viewers.WebRTC, Admit: viewers.EvictOldest, Lease: time.Minute, Label: "Пост 2",
		})
		must(t, err)
		return v
	}
	first := watch("olga", "a", "Ворота")
	watch("olga", "b", "Ёлочная")
	watch("igor", "c", "Ворота")
	watch("igor", "d", "Склад")

	views := func(query string) (found []string, page list[ViewOfCamera]) {
		t.Helper()
		s.into(s.as("moderator", "GET", "/api/v1/views?"+query, nil), 200, &page)
		for _, v := range page.Items {
			found = append(found, v.View)
		}
		return found, page
	}
	for query, want := range map[string]string{
		"":                                  "a b c d",
		"sort=-opened_at":                   "d c b a",
		"sort=camera":                       "a c b d",
		"sort=user":                         "c d a b",
		"user=" + string(people["olga"].ID): "a b",
		"camera=" + string(cameras["Ворота"].ID): "a c",
		"q=елочн":      "b",
		"q=IGOR%20скл": "d",
		"q=пост":       "a b c d",
		"q=203.0.113":  "a b c d",
		"q=нет":        "",
		"user=" + string(people["olga"].ID) + "&q=2": "a b", // camera 2, and post 2
	} {
		// The order among equals is by id, which is random: compare as sets where the sort says nothing.
		found, page := views(query)
		if got := strings.Join(found, " "); len(found) != len(strings.Fields(want)) || !sameOrder(query, got, want) || page.Total != len(found) {
			t.Errorf("%q: %s, %d in all, want %s", query, got, page.Total, want)
		}
	}
	_, page := views("q=елочн")
	if v := page.Items[0]; v.User.Login != "olga" || v.User.Kind != "person" || v.User.ID != string(people["olga"].ID) || v.Camera.Number != 2 || v.Label != "Пост 2" {
		t.Errorf("%+v", v)
	}

	var all []string
	for cursor := ""; ; {
		found, page := views("limit=1&sort=-opened_at&cursor=" + cursor)
		if all = append(all, found...); page.Total != 4 {
			t.Errorf("%d in all", page.Total)
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	if strings.Join(all, " ") != "d c b a" {
		t.Errorf("page by page: %v", all)
	}
	s.problem(s.as("moderator", "GET", "/api/v1/views?sort=name", nil), 422, "paging.sort")
	s.problem(s.as("moderator", "GET", "/api/v1/views?cursor=x", nil), 422, "paging.cursor")

	// A moderator ends a view: the viewer hears by whom, and the log keeps both.
	_, page = views("q=ворота&user=" + string(people["olga"].ID))
	s.expect(s.as("moderator", "DELETE", "/api/v1/views/"+page.Items[0].ID, nil), 204)
	<-first.Done()
	if end := first.End(); end.Code != viewers.CodeClosed || end.Params["by"] != "moderator" {
		t.Errorf("%+v", end)
	}
	var log list[Event]
	deadline := time.Now().Add(20 * time.Second) // the log is written behind the request's back
	for log.Total == 0 && time.Now().Before(deadline) {
		s.into(s.as("admin", "GET", "/api/v1/events?kind=view.ended&code=view.closed&q=moderator%20olga", nil), 200, &log)
	}
	if log.Total != 1 || log.Items[0].Actor.Login != "moderator" || log.Items[0].User.Login != "olga" || log.Items[0].Camera.Name != "Ворота" {
		t.Errorf("%+v", log)
	}
}

// sameOrder compares two lists of views; where a query sorts by something that several have in common, only as sets.
func sameOrder(query, got, want string) bool {
	if !strings.Contains(query, "sort=camera") && !strings.Contains(query, "sort=user") {
		return got == want
	}
	for _, view := range strings.Fields(want) {
		if !strings.Contains(got, view) {
			return false
		}
	}
	half := len(want) / 2
	return strings.Contains(want[:half], got[:1]) // the first group is first
}
