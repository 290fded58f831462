package relay

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
	"github.com/pion/rtp"
)

// ticket is the right to read one stream once from the loopback server, and, when used, its reader.
type ticket struct {
	loopback *loopback
	key      Key
	token    string
	void     *time.Timer
	ctx      context.Context
	cancel   context.CancelFunc

	conn *gortsplib.ServerConn // the first that used the ticket; guarded by loopback.mu

	session atomic.Pointer[gortsplib.ServerSession] // the one that plays

	mu      sync.Mutex // held while prepare waits; close cancels ctx first
	closed  bool
	reader  *Reader
	stream  *gortsplib.ServerStream
	outlets [tracks]outlet
	sound   int // of the description that the client was given
	// origins are what the tracks' clocks showed where the client begins to count; nil before it plays.
	origins [tracks]atomic.Pointer[uint32]
}

// originLead is how long before the first picture a client begins to count: the server lets RTP-Info point there.
const originLead = 100 * time.Millisecond

// outlet is a track as the client sees it.
type outlet struct {
	media *description.Media // nil: no such track
	typ   uint8              // RTP payload type
	seq   uint16
}

var errNoMedia = errors.New("the stream can't be described")

// prepare joins the stream, waits until it can be described, and makes the stream that the client sees. Asked again it gives the same.
func (t *ticket) prepare(server *gortsplib.Server) (*gortsplib.ServerStream, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, errNoMedia
	}
	if t.stream != nil {
		return t.stream, nil
	}
	reader, err := t.loopback.relay.read(t.key, 2)
	if err != nil {
		return nil, err
	}
	told, err := t.await(reader)
	if err != nil {
		reader.Close()
		return nil, err
	}
	desc := &description.Session{}
	video := &format.H264{PayloadTyp: 96, SPS: told.sps, PPS: told.pps, PacketizationMode: 1}
	t.outlets[Video] = outlet{media: &description.Media{Type: description.MediaTypeVideo, Formats: []format.Format{video}}, typ: 96}
	desc.Medias = append(desc.Medias, t.outlets[Video].media)
	if told.audio != nil {
		t.outlets[Audio] = outlet{
			media: &description.Media{Type: description.MediaTypeAudio, Formats: []format.Format{told.audio}}, typ: told.audio.PayloadType(),
		}
		desc.Medias = append(desc.Medias, t.outlets[Audio].media)
	}
	stream := &gortsplib.ServerStream{Server: server, Desc: desc}
	if err := stream.Initialize(); err != nil {
		reader.Close()
		return nil, err
	}
	t.reader, t.stream, t.sound = reader, stream, told.sound
	return stream, nil
}

// await waits until the stream has a keyframe and is known well enough to be described.
func (t *ticket) await(r *Reader) (briefing, error) {
	patience := time.NewTimer(loopbackPatience)
	defer patience.Stop()
	for {
		d, known := r.stream.feed.brief()
		if frames, _ := r.Behind(); known && frames > 0 {
			return d, nil
		}
		if s := r.State(); s.Status == Refused || s.Status == Unsupported && s.Code != CodeBFrames {
			return briefing{}, errNoMedia
		}
		select {
		case <-r.Ready():
		case <-patience.C:
			return briefing{}, errNoMedia
		case <-t.ctx.Done():
			return briefing{}, t.ctx.Err()
		}
	}
}

func (t *ticket) served() *gortsplib.ServerStream {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil
	}
	return t.stream
}

func (t *ticket) plays(s *gortsplib.ServerSession) bool { return t.session.Load() == s }

// play begins to send to a session, whose queue goes out after the answer to its PLAY.
func (t *ticket) play(s *gortsplib.ServerSession) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || t.stream == nil || t.session.Load() != nil {
		return false
	}
	t.session.Store(s)
	first, ok := t.reader.Next()
	for ok && first.Track != Video {
		first, ok = t.reader.Next()
	}
	if !ok {
		return false // what was kept when the description was given is gone
	}
	t.announce(first)
	t.loopback.running.Go(func() { t.pump(s, first) })
	return true
}

// announce lets RTP-Info say what the clocks of both tracks show at the first picture: the server takes it from the last packet
// written, and nobody hears these.
func (t *ticket) announce(first Frame) {
	now := time.Now()
	t.mark(Video, first.Timestamp, now)
	if at, ok := t.reader.stream.feed.stampAt(Audio, first.Arrived); ok {
		t.mark(Audio, at, now)
	}
}

func (t *ticket) mark(track Track, timestamp uint32, now time.Time) {
	o := &t.outlets[track]
	if o.media == nil {
		return
	}
	p := &rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: o.typ, SequenceNumber: o.seq, Timestamp: timestamp}}
	o.seq++
	_ = t.stream.WritePacketRTPWithNTP(o.media, p, now) // there is no reader yet
	zero := timestamp - uint32(originLead.Seconds()*t.reader.stream.feed.rate(track))
	t.origins[track].Store(&zero)
}

// pump sends until the ticket is closed. The outlets are its own from here on.
func (t *ticket) pump(s *gortsplib.ServerSession, f Frame) {
	for ok := true; ; f, ok = t.reader.Next() {
		if ok {
			if !t.send(s, f) {
				return
			}
			continue
		}
		select {
		case <-t.reader.Ready():
		case <-t.ctx.Done():
			return
		}
	}
}

// send queues a frame; false at the end. A full queue is waited for, while the reader falls behind and loses frames as any other.
func (t *ticket) send(s *gortsplib.ServerSession, f Frame) bool {
	o := &t.outlets[f.Track]
	if o.media == nil {
		return t.ctx.Err() == nil
	}
	if f.Track == Audio {
		if d, _ := t.reader.stream.feed.brief(); d.sound != t.sound {
			s.Close() // the client must ask what it is now
			return false
		}
	}
	for _, p := range f.Packets {
		packet := &rtp.Packet{
			Header:  rtp.Header{Version: 2, PayloadType: o.typ, SequenceNumber: o.seq, Timestamp: p.Timestamp, Marker: p.Marker},
			Payload: p.Payload,
		}
		o.seq++
		for {
			err := s.WritePacketRTPWithNTP(o.media, packet, f.Arrived)
			var full liberrors.ErrServerWriteQueueFull
			if err == nil || !errors.As(err, &full) {
				break // a packet that can't be sent (sound in packets larger than UDP's) is left out
			}
			select {
			case <-time.After(10 * time.Millisecond):
			case <-t.ctx.Done():
				return false
			}
		}
	}
	return t.ctx.Err() == nil
}

// close leaves the stream and ends the client's session. It may be called more than once.
func (t *ticket) close() {
	t.cancel() // first: prepare may hold mu while it waits
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	t.closed = true
	if t.reader != nil {
		t.reader.Close()
	}
	if t.stream != nil {
		t.stream.Close()
	}
}
