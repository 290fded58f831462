package hls

import (
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

// Faults that hls gives, beside those of viewers.Open.
var (
	ErrNoFFmpeg = fault.New(fault.Unavailable, "hls.no_ffmpeg",
		"the gateway has no FFmpeg that it can use; install the package ffmpeg (4.4 or newer, with RTSP and AAC) on its machine")
	ErrFFmpeg  = fault.New(fault.Unavailable, "hls.ffmpeg_failed", "FFmpeg gives no pictures of this camera yet")
	ErrNotLive = fault.New(fault.Unavailable, "camera.connecting", "the camera does not send pictures yet")
	ErrStream  = fault.New(fault.Invalid, "request.stream", "stream is main or sub")
	// ErrNoPath says that no view has this path, or that what was asked for is not kept (any more): open anew.
	ErrNoPath = fault.New(fault.NotFound, "hls.not_found", "no such playlist or segment")
	ErrMethod = fault.New(fault.Unsupported, "request.method", "only GET and HEAD")

	// ErrStalled says that the session with the camera stands and no pictures come: those of before are not shown to whoever comes now.
	ErrStalled = fault.New(fault.Unavailable, "camera.stalled", "the camera sends no pictures at present")

	// errNumber is for a list that nobody can wait for (draft-pantos-hls-rfc8216bis, 6.2.5.2).
	errNumber = fault.New(fault.Invalid, "request.invalid", "some fields are wrong").At(wantedNumber, "range")

	errEnded = fault.New(fault.Gone, viewers.CodeClosed, "the view has ended")
)

// refusalOf gives the fault of a stream that can't be shown by HLS as it is; nil if it can, or if that is not known yet.
func refusalOf(s relay.State) *fault.Error {
	if s.Status != relay.Unsupported || s.Code == relay.CodeBFrames {
		return nil
	}
	detail := "the camera sends no pictures"
	switch s.Code {
	case relay.CodeCodec:
		detail = "HLS needs H.264, and the camera sends something else"
	case relay.CodeNoKeyframe:
		detail = "the camera sends no keyframe to begin with"
	}
	f := fault.New(fault.Unsupported, s.Code, detail)
	for k, v := range s.Params {
		f = f.With(k, v)
	}
	return f
}

// lateFault gives the fault of a stream that shows nothing in time: what its state says, as far as it is a reason.
func lateFault(s relay.State, broken bool) *fault.Error {
	switch {
	case s.Code != "" && s.Code != relay.CodeBFrames:
		return fault.New(fault.Unavailable, s.Code, ErrNotLive.Detail)
	case s.Status == relay.Stalled:
		return ErrStalled
	case broken:
		return ErrFFmpeg
	default:
		return ErrNotLive
	}
}

// endFault is how a request is answered whose view has ended.
func endFault(end viewers.End) *fault.Error {
	if end.Code == viewers.CodeStopping {
		return viewers.ErrStopping
	}
	code := end.Code
	if code == "" {
		code = errEnded.Code
	}
	f := fault.New(fault.Gone, code, errEnded.Detail)
	for k, v := range end.Params {
		f = f.With(k, v)
	}
	return f
}
