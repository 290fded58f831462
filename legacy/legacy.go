// Package legacy takes over what the predecessor kept: its people, cameras, grants and favourites.
//
// It owns the predecessor's records as they were read and the rules by which they become ours. It refuses to keep a password that stood
// there in the clear, to print any password or address, to change what is here already, to bring back what was deleted or withdrawn here,
// and to keep half of it: it is one transaction. It runs no goroutines.
package legacy

import (
	"context"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
)

// Records are all that the predecessor kept, by its own ids. They hold secrets.
type Records struct {
	Users      []User
	Cameras    []Camera
	Grants     []Pair
	Favourites []Pair
}

// User is a row of its users. Password is a bcrypt hash, or what an edit left there in the clear.
type User struct {
	ID        string
	FirstName string
	LastName  string
	Paternal  string
	Phone     string
	Email     string
	Password  Password
	Role      string // USER, ADMIN (our moderator), ROOT (our admin)
	Ban       string // a boolean as text
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Camera is a row of its cameras. StreamURL is base64 of an IV and AES-256-CBC.
type Camera struct {
	ID        int64
	Name      string
	StreamURL string
	Location  string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Pair is a row of user_cameras or favorite_cameras.
type Pair struct {
	User   string
	Camera int64
}

// Origin is a row of the predecessor.
type Origin struct {
	Kind Kind
	ID   string // of a pair: "user/camera"
}

// Kind says of which table a row is.
type Kind string

// The kinds of row.
const (
	KindUser      Kind = "user"
	KindCamera    Kind = "camera"
	KindGrant     Kind = "grant"
	KindFavourite Kind = "favourite"
)

// Verdict is what becomes of a row.
type Verdict string

// The verdicts.
const (
	New     Verdict = "new"
	Reset   Verdict = "new, needs a password" // its password stood in the clear, or was none
	Present Verdict = "present"               // here already, and left as it is
	Gone    Verdict = "gone"                  // was taken over before, and deleted or withdrawn here since
	Wrong   Verdict = "wrong"                 // can't be kept; Row.Why
)

// Row is the verdict on one row, without any secret.
type Row struct {
	Origin  Origin
	Verdict Verdict
	Name    string // the e-mail of a person, the name of a camera
	As      string // what it is here: "login, role", "number"
	Why     string // a code, or what else is worth knowing
}

// Report is what an import does, or would do.
type Report struct {
	Rows []Row // users, cameras, grants, favourites, in this order
}

// Count counts the rows of a kind with a verdict.
func (r Report) Count(kind Kind, v Verdict) (n int) {
	for _, row := range r.Rows {
		if row.Origin.Kind == kind && row.Verdict == v {
			n++
		}
	}
	return n
}

// Wrong counts all wrong rows.
func (r Report) Wrong() (n int) {
	for _, kind := range []Kind{KindUser, KindCamera, KindGrant, KindFavourite} {
		n += r.Count(kind, Wrong)
	}
	return n
}

// Store keeps what is taken over.
type Store interface {
	// TakeOver runs fn in one transaction that nobody else's change of rights can come between, and raises the rights revision. An error of
	// fn takes all back and comes back as it is. fn may be run again.
	TakeOver(ctx context.Context, fn func(Tx) error) error
}

// Tx is a transaction of Store.
type Tx interface {
	// Origins gives what was taken over before, and as what.
	Origins(ctx context.Context) (map[Origin]string, error)
	// Remember keeps more of that.
	Remember(ctx context.Context, taken map[Origin]string) error
	// People gives everybody, screens included.
	People(ctx context.Context) ([]auth.User, error)
	// Cameras gives all cameras.
	Cameras(ctx context.Context) ([]camera.Record, error)
	// AddUser keeps a new account. Login and e-mail must be free.
	AddUser(ctx context.Context, a auth.Account) error
	// AddCamera keeps a new camera. camera.ErrNumberTaken, camera.ErrNumberRetired, which leave the transaction good.
	AddCamera(ctx context.Context, r camera.Record) error
	// Grant and Favourite tell whether it was not so before.
	Grant(ctx context.Context, user auth.UserID, id camera.ID, v camera.Via) (bool, error)
	Favourite(ctx context.Context, user auth.UserID, id camera.ID, at time.Time) (bool, error)
	// Tell keeps events.
	Tell(ctx context.Context, happened []events.Event) error
}
