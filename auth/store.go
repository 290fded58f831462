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
	Replaced    bool      // a later successor has taken its place: whoever has this one has a copy
	Next        []byte    // hash of the successor of a token that was used before; nil if it is not known
	NextExpires time.Time // of the successor; zero if it is not known
	NextUsed    time.Time // when the successor was used; zero if it was not
	// NextLost says that a token used before has another successor than was foreseen: another key has made it. Next is then what stands in its
	// place and was never used, if there is such a token.
	NextLost bool
}

// UsersQuery asks for one page of users. What is empty does not narrow the list.
type UsersQuery struct {
	paging.Query
	Kind        Kind
	Role        Role
	Banned      *bool
	HasPassword *bool
}

// Edited is what became of one user in EditUsers.
type Edited struct {
	ID      UserID
	Changed bool
	Events  []events.Event // that were written
	Err     error          // a fault: nothing was changed
}

// DeviceCode is a code that signs a device in once, as the store keeps it.
type DeviceCode struct {
	Hash      []byte
	ExpiresAt time.Time
}

// DeviceState is a device as the list of devices shows it.
type DeviceState struct {
	User
	SignedIn    bool
	LastSession Session   // the last one, living or not; zero if it never signed in
	CodeExpires time.Time // of the code that will sign it in next; zero if there is none
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
	// AccountByLogin finds a person by login name, or by e-mail if login holds an "@". ErrNoUser.
	AccountByLogin(ctx context.Context, login string) (Account, error)
	// Users gives one page. Q is searched in login, names, e-mail, phone and notes; Sort is one of name, login, created_at, "-" in front.
	Users(ctx context.Context, q UsersQuery) (paging.Page[User], error)
	// LastSeen gives the last use of any sign-in of each of at most 1,000 users, or that sign-in itself where the session is cleaned away.
	// Who never signed in is missing.
	LastSeen(ctx context.Context, users []UserID) (map[UserID]time.Time, error)
	// EditUsers asks edit what each of the users becomes and writes it, all in one transaction. An error of edit, and ErrLastAdmin and
	// ErrNoUser, meet one user alone and stand in the answer, which has the order of ids. edit may be called again for all.
	EditUsers(ctx context.Context, ids []UserID, edit func(User) (User, []events.Event, error)) ([]Edited, error)

	// BeginSession adds a session and its first refresh token if the user is not banned and still has passwordHash.
	// ErrCredentials otherwise.
	BeginSession(ctx context.Context, s Session, first RefreshToken, passwordHash string) error
	// Session gives a session, ended or not. ErrToken if there is none.
	Session(ctx context.Context, id SessionID) (Session, error)
	// Sessions gives one page of the living sessions of a user. Q is searched in address and browser; Sort is one of seen_at, created_at,
	// expires_at, "-" in front; the last seen first without it.
	Sessions(ctx context.Context, user UserID, now time.Time, q paging.Query) (paging.Page[Session], error)
	// UseRefresh presents a refresh token. If it was unused, it is used now, next becomes its successor and the session, and the memory of
	// this token, lives on until next expires; of two at the same time one does that and the other learns of it. next gives the successor of
	// the token as used at a moment. ErrToken if token is unknown or has expired, or its session has ended.
	UseRefresh(ctx context.Context, hash []byte, next func(used time.Time) RefreshToken, d Device, now time.Time) (RefreshUse, error)
	// ReplaceRefresh gives a token that was used before, and whose successor never was, as UseRefresh has found, a new successor: the token
	// counts as used now, and the former successor as replaced. False, and nothing is changed, if any of that is not so any more.
	ReplaceRefresh(ctx context.Context, hash []byte, use RefreshUse, next RefreshToken, d Device, now time.Time) (bool, error)
	// SessionOfRefresh gives the session that a refresh token belongs to, used or not. ErrToken.
	SessionOfRefresh(ctx context.Context, hash []byte) (Session, error)
	// EndSession ends a session; evs are written only if it was living, which the answer tells.
	EndSession(ctx context.Context, id SessionID, code string, at time.Time, evs ...events.Event) (bool, error)
	// EndSessions ends all living sessions of a user and counts them; evs, with that count in Times, are written only if there were any.
	EndSessions(ctx context.Context, user UserID, code string, at time.Time, evs ...events.Event) (int, error)
	// CleanSessions removes expired refresh tokens, those used 30 days before now but each session's last, sessions that ended or expired
	// as long ago, and codes of devices that have run out.
	CleanSessions(ctx context.Context, now time.Time) error

	// CreateToken adds an API token with the hash of its key. ErrNoUser, ErrToken if its parent is gone, ErrTokens.
	CreateToken(ctx context.Context, t Token, hash []byte, evs ...events.Event) error
	// Token gives an API token. ErrToken.
	Token(ctx context.Context, id TokenID) (Token, error)
	// TokenByHash finds an API token by its key. ErrToken.
	TokenByHash(ctx context.Context, hash []byte) (Token, error)
	// Tokens gives one page of a user's API tokens. Q is searched in the name; Sort is one of name, created_at, expires_at, seen_at.
	Tokens(ctx context.Context, user UserID, q paging.Query) (paging.Page[Token], error)
	// DeleteToken removes an API token and those made by it. ErrNoToken.
	DeleteToken(ctx context.Context, id TokenID, evs ...events.Event) error
	// SeeTokens writes SeenAt and Remote of tokens, by id. It changes no rights.
	SeeTokens(ctx context.Context, used []Token) error
	// ExpiredTokens gives the tokens whose time was over at now, and when the next one's will be; zero if none has an end.
	ExpiredTokens(ctx context.Context, now time.Time) ([]Token, time.Time, error)

	// CreateDevice adds a device and the code that will sign it in.
	CreateDevice(ctx context.Context, u User, code DeviceCode, evs ...events.Event) error
	// DeviceState gives a device with its sign-in. ErrNoDevice.
	DeviceState(ctx context.Context, id UserID, now time.Time) (DeviceState, error)
	// Devices gives one page. Q is searched in name and notes; Sort is one of name, created_at, seen_at.
	Devices(ctx context.Context, now time.Time, q paging.Query) (paging.Page[DeviceState], error)
	// PutDeviceCode replaces the code that will sign a device in. ErrNoDevice.
	PutDeviceCode(ctx context.Context, id UserID, code DeviceCode, evs ...events.Event) error
	// BeginDevice uses a device's code: the code is gone, the sessions that the device had end with endCode, and s begins for it. It gives
	// the device, and how many sessions have ended. ErrDeviceCode if the code is not there or has run out, or the device is banned.
	BeginDevice(ctx context.Context, hash []byte, s Session, first RefreshToken, endCode string) (User, int, error)
}
