package peer

import (
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// take gets the next video frame in hand, sending on the way what sound there is; false if there is none yet.
func (s *sender) take(now time.Time) bool {
	if s.next != nil {
		if s.leave(); !s.shown {
			return false
		}
	}
	if s.turn != stay {
		s.replay(now)
	}
	if s.replaying && !s.held {
		s.jump(now)
	}
	for !s.held {
		f, ok := s.src.reader.Next()
		if !ok {
			s.settle()
			return false
		}
		if s.replaying && now.Sub(f.Arrived) < nearLive {
			s.settle()
		}
		if f.Track == relay.Audio {
			s.play(&f, now)
			continue
		}
		if s.passOver(&f, now) {
			continue
		}
		s.hold(f, now)
	}
	return true
}

func (s *sender) hold(f relay.Frame, now time.Time) {
	s.frame, s.held, s.sent = f, true, 0
	s.line = s.lanes[relay.Video].place(&f, now)
	if !s.replaying {
		bytes := f.Bytes
		if s.client.far() {
			_, behind := s.src.reader.Behind()
			bytes += behind
		}
		s.live = s.client.live(bytes)
	}
}

// play sends sound at once: it is small, and late sound is noise. In a replay there is none, but for what a running stream had not
// sent yet.
func (s *sender) play(f *relay.Frame, now time.Time) {
	l := &s.lanes[relay.Audio]
	if !s.plays || l.to == nil || f.First < l.read || (s.replaying && !l.set) {
		return
	}
	m := l.place(f, now)
	for i := range f.Packets {
		p := &f.Packets[i]
		s.count(l.send(p, f.First+uint64(i), m, s.sound, s.src.reader))
		s.credit.bytes -= float64(len(p.Payload))
	}
	if n := len(f.Packets); n > 0 {
		l.sent(m.at(f.Packets[n-1].Timestamp), now)
	}
}
