package peer

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// sender brings a stream to one viewer. Two goroutines take turns under mu: the round of the stream, for new frames, and the viewer's own, for
// all else; what others want of it comes by channels. Sending under mu waits for nothing: a full socket drops.
//
// It works frame by frame: all packets of one frame to one viewer lie side by side, so that a frame can become one system call.
type sender struct {
	peer *Peer
	now  func() time.Time

	missed atomic.Bool // the round came while the viewer's own goroutine was at work

	mu    sync.Mutex // guards what follows, and the lanes' and the outlet's content
	over  bool
	timer *time.Timer
	due   time.Time // what the timer was set for

	src   source
	next  *source // to switch to when the frame in hand is sent
	lanes [2]lane

	open      bool // the transport is up
	shown     bool // the stream's pictures may be shown as they are
	turn      turn
	replaying bool
	away      bool // the transport was up, and is not
	path      path // of the viewer, since it connected
	client    *client
	batch     *batch // nil over TCP
	outlet    outlet
	inlet     *inlet // nil until there is a path
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
	live    float64 // pace of live frames, bytes a second; by the last one
	own     float64 // what the stream brings, bytes a second; by the present replay
	floor   float64 // least pace of the present replay, bytes a second
	asked   int     // packets asked for again in the present replay
	strait  strait  // what the line takes, where that is too little
	shared  float64 // its rate, as the client has been told
	thin    bool    // pictures are passed over up to the next keyframe

	since  uint64       // extended sequence number of video before which nothing is worth a resend
	queue  []uint16     // video packets to resend
	queued [1024]uint64 // a bit for each sequence number in queue
	lately [1024]resent // by the low bits of the sequence number

	opened     time.Time
	lastReplay time.Time
	report     time.Time
	checkAt    time.Time // when to ask for consent
	seen       uint64    // revision of the stream's state that was passed on
	known      bool      // seen is of this stream
	dropped    uint64    // by the reader, seen so far
}

// run serves until ctx ends or the transport is lost for good. New frames are the business of the stream's round; what else happens to the
// viewer, and what is to be sent later, is this goroutine's.
func (s *sender) run(ctx context.Context) {
	defer s.end()
	s.do(func() bool {
		s.timer = time.NewTimer(time.Hour)
		s.src.round.take(s)
		return true
	})
	for {
		var on bool
		select {
		case <-ctx.Done():
			return
		case <-s.timer.C:
			on = s.do(func() bool { return true })
		case f := <-s.peer.feedback:
			on = s.do(func() bool { s.hear(f); return true })
		case src := <-s.peer.switches:
			on = s.do(func() bool { s.change(src); return true })
		case <-s.peer.moved:
			on = s.do(s.follow)
		}
		if !on {
			return
		}
	}
}

// do does something in the viewer's own goroutine, and then what the round had to leave to it.
func (s *sender) do(what func() bool) (on bool) {
	for {
		s.mu.Lock()
		if on = what(); on {
			now := s.now()
			s.ask(s.pass(now), now)
		}
		s.mu.Unlock()
		if !on || !s.missed.Swap(false) {
			return on
		}
		what = func() bool { return true }
	}
}

// serve is called by a round for each frame and each change of the stream's state, and when it has said how soon the round has to come again; 0: no
// sooner than anyway. A viewer whose own goroutine is at work, which may have to wait for ICE, holds up nobody else: that goroutine serves it then.
func (s *sender) serve(by *round) (wait time.Duration) {
	s.missed.Store(true) // before trying, so that whoever has the lock sees it when giving it back
	for {
		if !s.mu.TryLock() {
			return wait
		}
		s.missed.Store(false)
		if wait = 0; !s.over {
			now := s.now()
			if wait = s.pass(now); s.src.round != by || wait > roundWait {
				s.ask(wait, now)
				wait = 0
			} else {
				s.ask(0, now)
			}
		}
		s.mu.Unlock()
		if !s.missed.Load() {
			return wait
		}
	}
}

func (s *sender) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	s.timer.Stop()
	s.src.round.letGo(s)
	s.release()
	if s.next != nil {
		s.next.close()
	}
	s.src.close()
}

