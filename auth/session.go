package auth

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fold"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// Codes of a session's end, as events carry them.
const (
	EndLogout   = "auth.logout"   // signed out
	EndReused   = "auth.reused"   // a used refresh token came back: somebody has a copy
	EndPassword = "auth.password" // the password was changed
	EndBanned   = "auth.banned"   // the user was banned
	EndRevoked  = "auth.revoked"  // signed out from elsewhere: by the same person at another screen, or by an admin
	EndReplaced = "auth.replaced" // another screen was signed in by the device's new code
	EndExpired  = "auth.expired"  // of an API token: its time is over
)

// Login signs somebody in by login name or e-mail. An unknown account, a wrong password and a banned user answer with the same
// ErrCredentials after the same time. ErrSlowDown carries the parameter retry_after in seconds.
func (s *Service) Login(ctx context.Context, login, password string, d Device) (Tokens, User, error) {
	now := millis(s.now())
	d = d.bounded()
	name := fold.Text(login)
	if len(name) > 4*maxLogin+maxEmail { // longer than any account's: unknown, without asking
		name = ""
	}
	if wait := s.throttle.begin(name, d.Remote, now); wait > 0 {
		return Tokens{}, User{}, ErrSlowDown.With("retry_after", seconds(wait))
	}
	account, err := s.store.AccountByLogin(ctx, name)
	if err != nil && !errors.Is(err, ErrNoUser) {
		s.throttle.forgive(name, d.Remote, now)
		return Tokens{}, User{}, err
	}
	if len(password) > maxPassword { // never set, so it can't match; the time must still pass
		password = ""
	}
	match, old, err := s.hasher.compare(ctx, password, account.PasswordHash)
	if err != nil {
		s.throttle.forgive(name, d.Remote, now)
		return Tokens{}, User{}, err
	}
	if !match || account.Banned || account.Kind == KindDevice {
		s.refused(account.User, match, d)
		return Tokens{}, User{}, ErrCredentials
	}

	session, refresh := s.newSession(account.User, d, now), newRefresh()
	err = s.store.BeginSession(ctx, session, RefreshToken{Hash: hashRefresh(refresh), ExpiresAt: session.ExpiresAt}, account.PasswordHash)
	if errors.Is(err, ErrCredentials) { // banned, or the password changed, while we were hashing
		s.refused(account.User, false, d)
		return Tokens{}, User{}, ErrCredentials
	}
	if err != nil {
		s.throttle.forgive(name, d.Remote, now)
		return Tokens{}, User{}, err
	}
	s.throttle.succeed(name, d.Remote, now)
	if old {
		s.renewHash(ctx, account, password)
	}
	tokens, err := s.tokens(session, refresh, session.ExpiresAt, now)
	if err != nil {
		return Tokens{}, User{}, err
	}
	s.events.Record(events.Event{Kind: events.SignedIn, Actor: account.Person(), Remote: d.Remote})
	return tokens, account.User, nil
}

// newSession makes a session that begins now.
func (s *Service) newSession(u User, d Device, now time.Time) Session {
	return Session{
		ID: SessionID(newID()), User: u.ID, Device: d, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(s.sessionTTL(u.Kind)),
	}
}

// sessionTTL is how long a session lives without use.
func (s *Service) sessionTTL(kind Kind) time.Duration {
	if kind == KindDevice {
		return DefaultDeviceTTL
	}
	return s.refreshTTL
}

// refused records a failed sign-in. What was typed as the login of an unknown account is not kept: it may be a password.
func (s *Service) refused(u User, match bool, d Device) {
	code := ErrCredentials.Code
	if match {
		code = EndBanned
	}
	s.events.Record(events.Event{Kind: events.SignInFailed, User: u.Person(), Remote: d.Remote, Code: code})
}

func (s *Service) renewHash(ctx context.Context, account Account, password string) {
	hash, err := s.hasher.hash(ctx, password)
	if err == nil {
		err = s.store.RenewHash(ctx, account.ID, account.PasswordHash, hash)
	}
	if err != nil && ctx.Err() == nil {
		s.logger.Error("renewing a password hash failed; tried again at the next sign-in", "user_id", account.ID, "error", err)
	}
}

