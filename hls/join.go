package hls

import (
	"cmp"
	"math"
	"slices"
)

// join is where a player begins: with the keyframe of decoding time key, squeezed with all pictures up to time from, in segment seq.
// It is all that the address of a first segment holds.
type join struct {
	gen       int
	seq       uint64
	key, from int64
	seconds   float64 // how long its first segment lasts; not in the address
}

// squeezeMost bounds how long all squeezed pictures may last together, and squeezeStep each of them, in ticks.
const (
	squeezeMost = videoRate / 4
	squeezeStep = videoRate / 1000
)

// edge gives how much of the present epoch could be shown to a player that begins now, in ticks, and when on the wall its newest
// picture was; false before the first keyframe.
func (w *window) edge() (ticks int64, newest sample, gen *generation, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	run := w.run()
	for _, s := range run {
		for _, v := range s.video {
			if v.key {
				last := run[len(run)-1]
				return last.end() - v.dts, last.video[len(last.video)-1], last.gen, true
			}
		}
	}
	return 0, sample{}, nil, false
}

// run gives the segments of the present epoch, the open one included; none after a discontinuity that nothing has followed yet.
func (w *window) run() []*segment {
	if w.broken {
		return nil
	}
	from := len(w.segments)
	for from > 0 && w.segments[from-1].epoch == w.epoch {
		from--
	}
	run := w.segments[from:]
	if w.open != nil {
		run = append(run[:len(run):len(run)], w.open)
	}
	return run
}

// place is a picture in a run of segments.
type place struct {
	segment int
	sample
}

func flatten(run []*segment) []place {
	n := 0
	for _, s := range run {
		n += len(s.video)
	}
	all := make([]place, 0, n)
	for i, s := range run {
		for _, v := range s.video {
			all = append(all, place{i, v})
		}
	}
	return all
}

// join chooses where a player that comes now begins; false while no keyframe is kept. It closes the open segment only if the player
// would begin in it: others wait for its end, which is near.
func (w *window) join() (join, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	run := w.run()
	all := flatten(run)
	if len(all) == 0 {
		return join{}, false
	}
	end := all[len(all)-1].end()
	first := -1 // keyframe
	from := 0
	for i, p := range all {
		if p.key && first < 0 {
			first = i
		}
		if p.dts >= end-tailTicks {
			break
		}
		from = i + 1
	}
	from = min(from, len(all)-1)
	if first < 0 { // the only keyframes are younger than the tail
		for i := from; i < len(all) && first < 0; i++ {
			if all[i].key {
				first = i
			}
		}
		if first < 0 {
			return join{}, false
		}
	}
	from = max(from, first)
	from = seam(all, first, from)
	key := from
	for !all[key].key {
		key--
	}
	s := run[all[from].segment]
	if s == w.open {
		w.closeOpen()
	}
	j := join{gen: s.gen.number, seq: s.seq, key: all[key].dts, from: all[from].dts}
	j.seconds = float64(s.end()-squeeze(all[key:from+1], from-key)[0].dts) / videoRate
	w.target = max(w.target, int(math.Round(j.seconds))) // it may be longer than the shared one, which has no squeezed pictures
	return j, true
}

// seam gives the last place up to at where all pictures before it, in decoding order, are shown before all from it on: between
// B-frames and what they are made of there is none.
func seam(all []place, first, at int) int {
	later := int64(math.MaxInt64) // earliest presentation from i on
	for i := len(all) - 1; i > at; i-- {
		later = min(later, all[i].pts())
	}
	for i := at; i > first; i-- {
		later = min(later, all[i].pts())
		before := int64(math.MinInt64)
		for _, p := range all[first:i] {
			before = max(before, p.pts())
		}
		if before < later {
			return i
		}
	}
	return first
}

// personal gives the first segment of a player; false if what it needs is not kept.
func (w *window) personal(j join) (piece, bool) {
	w.mu.Lock()
	last := w.find(j.seq)
	var run []*segment
	if last != nil && last.gen.number == j.gen {
		for i := int(j.seq - w.segments[0].seq); i >= 0 && w.segments[i].epoch == last.epoch; i-- {
			run = append([]*segment{w.segments[i]}, run...)
			if w.segments[i].start() <= j.key {
				break
			}
		}
	}
	w.mu.Unlock()
	all := flatten(run)
	key, from := -1, -1
	for i, p := range all {
		if p.dts == j.key && p.key {
			key = i
		}
		if p.dts == j.from && p.segment == len(run)-1 {
			from = i
		}
	}
	if key < 0 || from < key {
		return piece{}, false
	}
	video := squeeze(all[key:], from-key)
	begins := video[0].pts()
	for _, v := range video {
		begins = min(begins, v.pts())
	}
	var audio []sample
	for _, s := range run {
		for _, a := range s.audio {
			if (a.dts+audioFrame)*videoRate/audioRate > begins {
				audio = append(audio, a)
			}
		}
	}
	return newPiece(j.seq, video, audio), true
}

// squeeze gives samples of which the first n last no more than a millisecond each, and end where the rest begins. Decoders go through
// them at once, and the pictures keep their order.
func squeeze(all []place, n int) []sample {
	out := make([]sample, len(all))
	for i, p := range all {
		out[i] = p.sample
	}
	if n == 0 {
		return out
	}
	step := min(max(int64(squeezeMost/n), 1), squeezeStep)
	decode := out[n].dts
	shown := out[n].pts()
	for _, s := range out[n:] {
		shown = min(shown, s.pts())
	}
	// Each picture's place in the order of showing.
	order, rank := make([]int, n), make([]int64, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(out[a].pts(), out[b].pts()) })
	for place, i := range order {
		rank[i] = int64(place)
	}
	early := int64(0) // by how much decoding must begin earlier, so that nothing is shown before it is decoded
	for i, r := range rank {
		early = max(early, (int64(i)-r)*step-(shown-decode))
	}
	for i := range n {
		dts := decode - int64(n-i)*step - early
		pts := shown - int64(n)*step + rank[i]*step
		out[i].dts, out[i].dur, out[i].cto = dts, uint32(step), int32(pts-dts)
	}
	out[n-1].dur = uint32(decode - out[n-1].dts)
	return out
}
