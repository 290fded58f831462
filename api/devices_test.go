package api

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/store"
)

func TestDevices(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		a := s.as("admin", "POST", "/api/v1/devices", map[string]any{"name": " Пост  10 ", "notes": "у входа\nслева", "views_limit": 2, "language": "ru"})
		var d DeviceWithCode
		s.into(a, 201, &d)
		if d.Name != "Пост 10" || d.SignedIn || d.SeenAt != nil || len(d.Code) != 9 || d.Link != "/#/device/"+d.Code || d.CodeExpiresAt == nil ||
			a.header.Get("Location") != "/api/v1/devices/"+d.ID || a.header.Get("ETag") != `"1"` {
			t.Errorf("%v %s", a.header, a.text)
		}
		for want, body := range map[string]any{
			"name required": map[string]any{"name": ""}, "views_limit out_of_range": map[string]any{"name": "x", "views_limit": 65},
			"language not_allowed": map[string]any{"name": "x", "language": "fr"}, "notes too_long": map[string]any{"name": "x", "notes": strings.Repeat("x", 1001)},
		} {
			if p := s.problem(s.as("admin", "POST", "/api/v1/devices", body), 422, "user.invalid"); fields(p) != want {
				t.Errorf("%q, want %q", fields(p), want)
			}
		}
		path := "/api/v1/devices/" + d.ID

		// GET, change, PATCH the whole object back; the second admin is told.
		var whole map[string]any
		a = s.as("admin", "GET", path, nil)
		s.into(a, 200, &whole)
		if _, told := whole["code"]; told {
			t.Error("the code is told again")
		}
		whole["name"], whole["signed_in"], whole["id"] = "Пост 11", true, "x"
		s.expect(s.as("admin", "PATCH", path, whole, "If-Match", a.header.Get("ETag")), 200)
		s.problem(s.as("admin", "PATCH", path, whole, "If-Match", a.header.Get("ETag")), 412, "precondition.version")
		s.problem(s.as("admin", "PATCH", path, map[string]any{"banned": nil}), 422, "user.invalid")
		s.expect(s.as("admin", "POST", "/api/v1/devices", map[string]any{"name": "пост 2"}), 201)

		var page list[Device]
		s.into(s.as("admin", "GET", "/api/v1/devices?q=ПОСТ", nil), 200, &page)
		if page.Total != 2 || page.Items[0].Name != "пост 2" || page.Items[1].Name != "Пост 11" || page.Items[1].Notes != "у входа\nслева" {
			t.Errorf("%+v", page)
		}
		s.into(s.as("admin", "GET", "/api/v1/devices?sort=-seen_at&limit=1", nil), 200, &page)
		s.into(s.as("admin", "GET", "/api/v1/devices?sort=-seen_at&limit=1&cursor="+page.NextCursor, nil), 200, &page)
		if len(page.Items) != 1 || page.NextCursor != "" {
			t.Errorf("%+v", page)
		}

		// People and screens are told apart.
		var users list[User]
		s.into(s.as("admin", "GET", "/api/v1/users", nil), 200, &users)
		if slices.ContainsFunc(users.Items, func(u User) bool { return u.Kind != "person" }) || users.Total != 3 {
			t.Errorf("%+v", users)
		}
		s.into(s.as("admin", "GET", "/api/v1/users?kind=device", nil), 200, &users)
		if users.Total != 2 || users.Items[0].Kind != "device" || users.Items[0].Name != "пост 2" || users.Items[0].Role != "user" {
			t.Errorf("%+v", users)
		}
		s.into(s.as("admin", "GET", "/api/v1/users?role=admin&banned=false", nil), 200, &users)
		if users.Total != 1 {
			t.Errorf("%+v", users)
		}
		var people list[PersonWithRole]
		s.into(s.as("moderator", "GET", "/api/v1/people", nil), 200, &people)
		if people.Total != 5 || !slices.ContainsFunc(people.Items, func(p PersonWithRole) bool { return p.Kind == "device" && p.Name == "Пост 11" }) {
			t.Errorf("%+v", people)
		}
		s.problem(s.as("admin", "GET", "/api/v1/devices/"+string(s.admin.ID), nil), 404, "device.not_found")
		s.problem(s.as("admin", "PATCH", "/api/v1/devices/"+string(s.admin.ID), map[string]any{"name": "x"}), 404, "device.not_found")
		s.problem(s.as("admin", "DELETE", "/api/v1/devices/"+string(s.admin.ID), nil), 404, "device.not_found")

		// A screen never becomes more than one.
		for _, more := range []map[string]any{{"role": "admin"}, {"password": password}, {"login": "wall"}, {"email": "wall@example.org"}} {
			s.problem(s.as("admin", "PATCH", "/api/v1/users/"+d.ID, more), 409, "user.device")
		}
		s.expect(s.as("admin", "PATCH", "/api/v1/users/"+d.ID, map[string]any{"views_limit": 3, "role": "user"}), 200)
		for _, login := range []string{"Пост 11", users.Items[0].Login} {
			s.problem(s.send("POST", "/api/v1/auth/login", map[string]any{"login": login, "password": ""}), 401, "auth.credentials")
		}
		var got Device
		s.into(s.as("admin", "GET", path, nil), 200, &got)
		if got.ViewsLimit == nil || *got.ViewsLimit != 3 {
			t.Errorf("%+v", got)
		}
		s.expect(s.as("admin", "DELETE", path, nil), 204)
		s.problem(s.as("admin", "GET", path, nil), 404, "device.not_found")
		s.problem(s.send("POST", "/api/v1/auth/device", map[string]any{"code": d.Code}), 401, "auth.device_code")
		want := "device.created  admin Пост 10|device.changed  admin Пост 11|device.created  admin пост 2|device.changed  admin Пост 11|device.deleted  admin Пост 11"
		if told := s.told("device.created", "device.changed", "device.deleted"); strings.Join(told, "|") != want {
			t.Errorf("told %q", told)
		}
	})
}

