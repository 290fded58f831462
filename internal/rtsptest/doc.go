// Package rtsptest holds simulated RTSP cameras: real servers on real sockets, playing clips that were encoded once.
//
// It owns the clips (drawn in Go, encoded by FFmpeg, cached on disk), the camera that loops them on an absolute
// schedule, the faults a test asks for (killed, black-holed, paused, slowed, losing packets, jumping clocks, demanding a
// password) and the marks by which a picture is recognised at the other end: a pixel barcode, a running counter as text,
// and an SEI message with the counter and the time of sending.
//
// It refuses to encode while it plays: a camera that nobody watches costs nothing, and two hundred cameras share the
// memory of one clip.
//
// It runs, per camera and only inside Run: one goroutine that owns the server and its power switch, one that sends, and
// those of the gortsplib server.
package rtsptest
