// Package relay pulls each camera once and hands its packets to any number of readers.
//
// It owns the connection to a camera (one per stream Key, however many readers of whatever kind), the state that people see,
// the ring of kept packets that serves first pictures, retransmission and replay alike, the stream's clock, and the RTSP server on
// loopback from which FFmpeg reads. A packet is made fit for WebRTC here, once, and never copied again: payloads are immutable and
// shared by every reader.
//
// It refuses to wait for anybody: a slow reader loses frames (counted) and never another reader's or camera's time; a dead camera
// delays no other, since no lock is shared between streams on the way of a frame. It refuses to forward pictures that are
// broken: after a loss on the camera's side nothing passes until the next keyframe. It refuses to dial for nobody: the first
// reader dials, and the connection ends when the last has been gone for the linger time. No address and no password leaves it, in
// states, errors, logs or statistics.
//
// It runs, inside Run only: one supervisor per stream, which owns the stream's state; one goroutine per connection to a camera,
// with those of the RTSP client below it, which fills the ring; the loopback server with one goroutine per connected FFmpeg.
package relay
