package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/ffmpeg"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

const (
	// stillMost bounds the making of a picture. The wait for its turn is bounded by probeMost alone: a look that was short leaves more time.
	stillMost = 6 * time.Second
	// picturesAtOnce are made at a time: they cost more than all the rest of a probe.
	picturesAtOnce = 2
	stillWidth     = 640 // at most, in pixels
)

// qualities of JPEG are tried until the picture is small enough (2 is the best, 31 the worst).
var qualities = []int{5, 12, 24}

// still makes a JPEG of the newest keyframe; nil if FFmpeg is missing, or does not know what it is.
func (p *Prober) still(ctx context.Context, f finding) ([]byte, error) {
	format, key := "", f.measure.key
	var picture []byte
	switch f.state.Media.Video.Name {
	case "H264":
		format, picture = "h264", relay.Keyframe{Packets: key.Packets}.AnnexB()
	case "H265":
		format = "hevc"
	case "JPEG":
		format = "mjpeg"
	}
	if format == "" || len(key.Packets) == 0 {
		return nil, nil
	}
	if picture == nil {
		picture = key.Packets[0].Payload
	}
	select {
	case p.pencils <- struct{}{}:
		defer func() { <-p.pencils }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, stillMost)
	defer cancel()
	for _, quality := range qualities {
		jpeg, err := p.draw(ctx, format, picture, quality)
		switch {
		case errors.Is(err, ffmpeg.ErrMissing):
			return nil, nil // the gateway says so where it matters
		case err != nil:
			return nil, err
		case len(jpeg) <= camera.MaxStill:
			return jpeg, nil
		}
	}
	return nil, nil
}

// draw has FFmpeg make one JPEG of one picture.
func (p *Prober) draw(ctx context.Context, format string, picture []byte, quality int) ([]byte, error) {
	file, err := os.CreateTemp("", "probe-")
	if err != nil {
		return nil, fmt.Errorf("make a file for a picture: %w", err)
	}
	defer file.Close() //nolint:errcheck // it is gone already
	if err := os.Remove(file.Name()); err != nil {
		return nil, fmt.Errorf("make a file for a picture: %w", err)
	}
	if _, err := file.Write(picture); err != nil {
		return nil, fmt.Errorf("write a picture: %w", err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("write a picture: %w", err)
	}
	process, err := p.ffmpeg.StartReading(file, 1,
		"-hide_banner", "-loglevel", "error", "-threads", "1", "-f", format, "-i", "pipe:0", "-frames:v", "1", "-an",
		"-vf", "scale='min("+strconv.Itoa(stillWidth)+",iw)':-2", "-pix_fmt", "yuvj420p", "-c:v", "mjpeg", "-q:v", strconv.Itoa(quality),
		"-f", "mjpeg", "pipe:1")
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, process.Kill)()
	defer process.Kill() // waits for its end
	jpeg, err := io.ReadAll(io.LimitReader(process.Outputs[0], 8<<20))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("read a picture: %w", err)
	case len(jpeg) == 0:
		return nil, fmt.Errorf("FFmpeg made no picture: %s", process.LastWords())
	}
	return jpeg, nil
}
