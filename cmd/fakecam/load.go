package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

// ticksPerSecond is USER_HZ, in which Linux tells processor time to programs; it is 100 on every architecture (time(7)).
const ticksPerSecond = 100

// reportLoad prints, until ctx ends, what the gateway's process took of the processor since the last line, and apart from it what the
// cameras (this process) did. 100 % is one core. Where /proc is not, it prints nothing.
func reportLoad(ctx context.Context, every time.Duration, gateway int, w io.Writer) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	last := time.Now()
	gatewayBefore, ok := processorTime(gateway)
	camerasBefore, ok2 := processorTime(os.Getpid())
	for ok && ok2 {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			g, stillThere := processorTime(gateway)
			c, _ := processorTime(os.Getpid())
			if !stillThere {
				return nil
			}
			passed := now.Sub(last)
			fmt.Fprintf(w, "  processor: gateway %.1f %%, simulated cameras %.1f %% (100 %% is one core)\n",
				percent(g-gatewayBefore, passed), percent(c-camerasBefore, passed))
			last, gatewayBefore, camerasBefore = now, g, c
		}
	}
	<-ctx.Done()
	return nil
}

func percent(used, passed time.Duration) float64 { return 100 * float64(used) / float64(passed) }

// processorTime gives the user and system time of a process so far, from /proc/PID/stat (proc(5), fields 14 and 15).
func processorTime(pid int) (time.Duration, bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, false
	}
	// The command's name, in brackets, may hold spaces; what follows the last bracket begins with field 3.
	_, rest, ok := bytes.Cut(text[bytes.LastIndexByte(text, ')')+1:], []byte(" "))
	fields := bytes.Fields(rest)
	if !ok || len(fields) < 13 {
		return 0, false
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			return 0, false
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, true
}
