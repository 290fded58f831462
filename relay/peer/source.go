package peer

import (
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// streams gives readers; the relay, or a test's scripted stream.
type streams interface {
	read(relay.Key) (reader, error)
}

// reader is a cursor in a stream's ring; *relay.Reader, or a test's.
type reader interface {
	Ready() <-chan struct{}
	Next() (relay.Frame, bool)
	Behind() (frames, bytes int)
	KeyframeAhead() (frames, bytes int, ok bool)
	Rewind() bool
	SkipToLive()
	KeyframeDue() (time.Duration, bool)
	Packet(relay.Track, uint64) (relay.Packet, bool)
	State() relay.State
	Clock(relay.Track) (rtp uint32, at time.Time)
	Dropped() uint64
	Close()
}

type relayStreams struct{ *relay.Relay }

func (s relayStreams) read(key relay.Key) (reader, error) {
	r, err := s.Relay.Read(key)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// source is the stream that a viewer is being sent.
type source struct {
	key    relay.Key
	reader reader
}
