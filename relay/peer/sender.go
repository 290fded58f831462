package peer

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/pion/rtcp"

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
	// reportEvery is the time between sender reports, give or take a fifth.
	reportEvery = 1500 * time.Millisecond
	// maxQueued bounds the resends that wait for their turn.
	maxQueued = 1024
)

// sender brings a stream to one viewer. It is one goroutine's: what others want of it comes by channels.
//
// It works frame by frame: all packets of one frame to one viewer lie side by side, so that a frame can become one system call.
type sender struct {
	peer  *Peer
	now   func() time.Time
	src   source
	next  *source // to switch to when the frame in hand is sent
	lanes [2]lane

	open      bool // the transport is up
	turn      turn
	replaying bool
	away      bool // the transport was up, and is not
	path      path // of the viewer, since it connected
	client    *client
	batch     *batch // nil over TCP
	rtt       time.Duration

	frame relay.Frame // in hand while held
	held  bool
	sent  int // packets of it
	line  line
	pt    uint8       // of video
	codec relay.Codec // of the stream's sound
	sound uint8       // payload type of it
	plays bool        // the viewer took it

	credit  credit
	resends credit
	floor   float64 // least pace of the present replay, bytes a second
	asked   int     // packets asked for again in the present replay

	queue  []uint16     // video packets to resend
	queued [1024]uint64 // a bit for each sequence number in queue

	opened     time.Time
	lastReplay time.Time
	report     time.Time
	dropped    uint64 // by the reader, seen so far
}

// run serves until ctx ends or the transport is lost for good.
func (s *sender) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	defer func() {
		s.release()
		if s.next != nil {
			s.next.reader.Close()
		}
		s.src.reader.Close()
	}()
	for {
		now := s.now()
		s.observe()
		wait := s.step(now)
		if until := s.reports(now); s.open && (wait == 0 || until < wait) {
			wait = until
		}
		if wait > 0 {
			timer.Reset(wait)
		} else {
			timer.Stop()
		}
		select {
		case <-ctx.Done():
			return
		case <-s.src.reader.Ready():
		case <-timer.C:
		case f := <-s.peer.feedback:
			s.hear(f)
		case src := <-s.peer.switches:
			s.change(src)
		case <-s.peer.moved:
			if !s.follow() {
				return
			}
		}
	}
}

// follow reacts to the transport's state; false when it is over.
func (s *sender) follow() bool {
	switch s.peer.connection() {
	case Failed, Closed:
		return false
	case Connected:
		s.connect()
	default:
		s.away = s.open
	}
	return true
}

// connect begins to send, or goes on over another path.
func (s *sender) connect() {
	path, ok := s.peer.path()
	if !ok && s.open {
		return
	}
	if ok {
		s.rtt = path.rtt
		s.peer.setProtocol(path.protocol)
	}
	if s.path.remote != path.remote || s.client == nil {
		s.move(path)
	}
	switch {
	case !s.open:
		s.open, s.turn, s.opened = true, join, s.now()
		s.report = s.opened.Add(reportEvery)
	case s.away && s.lanes[relay.Video].begun:
		s.turn = mend // what was sent meanwhile is lost
	}
	s.away = false
}

// move takes another address of the viewer.
func (s *sender) move(to path) {
	client := s.peer.clients.acquire(to.remote.Addr(), s.now())
	if s.replaying {
		client.begin(s.now())
	}
	s.release()
	s.client, s.path = client, to
	if to.protocol == "udp" {
		s.batch = s.peer.endpoint.batches.join(to.remote)
	}
}

// release gives up what belongs to the viewer's address.
func (s *sender) release() {
	if s.batch != nil {
		s.batch.flush()
		s.peer.endpoint.batches.leave(s.batch)
		s.batch = nil
	}
	if s.client != nil {
		if s.replaying {
			s.client.end()
		}
		s.peer.clients.release(s.client, s.now())
		s.client = nil
	}
}

