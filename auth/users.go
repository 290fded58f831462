package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

// NewUser is what makes an account. User's id, version and times are given by the Service; an empty role is RoleUser.
type NewUser struct {
	User
	Password string
}

// UserPatch changes an account: an absent field stays, a null one is cleared.
type UserPatch struct {
	Login      patch.Optional[string]
	Email      patch.Optional[string]
	FirstName  patch.Optional[string]
	LastName   patch.Optional[string]
	MiddleName patch.Optional[string]
	Phone      patch.Optional[string]
	Role       patch.Optional[Role]
	Banned     patch.Optional[bool]
	ViewsLimit patch.Optional[int] // null: the gateway's default
	Language   patch.Optional[string]
	Notes      patch.Optional[string] // of a device
	Password   patch.Optional[string] // signs the user out everywhere; null is as absent, since GET never gives it
}

// SelfPatch is what people may change of themselves: an absent field stays, a null one is cleared.
type SelfPatch struct {
	FirstName  patch.Optional[string]
	LastName   patch.Optional[string]
	MiddleName patch.Optional[string]
	Phone      patch.Optional[string]
	Language   patch.Optional[string]
}

// CreateUser registers somebody. ErrUser with its fields, ErrLoginTaken and ErrEmailTaken with the id in the way, ErrRole.
func (s *Service) CreateUser(ctx context.Context, by Principal, n NewUser) (User, error) {
	if err := by.needs(RoleAdmin); err != nil {
		return User{}, err
	}
	account, err := s.newAccount(ctx, n)
	if err != nil {
		return User{}, err
	}
	e := s.change(by, events.UserCreated, account.User)
	if err := s.store.CreateUser(ctx, account, e); err != nil {
		return User{}, err
	}
	s.told(ctx, e)
	return account.User, nil
}

// Users gives one page of accounts; Sort is name (the default), login or created_at.
func (s *Service) Users(ctx context.Context, q UsersQuery) (paging.Page[User], error) {
	return s.store.Users(ctx, q)
}

// LastSeen gives when users were last there, within the life of an access token. Who never signed in is missing.
func (s *Service) LastSeen(ctx context.Context, users []UserID) (map[UserID]time.Time, error) {
	return s.store.LastSeen(ctx, users)
}

// UserByID gives a user as stored now, past the cache. ErrNoUser.
func (s *Service) UserByID(ctx context.Context, id UserID) (User, error) {
	return s.store.User(ctx, id)
}

// PatchUser changes an account. With ifVersion it answers ErrChanged unless the account still has that version. A ban, and a new
// password, end all sessions of the user. ErrLastAdmin, and the faults of CreateUser.
func (s *Service) PatchUser(ctx context.Context, by Principal, id UserID, p UserPatch, ifVersion *int64) (User, error) {
	if err := by.needs(RoleAdmin); err != nil {
		return User{}, err
	}
	return s.edit(ctx, by, id, p, ifVersion)
}

// Bulk is what became of a change to many users.
type Bulk struct {
	Changed, Unchanged int
	Failed             []Edited
}

// PatchUsers changes the limit, ban, role and language of many users in one transaction; other fields of p are ignored. Who can't be
// changed (the last admin, somebody who is gone) stands in Failed and keeps nobody else from it. ErrUser with its fields, ErrRole.
func (s *Service) PatchUsers(ctx context.Context, by Principal, ids []UserID, p UserPatch) (Bulk, error) {
	if err := by.needs(RoleAdmin); err != nil {
		return Bulk{}, err
	}
	p = UserPatch{ViewsLimit: p.ViewsLimit, Banned: p.Banned, Role: p.Role, Language: p.Language}
	if faults := p.applied(User{Login: "x", Role: RoleUser}).faults(); len(faults.Fields) > 0 {
		return Bulk{}, faults
	}
	edited, err := s.store.EditUsers(ctx, ids, func(before User) (User, []events.Event, error) {
		after := p.applied(before)
		if err := checkDevice(before, after); err != nil {
			return User{}, nil, err
		}
		e := s.change(by, events.UserChanged, after)
		if e.Fields = differing(before, after); len(e.Fields) == 0 {
			return before, nil, nil
		}
		after.UpdatedAt = e.At
		return after, []events.Event{e}, nil
	})
	if err != nil {
		return Bulk{}, err
	}
	var b Bulk
	for _, e := range edited {
		switch {
		case e.Err != nil:
			b.Failed = append(b.Failed, e)
		case e.Changed:
			b.Changed++
			for _, e := range e.Events {
				s.events.Tell(e)
			}
		default:
			b.Unchanged++
		}
	}
	s.Recheck(ctx)
	s.changed()
	return b, nil
}

