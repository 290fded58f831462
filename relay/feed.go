package relay

import (
	"maps"
	"sync"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/pion/rtp"
)

// feed turns what sources deliver into frames and facts. It lives as long as its stream, over many sessions, so that clocks, rates and
// parameter sets go on. Its mutex is the stream's own; the source's goroutines hold it for one packet.
type feed struct {
	stream *stream

	mu      sync.Mutex
	session *session // whose packets are taken; nil: nobody's
	units   *assembler
	params  parameterSets
	sps     spsFacts
	order   ordering
	lines   [tracks]timeline
	seqs    [tracks]sequence
	cadence cadence
	lastTS  uint32 // of the last video unit, on the stream's clock
	media   Media
	audio   format.Format
	device  Device
	// soundChanges counts them, since what reads on loopback was told the old format.
	soundChanges int
	waiting      bool // for a keyframe
	arriving     time.Time
	facts        facts
	// What the packet at hand brought about, acted on after mu is released.
	published int
	attention bool // of the supervisor
}

// facts are what the supervisor needs to know of the present session.
type facts struct {
	described   bool
	describedAt time.Time
	keyframe    bool          // one was published in this session
	packet      time.Time     // last RTP packet
	unit        time.Time     // last access unit that came whole, forwarded or not
	unkeyed     time.Time     // first access unit that nobody could begin with, since the last that was published; zero: none
	picture     time.Time     // last one published, in any session
	reordering  bool          // pictures come out of order
	suspect     bool          // they may, by the SPS
	interval    time.Duration // usual, between pictures; by the SPS until measured
	measured    bool
	media       Media
}

// session is one Pull of a source; it is the Intake that the source fills.
type session struct {
	feed *feed
}

func (s *session) Describe(o Offer)                              { s.feed.describe(s, o) }
func (s *session) RTP(t Track, p *rtp.Packet, arrived time.Time) { s.feed.take(s, t, p, arrived) }

func sameFormat(a, b format.Format) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.PayloadType() == b.PayloadType() && a.RTPMap() == b.RTPMap() && maps.Equal(a.FMTP(), b.FMTP())
}

func newFeed(s *stream) *feed {
	f := &feed{stream: s, waiting: true}
	f.units = newAssembler(f.unit)
	f.lines[Video] = timeline{rate: 90000, base: s.random(), epoch: s.now()}
	return f
}

// begin lets a new session deliver, and no other any more.
func (f *feed) begin() *session {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.session = &session{feed: f}
	f.units.drop()
	f.units.emitted, f.units.markerLies = false, false
	f.seqs = [tracks]sequence{}
	f.order = ordering{rule: f.sps.reorder}
	f.waiting = true
	for i := range f.lines {
		f.lines[i].restart()
	}
	f.facts = facts{picture: f.facts.picture, interval: f.facts.interval, measured: f.facts.measured, media: f.media}
	return f.session
}

// end takes no more from any session.
func (f *feed) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.session = nil
	f.units.drop()
}

// forget drops what was learned of a camera that is another one now.
func (f *feed) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.params, f.sps, f.media, f.audio, f.cadence = parameterSets{}, spsFacts{}, Media{}, nil, cadence{}
	f.facts = facts{}
}

func (f *feed) snapshot() facts {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.facts
}

func (f *feed) clock(t Track) (uint32, time.Time) {
	if t >= tracks {
		return 0, time.Time{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lines[t].clock()
}

// briefing is what a reader on loopback must be told before it reads.
type briefing struct {
	sps, pps []byte
	audio    format.Format // nil: no sound
	sound    int           // rises when the sound's format changes
}

// brief gives what there is; false before the parameter sets are known.
func (f *feed) brief() (briefing, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	sps, pps := f.params.newest()
	return briefing{sps: sps, pps: pps, audio: f.audio, sound: f.soundChanges}, f.params.complete()
}

// stampAt gives what a track's clock shows at a time on the wall; false if there is no such track.
func (f *feed) stampAt(t Track, wall time.Time) (uint32, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	line := &f.lines[t]
	return line.at(wall) + uint32(int64(line.drift)), line.rate > 0
}

// rate gives the ticks a second of a track's clock; 0 if there is no such track.
func (f *feed) rate(t Track) float64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lines[t].rate
}

func (f *feed) describe(s *session, o Offer) {
	f.mu.Lock()
	if f.session != s {
		f.mu.Unlock()
		return
	}
	f.media = Media{Video: o.Video, Audio: o.Audio, Transport: string(o.Transport), Width: f.media.Width, Height: f.media.Height, FPS: f.media.FPS}
	if !sameFormat(f.audio, o.AudioFormat) {
		f.soundChanges++
	}
	f.audio, f.device = o.AudioFormat, o.Device
	if o.Audio.Name != "" && f.lines[Audio].rate != float64(o.Audio.ClockRate) {
		old := f.lines[Audio]
		f.lines[Audio] = timeline{rate: float64(max(o.Audio.ClockRate, 1)), base: f.stream.random(), epoch: f.stream.now(), jumps: old.jumps}
	}
	f.learn(o.SPS)
	f.learn(o.PPS)
	f.readSPS()
	f.facts.described, f.facts.describedAt = true, f.stream.now()
	f.mu.Unlock()
	f.stream.wakeUp()
}

// offered keeps what a source learned of media that it could not deliver.
func (f *feed) offered(m Media) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.media, f.facts.media = m, m
}

