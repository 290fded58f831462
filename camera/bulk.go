package camera

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fold"
)

// Bounds of a change of many.
const (
	maxMany  = 1000   // cameras at once
	maxPairs = 10_000 // of a user with a camera or group, or of a camera with a group
)

// BulkChange is what is done to many cameras. nil and empty fields keep.
type BulkChange struct {
	Transport    *Transport
	Location     *string // empty clears
	Sweep        *bool
	AddTags      []string
	RemoveTags   []string
	AddGroups    []GroupID
	RemoveGroups []GroupID
}

// BulkResult says what became of them.
type BulkResult struct {
	Changed   int
	Unchanged int // they were so already
	Failed    []BulkFailure
}

// BulkFailure is a camera to which it could not be done.
type BulkFailure struct {
	ID      ID
	Code    string
	Hanging Hanging // on a camera in use
}

// Edit is a change of many cameras as a store makes it.
type Edit struct {
	// Change gives a camera as it shall be with the names of the fields that differ, or the code of why it can't. It may be called several
	// times for one camera.
	Change func(Record) (Record, []string, string)
	Add    []GroupID
	Remove []GroupID
	// Changed and Moved make the events: of changed fields, and of a place in a group gained or lost.
	Changed func(r Record, fields []string) events.Event
	Moved   func(g Group, r Record, in bool) events.Event
}

// ErrTags is why a tag can't be added to a camera.
var ErrTags = fault.New(fault.Invalid, "camera.too_many_tags", "a camera can't have so many tags")

// ChangeMany changes 1–1,000 cameras in one transaction; doubles count once. What can't be done to one of them is told and leaves the
// others as they shall be. ErrInvalid with Fields, ErrNoGroup.
func (s *Service) ChangeMany(ctx context.Context, by auth.Principal, ids []ID, c BulkChange) (BulkResult, error) {
	ids, fail := many(ErrInvalid, ids)
	if c.Transport != nil {
		var d draft
		fail = d.transport(fail, *c.Transport)
		c.Transport = &d.record.Transport
	}
	if c.Location != nil {
		text := *c.Location
		fail = at(fail, "set.location", checkText(&text, maxLocation, oneLine))
		c.Location = &text
	}
	c.AddTags, c.RemoveTags = slices.Clone(c.AddTags), slices.Clone(c.RemoveTags)
	fail = at(fail, "add_tags", checkTags(&c.AddTags))
	fail = at(fail, "remove_tags", checkTags(&c.RemoveTags))
	c.AddGroups, c.RemoveGroups = distinct(c.AddGroups), distinct(c.RemoveGroups)
	if len(ids)*(len(c.AddGroups)+len(c.RemoveGroups)) > maxPairs {
		fail = fail.At("add_groups", "too_many")
	}
	if len(fail.Fields) > 0 {
		return BulkResult{}, fail
	}
	now := s.at()
	result, told, err := s.store.ChangeCameras(ctx, ids, Edit{
		Change: func(r Record) (Record, []string, string) {
			next, code := c.apply(r)
			fields := draft{record: next}.differs(draft{record: r})
			next.UpdatedAt = now
			return next, fields, code
		},
		Add: c.AddGroups, Remove: c.RemoveGroups,
		Changed: func(r Record, fields []string) events.Event {
			e := s.event(events.CameraChanged, by)
			e.Camera, e.Fields = subject(r), fields
			return e
		},
		Moved: func(g Group, r Record, in bool) events.Event { return s.memberEventOf(by, g, r, in) },
	})
	if err != nil {
		return BulkResult{}, fmt.Errorf("change many cameras: %w", err)
	}
	s.doneMany(told)
	return result, nil
}

// apply gives what the change makes of a camera.
func (c BulkChange) apply(r Record) (Record, string) {
	if c.Transport != nil {
		r.Transport = *c.Transport
	}
	if c.Location != nil {
		r.Location = *c.Location
	}
	if c.Sweep != nil {
		r.Sweep = *c.Sweep
	}
	has := func(tags []string, tag string) bool {
		return slices.ContainsFunc(tags, func(other string) bool { return fold.Text(other) == fold.Text(tag) })
	}
	tags := slices.DeleteFunc(slices.Clone(r.Tags), func(tag string) bool { return has(c.RemoveTags, tag) && !has(c.AddTags, tag) })
	for _, tag := range c.AddTags {
		if !has(tags, tag) {
			tags = append(tags, tag)
		}
	}
	if len(tags) > maxTags {
		return r, ErrTags.Code
	}
	r.Tags = tags
	return r, ""
}

// DeleteMany deletes 1–1,000 cameras in one transaction, as Delete does each; those in use stay unless forced, and are told with what
// hangs on them. ErrInvalid with Fields.
func (s *Service) DeleteMany(ctx context.Context, by auth.Principal, ids []ID, force Force) (deleted int, failed []BulkFailure, err error) {
	ids, fail := many(ErrInvalid, ids)
	if len(fail.Fields) > 0 {
		return 0, nil, fail
	}
	failed, told, err := s.store.DeleteCameras(ctx, ids, force, s.at(), s.usage(ctx), func(r Record) events.Event {
		e := s.event(events.CameraDeleted, by)
		e.Camera = subject(r)
		return e
	})
	if err != nil {
		return 0, nil, fmt.Errorf("delete many cameras: %w", err)
	}
	s.doneMany(told)
	return len(told), failed, nil
}

