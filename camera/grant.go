package camera

import (
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
)

// Terms are what a grant is given under.
type Terms struct {
	ExpiresAt *time.Time // nil: no end; else in the future, kept to the millisecond
	Reason    string     // at most 500 characters
}

// Via is one way by which a user may watch a camera: a grant to the camera itself, or to a group that it is in, or the user's role.
type Via struct {
	Role      bool    // by role, which needs no grant; all else is zero then
	Group     GroupID // empty: the grant is to the camera itself
	GroupName string
	Terms
	GrantedAt time.Time
	GrantedBy string // the name, at that time, of who gave it
}

// GrantedGroup is a group that was granted to a user.
type GrantedGroup struct {
	Via     Via
	Cameras int // how many it holds
}

// Granted is one of a user's cameras, with all the ways that lead to it: by role, direct, by groups. Grants that have ended are left out.
type Granted struct {
	Camera Camera // without addresses and credentials
	Via    []Via  // never empty
}

// Holder is somebody who was granted a camera or a group.
type Holder struct {
	User auth.User
	Via  []Via // never empty
}

// Watchable is a camera as the one who may watch it sees it.
type Watchable struct {
	Camera    Camera // without addresses and credentials
	Favourite bool
}

// Watcher is on whose behalf a store looks for cameras.
type Watcher struct {
	User       auth.UserID
	Everything bool      // moderators and admins: no grant is needed
	At         time.Time // grants that have ended by then do not count
}
