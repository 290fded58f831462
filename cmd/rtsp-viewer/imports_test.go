package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"strings"
	"testing"
)

const module = "github.com/rtsp-viewer/rtsp-viewer"

// floors is the map of docs/architecture.md: a package may import only packages of lower floors, so neighbours do not know each other.
var floors = map[string]int{
	"cmd/rtsp-viewer": 7, "cmd/fakecam": 7, "cmd/bench": 7,
	"api": 6, "signaling": 6, "store": 6,
	"relay/peer": 5, "hls": 5, "checks": 5, "probe": 5,
	"relay": 4, "viewers": 4, "legacy": 4,
	"camera": 3, "settings": 3,
	"auth":   2,
	"events": 1,
	"web":    0,
}

// homes says which packages may import an outside library. The first match of a path's beginning counts.
var homes = []struct {
	library string
	in      []string
	why     string
}{
	{"github.com/gin-gonic/gin", []string{"api"}, "HTTP routing stays in api"},
	{"github.com/danielgtaylor/huma", []string{"api"}, "the REST definitions stay in api"},
	{"github.com/prometheus/client_golang", []string{"api"}, "packages expose Stats; only api knows metrics"},
	{"github.com/gorilla/websocket", []string{"signaling", "cmd/bench"}, "the wire stays in signaling"},
	{"github.com/pion/webrtc", []string{"relay/peer", "cmd/bench"}, "SDP crosses as a string; peers are the relay's"},
	{"github.com/pion/ice", []string{"relay/peer"}, "as pion/webrtc"},
	{"github.com/pion/dtls", []string{"relay/peer", "cmd/bench"}, "as pion/webrtc"},
	{"github.com/bluenviron/gortsplib", []string{"relay", "internal/rtsptest", "cmd/bench"}, "RTSP stays in relay; the bench measures what it costs"},
	{"github.com/jackc/pgx", []string{"store", "internal/pgtest"}, "SQL stays in store"},
	{"modernc.org/sqlite", []string{"store"}, "SQL stays in store"},
	{"github.com/pressly/goose", []string{"store"}, "SQL stays in store"},
	{"github.com/golang-jwt/jwt", []string{"auth"}, "tokens stay in auth"},
	{"github.com/alexedwards/argon2id", []string{"auth"}, "password hashes stay in auth"},
	{"github.com/alecthomas/kong", []string{"cmd/rtsp-viewer", "cmd/fakecam", "cmd/bench"}, "flags are the commands'"},
	{"os/exec", []string{"internal/ffmpeg", "internal/rtsptest", "internal/pgtest", "cmd/fakecam", "cmd/bench"}, "children are started well in one place"},
}

type goPackage struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// TestImportsGoDownOnly holds the floors and the homes.
func TestImportsGoDownOnly(t *testing.T) {
	command := exec.Command("go", "list", "-json=ImportPath,Imports", module+"/...")
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := map[string]bool{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		seen[name] = true
		floor, ok := floorOf(name)
		if !ok {
			t.Errorf("%s stands on no floor; put it into the table here and in docs/architecture.md", name)
			continue
		}
		for _, imported := range p.Imports {
			if own, isOwn := strings.CutPrefix(imported, module+"/"); isOwn {
				below, ok := floorOf(own)
				switch {
				case !ok:
				case strings.HasSuffix(own, "test"):
					if name != "cmd/fakecam" && name != "cmd/bench" && !strings.HasSuffix(name, "test") {
						t.Errorf("%s imports %s, which is for tests, cmd/fakecam and cmd/bench", name, own)
					}
				case floor == 0 && below == 0: // internal packages may lean on each other
				case own == strings.TrimSuffix(name, "/"+path.Base(name)) && strings.HasSuffix(name, "test"): // a suite for its own parent
				case below >= floor:
					t.Errorf("%s (floor %d) imports %s (floor %d): imports go down only", name, floor, own, below)
				}
				continue
			}
			for _, h := range homes {
				if imported != h.library && !strings.HasPrefix(imported, h.library+"/") {
					continue
				}
				allowed := false
				for _, in := range h.in {
					allowed = allowed || name == in || strings.HasPrefix(name, in+"/")
				}
				if h.library == "github.com/bluenviron/gortsplib" && name == "relay/peer" {
					allowed = false
				}
				if !allowed {
					t.Errorf("%s imports %s: %s", name, imported, h.why)
				}
				break
			}
		}
	}
	for name := range floors {
		if !seen[name] {
			t.Errorf("%s stands in the table of floors but does not exist", name)
		}
	}
}

func floorOf(name string) (int, bool) {
	if strings.HasPrefix(name, "internal/") {
		return 0, true
	}
	for folder := name; folder != ""; {
		if floor, ok := floors[folder]; ok {
			return floor, true
		}
		cut := strings.LastIndexByte(folder, '/')
		if cut < 0 {
			break
		}
		folder = folder[:cut]
	}
	return 0, false
}
