package api

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

func TestManyAtOnce(t *testing.T)           { manyAtOnce(t, store.Options{}) }
func TestManyAtOnceOnPostgres(t *testing.T) { manyAtOnce(t, store.Options{URL: pgtest.URL(t)}) }

func manyAtOnce(t *testing.T, where store.Options) {
	s := open(t, where)
	a, b := s.camera("a"), s.camera("b")
	anna, boris := s.person("anna", auth.RoleUser), s.person("boris", auth.RoleUser)
	var g Group
	s.into(s.as("moderator", "POST", "/api/v1/groups", map[string]any{"name": "Двор"}), 201, &g)

	var changed CamerasChanged
	s.into(s.as("moderator", "POST", "/api/v1/cameras/bulk", map[string]any{
		"ids": []any{a.ID, b.ID, "none", "\x00"}, "set": map[string]any{"transport": "udp", "sweep": false}, "add_tags": []string{"двор"}, "add_groups": []string{g.ID},
	}), 200, &changed)
	if changed.Changed != 2 || len(changed.Failed) != 2 || changed.Failed[0].Code != "camera.not_found" {
		t.Errorf("%+v", changed)
	}
	var page list[Camera]
	s.into(s.as("moderator", "GET", "/api/v1/cameras?transport=udp&tag=%D0%B4%D0%B2%D0%BE%D1%80&group="+g.ID, nil), 200, &page)
	if page.Total != 2 || page.Items[0].Sweep || !page.Items[0].HasPassword {
		t.Errorf("%+v", page)
	}
	for _, wrong := range []struct {
		path   string
		body   any
		status int
		code   string
	}{
		{"/cameras/bulk", map[string]any{"ids": []string{}}, 422, "request.invalid"},
		{"/cameras/bulk", map[string]any{"ids": []any{a.ID}, "set": map[string]any{"transport": "x"}}, 422, "request.invalid"},
		{"/cameras/bulk", map[string]any{"ids": []any{a.ID}, "add_groups": []string{"none"}}, 404, "group.not_found"},
		{"/cameras/bulk", map[string]any{"ids": []any{a.ID}, "add_tags": []string{strings.Repeat("x", 65)}}, 422, "camera.invalid"},
		{"/grants", map[string]any{"users": []any{anna.ID}}, 422, "grant.invalid"},
		{"/grants", map[string]any{"users": []any{anna.ID}, "cameras": []string{"none"}}, 404, "camera.not_found"},
		{"/users/" + string(anna.ID) + "/grants/copy", map[string]any{"from": "none", "mode": "add"}, 404, "user.not_found"},
		{"/users/" + string(anna.ID) + "/grants/copy", map[string]any{"from": boris.ID, "mode": "all"}, 422, "request.invalid"},
		{"/users/" + string(anna.ID) + "/grants/copy", map[string]any{"from": "\x00", "mode": "add"}, 404, "user.not_found"},
	} {
		s.problem(s.as("moderator", "POST", "/api/v1"+wrong.path, wrong.body), wrong.status, wrong.code)
	}

	var given GrantsGiven
	ends := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	s.into(s.as("moderator", "POST", "/api/v1/grants", map[string]any{
		"users": []any{anna.ID, boris.ID}, "cameras": []any{a.ID}, "groups": []any{g.ID}, "expires_at": ends, "reason": "смена",
	}), 200, &given)
	if given != (GrantsGiven{Given: 4}) {
		t.Errorf("%+v", given)
	}
	var mine list[WatchableCamera]
	s.into(s.as("anna", "GET", "/api/v1/me/cameras", nil), 200, &mine)
	if mine.Total != 2 {
		t.Errorf("%+v", mine)
	}
	var withdrawn GrantsWithdrawn
	s.into(s.as("moderator", "POST", "/api/v1/grants/withdraw", map[string]any{"users": []any{anna.ID}, "groups": []any{g.ID}, "cameras": []any{a.ID}}), 200, &withdrawn)
	if withdrawn.Withdrawn != 2 {
		t.Errorf("%+v", withdrawn)
	}
	var copied GrantsCopied
	s.into(s.as("moderator", "POST", "/api/v1/users/"+string(anna.ID)+"/grants/copy", map[string]any{"from": boris.ID, "mode": "replace"}), 200, &copied)
	if copied != (GrantsCopied{Given: 2}) {
		t.Errorf("%+v", copied)
	}

	// By which ways: what everybody sees of it.
	kinds := func(path string) string {
		t.Helper()
		var l struct {
			Items []struct {
				Name, Login string
				Via         []Via
			}
			Total int
		}
		s.into(s.as("moderator", "GET", "/api/v1"+path, nil), 200, &l)
		var all []string
		for _, item := range l.Items {
			text := item.Login
			if text == "" {
				text = item.Name
			}
			for _, v := range item.Via {
				text += " " + v.Kind
				if (v.Kind == "group") != (v.GroupName == "Двор" && v.GroupID == g.ID) || (v.Kind == "role") != (v.GrantedAt == nil) ||
					v.Kind != "role" && (v.GrantedBy != "moderator" || v.Reason != "смена" || !v.ExpiresAt.Equal(ends)) {
					t.Errorf("%s: %+v", path, v)
				}
			}
			all = append(all, text)
		}
		if l.Total != len(all) {
			t.Errorf("%s: total %d of %d", path, l.Total, len(all))
		}
		slices.Sort(all)
		return strings.Join(all, ", ")
	}
	var people list[PersonWithRole]
	s.into(s.as("moderator", "GET", "/api/v1/people?q=moderator", nil), 200, &people)
	for path, want := range map[string]string{
		"/users/" + string(anna.ID) + "/cameras":        "a grant group, b group",
		"/users/" + people.Items[0].ID + "/cameras":     "a role, b role",
		"/cameras/" + string(a.ID) + "/users":           "admin role, anna grant group, boris grant group, moderator role",
		"/cameras/" + string(b.ID) + "/users":           "admin role, anna group, boris group, moderator role",
		"/cameras/" + string(b.ID) + "/users?q=anna":    "anna group",
		"/groups/" + g.ID + "/users":                    "anna group, boris group",
		"/users/" + people.Items[0].ID + "/cameras?q=b": "b role",
	} {
		if got := kinds(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	var groups list[GrantedGroup]
	s.into(s.as("moderator", "GET", "/api/v1/users/"+string(anna.ID)+"/groups", nil), 200, &groups)
	if len(groups.Items) != 1 || groups.Items[0].ID != g.ID || groups.Items[0].Name != "Двор" || groups.Items[0].Cameras != 2 || groups.Items[0].Reason != "смена" ||
		!groups.Items[0].ExpiresAt.Equal(ends) || groups.Items[0].GrantedBy != "moderator" || groups.Items[0].GrantedAt.IsZero() {
		t.Errorf("%+v", groups)
	}

	var deleted CamerasDeleted
	s.into(s.as("moderator", "POST", "/api/v1/cameras/bulk-delete", map[string]any{"ids": []any{a.ID, s.camera("free").ID}}), 200, &deleted)
	if deleted.Deleted != 1 || len(deleted.Failed) != 1 || deleted.Failed[0] != (CameraInUse{ID: string(a.ID), Code: "camera.in_use", Grants: 2, Groups: 1}) {
		t.Errorf("%+v", deleted)
	}
	s.into(s.as("moderator", "POST", "/api/v1/cameras/bulk-delete", map[string]any{"ids": []any{a.ID, b.ID}, "force": true}), 200, &deleted)
	if deleted.Deleted != 2 || len(deleted.Failed) != 0 {
		t.Errorf("%+v", deleted)
	}
	for _, kind := range []string{"grant.given", "grant.withdrawn", "camera.changed", "camera.deleted"} {
		var log struct{ Items []Event }
		s.into(s.as("admin", "GET", "/api/v1/events?kind="+kind, nil), 200, &log)
		want := map[string]int{"grant.given": 6, "grant.withdrawn": 2, "camera.changed": 2, "camera.deleted": 3}[kind]
		if len(log.Items) != want {
			t.Errorf("%d events of %s, want %d", len(log.Items), kind, want)
		}
		for _, e := range log.Items {
			if e.Actor.Login != "moderator" || strings.Contains(fmt.Sprint(e), "camera-secret-7") {
				t.Errorf("%+v", e)
			}
		}
	}
}
