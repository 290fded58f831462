package api

import (
	"context"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
)

// Session is one place where somebody is signed in.
type Session struct {
	ID        string    `json:"id"`
	Current   bool      `json:"current" doc:"this request comes from it"`
	Remote    string    `json:"remote" doc:"the client's address when it was last seen"`
	UserAgent string    `json:"user_agent" doc:"what the browser calls itself"`
	CreatedAt time.Time `json:"created_at" doc:"when it was signed in"`
	SeenAt    time.Time `json:"seen_at" doc:"within the life of an access token"`
	ExpiresAt time.Time `json:"expires_at" doc:"unless it is used before"`
}

func (a *API) sessionsOf(ctx context.Context, id auth.UserID, in PageInput) (*listOutput[Session], error) {
	page, err := a.auth.Sessions(ctx, id, in.query())
	if err != nil {
		return nil, err
	}
	here := caller(ctx).Session
	return listing(page, func(s auth.Session) Session {
		return Session{
			ID: string(s.ID), Current: s.ID == here, Remote: s.Device.Remote, UserAgent: s.Device.UserAgent,
			CreatedAt: utc(s.CreatedAt), SeenAt: utc(s.SeenAt), ExpiresAt: utc(s.ExpiresAt),
		}
	}), nil
}

func (a *API) listMySessions(ctx context.Context, in *struct{ PageInput }) (*listOutput[Session], error) {
	return a.sessionsOf(ctx, caller(ctx).User.ID, in.PageInput)
}

type ownSessionInput struct {
	ID string `path:"id"`
}

func (a *API) endMySession(ctx context.Context, in *ownSessionInput) (*nothing, error) {
	return nil, a.auth.EndSession(ctx, caller(ctx), caller(ctx).User.ID, auth.SessionID(in.ID))
}

// endMySessions signs out everywhere, and takes the cookies of this browser away.
func (a *API) endMySessions(ctx context.Context, _ *struct{}) (*signedOutOutput, error) {
	if err := a.auth.EndSessions(ctx, caller(ctx), caller(ctx).User.ID); err != nil {
		return nil, err
	}
	return &signedOutOutput{SetCookie: noCookies(exchangeFrom(ctx))}, nil
}

func (a *API) listUserSessions(ctx context.Context, in *struct {
	UserInput
	PageInput
}) (*listOutput[Session], error) {
	return a.sessionsOf(ctx, auth.UserID(in.ID), in.PageInput)
}

func (a *API) endUserSessions(ctx context.Context, in *UserInput) (*nothing, error) {
	return nil, a.auth.EndSessions(ctx, caller(ctx), auth.UserID(in.ID))
}

func (a *API) endUserSession(ctx context.Context, in *struct {
	UserInput
	Session string `path:"session_id"`
}) (*nothing, error) {
	return nil, a.auth.EndSession(ctx, caller(ctx), auth.UserID(in.ID), auth.SessionID(in.Session))
}
