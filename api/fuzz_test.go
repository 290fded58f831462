package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// word is what a password could be told by: nothing shorter is looked for.
var word = regexp.MustCompile(`[\pL\pN]{8,}`)

// FuzzBodies sends any text as the body of any typed route that takes one. Whatever it is, the gateway answers without failing, and a
// refusal holds no word of the body that is not a word of ours: a name of a field, a code, a sentence.
func FuzzBodies(f *testing.F) {
	s := open(f, store.Options{})
	user, c := s.person("victim", auth.RoleUser), s.camera("Gate")
	var d DeviceWithCode
	s.into(s.as("admin", "POST", "/api/v1/devices", map[string]any{"name": "Wall"}), 201, &d)
	var g Group
	s.into(s.as("admin", "POST", "/api/v1/groups", map[string]any{"name": "Yard"}), 201, &g)
	ids := map[string]string{"users": string(user.ID), "cameras": string(c.ID), "devices": d.ID, "groups": g.ID}

	var routes []route
	ours := map[string]bool{}
	for _, w := range word.FindAllString(string(s.api.openAPI), -1) {
		ours[strings.ToLower(w)] = true
	}
	for _, r := range s.api.routes() {
		item := s.api.document.Paths[r.path]
		if r.typed == nil || r.method == http.MethodGet || item == nil {
			continue
		}
		op := map[string]*huma.Operation{http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch}[r.method]
		if op != nil && op.RequestBody != nil && r.name != "change-password" { // the site's own admin must keep it
			routes = append(routes, r)
		}
	}
	slices.SortFunc(routes, func(a, b route) int { return strings.Compare(a.name, b.name) })
	for i, r := range routes {
		for _, body := range s.seeds(r) {
			f.Add(uint8(i), body)
		}
	}

	f.Fuzz(func(t *testing.T, which uint8, body string) {
		s := *s
		s.t = t
		r := routes[int(which)%len(routes)]
		kind, _, _ := strings.Cut(strings.TrimPrefix(r.path, v1+"/"), "/")
		path := r.path
		if r.name != "hls" { // it would wait for the camera
			path = strings.Replace(path, "{id}", ids[kind], 1)
		}
		path = walked(route{path: strings.NewReplacer("{camera_id}", ids["cameras"], "{group_id}", ids["groups"]).Replace(path)}, "nothing")
		a := s.as("admin", r.method, path, body)
		if a.status == http.StatusUnauthorized && r.need != anyone {
			s.tokens["admin"] = s.token("admin")
			a = s.as("admin", r.method, path, body)
		}
		if a.status >= 500 || a.status == http.StatusUnauthorized && r.need != anyone {
			t.Fatalf("%s %s: %d %s\n%q", r.method, r.path, a.status, a.text, body)
		}
		if a.status < 400 {
			return
		}
		p := s.problemAny(a, a.status)
		sent := map[string]bool{}
		for _, w := range word.FindAllString(body, -1) {
			if !ours[strings.ToLower(w)] {
				sent[w] = true
			}
		}
		var told any = []any{p.Detail, p.Code, p.Title, p.Errors, p.Params}
		text, err := json.Marshal(told)
		must(t, err)
		for _, w := range word.FindAllString(string(text), -1) {
			if sent[w] && !strings.Contains(p.Detail+" "+p.Code, w) {
				t.Errorf("%s %s tells %q: %s\n%q", r.method, r.path, w, a.text, body)
			}
		}
	})
}

// seeds gives bodies for a route: whole, wrong in one field, broken.
func (s *site) seeds(r route) []string {
	item := s.api.document.Paths[r.path]
	op := map[string]*huma.Operation{http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch}[r.method]
	out := []string{``, `null`, `[]`, `{`, `{"password": "` + canary + `"`, `{"password": {"` + canary + `": 1}}`, quoted(canary)}
	media := op.RequestBody.Content["application/json"]
	if media == nil {
		return out
	}
	schema := s.api.document.Components.Schemas.SchemaFromRef(media.Schema.Ref)
	whole := map[string]any{}
	for _, field := range slices.Sorted(maps.Keys(schema.Properties)) {
		whole[field] = canary
		text, err := json.Marshal(map[string]any{field: []any{map[string]any{canary: canary}}})
		must(s.t, err)
		out = append(out, string(text))
	}
	text, err := json.Marshal(whole)
	must(s.t, err)
	return append(out, string(text))
}
