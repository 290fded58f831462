package api

import (
	"context"
	"errors"
	"net/http"
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
	Status    int
	SetCookie []string `header:"Set-Cookie"`
	Body      SignedIn
}

func signedIn(ctx context.Context, t auth.Tokens, u auth.User) *signedInOutput {
	return &signedInOutput{
		Status:    http.StatusOK,
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

// logoutInput reads the cookie. A body is neither needed nor read.
type logoutInput struct {
	Refresh string `cookie:"rtsp_viewer_refresh" doc:"set by signing in"`
}

func (a *API) refresh(ctx context.Context, in *struct {
	Refresh string `cookie:"rtsp_viewer_refresh" doc:"set by signing in"`
	Prefer  string `header:"Prefer" maxLength:"200" doc:"handling=lenient (RFC 7240): 204 instead of 401 for somebody without a cookie"`
}) (*signedInOutput, error) {
	if in.Refresh == "" {
		// A page that asks whether somebody is signed in finds nobody, which is no error and none for the browser's console.
		if in.Prefer == "handling=lenient" {
			return &signedInOutput{Status: noContent}, nil
		}
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
func (a *API) logout(ctx context.Context, in *logoutInput) (*signedOutOutput, error) {
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
