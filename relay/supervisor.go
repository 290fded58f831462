package relay

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// The supervisor's patience, apart from what it learns of the stream's own pace.
const (
	addressTimeout = 3 * time.Second
	// handshakeTold is when people are told that the camera does not answer; it is given until handshakeMost all the same.
	handshakeTold = 4500 * time.Millisecond
	handshakeMost = 8 * time.Second
	// beginMost is how long a session may stand before its first packet, by transport: UDP may be blocked on the way.
	beginMost, beginMostUDP = 10 * time.Second, 4 * time.Second
	// keyframeMost is how long pictures may come without a keyframe, unless the camera's usual interval is longer than half of it.
	keyframeMost   = 10 * time.Second
	shrinkEvery    = time.Second
	recheckSoonest = 5 * time.Second
)

// supervisor dials, watches and ends the sessions of one stream, and owns its state. It is one goroutine's.
type supervisor struct {
	*stream
	ctx     context.Context
	memory  memory
	backoff backoff

	target camera.Target // of the last attempt
	began  time.Time     // of the last attempt

	cancel  context.CancelFunc // of the session that stands or is being made; nil if none
	done    chan error         // its end
	ending  *Refusal           // why we cancelled it
	counted bool               // as a session with media
	shownAt time.Time          // when it showed its first picture

	redialAt  time.Time
	recheckAt time.Time // when to ask for the target again, since it could not be read; zero: not
	lingerAt  time.Time // zero while somebody reads
	shrunkAt  time.Time
	// keeping: a steady session just ended, and the state holds until pictures are late; keptCode is what it will say then.
	keeping  bool
	keptCode string
}

// run keeps the stream going until nobody has read it for the linger time, or ctx ends.
func (v *supervisor) run() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	v.memory = v.relay.recall(v.key)
	v.redialAt = v.now()
	for {
		wait, on := v.step()
		if !on {
			break
		}
		timer.Reset(wait)
		select {
		case <-v.ctx.Done():
			if v.cancel != nil {
				v.cancel()
				<-v.done
			}
			v.relay.retire(v.stream, nil)
			v.feed.end()
			return
		case <-v.wake:
		case <-v.recheck:
			v.checkTarget()
		case err := <-v.done:
			v.ended(err)
		case <-timer.C:
		}
	}
}

// step does what is due and gives the time until something is due again; false ends the stream.
func (v *supervisor) step() (time.Duration, bool) {
	now := v.now()
	next := now.Add(time.Hour)
	due := func(at time.Time) {
		if at.Before(next) {
			next = at
		}
	}
	if v.watched() {
		v.lingerAt = time.Time{}
	} else {
		if v.lingerAt.IsZero() {
			v.lingerAt = now.Add(v.relay.opt.Linger)
			if v.hasty.Load() {
				v.lingerAt = now
			}
		}
		if !now.Before(v.lingerAt) {
			// The session goes first: a reader that joins meanwhile must not make the camera see two.
			if v.cancel != nil {
				v.stop(&Refusal{Status: Connecting})
				v.keeping = false
				v.set(Connecting, "", nil, time.Time{})
			} else if v.relay.retire(v.stream, v.watched) {
				return 0, false
			}
		} else {
			due(v.lingerAt)
		}
	}
	if !v.recheckAt.IsZero() {
		if !now.Before(v.recheckAt) {
			v.checkTarget()
			now = v.now()
		}
		if !v.recheckAt.IsZero() {
			due(v.recheckAt)
		}
	}
	if v.cancel == nil && v.watched() {
		if !now.Before(v.redialAt) {
			v.dial()
			now = v.now()
		}
		if v.cancel == nil {
			due(v.redialAt) // also after an attempt that ended before it dialled
		}
	}
	v.judge(now, due)
	if v.ring.budget.over() && now.Sub(v.shrunkAt) >= shrinkEvery {
		v.shrunkAt = now
		v.ring.shrink(now)
	}
	if v.ring.budget.over() {
		due(v.shrunkAt.Add(shrinkEvery))
	}
	return max(next.Sub(now), 0), true
}

