package peer

import (
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// turn says that the picture must begin anew.
type turn uint8

const (
	stay   turn = iota
	join        // a new viewer: the kept frames with their own timestamps
	mend        // a viewer that lost its picture: the kept frames, squeezed into what its clock has left
	change      // another stream in the same tracks: as mend, on a clock that continues
)

const (
	// replayEvery is the least time between two replays for keyframe requests: browsers repeat theirs each 200 ms.
	replayEvery = 500 * time.Millisecond
	// keyframeSoon is how near the next keyframe must be for a request to wait for it: the viewer has a picture meanwhile.
	keyframeSoon = 400 * time.Millisecond
	// keyframeNext is the same for a viewer that has no picture yet. One that is not so near doesn't hold up the first picture: the
	// replay begins at once, and jumps to that keyframe when it has come.
	keyframeNext = 200 * time.Millisecond
	// jumpWorth is how much sooner live must be for a replay to jump: frames that are passed over are motion that nobody sees.
	jumpWorth = 100 * time.Millisecond
	// nearLive is the age below which a frame counts as of now.
	nearLive = 30 * time.Millisecond
)

// replay begins the picture anew from the newest keyframe that the relay has kept, if that brings it sooner than the next one will
// come.
func (s *sender) replay(now time.Time) {
	why := s.turn
	s.turn = stay
	if s.strait.narrow() && s.lanes[relay.Video].begun {
		s.thin = true // the line has no room for what is past
		return
	}
	first, ok := s.rewind()
	if !ok {
		return // none is kept: the next keyframe begins the picture
	}
	s.thin = false
	s.settle()
	frames, bytes := s.src.reader.Behind()
	frames, bytes = frames+1, bytes+first.Bytes

	age := max(now.Sub(first.Arrived), 0)
	s.own, s.floor = s.client.least(bytes, age)
	took := s.lasts(bytes, s.client.offer())
	soon := min(took, keyframeNext)
	if why == mend {
		soon = keyframeSoon
	}
	if due, ok := s.src.reader.KeyframeDue(); ok && due > 0 && age > 0 && due < soon {
		s.src.reader.SkipToLive()
		return
	}
	s.client.begin(now)
	s.replaying, s.asked, s.lastReplay = true, 0, now
	s.peer.tally.replays.Add(1)
	s.peer.counts.replays.Add(1)
	s.begin(first, age, took, frames, now)
}

// rewind moves the cursor to the newest kept keyframe and gives it.
func (s *sender) rewind() (first relay.Frame, ok bool) {
	if !s.src.reader.Rewind() {
		return first, false
	}
	for ok := true; first.Track != relay.Video || len(first.Packets) == 0; {
		if first, ok = s.src.reader.Next(); !ok {
			return first, false
		}
	}
	return first, true
}

// lasts is how long a replay of so many bytes takes at a pace, while the stream brings more.
func (s *sender) lasts(bytes int, pace float64) time.Duration {
	pace = min(max(pace, s.floor), burstPace)
	return time.Duration(float64(bytes) / max(pace-s.own, paceMin) * float64(time.Second))
}

// begin takes a replay's first frame in hand, of such an age. The replay will take so long, and frames are there already.
func (s *sender) begin(first relay.Frame, age, took time.Duration, frames int, now time.Time) {
	video := &s.lanes[relay.Video]
	video.pressed = false
	if video.begun {
		here := first.Timestamp + video.ticks(age) // the stream's clock now
		if !video.set {
			video.live, video.set = shift(here, video.passed(now, now)), true
		}
		video.compress(first.Timestamp, here+video.ticks(took), frames+int(took/(10*time.Millisecond)))
	}
	s.hold(first, now)
}

// jump takes a replay on to a keyframe that came while it went on, if that makes the viewer live sooner by enough to be worth the motion
// it passes over. So no replay, however slow its line, ends much later than the first picture without one would have come.
func (s *sender) jump(now time.Time) {
	frames, bytes, ok := s.src.reader.KeyframeAhead()
	if !ok || s.lasts(bytes, s.client.share()) < jumpWorth {
		return
	}
	first, ok := s.rewind()
	if !ok {
		return
	}
	s.peer.tally.dropped.Add(uint64(frames))
	// What is missing of the frames before is of no use any more; asked for again, it would delay the keyframe.
	s.forgetResends()
	s.since = s.lanes[relay.Video].next
	more, left := s.src.reader.Behind()
	s.begin(first, max(now.Sub(first.Arrived), 0), s.lasts(left+first.Bytes, s.client.share()), more+1, now)
}

// settle ends a replay: the viewer is live.
func (s *sender) settle() {
	if !s.replaying {
		return
	}
	s.replaying = false
	now := s.now()
	s.client.end(now.Sub(s.lastReplay))
	if s.peer.tally.caughtUp.Load() == 0 {
		s.peer.tally.caughtUp.Store(int64(max(now.Sub(s.opened), 1)))
	}
	s.report = now // the clock can be told now
}

// refresh answers a request for a keyframe. A camera can't be asked for one: it comes out of the ring, unless one is on its way.
func (s *sender) refresh() {
	now := s.now()
	if s.replaying || s.turn != stay || now.Sub(s.lastReplay) < replayEvery {
		return
	}
	if due, ok := s.src.reader.KeyframeDue(); ok && due > 0 && due < keyframeSoon {
		return
	}
	s.turn = join
	if s.lanes[relay.Video].begun {
		s.turn = mend
	}
}
