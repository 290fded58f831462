package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/store"

	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

// TestTable holds the table, gin and the OpenAPI document against each other, both ways.
func TestTable(t *testing.T) {
	s := open(t, store.Options{})
	var document struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			Summary     string
			Security    []map[string][]string
			Parameters  []struct{ Name, In string }
			Responses   map[string]any
		}
		Components struct{ Schemas map[string]any }
	}
	a := s.send("GET", "/api/v1/openapi.json", nil)
	s.into(a, 200, &document)
	if !strings.HasPrefix(document.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %q", document.OpenAPI)
	}

	inTable, inGin, ids := map[string]route{}, map[string]bool{}, map[string]bool{}
	for _, r := range s.api.routes() {
		if r.summary == "" || r.tag == "" || r.name == "" || (r.typed == nil) == (r.raw == nil) {
			t.Errorf("incomplete route %s %s", r.method, r.path)
		}
		if ids[r.name] {
			t.Errorf("operation id %s twice", r.name)
		}
		ids[r.name] = true
		if !r.rest {
			inTable[r.method+" "+r.path] = r
		}
	}
	for _, r := range s.api.engine.Routes() {
		path := ""
		for part := range strings.SplitSeq(strings.TrimPrefix(r.Path, "/"), "/") {
			if name, ok := strings.CutPrefix(part, ":"); ok {
				part = "{" + name + "}"
			}
			path += "/" + part
		}
		inGin[r.Method+" "+path] = true
		if _, ok := inTable[r.Method+" "+path]; !ok {
			t.Errorf("gin serves %s %s, which the table does not know", r.Method, path)
		}
	}
	documented := 0
	for path, item := range document.Paths {
		for method, op := range item {
			documented++
			r, ok := inTable[strings.ToUpper(method)+" "+path]
			if !ok {
				t.Errorf("the document has %s %s, which the table does not know", method, path)
				continue
			}
			if op.OperationID != r.name || op.Summary != r.summary || (len(op.Security) > 0) != (r.need != anyone) || len(op.Responses) < 2 {
				t.Errorf("the document is wrong about %s %s", method, path)
			}
			params := map[string]bool{}
			for _, p := range op.Parameters {
				if p.In == "path" {
					params["{"+p.Name+"}"] = true
				}
			}
			for part := range strings.SplitSeq(path, "/") {
				if strings.HasPrefix(part, "{") && !params[part] {
					t.Errorf("%s %s: parameter %s is not documented", method, path, part)
				}
			}
		}
	}
	if documented != len(inTable) || len(inGin) != len(inTable) {
		t.Errorf("%d routes in the table, %d in gin, %d in the document", len(inTable), len(inGin), documented)
	}
	// Every reference leads somewhere.
	for rest := a.text; ; {
		_, after, found := strings.Cut(rest, `"#/components/schemas/`)
		if !found {
			break
		}
		name, tail, _ := strings.Cut(after, `"`)
		if document.Components.Schemas[name] == nil {
			t.Errorf("the document refers to a schema %s that it lacks", name)
		}
		rest = tail
	}
}

// walked gives a route's address with ids in it.
func walked(r route, id string) string {
	path := r.path
	for _, name := range []string{"{id}", "{camera_id}", "{group_id}", "{session_id}", "{token_id}", "{secret}", "{path}"} {
		path = strings.ReplaceAll(path, name, id)
	}
	return path
}

// TestWalk sends everybody to every route with a body and parameters that can't be read: who may not come in learns nothing of that.
func TestWalk(t *testing.T) {
	s := open(t, store.Options{})
	ctx := t.Context()
	banned := s.person("banned", auth.RoleAdmin)
	_, err := s.auth.PatchUser(ctx, auth.Principal{User: s.admin}, banned.ID, auth.UserPatch{Banned: patch.Of(true)}, nil)
	must(t, err)

	// Tokens that another service made: of the same key but long ago, and of another key.
	log, err := events.New(events.Options{Store: s.db, Logger: s.api.log})
	must(t, err)
	other := func(key []byte, now func() time.Time) string {
		service, err := auth.New(auth.Options{Store: s.db, Events: log, SigningKey: key, Logger: s.api.log, Hashing: quick(), Now: now})
		must(t, err)
		tokens, _, err := service.Login(ctx, "admin", password, auth.Device{})
		must(t, err)
		return tokens.Access
	}
	s.tokens["expired"] = other(s.key, func() time.Time { return time.Now().Add(-time.Hour) })
	s.tokens["forged"] = other([]byte(strings.Repeat("x", 32)), nil)
	s.tokens["garbled"] = "не токен"
	s.tokens["signed out"] = s.token("admin")
	p, err := s.auth.Authenticate(ctx, s.tokens["signed out"])
	must(t, err)
	must(t, s.auth.Logout(ctx, p))

	people := map[string]auth.Role{
		"": "", "banned": "", "expired": "", "forged": "", "garbled": "", "signed out": "",
		"user": auth.RoleUser, "moderator": auth.RoleModerator, "admin": auth.RoleAdmin,
	}
	for _, r := range s.api.routes() {
		if r.name == "stream-events" {
			continue // an admin's never ends; TestEventStream walks it
		}
		for login, role := range people {
			t.Run(r.method+" "+r.path+" "+login, func(t *testing.T) {
				s := *s
				s.t = t
				for _, path := range []string{walked(r, "nothing") + "?limit=many&after=x&force=perhaps", walked(r, "%00%ff")} {
					if r.name == "end-my-sessions" && role != "" {
						s.tokens[login] = s.token(login)
					}
					var body any
					if r.method != http.MethodGet {
						body = `{"login": [`
					}
					a := s.as(login, r.method, path, body)
					switch {
					case r.need != anyone && role == "":
						code := "auth.token"
						if login == "expired" {
							code = "auth.expired"
						}
						s.problem(a, 401, code)
						if a.header.Get("WWW-Authenticate") == "" {
							t.Error("no WWW-Authenticate")
						}
					case r.need != anyone && !role.Allows(auth.Role(r.need)):
						s.problem(a, 403, "auth.role")
					case a.status == 401 && r.name != "refresh", a.status == 403, a.status >= 500:
						t.Errorf("%d: %s", a.status, a.text)
					}
				}
			})
		}
		if r.name == "logout" || r.name == "end-my-sessions" {
			for _, login := range []string{"user", "moderator", "admin"} {
				s.tokens[login] = s.token(login)
			}
		}
	}
}

