package legacy

import (
	"strings"
	"unicode"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
)

// roleOf translates a role. By name alone every moderator would become an admin.
func roleOf(text string) (auth.Role, bool) {
	switch strings.ToUpper(strings.TrimSpace(text)) {
	case "USER":
		return auth.RoleUser, true
	case "ADMIN":
		return auth.RoleModerator, true
	case "ROOT":
		return auth.RoleAdmin, true
	}
	return "", false
}

// banOf reads a boolean as text; nothing is no ban.
func banOf(text string) (banned, ok bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "", "f", "false", "0", "no":
		return false, true
	case "t", "true", "1", "yes":
		return true, true
	}
	return false, false
}

// phone gives a number's digits, for comparing.
func phone(text string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, text)
}

// sharedPhones gives the numbers that several people have: the predecessor filled in one for all who gave none.
func sharedPhones(users []User) map[string]bool {
	times, shared := map[string]int{}, map[string]bool{}
	for _, u := range users {
		if n := phone(u.Phone); n != "" {
			times[n]++
			shared[n] = times[n] > 1
		}
	}
	return shared
}

// maxLogin leaves room for a number behind a login of at most 64 characters.
const maxLogin = 56

// loginOf makes a login of a text: what a login may not hold becomes '-'.
func loginOf(text string) string {
	var b []rune
	for _, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
		case strings.ContainsRune("._-", r):
		default:
			r = '-'
		}
		if len(b) == 0 && strings.ContainsRune("._-", r) {
			continue
		}
		if b = append(b, r); len(b) == maxLogin {
			break
		}
	}
	return string(b)
}

// clean gives a text as a line of a report can hold it: control characters could drive the terminal.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return ' '
	}, text)
	if runes := []rune(text); len(runes) > 60 {
		text = string(runes[:59]) + "…"
	}
	return text
}
