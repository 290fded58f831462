package api

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
)

func TestUsersInBulk(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		var ids []string
		for i := range 5 {
			ids = append(ids, string(s.person(fmt.Sprint("operator", i), auth.RoleUser).ID))
		}
		wall, _ := s.screen("Wall")
		bulk := func(ids []string, set map[string]any) UsersChanged {
			t.Helper()
			var out UsersChanged
			s.into(s.as("admin", "POST", "/api/v1/users/bulk", map[string]any{"ids": ids, "set": set}), 200, &out)
			return out
		}
		get := func(id string) (u User) {
			t.Helper()
			s.into(s.as("admin", "GET", "/api/v1/users/"+id, nil), 200, &u)
			return u
		}
		out := bulk(append([]string{"nobody", ids[0], wall.ID, "\x00"}, ids...), map[string]any{"views_limit": 2, "language": "ru"})
		if out.Changed != 6 || out.Unchanged != 0 || len(out.Failed) != 2 || out.Failed[0] != (UserFailed{"nobody", "user.not_found"}) {
			t.Errorf("%+v", out)
		}
		if u := get(ids[3]); *u.ViewsLimit != 2 || u.Language != "ru" || u.Version != 2 {
			t.Errorf("%+v", u)
		}
		out = bulk(ids, map[string]any{"views_limit": 2})
		if out.Changed != 0 || out.Unchanged != 5 {
			t.Errorf("%+v", out)
		}
		bulk(ids[:2], map[string]any{"views_limit": nil})
		if u := get(ids[0]); u.ViewsLimit != nil || u.Version != 3 {
			t.Errorf("%+v", u)
		}

		// A ban signs out; what can't be is told for each, and the rest is done.
		out = bulk([]string{string(s.admin.ID), ids[4]}, map[string]any{"banned": true})
		if out.Changed != 1 || !slices.Equal(out.Failed, []UserFailed{{string(s.admin.ID), "user.last_admin"}}) {
			t.Errorf("%+v", out)
		}
		s.problem(s.as("operator4", "GET", "/api/v1/me", nil), 401, "auth.token")
		out = bulk([]string{wall.ID, ids[3], string(s.admin.ID)}, map[string]any{"role": "moderator"})
		if out.Changed != 1 || !slices.Equal(out.Failed, []UserFailed{{wall.ID, "user.device"}, {string(s.admin.ID), "user.last_admin"}}) {
			t.Errorf("%+v", out)
		}
		s.expect(s.as("operator3", "GET", "/api/v1/cameras", nil), 200)

		for want, body := range map[string]any{
			"ids too_few": map[string]any{"ids": []string{}, "set": map[string]any{"banned": true}}, "set required": map[string]any{"ids": ids, "set": map[string]any{}},
			"set.views_limit out_of_range": map[string]any{"ids": ids, "set": map[string]any{"views_limit": 65}},
			"set.role required":            map[string]any{"ids": ids, "set": map[string]any{"role": nil}},
			"set.language not_allowed":     map[string]any{"ids": ids, "set": map[string]any{"language": "fr"}},
			"ids too_many":                 map[string]any{"ids": make([]string, 1001), "set": map[string]any{"banned": true}},
		} {
			if p := s.problemAny(s.as("admin", "POST", "/api/v1/users/bulk", body), 422); fields(p) != want {
				t.Errorf("%q, want %q", fields(p), want)
			}
		}
		s.problem(s.as("moderator", "POST", "/api/v1/users/bulk", map[string]any{"ids": ids, "set": map[string]any{"banned": true}}), 403, "auth.role")
		told := s.told("user.changed")
		if len(told) != 5+2+1+1 || !strings.HasPrefix(told[0], "user.changed  admin operator0") {
			t.Errorf("told %q", told)
		}
	})
}

// TestTwoAdminsThrowEachOtherOut: by one request each, or many in bulk, one admin stays.
func TestTwoAdminsThrowEachOtherOut(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		for round, act := range []func(by, whom string) answer{
			func(by, whom string) answer { return s.as(by, "DELETE", "/api/v1/users/"+whom, nil) },
			func(by, whom string) answer {
				return s.as(by, "PATCH", "/api/v1/users/"+whom, map[string]any{"role": "user"})
			},
			func(by, whom string) answer {
				return s.as(by, "PATCH", "/api/v1/users/"+whom, map[string]any{"banned": true})
			},
			func(by, whom string) answer {
				return s.as(by, "POST", "/api/v1/users/bulk", map[string]any{"ids": []string{whom}, "set": map[string]any{"role": "moderator"}})
			},
		} {
			names := []string{fmt.Sprint("first", round), fmt.Sprint("second", round)}
			ids := []string{string(s.person(names[0], auth.RoleAdmin).ID), string(s.person(names[1], auth.RoleAdmin).ID)}
			// The site's own admin steps back, so that there are two.
			keeper := s.token("admin")
			s.expect(s.as(names[0], "PATCH", "/api/v1/users/"+string(s.admin.ID), map[string]any{"role": "user"}), 200)
			var group sync.WaitGroup
			for i := range 2 {
				group.Go(func() { act(names[i], ids[1-i]) })
			}
			group.Wait()
			left := list[User]{}
			for _, name := range names {
				if a := s.as(name, "GET", "/api/v1/users?role=admin&banned=false", nil); a.status == 200 {
					s.into(a, 200, &left)
					s.expect(s.as(name, "PATCH", "/api/v1/users/"+string(s.admin.ID), map[string]any{"role": "admin"}), 200)
					break
				}
			}
			if left.Total != 1 {
				t.Fatalf("round %d: %d admins are left", round, left.Total)
			}
			s.tokens["admin"] = keeper
			for _, id := range ids {
				s.as("admin", "DELETE", "/api/v1/users/"+id, nil)
			}
		}
	})
}
