package store

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

func admin(u *auth.User) { u.Role = auth.RoleAdmin }

func TestUserComesBackWhole(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		limit := 0
		want := addUser(t, db, "Ёлкин.П", func(u *auth.User) {
			u.Email, u.FirstName, u.LastName, u.MiddleName, u.Phone = "Elkin@Example.org", "Пётр", "Ёлкин", "Ильич", "+7 (912) 000-00-00"
			u.Role, u.Banned, u.ViewsLimit, u.Language = auth.RoleModerator, true, &limit, "ru"
		})
		got, err := db.User(t.Context(), want.ID)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
		for _, login := range []string{"Ёлкин.П", "елкин.п", "ЕЛКИН.П", "elkin@example.ORG"} {
			if a, err := db.AccountByLogin(t.Context(), login); err != nil || a.ID != want.ID || a.PasswordHash != "hash of Ёлкин.П" {
				t.Errorf("by %s: %v, %v", login, a, err)
			}
		}
		for _, login := range []string{"", "elkin", "@", "elkin@example.org\x00", "\xff", "%"} {
			if a, err := db.AccountByLogin(t.Context(), login); login != "elkin@example.org\x00" && !errors.Is(err, auth.ErrNoUser) {
				t.Errorf("by %q: %v, %v", login, a, err)
			}
		}
	})
}

func TestLoginAndEmailAreUniqueAfterFolding(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		first := addUser(t, db, "Алёна", func(u *auth.User) { u.Email = "a@example.org" })
		addUser(t, db, "second") // no e-mail: that is not unique
		addUser(t, db, "third")
		for want, u := range map[*fault.Error]auth.User{
			auth.ErrLoginTaken: {ID: "x", Login: "АЛЕНА", Role: auth.RoleUser},
			auth.ErrEmailTaken: {ID: "y", Login: "other", Email: "A@EXAMPLE.org", Role: auth.RoleUser},
		} {
			err := db.CreateUser(t.Context(), auth.Account{User: u})
			if !errors.Is(err, want) || fault.From(err).Params["id"] != string(first.ID) {
				t.Errorf("got %v, want %v with the id in the way", err, want)
			}
		}
	})
}

// Two admins who throw each other out at the same moment: one of them stays.
func TestLastAdminStays(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		ctx := t.Context()
		for round, act := range map[string]func(u auth.User) error{
			"delete": func(u auth.User) error { return db.DeleteUser(ctx, u.ID) },
			"ban": func(u auth.User) error {
				u.Banned = true
				_, err := db.UpdateUser(ctx, auth.Account{User: u}, 1)
				return err
			},
			"demote": func(u auth.User) error {
				u.Role = auth.RoleModerator
				_, err := db.UpdateUser(ctx, auth.Account{User: u}, 1)
				return err
			},
		} {
			if _, err := db.write.Exec(`DELETE FROM users`); err != nil {
				t.Fatal(err)
			}
			admins := []auth.User{addUser(t, db, "a-"+round, admin), addUser(t, db, "b-"+round, admin)}
			addUser(t, db, "banned-"+round, admin, func(u *auth.User) { u.Banned = true })
			errs := make([]error, 2)
			var group sync.WaitGroup
			for i, u := range admins {
				group.Go(func() { errs[i] = act(u) })
			}
			group.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Errorf("%s: want one refusal, got %v and %v", round, errs[0], errs[1])
			}
			if err := errors.Join(errs...); !errors.Is(err, auth.ErrLastAdmin) {
				t.Errorf("%s: %v, want %v", round, err, auth.ErrLastAdmin)
			}
			var left int
			if err := db.read.QueryRow(`SELECT COUNT(*) FROM users WHERE role = 'admin' AND NOT banned`).Scan(&left); err != nil || left != 1 {
				t.Errorf("%s: %d admins are left, %v", round, left, err)
			}
		}
	})
}

func TestFirstUserIsMadeOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		made := make([]bool, 6)
		var group sync.WaitGroup
		for i := range made {
			group.Go(func() {
				u := auth.User{ID: auth.UserID(fmt.Sprint("id", i)), Login: fmt.Sprint("admin", i), Role: auth.RoleAdmin}
				var err error
				if made[i], err = db.CreateFirstUser(t.Context(), auth.Account{User: u}); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := len(slices.DeleteFunc(made, func(m bool) bool { return !m })); n != 1 {
			t.Errorf("%d first users were made", n)
		}
	})
}

func TestChangeRaisesRevisionAndTellsEvent(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		ctx := t.Context()
		u := addUser(t, db, "ivanov")
		addUser(t, db, "admin", admin)
		e := events.Event{At: time.UnixMilli(5_000).UTC(), Kind: events.UserChanged, User: u.Person(), Fields: []string{"role", "banned"}, Times: 1}
		expect := func(what string, rise int64, told int, act func() error) {
			t.Helper()
			before, err := db.RightsRevision(ctx)
			if err != nil {
				t.Fatal(err)
			}
			earlier, _ := db.Events(ctx, events.Query{})
			err = act()
			after, _ := db.RightsRevision(ctx)
			later, _ := db.Events(ctx, events.Query{})
			if after-before != rise || len(later)-len(earlier) != told {
				t.Errorf("%s (%v): the revision rose by %d, %d events were told; want %d and %d",
					what, err, after-before, len(later)-len(earlier), rise, told)
			}
		}
		expect("update", 1, 1, func() error {
			u.FirstName = "Иван"
			_, err := db.UpdateUser(ctx, auth.Account{User: u}, 1, e)
			return err
		})
		expect("update of an old version", 0, 0, func() error { _, err := db.UpdateUser(ctx, auth.Account{User: u}, 1, e); return err })
		account := auth.Account{User: u, PasswordHash: "hash of ivanov"}
		expect("password", 1, 1, func() error { return db.SetPassword(ctx, account, "new", "", e.At, e) })
		expect("password in place of one that is no longer there", 0, 0, func() error { return db.SetPassword(ctx, account, "newer", "", e.At, e) })
		if a, err := db.AccountByID(ctx, u.ID); err != nil || a.PasswordHash != "new" {
			t.Errorf("the hash is %q, %v", a.PasswordHash, err)
		}
		expect("password of nobody", 0, 0, func() error {
			return db.SetPassword(ctx, auth.Account{User: auth.User{ID: "nobody"}}, "new", "", e.At, e)
		})
		expect("delete", 1, 1, func() error { return db.DeleteUser(ctx, u.ID, e) })
		expect("delete again", 0, 0, func() error { return db.DeleteUser(ctx, u.ID, e) })
		told, err := db.Events(ctx, events.Query{User: string(u.ID), Kinds: []events.Kind{events.UserChanged}})
		e.ID = 1
		if err != nil || len(told) != 3 || !reflect.DeepEqual(told[0], e) {
			t.Errorf("got %+v, %v, want %+v first", told, err, e)
		}
	})
}

