package main

import "golang.org/x/sys/unix"

// clock asks the kernel whether something keeps its clock right (adjtimex(2)).
func (d *doctor) clock() {
	var state unix.Timex // without modes: reading only
	switch _, err := unix.Adjtimex(&state); {
	case err != nil:
		d.tell("clock", findWarn, "the kernel does not say whether it is kept right: "+err.Error(), "")
	case state.Status&unix.STA_UNSYNC != 0:
		d.tell("clock", findWarn, "nothing keeps it right, as far as the kernel knows", "run an NTP client (Debian: apt install systemd-timesyncd); in a container: on its host")
	default:
		d.tell("clock", findOK, "kept right by NTP", "")
	}
}
