package peer

import (
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// streams gives readers; the relay, or a test's scripted stream.
type streams interface {
	// read opens a stream; ready, which several readers may share, is signalled for each frame and each change of state.
	read(key relay.Key, ready chan struct{}) (reader, error)
}

// reader is a cursor in a stream's ring; *relay.Reader, or a test's.
type reader interface {
	Next() (relay.Frame, bool)
	Behind() (frames, bytes int)
	KeyframeAhead() (frames, bytes int, ok bool)
	Rewind() bool
	SkipToLive()
	KeyframeDue() (time.Duration, bool)
	Packet(relay.Track, uint64) (relay.Packet, bool)
	State() relay.State
	Revision() uint64
	Clock(relay.Track) (rtp uint32, at time.Time)
	Dropped() uint64
	Close()
}

type relayStreams struct{ *relay.Relay }

func (s relayStreams) read(key relay.Key, ready chan struct{}) (reader, error) {
	r, err := s.Relay.ReadTogether(key, ready)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// source is the stream that a viewer is being sent.
type source struct {
	key    relay.Key
	reader reader
	round  *round // that serves who reads it
	rounds *rounds
}

// close leaves the stream.
func (s source) close() {
	s.reader.Close()
	s.rounds.leave(s.round)
}
