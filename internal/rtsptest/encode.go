package rtsptest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// CacheDir is where clips are kept between runs: RTSP_VIEWER_CLIPS if it is set, else a folder of the user's cache, else
// one of the temporary folder.
func CacheDir() string {
	if dir := os.Getenv("RTSP_VIEWER_CLIPS"); dir != "" {
		return dir
	}
	base, err := os.UserCacheDir()
	if err != nil {
		base = os.TempDir()
	}
	return filepath.Join(base, "rtsp-viewer", "clips")
}

// Cached reports whether Prepare would find the clip without encoding it.
func Cached(dir string, s Spec) bool {
	s, err := s.withDefaults()
	if err != nil {
		return false
	}
	_, err = os.Stat(filepath.Join(dir, s.key()))
	return err == nil
}

// Prepare gives the clip of a spec, from the cache under dir or, the first time, drawn and encoded by FFmpeg (which must
// be in PATH) and put there. Any number of goroutines and processes may prepare the same clip: one encodes, the others
// wait for it. Spec faults and FFmpeg's are told; an encoding that was cut short leaves nothing in the cache.
func Prepare(ctx context.Context, dir string, s Spec) (*Clip, error) {
	s, err := s.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("prepare a clip: %w", err)
	}
	folder := filepath.Join(dir, s.key())
	if _, err := os.Stat(folder); err != nil {
		if err := encodeInto(ctx, dir, folder, s); err != nil {
			return nil, fmt.Errorf("prepare the clip %q: %w", s.Name, err)
		}
	}
	clip, err := loadClip(folder, s)
	if err != nil {
		// A machine that lost power may keep the folder and lose what was in it.
		if again := errors.Join(os.RemoveAll(folder), encodeInto(ctx, dir, folder, s)); again != nil {
			return nil, fmt.Errorf("prepare the clip %q anew: %w", s.Name, again)
		}
		clip, err = loadClip(folder, s)
	}
	if err != nil {
		return nil, fmt.Errorf("load the clip %q from %s: %w", s.Name, folder, err)
	}
	return clip, nil
}

// encodeInto makes the clip's folder: under another name first, so that it is there whole or not at all.
func encodeInto(ctx context.Context, dir, folder string, s Spec) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the cache: %w", err)
	}
	unlock, err := lockFile(ctx, folder+".lock")
	if err != nil {
		return fmt.Errorf("lock the cache: %w", err)
	}
	defer unlock()
	if _, err := os.Stat(folder); err == nil {
		return nil // somebody else made it while we waited
	}

	work, err := os.MkdirTemp(dir, "encoding-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(work)
	if !s.NoVideo {
		if err := encodeVideo(ctx, filepath.Join(work, videoFile(s)), s); err != nil {
			return err
		}
	}
	if s.Audio != "" {
		if err := encodeAudio(ctx, filepath.Join(work, audioFile), s); err != nil {
			return err
		}
	}
	if err := os.Rename(work, folder); err != nil {
		return fmt.Errorf("put the clip into the cache: %w", err)
	}
	return nil
}

const audioFile = "audio"

func videoFile(s Spec) string {
	if s.Codec == "mjpeg" {
		return "video.mjpeg"
	}
	return "video.ts"
}

func encodeVideo(ctx context.Context, file string, s Spec) error {
	p, err := newPainter(s)
	if err != nil {
		return err
	}
	args := []string{
		"-f", "rawvideo", "-pix_fmt", "rgba", "-video_size", fmt.Sprintf("%dx%d", s.Width, s.Height),
		"-framerate", strconv.Itoa(s.FPS), "-i", "pipe:0", "-an",
	}
	args = append(args, videoArgs(s)...)
	err = runFFmpeg(ctx, append(args, file), func(stdin io.Writer) error {
		for i := range s.frames() {
			if _, err := stdin.Write(p.frame(i).Pix); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("encode video: %w", err)
	}
	return nil
}

func videoArgs(s Spec) []string {
	rate := func(kbps int) string { return strconv.Itoa(kbps) + "k" }
	tv := []string{
		"-vf", "scale=out_color_matrix=bt709:out_range=tv", "-pix_fmt", "yuv420p",
		"-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
		"-b:v", rate(s.Kbps), "-maxrate", rate(s.Kbps * 3 / 2), "-bufsize", rate(s.Kbps),
		"-g", strconv.Itoa(s.GOP), "-bf", strconv.Itoa(s.BFrames),
	}
	// One slice a picture, like cameras; a keyframe exactly every GOP frames, each an IDR.
	switch s.Codec {
	case "mjpeg":
		// RFC 2435 knows the standard Huffman tables only.
		return []string{
			"-vf", "scale=out_range=pc", "-pix_fmt", "yuvj420p", "-c:v", "mjpeg", "-huffman", "default",
			"-q:v", "6", "-f", "mjpeg",
		}
	case "h265":
		params := fmt.Sprintf("keyint=%d:min-keyint=%d:scenecut=0:open-gop=0:repeat-headers=1:bframes=%d:b-adapt=0:info=0:log-level=error",
			s.GOP, s.GOP, s.BFrames)
		return append(tv, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", params, "-muxdelay", "0", "-f", "mpegts")
	default:
		params := fmt.Sprintf("keyint=%d:min-keyint=%d:scenecut=0:open-gop=0:b-adapt=0:sliced-threads=0:slices=1:force-cfr=1",
			s.GOP, s.GOP)
		args := append(tv, "-c:v", "libx264", "-preset", "veryfast", "-profile:v", s.Profile)
		if s.BFrames == 0 {
			args = append(args, "-tune", "zerolatency")
		} else {
			params += ":b-pyramid=none"
		}
		return append(args, "-x264-params", params, "-muxdelay", "0", "-f", "mpegts")
	}
}

// runFFmpeg runs the encoder to its end; feed writes its standard input.
func runFFmpeg(ctx context.Context, args []string, feed func(stdin io.Writer) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ffmpeg", append([]string{"-hide_banner", "-nostats", "-loglevel", "error", "-y"}, args...)...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("open FFmpeg's input: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start FFmpeg: %w", err)
	}
	fed := feed(stdin)
	if err := stdin.Close(); fed == nil && err != nil && !errors.Is(err, os.ErrClosed) {
		fed = err
	}
	if fed != nil {
		cancel() // half a clip is no clip
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("run FFmpeg: %w: %s", err, lastLine(complaint.String()))
	}
	return fed
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
