package auth

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/text/unicode/norm"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// hashQueue is how many sign-ins may wait for a processor; more are turned away at once.
const hashQueue = 64

var errBusy = fault.New(fault.TooMany, "auth.slow_down", "too many people are signing in; wait and try again").With("retry_after", "1")

// hashesAtOnce bounds the memory: each hash takes 46 MiB for a while.
const hashesAtOnce = 4

// hasher makes and compares password hashes, a few at once.
type hasher struct {
	params *argon2id.Params
	decoy  func() (string, error) // hash of a password that nobody has; made when it is first asked for
	turn   chan struct{}          // who holds a place may compute
	queue  chan struct{}          // who holds a place may wait
	runs   atomic.Int64           // hashes computed: that an unknown account costs one, as any other, is tested
}

func newHasher(params *argon2id.Params) *hasher {
	if params == nil {
		// OWASP's first choice with twice the passes. One lane: what a hash costs must not depend on the machine that made it.
		params = &argon2id.Params{Memory: 46 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	}
	h := &hasher{
		params: params,
		turn:   make(chan struct{}, min(runtime.GOMAXPROCS(0), hashesAtOnce)),
		queue:  make(chan struct{}, hashQueue),
	}
	// Commands at the machine compare nothing, and need none.
	h.decoy = sync.OnceValues(func() (string, error) { return argon2id.CreateHash(newRefresh(), params) })
	return h
}

// hash gives the hash of a password that has passed checkPassword.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	hash, err := argon2id.CreateHash(canonical(password), h.params)
	if err != nil {
		return "", fmt.Errorf("hashing a password: %w", err)
	}
	return hash, nil
}

// compare tells whether password belongs to hash, and whether hash was made with other parameters than ours, or by bcrypt, as the
// predecessor did. An empty hash costs the same time and matches nothing.
func (h *hasher) compare(ctx context.Context, password, hash string) (match, old bool, err error) {
	if err := h.enter(ctx); err != nil {
		return false, false, err
	}
	defer h.leave()
	decoy, err := h.decoy() // whoever is asked about: who comes first must not learn from the time that it takes
	if err != nil {
		return false, false, fmt.Errorf("making a password hash: %w", err)
	}
	if BcryptHash(hash) {
		// As it was typed: the predecessor knew no canonical form. What is longer than 72 bytes bcrypt itself has never looked at.
		return bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) == nil, true, nil
	}
	known := hash != ""
	if !known {
		hash = decoy
	}
	match, params, err := argon2id.CheckHash(canonical(password), hash)
	if err != nil {
		return false, false, fmt.Errorf("comparing a password: %w", err)
	}
	return match && known, *params != *h.params, nil
}

func (h *hasher) enter(ctx context.Context) error {
	select {
	case h.queue <- struct{}{}:
	default:
		return errBusy
	}
	select {
	case h.turn <- struct{}{}:
		h.runs.Add(1)
		return nil
	case <-ctx.Done():
		<-h.queue
		return fmt.Errorf("waiting for a processor: %w", ctx.Err())
	}
}

func (h *hasher) leave() {
	<-h.turn
	<-h.queue
}

// canonical gives one form for what keyboards write in several (NIST SP 800-63B, 5.1.1.2): й may come as one rune or as two.
func canonical(password string) string { return norm.NFKC.String(password) }
