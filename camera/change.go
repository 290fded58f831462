package camera

import "github.com/rtsp-viewer/rtsp-viewer/internal/patch"

// NewCamera is what a camera is made from. Credentials inside an address are taken out of it.
type NewCamera struct {
	Number     int      // 1–9,999,999; 0: the next above the highest that any camera ever had
	Name       string   // required, at most 200 characters
	Location   string   // at most 200 characters
	Tags       []string // at most 32 of at most 64 characters; doubles (case and ё aside) are dropped
	Notes      string   // at most 4,000 characters
	Address    string   // required; see ParseAddress
	SubAddress string   // may be empty; shares the main address's credentials
	Username   string
	Password   Password
	Transport  Transport // empty is TransportAuto
	Sweep      *bool     // nil is true
}

// Patch changes a camera. An absent field keeps, null clears (number, name, address and transport: null is refused, but for transport,
// where it means auto, and sweep, where it means true).
//
// Username is what GET gave when a whole object comes back; if an address brings another one, the address wins over an unchanged
// username. Password stays as it is unless it is sent, alone or inside an address. Dots that GET gave in place of a password in an address's
// path mean that password, as long as the address leads to the same scheme, host and port.
type Patch struct {
	Number     patch.Optional[int]
	Name       patch.Optional[string]
	Location   patch.Optional[string]
	Tags       patch.Optional[[]string]
	Notes      patch.Optional[string]
	Address    patch.Optional[string]
	SubAddress patch.Optional[string]
	Username   patch.Optional[string]
	Password   patch.Optional[Password]
	Transport  patch.Optional[Transport]
	Sweep      patch.Optional[bool]
}

// Force says what to do with a camera that is in use.
type Force uint8

// The ways to delete.
const (
	IfUnused Force = iota // refuse with ErrInUse
	Forced                // delete it with its grants, favourites and places in groups; its views end
)

// Hanging counts what hangs on a camera.
type Hanging struct {
	Views      int // going on now
	Grants     int // to users directly, ended ones left out
	Groups     int // that the camera is in
	Favourites int
}

// None reports whether nothing hangs on the camera.
func (h Hanging) None() bool { return h == Hanging{} }
