package peer

import (
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// Connection is how a viewer's transport is doing: ICE and DTLS together.
type Connection string

// The states of a connection. Disconnected heals by itself or by Restart; after Failed and Closed the peer is done.
const (
	Unconnected  Connection = "new"
	Connecting   Connection = "connecting"
	Connected    Connection = "connected"
	Disconnected Connection = "disconnected" // nothing heard for 7 s
	Failed       Connection = "failed"       // nothing heard for 12 s
	Closed       Connection = "closed"
)

// Snapshot is a peer at one moment.
type Snapshot struct {
	Connection Connection
	// Key is the stream that the viewer is being sent.
	Key relay.Key
	// State is that stream's state.
	State relay.State
	// AudioPlayable says that the stream has sound in a codec that this browser took.
	AudioPlayable bool
	// Protocol is "udp" or "tcp", how packets reach the viewer; empty before Connected.
	Protocol string
}

// Stats is what one viewer was sent and has reported. Counters only grow.
type Stats struct {
	Packets, Bytes   uint64        // media packets sent (payload bytes), resends and replays included
	Resent           uint64        // packets sent again because a NACK asked
	Unresendable     uint64        // packets asked for again that the ring no longer held, or over the bound of those that wait
	KeyframeRequests uint64        // PLI and FIR received
	Replays          uint64        // runs of kept packets sent: on joining, after a keyframe request, on switching
	DroppedFrames    uint64        // frames that this viewer was too slow for
	Lost             int64         // packets lost by the last receiver report (RFC 3550, 6.4.1; video)
	LossFraction     float64       // 0 to 1, of the last report's interval
	Jitter           time.Duration // interarrival jitter of the last report
	RTT              time.Duration // round trip by the last report; 0 while unknown
	FirstFrame       time.Duration // from connected to the first frame sent; 0 before
	CaughtUp         time.Duration // from connected to the end of the first replay; 0 before
}

// EndpointStats is all viewers together and their sockets. Counters only grow and outlive viewers.
type EndpointStats struct {
	Peers        int
	Opened       uint64
	Sent         uint64 // datagrams handed to the kernel
	SendCalls    uint64 // system calls that it took
	SendDropped  uint64 // datagrams dropped because a socket's buffer was full
	SendFailed   uint64 // datagrams that the kernel refused for another reason
	Resent       uint64
	Replays      uint64
	KeyframeReqs uint64
}
