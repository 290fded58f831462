package camera

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fold"
)

// Bounds of what people write, in characters.
const (
	maxNumber     = 9_999_999
	maxName       = 200
	maxLocation   = 200
	maxNotes      = 4000
	maxTags       = 32
	maxTag        = 64
	maxCredential = 256
)

// lines says whether a text may have several lines.
type lines uint8

const (
	oneLine lines = iota
	multiLine
)

// checkText trims a text, brings it to NFC, and gives the code of what is wrong with it, or "".
func checkText(text *string, limit int, l lines) string {
	if !utf8.ValidString(*text) {
		return "characters"
	}
	clean := strings.TrimSpace(norm.NFC.String(*text))
	for _, r := range clean {
		if unicode.IsControl(r) && !(l == multiLine && (r == '\n' || r == '\r' || r == '\t')) {
			return "characters"
		}
	}
	if utf8.RuneCountInString(clean) > limit {
		return "too_long"
	}
	*text = clean
	return ""
}

// checkName is checkText for a text that must not be empty.
func checkName(text *string, limit int) string {
	if code := checkText(text, limit, oneLine); code != "" {
		return code
	}
	if *text == "" {
		return "required"
	}
	return ""
}

// checkTags cleans tags: trimmed, empty ones and doubles (as folded) left out, order kept.
func checkTags(tags *[]string) string {
	clean := make([]string, 0, len(*tags))
	seen := make(map[string]bool, len(*tags))
	for _, tag := range *tags {
		if code := checkText(&tag, maxTag, oneLine); code != "" {
			return code
		}
		key := fold.Text(tag)
		if key == "" || seen[key] {
			continue
		}
		seen[key] = true
		clean = append(clean, tag)
	}
	if len(clean) > maxTags {
		return "too_many"
	}
	*tags = clean
	return ""
}

// checkSecret is checkCredential that also refuses the dots that a screen shows in place of a password.
func checkSecret(p Password) string {
	if p.Reveal() == redacted {
		return "redacted"
	}
	return checkCredential(p.Reveal())
}

// checkCredential is checkText without trimming or composing: a user name and a password go to the camera as they were written.
func checkCredential(text string) string {
	if utf8.RuneCountInString(text) > maxCredential {
		return "too_long"
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return "characters"
	}
	return ""
}
