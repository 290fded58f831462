package api

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

func TestEventLogIsFiltered(t *testing.T) {
	for name, where := range map[string]store.Options{"sqlite": {}, "postgres": {URL: pgtest.URL(t)}} {
		t.Run(name, func(t *testing.T) {
			s := open(t, where)
			ivanov := events.Person{ID: "u1", Login: "ivanov", Name: "Иванов И. И."}
			gate := events.Subject{ID: "c1", Number: 17, Name: "Ёлочная"}
			at := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
			batch := []events.Event{
				{At: at, Kind: events.ViewBegun, Actor: ivanov, Camera: gate},
				{At: at.Add(time.Minute), Kind: events.ViewEnded, Actor: ivanov, Camera: gate, Code: "view.evicted"},
				{At: at.Add(time.Hour), Kind: events.CameraState, Camera: gate, Code: "camera.timeout"},
				{At: at.Add(2 * time.Hour), Kind: events.GroupDeleted, Actor: ivanov, Note: "Этажи"},
			}
			must(t, s.db.AppendEvents(t.Context(), batch))
			for query, want := range map[string]string{
				"q=елочная":                                       "view.begun view.ended camera.state",
				"q=ИВАНОВ&kind=view.":                             "view.begun view.ended",
				"q=иванов&kind=view.&sort=-id":                    "view.ended view.begun",
				"kind=view.begun&kind=group.deleted":              "view.begun group.deleted",
				"kind=view.begun,group.deleted":                   "view.begun group.deleted",
				"code=view.evicted&code=camera.timeout&camera=c1": "view.ended camera.state",
				"user=u1": "view.begun view.ended group.deleted",
				"from=2020-01-02T03:05:05Z&to=2020-01-02T05:04:05Z":        "view.ended camera.state",
				"from=2020-01-02T06:05:05%2B03:00&to=2020-01-02T03:06:00Z": "view.ended",
				"q=этажи":      "group.deleted",
				"q=нет такого": "",
			} {
				var page list[Event]
				s.into(s.as("admin", "GET", "/api/v1/events?"+strings.ReplaceAll(query, " ", "%20"), nil), 200, &page)
				var kinds []string
				for _, e := range page.Items {
					kinds = append(kinds, e.Kind)
				}
				if strings.Join(kinds, " ") != want || page.Total != len(kinds) || page.NextCursor != "" {
					t.Errorf("%s: %v, %d in all, next %q; want %s", query, kinds, page.Total, page.NextCursor, want)
				}
			}

			s.problem(s.as("admin", "GET", "/api/v1/events?cursor=99999999999999999999", nil), 422, "paging.cursor")

			// A search page by page, both ways: none missed, none twice, and the total is of all pages.
			for _, sort := range []string{"id", "-id"} {
				var ids []int64
				for cursor := ""; ; {
					var page list[Event]
					s.into(s.as("admin", "GET", "/api/v1/events?q=17&limit=2&sort="+sort+"&cursor="+cursor, nil), 200, &page)
					for _, e := range page.Items {
						ids = append(ids, e.ID)
					}
					if page.Total != 3 {
						t.Errorf("%s: %d in all", sort, page.Total)
					}
					if cursor = page.NextCursor; cursor == "" {
						break
					}
				}
				if len(ids) != 3 || (ids[0] < ids[1]) != (sort == "id") || (ids[1] < ids[2]) != (sort == "id") {
					t.Errorf("%s: %v", sort, ids)
				}
			}
			for _, query := range []string{"kind=view", "kind=nothing.", "sort=at", "from=yesterday", "cursor=x", "limit=0", "after=-1"} {
				s.problem(s.as("admin", "GET", "/api/v1/events?"+query, nil), 422, "request.invalid")
			}
			for _, query := range []string{"kind=view", "from=yesterday"} {
				s.problem(s.as("admin", "GET", "/api/v1/events/stream?"+query, nil), 422, "request.invalid")
			}
		})
	}
}

// follower reads an event stream as a browser does: it keeps the last id, also of comments.
type follower struct {
	s      *site
	filter url.Values
	last   string
	seen   []int64
}

