package main

import "time"

// reading is what one system did with so many cameras and viewers, over a window.
type reading struct {
	scenario string
	system   string
	cameras  int
	viewers  int // all together

	cpu       time.Duration // of the system's process, per second
	memory    int64         // resident bytes
	heap      int64         // in use; 0: not told
	ring      int64         // bytes that the gateway keeps of cameras; 0: not told
	calls     float64       // system calls to send a frame to a viewer; 0: not told
	window    crowdWindow
	joined    []opening // of those who came for this reading
	ringLimit int64     // what the gateway may keep of all cameras; 0: not told
	ill       bool      // its viewers have bad lines
	sessions  int       // with the cameras, since the system started; 0: not counted
	others    float64   // what other processes took of the machine, 0 to 1
	busy      float64   // what all took
	err       error
}

// perViewer is the processor time per viewer-second, in milliseconds.
func (r reading) perViewer() float64 { return per(r.cpu, r.viewers) }

// perCamera is the processor time per camera-second, in milliseconds.
func (r reading) perCamera() float64 { return per(r.cpu, r.cameras) }

func per(cpu time.Duration, n int) float64 {
	if n == 0 {
		return 0
	}
	return float64(cpu) / float64(time.Millisecond) / float64(n)
}

// disturbed tells whether other processes took so much of the machine that the reading must not be judged.
func (r reading) disturbed() bool { return r.others > 0.1 }

// mean is of two readings of one system; of frames it counts those of both. What can't be added is the first's, or its error.
func mean(a, b reading) reading {
	if a.err == nil && b.err != nil {
		return b
	}
	half := func(x, y time.Duration) time.Duration { return (x + y) / 2 }
	a.cpu = half(a.cpu, b.cpu)
	a.others, a.busy = max(a.others, b.others), (a.busy+b.busy)/2
	w, v := &a.window, b.window
	w.Frames, w.Lost, w.Packets, w.Bytes, w.Silent = w.Frames+v.Frames, w.Lost+v.Lost, w.Packets+v.Packets, w.Bytes+v.Bytes, w.Silent+v.Silent
	w.Median, w.P95, w.P99, w.Max = half(w.Median, v.Median), half(w.P95, v.P95), half(w.P99, v.P99), max(w.Max, v.Max)
	return a
}

// readings are all of a run.
type readings []reading

// find gives a reading; false if it was not taken.
func (all readings) find(scenario, system string) (reading, bool) {
	for _, r := range all {
		if r.scenario == scenario && r.system == system && r.err == nil {
			return r, true
		}
	}
	return reading{}, false
}
