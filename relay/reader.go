package relay

import (
	"sync"
	"sync/atomic"
	"time"
)

// How far a reader that is not replaying may fall behind: past both the number of frames and either the time or the bytes it is moved
// on. The number keeps streams of a frame every few seconds from tripping over the time.
const (
	lagFrames = 8
	lagTime   = 2 * time.Second
	lagBytes  = 4 << 20
	// replayTime is how long a replay may hold frames in the ring that would be let go otherwise.
	replayTime = 15 * time.Second
)

// Reader is a cursor in a stream's ring. It pulls; nothing waits for it. Its methods are safe for concurrent use, though one
// goroutine is enough.
type Reader struct {
	stream *stream
	ready  chan struct{}
	groups int // how many groups of pictures a fresh reader wants at most: 1, or 2 on loopback

	// What the ring needs to know while it lets frames go.
	pin      atomic.Uint64 // first frame still needed by a replay; noPin
	pinUntil atomic.Int64  // Unix nanoseconds

	mu       sync.Mutex
	closed   bool
	placed   bool
	waiting  bool          // for a keyframe; sound passes
	silent   bool          // nothing was given yet, so sound waits for the first picture too
	next     uint64        // number of the next frame to give
	video    uint64        // video frames pushed before next
	allow    time.Duration // how much older than live the replay began; 0: no replay
	edge     uint64        // video packet index of live when the replay began
	edgeAt   time.Time
	replayTo uint64        // frame number of live when the replay began
	dropped  atomic.Uint64 // written under mu
}

func newReader(s *stream, groups int, ready chan struct{}) *Reader {
	r := &Reader{stream: s, ready: ready, groups: groups}
	r.pin.Store(noPin)
	r.signal()
	return r
}

func (r *Reader) signal() {
	select {
	case r.ready <- struct{}{}:
	default:
	}
}

// Ready receives after Next would give something new or State changed. It holds one signal: drain Next after each.
func (r *Reader) Ready() <-chan struct{} { return r.ready }

// Next gives the next frame of either track, in order of arrival; false if there is none yet. It never blocks. A fresh reader begins
// with the newest keyframe if one is kept at the time of the first call and the stream is not late, else with the next. A reader that falls behind by too much
// is moved to the newest keyframe, which Dropped counts.
func (r *Reader) Next() (Frame, bool) {
	r.mu.Lock()
	before := r.dropped.Load()
	f, ok := r.advance()
	lost := r.dropped.Load() - before
	r.mu.Unlock()
	if lost > 0 {
		r.stream.tellDropped(lost)
	}
	return f, ok
}

func (r *Reader) advance() (Frame, bool) {
	if r.closed {
		return Frame{}, false
	}
	ring := r.stream.ring
	ring.mu.RLock()
	defer ring.mu.RUnlock()
	r.place(ring)
	r.keepUp(ring)
	for r.next < ring.tail {
		f := ring.slot(r.next).frame
		r.next++
		if f.Track == Video {
			r.video++
			if r.waiting && !f.Keyframe {
				continue
			}
			r.waiting, r.silent = false, false
		} else if r.silent {
			continue
		}
		if r.allow > 0 {
			if r.next >= ring.tail {
				r.endReplay()
			} else {
				r.pin.Store(r.next)
			}
		}
		return *f, true
	}
	r.endReplay()
	return Frame{}, false
}

// place puts a fresh cursor on the newest keyframe, or to live. The caller holds both mutexes, as in all that follows.
func (r *Reader) place(ring *ring) {
	if r.placed {
		return
	}
	r.placed = true
	if !r.replay(ring) {
		r.toLive(ring)
		r.silent = true
	}
}

// smallGroup is the number of frames below which a reader that wants two groups of pictures gets both: FFmpeg must see enough of them
// at once to know the stream.
const smallGroup = 45

func (r *Reader) replay(ring *ring) bool {
	key, ok := ring.newestKey()
	if !ok || r.stream.stale() {
		return false
	}
	if n := len(ring.keys); r.groups > 1 && n > 1 && ring.video-ring.slot(key).video < smallGroup {
		key = ring.keys[n-2]
	}
	at, newest := ring.slot(key), ring.slot(ring.tail-1).frame
	r.next, r.video, r.waiting = key, at.video, false
	r.edge, r.edgeAt, r.replayTo = ring.nextIndex(Video), newest.Arrived, ring.tail
	r.allow = newest.Arrived.Sub(at.frame.Arrived) + 1
	r.pinUntil.Store(newest.Arrived.Add(replayTime).UnixNano())
	r.pin.Store(key)
	return true
}

func (r *Reader) toLive(ring *ring) {
	r.next, r.video, r.waiting = ring.tail, ring.video, true
	r.edge, r.edgeAt, r.replayTo = ring.nextIndex(Video), r.stream.now(), ring.tail
	r.endReplay()
}

func (r *Reader) endReplay() {
	r.allow = 0
	r.pin.Store(noPin)
}

