package hls

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// segmentTicks is how long a segment may become before it is cut, and shortTicks how long one must be for a keyframe to cut it.
	segmentTicks = videoRate / 2
	shortTicks   = videoRate / 4
	// openShare is the part of a window's bytes beyond which a segment is cut, however short: what is open can't be let go.
	openShare = 4
	// nativeTicks is the least length of a native segment; it ends before the first keyframe after that.
	nativeTicks = 2 * videoRate
	// listedTicks is how much a playlist names at least: by time, since a segment may be of any length. nativeListed is how many native
	// segments theirs names.
	listedTicks  = 4 * videoRate
	nativeListed = 5
	// tailTicks is how old the first picture is that a player shows; what is older is squeezed.
	tailTicks = videoRate * 12 / 10
	// graceTicks is how much longer the pictures of a first segment are kept for those who have just been told of it.
	graceTicks = 6 * videoRate
	// nativeMemory is how long native segments are kept after the last native player asked.
	nativeMemory = time.Minute
)

// budget bounds the media of all windows together.
type budget struct {
	limit   int64
	used    atomic.Int64
	windows atomic.Int64
}

// share is what each window gets when there is not enough for all.
func (b *budget) share() int64 {
	if b.used.Load() <= b.limit {
		return math.MaxInt64
	}
	return b.limit / max(b.windows.Load(), 1)
}

// window holds a stream's newest segments and the one that is being filled. Its mutex is the stream's own and is held for moments.
type window struct {
	limit  int64 // bytes
	budget *budget
	now    func() time.Time

	mu       sync.Mutex // guards what follows
	segments []*segment // closed, the oldest first, numbered without gaps
	open     *segment   // nil, or with at least one picture
	gen      *generation
	next     uint64 // number of the next segment
	epoch    int
	broken   bool // a discontinuity comes before the next picture
	bytes    int64

	natives     int // native segments ever begun
	nativeStart int64
	nativeSeen  time.Time

	target, nativeTarget int           // longest segment of either list in whole seconds (RFC 8216, 4.3.3.1)
	changed              chan struct{} // closed at the next change; nil: nobody waits
	grown                chan struct{} // closed when lists get longer; nil: nobody waits
}

func newWindow(limit int64, b *budget, now func() time.Time) *window {
	b.windows.Add(1)
	return &window{limit: limit, budget: b, now: now, target: 1, nativeTarget: nativeTicks / videoRate}
}

// discard lets go of everything.
func (w *window) discard() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.budget.used.Add(-w.bytes)
	w.budget.windows.Add(-1)
	w.segments, w.open, w.bytes = nil, nil, 0
	w.tell()
	w.tellGrown()
}

// begin says that what comes is of another generation.
func (w *window) begin(g *generation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closeOpen()
	w.broken = w.broken || w.gen != nil && w.next > 0
	w.gen = g
}

// breakUp puts a discontinuity before the next picture.
func (w *window) breakUp() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closeOpen()
	w.broken = w.next > 0
}

// push adds a picture, in decoding order, and the sound up to its end. It begins another segment if the open one is long enough.
func (w *window) push(v sample, sound []sample) {
	w.mu.Lock()
	defer w.mu.Unlock()
	native := v.key && (w.broken || w.natives == 0 || v.dts-w.nativeStart >= nativeTicks)
	if w.open != nil {
		long := v.dts - w.open.start()
		if long >= segmentTicks || w.open.bytes >= w.limit/openShare || v.key && (native || long >= shortTicks) {
			w.closeOpen()
		} else {
			native = false
		}
	}
	if w.open == nil {
		if w.broken {
			w.epoch++
			w.broken = false
		}
		w.open = &segment{seq: w.next, gen: w.gen, epoch: w.epoch}
		w.next++
		if native {
			w.natives++
			w.nativeStart, w.open.native = v.dts, w.natives
		}
	}
	w.open.video = append(w.open.video, v)
	w.open.audio = append(w.open.audio, sound...)
	size := int64(len(v.data))
	for _, s := range sound {
		size += int64(len(s.data))
	}
	w.open.bytes += size
	w.count(size)
	if w.bytes > w.limit || w.budget.share() < w.bytes {
		w.trim()
	}
	w.tell()
}

func (w *window) count(bytes int64) {
	w.bytes += bytes
	w.budget.used.Add(bytes)
}

