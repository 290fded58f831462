package api

import (
	"context"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

// User is an account as admins, and people themselves, see it. The password never comes out.
type User struct {
	ID          string    `json:"id" readOnly:"true"`
	Kind        string    `json:"kind" readOnly:"true" enum:"person,device" doc:"device: a screen on a wall"`
	Login       string    `json:"login"`
	Email       string    `json:"email" doc:"may be empty"`
	FirstName   string    `json:"first_name"`
	LastName    string    `json:"last_name"`
	MiddleName  string    `json:"middle_name" doc:"may be empty"`
	Phone       string    `json:"phone" doc:"may be empty"`
	Name        string    `json:"name" readOnly:"true" doc:"as people call them" example:"Иванов И. И."`
	Role        string    `json:"role" enum:"user,moderator,admin"`
	Banned      bool      `json:"banned"`
	HasPassword bool      `json:"has_password" readOnly:"true" doc:"false: nobody can sign in to it before an admin sets a password, as after moving in from the predecessor"`
	ViewsLimit  *int      `json:"views_limit" doc:"views at once: null is the gateway's default, 0 none, else 1 to 64"`
	Language    string    `json:"language" doc:"ru, en, or empty for the browser's"`
	Version     int64     `json:"version" readOnly:"true" doc:"rises with every change; the ETag"`
	CreatedAt   time.Time `json:"created_at" readOnly:"true"`
	UpdatedAt   time.Time `json:"updated_at" readOnly:"true"`
}

func showUser(u auth.User) User {
	return User{
		ID: string(u.ID), Kind: string(u.Kind), Login: u.Login, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, MiddleName: u.MiddleName,
		Phone: u.Phone, Name: u.Name(), Role: string(u.Role), Banned: u.Banned, HasPassword: u.HasPassword, ViewsLimit: u.ViewsLimit, Language: u.Language,
		Version: u.Version, CreatedAt: utc(u.CreatedAt), UpdatedAt: utc(u.UpdatedAt),
	}
}

// Person is somebody as others see them.
type Person struct {
	ID    string `json:"id"`
	Login string `json:"login"`
	Name  string `json:"name"`
	Kind  string `json:"kind,omitempty" enum:"person,device" doc:"left out where it is not known any more"`
}

func showPerson(u auth.User) Person {
	return Person{ID: string(u.ID), Login: u.Login, Name: u.Name(), Kind: string(u.Kind)}
}

// ListedUser is an account in the list of all.
type ListedUser struct {
	User
	SeenAt *time.Time `json:"seen_at" readOnly:"true" doc:"within the life of an access token; null: never signed in"`
}

func (a *API) listUsers(ctx context.Context, in *struct {
	PageInput
	Role        string `query:"role" enum:"user,moderator,admin" doc:"only those of this role"`
	Banned      string `query:"banned" enum:"true,false" doc:"only those who are banned, or who are not"`
	HasPassword string `query:"has_password" enum:"true,false" doc:"only those who have a password, or who have none"`
	Kind        string `query:"kind" enum:"person,device" doc:"person if absent"`
}) (*listOutput[ListedUser], error) {
	q := auth.UsersQuery{Query: in.query(), Kind: auth.Kind(in.Kind), Role: auth.Role(in.Role)}
	if q.Kind == "" {
		q.Kind = auth.KindPerson
	}
	q.Banned, q.HasPassword = yesOrNo(in.Banned), yesOrNo(in.HasPassword)
	page, err := a.auth.Users(ctx, q)
	if err != nil {
		return nil, err
	}
	ids := make([]auth.UserID, 0, len(page.Items))
	for _, u := range page.Items {
		ids = append(ids, u.ID)
	}
	seen, err := a.auth.LastSeen(ctx, ids)
	if err != nil {
		return nil, err
	}
	return listing(page, func(u auth.User) ListedUser {
		at := seen[u.ID]
		return ListedUser{User: showUser(u), SeenAt: utcOr(&at)}
	}), nil
}

// yesOrNo reads a filter; nil if it is absent.
func yesOrNo(text string) *bool {
	if text == "" {
		return nil
	}
	yes := text == "true"
	return &yes
}

// PersonWithRole is what moderators need to grant cameras.
type PersonWithRole struct {
	Person
	Role string `json:"role" enum:"user,moderator,admin"`
}

func showRole(u auth.User) PersonWithRole {
	return PersonWithRole{Person: showPerson(u), Role: string(u.Role)}
}

func (a *API) listPeople(ctx context.Context, in *struct {
	PageInput
	Kind string `query:"kind" enum:"person,device" doc:"both if absent"`
}) (*listOutput[PersonWithRole], error) {
	page, err := a.auth.Users(ctx, auth.UsersQuery{Query: in.query(), Kind: auth.Kind(in.Kind)})
	if err != nil {
		return nil, err
	}
	return listing(page, showRole), nil
}

// UserInput names a user in the path.
type UserInput struct {
	ID string `path:"id"`
}

func (a *API) getPerson(ctx context.Context, in *UserInput) (*object[PersonWithRole], error) {
	u, err := a.auth.UserByID(ctx, auth.UserID(in.ID))
	if err != nil {
		return nil, err
	}
	return &object[PersonWithRole]{Body: showRole(u)}, nil
}

func (a *API) getUser(ctx context.Context, in *UserInput) (*object[User], error) {
	u, err := a.auth.UserByID(ctx, auth.UserID(in.ID))
	if err != nil {
		return nil, err
	}
	return showAccount(u), nil
}

func showAccount(u auth.User) *object[User] {
	return &object[User]{ETag: etag(u.Version), Body: showUser(u)}
}

// NewUser is what an account is made from.
type NewUser struct {
	Login      string  `json:"login"`
	Password   string  `json:"password" writeOnly:"true"`
	Email      *string `json:"email,omitempty" nullable:"true"`
	FirstName  *string `json:"first_name,omitempty" nullable:"true"`
	LastName   *string `json:"last_name,omitempty" nullable:"true"`
	MiddleName *string `json:"middle_name,omitempty" nullable:"true"`
	Phone      *string `json:"phone,omitempty" nullable:"true"`
	Role       *string `json:"role,omitempty" nullable:"true" enum:"user,moderator,admin" doc:"user if absent"`
	Banned     *bool   `json:"banned,omitempty" nullable:"true"`
	ViewsLimit *int    `json:"views_limit,omitempty" nullable:"true"`
	Language   *string `json:"language,omitempty" nullable:"true"`
}

func (a *API) createUser(ctx context.Context, in *struct{ Body NewUser }) (*created[User], error) {
	b := in.Body
	u, err := a.auth.CreateUser(ctx, caller(ctx), auth.NewUser{Password: b.Password, User: auth.User{
		Login: b.Login, Email: value(b.Email), FirstName: value(b.FirstName), LastName: value(b.LastName), MiddleName: value(b.MiddleName),
		Phone: value(b.Phone), Role: auth.Role(value(b.Role)), Banned: value(b.Banned), ViewsLimit: b.ViewsLimit, Language: value(b.Language),
	}})
	if err != nil {
		return nil, err
	}
	return &created[User]{ETag: etag(u.Version), Location: "/api/v1/users/" + string(u.ID), Body: showUser(u)}, nil
}

// UserPatch is what an admin may change of an account. Read-only fields of a whole object are ignored.
type UserPatch struct {
	Login      patch.Optional[string] `json:"login,omitzero"`
	Password   patch.Optional[string] `json:"password,omitzero" writeOnly:"true" doc:"signs the user out everywhere"`
	Email      patch.Optional[string] `json:"email,omitzero"`
	FirstName  patch.Optional[string] `json:"first_name,omitzero"`
	LastName   patch.Optional[string] `json:"last_name,omitzero"`
	MiddleName patch.Optional[string] `json:"middle_name,omitzero"`
	Phone      patch.Optional[string] `json:"phone,omitzero"`
	Role       patch.Optional[string] `json:"role,omitzero" enum:"user,moderator,admin"`
	Banned     patch.Optional[bool]   `json:"banned,omitzero" doc:"a ban signs the user out everywhere"`
	ViewsLimit patch.Optional[int]    `json:"views_limit,omitzero" doc:"null: the gateway's default"`
	Language   patch.Optional[string] `json:"language,omitzero"`
}

// change gives the patch as auth takes it. What has no empty value can't be cleared.
func (b UserPatch) change() (auth.UserPatch, error) {
	fail := auth.ErrUser
	for _, field := range []struct {
		path string
		null bool
	}{{"login", b.Login.Null}, {"role", b.Role.Null}, {"banned", b.Banned.Null}} {
		if field.null {
			fail = fail.At(field.path, "required")
		}
	}
	if len(fail.Fields) > 0 {
		return auth.UserPatch{}, fail
	}
	return auth.UserPatch{
		Login: b.Login, Email: b.Email, FirstName: b.FirstName, LastName: b.LastName, MiddleName: b.MiddleName, Phone: b.Phone,
		Role: as(b.Role, func(s string) auth.Role { return auth.Role(s) }), Banned: b.Banned, ViewsLimit: b.ViewsLimit,
		Language: b.Language, Password: b.Password,
	}, nil
}

func (a *API) patchUser(ctx context.Context, in *struct {
	UserInput
	ChangeInput
	Body UserPatch
}) (*object[User], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	change, err := in.Body.change()
	if err != nil {
		return nil, err
	}
	u, err := a.auth.PatchUser(ctx, caller(ctx), auth.UserID(in.ID), change, version)
	if err != nil {
		return nil, err
	}
	return showAccount(u), nil
}

func (a *API) deleteUser(ctx context.Context, in *UserInput) (*nothing, error) {
	return nil, a.auth.DeleteUser(ctx, caller(ctx), auth.UserID(in.ID))
}

func (a *API) getMe(ctx context.Context, _ *struct{}) (*object[User], error) {
	u, err := a.auth.UserByID(ctx, caller(ctx).User.ID)
	if err != nil {
		return nil, err
	}
	return showAccount(u), nil
}

// SelfPatch is what people may change of themselves. Everything else of a whole object is ignored.
type SelfPatch struct {
	FirstName  patch.Optional[string] `json:"first_name,omitzero"`
	LastName   patch.Optional[string] `json:"last_name,omitzero"`
	MiddleName patch.Optional[string] `json:"middle_name,omitzero"`
	Phone      patch.Optional[string] `json:"phone,omitzero"`
	Language   patch.Optional[string] `json:"language,omitzero"`
}

func (a *API) patchMe(ctx context.Context, in *struct {
	ChangeInput
	Body SelfPatch
}) (*object[User], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	u, err := a.auth.PatchSelf(ctx, caller(ctx), auth.SelfPatch(in.Body), version)
	if err != nil {
		return nil, err
	}
	return showAccount(u), nil
}

// PasswordChange is what changing one's own password takes.
type PasswordChange struct {
	Old string `json:"old_password" writeOnly:"true"`
	New string `json:"new_password" writeOnly:"true"`
}

func (a *API) changePassword(ctx context.Context, in *struct{ Body PasswordChange }) (*nothing, error) {
	return nil, a.auth.ChangePassword(ctx, caller(ctx), in.Body.Old, in.Body.New)
}
