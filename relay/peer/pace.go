package peer

import (
	"net/netip"
	"sync"
	"time"
)

// How fast replays go, in bytes a second. A replay is a burst of up to a few megabytes that nobody's network expects. The first at an
// address that is near goes at 20 Mbit/s: that is a local network, or close to one, and where it is slower losses are told and mended
// within a few milliseconds. Farther away lies somebody's line, most of which take 10 Mbit/s. A router's queue hides for a tenth of a
// second that it takes no more, by then a hundred packets are lost, and sending them again costs more time than a careful start: at
// 8 Mbit/s, which such a line takes with sound and reports beside it. From there the pace is learned.
const (
	paceStart = 20e6 / 8
	paceFar   = 8e6 / 8
	paceMin   = 4e6 / 8
	paceMax   = 160e6 / 8
)

// A pace at which packets were lost is not doubled to again: it is approached by paceStep, or this part of it if that is more.
const (
	paceStep = 1e6 / 8
	pacePart = 16
)

// burstPackets is how many packets a viewer is sent at once; more follow a millisecond later. A large keyframe would otherwise
// overflow the receive buffer of a browser or an access point: 16 packets are 19 KB, a third of the smallest buffers in use, and 16 in
// a millisecond are 150 Mbit/s, faster than any camera.
const (
	burstPackets = 16
	burstBytes   = burstPackets * 1200
	burstPace    = burstBytes * 1000 // bytes a second
)

// Resends to one viewer are at most resendPart of what it is sent besides, resendPace in bytes a second, and resendBurst at once: enough to
// mend a replay of which a third was lost, too little to make us a weapon, or to drown a line that is full already. To distant viewers
// they go at the learned pace and a burst at once: what overflowed a queue would only overflow it again. Those over the bound wait.
const (
	resendPart  = 0.5
	resendPace  = 500e3 / 8
	resendBurst = 256 << 10
)

// A packet is resent once in a round trip, which is taken to be between these: a viewer that asks again sooner can't know yet whether the
// resend came. Some ask each 20 ms.
const (
	resendSoonest = 20 * time.Millisecond
	resendLatest  = 250 * time.Millisecond
)

// Live frames for distant viewers are spread, since a large keyframe sent at once overflows a router's queue: at liveFactor times the
// learned pace, which may be careful, and faster where all that waits would be sent later than liveSpread, the time from frame to
// frame with most cameras. 134 KB of keyframe in 40 ms leave 84 KB in the queue before a line of 10 Mbit/s.
const (
	liveFactor = 2
	liveSpread = 40 * time.Millisecond
)

// lossBurst is how many packets asked for again during a replay say that it goes too fast.
const lossBurst = 16

// On a network as near as nearby, a replay that has gone on for as long as clean without losses goes faster. Farther away, a
// queue somewhere may hide for longer than that how much too fast it is; there only a lossless report after the replay speeds up the
// next one.
const (
	nearby = 10 * time.Millisecond // round trip
	clean  = 50 * time.Millisecond
)

// calm is the least time between two slowdowns: what is under way when the first is decided may still get lost. Far away a round trip and
// a full queue lie between a loss and its news, and what is resent into that queue is lost once more.
const (
	calm    = 250 * time.Millisecond
	calmFar = 500 * time.Millisecond
)

// wary is for how long a pace at which packets were lost is not tried again. What was lost may have been somebody else's doing.
const wary = time.Minute

// credit is a bucket of bytes that may be sent now; it may be overdrawn by a packet.
type credit struct {
	bytes float64
	at    time.Time
}

// fill adds what time has brought.
func (c *credit) fill(now time.Time, rate, most float64) {
	if !c.at.IsZero() {
		c.bytes += rate * now.Sub(c.at).Seconds()
	} else {
		c.bytes = most
	}
	c.at = now
	c.bytes = min(c.bytes, most)
}

// wait tells when there will be something again, at least a millisecond: timers do no better.
func (c *credit) wait(rate float64) time.Duration {
	if c.bytes > 0 {
		return 0
	}
	return max(time.Duration((1-c.bytes)/rate*float64(time.Second)), time.Millisecond)
}

// client is what is known of the network to one address. All viewers there share it, since they share the network: four tiles that
// open at once divide the pace between them.
type client struct {
	mu      sync.Mutex
	rate    float64       // bytes a second; 0: nobody was there yet; guarded by mu
	safe    float64       // the last rate at which a report told of no losses; 0: none since the last slowdown; guarded by mu
	lossy   float64       // the last rate at which there were losses; 0: none; guarded by mu
	rtt     time.Duration // the least round trip seen; 0 while unknown; guarded by mu
	active  int           // replays going on; guarded by mu
	proved  bool          // a replay ended at this rate and its report is awaited; guarded by mu
	slowed  time.Time     // when rate was last lowered; guarded by mu
	raised  time.Time     // when rate was last raised, or a replay began; guarded by mu
	strait  float64       // what the lines of those viewers take together whose line is too narrow, bytes a second; guarded by mu
	narrows int           // how many they are; guarded by mu
	viewers int           // at the address; guarded by mu
	turn    *sender       // of these, who sends now; guarded by mu
	turned  time.Time     // since when; guarded by mu
	refs    int           // guarded by clients.mu
	touched time.Time     // guarded by clients.mu
}

// begin counts a replay.
func (c *client) begin(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.active++
	c.raised = now
}

// offer is the pace that one more replay would have, in bytes a second.
func (c *client) offer() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rate / float64(c.active+1)
}

// share is the pace of one replay, in bytes a second.
func (c *client) share() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rate / float64(max(c.active, 1))
}