// TestStrangersObjects: what one may not see does not exist.
func TestStrangersObjects(t *testing.T) {
	s := open(t, store.Options{})
	c := s.camera("Gate")
	for _, path := range []string{"/api/v1/me/cameras/" + string(c.ID), "/api/v1/me/cameras/no-such"} {
		s.problem(s.as("user", "GET", path, nil), 404, "camera.not_found")
	}
	s.problem(s.as("user", "PUT", "/api/v1/me/favorites/"+string(c.ID), nil), 404, "camera.not_found")
	s.problem(s.as("user", "DELETE", "/api/v1/views/"+string(s.admin.ID)+"~tile", nil), 404, "view.not_found")
	for _, r := range s.api.routes() {
		if r.typed == nil || !strings.Contains(r.path, "{") {
			continue
		}
		var body any
		if r.method == "PATCH" {
			body = "{}"
		}
		if a := s.as("admin", r.method, walked(r, "00000000-0000-7000-8000-000000000000"), body); a.status != 404 && r.name != "remove-favorite" {
			t.Errorf("%s %s of nothing: %d %s", r.method, r.path, a.status, a.text)
		}
	}
}

// TestLost: what no route answers.
func TestLost(t *testing.T) {
	s := open(t, store.Options{})
	s.problem(s.send("GET", "/api/v1/nonsense", nil), 404, "route.not_found")
	s.problem(s.send("POST", "/api/v2", "{}"), 404, "route.not_found")
	if a := s.send("DELETE", "/api/v1/me/password", nil); s.problem(a, 405, "route.method").Code != "" && a.header.Get("Allow") != "POST" {
		t.Errorf("Allow: %q", a.header.Get("Allow"))
	}
	s.problem(s.send("POST", "/wall", "{}"), 405, "route.method")
	for _, path := range []string{"/", "/wall", "/cameras/7"} {
		a := s.send("GET", path, nil)
		s.expect(a, 200)
		if !strings.Contains(a.header.Get("Content-Type"), "text/html") || a.header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %v", path, a.header)
		}
		if csp := strings.Join(a.header.Values("Content-Security-Policy"), "; "); !strings.Contains(csp, "frame-ancestors 'none'") ||
			!strings.Contains(csp, "default-src") || strings.Contains(csp, "unsafe-inline") {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
	s.expect(s.send("GET", "/assets/none.js", nil), 404)
	s.expect(s.send("GET", "/healthz", nil), 200)
	for path, status := range map[string]int{"/healthz": 200, "/": 200, "/api/v1/me": 401, "/api/v1/events/stream": 405, "/api/v1/signaling": 405} {
		if a := s.send("HEAD", path, nil); a.status != status || a.text != "" {
			t.Errorf("HEAD %s: %d %q", path, a.status, a.text)
		}
	}
	s.expect(s.send("GET", "/readyz", nil), 200)
	if a := s.send("GET", "/api/docs", nil); a.status != 200 || strings.Contains(a.text, "//") && strings.Contains(a.text, "https://") {
		t.Errorf("docs: %d, or refers to another host", a.status)
	}
	s.expect(s.send("GET", "/api/docs/app.js", nil), 200)
	s.expect(s.send("GET", "/api/docs/style.css", nil), 200)
}

// TestPatchTypes: what the domain takes for PATCH is what the document says.
func TestPatchTypes(t *testing.T) {
	var b CameraPatch
	must(t, json.Unmarshal([]byte(`{"notes": null, "name": "x"}`), &b))
	if b.Notes != patch.Null[string]() || b.Name != patch.Of("x") || b.Location.Set {
		t.Errorf("%+v", b)
	}
}
