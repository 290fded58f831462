package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// stuck is a store that does not answer, as behind a network that swallows packets.
type stuck struct{ events.Store }

func (stuck) Events(ctx context.Context, _ events.Query) ([]events.Event, error) {
	<-ctx.Done()
	return nil, fmt.Errorf("reading events: %w", ctx.Err())
}

func (stuck) CountEvents(ctx context.Context, _ events.Query) (int, error) {
	<-ctx.Done()
	return 0, fmt.Errorf("counting events: %w", ctx.Err())
}

// TestPatienceEnds: a database that does not answer holds no request for ever.
func TestPatienceEnds(t *testing.T) {
	s := open(t, store.Options{}, func(o *Options) { o.Events, o.Patience = stuck{}, 2*time.Second })
	a := s.as("admin", "GET", "/api/v1/events", nil)
	p := s.problem(a, 503, "server.timeout")
	if a.header.Get("Retry-After") == "" || !strings.Contains(s.log.String(), p.RequestID) {
		t.Errorf("%v %+v", a.header, p)
	}
}

func TestTooLarge(t *testing.T) {
	s := open(t, store.Options{})
	s.problem(s.as("admin", "POST", "/api/v1/users", `{"login": "`+strings.Repeat("x", maxBody)+`"}`), 413, "request.too_large")
}

func TestPanic(t *testing.T) {
	s := open(t, store.Options{}, func(o *Options) {
		o.WHEP = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("ring is empty") })
	})
	p := s.problem(s.as("user", "POST", "/api/v1/cameras/c/whep", "v=0", "Authorization-Canary", "header-secret-9"), 500, "internal")
	log := s.log.String()
	if !strings.Contains(log, p.RequestID) || !strings.Contains(log, "ring is empty") || !strings.Contains(log, "trouble_test.go") {
		t.Error("the log does not tell of the panic")
	}
	if strings.Contains(log, "header-secret-9") || strings.Contains(log, s.tokens["user"]) || strings.Contains(p.Detail, "ring") {
		t.Error("the panic told too much")
	}
}

// TestBrokenDatabase: a fault of ours has a request id in the answer and its text in the log alone.
func TestBrokenDatabase(t *testing.T) {
	s := open(t, store.Options{})
	must(t, s.db.Close())
	p := s.problem(s.as("admin", "GET", "/api/v1/cameras", nil), 500, "internal")
	if !strings.Contains(s.log.String(), p.RequestID) || strings.Contains(p.Detail, "closed") {
		t.Errorf("%+v", p)
	}
	a := s.send("GET", "/readyz", nil)
	s.problem(a, 503, "server.not_ready")
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	s.expect(s.send("GET", "/healthz", nil), 200)
}
