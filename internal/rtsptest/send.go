package rtsptest

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/pion/rtp"
)

// lateness is how far the sender may be behind before it skips: a machine that slept must not replay its sleep.
const lateness = 3 * time.Second

// sender sends one camera's packets. It belongs to the goroutine in send.
type sender struct {
	cam       *Camera
	videoSeq  uint16
	audioSeq  uint16
	epoch     time.Time // of the timeline that the two positions below belong to
	slot      int64     // next video slot
	sound     int64     // next frame of sound
	positions bool      // slot and sound are valid
}

// send paces the frames until ctx ends. While nobody plays it sleeps, and no timer runs.
func (c *Camera) send(ctx context.Context) {
	s := &sender{cam: c, videoSeq: uint16(rand.Uint32()), audioSeq: uint16(rand.Uint32())}
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		var alarm <-chan time.Time
		if due, any := s.next(time.Now()); any {
			timer.Reset(time.Until(due))
			alarm = timer.C
		}
		select {
		case <-alarm:
			s.emit(time.Now())
		case <-c.wake:
		case <-ctx.Done():
			return
		}
	}
}

// next is when the next packet is due; false while nobody plays or the camera is paused.
func (s *sender) next(now time.Time) (due time.Time, any bool) {
	t, active := s.cam.schedule()
	if !active {
		s.positions = false
		return time.Time{}, false
	}
	if !s.positions || !s.epoch.Equal(t.epoch) {
		s.epoch, s.positions = t.epoch, true
		s.slot, s.sound = 0, 0
		if now.After(t.epoch) {
			s.skip(t, now)
		}
	}
	switch {
	case t.clip.audio == nil:
		return t.due(s.slot), true
	case len(t.clip.frames) == 0:
		return t.soundDue(s.sound), true
	}
	video, sound := t.due(s.slot), t.soundDue(s.sound)
	if sound.Before(video) {
		return sound, true
	}
	return video, true
}

// skip goes to what is due next after now.
func (s *sender) skip(t timeline, now time.Time) {
	if len(t.clip.frames) > 0 {
		s.slot = t.slotAt(now) + 1
	}
	if t.clip.audio != nil {
		s.sound = t.soundAt(now) + 1
	}
}

// emit sends all that is due.
func (s *sender) emit(now time.Time) {
	t, active := s.cam.schedule()
	if !active || !s.epoch.Equal(t.epoch) {
		return // next sees to it
	}
	if len(t.clip.frames) > 0 {
		if now.Sub(t.due(s.slot)) > lateness {
			s.skip(t, now)
		}
		for ; !t.due(s.slot).After(now); s.slot++ {
			s.sendFrame(t, s.slot)
		}
	}
	if t.clip.audio != nil {
		if now.Sub(t.soundDue(s.sound)) > lateness {
			s.skip(t, now)
		}
		for ; !t.soundDue(s.sound).After(now); s.sound++ {
			s.sendSound(t, s.sound)
		}
	}
}

func (s *sender) sendFrame(t timeline, slot int64) {
	station := s.cam.station.Load()
	if station == nil || s.cam.blinded() {
		return
	}
	f, display := t.frame(slot)
	sent := SentFrame{
		Counter: t.counter + uint64(display), Frame: f.display, RTP: t.videoStamp(display),
		Sent: time.Now(), Keyframe: f.keyframe, Bytes: f.size,
	}
	lost := s.cam.losses(s.packets(t, f))

	write := func(payload []byte, marker bool) {
		seq := s.videoSeq
		s.videoSeq++
		if lost > 0 {
			lost--
			return
		}
		station.writeVideo(&rtp.Packet{Header: rtp.Header{
			Version: 2, PayloadType: station.videoType, SequenceNumber: seq, Timestamp: sent.RTP, Marker: marker,
		}, Payload: payload}, sent.Sent)
	}
	for _, set := range f.sets {
		write(set, false)
	}
	if header := seiHeader(t.clip.spec.Codec); header != nil {
		write(newSEI(header, sent.Counter, sent.Sent), false)
	}
	for i, p := range f.payloads {
		write(p, i == len(f.payloads)-1)
	}
	s.cam.sent(sent)
}

// packets is how many a frame takes.
func (s *sender) packets(t timeline, f *frame) int {
	n := len(f.sets) + len(f.payloads)
	if seiHeader(t.clip.spec.Codec) != nil {
		n++
	}
	return n
}

func seiHeader(codec string) []byte {
	switch codec {
	case "h264":
		return []byte{6}
	case "h265":
		return []byte{39 << 1, 1}
	default:
		return nil
	}
}

func (s *sender) sendSound(t timeline, n int64) {
	station := s.cam.station.Load()
	if station == nil {
		return
	}
	frames := t.clip.audio.frames
	station.writeAudio(&rtp.Packet{Header: rtp.Header{
		// RFC 3551: in a stream without silences a marker says nothing; AAC (RFC 3640) wants it on each whole frame.
		Version: 2, PayloadType: station.audioType, SequenceNumber: s.audioSeq, Timestamp: t.soundStamp(n),
		Marker: t.clip.audio.config != nil,
	}, Payload: frames[n%int64(len(frames))]}, time.Now())
	s.audioSeq++
}

// schedule is the timeline as it stands, and whether anything is to be sent at all.
func (c *Camera) schedule() (t timeline, active bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.timeline, len(c.playing) > 0 && !c.faults.paused
}

func (c *Camera) blinded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.faults.blind
}

// losses takes up to n packets from those still to be lost.
func (c *Camera) losses(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n = min(n, c.faults.drop)
	c.faults.drop -= n
	return n
}

// sent remembers a frame.
func (c *Camera) sent(f SentFrame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Frames++
	c.recent.add(f)
}
