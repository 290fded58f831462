// Package fault gives every error that a user can meet a kind and a stable code.
//
// It owns the kinds and nothing else: it knows no HTTP status, no WebSocket close code and no language. Domain packages
// return faults; api and signaling alone translate kinds; the web app and internal/lang turn codes into words.
//
// It refuses to carry a value that a caller sent: Detail and Params are written by us, so that no password comes back.
// It runs no goroutines.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of trouble an error is; it decides the HTTP status and whether trying again can help.
type Kind uint8

// The kinds. An error without a fault in its chain is Internal: the user gets a request id, the log gets the text.
const (
	Internal        Kind = iota // our fault, or the database's
	Invalid                     // the request is well formed but wrong; Fields says where
	Unauthenticated             // nobody is signed in, or the token is stale
	Forbidden                   // signed in, but the role or the right is missing
	NotFound                    // no such object, or one that the caller may not see
	Conflict                    // the present state forbids it; Params may name the object in the way
	Precondition                // If-Match does not match any more
	Gone                        // it was there and has ended for good; trying again is forbidden
	TooMany                     // a limit of rate or number
	TooLarge                    // the body or message exceeds its bound
	Unavailable                 // right now it cannot be done; trying later may help
	Unsupported                 // we understand it, and cannot do it (codec, media type)
)

var kindNames = [...]string{
	"internal", "invalid", "unauthenticated", "forbidden", "not_found", "conflict", "precondition", "gone",
	"too_many", "too_large", "unavailable", "unsupported",
}

// String gives the kind in lower case, as it stands in logs.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Field is one fault within a request: where, and the code of what is wrong with it. It never holds the value.
type Field struct {
	Path string // JSON path from the body's root: "address", "items[3].name"
	Code string // stable code: "required", "too_long", "camera.address_scheme"
}

// Error is a fault. A package-level *Error is a sentinel: compare with errors.Is, which compares codes.
type Error struct {
	Kind   Kind
	Code   string            // stable, dotted, lower case: "view.evicted"
	Detail string            // English, for people without our web app; never a sent value
	Params map[string]string // what the words in the user's language need: camera name, seconds
	Fields []Field           // for Invalid
	cause  error
}

// New makes a sentinel or a one-off fault.
func New(kind Kind, code, detail string) *Error {
	return &Error{Kind: kind, Code: code, Detail: detail}
}

// Error gives code, detail and cause.
func (e *Error) Error() string {
	s := e.Code
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap gives the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is a fault of the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Because gives a copy of e with a cause. The cause reaches logs, never users.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// With gives a copy of e with one more parameter.
func (e *Error) With(key, value string) *Error {
	c := *e
	c.Params = make(map[string]string, len(e.Params)+1)
	for k, v := range e.Params {
		c.Params[k] = v
	}
	c.Params[key] = value
	return &c
}

// At gives a copy of e with one more faulty field.
func (e *Error) At(path, code string) *Error {
	c := *e
	c.Fields = append(append([]Field(nil), e.Fields...), Field{Path: path, Code: code})
	return &c
}

// From gives the first fault in err's chain, or an Internal one that wraps err. It gives nil for nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Internal, Code: "internal", cause: err}
}

// KindOf gives the kind of the first fault in err's chain; Internal if there is none.
func KindOf(err error) Kind { return From(err).Kind }

// CodeOf gives the code of the first fault in err's chain; "internal" if there is none, "" for nil.
func CodeOf(err error) string {
	if err == nil {
		return ""
	}
	return From(err).Code
}
