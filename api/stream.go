package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

const (
	streamBound = 64               // event streams at once; each asks the store once a second
	streamWrite = 30 * time.Second // how long a reader may keep a write waiting; it comes back by itself, with the last id that it saw
	streamPoll  = time.Second      // how often an event stream looks into the store; other nodes write there too
	streamBeat  = 15 * time.Second // a comment at least this often keeps proxies from closing the stream
	streamBatch = 500              // events written between two flushes
)

var errLastEventID = errFilter.At("Last-Event-ID", "type")

var errStreams = fault.New(fault.Unavailable, "events.too_many_streams", "too many event streams are open").With(retryAfterParam, "10")

// streamEvents sends events as they come (Server-Sent Events, WHATWG HTML 9.2), after Last-Event-ID or ?after=, or else from now on. Its
// comments carry an id too, so that a reader whose filter lets little through comes back to where it was. It ends when the client goes or
// reads too slowly, when the server does (the request's context), or when the reader is no longer an admin signed in.
func (a *API) streamEvents(c *gin.Context) {
	q, err := streamFilter(c.Request.URL.Query())
	if err == nil {
		q.After, err = a.streamStart(c)
	}
	if err == nil && a.streams.Add(1) > streamBound {
		a.streams.Add(-1)
		err = errStreams
	}
	if err != nil {
		a.refuse(c, err)
		return
	}
	defer a.streams.Add(-1)
	c.Header("Content-Type", "text/event-stream")
	c.Header("Cache-Control", "no-store")
	c.Header("X-Accel-Buffering", "no")
	c.Status(http.StatusOK)
	s := eventStream{api: a, c: c, flush: http.NewResponseController(c.Writer), query: q, p: caller(c.Request.Context())}
	s.run()
}

// eventStream is one reader of the log.
type eventStream struct {
	api   *API
	c     *gin.Context
	flush *http.ResponseController
	query events.Query // After is the last id that the reader knows of
	p     auth.Principal
	told  time.Time
}

func (s *eventStream) run() {
	if !s.send(fmt.Sprintf(": from\nid: %d\n\n", s.query.After)) || !s.flushed() {
		return
	}
	ctx := s.c.Request.Context()
	poll := time.NewTicker(streamPoll)
	defer poll.Stop()
	for {
		more, ok := s.batch(ctx)
		if !ok {
			return
		}
		if !more {
			select {
			case <-ctx.Done():
				return
			case <-poll.C:
			}
		}
		if !s.api.stillAdmin(s.c, s.p) { // between the batches of a long past too, which a slow reader takes minutes for
			return
		}
	}
}

// batch sends what has come since, and reports whether there is more; false if the stream is over.
func (s *eventStream) batch(ctx context.Context) (more, ok bool) {
	// What comes after last is for the next batch: all events up to it can be read now, so whatever the filter leaves out among them is
	// never looked at again.
	last, err := s.api.events.LastEventID(ctx)
	q := s.query
	q.Limit = streamBatch
	var found []events.Event
	if err == nil && last > q.After {
		found, err = s.api.events.Events(ctx, q)
	}
	if err != nil {
		// The client comes back by itself, with the last id that it saw.
		if ctx.Err() == nil {
			s.api.problemOf(ctx, err)
		}
		return false, false
	}
	for _, e := range found {
		body, err := json.Marshal(showEvent(e))
		if err != nil {
			s.api.problemOf(ctx, err)
			return false, false
		}
		if !s.send(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", e.ID, e.Kind, body)) {
			return false, false
		}
		s.query.After = e.ID
	}
	if len(found) == streamBatch {
		return true, true
	}
	s.query.After = max(s.query.After, last)
	if s.api.now().Sub(s.told) >= streamBeat && !s.send(fmt.Sprintf(":\nid: %d\n\n", s.query.After)) {
		return false, false
	}
	return false, s.flushed()
}

// send writes within the bound; an error means that the client is gone, or reads too slowly.
func (s *eventStream) send(text string) bool {
	// An error here means that the server has no deadlines to set.
	_ = s.flush.SetWriteDeadline(time.Now().Add(streamWrite))
	s.told = s.api.now()
	_, err := s.c.Writer.WriteString(text)
	return err == nil
}

func (s *eventStream) flushed() bool { return s.flush.Flush() == nil }

// streamFilter reads the filter of a stream, which no Go type documents.
func streamFilter(query url.Values) (events.Query, error) {
	f := EventFilter{
		Kind: query["kind"], Code: query["code"], Camera: query.Get("camera"), User: query.Get("user"), Q: bounded(query.Get("q"), 800),
	}
	for name, at := range map[string]*time.Time{"from": &f.From, "to": &f.To} {
		text := query.Get(name)
		if text == "" {
			continue
		}
		var err error
		if *at, err = time.Parse(time.RFC3339, text); err != nil {
			return events.Query{}, errFilter.At(name, "type")
		}
	}
	if len(f.Kind) > 50 || len(f.Code) > 50 {
		return events.Query{}, errFilter.At("kind", "too_many")
	}
	return f.logQuery()
}

// streamStart gives the id after which the stream begins.
func (a *API) streamStart(c *gin.Context) (int64, error) {
	text := c.GetHeader("Last-Event-ID")
	if text == "" {
		text = c.Query("after")
	}
	if text == "" {
		return a.events.LastEventID(c.Request.Context())
	}
	after, err := strconv.ParseInt(text, 10, 64)
	if err != nil || after < 0 {
		return 0, errLastEventID
	}
	return after, nil
}

// stillAdmin judges a stream that outlives its access token by what the token stood for.
func (a *API) stillAdmin(c *gin.Context, p auth.Principal) bool {
	ctx := c.Request.Context()
	u, err := a.auth.User(ctx, p.User.ID)
	if err != nil || u.Banned || !u.Role.Allows(auth.RoleAdmin) {
		return false
	}
	if p.Session == "" {
		return true
	}
	lives, err := a.auth.SessionLives(ctx, p.Session)
	return err == nil && lives
}
