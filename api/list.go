package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// list is the answer of every list.
type list[T any] struct {
	Items      []T    `json:"items" nullable:"false"`
	NextCursor string `json:"next_cursor" doc:"for ?cursor= of the next page; empty on the last"`
	Total      int    `json:"total" doc:"items that match on all pages"`
}

// listOutput wraps a list for huma.
type listOutput[T any] struct {
	Body list[T]
}

// listing makes the answer out of a page, item by item.
func listing[From, To any](page paging.Page[From], show func(From) To) *listOutput[To] {
	out := &listOutput[To]{Body: list[To]{Items: make([]To, 0, len(page.Items)), NextCursor: page.NextCursor, Total: page.Total}}
	for _, item := range page.Items {
		out.Body.Items = append(out.Body.Items, show(item))
	}
	return out
}

// whole makes the answer of a list that has one page only.
func whole[T any](items []T) *listOutput[T] {
	if items == nil {
		items = []T{}
	}
	return &listOutput[T]{Body: list[T]{Items: items, Total: len(items)}}
}

// PageInput is the query of every list. A limit beyond the bound is lowered to it: next_cursor tells that there is more.
type PageInput struct {
	Limit  int    `query:"limit" minimum:"1" doc:"items on a page: 100 if absent, at most 1,000"`
	Cursor string `query:"cursor" maxLength:"2000" doc:"next_cursor of the page before"`
	Q      string `query:"q" maxLength:"200" doc:"search text; case and ё do not matter"`
	Sort   string `query:"sort" maxLength:"50" doc:"a field's name, with a minus in front for descending"`
}

func (p PageInput) query() paging.Query {
	return paging.Query{Limit: min(p.Limit, paging.MaxLimit), Cursor: p.Cursor, Q: p.Q, Sort: p.Sort}
}

// ChangeInput is the condition of every PATCH.
type ChangeInput struct {
	IfMatch string `header:"If-Match" maxLength:"100" doc:"the ETag of the object as it was read; 412 if somebody has changed it since"`
}

// version gives the version that If-Match names (RFC 9110, 13.1.1), nil if there is none. A weak tag counts: a proxy that compresses
// weakens ours. What is no tag of ours matches nothing.
func (c ChangeInput) version() (*int64, error) {
	tag := strings.TrimSpace(c.IfMatch)
	if tag == "" || tag == "*" {
		return nil, nil
	}
	text := strings.TrimPrefix(tag, "W/")
	if len(text) < 3 || text[0] != '"' || text[len(text)-1] != '"' {
		return nil, auth.ErrChanged
	}
	v, err := strconv.ParseInt(text[1:len(text)-1], 10, 64)
	if err != nil {
		return nil, auth.ErrChanged
	}
	return &v, nil
}

func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// object is the answer that shows one object.
type object[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// created is the answer to the making of one.
type created[T any] struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     T
}

// nothing is the answer without a body: 204.
type nothing struct{}

// utc gives a time as answers show it: in milliseconds, with Z.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// utcOr gives nil for no time.
func utcOr(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	u := utc(*t)
	return &u
}

// caller gives who asks. The gate has let nobody else through to a route with a role.
func caller(ctx context.Context) auth.Principal {
	p, _ := auth.PrincipalFrom(ctx)
	return p
}

const noContent = http.StatusNoContent
