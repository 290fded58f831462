package api

import (
	"context"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

// Group is a living set of cameras: a grant to it is a grant to whatever cameras it holds at the moment.
type Group struct {
	ID        string    `json:"id" readOnly:"true"`
	Name      string    `json:"name"`
	Notes     string    `json:"notes"`
	Cameras   int       `json:"cameras" readOnly:"true" doc:"how many it holds; GET /cameras?group= lists them"`
	Users     int       `json:"users" readOnly:"true" doc:"how many were granted it"`
	Version   int64     `json:"version" readOnly:"true"`
	CreatedAt time.Time `json:"created_at" readOnly:"true"`
	UpdatedAt time.Time `json:"updated_at" readOnly:"true"`
}

func showGroup(g camera.Group) Group {
	return Group{
		ID: string(g.ID), Name: g.Name, Notes: g.Notes, Cameras: g.Cameras, Users: g.Users, Version: g.Version,
		CreatedAt: utc(g.CreatedAt), UpdatedAt: utc(g.UpdatedAt),
	}
}

func (a *API) listGroups(ctx context.Context, in *struct{ PageInput }) (*listOutput[Group], error) {
	page, err := a.cameras.Groups(ctx, in.query())
	if err != nil {
		return nil, err
	}
	return listing(page, showGroup), nil
}

// NewGroup is what a group is made from.
type NewGroup struct {
	Name  string  `json:"name"`
	Notes *string `json:"notes,omitempty" nullable:"true"`
}

func (a *API) createGroup(ctx context.Context, in *struct{ Body NewGroup }) (*created[Group], error) {
	g, err := a.cameras.CreateGroup(ctx, caller(ctx), camera.NewGroup{Name: in.Body.Name, Notes: value(in.Body.Notes)})
	if err != nil {
		return nil, err
	}
	return &created[Group]{ETag: etag(g.Version), Location: "/api/v1/groups/" + string(g.ID), Body: showGroup(g)}, nil
}

type GroupInput struct {
	ID string `path:"id"`
}

func (a *API) getGroup(ctx context.Context, in *GroupInput) (*object[Group], error) {
	g, err := a.cameras.Group(ctx, camera.GroupID(in.ID))
	if err != nil {
		return nil, err
	}
	return &object[Group]{ETag: etag(g.Version), Body: showGroup(g)}, nil
}

// GroupPatch is what may be changed of a group.
type GroupPatch struct {
	Name  patch.Optional[string] `json:"name,omitzero"`
	Notes patch.Optional[string] `json:"notes,omitzero"`
}

func (a *API) patchGroup(ctx context.Context, in *struct {
	GroupInput
	ChangeInput
	Body GroupPatch
}) (*object[Group], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	g, err := a.cameras.PatchGroup(ctx, caller(ctx), camera.GroupID(in.ID), camera.GroupPatch(in.Body), version)
	if err != nil {
		return nil, err
	}
	return &object[Group]{ETag: etag(g.Version), Body: showGroup(g)}, nil
}

func (a *API) deleteGroup(ctx context.Context, in *GroupInput) (*nothing, error) {
	return nil, a.cameras.DeleteGroup(ctx, caller(ctx), camera.GroupID(in.ID))
}

type groupUsersInput struct {
	GroupInput
	PageInput
}

func (a *API) listGroupUsers(ctx context.Context, in *groupUsersInput) (*listOutput[CameraUser], error) {
	page, err := a.cameras.GroupUsers(ctx, camera.GroupID(in.ID), in.query())
	if err != nil {
		return nil, err
	}
	return showHolders(page), nil
}

type groupCameraInput struct {
	ID     string `path:"id"`
	Camera string `path:"camera_id"`
}

func (a *API) addToGroup(ctx context.Context, in *groupCameraInput) (*nothing, error) {
	return nil, a.cameras.AddToGroup(ctx, caller(ctx), camera.GroupID(in.ID), camera.ID(in.Camera))
}

func (a *API) removeFromGroup(ctx context.Context, in *groupCameraInput) (*nothing, error) {
	return nil, a.cameras.RemoveFromGroup(ctx, caller(ctx), camera.GroupID(in.ID), camera.ID(in.Camera))
}
