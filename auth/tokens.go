package auth

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// TokenID is an API token's UUIDv7 in its text form.
type TokenID string

// tokenSession stands before a TokenID where a SessionID is expected.
const tokenSession = "token:"

// Session gives what stands for the token among sessions: whatever was opened by it lives as long as it does.
func (id TokenID) Session() SessionID { return SessionID(tokenSession + string(id)) }

// Token is a key for programs, good until it expires or is deleted. The key itself is kept as a hash alone.
type Token struct {
	ID        TokenID
	User      UserID
	Parent    TokenID // the token by which this one was made, and with which it goes; usually none
	Name      string
	Role      Role // a ceiling: it may do what its user may, and no more than this
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	SeenAt    time.Time // the last use, within half a minute; zero: never
	Remote    string    // where from
}

// Lives reports whether the token can be used at now.
func (t Token) Lives(now time.Time) bool { return t.ExpiresAt.IsZero() || now.Before(t.ExpiresAt) }

// NewToken is what an API token is made from.
type NewToken struct {
	Name      string     // required, at most 100 characters
	Role      Role       // empty: the role of who makes it; never above that
	ExpiresAt *time.Time // nil: never, or with the token that makes it
}

const (
	// tokenPrefix begins every API token, so that a leaked one is known for what it is.
	tokenPrefix = "rv_"
	// MaxTokens is how many API tokens a user may have.
	MaxTokens = 100
	// tokenSeenEvery is how often a token's use is written down.
	tokenSeenEvery = 15 * time.Second
)

// CreateToken makes an API token for by's user and gives its key, which nobody can read again. A token made by a token has its ceiling
// and end at most, and goes with it. ErrTokenFields with its fields, ErrTokens.
func (s *Service) CreateToken(ctx context.Context, by Principal, n NewToken) (key string, t Token, err error) {
	now := millis(s.now())
	t = Token{
		ID: TokenID(newID()), User: by.User.ID, Parent: by.Token, Name: tidy(n.Name), Role: n.Role, CreatedAt: now,
	}
	if t.Role == "" {
		t.Role = by.Role()
	}
	if n.ExpiresAt != nil {
		t.ExpiresAt = millis(*n.ExpiresAt)
	}
	if by.Token != "" {
		maker, err := s.token(ctx, by.Token)
		if err != nil {
			return "", Token{}, err
		}
		if t.ExpiresAt.IsZero() || !maker.Lives(t.ExpiresAt) {
			t.ExpiresAt = maker.ExpiresAt
		}
	}
	faults := ErrTokenFields
	if code := checkName(t.Name); code != "" {
		faults = faults.At("name", code)
	}
	switch {
	case t.Role.rank() == 0:
		faults = faults.At("role", "not_allowed")
	case !by.Role().Allows(t.Role):
		faults = faults.At("role", "token.role")
	}
	if n.ExpiresAt != nil && !n.ExpiresAt.After(now) { // the zero time too, which would stand for never
		faults = faults.At("expires_at", "past")
	}
	if len(faults.Fields) > 0 {
		return "", Token{}, faults
	}
	key = tokenPrefix + newRefresh()
	e := s.tokenEvent(by, events.TokenCreated, by.User, t)
	if err := s.store.CreateToken(ctx, t, hashRefresh(key), e); err != nil {
		return "", Token{}, err
	}
	s.told(ctx, e)
	return key, t, nil
}

// Tokens gives one page of a user's API tokens; Sort is name (the default), created_at, expires_at or seen_at. ErrNoUser.
func (s *Service) Tokens(ctx context.Context, user UserID, q paging.Query) (paging.Page[Token], error) {
	if _, err := s.User(ctx, user); err != nil {
		return paging.Page[Token]{}, err
	}
	s.writeUses(ctx) // whoever looks sees his own last request
	return s.store.Tokens(ctx, user, q)
}

// DeleteToken takes an API token away, at once and with what was made and opened by it: one's own, or anybody's for an admin. ErrNoToken,
// ErrNoUser, ErrRole.
func (s *Service) DeleteToken(ctx context.Context, by Principal, user UserID, id TokenID) error {
	owner, err := s.owner(ctx, by, user)
	if err != nil {
		return err
	}
	t, err := s.store.Token(ctx, id)
	if errors.Is(err, ErrToken) || err == nil && t.User != user {
		return ErrNoToken
	}
	if err != nil {
		return err
	}
	e := s.tokenEvent(by, events.TokenDeleted, owner, t)
	if err := s.store.DeleteToken(ctx, id, e); err != nil {
		return err
	}
	s.told(ctx, e)
	return nil
}

// owner gives the user whose sessions or tokens by means to see or end: himself, or anybody for an admin. ErrRole, ErrNoUser.
func (s *Service) owner(ctx context.Context, by Principal, user UserID) (User, error) {
	if by.User.ID == user {
		return by.User, nil
	}
	if err := by.needs(RoleAdmin); err != nil {
		return User{}, err
	}
	return s.store.User(ctx, user)
}

// tokenEvent begins the event of a token. Its name is told, as a camera's is: by it people know which one.
func (s *Service) tokenEvent(by Principal, kind events.Kind, owner User, t Token) events.Event {
	e := s.change(by, kind, owner)
	e.Note = "token " + t.Name
	return e
}

