package main

import "syscall"

// childAttributes puts a child into a process group of its own, which ends with us.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