// dial asks for the target and begins a session with it.
func (v *supervisor) dial() {
	now := v.now()
	v.began = now
	target, err := v.askTarget()
	if err != nil {
		if isGone(err) {
			v.gone()
			return
		}
		v.redialAt = v.backoff.next(now, v.now())
		v.keeping = false
		if v.state.Load().Code != CodeRecords && v.ctx.Err() == nil {
			v.log.Error("read a camera's address", "err", err)
		}
		v.set(Connecting, CodeRecords, nil, v.redialAt)
		return
	}
	v.adopt(target)
	if v.memory.notBefore.After(now) {
		v.resumeLockout(v.memory.notBefore)
		return
	}
	v.target = target
	v.dialled.Store(&target)
	ctx, cancel := context.WithCancel(v.ctx)
	session, done := v.feed.begin(), make(chan error, 1)
	v.cancel, v.done, v.ending, v.counted, v.shownAt = cancel, done, nil, false, time.Time{}
	v.count.dials.Add(1)
	if s := v.state.Load(); !s.RetryAt.IsZero() {
		v.set(s.Status, s.Code, s.Params, time.Time{})
	}
	hint := Hint{Transport: v.memory.transport}
	go func() { done <- v.relay.opt.Source.Pull(ctx, target, hint, session) }()
}

func (v *supervisor) askTarget() (camera.Target, error) {
	ctx, cancel := context.WithTimeout(v.ctx, addressTimeout)
	defer cancel()
	target, err := v.relay.opt.Addresses.Dial(ctx, v.key.Camera, v.key.Kind)
	if err == nil && target.Address == "" {
		err = camera.ErrNotFound // it has no such stream
	}
	return target, err
}

func isGone(err error) bool { return fault.KindOf(err) == fault.NotFound }

// adopt compares a target with what is remembered; a changed one begins with a clean slate. It reports a change.
func (v *supervisor) adopt(target camera.Target) bool {
	print := v.relay.prints.of(target)
	if print == v.memory.print {
		return false
	}
	first := v.memory.print == fingerprint{}
	v.memory = memory{print: print}
	v.backoff = backoff{}
	v.relay.remember(v.key, v.memory)
	if !first && v.target.Address != target.Address {
		v.empty()
	}
	return !first
}

// empty lets go of pictures that may be another camera's, and takes no more of a session that still stands.
func (v *supervisor) empty() {
	v.feed.end()
	v.ring.clear()
	v.feed.forget()
	v.relay.forgetKeyframe(v.key)
}

func (v *supervisor) resumeLockout(until time.Time) {
	v.redialAt = until
	v.keeping = false
	v.set(Refused, CodeCredentials, nil, until)
}

// gone deals with a camera that is in the records no more; its readers stay until somebody ends them.
func (v *supervisor) gone() {
	v.redialAt = v.now().Add(recheckGone)
	v.dialled.Store(nil)
	v.keeping = false
	refusal := &Refusal{Status: Refused, Code: CodeNoSuch}
	if v.cancel != nil {
		v.stop(refusal)
	}
	v.empty()
	v.set(refusal.Status, refusal.Code, nil, v.redialAt)
}

// checkTarget asks for the target again and redials if it changed.
func (v *supervisor) checkTarget() {
	v.recheckAt = time.Time{}
	target, err := v.askTarget()
	if err != nil {
		switch {
		case !isGone(err):
			// Our records are out of reach, which is no reason to end what works. But what they would say is still to be known.
			v.recheckAt = v.now().Add(recheckSoonest)
		case v.state.Load().Code != CodeNoSuch:
			v.gone()
		}
		return
	}
	changed := v.adopt(target)
	status := v.state.Load().Status
	switch code := v.state.Load().Code; {
	case changed:
		v.redialAt, v.keeping = v.now(), false
		if v.cancel != nil {
			v.stop(&Refusal{Status: Connecting})
		}
		v.set(Connecting, "", nil, time.Time{})
	case v.cancel == nil && (code == CodeNoSuch || v.forgiven()):
		v.redialAt = v.now()
	case v.cancel == nil && status == Unsupported:
		if soon := v.began.Add(recheckSoonest); soon.Before(v.redialAt) {
			v.redialAt = soon
		}
	}
}

