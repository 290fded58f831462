// Package probe finds out what a camera sends, which way to the browser will carry it, and what to change in its settings if none does.
//
// It owns the look at a camera (how long, until when, what is measured), the passport that comes of it, the picture in it, and jobs that
// probe many cameras one after another. It refuses to open a second session beside a stream that lives: it looks through that; to dial
// with credentials that a camera has just refused, unless a person asks; to keep anybody waiting for more than 20 s; and to tell an address or a
// password to anybody. What WebRTC and HLS carry is decided where they are, by relay and hls.
//
// It runs, inside Run only: for each job that goes on, one goroutine that hands out its cameras and one for each of at most 8 that are being
// looked at. A single probe runs in its caller's.
package probe
