package camera

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// Create adds a camera. ErrInvalid with Fields, ErrNumberTaken, ErrNumberRetired.
func (s *Service) Create(ctx context.Context, by auth.Principal, n NewCamera) (Camera, error) {
	d, fail := n.draft()
	if len(fail.Fields) > 0 {
		return Camera{}, fail
	}
	id, err := newID()
	if err != nil {
		return Camera{}, fmt.Errorf("add a camera: %w", err)
	}
	r := d.record
	r.ID = ID(id)
	r.CreatedAt = s.at()
	r.UpdatedAt = r.CreatedAt
	if r.Sealed, err = s.seal(r.ID, d.secret); err != nil {
		return Camera{}, fmt.Errorf("add a camera: %w", err)
	}
	e := s.event(events.CameraCreated, by)
	e.Camera = subject(r)
	if r, err = s.store.CreateCamera(ctx, r, e); err != nil {
		return Camera{}, fmt.Errorf("add a camera: %w", err)
	}
	e.Camera = subject(r) // with the number that the store gave
	s.done(e)
	return s.camera(r), nil
}

// Get gives a camera as moderators see it. ErrNotFound.
func (s *Service) Get(ctx context.Context, id ID) (Camera, error) {
	r, err := s.store.Camera(ctx, id)
	if err != nil {
		return Camera{}, fmt.Errorf("get a camera: %w", err)
	}
	return s.camera(r), nil
}

// List gives a page of all cameras as moderators see them.
func (s *Service) List(ctx context.Context, q ListQuery) (paging.Page[Camera], error) {
	found, err := s.store.Cameras(ctx, q)
	if err != nil {
		return paging.Page[Camera]{}, fmt.Errorf("list cameras: %w", err)
	}
	page := paging.Page[Camera]{NextCursor: found.NextCursor, Total: found.Total, Items: make([]Camera, len(found.Items))}
	for i, r := range found.Items {
		page.Items[i] = s.camera(r)
	}
	return page, nil
}

// Patch changes a camera; without a difference it changes nothing, not even the version. ifVersion, unless nil, must be the camera's
// version. ErrNotFound, ErrVersion, ErrInvalid with Fields, ErrPasswordRequired, ErrNumberTaken, ErrNumberRetired.
//
// A stored password goes nowhere new: if the change makes the gateway dial a scheme, host and port that it did not dial for this
// camera before, the password must be sent again, alone or inside the address; else whoever may edit a camera could have its password
// sent to a machine of theirs.
func (s *Service) Patch(ctx context.Context, by auth.Principal, id ID, p Patch, ifVersion *int64) (Camera, error) {
	for {
		r, err := s.store.Camera(ctx, id)
		if err != nil {
			return Camera{}, fmt.Errorf("change a camera: %w", err)
		}
		if ifVersion != nil && *ifVersion != r.Version {
			return Camera{}, auth.Changed(r.Version)
		}
		old, err := s.open(r)
		if err != nil && !p.Address.Set { // with a new address, what does not open is written anew
			return Camera{}, fmt.Errorf("change a camera: %w", err)
		}
		next, fields, err := p.apply(draft{record: r, secret: old})
		if err != nil {
			return Camera{}, err
		}
		if len(fields) == 0 {
			return s.camera(r), nil
		}
		changed := next.record
		changed.UpdatedAt = s.at()
		if next.secret != old {
			if changed.Sealed, err = s.seal(id, next.secret); err != nil {
				return Camera{}, fmt.Errorf("change a camera: %w", err)
			}
		}
		e := s.event(events.CameraChanged, by)
		e.Camera = subject(changed)
		e.Fields = fields
		changed, err = s.store.UpdateCamera(ctx, changed, e)
		switch {
		case err == nil:
			s.done(e)
			return s.camera(changed), nil
		case errors.Is(err, ErrVersion) && ifVersion == nil && ctx.Err() == nil:
			// Somebody was faster. The patch names its fields, so it fits what they left as well.
		default:
			return Camera{}, fmt.Errorf("change a camera: %w", err)
		}
	}
}

// Delete deletes a camera with its grants, favourites and places in groups. Unless forced, a camera in use gives ErrInUse with the
// counts of views, grants, groups and favourites in Params. ErrNotFound.
func (s *Service) Delete(ctx context.Context, by auth.Principal, id ID, force Force) error {
	r, err := s.store.Camera(ctx, id)
	if err != nil {
		return fmt.Errorf("delete a camera: %w", err)
	}
	e := s.event(events.CameraDeleted, by)
	e.Camera = subject(r)
	views := s.usage(ctx)[id]
	if force == IfUnused && views > 0 {
		counted, err := s.store.CountHanging(ctx, id, s.at())
		if err != nil {
			return fmt.Errorf("delete a camera: %w", err)
		}
		counted.Views = views
		return inUse(counted)
	}
	counted, err := s.store.DeleteCamera(ctx, id, force, s.at(), e)
	switch {
	case errors.Is(err, ErrInUse):
		return inUse(counted)
	case err != nil:
		return fmt.Errorf("delete a camera: %w", err)
	}
	s.done(e)
	return nil
}

func inUse(h Hanging) error {
	return ErrInUse.With("views", strconv.Itoa(h.Views)).With("grants", strconv.Itoa(h.Grants)).
		With("groups", strconv.Itoa(h.Groups)).With("favourites", strconv.Itoa(h.Favourites))
}

