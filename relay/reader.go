package relay

import "time"

// Reader is a cursor in a stream's ring. It pulls; nothing waits for it. Its methods are safe for concurrent use, though one
// goroutine is enough.
type Reader struct{}

// Ready receives after Next would give something new or State changed. It holds one signal: drain Next after each.
func (r *Reader) Ready() <-chan struct{} { return nil }

// Next gives the next frame of either track, in order of arrival; false if there is none yet. It never blocks. A fresh reader begins
// with the newest keyframe if one is kept at the time of the first call, else with the next. A reader that falls behind by too much
// is moved to the newest keyframe, which Dropped counts.
func (r *Reader) Next() (Frame, bool) { return Frame{}, false }

// Edge tells where live was when the present replay began (at the first Next, or at Rewind): video frames whose First is below index
// are replayed, all others came after at.
func (r *Reader) Edge() (index uint64, at time.Time) { return 0, time.Time{} }

// Behind counts the video frames, and the bytes of both tracks, that Next would still give.
func (r *Reader) Behind() (frames, bytes int) { return 0, 0 }

// Rewind moves the cursor back to the newest kept keyframe, as an answer to a PLI; false, and nothing changed, if none is kept.
func (r *Reader) Rewind() bool { return false }

// SkipToLive drops what is not yet read; the next video frame given will be the next keyframe. Sound goes on at once.
func (r *Reader) SkipToLive() {}

// KeyframeDue estimates the time until the next keyframe comes; false while unknown. It may be 0 (overdue).
func (r *Reader) KeyframeDue() (time.Duration, bool) { return 0, false }

// Packet gives a kept packet by its index, for a retransmission.
func (r *Reader) Packet(t Track, index uint64) (Packet, bool) { return Packet{}, false }

// State gives the stream's state.
func (r *Reader) State() State { return State{} }

// Clock gives a pair of instants that are the same on the stream's clock and on the wall, for sender reports (RFC 3550, 6.4.1). All
// readers of a stream get the same mapping. at is zero while the track has given nothing.
func (r *Reader) Clock(t Track) (rtp uint32, at time.Time) { return 0, time.Time{} }

// Dropped counts the video frames that this reader lost by being slow.
func (r *Reader) Dropped() uint64 { return 0 }

// Close leaves the stream. It may be called more than once.
func (r *Reader) Close() {}
