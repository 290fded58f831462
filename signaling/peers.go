package signaling

import (
	"context"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// Peers opens WebRTC peers. PeersOf makes one of a *peer.Endpoint.
type Peers interface {
	// Open answers an offer at once, whatever the camera does. Errors are faults: signaling.offer, signaling.codecs.
	Open(ctx context.Context, r PeerRequest) (Peer, error)
}

// PeerRequest asks for a peer.
type PeerRequest struct {
	Camera   camera.ID
	Stream   camera.StreamKind
	Offer    string
	PageHost string // the host by which this client reached the gateway, without port
	Grouping Grouping
}

// Grouping says whether picture and sound are one MediaStream.
type Grouping uint8

// Apart is for our pages, which show a picture as early as they can; Together is for players (WHEP).
const (
	Apart Grouping = iota
	Together
)

// Peer is one WebRTC connection that sends one camera's stream.
type Peer interface {
	Answer() string                 // all of the gateway's candidates are in it
	AddCandidate(c Candidate) error // the zero Candidate ends them
	Restart(offer string) (answer string, err error)
	// Switch sends another stream in the same tracks, without renegotiation; Snapshot tells when it does.
	Switch(id camera.ID, stream camera.StreamKind) error
	Changed() <-chan struct{} // receives after Snapshot has changed
	Snapshot() Snapshot
	Done() <-chan struct{} // closed when the connection is gone for good
	Close() error          // waits for what the peer runs
}

// The states of a connection, as RTCPeerConnection names them.
const (
	Connected    = "connected"
	Disconnected = "disconnected"
	Failed       = "failed"
	Closed       = "closed"
)

// Snapshot is how a peer is doing now.
type Snapshot struct {
	Connection    string // new, connecting, connected, disconnected, failed, closed
	Camera        camera.ID
	Stream        camera.StreamKind
	Status        string // of the stream: connecting, live, stalled, refused, unsupported
	Since         time.Time
	Code          string
	Params        map[string]string
	RetryAt       time.Time
	FrameInterval time.Duration
	Audio         bool // the stream has sound that this client can play
	Width, Height int
}
