package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
)

const legacySchema = `
CREATE TABLE users (id uuid PRIMARY KEY, first_name varchar, last_name varchar, paternal_name varchar, phone_number varchar DEFAULT '+70000000000',
	email varchar, password varchar, role varchar, created_at timestamp, updated_at timestamp, ban boolean DEFAULT false);
CREATE TABLE cameras (id integer PRIMARY KEY, name varchar, stream_url text, location varchar, created_at timestamp, updated_at timestamp);
CREATE TABLE user_cameras (user_id uuid, camera_id integer);
CREATE TABLE favorite_cameras (user_id uuid, camera_id integer);
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''Asia/Tokyo''', current_database()); END $$;`

// predecessor is a database as the predecessor left it.
type predecessor struct {
	t   *testing.T
	url string
	key []byte
	db  *sql.DB
}

const legacyPlain = "kanarienvogel-im-klartext"

func legacyUser(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// newPredecessor fills one: 500 cameras, a ROOT, an ADMIN, users with bcrypt passwords, one in the clear, one banned.
func newPredecessor(t *testing.T) *predecessor {
	t.Helper()
	p := &predecessor{t: t, url: pgtest.URL(t), key: make([]byte, 32)}
	_, _ = rand.Read(p.key)
	db, err := sql.Open("pgx", p.url)
	if err != nil {
		t.Fatal(err)
	}
	p.db = db
	t.Cleanup(func() { db.Close() })
	p.exec(legacySchema)
	hash, err := bcrypt.GenerateFromPassword([]byte("Пароль прежний 1"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	old := strings.Replace(string(hash), "$2a$", "$2b$", 1) // as other libraries write it
	for _, u := range []struct {
		n                                  int
		last, email, phone, password, role string
		ban                                bool
	}{
		{1, "Корнев", "root@example.org", "+79990000001", old, "ROOT", false},
		{2, "Админов", "boss@example.org", "+70000000000", old, "ADMIN", false},
		{3, "Иванова", "Ivanova@example.org", "+70000000000", old, "USER", false},
		{4, "Иванова", "ivanova@example.com", "+7 (000) 000-00-00", legacyPlain, "USER", false},
		{5, "Баннов", "banned@example.org", "+79990000005", old, "USER", true},
		{6, "Админ", "admin@example.org", "+79990000006", old, "USER", false},
	} {
		p.exec(`INSERT INTO users VALUES ($1, 'Иван', $2, NULL, $3, $4, $5, $6, '2021-03-04 05:06:07', '2022-03-04 05:06:07', $7)`,
			legacyUser(u.n), u.last, u.phone, u.email, u.password, u.role, u.ban)
	}
	var rows strings.Builder
	for n := 1; n <= 500; n++ {
		fmt.Fprintf(&rows, ", (%d, 'Камера %d', '%s', 'Цех', '2021-03-04 05:06:07', NULL)", n, n,
			p.sealed(fmt.Sprintf("rtsp://viewer:p@ss/%d@10.0.%d.%d:554/live", n, n/250, n%250)))
	}
	p.exec("INSERT INTO cameras VALUES " + rows.String()[2:])
	p.exec(`INSERT INTO user_cameras SELECT $1::uuid, id FROM cameras WHERE id <= 40`, legacyUser(3))
	p.exec(`INSERT INTO user_cameras SELECT $1::uuid, id FROM cameras WHERE id <= 40`, legacyUser(3)) // it knew no key
	p.exec(`INSERT INTO user_cameras SELECT $1::uuid, id FROM cameras WHERE id <= 7`, legacyUser(4))
	p.exec(`INSERT INTO favorite_cameras VALUES ($1, 5), ($1, 6)`, legacyUser(3))
	return p
}

func (p *predecessor) exec(statement string, args ...any) {
	p.t.Helper()
	if _, err := p.db.Exec(statement, args...); err != nil {
		p.t.Fatal(err)
	}
}

// sealed seals an address as the predecessor did.
func (p *predecessor) sealed(address string) string {
	p.t.Helper()
	pad := aes.BlockSize - len(address)%aes.BlockSize
	plain := append([]byte(address), bytes.Repeat([]byte{byte(pad)}, pad)...)
	out := make([]byte, aes.BlockSize+len(plain))
	_, _ = rand.Read(out[:aes.BlockSize])
	block, err := aes.NewCipher(p.key)
	if err != nil {
		p.t.Fatal(err)
	}
	cipher.NewCBCEncrypter(block, out[:aes.BlockSize]).CryptBlocks(out[aes.BlockSize:], plain)
	return base64.StdEncoding.EncodeToString(out)
}

// taken counts what a gateway has.
func (g *gateway) taken() (cameras, people int) {
	g.t.Helper()
	var list struct{ Total int }
	g.admin.want(http.StatusOK, "GET", "/cameras?limit=1", nil, &list)
	cameras = list.Total
	g.admin.want(http.StatusOK, "GET", "/users?limit=1", nil, &list)
	return cameras, list.Total
}

// eachGateway runs fn beside a gateway on each engine, with the flags by which commands find its records.
func eachGateway(t *testing.T, fn func(t *testing.T, g *gateway, where []string)) {
	t.Helper()
	for _, engine := range []string{"SQLite", "PostgreSQL"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url := ""
			if engine == "PostgreSQL" {
				url = pgtest.URL(t)
			}
			g := startGateway(t, func(c *Config) { c.DatabaseURL = url })
			where := []string{"--data-dir", g.app.config.DataDir}
			if url != "" {
				where = append(where, "--database-url", url)
			}
			fn(t, g, where)
		})
	}
}

// TestPredecessorIsTakenOver beside a running gateway: dry run, import, again, and what people notice.
func TestPredecessorIsTakenOver(t *testing.T) {
	eachGateway(t, func(t *testing.T, g *gateway, where []string) {
		old := newPredecessor(t)
		command := func(code int, more ...string) (out, errOut string) {
			t.Helper()
			args := append([]string{"import-legacy", "--database", old.url, "--key", base64.StdEncoding.EncodeToString(old.key)}, where...)
			got, out, errOut := typed("", append(args, more...)...)
			if got != code {
				t.Fatalf("exit code %d, want %d: %s", got, code, errOut)
			}
			for _, secret := range []string{legacyPlain, "$2b$", "p@ss", "10.0.0."} {
				if strings.Contains(out+errOut, secret) {
					t.Fatalf("a secret is told: %s", secret)
				}
			}
			return out, errOut
		}
		counts := func(out, kind string, want ...string) {
			t.Helper()
			_, table, _ := strings.Cut(out, "COUNT")
			for line := range strings.Lines(table) {
				if f := strings.Fields(line); len(f) == 6 && f[0] == kind {
					if got := strings.Join(f[1:], " "); got != strings.Join(want, " ") {
						t.Errorf("%s: %s, want %v", kind, got, want)
					}
					return
				}
			}
			t.Errorf("nothing is told of %s:\n%s", kind, table)
		}

		out, errOut := command(0)
		counts(out, "user", "6", "1", "0", "0", "0")
		counts(out, "camera", "500", "0", "0", "0", "0")
		counts(out, "grant", "47", "0", "0", "0", "0")
		if !strings.Contains(errOut, "nothing was changed") {
			t.Errorf("a dry run says %q", errOut)
		}
		if cameras, people := g.taken(); cameras != 0 || people != 1 {
			t.Fatalf("after a dry run there are %d cameras and %d people", cameras, people)
		}

		other := base64.StdEncoding.EncodeToString(make([]byte, 32))
		if _, errOut := command(1, "--key", other, "--apply"); !strings.Contains(errOut, "another key") {
			t.Errorf("another key: %q", errOut)
		}

		// One wrong row stops all, and is left out on request.
		old.exec(`INSERT INTO cameras VALUES (501, 'Сломана', 'AAAA', '', now(), now())`)
		old.exec(`INSERT INTO users VALUES ($1, 'Без', 'Почты', '', '', NULL, 'x', 'USER', now(), now(), false)`, legacyUser(7))
		out, _ = command(3, "--apply")
		if !strings.Contains(out, "Сломана") || !strings.Contains(out, "does not open") || !strings.Contains(out, "email: required") {
			t.Errorf("wrong rows are not told:\n%s", tail(out, 12))
		}
		if cameras, people := g.taken(); cameras != 0 || people != 1 {
			t.Fatalf("after a refused import there are %d cameras and %d people", cameras, people)
		}
		out, _ = command(0, "--apply", "--skip-invalid")
		counts(out, "user", "6", "1", "0", "0", "1")
		counts(out, "camera", "500", "0", "0", "0", "1")
		counts(out, "favourite", "2", "0", "0", "0", "0")
		if cameras, people := g.taken(); cameras != 500 || people != 7 {
			t.Fatalf("there are %d cameras and %d people", cameras, people)
		}
		out, _ = command(0, "--apply", "--skip-invalid")
		counts(out, "user", "0", "0", "6", "0", "1")
		counts(out, "camera", "0", "0", "500", "0", "1")
		counts(out, "grant", "0", "0", "47", "0", "0")
		if cameras, people := g.taken(); cameras != 500 || people != 7 {
			t.Fatalf("after a second import there are %d cameras and %d people", cameras, people)
		}

		// The old passwords, by the e-mail as before; at the second time by our own hash.
		for range 2 {
			root := g.signIn("ROOT@example.org", "Пароль прежний 1")
			root.want(http.StatusOK, "GET", "/users", nil, nil)
			boss := g.signIn("boss@example.org", "Пароль прежний 1")
			boss.want(http.StatusOK, "GET", "/cameras", nil, nil)
			boss.want(http.StatusForbidden, "PATCH", "/users/"+root.user, map[string]any{"first_name": "x"}, nil)
			boss.want(http.StatusForbidden, "PATCH", "/users/"+boss.user, map[string]any{"role": "admin"}, nil)
			user := g.signIn("ivanova", "Пароль прежний 1")
			var list struct {
				Total int
				Items []struct{ Number int }
			}
			user.want(http.StatusOK, "GET", "/me/cameras", nil, &list)
			if list.Total != 40 {
				t.Errorf("the user may watch %d cameras", list.Total)
			}
			user.want(http.StatusOK, "GET", "/me/favorites", nil, &list)
			if list.Total != 2 || list.Items[0].Number != 5 {
				t.Errorf("the favourites are %+v", list)
			}
		}
		anybody := &client{t: t, base: g.admin.base, http: http.DefaultClient}
		for login, password := range map[string]string{
			"ivanova@example.com": legacyPlain, "banned@example.org": "Пароль прежний 1", "boss@example.org": "Пароль прежний 2", "ivanova": "",
		} {
			if status, text := anybody.do("POST", "/auth/login", map[string]string{"login": login, "password": password}); status != http.StatusUnauthorized || !strings.Contains(string(text), "auth.credentials") {
				t.Errorf("%s: status %d: %s", login, status, text)
			}
		}
		var found struct {
			Items []struct {
				ID, Login, Email, Phone, Role string
				CreatedAt                     string `json:"created_at"`
				Banned                        bool
			}
		}
		g.admin.want(http.StatusOK, "GET", "/users?sort=login", nil, &found)
		people := map[string]string{}
		for _, u := range found.Items {
			people[u.Email] = fmt.Sprint(u.Login, " ", u.Role, " ", u.Phone, " ", u.Banned, " ", u.CreatedAt)
		}
		for mail, want := range map[string]string{
			"root@example.org":    "root admin +79990000001 false 2021-03-04T05:06:07Z",
			"boss@example.org":    "boss moderator  false 2021-03-04T05:06:07Z",
			"ivanova@example.com": "ivanova.example.com user  false 2021-03-04T05:06:07Z",
			"banned@example.org":  "banned user +79990000005 true 2021-03-04T05:06:07Z",
			"admin@example.org":   "admin.example.org user +79990000006 false 2021-03-04T05:06:07Z",
		} {
			if people[mail] != want {
				t.Errorf("%s is %q, want %q", mail, people[mail], want)
			}
		}
		var none struct{ Items []struct{ Login string } }
		g.admin.want(http.StatusOK, "GET", "/users?has_password=false", nil, &none)
		if len(none.Items) != 1 || none.Items[0].Login != "ivanova.example.com" {
			t.Errorf("without a password are %+v", none)
		}
		code, out, _ := typed("", append([]string{"user", "list"}, where...)...)
		if code != 0 || strings.Count(out, "no password") != 1 {
			t.Errorf("the list of people does not tell who needs a password:\n%s", out)
		}

		// Addresses open: the very camera, with the password that had every trap in it.
		db, cameras := g.opened(where)
		defer db.Close()
		page, err := db.Cameras(t.Context(), camera.ListQuery{})
		if err != nil || page.Total != 500 {
			t.Fatalf("%d cameras, %v", page.Total, err)
		}
		if account, err := db.AccountByLogin(t.Context(), "root"); err != nil || !strings.HasPrefix(account.PasswordHash, "$argon2id$") {
			t.Errorf("after signing in the hash is not ours: %v", err)
		}
		all, err := db.Cameras(t.Context(), camera.ListQuery{Query: paging.Query{Limit: paging.MaxLimit}})
		if err != nil || len(all.Items) != 500 {
			t.Fatalf("%d cameras, %v", len(all.Items), err)
		}
		for _, c := range all.Items {
			target, err := cameras.Dial(t.Context(), c.ID, camera.Main)
			if want := fmt.Sprintf("rtsp://10.0.%d.%d/live", c.Number/250, c.Number%250); err != nil || target.Address != want || target.Username != "viewer" ||
				target.Password.Reveal() != fmt.Sprintf("p@ss/%d", c.Number) {
				t.Fatalf("camera %d is dialled at %s as %s, %v", c.Number, target.Address, target.Username, err)
			}
		}

		// What was withdrawn or deleted here does not come back.
		var withdrawn struct{ Items []struct{ ID string } }
		user := g.signIn("ivanova", "Пароль прежний 1")
		user.want(http.StatusOK, "GET", "/me/cameras?sort=number", nil, &withdrawn)
		g.admin.want(http.StatusNoContent, "DELETE", "/users/"+user.user+"/cameras/"+withdrawn.Items[0].ID, nil, nil)
		g.admin.want(http.StatusNoContent, "DELETE", "/cameras/"+withdrawn.Items[1].ID+"?force=true", nil, nil)
		out, _ = command(0, "--apply", "--skip-invalid")
		counts(out, "camera", "0", "0", "499", "1", "1")
		var left struct{ Total int }
		user.want(http.StatusOK, "GET", "/me/cameras", nil, &left)
		if left.Total != 38 {
			t.Errorf("after a withdrawal and a deletion the user may watch %d cameras", left.Total)
		}
	})
}

// TestImportNeedsRightSettings: what is wrong is told in a sentence, with its exit code.
func TestImportNeedsRightSettings(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for want, args := range map[string][]string{
		"--database":                  {"--key", key},
		"not base64":                  {"--database", "postgres://x", "--key", "§"},
		"3 bytes long instead of 32":  {"--database", "postgres://x", "--key", "AAAA"},
		"goes with --apply":           {"--database", "postgres://x", "--key", key, "--skip-invalid"},
		"--data-dir, or its":          {"--database", "postgres://x", "--key", key, "--encryption-keys", "k:" + key, "--data-dir", t.TempDir()},
		"there is no encryption-keys": {"--database", "postgres://x", "--key", key, "--data-dir", t.TempDir()},
	} {
		if code, _, errOut := typed("", append([]string{"import-legacy"}, args...)...); code == 0 || !strings.Contains(errOut, want) || strings.Contains(errOut, key) {
			t.Errorf("%v: exit code %d: %q", args, code, errOut)
		}
	}
}
