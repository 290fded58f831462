package peer

import (
	"strings"
	"sync/atomic"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// binding is where one track's packets go, once the answer is made.
type binding struct {
	ssrc   uint32
	out    webrtc.TrackLocalWriter
	rtcp   interceptor.RTCPReader
	codecs []webrtc.RTPCodecParameters // negotiated, with the browser's payload types
	last   uint64                      // number of the newest packet that went by pion; 0: none did. It belongs to the sender
}

// payloadType gives the browser's number for a codec of the relay's; false if it did not take the codec.
func (b *binding) payloadType(c relay.Codec) (uint8, bool) {
	best, found := uint8(0), false
	rank := len(h264) + 1
	for _, n := range b.codecs {
		_, name, _ := strings.Cut(n.MimeType, "/")
		if !strings.EqualFold(name, c.Name) || (!strings.EqualFold(name, "opus") && c.ClockRate != 0 && int(n.ClockRate) != int(c.ClockRate)) {
			continue
		}
		if r := profileRank(n); !found || r < rank {
			best, found, rank = uint8(n.PayloadType), true, r
		}
	}
	return best, found
}

// profileRank orders H.264 payload types; constrained baseline is what everybody implements.
func profileRank(c webrtc.RTPCodecParameters) int {
	if !strings.EqualFold(c.MimeType, webrtc.MimeTypeH264) {
		return 0
	}
	if !strings.Contains(c.SDPFmtpLine, "packetization-mode=1") {
		return len(h264) + 1
	}
	for i, profile := range h264 {
		if strings.Contains(strings.ToLower(c.SDPFmtpLine), "profile-level-id="+profile[:4]) {
			return i
		}
	}
	return len(h264)
}

// track is a line of the answer. pion asks it once where packets come from; they are written by the peer's sender.
type track struct {
	kind   webrtc.RTPCodecType
	stream string
	bound  atomic.Pointer[binding]
}

// Bind is called by pion within SetLocalDescription.
func (t *track) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	b := &binding{ssrc: uint32(c.SSRC()), out: c.WriteStream(), rtcp: c.RTCPReader(), codecs: c.CodecParameters()}
	if len(b.codecs) == 0 {
		return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
	}
	best := b.codecs[0]
	for _, codec := range b.codecs[1:] {
		if profileRank(codec) < profileRank(best) {
			best = codec
		}
	}
	t.bound.Store(b)
	return best, nil
}

// Unbind has nothing to undo: the sender ends with the peer.
func (t *track) Unbind(webrtc.TrackLocalContext) error { return nil }

// ID is the track's part of the msid (RFC 8830).
func (t *track) ID() string { return t.kind.String() }

// RID is empty: there is no simulcast.
func (t *track) RID() string { return "" }

// StreamID is the MediaStream's part of the msid.
func (t *track) StreamID() string { return t.stream }

// Kind is audio or video.
func (t *track) Kind() webrtc.RTPCodecType { return t.kind }
