package hls

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"
)

// fill puts seconds of pictures of so many bytes into a window, 25 a second, a keyframe every gop.
func fill(w *window, from, seconds, gop, size int) {
	for i := from * 25; i < (from+seconds)*25; i++ {
		w.push(sample{dts: int64(i) * frame, dur: frame, key: i%gop == 0, data: make([]byte, size)}, nil)
	}
}

func smallWindow(limit int64, b *budget) *window {
	w := newWindow(limit, b, time.Now)
	w.begin(&generation{number: 1, about: &description{}, head: []byte("head"), wall: func(pts int64) time.Time { return time.Unix(0, pts*1e9/videoRate) }})
	return w
}

func TestAWindowKeepsToItsBounds(t *testing.T) {
	all := &budget{limit: 3 << 20}
	one := smallWindow(1<<20, all)
	fill(one, 0, 60, 500, 10_000) // 250 kB a second, a keyframe every 20 s
	if s := one.stats(); s.bytes > 1<<20 || s.bytes < 500<<10 || s.bytes != all.used.Load() {
		t.Errorf("%d bytes in the window, %d in all", s.bytes, all.used.Load())
	}
	var more []*window
	for range 5 {
		w := smallWindow(1<<20, all)
		fill(w, 0, 60, 500, 10_000)
		more = append(more, w)
	}
	fill(one, 60, 5, 500, 10_000)
	if used := all.used.Load(); used > all.limit+6*300<<10 {
		t.Errorf("%d bytes in all, bound %d", used, all.limit)
	}
	for _, w := range append(more, one) {
		if _, _, _, ok := w.list(course{}); !ok {
			t.Error("a list is empty")
		}
		w.discard()
	}
	if all.used.Load() != 0 {
		t.Errorf("%d bytes are left", all.used.Load())
	}
	idle := smallWindow(1<<30, &budget{limit: 1 << 30})
	fill(idle, 0, 300, 100, 1000)
	if s := idle.stats(); s.segments > 40 {
		t.Errorf("%d segments are kept without need", s.segments)
	}
}

func TestAPlayerBeginsWithTheKeyframeBehindTheTail(t *testing.T) {
	w := smallWindow(1<<30, &budget{limit: 1 << 30})
	fill(w, 0, 11, 100, 100) // keyframes at 0, 4, 8 s
	j, ok := w.join()
	if !ok || j.key != 8*videoRate || j.from < 11*videoRate-tailTicks || j.from > 11*videoRate-tailTicks+frame {
		t.Fatalf("%+v", j)
	}
	text, oldest, newest, _ := w.list(course{join: j})
	if oldest != j.seq || newest < oldest+1 || strings.Count(text, "#EXTINF") != int(newest-oldest+1) {
		t.Errorf("%d to %d:\n%s", oldest, newest, text)
	}
	p, ok := w.personal(j)
	if !ok {
		t.Fatal("its first segment is not there")
	}
	squeezed := 0
	for i, v := range p.video {
		if v.dur == squeezeStep {
			squeezed++
		}
		if i > 0 && v.dts != p.video[i-1].end() {
			t.Fatalf("picture %d is at %d, the one before ends at %d", i, v.dts, p.video[i-1].end())
		}
	}
	if want := int((j.from - j.key) / frame); squeezed != want {
		t.Errorf("%d pictures are squeezed, want %d", squeezed, want)
	}
	if got := float64(p.video[len(p.video)-1].end()-p.video[0].dts) / videoRate; got != j.seconds {
		t.Errorf("it lasts %v s, the list says %v", got, j.seconds)
	}
	// A keyframe that is too young is passed over for the one before.
	fill(w, 11, 2, 100, 100)
	if j, _ = w.join(); j.key != 8*videoRate {
		t.Errorf("a keyframe of %d s", j.key/videoRate)
	}
	// Whoever comes cuts nothing short that others play.
	want := len(w.segments)
	if w.join(); len(w.segments) != want || w.open == nil {
		t.Errorf("%d segments, were %d", len(w.segments), want)
	}
	// But where there is nothing else to begin with.
	w = smallWindow(1<<30, &budget{limit: 1 << 30})
	for i := range 5 {
		w.push(sample{dts: int64(i) * frame, dur: frame, key: i == 0, data: []byte{0}}, nil)
	}
	if j, ok := w.join(); !ok || len(w.segments) != 1 || j.key != 0 {
		t.Errorf("%+v, %d segments", j, len(w.segments))
	}
}

// TestAListIsAsLongAsItsSeconds has segments of any length.
func TestAListIsAsLongAsItsSeconds(t *testing.T) {
	w := smallWindow(1<<30, &budget{limit: 1 << 30})
	fill(w, 0, 20, 4, 100) // a keyframe cuts where a quarter of a second is there: after eight pictures
	text, oldest, newest, ok := w.list(course{})
	if seconds := float64(newest-oldest+1) * 8 / 25; !ok || seconds < listedTicks/videoRate || seconds > listedTicks/videoRate+.5 {
		t.Errorf("%v s:\n%s", seconds, text)
	}
	if kept := w.stats().segments; kept < 2*int(newest-oldest) {
		t.Errorf("%d segments kept, %d listed", kept, newest-oldest+1)
	}
}

