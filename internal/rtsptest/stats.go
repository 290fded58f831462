package rtsptest

import "time"

// Stats is what a camera has seen.
type Stats struct {
	// SessionsEver counts sessions that reached PLAY since the camera was made; SessionsNow those that play now and are
	// connected.
	SessionsEver int `json:"sessions_ever"`
	SessionsNow  int `json:"sessions_now"`
	// ConnectionsEver counts accepted TCP connections.
	ConnectionsEver int `json:"connections_ever"`
	// Describes counts DESCRIBE requests; Denied those requests that brought wrong credentials; Keepalives the OPTIONS
	// and GET_PARAMETER requests within a session.
	Describes  int `json:"describes"`
	Denied     int `json:"denied"`
	Keepalives int `json:"keepalives"`
	// LastUserAgent is that of the last request that named one. LastTransport is "tcp" or "udp", of the last PLAY.
	LastUserAgent string `json:"last_user_agent"`
	LastTransport string `json:"last_transport"`
	// Frames counts video frames sent; it stands while nobody plays.
	Frames uint64 `json:"frames"`
	// Recent are the last video frames sent, oldest first, at most Options.Recent.
	Recent []SentFrame `json:"recent"`
}

// SentFrame tells when one video frame left the camera.
type SentFrame struct {
	// Counter numbers the camera's pictures in display order, from its start, also while nobody plays; it is in the SEI.
	Counter uint64 `json:"counter"`
	// Frame is the position in the loop, which the barcode shows.
	Frame int `json:"frame"`
	// RTP is the RTP time stamp, 90 kHz.
	RTP uint32 `json:"rtp"`
	// Sent is when its first packet was handed to the connections.
	Sent time.Time `json:"sent"`
	// Keyframe and Bytes (of RTP payload) say what it was.
	Keyframe bool `json:"keyframe"`
	Bytes    int  `json:"bytes"`
}

// ring keeps the last frames sent.
type ring struct {
	frames []SentFrame
	next   int
	full   bool
}

func newRing(size int) *ring { return &ring{frames: make([]SentFrame, size)} }

func (r *ring) add(f SentFrame) {
	r.frames[r.next] = f
	r.next++
	if r.next == len(r.frames) {
		r.next, r.full = 0, true
	}
}

// list is a copy, oldest first.
func (r *ring) list() []SentFrame {
	out := make([]SentFrame, 0, len(r.frames))
	if r.full {
		out = append(out, r.frames[r.next:]...)
	}
	return append(out, r.frames[:r.next]...)
}