// follow reads until enough says so or the connection ends, and keeps what it has seen.
func (f *follower) follow(enough func([]int64) bool) {
	f.s.t.Helper()
	ctx, cancel := context.WithTimeout(f.s.t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", f.s.url+"/api/v1/events/stream?"+f.filter.Encode(), nil)
	must(f.s.t, err)
	r.Header.Set("Authorization", "Bearer "+f.s.tokens["admin"])
	if f.last != "" {
		r.Header.Set("Last-Event-ID", f.last)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	must(f.s.t, err)
	defer response.Body.Close()
	if response.StatusCode != 200 {
		f.s.t.Fatalf("status %d", response.StatusCode)
	}
	var id, data string
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		line := lines.Text()
		if value, ok := strings.CutPrefix(line, "id: "); ok {
			id = value
		}
		if value, ok := strings.CutPrefix(line, "data: "); ok {
			data = value
		}
		if line != "" {
			continue
		}
		f.last = id
		if data != "" {
			var e Event
			must(f.s.t, json.Unmarshal([]byte(data), &e))
			if strconv.FormatInt(e.ID, 10) != id {
				f.s.t.Errorf("event %d came as %s", e.ID, id)
			}
			f.seen = append(f.seen, e.ID)
		}
		data = ""
		if enough(f.seen) {
			return
		}
	}
}

// TestEventStreamAcrossReconnects: whoever breaks off and comes back with the last id misses nothing and sees nothing twice.
func TestEventStreamAcrossReconnects(t *testing.T) {
	s := open(t, store.Options{})
	ctx := t.Context()
	const writers, each = 4, 60
	f := follower{s: s, filter: url.Values{"kind": {"view."}, "q": {"иванов"}}}
	f.follow(func([]int64) bool { return true }) // the first comment tells where the stream begins
	if f.last == "" {
		t.Fatal("the stream does not say where it begins")
	}
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range each {
				kind, who := events.ViewBegun, "Иванов"
				if i%3 == 1 {
					kind = events.GroupDeleted
				}
				if i%3 == 2 {
					who = "Петров"
				}
				e := events.Event{At: time.Now(), Kind: kind, Actor: events.Person{Login: fmt.Sprint("w", w), Name: who}}
				if err := s.db.AppendEvents(ctx, []events.Event{e}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	const want = writers * each / 3
	for broken := 0; len(f.seen) < want; broken++ {
		had := len(f.seen)
		f.follow(func(seen []int64) bool { return len(seen) == want || broken < 5 && len(seen) > had+7 })
		if t.Failed() || ctx.Err() != nil {
			break
		}
	}
	group.Wait()
	all, err := s.db.Events(ctx, events.Query{Kinds: events.KindsNamed("view."), Q: "иванов", Limit: 1000})
	must(t, err)
	if len(all) != want || len(f.seen) != want {
		t.Fatalf("%d events of %d were written, %d seen", len(all), want, len(f.seen))
	}
	for i, e := range all {
		if f.seen[i] != e.ID {
			t.Fatalf("event %d is %d on the stream and %d in the log", i, f.seen[i], e.ID)
		}
	}
}

// TestEventStreamsAreBounded: each asks the store once a second, so there can only be so many.
func TestEventStreamsAreBounded(t *testing.T) {
	s := open(t, store.Options{})
	s.api.streams.Store(streamBound)
	if p := s.problem(s.as("admin", "GET", "/api/v1/events/stream", nil), 503, "events.too_many_streams"); p.RequestID == "" {
		t.Error("no request id")
	}
	if n := s.api.streams.Load(); n != streamBound {
		t.Errorf("a refused stream counts: %d", n)
	}
}

// TestEventStreamOfALongPastEndsWithTheSignIn: a reader that is slow, or means to be, gets no more of what is still to be read once the
// sign-in is over.
func TestEventStreamOfALongPastEndsWithTheSignIn(t *testing.T) {
	s := open(t, store.Options{})
	// More than all buffers on the way hold, so that the gateway can't be done before the sign-out.
	const count, size = 4 * streamBatch, 8 << 10
	past := make([]events.Event, count)
	for i := range past {
		past[i] = events.Event{At: time.UnixMilli(1), Kind: events.ViewBegun, Note: strings.Repeat("x", size)}
	}
	must(t, s.db.AppendEvents(t.Context(), past))

	dialer := &net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
	}}
	slow := &http.Transport{DialContext: dialer.DialContext, ReadBufferSize: 4096}
	defer slow.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/api/v1/events/stream?after=0", nil)
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+s.tokens["admin"])
	response, err := slow.RoundTrip(r)
	must(t, err)
	defer response.Body.Close()
	s.expect(s.as("admin", "POST", "/api/v1/auth/logout", nil), 204)
	read, err := io.Copy(io.Discard, response.Body)
	if err != nil {
		t.Errorf("the stream broke instead of ending: %v", err)
	}
	if read >= count*size {
		t.Errorf("%d bytes came: all of the past", read)
	}
}
