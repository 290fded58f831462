package auth

import (
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"
)

// How sign-in is slowed. Attempts beyond the free ones wait twice as long each time.
const (
	freePerPair    = 5                // failures of one account from one address
	freePerAddress = 50               // failures from one address, whatever the account: a whole control room may sit behind it
	longestPair    = 5 * time.Minute  // wait
	longestAddress = 30 * time.Second // wait; short, since it meets innocent neighbours too
	forgetAfter    = 15 * time.Minute // without an attempt
	trustFor       = 30 * 24 * time.Hour
	throttleBound  = 20_000 // keys; the longest unused go first
)

// throttle slows the guessing of passwords: per account and address together, and per address. Never per account alone, or
// anybody could lock a control room out from elsewhere. A pair that has lately signed in is not slowed for what its neighbours
// behind the same address do.
//
// An attempt counts as a failure from its beginning until it has succeeded, so that many at once gain nothing.
type throttle struct {
	mu   sync.Mutex // guards what follows
	keys map[string]*tries
}

type tries struct {
	failures int
	until    time.Time // no attempt before
	last     time.Time
	trusted  time.Time // of a pair: when it last signed in
}

func newThrottle() *throttle { return &throttle{keys: make(map[string]*tries)} }

// begin counts an attempt. If it has to wait, it is not counted and begin gives for how long.
func (t *throttle) begin(account, remote string, now time.Time) (wait time.Duration) {
	pairKey, addressKey := throttleKeys(account, remote)
	t.mu.Lock()
	defer t.mu.Unlock()
	pair, address := t.at(pairKey, now), t.at(addressKey, now)
	known := now.Sub(pair.trusted) < trustFor && !pair.trusted.IsZero()
	wait = pair.until.Sub(now)
	if !known {
		wait = max(wait, address.until.Sub(now))
	}
	if wait > 0 {
		return wait
	}
	pair.fail(now, freePerPair, longestPair)
	if !known {
		address.fail(now, freePerAddress, longestAddress)
	}
	return 0
}

// succeed takes the attempt back that begin counted, and forgets the pair's failures.
func (t *throttle) succeed(account, remote string, now time.Time) {
	pairKey, addressKey := throttleKeys(account, remote)
	t.mu.Lock()
	defer t.mu.Unlock()
	pair, address := t.at(pairKey, now), t.at(addressKey, now)
	if known := now.Sub(pair.trusted) < trustFor && !pair.trusted.IsZero(); !known && address.failures > 0 {
		address.failures--
		address.until = time.Time{}
	}
	*pair = tries{last: now, trusted: now}
}

// forgive takes the attempt back that begin counted: it was never judged.
func (t *throttle) forgive(account, remote string, now time.Time) {
	pairKey, addressKey := throttleKeys(account, remote)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range []*tries{t.at(pairKey, now), t.at(addressKey, now)} {
		if e.failures > 0 {
			e.failures--
			e.until = time.Time{}
		}
	}
}

// at gives the entry of key, made or made new if need be. The caller holds mu.
func (t *throttle) at(key string, now time.Time) *tries {
	e := t.keys[key]
	if e == nil {
		if len(t.keys) >= throttleBound {
			t.shrink()
		}
		e = &tries{}
		t.keys[key] = e
	}
	if now.Sub(e.last) > forgetAfter && now.After(e.until) {
		e.failures, e.until = 0, time.Time{}
	}
	e.last = now
	return e
}

// shrink drops the quarter that was used longest ago. The caller holds mu.
func (t *throttle) shrink() {
	used := make([]time.Time, 0, len(t.keys))
	for _, e := range t.keys {
		used = append(used, e.last)
	}
	slices.SortFunc(used, time.Time.Compare)
	oldest := used[len(used)/4]
	for key, e := range t.keys {
		if !e.last.After(oldest) {
			delete(t.keys, key)
		}
	}
}

func (e *tries) fail(now time.Time, free int, longest time.Duration) {
	e.failures++
	if over := e.failures - free; over >= 0 {
		e.until = now.Add(min(time.Second<<min(over, 20), longest))
	}
}

// throttleKeys gives the keys of an attempt. An IPv6 customer has a /64 at least, so that counts as one address.
func throttleKeys(account, remote string) (pair, address string) {
	if ip, err := netip.ParseAddr(remote); err == nil {
		ip = ip.Unmap().WithZone("")
		bits := 32
		if ip.Is6() {
			bits = 64
		}
		if prefix, err := ip.Prefix(bits); err == nil {
			remote = prefix.String()
		}
	}
	return remote + " " + account, remote
}

// seconds gives d in whole seconds, rounded up, as retry_after carries it.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
