package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

func TestSearchAndOrderAreTheSameOnBothEngines(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		for _, n := range []camera.NewCamera{
			{Number: 30, Name: "Камера 10", Location: "Склад", Tags: []string{"улица"}},
			{Number: 20, Name: "Камера 2", Location: "цех 12"},
			{Number: 10, Name: "ёлочная", Location: "Цех 3", Tags: []string{"Улица", "вход_1"}},
			{Number: 5, Name: "Ежевичная 100%", Location: "склад"},
			{Number: 6, Name: "camera 02", Tags: []string{"100%"}},
			{Number: 7, Name: "Camera 3 \\ back", Tags: []string{"у"}},
		} {
			n.Address = "rtsp://h/1"
			y.add(n)
		}
		m := y.by.User
		for sort, want := range map[string]string{
			"":          "Ежевичная 100%|camera 02|Camera 3 \\ back|ёлочная|Камера 2|Камера 10",
			"number":    "Ежевичная 100%|camera 02|Camera 3 \\ back|ёлочная|Камера 2|Камера 10",
			"-number":   "Камера 10|Камера 2|ёлочная|Camera 3 \\ back|camera 02|Ежевичная 100%",
			"name":      "camera 02|Camera 3 \\ back|Ежевичная 100%|ёлочная|Камера 2|Камера 10",
			"-name":     "Камера 10|Камера 2|ёлочная|Ежевичная 100%|Camera 3 \\ back|camera 02",
			"-location": "Камера 2|ёлочная|Ежевичная 100%|Камера 10|Camera 3 \\ back|camera 02",
		} {
			if got := strings.Join(y.names(m, sorted(sort)), "|"); got != want {
				t.Errorf("by %q: %s\nwant %s", sort, got, want)
			}
			for _, limit := range []int{1, 2, 5} {
				q := sorted(sort)
				q.Limit = limit
				if got := strings.Join(y.names(m, q), "|"); got != want {
					t.Errorf("by %q, %d on a page: %s\nwant %s", sort, limit, got, want)
				}
			}
		}
		for q, want := range map[string]string{
			"елочная":       "ёлочная",
			"ЁЛОЧ":          "ёлочная",
			"КАМЕРА":        "Камера 2|Камера 10",
			"2 камера":      "Камера 2", // words in any order; цех 12 is in it too
			"склад 10":      "Ежевичная 100%|Камера 10",
			"30":            "Камера 10",
			"100%":          "camera 02|Ежевичная 100%",
			"%":             "camera 02|Ежевичная 100%",
			"_":             "ёлочная",
			"\\":            "Camera 3 \\ back",
			"улица":         "ёлочная|Камера 10",
			"nothing of it": "",
			"":              "camera 02|Camera 3 \\ back|Ежевичная 100%|ёлочная|Камера 2|Камера 10",
			"'; DROP":       "",
		} {
			if got := strings.Join(y.names(m, search(q)), "|"); got != want {
				t.Errorf("search %q: %s, want %s", q, got, want)
			}
		}
		for tag, want := range map[string]string{"УЛИЦА": "ёлочная|Камера 10", "у": "Camera 3 \\ back", "вход_1": "ёлочная", "входы1": "", "100%": "camera 02"} {
			q := sorted("name")
			q.Tags = []string{tag}
			if got := strings.Join(y.names(m, q), "|"); got != want {
				t.Errorf("tag %q: %s, want %s", tag, got, want)
			}
		}
		for _, q := range []paging.Query{{Sort: "address"}, {Sort: "-"}, {Cursor: "x"}, {Cursor: cursor("watchable name", "a", "b")}, {Cursor: cursor("watchable ", "no number", "b")}} {
			_, err := y.Watchable(t.Context(), m, camera.WatchQuery{ListQuery: camera.ListQuery{Query: q}})
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%+v: %v", q, err)
			}
		}
	})
}

