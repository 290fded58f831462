//go:build amd64 || arm64

package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// withoutGSO is an order for a program that finds itself on a system without UDP GSO.
func withoutGSO(program string) (order, error) {
	self, err := os.Executable()
	if err != nil {
		return order{}, fmt.Errorf("find this program: %w", err)
	}
	return order{path: self, args: []string{"plain", "--", program}}, nil
}

// plainCommand becomes another program. The option UDP_SEGMENT does not exist for it: a filter in the kernel (seccomp) says so when it asks.
type plainCommand struct {
	Words []string `arg:"" passthrough:""`
}

// Run does not return unless it fails.
func (c plainCommand) Run() error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	runtime.LockOSThread()
	// seccomp_data: the call's number at 0, its arguments from 16 on, 8 bytes each, low half first.
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	unless := func(value uint32, skip uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: value, Jf: skip}
	}
	answer := func(value uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: value}
	}
	filter := []unix.SockFilter{
		load(0), unless(unix.SYS_GETSOCKOPT, 5),
		load(24), unless(unix.SOL_UDP, 3),
		load(32), unless(unix.UDP_SEGMENT, 1),
		answer(unix.SECCOMP_RET_ERRNO | uint32(unix.ENOPROTOOPT)),
		answer(unix.SECCOMP_RET_ALLOW),
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("give up privileges: %w", err)
	}
	if _, _, fault := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&program))); fault != 0 {
		return fmt.Errorf("set the filter: %w", fault)
	}
	return syscall.Exec(words[0], words, os.Environ())
}

// canFanOut says why many viewers can't be measured here; nil if they can.
func canFanOut() error { return nil }