// screen adds a wall screen and signs it in under a name of the test's.
func (s *site) screen(name string) (DeviceWithCode, *http.Cookie) {
	s.t.Helper()
	var d DeviceWithCode
	s.into(s.as("admin", "POST", "/api/v1/devices", map[string]any{"name": name}), 201, &d)
	return d, s.signScreenIn(name, d.Code)
}

func (s *site) signScreenIn(name, code string) *http.Cookie {
	s.t.Helper()
	a := s.send("POST", "/api/v1/auth/device", map[string]any{"code": code}, "User-Agent", "Kiosk")
	var in SignedIn
	s.into(a, 200, &in)
	if in.User.Kind != "device" || in.User.Name != name {
		s.t.Fatalf("%s", a.text)
	}
	s.tokens[name] = in.AccessToken
	return jar(a)[refreshCookie]
}

func TestDeviceSignIn(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		d, refresh := s.screen("Wall")
		path := "/api/v1/devices/" + d.ID
		if refresh == nil || refresh.Expires.IsZero() || refresh.Expires.Sub(d.CreatedAt).Hours() < 399*24 {
			t.Errorf("the screen's cookie: %+v", refresh)
		}
		s.problem(s.send("POST", "/api/v1/auth/device", map[string]any{"code": d.Code}), 401, "auth.device_code")
		var got Device
		s.into(s.as("admin", "GET", path, nil), 200, &got)
		if !got.SignedIn || got.SeenAt == nil || got.UserAgent != "Kiosk" || got.Remote != "127.0.0.1" || got.CodeExpiresAt != nil {
			t.Errorf("%+v", got)
		}

		// A new code leaves the screen signed in until it is used; the one before it is no good any more.
		code := func() string {
			var again DeviceWithCode
			s.into(s.as("admin", "POST", path+"/code", nil), 200, &again)
			if again.Code == "" || !again.SignedIn || again.CodeExpiresAt == nil {
				t.Errorf("%+v", again)
			}
			return again.Code
		}
		stale, fresh := code(), code()
		s.problem(s.send("POST", "/api/v1/auth/device", map[string]any{"code": stale}), 401, "auth.device_code")
		s.expect(s.as("Wall", "GET", "/api/v1/me", nil), 200)
		first := s.tokens["Wall"]
		typed := strings.ToLower(strings.NewReplacer("A", "А", "B", "В", "E", "Е", "-", " ").Replace(fresh)) // some of it on a Russian keyboard
		s.signScreenIn("Wall", typed)
		s.problem(s.send("GET", "/api/v1/me", nil, "Authorization", "Bearer "+first), 401, "auth.token")
		s.problem(s.send("POST", "/api/v1/auth/refresh", nil, "Cookie", refreshCookie+"="+refresh.Value), 401, "auth.token")

		// Of many who type one code at once, one comes in.
		once := code()
		var in sync.Map
		var group sync.WaitGroup
		for i := range 4 {
			group.Go(func() {
				a := s.send("POST", "/api/v1/auth/device", map[string]any{"code": once})
				in.Store(i, a.status)
			})
		}
		group.Wait()
		came := 0
		in.Range(func(_, status any) bool {
			if status == 200 {
				came++
			} else if status != 401 {
				t.Errorf("status %v", status)
			}
			return true
		})
		if came != 1 {
			t.Errorf("%d came in by one code", came)
		}

		// Guessing is slowed.
		slowed := false
		for range 100 {
			if a := s.send("POST", "/api/v1/auth/device", map[string]any{"code": "AAAA-AAAA"}); a.status == 429 {
				s.problem(a, 429, "auth.slow_down")
				slowed = true
				break
			}
		}
		if !slowed {
			t.Error("a hundred wrong codes were looked at")
		}
		s.expect(s.send("POST", "/api/v1/auth/login", map[string]any{"login": "user", "password": password}), 200)
		if strings.Contains(s.log.String(), strings.ReplaceAll(fresh, "-", "")) || strings.Contains(s.log.String(), fresh) {
			t.Error("the log tells a code")
		}
	})
}

