// Package auth says who somebody is and what their role allows: users, passwords, sign-in sessions, access and refresh tokens.
//
// It owns User, Role, Principal and Service. It refuses to say which of login and password was wrong, to keep a password in any form
// but argon2id, and to give a token that outlives its session. Service.Run (cleaning of ended sessions) is its only goroutine.
package auth

import (
	"context"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// UserID is a user's UUIDv7 in its text form.
type UserID string

// SessionID is a sign-in session's UUIDv7 in its text form. A session is one device's sign-in; its refresh tokens form one family.
type SessionID string

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
	Login      string // unique after folding
	Email      string // optional, unique after folding
	FirstName  string
	LastName   string
	MiddleName string
	Phone      string
	Role       Role
	Banned     bool
	ViewsLimit *int   // nil: the gateway's default; 0: may not watch; 1–64
	Language   string // "ru", "en" or "" for the browser's
	Version    int64  // rises with every change; the ETag
	CreatedAt  time.Time
	UpdatedAt  time.Time
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

// Principal is who a request comes from, as the token or cookie proved it. It travels in the context.
type Principal struct {
	User    User
	Session SessionID // empty for API tokens
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
)
