package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
)

// typed runs a command line as a person at the machine does.
func typed(in string, args ...string) (code int, out, errOut string) {
	var o, e bytes.Buffer
	code = run(args, func(string) string { return "" }, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

// TestPasswordIsResetAtTheMachine does so beside a running gateway, on both engines.
func TestPasswordIsResetAtTheMachine(t *testing.T) {
	for _, engine := range []string{"SQLite", "PostgreSQL"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url := ""
			if engine == "PostgreSQL" {
				url = pgtest.URL(t)
			}
			g := startGateway(t, func(c *Config) { c.DatabaseURL = url })
			user := g.addUser("olga")
			where := []string{"--data-dir", g.app.config.DataDir}
			if url != "" {
				where = []string{"--data-dir", t.TempDir(), "--database-url", url}
			}
			user.want(http.StatusOK, "GET", "/me", nil, nil)
			gone := func(c *client) {
				t.Helper()
				eventually(t, rightsBound, "the session is over", func() bool { status, _ := c.do("GET", "/me", nil); return status == http.StatusUnauthorized })
			}

			code, out, errOut := typed("", append([]string{"user", "reset-password", "OLGA"}, where...)...)
			made := strings.TrimSpace(out)
			if code != 0 || len(made) < 16 || strings.ContainsAny(made, " \n") || strings.Contains(errOut, made) {
				t.Fatalf("exit code %d: %q, %q", code, out, errOut)
			}
			gone(user)
			user = g.signIn("olga", made)

			file := filepath.Join(t.TempDir(), "password")
			if err := os.WriteFile(file, []byte("вишнёвый сад в мае\r\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			code, out, errOut = typed("", append([]string{"user", "reset-password", "olga", "--password-file", file}, where...)...)
			if code != 0 || out != "" {
				t.Fatalf("exit code %d: %q, %q", code, out, errOut)
			}
			gone(user)
			user = g.signIn("olga", "вишнёвый сад в мае")
			if code, _, errOut = typed("typed at the prompt\n", append([]string{"user", "reset-password", "olga", "--password-file", "-"}, where...)...); code != 0 {
				t.Fatalf("exit code %d: %q", code, errOut)
			}
			gone(user)
			user = g.signIn("olga", "typed at the prompt")

			for want, args := range map[string][]string{
				"there is nobody": {"nobody"}, "user.password_weak": {"olga", "--password-file", "-"}, "first line is empty": {"olga", "--password-file", "/dev/null"},
			} {
				in := "password1\n"
				if code, out, errOut := typed(in, append(append([]string{"user", "reset-password"}, args...), where...)...); code != 1 || !strings.Contains(errOut, want) || out != "" {
					t.Errorf("%v: exit code %d: %q, %q", args, code, out, errOut)
				}
			}
			user.want(http.StatusOK, "GET", "/me", nil, nil) // a refusal changes nothing

			g.admin.want(http.StatusOK, "PATCH", "/users/"+user.user, map[string]any{"last_name": "Ёлкина", "first_name": "Ольга", "banned": true}, nil)
			g.admin.want(http.StatusCreated, "POST", "/devices", map[string]any{"name": "Wall"}, nil)
			code, out, errOut = typed("", append([]string{"user", "list"}, where...)...)
			lines := strings.Split(strings.TrimSpace(out), "\n")
			if code != 0 || len(lines) != 3 || !strings.HasPrefix(lines[1], "admin  admin") || !strings.Contains(lines[2], "Ёлкина О.") || !strings.HasSuffix(lines[2], "banned") {
				t.Errorf("exit code %d: %q, %q", code, out, errOut)
			}
			if code, out, errOut = typed("", append([]string{"user", "reset-password", "olga"}, where...)...); code != 0 || !strings.Contains(errOut, "banned") {
				t.Errorf("of a banned user: exit code %d: %q, %q", code, out, errOut)
			}
			var told struct {
				Items []struct {
					Fields []string
					User   struct{ Login string }
					Actor  struct{ ID string }
				}
			}
			g.admin.want(http.StatusOK, "GET", "/events?kind=user.changed&user="+user.user, nil, &told)
			resets := 0
			for _, e := range told.Items {
				if len(e.Fields) == 1 && e.Fields[0] == "password" && e.User.Login == "olga" && e.Actor.ID == "" {
					resets++
				}
			}
			if resets != 4 {
				t.Errorf("%d resets were told: %+v", resets, told.Items)
			}
		})
	}
}

// TestCommandsMakeNoDatabase: a wrong folder is told of instead of being filled.
func TestCommandsMakeNoDatabase(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "elsewhere")
	for _, args := range [][]string{{"user", "list"}, {"user", "reset-password", "admin"}} {
		if code, _, errOut := typed("", append(args, "--data-dir", dir)...); code != 1 || !strings.Contains(errOut, "--data-dir") {
			t.Errorf("exit code %d: %q", code, errOut)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder was made")
	}
	url := pgtest.URL(t)
	if code, _, errOut := typed("", "user", "list", "--database-url", url); code != 1 || !strings.Contains(errOut, "store.missing") {
		t.Errorf("exit code %d: %q", code, errOut)
	}
	if code, _, errOut := typed("", "user", "list", "--database-url", "postgres://gateway:kanarienvogel@127.0.0.1:1/none?connect_timeout=1"); code != 1 || strings.Contains(errOut, "kanarienvogel") {
		t.Errorf("exit code %d: %q", code, errOut)
	}
}
