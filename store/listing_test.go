package store

import (
	"fmt"
	"strings"
	"testing"

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
		var before []camera.ID
		for i := range 50 {
			before = append(before, y.camera(fmt.Sprintf("Камера %d", 1000-i)).ID)
		}
		seen := map[camera.ID]int{}
		q := camera.ListQuery{Query: paging.Query{Limit: 10, Sort: "name"}}
		for {
			page, err := y.List(ctx, q)
			y.must(err)
			for _, c := range page.Items {
				seen[c.ID]++
			}
			if page.NextCursor == "" {
				break
			}
			q.Cursor = page.NextCursor
			y.camera("Камера 0")
			y.camera("Камера 990")
		}
		for _, id := range before {
			if seen[id] != 1 {
				t.Errorf("a camera was listed %d times", seen[id])
			}
		}
		for _, n := range seen {
			if n > 1 {
				t.Error("a camera was listed twice")
			}
		}
	})
}
