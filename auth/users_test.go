package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestFirstAdminIsMadeOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n, other := w.node(), w.node()
		if _, _, err := n.FirstAdmin(t.Context(), "admin", "admin"); fault.CodeOf(err) != "user.invalid" {
			t.Errorf("a weak first password: %v", err)
		}
		type made struct {
			password string
			created  bool
			err      error
		}
		results := make([]made, 6)
		var group sync.WaitGroup
		for i := range results {
			group.Go(func() {
				r := &results[i]
				r.password, r.created, r.err = []*node{n, other}[i%2].FirstAdmin(context.Background(), "admin", "")
			})
		}
		group.Wait()
		var password string
		for _, r := range results {
			if r.err != nil || r.created && password != "" || r.created != (r.password != "") {
				t.Errorf("%v, %v", r.created, r.err)
			}
			if r.created {
				password = r.password
			}
		}
		p := w.principal(n, w.login(n, "admin", password))
		if p.Role() != auth.RoleAdmin {
			t.Errorf("the first admin is a %s", p.Role())
		}
		if strings.Contains(n.out.String()+other.out.String(), password) {
			t.Error("the first password is in the log")
		}
	})
}

func TestUserIsRegisteredAndChanged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, n := t.Context(), w.node()
		admin := w.admin(n)
		limit := 7
		made := w.user(n, admin, auth.User{Login: " ivanov ", LastName: "Иванов", FirstName: "Иван  Иваныч", Email: "i@example.org", ViewsLimit: &limit, ID: "mine", Version: 99})
		if made.Login != "ivanov" || made.FirstName != "Иван Иваныч" || made.Role != auth.RoleUser || made.ID == "mine" || made.Version != 1 {
			t.Errorf("made %+v", made)
		}
		limit = 1 // ours, not the Service's
		if got, err := n.UserByID(ctx, made.ID); err != nil || !reflect.DeepEqual(got, made) || *got.ViewsLimit != 7 {
			t.Errorf("got %+v, %v, want %+v", got, err, made)
		}

		// GET, change the name, PATCH the whole object back: the password stays, only the name is a change.
		tokens := w.login(n, "ivanov", goodPassword)
		whole := auth.UserPatch{
			Login: patch.Of(made.Login), Email: patch.Of(made.Email), FirstName: patch.Of("Пётр"), LastName: patch.Of(made.LastName),
			MiddleName: patch.Of(""), Phone: patch.Of(""), Role: patch.Of(made.Role), Banned: patch.Of(false), ViewsLimit: patch.Of(7), Language: patch.Of(""),
		}
		changed, err := n.PatchUser(ctx, admin, made.ID, whole, &made.Version)
		if err != nil || changed.FirstName != "Пётр" || changed.Version != 2 {
			t.Fatalf("changed %+v, %v", changed, err)
		}
		w.principal(n, tokens)
		if _, err := n.PatchUser(ctx, admin, made.ID, whole, &made.Version); !errors.Is(err, auth.ErrChanged) || fault.KindOf(err) != fault.Precondition {
			t.Errorf("with the old version: %v", err)
		}
		if same, err := n.PatchUser(ctx, admin, made.ID, whole, nil); err != nil || same.Version != 2 {
			t.Errorf("without a change: %+v, %v", same, err)
		}
		cleared, err := n.PatchUser(ctx, admin, made.ID, auth.UserPatch{Email: patch.Null[string](), ViewsLimit: patch.Null[int]()}, nil)
		if err != nil || cleared.Email != "" || cleared.ViewsLimit != nil || cleared.FirstName != "Пётр" {
			t.Errorf("cleared %+v, %v", cleared, err)
		}
		if got, err := n.User(ctx, made.ID); err != nil || !reflect.DeepEqual(got, cleared) {
			t.Errorf("the cache gives %+v, %v, want %+v", got, err, cleared)
		}
		told := w.events(n, events.UserCreated, events.UserChanged)
		if len(told) != 4 { // the admin too
			t.Fatalf("told %+v", told)
		}
		if e := told[2]; e.Actor.Login != "admin" || e.User.Login != "ivanov" || !slices.Equal(e.Fields, []string{"first_name"}) {
			t.Errorf("told %+v", e)
		}
		if e := told[3]; !slices.Equal(e.Fields, []string{"email", "views_limit"}) {
			t.Errorf("told %+v", e)
		}
		page, err := n.Users(ctx, auth.UsersQuery{Query: paging.Query{Q: "ИВАНОВ"}})
		if err != nil || page.Total != 1 || page.Items[0].ID != made.ID {
			t.Errorf("found %+v, %v", page, err)
		}
	})
}

