package rtsptest_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// grab plays a camera with FFmpeg and decodes some frames of it, scaled to a width.
func grab(t *testing.T, url string, frames, width int) []image.Image {
	t.Helper()
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "ffmpeg", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-analyzeduration", "200000", "-i", url,
		"-vf", fmt.Sprintf("scale=%d:-2", width), "-vsync", "passthrough",
		"-frames:v", fmt.Sprint(frames), filepath.Join(dir, "%03d.png")).CombinedOutput()
	if err != nil {
		t.Fatalf("decode %s: %v: %s", url, err, out)
	}
	var pictures []image.Image
	for i := range frames {
		text, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%03d.png", i+1)))
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, img)
	}
	return pictures
}

// TestPictureIsRecognised decodes what the cameras send and reads the barcode: every codec, in order of display, also
// when the picture comes small.
func TestPictureIsRecognised(t *testing.T) {
	for _, change := range []struct {
		name  string
		width int
		spec  func(*rtsptest.Spec)
	}{
		{"baseline", 320, func(*rtsptest.Spec) {}},
		{"scaled down", 200, func(*rtsptest.Spec) {}},
		{"scaled up", 854, func(*rtsptest.Spec) {}},
		{"starved", 320, func(s *rtsptest.Spec) { s.Kbps = 60 }},
		{"high with B-frames", 320, func(s *rtsptest.Spec) { s.Profile, s.BFrames = "high", 2 }},
		{"H.265", 320, func(s *rtsptest.Spec) { s.Codec = "h265" }},
		{"JPEG", 320, func(s *rtsptest.Spec) { s.Codec = "mjpeg" }},
	} {
		t.Run(change.name, func(t *testing.T) {
			t.Parallel() // FFmpeg takes its time to be sure of a stream
			spec := small(201)
			change.spec(&spec)
			cam := rtsptest.Start(t, spec)
			last := -1
			for i, img := range grab(t, cam.URL(), 12, change.width) {
				number, frame, ok := rtsptest.ReadBarcode(img)
				if !ok && last < 0 && i < spec.GOP && spec.Codec == "h265" {
					continue // FFmpeg shows grey until the first keyframe
				}
				if !ok || number != 201 || frame > 24 {
					t.Fatalf("picture %d: number %d, frame %d, %v", i, number, frame, ok)
				}
				if last >= 0 && frame != (last+1)%25 {
					t.Fatalf("picture %d: frame %d after %d", i, frame, last)
				}
				last = frame
			}
		})
	}
}

func TestBarcodeRefusesWhatIsNone(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 320, 180))
	if _, _, ok := rtsptest.ReadBarcode(img); ok {
		t.Error("black is read as a barcode")
	}
	for _, frame := range []int{0, 1, 255, 256, 65535} {
		rtsptest.DrawBarcode(img, 42, frame)
		number, got, ok := rtsptest.ReadBarcode(img)
		if !ok || number != 42 || got != frame {
			t.Errorf("frame %d is read as %d, number %d, %v", frame, got, number, ok)
		}
	}
	// One cell of the number turned over.
	for y := 162; y < 171; y++ {
		for x := 53; x < 66; x++ {
			r, _, _, _ := img.At(x, y).RGBA()
			c := image.White.C
			if r > 0x8000 {
				c = image.Black.C
			}
			img.Set(x, y, c)
		}
	}
	if _, _, ok := rtsptest.ReadBarcode(img); ok {
		t.Error("a damaged barcode is read")
	}
}

func TestClipIsEncodedOnce(t *testing.T) {
	dir := t.TempDir()
	spec := small(3)
	spec.Width, spec.Height = 160, 90
	if rtsptest.Cached(dir, spec) {
		t.Fatal("an empty folder has the clip")
	}
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if _, err := rtsptest.Prepare(t.Context(), dir, spec); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if !rtsptest.Cached(dir, spec) {
		t.Fatal("the clip is not in the cache")
	}
	before := modified(t, dir)
	if len(before) != 1 {
		t.Fatalf("the cache holds %v", before)
	}
	if _, err := rtsptest.Prepare(t.Context(), dir, spec); err != nil {
		t.Fatal(err)
	}
	for name, at := range modified(t, dir) {
		if before[name] != at {
			t.Errorf("%s was made again", name)
		}
		if err := os.Truncate(name, 0); err != nil {
			t.Fatal(err)
		}
	}
	if clip, err := rtsptest.Prepare(t.Context(), dir, spec); err != nil || clip.Frames() != 25 {
		t.Errorf("a damaged clip is not made again: %v", err)
	}
}

