package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// rightsBound is how long a change of rights may take to reach a view, on whichever process.
const rightsBound = 2 * time.Second

// TestRightsEndViews changes rights on one process and looks at a view on the same one, then on another that shares its PostgreSQL.
func TestRightsEndViews(t *testing.T) {
	t.Run("one process", func(t *testing.T) {
		g := startGateway(t)
		rightsEndViews(t, g, g)
	})
	t.Run("two processes on PostgreSQL", func(t *testing.T) {
		url := pgtest.URL(t)
		shared := func(c *Config) { c.DatabaseURL = url }
		here := startGateway(t, shared)
		there := startGateway(t, shared, func(c *Config) {
			// The keys of the first one, as an installation of several gives them.
			secret, ring := here.app.config, c
			ring.SecretKeys, ring.EncryptionKeys = sharedKeys(t, secret.DataDir)
		})
		rightsEndViews(t, here, there)
	})
}

// rightsEndViews changes at one gateway and watches at another.
func rightsEndViews(t *testing.T, change, watch *gateway) {
	cam, added := change.simulated(small(1))
	viewer := func(login string) (*client, *tile) {
		t.Helper()
		user := change.addUser(login)
		change.grant(user, added)
		x := watch.openPage(watch.signIn(login, userPassword)).watch(added)
		x.wantFrames(2, 10*time.Second)
		return user, x
	}

	t.Run("grant withdrawn", func(t *testing.T) {
		user, x := viewer("grantee")
		if status, text := change.admin.do("DELETE", "/users/"+user.user+"/cameras/"+added.ID, nil); status/100 != 2 {
			t.Fatalf("status %d: %s", status, text)
		}
		x.wantEnd("view.revoked", rightsBound)
		// And it does not come back.
		again := x.page.watch(added)
		again.wantError("camera.not_found", 5*time.Second)
	})
	t.Run("grant ended by the clock", func(t *testing.T) {
		user, x := viewer("temporary")
		ends := time.Now().Add(time.Second)
		change.admin.want(http.StatusNoContent, "PUT", "/users/"+user.user+"/cameras/"+added.ID, map[string]any{"expires_at": ends.UTC()}, nil)
		x.wantEnd("view.revoked", time.Until(ends)+rightsBound)
		if early := time.Until(ends); early > 0 {
			t.Errorf("the view ended %v before its grant", early)
		}
	})
	t.Run("user banned", func(t *testing.T) {
		user, x := viewer("banned")
		change.admin.want(http.StatusOK, "PATCH", "/users/"+user.user, map[string]any{"banned": true}, nil)
		x.wantEnd("view.revoked", rightsBound)
	})
	t.Run("address changed", func(t *testing.T) {
		_, x := viewer("redialled")
		other := rtsptest.Start(t, small(2))
		change.admin.want(http.StatusOK, "PATCH", "/cameras/"+added.ID, map[string]any{"address": other.URL()}, nil)
		eventually(t, rightsBound, "a session at the new address", func() bool { return other.Stats().SessionsNow == 1 })
		x.wantFrames(5, 5*time.Second)
		change.admin.want(http.StatusOK, "PATCH", "/cameras/"+added.ID, map[string]any{"address": cam.URL()}, nil)
		x.wantFrames(5, 5*time.Second)
	})
	t.Run("camera deleted", func(t *testing.T) {
		_, x := viewer("bereft")
		change.admin.want(http.StatusConflict, "DELETE", "/cameras/"+added.ID, nil, nil)
		if status, text := change.admin.do("DELETE", "/cameras/"+added.ID+"?force=true", nil); status/100 != 2 {
			t.Fatalf("status %d: %s", status, text)
		}
		x.wantEnd("camera.deleted", rightsBound)
	})
}
