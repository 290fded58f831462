package api

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// TestGuideNamesRoutesThatThereAre reads the page for those who move in: each of our routes that it names must be one.
func TestGuideNamesRoutesThatThereAre(t *testing.T) {
	s := open(t, store.Options{})
	known := map[string]bool{}
	parameter := regexp.MustCompile(`\{[^}]*\}`)
	for _, r := range s.api.routes() {
		known[r.method+" "+parameter.ReplaceAllString(strings.TrimPrefix(r.path, "/api/v1"), "{}")] = true
	}
	page, err := os.ReadFile(filepath.Join("..", "docs", "moving-in.md"))
	must(t, err)
	found := 0
	for _, named := range regexp.MustCompile("`([A-Z]+(?:/[A-Z]+)*) (/[^ `?]*)").FindAllStringSubmatch(string(page), -1) {
		for method := range strings.SplitSeq(named[1], "/") {
			found++
			if route := method + " " + parameter.ReplaceAllString(named[2], "{}"); !known[route] {
				t.Errorf("docs/moving-in.md names %s, and there is no such route", route)
			}
		}
	}
	if found < 25 {
		t.Errorf("only %d routes were found in docs/moving-in.md", found)
	}
}
