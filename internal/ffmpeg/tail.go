package ffmpeg

import (
	"regexp"
	"strings"
	"sync"
)

// tailBytes is how much of a child's stderr is kept.
const tailBytes = 4 << 10

// address matches what may be the address of something, credentials and all.
var address = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://[^\s'"]*`)

// tail is a writer that keeps the end of what was written.
type tail struct {
	mu  sync.Mutex
	buf []byte
	cut bool
}

// Write never fails.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b...)
	if over := len(t.buf) - tailBytes; over > 0 {
		t.buf, t.cut = append(t.buf[:0], t.buf[over:]...), true
	}
	return len(b), nil
}

// String gives whole lines in printable characters, without addresses.
func (t *tail) String() string {
	t.mu.Lock()
	s, cut := string(t.buf), t.cut
	t.mu.Unlock()
	if cut { // the first line has lost its beginning, by which an address would be known
		_, s, _ = strings.Cut(s, "\n")
	}
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r >= ' ' && r != 0x7f && r != '\uFFFD' {
			return r
		}
		return -1
	}, strings.ToValidUTF8(s, ""))
	return strings.TrimSpace(address.ReplaceAllString(s, "…"))
}