func TestTwoWhoChangeDifferentFieldsBothSucceed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n, other := w.node(), w.node()
		admin := w.admin(n)
		made := w.user(n, admin, auth.User{Login: "ivanov"})
		patches := []auth.UserPatch{{FirstName: patch.Of("Иван")}, {LastName: patch.Of("Иванов")}, {Phone: patch.Of("112")}}
		var group sync.WaitGroup
		for i, p := range patches {
			group.Go(func() {
				if _, err := []*node{n, other}[i%2].PatchUser(context.Background(), admin, made.ID, p, nil); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		got, err := n.UserByID(t.Context(), made.ID)
		if err != nil || got.FirstName != "Иван" || got.LastName != "Иванов" || got.Phone != "112" || got.Version != 4 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestWrongFieldsAreNamed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		admin := w.admin(n)
		tooMany, tooFew := 65, -1
		long := strings.Repeat("я", 101)
		for want, u := range map[string]auth.NewUser{
			"login:required password:required":         {},
			"login:user.login_characters":              {User: auth.User{Login: "a@b"}, Password: goodPassword},
			"login:too_long":                           {User: auth.User{Login: long}, Password: goodPassword},
			"email:user.email":                         {User: auth.User{Login: "a", Email: "a <b@c.d>"}, Password: goodPassword},
			"first_name:too_long last_name:characters": {User: auth.User{Login: "a", FirstName: long, LastName: "a\x00b"}, Password: goodPassword},
			"phone:characters":                         {User: auth.User{Login: "a", Phone: "\xff"}, Password: goodPassword},
			"role:not_allowed":                         {User: auth.User{Login: "a", Role: "root"}, Password: goodPassword},
			"views_limit:out_of_range":                 {User: auth.User{Login: "a", ViewsLimit: &tooMany}, Password: goodPassword},
			"views_limit:out_of_range ":                {User: auth.User{Login: "a", ViewsLimit: &tooFew}, Password: goodPassword},
			"language:not_allowed":                     {User: auth.User{Login: "a", Language: "tlh"}, Password: goodPassword},
			"password:too_short":                       {User: auth.User{Login: "a"}, Password: "kanarie"},
			"password:user.password_weak":              {User: auth.User{Login: "a"}, Password: "ЙЦУКЕНгшщз"},
			"password:user.password_personal":          {User: auth.User{Login: "kanarienvogel"}, Password: "Kanarienvogel2026!"},
		} {
			_, err := n.CreateUser(t.Context(), admin, u)
			var got []string
			for _, f := range fault.From(err).Fields {
				got = append(got, f.Path+":"+f.Code)
			}
			if strings.Join(got, " ") != strings.TrimSpace(want) || fault.KindOf(err) != fault.Invalid {
				t.Errorf("got %v (%v), want %s", got, err, want)
			}
			if err != nil && strings.Contains(strings.ToLower(fmt.Sprintf("%v %+v", err, fault.From(err))), "kanarie") {
				t.Errorf("the refusal repeats what was sent: %v", err)
			}
		}
		first := w.user(n, admin, auth.User{Login: "ivanov", Email: "i@example.org"})
		_, err := n.CreateUser(t.Context(), admin, auth.NewUser{User: auth.User{Login: "Ivanov"}, Password: goodPassword})
		if !errors.Is(err, auth.ErrLoginTaken) || fault.From(err).Params["id"] != string(first.ID) {
			t.Errorf("a login that is taken: %v", err)
		}
		_, err = n.PatchUser(t.Context(), admin, admin.User.ID, auth.UserPatch{Email: patch.Of("I@example.org")}, nil)
		if !errors.Is(err, auth.ErrEmailTaken) {
			t.Errorf("an e-mail that is taken: %v", err)
		}
		for _, p := range []auth.UserPatch{
			{Role: patch.Of(auth.Role(""))}, {Role: patch.Null[auth.Role]()}, {Login: patch.Null[string]()}, {ViewsLimit: patch.Of(65)},
			{FirstName: patch.Of("Иван"), Password: patch.Of("12345678")},
		} {
			if got, err := n.PatchUser(t.Context(), admin, first.ID, p, nil); !errors.Is(err, auth.ErrUser) {
				t.Errorf("a wrong change: %+v, %v", got, err)
			}
		}
		if got, err := n.UserByID(t.Context(), first.ID); err != nil || got.Version != 1 {
			t.Errorf("wrong changes have left %+v, %v", got, err)
		}
	})
}

