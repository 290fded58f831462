package api

import (
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/store"
)

func TestSettings(t *testing.T) {
	s := open(t, store.Options{})
	var body Settings
	a := s.as("admin", "GET", "/api/v1/settings", nil)
	s.into(a, 200, &body)
	if body != (Settings{EventsKeepDays: 365, SweepEvery: 300, Version: 1}) || a.header.Get("ETag") != `"1"` {
		t.Errorf("%s %v", a.text, a.header)
	}
	// The whole object back with one field changed, as from a form.
	body.EventsKeepDays = 90
	a = s.as("admin", "PATCH", "/api/v1/settings", body, "If-Match", `"1"`)
	s.into(a, 200, &body)
	if body != (Settings{EventsKeepDays: 90, SweepEvery: 300, Version: 2}) || a.header.Get("ETag") != `"2"` {
		t.Errorf("%s %v", a.text, a.header)
	}
	if p := s.problem(s.as("admin", "PATCH", "/api/v1/settings", `{"sweep_every_s": 60}`, "If-Match", `"1"`), 412, "precondition.version"); p.Params["version"] != "2" {
		t.Errorf("%+v", p)
	}
	p := s.problem(s.as("admin", "PATCH", "/api/v1/settings", `{"sweep_every_s": 5, "events_keep_days": 99999}`), 422, "settings.invalid")
	if len(p.Errors) != 2 || p.Errors[0] != (FieldProblem{Path: "events_keep_days", Code: "too_big"}) || p.Errors[1] != (FieldProblem{Path: "sweep_every_s", Code: "too_small"}) {
		t.Errorf("%+v", p.Errors)
	}
	s.problem(s.as("admin", "PATCH", "/api/v1/settings", `{"sweep_every_s": "often"}`), 422, "request.invalid")
	s.problem(s.as("moderator", "GET", "/api/v1/settings", nil), 403, "auth.role")

	var log list[Event]
	s.into(s.as("admin", "GET", "/api/v1/events?kind=settings.", nil), 200, &log)
	if log.Total != 1 || log.Items[0].Actor.Login != "admin" || len(log.Items[0].Fields) != 1 || log.Items[0].Fields[0] != "events_keep_days" {
		t.Errorf("%+v", log)
	}
}
