package api

import (
	"encoding/json"
	"strings"
	"testing"

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
	for _, name := range []string{"app.js", "style.css", "errors", "errors.js", "codes.json", "words.json"} {
		a := s.send("GET", "/api/docs/"+name, nil)
		if s.expect(a, 200); a.text == "" || strings.Contains(a.text, " style=") || strings.Contains(a.text, "onclick=") {
			t.Errorf("%s is empty or needs more than the policy allows", name)
		}
	}
}

// TestPatchTypes: what the domain takes for PATCH is what the document says.
func TestPatchTypes(t *testing.T) {
	var b CameraPatch
	must(t, json.Unmarshal([]byte(`{"notes": null, "name": "x"}`), &b))
	if b.Notes != patch.Null[string]() || b.Name != patch.Of("x") || b.Location.Set {
		t.Errorf("%+v", b)
	}
}
