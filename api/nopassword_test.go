package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// TestAccountWithoutPassword is one that was taken over without its password: admins are told, whoever tries to sign in is not.
func TestAccountWithoutPassword(t *testing.T) {
	s := open(t, store.Options{})
	moved, err := auth.Prepare(auth.User{Login: "moved", LastName: "Переездов", Role: auth.RoleUser}, "", time.Now(), time.Now())
	must(t, err)
	must(t, s.db.CreateUser(t.Context(), moved))
	path := "/api/v1/users/" + string(moved.ID)

	var u User
	s.into(s.as("admin", "GET", path, nil), 200, &u)
	if u.HasPassword {
		t.Error("it is said to have a password")
	}
	for filter, want := range map[string]int{"false": 1, "true": 3} {
		var list struct {
			Total int
			Items []ListedUser
		}
		s.into(s.as("admin", "GET", "/api/v1/users?has_password="+filter, nil), 200, &list)
		if list.Total != want || len(list.Items) != want {
			t.Errorf("has_password=%s gives %d accounts, want %d", filter, list.Total, want)
		}
		for _, item := range list.Items {
			if item.HasPassword != (filter == "true") {
				t.Errorf("has_password=%s gives %s", filter, item.Login)
			}
		}
	}

	// The very answer that a wrong password has, but for what differs between any two answers.
	same := func(login, password string) string {
		t.Helper()
		a := s.send("POST", "/api/v1/auth/login", map[string]any{"login": login, "password": password})
		p := s.problem(a, http.StatusUnauthorized, "auth.credentials")
		header := a.header.Clone()
		for _, name := range []string{"Date", "X-Request-Id"} {
			header.Del(name)
		}
		var b strings.Builder
		must(t, header.Write(&b))
		return b.String() + strings.ReplaceAll(a.text, p.RequestID, "")
	}
	wrong := same("user", "wrong-password")
	for _, password := range []string{"wrong-password", "", password} {
		if got := same("moved", password); got != wrong {
			t.Errorf("its answer differs from that to a wrong password:\n%s\n%s", got, wrong)
		}
	}

	// The field is read-only; a password makes it true, and signs in.
	s.into(s.as("admin", "PATCH", path, map[string]any{"has_password": true, "phone": "1"}), 200, &u)
	if u.HasPassword || u.Phone != "1" {
		t.Errorf("the read-only field was written: %+v", u)
	}
	s.into(s.as("admin", "PATCH", path, map[string]any{"password": password}), 200, &u)
	if !u.HasPassword {
		t.Error("with a new password it is said to have none")
	}
	s.into(s.as("admin", "GET", path, nil), 200, &u)
	if !u.HasPassword {
		t.Error("with a new password it is said to have none when read again")
	}
	var in SignedIn
	s.into(s.send("POST", "/api/v1/auth/login", map[string]any{"login": "moved", "password": password}), 200, &in)
	if !in.User.HasPassword {
		t.Error("who has just signed in is said to have no password")
	}
}
