package auth

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

// NewDevice is what a wall screen is made from.
type NewDevice struct {
	Name       string // required, at most 100 characters
	Notes      string // at most 1,000
	ViewsLimit *int   // as User.ViewsLimit
	Language   string // as User.Language
}

// DevicePatch changes a wall screen: an absent field stays, a null one is cleared.
type DevicePatch struct {
	Name       patch.Optional[string]
	Notes      patch.Optional[string]
	ViewsLimit patch.Optional[int]
	Banned     patch.Optional[bool]
	Language   patch.Optional[string]
}

// Code is what signs a screen in, once. It is a secret until then.
type Code struct {
	Text      string // "ABCD-EFGH"
	ExpiresAt time.Time
}

const (
	codeTTL = 15 * time.Minute
	// codeLetters are what people tell apart on a screen across the room: no 0, 1, I, O. There are 32, so each stands for 5 bits.
	codeLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	codeLength  = 8
	// deviceLogin stands before the made-up login of a device; no person's login has a colon.
	deviceLogin = "device:"
)

// CreateDevice makes a wall screen and the code that will sign it in. ErrUser with its fields, ErrRole.
func (s *Service) CreateDevice(ctx context.Context, by Principal, n NewDevice) (DeviceState, Code, error) {
	if err := by.needs(RoleAdmin); err != nil {
		return DeviceState{}, Code{}, err
	}
	now := millis(s.now())
	u := User{
		ID: UserID(newID()), Kind: KindDevice, Login: newDeviceLogin(), LastName: n.Name, Notes: n.Notes, Role: RoleUser, ViewsLimit: n.ViewsLimit,
		Language: n.Language, Version: 1, CreatedAt: now, UpdatedAt: now,
	}.clone().tidied()
	if faults := u.faults(); len(faults.Fields) > 0 {
		return DeviceState{}, Code{}, faults
	}
	code, kept := s.newCode(now)
	e := s.change(by, events.DeviceCreated, u)
	if err := s.store.CreateDevice(ctx, u, kept, e); err != nil {
		return DeviceState{}, Code{}, err
	}
	s.told(ctx, e)
	return DeviceState{User: u, CodeExpires: code.ExpiresAt}, code, nil
}

// Devices gives one page of wall screens; Sort is name (the default), created_at or seen_at.
func (s *Service) Devices(ctx context.Context, q paging.Query) (paging.Page[DeviceState], error) {
	return s.store.Devices(ctx, s.now(), q)
}

// Device gives one wall screen. ErrNoDevice.
func (s *Service) Device(ctx context.Context, id UserID) (DeviceState, error) {
	return s.store.DeviceState(ctx, id, s.now())
}

// PatchDevice changes a wall screen. With ifVersion it answers ErrChanged unless it still has that version. A ban signs it out.
// ErrNoDevice, and the faults of CreateDevice.
func (s *Service) PatchDevice(ctx context.Context, by Principal, id UserID, p DevicePatch, ifVersion *int64) (DeviceState, error) {
	if _, err := s.device(ctx, by, id); err != nil {
		return DeviceState{}, err
	}
	_, err := s.edit(ctx, by, id, UserPatch{
		LastName: p.Name, Notes: p.Notes, ViewsLimit: p.ViewsLimit, Banned: p.Banned, Language: p.Language,
	}, ifVersion)
	if err != nil {
		return DeviceState{}, noDevice(err)
	}
	return s.Device(ctx, id)
}

// DeleteDevice removes a wall screen with its grants and signs it out; events keep its name. ErrNoDevice, ErrRole.
func (s *Service) DeleteDevice(ctx context.Context, by Principal, id UserID) error {
	if _, err := s.device(ctx, by, id); err != nil {
		return err
	}
	return noDevice(s.DeleteUser(ctx, by, id))
}

// RenewCode makes a new code for a wall screen; an earlier one is no good any more. Where it is signed in now, it stays so until the
// new code is used. ErrNoDevice, ErrRole.
func (s *Service) RenewCode(ctx context.Context, by Principal, id UserID) (DeviceState, Code, error) {
	u, err := s.device(ctx, by, id)
	if err != nil {
		return DeviceState{}, Code{}, err
	}
	code, kept := s.newCode(millis(s.now()))
	e := s.change(by, events.DeviceChanged, u)
	e.Fields = []string{"code"}
	if err := s.store.PutDeviceCode(ctx, id, kept, e); err != nil {
		return DeviceState{}, Code{}, err
	}
	s.told(ctx, e)
	d, err := s.Device(ctx, id)
	return d, code, err
}