// authenticateToken is Authenticate for an API token.
func (s *Service) authenticateToken(ctx context.Context, key string) (Principal, error) {
	t, err := s.tokenByKey(ctx, key)
	if err != nil {
		return Principal{}, err
	}
	user, err := s.tokenUser(ctx, t)
	if err != nil {
		return Principal{}, err
	}
	return Principal{User: user.Under(t.Role), Session: t.ID.Session(), Token: t.ID, Ceiling: t.Role}, nil
}

// tokenUser gives the user of a living token. ErrToken if the token has expired, or its user is gone or banned.
func (s *Service) tokenUser(ctx context.Context, t Token) (User, error) {
	if !t.Lives(s.now()) {
		return User{}, ErrToken
	}
	user, err := s.User(ctx, t.User)
	if errors.Is(err, ErrNoUser) || err == nil && user.Banned {
		return User{}, ErrToken
	}
	return user, err
}

// tokenByKey finds a token by its key, from the cache if possible. ErrToken.
func (s *Service) tokenByKey(ctx context.Context, key string) (Token, error) {
	hash := hashRefresh(key)
	s.cache.mu.Lock()
	id, ok := s.cache.keys[string(hash)]
	t, known := s.cache.tokens[id]
	generation := s.cache.generation
	s.cache.mu.Unlock()
	if ok && known {
		return t, nil
	}
	t, err := s.store.TokenByHash(ctx, hash)
	if err != nil {
		return Token{}, err
	}
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	if s.cache.keepToken(t, generation) {
		s.cache.keys[string(hash)] = t.ID
	}
	return t, nil
}

// token gives a token by its id, from the cache if possible. ErrToken.
func (s *Service) token(ctx context.Context, id TokenID) (Token, error) {
	s.cache.mu.Lock()
	t, ok := s.cache.tokens[id]
	generation := s.cache.generation
	s.cache.mu.Unlock()
	if ok {
		return t, nil
	}
	t, err := s.store.Token(ctx, id)
	if err != nil {
		return Token{}, err
	}
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	s.cache.keepToken(t, generation)
	return t, nil
}

// keepToken keeps t unless rights have changed since generation, which it tells. The caller holds mu.
func (c *cache) keepToken(t Token, generation uint64) bool {
	if c.generation != generation {
		return false
	}
	if c.tokens == nil || len(c.tokens) >= cacheBound {
		c.tokens, c.keys = make(map[TokenID]Token), make(map[string]TokenID)
	}
	c.tokens[t.ID] = t
	return true
}

// Used notes that p's API token was used from p.Remote; for a sign-in it does nothing. It never blocks: Run writes it down.
func (s *Service) Used(p Principal) {
	if p.Token == "" {
		return
	}
	use := Token{ID: p.Token, SeenAt: millis(s.now()), Remote: Device{Remote: p.Remote}.bounded().Remote}
	s.uses.mu.Lock()
	defer s.uses.mu.Unlock()
	if s.uses.of == nil {
		s.uses.of = make(map[TokenID]Token)
	}
	s.uses.of[p.Token] = use
}

// writeUses writes down which tokens were used since the last time. What fails is lost: it says when a token was last seen, and the next
// use says so again.
func (s *Service) writeUses(ctx context.Context) {
	s.uses.mu.Lock()
	used := make([]Token, 0, len(s.uses.of))
	for _, t := range s.uses.of {
		used = append(used, t)
	}
	s.uses.of = nil
	s.uses.mu.Unlock()
	if len(used) == 0 {
		return
	}
	if err := s.store.SeeTokens(ctx, used); err != nil && ctx.Err() == nil {
		s.logger.Error("noting the use of API tokens failed", "error", err)
	}
}

// expireTokens deletes the tokens whose time is over, which ends what was opened by them, and gives how long until the next is.
func (s *Service) expireTokens(ctx context.Context) (next time.Duration) {
	const seldom = time.Hour
	now := millis(s.now())
	over, end, err := s.store.ExpiredTokens(ctx, now)
	if err != nil {
		if ctx.Err() == nil {
			s.logger.Error("looking for expired API tokens failed; tried again in a few seconds", "error", err)
		}
		return 5 * time.Second
	}
	for _, t := range over {
		owner, err := s.store.User(ctx, t.User)
		if errors.Is(err, ErrNoUser) {
			continue // gone, and the token with it
		}
		if err != nil {
			if ctx.Err() == nil {
				s.logger.Error("ending an expired API token failed; tried again in a few seconds", "token_id", t.ID, "error", err)
			}
			return 5 * time.Second
		}
		e := s.tokenEvent(Principal{}, events.TokenDeleted, owner, t)
		e.Code = EndExpired
		switch err := s.store.DeleteToken(ctx, t.ID, e); {
		case err == nil:
			s.told(ctx, e)
		case !errors.Is(err, ErrNoToken) && ctx.Err() == nil: // another node was quicker, or it went with its parent
			s.logger.Error("ending an expired API token failed; tried again in a few seconds", "token_id", t.ID, "error", err)
			return 5 * time.Second
		}
	}
	if end.IsZero() {
		return seldom
	}
	return min(max(end.Sub(now), time.Millisecond), seldom)
}

// isToken reports whether an access token has the form of an API token.
func isToken(access string) bool { return strings.HasPrefix(access, tokenPrefix) }
