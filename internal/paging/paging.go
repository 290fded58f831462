// Package paging holds the shape of every list that the API answers with.
//
// It owns Query and Page; a store decides what a cursor means and refuses one that it did not give. It runs no goroutines.
package paging

// Limits of a page, in items.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
)

// Query asks for one page of a list.
type Query struct {
	Limit  int    // 1–1,000; 0 is DefaultLimit
	Cursor string // opaque, from the page before; empty for the first
	Q      string // search text; folded by the store
	Sort   string // a column's API name, "-" in front for descending; empty for the list's own order
}

// Bounded gives the limit within its range.
func (q Query) Bounded() int {
	switch {
	case q.Limit <= 0:
		return DefaultLimit
	case q.Limit > MaxLimit:
		return MaxLimit
	}
	return q.Limit
}

// Page is one page of a list.
type Page[T any] struct {
	Items      []T
	NextCursor string // empty on the last page
	Total      int    // items that match the query on all pages
}
