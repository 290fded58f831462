package relay

import (
	"maps"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// Key names a stream: a camera's main or sub stream.
type Key struct {
	Camera camera.ID
	Kind   camera.StreamKind
}

// String gives the key as it stands in logs: an id and a kind, never an address.
func (k Key) String() string { return string(k.Camera) + "/" + string(k.Kind) }

// Status is what a stream is doing, in one word.
type Status string

// The statuses.
const (
	Connecting  Status = "connecting"  // no session; Code says why the last one ended or the last attempt failed, empty at first
	Live        Status = "live"        // pictures arrive
	Stalled     Status = "stalled"     // the session stands, but no picture came for max(2 s, 3 × the usual interval)
	Refused     Status = "refused"     // the camera answered, and said no; RetryAt says when it is asked again
	Unsupported Status = "unsupported" // the camera's pictures can't be shown by WebRTC as they are
)

// The codes of a State. They are stable and stand in the protocol; the web app turns them into words.
const (
	CodeUnknownHost = "camera.unknown_host" // the name does not resolve
	CodeUnreachable = "camera.unreachable"  // connection refused, no route
	CodeTimeout     = "camera.timeout"      // no answer in time
	CodeCredentials = "camera.credentials"  // 401 or 403
	CodeNotRTSP     = "camera.not_rtsp"     // something else answers there
	CodeBusy        = "camera.busy"         // 453, 503: out of sessions or bandwidth
	CodeNoStream    = "camera.no_stream"    // 404 and other refusals of the path; Params "status"
	CodeLost        = "camera.lost"         // the session ended, or fell silent
	CodeNoSuch      = "camera.no_such"      // the camera is gone from the records, or has no such stream
	CodeRecords     = "camera.records"      // our own records could not be read
	CodeNoVideo     = "media.no_video"      // sound only, or nothing
	CodeCodec       = "media.codec"         // not H.264; Params "codec"
	CodeBFrames     = "media.bframes"       // H.264 with pictures out of order, which WebRTC can't carry
	CodeNoKeyframe  = "media.no_keyframe"   // pictures, and for long none that a decoder could begin with
)

// State is what people may know of a stream. It is a value: nobody changes it after it was given out.
type State struct {
	Status Status
	Since  time.Time         // when Status or Code became so
	Code   string            // why, one of the codes above; empty for a healthy stream
	Params map[string]string // what the words need: "codec", "status"; never an address; nil if nothing
	// RetryAt is when the camera is dialled next; zero while connected or dialling.
	RetryAt time.Time
	// FrameInterval is the usual time between two pictures (a median); zero while unknown.
	FrameInterval time.Duration
	Media         Media
}

func (s State) clone() State {
	s.Params = maps.Clone(s.Params)
	return s
}

// Media is what the camera sends. It is kept over reconnects, and the zero value until the camera was first reached.
type Media struct {
	Video Codec
	Audio Codec // Name is empty if there is no sound
	// Width and Height in pixels, after cropping; 0 while unknown.
	Width, Height int
	// FPS is the frame rate by the SPS; 0 if it says nothing. State.FrameInterval is measured and to be preferred.
	FPS float64
	// Transport is how RTP comes from the camera: "tcp" or "udp".
	Transport string
}

// Codec names a way of coding.
type Codec struct {
	Name      string // "H264", "H265", "JPEG", "PCMU", "PCMA", "opus", "MPEG4-GENERIC", …: the encoding name of the RTP payload format
	ClockRate int    // in Hz
	Channels  int    // of sound; 0 for video
	// Profile is H.264's profile_idc, constraint flags and level_idc in hex, as in profile-level-id (RFC 6184, 8.1); in a Survey also
	// H.265's general_profile_idc, general_tier_flag and general_level_idc in hex; else empty.
	Profile string
}

// WebRTC reports whether browsers take this codec as it stands: H.264, G.711 at 8 kHz mono, and Opus.
func (c Codec) WebRTC() bool {
	switch c.Name {
	case "H264", "opus":
		return true
	case "PCMU", "PCMA":
		return c.ClockRate == 8000 && c.Channels <= 1
	default:
		return false
	}
}
