package camera_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

func key(t *testing.T, id string, fill byte) string {
	t.Helper()
	return id + ":" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, 32))
}

func keyring(t *testing.T, text string) *camera.Keyring {
	t.Helper()
	ring, err := camera.ParseKeyring(text)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestKeyringOpensWhatItSealedAndOnlyThere(t *testing.T) {
	ring := keyring(t, key(t, "k1", 1))
	plain := []byte("rtsp://10.0.0.1/1")
	sealed, err := ring.Seal("cam-1", "address", plain)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(sealed, []byte("k1:")) {
		t.Errorf("the key's id is not in front: %q", sealed)
	}
	if bytes.Contains(sealed, plain) {
		t.Error("it is not sealed")
	}
	if got, err := ring.Open("cam-1", "address", sealed); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("got %q, %v", got, err)
	}
	again, _ := ring.Seal("cam-1", "address", plain)
	if bytes.Equal(again, sealed) {
		t.Error("the same value is sealed to the same bytes: whoever reads the database sees which are equal")
	}
	if _, err := ring.Open("cam-2", "address", sealed); !errors.Is(err, camera.ErrKey) {
		t.Errorf("opened for another camera: %v", err)
	}
	if _, err := ring.Open("cam-1", "sub_address", sealed); !errors.Is(err, camera.ErrKey) {
		t.Errorf("opened in another column: %v", err)
	}
	for i := range sealed {
		broken := bytes.Clone(sealed)
		broken[i] ^= 1
		if _, err := ring.Open("cam-1", "address", broken); !errors.Is(err, camera.ErrKey) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if _, err := ring.Open("cam-1", "address", sealed[:i]); i > 0 && !errors.Is(err, camera.ErrKey) {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
	}
	if sealed, err := ring.Seal("cam-1", "username", nil); err != nil || sealed != nil {
		t.Errorf("nothing is sealed as %q, %v", sealed, err)
	}
	if plain, err := ring.Open("cam-1", "username", nil); err != nil || plain != nil {
		t.Errorf("nothing opens as %q, %v", plain, err)
	}
}

func TestKeyringReadsOldKeysAndSealsWithTheFirst(t *testing.T) {
	old := keyring(t, key(t, "k1", 1))
	sealed, _ := old.Seal("c", "password", []byte("x"))
	both := keyring(t, key(t, "k2", 2)+" , "+key(t, "k1", 1)+",")
	if both.Primary() != "k2" || fmt.Sprint(both.IDs()) != "[k2 k1]" {
		t.Errorf("primary %s of %v", both.Primary(), both.IDs())
	}
	if plain, err := both.Open("c", "password", sealed); err != nil || string(plain) != "x" {
		t.Errorf("old: %q, %v", plain, err)
	}
	fresh, _ := both.Seal("c", "password", []byte("x"))
	if !bytes.HasPrefix(fresh, []byte("k2:")) {
		t.Errorf("sealed with %q", fresh[:3])
	}
	_, err := old.Open("c", "password", fresh)
	if !errors.Is(err, camera.ErrKey) || !strings.Contains(err.Error(), "sealed with key k2, which is not among the keys given") {
		t.Errorf("a missing key: %v", err)
	}
	if fault.From(err).Params["key"] != "k2" {
		t.Errorf("the fault does not name the key: %v", fault.From(err).Params)
	}
	wrong := keyring(t, key(t, "k2", 3))
	if _, err = wrong.Open("c", "password", fresh); !errors.Is(err, camera.ErrKey) || !strings.Contains(err.Error(), "k2") {
		t.Errorf("another key of the same name: %v", err)
	}
}

func TestParseKeyring(t *testing.T) {
	secret := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("S"), 32))
	for _, good := range []string{
		"k1:" + secret,
		" k1 : " + secret + " , ",
		"2026-01.main_key:" + strings.TrimRight(secret, "="),
		"k1:" + base64.URLEncoding.EncodeToString(bytes.Repeat([]byte{0xfb, 0xff}, 16)),
	} {
		if _, err := camera.ParseKeyring(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for bad, word := range map[string]string{
		"":                                     "no key",
		" , ":                                  "no key",
		secret:                                 "key 1",
		":" + secret:                           "key 1",
		"k1:" + secret + ",к2:" + secret:       "key 2",
		"k1:" + secret + ",k1:" + secret:       "k1",
		"k1:" + secret[:20]:                    "bytes long",
		"k1:!!!" + secret[3:]:                  "base64",
		"k1:" + secret + "AAAA":                "k1",
		strings.Repeat("k", 33) + secret:       "key 1",
		strings.Repeat("k", 33) + ":" + secret: "key 1",
	} {
		_, err := camera.ParseKeyring(bad)
		if !errors.Is(err, camera.ErrKeyring) || !strings.Contains(err.Error(), word) {
			t.Errorf("%q: %v, want it to say %q", bad, err, word)
		}
		if err != nil && len(bad) > 20 && strings.Contains(err.Error(), secret[4:16]) {
			t.Errorf("the error holds the key: %v", err)
		}
	}
}

func TestNewKeyCanBeReadAgain(t *testing.T) {
	a, err := camera.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	b, err := camera.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if a.Reveal() == b.Reveal() || a.ID() == b.ID() {
		t.Error("two keys are the same")
	}
	ring, err := camera.NewKeyring(a, b)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := ring.Seal("c", "address", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := keyring(t, a.Reveal()).Open("c", "address", sealed); err != nil || string(plain) != "x" {
		t.Errorf("%q, %v", plain, err)
	}
}

// TestSecretsPrintRedacted prints secrets in every way that programs print: directly, inside structs, behind pointers, unexported.
func TestSecretsPrintRedacted(t *testing.T) {
	const canary = "Canary-пароль-7f3a"
	k, err := camera.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	ring, err := camera.NewKeyring(k)
	if err != nil {
		t.Fatal(err)
	}
	_, encoded, _ := strings.Cut(k.Reveal(), ":")
	raw, _ := base64.StdEncoding.DecodeString(encoded)
	p := camera.NewPassword(canary)
	type outer struct {
		Shown  camera.Password
		hidden camera.Password
		key    camera.Key
		ring   *camera.Keyring
		any    any
	}
	target := camera.Target{Camera: "c", Address: "rtsp://10.0.0.1/", Username: "admin", Password: p}
	secrets := []any{
		p, &p, k, &k, ring, *ring, target, &target, camera.NewCamera{Password: p}, []camera.Password{p}, map[string]camera.Password{"x": p},
		outer{p, p, k, ring, p}, &outer{p, p, k, ring, p}, []outer{{p, p, k, ring, target}}, struct{ t camera.Target }{target},
	}
	var out bytes.Buffer
	for _, s := range secrets {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%o", "%b", "%c", "%U", "%t", "%e", "%p", "%T", "%10.3v", "%y"} {
			fmt.Fprintf(&out, verb+"\n", s)
		}
		fmt.Fprintln(&out, s)
		fmt.Fprintln(&out, fmt.Errorf("dial: %v", s))
		_ = json.NewEncoder(&out).Encode(s)
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(h).Info("x", "s", s, slog.Group("g", "s", s))
			slog.New(h).With("s", s).Error("x")
		}
	}
	for _, leak := range []string{
		canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprintf("% x", canary), fmt.Sprintf("%d", []byte(canary)), encoded,
		fmt.Sprintf("%x", raw), fmt.Sprintf("%d", raw), fmt.Sprintf("%v", [32]byte(raw)), fmt.Sprintf("%#v", raw),
	} {
		if i := strings.Index(out.String(), leak); i >= 0 {
			from := max(0, i-200)
			t.Fatalf("a secret is printed: …%s", out.String()[from:i+len(leak)])
		}
	}
	if !strings.Contains(out.String(), "•••") {
		t.Error("nothing was redacted: this test prints nothing")
	}
	if p.Reveal() != canary || p != camera.NewPassword(canary) || p == camera.NewPassword("other") || (camera.Password{}).Set() {
		t.Error("a password is not itself")
	}
	var body struct{ Password camera.Password }
	if err := json.Unmarshal([]byte(`{"password":"`+canary+`"}`), &body); err != nil || body.Password != p {
		t.Errorf("a body's password: %v", err)
	}
}
