package api

import (
	"context"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
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

func showViews(watching []viewers.Watching) *listOutput[ViewOfCamera] {
	views := make([]ViewOfCamera, 0, len(watching))
	for _, w := range watching {
		views = append(views, ViewOfCamera{
			ID: w.Ref(), View: string(w.View), User: Person{ID: string(w.User), Login: w.Login, Name: w.Person},
			Camera:    CameraName{ID: string(w.Camera), Number: w.Number, Name: w.Name},
			Transport: string(w.Transport), Label: w.Label, Remote: w.Remote, Node: w.Node, OpenedAt: utc(w.OpenedAt),
		})
	}
	return whole(views)
}

func (a *API) listViews(ctx context.Context, _ *struct{}) (*listOutput[ViewOfCamera], error) {
	watching, err := a.viewers.List(ctx)
	if err != nil {
		return nil, err
	}
	return showViews(watching), nil
}

func (a *API) listMyViews(ctx context.Context, _ *struct{}) (*listOutput[ViewOfCamera], error) {
	watching, err := a.viewers.ListUser(ctx, caller(ctx).User.ID)
	if err != nil {
		return nil, err
	}
	return showViews(watching), nil
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
