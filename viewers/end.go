package viewers

import (
	"maps"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// The codes of a view's end, the same for every transport.
const (
	CodeEvicted  = "view.evicted"    // another view of the same user took the place; Params: camera, number, where, address, by
	CodeRevoked  = "view.revoked"    // the right to watch is gone
	CodeClosed   = "view.closed"     // closed by the viewer, or by a moderator (Params: by)
	CodeExpired  = "view.expired"    // nobody renewed the lease: browser, network or node are gone
	CodeReplaced = "view.replaced"   // the same view goes on elsewhere: another transport, another tab with the same id
	CodeDeleted  = "camera.deleted"  // the camera was deleted
	CodeStopping = "server.stopping" // the gateway is going down; the place is kept until the lease lapses
)

// End is why a view is no more.
type End struct {
	Code   string
	Params map[string]string // for the words
	By     events.Person     // who ended it, if not the viewer: for the log; zero else
	At     time.Time         // UTC
}

// Remembered reports whether a machine may not reopen a view that ended so.
func (e End) Remembered() bool { return e.Code == CodeEvicted || e.Code == CodeRevoked }

// MayRetry reports whether a machine may open the view again by itself.
func (e End) MayRetry() bool { return e.Code == CodeExpired || e.Code == CodeStopping }

func (e End) clone() End {
	e.Params = maps.Clone(e.Params)
	return e
}

// Fault gives the refusal of a machine that wants to reopen a view which ended so.
func (e End) Fault() *fault.Error {
	f := ErrRevoked
	if e.Code == CodeEvicted {
		f = ErrEvicted
	}
	for k, v := range e.Params {
		f = f.With(k, v)
	}
	return f
}

// Faults that viewers gives.
var (
	ErrLimit      = fault.New(fault.Conflict, "view.limit", "all places are taken, and a machine must not close another view")
	ErrEvicted    = fault.New(fault.Gone, CodeEvicted, "another view took the place; only a person may open this one again")
	ErrRevoked    = fault.New(fault.Gone, CodeRevoked, "the right to watch was withdrawn; only a person may open this view again")
	ErrNotAllowed = fault.New(fault.Forbidden, "view.not_allowed", "this user may not watch")
	ErrBadView    = fault.New(fault.Invalid, "view.bad_id", "a view id is 1 to 64 letters, digits, hyphens or underscores")
	ErrBadRequest = fault.New(fault.Invalid, "view.bad_request", "unknown transport, admission or lease")
	ErrNoView     = fault.New(fault.NotFound, "view.not_found", "no such view")
	ErrStopping   = fault.New(fault.Unavailable, CodeStopping, "the gateway is going down")
)
