package api

import (
	"context"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// CameraState is how a camera is doing: its main stream while somebody watches it, else what was last found out.
type CameraState struct {
	State  string     `json:"state" readOnly:"true" enum:"unknown,reachable,connecting,live,stalled,refused,unsupported" doc:"unknown: nobody watches it and nobody has asked it; reachable: it answers, and nobody watches it"`
	Code   string     `json:"state_code" readOnly:"true" doc:"why; empty for a healthy camera" example:"camera.timeout"`
	Since  *time.Time `json:"state_since" readOnly:"true" doc:"null while unknown"`
	SeenAt *time.Time `json:"seen_at" readOnly:"true" doc:"when it last answered or showed a picture; null: never"`
}

// state shows how a camera is doing. A stream of this gateway says it before the records do.
func (a *API) state(c camera.Camera) CameraState {
	s := c.Standing
	out := CameraState{State: string(s.State), Code: s.Code, Since: utcOr(&s.Since), SeenAt: utcOr(&s.SeenAt)}
	if live, ok := a.relay.State(relay.Key{Camera: c.ID, Kind: camera.Main}); ok {
		out.State, out.Code, out.Since = string(live.Status), live.Code, utcOr(&live.Since)
		if live.Status == relay.Live {
			now := utc(a.now())
			out.SeenAt = &now
		}
	}
	if out.State == string(camera.StateUnknown) {
		out.Since = nil
	}
	return out
}

// Camera is a camera as moderators see it. The password never comes out.
type Camera struct {
	ID          string   `json:"id" readOnly:"true"`
	Number      int      `json:"number" doc:"the short number by which people call it"`
	Name        string   `json:"name"`
	Location    string   `json:"location"`
	Tags        []string `json:"tags" nullable:"false"`
	Notes       string   `json:"notes"`
	Address     string   `json:"address" doc:"without credentials"`
	SubAddress  string   `json:"sub_address" doc:"the low-resolution stream; may be empty"`
	Username    string   `json:"username"`
	HasPassword bool     `json:"has_password" readOnly:"true"`
	Transport   string   `json:"transport" enum:"auto,tcp,udp"`
	Sweep       bool     `json:"sweep" doc:"ask it now and then whether it answers, while nobody watches it"`
	CameraState
	Views     int       `json:"views" readOnly:"true" doc:"how many show it now"`
	Passport  *Passport `json:"passport" readOnly:"true" doc:"what the last probe found; null before, and after a change of how the camera is dialled"`
	Version   int64     `json:"version" readOnly:"true" doc:"rises with every change; the ETag"`
	CreatedAt time.Time `json:"created_at" readOnly:"true"`
	UpdatedAt time.Time `json:"updated_at" readOnly:"true"`
}

// showCamera shows a camera; views are counted by camera.
func (a *API) showCamera(c camera.Camera, views map[camera.ID]int) Camera {
	return Camera{
		ID: string(c.ID), Number: c.Number, Name: c.Name, Location: c.Location, Tags: texts(c.Tags), Notes: c.Notes,
		Address: c.Address, SubAddress: c.SubAddress, Username: c.Username, HasPassword: c.HasPassword,
		Transport: string(c.Transport), Sweep: c.Sweep, CameraState: a.state(c), Views: views[c.ID], Passport: showPassport(c.Passport, c.ID),
		Version: c.Version, CreatedAt: utc(c.CreatedAt), UpdatedAt: utc(c.UpdatedAt),
	}
}

// object shows one camera as it is answered alone.
func (a *API) object(ctx context.Context, c camera.Camera) (*object[Camera], error) {
	views, err := a.viewers.ByCamera(ctx)
	if err != nil {
		return nil, err
	}
	return &object[Camera]{ETag: etag(c.Version), Body: a.showCamera(c, views)}, nil
}

// texts gives a list that is never null in JSON.
func texts(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// CamerasInput is the query of every list of cameras.
type CamerasInput struct {
	PageInput
	State []string `query:"state,explode" maxItems:"7" enum:"unknown,reachable,connecting,live,stalled,refused,unsupported" doc:"only cameras in one of these states; repeatable"`
	Tag   []string `query:"tag,explode" maxItems:"32" doc:"only cameras with all of these tags; repeatable"`
	Group string   `query:"group" maxLength:"100" doc:"only cameras in this group"`
}

func (in CamerasInput) listQuery() camera.ListQuery {
	q := camera.ListQuery{Query: in.query(), Tags: in.Tag, Group: camera.GroupID(in.Group)}
	for _, s := range in.State {
		q.States = append(q.States, camera.State(s))
	}
	return q
}

type allCamerasInput struct {
	CamerasInput
	Transport string   `query:"transport" enum:"auto,tcp,udp" doc:"only cameras with this transport"`
	Passport  []string `query:"passport,explode" maxItems:"5" enum:"none,failed,uncarried,advice,well" doc:"only cameras whose last probe came to this: no picture, none that a browser can be shown, something to change, all well; repeatable"`
}

func (a *API) listCameras(ctx context.Context, in *allCamerasInput) (*listOutput[Camera], error) {
	q := in.listQuery()
	q.Transport = camera.Transport(in.Transport)
	q.Outcomes = idsOf[camera.Outcome](in.Passport)
	page, err := a.cameras.List(ctx, q)
	if err != nil {
		return nil, err
	}
	views, err := a.viewers.ByCamera(ctx)
	if err != nil {
		return nil, err
	}
	return listing(page, func(c camera.Camera) Camera { return a.showCamera(c, views) }), nil
}

// Tag is a tag in use.
type Tag struct {
	Tag     string `json:"tag" doc:"as one of the cameras has it written; case and ё make no other tag"`
	Cameras int    `json:"cameras" doc:"how many have it"`
}

func (a *API) listTags(ctx context.Context, in *struct{ PageInput }) (*listOutput[Tag], error) {
	page, err := a.cameras.Tags(ctx, in.query())
	if err != nil {
		return nil, err
	}
	return listing(page, func(t camera.Tag) Tag { return Tag(t) }), nil
}

type CameraInput struct {
	ID string `path:"id"`
}

func (a *API) getCamera(ctx context.Context, in *CameraInput) (*object[Camera], error) {
	c, err := a.cameras.Get(ctx, camera.ID(in.ID))
	if err != nil {
		return nil, err
	}
	return a.object(ctx, c)
}

// NewCamera is what a camera is made from.
type NewCamera struct {
	Number     *int     `json:"number,omitempty" nullable:"true" doc:"assigned if absent; never reused"`
	Name       string   `json:"name"`
	Location   *string  `json:"location,omitempty" nullable:"true"`
	Tags       []string `json:"tags,omitempty"`
	Notes      *string  `json:"notes,omitempty" nullable:"true"`
	Address    string   `json:"address" doc:"rtsp:// or rtsps://; credentials in it are taken out and kept apart"`
	SubAddress *string  `json:"sub_address,omitempty" nullable:"true"`
	Username   *string  `json:"username,omitempty" nullable:"true"`
	Password   *string  `json:"password,omitempty" nullable:"true" writeOnly:"true"`
	Transport  *string  `json:"transport,omitempty" nullable:"true" enum:"auto,tcp,udp"`
	Sweep      *bool    `json:"sweep,omitempty" nullable:"true" doc:"true if absent"`
}

func (a *API) createCamera(ctx context.Context, in *struct{ Body NewCamera }) (*created[Camera], error) {
	b := in.Body
	n := camera.NewCamera{
		Number: value(b.Number), Name: b.Name, Location: value(b.Location), Tags: b.Tags, Notes: value(b.Notes), Address: b.Address,
		SubAddress: value(b.SubAddress), Username: value(b.Username), Password: camera.NewPassword(value(b.Password)),
		Transport: camera.Transport(value(b.Transport)), Sweep: b.Sweep,
	}
	c, err := a.cameras.Create(ctx, caller(ctx), n)
	if err != nil {
		return nil, err
	}
	return &created[Camera]{ETag: etag(c.Version), Location: "/api/v1/cameras/" + string(c.ID), Body: a.showCamera(c, nil)}, nil
}

// value gives what p points to, or the zero value.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// CameraPatch is what may be changed of a camera. Read-only fields of a whole object are ignored.
type CameraPatch struct {
	Number     patch.Optional[int]      `json:"number,omitzero"`
	Name       patch.Optional[string]   `json:"name,omitzero"`
	Location   patch.Optional[string]   `json:"location,omitzero"`
	Tags       patch.Optional[[]string] `json:"tags,omitzero"`
	Notes      patch.Optional[string]   `json:"notes,omitzero"`
	Address    patch.Optional[string]   `json:"address,omitzero"`
	SubAddress patch.Optional[string]   `json:"sub_address,omitzero"`
	Username   patch.Optional[string]   `json:"username,omitzero"`
	Password   patch.Optional[string]   `json:"password,omitzero" writeOnly:"true" doc:"absent keeps it, null takes it away; must be sent again with a new host, port or scheme"`
	Transport  patch.Optional[string]   `json:"transport,omitzero" enum:"auto,tcp,udp"`
	Sweep      patch.Optional[bool]     `json:"sweep,omitzero"`
}

func (a *API) patchCamera(ctx context.Context, in *struct {
	CameraInput
	ChangeInput
	Body CameraPatch
}) (*object[Camera], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	b := in.Body
	p := camera.Patch{
		Number: b.Number, Name: b.Name, Location: b.Location, Tags: b.Tags, Notes: b.Notes, Address: b.Address, SubAddress: b.SubAddress,
		Username: b.Username, Password: as(b.Password, camera.NewPassword),
		Transport: as(b.Transport, func(s string) camera.Transport { return camera.Transport(s) }), Sweep: b.Sweep,
	}
	c, err := a.cameras.Patch(ctx, caller(ctx), camera.ID(in.ID), p, version)
	if err != nil {
		return nil, err
	}
	return a.object(ctx, c)
}

// as gives a field of a PATCH in the domain's type.
func as[From, To any](o patch.Optional[From], convert func(From) To) patch.Optional[To] {
	out := patch.Optional[To]{Set: o.Set, Null: o.Null}
	if o.Set && !o.Null {
		out.Value = convert(o.Value)
	}
	return out
}

func (a *API) deleteCamera(ctx context.Context, in *struct {
	CameraInput
	Force bool `query:"force" doc:"delete it although it is in use"`
}) (*nothing, error) {
	force := camera.IfUnused
	if in.Force {
		force = camera.Forced
	}
	return nil, a.cameras.Delete(ctx, caller(ctx), camera.ID(in.ID), force)
}
