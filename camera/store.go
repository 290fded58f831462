package camera

import (
	"context"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// Record is a camera as it is kept: what people read in the clear, what they must not read sealed by a Keyring.
type Record struct {
	ID        ID
	Number    int // 0 when creating: the store assigns it
	Name      string
	Location  string
	Tags      []string
	Notes     string
	Transport Transport
	Sweep     bool
	Standing  Standing // read only here; Store.Saw changes it. Without CheckedAt, Told and ToldAt
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
	Sealed    Sealed
	// Passport is what the last probe found, as JSON; empty before. Read only here: PutPassport writes it.
	Passport string
}

// Sealed are a camera's sealed columns; nil is an empty value.
type Sealed struct {
	Key        string // id of the key that sealed all of them
	Address    []byte
	SubAddress []byte
	Username   []byte
	Password   []byte
}

// ListQuery asks for a page of cameras. Sort is number (the order without it), name, location, state (by trouble), created_at or
// updated_at.
type ListQuery struct {
	paging.Query
	States    []State   // only cameras in one of these states, as they are kept
	Tags      []string  // only cameras with all of these tags (folded)
	Group     GroupID   // only cameras in this group
	Transport Transport // only cameras with this transport
	Outcomes  []Outcome // only cameras whose last probe came to one of these
}

// WatchQuery asks for a page of the cameras that somebody may watch.
type WatchQuery struct {
	ListQuery
	Favourites Selection
}

// Selection says which cameras a list shows.
type Selection uint8

// The selections.
const (
	AllCameras Selection = iota
	FavouritesOnly
)

// Found is a record with what the one who looks for it has said of it.
type Found struct {
	Record
	Favourite bool
}

// RecordVia is a record with the ways by which a user may watch it.
type RecordVia struct {
	Record
	Via []Via
}

// Store keeps cameras, groups, grants and favourites. Every change but a favourite raises the rights revision and appends the events
// given, all in one transaction. It answers with this package's faults where it says so, with plain errors otherwise.
type Store interface {
	// CreateCamera keeps a new camera with version 1. A zero number is assigned; events about this camera get the number.
	// ErrNumberTaken, ErrNumberRetired.
	CreateCamera(ctx context.Context, r Record, happened ...events.Event) (Record, error)
	// Camera gives one camera. ErrNotFound.
	Camera(ctx context.Context, id ID) (Record, error)
	// Cameras gives a page of all cameras.
	Cameras(ctx context.Context, q ListQuery) (paging.Page[Record], error)
	// UpdateCamera replaces what r holds and raises the version, if the version is still r's. A camera that is dialled otherwise than
	// before, or is swept no more, is in state unknown; one that is dialled otherwise loses its passport. ErrNotFound, ErrVersion, ErrNumberTaken,
	// ErrNumberRetired.
	UpdateCamera(ctx context.Context, r Record, happened ...events.Event) (Record, error)
	// DeleteCamera deletes a camera and what hangs on it; unless forced, only if nothing does. Its number stays used. It gives the
	// counts (without views). ErrNotFound, ErrInUse.
	DeleteCamera(ctx context.Context, id ID, force Force, at time.Time, happened ...events.Event) (Hanging, error)
	// PutPassport keeps what a probe found and its picture (nil: none), if the camera still has the version, which does not rise. ErrNotFound,
	// ErrVersion.
	PutPassport(ctx context.Context, id ID, version int64, passport string, outcome Outcome, still []byte) error
	// PassportStill gives the picture that is kept with the passport. ErrNoStill.
	PassportStill(ctx context.Context, id ID) ([]byte, error)
	// Saw keeps what was found out about cameras, in that order, by Standing.Taking. It raises no rights revision and no version, and
	// passes over cameras that are gone. It gives the turns of health.
	Saw(ctx context.Context, found []Sighting) ([]Turn, error)
	// ClaimChecks gives at most so many cameras that are swept and were not looked at since before, those first that were looked at
	// longest ago, and notes that they are looked at now: of two that claim at once each camera is given to one.
	ClaimChecks(ctx context.Context, before, now time.Time, limit int) ([]ID, error)
	// CountSwept counts the cameras that are swept.
	CountSwept(ctx context.Context) (int, error)
	// Lapse makes unknown what nobody has said again: held states since held, all others since verdicts.
	Lapse(ctx context.Context, held, verdicts, now time.Time) error
	// Tags gives a page of all tags. Sort is tag (the order without it) or cameras.
	Tags(ctx context.Context, q paging.Query) (paging.Page[Tag], error)
	// CountHanging counts as DeleteCamera does, and deletes nothing.
	CountHanging(ctx context.Context, id ID, at time.Time) (Hanging, error)

	// ChangeCameras changes many cameras in one transaction, and gives what became of them and the events that it left. ErrNoGroup.
	ChangeCameras(ctx context.Context, ids []ID, e Edit) (BulkResult, []events.Event, error)
	// DeleteCameras is DeleteCamera for many in one transaction: it gives those that stay and why, and the events that it left, one for
	// each camera deleted. views are those that go on, by camera.
	DeleteCameras(ctx context.Context, ids []ID, force Force, at time.Time, views map[ID]int, event func(Record) events.Event) (
		[]BulkFailure, []events.Event, error)

	// Present gives what a spreadsheet is judged against: all cameras and groups, and those of the users (by folded login name) that are there.
	Present(ctx context.Context, logins []string, at time.Time) (Present, error)
	// ImportCameras does what plan makes of Present, in one transaction with its events. plan may be called several times; its error changes
	// nothing and comes back.
	ImportCameras(ctx context.Context, logins []string, at time.Time, plan func(Present) (Import, error)) ([]events.Event, error)
	// AppendEvents keeps events of what changed nothing.
	AppendEvents(ctx context.Context, batch []events.Event) error

	// MayWatch gives those of the cameras that the watcher may watch, in any order, by index.
	MayWatch(ctx context.Context, w Watcher, ids ...ID) ([]Record, error)
	// Watchable gives a page of the cameras that the watcher may watch.
	Watchable(ctx context.Context, w Watcher, q WatchQuery) (paging.Page[Found], error)
	// NextExpiry gives the first end of a grant after the given moment; false if none will end.
	NextExpiry(ctx context.Context, after time.Time) (time.Time, bool, error)

	// GrantCamera gives a user a camera, or new terms to one that they have. auth.ErrNoUser, ErrNotFound.
	GrantCamera(ctx context.Context, user auth.UserID, id ID, v Via, happened ...events.Event) error
	// RevokeCamera takes the direct grant away and reports whether there was one; without one nothing changes.
	RevokeCamera(ctx context.Context, user auth.UserID, id ID, happened ...events.Event) (bool, error)
	// GrantGroup gives a user a group, or new terms to one that they have. auth.ErrNoUser, ErrNoGroup.
	GrantGroup(ctx context.Context, user auth.UserID, id GroupID, v Via, happened ...events.Event) error
	// RevokeGroup is RevokeCamera for a group.
	RevokeGroup(ctx context.Context, user auth.UserID, id GroupID, happened ...events.Event) (bool, error)
	// GrantPairs is GrantCamera and GrantGroup for many pairs in one transaction. auth.ErrNoUser, ErrNotFound, ErrNoGroup, with Fields.
	GrantPairs(ctx context.Context, p Pairs, v Via, event PairEvent) (Grants, error)
	// WithdrawPairs is RevokeCamera and RevokeGroup for many pairs in one transaction; grants that have ended by then are not told.
	WithdrawPairs(ctx context.Context, p Pairs, at time.Time, event PairEvent) (Grants, error)
	// CopyGrants gives a user the grants that another one has at v.GrantedAt.
	CopyGrants(ctx context.Context, to, from auth.UserID, how Copying, v Via, event PairEvent) (Grants, error)
	// UserCameras gives a page of the cameras that the watcher may watch, with all ways but the role.
	UserCameras(ctx context.Context, w Watcher, q ListQuery) (paging.Page[RecordVia], error)
	// UserGroups gives all groups granted to a user by then, by name.
	UserGroups(ctx context.Context, user auth.UserID, at time.Time) ([]GrantedGroup, error)
	// CameraUsers gives a page of those who may watch a camera by then, by grant or by role (moderators and admins), by name, with all
	// ways but the role.
	CameraUsers(ctx context.Context, id ID, at time.Time, q paging.Query) (paging.Page[Holder], error)
	// GroupUsers gives a page of those to whom a group is granted by then, by name.
	GroupUsers(ctx context.Context, id GroupID, at time.Time, q paging.Query) (paging.Page[Holder], error)

	// AddFavourite and RemoveFavourite do nothing when it is so already.
	AddFavourite(ctx context.Context, user auth.UserID, id ID, at time.Time) error
	RemoveFavourite(ctx context.Context, user auth.UserID, id ID) error

	// CreateGroup keeps a new group with version 1. ErrGroupTaken.
	CreateGroup(ctx context.Context, g Group, happened ...events.Event) (Group, error)
	// Group gives one group; at decides which grants count. ErrNoGroup.
	Group(ctx context.Context, id GroupID, at time.Time) (Group, error)
	// Groups gives a page of groups by name.
	Groups(ctx context.Context, at time.Time, q paging.Query) (paging.Page[Group], error)
	// UpdateGroup replaces name and notes if the version is still g's. ErrNoGroup, ErrVersion, ErrGroupTaken.
	UpdateGroup(ctx context.Context, g Group, happened ...events.Event) (Group, error)
	// DeleteGroup deletes a group, its grants and its cameras' places in it. ErrNoGroup.
	DeleteGroup(ctx context.Context, id GroupID, happened ...events.Event) error
	// AddToGroup reports whether the camera was not in the group before. ErrNoGroup, ErrNotFound.
	AddToGroup(ctx context.Context, id GroupID, cam ID, happened ...events.Event) (bool, error)
	// RemoveFromGroup reports whether the camera was in the group.
	RemoveFromGroup(ctx context.Context, id GroupID, cam ID, happened ...events.Event) (bool, error)

	// User gives a user. auth.ErrNoUser.
	User(ctx context.Context, id auth.UserID) (auth.User, error)
	// Setting gives what is kept under key; false if nothing is.
	Setting(ctx context.Context, key string) ([]byte, bool, error)
	// PutSettingOnce keeps value under key unless something is kept there already, and gives what is kept then.
	PutSettingOnce(ctx context.Context, key string, value []byte) ([]byte, error)
}
