package viewers

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

const (
	judges       = 8               // users judged at once
	judgeTimeout = 5 * time.Second // of one pass
)

// Judge asks again whether each view of this process may go on, and ends those that may not: view.revoked when the user is gone, banned
// or may not watch the camera any more, camera.deleted, view.closed when the sign-in session is over, view.evicted for the oldest beyond
// a lowered limit. It is called when the rights revision rises, after cached users and sessions were dropped, and when a grant has come to
// its end. What could not be found out (the database is away) ends nothing: Run judges again each second until it is.
func (v *Viewers) Judge(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, judgeTimeout)
	defer cancel()
	v.mu.Lock()
	v.epoch++ // before the views are listed: an Open that is not listed sees it
	v.mu.Unlock()

	byUser := map[auth.UserID][]*View{}
	for _, view := range v.local() {
		byUser[view.entry.User] = append(byUser[view.entry.User], view)
	}
	j := newJudgement(v)
	work := make(chan []*View)
	var wg sync.WaitGroup
	for range min(judges, len(byUser)) {
		wg.Go(func() {
			for views := range work {
				j.judgeUser(ctx, views)
			}
		})
	}
	for _, views := range byUser {
		work <- views
	}
	close(work)
	wg.Wait()
	if j.err() == nil || !errors.Is(ctx.Err(), context.Canceled) { // stopping is no trouble
		v.tell("judging views", j.err())
	}
}

// judgement is one pass. What it learns of a camera serves the whole pass.
type judgement struct {
	v *Viewers

	mu      sync.Mutex // guards what follows
	cameras map[camera.ID]bool
	first   error
}

func newJudgement(v *Viewers) *judgement {
	return &judgement{v: v, cameras: map[camera.ID]bool{}}
}

func (j *judgement) err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.first
}

// fail notes that something could not be found out, and has Run judge again.
func (j *judgement) fail(err error) {
	j.mu.Lock()
	if j.first == nil {
		j.first = err
	}
	j.mu.Unlock()
	select {
	case j.v.unsure <- struct{}{}:
	default:
	}
}

// judgeUser judges one user's views and then his limit.
func (j *judgement) judgeUser(ctx context.Context, views []*View) {
	slices.SortFunc(views, func(a, b *View) int { return cmp.Compare(a.entry.Order, b.entry.Order) })
	type answer struct {
		end  End
		over bool
	}
	type claim struct {
		camera  camera.ID
		ceiling auth.Role
	}
	sessions, cameras := map[auth.SessionID]answer{}, map[claim]answer{}
	u, end, over := j.user(ctx, views[0].entry.User)
	if over {
		for _, view := range views {
			j.carry(ctx, view, end)
		}
		return
	}
	if u.ID == "" {
		return // could not be found out
	}
	living := 0
	for _, view := range views {
		s, known := sessions[view.entry.Session]
		if !known {
			s.end, s.over = j.session(ctx, view.entry.Session)
			sessions[view.entry.Session] = s
		}
		claimed := claim{view.entry.Camera, view.entry.Ceiling}
		c, known := cameras[claimed]
		if !known && !s.over {
			c.end, c.over = j.camera(ctx, u.Under(claimed.ceiling), claimed.camera)
			cameras[claimed] = c
		}
		switch {
		case s.over:
			j.carry(ctx, view, s.end)
		case c.over:
			j.carry(ctx, view, c.end)
		default:
			living++
		}
	}
	if living == 0 {
		return
	}
	limit := j.v.Limit(u)
	end = End{Code: CodeEvicted, Params: map[string]string{"reason": "limit", "limit": itoa(limit)}}
	if limit == 0 {
		end = End{Code: CodeRevoked, Params: map[string]string{"reason": "not_allowed"}}
	}
	losses, err := j.v.tracker.Trim(ctx, u.ID, limit, end)
	if err != nil {
		j.fail(err)
	}
	for _, loss := range losses {
		j.v.lose(loss)
	}
}

// judge judges one view but for the limit.
func (j *judgement) judge(ctx context.Context, view *View) (End, bool) {
	u, end, over := j.user(ctx, view.entry.User)
	if over || u.ID == "" {
		return end, over
	}
	if end, over := j.session(ctx, view.entry.Session); over {
		return end, true
	}
	return j.camera(ctx, u.Under(view.entry.Ceiling), view.entry.Camera)
}

// user gives the user, or the end of all his views, or neither if it could not be found out.
func (j *judgement) user(ctx context.Context, id auth.UserID) (auth.User, End, bool) {
	u, err := j.v.rights.User(ctx, id)
	switch {
	case errors.Is(err, auth.ErrNoUser):
		return auth.User{}, revoked("user"), true
	case err != nil:
		j.fail(err)
		return auth.User{}, End{}, false
	case u.Banned:
		return auth.User{}, revoked("user"), true
	}
	return u, End{}, false
}

func (j *judgement) session(ctx context.Context, id auth.SessionID) (End, bool) {
	if id == "" {
		return End{}, false
	}
	lives, err := j.v.rights.SessionLives(ctx, id)
	if err != nil {
		j.fail(err)
		return End{}, false
	}
	// Not revoked: who signs in again at the same screen finds the wall restored.
	return End{Code: CodeClosed, Params: map[string]string{"reason": "signed_out"}}, !lives
}

func (j *judgement) camera(ctx context.Context, u auth.User, id camera.ID) (End, bool) {
	_, err := j.v.rights.MayWatch(ctx, u, id)
	if err == nil {
		return End{}, false
	}
	if !errors.Is(err, camera.ErrNotFound) {
		j.fail(err)
		return End{}, false
	}
	exists, err := j.exists(ctx, id)
	if err != nil {
		j.fail(err)
		exists = true // the right is gone, and only that is sure
	}
	if !exists {
		return End{Code: CodeDeleted}, true
	}
	return revoked("grant"), true
}

func (j *judgement) exists(ctx context.Context, id camera.ID) (bool, error) {
	j.mu.Lock()
	exists, known := j.cameras[id]
	j.mu.Unlock()
	if known {
		return exists, nil
	}
	exists, err := j.v.rights.CameraExists(ctx, id)
	if err == nil {
		j.mu.Lock()
		j.cameras[id] = exists
		j.mu.Unlock()
	}
	return exists, err
}

// carry ends a view as judged, remembered by the tracker where its code is. Where the tracker is away, the view ends here all the same.
func (j *judgement) carry(ctx context.Context, view *View, end End) {
	if _, _, err := j.v.tracker.End(ctx, view.entry.Seat, end); err != nil {
		j.fail(err)
	}
	j.v.finish(view, end)
}

func revoked(reason string) End {
	return End{Code: CodeRevoked, Params: map[string]string{"reason": reason}}
}
