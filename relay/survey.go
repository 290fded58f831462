package relay

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/pion/rtp"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// Survey is one session with a target, for finding out what it sends: also what no stream takes, such as H.265. Nobody else reads it, it
// is not dialled again, and its State is what a stream with the same camera would say. Its methods are safe for concurrent use.
type Survey struct {
	stream *stream
	reader *Reader
	stop   context.CancelFunc
	done   chan struct{}
	late   atomic.Bool             // the handshake took too long
	odd    atomic.Pointer[Refusal] // why a stream would not take it
	end    atomic.Pointer[Refusal] // why the session ended, or none began
}

// Survey dials a target. The caller makes sure that no stream has it, since a camera may take one session only, and must Close the survey.
// It needs no Run.
func (r *Relay) Survey(ctx context.Context, target camera.Target) *Survey {
	ctx, stop := context.WithCancel(ctx)
	s := &Survey{stream: newStream(Key{Camera: target.Camera, Kind: "survey"}, r), stop: stop, done: make(chan struct{})}
	s.reader = s.stream.join(1, make(chan struct{}, 1))
	go s.run(ctx, newRTSP(r.opt.Now), target)
	return s
}

func (s *Survey) run(ctx context.Context, source *rtspSource, target camera.Target) {
	defer close(s.done)
	in := &surveyIntake{survey: s, session: s.stream.feed.begin()}
	patience := time.AfterFunc(handshakeMost, func() {
		if !s.stream.feed.snapshot().described {
			s.late.Store(true)
			s.stop()
		}
	})
	defer patience.Stop()
	said := &answers{}
	err := source.pullWhat(ctx, target, Hint{}, func(desc *description.Session) (choice, error) {
		c, err := choose(desc)
		if err == nil {
			return c, nil
		}
		var why *Refusal
		if !errors.As(err, &why) {
			return c, err
		}
		s.odd.Store(why)
		if !c.anyPictures(desc) {
			s.stream.feed.offered(why.Media)
			s.stream.feed.introduce(said.device(desc, c))
			return c, why
		}
		in.unpack = newUnpacker(c.picture)
		return c, nil
	}, said, in)
	s.stream.feed.introduce(Device{Server: said.server, Auth: said.auth})
	why := failed(CodeLost)
	switch {
	case s.late.Load():
		why = failed(CodeTimeout)
	case !errors.As(err, &why):
		why = failed(CodeLost)
	}
	s.end.Store(why)
	s.stream.feed.end()
	s.stream.tell()
}

// Ready receives after Next would give something new or State changed, as a Reader's.
func (s *Survey) Ready() <-chan struct{} { return s.reader.Ready() }

// Next gives the next frame, as a Reader's. Pictures of other codecs than H.264 come as they are: of a keyframe one packet with all of it
// (H.265 with start codes and parameter sets, a whole JPEG), of others none of their bytes; Bytes counts them all. Of codecs whose keyframes are
// not known every picture counts as one.
func (s *Survey) Next() (Frame, bool) { return s.reader.Next() }

// Device tells what the camera said of itself.
func (s *Survey) Device() Device { return s.reader.Device() }

// Heard reports whether any part of a picture has come, as a Reader's.
func (s *Survey) Heard() bool { return s.reader.Heard() }

// State is what a stream with this camera would say, from what was found so far.
func (s *Survey) State() State {
	f := s.stream.feed.snapshot()
	out := State{Status: Connecting, Media: f.media, FrameInterval: f.interval}
	odd, end := s.odd.Load(), s.end.Load()
	switch {
	case odd != nil:
		out.Status, out.Code, out.Params = odd.Status, odd.Code, odd.Params
	case f.keyframe && !f.suspect && f.reordering:
		out.Status, out.Code = Unsupported, CodeBFrames
	case f.keyframe && !f.suspect:
		out.Status = Live
	case end != nil:
		out.Status, out.Code, out.Params = end.Status, end.Code, end.Params
	case !f.unkeyed.IsZero() && s.stream.now().Sub(f.unkeyed) >= keyframeMost:
		out.Status, out.Code = Unsupported, CodeNoKeyframe
	}
	return out.clone()
}

// Unkeyed tells since when pictures come that no decoder could begin with, as a Reader's.
func (s *Survey) Unkeyed() time.Time { return s.reader.Unkeyed() }

// Ended reports whether the session has ended by itself, or none began.
func (s *Survey) Ended() bool { return s.end.Load() != nil }

// Close ends the session and waits until it has.
func (s *Survey) Close() {
	s.stop()
	<-s.done
	s.reader.Close()
	s.stream.ring.clear()
}

// Ask asks a camera to describe itself with the target's credentials. No session begins (RFC 2326, 10.2), so a camera that takes one viewer
// only answers beside it. It gives nil, also for a camera whose pictures no stream takes, ctx's error, or a *Refusal; within 8 s.
func (r *Relay) Ask(ctx context.Context, target camera.Target) error {
	bounded, cancel := context.WithTimeout(ctx, handshakeMost)
	defer cancel()
	err := newRTSP(r.opt.Now).pullWhat(bounded, target, Hint{}, func(*description.Session) (choice, error) {
		return choice{}, &Refusal{Code: codeDescribed}
	}, &answers{}, nil)
	var why *Refusal
	switch {
	case errors.As(err, &why) && why.Code == codeDescribed:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case bounded.Err() != nil:
		return failed(CodeTimeout)
	case why != nil:
		return why
	}
	return failed(CodeLost)
}

// codeDescribed ends an Ask that has what it wants. It stays within.
const codeDescribed = "described"

// surveyIntake is the Intake of a Survey.
type surveyIntake struct {
	survey  *Survey
	session *session
	unpack  unpacker // nil: H.264, as in streams
}

func (in *surveyIntake) Describe(o Offer) {
	in.session.Describe(o)
	in.survey.stream.tell()
}

func (in *surveyIntake) RTP(t Track, p *rtp.Packet, arrived time.Time) {
	if t != Video || in.unpack == nil {
		in.session.RTP(t, p, arrived)
		return
	}
	u, ok := in.unpack.take(p)
	if ok {
		in.session.feed.odd(u, arrived)
	}
}

// odd publishes a picture of a codec that streams do not take.
func (f *feed) odd(u oddUnit, arrived time.Time) {
	f.mu.Lock()
	f.facts.picture, f.facts.unit, f.facts.packet = arrived, arrived, arrived
	if u.width > 0 {
		f.media.Width, f.media.Height = u.width, u.height
	}
	if u.profile != "" {
		f.media.Video.Profile = u.profile
	}
	f.facts.media = f.media
	f.publish(&Frame{
		Track: Video, Packets: []Packet{{Payload: u.whole, Marker: true, Timestamp: u.timestamp}}, Timestamp: u.timestamp, Keyframe: u.key,
		Arrived: arrived, Bytes: u.bytes,
	})
	f.published = 0
	f.mu.Unlock()
	f.stream.tell()
}
