package camera

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// maxReason bounds a grant's reason, in characters.
const maxReason = 500

// watcher says on whose behalf to look. False: this user may watch nothing at all.
func (s *Service) watcher(u auth.User) (Watcher, bool) {
	w := Watcher{User: u.ID, Everything: u.Role.Allows(auth.RoleModerator), At: s.at()}
	return w, !u.Banned && u.Role.Allows(auth.RoleUser)
}

// MayWatch gives the camera if the user may watch it now: every camera for moderators and admins, else one with a grant that has not
// ended, to itself or to a group that it is in. It gives ErrNotFound otherwise, whether or not the camera exists. The camera
// comes without addresses and credentials.
func (s *Service) MayWatch(ctx context.Context, u auth.User, id ID) (Camera, error) {
	found, err := s.MayWatchMany(ctx, u, id)
	if err != nil {
		return Camera{}, err
	}
	c, ok := found[id]
	if !ok {
		return Camera{}, ErrNotFound
	}
	return c, nil
}

// MayWatchMany is MayWatch for many cameras of one user at once: those missing from the answer may not be watched. It asks the
// store once for each 500 ids.
func (s *Service) MayWatchMany(ctx context.Context, u auth.User, ids ...ID) (map[ID]Camera, error) {
	found := make(map[ID]Camera, len(ids))
	w, may := s.watcher(u)
	if !may {
		return found, nil
	}
	for len(ids) > 0 {
		n := min(len(ids), 500)
		records, err := s.store.MayWatch(ctx, w, ids[:n]...)
		if err != nil {
			return nil, fmt.Errorf("judge who may watch: %w", err)
		}
		for _, r := range records {
			found[r.ID] = r.plain()
		}
		ids = ids[n:]
	}
	return found, nil
}

// NextExpiry gives the moment at which the next grant ends, whoever has it: rights change then without any row changing, so live views
// must be judged again. False if no grant that is in force has an end.
func (s *Service) NextExpiry(ctx context.Context) (time.Time, bool, error) {
	at, ok, err := s.store.NextExpiry(ctx, s.at())
	if err != nil {
		return time.Time{}, false, fmt.Errorf("find the next grant to end: %w", err)
	}
	return at, ok, nil
}

// Watchable gives a page of the cameras that a user may watch, without addresses and credentials.
func (s *Service) Watchable(ctx context.Context, u auth.User, q WatchQuery) (paging.Page[Watchable], error) {
	w, may := s.watcher(u)
	if !may {
		return paging.Page[Watchable]{}, nil
	}
	found, err := s.store.Watchable(ctx, w, q)
	if err != nil {
		return paging.Page[Watchable]{}, fmt.Errorf("list watchable cameras: %w", err)
	}
	page := paging.Page[Watchable]{NextCursor: found.NextCursor, Total: found.Total, Items: make([]Watchable, len(found.Items))}
	for i, f := range found.Items {
		page.Items[i] = Watchable{Camera: f.Record.plain(), Favourite: f.Favourite}
	}
	return page, nil
}

// Favourites gives a page of a user's favourites among the cameras that they may watch. A favourite whose grant has ended is kept, and
// is back with the grant.
func (s *Service) Favourites(ctx context.Context, u auth.User, q ListQuery) (paging.Page[Watchable], error) {
	return s.Watchable(ctx, u, WatchQuery{ListQuery: q, Favourites: FavouritesOnly})
}

// AddFavourite stars a camera that the user may watch; ErrNotFound otherwise. It is no error if it is one already.
func (s *Service) AddFavourite(ctx context.Context, u auth.User, id ID) error {
	if _, err := s.MayWatch(ctx, u, id); err != nil {
		return err
	}
	if err := s.store.AddFavourite(ctx, u.ID, id, s.at()); err != nil {
		return fmt.Errorf("add a favourite: %w", err)
	}
	return nil
}

// RemoveFavourite takes the star away, also from a camera that may not be watched any more. It is no error if there was none.
func (s *Service) RemoveFavourite(ctx context.Context, u auth.User, id ID) error {
	if err := s.store.RemoveFavourite(ctx, u.ID, id); err != nil {
		return fmt.Errorf("remove a favourite: %w", err)
	}
	return nil
}

// Grant gives a user a camera. A grant that is there already gets the new terms. auth.ErrNoUser, ErrNotFound, ErrGrantInvalid.
func (s *Service) Grant(ctx context.Context, by auth.Principal, user auth.UserID, id ID, t Terms) error {
	v, err := s.via(by, t)
	if err != nil {
		return err
	}
	e, err := s.grantEvent(ctx, events.GrantGiven, by, user, id)
	if err != nil {
		return err
	}
	if err := s.store.GrantCamera(ctx, user, id, v, e); err != nil {
		return fmt.Errorf("grant a camera: %w", err)
	}
	s.done(e)
	return nil
}

// Revoke takes the direct grant of a camera away. A grant through a group stays: UserCameras shows it. It is no error if there was no
// direct grant. auth.ErrNoUser, ErrNotFound.
func (s *Service) Revoke(ctx context.Context, by auth.Principal, user auth.UserID, id ID) error {
	e, err := s.grantEvent(ctx, events.GrantWithdrawn, by, user, id)
	if err != nil {
		return err
	}
	was, err := s.store.RevokeCamera(ctx, user, id, e)
	if err != nil {
		return fmt.Errorf("revoke a camera: %w", err)
	}
	if was {
		s.done(e)
	}
	return nil
}

