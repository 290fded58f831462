package main

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// sharedKeys reads the keys that a gateway made in its data folder, for a second one on the same database.
func sharedKeys(t *testing.T, dir string) (*auth.SigningKeys, string) {
	t.Helper()
	keys, err := keptSigningKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := os.ReadFile(filepath.Join(dir, encryptionKeysFile))
	if err != nil {
		t.Fatal(err)
	}
	return keys, strings.TrimSpace(string(ring))
}

func TestTakenPortIsASentence(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := filepath.Join(t.TempDir(), "data")
	var out, errOut bytes.Buffer
	code := run([]string{"--listen", taken.Addr().String(), "--data-dir", dir}, func(string) string { return "" }, strings.NewReader(""), &out, &errOut)
	if code != 1 || !strings.Contains(errOut.String(), "is taken by another program") {
		t.Errorf("exit code %d, want 1 and a sentence: %s", code, errOut.String())
	}
	if strings.Count(strings.TrimSpace(errOut.String()), "\n") != 0 {
		t.Errorf("more than a line:\n%s", errOut.String())
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the data folder was made by a gateway that could not start")
	}
}

// TestKeyFileGone: with its key moved away the gateway refuses to start, says which file, and starts again when it is back.
func TestKeyFileGone(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	g.addCamera("sealed", "rtsp://192.0.2.1/stream", map[string]any{"username": "u", "password": "p"})
	config := g.app.config
	g.end()
	for _, name := range []string{encryptionKeysFile, secretKeyFile} {
		path := filepath.Join(config.DataDir, name)
		away := filepath.Join(t.TempDir(), "away")
		if err := os.Rename(path, away); err != nil {
			t.Fatal(err)
		}
		_, err := New(t.Context(), config, quiet())
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Fatalf("without %s: %v, want a refusal that names it", name, err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Fatalf("a new %s was made", name)
		}
		if err := os.Rename(away, path); err != nil {
			t.Fatal(err)
		}
	}
	// Another key under the same name does not open the sentinel.
	wrong := config
	key, err := randomKey()
	if err != nil {
		t.Fatal(err)
	}
	wrong.EncryptionKeys = "k1:" + key
	if _, err := New(t.Context(), wrong, quiet()); fault.CodeOf(err) != "keys.missing" || !strings.Contains(err.Error(), "k1") {
		t.Fatalf("with a wrong key: %v, want keys.missing naming k1", err)
	}
	again, err := New(t.Context(), config, quiet())
	if err != nil {
		t.Fatalf("with the keys back: %v", err)
	}
	again.close()
}

// TestAGatewayThatCanNotStartLetsGoOfItsPorts: the last part that opens one fails, and a second attempt finds all of them free.
func TestAGatewayThatCanNotStartLetsGoOfItsPorts(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	config, err := parse(t, nil, "--listen", "127.0.0.1:0", "--webrtc-port", "0", "--data-dir", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	first, err := New(t.Context(), config, quiet())
	if err != nil {
		t.Fatal(err)
	}
	config.Listen, config.WebRTCPort = first.Addr().String(), first.WebRTCPort()
	first.close()
	config.MetricsListen = taken.Addr().String()
	if _, err := New(t.Context(), config, quiet()); err == nil || !strings.Contains(err.Error(), "metrics-listen") {
		t.Fatalf("with a taken port for metrics: %v", err)
	}
	config.MetricsListen = ""
	again, err := New(t.Context(), config, quiet())
	if err != nil {
		t.Fatalf("the attempt that failed holds a port: %v", err)
	}
	again.close()
	runtime.KeepAlive(first) // or the collector would close its sockets for it
}

func TestFirstPasswordIsInItsFile(t *testing.T) {
	t.Parallel()
	g := startGateway(t, func(c *Config) { c.AdminPassword = adminPassword })
	if g.app.FirstPasswordFile() != "" {
		t.Error("a file for a password that was given")
	}
	config, err := parse(t, nil, "--listen", "127.0.0.1:0", "--webrtc-port", "0", "--data-dir", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	app, err := New(t.Context(), config, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer app.close()
	info, err := os.Stat(app.FirstPasswordFile())
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode().Perm())
	}
}