func TestDeviceIsSignedOut(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		d, refresh := s.screen("Wall")
		path := "/api/v1/devices/" + d.ID
		s.expect(s.as("admin", "DELETE", path+"/session", nil), 204)
		s.problem(s.as("Wall", "GET", "/api/v1/me", nil), 401, "auth.token")
		s.problem(s.send("POST", "/api/v1/auth/refresh", nil, "Cookie", refreshCookie+"="+refresh.Value), 401, "auth.token")
		var got DeviceWithCode
		s.into(s.as("admin", "POST", path+"/code", nil), 200, &got)
		if got.SignedIn || got.SeenAt == nil {
			t.Errorf("%+v", got)
		}
		s.expect(s.as("admin", "PATCH", path, map[string]any{"banned": true}), 200)
		s.problem(s.send("POST", "/api/v1/auth/device", map[string]any{"code": got.Code}), 401, "auth.device_code")
		s.expect(s.as("admin", "PATCH", path, map[string]any{"banned": false}), 200)
		s.signScreenIn("Wall", got.Code) // the refusal did not use it up
		s.expect(s.as("admin", "PATCH", path, map[string]any{"banned": true}), 200)
		s.problem(s.as("Wall", "GET", "/api/v1/me", nil), 401, "auth.token")
		want := "session.ended auth.revoked admin Wall"
		if told := s.told("session.ended"); strings.Join(told, "|") != want {
			t.Errorf("told %q", told)
		}
	})
}

// TestDeviceIsViewOnly sends a signed-in screen to every route of the table.
func TestDeviceIsViewOnly(t *testing.T) {
	s := open(t, store.Options{})
	s.screen("Wall")
	may := []string{}
	for _, r := range s.api.routes() {
		if r.need == anyone || r.rest {
			continue
		}
		var body any
		if r.method != http.MethodGet {
			body = `{"login": [`
		}
		a := s.as("Wall", r.method, walked(r, "nothing"), body)
		if a.status == 403 {
			s.problem(a, 403, "auth.device")
			continue
		}
		if r.need != user || a.status >= 500 || a.status == 401 {
			t.Errorf("%s %s: %d %s", r.method, r.path, a.status, a.text)
		}
		may = append(may, r.name)
		for len(s.seen) > 0 {
			<-s.seen
		}
	}
	want := []string{
		"get-me", "list-my-cameras", "get-my-camera", "list-favorites", "list-my-views", "signaling", "whep", "whep-candidates", "whep-end", "hls", "end-view",
	}
	for _, name := range want {
		if !slices.Contains(may, name) {
			t.Errorf("a screen may not %s", name)
		}
	}
	for _, name := range may {
		if !slices.Contains(want, name) && !strings.Contains(name, "still") {
			t.Errorf("a screen may %s", name)
		}
	}
}