func TestSqueezedPicturesKeepTheirOrder(t *testing.T) {
	// I P B B P B B … as they are decoded, with the times at which they are shown.
	w := smallWindow(1<<30, &budget{limit: 1 << 30})
	shown := func(i int) int { // of the i-th decoded
		if i == 0 {
			return 0
		}
		switch g := (i - 1) / 3 * 3; (i - 1) % 3 {
		case 0:
			return g + 3
		default:
			return g + (i-1)%3
		}
	}
	for i := range 100 {
		w.push(sample{dts: int64(i) * frame, dur: frame, cto: int32((shown(i) + 2 - i) * frame), key: i == 0, data: []byte{byte(shown(i))}}, nil)
	}
	j, ok := w.join()
	if !ok || j.key != 0 || j.from == 0 {
		t.Fatalf("%+v", j)
	}
	p, ok := w.personal(j)
	if !ok {
		t.Fatal("no first segment")
	}
	last := int64(-1 << 62)
	for order := range len(p.video) {
		for i, v := range p.video {
			if int(v.data[0]) != order {
				continue
			}
			if v.pts() <= last {
				t.Fatalf("picture %d is shown at %d, the one before it at %d", order, v.pts(), last)
			}
			last = v.pts()
			if v.cto < 0 {
				t.Fatalf("picture %d is shown before it is decoded", order)
			}
			if i > 0 && v.dts <= p.video[i-1].dts {
				t.Fatalf("picture %d is decoded too early", i)
			}
		}
	}
}

func TestNativeListsHoldWholeGroupsOnly(t *testing.T) {
	w := smallWindow(1<<30, &budget{limit: 1 << 30})
	if _, _, ok := w.nativeList(); ok {
		t.Error("a list of nothing")
	}
	fill(w, 0, 7, 75, 100)
	text, target, ok := w.nativeList()
	if !ok || target != 3 || strings.Count(text, "#EXTINF:3.00000,") != 2 || strings.Contains(text, "DISCONTINUITY") {
		t.Errorf("target %d:\n%s", target, text)
	}
	w.breakUp()
	fill(w, 9, 4, 75, 100)
	text, _, _ = w.nativeList()
	if strings.Count(text, "#EXT-X-DISCONTINUITY\n") != 1 || strings.Count(text, "#EXTINF") != 4 {
		t.Errorf("after a discontinuity:\n%s", text)
	}
}

func FuzzFragments(f *testing.F) {
	d := &description{video: true, ftyp: []byte("iso5"), mvhd: box("mvhd", make([]byte, 100)), lengthSize: 4}
	p := newPiece(1, []sample{{dts: 5, dur: 3600, key: true, data: []byte{0, 0, 0, 1, 0x65}}}, []sample{{data: silence}})
	var whole bytes.Buffer
	_ = p.writeTo(func(b []byte) error { whole.Write(b); return nil })
	f.Add(append(d.initSegment(picturesAndSound), whole.Bytes()...))
	f.Add(whole.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		_ = readTrack(bytes.NewReader(b), func(n news) bool { return true })
		if len(b) > 8 {
			_, _ = parseFragment(b[:len(b)/2], b[len(b)/2:], d)
		}
	})
}

// TestASegmentIsBoundWhateverItsTime has a camera whose clock stands.
func TestASegmentIsBoundWhateverItsTime(t *testing.T) {
	w := smallWindow(1<<20, &budget{limit: 1 << 30})
	most := int64(0)
	for i := range 1000 {
		w.push(sample{dts: int64(i), dur: 1, key: i == 0, data: make([]byte, 10_000)}, nil)
		most = max(most, w.stats().bytes)
	}
	if most > 1<<20 {
		t.Errorf("%d bytes are kept, bound %d", most, 1<<20)
	}
}

// TestNoSegmentIsLongerThanItsListSays has one that is longer by its squeezed pictures.
func TestNoSegmentIsLongerThanItsListSays(t *testing.T) {
	w := smallWindow(1<<30, &budget{limit: 1 << 30})
	fill(w, 0, 13, 1000, 100) // whole segments of 13 pictures
	long := int64(1.45 * videoRate)
	for i := range int64(2) {
		w.push(sample{dts: 13*videoRate + i*long, dur: uint32(long), data: []byte{0}}, nil)
	}
	j, ok := w.join()
	if !ok || j.seconds < 1.5 {
		t.Fatalf("%+v", j)
	}
	if text, _, _, _ := w.list(course{join: j}); !strings.Contains(text, "#EXT-X-TARGETDURATION:2\n") {
		t.Errorf("its first segment lasts %v s:\n%s", j.seconds, text)
	}
}

func TestFewRequestsOfAViewAreKeptWaiting(t *testing.T) {
	w := smallWindow(1<<30, &budget{limit: 1 << 30})
	fill(w, 0, 4, 25, 100)
	w.target = 60 // who waits waits for long
	s := &session{hls: &HLS{now: time.Now}, stream: &stream{window: w}, over: make(chan struct{})}
	_, next, _ := s.tryList()
	ctx, cancel := context.WithCancel(t.Context())
	ends := make(chan error, heldMost)
	for range heldMost {
		go func() {
			_, err := s.list(ctx, int64(next))
			ends <- err
		}()
	}
	held := func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.holding
	}
	for held() < heldMost {
		runtime.Gosched()
	}
	soon, late := context.WithTimeout(t.Context(), 3*time.Second)
	defer late()
	if text, err := s.list(soon, int64(next)); err != nil || text == "" {
		t.Errorf("one too many is kept waiting: %v", err)
	}
	cancel()
	for range heldMost {
		if err := <-ends; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if held() != 0 {
		t.Errorf("%d are counted still", held())
	}
}
