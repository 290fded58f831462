package main

// frameHorizon is how many packets a viewer of the crowd keeps note of; a power of two, more than a replay holds.
const frameHorizon = 2048

// note is what a viewer of the crowd remembers of a packet. Times are Unix nanoseconds.
type note struct {
	n       int64 // sequence number without wrapping
	stamp   uint32
	marker  bool
	key     bool   // holds a sequence parameter set
	counter uint64 // of the frame, if this packet holds it; 0: it does not
	sent    int64  // when the camera sent the frame; valid with counter
}

// reel makes whole pictures of notes, as assembler does of packets: in order, none before the first keyframe is whole, none whose
// reference is missing. It keeps no payload, so a thousand viewers cost little.
type reel struct {
	notes   [frameHorizon]note
	next    int64 // where the next picture begins; valid once begun
	highest int64
	keys    []int64 // packets that begin a keyframe, from next on
	begun   bool
	seen    bool
}

// unwrap gives a sequence number without wrapping.
func (f *reel) unwrap(sequence uint16) int64 {
	if !f.seen {
		return int64(sequence) + 1<<16
	}
	return f.highest + int64(int16(sequence-uint16(f.highest)))
}

// at gives the note of a packet; nil if it has not come.
func (f *reel) at(n int64) *note {
	if m := &f.notes[n&(frameHorizon-1)]; m.n == n {
		return m
	}
	return nil
}

// push takes a note and calls whole for each picture that it completes, oldest first. It tells whether the packet was new.
func (f *reel) push(m note, whole func(counter uint64, sent int64)) bool {
	if f.at(m.n) != nil || f.begun && m.n < f.next || f.seen && m.n <= f.highest-frameHorizon {
		return false
	}
	f.notes[m.n&(frameHorizon-1)] = m
	if !f.seen || m.n > f.highest {
		f.seen, f.highest = true, m.n
	}
	if m.key && (len(f.keys) == 0 || m.n > f.keys[len(f.keys)-1]) {
		f.keys = append(f.keys, m.n)
	}
	for {
		from, to, ok := f.whole()
		if !ok {
			return true
		}
		counter, sent := f.take(from, to)
		whole(counter, sent)
	}
}

// waiting tells whether there are packets after a hole.
func (f *reel) waiting() bool { return f.seen && (!f.begun || f.highest >= f.next) }

// whole finds the picture to give next: the one that follows the last, else the newest whole keyframe.
func (f *reel) whole() (from, to int64, ok bool) {
	if f.begun {
		if to, ok = f.end(f.next); ok {
			return f.next, to, true
		}
	}
	for i := len(f.keys) - 1; i >= 0; i-- {
		if f.keys[i] == f.next && f.begun {
			continue
		}
		if to, ok := f.end(f.keys[i]); ok {
			return f.keys[i], to, true
		}
	}
	return 0, 0, false
}

// end finds the last packet of the picture that begins with packet from, if all are there.
func (f *reel) end(from int64) (int64, bool) {
	first := f.at(from)
	if first == nil {
		return 0, false
	}
	for n := from; ; n++ {
		m := f.at(n)
		if m == nil || m.stamp != first.stamp {
			return 0, false
		}
		if m.marker {
			return n, true
		}
	}
}

// take gives the stamp of the picture from packet from to packet to, and forgets all before its end.
func (f *reel) take(from, to int64) (counter uint64, sent int64) {
	// What stands before the parameter sets belongs to the picture too.
	begin, stamp := from, f.at(from).stamp
	for m := f.at(begin - 1); m != nil && m.stamp == stamp; m = f.at(begin - 1) {
		begin--
	}
	for n := begin; n <= to; n++ {
		if m := f.at(n); m.counter != 0 {
			counter, sent = m.counter, m.sent
		}
	}
	f.next, f.begun = to+1, true
	kept := f.keys[:0]
	for _, n := range f.keys {
		if n > to {
			kept = append(kept, n)
		}
	}
	f.keys = kept
	return counter, sent
}
