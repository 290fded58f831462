package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// TestBackupPlaysOnAnEmptyMachine: taken beside a running gateway, with keys; the restored gateway shows the camera, password and all.
func TestBackupPlaysOnAnEmptyMachine(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	cam := rtsptest.Start(t, small(1), func(o *rtsptest.Options) { o.Username, o.Password = "viewer", "kanarienvogel" })
	added := g.addCamera("Gate", cam.URL(), map[string]any{"username": "viewer", "password": "kanarienvogel"})
	where := []string{"--data-dir", g.app.config.DataDir}
	file := filepath.Join(t.TempDir(), "backup.tar")
	// Somebody adds cameras all the while: none is refused, and those from before are in the backup.
	stop, writer := make(chan struct{}), make(chan int)
	began := make(chan struct{})
	go func() {
		for n := 1; ; n++ {
			if status, text := g.admin.do("POST", "/cameras", map[string]any{"name": "Meanwhile", "address": fmt.Sprint("rtsp://127.0.0.1/", n)}); status != http.StatusCreated {
				t.Errorf("during the backup: status %d: %s", status, text)
			}
			if n == 20 {
				close(began)
			}
			select {
			case <-stop:
				if n >= 20 {
					writer <- n
					return
				}
			default:
			}
		}
	}()
	<-began
	code, _, errOut := typed("", append([]string{"backup", file, "--with-keys"}, where...)...)
	close(stop)
	written := <-writer
	if code != 0 {
		t.Fatalf("exit code %d: %q", code, errOut)
	}
	if stat, err := os.Stat(file); err != nil || stat.Mode().Perm() != 0o600 {
		t.Errorf("the backup is %v, %v", stat.Mode(), err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(file), ".*")); err != nil || len(left) != 0 {
		t.Errorf("left beside the backup: %v", left)
	}
	if code, _, errOut := typed("", append([]string{"backup", file}, where...)...); code != 1 || !strings.Contains(errOut, "exists") {
		t.Errorf("over an older backup: exit code %d: %q", code, errOut)
	}
	g.addCamera("After the backup", "rtsp://127.0.0.1/2", nil)
	g.end()

	if code, _, errOut := typed("", append([]string{"restore", file}, where...)...); code != 1 || !strings.Contains(errOut, "not empty") {
		t.Errorf("over a gateway's records: exit code %d: %q", code, errOut)
	}
	dir := filepath.Join(t.TempDir(), "new")
	if code, _, errOut := typed("", "restore", file, "--data-dir", dir); code != 0 || strings.Contains(errOut, "holds no keys") {
		t.Fatalf("exit code %d: %q", code, errOut)
	}
	again := startGateway(t, func(c *Config) { c.DataDir = dir })
	var list struct{ Total int }
	again.admin.want(http.StatusOK, "GET", "/cameras", nil, &list)
	if list.Total < 1+20 || list.Total > 1+written {
		t.Errorf("%d cameras were restored; 20 were there before the backup, %d after it", list.Total, written)
	}
	again.openPage(again.admin).watch(added).wantFrames(1, 20*time.Second)
}

// TestBackupWithoutKeysIsSealed: neither a key nor a password is in it, and a folder restored from it needs the keys.
func TestBackupWithoutKeysIsSealed(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	g.addCamera("Gate", "rtsp://viewer:kanarienvogel@127.0.0.1/1", nil)
	where := []string{"--data-dir", g.app.config.DataDir}
	file := filepath.Join(t.TempDir(), "backup.tar")
	if code, _, errOut := typed("", append([]string{"backup", file}, where...)...); code != 0 || !strings.Contains(errOut, "without keys") {
		t.Fatalf("exit code %d: %q", code, errOut)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{encryptionKeysFile, secretKeyFile} {
		key, err := os.ReadFile(filepath.Join(g.app.config.DataDir, name))
		if err != nil {
			t.Fatal(err)
		}
		_, bare, found := strings.Cut(strings.TrimSpace(string(key)), ":")
		if !found {
			bare = strings.TrimSpace(string(key))
		}
		if bytes.Contains(text, []byte(bare)) || bytes.Contains(text, []byte("kanarienvogel")) {
			t.Errorf("%s or a password is in the backup", name)
		}
	}
	dir := t.TempDir()
	if code, _, errOut := typed("", "restore", file, "--data-dir", dir); code != 0 || !strings.Contains(errOut, "holds no keys") {
		t.Fatalf("exit code %d: %q", code, errOut)
	}
	if code, _, errOut := typed("", "user", "list", "--data-dir", dir); code != 0 {
		t.Errorf("exit code %d: %q", code, errOut)
	}
}

// TestRestoreRefusesWhatIsNoBackup and leaves nothing behind.
func TestRestoreRefusesWhatIsNoBackup(t *testing.T) {
	t.Parallel()
	archive := func(names ...string) []byte {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, name := range names {
			if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: 3, Mode: 0o644}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte("abc")); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for what, text := range map[string][]byte{
		"no archive": []byte("hello, this is no archive at all"), "nothing": nil, "a way out": archive("../../etc/passwd"),
		"another file": archive("rtsp-viewer.db", "authorized_keys"), "twice": archive("rtsp-viewer.db", "rtsp-viewer.db"),
		"no database": archive("rtsp-viewer.db"), "cut short": archive("rtsp-viewer.db")[:514],
	} {
		file, dir := filepath.Join(t.TempDir(), "backup.tar"), filepath.Join(t.TempDir(), "data")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, errOut := typed("", "restore", file, "--data-dir", dir); code != 1 {
			t.Errorf("%s: exit code %d: %q", what, code, errOut)
		}
		if left, err := os.ReadDir(dir); err == nil && len(left) > 0 {
			t.Errorf("%s left %v", what, left)
		}
	}
}

// TestBackupOfPostgresNamesItsTools, without the address, which holds a password.
func TestBackupOfPostgresNamesItsTools(t *testing.T) {
	t.Parallel()
	code, _, errOut := typed("", "backup", "out.dump", "--database-url", "postgres://gateway:kanarienvogel@127.0.0.1:1/none")
	if code != 1 || !strings.Contains(errOut, "pg_dump --format=custom") || !strings.Contains(errOut, "pg_restore") || strings.Contains(errOut, "kanarienvogel") {
		t.Errorf("exit code %d: %q", code, errOut)
	}
}
