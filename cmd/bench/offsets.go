package main

import (
	"math/rand/v2"
	"slices"
	"time"
)

// offsets spreads openings over the interval between two keyframes: one at a random moment of each equal part of it. Where the keyframes
// are is not known, so the first opening is anywhere, and the others are spread from there. Were the next opening merely to
// follow the last one, which itself ends with a keyframe if nothing is kept, all would stand at the same offset.
type offsets struct {
	interval time.Duration
	origin   time.Time
	left     []time.Duration // offsets from origin, modulo interval
}

func newOffsets(interval time.Duration, n int) *offsets {
	o := &offsets{interval: interval, origin: time.Now()}
	part := interval / time.Duration(n)
	for i := range n {
		o.left = append(o.left, time.Duration(i)*part+rand.N(part))
	}
	return o
}

// next gives the time from now to an offset that was not used yet: the one that comes first after a moment.
func (o *offsets) next(after time.Time) time.Duration {
	best, soonest := 0, o.interval
	for i, offset := range o.left {
		wait := (offset - after.Sub(o.origin)%o.interval + o.interval) % o.interval
		if wait < soonest {
			best, soonest = i, wait
		}
	}
	o.left = slices.Delete(o.left, best, best+1)
	return time.Until(after.Add(soonest))
}
