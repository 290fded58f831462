package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// addRecords adds cameras past HTTP, which would take its time.
func (g *gateway) addRecords(where []string, from, to int) {
	g.t.Helper()
	db, cameras := g.opened(where)
	defer db.Close()
	by := auth.Principal{}
	for n := from; n <= to; n++ {
		_, err := cameras.Create(g.t.Context(), by, camera.NewCamera{
			Number: n, Name: fmt.Sprint("Camera ", n), Address: fmt.Sprintf("rtsp://viewer:secret%d@10.0.0.1/%d", n, n),
		})
		if err != nil {
			g.t.Fatal(err)
		}
	}
}

// sealedWith opens every camera as commands do and counts the keys that sealed them.
func sealedWith(t *testing.T, where []string) map[string]int {
	t.Helper()
	db, cameras := openedAt(t, where)
	defer db.Close()
	keys := map[string]int{}
	q := camera.ListQuery{Query: paging.Query{Limit: paging.MaxLimit}}
	page, err := db.Cameras(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range page.Items {
		keys[r.Sealed.Key]++
		target, err := cameras.Dial(t.Context(), r.ID, camera.Main)
		if err != nil || target.Password.Reveal() != fmt.Sprint("secret", r.Number) {
			t.Fatalf("camera %d does not open: %v", r.Number, err)
		}
	}
	return keys
}

// killedAt runs the program itself, the test binary in that role, and kills it with the first line on standard error that begins so.
func killedAt(t *testing.T, begin string, args ...string) {
	t.Helper()
	program := exec.Command(os.Args[0], args...)
	program.Env = append(os.Environ(), namespaceRole+"=gateway")
	said, err := program.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), begin) {
			_ = program.Process.Kill()
			break
		}
	}
	if err := program.Wait(); err == nil {
		t.Fatalf("it was not killed at %q", begin)
	}
}

// TestKeysAreRotated beside a running gateway: killed with the new key on the disk and nothing sealed, killed in the middle, run again; the old
// key is removed, and all opens without it. A camera that wants its password is played after each step.
func TestKeysAreRotated(t *testing.T) {
	eachGateway(t, func(t *testing.T, g *gateway, where []string) {
		const many = 330
		g.addRecords(where, 1, many)
		cam := rtsptest.Start(t, small(1), func(o *rtsptest.Options) { o.Username, o.Password = "viewer", fmt.Sprint("secret", many+1) })
		real := g.addCamera("Gate", cam.URL(), map[string]any{"number": many + 1, "username": "viewer", "password": fmt.Sprint("secret", many+1)})
		plays := func() {
			t.Helper()
			p := g.openPage(g.admin)
			p.watch(real).wantFrames(1, 20*time.Second)
			p.close()
			// The next one dials anew, with what is sealed then.
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if err := cam.AwaitSessions(ctx, 0); err != nil {
				t.Fatalf("the camera is not let go of: %v", err)
			}
		}
		file := filepath.Join(g.app.config.DataDir, encryptionKeysFile)
		old, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rotate := append([]string{"keys", "rotate"}, where...)

		killedAt(t, "New primary key", rotate...)
		if keys := sealedWith(t, where); len(keys) > 2 || keys["k1"] == 0 {
			t.Errorf("killed at the beginning there are %v", keys)
		}
		killedAt(t, "sealed anew: ", rotate...)
		keys := sealedWith(t, where)
		if keys["k1"] == many+1 || len(keys) == 0 {
			t.Errorf("killed in the middle there are %v", keys)
		}
		plays()
		// The running gateway opens both, and what it seals from now on is no obstacle.
		g.addCamera("Added meanwhile", "rtsp://viewer:secret332@10.0.0.1/332", map[string]any{"number": many + 2})
		var list struct {
			Items []struct{ Address string }
		}
		g.admin.want(http.StatusOK, "GET", "/cameras?limit=1000", nil, &list)
		for _, c := range list.Items {
			if c.Address == "" {
				t.Fatal("the running gateway can't open a camera")
			}
		}

		code, out, errOut := typed("", rotate...)
		if code != 0 || strings.TrimSpace(out) != "k1" || !strings.Contains(errOut, "Going on") || !strings.Contains(errOut, "to be removed") {
			t.Fatalf("exit code %d: %q, %q", code, out, errOut)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		next, rest, _ := strings.Cut(strings.TrimSpace(string(text)), ",")
		primary, _, _ := strings.Cut(next, ":")
		if mode, err := os.Stat(file); err != nil || mode.Mode().Perm() != 0o600 || rest != strings.TrimSpace(string(old)) {
			t.Errorf("the key file is not as it shall be: %v, %v", mode.Mode(), err)
		}
		if strings.Contains(errOut+out, strings.SplitN(next, ":", 2)[1]) {
			t.Error("a key was told")
		}
		if keys := sealedWith(t, where); len(keys) != 1 || keys[primary] != many+2 {
			t.Errorf("after the rotation there are %v, want all under %s", keys, primary)
		}
		plays()

		// The gateway seals with the new key by now, and a start without the old one goes well.
		g.addCamera("Added after", "rtsp://viewer:secret333@10.0.0.1/333", map[string]any{"number": many + 3})
		if err := replaceSecret(file, next); err != nil {
			t.Fatal(err)
		}
		if keys := sealedWith(t, where); keys[primary] != many+3 {
			t.Errorf("without the old key there are %v", keys)
		}
		g.admin.want(http.StatusOK, "GET", "/cameras?limit=1", nil, &list)
		if list.Items[0].Address == "" {
			t.Error("the running gateway can't open a camera without the old key")
		}
		config := g.app.config
		g.end()
		g = startGateway(t, func(c *Config) { c.DataDir, c.DatabaseURL = config.DataDir, config.DatabaseURL })
		plays()
	})
}

// TestRotationOfKeysFromTheEnvironment says what to set and writes nothing; with that set, it seals anew.
func TestRotationOfKeysFromTheEnvironment(t *testing.T) {
	t.Parallel()
	key, err := camera.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	g := startGateway(t, func(c *Config) { c.EncryptionKeys = key.Reveal() })
	where := []string{"--data-dir", g.app.config.DataDir, "--encryption-keys"}
	rotate := []string{"keys", "rotate"}
	code, out, errOut := typed("", append(append(rotate, where...), key.Reveal())...)
	list := strings.TrimSpace(out)
	if code != 0 || !strings.HasSuffix(list, ","+key.Reveal()) || !strings.Contains(errOut, "nothing was written") {
		t.Fatalf("exit code %d: %q", code, errOut)
	}
	if _, err := os.Stat(filepath.Join(g.app.config.DataDir, encryptionKeysFile)); err == nil {
		t.Error("a key file was written")
	}
	code, out, errOut = typed("", append(append(rotate, where...), list)...)
	if code != 0 || strings.TrimSpace(out) != key.ID() {
		t.Fatalf("exit code %d: %q, %q", code, out, errOut)
	}
}

// TestOneRotationAtATime: two new keys at once would be one too few.
func TestOneRotationAtATime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	unlock, err := lockKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if code, _, errOut := typed("", "keys", "rotate", "--data-dir", dir); code != 1 || !strings.Contains(errOut, "another keys rotate") {
		t.Errorf("exit code %d: %q", code, errOut)
	}
}
