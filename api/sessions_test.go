package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// onBoth runs fn on a site of each engine.
func onBoth(t *testing.T, fn func(t *testing.T, s *site)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		fn(t, open(t, store.Options{}))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		fn(t, open(t, store.Options{URL: pgtest.URL(t)}))
	})
}

// kinds gives what the log tells of some kinds, oldest first: "kind code actor user".
func (s *site) told(kinds ...string) (told []string) {
	s.t.Helper()
	var page struct{ Items []Event }
	s.into(s.as("admin", "GET", "/api/v1/events?limit=1000&kind="+strings.Join(kinds, ","), nil), 200, &page)
	for _, e := range page.Items {
		told = append(told, strings.Join([]string{e.Kind, e.Code, e.Actor.Name, e.User.Name}, " "))
	}
	return told
}

func TestSessions(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		body := map[string]any{"login": "user", "password": password}
		s.expect(s.send("POST", "/api/v1/auth/login", body, "User-Agent", "Firefox/140 on the left desk"), 200)
		var other SignedIn
		s.into(s.send("POST", "/api/v1/auth/login", body, "User-Agent", "Chromium on the right desk"), 200, &other)

		var page list[Session]
		s.into(s.as("user", "GET", "/api/v1/me/sessions", nil), 200, &page)
		if page.Total != 3 || page.Items[0].UserAgent != "Chromium on the right desk" || page.Items[0].Remote != "127.0.0.1" ||
			page.Items[0].Current || !page.Items[2].Current {
			t.Fatalf("%+v", page)
		}
		here := page.Items[2].ID
		s.into(s.as("user", "GET", "/api/v1/me/sessions?q=FIREFOX&sort=-created_at", nil), 200, &page)
		if page.Total != 1 {
			t.Errorf("%+v", page)
		}
		first := page.Items[0].ID
		s.into(s.as("user", "GET", "/api/v1/me/sessions?limit=2", nil), 200, &page)
		if len(page.Items) != 2 || page.NextCursor == "" {
			t.Errorf("%+v", page)
		}
		s.expect(s.as("user", "GET", "/api/v1/me/sessions?sort=remote", nil), 422)

		// Somebody else's is none of one's own.
		s.problem(s.as("moderator", "DELETE", "/api/v1/me/sessions/"+first, nil), 404, "session.not_found")
		s.problem(s.as("moderator", "GET", "/api/v1/users/"+string(s.admin.ID)+"/sessions", nil), 403, "auth.role")
		s.expect(s.as("user", "DELETE", "/api/v1/me/sessions/"+first, nil), 204)
		s.problem(s.as("user", "DELETE", "/api/v1/me/sessions/"+first, nil), 404, "session.not_found")

		// An admin sees and ends them.
		var me User
		s.into(s.as("user", "GET", "/api/v1/me", nil), 200, &me)
		at := "/api/v1/users/" + me.ID + "/sessions"
		s.into(s.as("admin", "GET", at, nil), 200, &page)
		if page.Total != 2 || page.Items[0].Current || page.Items[1].Current {
			t.Errorf("%+v", page)
		}
		s.problem(s.as("admin", "DELETE", "/api/v1/users/"+string(s.admin.ID)+"/sessions/"+here, nil), 404, "session.not_found")
		s.expect(s.as("admin", "DELETE", at+"/"+here, nil), 204)
		s.problem(s.as("user", "GET", "/api/v1/me", nil), 401, "auth.token")
		s.expect(s.send("GET", "/api/v1/me", nil, "Authorization", "Bearer "+other.AccessToken), 200)
		s.expect(s.as("admin", "DELETE", at, nil), 204)
		s.expect(s.as("admin", "DELETE", at, nil), 204) // nobody is signed in, which is what was asked for
		s.problem(s.send("GET", "/api/v1/me", nil, "Authorization", "Bearer "+other.AccessToken), 401, "auth.token")

		// Everywhere is here, too.
		s.tokens["user"] = s.token("user")
		again := s.token("user")
		out := s.as("user", "DELETE", "/api/v1/me/sessions", nil)
		s.expect(out, 204)
		if c := jar(out)[refreshCookie]; c == nil || c.MaxAge >= 0 {
			t.Errorf("the cookie stays: %+v", c)
		}
		s.problem(s.as("user", "GET", "/api/v1/me", nil), 401, "auth.token")
		s.problem(s.send("GET", "/api/v1/me", nil, "Authorization", "Bearer "+again), 401, "auth.token")
		want := []string{
			"session.ended auth.revoked user ", "session.ended auth.revoked admin user", "session.ended auth.revoked admin user", "session.ended auth.revoked user ",
		}
		if told := s.told("session.ended"); strings.Join(told, "|") != strings.Join(want, "|") {
			t.Errorf("told %q", told)
		}
	})
}

