// Package checks knows how every camera is doing, also those that nobody watches.
//
// It owns States, the way of what streams and sweeps find out to the records and to the event log, and Sweep, which asks the cameras that
// nobody watches whether they are there. It refuses to open a session or to send credentials for that, to speak against a stream that
// lives, and to write an event for each turn of a camera that flaps: those become one event with a count.
//
// States.Run and Sweep.Run are its goroutines; a sweep uses one more for each camera that is being asked, at most 512.
package checks