// modified is every video in the cache with the time of its making.
func modified(t *testing.T, dir string) map[string]time.Time {
	t.Helper()
	found := map[string]time.Time{}
	files, err := filepath.Glob(filepath.Join(dir, "*", "video.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		found[name] = info.ModTime()
	}
	return found
}

func TestCutShortLeavesNoClip(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := rtsptest.Prepare(ctx, dir, small(4)); err == nil {
		t.Fatal("a clip came out of nothing")
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range left {
		if !strings.HasSuffix(entry.Name(), ".lock") {
			t.Errorf("%s is left", entry.Name())
		}
	}
}

func TestSpecIsChecked(t *testing.T) {
	for name, spec := range map[string]rtsptest.Spec{
		"number":   {Number: 256},
		"odd size": {Width: 321, Height: 180},
		"codec":    {Codec: "theora"},
		"audio":    {Audio: "mp3"},
		"nothing":  {NoVideo: true},
		"B-frames": {Profile: "baseline", BFrames: 2},
		"too long": {Seconds: 1 << 20},
	} {
		if _, err := rtsptest.Prepare(t.Context(), t.TempDir(), spec); err == nil {
			t.Errorf("%s: not refused", name)
		}
	}
}

func TestParameterSetsAreInTheSDPAndBeforeEachKeyframe(t *testing.T) {
	spec := small(5)
	spec.Profile = "high"
	r := watch(t, rtsptest.Start(t, spec).URL())
	f, ok := r.desc.Medias[0].Formats[0].(*format.H264)
	if !ok {
		t.Fatalf("format %T", r.desc.Medias[0].Formats[0])
	}
	var sps h264.SPS
	if err := sps.Unmarshal(f.SPS); err != nil {
		t.Fatal(err)
	}
	if sps.Width() != 320 || sps.Height() != 180 || sps.ProfileIdc != 100 {
		t.Fatalf("SPS says %dx%d, profile %d", sps.Width(), sps.Height(), sps.ProfileIdc)
	}
	for r.packet(t).Payload[0]&0x1f != 7 {
	}
	if p := r.packet(t); !bytes.Equal(p.Payload, f.PPS) {
		t.Errorf("after the SPS comes % x, not the PPS", p.Payload[:1])
	}
	if _, _, ok := rtsptest.ParseSEI(r.packet(t).Payload); !ok {
		t.Error("after the PPS comes no SEI")
	}
}

func TestBFramesAreReordered(t *testing.T) {
	spec := small(6)
	spec.BFrames = 2
	spec.GOP = 25
	r := watch(t, rtsptest.Start(t, spec).URL())
	seen := map[uint64]uint32{}
	back := 0
	last := r.picture(t)
	for range 60 {
		next := r.picture(t)
		seen[next.counter] = next.stamp
		if int32(next.stamp-last.stamp) < 0 {
			back++
		}
		if int64(int32(next.stamp-last.stamp)) != (int64(next.counter)-int64(last.counter))*3600 {
			t.Fatalf("from picture %d to %d the time stamp goes by %d", last.counter, next.counter, int32(next.stamp-last.stamp))
		}
		last = next
	}
	if back < 10 {
		t.Errorf("time stamps turn back %d times in 60 frames", back)
	}
	if len(seen) != 60 {
		t.Errorf("%d different pictures of 60", len(seen))
	}
}

func TestSoundRunsOn(t *testing.T) {
	for audio, want := range map[string]struct {
		step uint32
		size func(int) bool
	}{
		"pcmu": {160, func(n int) bool { return n == 160 }},
		"pcma": {160, func(n int) bool { return n == 160 }},
		"opus": {960, func(n int) bool { return n > 0 }},
		"aac":  {1024, func(n int) bool { return n > 4 }},
	} {
		t.Run(audio, func(t *testing.T) {
			t.Parallel()
			spec := small(8)
			spec.Audio, spec.NoVideo = audio, true
			r := watch(t, rtsptest.Start(t, spec).URL())
			last := r.packet(t)
			for range 70 { // the loop has about 50 frames
				next := r.packet(t)
				if next.Timestamp-last.Timestamp != want.step || next.SequenceNumber != last.SequenceNumber+1 {
					t.Fatalf("time stamp goes by %d, sequence number by %d",
						next.Timestamp-last.Timestamp, next.SequenceNumber-last.SequenceNumber)
				}
				if !want.size(len(next.Payload)) {
					t.Fatalf("%d bytes of sound", len(next.Payload))
				}
				last = next
			}
		})
	}
}

func TestSEISurvivesZeros(t *testing.T) {
	// The counter of a young camera is full of zeros, which would look like start codes.
	r := watch(t, rtsptest.Start(t, small(9)).URL())
	for {
		p := r.packet(t)
		if _, _, ok := rtsptest.ParseSEI(p.Payload); !ok {
			continue
		}
		for i := range len(p.Payload) - 2 {
			if p.Payload[i] == 0 && p.Payload[i+1] == 0 && p.Payload[i+2] < 3 {
				t.Fatalf("a start code within % x", p.Payload)
			}
		}
		return
	}
}
