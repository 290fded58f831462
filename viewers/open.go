package viewers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

const (
	maxLimit       = 64
	maxViewID      = 64
	maxEarly       = 1024
	maxLabel       = 64 // characters
	minLease       = time.Second
	maxLease       = 10 * time.Minute
	releaseTimeout = 2 * time.Second
)

// Open is the only door. It asks whether the sign-in session lives, whether the user may watch the camera, and whether there is a
// place; the view that it gives is already told to the event log. A view of the same id in this process has ended with
// view.replaced when Open returns.
//
// It gives auth.ErrToken, camera.ErrNotFound, ErrNotAllowed, ErrLimit, ErrEvicted, ErrRevoked, ErrBadView, ErrBadRequest or ErrStopping.
func (v *Viewers) Open(ctx context.Context, r Request) (*View, error) {
	view, err := v.open(ctx, r)
	if err != nil {
		code := fault.CodeOf(err)
		v.mu.Lock()
		v.stats.Refused[code]++
		v.mu.Unlock()
		return nil, fmt.Errorf("open view: %w", err)
	}
	return view, nil
}

func (v *Viewers) open(ctx context.Context, r Request) (*View, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	epoch, err := v.enter()
	if err != nil {
		return nil, err
	}
	view, err := v.admit(ctx, r)
	if err != nil {
		v.leave()
		return nil, err
	}
	began := v.seat(view)
	if !began {
		return view, nil // ended before it began: taken over or evicted meanwhile; Done says so
	}
	// A judgement that began after the rights were read may not have seen this view, so it is judged here.
	v.mu.Lock()
	judged := v.epoch != epoch
	v.mu.Unlock()
	if judged {
		j := newJudgement(v)
		if end, over := j.judge(ctx, view); over {
			j.carry(ctx, view, end)
		}
	}
	return view, nil
}

// enter notes that an Open is under way, so that ends which come before its view is seated are kept for it.
func (v *Viewers) enter() (epoch int64, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.stopping {
		return 0, ErrStopping
	}
	v.opening++
	return v.epoch, nil
}

func (v *Viewers) leave() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.leaveLocked()
}

func (v *Viewers) leaveLocked() {
	if v.opening--; v.opening == 0 {
		clear(v.early)
	}
}

// admit checks the rights and takes the place.
func (v *Viewers) admit(ctx context.Context, r Request) (*View, error) {
	u, err := v.rights.User(ctx, r.Principal.User.ID)
	if errors.Is(err, auth.ErrNoUser) {
		return nil, auth.ErrToken.Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("look up the user: %w", err)
	}
	if u.Banned {
		return nil, auth.ErrToken
	}
	if r.Principal.Session != "" {
		lives, err := v.rights.SessionLives(ctx, r.Principal.Session)
		if err != nil {
			return nil, fmt.Errorf("look up the session: %w", err)
		}
		if !lives {
			return nil, auth.ErrToken
		}
	}
	cam, err := v.rights.MayWatch(ctx, u.Under(r.Principal.Ceiling), r.Camera)
	if err != nil {
		return nil, fmt.Errorf("look up the camera: %w", err)
	}
	limit := v.Limit(u)
	if limit == 0 {
		return nil, ErrNotAllowed
	}
	admission, err := v.tracker.Admit(ctx, Claim{
		Entry: Entry{
			Seat:   Seat{Place: Place{User: u.ID, View: r.View}},
			Camera: cam.ID, Name: cam.Name, Number: cam.Number, Transport: r.Transport,
			Login: u.Login, Person: u.Name(), Kind: u.Kind, Session: r.Principal.Session, Ceiling: r.Principal.Ceiling,
			Label: cleanLabel(r.Label), Remote: r.Principal.Remote, Node: v.node,
		},
		Admit: r.Admit, Replaces: r.Replaces, Limit: limit, TTL: r.Lease + v.grace(),
	})
	if err != nil {
		return nil, fmt.Errorf("take a place: %w", err)
	}
	for _, loss := range admission.Evicted {
		v.lose(loss)
	}
	now := v.now()
	return &View{
		viewers: v, entry: admission.Entry, camera: cam, user: u, lease: r.Lease,
		begunAt: now, done: make(chan struct{}), deadline: now.Add(r.Lease),
	}, nil
}