func TestPagesMissNoCameraWhileOthersAreAdded(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		fill(t, db, 500, 1, 1, 0)
		if _, err := db.write.ExecContext(ctx, `UPDATE counters SET value = 500 WHERE name = 'camera_number'`); err != nil {
			t.Fatal(err)
		}
		sorts := []string{"", "number", "name", "location", "state", "created_at", "updated_at"}
		for _, name := range sorts[1:] {
			sorts = append(sorts, "-"+name)
		}
		total := 500
		for _, sort := range sorts {
			seen := map[camera.ID]int{}
			q := camera.ListQuery{Query: paging.Query{Limit: 100, Sort: sort}}
			for pages := 0; ; pages++ {
				page, err := y.List(ctx, q)
				y.must(err)
				if page.Total != total || pages > 10 {
					t.Fatalf("by %q: total %d of %d on page %d", sort, page.Total, total, pages)
				}
				for _, c := range page.Items {
					seen[c.ID]++
				}
				if page.NextCursor == "" {
					break
				}
				q.Cursor = page.NextCursor
				if pages < 5 { // before, between and after what was read
					y.add(camera.NewCamera{Name: fmt.Sprintf("Camera %d", 100*pages), Location: "hall 7", Address: "rtsp://h/1"})
					y.add(camera.NewCamera{Name: "Ящик", Address: "rtsp://h/1"})
					total += 2
				}
			}
			for i := range 500 {
				if id := camera.ID(fmt.Sprint("c", i+1)); seen[id] != 1 {
					t.Errorf("by %q: %s was listed %d times", sort, id, seen[id])
				}
			}
			for id, n := range seen {
				if n > 1 {
					t.Errorf("by %q: %s was listed %d times", sort, id, n)
				}
			}
		}
	})
}

// nasty are names as people paste them, in the order in which both engines must list them.
var nasty = []string{
	`"quoted"`, `%`, `100%`, `100_`, `'; DROP TABLE cameras; --`, `\`, `\%`, `_`, `a_b`, `aXb`,
	"Camera 2", "camera 10", "cafe\u0301 1", "CAF\u00c9 2", "ёлочная", "ЕЛОЧНАЯ 2", "Е\u0308лочная 10", "Камера 2", "камера 02а", "Камера 10", "КАМЕРА 100",
	"straße", "STRASSE 2", "ﬁne", "日本 2", "日本 10", "📷 2", "📷 10", "Ω", "µ",
}

// TestNastyNames gives the same order, and finds the same by each piece of each name, whatever the engine.
func TestNastyNames(t *testing.T) {
	t.Parallel()
	lists := map[string]chan string{"postgres": make(chan string, 1), "sqlite": make(chan string, 1)}
	t.Run("engines", func(t *testing.T) {
		eachEngine(t, func(t *testing.T, db *DB) {
			y := newYard(t, db)
			for _, name := range nasty {
				y.add(camera.NewCamera{Name: name, Location: "at " + name, Tags: []string{"tag " + name}, Address: "rtsp://h/1"})
			}
			var out strings.Builder
			m := y.by.User
			for _, sort := range []string{"name", "-name", "location"} {
				names := y.names(m, sorted(sort))
				if len(names) != len(nasty) {
					t.Errorf("%d of %d names by %s", len(names), len(nasty), sort)
				}
				fmt.Fprintln(&out, sort, names)
			}
			tags, err := y.Tags(t.Context(), paging.Query{})
			y.must(err)
			fmt.Fprintln(&out, tags.Items)
			for _, name := range nasty {
				for _, q := range []string{name, strings.ToUpper(name), strings.ToLower(name), norm.NFD.String(name)} {
					names := y.names(m, search(q))
					if !slices.Contains(names, norm.NFC.String(name)) {
						t.Errorf("%q is not found by %q: %q", name, q, names)
					}
					fmt.Fprintln(&out, q, names)
				}
				byTag := sorted("name")
				byTag.Tags = []string{"TAG " + name}
				if names := y.names(m, byTag); !slices.Contains(names, norm.NFC.String(name)) {
					t.Errorf("%q is not found by its tag: %q", name, names)
				}
			}
			for q, want := range map[string]int{"%": 3, "_": 3, `\`: 2, `\%`: 1, "100%": 1, "100_": 1, "a_b": 1, "''": 0, "елочная": 3, "café": 2} {
				if names := y.names(m, search(q)); len(names) != want {
					t.Errorf("%q finds %d: %q, want %d", q, len(names), names, want)
				}
			}
			lists[string(db.engine)] <- out.String()
		})
	})
	if a, b := <-lists["postgres"], <-lists["sqlite"]; a != b {
		t.Errorf("the engines differ:\n%s\n%s", a, b)
	}
}
