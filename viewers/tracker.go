package viewers

import (
	"context"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// Place names a view among all users' views.
type Place struct {
	User auth.UserID
	View ViewID
}

// Seat is one opening of a view. The generation makes the late release of a replaced transport harmless.
type Seat struct {
	Place
	Generation int64
}

// Entry is all that a Tracker keeps of one view. It holds names, so that who watches what can be shown without further look-ups.
type Entry struct {
	Seat
	Camera    camera.ID
	Name      string // the camera's
	Number    int    // the camera's
	Transport Transport
	Login     string // the user's
	Person    string // the user's name
	Session   auth.SessionID
	Kind      auth.Kind // the user's
	Ceiling   auth.Role // of the API token by which it was opened; usually empty
	Label     string
	Remote    string
	Node      string
	OpenedAt  time.Time // by the Tracker's clock; kept when the same camera is opened again in the same view
	Order     int64     // the order of opening among a user's views: lowest is oldest
}

// Claim asks a Tracker for a place.
type Claim struct {
	Entry    Entry // Generation, OpenedAt and Order are given by the Tracker
	Admit    Admit
	Replaces ViewID
	Limit    int // at least 1
	TTL      time.Duration
}

// Admission is a Tracker's yes.
type Admission struct {
	Entry   Entry
	Evicted []Loss // whose place was taken, and the one that Replaces named
}

// Loss is a seat that is no more, with the reason.
type Loss struct {
	Seat Seat
	Node string
	End  End
}

// Lease is an entry with the time that it still has.
type Lease struct {
	Entry Entry
	TTL   time.Duration
}

// Tracker is what all nodes must agree on: who holds which place. Each method is atomic for a user; all times are by the Tracker's
// one clock, so that nodes need not agree on theirs. Memory is the one for a single process. On Redis each user is one hash tag:
// a sorted set of views by Order, one by expiry, a hash of entries, a hash of remembered ends, and a counter; Admit is one script.
//
// Rules that every implementation keeps:
//
//   - Lapsed leases are as good as absent for every method.
//   - The place is there: it is kept; a new generation; Order and OpenedAt are kept if the camera is the same, else new.
//   - Else Replaces is there: its place is taken, it ends with view.closed. Replaces that is not there is ignored.
//   - Else a place is free: taken.
//   - Else EvictOldest ends the lowest Orders until one place is free, IfFree is refused with ErrLimit.
//   - A place that was evicted or revoked in the last 10 minutes answers IfFree with that end, as ErrEvicted or ErrRevoked with its
//     parameters; EvictOldest forgets it.
//   - Generations rise within a user, also over a restart: each is at least the clock in milliseconds.
//   - An Admit that is sent twice, because the first answer was lost, changes nothing but the generation.
type Tracker interface {
	// Admit takes a place, or gives ErrLimit, ErrEvicted or ErrRevoked.
	Admit(ctx context.Context, c Claim) (Admission, error)
	// Renew prolongs leases of one node and gives those that are lost, each with its end: CodeReplaced when another generation
	// holds the place. This heals kicks that did not arrive. An implementation that lost its memory puts entries back.
	Renew(ctx context.Context, leases []Lease) ([]Loss, error)
	// Release gives a seat back. It does nothing if the seat is not there, or of another generation.
	Release(ctx context.Context, s Seat) error
	// End takes a place away, whatever its generation if s.Generation is 0; false if it was not there. An end that Remembered
	// reports is remembered for 10 minutes. The node is kicked.
	End(ctx context.Context, s Seat, end End) (Entry, bool, error)
	// Trim ends the oldest views of a user until limit are left. Nodes are kicked.
	Trim(ctx context.Context, user auth.UserID, limit int, end End) ([]Loss, error)
	// List gives the views of a user, or of all users for "", in order of opening.
	List(ctx context.Context, user auth.UserID) ([]Entry, error)
	// Kicks gives losses of a node's seats that other nodes, or End and Trim, caused; at most once each, dropped when the reader
	// is slow. Nothing comes after ctx has ended; the channel need not be closed.
	Kicks(ctx context.Context, node string) (<-chan Loss, error)
}

// Remember is how long the ends of evicted and revoked views are remembered.
const Remember = 10 * time.Minute