// Refresh exchanges a refresh token for new tokens. A token that was used less than 60 s ago gives the same successor again (two
// tabs, a power cut); one used earlier ends the session, since somebody has a copy. A screen's gives a new one in its place for as long as
// that successor was never used: the power may have gone before the screen had it, and nobody is there to sign it in again. If the former
// successor comes after all, two have copies, and the session ends. ErrToken.
func (s *Service) Refresh(ctx context.Context, refresh string, d Device) (Tokens, User, error) {
	if len(refresh) != 43 {
		return Tokens{}, User{}, ErrToken
	}
	now := millis(s.now())
	d = d.bounded()
	hash := hashRefresh(refresh)
	session, err := s.store.SessionOfRefresh(ctx, hash)
	if err != nil {
		return Tokens{}, User{}, err
	}
	user, err := s.store.User(ctx, session.User)
	if errors.Is(err, ErrNoUser) || (err == nil && user.Banned) {
		return Tokens{}, User{}, ErrToken
	}
	if err != nil {
		return Tokens{}, User{}, err
	}
	next := func(by *signer, used time.Time) RefreshToken {
		return RefreshToken{Hash: hashRefresh(by.successor(refresh, used)), ExpiresAt: now.Add(s.sessionTTL(user.Kind))}
	}
	use, by, err := s.useRefresh(ctx, hash, next, d, now)
	if err != nil {
		return Tokens{}, User{}, err
	}
	used := now
	late := !use.UsedBefore.IsZero() && now.Sub(use.UsedBefore) > refreshGrace
	switch {
	case (late || use.NextLost) && user.Kind == KindDevice && use.NextUsed.IsZero() && !use.NextExpires.IsZero():
		by = s.keys.Load().primary()
		renewed := next(by, now)
		replaced, err := s.store.ReplaceRefresh(ctx, hash, use, renewed, d, now)
		if err != nil {
			return Tokens{}, User{}, err
		}
		if !replaced { // somebody was quicker with the same token, or with its successor: now it is found out who
			return s.Refresh(ctx, refresh, d)
		}
		use.NextExpires = renewed.ExpiresAt
	case late || use.Replaced:
		if err := s.endSession(ctx, use.Session.ID, EndReused, events.Event{User: user.Person(), Remote: d.Remote}); err != nil {
			return Tokens{}, User{}, err
		}
		return Tokens{}, User{}, ErrToken
	case use.NextLost: // the signing key was taken away in the very moment
		return Tokens{}, User{}, ErrToken
	case !use.UsedBefore.IsZero():
		used = use.UsedBefore
	}
	s.forgetSession(use.Session.ID) // it expires later now
	tokens, err := s.tokens(use.Session, by.successor(refresh, used), use.NextExpires, now)
	return tokens, user, err
}

// useRefresh presents a refresh token to the store, and gives the signer that its successor is made by: the one that signs now, or, if the
// token was used before, the one of then. If that key is gone, the use says so.
func (s *Service) useRefresh(
	ctx context.Context, hash []byte, next func(*signer, time.Time) RefreshToken, d Device, now time.Time,
) (use RefreshUse, by *signer, err error) {
	for {
		for _, by := range s.keys.Load().signers {
			use, err = s.store.UseRefresh(ctx, hash, func(used time.Time) RefreshToken { return next(by, used) }, d, now)
			if err != nil || !use.NextLost {
				return use, by, err
			}
		}
		if !s.rereadOnce(ctx) {
			return use, nil, nil
		}
	}
}

// Logout ends the session that p comes from. It does nothing for an API token.
func (s *Service) Logout(ctx context.Context, p Principal) error {
	if p.Session == "" || p.Token != "" {
		return nil
	}
	return s.endSession(ctx, p.Session, EndLogout, events.Event{Actor: p.User.Person(), Remote: p.Remote})
}

