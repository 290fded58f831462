package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// jar gives the cookies that an answer sets, by name.
func jar(a answer) map[string]*http.Cookie {
	out := map[string]*http.Cookie{}
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		out[c.Name] = c
	}
	return out
}

func TestSignIn(t *testing.T) {
	s := open(t, store.Options{})
	a := s.send("POST", "/api/v1/auth/login", map[string]any{"login": "USER", "password": password})
	var in SignedIn
	s.into(a, 200, &in)
	if in.User.Login != "user" || in.User.Role != "user" || time.Until(in.ExpiresAt) <= 0 || !strings.Contains(a.text, `Z"`) {
		t.Errorf("%s", a.text)
	}
	cookies := jar(a)
	access, refresh := cookies[accessCookie], cookies[refreshCookie]
	if access == nil || access.Value != in.AccessToken || !access.HttpOnly || access.SameSite != http.SameSiteLaxMode ||
		access.Path != "/api/v1" || access.Secure {
		t.Errorf("access cookie: %+v", access)
	}
	if refresh == nil || !refresh.HttpOnly || refresh.SameSite != http.SameSiteStrictMode || refresh.Path != "/api/v1/auth" {
		t.Fatalf("refresh cookie: %+v", refresh)
	}
	if strings.Contains(a.text, refresh.Value) {
		t.Error("the refresh token stands in the body")
	}
	if a.header.Get("Cache-Control") != "no-store" {
		t.Error("tokens may be cached")
	}

	s.problem(s.send("POST", "/api/v1/auth/login", map[string]any{"login": "user", "password": "wrong-password"}), 401, "auth.credentials")
	s.problem(s.send("POST", "/api/v1/auth/login", map[string]any{"login": "nobody", "password": "wrong-password"}), 401, "auth.credentials")

	// The cookie signs requests in; a wrong Bearer is not forgiven for a good cookie.
	s.expect(s.send("GET", "/api/v1/me", nil, "Cookie", accessCookie+"="+access.Value), 200)
	s.problem(s.send("GET", "/api/v1/me", nil, "Cookie", accessCookie+"="+access.Value, "Authorization", "Bearer x"), 401, "auth.token")

	// Refreshing rotates; the same token again within a minute gives the same successor.
	b := s.send("POST", "/api/v1/auth/refresh", nil, "Cookie", refreshCookie+"="+refresh.Value)
	s.expect(b, 200)
	next := jar(b)[refreshCookie]
	if next == nil || next.Value == refresh.Value {
		t.Fatalf("the refresh token did not rotate: %+v", next)
	}
	again := s.send("POST", "/api/v1/auth/refresh", nil, "Cookie", refreshCookie+"="+refresh.Value)
	s.expect(again, 200)
	if jar(again)[refreshCookie].Value != next.Value {
		t.Error("two tabs got different successors")
	}
	s.problem(s.send("POST", "/api/v1/auth/refresh", nil), 401, "auth.token")
	if nobody := s.send("POST", "/api/v1/auth/refresh", nil, "Prefer", "handling=lenient"); nobody.status != 204 || nobody.text != "" || len(jar(nobody)) != 0 {
		t.Errorf("to a page that asks who is there: %d %s", nobody.status, nobody.text)
	}
	s.problem(s.send("POST", "/api/v1/auth/refresh", nil, "Prefer", "handling=lenient", "Cookie", refreshCookie+"=old"), 401, "auth.token")

	// Signing out ends the session for every token of it and takes the cookies away.
	out := s.send("POST", "/api/v1/auth/logout", nil, "Cookie", refreshCookie+"="+next.Value)
	s.expect(out, 204)
	for _, name := range []string{accessCookie, refreshCookie} {
		if c := jar(out)[name]; c == nil || c.MaxAge >= 0 || c.Value != "" {
			t.Errorf("cookie %s stays: %+v", name, c)
		}
	}
	s.problem(s.send("GET", "/api/v1/me", nil, "Authorization", "Bearer "+in.AccessToken), 401, "auth.token")
	s.problem(s.send("POST", "/api/v1/auth/refresh", nil, "Cookie", refreshCookie+"="+next.Value), 401, "auth.token")
	s.expect(s.send("POST", "/api/v1/auth/logout", nil), 204)

	// The Bearer alone signs out as well.
	s.expect(s.as("moderator", "POST", "/api/v1/auth/logout", nil), 204)
	s.problem(s.as("moderator", "GET", "/api/v1/me", nil), 401, "auth.token")
}

