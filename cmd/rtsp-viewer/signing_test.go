package main

import (
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
)

// kid gives the id of the key that has signed a client's access token.
func (c *client) kid() string {
	c.t.Helper()
	header, err := base64.RawURLEncoding.DecodeString(strings.Split(c.token, ".")[0])
	if err != nil {
		c.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(header), `"kid":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// refresh has the client renew its access token by the cookie.
func (c *client) refresh() {
	c.t.Helper()
	c.token = ""
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	c.want(http.StatusOK, "POST", "/auth/refresh", nil, &answer)
	c.token = answer.AccessToken
}

// signs waits until a gateway signs with a key.
func (g *gateway) signs(id string) {
	g.t.Helper()
	eventually(g.t, rightsBound, "the gateway signs with "+id, func() bool { return g.signIn("admin", adminPassword).kid() == id })
}

func idsIn(t *testing.T, dir string) []string {
	t.Helper()
	keys, err := keptSigningKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	return keys.IDs()
}

// TestSigningKeyIsRotated beside a running gateway: nobody is signed out, neither when the new key signs nor when the old one is removed.
func TestSigningKeyIsRotated(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	dir := g.app.config.DataDir
	old := idsIn(t, dir)[0]
	if got := g.admin.kid(); got != old {
		t.Fatalf("the token names key %s, want %s", got, old)
	}
	code, out, errOut := typed("", "keys", "rotate", "--signing", "--data-dir", dir)
	if code != 0 || strings.TrimSpace(out) != old || !regexp.MustCompile(`To be removed from .*secret-key after \d{4}-\d\d-\d\d \d\d:\d\d UTC, .*: `+old).MatchString(errOut) {
		t.Fatalf("exit code %d: %q, %q", code, out, errOut)
	}
	file := filepath.Join(dir, secretKeyFile)
	ids := idsIn(t, dir)
	if mode, err := os.Stat(file); err != nil || mode.Mode().Perm() != 0o600 || len(ids) != 2 || ids[1] != old {
		t.Errorf("the key file is not as it shall be: %v, %v, keys %v", mode.Mode(), err, ids)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range strings.Split(strings.TrimSpace(string(text)), ",") {
		if _, secret, _ := strings.Cut(key, ":"); strings.Contains(out+errOut, secret) {
			t.Error("a key was told")
		}
	}
	g.signs(ids[0])
	g.admin.want(http.StatusOK, "GET", "/me", nil, nil) // by the old key

	// Removed before its time, to see that it counts no more; the sign-in goes on all the same.
	if err := replaceSecret(file, strings.Split(string(text), ",")[0]); err != nil {
		t.Fatal(err)
	}
	other := g.signIn("admin", adminPassword)
	other.want(http.StatusCreated, "POST", "/users", map[string]any{"login": "olga", "password": userPassword}, nil)
	eventually(t, rightsBound, "the old key is refused", func() bool { status, _ := g.admin.do("GET", "/me", nil); return status == http.StatusUnauthorized })
	g.admin.refresh()
	if got := g.admin.kid(); got != ids[0] {
		t.Errorf("the refreshed token names key %s, want %s", got, ids[0])
	}
	g.admin.want(http.StatusOK, "GET", "/me", nil, nil)
	g.end()
	again := startGateway(t, func(c *Config) { c.DataDir = dir })
	again.admin.want(http.StatusOK, "GET", "/me", nil, nil)
}

// TestSigningKeyOfSeveralGateways with a folder each: at no step does one refuse what another has signed.
func TestSigningKeyOfSeveralGateways(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	here := startGateway(t, func(c *Config) { c.DatabaseURL = url })
	dir, dirThere := here.app.config.DataDir, t.TempDir()
	carry := func(name string) {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dirThere, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	carry(secretKeyFile)
	carry(encryptionKeysFile)
	there := startGateway(t, func(c *Config) { c.DatabaseURL, c.DataDir = url, dirThere })
	bothTake := func(clients ...*client) {
		t.Helper()
		for _, c := range clients {
			for _, g := range []*gateway{here, there} {
				(&client{t: t, base: g.admin.base, http: http.DefaultClient, token: c.token}).want(http.StatusOK, "GET", "/me", nil, nil)
			}
		}
	}
	rotate := func(dir string, more ...string) string {
		t.Helper()
		args := append([]string{"keys", "rotate", "--signing", "--data-dir", dir, "--database-url", url}, more...)
		code, out, errOut := typed("", args...)
		if code != 0 {
			t.Fatalf("%v: exit code %d: %q", more, code, errOut)
		}
		return strings.TrimSpace(out)
	}
	old := idsIn(t, dir)[0]
	next := rotate(dir, "--key-only")
	if ids := idsIn(t, dir); len(ids) != 2 || ids[0] != old || ids[1] != next {
		t.Fatalf("the new key is %s, the file has %v", next, ids)
	}
	bothTake(here.signIn("admin", adminPassword), there.signIn("admin", adminPassword))
	carry(secretKeyFile)
	if got := rotate(dir, "--to", next); got != old {
		t.Errorf("%q is said to be removable, want %s", got, old)
	}
	here.signs(next)
	bothTake(here.admin, here.signIn("admin", adminPassword), there.admin, there.signIn("admin", adminPassword))
	if got := rotate(dirThere, "--to", next); got != old {
		t.Errorf("%q is said to be removable, want %s", got, old)
	}
	there.signs(next)
	bothTake(here.admin, there.admin, there.signIn("admin", adminPassword))
	rotate(dirThere, "--to", next) // once more changes nothing
	if ids := idsIn(t, dirThere); len(ids) != 2 || ids[0] != next {
		t.Errorf("the file has %v", ids)
	}
}

// TestSigningKeysFromTheEnvironment are printed, and nothing is written; with that set, what was signed before is good.
func TestSigningKeysFromTheEnvironment(t *testing.T) {
	t.Parallel()
	key := auth.NewSigningKey()
	_, bare, _ := strings.Cut(key.Reveal(), ":") // as openssl makes it
	keys, err := auth.ParseSigningKeys(bare)
	if err != nil {
		t.Fatal(err)
	}
	g := startGateway(t, func(c *Config) { c.SecretKeys = keys })
	dir := g.app.config.DataDir
	code, out, errOut := typed("", "keys", "rotate", "--signing", "--data-dir", dir, "--secret-key", bare)
	list := strings.TrimSpace(out)
	if code != 0 || !strings.HasSuffix(list, ","+key.Reveal()) || !strings.Contains(errOut, "nothing was written") || strings.Contains(errOut, bare) ||
		!strings.Contains(errOut, "16 minutes after the last restart "+key.ID()+" can be removed") {
		t.Fatalf("exit code %d: %q", code, errOut)
	}
	if _, err := os.Stat(filepath.Join(dir, secretKeyFile)); err == nil {
		t.Error("a key file was written")
	}
	before := g.admin
	g.end()
	if keys, err = auth.ParseSigningKeys(list); err != nil {
		t.Fatal(err)
	}
	again := startGateway(t, func(c *Config) { c.DataDir, c.SecretKeys = dir, keys })
	if got := again.admin.kid(); got == key.ID() {
		t.Error("the old key signs")
	}
	before.base = again.admin.base
	before.want(http.StatusOK, "GET", "/me", nil, nil)

	code, out, errOut = typed("", "keys", "rotate", "--signing", "--key-only", "--data-dir", dir, "--secret-key", list)
	if code != 0 || !strings.HasPrefix(strings.TrimSpace(out), list+",") || !strings.Contains(errOut, "does not sign yet") {
		t.Errorf("exit code %d: %q", code, errOut)
	}
	if code, out, errOut = typed("", "keys", "rotate", "--signing", "--to", key.ID(), "--data-dir", dir, "--secret-key", list); code != 0 || !strings.HasPrefix(out, key.Reveal()+",") {
		t.Errorf("exit code %d: %q", code, errOut)
	}

	for want, args := range map[string][]string{
		"--to goes with --signing": {"--to", key.ID()}, "use one": {"--signing", "--key-only", "--to", key.ID()},
		"there is no key nothing": {"--signing", "--to", "nothing", "--secret-key", bare}, "not base64": {"--signing", "--secret-key", "§"},
		"there is no secret-key": {"--signing"},
	} {
		if code, _, errOut := typed("", append([]string{"keys", "rotate", "--data-dir", dir}, args...)...); code != 1 || !strings.Contains(errOut, want) {
			t.Errorf("%v: exit code %d: %q", args, code, errOut)
		}
	}
}
