package patch_test

import (
	"encoding/json"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

type body struct {
	Name   patch.Optional[string] `json:"name,omitzero"`
	Number patch.Optional[int]    `json:"number,omitzero"`
}

func TestOptionalTellsAbsentNullAndValueApart(t *testing.T) {
	for text, want := range map[string]body{
		`{}`:                      {},
		`{"name":null}`:           {Name: patch.Null[string]()},
		`{"name":"","number":7}`:  {Name: patch.Of(""), Number: patch.Of(7)},
		`{"name" : null }`:        {Name: patch.Null[string]()},
		`{"number":0,"other":[]}`: {Number: patch.Of(0)},
	} {
		var got body
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got != want {
			t.Errorf("%s: got %+v, want %+v", text, got, want)
		}
	}
}

func TestOptionalComesBackAsItWas(t *testing.T) {
	for _, want := range []string{`{}`, `{"name":null}`, `{"name":"x","number":0}`} {
		var b body
		if err := json.Unmarshal([]byte(want), &b); err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(b)
		if err != nil || string(got) != want {
			t.Errorf("got %s (%v), want %s", got, err, want)
		}
	}
}

func TestOptionalRefusesTheWrongType(t *testing.T) {
	var b body
	if err := json.Unmarshal([]byte(`{"number":"seven"}`), &b); err == nil {
		t.Fatal("a text was taken for a number")
	}
}

func TestOrKeepsClearsAndSets(t *testing.T) {
	if got := (patch.Optional[string]{}).Or("kept"); got != "kept" {
		t.Errorf("absent: %q", got)
	}
	if got := patch.Null[string]().Or("kept"); got != "" {
		t.Errorf("null: %q", got)
	}
	if got := patch.Of("new").Or("kept"); got != "new" {
		t.Errorf("value: %q", got)
	}
	if patch.From[int](nil).Set {
		t.Error("a nil pointer is a sent field")
	}
}
