package relay

import (
	"slices"
	"strings"

	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
)

// Device is what a camera said of itself besides its media, for people who set it up. It is a value: nobody changes it after it was given
// out. Its texts are the camera's, of plain characters only.
type Device struct {
	Server string   // its name for itself (RFC 2326, 12.36), at most 100 characters
	Auth   string   // the best way of signing in that it offers: "digest", "basic"; empty if it asked for none
	Others []string // what it has and nobody pulls: "ONVIF metadata", "video H265", "audio PCMA"; at most maxOthers
}

// Bounds of what a camera may say of itself.
const (
	maxServer = 100
	maxOthers = 8
)

// Device tells what the camera said of itself in the present session, or else in the last.
func (r *Reader) Device() Device {
	f := r.stream.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.device
	d.Others = slices.Clone(d.Others)
	return d
}

// Heard reports whether any part of a picture has come in the present session, be it one to begin with or not.
func (r *Reader) Heard() bool {
	f := r.stream.feed.snapshot()
	return !f.unit.IsZero() || !f.unkeyed.IsZero()
}

// introduce keeps what a camera said of itself, unless more of it is known.
func (f *feed) introduce(d Device) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.device.Server == "" && f.device.Auth == "" && f.device.Others == nil {
		f.device = d
	}
}

// answers gathers from a camera's answers what they say of the camera. It is used by one goroutine at a time: the RTSP client's while it
// handles an answer, ours between two requests.
type answers struct {
	server string
	auth   string
}

func (a *answers) hear(res *base.Response) {
	if v := res.Header["Server"]; len(v) > 0 && a.server == "" {
		a.server = plain(v[0], maxServer)
	}
	if res.StatusCode != base.StatusUnauthorized {
		return
	}
	for _, v := range res.Header["WWW-Authenticate"] {
		scheme, _, _ := strings.Cut(strings.TrimSpace(v), " ")
		switch strings.ToLower(scheme) {
		case "digest":
			a.auth = "digest"
		case "basic":
			if a.auth == "" {
				a.auth = "basic"
			}
		}
	}
}

// device gives what is known of the camera, chosen being what is pulled of it.
func (a *answers) device(desc *description.Session, chosen choice) Device {
	d := Device{Server: a.server, Auth: a.auth}
	for _, m := range desc.Medias {
		if len(m.Formats) == 0 || m == chosen.video || m == chosen.audio {
			continue
		}
		if name := mediaName(m); !slices.Contains(d.Others, name) && len(d.Others) < maxOthers {
			d.Others = append(d.Others, name)
		}
	}
	return d
}

// mediaName gives what to call a medium that nobody pulls.
func mediaName(m *description.Media) string {
	name := encodingName(m.Formats[0])
	switch {
	case m.IsBackChannel:
		return "back channel " + name
	case strings.EqualFold(name, "vnd.onvif.metadata"):
		return "ONVIF metadata"
	}
	if _, ok := m.Formats[0].(*format.KLV); ok {
		name = "KLV metadata"
	}
	return plain(string(m.Type)+" "+name, maxServer)
}

// plain leaves of a camera's text what can't do harm anywhere: printable ASCII without brackets and quotes, at most n characters.
func plain(text string, n int) string {
	text = strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' || strings.ContainsRune("<>\"'`", c) {
			return -1
		}
		return c
	}, text)
	return strings.TrimSpace(text[:min(len(text), n)])
}
