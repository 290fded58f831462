package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

const (
	linesType = "application/x-ndjson"
	lineEvery = 100 * time.Millisecond // at the most
	lineWrite = 30 * time.Second       // how long a reader may keep a line waiting
)

// ImportLine is one line of an import whose caller asked for its progress: how far it is, or at last what came of it.
type ImportLine struct {
	Step    string         `json:"step,omitempty" enum:"unpacking,reading,judging,writing"`
	Done    int            `json:"done" doc:"in a unit of the step's own: bytes, rows, records"`
	Of      int            `json:"of" doc:"0: not known yet"`
	Report  *ImportReport  `json:"report,omitempty" doc:"only in the last line"`
	Problem *ImportProblem `json:"problem,omitempty" doc:"only in the last line: why nothing has changed"`
}

// importLines sends an import's progress while another goroutine works on it, which never waits for the reader: what is not sent in time is
// passed over by what comes next.
type importLines struct {
	c      *gin.Context
	flush  *http.ResponseController
	latest atomic.Pointer[camera.Progress]
	news   chan struct{} // holds one word that latest is new
	begun  bool          // run's, until it has returned
	ended  chan struct{} // closed when run has returned
	stop   context.CancelFunc
}

// wantsLines reports whether the caller asks for progress.
func wantsLines(c *gin.Context) bool {
	return !wantsSheet(c) && strings.Contains(c.GetHeader("Accept"), linesType)
}

// newLines begins to send, until end.
func newLines(c *gin.Context) *importLines {
	l := &importLines{c: c, flush: http.NewResponseController(c.Writer), news: make(chan struct{}, 1), ended: make(chan struct{})}
	var ctx context.Context
	ctx, l.stop = context.WithCancel(c.Request.Context())
	go l.run(ctx)
	return l
}

// tell takes note of progress: a camera.Tell.
func (l *importLines) tell(p camera.Progress) {
	l.latest.Store(&p)
	select {
	case l.news <- struct{}{}:
	default:
	}
}

// run sends what is latest, at most each lineEvery.
func (l *importLines) run(ctx context.Context) {
	defer close(l.ended)
	turn := time.NewTicker(lineEvery)
	defer turn.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.news:
		}
		p := l.latest.Load()
		if !l.send(ImportLine{Step: string(p.Step), Done: p.Done, Of: p.Of}, lineWrite) {
			return // gone, or too slow for lines: the work goes on, and what comes of it is tried once more
		}
		select {
		case <-ctx.Done():
			return
		case <-turn.C:
		}
		if ctx.Err() != nil { // both, since the reader was slow
			return
		}
	}
}

// end stops sending progress and reports whether a line was sent.
func (l *importLines) end() bool {
	l.stop()
	<-l.ended
	return l.begun
}

// send writes a line within a time.
func (l *importLines) send(line ImportLine, within time.Duration) bool {
	if !l.begun {
		l.begun = true
		l.c.Header("Content-Type", linesType)
		l.c.Header("Cache-Control", "no-store")
		l.c.Header("X-Accel-Buffering", "no")
		l.c.Status(http.StatusOK)
	}
	// An error here means that the server has no deadlines to set.
	_ = l.flush.SetWriteDeadline(time.Now().Add(within))
	return json.NewEncoder(l.c.Writer).Encode(line) == nil && l.flush.Flush() == nil
}
