package relay

import (
	"slices"
	"time"
)

// cadence estimates the usual distance between events as the median of the last few, which neither a pause nor a burst moves.
type cadence struct {
	window [31]time.Duration
	n      int // filled
	next   int
	median time.Duration
}

// fewest is how many distances must be known before a median means anything.
const fewest = 3

// add takes a distance; those not above zero say nothing.
func (c *cadence) add(d time.Duration) {
	if d <= 0 {
		return
	}
	c.window[c.next] = d
	c.next = (c.next + 1) % len(c.window)
	c.n = min(c.n+1, len(c.window))
	if c.n < fewest {
		return
	}
	sorted := c.window
	slices.Sort(sorted[:c.n])
	c.median = sorted[c.n/2]
}

// usual gives the median, zero while unknown.
func (c *cadence) usual() time.Duration { return c.median }