// least takes so many bytes of an age that the stream has brought. It gives what the stream brings and the pace below which it would run
// away from its replay, in bytes a second. Right after a keyframe the first is more than the truth, which is welcome nearby; to a distant
// viewer the floor must not ask for more than the careful pace for a stream that half of it would do.
func (c *client) least(bytes int, age time.Duration) (own, floor float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.near() {
		own = float64(bytes) / max(age.Seconds(), 0.2)
		return own, 2 * own
	}
	own = float64(bytes) / max(age.Seconds(), 1)
	return own, own * 3 / 2
}

// come counts a viewer. Where most of those that are there have narrow lines it is one line, most likely, and its part of it is given; else 0.
func (c *client) come() (part float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.narrows > 0 && 2*c.narrows >= c.viewers {
		part = c.strait / float64(c.narrows+1)
	}
	c.viewers++
	return part
}

// leave counts off a viewer whose narrow line took so much.
func (c *client) leave(shared float64) {
	c.widen(shared, 0)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.viewers--
}

// widen changes what one viewer's line takes, which is 0 while it is wide enough.
func (c *client) widen(from, to float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if from > 0 {
		c.narrows--
		c.strait -= from
	}
	if to > 0 {
		c.narrows++
		c.strait += to
	}
}

// straits is how many narrow lines there are at the address.
func (c *client) straits() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.narrows
}

// claim takes the turn to send into a narrow line; false if somebody else has it. yield gives it back.
func (c *client) claim(s *sender, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.turn != nil && c.turn != s && now.Sub(c.turned) < straitHold {
		return false
	}
	c.turn, c.turned = s, now
	return true
}

func (c *client) yield(s *sender) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.turn == s {
		c.turn = nil
	}
}

// narrow is the pace of whoever has the turn, in bytes a second.
func (c *client) narrow() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(c.strait, straitLeast)
}

// live is the pace of live frames of which so many bytes wait, in bytes a second.
func (c *client) live(bytes int) float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.near() {
		return burstPace
	}
	return min(max(liveFactor*c.rate, float64(bytes)/liveSpread.Seconds()), burstPace)
}

// far says that live frames are paced by what waits behind them.
func (c *client) far() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.near()
}

// mending is the pace of resends to one viewer, in bytes a second, and how many bytes may go at once.
func (c *client) mending() (rate, most float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.near() {
		return resendPace, resendBurst
	}
	return min(resendPace, c.rate/float64(max(c.active, 1))), burstBytes
}

// arrive tells of a viewer's round trip, 0 if unknown, before its first replay and whenever it is known anew. The least one counts: more
// is what waits in queues, ours among them.
func (c *client) arrive(rtt time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if rtt > 0 && (c.rtt == 0 || rtt < c.rtt) {
		c.rtt = rtt
	}
	if c.rate == 0 {
		c.rate = paceFar
		if c.near() {
			c.rate = paceStart
		}
	}
}

// near says that the viewers are as near as nearby. The caller holds mu.
func (c *client) near() bool { return c.rtt > 0 && c.rtt <= nearby }

// clean tells of a replay that goes on without losses; rtt is 0 while unknown.
func (c *client) clean(now time.Time, rtt time.Duration) {
	if rtt <= 0 || rtt > nearby {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.raised) >= clean && now.Sub(c.slowed) >= 10*clean {
		c.raised = now
		c.raise(now)
	}
}

// raise goes faster: twice as fast until losses have shown where the network ends, a step at a time from then on. While
// the losses are newer than wary, the steps end before that pace: on a line that stays as it is every second replay would lose again. Far
// away losses cost round trips, and until there were any it is half as fast again. The caller holds mu.
func (c *client) raise(now time.Time) {
	to := c.rate * 2
	if !c.near() {
		to = c.rate * 3 / 2
	}
	if c.lossy > 0 {
		step := max(paceStep, c.lossy/pacePart)
		to = c.rate + step
		if now.Sub(c.slowed) < wary {
			to = max(c.rate, min(to, c.lossy-step))
		}
	}
	c.rate = min(to, paceMax)
}

// end counts a replay off that took so long. One shorter than clean fits any queue and shows nothing.
func (c *client) end(took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.active--
	c.proved = c.proved || took >= clean
}

// report takes the first receiver report after a replay: no loss, and the next one may be faster.
func (c *client) report(lossless bool, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proved && c.active == 0 {
		c.proved = false
		if lossless {
			c.safe = c.rate
			c.raise(now)
		}
	}
}

// slow takes losses: it goes back to the last pace that had none, or halves the pace if that is not enough. It does so once per burst of
// losses; false for the rest of it.
func (c *client) slow(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	pause := calmFar
	if c.near() {
		pause = calm
	}
	if now.Sub(c.slowed) < pause {
		return false
	}
	c.slowed, c.raised, c.proved = now, now, false
	c.lossy = c.rate
	c.rate = max(c.rate/2, paceMin)
	if c.safe < c.lossy {
		c.rate = max(c.rate, c.safe)
	}
	c.safe = 0
	return true
}

// memory is for how long an address is remembered after its last viewer has left: a page that is reloaded keeps its pace.
const memory = 10 * time.Minute

// clients is what is known of all addresses.
type clients struct {
	mu  sync.Mutex
	all map[netip.Addr]*client // guarded by mu
}

// acquire gives the client of an address; release gives it back.
func (c *clients) acquire(ip netip.Addr, now time.Time) *client {
	ip = ip.Unmap()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = make(map[netip.Addr]*client)
	}
	for old, known := range c.all {
		if known.refs == 0 && now.Sub(known.touched) > memory {
			delete(c.all, old)
		}
	}
	known := c.all[ip]
	if known == nil {
		known = &client{}
		c.all[ip] = known
	}
	known.refs++
	return known
}

func (c *clients) release(known *client, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known.refs--
	known.touched = now
}
