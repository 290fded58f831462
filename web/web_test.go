package web

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func get(t *testing.T, h http.Handler, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	var b strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := r.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return b.String()
		}
	}
}

func built(t *testing.T) http.Handler {
	t.Helper()
	h, err := newHandler(fstest.MapFS{
		".gitkeep":                {},
		"index.html":              {Data: []byte("<title>app</title>")},
		"assets/main-Ab12.js":     {Data: []byte("plain")},
		"assets/main-Ab12.js.gz":  {Data: []byte("gzipped")},
		"assets/main-Ab12.js.br":  {Data: []byte("brotli")},
		"assets/style-Cd34.css":   {Data: []byte("body{}")},
		"icon.svg":                {Data: []byte("<svg/>")},
		"manifest.webmanifest":    {Data: []byte("{}")},
		"manifest.webmanifest.gz": {Data: []byte("{}")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestFilesComeWithTypeAndCaching(t *testing.T) {
	h := built(t)
	for _, c := range []struct{ path, contentType, cache string }{
		{"/", "text/html; charset=utf-8", "no-cache"},
		{"/index.html", "text/html; charset=utf-8", "no-cache"},
		{"/assets/main-Ab12.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/assets/style-Cd34.css", "text/css; charset=utf-8", "public, max-age=31536000, immutable"},
		{"/icon.svg", "image/svg+xml", "no-cache"},
	} {
		r := get(t, h, c.path)
		if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != c.contentType || r.Header.Get("Cache-Control") != c.cache {
			t.Errorf("%s: %d %q %q", c.path, r.StatusCode, r.Header.Get("Content-Type"), r.Header.Get("Cache-Control"))
		}
		if r.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s may be sniffed", c.path)
		}
	}
}

func TestTheAppsOwnAddressesGiveThePage(t *testing.T) {
	h := built(t)
	for _, path := range []string{"/cameras/42", "/wall", "/a/../b"} {
		if r := get(t, h, path); r.StatusCode != http.StatusOK || !strings.Contains(body(t, r), "app") {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	for _, path := range []string{"/assets/gone-Zz99.js", "/.gitkeep", "/../web.go"} {
		if r := get(t, h, path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d, want 404: a page in place of a script hides a stale build", path, r.StatusCode)
		}
	}
}

func TestEncodingIsNegotiated(t *testing.T) {
	h := built(t)
	for _, c := range []struct{ accept, encoding, want string }{
		{"", "", "plain"},
		{"gzip, deflate, br", "br", "brotli"},
		{"gzip", "gzip", "gzipped"},
		{"br;q=0, gzip;q=0.5", "gzip", "gzipped"},
		{"identity", "", "plain"},
	} {
		r := get(t, h, "/assets/main-Ab12.js", "Accept-Encoding", c.accept)
		if got := body(t, r); r.Header.Get("Content-Encoding") != c.encoding || got != c.want {
			t.Errorf("Accept-Encoding %q: %q %q", c.accept, r.Header.Get("Content-Encoding"), got)
		}
		if r.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: a shared cache would mix encodings", c.accept)
		}
	}
}

func TestAnUnchangedFileIsNotSentAgain(t *testing.T) {
	h := built(t)
	first := get(t, h, "/", "Accept-Encoding", "gzip")
	again := get(t, h, "/", "Accept-Encoding", "gzip", "If-None-Match", "W/"+first.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified || body(t, again) != "" {
		t.Errorf("got %d", again.StatusCode)
	}
}

func TestThePageMayRunNothingInline(t *testing.T) {
	h := built(t)
	r := get(t, h, "/")
	csp := r.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("policy %q lacks %s", csp, want)
		}
	}
	for _, want := range []string{"connect-src 'self' ws: wss:", "media-src 'self' blob:", "worker-src 'self' blob:"} {
		if !strings.Contains(csp, want) {
			t.Errorf("policy %q lacks %s, which pictures by WebRTC and HLS need", csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q is unsafe", csp)
	}
}

// The built page itself: what the policy forbids may not be in it, or the app would not start.
func TestTheBuiltPageHasNothingInline(t *testing.T) {
	if !Built() {
		t.Skip("the app was not built: run make web")
	}
	h, err := Handler()
	if err != nil {
		t.Fatal(err)
	}
	page := body(t, get(t, h, "/"))
	for _, tag := range regexp.MustCompile(`(?s)<script[^>]*>.*?</script>|<style[^>]*>|\son\w+="`).FindAllString(page, -1) {
		if !regexp.MustCompile(`^<script [^>]*src="/assets/[^"]+"[^>]*></script>$`).MatchString(tag) {
			t.Errorf("inline: %s", tag)
		}
	}
	boot := regexp.MustCompile(`data-(?:script|style|hls)="([^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(boot) != 3 {
		t.Fatalf("the page for old browsers is not there: %d files of it", len(boot))
	}
	for _, m := range boot {
		if r := get(t, h, m[1]); r.StatusCode != http.StatusOK || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %s", m[1], r.StatusCode, r.Header.Get("Cache-Control"))
		}
	}
}

func TestOnlyReading(t *testing.T) {
	w := httptest.NewRecorder()
	built(t).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("got %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestWithoutABuildThePageSaysWhatToRun(t *testing.T) {
	h, err := newHandler(fstest.MapFS{".gitkeep": {}})
	if err != nil {
		t.Fatal(err)
	}
	if r := get(t, h, "/"); r.StatusCode != http.StatusOK || !strings.Contains(body(t, r), "make web") {
		t.Errorf("got %d", r.StatusCode)
	}
}

func TestAnUnknownKindOfFileIsRefused(t *testing.T) {
	if _, err := newHandler(fstest.MapFS{"index.html": {}, "a.exe": {}}); err == nil || !strings.Contains(err.Error(), "a.exe") {
		t.Errorf("got %v", err)
	}
}

func TestTheEmbeddedBuildOpens(t *testing.T) {
	h, err := Handler()
	if err != nil {
		t.Fatal(err)
	}
	if r := get(t, h, "/"); r.StatusCode != http.StatusOK {
		t.Errorf("got %d", r.StatusCode)
	}
}
