package signaling

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

const (
	sweepEvery = time.Second
	drainFor   = 2 * time.Second // what views get for ending by themselves when the gateway stops
	recheckers = 8
	recheckFor = 3 * time.Second // others wait to be told of the same change
)

// Run ends sessions whose page did not come back. When ctx ends it tells every page that the gateway is going down, ends all views, closes
// the sockets, and returns when nothing that was started here runs any more.
func (s *Signaling) Run(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.sweep()
		case <-ctx.Done():
			s.drain()
			return nil
		}
	}
}

// Recheck ends the sockets whose sign-in session is over. It is called when the rights revision rises, after auth dropped what it had
// cached. What could not be found out is left alone; viewers.Judge ends the views meanwhile.
func (s *Signaling) Recheck(ctx context.Context) {
	bySignIn := map[auth.SessionID][]*session{}
	for _, ses := range s.all() {
		if id := ses.principal.Session; id != "" {
			bySignIn[id] = append(bySignIn[id], ses)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, recheckFor)
	defer cancel()
	work := make(chan auth.SessionID)
	var wg sync.WaitGroup
	for range min(recheckers, len(bySignIn)) {
		wg.Go(func() {
			for id := range work {
				lives, err := s.auth.SessionLives(ctx, id)
				if err != nil || lives {
					continue
				}
				var ending []*tile
				for _, ses := range bySignIn[id] {
					ending = append(ending, ses.finish(viewers.CodeClosed)...)
				}
				settle(ending)
				for _, ses := range bySignIn[id] {
					ses.dismiss(ByeMessage{Type: "bye", Code: auth.ErrToken.Code}, closePolicy)
				}
			}
		})
	}
	for id := range bySignIn {
		work <- id
	}
	close(work)
	wg.Wait()
}

// Stats gives the counts.
func (s *Signaling) Stats() Stats {
	s.mu.Lock()
	st := s.stats
	st.Sessions, st.Players = len(s.sessions), len(s.resources)
	for _, n := range s.sockets {
		st.Sockets += n
	}
	s.mu.Unlock()
	for _, ses := range s.all() {
		st.Views += ses.size()
	}
	return st
}

// sweep ends sessions that nobody took up again, and forgets WHEP resources that ended long ago.
func (s *Signaling) sweep() {
	now := s.now()
	for _, ses := range s.all() {
		if ses.abandoned(now) {
			ses.each(job{kind: jobFinish, code: viewers.CodeExpired})
			s.forget(ses)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for secret, d := range s.gone {
		if now.After(d.forget) {
			delete(s.gone, secret)
		}
	}
}

// all gives the sessions. No session's lock is taken under mu; the other way round is allowed.
func (s *Signaling) all() []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.sessions))
}

func (s *Signaling) drain() {
	s.mu.Lock()
	s.stopping = true
	resources := slices.Collect(maps.Values(s.resources))
	s.mu.Unlock()

	sessions := s.all()
	for _, ses := range sessions {
		ses.finish(viewers.CodeStopping)
	}
	for _, r := range resources {
		r.view.Close(viewers.CodeStopping)
	}
	ended := make(chan struct{})
	go func() {
		s.work.Wait()
		close(ended)
	}()
	late := time.NewTimer(drainFor)
	defer late.Stop()
	select {
	case <-ended:
	case <-late.C:
	}
	for _, ses := range sessions {
		ses.dismiss(ByeMessage{Type: "bye", Code: viewers.CodeStopping, RetryAfterMS: 500 + rand.Int64N(2500)}, closeGoingAway)
	}
	s.stop()
	<-ended
	s.open.Wait()
}

// begin counts a goroutine of a view in; false when the gateway is stopping and nothing may begin.
func (s *Signaling) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return false
	}
	s.work.Add(1)
	return true
}

// retire closes a peer without making its view wait.
func (s *Signaling) retire(p Peer) {
	if p == nil {
		return
	}
	if !s.begin() {
		_ = p.Close()
		return
	}
	go func() {
		defer s.work.Done()
		_ = p.Close() // there is nothing to be done about a peer that does not end well
	}()
}
