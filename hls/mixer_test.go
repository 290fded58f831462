package hls

import (
	"math"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// bench is a mixer with its window and a clock that a test turns.
type bench struct {
	*mixer
	t    *testing.T
	w    *window
	now  time.Time
	skew time.Duration

	pictures, sounds int64 // given so far
}

const frame = videoRate / 25

func newBench(t *testing.T, l layout) *bench {
	b := &bench{t: t, now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	about := &description{video: true, lengthSize: 4}
	b.w = newWindow(1<<30, &budget{limit: 1 << 30}, func() time.Time { return b.now })
	zero := b.now
	b.w.begin(&generation{number: 1, about: about, layout: l, began: b.now, wall: func(pts int64) time.Time {
		return zero.Add(time.Duration(pts) * time.Second / videoRate)
	}})
	b.mixer = newMixer(b.w, l, about, b.now, func() time.Duration { return 40 * time.Millisecond }, func() time.Duration { return b.skew })
	return b
}

// show gives the next picture, a keyframe every second.
func (b *bench) show() {
	b.t.Helper()
	data := []byte{0, 0, 0, 2, 0x41, 0}
	key := b.pictures%25 == 0
	if key {
		data[4] = 0x65
	}
	if err := b.picture(sample{dts: b.pictures * frame, dur: frame, key: key, data: data}, b.now); err != nil {
		b.t.Fatal(err)
	}
	b.pictures++
}

// tone gives sound up to now.
func (b *bench) tone() {
	for (b.sounds+1)*audioFrame*videoRate/audioRate <= b.pictures*frame {
		b.hear(sample{dts: b.sounds * audioFrame, dur: audioFrame, data: []byte{1}}, b.now)
		b.sounds++
	}
}

// seconds plays for a while; with sound or without.
func (b *bench) seconds(n float64, step func()) {
	for range int(n * 25) {
		b.show()
		step()
		b.now = b.now.Add(40 * time.Millisecond)
		if due, ok := b.due(); ok && !due.After(b.now) {
			b.flush(b.now)
		}
	}
}

// out gives what is in the window, and holds that sound has no gaps and ends with the pictures.
func (b *bench) out() (video, audio []sample) {
	b.t.Helper()
	b.w.mu.Lock()
	b.w.closeOpen()
	for _, s := range b.w.segments {
		video, audio = append(video, s.video...), append(audio, s.audio...)
	}
	b.w.mu.Unlock()
	for i := 1; i < len(audio); i++ {
		if audio[i].dts != audio[i-1].end() {
			b.t.Fatalf("sound goes from %d to %d", audio[i-1].end(), audio[i].dts)
		}
	}
	if b.layout == picturesAndSound && len(video) > 0 {
		end := float64(video[len(video)-1].end())/videoRate - float64(audio[len(audio)-1].end())/audioRate
		if end < 0 || end > 0.03 {
			b.t.Fatalf("pictures end %v s after sound", end)
		}
	}
	return video, audio
}

func silent(audio []sample) (n int) {
	for _, a := range audio {
		if &a.data[0] == &silence[0] {
			n++
		}
	}
	return n
}

func TestSoundThatStopsNeverStopsThePictures(t *testing.T) {
	b := newBench(t, picturesAndSound)
	b.seconds(5, b.tone)
	_, audio := b.out()
	if n := silent(audio); n > 1 {
		t.Errorf("%d silent frames of %d while there is sound", n, len(audio))
	}
	b.seconds(10, func() {})
	video, audio := b.out()
	if behind := b.pictures*frame + int64(headStart.Seconds()*videoRate) - video[len(video)-1].end(); behind > frame {
		t.Errorf("%d pictures wait for sound that has stopped", behind/frame)
	}
	if n := silent(audio[len(audio)-7*46:]); n != 7*46 {
		t.Errorf("%d silent frames in seven seconds", n)
	}
	b.sounds = b.pictures * frame * audioRate / videoRate / audioFrame // it comes back
	b.seconds(5, b.tone)
	_, after := b.out()
	if n := silent(after[len(after)-4*46:]); n > 1 {
		t.Errorf("%d silent frames after the sound came back", n)
	}
}

func TestSoundThatNeverComesIsSilence(t *testing.T) {
	b := newBench(t, picturesAndSound)
	b.seconds(3, func() {})
	video, audio := b.out()
	if len(video) < 72 || silent(audio) != len(audio) {
		t.Errorf("%d pictures, %d of %d frames of sound are silent", len(video), silent(audio), len(audio))
	}
	q := newBench(t, pictures)
	q.seconds(3, q.tone)
	if video, audio := q.out(); len(video) != 75 || len(audio) != 0 {
		t.Errorf("without a track of sound: %d pictures, %d frames of sound", len(video), len(audio))
	}
}

func TestSoundThatIsLateIsWaitedForAndPutInItsPlace(t *testing.T) {
	b := newBench(t, picturesAndSound)
	heard := int64(0)
	b.seconds(6, func() { // 200 ms late
		for (heard+1)*audioFrame*videoRate/audioRate <= (b.pictures-5)*frame {
			b.hear(sample{dts: heard * audioFrame, dur: audioFrame, data: []byte{byte(heard), byte(heard >> 8)}}, b.now)
			heard++
		}
	})
	_, audio := b.out()
	lead := headStart.Seconds() * audioRate
	for i, a := range audio[5:] {
		if &a.data[0] == &silence[0] {
			t.Fatalf("frame %d is silent", i+5)
		}
		if at := (int64(a.data[0]) | int64(a.data[1])<<8) * audioFrame; math.Abs(float64(a.dts-at)-lead) > audioFrame {
			t.Fatalf("sound of %d is at %d", at, a.dts-int64(lead))
		}
	}
}

func TestAGapOfPicturesBreaksTheListAndNotItsTime(t *testing.T) {
	b := newBench(t, picturesAndSound)
	b.seconds(3, b.tone)
	b.pictures += 10 * 25 // ten seconds that never were
	b.now = b.now.Add(10 * time.Second)
	b.prolong(10 * videoRate)
	b.seconds(3, b.tone)
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	for _, s := range b.w.segments {
		if s.seconds() > 1 {
			t.Errorf("segment %d lasts %v s", s.seq, s.seconds())
		}
		if s.epoch == 1 && s.seq > 0 && b.w.find(s.seq-1) != nil && b.w.find(s.seq-1).epoch == 0 && !s.video[0].key {
			t.Error("the list goes on without a keyframe")
		}
	}
	if b.w.epoch != 1 {
		t.Errorf("%d discontinuities", b.w.epoch)
	}
}

// prolong makes the last picture last longer, as FFmpeg does when the next comes late. The gap begins before it was given.
func (b *bench) prolong(by int64) {
	last := sample{dts: (b.pictures - 250 - 1 + 1) * frame, dur: uint32(by), data: []byte{0, 0, 0, 2, 0x41, 0}}
	if err := b.picture(last, b.now); err != nil {
		b.t.Fatal(err)
	}
	b.pictures++
}

// drifting is a camera whose clocks run at their own pace.
type drifting struct {
	start  time.Time
	origin [2]uint32
	rate   [2]float64 // ticks per second of ours
	now    time.Time
}

func (d *drifting) read(t relay.Track) (uint32, time.Time) {
	return d.origin[t] + uint32(int64(d.now.Sub(d.start).Seconds()*d.rate[t])), d.now
}

func TestTimesStayTogetherForDaysOfDriftingClocks(t *testing.T) {
	cases := map[string]struct{ video, sound float64 }{ // by how many millionths they are fast
		"fast camera":                {300, 300},
		"slow camera":                {-300, -300},
		"fast pictures, slow sound":  {100, -100},
		"slow pictures, fast sound":  {-50, 150},
		"clocks as they ought to be": {0, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			start := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
			cam := &drifting{start: start, now: start, origin: [2]uint32{1<<32 - 1000, 1 << 31}}
			cam.rate = [2]float64{videoRate * (1 + c.video/1e6), 8000 * (1 + c.sound/1e6)}
			k := &clocks{read: cam.read, origin: func(t relay.Track) (uint32, bool) { return cam.origin[t], true }}
			k.tracks[relay.Video].rate, k.tracks[relay.Audio].rate = videoRate, 8000
			b := newBench(t, picturesAndSound)
			b.mixer.skew = k.skew
			b.mixer.usual = func() time.Duration { return time.Second }
			worst, worstSound := time.Duration(0), 0.0
			for at := time.Duration(0); at < 72*time.Hour; at += 15 * time.Second {
				cam.now = start.Add(at)
				k.follow()
				pts := int64(at.Seconds() * cam.rate[relay.Video])
				if off := k.wall(pts + int64(headStart.Seconds()*videoRate)).Sub(cam.now); max(off, -off) > worst {
					worst = max(off, -off)
				}
				b.hear(sample{dts: int64(at.Seconds() * cam.rate[relay.Audio] * 6), dur: audioFrame, data: []byte{1}}, b.now)
				// Where sound of now is put, beside pictures of now.
				placed := at.Seconds()*cam.rate[relay.Audio]/8000 + float64(b.shift)/audioRate
				worstSound = max(worstSound, math.Abs(placed-float64(pts)/videoRate))
				b.sound = b.sound[:0]
			}
			if worst > 20*time.Millisecond {
				t.Errorf("the time of pictures is up to %v wrong", worst)
			}
			if worstSound > 0.1 {
				t.Errorf("sound and pictures are up to %v s apart", worstSound)
			}
		})
	}
}
