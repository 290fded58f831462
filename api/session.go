package api

import (
	"context"
	"errors"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
)

// SignIn is what signing in takes.
type SignIn struct {
	Login    string `json:"login" doc:"login name or e-mail"`
	Password string `json:"password" writeOnly:"true"`
}

// SignedIn is what signing in and refreshing give. The refresh token goes into its cookie alone.
type SignedIn struct {
	AccessToken string    `json:"access_token" doc:"for Authorization: Bearer"`
	ExpiresAt   time.Time `json:"expires_at" doc:"of the access token"`
	User        User      `json:"user"`
}

type signedInOutput struct {
	SetCookie []string `header:"Set-Cookie"`
	Body      SignedIn
}

func signedIn(ctx context.Context, t auth.Tokens, u auth.User) *signedInOutput {
	return &signedInOutput{
		SetCookie: cookies(t, exchangeFrom(ctx)),
		Body:      SignedIn{AccessToken: t.Access, ExpiresAt: utc(t.AccessExpires), User: showUser(u)},
	}
}

func (a *API) login(ctx context.Context, in *struct{ Body SignIn }) (*signedInOutput, error) {
	t, u, err := a.auth.Login(ctx, in.Body.Login, in.Body.Password, exchangeFrom(ctx).device)
	if err != nil {
		return nil, err
	}
	return signedIn(ctx, t, u), nil
}

// refreshInput reads the cookie. A body is neither needed nor read.
type refreshInput struct {
	Refresh string `cookie:"rtsp_viewer_refresh" doc:"set by signing in"`
}

func (a *API) refresh(ctx context.Context, in *refreshInput) (*signedInOutput, error) {
	if in.Refresh == "" {
		return nil, auth.ErrToken
	}
	t, u, err := a.auth.Refresh(ctx, in.Refresh, exchangeFrom(ctx).device)
	if err != nil {
		return nil, err
	}
	return signedIn(ctx, t, u), nil
}

type signedOutOutput struct {
	SetCookie []string `header:"Set-Cookie"`
}

// logout ends the session, by whichever token still names it, and takes the cookies away. Signing out twice is no error.
func (a *API) logout(ctx context.Context, in *refreshInput) (*signedOutOutput, error) {
	var ended error
	if in.Refresh != "" {
		ended = a.auth.LogoutRefresh(ctx, in.Refresh)
	}
	if access := exchangeFrom(ctx).access; access != "" {
		p, err := a.auth.Authenticate(ctx, access)
		if err == nil {
			err = a.auth.Logout(ctx, p)
		}
		ended = errors.Join(ended, err)
	}
	if ended != nil && !signedOutAnyway(ended) {
		return nil, ended
	}
	return &signedOutOutput{SetCookie: noCookies(exchangeFrom(ctx))}, nil
}

func signedOutAnyway(err error) bool {
	return errors.Is(err, auth.ErrToken) || errors.Is(err, auth.ErrExpired)
}
