package relay

import (
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// Shared says whether a stream that is there already is of the same target as one that somebody is about to dial.
type Shared uint8

// The answers of Sharing.
const (
	NotShared        Shared = iota
	SharedOtherLogin        // the address is the same, user name or password are not
	SharedWhole
)

// Sharing finds a stream that pulls from the target's address, or would, since somebody reads it: whoever reads it too needs no session of
// their own. What it says of transports does not count.
func (r *Relay) Sharing(target camera.Target) (Key, Shared) {
	r.mu.Lock()
	streams := make([]*stream, 0, len(r.streams))
	for _, s := range r.streams {
		streams = append(streams, s)
	}
	r.mu.Unlock()
	found, how := Key{}, NotShared
	for _, s := range streams {
		t := s.dialled.Load()
		switch {
		case t == nil || t.Address != target.Address:
		case t.Username == target.Username && t.Password == target.Password:
			return s.key, SharedWhole
		default:
			found, how = s.key, SharedOtherLogin
		}
	}
	return found, how
}

// Forgive forgets that a camera refused its credentials, since somebody has found out that it takes them by now; a stream that waits
// before it tries them again does so at once.
func (r *Relay) Forgive(key Key) {
	r.mu.Lock()
	m, known := r.memories[key]
	if known {
		m.lockouts, m.notBefore = 0, time.Time{}
		r.memories[key] = m
	}
	s := r.streams[key]
	r.mu.Unlock()
	if known && s != nil {
		s.checkAnew()
	}
}

// forgiven reports whether a lockout that a stream waits for was taken back.
func (v *supervisor) forgiven() bool {
	if v.memory.notBefore.IsZero() || !v.relay.recall(v.key).notBefore.IsZero() {
		return false
	}
	v.memory.lockouts, v.memory.notBefore = 0, time.Time{}
	return true
}

// CredentialsHeld reports whether a camera refused its credentials so lately that a stream would not try them again yet.
func (r *Relay) CredentialsHeld(key Key) bool { return r.recall(key).notBefore.After(r.opt.Now()) }