// stop ends the session; ended comes later.
func (v *supervisor) stop(why *Refusal) {
	if v.ending == nil {
		v.ending = why
	}
	v.feed.end()
	v.cancel()
}

// ended takes the end of a session and decides when the next one begins.
func (v *supervisor) ended(err error) {
	now, facts := v.now(), v.feed.snapshot()
	v.feed.end()
	v.cancel()
	shown := v.shownAt
	v.cancel, v.done, v.shownAt = nil, nil, time.Time{}
	why := v.ending
	ours := why != nil && why.Code == ""
	if why == nil {
		why = &Refusal{Status: Connecting, Code: CodeLost}
		errors.As(err, &why)
	}
	switch {
	case ours, why.Code == CodeNoSuch:
		return // whoever ended it has set the state and the time
	case why.Code == CodeCredentials:
		v.redialAt = v.memory.locked(now)
		v.relay.remember(v.key, v.memory)
	case why.Status == Unsupported:
		v.redialAt = now.Add(recheckMedia)
	case !shown.IsZero() && now.Sub(shown) >= steady:
		v.backoff = backoff{}
		v.redialAt = now
		// A camera may end a session that worked, for its own reasons: Digest nonces that go stale, a limit of time. The pictures
		// stand until the next one is due.
		if v.keeping = v.state.Load().Status == Live; v.keeping {
			v.keptCode = CodeLost
			return
		}
	default:
		v.redialAt = v.backoff.next(v.began, now)
		if facts.packet.IsZero() && v.memory.transport == camera.TransportUDP {
			v.memory.transport = "" // perhaps UDP is blocked by now
			v.relay.remember(v.key, v.memory)
		}
		if v.keeping && why.Status == Connecting && now.Before(facts.picture.Add(stallAfter(facts))) {
			v.keptCode = why.Code // a camera that restarts refuses for a moment
			return
		}
	}
	v.keeping = false
	if why.Media.Video.Name != "" || why.Media.Audio.Name != "" {
		v.feed.offered(why.Media)
	}
	retry := v.redialAt
	if !v.watched() {
		retry = time.Time{}
	}
	v.set(why.Status, why.Code, why.Params, retry)
}

// judge sets the state by what the session delivers, ends one that delivers nothing, and tells when to look again.
func (v *supervisor) judge(now time.Time, due func(time.Time)) {
	v.awaited.Store(true) // before looking, so that no frame falls between
	f := v.feed.snapshot()
	if v.keeping && v.shownAt.IsZero() {
		if late := f.picture.Add(stallAfter(f)); now.Before(late) {
			due(late)
		} else if v.keeping = false; v.cancel == nil || !f.described {
			v.set(Connecting, v.keptCode, nil, v.plannedRedial())
		}
	}
	if v.cancel == nil || v.ending != nil {
		v.awaited.Store(false)
		return
	}
	if !f.described {
		v.judgeHandshake(now, due)
		return
	}
	if !v.counted {
		v.counted = true
		v.count.sessions.Add(1)
		v.relay.sessions.Add(1)
		v.memory.lockouts, v.memory.notBefore, v.memory.transport = 0, time.Time{}, camera.Transport(f.media.Transport)
		v.relay.remember(v.key, v.memory)
		v.log.Info("session with a camera", "transport", f.media.Transport, "video", f.media.Video.Name, "sound", f.media.Audio.Name,
			"took", now.Sub(v.began).Round(time.Millisecond))
	}
	switch {
	case v.judgeKeyframes(now, f, due):
	case !f.keyframe || f.suspect:
		v.judgeBeginning(f)
	default:
		v.judgePictures(now, f, due)
	}
	v.judgeSilence(now, f, due)
}

func (v *supervisor) plannedRedial() time.Time {
	if v.cancel != nil {
		return time.Time{}
	}
	return v.redialAt
}

func (v *supervisor) judgeHandshake(now time.Time, due func(time.Time)) {
	switch told, most := v.began.Add(handshakeTold), v.began.Add(handshakeMost); {
	case !now.Before(most):
		v.stop(&Refusal{Status: Connecting, Code: CodeTimeout})
	case !now.Before(told):
		if !v.keeping {
			v.set(Connecting, CodeTimeout, nil, time.Time{})
		}
		due(most)
	default:
		due(told)
	}
}

