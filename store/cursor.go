package store

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// ErrCursor is the refusal of a cursor that no list of this kind and order has given.
var ErrCursor = fault.New(fault.Invalid, "paging.cursor", "this cursor does not belong to this list; begin with the first page").At("cursor", "paging.cursor")

// ErrSort is the refusal of an order that the list does not know.
var ErrSort = fault.New(fault.Invalid, "paging.sort", "this list can't be sorted like that").At("sort", "paging.sort")

// cursorBound is the longest cursor that is looked at, in bytes.
const cursorBound = 4096

// cursor gives the opaque text that continues a list after the row with these keys: what the rows are ordered by, the id last.
// list names the list and its order, so that a cursor of another is refused.
func cursor(list string, keys ...string) string {
	text, _ := json.Marshal(append([]string{list}, keys...)) //nolint:errcheck,errchkjson // strings always marshal
	return base64.RawURLEncoding.EncodeToString(text)
}

// keysOf gives the keys of a cursor made for list, which must be n; none at all for the empty cursor of the first page. ErrCursor.
func keysOf(text, list string, n int) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	if len(text) > cursorBound {
		return nil, ErrCursor
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, ErrCursor
	}
	var parts []string
	if json.Unmarshal(raw, &parts) != nil || len(parts) != n+1 || parts[0] != list {
		return nil, ErrCursor
	}
	for _, part := range parts[1:] {
		if !utf8.ValidString(part) || strings.ContainsRune(part, 0) { // PostgreSQL takes neither
			return nil, ErrCursor
		}
	}
	return parts[1:], nil
}

// order reads a Sort: the column among allowed (API name to SQL column), and whether it descends. The empty sort is first. ErrSort.
func order(sort, first string, allowed map[string]string) (column string, descending bool, err error) {
	if sort == "" {
		sort = first
	}
	name, descending := strings.CutPrefix(sort, "-")
	column, ok := allowed[name]
	if !ok {
		return "", false, ErrSort
	}
	return column, descending, nil
}
