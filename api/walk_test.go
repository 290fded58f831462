package api

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
	"github.com/rtsp-viewer/rtsp-viewer/store"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

// walked gives a route's address with the same word in place of each of its parameters.
func walked(r route, word string) string {
	parts := strings.Split(r.path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = word
		}
	}
	return strings.Join(parts, "/")
}

// walker is somebody who tries every door.
type walker struct {
	role   auth.Role     // what he may do; "" is nobody
	code   string        // of the refusal, if he is nobody
	screen bool          // a wall screen
	renew  func() string // gives his token anew, for routes that end a sign-in; nil: it never was good
}

// walkers gives everybody, with their tokens in s.tokens.
func (s *site) walkers() map[string]walker {
	ctx := s.t.Context()
	banned := s.person("banned", auth.RoleAdmin)
	_, err := s.auth.PatchUser(ctx, auth.Principal{User: s.admin}, banned.ID, auth.UserPatch{Banned: patch.Of(true)}, nil)
	must(s.t, err)

	// Tokens that another service made: of the same key but long ago, and of another key.
	log, err := events.New(events.Options{Store: s.db, Logger: s.api.log})
	must(s.t, err)
	other := func(key *auth.SigningKeys, now func() time.Time) string {
		service, err := auth.New(auth.Options{Store: s.db, Events: log, Keys: key, Logger: s.api.log, Hashing: quick(), Now: now})
		must(s.t, err)
		tokens, _, err := service.Login(ctx, "admin", password, auth.Device{})
		must(s.t, err)
		return tokens.Access
	}
	s.tokens["expired"] = other(s.key, func() time.Time { return time.Now().Add(-time.Hour) })
	foreign, err := auth.NewSigningKeys(auth.NewSigningKey())
	must(s.t, err)
	s.tokens["forged"] = other(foreign, nil)
	s.tokens["garbled"] = "не токен"
	s.tokens["garbled API token"] = "rv_0000000000000000000000000000000000000000000"
	s.tokens["signed out"] = s.token("admin")
	p, err := s.auth.Authenticate(ctx, s.tokens["signed out"])
	must(s.t, err)
	must(s.t, s.auth.Logout(ctx, p))

	people := map[string]walker{
		"": {code: "auth.token"}, "banned": {code: "auth.token"}, "expired": {code: "auth.expired"}, "forged": {code: "auth.token"},
		"garbled": {code: "auth.token"}, "garbled API token": {code: "auth.token"}, "signed out": {code: "auth.token"},
	}
	for login, role := range map[string]auth.Role{"user": auth.RoleUser, "moderator": auth.RoleModerator, "admin": auth.RoleAdmin} {
		people[login] = walker{role: role, renew: func() string { return s.token(login) }}
	}
	// An admin's API tokens, each with a ceiling.
	s.person("keeper", auth.RoleAdmin)
	for name, ceiling := range map[string]auth.Role{
		"API token of a user": auth.RoleUser, "API token of a moderator": auth.RoleModerator, "API token of an admin": auth.RoleAdmin,
	} {
		people[name] = walker{role: ceiling, renew: func() string {
			by, err := s.auth.Authenticate(ctx, s.token("keeper"))
			must(s.t, err)
			key, _, err := s.auth.CreateToken(ctx, by, auth.NewToken{Name: name, Role: ceiling})
			must(s.t, err)
			return key
		}}
	}
	device, _, err := s.auth.CreateDevice(ctx, auth.Principal{User: s.admin}, auth.NewDevice{Name: "Пост 1"})
	must(s.t, err)
	people["screen"] = walker{role: auth.RoleUser, screen: true, renew: func() string { return s.screenToken(device.ID) }}
	for name, w := range people {
		if w.renew != nil {
			s.tokens[name] = w.renew()
		}
	}
	return people
}

// screenToken signs a wall screen in by a new code.
func (s *site) screenToken(id auth.UserID) string {
	s.t.Helper()
	_, code, err := s.auth.RenewCode(s.t.Context(), auth.Principal{User: s.admin}, id)
	must(s.t, err)
	tokens, _, err := s.auth.LoginDevice(s.t.Context(), code.Text, auth.Device{Remote: "127.0.0.1"})
	must(s.t, err)
	return tokens.Access
}

// doors stand for signaling and WHEP: they let in whoever comes that far.
func doors(o *Options) {
	o.Signaling = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
	o.WHEP = o.Signaling
}

