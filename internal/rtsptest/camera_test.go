package rtsptest_test

import (
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

func TestFramesRunOnOverTheSeam(t *testing.T) {
	cam := rtsptest.Start(t, small(7))
	r := watch(t, cam.URL())
	last := r.picture(t)
	for range 60 { // the loop has 25 frames
		next := r.picture(t)
		if next.counter != last.counter+1 {
			t.Fatalf("counter %d after %d", next.counter, last.counter)
		}
		if next.stamp-last.stamp != 3600 {
			t.Fatalf("frame %d: time stamp went on by %d", next.counter, next.stamp-last.stamp)
		}
		if next.keyframe != (next.counter%5 == 0) {
			t.Fatalf("frame %d: keyframe is %v", next.counter, next.keyframe)
		}
		if age := time.Since(next.sent); age < 0 || age > 5*time.Second {
			t.Fatalf("frame %d was sent %v ago", next.counter, age)
		}
		last = next
	}
}
