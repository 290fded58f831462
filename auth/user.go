// Package auth says who somebody is and what their role allows: users, wall screens, passwords, sign-in sessions, access, refresh and API
// tokens.
//
// It owns User, Role, Principal and Service. It refuses to say which of login and password was wrong, to keep a password in any form
// but argon2id or a token in the clear (a bcrypt hash of the predecessor is replaced at the next sign-in), to let a token outlive its session or do more than its user, and to let a screen do anything but
// show. Service.Run (cleaning of ended sessions, the ends of API tokens and their use) is its only goroutine.
package auth

import (
	"context"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// UserID is a user's UUIDv7 in its text form.
type UserID string

// SessionID is a sign-in session's UUIDv7 in its text form. A session is one device's sign-in; its refresh tokens form one family. What
// is opened by an API token has TokenID.Session in its place.
type SessionID string

// Kind tells people from screens.
type Kind string

// The kinds of user. A device is a screen on a wall: without login, e-mail and password, of role user for ever, and view-only.
const (
	KindPerson Kind = "person"
	KindDevice Kind = "device"
)

// Role is what a user may do; each role may do all that the one before it may.
type Role string

// The roles, weakest first.
const (
	RoleUser      Role = "user"
	RoleModerator Role = "moderator"
	RoleAdmin     Role = "admin"
)

// Allows reports whether somebody of role r may do what needs role need. An unknown role allows nothing.
func (r Role) Allows(need Role) bool { return r.rank() >= need.rank() && r.rank() > 0 }

func (r Role) rank() int {
	switch r {
	case RoleUser:
		return 1
	case RoleModerator:
		return 2
	case RoleAdmin:
		return 3
	}
	return 0
}

// User is an account. Its password hash stays between Service and Store.
type User struct {
	ID         UserID
	Kind       Kind   // KindPerson if empty
	Login      string // unique after folding; a device's is made up and signs nobody in
	Email      string // optional, unique after folding
	FirstName  string
	LastName   string // a device's name
	MiddleName string
	Phone      string
	Notes      string // of a device; at most 1,000 characters
	Role       Role
	Banned     bool
	// HasPassword is read-only. False for somebody taken over whose password was not, and who can't sign in before an admin sets one; and for
	// a device.
	HasPassword bool
	ViewsLimit  *int   // nil: the gateway's default; 0: may not watch; 1–64
	Language    string // "ru", "en" or "" for the browser's
	Version     int64  // rises with every change; the ETag
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Name gives the user as people call them: «Иванов И. И.», "Smith J.", or the login where no name is known.
func (u User) Name() string {
	if u.LastName == "" {
		if u.FirstName != "" {
			return u.FirstName
		}
		return u.Login
	}
	name := u.LastName
	for _, part := range []string{u.FirstName, u.MiddleName} {
		for _, r := range part {
			name += " " + strings.ToUpper(string(r)) + "."
			break
		}
	}
	return name
}

// Under gives u as somebody who may do no more than ceiling; "" is no ceiling.
func (u User) Under(ceiling Role) User {
	if ceiling != "" && u.Role.rank() > ceiling.rank() {
		u.Role = ceiling
	}
	return u
}

// Principal is who a request comes from, as the token or cookie proved it. It travels in the context.
type Principal struct {
	User    User      // under Ceiling
	Session SessionID // what SessionLives knows: the sign-in session, or the API token as TokenID.Session gives it
	Token   TokenID   // the API token; empty for a sign-in
	Ceiling Role      // of the API token; empty for a sign-in
	Remote  string    // client address without port, after trusted proxies
}

// Role gives the role that the request may use.
func (p Principal) Role() Role { return p.User.Role }

type contextKey struct{}

// WithPrincipal gives a context that carries p.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// PrincipalFrom gives the principal in ctx; false if nobody is signed in.
func PrincipalFrom(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(contextKey{}).(Principal)
	return p, ok
}

// Faults that auth gives. ErrCredentials is the same for an unknown login, a wrong password and a banned user.
var (
	ErrCredentials = fault.New(fault.Unauthenticated, "auth.credentials", "login or password is wrong")
	ErrToken       = fault.New(fault.Unauthenticated, "auth.token", "sign in again")
	ErrExpired     = fault.New(fault.Unauthenticated, "auth.expired", "the access token has expired; refresh it")
	ErrRole        = fault.New(fault.Forbidden, "auth.role", "your role does not allow this")
	ErrSlowDown    = fault.New(fault.TooMany, "auth.slow_down", "too many attempts; wait and try again")
	ErrNoUser      = fault.New(fault.NotFound, "user.not_found", "no such user")
	ErrLoginTaken  = fault.New(fault.Conflict, "user.login_taken", "this login is taken")
	ErrEmailTaken  = fault.New(fault.Conflict, "user.email_taken", "this e-mail is taken")
	ErrLastAdmin   = fault.New(fault.Conflict, "user.last_admin", "the last admin can't be deleted, banned or demoted")
	ErrNoSession   = fault.New(fault.NotFound, "session.not_found", "no such sign-in")
	ErrNoToken     = fault.New(fault.NotFound, "token.not_found", "no such API token")
	ErrNoDevice    = fault.New(fault.NotFound, "device.not_found", "no such screen")
	ErrTokenFields = fault.New(fault.Invalid, "token.invalid", "some fields can't be as they were sent")
	ErrTokens      = fault.New(fault.Conflict, "token.too_many", "this account has as many API tokens as it may have; delete some") // Params: limit
	ErrDeviceCode  = fault.New(fault.Unauthenticated, "auth.device_code", "this code is wrong, was used, or has run out; ask for a new one")
	ErrViewOnly    = fault.New(fault.Forbidden, "auth.device", "a wall screen may only watch")
	ErrDevice      = fault.New(fault.Conflict, "user.device", "a wall screen has no login, e-mail, password or role of its own")
)