func TestPeopleAreFoundAndSortedAlike(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		ctx := t.Context()
		for i, name := range []string{"Ёлкин Б", "Елкин А", "Яшин", "Абрамов", "ёлкин В", "Smith J", "оператор 10", "Оператор 2", "100% \\ _"} {
			addUser(t, db, fmt.Sprintf("u%d", i), func(u *auth.User) {
				u.LastName, u.FirstName, _ = strings.Cut(name, " ")
				u.CreatedAt = time.UnixMilli(int64(1_000 - i)).UTC()
			})
		}
		names := func(q paging.Query) (found []string) {
			t.Helper()
			page, err := db.Users(ctx, auth.UsersQuery{Query: q})
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range page.Items {
				found = append(found, strings.TrimSpace(u.LastName+" "+u.FirstName))
			}
			if page.Total != len(found) {
				t.Errorf("the total is %d of %d", page.Total, len(found))
			}
			return found
		}
		want := []string{"100% \\ _", "Smith J", "Абрамов", "Елкин А", "Ёлкин Б", "ёлкин В", "Оператор 2", "оператор 10", "Яшин"}
		if got := names(paging.Query{}); !slices.Equal(got, want) {
			t.Errorf("sorted %q, want %q", got, want)
		}
		slices.Reverse(want)
		if got := names(paging.Query{Sort: "-name"}); !slices.Equal(got, want) {
			t.Errorf("sorted down %q, want %q", got, want)
		}
		if got := names(paging.Query{Sort: "created_at"}); got[0] != "100% \\ _" || got[8] != "Ёлкин Б" {
			t.Errorf("sorted by age %q", got)
		}
		for q, want := range map[string]int{"ЁЛКИН": 3, "елкин б": 1, "б ёлкин": 1, "оператор": 2, "%": 1, "_": 1, `\`: 1, "u1": 1, "нет": 0, "\x00": 9} {
			if got := names(paging.Query{Q: q}); len(got) != want {
				t.Errorf("%q finds %q, want %d", q, got, want)
			}
		}
	})
}

// While somebody pages, others are added: nobody who was there is missed or comes twice.
func TestPagingWhileOthersAreAdded(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		ctx := t.Context()
		const there = 57
		for i := range there {
			addUser(t, db, fmt.Sprintf("user%d", i), func(u *auth.User) { u.CreatedAt = time.UnixMilli(int64(i / 10)) })
		}
		for _, sort := range []string{"", "-name", "login", "-login", "created_at", "-created_at"} {
			seen := make(map[auth.UserID]int)
			q := paging.Query{Limit: 10, Sort: sort}
			for page := 0; ; page++ {
				got, err := db.Users(ctx, auth.UsersQuery{Query: q})
				if err != nil {
					t.Fatal(err)
				}
				for _, u := range got.Items {
					seen[u.ID]++
				}
				if q.Cursor = got.NextCursor; q.Cursor == "" {
					break
				}
				added := fmt.Sprintf("added%s%d", strings.Trim(sort, "-"), page)
				if strings.HasPrefix(sort, "-") {
					added = "zz" + added
				}
				addUser(t, db, added)
			}
			for i := range there {
				if n := seen[auth.UserID(fmt.Sprintf("id-user%d", i))]; n != 1 {
					t.Errorf("sorted by %q, user%d was seen %d times", sort, i, n)
				}
			}
		}
	})
}

func TestForeignCursorIsRefused(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		for _, bad := range []string{
			"x", "!", cursor("cameras by ", "a", "b"), cursor("users by -name", "a", "b"), cursor("users by ", "a"), cursor("users by ", "a\x00", "b"),
			strings.Repeat("A", 10_000), "bnVsbA", "W10",
		} {
			_, err := db.Users(t.Context(), auth.UsersQuery{Query: paging.Query{Cursor: bad}})
			if fault.KindOf(err) != fault.Invalid || fault.CodeOf(err) != "paging.cursor" {
				t.Errorf("cursor %.20q: %v", bad, err)
			}
		}
		if _, err := db.Users(t.Context(), auth.UsersQuery{Query: paging.Query{Sort: "created_at", Cursor: cursor("users by created_at", "a", "b")}}); !errors.Is(err, ErrCursor) {
			t.Errorf("a number that is none: %v", err)
		}
		if _, err := db.Users(t.Context(), auth.UsersQuery{Query: paging.Query{Sort: "password_hash"}}); !errors.Is(err, ErrSort) {
			t.Errorf("a sort that is none: %v", err)
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add(cursor("list", "a", "b"))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := keysOf(text, "list", 2)
		if err == nil && keys != nil && len(keys) != 2 {
			t.Errorf("%q gave %q", text, keys)
		}
		if keys, err := keysOf(cursor("list", text, "id"), "list", 2); err == nil && keys[0] != strings.ToValidUTF8(text, "\ufffd") && strings.ToValidUTF8(text, "") == text {
			t.Errorf("%q came back as %q", text, keys[0])
		}
	})
}
