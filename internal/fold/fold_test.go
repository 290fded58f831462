package fold

import (
	"slices"
	"testing"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"Ёлочная":           "елочная",
		"е\u0308лка":        "елка", // е and a combining diaeresis
		"И\u0306од":         "йод",
		"STRASSE straße":    "strasse strasse",
		"  a \t b\u00a0c ":  "a b c",
		"a\x00b\u200bc\xff": "abc",
		"":                  "",
		"Οδος ΟΔΟΣ":         "οδοσ οδοσ",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestKeySortsNumbersByValue(t *testing.T) {
	want := []string{"", "2-я линия", "10-я линия", "Камера", "камера 2", "Камера 2.9", "Камера 2.10", "КАМЕРА 10", "камера 10а", "камера 100", "Кафе", "Ящик"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortStableFunc(got, func(a, b string) int {
		switch x, y := Key(a), Key(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	if !slices.Equal(got, want) {
		t.Errorf("sorted %q, want %q", got, want)
	}
	if Key("камера 007") != Key("Камера 7") {
		t.Error("leading zeros count")
	}
}

func FuzzFold(f *testing.F) {
	f.Add("Ёлочная 10")
	f.Add("е\u0308\u0345ΐ\u1fd3")
	f.Add("a \u0308")
	f.Fuzz(func(t *testing.T, s string) {
		once := Text(s)
		if twice := Text(once); twice != once {
			t.Errorf("Text(%q) is %q, and of that %q", s, once, twice)
		}
		Key(s)
	})
}
