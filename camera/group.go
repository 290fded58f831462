package camera

import (
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

// GroupID is a camera group's UUIDv7 in its text form.
type GroupID string

// Group is a living set of cameras: a grant to it is a grant to whatever cameras it holds at the moment.
type Group struct {
	ID        GroupID
	Name      string // unique after folding
	Notes     string
	Cameras   int   // how many it holds
	Users     int   // how many were granted it, ended grants left out
	Version   int64 // rises with every change of name or notes; the ETag
	CreatedAt time.Time
	UpdatedAt time.Time
}

// NewGroup is what a group is made from.
type NewGroup struct {
	Name  string // required, at most 200 characters
	Notes string // at most 4,000 characters
}

// GroupPatch changes a group. An absent field keeps, null clears; a null name is refused.
type GroupPatch struct {
	Name  patch.Optional[string]
	Notes patch.Optional[string]
}
