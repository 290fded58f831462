package relay

import (
	"context"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/pion/rtp"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// Source pulls media from a target: from a camera by RTSP, later from another node.
type Source interface {
	// Pull connects, describes to the intake what there is, delivers, and returns when the session has ended, with the reason, or
	// soon after ctx has. Only connecting is bounded in time by the source itself. An error that people should read is a *Refusal.
	Pull(ctx context.Context, target camera.Target, hint Hint, in Intake) error
}

// Hint is what earlier sessions with the same target taught.
type Hint struct {
	// Transport that worked last, "tcp" or "udp"; empty: unknown. It matters only for targets with TransportAuto.
	Transport camera.Transport
}

// Intake takes what a Source pulls. Its methods do not block and may be called from several goroutines.
type Intake interface {
	// Describe comes once, before the first RTP.
	Describe(Offer)
	// RTP takes a packet, in sequence as far as the transport can order it. The intake keeps the payload: it must not be changed later.
	RTP(t Track, p *rtp.Packet, arrived time.Time)
}

// Offer is what a source has.
type Offer struct {
	Video     Codec
	SPS, PPS  []byte // H.264 parameter sets if the description holds them, without start codes
	Audio     Codec  // Name is empty if there is no sound
	Transport camera.Transport
	Device    Device
	// AudioFormat describes the sound to a reader on loopback; nil if there is none.
	AudioFormat format.Format
}