func TestSlowedSignInSaysWhen(t *testing.T) {
	s := open(t, store.Options{})
	for range 100 {
		a := s.send("POST", "/api/v1/auth/login", map[string]any{"login": "user", "password": "wrong-password"})
		if a.status == 401 {
			continue
		}
		s.problem(a, 429, "auth.slow_down")
		if a.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		return
	}
	t.Error("a hundred wrong passwords were taken at full speed")
}

func TestChangePassword(t *testing.T) {
	s := open(t, store.Options{})
	p := s.problem(s.as("user", "POST", "/api/v1/me/password", map[string]any{"old_password": "wrong-password", "new_password": password + "2"}), 422, "user.old_password")
	if len(p.Errors) != 1 || p.Errors[0].Path != "old_password" {
		t.Errorf("%+v", p.Errors)
	}
	other := s.token("user")
	s.expect(s.as("user", "POST", "/api/v1/me/password", map[string]any{"old_password": password, "new_password": password + "2"}), 204)
	s.expect(s.as("user", "GET", "/api/v1/me", nil), 200)
	s.problem(s.send("GET", "/api/v1/me", nil, "Authorization", "Bearer "+other), 401, "auth.token")
}

func TestSecureCookies(t *testing.T) {
	body := map[string]any{"login": "user", "password": password}
	secure := func(a answer) bool { return jar(a)[accessCookie].Secure && jar(a)[refreshCookie].Secure }
	t.Run("public URL", func(t *testing.T) {
		s := open(t, store.Options{}, func(o *Options) { o.PublicURL = "https://video.example" })
		if !secure(s.send("POST", "/api/v1/auth/login", body)) {
			t.Error("not secure behind an https address")
		}
	})
	t.Run("trusted proxy", func(t *testing.T) {
		s := open(t, store.Options{}, func(o *Options) { o.TrustedProxies = []string{"127.0.0.0/8", "::1"} })
		a := s.send("POST", "/api/v1/auth/login", body, "X-Forwarded-Proto", "https", "X-Forwarded-For", "203.0.113.9", "X-Request-Id", "proxy-id-0001")
		if !secure(a) || a.header.Get("X-Request-Id") != "proxy-id-0001" {
			t.Errorf("%v", a.header)
		}
		if !strings.Contains(s.log.String(), "remote=203.0.113.9") {
			t.Error("the client's address is not taken from the proxy")
		}
		if a := s.send("GET", "/healthz", nil, "X-Request-Id", "bad id\tx"); a.header.Get("X-Request-Id") == "bad id\tx" {
			t.Error("any request id is taken")
		}
	})
	t.Run("stranger", func(t *testing.T) {
		s := open(t, store.Options{})
		a := s.send("POST", "/api/v1/auth/login", body, "X-Forwarded-Proto", "https", "X-Forwarded-For", "203.0.113.9", "X-Request-Id", "proxy-id-0001")
		if secure(a) || a.header.Get("X-Request-Id") == "proxy-id-0001" || strings.Contains(s.log.String(), "203.0.113.9") {
			t.Error("forwarding headers are believed from anybody")
		}
	})
}