// EndDevice signs a wall screen out. ErrNoDevice, ErrRole.
func (s *Service) EndDevice(ctx context.Context, by Principal, id UserID) error {
	if _, err := s.device(ctx, by, id); err != nil {
		return err
	}
	return noDevice(s.EndSessions(ctx, by, id))
}

// LoginDevice signs a wall screen in by its code, and out where it was signed in before. ErrDeviceCode for a code that is unknown, was used
// or has run out, and for a banned device; ErrSlowDown carries the parameter retry_after in seconds.
func (s *Service) LoginDevice(ctx context.Context, code string, d Device) (Tokens, User, error) {
	const account = "a device's code"
	now := millis(s.now())
	d = d.bounded()
	if wait := s.throttle.begin(account, d.Remote, now); wait > 0 {
		return Tokens{}, User{}, ErrSlowDown.With("retry_after", seconds(wait))
	}
	session, refresh := s.newSession(User{Kind: KindDevice}, d, now), newRefresh()
	user, ended, err := s.beginDevice(ctx, readCode(code), session, RefreshToken{Hash: hashRefresh(refresh), ExpiresAt: session.ExpiresAt})
	if errors.Is(err, ErrDeviceCode) {
		s.events.Record(events.Event{Kind: events.SignInFailed, Remote: d.Remote, Code: ErrDeviceCode.Code})
		return Tokens{}, User{}, ErrDeviceCode
	}
	if err != nil {
		s.throttle.forgive(account, d.Remote, now)
		return Tokens{}, User{}, err
	}
	s.throttle.succeed(account, d.Remote, now)
	session.User = user.ID
	tokens, err := s.tokens(session, refresh, session.ExpiresAt, now)
	if err != nil {
		return Tokens{}, User{}, err
	}
	if ended > 0 {
		s.events.Record(events.Event{Kind: events.SignedOut, Actor: user.Person(), Remote: d.Remote, Code: EndReplaced, Times: ended})
	}
	s.events.Record(events.Event{Kind: events.SignedIn, Actor: user.Person(), Remote: d.Remote})
	s.Recheck(ctx)
	s.changed()
	return tokens, user, nil
}

// beginDevice uses a code, whichever of the keys it was kept by.
func (s *Service) beginDevice(ctx context.Context, code string, session Session, first RefreshToken) (user User, ended int, err error) {
	for _, signer := range s.keys.Load().signers {
		user, ended, err = s.store.BeginDevice(ctx, signer.hashCode(code), session, first, EndReplaced)
		if !errors.Is(err, ErrDeviceCode) {
			break
		}
	}
	return user, ended, err
}

// device gives a device for an admin. ErrRole, ErrNoDevice.
func (s *Service) device(ctx context.Context, by Principal, id UserID) (User, error) {
	if err := by.needs(RoleAdmin); err != nil {
		return User{}, err
	}
	u, err := s.store.User(ctx, id)
	if err == nil && u.Kind != KindDevice {
		err = ErrNoDevice
	}
	return u, noDevice(err)
}

// noDevice names what is not there by what was asked for.
func noDevice(err error) error {
	if errors.Is(err, ErrNoUser) {
		return ErrNoDevice
	}
	return err
}

func (s *Service) newCode(now time.Time) (Code, DeviceCode) {
	random := make([]byte, codeLength)
	rand.Read(random) //nolint:errcheck // crypto/rand.Read never fails
	text := make([]byte, codeLength)
	for i, b := range random {
		text[i] = codeLetters[int(b)%len(codeLetters)]
	}
	code := Code{Text: string(text[:4]) + "-" + string(text[4:]), ExpiresAt: now.Add(codeTTL)}
	return code, DeviceCode{Hash: s.keys.Load().primary().hashCode(string(text)), ExpiresAt: code.ExpiresAt}
}

// readCode gives a typed code in its one form: whatever stands between the letters, small letters, and the Cyrillic ones that look like
// Latin ones do not matter.
func readCode(typed string) string {
	const alike = "АВЕКМНРСТУХ"
	latin := []rune("ABEKMHPCTYX")
	var code strings.Builder
	for _, r := range strings.ToUpper(typed[:min(len(typed), 64)]) {
		for i, other := range []rune(alike) {
			if r == other {
				r = latin[i]
			}
		}
		if r < 128 && strings.ContainsRune(codeLetters, r) {
			code.WriteRune(r)
		}
	}
	return code.String()
}

func newDeviceLogin() string {
	random := make([]byte, 10)
	rand.Read(random) //nolint:errcheck // crypto/rand.Read never fails
	return deviceLogin + strings.ToLower(base32.StdEncoding.EncodeToString(random))[:12]
}