func (f *feed) learn(nal []byte) bool { return f.params.learn(nal) }

// readSPS takes over what the SPS in use says.
func (f *feed) readSPS() {
	if sps, _ := f.params.newest(); sps != nil {
		f.sps = readSPS(sps)
		f.media.Width, f.media.Height, f.media.FPS, f.media.Video.Profile = f.sps.width, f.sps.height, f.sps.fps, f.sps.profile
		f.order.rule, f.order.seen = f.sps.reorder, false
	}
	f.facts.media = f.media
	f.facts.suspect, f.facts.reordering = f.order.suspect(), f.order.seen
	if f.facts.interval == 0 && f.sps.fps > 0 {
		f.facts.interval = time.Duration(float64(time.Second) / f.sps.fps)
	}
}

func (f *feed) take(s *session, t Track, p *rtp.Packet, arrived time.Time) {
	f.mu.Lock()
	if f.session != s || t >= tracks || !f.facts.described {
		f.mu.Unlock()
		return
	}
	f.facts.packet, f.arriving = arrived, arrived
	f.stream.count.received.Add(1)
	lost, fresh := f.seqs[t].take(p)
	if lost > 0 {
		f.stream.count.losses.Add(uint64(lost))
		if t == Video {
			f.units.drop()
			f.waiting = true
		}
	}
	if fresh {
		if t == Video {
			if err := f.units.push(p); err != nil {
				f.broken()
			}
		} else {
			f.sound(p)
		}
	}
	published, attention := f.published, f.attention
	f.published, f.attention = 0, false
	f.mu.Unlock()
	if published > 0 {
		f.stream.tell()
	}
	if attention || published > 0 && f.stream.awaited.Load() {
		f.stream.wakeUp()
	}
}

func (f *feed) broken() {
	f.stream.count.losses.Add(1)
	f.units.drop()
	f.waiting = true
}

// unit takes an access unit from the assembler and publishes it, if it can be decoded.
func (f *feed) unit(u accessUnit) {
	changed, inBand := false, [2]bool{}
	for _, nal := range u.nals {
		switch nalType(nal) {
		case nalSPS:
			inBand[0] = true
			changed = f.learn(nal) || changed
		case nalPPS:
			inBand[1] = true
			changed = f.learn(nal) || changed
		}
	}
	if changed {
		f.readSPS()
		f.attention = true
	}
	f.facts.unit = f.arriving
	if f.waiting && (!u.idr || !f.params.complete()) {
		f.stream.count.discarded.Add(1)
		if f.facts.unkeyed.IsZero() {
			f.facts.unkeyed, f.attention = f.arriving, true
		}
		return
	}
	f.waiting = false
	nals := u.nals
	if u.idr {
		nals = f.withParameters(nals, inBand)
	}
	inOrder := f.observe(u)
	line := &f.lines[Video]
	step := uint32(max(f.facts.interval.Seconds()*line.rate, 1))
	jumps := line.jumps
	ts := line.stamp(u.timestamp, f.arriving, step, inOrder)
	f.stream.count.reanchored.Add(line.jumps - jumps)
	if u.idr && f.stream.stale() {
		f.stream.ring.cut() // whoever wants two groups of pictures must not get one from before the gap
	}
	f.pace(ts)
	packets, size := pack(nals, ts)
	f.facts.picture, f.facts.unkeyed = f.arriving, time.Time{}
	f.stream.freshTo.Store(f.arriving.Add(stallAfter(f.facts)).UnixNano())
	f.publish(&Frame{Track: Video, Packets: packets, Timestamp: ts, Keyframe: u.idr, Arrived: f.arriving, Bytes: size})
	f.facts.keyframe = f.facts.keyframe || u.idr
}

