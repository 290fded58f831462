package signaling

import "time"

// Protocol is the WebSocket subprotocol (RFC 6455, 1.9) that both sides must agree on.
const Protocol = "rtsp-viewer.v1"

// Every message is one JSON object in one text frame, at most 64 KiB, with a type. A receiver ignores fields and types that it does
// not know. Times are RFC 3339 UTC; durations are milliseconds. A view id is made by the page: a UUID for a tile, unique per user.

// ClientMessage is what a page sends. Which fields count depends on Type; see docs/protocol.md.
type ClientMessage struct {
	Type string `json:"type"` // resume, watch, switch, candidate, restart, close, playing

	Session string `json:"session,omitempty"` // resume: the session of the lost socket

	View     string `json:"view,omitempty"`     // all but resume
	Camera   string `json:"camera,omitempty"`   // watch, switch: camera id
	Stream   string `json:"stream,omitempty"`   // watch, switch: "main" (default) or "sub"
	Admit    string `json:"admit,omitempty"`    // watch, switch: "evict_oldest" for a person's act, "if_free" (default) for a machine's
	Replaces string `json:"replaces,omitempty"` // watch: the view whose place this one takes
	Label    string `json:"label,omitempty"`    // watch, switch: what to call this screen in words to the evicted ("Chrome, Windows")
	Offer    string `json:"offer,omitempty"`    // watch, restart: SDP; one recvonly video and one recvonly audio line

	Candidate *Candidate `json:"candidate,omitempty"` // candidate: nil is the end of candidates

	Views []string `json:"views,omitempty"` // playing: all views that this page plays by HLS now; at most 64
}

// Candidate is an ICE candidate as RTCIceCandidate.toJSON gives it (W3C WebRTC, 4.8.1.2).
type Candidate struct {
	Candidate        string  `json:"candidate"`
	SDPMid           *string `json:"sdpMid,omitempty"`
	SDPMLineIndex    *uint16 `json:"sdpMLineIndex,omitempty"`
	UsernameFragment *string `json:"usernameFragment,omitempty"`
}

// HelloMessage is the first on every socket, and again in answer to resume.
type HelloMessage struct {
	Type       string      `json:"type"`        // "hello"
	Session    string      `json:"session"`     // 128 random bits; name it in resume after a lost socket
	Resumed    bool        `json:"resumed"`     // this hello answers a resume that succeeded: views holds what lives on
	ICEServers []ICEServer `json:"ice_servers"` // empty unless configured
	Limit      int         `json:"limit"`       // views that this user may have at once
	ServerTime time.Time   `json:"server_time"` // for showing times of day by the gateway's clock
	ResumeMS   int64       `json:"resume_ms"`   // how long after a lost socket resume is possible
	Views      []ViewState `json:"views"`       // only after resume
}

// ICEServer is an RTCIceServer (W3C WebRTC, 4.2.2).
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

// ViewState names one view of a resumed session.
type ViewState struct {
	View       string `json:"view"`
	Camera     string `json:"camera"`
	Generation int64  `json:"generation"`
}

// AnswerMessage answers watch and restart, at once, whatever the camera does.
type AnswerMessage struct {
	Type       string    `json:"type"` // "answer"
	View       string    `json:"view"`
	Generation int64     `json:"generation"` // rises with every watch of the same view; later messages of an older one are stale
	Camera     string    `json:"camera"`
	OpenedAt   time.Time `json:"opened_at"`
	SDP        string    `json:"sdp"`
}

// SwitchedMessage answers switch: the tracks of the same connection carry another camera from now on.
type SwitchedMessage struct {
	Type       string    `json:"type"` // "switched"
	View       string    `json:"view"`
	Generation int64     `json:"generation"` // as in AnswerMessage
	Camera     string    `json:"camera"`
	OpenedAt   time.Time `json:"opened_at"`
}

// CandidateMessage trickles one of the gateway's candidates; nil ends them.
type CandidateMessage struct {
	Type       string     `json:"type"` // "candidate"
	View       string     `json:"view"`
	Generation int64      `json:"generation"`
	Candidate  *Candidate `json:"candidate"`
}

// StateMessage tells how a view's stream is doing; sent after answer and at each change.
type StateMessage struct {
	Type            string            `json:"type"` // "state"
	View            string            `json:"view"`
	Generation      int64             `json:"generation"`
	Status          string            `json:"status"` // connecting, live, stalled, refused, unsupported
	Since           time.Time         `json:"since"`
	Code            string            `json:"code,omitempty"`   // why: "camera.credentials", "media.codec"
	Params          map[string]string `json:"params,omitempty"` // for the words: "codec" → "H265"
	RetryAt         *time.Time        `json:"retry_at,omitempty"`
	FrameIntervalMS int64             `json:"frame_interval_ms,omitempty"` // the usual time between frames; 0 while unknown
	Audio           bool              `json:"audio"`                       // the stream has sound that this browser can play
	Width           int               `json:"width,omitempty"`
	Height          int               `json:"height,omitempty"`
}

// EndMessage ends a view. Where Retry is false, a machine must not open it again by itself.
type EndMessage struct {
	Type       string            `json:"type"` // "end"
	View       string            `json:"view"`
	Generation int64             `json:"generation"`
	Code       string            `json:"code"`             // view.evicted, view.revoked, view.closed, view.replaced, view.expired, camera.deleted, server.stopping
	Params     map[string]string `json:"params,omitempty"` // view.evicted: "camera" and "number" opened, "where" (label or address)
	At         time.Time         `json:"at"`
	Retry      bool              `json:"retry"` // whether the page may open it again by itself
}

// ErrorMessage refuses a message. With a view it answers a watch, switch or restart, which did not happen; a view that stood before stands, but after
// signaling.offer and signaling.codecs, when the new one had been admitted already.
type ErrorMessage struct {
	Type         string            `json:"type"` // "error"
	View         string            `json:"view,omitempty"`
	Code         string            `json:"code"`
	Detail       string            `json:"detail"` // English, for developers
	Params       map[string]string `json:"params,omitempty"`
	Retry        bool              `json:"retry"`
	RetryAfterMS int64             `json:"retry_after_ms,omitempty"`
}

// ByeMessage is the last on a socket that the gateway closes.
type ByeMessage struct {
	Type         string `json:"type"` // "bye"
	Code         string `json:"code"` // server.stopping, auth.token, signaling.too_many, signaling.too_fast, signaling.malformed
	RetryAfterMS int64  `json:"retry_after_ms"`
}
