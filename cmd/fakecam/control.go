package main

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// deed is something done to a camera; what is wrong with the query is told.
type deed func(c *rtsptest.Camera, query url.Values) error

// deeds are the last parts of POST /cameras/{number}/….
var deeds = map[string]deed{
	"pause":       plain((*rtsptest.Camera).Pause),
	"blind":       plain((*rtsptest.Camera).Blind), // sound goes on
	"resume":      plain((*rtsptest.Camera).Resume),
	"blackhole":   plain((*rtsptest.Camera).BlackHole),
	"tcp-only":    plain((*rtsptest.Camera).TCPOnly),
	"udp-only":    plain((*rtsptest.Camera).UDPOnly),
	"one-session": plain((*rtsptest.Camera).OneSession),
	"kill":        func(c *rtsptest.Camera, _ url.Values) error { return c.Kill() },
	"restart":     func(c *rtsptest.Camera, _ url.Values) error { return c.Restart() },
	"slow":        slow,   // ?ms=: delay of each answer
	"drop":        drop,   // ?n=: video packets to lose
	"jump":        jump,   // ?ms=: of the time stamps, may be negative
	"auth":        demand, // ?username=&password=&method=basic|digest; without a user name: nothing is demanded
}

func plain(do func(*rtsptest.Camera)) deed {
	return func(c *rtsptest.Camera, _ url.Values) error {
		do(c)
		return nil
	}
}

// wrongQuery is the caller's fault.
type wrongQuery string

func (w wrongQuery) Error() string { return string(w) }

func number(query url.Values, name string, lowest int) (int, error) {
	n, err := strconv.Atoi(query.Get(name))
	if err != nil || n < lowest || n > 1<<31 {
		return 0, wrongQuery(fmt.Sprintf("%s: a number from %d is wanted", name, lowest))
	}
	return n, nil
}

func slow(c *rtsptest.Camera, query url.Values) error {
	ms, err := number(query, "ms", 0)
	if err == nil {
		c.Slow(time.Duration(ms) * time.Millisecond)
	}
	return err
}

func drop(c *rtsptest.Camera, query url.Values) error {
	n, err := number(query, "n", 1)
	if err == nil {
		c.DropPackets(n)
	}
	return err
}

func jump(c *rtsptest.Camera, query url.Values) error {
	ms, err := number(query, "ms", -1<<31)
	if err == nil {
		c.JumpTimestamps(time.Duration(ms) * time.Millisecond)
	}
	return err
}

func demand(c *rtsptest.Camera, query url.Values) error {
	method := query.Get("method")
	if method != "" && method != "basic" && method != "digest" {
		return wrongQuery("method: basic or digest is wanted")
	}
	c.RequireAuth(query.Get("username"), query.Get("password"), method)
	return nil
}

// handler is the control interface: GET /healthz (200 once all cameras serve, 503 before), GET /stats, GET
// /manifest, and POST /cameras/{number}/{deed}, answered with 204.
func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if s.cameras.Load() == nil {
			http.Error(w, "the cameras are being prepared", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /stats", s.whenServing(s.serveStats))
	mux.HandleFunc("GET /manifest", s.whenServing(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = s.manifest("http://" + r.Host).print(w)
	}))
	mux.HandleFunc("POST /cameras/{number}/{deed}", s.whenServing(s.serveDeed))
	return mux
}

func (s *site) whenServing(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.cameras.Load() == nil {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "the cameras are being prepared", http.StatusServiceUnavailable)
			return
		}
		next(w, r)
	}
}

// report is one camera in GET /stats.
type report struct {
	Number  int    `json:"number"`
	Name    string `json:"name"`
	Address string `json:"address"`
	rtsptest.Stats
}

// serveStats tells about all cameras; ?recent= limits the frames told of each.
func (s *site) serveStats(w http.ResponseWriter, r *http.Request) {
	limit := math.MaxInt
	if r.URL.Query().Has("recent") {
		var err error
		if limit, err = number(r.URL.Query(), "recent", 0); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	all := struct {
		Cameras []report `json:"cameras"`
	}{Cameras: []report{}}
	for _, i := range *s.cameras.Load() {
		stats := i.camera.Stats()
		stats.Recent = stats.Recent[max(len(stats.Recent)-limit, 0):]
		all.Cameras = append(all.Cameras, report{i.number, i.name(), i.camera.URL(), stats})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(all)
}

func (s *site) serveDeed(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("number"))
	cameras := *s.cameras.Load()
	if err != nil || n < 1 || n > len(cameras) {
		http.Error(w, fmt.Sprintf("there are cameras 1 to %d", len(cameras)), http.StatusNotFound)
		return
	}
	do, ok := deeds[r.PathValue("deed")]
	if !ok {
		http.Error(w, "nothing of that name can be done to a camera", http.StatusNotFound)
		return
	}
	switch err := do(cameras[n-1].camera, r.URL.Query()).(type) {
	case nil:
		s.log.Info("done to a camera", "camera", n, "deed", r.PathValue("deed"))
		w.WriteHeader(http.StatusNoContent)
	case wrongQuery:
		http.Error(w, err.Error(), http.StatusBadRequest)
	default:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