// withParameters puts the kept parameter sets before a keyframe that came without.
func (f *feed) withParameters(nals [][]byte, inBand [2]bool) [][]byte {
	if inBand[0] && inBand[1] {
		return nals
	}
	with := make([][]byte, 0, len(nals)+len(f.params.sps)+len(f.params.pps))
	if !inBand[0] {
		for _, s := range f.params.sps {
			with = append(with, s.nal)
		}
	} else {
		// Its own SPS first, then all PPS, then the rest.
		rest := make([][]byte, 0, len(nals))
		for _, nal := range nals {
			if nalType(nal) == nalSPS {
				with = append(with, nal)
			} else {
				rest = append(rest, nal)
			}
		}
		nals = rest
	}
	if !inBand[1] {
		for _, p := range f.params.pps {
			with = append(with, p.nal)
		}
	}
	return append(with, nals...)
}

// observe watches for pictures that come out of order.
func (f *feed) observe(u accessUnit) (inOrder bool) {
	seen, suspect := f.order.seen, f.order.suspect()
	inOrder = f.order.see(u)
	f.facts.reordering, f.facts.suspect = f.order.seen, f.order.suspect()
	if f.facts.reordering != seen || f.facts.suspect != suspect {
		f.attention = true
	}
	return inOrder
}

// pace learns the usual interval. Timestamps tell it better than arrivals, which TCP bunches.
func (f *feed) pace(ts uint32) {
	step := time.Duration(int32(ts-f.lastTS)) * time.Second / 90000
	f.lastTS = ts
	if f.facts.picture.IsZero() {
		return
	}
	if step > time.Millisecond && step < time.Minute {
		f.cadence.add(step)
	} else if gap := f.arriving.Sub(f.facts.picture); step >= 0 && gap < time.Minute {
		f.cadence.add(gap)
	}
	if usual := f.cadence.usual(); usual > 0 {
		if !f.facts.measured || usual > f.facts.interval*5/4 || usual < f.facts.interval*3/4 {
			f.attention = true
		}
		f.facts.interval, f.facts.measured = usual, true
	}
}

// sound publishes a packet of sound.
func (f *feed) sound(p *rtp.Packet) {
	line := &f.lines[Audio]
	if f.media.Audio.Name == "" || len(p.Payload) == 0 {
		return
	}
	if len(p.Payload) > MaxPayload && f.media.Audio.Name == "opus" {
		f.stream.count.losses.Add(1) // Opus can't be cut
		return
	}
	jumps := line.jumps
	ts := line.stamp(p.Timestamp, f.arriving, 1, false)
	f.stream.count.reanchored.Add(line.jumps - jumps)
	packets := []Packet{{Payload: p.Payload, Marker: p.Marker, Timestamp: ts}}
	if c := f.media.Audio; len(p.Payload) > MaxPayload && (c.Name == "PCMU" || c.Name == "PCMA") {
		packets = cutG711(p.Payload, ts, max(c.Channels, 1))
	}
	f.publish(&Frame{Track: Audio, Packets: packets, Timestamp: ts, Arrived: f.arriving, Bytes: len(p.Payload)})
}

// cutG711 divides samples of a byte each per channel.
func cutG711(b []byte, ts uint32, channels int) []Packet {
	var packets []Packet
	for piece := MaxPayload / channels * channels; len(b) > 0; {
		n := min(piece, len(b))
		packets = append(packets, Packet{Payload: b[:n:n], Timestamp: ts})
		b, ts = b[n:], ts+uint32(n/channels)
	}
	return packets
}

func (f *feed) publish(frame *Frame) {
	frame.First = f.stream.ring.nextIndex(frame.Track)
	f.stream.ring.push(frame)
	c := &f.stream.count
	if frame.Track == Video {
		c.frames.Add(1)
	}
	if frame.Keyframe {
		c.keyframes.Add(1)
	}
	c.packets.Add(uint64(len(frame.Packets)))
	c.bytes.Add(uint64(frame.Bytes))
	f.published++
}
