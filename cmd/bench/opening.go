package main

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// livelyAge is the age below which a picture counts as live.
const livelyAge = 250 * time.Millisecond

// opening is what the opening of one tile was like. Times count from the click.
type opening struct {
	Connect time.Duration `json:"connect"` // ICE and DTLS are up
	First   time.Duration `json:"first"`   // first whole picture; in a browser: presented
	Live    time.Duration `json:"live"`    // first picture younger than livelyAge
	Later   time.Duration `json:"later"`   // age of the picture a second after Live
	Missing int           `json:"missing"` // pictures that the camera sent after the first one shown, and the player did not get
	Asked   int           `json:"asked"`   // keyframes asked for
	Resends int           `json:"resends"` // packets asked for again
	Fault   string        `json:"fault"`   // why it is not to be counted; empty if it is
}

// spread is how a figure is distributed over many openings.
type spread struct{ median, p95, max time.Duration }

// spreadOf gives the distribution of one figure of openings that have no fault.
func spreadOf(all []opening, figure func(opening) time.Duration) spread {
	var values []time.Duration
	for _, o := range all {
		if o.Fault == "" {
			values = append(values, figure(o))
		}
	}
	return spreadOfValues(values)
}

// spreadOfValues gives the distribution of values; the zero spread if there are none. It sorts them.
func spreadOfValues(values []time.Duration) spread {
	if len(values) == 0 {
		return spread{}
	}
	slices.SortFunc(values, cmp.Compare)
	middle := (values[(len(values)-1)/2] + values[len(values)/2]) / 2
	return spread{middle, quantile(values, 0.95), values[len(values)-1]}
}

// quantile gives the smallest of sorted values that is not below the part q of them (nearest rank).
func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[max(int(math.Ceil(q*float64(len(sorted))))-1, 0)]
}

// The figures of an opening.
func connectOf(o opening) time.Duration { return o.Connect }
func firstOf(o opening) time.Duration   { return o.First }
func liveOf(o opening) time.Duration    { return o.Live }
func laterOf(o opening) time.Duration   { return o.Later }

// faults gives the reasons why openings are not counted.
func faults(all []opening) []string {
	var list []string
	for _, o := range all {
		if o.Fault != "" && !slices.Contains(list, o.Fault) {
			list = append(list, o.Fault)
		}
	}
	return list
}

// sum adds up a count.
func sum(all []opening, figure func(opening) int) (n int) {
	for _, o := range all {
		n += figure(o)
	}
	return n
}
