package auth_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

// token makes an API token and gives its key.
func (w *world) token(n *node, by auth.Principal, made auth.NewToken) (string, auth.Token) {
	w.t.Helper()
	key, t, err := n.CreateToken(w.t.Context(), by, made)
	if err != nil {
		w.t.Fatal(err)
	}
	return key, t
}

func TestTokenEndsEverywhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, here, there := t.Context(), w.node(), w.node()
		admin := w.admin(here)
		key, token := w.token(here, admin, auth.NewToken{Name: "Script", Role: auth.RoleModerator})
		p, err := there.Authenticate(ctx, key)
		if err != nil || p.Token != token.ID || p.Ceiling != auth.RoleModerator || p.Role() != auth.RoleModerator || p.User.Login != "admin" {
			t.Fatalf("%+v, %v", p, err)
		}
		if lives, err := there.SessionLives(ctx, p.Session); !lives || err != nil {
			t.Errorf("what was opened by it: %v, %v", lives, err)
		}
		if lives, err := there.SessionLives(ctx, auth.TokenID("none").Session()); lives || err != nil {
			t.Errorf("by none: %v, %v", lives, err)
		}
		if err := there.Logout(ctx, p); err != nil {
			t.Errorf("signing out by it: %v", err)
		}
		revision, _ := there.db.RightsRevision(ctx)
		if err := here.DeleteToken(ctx, admin, admin.User.ID, token.ID); err != nil {
			t.Fatal(err)
		}
		if now, _ := there.db.RightsRevision(ctx); now != revision+1 {
			t.Errorf("the revision went from %d to %d", revision, now)
		}
		if _, err := here.Authenticate(ctx, key); !errors.Is(err, auth.ErrToken) {
			t.Errorf("where it was deleted: %v", err)
		}
		there.Recheck(ctx) // as Watch has it called
		if _, err := there.Authenticate(ctx, key); !errors.Is(err, auth.ErrToken) {
			t.Errorf("elsewhere: %v", err)
		}
		if lives, err := there.SessionLives(ctx, p.Session); lives || err != nil {
			t.Errorf("what was opened by it: %v, %v", lives, err)
		}
	})
}

// TestTokenFollowsItsUser: a ceiling never lifts, and whoever is demoted is so for all tokens.
func TestTokenFollowsItsUser(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, n := t.Context(), w.node()
		admin := w.admin(n)
		u := w.user(n, admin, auth.User{Login: "olga", Role: auth.RoleModerator})
		key, token := w.token(n, w.principal(n, w.login(n, "olga", goodPassword)), auth.NewToken{Name: "Script"})
		if token.Role != auth.RoleModerator || !token.ExpiresAt.IsZero() {
			t.Errorf("%+v", token)
		}
		role := func(r auth.Role) auth.Role {
			t.Helper()
			if _, err := n.PatchUser(ctx, admin, u.ID, auth.UserPatch{Role: patch.Of(r)}, nil); err != nil {
				t.Fatal(err)
			}
			p, err := n.Authenticate(ctx, key)
			if err != nil {
				t.Fatal(err)
			}
			return p.Role()
		}
		if got := role(auth.RoleUser); got != auth.RoleUser {
			t.Errorf("demoted: %s", got)
		}
		if got := role(auth.RoleAdmin); got != auth.RoleModerator {
			t.Errorf("promoted: %s", got)
		}
		if _, err := n.PatchUser(ctx, admin, u.ID, auth.UserPatch{Password: patch.Of(otherPassword)}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := n.Authenticate(ctx, key); err != nil {
			t.Errorf("a new password is no reason for a program to stop: %v", err)
		}
		if err := n.DeleteUser(ctx, admin, u.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := n.Authenticate(ctx, key); !errors.Is(err, auth.ErrToken) {
			t.Errorf("of nobody: %v", err)
		}
	})
}

