//go:build unix && !linux

package main

import "syscall"

// childAttributes put the gateway into a process group of its own.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
