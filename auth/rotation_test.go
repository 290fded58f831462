package auth_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
)

var nextKey = bytes.Repeat([]byte{8}, 32)

// keptKeys are the keys as a folder keeps them: what the nodes of an installation read.
type keptKeys struct {
	now   atomic.Pointer[auth.SigningKeys]
	reads atomic.Int64
}

// nodeOn starts a node whose keys are kept there.
func (w *world) nodeOn(kept *keptKeys) *node {
	return w.node(func(o *auth.Options) {
		o.Keys = kept.now.Load()
		o.Reread = func() (*auth.SigningKeys, error) {
			kept.reads.Add(1)
			return kept.now.Load(), nil
		}
	})
}

// TestRotationEndsNoSignIn changes the signing key under people and screens who are signed in, on two nodes of which one notices later, and
// then takes the old key away.
func TestRotationEndsNoSignIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		kept := &keptKeys{}
		kept.now.Store(keysOf(t, signingKey))
		n, late := w.nodeOn(kept), w.nodeOn(kept)
		admin := w.admin(n)
		before := w.login(n, "admin", goodPassword)
		_, code, err := n.CreateDevice(t.Context(), admin, auth.NewDevice{Name: "Wall"})
		if err != nil {
			t.Fatal(err)
		}
		crossed := w.login(n, "admin", goodPassword)
		refresh := func(n *node, token string) auth.Tokens {
			t.Helper()
			tokens, _, err := n.Refresh(t.Context(), token, desk)
			if err != nil {
				t.Fatalf("refreshing: %v", err)
			}
			return tokens
		}
		successor := refresh(n, crossed.Refresh) // the answer is on its way while the key changes

		kept.now.Store(keysOf(t, nextKey, signingKey))
		n.Reread(t.Context())
		w.principal(n, before) // what the old key signed
		after := w.login(n, "admin", goodPassword)
		if kid(t, after.Access) == kid(t, before.Access) {
			t.Error("the old key signs still")
		}
		w.principal(late, after) // a node that has not been told meets the key, and looks
		if kept.reads.Load() == 0 {
			t.Error("the other node has not looked for the key")
		}
		if refresh(n, crossed.Refresh).Refresh != successor.Refresh || refresh(late, crossed.Refresh).Refresh != successor.Refresh {
			t.Error("within a minute the successor is another one, since the key changed")
		}
		if got := refresh(n, before.Refresh); kid(t, got.Access) != kid(t, after.Access) {
			t.Error("a refresh gives a token under the old key")
		}
		if _, _, err := late.LoginDevice(t.Context(), code.Text, desk); err != nil {
			t.Errorf("a code from before the change: %v", err)
		}

		// The old key is gone when all that it signed has run out: nobody notices.
		w.clock.add(auth.KeyNeeded)
		if _, err := n.Authenticate(t.Context(), before.Access); !errors.Is(err, auth.ErrExpired) {
			t.Errorf("after the time that the key is needed for, its token is not expired: %v", err)
		}
		kept.now.Store(keysOf(t, nextKey))
		n.Reread(t.Context())
		w.principal(n, refresh(n, successor.Refresh))
		if told := w.events(n, events.SignedOut); len(told) != 0 {
			t.Errorf("somebody was signed out: %+v", told)
		}
	})
}

// TestRemovedKeyIsRefused at once, not only when its tokens run out; the sign-in goes on by its refresh token.
func TestRemovedKeyIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		kept := &keptKeys{}
		kept.now.Store(keysOf(t, nextKey, signingKey))
		other := w.node() // signs with the old key
		n := w.nodeOn(kept)
		w.admin(other)
		tokens := w.login(other, "admin", goodPassword)
		w.principal(n, tokens)
		kept.now.Store(keysOf(t, nextKey))
		n.Reread(t.Context())
		if _, err := n.Authenticate(t.Context(), tokens.Access); !errors.Is(err, auth.ErrToken) {
			t.Errorf("a token under a removed key: %v", err)
		}
		again, _, err := n.Refresh(t.Context(), tokens.Refresh, desk)
		if err != nil {
			t.Fatalf("the sign-in has ended: %v", err)
		}
		w.principal(n, again)
	})
}

