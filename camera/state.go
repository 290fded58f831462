package camera

import (
	"strings"
	"time"
)

// State is how a camera is doing, in one word. It is kept for every camera, whoever found it out: a stream of any gateway, or a sweep.
type State string

// The states. Connecting, Live and Stalled hold only while some gateway pulls the camera and says so; the others last until somebody
// finds out otherwise, but no longer than verdictLives.
const (
	StateUnknown     State = "unknown"     // nobody watches it, and no sweep has asked it since
	StateReachable   State = "reachable"   // it answered when it was last asked; nobody watches it
	StateConnecting  State = "connecting"  // somebody watches it, and no picture has come yet
	StateLive        State = "live"        // pictures come
	StateStalled     State = "stalled"     // it is connected and sends no pictures
	StateRefused     State = "refused"     // it could not be reached, or said no; the code says why
	StateUnsupported State = "unsupported" // its pictures can't be shown as they are
)

// StatesByTrouble are all states, what needs a hand first: the order of a list of cameras by state.
var StatesByTrouble = []State{
	StateRefused, StateUnsupported, StateStalled, StateConnecting, StateUnknown, StateReachable, StateLive,
}

// Held reports whether the state is one that a gateway must keep saying while it pulls the camera.
func (s State) Held() bool { return s == StateConnecting || s == StateLive || s == StateStalled }

// Standing is how a camera is doing as it is kept beside its settings. It changes without the camera's version.
type Standing struct {
	State  State
	Code   string    // why; empty for a healthy camera
	Since  time.Time // when State or Code became so; zero if it was never anything but unknown
	SeenAt time.Time // when it last answered or showed a picture; zero: never
	// CheckedAt is when somebody last looked at it; zero: never, or not since its address changed.
	CheckedAt time.Time
	// Told is the health, as Health gives it, of which the event log was last told, and ToldAt since when that was so.
	Told   string
	ToldAt time.Time
}

// Health is a standing in the only respect that the event log tells: it is the same for reachable and live, and for one reason in
// whatever state. "" is a standing of which there is nothing to tell.
func (s Standing) Health() string {
	switch {
	case s.State == StateReachable, s.State == StateLive:
		return healthy
	case s.Code != "":
		return s.Code
	case s.State == StateStalled:
		return string(StateStalled)
	}
	return ""
}

// healthy is the health of a camera without trouble.
const healthy = "ok"

// Finder is who found out how a camera is doing.
type Finder uint8

// The finders.
const (
	FoundByStream Finder = iota // a stream that lives, with its state; said again while it lasts
	FoundByEnding               // a stream that nobody reads any more; State does not matter
	FoundBySweep                // a sweep: StateReachable, or StateRefused with a code
)

// Sighting is what somebody found out about a camera.
type Sighting struct {
	Camera ID
	By     Finder
	State  State
	Code   string
	At     time.Time
}

// HoldLives is how long a held state counts after a gateway has said it. Gateways say it again each third of that.
const HoldLives = time.Minute

// verdictLives is how long all other states count, at least, if nobody looks again.
const verdictLives = time.Hour

// Taking gives what a sighting makes of a standing, and whether the event log is to be told.
//
// A sweep never speaks against a stream that lives, on whatever gateway; nor does its "reachable" speak against what a viewer met and
// an OPTIONS without credentials can't see: a wrong password, a path that is not there, pictures that can't be shown.
func (s Standing) Taking(f Sighting) (Standing, bool) {
	next := s.found(f)
	if next.State != s.State || next.Code != s.Code {
		next.Since = f.At
	}
	if f.By != FoundBySweep && (next.State == StateLive || next.State == StateReachable) {
		next.SeenAt = f.At
	}
	health := next.Health()
	if health == "" || health == next.Told {
		return next, false
	}
	next.Told, next.ToldAt = health, f.At
	return next, true
}

func (s Standing) found(f Sighting) Standing {
	next := s
	next.CheckedAt = f.At
	switch f.By {
	case FoundByStream:
		if f.State == StateConnecting && f.Code == "" && (s.State == StateLive || s.State == StateStalled) {
			return next // between two states; what comes of it is told next
		}
		next.State, next.Code = f.State, f.Code
	case FoundByEnding:
		switch {
		case s.State == StateLive:
			next.State, next.Code = StateReachable, ""
		case s.State == StateConnecting && s.Code != "":
			next.State = StateRefused
		case s.State.Held():
			next.State, next.Code = StateUnknown, ""
		}
	case FoundBySweep:
		if f.State == StateReachable {
			next.SeenAt = f.At
		}
		if s.State.Held() && f.At.Sub(s.CheckedAt) < HoldLives {
			next.CheckedAt = s.CheckedAt // whoever holds it says when it was looked at
			return next
		}
		if f.State == StateReachable && beyondSweep(s.Code) {
			return next
		}
		next.State, next.Code = f.State, f.Code
	}
	return next
}

// beyondSweep reports whether a code is one that a sweep can't disprove.
func beyondSweep(code string) bool {
	return code == "camera.credentials" || code == "camera.no_stream" || strings.HasPrefix(code, "media.")
}

// Turn is a change of a camera's health, which the event log is to be told.
type Turn struct {
	Camera ID
	Number int
	Name   string
	Was    Standing
	Now    Standing
}

// Tag is a tag with the count of cameras that have it.
type Tag struct {
	Tag     string // as one of them has it written
	Cameras int
}
