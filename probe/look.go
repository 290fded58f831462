package probe

import (
	"context"
	"errors"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// How long a look takes at most, of which its parts take what they need.
const (
	// probeMost bounds all of a probe, the picture included.
	probeMost = 19 * time.Second
	lookMost  = 13 * time.Second
	// measureMost is how long pictures are watched for the second keyframe.
	measureMost = 10 * time.Second
	// lookEvery is how often time alone is judged.
	lookEvery = 100 * time.Millisecond
	// failingMost is how soon a stream that has just failed must be tried again to be waited for.
	failingMost = 5 * time.Second
	// silentMost is how long a session may stand before its first packet. Cameras begin within a second.
	silentMost = 6 * time.Second
	// stalledMost is how long a stream that shows nothing at present is waited for.
	stalledMost = 5 * time.Second
)

// codeSilent says that the session stands and no pictures come, as players say it.
const codeSilent = "camera.stalled"

// insistence is how far a probe goes.
type insistence uint8

const (
	asked insistence = iota // by a person: credentials that the camera has just refused are tried again
	byJob
)

// sight is what a camera is seen through: a stream's reader, or a survey.
type sight interface {
	Ready() <-chan struct{}
	Next() (relay.Frame, bool)
	State() relay.State
	Unkeyed() time.Time
	Device() relay.Device
	Heard() bool
}

// finding is what a look came to.
type finding struct {
	via     camera.PassportVia
	state   relay.State // as a stream's: what WebRTC and HLS make of it
	device  relay.Device
	code    string // why no picture came
	params  map[string]string
	session bool          // one stood
	unkeyed time.Duration // how long pictures came before the first that a decoder can begin with
	measure measure
}

// look looks at a target in the way that costs the camera least: through a stream that is there, through one that viewers who come meanwhile
// will share, and only then by a session apart.
func (p *Prober) look(ctx context.Context, target camera.Target, how insistence) finding {
	ctx, cancel := context.WithTimeout(ctx, lookMost)
	defer cancel()
	key := relay.Key{Camera: target.Camera, Kind: target.Kind}
	_, own := p.relay.State(key)
	if target.Kind == "" || !own {
		switch other, shared := p.relay.Sharing(target); shared {
		case relay.SharedWhole:
			return p.through(ctx, other, target, how)
		case relay.SharedOtherLogin:
			// The stream that is there says nothing of these credentials; a description takes no session.
			if err := p.relay.Ask(ctx, target); err != nil {
				return refused(ctx, err)
			}
			return p.through(ctx, other, target, how)
		}
	}
	if target.Kind == "" {
		return p.survey(ctx, target)
	}
	return p.through(ctx, key, target, how)
}

// refused is the finding of a camera that did not even describe itself.
func refused(ctx context.Context, err error) finding {
	f := finding{via: camera.ViaDialled, code: relay.CodeTimeout}
	var why *relay.Refusal
	if errors.As(err, &why) && ctx.Err() == nil {
		f.code, f.params = why.Code, why.Params
	}
	return f
}

// through looks through a stream.
func (p *Prober) through(ctx context.Context, key relay.Key, target camera.Target, how insistence) finding {
	if how == asked && p.relay.CredentialsHeld(key) {
		// Its stream waits, so there is no session to come in the way of. Perhaps somebody has mended the password in the camera.
		f := p.survey(ctx, target)
		if f.session {
			p.relay.Forgive(key)
		}
		return f
	}
	before, _ := p.relay.State(key)
	reader, err := p.relay.Read(key)
	if err != nil {
		return finding{via: camera.ViaDialled, code: relay.CodeRecords}
	}
	f := finding{via: camera.ViaDialled}
	if stands(before) {
		f.via = camera.ViaRunning
		defer reader.Close()
	} else {
		defer reader.CloseSoon()
	}
	if watch(ctx, reader, before, &f); !odd(f.state) {
		return f
	}
	// The relay has hung up, since it can't use what there is. What that is takes a session apart.
	reader.Close()
	return p.survey(ctx, target)
}

// stands reports whether a stream with this state has a session with its camera.
func stands(s relay.State) bool {
	return s.Status == relay.Live || s.Status == relay.Stalled || s.Status == relay.Unsupported && !odd(s)
}

// odd reports whether a stream is of no use to the relay at all.
func odd(s relay.State) bool {
	return s.Status == relay.Unsupported && (s.Code == relay.CodeCodec || s.Code == relay.CodeNoVideo)
}

// survey looks by a session apart.
func (p *Prober) survey(ctx context.Context, target camera.Target) finding {
	f := finding{via: camera.ViaDialled, code: relay.CodeTimeout}
	release, ok := p.alone(ctx, target.Address)
	if !ok {
		return f
	}
	defer release()
	s := p.relay.Survey(ctx, target)
	defer s.Close()
	watch(ctx, s, relay.State{}, &f)
	return f
}

// watch watches until it is clear what there is, or why there is nothing. before is what the stream said before anybody looked.
func watch(ctx context.Context, at sight, before relay.State, f *finding) {
	began := time.Now()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var described, first time.Time
	f.code, f.params = "", nil
	for {
		for frame, ok := at.Next(); ok; frame, ok = at.Next() {
			f.measure.add(frame)
		}
		now := time.Now()
		f.state, f.device = at.State(), at.Device()
		if described.IsZero() && f.state.Media.Transport != "" {
			described = now
		}
		if since := at.Unkeyed(); first.IsZero() && !since.IsZero() {
			f.unkeyed = now.Sub(since)
		}
		f.session = f.session || f.state.Status == relay.Live || f.measure.pictures > 0 || odd(f.state)
		if f.measure.pictures > 0 && first.IsZero() {
			first = now
		}
		switch {
		case f.measure.enough() && f.state.Status != relay.Connecting, !first.IsZero() && now.Sub(first) >= measureMost:
			return
		case first.IsZero() && !described.IsZero() && now.Sub(described) >= silentMost && !at.Heard():
			f.code = codeSilent
			return
		case first.IsZero():
			if code, params, ok := verdict(at, f.state, before, now.Sub(began), described); ok {
				f.code, f.params = code, params
				return
			}
		case over(at):
			return
		}
		select {
		case <-at.Ready():
		case <-tick.C:
		case <-ctx.Done():
			if first.IsZero() {
				f.code, f.params = late(f.state, described)
			}
			return
		}
	}
}

// over reports whether nothing more will come.
func over(at sight) bool {
	s, ok := at.(*relay.Survey)
	return ok && s.Ended()
}

// verdict tells why no picture came, once that is clear.
func verdict(at sight, s, before relay.State, looked time.Duration, described time.Time) (string, map[string]string, bool) {
	switch survey, apart := at.(*relay.Survey); {
	case apart && !survey.Ended():
		return "", nil, false // a first keyframe that is late, as with one each 10 s, is waited for as long as there is time
	case apart && s.Code == relay.CodeCodec:
		return silent(relay.CodeLost, described), nil, true // it described pictures, and sent none
	case apart:
		return silent(s.Code, described), s.Params, true
	case odd(s), s.Code == relay.CodeNoKeyframe && before.Code == s.Code:
		return s.Code, s.Params, true
	case s.Code == relay.CodeNoKeyframe:
		return "", nil, false
	case s.Status == relay.Stalled:
		return codeSilent, nil, looked >= stalledMost
	case s.Status != relay.Refused && s.Status != relay.Connecting, s.RetryAt.IsZero():
		return "", nil, false
	case !s.RetryAt.Equal(before.RetryAt): // it has failed since we look
	case time.Until(s.RetryAt) < failingMost && looked < failingMost:
		return "", nil, false
	}
	return silent(s.Code, described), s.Params, true
}

// silentLeast is how long a session must have stood for its end to mean that the camera was silent.
const silentLeast = 3 * time.Second

// silent tells a camera that was hung up on because it sent nothing from one that hung up.
func silent(code string, described time.Time) string {
	if code == relay.CodeLost && !described.IsZero() && time.Since(described) >= silentLeast {
		return codeSilent
	}
	return code
}

// late tells why no picture came in time.
func late(s relay.State, described time.Time) (string, map[string]string) {
	switch {
	case s.Code != "" && s.Code != relay.CodeCodec && s.Code != relay.CodeLost:
		return s.Code, s.Params
	case !described.IsZero() || s.Code == relay.CodeCodec:
		return codeSilent, nil
	}
	return relay.CodeTimeout, nil
}
