package relay

import (
	"sync"
	"time"
)

// Bounds of a stream's ring.
const (
	ringBytes = 16 << 20
	// ringSpan is the least that is kept, in time, however short the groups of pictures.
	ringSpan = 2 * time.Second
	// ringTail is what stays when the memory of all streams is used up: enough for retransmission, not for joining.
	ringTail = 500 * time.Millisecond
	// Estimated memory beside payloads.
	frameOverhead, packetOverhead = 160, 48
)

// ring keeps a stream's newest frames of both tracks in order of arrival, numbered without gaps, and finds packets by their index.
// Its mutex is held for the time of a few pointer moves; it is the stream's own.
type ring struct {
	budget *budget
	pinned func() uint64 // the oldest frame that a replaying reader still needs; noPin if none; called with mu held, takes no lock

	mu         sync.RWMutex
	slots      []slot // frame n is in slots[n&mask]; the length is a power of two
	head, tail uint64 // kept frames are head..tail-1
	keys       []uint64
	tracks     [tracks]packetIndex
	bytes      int64  // of memory
	video      uint64 // video frames ever pushed
	payload    uint64 // payload bytes ever pushed
	lastKey    *Frame // also after it fell out
	keyEvery   cadence
}

// slot is a frame and what was pushed before it.
type slot struct {
	frame          *Frame
	video, payload uint64
}

const noPin = ^uint64(0)

func (r *ring) slot(n uint64) *slot { return &r.slots[n&uint64(len(r.slots)-1)] }

// nextIndex gives the index that the next packet of a track gets.
func (r *ring) nextIndex(t Track) uint64 { return r.tracks[t].tail }

// push appends a frame whose First is nextIndex of its track. Only one goroutine at a time pushes.
func (r *ring) push(f *Frame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.bytes
	if r.tail-r.head == uint64(len(r.slots)) {
		r.grow()
	}
	*r.slot(r.tail) = slot{frame: f, video: r.video, payload: r.payload}
	if f.Keyframe {
		if r.lastKey != nil {
			r.keyEvery.add(f.Arrived.Sub(r.lastKey.Arrived))
		}
		r.keys, r.lastKey = append(r.keys, r.tail), f
	}
	r.tail++
	if f.Track == Video {
		r.video++
	}
	r.payload += uint64(f.Bytes)
	r.tracks[f.Track].push(f)
	r.bytes += cost(f)
	r.trim(f.Arrived)
	r.budget.used.Add(r.bytes - before)
}

func cost(f *Frame) int64 {
	return int64(f.Bytes + frameOverhead + packetOverhead*len(f.Packets))
}

func (r *ring) grow() {
	old := r.slots
	r.slots = make([]slot, max(256, 2*len(old)))
	for n := r.head; n < r.tail; n++ {
		*r.slot(n) = old[n&uint64(len(old)-1)]
	}
}

// trim lets go of what nobody needs: all before the keyframe before last, unless it is younger than ringSpan or pinned. Over the
// bound of the stream it goes on regardless; while all streams are over theirs, down to this one's share.
func (r *ring) trim(now time.Time) {
	if n := len(r.keys); n >= 2 && r.head < r.keys[n-2] && r.older(now, ringSpan) {
		for keep := min(r.keys[n-2], r.pinned()); r.head < keep && r.older(now, ringSpan); {
			r.pop()
		}
	}
	for r.bytes > ringBytes && r.head+1 < r.tail {
		r.pop()
	}
	if share := r.budget.share(); r.bytes > share && r.budget.over() {
		if n := len(r.keys); n > 0 {
			for newest := r.keys[n-1]; r.head < newest && r.bytes > share; {
				r.pop()
			}
		}
		for r.bytes > share && r.head+1 < r.tail && r.older(now, ringTail) {
			r.pop()
		}
	}
}

// older reports whether the oldest frame is older than age.
func (r *ring) older(now time.Time, age time.Duration) bool {
	return now.Sub(r.slot(r.head).frame.Arrived) > age
}

func (r *ring) pop() {
	s := r.slot(r.head)
	r.bytes -= cost(s.frame)
	r.tracks[s.frame.Track].pop(s.frame)
	if len(r.keys) > 0 && r.keys[0] == r.head {
		r.keys = r.keys[1:]
		if len(r.keys) == 0 {
			r.keys = nil
		}
	}
	s.frame = nil
	r.head++
}

// shrink trims without a push, for streams whose camera is silent.
func (r *ring) shrink(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.head == r.tail {
		return
	}
	before := r.bytes
	r.trim(now)
	r.budget.used.Add(r.bytes - before)
}

// clear lets go of everything; the numbers go on.
func (r *ring) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.bytes
	for r.head < r.tail {
		r.pop()
	}
	r.lastKey = nil
	r.budget.used.Add(r.bytes - before)
}

// cut lets no replay begin with a keyframe that is kept by now.
func (r *ring) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = nil
}

// newestKey gives the number of the newest kept keyframe. The caller holds mu.
func (r *ring) newestKey() (uint64, bool) {
	if len(r.keys) == 0 {
		return 0, false
	}
	return r.keys[len(r.keys)-1], true
}

// packet gives a kept packet by its index.
func (r *ring) packet(t Track, index uint64) (Packet, bool) {
	if t >= tracks {
		return Packet{}, false
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.tracks[t].get(index)
}

// newestKeyframe gives the last keyframe that came, whether kept or not.
func (r *ring) newestKeyframe() *Frame {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.lastKey
}

// size is the memory held, in bytes.
func (r *ring) size() int64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.bytes
}

// keyframeDue estimates the time from now to the next keyframe.
func (r *ring) keyframeDue(now time.Time) (time.Duration, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	every := r.keyEvery.usual()
	if every == 0 || r.lastKey == nil {
		return 0, false
	}
	return max(0, every-now.Sub(r.lastKey.Arrived)), true
}

// usualKeyframe is the usual time from keyframe to keyframe; 0 while unknown.
func (r *ring) usualKeyframe() time.Duration {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.keyEvery.usual()
}

// packetIndex finds a track's frames by the indexes of their packets: kept are head..tail-1.
type packetIndex struct {
	frames     []*Frame // the frame of packet i is in frames[i&mask]; the length is a power of two
	head, tail uint64
}

func (x *packetIndex) push(f *Frame) {
	for x.tail+uint64(len(f.Packets))-x.head > uint64(len(x.frames)) {
		old := x.frames
		x.frames = make([]*Frame, max(1024, 2*len(old)))
		for i := x.head; i < x.tail; i++ {
			x.frames[i&uint64(len(x.frames)-1)] = old[i&uint64(len(old)-1)]
		}
	}
	for range f.Packets {
		x.frames[x.tail&uint64(len(x.frames)-1)] = f
		x.tail++
	}
}

func (x *packetIndex) pop(f *Frame) {
	for range f.Packets {
		x.frames[x.head&uint64(len(x.frames)-1)] = nil
		x.head++
	}
}

func (x *packetIndex) get(index uint64) (Packet, bool) {
	if index < x.head || index >= x.tail {
		return Packet{}, false
	}
	f := x.frames[index&uint64(len(x.frames)-1)]
	return f.Packets[index-f.First], true
}
