// Package web holds the browser app and hands it out.
//
// It owns the TypeScript sources beside this file and their build in dist, which it embeds. It refuses to guess a content type, to let
// a browser keep index.html without asking, and to need Node.js for `go build`: without a build it serves one page that says how to
// make one. It runs no goroutines.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// The folder always exists: .gitkeep is committed, the build is not.
//
//go:embed all:dist
var embedded embed.FS

// policy lets the app's own files run and nothing else; no inline script or style. frame-ancestors is left to the caller, who knows
// which other sites may embed the app: a second Content-Security-Policy header narrows this one.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
	"font-src 'self'; connect-src 'self' ws: wss:; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'"

// types names every kind of file that the build may contain. mime.TypeByExtension reads the host's tables, which differ.
var types = map[string]string{
	".html":        "text/html; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".css":         "text/css; charset=utf-8",
	".svg":         "image/svg+xml",
	".png":         "image/png",
	".ico":         "image/x-icon",
	".woff2":       "font/woff2",
	".json":        "application/json",
	".webmanifest": "application/manifest+json",
	".txt":         "text/plain; charset=utf-8",
}

// file is one file of the build with its compressed twins, which the build made.
type file struct {
	plain, gzip, brotli []byte
	contentType         string
	etag                string // of the plain content; each encoding adds its own letter (RFC 9110, 8.8.3)
	immutable           bool   // its name holds a hash of its content
}

type app struct {
	files map[string]*file // by path without the leading slash
	index *file
}

// Handler serves the embedded build: files by their path, and index.html for every other path without a file extension, so that the
// app's own addresses survive a reload. Without a build every such path gives a page that says so. It answers GET and HEAD only.
// An error means that the build holds a kind of file that is not in the table of content types.
func Handler() (http.Handler, error) {
	dist, err := fs.Sub(embedded, "dist")
	if err != nil {
		return nil, fmt.Errorf("open the embedded build: %w", err)
	}
	return newHandler(dist)
}

// Built reports whether the app's build is embedded.
func Built() bool {
	_, err := fs.Stat(embedded, "dist/index.html")
	return err == nil
}

func newHandler(dist fs.FS) (http.Handler, error) {
	a := &app{files: make(map[string]*file)}
	err := fs.WalkDir(dist, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		ext := path.Ext(name)
		if ext == ".gz" || ext == ".br" {
			return nil
		}
		contentType, known := types[ext]
		if !known {
			return fmt.Errorf("no content type for %s", name)
		}
		a.files[name], err = load(dist, name, contentType)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the build: %w", err)
	}
	a.index = a.files["index.html"]
	if a.index == nil {
		a.index = &file{plain: []byte(unbuilt), contentType: types[".html"], etag: "unbuilt"}
	}
	return a, nil
}

func load(dist fs.FS, name, contentType string) (*file, error) {
	plain, err := fs.ReadFile(dist, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(plain)
	f := &file{
		plain:       plain,
		contentType: contentType,
		etag:        hex.EncodeToString(sum[:12]),
		immutable:   strings.HasPrefix(name, "assets/"),
	}
	for ext, body := range map[string]*[]byte{".gz": &f.gzip, ".br": &f.brotli} {
		*body, err = fs.ReadFile(dist, name+ext)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return f, nil
}

// ServeHTTP implements http.Handler.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	f, found := a.files[name]
	if !found {
		if path.Ext(name) != "" {
			http.NotFound(w, r)
			return
		}
		f = a.index
	}
	f.serve(w, r)
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	if f.immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if f.contentType == types[".html"] {
		h.Add("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "same-origin")
	}

	body, etag := f.plain, f.etag
	if f.gzip != nil || f.brotli != nil {
		h.Add("Vary", "Accept-Encoding")
		accept := r.Header.Get("Accept-Encoding")
		switch {
		case f.brotli != nil && accepts(accept, "br"):
			h.Set("Content-Encoding", "br")
			body, etag = f.brotli, f.etag+"-b"
		case f.gzip != nil && accepts(accept, "gzip"):
			h.Set("Content-Encoding", "gzip")
			body, etag = f.gzip, f.etag+"-g"
		}
	}
	etag = `"` + etag + `"`
	h.Set("ETag", etag)
	if matches(r.Header.Get("If-None-Match"), etag) {
		h.Del("Content-Type")
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = bytes.NewReader(body).WriteTo(w) // the client going away is no fault of ours
	}
}

// accepts reports whether an Accept-Encoding header takes a coding (RFC 9110, 12.5.3); a weight of nought refuses it.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		weight, weighted := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		if !weighted {
			return true
		}
		q, err := strconv.ParseFloat(weight, 64)
		return err == nil && q > 0
	}
	return false
}

// matches compares an If-None-Match header weakly (RFC 9110, 13.1.2).
func matches(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimSpace(part); part == "*" || strings.TrimPrefix(part, "W/") == etag {
			return true
		}
	}
	return false
}

const unbuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>RTSP Viewer</title>
<h1>RTSP Viewer is running without its pages</h1>
<p>This program was built before the web app. In the source folder, run <code>make web</code> (Node.js 20.19 or newer), then build again.</p>
<p lang="ru">Программа собрана без веб-приложения. В папке исходников выполните <code>make web</code> (Node.js 20.19 или новее) и соберите её заново.</p>
</html>
`