// keepUp moves a cursor that is too far behind, or whose frame is gone, to the newest keyframe after it, else to live.
func (r *Reader) keepUp(ring *ring) {
	if r.next >= ring.head {
		if r.next >= ring.tail {
			return
		}
		at, newest := ring.slot(r.next), ring.slot(ring.tail-1).frame
		frames, bytes := ring.video-at.video, ring.payload-at.payload
		late := newest.Arrived.Sub(at.frame.Arrived) - r.allow
		if frames <= lagFrames || late <= lagTime && (r.allow > 0 || bytes <= lagBytes) {
			return
		}
	}
	from := r.video
	if key, ok := ring.newestKey(); ok && key > r.next {
		r.next, r.video, r.waiting = key, ring.slot(key).video, false
		r.endReplay()
	} else {
		r.toLive(ring)
	}
	r.dropped.Add(r.video - from)
}

// Edge tells where live was when the present replay began (at the first Next, or at Rewind): video frames whose First is below index
// are replayed, all others came after at.
func (r *Reader) Edge() (index uint64, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.edge, r.edgeAt
}

// Behind counts the video frames, and the bytes of both tracks, that Next would still give. Before the first Next it counts what a
// replay would give if it began now.
func (r *Reader) Behind() (frames, bytes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ring := r.stream.ring
	ring.mu.RLock()
	defer ring.mu.RUnlock()
	next := max(r.next, ring.head)
	if !r.placed {
		key, ok := ring.newestKey()
		if !ok || r.stream.stale() {
			return 0, 0
		}
		next = key
	}
	if r.closed || next >= ring.tail || r.waiting {
		return 0, 0
	}
	at := ring.slot(next)
	return int(ring.video - at.video), int(ring.payload - at.payload)
}

// KeyframeAhead tells what a move to the newest kept keyframe would pass over: the video frames before it that Next has not given yet, and
// the bytes of both tracks. False if Next has given it, or gives it next, or if Rewind would refuse.
func (r *Reader) KeyframeAhead() (frames, bytes int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ring := r.stream.ring
	ring.mu.RLock()
	defer ring.mu.RUnlock()
	next := max(r.next, ring.head)
	key, ok := ring.newestKey()
	if !ok || r.closed || !r.placed || key <= next || r.stream.stale() {
		return 0, 0, false
	}
	at, to := ring.slot(next), ring.slot(key)
	return int(to.video - at.video), int(to.payload - at.payload), true
}

// Rewind moves the cursor back to the newest kept keyframe, as an answer to a PLI; false, and nothing changed, if none is kept, or if
// pictures are late: browsers ask when they see none for 3 s, and to be given the last one again would make it look like a new one.
func (r *Reader) Rewind() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	ring := r.stream.ring
	ring.mu.RLock()
	ok := r.replay(ring)
	ring.mu.RUnlock()
	if ok {
		r.placed = true
		r.signal()
	}
	return ok
}

// SkipToLive drops what is not yet read; the next video frame given will be the next keyframe. Sound goes on at once.
func (r *Reader) SkipToLive() {
	r.mu.Lock()
	defer r.mu.Unlock()
	ring := r.stream.ring
	ring.mu.RLock()
	defer ring.mu.RUnlock()
	r.placed = true
	r.toLive(ring)
}

// KeyframeDue estimates the time until the next keyframe comes; false while unknown. It may be 0 (overdue).
func (r *Reader) KeyframeDue() (time.Duration, bool) {
	return r.stream.ring.keyframeDue(r.stream.now())
}

// Packet gives a kept packet by its index, for a retransmission.
func (r *Reader) Packet(t Track, index uint64) (Packet, bool) { return r.stream.ring.packet(t, index) }

// State gives the stream's state.
func (r *Reader) State() State { return r.stream.currentState() }

// Revision grows with each change of State, for those who look at each frame. Read before State, it is never newer than what that gives.
func (r *Reader) Revision() uint64 { return r.stream.revision.Load() }

// Clock gives a pair of instants that are the same on the stream's clock and on the wall, for sender reports (RFC 3550, 6.4.1). All
// readers of a stream get the same mapping. at is zero while the track has given nothing.
func (r *Reader) Clock(t Track) (rtp uint32, at time.Time) { return r.stream.feed.clock(t) }

// Dropped counts the video frames that this reader lost by being slow.
func (r *Reader) Dropped() uint64 { return r.dropped.Load() }

// Unkeyed tells since when pictures come that no decoder could begin with; zero while there are none.
func (r *Reader) Unkeyed() time.Time { return r.stream.feed.snapshot().unkeyed }

// CloseSoon is Close for a reader that needed the camera for a moment only: if nobody else reads the stream, its session ends now, and not
// after the linger time.
func (r *Reader) CloseSoon() {
	r.mu.Lock()
	closed := r.closed
	r.mu.Unlock()
	if !closed {
		r.stream.hasty.Store(true)
		r.Close()
	}
}

// Close leaves the stream. It may be called more than once.
func (r *Reader) Close() {
	r.mu.Lock()
	closed := r.closed
	r.closed = true
	r.endReplay()
	r.mu.Unlock()
	if !closed {
		r.stream.leave(r)
	}
}