// many checks the ids of a change of many.
func many(fail *fault.Error, ids []ID) ([]ID, *fault.Error) {
	ids = distinct(ids)
	switch {
	case len(ids) == 0:
		return ids, fail.At("ids", "required")
	case len(ids) > maxMany:
		return ids, fail.At("ids", "too_many")
	}
	return ids, fail
}

// distinct gives ids without doubles, sorted: a store that locks rows does it in one order.
func distinct[T ~string](ids []T) []T {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b T) int { return strings.Compare(string(a), string(b)) })
	return slices.Compact(ids)
}

// doneMany is done for many events of one change.
func (s *Service) doneMany(told []events.Event) {
	for _, e := range told {
		events.Tell(s.logger, e)
	}
	if len(told) > 0 {
		s.changed()
	}
}

// Pairs are each of the users with each of the cameras and groups.
type Pairs struct {
	Users   []auth.UserID
	Cameras []ID
	Groups  []GroupID
}

// check takes doubles out and says what is wrong.
func (p *Pairs) check(fail *fault.Error) *fault.Error {
	p.Users, p.Cameras, p.Groups = distinct(p.Users), distinct(p.Cameras), distinct(p.Groups)
	things := len(p.Cameras) + len(p.Groups)
	switch {
	case len(p.Users) == 0:
		fail = fail.At("users", "required")
	case things == 0:
		fail = fail.At("cameras", "required")
	case len(p.Users)*things > maxPairs:
		fail = fail.At("users", "too_many").With("most", strconv.Itoa(maxPairs))
	}
	return fail
}

// Grants are grants of many as a store gives them: with the event of each.
type Grants struct {
	Given     int
	Unchanged int // given before on the same terms
	Withdrawn int
	Told      []events.Event
}

// PairEvent makes the event of one grant, to a camera or, if that is zero, to a group.
type PairEvent func(kind events.Kind, u auth.User, c events.Subject, g Group) events.Event

// pairEvent begins the events of grants of many.
func (s *Service) pairEvent(by auth.Principal) PairEvent {
	return func(kind events.Kind, u auth.User, c events.Subject, g Group) events.Event {
		e := s.event(kind, by)
		e.User, e.Camera = person(u), c
		if c.ID == "" {
			e.Note = groupNote(g)
		}
		return e
	}
}

// GrantMany gives each of the users each of the cameras and groups, at most 10,000 pairs, in one transaction. auth.ErrNoUser, ErrNotFound,
// ErrNoGroup (then nobody is given anything), ErrGrantInvalid.
func (s *Service) GrantMany(ctx context.Context, by auth.Principal, p Pairs, t Terms) (given, unchanged int, err error) {
	fail := p.check(ErrGrantInvalid)
	v, err := s.via(by, t)
	if err != nil {
		for _, f := range fail.Fields {
			err = fault.From(err).At(f.Path, f.Code)
		}
		return 0, 0, err
	}
	if len(fail.Fields) > 0 {
		return 0, 0, fail
	}
	g, err := s.store.GrantPairs(ctx, p, v, s.pairEvent(by))
	if err != nil {
		return 0, 0, fmt.Errorf("grant to many: %w", err)
	}
	s.doneMany(g.Told)
	return g.Given, g.Unchanged, nil
}

// WithdrawMany takes each direct grant of these away, in one transaction; those that nobody has are passed over. ErrGrantInvalid.
func (s *Service) WithdrawMany(ctx context.Context, by auth.Principal, p Pairs) (withdrawn int, err error) {
	if fail := p.check(ErrGrantInvalid); len(fail.Fields) > 0 {
		return 0, fail
	}
	g, err := s.store.WithdrawPairs(ctx, p, s.at(), s.pairEvent(by))
	if err != nil {
		return 0, fmt.Errorf("withdraw from many: %w", err)
	}
	s.doneMany(g.Told)
	return g.Withdrawn, nil
}

// Copying says what becomes of the grants that a user has already.
type Copying uint8

// The ways to copy.
const (
	CopyAdd     Copying = iota // they stay as they are; what the user lacks is added
	CopyReplace                // the user has what the other one has, and nothing else
)

// CopyGrants gives a user the grants that another one has, with their ends and reasons. auth.ErrNoUser, ErrGrantInvalid for one's own.
func (s *Service) CopyGrants(ctx context.Context, by auth.Principal, to, from auth.UserID, how Copying) (given, withdrawn int, err error) {
	for i, id := range []auth.UserID{to, from} {
		if _, err := s.store.User(ctx, id); err != nil {
			if i == 1 && fault.KindOf(err) == fault.NotFound {
				return 0, 0, auth.ErrNoUser.At("from", auth.ErrNoUser.Code)
			}
			return 0, 0, fmt.Errorf("copy grants: %w", err)
		}
	}
	if to == from {
		return 0, 0, ErrGrantInvalid.At("from", "not_allowed")
	}
	v := Via{GrantedAt: s.at(), GrantedBy: by.User.Name()}
	g, err := s.store.CopyGrants(ctx, to, from, how, v, s.pairEvent(by))
	if err != nil {
		return 0, 0, fmt.Errorf("copy grants: %w", err)
	}
	s.doneMany(g.Told)
	return g.Given, g.Withdrawn, nil
}
