package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// canary is a secret that must never come back. It is long enough for a password and fits no other type.
const canary = "canary-Кенар-5k9w"

// TestCanary posts the canary to every route that takes a body, in every field and in every wrong shape, and looks for it in all
// refusals and in the log.
func TestCanary(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		sing(t, store.Options{})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		sing(t, store.Options{URL: pgtest.URL(t)})
	})
}

func sing(t *testing.T, where store.Options) {
	s := open(t, where)
	c := s.camera("Gate")
	doc := s.api.document
	sent := 0
	look := func(what string, a answer) {
		t.Helper()
		sent++
		if a.status < 400 {
			return
		}
		if a.status >= 500 {
			t.Errorf("%s: %d %s", what, a.status, a.text)
		}
		for _, form := range []string{canary, url.QueryEscape(canary), strings.Trim(quoted(canary), `"`), "canary"} {
			if strings.Contains(a.text, form) {
				t.Errorf("%s: the answer tells %q: %s", what, form, a.text)
			}
			for name, values := range a.header {
				if strings.Contains(strings.Join(values, ";"), form) {
					t.Errorf("%s: header %s tells it", what, name)
				}
			}
		}
		if a.header.Get("Content-Type") == problemType {
			s.problem(a, a.status, problemCode(a))
		}
	}
	for _, r := range s.api.routes() {
		if r.rest || r.method == http.MethodGet {
			continue
		}
		path := walked(r, string(c.ID))
		item := doc.Paths[r.path]
		op := map[string]*huma.Operation{"POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete}[r.method]
		shapes := []string{
			quoted(canary), `[` + quoted(canary) + `]`, canary, `{"` + canary, `{"` + canary + `": 1}`, `{"password": "` + canary + `"`,
			`{"password": {"` + canary + `": "` + canary + `"}}`, `{"password": "` + strings.Repeat(canary, 20) + `"}`, "\x00" + canary, "",
		}
		if op.RequestBody != nil && op.RequestBody.Content["application/json"] != nil {
			schema := doc.Components.Schemas.SchemaFromRef(op.RequestBody.Content["application/json"].Schema.Ref)
			for _, field := range slices.Sorted(maps.Keys(schema.Properties)) {
				for _, wrong := range []any{
					canary, []any{canary}, []any{map[string]any{canary: canary}}, map[string]any{canary: canary}, strings.Repeat(canary, 400),
					canary + "\x00", canary + "\ufffd\u202e", 1e300, -1, 1.5, true, nil,
				} {
					body := map[string]any{field: wrong, canary: canary}
					for _, required := range schema.Required {
						if required != field {
							body[required] = canary
						}
					}
					text, err := json.Marshal(body)
					must(t, err)
					shapes = append(shapes, string(text))
				}
			}
		}
		for _, body := range shapes {
			look(r.method+" "+r.path+" "+body, s.as("admin", r.method, path, body))
		}
		look(r.method+" "+r.path+" as a form", s.as("admin", r.method, path, "password="+url.QueryEscape(canary), "Content-Type", "application/x-www-form-urlencoded"))
		look(r.method+" "+r.path+" as a strange type", s.as("admin", r.method, path, canary, "Content-Type", canary))
		look(r.method+" "+r.path+" too large", s.as("admin", r.method, path, `{"password": "`+strings.Repeat(canary, 1<<20/len(canary)+1)+`"}`))
		look(r.method+" "+r.path+" If-Match", s.as("admin", r.method, path, "{}", "If-Match", `"`+canary+`"`))
		for drained := false; !drained; {
			select {
			case <-s.seen:
			default:
				drained = true
			}
		}
		s.tokens["admin"] = s.token("admin") // signing out was among them
	}
	for _, r := range s.api.routes() {
		if r.method != http.MethodGet || r.rest || r.name == "stream-events" {
			continue
		}
		var query url.Values = map[string][]string{}
		for _, name := range []string{"limit", "cursor", "q", "sort", "tag", "group", "after", "from", "to", "kind", "camera", "user"} {
			query.Set(name, canary)
			look("GET "+r.path+"?"+name, s.as("admin", "GET", walked(r, url.PathEscape(canary))+"?"+name+"="+url.QueryEscape(canary), nil))
		}
		look("GET "+r.path, s.as("admin", "GET", walked(r, url.PathEscape(canary))+"?"+query.Encode(), nil))
	}
	if sent < 1000 {
		t.Errorf("only %d requests were sent", sent)
	}
}

func problemCode(a answer) string {
	var p Problem
	_ = json.Unmarshal([]byte(a.text), &p)
	return p.Code
}

func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// TestPasswordsStayInside: a password that was taken appears in no answer, no list, no event, no metric and no line of the log.
func TestPasswordsStayInside(t *testing.T) {
	s := open(t, store.Options{})
	var c Camera
	s.into(s.as("moderator", "POST", "/api/v1/cameras", map[string]any{
		"name": "Gate", "address": "rtsp://viewer:" + url.QueryEscape(canary) + "@camera.example:554/stream",
	}), 201, &c)
	if c.Address != "rtsp://camera.example/stream" || c.Username != "viewer" || !c.HasPassword {
		t.Fatalf("credentials are not taken out of the address: %+v", c)
	}
	var u User
	s.into(s.as("admin", "POST", "/api/v1/users", map[string]any{"login": "olga", "password": canary}), 201, &u)
	s.expect(s.send("POST", "/api/v1/auth/login", map[string]any{"login": "olga", "password": canary}), 200)
	s.problem(s.send("POST", "/api/v1/auth/login", map[string]any{"login": canary, "password": canary}), 401, "auth.credentials")
	s.expect(s.as("moderator", "PATCH", "/api/v1/cameras/"+c.ID, map[string]any{"password": canary + "2"}), 200)
	s.problem(s.as("moderator", "PATCH", "/api/v1/cameras/"+c.ID, map[string]any{"address": "rtsp://elsewhere.example/"}), 422, "camera.password_required")
	for _, r := range s.api.routes() {
		if r.method != http.MethodGet || r.name == "stream-events" {
			continue
		}
		for _, id := range []string{c.ID, u.ID} {
			if a := s.as("admin", "GET", walked(r, id), nil); strings.Contains(a.text, "canary") || strings.Contains(a.text, url.QueryEscape("Кенар")) {
				t.Errorf("GET %s tells the password: %s", r.path, a.text)
			}
		}
	}
	if strings.Contains(s.log.String(), "canary") {
		t.Error("the log tells the password")
	}
	// Users never see an address at all.
	s.expect(s.as("moderator", "PUT", "/api/v1/users/"+u.ID+"/cameras/"+c.ID, nil), 204)
	s.tokens["olga"] = func() string {
		var in SignedIn
		s.into(s.send("POST", "/api/v1/auth/login", map[string]any{"login": "olga", "password": canary}), 200, &in)
		return in.AccessToken
	}()
	for _, path := range []string{"/api/v1/me/cameras", "/api/v1/me/cameras/" + c.ID} {
		a := s.as("olga", "GET", path, nil)
		s.expect(a, 200)
		if !strings.Contains(a.text, c.ID) || strings.Contains(a.text, "camera.example") || strings.Contains(a.text, "viewer") {
			t.Errorf("GET %s: %s", path, a.text)
		}
	}
}

// TestLogLeavesOutSecrets: neither queries nor the secrets in paths get into the access log.
func TestLogLeavesOutSecrets(t *testing.T) {
	s := open(t, store.Options{})
	s.expect(s.as("user", "DELETE", "/api/v1/whep/"+"whep-secret-31", nil), 202)
	if r := <-s.seen; r.PathValue("secret") != "whep-secret-31" {
		t.Errorf("the door did not get the secret: %q", r.PathValue("secret"))
	}
	s.as("user", "GET", "/api/v1/me?token=query-secret-32", nil)
	s.as("user", "GET", "/api/v1/unknown/path-secret-33", nil)
	s.as("user", "SECRETMETHOD34", "/api/v1/me", nil)
	log := s.log.String()
	for _, secret := range []string{"whep-secret-31", "query-secret-32", "path-secret-33", "SECRETMETHOD34"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log tells %s", secret)
		}
	}
	if !strings.Contains(log, "route=/api/v1/whep/{secret}") || !strings.Contains(log, "user=user") {
		t.Errorf("the log lacks the request:\n%s", log)
	}
}