// LogoutRefresh ends the session that a refresh token belongs to: for a page whose access token has expired. An unknown token is no
// error, since nobody is signed in then.
func (s *Service) LogoutRefresh(ctx context.Context, refresh string) error {
	session, err := s.store.SessionOfRefresh(ctx, hashRefresh(refresh))
	if errors.Is(err, ErrToken) {
		return nil
	}
	if err != nil {
		return err
	}
	user, err := s.store.User(ctx, session.User)
	if err != nil {
		return err
	}
	return s.endSession(ctx, session.ID, EndLogout, events.Event{Actor: user.Person(), Remote: session.Device.Remote})
}

// Sessions gives one page of where a user is signed in; Sort is seen_at, created_at or expires_at, the last seen first without it.
// ErrNoUser.
func (s *Service) Sessions(ctx context.Context, user UserID, q paging.Query) (paging.Page[Session], error) {
	if _, err := s.User(ctx, user); err != nil {
		return paging.Page[Session]{}, err
	}
	return s.store.Sessions(ctx, user, s.now(), q)
}

// EndSession signs a user out at one place: one's own, or anybody's for an admin. ErrNoSession, ErrNoUser, ErrRole.
func (s *Service) EndSession(ctx context.Context, by Principal, user UserID, id SessionID) error {
	owner, err := s.owner(ctx, by, user)
	if err != nil {
		return err
	}
	session, err := s.store.Session(ctx, id)
	if errors.Is(err, ErrToken) || err == nil && (session.User != user || !session.Lives(s.now())) {
		return ErrNoSession
	}
	if err != nil {
		return err
	}
	code := EndRevoked
	if id == by.Session {
		code = EndLogout
	}
	return s.endSession(ctx, id, code, s.change(by, events.SignedOut, owner))
}

// EndSessions signs a user out everywhere; API tokens stay. One's own, or anybody's for an admin. ErrNoUser, ErrRole.
func (s *Service) EndSessions(ctx context.Context, by Principal, user UserID) error {
	owner, err := s.owner(ctx, by, user)
	if err != nil {
		return err
	}
	e := s.change(by, events.SignedOut, owner)
	e.Code = EndRevoked
	if e.Times, err = s.store.EndSessions(ctx, user, e.Code, e.At, e); err != nil {
		return err
	}
	if e.Times > 0 {
		s.told(ctx, e)
	}
	return nil
}

func (s *Service) endSession(ctx context.Context, id SessionID, code string, e events.Event) error {
	e.At, e.Kind, e.Code = millis(s.now()), events.SignedOut, code
	ended, err := s.store.EndSession(ctx, id, code, e.At, e)
	if err != nil {
		return err
	}
	if ended {
		s.told(ctx, e)
	}
	return nil
}

func (s *Service) tokens(session Session, refresh string, refreshExpires, now time.Time) (Tokens, error) {
	expires := now.Add(s.accessTTL)
	if refreshExpires.Before(expires) {
		expires = refreshExpires
	}
	expires = expires.Truncate(time.Second) // as a JWT carries it
	access, err := s.keys.Load().primary().newAccess(session, now, expires)
	if err != nil {
		return Tokens{}, err
	}
	return Tokens{Access: access, AccessExpires: expires.UTC(), Refresh: refresh, RefreshExpires: refreshExpires.UTC()}, nil
}

// bounded gives d as it is kept: short, and without what no database takes.
func (d Device) bounded() Device {
	return Device{Remote: printable(d.Remote, 64), UserAgent: printable(d.UserAgent, 256)}
}

// printable gives the first n runes of s without control characters and broken UTF-8.
func printable(s string, n int) string {
	var b strings.Builder
	for _, r := range s {
		if r == unicode.ReplacementChar || unicode.IsControl(r) {
			continue
		}
		if n--; n < 0 {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// millis gives t in UTC as precisely as the store keeps it.
func millis(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// newID gives a UUIDv7 (RFC 9562) as text: ids made later sort later.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// Person gives u as events keep it.
func (u User) Person() events.Person {
	if u.ID == "" {
		return events.Person{}
	}
	return events.Person{ID: string(u.ID), Login: u.Login, Name: u.Name()}
}