// Dial gives what it takes to dial one of a camera's streams; for the relay alone, which asks again after each change of rights and
// compares with ==. ErrNotFound; a camera without a sub stream
// gives ErrNoStream for it.
func (s *Service) Dial(ctx context.Context, id ID, kind StreamKind) (Target, error) {
	r, err := s.store.Camera(ctx, id)
	if err != nil {
		return Target{}, fmt.Errorf("find where to dial: %w", err)
	}
	o, err := s.open(r)
	if err != nil {
		return Target{}, fmt.Errorf("find where to dial: %w", err)
	}
	t := mainTarget(r, o)
	switch t.Kind = kind; kind {
	case Main:
	case Sub:
		t.Address = o.SubAddress
	default:
		t.Address = ""
	}
	if t.Address == "" {
		return Target{}, ErrNoStream
	}
	return t, nil
}

// draft is a camera while it is made or changed.
type draft struct {
	record Record
	secret open4
}

// draft checks all fields of a new camera. The fault has no Fields if all are right.
func (n NewCamera) draft() (draft, *fault.Error) {
	d := draft{
		record: Record{
			Number: n.Number, Name: n.Name, Location: n.Location, Tags: n.Tags, Notes: n.Notes, Transport: n.Transport, Version: 1,
			Sweep: n.Sweep == nil || *n.Sweep, Standing: Standing{State: StateUnknown},
		},
		secret: open4{Username: n.Username, Password: n.Password},
	}
	fail := ErrInvalid
	if n.Number != 0 {
		fail = d.number(fail, n.Number)
	}
	fail = d.name(fail, n.Name)
	fail = d.location(fail, n.Location)
	fail = d.tags(fail, n.Tags)
	fail = d.notes(fail, n.Notes)
	fail = d.transport(fail, n.Transport)
	c := credentials{
		address: &n.Address, subAddress: &n.SubAddress,
		username: n.Username, usernameSent: n.Username != "",
		password: n.Password, passwordSent: n.Password.Set(),
	}
	fail, _ = d.credentials(fail, c)
	return d, fail
}

// apply gives what a patch makes of a camera and the names of the fields that differ. It refuses by ErrInvalid or
// ErrPasswordRequired.
func (p Patch) apply(old draft) (draft, []string, error) {
	d := old
	fail := ErrInvalid
	if p.Number.Set && p.Number.Value != old.record.Number {
		fail = d.number(fail, p.Number.Value)
	}
	if p.Name.Set {
		fail = d.name(fail, p.Name.Value)
	}
	if p.Location.Set {
		fail = d.location(fail, p.Location.Value)
	}
	if p.Tags.Set {
		fail = d.tags(fail, p.Tags.Value)
	}
	if p.Notes.Set {
		fail = d.notes(fail, p.Notes.Value)
	}
	if p.Transport.Set {
		fail = d.transport(fail, p.Transport.Value)
	}
	if p.Sweep.Set {
		d.record.Sweep = p.Sweep.Null || p.Sweep.Value
	}
	c := credentials{
		username: p.Username.Value, usernameSent: p.Username.Set && p.Username.Value != old.secret.Username,
		password: p.Password.Value, passwordSent: p.Password.Set,
	}
	if p.Address.Set {
		c.address = &p.Address.Value
	}
	if p.SubAddress.Set {
		c.subAddress = &p.SubAddress.Value
	}
	fail, b := d.credentials(fail, c)
	if len(fail.Fields) > 0 {
		return draft{}, nil, fail
	}
	for _, path := range d.secret.dialsBeyond(old.secret) {
		if (old.secret.Password.Set() && !b.password) || slices.Contains(b.carried, path) {
			return draft{}, nil, ErrPasswordRequired.At(path, ErrPasswordRequired.Code)
		}
	}
	return d, d.differs(old), nil
}

// differs names the fields in which two drafts differ, as the API calls them.
func (d draft) differs(old draft) []string {
	var fields []string
	for _, f := range []struct {
		name string
		same bool
	}{
		{"number", d.record.Number == old.record.Number},
		{"name", d.record.Name == old.record.Name},
		{"location", d.record.Location == old.record.Location},
		{"tags", slices.Equal(d.record.Tags, old.record.Tags)},
		{"notes", d.record.Notes == old.record.Notes},
		{"transport", d.record.Transport == old.record.Transport},
		{"sweep", d.record.Sweep == old.record.Sweep},
		{"address", d.secret.Address == old.secret.Address},
		{"sub_address", d.secret.SubAddress == old.secret.SubAddress},
		{"username", d.secret.Username == old.secret.Username},
		{"password", d.secret.Password == old.secret.Password},
	} {
		if !f.same {
			fields = append(fields, f.name)
		}
	}
	return fields
}

func (d *draft) number(fail *fault.Error, n int) *fault.Error {
	if n < 1 || n > maxNumber {
		return fail.At("number", "out_of_range")
	}
	d.record.Number = n
	return fail
}

func (d *draft) name(fail *fault.Error, text string) *fault.Error {
	d.record.Name = text
	return at(fail, "name", checkName(&d.record.Name, maxName))
}

func (d *draft) location(fail *fault.Error, text string) *fault.Error {
	d.record.Location = text
	return at(fail, "location", checkText(&d.record.Location, maxLocation, oneLine))
}

func (d *draft) tags(fail *fault.Error, tags []string) *fault.Error {
	d.record.Tags = tags
	return at(fail, "tags", checkTags(&d.record.Tags))
}

func (d *draft) notes(fail *fault.Error, text string) *fault.Error {
	d.record.Notes = text
	return at(fail, "notes", checkText(&d.record.Notes, maxNotes, multiLine))
}

func (d *draft) transport(fail *fault.Error, t Transport) *fault.Error {
	switch t {
	case "":
		t = TransportAuto
	case TransportAuto, TransportTCP, TransportUDP:
	default:
		return fail.At("transport", "not_allowed")
	}
	d.record.Transport = t
	return fail
}

// at adds a field if there is something wrong with it.
func at(fail *fault.Error, path, code string) *fault.Error {
	if code == "" {
		return fail
	}
	return fail.At(path, code)
}
