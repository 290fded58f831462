package api

import (
	"context"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// Via is one way by which somebody may watch a camera.
type Via struct {
	Kind      string     `json:"kind" enum:"grant,group,role" doc:"grant: to the camera itself; group: to a group that it is in; role: moderators and admins need no grant"`
	GroupID   string     `json:"group_id" doc:"empty but for a group"`
	GroupName string     `json:"group_name"`
	ExpiresAt *time.Time `json:"expires_at" doc:"when it ends; null: never"`
	Reason    string     `json:"reason"`
	GrantedAt *time.Time `json:"granted_at" doc:"null for a role"`
	GrantedBy string     `json:"granted_by" doc:"the name, at that time, of who gave it"`
}

func showVia(v camera.Via) Via {
	out := Via{
		Kind: "grant", GroupID: string(v.Group), GroupName: v.GroupName, ExpiresAt: utcOr(v.ExpiresAt), Reason: v.Reason,
		GrantedAt: utcOr(&v.GrantedAt), GrantedBy: v.GrantedBy,
	}
	switch {
	case v.Role:
		out.Kind = "role"
	case v.Group != "":
		out.Kind = "group"
	}
	return out
}

func showVias(vias []camera.Via) []Via {
	out := make([]Via, 0, len(vias))
	for _, v := range vias {
		out = append(out, showVia(v))
	}
	return out
}

// GrantedCamera is one of a user's cameras with the ways that lead to it.
type GrantedCamera struct {
	ID       string   `json:"id"`
	Number   int      `json:"number"`
	Name     string   `json:"name"`
	Location string   `json:"location"`
	Tags     []string `json:"tags" nullable:"false"`
	CameraState
	Via []Via `json:"via" nullable:"false"`
}

// CameraUser is somebody who was granted a camera.
type CameraUser struct {
	Person
	Via []Via `json:"via" nullable:"false"`
}

type userCamerasInput struct {
	ID string `path:"id"`
	CamerasInput
}

func (a *API) listUserCameras(ctx context.Context, in *userCamerasInput) (*listOutput[GrantedCamera], error) {
	page, err := a.cameras.UserCameras(ctx, auth.UserID(in.ID), in.listQuery())
	if err != nil {
		return nil, err
	}
	return listing(page, func(g camera.Granted) GrantedCamera {
		return GrantedCamera{
			ID: string(g.Camera.ID), Number: g.Camera.Number, Name: g.Camera.Name, Location: g.Camera.Location,
			Tags: texts(g.Camera.Tags), CameraState: a.state(g.Camera), Via: showVias(g.Via),
		}
	}), nil
}

// GrantedGroup is a group that was granted to a user.
type GrantedGroup struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Cameras   int        `json:"cameras" doc:"how many it holds"`
	ExpiresAt *time.Time `json:"expires_at" doc:"when the grant ends; null: never"`
	Reason    string     `json:"reason"`
	GrantedAt time.Time  `json:"granted_at"`
	GrantedBy string     `json:"granted_by" doc:"the name, at that time, of who gave it"`
}

func (a *API) listUserGroups(ctx context.Context, in *UserInput) (*listOutput[GrantedGroup], error) {
	groups, err := a.cameras.UserGroups(ctx, auth.UserID(in.ID))
	if err != nil {
		return nil, err
	}
	shown := make([]GrantedGroup, 0, len(groups))
	for _, g := range groups {
		v := g.Via
		shown = append(shown, GrantedGroup{
			ID: string(v.Group), Name: v.GroupName, Cameras: g.Cameras, ExpiresAt: utcOr(v.ExpiresAt), Reason: v.Reason,
			GrantedAt: utc(v.GrantedAt), GrantedBy: v.GrantedBy,
		})
	}
	return whole(shown), nil
}

type cameraUsersInput struct {
	CameraInput
	PageInput
}

func (a *API) listCameraUsers(ctx context.Context, in *cameraUsersInput) (*listOutput[CameraUser], error) {
	page, err := a.cameras.CameraUsers(ctx, camera.ID(in.ID), in.query())
	if err != nil {
		return nil, err
	}
	return showHolders(page), nil
}

func showHolders(page paging.Page[camera.Holder]) *listOutput[CameraUser] {
	return listing(page, func(h camera.Holder) CameraUser { return CameraUser{Person: showPerson(h.User), Via: showVias(h.Via)} })
}

// GrantTerms are what a grant is given under.
type GrantTerms struct {
	ExpiresAt *time.Time `json:"expires_at,omitempty" nullable:"true" doc:"when it ends; null or absent: never"`
	Reason    *string    `json:"reason,omitempty" nullable:"true"`
}

func (t *GrantTerms) terms() camera.Terms {
	if t == nil {
		return camera.Terms{}
	}
	return camera.Terms{ExpiresAt: t.ExpiresAt, Reason: value(t.Reason)}
}

type CameraGrantInput struct {
	ID     string `path:"id"`
	Camera string `path:"camera_id"`
}

func (a *API) grantCamera(ctx context.Context, in *struct {
	CameraGrantInput
	Body *GrantTerms
}) (*nothing, error) {
	return nil, a.cameras.Grant(ctx, caller(ctx), auth.UserID(in.ID), camera.ID(in.Camera), in.Body.terms())
}

func (a *API) revokeCamera(ctx context.Context, in *CameraGrantInput) (*nothing, error) {
	return nil, a.cameras.Revoke(ctx, caller(ctx), auth.UserID(in.ID), camera.ID(in.Camera))
}

type GroupGrantInput struct {
	ID    string `path:"id"`
	Group string `path:"group_id"`
}

func (a *API) grantGroup(ctx context.Context, in *struct {
	GroupGrantInput
	Body *GrantTerms
}) (*nothing, error) {
	return nil, a.cameras.GrantGroup(ctx, caller(ctx), auth.UserID(in.ID), camera.GroupID(in.Group), in.Body.terms())
}

func (a *API) revokeGroup(ctx context.Context, in *GroupGrantInput) (*nothing, error) {
	return nil, a.cameras.RevokeGroup(ctx, caller(ctx), auth.UserID(in.ID), camera.GroupID(in.Group))
}
