package peer

import "github.com/rtsp-viewer/rtsp-viewer/internal/fault"

// Faults that Endpoint and Peer give.
var (
	// ErrOffer refuses an offer that is not SDP, has no video line that may receive, or comes too late.
	ErrOffer = fault.New(fault.Invalid, "signaling.offer", "not an offer to receive video")
	// ErrCodecs refuses an offer without H.264 in packetization mode 1 (RFC 6184, 6.3).
	ErrCodecs = fault.New(fault.Unsupported, "signaling.codecs", "the browser offers no H.264")
	// ErrCandidate refuses an ICE candidate that can't be parsed, or too many of them.
	ErrCandidate = fault.New(fault.Invalid, "signaling.candidate", "not an ICE candidate")
	// ErrClosed answers every call on a peer or endpoint that has ended.
	ErrClosed = fault.New(fault.Gone, "peer.closed", "the connection has ended")
)