func TestOnlyAdminsChangeAccounts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, n := t.Context(), w.node()
		admin := w.admin(n)
		victim := w.user(n, admin, auth.User{Login: "victim"})
		for _, role := range []auth.Role{auth.RoleUser, auth.RoleModerator, ""} {
			by := auth.Principal{User: auth.User{ID: "x", Login: "x", Role: role}}
			_, create := n.CreateUser(ctx, by, auth.NewUser{User: auth.User{Login: "new"}, Password: goodPassword})
			_, change := n.PatchUser(ctx, by, victim.ID, auth.UserPatch{Banned: patch.Of(true)}, nil)
			_, password := n.PatchUser(ctx, by, victim.ID, auth.UserPatch{Password: patch.Of(otherPassword)}, nil)
			for what, err := range map[string]error{
				"create": create, "change": change, "delete": n.DeleteUser(ctx, by, victim.ID), "password": password,
			} {
				if !errors.Is(err, auth.ErrRole) {
					t.Errorf("%s by %q: %v", what, role, err)
				}
			}
		}
		self := w.principal(n, w.login(n, "victim", goodPassword))
		got, err := n.PatchSelf(ctx, self, auth.SelfPatch{FirstName: patch.Of("Я"), Language: patch.Of("ru")}, nil)
		if err != nil || got.FirstName != "Я" || got.Language != "ru" || got.Role != auth.RoleUser {
			t.Errorf("one's own change: %+v, %v", got, err)
		}
		if told := w.events(n, events.UserChanged); len(told) != 1 || told[0].Actor.Login != "victim" || told[0].User.ID != "" {
			t.Errorf("told %+v", told)
		}
	})
}

func TestLastAdminCantGo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, n := t.Context(), w.node()
		admin := w.admin(n)
		_, ban := n.PatchUser(ctx, admin, admin.User.ID, auth.UserPatch{Banned: patch.Of(true)}, nil)
		_, demote := n.PatchUser(ctx, admin, admin.User.ID, auth.UserPatch{Role: patch.Of(auth.RoleModerator)}, nil)
		for what, err := range map[string]error{"ban": ban, "demote": demote, "delete": n.DeleteUser(ctx, admin, admin.User.ID)} {
			if !errors.Is(err, auth.ErrLastAdmin) || fault.KindOf(err) != fault.Conflict {
				t.Errorf("%s: %v", what, err)
			}
		}
		w.principal(n, w.login(n, "admin", goodPassword))
		w.user(n, admin, auth.User{Login: "second", Role: auth.RoleAdmin})
		if err := n.DeleteUser(ctx, admin, admin.User.ID); err != nil {
			t.Errorf("with a second admin: %v", err)
		}
		if told := w.events(n, events.UserDeleted); len(told) != 1 || told[0].Actor.Login != "admin" {
			t.Errorf("told %+v", told)
		}
	})
}

func TestPasswordChangeSignsOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, n := t.Context(), w.node()
		admin := w.admin(n)
		user := w.user(n, admin, auth.User{Login: "ivanov"})
		here, there := w.login(n, "ivanov", goodPassword), w.login(n, "ivanov", goodPassword)
		self := w.principal(n, here)

		err := n.ChangePassword(ctx, self, otherPassword, "something new 1")
		if f := fault.From(err); !errors.Is(err, auth.ErrOldPassword) || f.Kind != fault.Invalid || f.Fields[0].Path != "old_password" {
			t.Errorf("a wrong old password: %v", err)
		}
		err = n.ChangePassword(ctx, self, goodPassword, "12345678")
		if f := fault.From(err); !errors.Is(err, auth.ErrPassword) || f.Fields[0] != (fault.Field{Path: "new_password", Code: "user.password_weak"}) {
			t.Errorf("a weak new password: %v", err)
		}
		w.principal(n, there)

		if err := n.ChangePassword(ctx, self, goodPassword, otherPassword); err != nil {
			t.Fatal(err)
		}
		w.principal(n, here)
		if _, err := n.Authenticate(ctx, there.Access); !errors.Is(err, auth.ErrToken) {
			t.Errorf("elsewhere, after the change: %v", err)
		}
		if _, _, err := n.Login(ctx, "ivanov", goodPassword, desk); !errors.Is(err, auth.ErrCredentials) {
			t.Errorf("with the old password: %v", err)
		}
		again := w.login(n, "ivanov", otherPassword)

		if _, err := n.PatchUser(ctx, admin, user.ID, auth.UserPatch{Password: patch.Of(goodPassword)}, nil); err != nil {
			t.Fatal(err)
		}
		for _, tokens := range []auth.Tokens{here, again} {
			if _, err := n.Authenticate(ctx, tokens.Access); !errors.Is(err, auth.ErrToken) {
				t.Errorf("after the admin's reset: %v", err)
			}
		}
		last := w.login(n, "ivanov", goodPassword)
		generated, err := n.SetPasswordOffline(ctx, "IVANOV", "")
		if err != nil || len(generated) < 16 {
			t.Fatalf("at the machine: %q, %v", generated, err)
		}
		if _, err := n.Authenticate(ctx, last.Access); !errors.Is(err, auth.ErrToken) {
			t.Errorf("after the reset at the machine: %v", err)
		}
		w.login(n, "ivanov", generated)
		if _, err := n.PatchUser(ctx, admin, user.ID, auth.UserPatch{Password: patch.Of(otherPassword)}, nil); err != nil {
			t.Errorf("by PATCH: %v", err)
		}
		w.login(n, "ivanov", otherPassword)

		for i := range 8 { // a stranger at an open screen can't guess on
			err = n.ChangePassword(ctx, self, fmt.Sprint("guess", i), "something new 1")
		}
		if !errors.Is(err, auth.ErrSlowDown) {
			t.Errorf("after 8 guesses: %v", err)
		}
		for _, e := range w.events(n, events.UserChanged) {
			if !slices.Equal(e.Fields, []string{"password"}) {
				t.Errorf("told %+v", e)
			}
		}
		if out := n.out.String(); strings.Contains(out, otherPassword) || strings.Contains(out, goodPassword) || strings.Contains(out, generated) {
			t.Error("a password is in the log")
		}
	})
}

// A change of names and password is one change: all of it or nothing, with one event.
func TestPasswordIsSetWithTheRest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, n := t.Context(), w.node()
		admin := w.admin(n)
		user := w.user(n, admin, auth.User{Login: "ivanov"})
		tokens := w.login(n, "ivanov", goodPassword)

		_, err := n.PatchUser(ctx, admin, user.ID, auth.UserPatch{Login: patch.Of("Admin"), Password: patch.Of(otherPassword)}, nil)
		if !errors.Is(err, auth.ErrLoginTaken) {
			t.Fatalf("a login that is taken: %v", err)
		}
		w.principal(n, tokens)
		tokens = w.login(n, "ivanov", goodPassword)

		got, err := n.PatchUser(ctx, admin, user.ID, auth.UserPatch{FirstName: patch.Of("Иван"), Password: patch.Of(otherPassword)}, &user.Version)
		if err != nil || got.Version != user.Version+1 || got.FirstName != "Иван" {
			t.Fatalf("changed %+v, %v", got, err)
		}
		if _, err := n.Authenticate(ctx, tokens.Access); !errors.Is(err, auth.ErrToken) {
			t.Errorf("the session from before: %v", err)
		}
		w.login(n, "ivanov", otherPassword)
		if told := w.events(n, events.UserChanged); len(told) != 1 || !slices.Equal(told[0].Fields, []string{"first_name", "password"}) {
			t.Errorf("told %+v", told)
		}
		_, err = n.PatchUser(ctx, admin, user.ID, auth.UserPatch{Password: patch.Of(goodPassword)}, &user.Version)
		if !errors.Is(err, auth.ErrChanged) || fault.From(err).Params["version"] != "2" {
			t.Errorf("with the old version: %v", err)
		}
	})
}

