package main

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
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

// TestKeysAreRotated beside a running gateway: killed in the middle, run again; the old key is removed, and all opens without it.
func TestKeysAreRotated(t *testing.T) {
	eachGateway(t, func(t *testing.T, g *gateway, where []string) {
		const many = 330
		g.addRecords(where, 1, many)
		file := filepath.Join(g.app.config.DataDir, encryptionKeysFile)
		old, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}

		// The test binary is the program itself in this role.
		killed := exec.Command(os.Args[0], append([]string{"keys", "rotate"}, where...)...)
		killed.Env = append(os.Environ(), namespaceRole+"=gateway")
		said, err := killed.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := killed.Start(); err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(said); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "sealed anew: 100 of") {
				_ = killed.Process.Kill()
				break
			}
		}
		if err := killed.Wait(); err == nil {
			t.Fatal("it was not killed in the middle")
		}
		keys := sealedWith(t, where)
		if keys["k1"] == many || len(keys) == 0 {
			t.Errorf("killed in the middle there are %v", keys)
		}
		// The running gateway opens both, and what it seals from now on is no obstacle.
		g.addCamera("Added meanwhile", "rtsp://viewer:secret331@10.0.0.1/331", map[string]any{"number": many + 1})
		var list struct {
			Items []struct{ Address string }
		}
		g.admin.want(http.StatusOK, "GET", "/cameras?limit=1000", nil, &list)
		for _, c := range list.Items {
			if c.Address == "" {
				t.Fatal("the running gateway can't open a camera")
			}
		}

		code, out, errOut := typed("", append([]string{"keys", "rotate"}, where...)...)
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
		if keys := sealedWith(t, where); len(keys) != 1 || keys[primary] != many+1 {
			t.Errorf("after the rotation there are %v, want all under %s", keys, primary)
		}

		// The gateway seals with the new key by now, and a start without the old one goes well.
		g.addCamera("Added after", "rtsp://viewer:secret332@10.0.0.1/332", map[string]any{"number": many + 2})
		if err := replaceSecret(file, next); err != nil {
			t.Fatal(err)
		}
		if keys := sealedWith(t, where); keys[primary] != many+2 {
			t.Errorf("without the old key there are %v", keys)
		}
		g.admin.want(http.StatusOK, "GET", "/cameras?limit=1", nil, &list)
		if list.Items[0].Address == "" {
			t.Error("the running gateway can't open a camera without the old key")
		}
	})
}

// TestRotationOfKeysFromTheEnvironment says what to set and writes nothing; with that set, it seals anew.
func TestRotationOfKeysFromTheEnvironment(t *testing.T) {
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
