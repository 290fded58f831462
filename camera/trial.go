package camera

import (
	"context"
	"fmt"

	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

// Trial asks how a camera would be dialled: a new one, or one that is there with some of it changed.
type Trial struct {
	Camera    ID // empty: a camera that is not there yet
	Address   patch.Optional[string]
	Username  patch.Optional[string]
	Password  patch.Optional[Password]
	Transport patch.Optional[Transport]
}

// Tried is how it would be.
type Tried struct {
	// Target is what to dial. Its Kind is that of the camera's stream which is dialled just so; empty if none is, also for a camera that is not
	// there yet.
	Target Target
	Camera Camera // the zero value for one that is not there yet
}

// Try judges a Trial as Create and Patch do, and keeps nothing. ErrNotFound, ErrInvalid with Fields, ErrPasswordRequired: a stored password
// goes nowhere new.
func (s *Service) Try(ctx context.Context, t Trial) (Tried, error) {
	if t.Camera == "" {
		n := NewCamera{
			Name: "-", Address: t.Address.Value, Username: t.Username.Value, Password: t.Password.Value, Transport: t.Transport.Value,
		}
		d, fail := n.draft()
		if len(fail.Fields) > 0 {
			return Tried{}, fail
		}
		target := mainTarget(d.record, d.secret)
		target.Kind = ""
		return Tried{Target: target}, nil
	}
	r, err := s.store.Camera(ctx, t.Camera)
	if err != nil {
		return Tried{}, fmt.Errorf("look for the camera to try: %w", err)
	}
	old, err := s.open(r)
	if err != nil {
		return Tried{}, fmt.Errorf("look for the camera to try: %w", err)
	}
	next, _, err := Patch{Address: t.Address, Username: t.Username, Password: t.Password, Transport: t.Transport}.
		apply(draft{record: r, secret: old})
	if err != nil {
		return Tried{}, err
	}
	out := Tried{Target: mainTarget(next.record, next.secret), Camera: s.camera(r)}
	stored := mainTarget(r, old)
	if out.Target == stored {
		return out, nil
	}
	stored.Address = old.SubAddress
	if out.Target == stored {
		out.Target.Kind = Sub
		return out, nil
	}
	out.Target.Kind = ""
	return out, nil
}