// TestTokenExpiresByItself: nobody changes anything, and yet what was opened by it must be judged when its time is over.
func TestTokenExpiresByItself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		changed := make(chan struct{}, 16)
		n := w.node(func(o *auth.Options) { o.Now, o.Changed = time.Now, func() { changed <- struct{}{} } })
		w.clock.now = time.Now()
		admin := w.admin(n)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- n.Run(ctx) }()
		defer func() { cancel(); <-done }()
		soon := time.Now().Add(3 * time.Second)
		for len(changed) > 0 {
			<-changed
		}
		key, token := w.token(n, admin, auth.NewToken{Name: "Brief", ExpiresAt: &soon})
		<-changed // its making
		<-changed // its end
		if early := time.Until(token.ExpiresAt); early > 0 {
			t.Errorf("it ended %v early", early)
		}
		if _, err := n.Authenticate(t.Context(), key); !errors.Is(err, auth.ErrToken) {
			t.Errorf("after its end: %v", err)
		}
		page, err := n.Tokens(t.Context(), admin.User.ID, paging.Query{})
		if err != nil || page.Total != 0 {
			t.Errorf("%+v, %v", page, err)
		}
		told := w.events(n, events.TokenDeleted)
		if len(told) != 1 || told[0].Code != auth.EndExpired || told[0].User.Login != "admin" || told[0].Actor.ID != "" || told[0].Note != "token Brief" {
			t.Errorf("told %+v", told)
		}
	})
}

// TestUseOfTokenIsSeen: when and from where, without a change of rights, also at the end of the process.
func TestUseOfTokenIsSeen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, n, other := t.Context(), w.node(), w.node()
		admin := w.admin(n)
		key, _ := w.token(n, admin, auth.NewToken{Name: "Script"})
		p, err := n.Authenticate(ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		p.Remote = "203.0.113.9"
		revision, _ := n.db.RightsRevision(ctx)
		n.Used(admin)
		n.Used(p)
		over, cancel := context.WithCancel(context.Background())
		cancel()
		if err := n.Run(over); err != nil {
			t.Fatal(err)
		}
		page, err := other.Tokens(ctx, admin.User.ID, paging.Query{})
		if err != nil || page.Total != 1 || !page.Items[0].SeenAt.Equal(w.clock.Now()) || page.Items[0].Remote != "203.0.113.9" {
			t.Errorf("%+v, %v", page, err)
		}
		if now, _ := n.db.RightsRevision(ctx); now != revision {
			t.Error("its use changed rights")
		}
	})
}

func TestTokensAreBounded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, n := t.Context(), w.node()
		admin := w.admin(n)
		var last auth.Token
		for range auth.MaxTokens {
			_, last = w.token(n, admin, auth.NewToken{Name: "Script"})
		}
		if _, _, err := n.CreateToken(ctx, admin, auth.NewToken{Name: "Script"}); !errors.Is(err, auth.ErrTokens) || fault.From(err).Params["limit"] != "100" {
			t.Errorf("one more: %v", err)
		}
		if err := n.DeleteToken(ctx, admin, admin.User.ID, last.ID); err != nil {
			t.Fatal(err)
		}
		w.token(n, admin, auth.NewToken{Name: "Script"})

		// No end that has passed makes a token without one.
		for _, end := range []time.Time{{}, time.UnixMilli(0), w.clock.Now()} {
			_, _, err := n.CreateToken(ctx, admin, auth.NewToken{Name: "Script", ExpiresAt: &end})
			if f := fault.From(err); !errors.Is(err, auth.ErrTokenFields) || len(f.Fields) != 1 || f.Fields[0].Code != "past" {
				t.Errorf("ending %v: %v", end, err)
			}
		}
	})
}

func TestKeysDoNotPrint(t *testing.T) {
	var out strings.Builder
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "code", auth.DeviceCode{Hash: []byte("kanarienvogel")}, "made", auth.Code{Text: "KANA-RIEN"})
	if strings.Contains(out.String(), "kanarienvogel") || strings.Contains(out.String(), "KANA") {
		t.Error(out.String())
	}
}