// TestCookiesUnderTLS: with TLS of our own the cookies are secure, whatever a header says.
func TestCookiesUnderTLS(t *testing.T) {
	s := open(t, store.Options{})
	s.serveTLS()
	for name, c := range jar(s.send("POST", "/api/v1/auth/login", map[string]any{"login": "user", "password": password}, "X-Forwarded-Proto", "http")) {
		if !c.Secure || !c.HttpOnly || c.SameSite == http.SameSiteNoneMode || c.SameSite == 0 {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func TestTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		make := func(as string, body map[string]any) TokenMade {
			t.Helper()
			var made TokenMade
			a := s.as(as, "POST", "/api/v1/me/tokens", body)
			s.into(a, 201, &made)
			if made.Key == "" || made.ID == "" || a.header.Get("Location") != "/api/v1/me/tokens/"+made.ID || a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%v %s", a.header, a.text)
			}
			s.tokens[made.Name] = made.Key
			return made
		}
		whole := make("admin", map[string]any{"name": "Всё", "expires_at": nil})
		small := make("admin", map[string]any{"name": "Сводка 10", "role": "user", "expires_at": "2200-01-01T00:00:00Z"})
		make("admin", map[string]any{"name": "Сводка 2", "role": "moderator"})
		if whole.Role != "admin" || small.Role != "user" || small.ExpiresAt == nil || whole.ExpiresAt != nil || whole.SeenAt != nil {
			t.Errorf("%+v %+v", whole, small)
		}
		for want, body := range map[string]any{
			"name required":     map[string]any{"name": "  "},
			"role token.role":   map[string]any{"name": "x", "role": "admin"},
			"expires_at past":   map[string]any{"name": "x", "expires_at": "2001-01-01T00:00:00Z"},
			"role not_allowed":  map[string]any{"name": "x", "role": "root"},
			"expires_at format": map[string]any{"name": "x", "expires_at": "soon"},
		} {
			if p := s.problemAny(s.as("moderator", "POST", "/api/v1/me/tokens", body), 422); fields(p) != want {
				t.Errorf("%v: %q, want %q", body, fields(p), want)
			}
		}

		// It does what its user may, under its ceiling.
		s.expect(s.as("Всё", "GET", "/api/v1/users", nil), 200)
		s.problem(s.as("Сводка 2", "GET", "/api/v1/users", nil), 403, "auth.role")
		s.expect(s.as("Сводка 2", "GET", "/api/v1/cameras", nil), 200)
		s.problem(s.as("Сводка 10", "GET", "/api/v1/cameras", nil), 403, "auth.role")
		c := s.camera("Gate")
		s.expect(s.as("Сводка 2", "GET", "/api/v1/me/cameras/"+string(c.ID), nil), 200)
		s.problem(s.as("Сводка 10", "GET", "/api/v1/me/cameras/"+string(c.ID), nil), 404, "camera.not_found")
		s.expect(s.as("Сводка 10", "POST", "/api/v1/auth/logout", nil), 204) // a token signs nobody out
		s.problem(s.send("GET", "/api/v1/me", nil, "Authorization", "Bearer rv_"+strings.Repeat("A", 43)), 401, "auth.token")

		var page list[Token]
		s.into(s.as("admin", "GET", "/api/v1/me/tokens", nil), 200, &page)
		if page.Total != 3 || page.Items[0].Name != "Всё" || page.Items[1].Name != "Сводка 2" || page.Items[2].SeenAt == nil || page.Items[2].Remote != "127.0.0.1" {
			t.Errorf("%+v", page)
		}
		if a := s.as("admin", "GET", "/api/v1/me/tokens?q=СВОД&sort=-created_at", nil); strings.Contains(a.text, "rv_") || strings.Contains(a.text, "Всё") {
			t.Errorf("%s", a.text)
		}

		// What a token makes is no more than the token, and goes with it.
		child := make("Сводка 10", map[string]any{"name": "Child"})
		if child.Role != "user" || child.ExpiresAt == nil || !child.ExpiresAt.Equal(*small.ExpiresAt) {
			t.Errorf("%+v", child)
		}
		s.expect(s.as("Child", "GET", "/api/v1/me", nil), 200)
		s.problem(s.as("moderator", "DELETE", "/api/v1/me/tokens/"+small.ID, nil), 404, "token.not_found")
		s.expect(s.as("admin", "DELETE", "/api/v1/me/tokens/"+small.ID, nil), 204)
		for _, gone := range []string{"Сводка 10", "Child"} {
			s.problem(s.as(gone, "GET", "/api/v1/me", nil), 401, "auth.token")
		}

		// An admin sees and deletes anybody's; a ban holds for tokens.
		u := s.person("olga", auth.RoleUser)
		mine := make("olga", map[string]any{"name": "Olga's"})
		at := "/api/v1/users/" + string(u.ID)
		s.into(s.as("admin", "GET", at+"/tokens", nil), 200, &page)
		if page.Total != 1 || page.Items[0].ID != mine.ID {
			t.Errorf("%+v", page)
		}
		s.problem(s.as("admin", "DELETE", "/api/v1/users/"+string(s.admin.ID)+"/tokens/"+mine.ID, nil), 404, "token.not_found")
		s.expect(s.as("admin", "PATCH", at, map[string]any{"banned": true}), 200)
		s.problem(s.as("Olga's", "GET", "/api/v1/me", nil), 401, "auth.token")
		s.expect(s.as("admin", "PATCH", at, map[string]any{"banned": false}), 200)
		s.expect(s.as("Olga's", "GET", "/api/v1/me", nil), 200)
		s.expect(s.as("admin", "DELETE", at+"/tokens/"+mine.ID, nil), 204)
		s.problem(s.as("Olga's", "GET", "/api/v1/me", nil), 401, "auth.token")
		want := "token.created  admin |token.created  admin |token.created  admin |token.created  admin |token.deleted  admin |token.created  olga |token.deleted  admin olga"
		if told := s.told("token.created", "token.deleted"); strings.Join(told, "|") != want {
			t.Errorf("told %q", told)
		}
		if strings.Contains(s.log.String(), "rv_") {
			t.Error("the log tells a token")
		}
	})
}
