package main

import (
	"fmt"
	"io"
	"time"
)

// tell prints a reading for who watches the run.
func (r reading) tell(w io.Writer) {
	fmt.Fprintf(w, "%-24s %-16s ", r.scenario, r.system)
	if r.err != nil {
		fmt.Fprintf(w, "failed: %v\n", r.err)
		return
	}
	if r.cpu == 0 {
		fmt.Fprintf(w, "%s came: connect %s, first %s, live %s\n", r.came(), two(spreadOf(r.joined, connectOf)), two(spreadOf(r.joined, firstOf)), two(spreadOf(r.joined, liveOf)))
		if r.window.Frames > 0 {
			fmt.Fprintf(w, "  %d pictures, lost %d, age %s / %s, asked again %d\n", r.window.Frames, r.window.Lost, us(r.window.Median), us(r.window.P99), r.window.Resends)
		}
		for _, why := range faults(r.joined) {
			fmt.Fprintf(w, "  fault: %s\n", why)
		}
		return
	}
	fmt.Fprintf(w, "%d cameras, %d viewers: %6.2f ms", r.cameras, r.viewers, per(r.cpu, 1))
	if r.viewers > 0 {
		fmt.Fprintf(w, ", per viewer %.2f", r.perViewer())
	}
	fmt.Fprintf(w, ", per camera %.2f; %s", r.perCamera(), mb(r.memory))
	if r.heap > 0 {
		fmt.Fprintf(w, " (heap %s, rings %s), %.2f calls", mb(r.heap), mb(r.ring), r.calls)
	}
	if len(r.joined) > 0 {
		fmt.Fprintf(w, "; %s came: connect %s, live %s", r.came(), two(spreadOf(r.joined, connectOf)), two(spreadOf(r.joined, liveOf)))
	}
	if r.window.Frames > 0 {
		fmt.Fprintf(w, "; age %s / %s, lost %d of %d, asked again %d", us(r.window.Median), us(r.window.P99), r.window.Lost, r.window.Frames, r.window.Resends)
	}
	if r.sessions > 0 {
		fmt.Fprintf(w, ", sessions %d", r.sessions)
	}
	fmt.Fprintf(w, "; crowd %.0f %%, machine %.0f %%, others %.0f %%\n", 100*r.window.CPU.Seconds()/max(r.window.Took.Seconds(), 0.001), 100*r.busy, 100*r.others)
	if (r.window.Silent > 0 && r.window.Frames > 0) || r.window.Ended > 0 {
		fmt.Fprintf(w, "  of %d viewers %d saw nothing, %d were hung up on\n", r.window.Viewers, r.window.Silent, r.window.Ended)
	}
	for _, why := range faults(r.joined) {
		fmt.Fprintf(w, "  fault: %s\n", why)
	}
}

// came counts viewers who came and were live.
func (r reading) came() string {
	good := 0
	for _, o := range r.joined {
		if o.Fault == "" {
			good++
		}
	}
	if good < len(r.joined) {
		return fmt.Sprintf("%d of %d", good, len(r.joined))
	}
	return fmt.Sprint(good)
}

// mb is a size in megabytes.
func mb(bytes int64) string { return fmt.Sprintf("%.0f MB", float64(bytes)/1e6) }

// us is a short time in milliseconds.
func us(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond)) }
