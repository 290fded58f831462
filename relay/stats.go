package relay

import "sync/atomic"

// Stats are counters and gauges of a relay, without addresses.
type Stats struct {
	Streams    []StreamStats // of streams that live, sorted by key
	CacheBytes int64         // in all rings now
	CacheLimit int64         // what they may hold together
	Sessions   uint64        // sessions with cameras since the start, of all streams that ever were
	Loopback   int           // clients of the loopback RTSP server now
}

// StreamStats are those of one stream since it was opened.
type StreamStats struct {
	Key        Key
	Status     Status
	Code       string
	Readers    int
	Dials      uint64 // attempts to connect
	Sessions   uint64 // attempts that led to media
	Frames     uint64 // video access units published
	Keyframes  uint64 // of those, keyframes
	Packets    uint64 // packets published, both tracks
	Bytes      uint64 // of their payloads
	Received   uint64 // RTP packets from the camera, both tracks
	Losses     uint64 // RTP packets that the camera sent and we never got (video and sound), and packets that could not be read
	Discarded  uint64 // video access units not forwarded because the keyframe that they build on was missing
	Reanchored uint64 // jumps of the camera's clock that were smoothed out; reconnects are not counted
	Stalls     uint64 // times the stream stalled
	Dropped    uint64 // video frames that readers lost by being slow
	CacheBytes int64  // in the ring now
}

// counters are a stream's, written by whoever does the thing and read by Stats.
type counters struct {
	dials, sessions, frames, keyframes, packets, bytes, received, losses, discarded, reanchored, stalls, dropped atomic.Uint64
}

func (s *stream) stats() StreamStats {
	c, state := &s.count, s.currentState()
	return StreamStats{
		Key: s.key, Status: state.Status, Code: state.Code, Readers: len(*s.readers.Load()),
		Dials: c.dials.Load(), Sessions: c.sessions.Load(), Frames: c.frames.Load(), Keyframes: c.keyframes.Load(),
		Packets: c.packets.Load(), Bytes: c.bytes.Load(), Received: c.received.Load(), Losses: c.losses.Load(),
		Discarded: c.discarded.Load(), Reanchored: c.reanchored.Load(), Stalls: c.stalls.Load(), Dropped: c.dropped.Load(),
		CacheBytes: s.ring.size(),
	}
}