// seat enters the view among those that live here, in place of its former opening; false if the view is over already.
func (v *Viewers) seat(view *View) bool {
	v.mu.Lock()
	end, over := v.early[view.entry.Seat]
	former := v.views[view.entry.Place]
	switch {
	case over:
	case v.stopping:
		end, over = End{Code: CodeStopping}, true
	case former != nil && former.entry.Generation > view.entry.Generation:
		end, over, former = End{Code: CodeReplaced}, true, nil
	}
	v.stats.Opened[view.entry.Transport]++ // as its end is counted
	if !over {
		v.views[view.entry.Place] = view
	} else {
		former = nil
	}
	v.leaveLocked()
	v.mu.Unlock()

	if former != nil {
		v.finish(former, End{Code: CodeReplaced})
	}
	v.events.Record(v.event(view, events.ViewBegun, view.begunAt))
	if over {
		view.close(end)
	}
	return !over
}

// lose ends a view of this process that the tracker gave away.
func (v *Viewers) lose(l Loss) {
	v.mu.Lock()
	view := v.views[l.Seat.Place]
	if view == nil || view.entry.Generation < l.Seat.Generation {
		if v.opening > 0 && l.Node == v.node {
			if len(v.early) >= maxEarly {
				clear(v.early) // the next heartbeat tells it again
			}
			v.early[l.Seat] = l.End
		}
		view = nil
	} else if view.entry.Generation != l.Seat.Generation {
		view = nil // a later opening sits there now
	}
	v.mu.Unlock()
	if view != nil {
		v.finish(view, l.End)
	}
}

// finish ends a view in this process; false if it had ended before.
func (v *Viewers) finish(w *View, end End) bool {
	end = end.clone()
	end.At = v.now().UTC()
	w.mu.Lock()
	if w.ended {
		w.mu.Unlock()
		return false
	}
	w.ended, w.end = true, end
	w.mu.Unlock()

	v.mu.Lock()
	if v.views[w.entry.Place] == w {
		delete(v.views, w.entry.Place)
	}
	v.stats.Ended[end.Code]++
	v.mu.Unlock()

	close(w.done)
	e := v.event(w, events.ViewEnded, end.At)
	e.Code, e.Note = end.Code, endNote(end)
	if end.By.ID != "" { // done by somebody, to the viewer
		e.Actor, e.User = end.By, e.Actor
	}
	e.Lasted = max(end.At.Sub(w.begunAt), 0)
	v.events.Record(e)
	return true
}

func (v *Viewers) event(w *View, kind events.Kind, at time.Time) events.Event {
	return events.Event{
		At: at.UTC(), Kind: kind,
		Actor:  events.Person{ID: string(w.entry.User), Login: w.entry.Login, Name: w.entry.Person},
		Camera: events.Subject{ID: string(w.entry.Camera), Number: w.entry.Number, Name: w.entry.Name},
		View:   string(w.entry.View), Transport: string(w.entry.Transport), Remote: w.entry.Remote,
	}
}

// endNote says for the log who caused an end.
func endNote(end End) string {
	if end.Code == CodeEvicted && end.Params["camera"] != "" {
		return fmt.Sprintf("camera %s was opened at %s", end.Params["number"], end.Params["where"])
	}
	return end.Params["reason"]
}

// grace is what a lease lasts longer in the tracker than here, so that a lapsed view is ended by its own process, with its event.
func (v *Viewers) grace() time.Duration { return 2*v.beat + time.Second }

func (r Request) check() error {
	if !goodID(r.View) || r.Replaces != "" && !goodID(r.Replaces) {
		return ErrBadView
	}
	switch {
	case r.Transport != WebRTC && r.Transport != WHEP && r.Transport != HLS,
		r.Admit != EvictOldest && r.Admit != IfFree,
		r.Lease < minLease, r.Lease > maxLease:
		return ErrBadRequest
	case r.Principal.User.ID == "":
		return auth.ErrToken
	case r.Camera == "":
		return camera.ErrNotFound
	}
	return nil
}

func goodID(id ViewID) bool {
	if len(id) == 0 || len(id) > maxViewID {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// cleanLabel makes a sent label fit to be shown to others: one line, no control or direction characters, bounded.
func cleanLabel(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxLabel {
		s = strings.TrimSpace(string(r[:maxLabel]))
	}
	return s
}