// observe passes on what has changed about the stream.
func (s *sender) observe() {
	state := s.src.reader.State()
	if codec := state.Media.Audio; codec != s.codec {
		s.codec, s.plays = codec, false
		if l := &s.lanes[relay.Audio]; l.to != nil && codec.WebRTC() {
			s.sound, s.plays = l.to.payloadType(codec)
			l.rate = uint32(codec.ClockRate)
		}
	}
	s.peer.observe(s.src.key, state, s.plays)
	if dropped := s.src.reader.Dropped(); dropped != s.dropped {
		s.peer.tally.dropped.Add(dropped - s.dropped)
		s.dropped = dropped
	}
}

// change takes another stream, as soon as no frame is half sent.
func (s *sender) change(src source) {
	if s.next != nil {
		s.next.reader.Close()
	}
	s.next = &src
	if !s.open {
		s.leave()
	}
}

func (s *sender) leave() {
	old := s.src.reader
	s.src, s.next = *s.next, nil
	s.dropped = s.src.reader.Dropped()
	for i := range s.lanes {
		s.lanes[i].leave(old)
	}
	s.forgetResends()
	old.Close()
	if s.open {
		s.settle()
		s.turn = change
	}
	s.observe()
}

// step sends what may go now. It gives the time until more may go, or 0 if there is nothing more to send.
func (s *sender) step(now time.Time) time.Duration {
	if !s.open {
		return 0
	}
	s.resends.fill(now, resendPace, resendBurst)
	// What follows is at most a burst: it goes to the kernel in one piece for each run of packets of one size.
	s.batch.begin()
	defer s.batch.flush()
	for {
		pace := s.pace(now)
		s.credit.fill(now, pace, burstBytes)
		if !s.mend(now) {
			return s.credit.wait(pace)
		}
		if !s.held && !s.take(now) {
			return 0
		}
		video := &s.lanes[relay.Video]
		for s.sent < len(s.frame.Packets) {
			if s.credit.bytes <= 0 {
				return s.credit.wait(pace)
			}
			p := &s.frame.Packets[s.sent]
			s.count(video.send(p, s.frame.First+uint64(s.sent), s.line, s.pt, s.src.reader))
			s.credit.bytes -= float64(len(p.Payload))
			s.sent++
		}
		video.sent(s.line.at(s.frame.Timestamp), now)
		s.held, s.frame = false, relay.Frame{}
		if s.peer.tally.firstFrame.Load() == 0 {
			s.peer.tally.firstFrame.Store(int64(max(now.Sub(s.opened), 1)))
		}
	}
}

// pace is how fast packets may go now, in bytes a second.
func (s *sender) pace(now time.Time) float64 {
	if !s.replaying {
		return burstPace
	}
	if s.asked == 0 {
		s.client.clean(now, s.rtt)
	}
	return min(max(s.client.share(), s.floor), burstPace)
}

func (s *sender) count(n int, err error) {
	if err == nil {
		s.peer.tally.packets.Add(1)
		s.peer.tally.bytes.Add(uint64(n))
	}
}

// take gets the next video frame in hand, sending on the way what sound there is; false if there is none yet.
func (s *sender) take(now time.Time) bool {
	if s.next != nil {
		s.leave()
	}
	if s.turn != stay {
		s.replay(now)
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
		s.hold(f, now)
	}
	return true
}

func (s *sender) hold(f relay.Frame, now time.Time) {
	s.frame, s.held, s.sent = f, true, 0
	s.line = s.lanes[relay.Video].place(&f, now)
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
	own := float64(bytes) / max(age.Seconds(), 0.2) // what the stream itself brings, bytes a second
	s.client.begin(now)
	s.floor = 2 * own
	pace := min(max(s.client.share(), s.floor), burstPace)
	took := time.Duration(float64(bytes) / max(pace-own, paceMin) * float64(time.Second))
	if due, ok := r.KeyframeDue(); ok && due > 0 && age > 0 && (due < took || (why == mend && due < keyframeSoon)) {
		s.client.end()
		r.SkipToLive()
		return
	}
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
	s.client.end()
	now := s.now()
	if s.peer.tally.caughtUp.Load() == 0 {
		s.peer.tally.caughtUp.Store(int64(max(now.Sub(s.opened), 1)))
	}
	s.report = now // the clock can be told now
}

