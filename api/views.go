package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fold"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

// The refusals of a list that api itself sorts, as store words those of its lists.
var (
	errSort   = fault.New(fault.Invalid, "paging.sort", "this list can't be sorted like that").At("sort", "paging.sort")
	errCursor = fault.New(fault.Invalid, "paging.cursor", "this cursor does not belong to this list; begin with the first page").At("cursor", "paging.cursor")
)

// ViewOfCamera is one tile or player that shows a camera now.
type ViewOfCamera struct {
	ID        string     `json:"id" doc:"for DELETE /views/{id}"`
	View      string     `json:"view" doc:"the page's own id for it"`
	User      Person     `json:"user"`
	Camera    CameraName `json:"camera"`
	Transport string     `json:"transport" enum:"webrtc,whep,hls"`
	Label     string     `json:"label" doc:"what the page calls its screen"`
	Remote    string     `json:"remote" doc:"the client's address"`
	Node      string     `json:"node" doc:"the gateway that serves it; empty for one alone"`
	OpenedAt  time.Time  `json:"opened_at"`
}

// CameraName names a camera.
type CameraName struct {
	ID     string `json:"id"`
	Number int    `json:"number"`
	Name   string `json:"name"`
}

func showView(w viewers.Watching) ViewOfCamera {
	return ViewOfCamera{
		ID: w.Ref(), View: string(w.View),
		User:      Person{ID: string(w.User), Login: w.Login, Name: w.Person, Kind: string(w.Kind)},
		Camera:    CameraName{ID: string(w.Camera), Number: w.Number, Name: w.Name},
		Transport: string(w.Transport), Label: w.Label, Remote: w.Remote, Node: w.Node, OpenedAt: utc(w.OpenedAt),
	}
}

// ViewsInput is the query of what is watched now.
type ViewsInput struct {
	PageInput
	User   string `query:"user" maxLength:"100" doc:"only this user's"`
	Camera string `query:"camera" maxLength:"100" doc:"only of this camera"`
}

// viewOrders are what views are sorted by, each as text that sorts byte by byte.
var viewOrders = map[string]func(viewers.Watching) string{
	"opened_at": func(w viewers.Watching) string { return w.OpenedAt.UTC().Format("2006-01-02T15:04:05.000000000") },
	"user":      func(w viewers.Watching) string { return fold.Key(w.Person + "\n" + w.Login) },
	"camera":    func(w viewers.Watching) string { return fmt.Sprintf("%020d", w.Number) },
	"transport": func(w viewers.Watching) string { return string(w.Transport) },
}

// shows reports whether the query asks for w.
func (in ViewsInput) shows(w viewers.Watching) bool {
	if in.User != "" && string(w.User) != in.User || in.Camera != "" && string(w.Camera) != in.Camera {
		return false
	}
	text := fold.Text(strings.Join([]string{w.Login, w.Person, strconv.Itoa(w.Number), w.Name, w.Label, w.Remote}, " / "))
	for word := range strings.FieldsSeq(fold.Text(in.Q)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// page gives the part of what is watched that the query asks for. Views come and go between two pages, so a cursor holds the place of the
// last one in the order, not a count.
func (in ViewsInput) page(watching []viewers.Watching) (paging.Page[viewers.Watching], error) {
	var page paging.Page[viewers.Watching]
	sort, descending := strings.CutPrefix(in.Sort, "-")
	if in.Sort == "" {
		sort = "opened_at"
	}
	by, ok := viewOrders[sort]
	if !ok {
		return page, errSort
	}
	place := func(w viewers.Watching) []string { return []string{by(w), w.Ref()} }
	compare := func(a, b []string) int {
		if descending {
			a, b = b, a
		}
		return slices.Compare(a, b)
	}
	var after []string
	if in.Cursor != "" {
		raw, err := base64.RawURLEncoding.DecodeString(in.Cursor)
		if err != nil || json.Unmarshal(raw, &after) != nil || len(after) != 3 || after[2] != in.Sort {
			return page, errCursor
		}
		after = after[:2]
	}
	found := slices.DeleteFunc(watching, func(w viewers.Watching) bool { return !in.shows(w) })
	page.Total = len(found)
	slices.SortFunc(found, func(a, b viewers.Watching) int { return compare(place(a), place(b)) })
	if after != nil {
		found = slices.DeleteFunc(found, func(w viewers.Watching) bool { return compare(place(w), after) <= 0 })
	}
	limit := in.query().Bounded()
	if len(found) > limit {
		found = found[:limit]
		text, err := json.Marshal(append(place(found[limit-1]), in.Sort))
		if err != nil {
			return page, err
		}
		page.NextCursor = base64.RawURLEncoding.EncodeToString(text)
	}
	page.Items = found
	return page, nil
}

func (a *API) listViews(ctx context.Context, in *ViewsInput) (*listOutput[ViewOfCamera], error) {
	watching, err := a.viewers.List(ctx)
	if err != nil {
		return nil, err
	}
	page, err := in.page(watching)
	if err != nil {
		return nil, err
	}
	return listing(page, showView), nil
}

func (a *API) listMyViews(ctx context.Context, _ *struct{}) (*listOutput[ViewOfCamera], error) {
	watching, err := a.viewers.ListUser(ctx, caller(ctx).User.ID)
	if err != nil {
		return nil, err
	}
	return listing(paging.Page[viewers.Watching]{Items: watching, Total: len(watching)}, showView), nil
}

// endView ends a view: one's own by either of its ids, anybody's for a moderator. Other people's views do not exist for a user.
func (a *API) endView(ctx context.Context, in *struct {
	ID string `path:"id"`
}) (*nothing, error) {
	by := caller(ctx)
	place, err := viewers.ParseRef(in.ID)
	if err != nil {
		place = viewers.Place{User: by.User.ID, View: viewers.ViewID(in.ID)}
	}
	if place.User != by.User.ID && !by.Role().Allows(auth.RoleModerator) {
		return nil, viewers.ErrNoView
	}
	return nil, a.viewers.EndView(ctx, by, place)
}
