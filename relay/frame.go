package relay

import "time"

// MaxPayload is the largest RTP payload in bytes of a packet that WebRTC may carry: with SRTP, TURN and tunnels around it, it still
// fits an MTU of 1,280.
const MaxPayload = 1188

// Track tells a stream's pictures from its sound.
type Track uint8

// The tracks.
const (
	Video Track = iota
	Audio
	tracks
)

// String gives "video" or "audio".
func (t Track) String() string {
	if t == Video {
		return "video"
	}
	return "audio"
}

// Packet is one RTP packet without its header: whoever sends it numbers it. It is immutable and shared by all readers.
//
// Payload is at most MaxPayload long on the video track and for sound of a codec that WebRTC takes. Other sound passes as the
// camera packed it.
type Packet struct {
	Payload []byte
	Marker  bool
	// Timestamp is of the stream's clock: it rises over reconnects and jumps of the camera's own clock. All packets of a frame have
	// the same, but for sound that had to be cut in two.
	Timestamp uint32
}

// Frame is one access unit of video, or one packet of sound. It is immutable and shared by all readers.
type Frame struct {
	Track     Track
	First     uint64 // index of the first packet; indexes of one track have no gaps as long as the stream lives
	Packets   []Packet
	Timestamp uint32
	Keyframe  bool      // an IDR picture with its parameter sets before it
	Arrived   time.Time // when its last packet came from the camera
	Bytes     int       // of all payloads
}

// Keyframe is a picture that can be decoded by itself.
type Keyframe struct {
	At      time.Time // when it came from the camera
	Media   Media
	Packets []Packet
}
