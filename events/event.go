// Package events holds what happened: views, sign-ins, changes, periods of a camera's state, failures.
//
// It owns the event, its kinds and the Log through which everything that matters is told once to the structured log and kept in
// the store. An event keeps names beside ids, so that it stays readable after its user or camera is gone. It refuses secrets: an
// event says which fields changed, never their values. Log.Run is its only goroutine.
package events

import (
	"slices"
	"strings"
	"time"
)

// Kind names what happened. Kinds are stable: they stand in the database and in the API.
type Kind string

// The kinds in use. A change's kind is noun.verb of the object changed.
const (
	SignedIn        Kind = "session.begun"
	SignInFailed    Kind = "session.refused"
	SignedOut       Kind = "session.ended"
	ViewBegun       Kind = "view.begun"
	ViewEnded       Kind = "view.ended"
	UserCreated     Kind = "user.created"
	UserChanged     Kind = "user.changed"
	UserDeleted     Kind = "user.deleted"
	DeviceCreated   Kind = "device.created"
	DeviceChanged   Kind = "device.changed"
	DeviceDeleted   Kind = "device.deleted"
	TokenCreated    Kind = "token.created"
	TokenDeleted    Kind = "token.deleted"
	CameraCreated   Kind = "camera.created"
	CameraChanged   Kind = "camera.changed"
	CameraDeleted   Kind = "camera.deleted"
	CameraState     Kind = "camera.state"
	CameraExported  Kind = "camera.exported" // all of them, with passwords; Note is how many
	GroupCreated    Kind = "group.created"
	GroupChanged    Kind = "group.changed"
	GroupDeleted    Kind = "group.deleted"
	GrantGiven      Kind = "grant.given"
	GrantWithdrawn  Kind = "grant.withdrawn"
	ProbeStarted    Kind = "probe.started" // of many cameras; Note is how many
	ProbeEnded      Kind = "probe.ended"   // Note is how many of how many can be watched; Code is probe.cancelled, or empty
	SettingsChanged Kind = "settings.changed"
	ServerStarted   Kind = "server.started"
	ServerStopped   Kind = "server.stopped"
	ServerFailed    Kind = "server.failed" // an error that the structured log holds too; Code is the part of the gateway that met it
)

// kinds are all of them, as filters and documents list them.
var kinds = []Kind{
	SignedIn, SignInFailed, SignedOut,
	ViewBegun, ViewEnded,
	UserCreated, UserChanged, UserDeleted, DeviceCreated, DeviceChanged, DeviceDeleted, TokenCreated, TokenDeleted,
	CameraCreated, CameraChanged, CameraDeleted, CameraState, CameraExported,
	GroupCreated, GroupChanged, GroupDeleted,
	GrantGiven, GrantWithdrawn, ProbeStarted, ProbeEnded,
	SettingsChanged, ServerStarted, ServerStopped, ServerFailed,
}

// Kinds gives every kind in use, families together.
func Kinds() []Kind { return slices.Clone(kinds) }

// Families gives what kinds begin with, up to and with the dot: "view.".
func Families() []string {
	var families []string
	for _, k := range kinds {
		if family := k.Family(); !slices.Contains(families, family) {
			families = append(families, family)
		}
	}
	return families
}

// Family gives the part of k up to and with its dot: "view." of "view.begun".
func (k Kind) Family() string {
	noun, _, _ := strings.Cut(string(k), ".")
	return noun + "."
}

// KindsNamed gives the kinds that a filter's word means: a kind alone, or the whole family of a word that ends in a dot; none if there is
// no such kind.
func KindsNamed(word string) []Kind {
	var named []Kind
	for _, k := range kinds {
		if string(k) == word || k.Family() == word {
			named = append(named, k)
		}
	}
	return named
}

// Person is somebody as an event keeps them: by id, and by name for the time when the id leads nowhere. Ids are text here
// because events stands below auth and camera.
type Person struct {
	ID    string
	Login string
	Name  string
}

// Subject is the camera that an event is about; the zero value if none.
type Subject struct {
	ID     string
	Number int
	Name   string
}

// Event is one thing that happened. Only Kind and At must be set.
type Event struct {
	ID        int64     // growing; given by the store
	At        time.Time // UTC
	Kind      Kind
	Actor     Person        // who did it; zero for the server itself
	User      Person        // whom it was done to, if not the actor
	Camera    Subject       // the camera concerned
	View      string        // the view's id
	Transport string        // "webrtc", "whep", "hls"
	Remote    string        // the client's address without port
	Code      string        // why: a stable code such as "view.evicted"
	Lasted    time.Duration // of a view, of a state
	Fields    []string      // names of changed fields, never values
	Note      string        // free text of ours; never a sent value
	Times     int           // how many occurrences this one stands for, as when a camera flaps; 0 and 1 mean one
}
