package auth

import (
	"net/mail"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// Bounds of an account's fields, in runes.
const (
	maxLogin = 64
	maxEmail = 254
	maxName  = 100
	maxPhone = 32
	maxNotes = 1000
	MaxViews = 64 // of User.ViewsLimit
)

// Faults of changes to accounts. The fields of ErrUser say what is wrong where.
var (
	ErrUser        = fault.New(fault.Invalid, "user.invalid", "some fields can't be as they were sent")
	ErrPassword    = fault.New(fault.Invalid, "user.password", "this password can't be used")
	ErrOldPassword = fault.New(fault.Invalid, "user.old_password", "the present password is wrong")
	ErrChanged     = fault.New(fault.Precondition, "precondition.version", "somebody has changed it since you read it") // Params: version
)

// Changed gives ErrChanged with the version that the object has now.
func Changed(version int64) error {
	return ErrChanged.With("version", strconv.FormatInt(version, 10))
}

// tidied gives u as it is kept: NFC, without white space around and doubled within.
func (u User) tidied() User {
	for _, field := range []*string{&u.Login, &u.Email, &u.FirstName, &u.LastName, &u.MiddleName, &u.Phone} {
		*field = tidy(*field)
	}
	u.Notes = norm.NFC.String(strings.TrimSpace(u.Notes))
	return u
}

// tidy gives a line of text as it is kept.
func tidy(s string) string { return norm.NFC.String(strings.Join(strings.Fields(s), " ")) }

// faults gives ErrUser with all faulty fields; none if u can be kept.
func (u User) faults() *fault.Error {
	e := ErrUser
	at := func(path, code string) {
		if code != "" {
			e = e.At(path, code)
		}
	}
	if u.Kind == KindDevice {
		at("name", checkName(u.LastName))
		at("notes", checkText(strings.NewReplacer("\n", "", "\t", "").Replace(u.Notes), maxNotes))
	} else {
		at("login", checkLogin(u.Login))
		at("email", checkEmail(u.Email))
		at("first_name", checkText(u.FirstName, maxName))
		at("last_name", checkText(u.LastName, maxName))
		at("middle_name", checkText(u.MiddleName, maxName))
		at("phone", checkText(u.Phone, maxPhone))
	}
	if u.Role.rank() == 0 {
		at("role", "not_allowed")
	}
	if u.ViewsLimit != nil && (*u.ViewsLimit < 0 || *u.ViewsLimit > MaxViews) {
		at("views_limit", "out_of_range")
	}
	if u.Language != "" && u.Language != "ru" && u.Language != "en" {
		at("language", "not_allowed")
	}
	return e
}

// checkLogin holds a login to letters, digits and ". _ -", so that it is never taken for an e-mail.
func checkLogin(login string) string {
	switch {
	case login == "":
		return "required"
	case utf8.RuneCountInString(login) > maxLogin:
		return "too_long"
	}
	for i, r := range login {
		inner := i > 0 && strings.ContainsRune("._-", r)
		if !inner && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			return "user.login_characters"
		}
	}
	return ""
}

func checkEmail(email string) string {
	if email == "" {
		return ""
	}
	if code := checkText(email, maxEmail); code != "" {
		return code
	}
	address, err := mail.ParseAddress(email)
	if err != nil || address.Address != email || strings.ContainsAny(email, " \"<>()") {
		return "user.email"
	}
	return ""
}

// checkName is checkText for a name that must be there.
func checkName(s string) string {
	if s == "" {
		return "required"
	}
	return checkText(s, maxName)
}

func checkText(s string, longest int) string {
	if utf8.RuneCountInString(s) > longest {
		return "too_long"
	}
	if !utf8.ValidString(s) {
		return "characters"
	}
	for _, r := range s {
		if !unicode.IsGraphic(r) {
			return "characters"
		}
	}
	return ""
}

// differing names the fields, by their API names, in which a and b differ.
func differing(a, b User) []string {
	var fields []string
	add := func(name string, differs bool) {
		if differs {
			fields = append(fields, name)
		}
	}
	add("login", a.Login != b.Login)
	add("email", a.Email != b.Email)
	add("first_name", a.FirstName != b.FirstName)
	if a.Kind == KindDevice {
		add("name", a.LastName != b.LastName)
		add("notes", a.Notes != b.Notes)
	} else {
		add("last_name", a.LastName != b.LastName)
	}
	add("middle_name", a.MiddleName != b.MiddleName)
	add("phone", a.Phone != b.Phone)
	add("role", a.Role != b.Role)
	add("banned", a.Banned != b.Banned)
	add("views_limit", (a.ViewsLimit == nil) != (b.ViewsLimit == nil) || a.ViewsLimit != nil && *a.ViewsLimit != *b.ViewsLimit)
	add("language", a.Language != b.Language)
	return fields
}
