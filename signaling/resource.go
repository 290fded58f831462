package signaling

import (
	"sync"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

const maxGone = 4096 // ended WHEP resources whose reason is remembered

// resource is one WHEP player.
type resource struct {
	secret string
	user   auth.UserID
	view   *viewers.View
	peer   Peer

	turn  chan struct{} // cap 1: held by the PATCH that is being done, so that restarts and candidates keep their order
	mu    sync.Mutex    // guards what follows
	etag  string        // of the ICE session
	offer string        // the last, as it stands after restarts
}

// departed is a resource that has ended.
type departed struct {
	user   auth.UserID
	end    viewers.End
	forget time.Time
}

// keep makes a resource that lives until its view or peer ends; false when the gateway is stopping.
func (s *Signaling) keep(user auth.UserID, view *viewers.View, peer Peer, offer string) (*resource, bool) {
	res := &resource{
		secret: secret(), user: user, view: view, peer: peer, turn: make(chan struct{}, 1), etag: newTag(), offer: offer,
	}
	s.mu.Lock()
	if s.stopping {
		s.mu.Unlock()
		return nil, false
	}
	s.resources[res.secret] = res
	s.work.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.work.Done()
		res.live()
		s.depart(res)
		_ = peer.Close()
	}()
	return res, true
}

// live renews the lease while ICE lives, and returns when the view has ended.
func (r *resource) live() {
	renew := time.NewTicker(renewEvery)
	defer renew.Stop()
	for {
		switch r.peer.Snapshot().Connection {
		case Connected:
			r.view.Renew()
		case Failed:
			r.view.Close(viewers.CodeExpired)
		}
		select {
		case <-r.view.Done():
			return
		case <-r.peer.Done():
			if r.peer.Snapshot().Connection != Failed {
				r.view.Close(viewers.CodeClosed) // the player hung up
			}
			r.view.Close(viewers.CodeExpired)
		case <-r.peer.Changed():
		case <-renew.C:
		}
	}
}

func (s *Signaling) depart(r *resource) {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.resources, r.secret)
	if len(s.gone) >= maxGone {
		for key := range s.gone { // any: its player is answered 404 instead of 410
			delete(s.gone, key)
			break
		}
	}
	s.gone[r.secret] = departed{user: r.user, end: r.view.End(), forget: now.Add(viewers.Remember)}
}

// patch takes candidates, or restarts ICE when the credentials are new; then answer is the peer's.
func (r *resource) patch(match string, f fragment) (answer string, restarted bool, err error) {
	r.turn <- struct{}{}
	defer func() { <-r.turn }()
	r.mu.Lock()
	etag, offer := r.etag, r.offer
	r.mu.Unlock()
	if match != "*" && match != etag {
		return "", false, errMatch
	}
	ufrag, pwd := sdpCredentials(offer)
	if f.ufrag != ufrag || f.pwd != pwd {
		if match != "*" {
			return "", false, errMatch
		}
		offer = restartOffer(offer, f)
		if answer, err = r.peer.Restart(offer); err != nil {
			return "", false, err
		}
		r.view.Renew()
		r.mu.Lock()
		r.etag, r.offer = newTag(), offer
		r.mu.Unlock()
		restarted = true
	}
	for _, c := range f.candidates {
		if err := r.peer.AddCandidate(c); err != nil {
			return "", false, err
		}
	}
	if f.ended {
		if err := r.peer.AddCandidate(Candidate{}); err != nil {
			return "", false, err
		}
	}
	return answer, restarted, nil
}

func (r *resource) tag() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.etag
}

func newTag() string { return `"` + secret() + `"` }
