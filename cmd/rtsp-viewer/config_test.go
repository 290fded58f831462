package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write docs/configuration.md anew")

// parse runs the command line up to the checked Config, as serve does.
func parse(t *testing.T, env map[string]string, args ...string) (Config, error) {
	t.Helper()
	var cli command
	parser, err := newParser(&cli, func(name string) string { return env[name] }, io.Discard, io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		return Config{}, err
	}
	return cli.Serve.check()
}

func TestDefaultsAreTheContract(t *testing.T) {
	c, err := parse(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != ":8080" || c.DataDir != "./data" || c.WebRTCPort != 8189 || c.ViewsPerUser != 4 ||
		c.Linger != 10*time.Second || c.AdminLogin != "admin" || c.AdminPassword != "" || len(c.WebRTCHosts) != 0 {
		t.Errorf("defaults differ from the contract: %+v", c)
	}
	if c.CacheBytes < leastCache || c.CacheBytes > usableMemory()/4+leastCache {
		t.Errorf("CACHE_BYTES is %d, want about a quarter of %d", c.CacheBytes, usableMemory())
	}
}

func TestFlagBeatsEnvironmentBeatsDefault(t *testing.T) {
	env := map[string]string{"RTSP_VIEWER_LINGER": "3s", "RTSP_VIEWER_VIEWS_PER_USER": "9"}
	c, err := parse(t, env, "serve", "--linger", "7s")
	if err != nil {
		t.Fatal(err)
	}
	if c.Linger != 7*time.Second || c.ViewsPerUser != 9 {
		t.Errorf("linger %v, views %d; want 7s by flag and 9 by environment", c.Linger, c.ViewsPerUser)
	}
}

func TestSecretFromFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := parse(t, map[string]string{"RTSP_VIEWER_ADMIN_PASSWORD_FILE": file})
	if err != nil {
		t.Fatal(err)
	}
	if c.AdminPassword != "from a file" {
		t.Errorf("password %q, want the file's line", c.AdminPassword)
	}
	_, err = parse(t, map[string]string{"RTSP_VIEWER_ADMIN_PASSWORD_FILE": file, "RTSP_VIEWER_ADMIN_PASSWORD": "x"})
	if err == nil {
		t.Error("both NAME and NAME_FILE were taken")
	}
}

func TestAllFaultsAreToldAtOnceWithoutSecrets(t *testing.T) {
	var out, errOut bytes.Buffer
	env := map[string]string{
		"RTSP_VIEWER_LISTEN":         "nowhere",
		"RTSP_VIEWER_WEBRTC_PORT":    "70000",
		"RTSP_VIEWER_VIEWS_PER_USER": "0",
		"RTSP_VIEWER_LINGER":         "soon",
		"RTSP_VIEWER_CACHE_BYTES":    "1K",
		"RTSP_VIEWER_SECRET_KEY":     "c2hvcnQ=",
		"RTSP_VIEWER_DATABASE_URL":   "mysql://u:canary-5150@h/d",
		"RTSP_VIEWER_PUBLIC_URL":     "cameras",
		"RTSP_VIEWER_TIME_ZONE":      "Mars/Base",
		"RTSP_VIEWER_TLS_CERT":       "/cert.pem",
	}
	if code := run(nil, func(name string) string { return env[name] }, strings.NewReader(""), &out, &errOut); code != 2 {
		t.Fatalf("exit code %d, want 2", code)
	}
	for name := range env {
		if !strings.Contains(errOut.String(), name) {
			t.Errorf("%s is not told:\n%s", name, errOut.String())
		}
	}
	for _, secret := range []string{"c2hvcnQ=", "canary-5150"} {
		if strings.Contains(errOut.String(), secret) {
			t.Errorf("a secret is told:\n%s", errOut.String())
		}
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{"16M": 16 << 20, "1g": 1 << 30, "8388608": 8 << 20, "5000K": 5000 << 10, "64MiB": 64 << 20} {
		c, err := parse(t, nil, "--cache-bytes", text)
		if err != nil || c.CacheBytes != want {
			t.Errorf("%s is %d, %v; want %d", text, c.CacheBytes, err, want)
		}
	}
}

func TestHelpEndsWithZero(t *testing.T) {
	var out bytes.Buffer
	if code := run([]string{"--help"}, func(string) string { return "" }, strings.NewReader(""), &out, io.Discard); code != 0 || !strings.Contains(out.String(), "serve") {
		t.Errorf("exit code %d, help:\n%s", code, out.String())
	}
}

// TestConfigurationDocument holds docs/configuration.md to the flags.
func TestConfigurationDocument(t *testing.T) {
	var cli command
	parser, err := newParser(&cli, func(string) string { return "" }, io.Discard, io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	var doc strings.Builder
	doc.WriteString("# Configuration\n\n" +
		"Every setting can be given as a flag of `rtsp-viewer serve`, as an environment variable, or as the content of a file that the same\n" +
		"variable with `_FILE` behind it names (for secrets). A flag goes before the environment. All faults are told at once and the\n" +
		"gateway does not start. With nothing set it starts on SQLite, memory and keys of its own in `./data`.\n\n" +
		"This page is made from the program's own flags; a test holds it to them: `go test ./cmd/rtsp-viewer -run Document -update`.\n\n" +
		"| environment | flag | default | meaning |\n|---|---|---|---|\n")
	for _, node := range parser.Model.Children {
		if node.Name != "serve" {
			continue
		}
		for _, f := range node.Flags {
			value := "empty"
			if f.HasDefault {
				value = "`" + f.Default + "`"
			}
			fmt.Fprintf(&doc, "| `%s` | `--%s` | %s | %s |\n", envName(f.Name), f.Name, value, f.Help)
		}
	}
	doc.WriteString("\n## Files in the data folder\n\n" +
		"| file | what |\n|---|---|\n" +
		"| `rtsp-viewer.db` | the SQLite database, unless `RTSP_VIEWER_DATABASE_URL` is set; beside it a copy from before each migration |\n" +
		"| `secret-key`, `encryption-keys` | made on the first start, mode 0600, unless given as settings. **Back them up apart from the database**: without `encryption-keys` no camera address can be read, and the gateway refuses to start |\n" +
		"| `first-password` | the first admin's password; delete it after signing in and changing it |\n" +
		"\n## At the machine itself\n\n" +
		"Who can read the database can let somebody in again, also while the gateway runs and on both databases; it notices within 2 s. The\n" +
		"commands take `--data-dir` and `--database-url`, or the same environment as the gateway.\n\n" +
		"```\n" +
		"rtsp-viewer user list\n" +
		"rtsp-viewer user reset-password LOGIN                        # makes a password and prints it, alone on standard output\n" +
		"rtsp-viewer user reset-password LOGIN --password-file FILE   # takes the first line of FILE, or of standard input for -\n" +
		"```\n\n" +
		"A new password signs out everywhere (one's own change: everywhere else); API tokens stay, and are deleted one by one. A ban stops both.\n")
	path := filepath.Join("..", "..", "docs", "configuration.md")
	if *update {
		if err := os.WriteFile(path, []byte(doc.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != doc.String() {
		t.Errorf("docs/configuration.md differs from the flags; run go test ./cmd/rtsp-viewer -run Document -update")
	}
}
