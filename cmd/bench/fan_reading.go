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
