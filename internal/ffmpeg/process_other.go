//go:build unix && !linux

package ffmpeg

import (
	"syscall"
	"time"
)

// attributes give a child its own process group. There is no parent-death signal here: its pipes and its input break with us.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// awaitExit returns when the child has ended, and leaves it to be reaped. Without waitid it asks whether the group still takes signals,
// which a zombie alone in its group does not.
func awaitExit(pid int) {
	for syscall.Kill(-pid, 0) == nil {
		time.Sleep(50 * time.Millisecond)
	}
}
