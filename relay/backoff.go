package relay

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	mathrand "math/rand/v2"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// When a camera is dialled again.
const (
	retryFirst   = 500 * time.Millisecond
	retryMost    = 4 * time.Second
	lockedFirst  = 30 * time.Second // after wrong credentials, since cameras lock out
	lockedMost   = 10 * time.Minute
	recheckMedia = 30 * time.Second // a camera with the wrong kind of pictures may be set otherwise some day
	recheckGone  = 30 * time.Second // a camera that is not in the records
	// steady is how long a session must have shown pictures for its end to be no failure: it is followed by another at once.
	steady = 5 * time.Second
)

// backoff doubles the distance between the beginnings of attempts.
type backoff struct{ failures int }

// next gives the time of the next attempt after one that began at began and failed at now.
func (b *backoff) next(began, now time.Time) time.Time {
	step := retryMost
	if b.failures < 3 {
		step = min(retryFirst<<b.failures, retryMost)
	}
	b.failures++
	step -= time.Duration(mathrand.Int64N(int64(step) / 4)) // so that cameras behind one failed switch are not dialled all at once
	at := began.Add(step)
	if soonest := now.Add(retryFirst / 2); at.Before(soonest) {
		return soonest
	}
	return at
}

// memory is what outlives a stream: how its target answered.
type memory struct {
	print     fingerprint
	lockouts  int       // times in a row that the credentials were refused
	notBefore time.Time // when they may be tried again
	transport camera.Transport
}

// locked counts a refusal of the credentials and says when they may be tried again.
func (m *memory) locked(now time.Time) time.Time {
	step := lockedMost
	if m.lockouts < 5 {
		step = min(lockedFirst<<m.lockouts, lockedMost)
	}
	m.lockouts++
	m.notBefore = now.Add(step)
	return m.notBefore
}

// fingerprint tells targets apart without keeping a password.
type fingerprint [sha256.Size]byte

// fingerprinter holds the key without which a fingerprint can't be tried against guesses.
type fingerprinter struct{ key [32]byte }

func newFingerprinter() fingerprinter {
	var f fingerprinter
	rand.Read(f.key[:]) // never fails (crypto/rand)
	return f
}

func (f *fingerprinter) of(t camera.Target) fingerprint {
	mac := hmac.New(sha256.New, f.key[:])
	for _, part := range []string{t.Address, t.Username, t.Password.Reveal(), string(t.Transport)} {
		mac.Write([]byte(part))
		mac.Write([]byte{0})
	}
	return fingerprint(mac.Sum(nil))
}