// checkDevice gives ErrDevice for a change that would make more of a screen than one.
func checkDevice(before, after User) error {
	if before.Kind != KindDevice {
		return nil
	}
	for _, field := range differing(before, after) {
		switch field {
		case "name", "notes", "banned", "views_limit", "language":
		default:
			return ErrDevice
		}
	}
	return nil
}

// PatchSelf changes what people may change of themselves. The faults of PatchUser.
func (s *Service) PatchSelf(ctx context.Context, by Principal, p SelfPatch, ifVersion *int64) (User, error) {
	return s.edit(ctx, by, by.User.ID, UserPatch{
		FirstName: p.FirstName, LastName: p.LastName, MiddleName: p.MiddleName, Phone: p.Phone, Language: p.Language,
	}, ifVersion)
}

// edit writes all of p at once. Without ifVersion it begins again when somebody else was quicker: a patch names only the fields that it
// means.
func (s *Service) edit(ctx context.Context, by Principal, id UserID, p UserPatch, ifVersion *int64) (User, error) {
	var hash string
	password := p.Password.Set && !p.Password.Null
	for try := 1; ; try++ {
		before, err := s.store.User(ctx, id)
		if err != nil {
			return User{}, err
		}
		if ifVersion != nil && *ifVersion != before.Version {
			return User{}, Changed(before.Version)
		}
		after := p.applied(before).tidied()
		if err := checkDevice(before, after); err != nil {
			return User{}, err
		}
		if password && before.Kind == KindDevice {
			return User{}, ErrDevice
		}
		faults := after.faults()
		e := s.change(by, events.UserChanged, after)
		e.Fields = differing(before, after)
		if password {
			if code := checkPassword(p.Password.Value, after); code != "" {
				faults = faults.At("password", code)
			}
			e.Fields = append(e.Fields, "password")
		}
		switch {
		case len(faults.Fields) > 0:
			return User{}, faults
		case len(e.Fields) == 0:
			return before, nil
		}
		if password && hash == "" {
			if hash, err = s.hasher.hash(ctx, p.Password.Value); err != nil {
				return User{}, err
			}
		}
		after.HasPassword = after.HasPassword || password
		after.UpdatedAt = e.At
		after, err = s.store.UpdateUser(ctx, Account{User: after, PasswordHash: hash}, before.Version, e)
		if errors.Is(err, ErrChanged) && ifVersion == nil && try < 5 {
			continue
		}
		if err != nil {
			return User{}, err
		}
		s.told(ctx, e)
		return after, nil
	}
}

// DeleteUser removes an account; events keep its name. ErrNoUser, ErrLastAdmin, ErrRole.
func (s *Service) DeleteUser(ctx context.Context, by Principal, id UserID) error {
	if err := by.needs(RoleAdmin); err != nil {
		return err
	}
	user, err := s.store.User(ctx, id)
	if err != nil {
		return err
	}
	e := s.change(by, events.UserDeleted, user)
	if err := s.store.DeleteUser(ctx, id, e); err != nil {
		return err
	}
	s.told(ctx, e)
	return nil
}

// ChangePassword is people's own change: it signs them out everywhere but here. ErrOldPassword with the field "old_password",
// ErrPassword with the field "new_password", ErrSlowDown.
func (s *Service) ChangePassword(ctx context.Context, by Principal, old, password string) error {
	account, err := s.store.AccountByID(ctx, by.User.ID)
	if err != nil {
		return err
	}
	now, key := s.now(), "password of "+string(account.ID)
	if wait := s.throttle.begin(key, by.Remote, now); wait > 0 {
		return ErrSlowDown.With("retry_after", seconds(wait))
	}
	match, _, err := s.hasher.compare(ctx, old[:min(len(old), maxPassword+1)], account.PasswordHash)
	if err != nil {
		s.throttle.forgive(key, by.Remote, now)
		return err
	}
	if !match {
		return ErrOldPassword.At("old_password", ErrOldPassword.Code)
	}
	s.throttle.succeed(key, by.Remote, now)
	if code := checkPassword(password, account.User); code != "" {
		return ErrPassword.At("new_password", code)
	}
	return s.setPassword(ctx, by, account, password, by.Session)
}

