package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// TestCanaryAppearsNowhere plants a password in a camera and looks for it in everything that the gateway lets out: its whole debug log,
// every answer (to wrong bodies too), the metrics, what goes on command lines, and the database file.
func TestCanaryAppearsNowhere(t *testing.T) {
	t.Parallel()
	canary := "canary-" + randomText(t)
	g := startGateway(t)
	cam := rtsptest.Start(t, small(1), func(o *rtsptest.Options) { o.Username, o.Password = "viewer", canary })
	host := strings.TrimPrefix(cam.URL(), "rtsp://")

	var answers bytes.Buffer
	ask := func(method, path string, body any) {
		t.Helper()
		_, text := g.admin.do(method, path, body)
		answers.Write(text)
	}
	// The password inside the address, as people paste it.
	added := g.addCamera("Canary", "rtsp://viewer:"+canary+"@"+host, nil)
	x := g.openPage(g.admin).watch(added)
	x.wantFrames(3, 10*time.Second)
	url, err := g.app.streams.LoopbackURL(relay.Key{Camera: camera.ID(added.ID), Kind: camera.Main})
	if err != nil {
		t.Fatal(err)
	}
	answers.WriteString(url) // FFmpeg's command line

	// A wrong password, a dead camera, a wrong path: what is logged then.
	cam.RequireAuth("viewer", "another", "digest")
	if err := cam.Restart(); err != nil {
		t.Fatal(err)
	}
	x.wantState("refused", "camera.credentials", 10*time.Second)
	if err := cam.Kill(); err != nil {
		t.Fatal(err)
	}

	// Bodies that are wrong in every way.
	secret := func(fields map[string]any) map[string]any {
		fields["password"] = canary
		return fields
	}
	for _, body := range []any{
		secret(map[string]any{"name": 7, "address": "rtsp://u:" + canary + "@h/s"}),
		secret(map[string]any{"name": "x", "address": []string{canary}}),
		secret(map[string]any{"name": "x", "address": "http://u:" + canary + "@h/"}),
		secret(map[string]any{"name": "x", "address": "rtsp://u:" + canary + "@"}),
		secret(map[string]any{"name": "x", "address": "rtsp://h/", "transport": canary}),
		secret(map[string]any{"name": "x", "address": "rtsp://h/", canary: canary}),
		secret(map[string]any{"name": "x", "address": "rtsp://h/", "number": canary}),
		map[string]any{"name": "x", "address": "rtsp://h/", "password": []string{canary}},
		[]string{canary}, canary,
	} {
		ask("POST", "/cameras", body)
		ask("PATCH", "/cameras/"+added.ID, body)
		ask("POST", "/users", body)
		ask("PATCH", "/me", body)
		ask("POST", "/me/password", body)
		ask("POST", "/auth/login", body)
	}
	ask("POST", "/auth/login", map[string]string{"login": "admin", "password": canary})
	ask("GET", "/cameras/"+added.ID, nil)
	ask("GET", "/cameras", nil)
	ask("GET", "/me/cameras", nil)
	ask("GET", "/cameras/no-such-"+canary[:3], nil)
	ask("PATCH", "/cameras/"+added.ID, map[string]any{"address": "rtsp://elsewhere.invalid/cam"})
	ask("GET", "/events?after=0", nil)
	ask("GET", "/openapi.json", nil)
	metrics, err := http.NewRequest("GET", g.admin.base+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	metrics.Header.Set("Authorization", "Bearer "+g.admin.token)
	answer, err := g.admin.http.Do(metrics)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("metrics: %s, %v", answer.Status, err)
	}
	answers.Write(text)
	g.end()

	for what, text := range map[string]string{"an answer": answers.String(), "the log": g.log.String()} {
		if i := strings.Index(text, canary); i >= 0 {
			t.Errorf("the canary is in %s: …%s…", what, text[max(0, i-200):min(len(text), i+80)])
		}
	}
	err = filepath.WalkDir(g.app.config.DataDir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(canary)) {
			t.Errorf("the canary is in the file %s", entry.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(g.log.String(), "camera.credentials") {
		t.Error("the log says nothing of the wrong password, so the canary could not have been in it")
	}
}
