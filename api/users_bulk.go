package api

import (
	"context"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

var errNothingSet = fault.New(fault.Invalid, "request.invalid", "some fields are wrong").At("set", "required")

// UsersBulk changes many accounts at once, in one transaction.
type UsersBulk struct {
	IDs []string `json:"ids" minItems:"1" maxItems:"1000" nullable:"false"`
	Set UsersSet `json:"set"`
}

// UsersSet is what may be set for many: absent fields stay.
type UsersSet struct {
	ViewsLimit patch.Optional[int]    `json:"views_limit,omitzero" doc:"null: the gateway's default"`
	Banned     patch.Optional[bool]   `json:"banned,omitzero"`
	Role       patch.Optional[string] `json:"role,omitzero" enum:"user,moderator,admin"`
	Language   patch.Optional[string] `json:"language,omitzero"`
}

// UsersChanged is what became of it.
type UsersChanged struct {
	Changed   int          `json:"changed"`
	Unchanged int          `json:"unchanged" doc:"had these values already"`
	Failed    []UserFailed `json:"failed" nullable:"false"`
}

// UserFailed is somebody who could not be changed.
type UserFailed struct {
	ID   string `json:"id"`
	Code string `json:"code" example:"user.last_admin"`
}

func (a *API) bulkUsers(ctx context.Context, in *struct{ Body UsersBulk }) (*struct{ Body UsersChanged }, error) {
	change, err := UserPatch{
		ViewsLimit: in.Body.Set.ViewsLimit, Banned: in.Body.Set.Banned, Role: in.Body.Set.Role, Language: in.Body.Set.Language,
	}.change()
	switch {
	case in.Body.Set == UsersSet{}:
		return nil, errNothingSet
	case err != nil:
		return nil, within("set", err)
	}
	var ids []auth.UserID
	seen := map[string]bool{}
	for _, id := range in.Body.IDs {
		if !isText(id) { // no id of ours, and PostgreSQL can't be asked for it
			id = "?"
		}
		if !seen[id] {
			seen[id] = true
			ids = append(ids, auth.UserID(id))
		}
	}
	b, err := a.auth.PatchUsers(ctx, caller(ctx), ids, change)
	if err != nil {
		return nil, within("set", err)
	}
	out := UsersChanged{Changed: b.Changed, Unchanged: b.Unchanged, Failed: []UserFailed{}}
	for _, f := range b.Failed {
		out.Failed = append(out.Failed, UserFailed{ID: string(f.ID), Code: fault.CodeOf(f.Err)})
	}
	return &struct{ Body UsersChanged }{out}, nil
}

// within names the faulty fields of an error by their place in an object of the body.
func within(object string, err error) error {
	f := fault.From(err)
	if len(f.Fields) == 0 {
		return err
	}
	moved := *f
	moved.Fields = nil
	for _, field := range f.Fields {
		moved = *moved.At(object+"."+field.Path, field.Code)
	}
	return &moved
}
