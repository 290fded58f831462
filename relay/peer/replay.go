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
	// keyframeSoon is how near the next keyframe must be for a request to wait for it.
	keyframeSoon = 400 * time.Millisecond
	// nearLive is the age below which a frame counts as of now.
	nearLive = 30 * time.Millisecond
)

// replay begins the picture anew from the newest keyframe that the relay has kept, if that brings it sooner than the next one will
// come.
func (s *sender) replay(now time.Time) {
	why := s.turn
	s.turn = stay
	r := s.src.reader
	if !r.Rewind() {
		return // none is kept: the next keyframe begins the picture
	}
	var first relay.Frame
	for ok := true; first.Track != relay.Video || len(first.Packets) == 0; {
		if first, ok = r.Next(); !ok {
			return
		}
	}
	s.settle()
	frames, bytes := r.Behind()
	frames, bytes = frames+1, bytes+first.Bytes

	age := max(now.Sub(first.Arrived), 0)
	s.own = float64(bytes) / max(age.Seconds(), 0.2)
	s.floor = 2 * s.own // slower, and live would run away
	pace := min(max(s.client.offer(), s.floor), burstPace)
	took := time.Duration(float64(bytes) / max(pace-s.own, paceMin) * float64(time.Second))
	if due, ok := r.KeyframeDue(); ok && due > 0 && age > 0 && (due < took || (why == mend && due < keyframeSoon)) {
		r.SkipToLive()
		return
	}
	s.client.begin(now)
	s.replaying, s.asked, s.lastReplay = true, 0, now
	s.peer.tally.replays.Add(1)
	s.peer.counts.replays.Add(1)

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
