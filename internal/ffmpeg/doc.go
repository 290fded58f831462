// Package ffmpeg runs FFmpeg as a child that can't be forgotten.
//
// It owns the child's life: a process group of its own, pipes for its outputs, a bounded tail of what it says on stderr (without any
// address), TERM then KILL at the end, and a goroutine that waits for it, always. A child dies with the gateway, however that dies: it
// is started from an OS thread that lives as long as the child does, since the kernel ties the parent-death signal to the thread.
//
// It refuses to hand on the gateway's environment, which holds keys, and to tell an address that FFmpeg wrote on stderr. It knows
// nothing of cameras or HLS.
//
// It runs, per child, one goroutine that starts it and waits for it, and one that reads its stderr.
package ffmpeg
