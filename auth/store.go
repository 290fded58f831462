package auth

import (
	"context"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// Session is one device's sign-in.
type Session struct {
	ID        SessionID
	User      UserID
	CreatedAt time.Time
	SeenAt    time.Time // the last sign-in or refresh
	ExpiresAt time.Time // moves with each refresh
	EndedAt   time.Time // zero while it lives
	Device    Device
}

// Lives reports whether the session can be used at now.
func (s Session) Lives(now time.Time) bool { return s.EndedAt.IsZero() && now.Before(s.ExpiresAt) }

// RefreshToken is one link of a session's chain, as the store keeps it.
type RefreshToken struct {
	Hash      []byte // SHA-256 of the token
	ExpiresAt time.Time
}

// RefreshUse is what the store found when a refresh token was presented.
type RefreshUse struct {
	Session     Session
	UsedBefore  time.Time // when the token had been used already; zero if this was the first time
	NextExpires time.Time // of the successor
}

// Account is a user with the hash of the password.
type Account struct {
	User
	PasswordHash string
}

// Store keeps users and sessions. Times are kept in milliseconds. Methods that take events write them, and raise the rights
// revision, in the transaction of the change. They answer with the faults of this package.
type Store interface {
	Revisions

	// Empty reports whether there are no users yet.
	Empty(ctx context.Context) (bool, error)
	// CreateUser adds a. ErrLoginTaken, ErrEmailTaken.
	CreateUser(ctx context.Context, a Account, evs ...events.Event) error
	// CreateFirstUser adds a if there are no users at all, and tells whether it did.
	CreateFirstUser(ctx context.Context, a Account, evs ...events.Event) (bool, error)
	// UpdateUser writes all fields of a but id and creation time, the hash only if there is one, if the row still has version. It
	// raises the version, and ends all sessions if the user is banned or gets a hash. ErrNoUser, ErrChanged, ErrLoginTaken,
	// ErrEmailTaken, ErrLastAdmin.
	UpdateUser(ctx context.Context, a Account, version int64, evs ...events.Event) (User, error)
	// DeleteUser removes a user and all that hangs on it. ErrNoUser, ErrLastAdmin.
	DeleteUser(ctx context.Context, id UserID, evs ...events.Event) error
	// SetPassword writes the hash if the account still has the one of a, and ends all sessions of the user but keep, which may be
	// empty. ErrOldPassword.
	SetPassword(ctx context.Context, a Account, hash string, keep SessionID, at time.Time, evs ...events.Event) error
	// RenewHash replaces a hash of old parameters without ending anything; it does nothing if the hash is no longer old.
	RenewHash(ctx context.Context, id UserID, old, renewed string) error

	// User gives a user. ErrNoUser.
	User(ctx context.Context, id UserID) (User, error)
	// AccountByID gives a user with the hash. ErrNoUser.
	AccountByID(ctx context.Context, id UserID) (Account, error)
	// AccountByLogin finds by login name, or by e-mail if login holds an "@". ErrNoUser.
	AccountByLogin(ctx context.Context, login string) (Account, error)
	// Users gives one page. Q is searched in login, names, e-mail and phone; Sort is one of name, login, created_at, "-" in front.
	Users(ctx context.Context, q paging.Query) (paging.Page[User], error)

	// BeginSession adds a session and its first refresh token if the user is not banned and still has passwordHash.
	// ErrCredentials otherwise.
	BeginSession(ctx context.Context, s Session, first RefreshToken, passwordHash string) error
	// Session gives a session, ended or not. ErrToken if there is none.
	Session(ctx context.Context, id SessionID) (Session, error)
	// Sessions gives the living sessions of a user, the last seen first.
	Sessions(ctx context.Context, user UserID, now time.Time) ([]Session, error)
	// UseRefresh presents a refresh token. If it was unused, it is used now, next becomes its successor and the session lives on until
	// next expires; of two at the same time one does that and the other learns of it. ErrToken if token is unknown or has expired, or its session has ended.
	UseRefresh(ctx context.Context, hash []byte, next RefreshToken, d Device, now time.Time) (RefreshUse, error)
	// SessionOfRefresh gives the session that a refresh token belongs to, used or not. ErrToken.
	SessionOfRefresh(ctx context.Context, hash []byte) (Session, error)
	// EndSession ends a session; evs are written only if it was living, which the answer tells.
	EndSession(ctx context.Context, id SessionID, code string, at time.Time, evs ...events.Event) (bool, error)
	// CleanSessions removes expired refresh tokens, and sessions that ended or expired 30 days before now.
	CleanSessions(ctx context.Context, now time.Time) error
}