func TestOrigin(t *testing.T) {
	s := open(t, store.Options{}, func(o *Options) {
		o.PublicURL = "https://video.example"
		o.AllowedOrigins = []string{"https://portal.example"}
	})
	cookie := accessCookie + "=" + s.tokens["user"]
	patch := func(header ...string) answer {
		return s.send("PATCH", "/api/v1/me", map[string]any{"phone": "1"}, append(header, "Cookie", cookie)...)
	}
	for _, good := range [][]string{
		{"Origin", s.url}, {"Origin", "https://video.example"}, {"Origin", "https://portal.example"}, {"Origin", "https://PORTAL.example:443"},
		{"Referer", s.url + "/wall"}, {"Referer", "https://video.example/"}, {"Sec-Fetch-Site", "same-origin"}, {"X-Requested-With", "rtsp-viewer"},
	} {
		if a := patch(good...); a.status != 200 {
			t.Errorf("%v: %d %s", good, a.status, a.text)
		}
	}
	for _, bad := range [][]string{
		{}, {"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", "https://evil.example", "X-Requested-With", "x"},
		{"Origin", "https://portal.example.evil.example"}, {"Origin", "http://portal.example"}, {"Referer", "https://evil.example/" + s.url},
		{"Referer", "about:blank"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site", "X-Requested-With", "x"}, {"Sec-Fetch-Site", "none"},
	} {
		s.problem(patch(bad...), 403, "auth.origin")
	}
	// Reading, and requests whose page holds the token itself, need no origin.
	s.expect(s.send("GET", "/api/v1/me", nil, "Cookie", cookie, "Origin", "https://evil.example"), 200)
	s.expect(s.as("user", "PATCH", "/api/v1/me", map[string]any{"phone": "2"}), 200)
	// Nobody is signed in or out by another site's page; a client without a page may.
	body := map[string]any{"login": "user", "password": password}
	s.problem(s.send("POST", "/api/v1/auth/login", body, "Origin", "https://evil.example"), 403, "auth.origin")
	s.problem(s.send("POST", "/api/v1/auth/logout", nil, "Sec-Fetch-Site", "cross-site"), 403, "auth.origin")
	s.expect(s.send("POST", "/api/v1/auth/login", body), 200)

	// Pages of the allowed site pass the preflight and may read answers; others don't.
	pre := s.send("OPTIONS", "/api/v1/me", nil, "Origin", "https://portal.example", "Access-Control-Request-Method", "PATCH")
	s.expect(pre, 204)
	if pre.header.Get("Access-Control-Allow-Origin") != "https://portal.example" || !strings.Contains(pre.header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("%v", pre.header)
	}
	if a := s.send("OPTIONS", "/api/v1/me", nil, "Origin", "https://evil.example", "Access-Control-Request-Method", "PATCH"); a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%v", a.header)
	}
	if a := s.as("user", "GET", "/api/v1/me", nil, "Origin", "https://portal.example"); a.header.Get("Access-Control-Allow-Origin") != "https://portal.example" ||
		a.header.Get("Vary") != "Origin" {
		t.Errorf("%v", a.header)
	}
	for origin, want := range map[string]string{"https://portal.example": "https://portal.example", "https://evil.example": ""} { // players of theirs
		if a := s.send("GET", "/hls/none/index.m3u8", nil, "Origin", origin); a.status != 404 || a.header.Get("Access-Control-Allow-Origin") != want {
			t.Errorf("a playlist for %s: %d %v", origin, a.status, a.header)
		}
	}
	if csp := s.send("GET", "/", nil).header.Values("Content-Security-Policy"); !strings.Contains(strings.Join(csp, ";"), "frame-ancestors 'self' https://portal.example") {
		t.Errorf("%v", csp)
	}
}

func TestNewRefuses(t *testing.T) {
	s := open(t, store.Options{})
	good := Options{
		Auth: s.auth, Cameras: s.cameras, Viewers: s.viewers, Events: s.db, Relay: s.api.relay, Settings: s.api.settings, Probes: s.api.probes, Signaling: http.NotFoundHandler(),
		WHEP: http.NotFoundHandler(), HLS: s.api.hls, Web: http.NotFoundHandler(), Ready: s.db.Ping, Logger: s.api.log,
	}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Options){
		"Auth": func(o *Options) { o.Auth = nil }, "Web": func(o *Options) { o.Web = nil }, "Ready": func(o *Options) { o.Ready = nil },
		"public URL": func(o *Options) { o.PublicURL = "video.example" }, "allowed origin": func(o *Options) { o.AllowedOrigins = []string{"*"} },
		"proxy": func(o *Options) { o.TrustedProxies = []string{"nginx"} },
	} {
		o := good
		spoil(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestStrangeClients: whatever a client calls itself and whatever characters it sends, it is answered, on either engine.
func TestStrangeClients(t *testing.T) {
	for name, where := range map[string]store.Options{"SQLite": {}, "PostgreSQL": {URL: pgtest.URL(t)}} {
		t.Run(name, func(t *testing.T) {
			s := open(t, where)
			for _, agent := range []string{"\xff\xfe", strings.Repeat("ё", 200), strings.Repeat("x", 5000)} {
				s.expect(s.send("POST", "/api/v1/auth/login", map[string]any{"login": "user", "password": password}, "User-Agent", agent), 200)
			}
			s.problem(s.send("POST", "/api/v1/auth/login", `{"login": "user\u0000", "password": "\u0000\ud800"}`), 401, "auth.credentials")
			s.problem(s.as("admin", "GET", "/api/v1/users?q=%00", nil), 422, "request.invalid")
			s.problem(s.as("admin", "GET", "/api/v1/users/%ff", nil), 404, "route.not_found")
		})
	}
}
