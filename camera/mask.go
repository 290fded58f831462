package camera

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
)

// Some cameras take no credentials but those in the path or query: "/user=admin&password=tlJwpbo6&channel=1&stream=0.sdp",
// "/user=admin_password=tlJwpbo6_channel=1", "?usr=admin&pwd=12345", "?authbasic=YWRtaW46…". The camera wants them where they are, so they stay in the address, which
// is sealed as a whole; people get it back with dots in place of such a password, and the dots are filled in again when
// the address comes back.
var (
	secretParameter = regexp.MustCompile(`(?i)([/?&;_])(?:password|passwd|pass|pwd|psw|authbasic|token)=([^&;/?#]*)`)
	nextParameter   = regexp.MustCompile(`_[A-Za-z]+=`)
)

// secretSpans gives where passwords stand in path and query, as pairs of indexes.
func secretSpans(addr string) [][2]int {
	var spans [][2]int
	for _, m := range secretParameter.FindAllStringSubmatchIndex(addr, -1) {
		from, to := m[4], m[5]
		if addr[m[2]] == '_' {
			if next := nextParameter.FindStringIndex(addr[from:to]); next != nil {
				to = from + next[0]
			}
		}
		if from < to {
			spans = append(spans, [2]int{from, to})
		}
	}
	return spans
}

// mask gives an address as people see it.
func mask(addr string) string {
	spans := secretSpans(addr)
	for i := len(spans) - 1; i >= 0; i-- {
		addr = addr[:spans[i][0]] + redacted + addr[spans[i][1]:]
	}
	return addr
}

// unmask fills the passwords of the stored address in where a sent one has dots, in their order. carried reports whether there were dots; ok is
// false if there are not as many as passwords, so that which is which can't be told.
func unmask(sent, stored string) (addr string, carried, ok bool) {
	dots := strings.Count(sent, redacted)
	if dots == 0 {
		return sent, false, true
	}
	spans := secretSpans(stored)
	if len(spans) != dots {
		return "", true, false
	}
	parts := strings.Split(sent, redacted)
	for i, span := range spans {
		addr += parts[i] + stored[span[0]:span[1]]
	}
	return addr + parts[dots], true, true
}

// String gives what is to be dialled without secrets.
func (t Target) String() string {
	return fmt.Sprintf("%s stream of camera %s at %s (%s)", t.Kind, t.Camera, mask(t.Address), t.Transport)
}

// Format hides secrets from every verb of fmt.
func (t Target) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// LogValue hides secrets from slog.
func (t Target) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText hides secrets from encoders.
func (t Target) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