// TestScreenOutlivesTheKey of a refresh whose answer it never had: the power was off until the key was long gone. A copy is noticed all the same.
func TestScreenOutlivesTheKey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		kept := &keptKeys{}
		kept.now.Store(keysOf(t, signingKey))
		n := w.nodeOn(kept)
		admin := w.admin(n)
		lose := func(n *node, token string) auth.Tokens {
			t.Helper()
			lost, _, err := n.Refresh(t.Context(), token, desk)
			if err != nil {
				t.Fatal(err)
			}
			return lost
		}
		_, first := w.screen(n, admin)
		w.clock.add(time.Minute)
		lost := lose(n, first.Refresh)
		w.clock.add(30 * day)
		kept.now.Store(keysOf(t, nextKey))
		n.Reread(t.Context())
		again, _, err := n.Refresh(t.Context(), first.Refresh, desk)
		if err != nil {
			t.Fatalf("the screen is signed out: %v", err)
		}
		w.principal(n, again)
		w.clock.add(day)
		next := lose(n, again.Refresh)

		// Whoever found the answer that was lost has a copy.
		w.clock.add(day)
		if _, _, err := n.Refresh(t.Context(), lost.Refresh, desk); !errors.Is(err, auth.ErrToken) {
			t.Errorf("the replaced token: %v", err)
		}
		if _, _, err := n.Refresh(t.Context(), next.Refresh, desk); !errors.Is(err, auth.ErrToken) {
			t.Errorf("the family goes on: %v", err)
		}
		if told := w.events(n, events.SignedOut); len(told) != 1 || told[0].Code != auth.EndReused {
			t.Errorf("told %+v", told)
		}
	})
}

// TestMadeUpKeysCostNoReading: anybody can write a kid.
func TestMadeUpKeysCostNoReading(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		kept := &keptKeys{}
		kept.now.Store(keysOf(t, signingKey))
		n := w.nodeOn(kept)
		w.admin(n)
		foreign := w.node(func(o *auth.Options) { o.Keys = keysOf(t, nextKey) })
		tokens := w.login(foreign, "admin", goodPassword)
		w.clock.add(time.Second)
		read := kept.reads.Load()
		for range 100 {
			if _, err := n.Authenticate(t.Context(), tokens.Access); !errors.Is(err, auth.ErrToken) {
				t.Fatal(err)
			}
		}
		if reads := kept.reads.Load() - read; reads != 1 {
			t.Errorf("100 tokens in one second had the keys read %d times", reads)
		}
	})
}

// TestKeysThatCanNotBeReadStay: a file that is half written, or gone, signs nobody out.
func TestKeysThatCanNotBeReadStay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node(func(o *auth.Options) {
			o.Reread = func() (*auth.SigningKeys, error) { return nil, errors.New("torn") }
		})
		w.admin(n)
		tokens := w.login(n, "admin", goodPassword)
		n.Reread(t.Context())
		w.principal(n, tokens)
		if !strings.Contains(n.out.String(), "torn") {
			t.Error("the log does not tell of it")
		}
	})
}

func kid(t *testing.T, access string) string {
	t.Helper()
	header, err := base64.RawURLEncoding.DecodeString(strings.Split(access, ".")[0])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.Split(string(header), `"kid":"`)[1], `"`)[0]
}

func TestSigningKeysAreRead(t *testing.T) {
	one, two := base64.StdEncoding.EncodeToString(signingKey), base64.StdEncoding.EncodeToString(nextKey)
	bare, err := auth.ParseSigningKeys(one)
	if err != nil {
		t.Fatal(err)
	}
	again, err := auth.ParseSigningKeys(" next:" + two + ", " + bare.Reveal() + " ,")
	if err != nil || again.Primary() != "next" || again.IDs()[1] != bare.Primary() {
		t.Errorf("%v, %v", again, err)
	}
	moved, found := again.Moved(bare.Primary())
	if !found || moved.Primary() != bare.Primary() || len(moved.IDs()) != 2 {
		t.Errorf("moved: %v", moved)
	}
	if _, found := again.Moved("nothing"); found {
		t.Error("a key that is not there signs")
	}
	for name, text := range map[string]string{
		"nothing": "", "commas": " , ", "short": "c2hvcnQ=", "no base64": "§", "no id": ":" + one, "an id with a blank": "a b:" + one,
		"twice": one + "," + one, "one id twice": "a:" + one + ",a:" + two, "too many": strings.Repeat(one+",", 101),
	} {
		if _, err := auth.ParseSigningKeys(text); err == nil {
			t.Errorf("%s is taken", name)
		} else if strings.Contains(err.Error(), one) || strings.Contains(err.Error(), "c2hvcnQ") {
			t.Errorf("%s: the fault tells a key", name)
		}
	}
}

func TestSigningKeysAreNotPrinted(t *testing.T) {
	key := auth.NewSigningKey()
	keys, err := auth.NewSigningKeys(key)
	if err != nil {
		t.Fatal(err)
	}
	_, secret, _ := strings.Cut(key.Reveal(), ":")
	raw, err := base64.StdEncoding.DecodeString(secret)
	if err != nil || len(raw) != 32 {
		t.Fatalf("a key of %d bytes, %v", len(raw), err)
	}
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "key", key, "keys", keys)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "key", key, "keys", keys)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb+verb, key, keys, auth.Options{Keys: keys})
	}
	for _, text := range []string{secret, string(raw), fmt.Sprintf("%x", raw), fmt.Sprintf("%d", raw)} {
		if strings.Contains(out.String(), text) {
			t.Error("a key is printed")
		}
	}
}