// Each change of an account or a session raises the revision by which other nodes learn that what they remember is over.
func TestEachChangeReachesOtherNodes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, here, there := t.Context(), w.node(), w.node()
		admin := w.admin(here)
		patched := func(p auth.UserPatch) func(auth.User, auth.Tokens) error {
			return func(u auth.User, _ auth.Tokens) error { _, err := here.PatchUser(ctx, admin, u.ID, p, nil); return err }
		}
		for i, change := range []struct {
			name  string
			lives bool // the session does, afterwards
			do    func(u auth.User, tokens auth.Tokens) error
		}{
			{"role", true, patched(auth.UserPatch{Role: patch.Of(auth.RoleModerator)})},
			{"limit", true, patched(auth.UserPatch{ViewsLimit: patch.Of(1)})},
			{"ban", false, patched(auth.UserPatch{Banned: patch.Of(true)})},
			{"password by an admin", false, patched(auth.UserPatch{Password: patch.Of(otherPassword)})},
			{"password at the machine", false, func(u auth.User, _ auth.Tokens) error {
				_, err := here.SetPasswordOffline(ctx, u.Login, otherPassword)
				return err
			}},
			{"own password elsewhere", false, func(u auth.User, _ auth.Tokens) error {
				return here.ChangePassword(ctx, w.principal(here, w.login(here, u.Login, goodPassword)), goodPassword, otherPassword)
			}},
			{"signing out", false, func(_ auth.User, tokens auth.Tokens) error { return here.Logout(ctx, w.principal(here, tokens)) }},
			{"signing out by cookie", false, func(_ auth.User, tokens auth.Tokens) error { return here.LogoutRefresh(ctx, tokens.Refresh) }},
			{"deletion", false, func(u auth.User, _ auth.Tokens) error { return here.DeleteUser(ctx, admin, u.ID) }},
		} {
			u := w.user(here, admin, auth.User{Login: fmt.Sprint("user", i)})
			tokens := w.login(here, u.Login, goodPassword)
			before := w.principal(there, tokens) // remembered there
			revision, err := there.db.RightsRevision(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if err := change.do(u, tokens); err != nil {
				t.Fatalf("%s: %v", change.name, err)
			}
			if now, err := there.db.RightsRevision(ctx); err != nil || now != revision+1 {
				t.Errorf("%s: the revision went from %d to %d, %v", change.name, revision, now, err)
			}
			there.Recheck(ctx) // as Watch has it called
			after, err := there.Authenticate(ctx, tokens.Access)
			switch {
			case !change.lives && !errors.Is(err, auth.ErrToken):
				t.Errorf("%s: %v", change.name, err)
			case change.lives && (err != nil || after.User.Version != before.User.Version+1):
				t.Errorf("%s: %+v, %v", change.name, after, err)
			}
		}
	})
}

func TestSecretsDoNotPrint(t *testing.T) {
	const secret = "kanarienvogel"
	var out strings.Builder
	logger := slog.New(slog.NewJSONHandler(&out, nil))
	for _, v := range []any{
		auth.Tokens{Access: secret, Refresh: secret}, auth.Account{PasswordHash: secret}, auth.NewUser{Password: secret},
		auth.UserPatch{Password: patch.Of(secret)},
	} {
		logger.Info("x", "v", v)
		fmt.Fprintf(&out, "%v %+v %#v %s\n", v, v, v, v)
	}
	if strings.Contains(out.String(), secret) {
		t.Errorf("a secret prints: %s", out.String())
	}
}
