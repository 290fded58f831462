package api

import (
	"context"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
)

// Token is an API token, for programs. Its key is shown once, when it is made.
type Token struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Role      string     `json:"role" enum:"user,moderator,admin" doc:"a ceiling: it may do what its user may, and no more than this"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at" doc:"null: never"`
	SeenAt    *time.Time `json:"seen_at" doc:"the last use, within half a minute; null: never"`
	Remote    string     `json:"remote" doc:"the client's address at that time"`
}

func showToken(t auth.Token) Token {
	return Token{
		ID: string(t.ID), Name: t.Name, Role: string(t.Role), CreatedAt: utc(t.CreatedAt),
		ExpiresAt: utcOr(&t.ExpiresAt), SeenAt: utcOr(&t.SeenAt), Remote: t.Remote,
	}
}

// NewToken is what an API token is made from.
type NewToken struct {
	Name      string     `json:"name" example:"Statistics"`
	Role      *string    `json:"role,omitempty" nullable:"true" enum:"user,moderator,admin" doc:"a ceiling, never above one's own role; that if absent"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" nullable:"true" doc:"absent or null: never"`
}

// TokenMade is a new API token with its key.
type TokenMade struct {
	Token
	Key string `json:"token" doc:"for Authorization: Bearer; nobody can read it again"`
}

func (a *API) createToken(ctx context.Context, in *struct{ Body NewToken }) (*created[TokenMade], error) {
	key, t, err := a.auth.CreateToken(ctx, caller(ctx), auth.NewToken{
		Name: in.Body.Name, Role: auth.Role(value(in.Body.Role)), ExpiresAt: in.Body.ExpiresAt,
	})
	if err != nil {
		return nil, err
	}
	return &created[TokenMade]{
		Location: "/api/v1/me/tokens/" + string(t.ID), Body: TokenMade{Token: showToken(t), Key: key},
	}, nil
}

func (a *API) tokensOf(ctx context.Context, id auth.UserID, in PageInput) (*listOutput[Token], error) {
	page, err := a.auth.Tokens(ctx, id, in.query())
	if err != nil {
		return nil, err
	}
	return listing(page, showToken), nil
}

func (a *API) listMyTokens(ctx context.Context, in *struct{ PageInput }) (*listOutput[Token], error) {
	return a.tokensOf(ctx, caller(ctx).User.ID, in.PageInput)
}

func (a *API) deleteMyToken(ctx context.Context, in *struct {
	ID string `path:"id"`
}) (*nothing, error) {
	return nil, a.auth.DeleteToken(ctx, caller(ctx), caller(ctx).User.ID, auth.TokenID(in.ID))
}

func (a *API) listUserTokens(ctx context.Context, in *struct {
	UserInput
	PageInput
}) (*listOutput[Token], error) {
	return a.tokensOf(ctx, auth.UserID(in.ID), in.PageInput)
}

func (a *API) deleteUserToken(ctx context.Context, in *struct {
	UserInput
	Token string `path:"token_id"`
}) (*nothing, error) {
	return nil, a.auth.DeleteToken(ctx, caller(ctx), auth.UserID(in.ID), auth.TokenID(in.Token))
}
