package auth

import (
	"crypto/rand"
	_ "embed" // the list of weak passwords
	"encoding/base32"
	"strings"
	"unicode/utf8"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fold"
)

// Bounds of a password (NIST SP 800-63B, 5.1.1): runes below, bytes above. No rules about kinds of character, no expiry.
const (
	minPassword = 8
	maxPassword = 256
)

//go:embed weak.txt
var weakPasswords string

// checkPassword gives the code of what is wrong with a new password, or "". A password must not be one that everybody tries first,
// nor the login, the e-mail or a name of its user with some digits around.
func checkPassword(password string, u User) string {
	switch {
	case password == "":
		return "required"
	case len(password) > maxPassword:
		return "too_long"
	case !utf8.ValidString(password):
		return "characters"
	case utf8.RuneCountInString(canonical(password)) < minPassword:
		return "too_short"
	}
	text := fold.Text(password)
	core := strings.TrimFunc(text, func(r rune) bool { return '0' <= r && r <= '9' || strings.ContainsRune("!@#$%^&*()_+-=.,? ", r) })
	for _, weak := range strings.Fields(weakPasswords) {
		if text == weak || (core == weak && len(weak) >= 4) {
			return "user.password_weak"
		}
	}
	if monotone(text) {
		return "user.password_weak"
	}
	mailbox, _, _ := strings.Cut(u.Email, "@")
	for _, own := range []string{u.Login, u.Email, mailbox, u.FirstName, u.LastName} {
		if own = fold.Text(own); own != "" && (text == own || core == own) {
			return "user.password_personal"
		}
	}
	return ""
}

// monotone reports whether each rune follows from the one before in the same step: "aaaaaaaa", "12345678", "87654321", or whether
// only two kinds of rune alternate in it.
func monotone(s string) bool {
	runes := []rune(s)
	if len(runes) < 3 {
		return true
	}
	same, alternating := true, true
	for i := 2; i < len(runes); i++ {
		step := runes[1] - runes[0]
		same = same && runes[i]-runes[i-1] == step && step >= -1 && step <= 1
		alternating = alternating && runes[i] == runes[i-2]
	}
	return same || alternating
}

// generatePassword gives 80 random bits in four groups that can be read aloud: no 0, 1, 8, 9.
func generatePassword() string {
	random := make([]byte, 10)
	rand.Read(random) //nolint:errcheck // crypto/rand.Read never fails
	text := strings.ToLower(base32.StdEncoding.EncodeToString(random))
	return text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:16]
}
