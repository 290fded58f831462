package auth

import (
	"context"
	"errors"
	"strings"
	"sync"
)

// cacheBound is how many users and sessions are kept; beyond it the cache begins anew.
const cacheBound = 10_000

// cache keeps what Authenticate asks for at every request. It is dropped whole when the rights revision rises.
type cache struct {
	mu         sync.Mutex // guards what follows; never held while the store is asked
	generation uint64     // rises at each drop, so that an answer asked for before it is not kept after it
	users      map[UserID]User
	sessions   map[SessionID]Session
	tokens     map[TokenID]Token
	keys       map[string]TokenID // hashes of keys
}

// Authenticate says who an access or API token belongs to. Signature and expiry are checked each time; that session and user still live
// comes from a cache that Recheck drops. ErrExpired: refresh; ErrToken: sign in again. Principal.Remote is left to the caller.
func (s *Service) Authenticate(ctx context.Context, access string) (Principal, error) {
	if isToken(access) {
		return s.authenticateToken(ctx, access)
	}
	id, userID, err := s.keys.Load().readAccess(access, s.now())
	if errors.Is(err, errOtherKey) && s.rereadOnce(ctx) {
		id, userID, err = s.keys.Load().readAccess(access, s.now())
	}
	if err != nil {
		return Principal{}, err
	}
	session, user, err := s.living(ctx, id)
	if err != nil {
		return Principal{}, err
	}
	if session.User != userID {
		return Principal{}, ErrToken
	}
	return Principal{User: user, Session: id}, nil
}

// SessionLives reports whether somebody may still act in session id, or by the API token that stands in its place: it has not ended or
// expired, and its user is not banned.
func (s *Service) SessionLives(ctx context.Context, id SessionID) (bool, error) {
	var err error
	if token, ok := strings.CutPrefix(string(id), tokenSession); ok {
		var t Token
		if t, err = s.token(ctx, TokenID(token)); err == nil {
			_, err = s.tokenUser(ctx, t)
		}
	} else {
		_, _, err = s.living(ctx, id)
	}
	if errors.Is(err, ErrToken) {
		return false, nil
	}
	return err == nil, err
}

// User gives a user, from the cache if possible. ErrNoUser.
func (s *Service) User(ctx context.Context, id UserID) (User, error) {
	s.cache.mu.Lock()
	user, ok := s.cache.users[id]
	generation := s.cache.generation
	s.cache.mu.Unlock()
	if ok {
		return user.clone(), nil
	}
	user, err := s.store.User(ctx, id)
	if err != nil {
		return User{}, err
	}
	s.cache.mu.Lock()
	if s.cache.generation == generation {
		if s.cache.users == nil || len(s.cache.users) >= cacheBound {
			s.cache.users = make(map[UserID]User)
		}
		s.cache.users[id] = user
	}
	s.cache.mu.Unlock()
	return user.clone(), nil
}

// Recheck drops cached users, sessions and tokens: the rights revision rose.
func (s *Service) Recheck(context.Context) {
	s.cache.mu.Lock()
	s.cache.generation++
	s.cache.users, s.cache.sessions, s.cache.tokens, s.cache.keys = nil, nil, nil, nil
	s.cache.mu.Unlock()
	select {
	case s.rechecked <- struct{}{}: // there may be a token that ends sooner than all that Run knows of
	default:
	}
}

// living gives a session in which somebody may act, and its user. ErrToken.
func (s *Service) living(ctx context.Context, id SessionID) (Session, User, error) {
	session, err := s.session(ctx, id)
	if err != nil {
		return Session{}, User{}, err
	}
	user, err := s.User(ctx, session.User)
	if errors.Is(err, ErrNoUser) || (err == nil && user.Banned) {
		return Session{}, User{}, ErrToken
	}
	return session, user, err
}

func (s *Service) session(ctx context.Context, id SessionID) (Session, error) {
	s.cache.mu.Lock()
	session, ok := s.cache.sessions[id]
	generation := s.cache.generation
	s.cache.mu.Unlock()
	if ok && session.Lives(s.now()) { // if it has run out, another node may have made it longer
		return session, nil
	}
	session, err := s.store.Session(ctx, id)
	if err != nil {
		return Session{}, err
	}
	if !session.Lives(s.now()) {
		return Session{}, ErrToken
	}
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	if s.cache.generation == generation {
		if s.cache.sessions == nil || len(s.cache.sessions) >= cacheBound {
			s.cache.sessions = make(map[SessionID]Session)
		}
		s.cache.sessions[id] = session
	}
	return session, nil
}

// forgetSession drops one session from the cache.
func (s *Service) forgetSession(id SessionID) {
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	delete(s.cache.sessions, id)
}

// clone gives a copy that shares nothing with u.
func (u User) clone() User {
	if u.ViewsLimit != nil {
		limit := *u.ViewsLimit
		u.ViewsLimit = &limit
	}
	return u
}