// judgeKeyframes tells of a camera that sends pictures and none to begin with: one that refreshes its picture in stripes, or that sent its
// only keyframe before we came or before a loss. False if that is not so, or not yet. The session stands: a keyframe may come after all.
func (v *supervisor) judgeKeyframes(now time.Time, f facts, due func(time.Time)) bool {
	if f.unkeyed.IsZero() {
		return false
	}
	if late := f.unkeyed.Add(max(keyframeMost, 2*v.ring.usualKeyframe())); now.Before(late) {
		due(late)
		return false
	}
	v.keeping = false
	v.set(Unsupported, CodeNoKeyframe, nil, time.Time{})
	return true
}

// judgeBeginning is for a session that has shown nothing yet.
func (v *supervisor) judgeBeginning(f facts) {
	if v.keeping || f.suspect && v.state.Load().Status == Unsupported {
		return
	}
	v.set(Connecting, "", nil, time.Time{})
}

func (v *supervisor) judgePictures(now time.Time, f facts, due func(time.Time)) {
	if v.shownAt.IsZero() {
		v.shownAt = now
	}
	v.keeping = false
	switch late := f.picture.Add(stallAfter(f)); {
	case f.reordering:
		v.set(Unsupported, CodeBFrames, nil, time.Time{})
		v.awaited.Store(false)
	case now.Before(late):
		v.set(Live, "", nil, time.Time{})
		v.awaited.Store(false)
		due(late)
	default:
		if v.state.Load().Status != Stalled {
			v.count.stalls.Add(1)
		}
		v.set(Stalled, "", nil, time.Time{})
	}
}

// judgeSilence ends a session in which nothing comes any more, or sound only.
func (v *supervisor) judgeSilence(now time.Time, f facts, due func(time.Time)) {
	first, silent, blind := beginMost, 15*time.Second, 30*time.Second
	if f.media.Transport == string(camera.TransportUDP) {
		first = beginMostUDP
	}
	if f.measured {
		silent, blind = max(5*time.Second, 5*f.interval), max(10*time.Second, 10*f.interval)
	}
	limit := f.packet.Add(silent)
	if f.packet.IsZero() {
		limit = f.describedAt.Add(first)
	}
	unit := f.unit
	if unit.IsZero() {
		unit = f.describedAt
	}
	if l := unit.Add(blind); l.Before(limit) {
		limit = l
	}
	if now.Before(limit) {
		due(limit)
		return
	}
	v.stop(&Refusal{Status: Connecting, Code: CodeLost})
}

// stallAfter is how long no picture may come before the stream counts as stalled. Until the pace is known, patience: the camera may be
// one that sends a picture every few seconds.
func stallAfter(f facts) time.Duration {
	if !f.measured {
		return max(10*time.Second, 3*f.interval)
	}
	return max(2*time.Second, 3*f.interval)
}

// set makes a state the stream's and tells it, if anything in it is new.
func (v *supervisor) set(status Status, code string, params map[string]string, retryAt time.Time) {
	old, f := v.state.Load(), v.feed.snapshot()
	next := State{Status: status, Code: code, Params: params, RetryAt: retryAt, Media: f.media, Since: old.Since, FrameInterval: old.FrameInterval}
	if f.interval > old.FrameInterval*5/4 || f.interval < old.FrameInterval*3/4 {
		next.FrameInterval = f.interval
	}
	turned := status != old.Status || code != old.Code
	if turned {
		next.Since = v.now()
	} else if next.FrameInterval == old.FrameInterval && next.Media == old.Media && next.RetryAt.Equal(old.RetryAt) && maps.Equal(params, old.Params) {
		return
	}
	v.setState(&next)
	if turned {
		v.log.Info("stream state", "status", string(status), "code", code, "params", params, "was", string(old.Status))
		if told := v.relay.opt.StateChanged; told != nil {
			told(v.key, next.clone())
		}
	}
	v.tell()
}
