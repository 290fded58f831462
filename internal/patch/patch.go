// Package patch holds what a PATCH body says of one field: absent, null, or a value.
//
// It owns Optional. It refuses to guess: an absent field and a null one are told apart, because absent keeps and null clears.
// It runs no goroutines.
package patch

import (
	"bytes"
	"encoding/json"
)

// Optional is one field of a PATCH body. The zero value is an absent field. Tag it `json:"name,omitzero"` so that it is left out
// again when absent.
type Optional[T any] struct {
	Set   bool // the field stands in the body
	Null  bool // it is null there; Value is then T's zero value
	Value T
}

// Of gives a field that is sent with a value.
func Of[T any](value T) Optional[T] { return Optional[T]{Set: true, Value: value} }

// Null gives a field that is sent as null.
func Null[T any]() Optional[T] { return Optional[T]{Set: true, Null: true} }

// From gives an absent field for nil, else one with the value pointed to.
func From[T any](value *T) Optional[T] {
	if value == nil {
		return Optional[T]{}
	}
	return Of(*value)
}

// Or gives the value to go on with: keep if the field is absent, T's zero value if it is null, else the value sent.
func (o Optional[T]) Or(keep T) T {
	if !o.Set {
		return keep
	}
	return o.Value
}

// IsZero reports whether the field is absent; encoding/json asks it for omitzero.
func (o Optional[T]) IsZero() bool { return !o.Set }

// UnmarshalJSON is called for fields that are present only, null included. Its errors are encoding/json's: they may quote a number
// that does not fit, so they are for logs of nothing secret and never for answers.
func (o *Optional[T]) UnmarshalJSON(body []byte) error {
	var value T
	if bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
		*o = Optional[T]{Set: true, Null: true}
		return nil
	}
	if err := json.Unmarshal(body, &value); err != nil {
		return err
	}
	*o = Optional[T]{Set: true, Value: value}
	return nil
}

// MarshalJSON gives null for a null or absent field, else the value.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if !o.Set || o.Null {
		return []byte("null"), nil
	}
	return json.Marshal(o.Value)
}