// GrantGroup gives a user a group: whatever cameras it holds at any moment. auth.ErrNoUser, ErrNoGroup, ErrGrantInvalid.
func (s *Service) GrantGroup(ctx context.Context, by auth.Principal, user auth.UserID, id GroupID, t Terms) error {
	v, err := s.via(by, t)
	if err != nil {
		return err
	}
	e, err := s.groupGrantEvent(ctx, events.GrantGiven, by, user, id)
	if err != nil {
		return err
	}
	if err := s.store.GrantGroup(ctx, user, id, v, e); err != nil {
		return fmt.Errorf("grant a group: %w", err)
	}
	s.done(e)
	return nil
}

// RevokeGroup takes the grant of a group away. It is no error if there was none. auth.ErrNoUser, ErrNoGroup.
func (s *Service) RevokeGroup(ctx context.Context, by auth.Principal, user auth.UserID, id GroupID) error {
	e, err := s.groupGrantEvent(ctx, events.GrantWithdrawn, by, user, id)
	if err != nil {
		return err
	}
	was, err := s.store.RevokeGroup(ctx, user, id, e)
	if err != nil {
		return fmt.Errorf("revoke a group: %w", err)
	}
	if was {
		s.done(e)
	}
	return nil
}

// UserCameras gives a page of the cameras that a user may watch and by which ways; a ban is left aside. auth.ErrNoUser.
func (s *Service) UserCameras(ctx context.Context, user auth.UserID, q ListQuery) (paging.Page[Granted], error) {
	u, err := s.store.User(ctx, user)
	if err != nil {
		return paging.Page[Granted]{}, fmt.Errorf("list a user's cameras: %w", err)
	}
	w, _ := s.watcher(u)
	found, err := s.store.UserCameras(ctx, w, q)
	if err != nil {
		return paging.Page[Granted]{}, fmt.Errorf("list a user's cameras: %w", err)
	}
	page := paging.Page[Granted]{NextCursor: found.NextCursor, Total: found.Total, Items: make([]Granted, len(found.Items))}
	for i, f := range found.Items {
		page.Items[i] = Granted{Camera: f.Record.plain(), Via: byRole(u, f.Via)}
	}
	return page, nil
}

// UserGroups gives the groups granted to a user, by name. auth.ErrNoUser.
func (s *Service) UserGroups(ctx context.Context, user auth.UserID) ([]GrantedGroup, error) {
	if _, err := s.store.User(ctx, user); err != nil {
		return nil, fmt.Errorf("list a user's groups: %w", err)
	}
	groups, err := s.store.UserGroups(ctx, user, s.at())
	if err != nil {
		return nil, fmt.Errorf("list a user's groups: %w", err)
	}
	return groups, nil
}

// byRole puts the role before the ways that a user has, if it is one.
func byRole(u auth.User, vias []Via) []Via {
	if !u.Role.Allows(auth.RoleModerator) {
		return vias
	}
	return append([]Via{{Role: true}}, vias...)
}

// CameraUsers gives a page of those who may watch a camera, by name, and by which ways; a ban is left aside. ErrNotFound.
func (s *Service) CameraUsers(ctx context.Context, id ID, q paging.Query) (paging.Page[Holder], error) {
	if _, err := s.store.Camera(ctx, id); err != nil {
		return paging.Page[Holder]{}, fmt.Errorf("list a camera's users: %w", err)
	}
	page, err := s.store.CameraUsers(ctx, id, s.at(), q)
	if err != nil {
		return paging.Page[Holder]{}, fmt.Errorf("list a camera's users: %w", err)
	}
	for i, h := range page.Items {
		page.Items[i].Via = byRole(h.User, h.Via)
	}
	return page, nil
}

// via checks terms and notes who gives them.
func (s *Service) via(by auth.Principal, t Terms) (Via, error) {
	v := Via{Terms: t, GrantedAt: s.at(), GrantedBy: by.User.Name()}
	fail := ErrGrantInvalid
	if t.ExpiresAt != nil {
		end := t.ExpiresAt.UTC().Truncate(time.Millisecond)
		v.ExpiresAt = &end
		if !end.After(v.GrantedAt) {
			fail = fail.At("expires_at", "past")
		} else if end.Year() > 9999 {
			fail = fail.At("expires_at", "too_late")
		}
	}
	if code := checkText(&v.Reason, maxReason, multiLine); code != "" {
		fail = fail.At("reason", code)
	}
	if len(fail.Fields) > 0 {
		return Via{}, fail
	}
	return v, nil
}

// grantEvent names both sides of a grant, and so finds out that both exist.
func (s *Service) grantEvent(ctx context.Context, kind events.Kind, by auth.Principal, user auth.UserID, id ID) (events.Event, error) {
	e := s.event(kind, by)
	u, err := s.store.User(ctx, user)
	if err != nil {
		return e, fmt.Errorf("find the user of a grant: %w", err)
	}
	e.User = person(u)
	r, err := s.store.Camera(ctx, id)
	if err != nil {
		return e, fmt.Errorf("find the camera of a grant: %w", err)
	}
	e.Camera = subject(r)
	return e, nil
}

func (s *Service) groupGrantEvent(ctx context.Context, kind events.Kind, by auth.Principal, user auth.UserID, id GroupID) (events.Event, error) {
	e := s.event(kind, by)
	u, err := s.store.User(ctx, user)
	if err != nil {
		return e, fmt.Errorf("find the user of a grant: %w", err)
	}
	e.User = person(u)
	g, err := s.store.Group(ctx, id, s.at())
	if err != nil {
		return e, fmt.Errorf("find the group of a grant: %w", err)
	}
	e.Note = groupNote(g)
	return e, nil
}

// groupNote names a group in an event. A name with quotes in it stays one text.
func groupNote(g Group) string { return "group " + strconv.Quote(g.Name) }