// SetPasswordOffline is the reset at the machine itself, without anybody signed in. With an empty password it makes one, which it
// gives back. ErrNoUser, ErrPassword.
func (s *Service) SetPasswordOffline(ctx context.Context, login, password string) (generated string, err error) {
	account, err := s.store.AccountByLogin(ctx, login)
	if err != nil {
		return "", err
	}
	if password == "" {
		generated = generatePassword()
		password = generated
	} else if code := checkPassword(password, account.User); code != "" {
		return "", ErrPassword.At("password", code)
	}
	return generated, s.setPassword(ctx, Principal{}, account, password, "")
}

// FirstAdmin makes the first account if there is none at all, also when several processes start at once. With an empty password
// it makes one, which it gives back.
func (s *Service) FirstAdmin(ctx context.Context, login, password string) (generated string, created bool, err error) {
	empty, err := s.store.Empty(ctx)
	if err != nil || !empty { // asked first, since a hash takes time at every start
		return "", false, err
	}
	if password == "" {
		generated = generatePassword()
		password = generated
	}
	account, err := s.newAccount(ctx, NewUser{User: User{Login: login, Role: RoleAdmin}, Password: password})
	if err != nil {
		return "", false, fmt.Errorf("making the first admin: %w", err)
	}
	e := s.change(Principal{}, events.UserCreated, account.User)
	created, err = s.store.CreateFirstUser(ctx, account, e)
	if err != nil || !created {
		return "", false, err
	}
	s.told(ctx, e)
	return generated, true, nil
}

func (s *Service) newAccount(ctx context.Context, n NewUser) (Account, error) {
	user := n.User.clone().tidied()
	user.ID, user.Version, user.Kind, user.Notes = UserID(newID()), 1, KindPerson, ""
	if user.Role == "" {
		user.Role = RoleUser
	}
	user.CreatedAt = millis(s.now())
	user.UpdatedAt = user.CreatedAt
	faults := user.faults()
	if code := checkPassword(n.Password, user); code != "" {
		faults = faults.At("password", code)
	}
	if len(faults.Fields) > 0 {
		return Account{}, faults
	}
	hash, err := s.hasher.hash(ctx, n.Password)
	user.HasPassword = hash != ""
	return Account{User: user, PasswordHash: hash}, err
}

// setPassword replaces the password that a has, and gives ErrOldPassword if it is another one by now: who has just proved the old password
// must not undo an admin's reset.
func (s *Service) setPassword(ctx context.Context, by Principal, a Account, password string, keep SessionID) error {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	e := s.change(by, events.UserChanged, a.User)
	e.Fields = []string{"password"}
	if err := s.store.SetPassword(ctx, a, hash, keep, e.At, e); err != nil {
		return err
	}
	s.told(ctx, e)
	return nil
}

// change begins the event of a change to user. One's own change has an actor only.
func (s *Service) change(by Principal, kind events.Kind, user User) events.Event {
	if user.Kind == KindDevice {
		switch kind {
		case events.UserCreated:
			kind = events.DeviceCreated
		case events.UserChanged:
			kind = events.DeviceChanged
		case events.UserDeleted:
			kind = events.DeviceDeleted
		}
	}
	e := events.Event{At: millis(s.now()), Kind: kind, Actor: by.User.Person(), Remote: by.Remote}
	if by.User.ID != user.ID {
		e.User = user.Person()
	}
	return e
}

// told follows a change that the store has taken: the log hears of it, and no answer comes from before it.
func (s *Service) told(ctx context.Context, e events.Event) {
	s.events.Tell(e)
	s.Recheck(ctx)
	s.changed()
}

// applied gives u with p's fields, the password aside.
func (p UserPatch) applied(u User) User {
	u = u.clone()
	u.Login = p.Login.Or(u.Login)
	u.Email = p.Email.Or(u.Email)
	u.FirstName = p.FirstName.Or(u.FirstName)
	u.LastName = p.LastName.Or(u.LastName)
	u.MiddleName = p.MiddleName.Or(u.MiddleName)
	u.Phone = p.Phone.Or(u.Phone)
	u.Role = p.Role.Or(u.Role)
	u.Banned = p.Banned.Or(u.Banned)
	u.Language = p.Language.Or(u.Language)
	u.Notes = p.Notes.Or(u.Notes)
	if p.ViewsLimit.Set {
		u.ViewsLimit = nil
		if !p.ViewsLimit.Null {
			limit := p.ViewsLimit.Value
			u.ViewsLimit = &limit
		}
	}
	return u
}

// needs gives ErrRole unless p may do what needs role.
func (p Principal) needs(role Role) error {
	if !p.Role().Allows(role) {
		return ErrRole
	}
	return nil
}
