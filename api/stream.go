package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

const (
	streamPoll  = time.Second      // how often an event stream looks into the store; other nodes write there too
	streamBeat  = 15 * time.Second // a comment at least this often keeps proxies from closing the stream
	streamBatch = 500              // events written between two flushes
)

var errLastEventID = fault.New(fault.Invalid, "request.invalid", "some fields are wrong").At("Last-Event-ID", "type")

// streamEvents sends events as they come (Server-Sent Events, WHATWG HTML 9.2), after Last-Event-ID or ?after=, or else from now on. It
// ends when the client goes, when the server does (the request's context), or when the reader is no longer an admin signed in.
func (a *API) streamEvents(c *gin.Context) {
	after, err := a.streamStart(c)
	if err != nil {
		a.refuse(c, err)
		return
	}
	ctx, p := c.Request.Context(), caller(c.Request.Context())
	flush := http.NewResponseController(c.Writer)
	c.Header("Content-Type", "text/event-stream")
	c.Header("Cache-Control", "no-store")
	c.Header("X-Accel-Buffering", "no")
	c.Status(http.StatusOK)
	// An error here means that the server has no deadlines to lift, or that the client is gone, which the first write tells.
	_ = flush.SetWriteDeadline(time.Time{})
	if _, err := fmt.Fprint(c.Writer, ": from "+strconv.FormatInt(after, 10)+"\n\n"); err != nil || flush.Flush() != nil {
		return
	}

	poll := time.NewTicker(streamPoll)
	defer poll.Stop()
	told := a.now()
	for {
		found, err := a.events.Events(ctx, events.Query{After: after, Limit: streamBatch})
		if err != nil {
			// The client comes back by itself, with the last id that it saw.
			if ctx.Err() == nil {
				a.problemOf(ctx, err)
			}
			return
		}
		for _, e := range found {
			body, err := json.Marshal(showEvent(e))
			if err != nil {
				a.problemOf(ctx, err)
				return
			}
			if _, err := fmt.Fprintf(c.Writer, "id: %d\nevent: %s\ndata: %s\n\n", e.ID, e.Kind, body); err != nil {
				return
			}
			after = e.ID
		}
		if len(found) == 0 && a.now().Sub(told) >= streamBeat {
			if _, err := fmt.Fprint(c.Writer, ":\n\n"); err != nil {
				return
			}
			told = a.now()
		}
		if len(found) > 0 {
			told = a.now()
		}
		if flush.Flush() != nil {
			return
		}
		if len(found) == streamBatch {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
		}
		if !a.stillAdmin(c, p) {
			return
		}
	}
}

// streamStart gives the id after which the stream begins.
func (a *API) streamStart(c *gin.Context) (int64, error) {
	text := c.GetHeader("Last-Event-ID")
	if text == "" {
		text = c.Query("after")
	}
	if text != "" {
		after, err := strconv.ParseInt(text, 10, 64)
		if err != nil || after < 0 {
			return 0, errLastEventID
		}
		return after, nil
	}
	newest, err := a.events.Events(c.Request.Context(), events.Query{Before: 1<<63 - 1, Limit: 1})
	if err != nil || len(newest) == 0 {
		return 0, err
	}
	return newest[0].ID, nil
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
