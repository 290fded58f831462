package rtsptest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// renderVersion is part of every clip's cache key: raise it when the drawing or the encoder's arguments change.
const renderVersion = 3

// Spec says what a camera shows. Zero values get the defaults named here.
type Spec struct {
	// Name is written large in the picture; Latin and Cyrillic. Default "Camera <Number>".
	Name string
	// Number goes into the pixel barcode, 0 to 255, and picks the scene and its colours.
	Number int
	// Width and Height in pixels, even, 160x90 to 3840x2160. Default 640x360.
	Width, Height int
	// FPS is frames a second, 1 to 60. Default 25.
	FPS int
	// GOP is the distance between keyframes in frames. Default one second.
	GOP int
	// Kbps is the video's bit rate in kbit/s. Default by size and frame rate, 800 for 640x360 at 25.
	Kbps int
	// Seconds is the length of the loop; it is rounded up to whole groups of pictures. Default 10.
	Seconds int
	// Codec is "h264" (default), "h265" or "mjpeg".
	Codec string
	// Profile is the H.264 profile: "baseline" (default; "main" with B-frames), "main" or "high".
	Profile string
	// BFrames is the number of B-frames between two others, 0 to 4; H.264 main or high, and H.265.
	BFrames int
	// Audio is "" (silent), "pcmu", "pcma", "opus" or "aac".
	Audio string
	// NoVideo leaves the sound alone; Audio must be set.
	NoVideo bool
}

// withDefaults fills the zero values and refuses what can't be encoded.
func (s Spec) withDefaults() (Spec, error) {
	if s.Number < 0 || s.Number > 255 {
		return s, fmt.Errorf("camera number %d: not in 0..255", s.Number)
	}
	if s.Name == "" {
		s.Name = fmt.Sprintf("Camera %d", s.Number)
	}
	s.Width, s.Height = orDefault(s.Width, 640), orDefault(s.Height, 360)
	s.FPS = orDefault(s.FPS, 25)
	s.GOP = orDefault(s.GOP, s.FPS)
	s.Seconds = orDefault(s.Seconds, 10)
	if s.Kbps == 0 {
		s.Kbps = min(max(800*s.Width*s.Height*s.FPS/(640*360*25), 100), 4000)
	}
	if s.Codec == "" {
		s.Codec = "h264"
	}
	if s.Profile == "" && s.Codec == "h264" {
		s.Profile = "baseline"
		if s.BFrames > 0 {
			s.Profile = "main"
		}
	}
	return s, s.validate()
}

func (s Spec) validate() error {
	switch {
	case s.Width < 160 || s.Width > 3840 || s.Height < 90 || s.Height > 2160 || s.Width%2+s.Height%2 != 0:
		return fmt.Errorf("picture size %dx%d: not even, or not in 160x90..3840x2160", s.Width, s.Height)
	case s.FPS < 1 || s.FPS > 60:
		return fmt.Errorf("%d frames a second: not in 1..60", s.FPS)
	case s.GOP < 1 || s.Seconds < 1 || s.frames() > maxFrames:
		return fmt.Errorf("loop of %d s with a keyframe every %d frames: not in 1..%d frames", s.Seconds, s.GOP, maxFrames)
	case s.Kbps < 16 || s.Kbps > 100_000:
		return fmt.Errorf("bit rate %d kbit/s: not in 16..100000", s.Kbps)
	case s.BFrames < 0 || s.BFrames > 4:
		return fmt.Errorf("%d B-frames: not in 0..4", s.BFrames)
	case s.BFrames > 0 && (s.Profile == "baseline" || s.Codec == "mjpeg"):
		return fmt.Errorf("B-frames in %s %s: impossible", s.Codec, s.Profile)
	case s.NoVideo && s.Audio == "":
		return fmt.Errorf("neither video nor audio: nothing to show")
	}
	switch s.Codec {
	case "h264":
		if s.Profile != "baseline" && s.Profile != "main" && s.Profile != "high" {
			return fmt.Errorf("H.264 profile %q: not baseline, main or high", s.Profile)
		}
	case "h265", "mjpeg":
		if s.Profile != "" {
			return fmt.Errorf("profile %q: only H.264 has one here", s.Profile)
		}
	default:
		return fmt.Errorf("codec %q: not h264, h265 or mjpeg", s.Codec)
	}
	switch s.Audio {
	case "", "pcmu", "pcma", "opus", "aac":
		return nil
	default:
		return fmt.Errorf("audio %q: not pcmu, pcma, opus or aac", s.Audio)
	}
}

// frames is the length of the loop in frames: whole groups of pictures, so that the seam is a keyframe like any other.
func (s Spec) frames() int {
	n := s.Seconds * s.FPS
	return (n + s.GOP - 1) / s.GOP * s.GOP
}

// duration is the length of the loop.
func (s Spec) duration() time.Duration {
	return time.Duration(s.frames()) * time.Second / time.Duration(s.FPS)
}

// key names the clip in the cache.
func (s Spec) key() string {
	text, err := json.Marshal(struct {
		Version int
		Spec    Spec
	}{renderVersion, s})
	if err != nil {
		panic(err) // a struct of strings and numbers always marshals
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

func orDefault(v, def int) int {
	if v == 0 {
		return def
	}
	return v
}
