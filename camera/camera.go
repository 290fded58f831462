// Package camera says what a camera is and who may see it: addresses, sealed credentials, grants, groups, favourites.
//
// It owns Camera, Address, Password, Keyring and Service. It refuses to print a password, to keep credentials inside an address, to
// show a camera to somebody without a grant (it answers ErrNotFound, as if it did not exist), and to start with keys that do not open
// the sealed sentinel. Expiries.Run is its only goroutine.
package camera

import "time"

// ID is a camera's UUIDv7 in its text form.
type ID string

// Transport is how RTP comes from the camera.
type Transport string

// The transports. Auto is TCP first, UDP when the camera refuses TCP with 461 (RFC 2326, 11.3.11), remembered.
const (
	TransportAuto Transport = "auto"
	TransportTCP  Transport = "tcp"
	TransportUDP  Transport = "udp"
)

// Camera is what people know of a camera. Its password is never part of it; Service.Dial gives it to the relay alone.
type Camera struct {
	ID          ID
	Number      int // unique, short, assigned if absent, never reused
	Name        string
	Location    string
	Tags        []string
	Notes       string
	Address     string // rtsp:// or rtsps:// without credentials; dots in place of a password in path or query
	SubAddress  string // the low-resolution stream; may be empty
	Username    string
	HasPassword bool
	Transport   Transport
	Sweep       bool // asked now and then whether it can be reached
	Standing    Standing
	Passport    *Passport // what the last probe found; nil before. Nobody changes it
	Version     int64     // rises with every change; the ETag
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// StreamKind tells a camera's two streams apart.
type StreamKind string

// The kinds of stream.
const (
	Main StreamKind = "main"
	Sub  StreamKind = "sub"
)

// Target is all that dialling a camera takes. It prints redacted, and two of them may be compared with ==.
type Target struct {
	Camera    ID
	Kind      StreamKind
	Address   string // without credentials, but for those that a camera wants in its path or query
	Username  string
	Password  Password
	Transport Transport
}
