package auth

import (
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"
)

func TestPasswords(t *testing.T) {
	u := User{Login: "krasnov7", Email: "anna.karenina@example.org", FirstName: "Константин", LastName: "Ёлочкин"}
	for password, want := range map[string]string{
		"":                                 "required",
		"k7#Qz!p":                          "too_short",
		"верблюд":                          "too_short", // seven letters in fourteen bytes
		strings.Repeat("ab", 128) + "c":    "too_long",
		"k7#Qz!p\xff\xff":                  "characters",
		"password":                         "user.password_weak",
		"Password123":                      "user.password_weak",
		"!!!PASSWORD2026":                  "user.password_weak",
		"йцукенгш":                         "user.password_weak",
		"Пароль123!":                       "user.password_weak",
		"admin12345":                       "user.password_weak",
		"aaaaaaaaaa":                       "user.password_weak",
		"23456789":                         "user.password_weak",
		"abababababab":                     "user.password_weak",
		"KRASNOV7":                         "user.password_personal",
		"anna.karenina@example.org":        "user.password_personal",
		"anna.karenina1":                   "user.password_personal",
		"константин99":                     "user.password_personal",
		"елочкин1":                         "user.password_personal",
		"correct horse battery":            "",
		"верблюды":                         "",
		"k7#Qz!pW":                         "",
		strings.Repeat("ab", 126) + "xyzk": "",
	} {
		if got := checkPassword(password, u); got != want {
			t.Errorf("%q is %q, want %q", password, got, want)
		}
	}
	for range 100 {
		if password := generatePassword(); checkPassword(password, u) != "" {
			t.Errorf("our own %q is refused", password)
		}
	}
}

// й typed on one system is one rune, on another two.
func TestOnePasswordOnTwoKeyboards(t *testing.T) {
	h := newHasher(&argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	hash, err := h.hash(t.Context(), "зелёный чай")
	if err != nil {
		t.Fatal(err)
	}
	match, old, err := h.compare(t.Context(), "зеле\u0308ныи\u0306 чаи\u0306", hash)
	if !match || old || err != nil {
		t.Errorf("typed on another keyboard: %v, %v, %v", match, old, err)
	}
	for _, wrong := range []string{"зеленый чай", "", "Зелёный чай"} {
		if match, _, err := h.compare(t.Context(), wrong, hash); match || err != nil {
			t.Errorf("%q matches: %v", wrong, err)
		}
	}
	if match, _, err := h.compare(t.Context(), "", ""); match || err != nil {
		t.Errorf("no password matches no hash: %v", err)
	}
}
