package camera_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/bluenviron/gortsplib/v5/pkg/base"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

func TestParseAddressTakesCredentialsOut(t *testing.T) {
	for _, c := range []struct{ name, raw, addr, user, password string }{
		{"plain", "rtsp://10.0.0.1/live", "rtsp://10.0.0.1/live", "", ""},
		{"credentials", "rtsp://admin:secret@10.0.0.1:8554/live", "rtsp://10.0.0.1:8554/live", "admin", "secret"},
		{"user alone", "rtsp://admin@10.0.0.1/live", "rtsp://10.0.0.1/live", "admin", ""},
		{"empty password", "rtsp://admin:@10.0.0.1/live", "rtsp://10.0.0.1/live", "admin", ""},
		{"empty user", "rtsp://:secret@10.0.0.1/live", "rtsp://10.0.0.1/live", "", "secret"},
		{"no path", "rtsp://10.0.0.1", "rtsp://10.0.0.1", "", ""},
		{"default port", "rtsp://10.0.0.1:554/1", "rtsp://10.0.0.1/1", "", ""},
		{"default port of rtsps", "rtsps://10.0.0.1:322/1", "rtsps://10.0.0.1/1", "", ""},
		{"no port behind the colon", "rtsp://10.0.0.1:/1", "rtsp://10.0.0.1/1", "", ""},
		{"port with zeros", "rtsp://10.0.0.1:08554/1", "rtsp://10.0.0.1:8554/1", "", ""},
		{"upper case", "RTSP://User:PaSS@CAM.Example.COM/Live", "rtsp://cam.example.com/Live", "User", "PaSS"},
		{"blanks around", " \t\u00a0rtsp://a:b@10.0.0.1/1\ufeff\r\n", "rtsp://10.0.0.1/1", "a", "b"},
		{"query", "rtsp://a:b@10.0.0.1/s?ch=1&sub=0", "rtsp://10.0.0.1/s?ch=1&sub=0", "a", "b"},
		{"query without path", "rtsp://a:b@10.0.0.1?ch=1", "rtsp://10.0.0.1?ch=1", "a", "b"},
		{"IPv6", "rtsp://a:b@[2001:DB8::1]:8554/1", "rtsp://[2001:db8::1]:8554/1", "a", "b"},
		{"IPv6 without port", "rtsp://[::1]/1", "rtsp://[::1]/1", "", ""},
		{"IPv6 with zone", "rtsp://a:b@[fe80::1%25eth0]/1", "rtsp://[fe80::1%25eth0]/1", "a", "b"},
		{"single word", "rtsp://a:b@nvr/1", "rtsp://nvr/1", "a", "b"},
		{"host of digits", "rtsp://a:b@1/1", "rtsp://1/1", "a", "b"},
		{"trailing dot", "rtsp://a:b@cam.example.com./1", "rtsp://cam.example.com./1", "a", "b"},

		{"@ in password", "rtsp://admin:p@ss@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "p@ss"},
		{"many @", "rtsp://admin:@@p@@@nvr/1", "rtsp://nvr/1", "admin", "@@p@@"},
		{": in password", "rtsp://admin:a:b:c@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "a:b:c"},
		{"# in password", "rtsp://admin:a#b@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "a#b"},
		{"/ in password", "rtsp://admin:a/b@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "a/b"},
		{"? in password", "rtsp://admin:a?b@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "a?b"},
		{"% in password", "rtsp://admin:100%@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "100%"},
		{"% before letters", "rtsp://admin:%zz%4@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "%zz%4"},
		{"blank in password", "rtsp://admin:a b@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "a b"},
		{"// in password", "rtsp://admin:a//b@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "a//b"},
		{"all of them", "rtsp://admin:p@s/s#w:o?r%d@10.0.0.1:8554/a/b?c=d", "rtsp://10.0.0.1:8554/a/b?c=d", "admin", "p@s/s#w:o?r%d"},
		{"all of them, by name", "rtsp://admin:p@s/s#w:o?r%d@cam.example.com/1", "rtsp://cam.example.com/1", "admin", "p@s/s#w:o?r%d"},
		{"all of them, on this machine", "rtsp://admin:/?#[]@!$&'()*+,;=@localhost:9554/1", "rtsp://localhost:9554/1", "admin", "/?#[]@!$&'()*+,;="},
		{"/ and @ in password, word for host", "rtsp://admin:a/b@c@nvr/1", "rtsp://nvr/1", "admin", "a/b@c"},
		{"digits and / in password", "rtsp://admin:12/34@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "12/34"},
		{"begins with /", "rtsp://admin:/34@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "/34"},
		{"Cyrillic", "rtsp://админ:пароль№1@10.0.0.1/1", "rtsp://10.0.0.1/1", "админ", "пароль№1"},
		{"Cyrillic and @/#", "rtsp://админ:пар@ль/#1@10.0.0.1/1", "rtsp://10.0.0.1/1", "админ", "пар@ль/#1"},

		{"encoded", "rtsp://admin:p%40s%2Fs%23%3a@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "p@s/s#:"},
		{"encoded once", "rtsp://admin:%2540@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "%40"},
		{"encoded Cyrillic", "rtsp://admin:%D0%BF%D0%B0@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "па"},
		{"encoded user", "rtsp://a%3Ab:c@10.0.0.1/1", "rtsp://10.0.0.1/1", "a:b", "c"},
		{"no UTF-8 when decoded", "rtsp://admin:x%ffy@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "x%ffy"},
		{"plus stays", "rtsp://admin:a+b@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "a+b"},

		{"@ in path", "rtsp://nvr/live@1", "rtsp://nvr/live@1", "", ""},
		{"@ in path, usual port", "rtsp://nvr:554/live@1", "rtsp://nvr/live@1", "", ""},
		{"@ in path, word behind it", "rtsp://nvr:8554/live@main", "rtsp://nvr:8554/live@main", "", ""},
		{"@ in path, no credentials said", "rtsp://@nvr:81/live@main", "rtsp://nvr:81/live%40main", "", ""},
		{"@ in path and credentials", "rtsp://a:b@10.0.0.1/live@1", "rtsp://10.0.0.1/live@1", "a", "b"},
		{"@ in path, and a file", "rtsp://a:b@10.0.0.1/live@cam.mp4", "rtsp://10.0.0.1/live@cam.mp4", "a", "b"},
		{"@ in query", "rtsp://a:b@10.0.0.1/live?mail=x@example.com", "rtsp://10.0.0.1/live?mail=x@example.com", "a", "b"},
		{"@ in path of an address", "rtsp://10.0.0.1:81/live@10.0.0.2/1", "rtsp://10.0.0.1:81/live@10.0.0.2/1", "", ""},
		{"# in path", "rtsp://a:b@10.0.0.1/live#1", "rtsp://10.0.0.1/live%231", "a", "b"},
		{"# right behind the host", "rtsp://a:b@10.0.0.1#1", "rtsp://10.0.0.1/%231", "a", "b"},
		{"Cyrillic in path", "rtsp://10.0.0.1/вход 1", "rtsp://10.0.0.1/%D0%B2%D1%85%D0%BE%D0%B4%201", "", ""},
		{"% in path", "rtsp://10.0.0.1/100%/%41", "rtsp://10.0.0.1/100%25/%41", "", ""},
		{"user and password in the path stay", "rtsp://10.0.0.1:554/user=admin&channel=1&stream=0.sdp?real_stream", "rtsp://10.0.0.1/user=admin&channel=1&stream=0.sdp?real_stream", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			addr, user, password, err := camera.ParseAddress(c.raw)
			if err != nil {
				t.Fatalf("%v %v", err, fault.From(err).Fields)
			}
			if addr != c.addr || user != c.user || password.Reveal() != c.password {
				t.Errorf("got %q, user %q, password %q; want %q, %q, %q", addr, user, password.Reveal(), c.addr, c.user, c.password)
			}
			again, user, password, err := camera.ParseAddress(addr)
			if err != nil || again != addr || user != "" || password.Set() {
				t.Errorf("its own answer becomes %q with user %q (%v)", again, user, err)
			}
		})
	}
}

func TestParseAddressRefuses(t *testing.T) {
	for raw, code := range map[string]string{
		"":                                      "camera.address_scheme",
		"10.0.0.1/live":                         "camera.address_scheme",
		"http://10.0.0.1/live":                  "camera.address_scheme",
		"rtsp:/10.0.0.1/live":                   "camera.address_scheme",
		"rtspu://10.0.0.1/live":                 "camera.address_scheme",
		"rtsp://":                               "camera.address_host",
		"rtsp:///live":                          "camera.address_host",
		"rtsp://a:b@/live":                      "camera.address_host",
		"rtsp://a:b@:554/live":                  "camera.address_host",
		"rtsp://10.0.0/live":                    "camera.address_host",
		"rtsp://10.0.0.256/live":                "camera.address_host",
		"rtsp://cam era/live":                   "camera.address_host",
		"rtsp://камера.рф/live":                 "camera.address_host",
		"rtsp://[::1/live":                      "camera.address_host",
		"rtsp://[10.0.0.1]/live":                "camera.address_host",
		"rtsp://[::1]8554/live":                 "camera.address_host",
		"rtsp://-cam/live":                      "camera.address_host",
		"rtsp://a..b/live":                      "camera.address_host",
		"rtsp://10.0.0.1:0/live":                "camera.address_port",
		"rtsp://10.0.0.1:65536/live":            "camera.address_port",
		"rtsp://10.0.0.1:port/live":             "camera.address_port",
		"rtsp://10.0.0.1:-1/live":               "camera.address_port",
		"rtsp://2001:db8::1/live":               "camera.address_port",
		"rtsp://a:b@10.0.0.1/li\x00ve":          "characters",
		"rtsp://a:b\r\nX@10.0.0.1/live":         "characters",
		"rtsp://a:\xff@10.0.0.1/live":           "characters",
		"rtsp://h/" + strings.Repeat("x", 2048): "too_long",
		// Either is a guess that could show a password or send it to the wrong host.
		"rtsp://admin:12/34@nvr/live":             "camera.address_ambiguous",
		"rtsp://admin:p@ss.word/1@10.0.0.1/live":  "camera.address_ambiguous",
		"rtsp://nvr:554/proxy@10.0.0.1/live":      "camera.address_ambiguous",
		"rtsp://a:b@cam.example.com/x@10.0.0.1/1": "camera.address_ambiguous",
	} {
		_, user, password, err := camera.ParseAddress(raw)
		if !errors.Is(err, camera.ErrAddress) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", raw, err)
			continue
		}
		fields := fault.From(err).Fields
		if len(fields) != 1 || fields[0].Path != "address" || fields[0].Code != code {
			t.Errorf("%q: fields %v, want %s", raw, fields, code)
		}
		if user != "" || password.Set() {
			t.Errorf("%q: credentials beside an error", raw)
		}
	}
}

// FuzzParseAddress holds what must be so of any input: an answer is a fixed point, is an address to the RTSP client, which sees no
// credentials in it, and a password that was encoded as RFC 3986 says comes out as it was.
func FuzzParseAddress(f *testing.F) {
	for _, seed := range []string{
		"rtsp://admin:p@s/s#w:o?r%d@10.0.0.1:8554/a?b=c", "rtsp://админ:пароль@[::1]:1/", "rtsp://nvr:554/live@1", "rtsp://@nvr:81/a@b",
		"rtsp://a:1/2@b", "RTSPS://x@y", "rtsp://h/%%41#?", "rtsp://a:b@c@d/e@f.g:5/h@1.2.3.4",
	} {
		f.Add(seed, "p@ss:w/o?r#d%20")
	}
	f.Fuzz(func(t *testing.T, raw, secret string) {
		addr, _, _, err := camera.ParseAddress(raw)
		if err != nil {
			if len(raw) > 12 && strings.Contains(err.Error(), raw) {
				t.Fatalf("the error holds what was sent: %v", err)
			}
		} else {
			again, user, password, err := camera.ParseAddress(addr)
			if err != nil || again != addr || user != "" || password.Set() {
				t.Fatalf("%q became %q, and that %q with user %q: %v", raw, addr, again, user, err)
			}
			u, err := base.ParseURL(addr)
			if err != nil {
				t.Fatalf("%q became %q, which the RTSP client refuses: %v", raw, addr, err)
			}
			if u.User != nil || u.Fragment != "" || u.Host == "" {
				t.Fatalf("%q became %q, which the RTSP client reads as %+v", raw, addr, u)
			}
		}

		if len(secret) > 500 {
			return
		}
		_, user, password, err := camera.ParseAddress("rtsp://u:" + url.QueryEscape(strings.ReplaceAll(secret, " ", "")) + "@10.0.0.1/x")
		if err != nil {
			t.Fatalf("an encoded password is refused: %v", err)
		}
		want := strings.ReplaceAll(secret, " ", "")
		if user != "u" || (strings.ToValidUTF8(want, "") == want && password.Reveal() != want) {
			t.Fatalf("password %q came out as %q", want, password.Reveal())
		}
	})
}