// hear takes what the viewer says.
func (s *sender) hear(f feedback) {
	if !s.open {
		return
	}
	if r := f.report; r != nil {
		if f.video {
			s.peer.tally.report(r)
			s.client.report(r.FractionLost == 0)
		}
		if rtt := roundTrip(r, f.at); rtt > 0 {
			s.rtt = rtt
			s.peer.tally.rtt.Store(int64(rtt))
		}
	}
	if !f.video {
		return // lost sound is past
	}
	s.enqueue(f.missing)
	if f.keyframe {
		s.peer.tally.keyframeRequests.Add(1)
		s.peer.counts.keyframeRequests.Add(1)
		s.refresh()
	}
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

func (s *sender) enqueue(missing []uint16) {
	if len(missing) == 0 {
		return
	}
	if s.replaying {
		if s.asked += len(missing); s.asked >= lossBurst {
			s.client.lossy(s.now())
			s.asked = 1
		}
	}
	for _, seq := range missing {
		word, bit := &s.queued[seq>>6], uint64(1)<<(seq&63)
		if *word&bit != 0 {
			continue
		}
		if len(s.queue) >= maxQueued {
			s.peer.tally.unresendable.Add(1)
			continue
		}
		*word |= bit
		s.queue = append(s.queue, seq)
	}
}

// mend sends the resends that wait, before anything new: a hole holds up all that follows. False if the pace does not allow more now.
func (s *sender) mend(time.Time) bool {
	for i, seq := range s.queue {
		if s.credit.bytes <= 0 {
			s.queue = s.queue[:copy(s.queue, s.queue[i:])]
			return false
		}
		s.queued[seq>>6] &^= 1 << (seq & 63)
		n, ok := 0, false
		if s.resends.bytes > 0 {
			n, ok = s.lanes[relay.Video].resend(seq)
		}
		if !ok {
			s.peer.tally.unresendable.Add(1)
			continue
		}
		s.credit.bytes -= float64(n)
		s.resends.bytes -= float64(n)
		s.peer.tally.resent.Add(1)
		s.peer.tally.packets.Add(1)
		s.peer.tally.bytes.Add(uint64(n))
		s.peer.counts.resent.Add(1)
	}
	s.queue = s.queue[:0]
	return true
}

func (s *sender) forgetResends() {
	s.queue = s.queue[:0]
	clear(s.queued[:])
}

// reports sends sender reports when they are due, and tells when the next ones are. None goes during a replay, whose timestamps do
// not tell the time.
func (s *sender) reports(now time.Time) time.Duration {
	if !s.open {
		return 0
	}
	if s.replaying {
		return reportEvery
	}
	if wait := s.report.Sub(now); wait > 0 {
		return wait
	}
	next := time.Duration((0.8 + 0.4*rand.Float64()) * float64(reportEvery))
	s.report = now.Add(next)
	for i := range s.lanes {
		l := &s.lanes[i]
		rtp, at := s.src.reader.Clock(l.track)
		if l.to == nil || !l.begun || !l.set || l.pressed || at.IsZero() {
			continue
		}
		// The wire's two reports are one packet each: a viewer reads them apart.
		s.peer.tell([]rtcp.Packet{
			&rtcp.SenderReport{
				SSRC: l.to.ssrc, NTPTime: ntp(now), RTPTime: l.live.at(rtp) + l.ticks(now.Sub(at)),
				PacketCount: l.packets, OctetCount: l.octets,
			},
			&rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{
				Source: l.to.ssrc,
				Items:  []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: s.peer.cname(l.track)}},
			}}},
		})
	}
	return next
}
