// Package hls shows cameras to players that only know HTTP: one FFmpeg per stream that somebody watches so, segments cut in memory,
// and a playlist for each view.
//
// It owns the way from the relay's loopback server through FFmpeg to fragments, the mixing of pictures and sound, the window of
// segments, the two playlists of a view (for hls.js; for players that follow RFC 8216 to the letter), and the secret paths below which
// they are served. A player of the first list begins with a segment of its own, in which the pictures since the keyframe are squeezed
// to a millisecond each, so that its first picture is there at once and 1.2 s old, whatever the distance of keyframes.
//
// It refuses to write files, to serve a list without a segment, to let a silent or stopped FFmpeg or a silent microphone stop the
// pictures, to transcode pictures, and to show anything without a view: a path dies with its view, and then says why; only where
// the view goes over to WebRTC it lives until that connects, 6 s at most and no longer than the view. Secrets of paths print redacted.
//
// It runs, inside Run only: one goroutine per watched stream, which owns its FFmpeg, one per pipe of a running FFmpeg, and one per view
// that waits for the view's end.
package hls
