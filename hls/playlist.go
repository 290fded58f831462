package hls

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Names of what lies below a view's secret.
const (
	fileList     = "index.m3u8"
	fileNative   = "native.m3u8"
	fileHead     = "init.mp4"
	fileShared   = "s.m4s"
	filePersonal = "first.m4s"
	fileNatives  = "n.m4s"
)

// entry is a segment as it stands in a list.
type entry struct {
	uri     string
	seconds float64
	at      time.Time
	gen     int
	epoch   int
}

// course is where a player began and how its list counts.
type course struct {
	join
	// shift is what its list adds to the numbers of segments. A player that begins anew is at segments again that its list has named
	// before: under other numbers they are others.
	shift uint64
	anew  int // how many times it began anew
}

// list gives the playlist of a player: its own first segment as long as that is in the window, then the shared ones. oldest and newest
// are the window's numbers of the first and the last segment in it. It is false if nothing may be listed.
func (w *window) list(c course) (text string, oldest, newest uint64, ok bool) {
	w.mu.Lock()
	j := c.join
	from := max(j.seq, w.since(listedTicks))
	if n := len(w.segments); n > 0 {
		newest = w.segments[n-1].seq
	}
	var entries []entry
	for seq := from; ; seq++ {
		s := w.find(seq)
		if s == nil {
			break
		}
		e := entry{uri: fmt.Sprintf("%s?g=%d&n=%d", fileShared, s.gen.number, s.seq), seconds: s.seconds(), at: s.at, gen: s.gen.number, epoch: s.epoch + c.anew}
		if seq == j.seq {
			e.uri = fmt.Sprintf("%s?g=%d&n=%d&k=%d&t=%d", filePersonal, j.gen, j.seq, j.key, j.from)
			squeezed := e.seconds - j.seconds // what it lasts longer or less than the shared one
			e.at, e.seconds = s.at.Add(time.Duration(squeezed*float64(time.Second))), j.seconds
		}
		entries = append(entries, e)
	}
	target := w.target
	w.mu.Unlock()
	if len(entries) == 0 {
		return "", 0, 0, false
	}
	return write(target, from+c.shift, entries, mayWait), from, newest, true
}

// targetDuration gives the longest segment of players' lists in whole seconds.
func (w *window) targetDuration() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.target
}

// nativeList gives the plain playlist: segments that begin with a keyframe each. It is false while there is none.
func (w *window) nativeList() (text string, target int, ok bool) {
	w.mu.Lock()
	w.nativeSeen = w.now()
	var entries []entry
	first := 0
	for i := 0; i < len(w.segments); {
		s := w.segments[i]
		if s.native == 0 {
			i++
			continue
		}
		e := entry{at: s.at, gen: s.gen.number, epoch: s.epoch}
		k := i
		for ; k < len(w.segments) && w.segments[k].epoch == s.epoch && (k == i || w.segments[k].native == 0); k++ {
			e.seconds += w.segments[k].seconds()
		}
		following := w.open
		if k < len(w.segments) {
			following = w.segments[k]
		}
		if following == nil || following.epoch == s.epoch && following.native == 0 {
			break // it still grows
		}
		e.uri = fmt.Sprintf("%s?g=%d&a=%d&b=%d", fileNatives, s.gen.number, s.seq, w.segments[k-1].seq)
		if len(entries) == 0 {
			first = s.native
		}
		entries = append(entries, e)
		w.nativeTarget = max(w.nativeTarget, int(math.Round(e.seconds)))
		i = k
	}
	target = w.nativeTarget
	w.mu.Unlock()
	if len(entries) == 0 {
		return "", target, false
	}
	if over := len(entries) - nativeListed; over > 0 {
		entries, first = entries[over:], first+over
	}
	return write(target, uint64(first), entries, independent), target, true
}

// native gives the fragments of a native segment, which is shared segments a to b.
func (w *window) native(gen int, a, b uint64) ([]piece, bool) {
	w.mu.Lock()
	var run []*segment
	for seq := a; seq <= b && b-a < math.MaxUint16; seq++ {
		s := w.find(seq)
		if s == nil || s.gen.number != gen || (s.native > 0) != (seq == a) {
			run = nil
			break
		}
		run = append(run, s)
	}
	w.mu.Unlock()
	if len(run) == 0 {
		return nil, false
	}
	pieces := make([]piece, len(run))
	for i, s := range run {
		pieces[i] = newPiece(s.seq, s.video, s.audio)
	}
	return pieces, true
}

// What else a list says of itself.
const (
	// mayWait lets players ask for a list that has the next segment: it is answered when that is there, so that nobody has to guess when
	// (draft-pantos-hls-rfc8216bis, 4.4.3.8 and 6.2.5.2).
	mayWait     = "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES\n"
	independent = "#EXT-X-INDEPENDENT-SEGMENTS\n"
)

// write writes a media playlist (RFC 8216, 4).
func write(target int, sequence uint64, entries []entry, more string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:%d\n", target, sequence)
	if entries[0].epoch > 0 {
		fmt.Fprintf(&b, "#EXT-X-DISCONTINUITY-SEQUENCE:%d\n", entries[0].epoch)
	}
	b.WriteString(more)
	for i, e := range entries {
		apart := i == 0 || entries[i-1].epoch != e.epoch
		if apart && i > 0 {
			b.WriteString("#EXT-X-DISCONTINUITY\n")
		}
		if i == 0 || entries[i-1].gen != e.gen {
			fmt.Fprintf(&b, "#EXT-X-MAP:URI=\"%s?g=%d\"\n", fileHead, e.gen)
		}
		if apart || more == independent || i == 1 {
			fmt.Fprintf(&b, "#EXT-X-PROGRAM-DATE-TIME:%s\n", e.at.UTC().Format("2006-01-02T15:04:05.000Z"))
		}
		fmt.Fprintf(&b, "#EXTINF:%.5f,\n%s\n", e.seconds, e.uri)
	}
	return b.String()
}