// TestWalk sends everybody to every route with a body and parameters that can't be read: who may not come in learns nothing of that. What
// is expected comes from the table alone.
func TestWalk(t *testing.T) {
	s := open(t, store.Options{}, doors)
	people := s.walkers()
	for _, r := range s.api.routes() {
		paths := []string{walked(r, "nothing") + "?limit=many&after=x&force=perhaps", walked(r, "%00%ff")}
		if r.name == "stream-events" {
			paths = paths[:1] // the other one is a stream that never ends; TestEventStream walks it
		}
		for name, w := range people {
			t.Run(r.method+" "+r.path+" "+name, func(t *testing.T) {
				s := *s
				s.t = t
				for _, path := range paths {
					var body any
					if r.method != http.MethodGet {
						body = `{"login": [`
					}
					a := s.as(name, r.method, path, body)
					switch {
					case r.need != anyone && w.role == "":
						s.problem(a, 401, w.code)
						if a.header.Get("WWW-Authenticate") == "" {
							t.Error("no WWW-Authenticate")
						}
					case r.need != anyone && w.screen && !r.screen:
						s.problem(a, 403, "auth.device")
					case r.need != anyone && !w.role.Allows(auth.Role(r.need)):
						s.problem(a, 403, "auth.role")
					case a.status == 401 && r.tag != "sign-in", a.status == 403, a.status >= 500:
						t.Errorf("%d: %s", a.status, a.text)
					}
					if ends := r.name == "logout" || r.name == "end-my-sessions"; ends && w.renew != nil {
						s.tokens[name] = w.renew()
					}
				}
			})
		}
	}
}

// foreign are objects of others than whoever asks: an operator with no grants.
type foreign struct {
	site    *site
	camera  string // granted to nobody
	user    string // somebody else
	session string // of that one
	token   string // of that one
	view    string // the admin's, now
}

// objectRule says what the objects in a route's path are, and what somebody meets who names one that is not theirs.
type objectRule struct {
	as   string                 // who asks
	path func(f foreign) string // from v1 on; nil: objects here are nobody's own, whoever has the role may name any
	body any
	want int
	code string
}

// everybodys are objects that belong to no user: whoever has the route's role may name any.
var everybodys = objectRule{}

// objects are the rules, by the route's name. A route with a parameter in its path that has none fails the test.
var objects = map[string]objectRule{
	"list-user-cameras": everybodys, "grant-camera": everybodys, "revoke-camera": everybodys, "list-user-groups": everybodys,
	"grant-group": everybodys, "revoke-group": everybodys, "copy-grants": everybodys,
	"get-camera": everybodys, "patch-camera": everybodys, "delete-camera": everybodys, "list-camera-users": everybodys,
	"get-group": everybodys, "patch-group": everybodys, "delete-group": everybodys, "list-group-users": everybodys,
	"add-to-group": everybodys, "remove-from-group": everybodys, "list-group-cameras": everybodys,
	"get-user": everybodys, "patch-user": everybodys, "delete-user": everybodys, "get-person": everybodys,
	"list-user-sessions": everybodys, "end-user-sessions": everybodys, "list-user-tokens": everybodys,
	"get-passport-still": everybodys, "get-probes": everybodys, "list-probed-cameras": everybodys, "cancel-probes": everybodys,
	"probes-sheet": everybodys,
	"patch-device": everybodys, "delete-device": everybodys, "renew-device-code": everybodys, "end-device-session": everybodys,

	// An admin's, but of the one that the path names.
	"end-user-session":  {as: "admin", path: func(f foreign) string { return "/users/" + string(f.site.admin.ID) + "/sessions/" + f.session }, want: 404},
	"delete-user-token": {as: "admin", path: func(f foreign) string { return "/users/" + string(f.site.admin.ID) + "/tokens/" + f.token }, want: 404},
	"get-device":        {as: "admin", path: func(f foreign) string { return "/devices/" + f.user }, want: 404},

	// A user's own.
	"end-my-session":  {as: "user", path: func(f foreign) string { return "/me/sessions/" + f.session }, want: 404},
	"delete-my-token": {as: "user", path: func(f foreign) string { return "/me/tokens/" + f.token }, want: 404},
	"get-my-camera":   {as: "user", path: func(f foreign) string { return "/me/cameras/" + f.camera }, want: 404, code: "camera.not_found"},
	"get-still":       {as: "user", path: func(f foreign) string { return "/me/cameras/" + f.camera + "/still" }, want: 404, code: "camera.not_found"},
	"add-favorite":    {as: "user", path: func(f foreign) string { return "/me/favorites/" + f.camera }, want: 404, code: "camera.not_found"},
	"remove-favorite": {as: "user", path: func(f foreign) string { return "/me/favorites/" + f.camera }, want: 204}, // the same as of none at all
	"hls":             {as: "user", path: func(f foreign) string { return "/cameras/" + f.camera + "/hls" }, body: "{}", want: 404, code: "camera.not_found"},
	"end-view":        {as: "user", path: func(f foreign) string { return "/views/" + f.view }, want: 404, code: "view.not_found"},

	// Behind the doors, which the tests of signaling try: a camera without a grant, and another user's WHEP view.
	"whep": everybodys, "whep-candidates": everybodys, "whep-end": everybodys,
	// The secret in the path is the right to it; the tests of hls try others.
	"hls-file": everybodys,
}

