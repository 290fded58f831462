package peer

import (
	"context"
	"log/slog"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// Options is what an Endpoint needs.
type Options struct {
	// Relay gives the streams. Required.
	Relay *relay.Relay
	// Logger is required.
	Logger *slog.Logger
	// Port is the number for UDP on every local address and for TCP, 1 to 65535. 0 takes a free one, for tests.
	Port int
	// Hosts are the names and addresses to advertise, and nothing else. Empty: the local addresses (container bridges left out,
	// loopback only with Scope Loopback) and Request.PageHost.
	Hosts []string
	// Scope says on which addresses to listen.
	Scope Scope
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

// Scope says which local addresses the endpoint uses.
type Scope uint8

// The scopes.
const (
	Everywhere Scope = iota // all up addresses but those of container bridges; loopback only for a page that came by it
	Loopback                // 127.0.0.1 and ::1 alone
)

// Request asks for one viewer.
type Request struct {
	// Key names the stream.
	Key relay.Key
	// Offer is the browser's SDP.
	Offer string
	// PageHost is the host (a name or an address, without port) by which this browser reached the page; it is advertised beside
	// the local addresses, for a gateway behind NAT or a container's port mapping. May be empty.
	PageHost string
	// Grouping says whether sound and picture are one MediaStream.
	Grouping Grouping
}

// Grouping says how the tracks are bound together (RFC 8830, msid).
type Grouping uint8

// The groupings. Apart lets the picture go as fast as it can: a browser that synchronises lips delays it by the sound's buffer.
// Together is for players that expect one MediaStream (the WHEP draft demands it).
const (
	Apart Grouping = iota
	Together
)

// Endpoint is the port on which viewers arrive, and all of them.
type Endpoint struct{ port int }

// New binds the sockets and starts nothing. A taken port is an error that names it.
func New(o Options) (*Endpoint, error) { return nil, ErrClosed }

// Run serves until ctx ends, closes all peers and the sockets, and returns when all that it started has returned.
func (e *Endpoint) Run(ctx context.Context) error { return nil }

// Open answers an offer, at once: it waits neither for the camera nor for candidates. The stream is joined before it returns. The
// caller closes the Peer.
func (e *Endpoint) Open(ctx context.Context, r Request) (*Peer, error) { return nil, ErrClosed }

// Port is the number that viewers connect to.
func (e *Endpoint) Port() int { return e.port }

// Stats counts over all viewers.
func (e *Endpoint) Stats() EndpointStats { return EndpointStats{} }
