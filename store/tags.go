package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// countTags counts all tags, in the order of an index that holds all it takes but the tag as it is written.
const countTags = `SELECT folded, MIN(tag), COUNT(*) FROM camera_tags GROUP BY folded`

// Tags gives a page of all tags. They are sorted and cut into pages here: a page can be told only when all were counted, and people have few.
func (db *DB) Tags(ctx context.Context, q paging.Query) (paging.Page[camera.Tag], error) {
	var page paging.Page[camera.Tag]
	column, descending, err := order(q.Sort, "tag", map[string]string{"tag": "tag", "cameras": "cameras"})
	if err != nil {
		return page, err
	}
	list := "tags " + q.Sort
	after, err := keysOf(q.Cursor, list, 2)
	if err != nil {
		return page, err
	}
	rows, err := db.read.QueryContext(ctx, countTags)
	if err != nil {
		return page, fmt.Errorf("counting tags: %w", err)
	}
	defer rows.Close() //nolint:errcheck // reading only
	type counted struct {
		camera.Tag
		key, folded string
	}
	var all []counted
	words := strings.Fields(folded(q.Q))
	for rows.Next() {
		var t counted
		if err := rows.Scan(&t.folded, &t.Tag.Tag, &t.Cameras); err != nil {
			return page, fmt.Errorf("counting tags: %w", err)
		}
		if slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(t.folded, word) }) {
			continue
		}
		t.key = sortKey(t.Tag.Tag)
		if column == "cameras" {
			t.key = fmt.Sprintf("%020d", t.Cameras)
		}
		all = append(all, t)
	}
	if err := rows.Err(); err != nil {
		return page, fmt.Errorf("counting tags: %w", err)
	}
	compare := func(a, b counted) int {
		c := cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.folded, b.folded))
		if descending {
			return -c
		}
		return c
	}
	slices.SortFunc(all, compare)
	page.Total = len(all)
	if after != nil {
		last := counted{key: after[0], folded: after[1]}
		all = slices.DeleteFunc(all, func(t counted) bool { return compare(t, last) <= 0 })
	}
	limit := q.Bounded()
	for i, t := range all {
		if i == limit {
			page.NextCursor = cursor(list, all[i-1].key, all[i-1].folded)
			break
		}
		page.Items = append(page.Items, t.Tag)
	}
	return page, nil
}
