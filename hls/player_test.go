package hls_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"testing"
	"time"
)

// player is an HLS client as RFC 8216 wants it: it loads a list again and again, and each segment once, in order.
type player struct {
	b    *house
	list string

	next     int64 // media sequence number; -1 before the first list
	head     string
	files    []*film // one for each run without a discontinuity
	segments []heard
	broken   int              // discontinuities
	jumps    int              // times the list had gone past what was wanted
	names    map[int64]string // of segments by their numbers
	text     string
}

// heard is a segment that was played.
type heard struct {
	seq     int64
	uri     string
	seconds float64
	at      time.Time // by the list
	got     time.Time
	bytes   int
}

// film is what a decoder is fed.
type film struct{ bytes.Buffer }

func (b *house) player(list string) *player {
	return &player{b: b, list: list, next: -1, names: map[int64]string{}}
}

// plays opens a view of camera a and gives its player, which has loaded what there is.
func (b *house) plays(view string) *player {
	b.t.Helper()
	p := b.player(string(b.open(view, "a").Playlist))
	p.load()
	return p
}

// load asks for the list once and for what is new in it.
func (p *player) load() {
	p.b.t.Helper()
	p.loadWith("")
}

// loadWith does so with a query.
func (p *player) loadWith(query string) {
	p.b.t.Helper()
	status, header, body := p.b.get(p.list + query)
	if status != 200 {
		p.b.t.Fatalf("list: %d %s", status, body)
	}
	if header.Get("Content-Type") != "application/vnd.apple.mpegurl" || header.Get("Cache-Control") != "no-store" {
		p.b.t.Fatalf("list: %v", header)
	}
	p.text = string(body)
	var (
		seq     int64
		target  float64
		seconds float64
		head    string
		at      time.Time
		apart   bool
		n       int64
	)
	lines := bufio.NewScanner(bytes.NewReader(body))
	for lines.Scan() {
		tag, value, _ := strings.Cut(lines.Text(), ":")
		switch tag {
		case "#EXT-X-MEDIA-SEQUENCE":
			seq, _ = strconv.ParseInt(value, 10, 64)
		case "#EXT-X-TARGETDURATION":
			target, _ = strconv.ParseFloat(value, 64)
		case "#EXT-X-MAP":
			head = strings.Trim(strings.TrimPrefix(value, "URI="), `"`)
		case "#EXT-X-DISCONTINUITY":
			apart = true
		case "#EXT-X-PROGRAM-DATE-TIME":
			var err error
			if at, err = time.Parse(time.RFC3339Nano, value); err != nil {
				p.b.t.Fatal(err)
			}
		case "#EXTINF":
			seconds, _ = strconv.ParseFloat(strings.TrimSuffix(value, ","), 64)
			if seconds >= target+0.5 {
				p.b.t.Errorf("a segment of %v s where the longest is %v", seconds, target)
			}
		default:
			if strings.HasPrefix(tag, "#") {
				continue
			}
			uri := lines.Text()
			if was := p.names[seq+n]; was != "" && was != uri {
				p.b.t.Errorf("segment %d was %s and is %s now", seq+n, was, uri)
			}
			p.names[seq+n] = uri
			if p.next < 0 {
				p.next = seq
			}
			if s := seq + n; s >= p.next {
				if s > p.next {
					p.jumps++
				}
				p.play(s, uri, head, seconds, at, apart)
				p.next = s + 1
			}
			at = at.Add(time.Duration(seconds * float64(time.Second)))
			n++
			apart = false
		}
	}
	if n == 0 {
		p.b.t.Fatalf("an empty list:\n%s", body)
	}
}

func (p *player) play(seq int64, uri, head string, seconds float64, at time.Time, apart bool) {
	p.b.t.Helper()
	base := path.Dir(p.list) + "/"
	if apart || head != p.head {
		if len(p.files) > 0 {
			p.broken++
		}
		status, header, body := p.b.get(base + head)
		if status != 200 || header.Get("Content-Type") != "video/mp4" {
			p.b.t.Fatalf("head %s: %d %v", head, status, header)
		}
		p.files, p.head = append(p.files, &film{}), head
		p.files[len(p.files)-1].Write(body)
	}
	status, header, body := p.b.get(base + uri)
	if status != 200 || !strings.Contains(header.Get("Cache-Control"), "immutable") {
		p.b.t.Fatalf("segment %s: %d %v", uri, status, header)
	}
	p.files[len(p.files)-1].Write(body)
	p.segments = append(p.segments, heard{seq: seq, uri: uri, seconds: seconds, at: at, got: time.Now(), bytes: len(body)})
}

// watch loads every quarter of a second until so many seconds have been played, or something else is so.
func (p *player) watch(within time.Duration, enough func() bool) {
	p.b.t.Helper()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(within); ; {
		p.load()
		if enough() {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			p.b.t.Fatalf("not within %v; played %.1f s\n%s", within, p.played(), p.text)
		}
	}
}

func (p *player) played() (seconds float64) {
	for _, s := range p.segments {
		seconds += s.seconds
	}
	return seconds
}

// packet is one of what ffprobe found.
type packet struct {
	Type     string  `json:"codec_type"`
	PTS      string  `json:"pts_time"`
	DTS      string  `json:"dts_time"`
	Duration string  `json:"duration_time"`
	Flags    string  `json:"flags"`
	pts, dts float64 // of the above
}

// probe gives what ffprobe finds in a film, by type.
func probe(t *testing.T, f *film) map[string][]packet {
	t.Helper()
	out := tool(t, f.Bytes(), "ffprobe", "-v", "error", "-show_packets", "-of", "json", "-i", "pipe:0")
	var found struct{ Packets []packet }
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	byType := map[string][]packet{}
	for _, p := range found.Packets {
		p.pts, _ = strconv.ParseFloat(p.PTS, 64)
		p.dts, _ = strconv.ParseFloat(p.DTS, 64)
		byType[p.Type] = append(byType[p.Type], p)
	}
	for _, packets := range byType {
		for i := 1; i < len(packets); i++ {
			if packets[i].dts <= packets[i-1].dts {
				t.Fatalf("%s goes from %v to %v", packets[i].Type, packets[i-1].dts, packets[i].dts)
			}
		}
	}
	return byType
}

// decode has FFmpeg decode a film and gives the number of pictures; anything that the decoder complains about fails the test.
func decode(t *testing.T, f *film) (pictures int) {
	t.Helper()
	out := tool(t, f.Bytes(), "ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-xerror", "-i", "pipe:0", "-fps_mode", "passthrough",
		"-map", "0:v", "-f", "framecrc", "pipe:1", "-map", "0:a?", "-f", "null", "-")
	for line := range strings.SplitSeq(string(out), "\n") {
		if strings.HasPrefix(line, "0,") {
			pictures++
		}
	}
	return pictures
}

func tool(t *testing.T, in []byte, name string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("%s: %v\n%s", name, err, stderr.String())
	}
	return out
}
