package main

import (
	"net/http"
	"net/http/cookiejar"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
)

// TestAccountsEndViews changes accounts, sign-ins, tokens and screens, and looks at what is watched by them: here, and on another process
// that shares the database.
func TestAccountsEndViews(t *testing.T) {
	t.Run("one process", func(t *testing.T) {
		t.Parallel()
		g := startGateway(t)
		accountsEndViews(t, g, g)
	})
	t.Run("two processes on PostgreSQL", func(t *testing.T) {
		t.Parallel()
		url := pgtest.URL(t)
		shared := func(c *Config) { c.DatabaseURL = url }
		here := startGateway(t, shared)
		there := startGateway(t, shared, func(c *Config) { c.SecretKeys, c.EncryptionKeys = sharedKeys(t, here.app.config.DataDir) })
		accountsEndViews(t, here, there)
	})
}

// by gives a client of g that sends a token made elsewhere.
func (g *gateway) by(token, user string) *client {
	g.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		g.t.Fatal(err)
	}
	return &client{
		t: g.t, base: "http://" + g.app.Addr().String(), http: &http.Client{Jar: jar, Timeout: 20 * time.Second}, token: token, user: user,
	}
}

// accountsEndViews changes at one gateway and watches at another.
func accountsEndViews(t *testing.T, change, watch *gateway) {
	_, added := change.simulated(small(1))
	viewer := func(login string) (*client, *tile) {
		t.Helper()
		user := change.addUser(login)
		change.grant(user, added)
		there := watch.signIn(login, userPassword)
		x := watch.openPage(there).watch(added)
		x.wantFrames(2, 10*time.Second)
		return there, x
	}
	token := func(c *client, body map[string]any) (id, key string) {
		t.Helper()
		var made struct{ ID, Token string }
		c.want(http.StatusCreated, "POST", "/me/tokens", body, &made)
		return made.ID, made.Token
	}
	bulk := func(set map[string]any, ids ...string) {
		t.Helper()
		var done struct{ Changed int }
		change.admin.want(http.StatusOK, "POST", "/users/bulk", map[string]any{"ids": ids, "set": set}, &done)
		if done.Changed != len(ids) {
			t.Fatalf("%d were changed, want %d", done.Changed, len(ids))
		}
	}

	t.Run("limit lowered for many", func(t *testing.T) {
		first, x1 := viewer("lowered1")
		second, y1 := viewer("lowered2")
		x2, y2 := x1.page.watch(added), y1.page.watch(added)
		x2.wantFrames(2, 10*time.Second)
		y2.wantFrames(2, 10*time.Second)
		bulk(map[string]any{"views_limit": 1}, first.user, second.user)
		for _, oldest := range []*tile{x1, y1} {
			if end := oldest.wantEnd("view.evicted", rightsBound); end.Params["reason"] != "limit" || end.Params["limit"] != "1" || end.Retry {
				t.Errorf("the oldest is told %+v", end)
			}
		}
		x2.wantFrames(5, 5*time.Second)
		y2.wantFrames(5, 5*time.Second)
		bulk(map[string]any{"views_limit": 0}, first.user)
		if end := x2.wantEnd("view.revoked", rightsBound); end.Params["reason"] != "not_allowed" {
			t.Errorf("told %+v", end)
		}
		x2.page.watch(added).wantError("view.not_allowed", 5*time.Second)
		y2.wantFrames(5, 5*time.Second)
	})
	t.Run("role lowered", func(t *testing.T) {
		user := change.addUser("demoted")
		change.admin.want(http.StatusOK, "PATCH", "/users/"+user.user, map[string]any{"role": "moderator"}, nil)
		x := watch.openPage(watch.signIn("demoted", userPassword)).watch(added)
		x.wantFrames(2, 10*time.Second)
		bulk(map[string]any{"role": "user"}, user.user)
		x.wantEnd("view.revoked", rightsBound)
	})
	t.Run("banned in bulk", func(t *testing.T) {
		user, x := viewer("bannedinbulk")
		bulk(map[string]any{"banned": true}, user.user)
		x.wantEnd("view.revoked", rightsBound)
	})
	t.Run("signed out by an admin", func(t *testing.T) {
		user, x := viewer("signedout")
		change.admin.want(http.StatusNoContent, "DELETE", "/users/"+user.user+"/sessions", nil, nil)
		x.wantEnd("view.closed", rightsBound)
	})
	t.Run("token deleted", func(t *testing.T) {
		user, x := viewer("program")
		id, key := token(user, map[string]any{"name": "Script"})
		by := watch.openPage(watch.by(key, user.user)).watch(added)
		by.wantFrames(2, 10*time.Second)
		change.admin.want(http.StatusNoContent, "DELETE", "/users/"+user.user+"/tokens/"+id, nil, nil)
		by.wantEnd("view.closed", rightsBound)
		x.wantFrames(5, 5*time.Second) // the person goes on
	})
	t.Run("token ended by the clock", func(t *testing.T) {
		user, x := viewer("brief")
		ends := time.Now().Add(10 * time.Second) // time enough to open the view on a busy machine
		_, key := token(user, map[string]any{"name": "Brief", "expires_at": ends.UTC()})
		by := watch.openPage(watch.by(key, user.user)).watch(added)
		by.wantEnd("view.closed", time.Until(ends)+rightsBound)
		if early := time.Until(ends); early > time.Millisecond { // the store keeps milliseconds
			t.Errorf("the view ended %v before its token", early)
		}
		x.wantFrames(5, 5*time.Second)
	})
	t.Run("ceiling of a token", func(t *testing.T) {
		id, key := token(watch.signIn("admin", adminPassword), map[string]any{"name": "Small", "role": "user"})
		p := watch.openPage(watch.by(key, watch.admin.user))
		p.watch(added).wantError("camera.not_found", 5*time.Second) // an admin sees every camera; this token only what was granted
		change.grant(change.admin, added)
		x := p.watch(added)
		x.wantFrames(2, 10*time.Second)
		change.admin.want(http.StatusNoContent, "DELETE", "/users/"+change.admin.user+"/cameras/"+added.ID, nil, nil)
		x.wantEnd("view.revoked", rightsBound)
		change.admin.want(http.StatusNoContent, "DELETE", "/me/tokens/"+id, nil, nil)
	})
	t.Run("wall screen", func(t *testing.T) {
		var device struct{ ID, Code string }
		change.admin.want(http.StatusCreated, "POST", "/devices", map[string]any{"name": "Wall"}, &device)
		change.grant(&client{user: device.ID}, added)
		signIn := func(code string) *tile {
			t.Helper()
			c := watch.by("", device.ID)
			var in struct {
				AccessToken string `json:"access_token"`
			}
			c.want(http.StatusOK, "POST", "/auth/device", map[string]any{"code": code}, &in)
			c.token = in.AccessToken
			c.want(http.StatusForbidden, "POST", "/me/tokens", map[string]any{"name": "More"}, nil)
			x := watch.openPage(c).watch(added)
			x.wantFrames(2, 10*time.Second)
			return x
		}
		x := signIn(device.Code)
		change.admin.want(http.StatusOK, "POST", "/devices/"+device.ID+"/code", nil, &device)
		x.wantFrames(2, 5*time.Second) // until the new code is used
		y := signIn(device.Code)
		x.wantEnd("view.closed", rightsBound)
		y.wantFrames(5, 5*time.Second)
		change.admin.want(http.StatusNoContent, "DELETE", "/devices/"+device.ID+"/session", nil, nil)
		y.wantEnd("view.closed", rightsBound)
	})
}
