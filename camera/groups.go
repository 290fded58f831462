package camera

import (
	"context"
	"errors"
	"fmt"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// CreateGroup adds an empty group. ErrGroupInvalid with Fields, ErrGroupTaken.
func (s *Service) CreateGroup(ctx context.Context, by auth.Principal, n NewGroup) (Group, error) {
	g := Group{Name: n.Name, Notes: n.Notes, Version: 1, CreatedAt: s.at()}
	g.UpdatedAt = g.CreatedAt
	if fail := g.check(); fail != nil {
		return Group{}, fail
	}
	id, err := newID()
	if err != nil {
		return Group{}, fmt.Errorf("add a group: %w", err)
	}
	g.ID = GroupID(id)
	e := s.event(events.GroupCreated, by)
	e.Note = groupNote(g)
	if g, err = s.store.CreateGroup(ctx, g, e); err != nil {
		return Group{}, fmt.Errorf("add a group: %w", err)
	}
	s.done(e)
	return g, nil
}

// Group gives one group. ErrNoGroup.
func (s *Service) Group(ctx context.Context, id GroupID) (Group, error) {
	g, err := s.store.Group(ctx, id, s.at())
	if err != nil {
		return Group{}, fmt.Errorf("get a group: %w", err)
	}
	return g, nil
}

// Groups gives a page of groups. Sort is name (the order without it), created_at or updated_at. Cameras of a group are List with
// ListQuery.Group.
func (s *Service) Groups(ctx context.Context, q paging.Query) (paging.Page[Group], error) {
	page, err := s.store.Groups(ctx, s.at(), q)
	if err != nil {
		return paging.Page[Group]{}, fmt.Errorf("list groups: %w", err)
	}
	return page, nil
}

// GroupUsers gives a page of those to whom a group is granted, by name. ErrNoGroup.
func (s *Service) GroupUsers(ctx context.Context, id GroupID, q paging.Query) (paging.Page[Holder], error) {
	if _, err := s.store.Group(ctx, id, s.at()); err != nil {
		return paging.Page[Holder]{}, fmt.Errorf("list a group's users: %w", err)
	}
	page, err := s.store.GroupUsers(ctx, id, s.at(), q)
	if err != nil {
		return paging.Page[Holder]{}, fmt.Errorf("list a group's users: %w", err)
	}
	return page, nil
}

// PatchGroup changes a group's name or notes. ErrNoGroup, ErrVersion, ErrGroupInvalid with Fields, ErrGroupTaken.
func (s *Service) PatchGroup(ctx context.Context, by auth.Principal, id GroupID, p GroupPatch, ifVersion *int64) (Group, error) {
	for {
		old, err := s.store.Group(ctx, id, s.at())
		if err != nil {
			return Group{}, fmt.Errorf("change a group: %w", err)
		}
		if ifVersion != nil && *ifVersion != old.Version {
			return Group{}, auth.Changed(old.Version)
		}
		g := old
		g.Name, g.Notes = p.Name.Or(old.Name), p.Notes.Or(old.Notes)
		if fail := g.check(); fail != nil {
			return Group{}, fail
		}
		e := s.event(events.GroupChanged, by)
		e.Note = groupNote(g)
		if g.Name != old.Name {
			e.Fields = append(e.Fields, "name")
		}
		if g.Notes != old.Notes {
			e.Fields = append(e.Fields, "notes")
		}
		if len(e.Fields) == 0 {
			return old, nil
		}
		g.UpdatedAt = e.At
		g, err = s.store.UpdateGroup(ctx, g, e)
		switch {
		case err == nil:
			s.done(e)
			return g, nil
		case errors.Is(err, ErrVersion) && ifVersion == nil && ctx.Err() == nil:
			// As in Patch: the patch names its fields.
		default:
			return Group{}, fmt.Errorf("change a group: %w", err)
		}
	}
}

// DeleteGroup deletes a group and the grants to it; its cameras stay. ErrNoGroup.
func (s *Service) DeleteGroup(ctx context.Context, by auth.Principal, id GroupID) error {
	g, err := s.store.Group(ctx, id, s.at())
	if err != nil {
		return fmt.Errorf("delete a group: %w", err)
	}
	e := s.event(events.GroupDeleted, by)
	e.Note = groupNote(g)
	if err := s.store.DeleteGroup(ctx, id, e); err != nil {
		return fmt.Errorf("delete a group: %w", err)
	}
	s.done(e)
	return nil
}

// AddToGroup puts a camera into a group; it is no error if it is there. ErrNoGroup, ErrNotFound.
func (s *Service) AddToGroup(ctx context.Context, by auth.Principal, id GroupID, cam ID) error {
	e, err := s.memberEvent(ctx, by, id, cam, true)
	if err != nil {
		return fmt.Errorf("add a camera to a group: %w", err)
	}
	was, err := s.store.AddToGroup(ctx, id, cam, e)
	if err != nil {
		return fmt.Errorf("add a camera to a group: %w", err)
	}
	if was {
		s.done(e)
	}
	return nil
}

// RemoveFromGroup takes a camera out of a group; it is no error if it is not there. Views that it allowed end. ErrNoGroup, ErrNotFound.
func (s *Service) RemoveFromGroup(ctx context.Context, by auth.Principal, id GroupID, cam ID) error {
	e, err := s.memberEvent(ctx, by, id, cam, false)
	if err != nil {
		return fmt.Errorf("take a camera out of a group: %w", err)
	}
	was, err := s.store.RemoveFromGroup(ctx, id, cam, e)
	if err != nil {
		return fmt.Errorf("take a camera out of a group: %w", err)
	}
	if was {
		s.done(e)
	}
	return nil
}

// memberEvent names the group and the camera, and so finds out that both exist.
func (s *Service) memberEvent(ctx context.Context, by auth.Principal, id GroupID, cam ID, in bool) (events.Event, error) {
	g, err := s.store.Group(ctx, id, s.at())
	if err != nil {
		return events.Event{}, err
	}
	r, err := s.store.Camera(ctx, cam)
	if err != nil {
		return events.Event{}, err
	}
	return s.memberEventOf(by, g, r, in), nil
}

// memberEventOf is the event of a camera that is put into a group, or taken out.
func (s *Service) memberEventOf(by auth.Principal, g Group, r Record, in bool) events.Event {
	e := s.event(events.GroupChanged, by)
	e.Note, e.Camera, e.Fields, e.Code = groupNote(g), subject(r), []string{"cameras"}, "group.camera_removed"
	if in {
		e.Code = "group.camera_added"
	}
	return e
}

// check cleans name and notes; nil if they can be kept.
func (g *Group) check() error {
	fail := ErrGroupInvalid
	fail = at(fail, "name", checkName(&g.Name, maxName))
	fail = at(fail, "notes", checkText(&g.Notes, maxNotes, multiLine))
	if len(fail.Fields) > 0 {
		return fail
	}
	return nil
}
