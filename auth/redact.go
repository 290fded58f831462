package auth

import "log/slog"

// What follows keeps secrets out of logs and error texts, however their holders are printed.

const redacted = "•••"

// String hides the tokens.
func (Tokens) String() string { return redacted }

// GoString hides the tokens from %#v.
func (Tokens) GoString() string { return "auth.Tokens(" + redacted + ")" }

// LogValue hides the tokens from slog.
func (Tokens) LogValue() slog.Value { return slog.StringValue(redacted) }

// String gives the login only.
func (a Account) String() string { return a.Login }

// GoString gives the login only.
func (a Account) GoString() string { return "auth.Account(" + a.Login + ")" }

// LogValue gives the login only.
func (a Account) LogValue() slog.Value { return slog.StringValue(a.Login) }

// String gives the login only.
func (n NewUser) String() string { return n.Login }

// GoString gives the login only.
func (n NewUser) GoString() string { return "auth.NewUser(" + n.Login + ")" }

// LogValue gives the login only.
func (n NewUser) LogValue() slog.Value { return slog.StringValue(n.Login) }

// String hides the fields: one may be a password.
func (UserPatch) String() string { return redacted }

// GoString hides the fields.
func (UserPatch) GoString() string { return "auth.UserPatch(" + redacted + ")" }

// LogValue hides the fields.
func (UserPatch) LogValue() slog.Value { return slog.StringValue(redacted) }

// String hides the code.
func (DeviceCode) String() string { return redacted }

// GoString hides the code from %#v.
func (DeviceCode) GoString() string { return "auth.DeviceCode(" + redacted + ")" }

// LogValue hides the code from slog.
func (DeviceCode) LogValue() slog.Value { return slog.StringValue(redacted) }

// String hides the code.
func (Code) String() string { return redacted }

// GoString hides the code from %#v.
func (Code) GoString() string { return "auth.Code(" + redacted + ")" }

// LogValue hides the code from slog.
func (Code) LogValue() slog.Value { return slog.StringValue(redacted) }