// pass does what can be done now, and gives the time until more of the same can be; 0: there is no more. The caller holds mu.
func (s *sender) pass(now time.Time) (wait time.Duration) {
	s.observe()
	s.collect()
	if s.open && !s.check(now) {
		s.open = false
		s.peer.setConnection(Failed)
	}
	wait = s.step(now)
	if s.open {
		s.reports(now)
	}
	return wait
}

// ask has the timer come in time for what a wait is for, if there is one, and for the next report and check. A timer that is set for sooner does no
// harm: it finds nothing to do and is set anew. To set it for each frame costs more. The caller holds mu.
func (s *sender) ask(wait time.Duration, now time.Time) {
	if until := s.report.Sub(now) + reportSlack; s.open && s.shown && !s.replaying && (wait <= 0 || until < wait) {
		wait = until
	}
	if until := s.checkAt.Sub(now) + reportSlack; s.open && s.batch != nil && (wait <= 0 || until < wait) {
		wait = until
	}
	if wait <= 0 {
		return
	}
	if due := now.Add(wait); !s.due.After(now) || due.Before(s.due) {
		s.due = due
		s.timer.Reset(wait)
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
		s.peer.setProtocol(path.protocol)
	}
	if s.path.local != path.local || s.path.remote != path.remote || s.client == nil {
		s.rtt = path.rtt // of ICE's checks, which end with this
		s.move(path)
	}
	if ok {
		s.renew(s.now())
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
	client.arrive(to.rtt)
	if s.replaying {
		client.begin(s.now())
	}
	s.release()
	s.client, s.path = client, to
	if s.inlet == nil {
		s.inlet = &inlet{now: s.now, say: s.peer.feedback, left: s.now()}
		for t := range s.lanes {
			if l := &s.lanes[t]; l.to != nil {
				s.inlet.ssrc[t] = l.to.ssrc
			}
		}
		s.outlet.sealer, s.inlet.opener = s.peer.secrets.keys()
	}
	if part := client.come(); part > 0 && !s.strait.narrow() {
		s.strait.enter(part, s.now())
	}
	if to.protocol == "udp" {
		s.batch = s.peer.endpoint.batches.join(to.remote, s.inlet)
	}
	s.outlet.follow(s.batch)
}

// release gives up what belongs to the viewer's address.
func (s *sender) release() {
	if s.batch != nil {
		s.batch.flush()
		s.peer.endpoint.batches.leave(s.batch)
		s.batch = nil
		s.outlet.follow(nil)
	}
	if s.client != nil {
		if s.replaying {
			s.client.end(0) // unfinished
		}
		s.client.leave(s.shared)
		s.shared = 0
		s.client.yield(s)
		s.peer.clients.release(s.client, s.now())
		s.client = nil
	}
}

// observe passes on what has changed about the stream.
func (s *sender) observe() {
	if dropped := s.src.reader.Dropped(); dropped != s.dropped {
		s.peer.tally.dropped.Add(dropped - s.dropped)
		s.dropped = dropped
	}
	revision := s.src.reader.Revision()
	if s.known && revision == s.seen {
		return
	}
	s.seen, s.known = revision, true
	state := s.src.reader.State()
	if codec := state.Media.Audio; codec != s.codec {
		s.codec, s.plays = codec, false
		if l := &s.lanes[relay.Audio]; l.to != nil && codec.WebRTC() {
			s.sound, s.plays = l.to.payloadType(codec)
			l.rate = uint32(codec.ClockRate)
		}
	}
	s.peer.observe(s.src.key, state, s.plays)
	s.admit(state.Status == relay.Live || state.Status == relay.Stalled)
}

// admit lets a stream's pictures and sound pass, or holds them back: those that WebRTC can't carry (in another order than they are to be
// shown), and those of which the relay does not know yet. A browser would show a few of them, and then none.
func (s *sender) admit(shown bool) {
	if s.shown == shown {
		return
	}
	s.shown = shown
	if !s.open {
		return
	}
	if !shown {
		s.settle()
		s.abandon(s.now()) // the rest of it would be of no use
		return
	}
	s.forgetResends()
	switch {
	case s.turn != stay: // nothing was sent of this stream yet
	case s.lanes[relay.Video].begun:
		s.turn = mend
		s.src.reader.SkipToLive() // what was held back is past
	default:
		s.turn = join
	}
}

// change takes another stream, as soon as no frame is half sent.
func (s *sender) change(src source) {
	if s.next != nil {
		s.next.close()
	}
	s.next = &src
	if !s.open {
		s.leave()
	}
}

func (s *sender) leave() {
	old := s.src
	s.src, s.next = *s.next, nil
	old.round.letGo(s)
	s.src.round.take(s)
	s.dropped = s.src.reader.Dropped()
	for i := range s.lanes {
		s.lanes[i].leave(old.reader)
	}
	s.forgetResends()
	old.close()
	s.thin = false  // the new stream has to begin with a keyframe anyway
	s.shown = false // until the new stream's state says so
	s.known = false
	if s.open {
		s.settle()
		s.turn = change
	}
	s.observe()
}

// step sends what may go now. It gives the time until more may go, or 0 if there is nothing more to send.
func (s *sender) step(now time.Time) time.Duration {
	if s.next != nil && !s.held {
		s.leave()
	}
	if !s.open || !s.shown {
		return 0
	}
	s.judge(now)
	mending, most := s.client.mending()
	s.resends.fill(now, mending, most)
	// What follows is at most a burst: it goes to the kernel in one piece for each run of packets of one size.
	s.batch.begin()
	defer s.batch.flush()
	for {
		pace := s.pace(now)
		s.credit.fill(now, pace, burstBytes)
		if !s.repair() {
			return s.credit.wait(pace)
		}
		if !s.held {
			if !s.take(now) {
				if len(s.queue) > 0 {
					return s.resends.wait(mending)
				}
				return 0
			}
			pace = s.pace(now) // of this frame
		}
		if wait, again := s.waitTurn(now); again {
			continue
		} else if wait > 0 {
			return wait
		}
		video := &s.lanes[relay.Video]
		for s.sent < len(s.frame.Packets) {
			if s.credit.bytes <= 0 {
				return s.credit.wait(pace)
			}
			p := &s.frame.Packets[s.sent]
			s.count(video.send(p, s.frame.First+uint64(s.sent), s.line, s.pt, s.src.reader))
			s.credit.bytes -= float64(len(p.Payload))
			s.resends.bytes = min(s.resends.bytes+float64(len(p.Payload))*resendPart, most)
			s.strait.took(len(p.Payload))
			s.sent++
		}
		video.sent(s.line.at(s.frame.Timestamp), now)
		s.held, s.frame = false, relay.Frame{}
		if s.strait.narrow() {
			s.client.yield(s)
		}
		if s.peer.tally.firstFrame.Load() == 0 {
			s.peer.tally.firstFrame.Store(int64(max(now.Sub(s.opened), 1)))
		}
	}
}

// pace is how fast packets may go now, in bytes a second.
func (s *sender) pace(now time.Time) float64 {
	if s.strait.narrow() {
		return s.client.narrow()
	}
	if !s.replaying {
		return max(s.live, paceMin)
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

// collect hears what has waited for a frame.
func (s *sender) collect() {
	if s.inlet == nil || !s.inlet.news.Load() {
		return
	}
	reports, trip := s.inlet.collect()
	for _, f := range reports {
		if !f.empty() {
			s.hear(f)
		}
	}
	if trip > 0 {
		s.trip(trip)
	}
}

// trip takes a round trip.
func (s *sender) trip(d time.Duration) {
	s.rtt = d
	s.peer.tally.rtt.Store(int64(d))
	if s.client != nil {
		s.client.arrive(d)
	}
}

// hear takes what the viewer says.
func (s *sender) hear(f feedback) {
	if !s.open || !s.shown {
		return
	}
	if r := f.report; r != nil {
		if f.video {
			s.peer.tally.report(r)
			s.client.report(r.FractionLost == 0, f.at)
		}
		if rtt := roundTrip(r, f.at); rtt > 0 {
			s.trip(rtt)
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