// TestObjects: what one may not see does not exist, and what does not exist is told as such to whoever may see all.
func TestObjects(t *testing.T) {
	s := open(t, store.Options{}, doors)
	ctx := t.Context()
	c := s.camera("Gate")
	f := foreign{site: s, camera: string(c.ID)}
	someone := s.person("someone", auth.RoleUser)
	f.user = string(someone.ID)
	p, err := s.auth.Authenticate(ctx, s.tokens["someone"])
	must(t, err)
	f.session = string(p.Session)
	_, token, err := s.auth.CreateToken(ctx, p, auth.NewToken{Name: "theirs"})
	must(t, err)
	f.token = string(token.ID)
	f.view = s.watches(c).Ref()

	const none = "00000000-0000-7000-8000-000000000000"
	for _, r := range s.api.routes() {
		if !strings.Contains(r.path, "{") || r.rest {
			continue
		}
		rule, ok := objects[r.name]
		if !ok {
			t.Errorf("%s %s: say in objects whose the objects in its path are", r.method, r.path)
			continue
		}
		if rule.path != nil {
			a := s.as(rule.as, r.method, v1+rule.path(f), rule.body)
			switch {
			case a.status != rule.want:
				t.Errorf("%s %s of somebody else: %d %s", r.method, r.path, a.status, a.text)
			case rule.code != "":
				s.problem(a, rule.want, rule.code)
			}
			// Somebody else's and nothing at all look the same.
			for _, id := range []string{f.session, f.token, f.camera, f.view, f.user} {
				if strings.Contains(a.text, id) {
					t.Errorf("%s %s tells an id: %s", r.method, r.path, a.text)
				}
			}
		}
		if r.typed == nil || r.name == "remove-favorite" {
			continue
		}
		var body any
		switch r.method {
		case http.MethodPatch:
			body = "{}"
		case http.MethodPost:
			body = map[string]any{"from": none, "mode": "add"}
		}
		if a := s.as("admin", r.method, walked(r, none), body); a.status != 404 {
			t.Errorf("%s %s of nothing: %d %s", r.method, r.path, a.status, a.text)
		}
	}
	// Nothing of anybody else's was touched.
	if lives, err := s.auth.SessionLives(ctx, p.Session); !lives || err != nil {
		t.Errorf("somebody else's session has ended: %v", err)
	}
	tokens, err := s.auth.Tokens(ctx, someone.ID, paging.Query{})
	if err != nil || tokens.Total != 1 {
		t.Errorf("somebody else's token is gone: %v, %v", tokens, err)
	}
	if views, err := s.viewers.List(ctx); err != nil || len(views) != 1 {
		t.Errorf("somebody else's view has ended: %v, %v", views, err)
	}
	// With a grant the same routes open.
	user, err := s.auth.Authenticate(ctx, s.tokens["user"])
	must(t, err)
	must(t, s.cameras.Grant(ctx, auth.Principal{User: s.admin}, user.User.ID, c.ID, camera.Terms{}))
	s.expect(s.as("user", "GET", v1+"/me/cameras/"+f.camera, nil), 200)
	s.expect(s.as("user", "PUT", v1+"/me/favorites/"+f.camera, nil), 204)
}

// watches opens a view of the admin's.
func (s *site) watches(c camera.Camera) viewers.Watching {
	s.t.Helper()
	ctx := context.WithoutCancel(s.t.Context())
	p, err := s.auth.Authenticate(ctx, s.tokens["admin"])
	must(s.t, err)
	_, err = s.viewers.Open(ctx, viewers.Request{
		Principal: p, View: "tile", Camera: c.ID, Transport: viewers.WebRTC, Admit: viewers.EvictOldest, Lease: 10 * time.Minute,
	})
	must(s.t, err)
	watching, err := s.viewers.List(ctx)
	must(s.t, err)
	return watching[0]
}
