package api

import (
	"context"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// CameraSet are the fields that may be set of many cameras at once.
type CameraSet struct {
	Transport *string `json:"transport,omitempty" enum:"auto,tcp,udp"`
	Location  *string `json:"location,omitempty" doc:"empty clears it"`
	Sweep     *bool   `json:"sweep,omitempty"`
}

// CamerasChange is what is done to many cameras at once.
type CamerasChange struct {
	IDs          []string   `json:"ids" minItems:"1" maxItems:"1000"`
	Set          *CameraSet `json:"set,omitempty"`
	AddTags      []string   `json:"add_tags,omitempty" maxItems:"32"`
	RemoveTags   []string   `json:"remove_tags,omitempty" maxItems:"32"`
	AddGroups    []string   `json:"add_groups,omitempty" maxItems:"100"`
	RemoveGroups []string   `json:"remove_groups,omitempty" maxItems:"100"`
}

// CameraFailure is a camera to which it could not be done.
type CameraFailure struct {
	ID   string `json:"id"`
	Code string `json:"code" example:"camera.not_found"`
}

// CamerasChanged says what became of them.
type CamerasChanged struct {
	Changed   int             `json:"changed"`
	Unchanged int             `json:"unchanged" doc:"they were so already"`
	Failed    []CameraFailure `json:"failed" nullable:"false"`
}

func (a *API) changeCameras(ctx context.Context, in *struct{ Body CamerasChange }) (*struct{ Body CamerasChanged }, error) {
	b := in.Body
	c := camera.BulkChange{
		AddTags: b.AddTags, RemoveTags: b.RemoveTags, AddGroups: idsOf[camera.GroupID](b.AddGroups), RemoveGroups: idsOf[camera.GroupID](b.RemoveGroups),
	}
	if b.Set != nil {
		c.Location, c.Sweep = b.Set.Location, b.Set.Sweep
		if b.Set.Transport != nil {
			t := camera.Transport(*b.Set.Transport)
			c.Transport = &t
		}
	}
	result, err := a.cameras.ChangeMany(ctx, caller(ctx), idsOf[camera.ID](b.IDs), c)
	if err != nil {
		return nil, err
	}
	out := CamerasChanged{Changed: result.Changed, Unchanged: result.Unchanged, Failed: make([]CameraFailure, 0, len(result.Failed))}
	for _, f := range result.Failed {
		out.Failed = append(out.Failed, CameraFailure{ID: string(f.ID), Code: f.Code})
	}
	return &struct{ Body CamerasChanged }{out}, nil
}

// idsOf gives ids in the domain's type.
func idsOf[To ~string](from []string) []To {
	to := make([]To, len(from))
	for i, id := range from {
		if !isText(id) { // no id of ours, and PostgreSQL can't be asked for it
			id = "?"
		}
		to[i] = To(id)
	}
	return to
}

// CamerasDeletion names many cameras to delete.
type CamerasDeletion struct {
	IDs   []string `json:"ids" minItems:"1" maxItems:"1000"`
	Force bool     `json:"force,omitempty" doc:"delete those in use too"`
}

// CameraInUse is a camera that was not deleted, with what hangs on it.
type CameraInUse struct {
	ID        string `json:"id"`
	Code      string `json:"code" example:"camera.in_use"`
	Views     int    `json:"views"`
	Grants    int    `json:"grants"`
	Groups    int    `json:"groups"`
	Favorites int    `json:"favorites"`
}

// CamerasDeleted says what became of them.
type CamerasDeleted struct {
	Deleted int           `json:"deleted"`
	Failed  []CameraInUse `json:"failed" nullable:"false"`
}

func (a *API) deleteCameras(ctx context.Context, in *struct{ Body CamerasDeletion }) (*struct{ Body CamerasDeleted }, error) {
	force := camera.IfUnused
	if in.Body.Force {
		force = camera.Forced
	}
	deleted, failed, err := a.cameras.DeleteMany(ctx, caller(ctx), idsOf[camera.ID](in.Body.IDs), force)
	if err != nil {
		return nil, err
	}
	out := CamerasDeleted{Deleted: deleted, Failed: make([]CameraInUse, 0, len(failed))}
	for _, f := range failed {
		out.Failed = append(out.Failed, CameraInUse{
			ID: string(f.ID), Code: f.Code, Views: f.Hanging.Views, Grants: f.Hanging.Grants, Groups: f.Hanging.Groups, Favorites: f.Hanging.Favourites,
		})
	}
	return &struct{ Body CamerasDeleted }{out}, nil
}

// GrantPairs names each of the users with each of the cameras and groups, at most 10,000 pairs.
type GrantPairs struct {
	Users   []string `json:"users" minItems:"1" maxItems:"10000"`
	Cameras []string `json:"cameras,omitempty" maxItems:"10000"`
	Groups  []string `json:"groups,omitempty" maxItems:"10000"`
}

func (p GrantPairs) pairs() camera.Pairs {
	return camera.Pairs{Users: idsOf[auth.UserID](p.Users), Cameras: idsOf[camera.ID](p.Cameras), Groups: idsOf[camera.GroupID](p.Groups)}
}

// ManyGrants are grants of many at once on the same terms.
type ManyGrants struct {
	GrantPairs
	GrantTerms
}

// GrantsGiven says what became of them.
type GrantsGiven struct {
	Given     int `json:"given"`
	Unchanged int `json:"unchanged" doc:"given before on the same terms"`
}

func (a *API) grantMany(ctx context.Context, in *struct{ Body ManyGrants }) (*struct{ Body GrantsGiven }, error) {
	given, unchanged, err := a.cameras.GrantMany(ctx, caller(ctx), in.Body.pairs(), in.Body.terms())
	if err != nil {
		return nil, err
	}
	return &struct{ Body GrantsGiven }{GrantsGiven{Given: given, Unchanged: unchanged}}, nil
}

// GrantsWithdrawn says how many there were.
type GrantsWithdrawn struct {
	Withdrawn int `json:"withdrawn"`
}

func (a *API) withdrawMany(ctx context.Context, in *struct{ Body GrantPairs }) (*struct{ Body GrantsWithdrawn }, error) {
	withdrawn, err := a.cameras.WithdrawMany(ctx, caller(ctx), in.Body.pairs())
	if err != nil {
		return nil, err
	}
	return &struct{ Body GrantsWithdrawn }{GrantsWithdrawn{Withdrawn: withdrawn}}, nil
}

// GrantsCopy says whose grants to copy, and what becomes of those that are there.
type GrantsCopy struct {
	From string `json:"from" doc:"the user whose grants are copied"`
	Mode string `json:"mode" enum:"add,replace" doc:"add: what there is stays as it is; replace: afterwards both have the same"`
}

// GrantsCopied says what it came to.
type GrantsCopied struct {
	Given     int `json:"given"`
	Withdrawn int `json:"withdrawn"`
}

func (a *API) copyGrants(ctx context.Context, in *struct {
	ID   string `path:"id"`
	Body *GrantsCopy
}) (*struct{ Body GrantsCopied }, error) {
	how, from := camera.CopyAdd, auth.UserID("")
	if in.Body != nil {
		from = idsOf[auth.UserID]([]string{in.Body.From})[0]
		if in.Body.Mode == "replace" {
			how = camera.CopyReplace
		}
	}
	given, withdrawn, err := a.cameras.CopyGrants(ctx, caller(ctx), auth.UserID(in.ID), from, how)
	if err != nil {
		return nil, err
	}
	return &struct{ Body GrantsCopied }{GrantsCopied{Given: given, Withdrawn: withdrawn}}, nil
}