// closeOpen makes the open segment one that players may have. The caller holds mu, as in all that follow.
func (w *window) closeOpen() {
	s := w.open
	if s == nil {
		return
	}
	w.open = nil
	first := s.video[0].pts()
	for _, v := range s.video {
		first = min(first, v.pts())
	}
	s.at = s.gen.wall(first)
	w.segments = append(w.segments, s)
	w.target = max(w.target, int(math.Round(s.seconds())))
	w.trim()
	w.tell()
	w.tellGrown()
}

func (w *window) tellGrown() {
	if w.grown != nil {
		close(w.grown)
		w.grown = nil
	}
}

func (w *window) tell() {
	if w.changed != nil {
		close(w.changed)
		w.changed = nil
	}
}

// wait gives a channel that is closed at the next change.
func (w *window) wait() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.changed == nil {
		w.changed = make(chan struct{})
	}
	return w.changed
}

// waitGrown gives a channel that is closed when another segment can be listed.
func (w *window) waitGrown() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.grown == nil {
		w.grown = make(chan struct{})
	}
	return w.grown
}

// since gives the number of the first kept segment of the last so many ticks, or a little more. Pictures' times are no measure over a
// discontinuity, so lengths are added up.
func (w *window) since(ticks int64) uint64 {
	i := len(w.segments)
	for have := int64(0); i > 0 && have < ticks; i-- {
		have += w.segments[i-1].end() - w.segments[i-1].start()
	}
	if i == len(w.segments) {
		return w.next
	}
	return w.segments[i].seq
}

// trim lets go of segments that nobody needs any more, and of more if there is too much.
func (w *window) trim() {
	for keep := w.needed(); len(w.segments) > 0 && w.segments[0].seq < keep; {
		w.drop()
	}
	// The newest stays, so that a list is never empty.
	for limit := min(w.limit, w.budget.share()); w.bytes > limit && len(w.segments) > 1; {
		w.drop()
	}
}

func (w *window) drop() {
	w.count(-w.segments[0].bytes)
	w.segments[0] = nil
	w.segments = w.segments[1:]
}

// needed gives the number of the first segment that somebody may still ask for: those in lists and as many before them (RFC 8216,
// 6.2.2), those since the keyframe with which a first segment may begin, and those of native lists.
func (w *window) needed() uint64 {
	if len(w.segments) == 0 {
		return w.next
	}
	newest := w.segments[len(w.segments)-1]
	keep := w.since(2 * listedTicks)
	until := newest.end() - tailTicks - graceTicks
	for i := len(w.segments) - 1; i >= 0; i-- {
		s := w.segments[i]
		if s.epoch != newest.epoch {
			break
		}
		keep = min(keep, s.seq)
		if s.start() <= until && hasKey(s) {
			break
		}
	}
	if !w.nativeSeen.IsZero() && w.now().Sub(w.nativeSeen) < nativeMemory {
		count := 0
		for i := len(w.segments) - 1; i >= 0 && count <= 2*nativeListed; i-- {
			keep = min(keep, w.segments[i].seq)
			if w.segments[i].native > 0 {
				count++
			}
		}
	}
	return keep
}

func hasKey(s *segment) bool {
	for _, v := range s.video {
		if v.key {
			return true
		}
	}
	return false
}

// find gives a kept segment by its number. The caller holds mu.
func (w *window) find(seq uint64) *segment {
	if len(w.segments) == 0 || seq < w.segments[0].seq || seq > w.segments[len(w.segments)-1].seq {
		return nil
	}
	return w.segments[seq-w.segments[0].seq]
}

// shared gives the fragment of a kept segment.
func (w *window) shared(gen int, seq uint64) (piece, bool) {
	w.mu.Lock()
	s := w.find(seq)
	w.mu.Unlock()
	if s == nil || s.gen.number != gen {
		return piece{}, false
	}
	return newPiece(s.seq, s.video, s.audio), true
}

// head gives the init segment of a generation of which something is kept.
func (w *window) head(gen int) ([]byte, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gen != nil && w.gen.number == gen {
		return w.gen.head, true
	}
	for _, s := range w.segments {
		if s.gen.number == gen {
			return s.gen.head, true
		}
	}
	return nil, false
}

// windowStats are a window's figures.
type windowStats struct {
	generation, segments int
	bytes                int64
	sequence             uint64
}

func (w *window) stats() windowStats {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := windowStats{segments: len(w.segments), bytes: w.bytes, sequence: w.next}
	if w.gen != nil {
		s.generation = w.gen.number
	}
	return s
}
