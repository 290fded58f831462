package auth_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/golang-jwt/jwt/v5"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

func TestSignInByLoginOrEmail(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		made := w.user(n, w.admin(n), auth.User{Login: "Ёлкин", Email: "Elkin@example.org", LastName: "Ёлкин"})
		for _, login := range []string{"Ёлкин", "елкин", " ЕЛКИН ", "elkin@EXAMPLE.org"} {
			tokens, user, err := n.Login(t.Context(), login, goodPassword, desk)
			if err != nil || user.ID != made.ID {
				t.Fatalf("%q: %v, %v", login, user, err)
			}
			p, err := n.Authenticate(t.Context(), tokens.Access)
			if err != nil || p.User.ID != made.ID || p.Session == "" || p.Role() != auth.RoleUser {
				t.Errorf("%q authenticates as %+v, %v", login, p, err)
			}
			if d := tokens.AccessExpires.Sub(w.clock.Now()); d != 15*time.Minute {
				t.Errorf("the access token lives %v", d)
			}
			if d := tokens.RefreshExpires.Sub(w.clock.Now()); d != 30*24*time.Hour {
				t.Errorf("the refresh token lives %v", d)
			}
		}
		told := w.events(n, events.SignedIn)
		if last := told[len(told)-1]; len(told) != 5 || last.Actor.Login != "Ёлкин" || last.Remote != desk.Remote {
			t.Errorf("told %+v", told)
		}
		sessions, err := n.Sessions(t.Context(), made.ID, paging.Query{})
		if err != nil || sessions.Total != 4 || sessions.Items[0].Device != desk {
			t.Errorf("signed in at %+v, %v", sessions, err)
		}
	})
}

func TestRefusalTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		admin := w.admin(n)
		w.user(n, admin, auth.User{Login: "ivanov"})
		banned := w.user(n, admin, auth.User{Login: "banned"})
		if _, err := n.PatchUser(t.Context(), admin, banned.ID, auth.UserPatch{Banned: patch.Of(true)}, nil); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string][2]string{
			"wrong password": {"ivanov", otherPassword}, "unknown": {"kanarienvogel", otherPassword}, "banned": {"banned", goodPassword},
			"no login": {"", goodPassword}, "no password": {"ivanov", ""}, "not text": {"no\x00body\xff", "\x00\xff"},
			"very long": {strings.Repeat("я", 100_000), strings.Repeat("x", 100_000)},
		} {
			tokens, user, err := n.Login(t.Context(), c[0], c[1], desk)
			if !errors.Is(err, auth.ErrCredentials) || err.Error() != auth.ErrCredentials.Error() || tokens != (auth.Tokens{}) || user.ID != "" {
				t.Errorf("%s: %v, %v", name, user, err)
			}
		}
		told := w.events(n, events.SignInFailed)
		if len(told) != 7 {
			t.Errorf("%d refusals were told", len(told))
		}
		var codes []string
		for _, e := range told {
			codes = append(codes, e.User.Login+" "+e.Code)
		}
		slices.Sort(codes)
		want := []string{" auth.credentials", " auth.credentials", " auth.credentials", " auth.credentials",
			"banned auth.banned", "ivanov auth.credentials", "ivanov auth.credentials"}
		if !slices.Equal(codes, want) {
			t.Errorf("told %q, want %q", codes, want)
		}
		if strings.Contains(n.out.String(), "kanarienvogel") {
			t.Error("what was typed as the login of nobody is in the log; it may be a password")
		}
	})
}

// An unknown account must cost as much as a wrong password. What takes the time is the hash, so hashes are counted, and what each costs is
// compared; milliseconds would tell of the machine.
func TestUnknownAccountTakesTheSameWork(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		admin := w.admin(n)
		w.user(n, admin, auth.User{Login: "banned", Banned: true})
		moved, err := auth.Prepare(auth.User{Login: "moved", Role: auth.RoleUser}, "", w.clock.Now(), w.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := n.db.CreateUser(t.Context(), moved); err != nil {
			t.Fatal(err)
		}
		if _, _, err := n.CreateDevice(t.Context(), admin, auth.NewDevice{Name: "Screen"}); err != nil {
			t.Fatal(err)
		}
		page, err := n.Devices(t.Context(), paging.Query{})
		if err != nil || page.Total != 1 {
			t.Fatalf("%+v, %v", page, err)
		}
		for i, c := range [][2]string{
			{"admin", otherPassword}, {"nobody", otherPassword}, {"nobody@example.org", otherPassword}, {"admin", strings.Repeat("x", 300)},
			{strings.Repeat("x", 3000), otherPassword}, {"admin", ""}, {"", ""}, {"banned", goodPassword}, {page.Items[0].Login, ""},
			{"moved", ""}, {"moved", otherPassword},
		} {
			before := n.HashRuns()
			if _, _, err := n.Login(t.Context(), c[0], c[1], auth.Device{Remote: fmt.Sprint("10.0.1.", i)}); !errors.Is(err, auth.ErrCredentials) {
				t.Errorf("%.20q: %v", c[0], err)
			}
			if ran := n.HashRuns() - before; ran != 1 {
				t.Errorf("%.20q: %d hashes were computed, want 1 as for a wrong password", c[0], ran)
			}
		}
		account, err := n.db.AccountByID(t.Context(), admin.User.ID)
		if err != nil {
			t.Fatal(err)
		}
		cost := func(hash string) string { return hash[:strings.LastIndex(hash[:strings.LastIndex(hash, "$")], "$")] }
		decoy, err := n.DecoyHash()
		if err != nil || cost(account.PasswordHash) != cost(decoy) {
			t.Errorf("a password's hash costs %s, the one computed for nobody %s, %v", cost(account.PasswordHash), cost(decoy), err)
		}
	})
}

func TestAccessTokenEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		w.admin(n)
		tokens := w.login(n, "admin", goodPassword)
		w.clock.add(15*time.Minute - time.Second)
		if _, err := n.Authenticate(t.Context(), tokens.Access); err != nil {
			t.Errorf("a second before its end: %v", err)
		}
		w.clock.add(2 * time.Second)
		if _, err := n.Authenticate(t.Context(), tokens.Access); !errors.Is(err, auth.ErrExpired) {
			t.Errorf("a second after its end: %v, want %v", err, auth.ErrExpired)
		}
	})
}

func TestForgedTokenIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		w.admin(n)
		good := w.login(n, "admin", goodPassword)
		p := w.principal(n, good)
		parts := strings.Split(good.Access, ".")
		claims := jwt.MapClaims{"iss": "rtsp-viewer", "sub": string(p.User.ID), "sid": string(p.Session), "exp": w.clock.Now().Add(time.Hour).Unix()}
		sign := func(method jwt.SigningMethod, key any, kid any, change func(jwt.MapClaims)) string {
			c := jwt.MapClaims{}
			for k, v := range claims {
				c[k] = v
			}
			if change != nil {
				change(c)
			}
			token := jwt.NewWithClaims(method, c)
			token.Header["kid"] = kid
			text, err := token.SignedString(key)
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
		header, _ := jwt.NewParser().DecodeSegment(parts[0])
		kid := strings.Split(strings.Split(string(header), `"kid":"`)[1], `"`)[0]
		mac := hmac.New(sha256.New, signingKey)
		mac.Write([]byte("rtsp-viewer access token"))
		key := mac.Sum(nil) // as the Service derives it: what follows is wrong in one thing only
		if _, err := n.Authenticate(t.Context(), sign(jwt.SigningMethodHS256, key, kid, nil)); err != nil {
			t.Fatalf("the test can't sign: %v", err)
		}
		for name, token := range map[string]string{
			"empty": "", "garbage": "a.b.c", "no signature": parts[0] + "." + parts[1] + ".",
			"alg none":        sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, kid, nil),
			"other alg":       sign(jwt.SigningMethodHS512, key, kid, nil),
			"other key":       sign(jwt.SigningMethodHS256, []byte(strings.Repeat("x", 32)), kid, nil),
			"the key itself":  sign(jwt.SigningMethodHS256, signingKey, kid, nil),
			"other key id":    sign(jwt.SigningMethodHS256, key, "00000000", nil),
			"no expiry":       sign(jwt.SigningMethodHS256, key, kid, func(c jwt.MapClaims) { delete(c, "exp") }),
			"other issuer":    sign(jwt.SigningMethodHS256, key, kid, func(c jwt.MapClaims) { c["iss"] = "elsewhere" }),
			"no session":      sign(jwt.SigningMethodHS256, key, kid, func(c jwt.MapClaims) { delete(c, "sid") }),
			"other session":   sign(jwt.SigningMethodHS256, key, kid, func(c jwt.MapClaims) { c["sid"] = "nothing" }),
			"other user":      sign(jwt.SigningMethodHS256, key, kid, func(c jwt.MapClaims) { c["sub"] = "somebody" }),
			"changed claims":  parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"x"}`)) + "." + parts[2],
			"a refresh token": good.Refresh,
		} {
			if _, err := n.Authenticate(t.Context(), token); fault.CodeOf(err) != "auth.token" {
				t.Errorf("%s: %v, want %v", name, err, auth.ErrToken)
			}
		}
		for _, refresh := range []string{"", "x", good.Access, strings.Repeat("A", 43), good.Refresh + "A"} {
			if _, _, err := n.Refresh(t.Context(), refresh, desk); !errors.Is(err, auth.ErrToken) {
				t.Errorf("refreshing with %.20q: %v", refresh, err)
			}
		}
	})
}

func TestTwoRefreshesAtOnceBothSucceed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		nodes := []*node{w.node(), w.node()}
		w.admin(nodes[0])
		tokens := w.login(nodes[0], "admin", goodPassword)
		for range 5 {
			got := make([]auth.Tokens, 6)
			var group sync.WaitGroup
			for i := range got {
				group.Go(func() {
					var err error
					if got[i], _, err = nodes[i%2].Refresh(context.Background(), tokens.Refresh, desk); err != nil {
						t.Errorf("refresh %d: %v", i, err)
					}
				})
			}
			group.Wait()
			if t.Failed() {
				return
			}
			for _, other := range got {
				if other.Refresh != got[0].Refresh || other.Refresh == tokens.Refresh || !other.RefreshExpires.Equal(got[0].RefreshExpires) {
					t.Fatal("two refreshes at once got different successors")
				}
				w.principal(nodes[1], other)
			}
			tokens = got[0]
			w.clock.add(10 * time.Minute)
		}
	})
}

func TestReuseOfRefreshToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n, elsewhere := w.node(), w.node()
		w.admin(n)
		first := w.login(n, "admin", goodPassword)
		bystander := w.login(n, "admin", goodPassword)
		refresh := func(n *node, token string) auth.Tokens {
			t.Helper()
			tokens, _, err := n.Refresh(t.Context(), token, desk)
			if err != nil {
				t.Fatalf("refreshing: %v", err)
			}
			return tokens
		}
		w.clock.add(time.Minute)
		second := refresh(n, first.Refresh)
		w.clock.add(30 * time.Second)
		third := refresh(n, second.Refresh)
		w.clock.add(30 * time.Second) // 60 s after first was used
		if again := refresh(elsewhere, first.Refresh); again.Refresh != second.Refresh {
			t.Error("within 60 s the successor is another one")
		}
		if again := refresh(n, second.Refresh); again.Refresh != third.Refresh {
			t.Error("the successor's successor is another one")
		}
		w.principal(elsewhere, third) // cached there

		w.clock.add(time.Millisecond)
		if _, _, err := elsewhere.Refresh(t.Context(), first.Refresh, auth.Device{Remote: "203.0.113.9"}); !errors.Is(err, auth.ErrToken) {
			t.Fatalf("60 s later: %v, want %v", err, auth.ErrToken)
		}
		for name, token := range map[string]string{"first": first.Refresh, "second": second.Refresh, "third": third.Refresh} {
			if _, _, err := n.Refresh(t.Context(), token, desk); !errors.Is(err, auth.ErrToken) {
				t.Errorf("the family has ended, but its %s token gives %v", name, err)
			}
		}
		if _, err := elsewhere.Authenticate(t.Context(), third.Access); !errors.Is(err, auth.ErrToken) {
			t.Errorf("the family has ended, but its access token gives %v", err)
		}
		n.Recheck(t.Context())
		if _, err := n.Authenticate(t.Context(), third.Access); !errors.Is(err, auth.ErrToken) {
			t.Errorf("on the other node, after Recheck: %v", err)
		}
		w.principal(n, bystander)
		refresh(n, bystander.Refresh)
		told := w.events(elsewhere, events.SignedOut)
		if len(told) != 1 || told[0].Code != auth.EndReused || told[0].User.Login != "admin" || told[0].Remote != "203.0.113.9" {
			t.Errorf("told %+v", told)
		}
	})
}

func TestSessionLivesAsLongAsItIsUsed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n, elsewhere := w.node(), w.node()
		w.admin(n)
		tokens := w.login(n, "admin", goodPassword)
		session := w.principal(elsewhere, tokens).Session
		for range 4 {
			w.clock.add(29 * 24 * time.Hour)
			var err error
			if tokens, _, err = n.Refresh(t.Context(), tokens.Refresh, desk); err != nil {
				t.Fatal(err)
			}
			if lives, err := elsewhere.SessionLives(t.Context(), session); !lives || err != nil {
				t.Fatalf("where the earlier expiry is cached, it lives: %v, %v", lives, err)
			}
		}
		w.clock.add(30 * 24 * time.Hour)
		if _, _, err := n.Refresh(t.Context(), tokens.Refresh, desk); !errors.Is(err, auth.ErrToken) {
			t.Errorf("unused for 30 days: %v", err)
		}
		if lives, err := n.SessionLives(t.Context(), session); lives || err != nil {
			t.Errorf("it lives: %v, %v", lives, err)
		}
	})
}

func TestLogout(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		w.admin(n)
		here, there := w.login(n, "admin", goodPassword), w.login(n, "admin", goodPassword)
		if err := n.Logout(t.Context(), w.principal(n, here)); err != nil {
			t.Fatal(err)
		}
		if _, err := n.Authenticate(t.Context(), here.Access); !errors.Is(err, auth.ErrToken) {
			t.Errorf("after signing out: %v", err)
		}
		w.principal(n, there)
		for range 2 { // the second time nobody is signed in, which is what was asked for
			if err := n.LogoutRefresh(t.Context(), there.Refresh); err != nil {
				t.Fatal(err)
			}
		}
		if err := n.LogoutRefresh(t.Context(), "nonsense"); err != nil {
			t.Errorf("signing out with nonsense: %v", err)
		}
		if _, err := n.Authenticate(t.Context(), there.Access); !errors.Is(err, auth.ErrToken) {
			t.Errorf("after signing out by the refresh token: %v", err)
		}
		if told := w.events(n, events.SignedOut); len(told) != 2 || told[0].Code != auth.EndLogout || told[1].Actor.Login != "admin" {
			t.Errorf("told %+v", told)
		}
	})
}

// What one node changes, the other knows once its Watch has seen the revision.
func TestBanReachesOtherNodes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		here, there := w.node(), w.node()
		admin := w.admin(here)
		user := w.user(here, admin, auth.User{Login: "ivanov"})
		tokens := w.login(here, "ivanov", goodPassword)
		session := w.principal(there, tokens).Session

		watch, err := auth.NewWatch(auth.WatchOptions{Store: there.db, Every: 20 * time.Millisecond, Logger: discard()})
		if err != nil {
			t.Fatal(err)
		}
		looked := make(chan struct{}, 16)
		watch.Notify(there.Recheck)
		watch.Notify(func(context.Context) { looked <- struct{}{} })
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- watch.Run(ctx) }()
		defer func() { cancel(); <-done }()
		<-looked // the first look
		w.principal(there, tokens)

		if _, err := here.PatchUser(t.Context(), admin, user.ID, auth.UserPatch{Banned: patch.Of(true)}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := here.Authenticate(t.Context(), tokens.Access); !errors.Is(err, auth.ErrToken) {
			t.Errorf("where the ban was made: %v", err)
		}
		<-looked
		if _, err := there.Authenticate(t.Context(), tokens.Access); !errors.Is(err, auth.ErrToken) {
			t.Errorf("on the other node: %v", err)
		}
		if lives, err := there.SessionLives(t.Context(), session); lives || err != nil {
			t.Errorf("on the other node the session lives: %v, %v", lives, err)
		}
		if _, _, err := there.Refresh(t.Context(), tokens.Refresh, desk); !errors.Is(err, auth.ErrToken) {
			t.Errorf("refreshing on the other node: %v", err)
		}

		// Taken back, the old sessions stay ended.
		if _, err := here.PatchUser(t.Context(), admin, user.ID, auth.UserPatch{Banned: patch.Of(false)}, nil); err != nil {
			t.Fatal(err)
		}
		<-looked
		if _, err := there.Authenticate(t.Context(), tokens.Access); !errors.Is(err, auth.ErrToken) {
			t.Errorf("after the ban was lifted: %v", err)
		}
		tokens = w.login(there, "ivanov", goodPassword)
		w.principal(there, tokens)
		if err := here.DeleteUser(t.Context(), admin, user.ID); err != nil {
			t.Fatal(err)
		}
		<-looked
		if _, err := there.Authenticate(t.Context(), tokens.Access); !errors.Is(err, auth.ErrToken) {
			t.Errorf("after the user was deleted: %v", err)
		}
		if _, err := there.User(t.Context(), user.ID); !errors.Is(err, auth.ErrNoUser) {
			t.Errorf("the deleted user: %v", err)
		}
	})
}

func TestOldHashIsRenewed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		admin := w.admin(n)
		before, _ := n.db.AccountByID(t.Context(), admin.User.ID)
		stronger := w.node(func(o *auth.Options) {
			o.Hashing = &argon2id.Params{Memory: 128, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
		})
		w.login(stronger, "admin", goodPassword)
		after, err := n.db.AccountByID(t.Context(), admin.User.ID)
		if err != nil || after.PasswordHash == before.PasswordHash || !strings.Contains(after.PasswordHash, "$m=128,t=2,p=1$") {
			t.Errorf("the hash was not renewed: %v", err)
		}
		w.login(stronger, "admin", goodPassword)
		if again, _ := n.db.AccountByID(t.Context(), admin.User.ID); again.PasswordHash != after.PasswordHash {
			t.Error("the hash was renewed without need")
		}
		w.principal(n, w.login(n, "admin", goodPassword))
	})
}
