// Package fold makes the forms of text by which people search and sort: case, ё = е, one Unicode form, numbers by value.
//
// It owns Text and Key. The database never folds: SQLite's lower and LIKE know no Cyrillic, and a collation would sort
// differently on each engine. It refuses control characters, which PostgreSQL can't store. It runs no goroutines.
package fold

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Text gives s as it is searched and compared: NFC, case folded, ё as е, white space as single spaces, control characters and
// broken UTF-8 left out. Text of Text is Text.
func Text(s string) string {
	s = visible(s)
	for range 8 { // a mark may meet a new letter when one is folded away; twice is enough for anything that people write
		next := strings.ReplaceAll(norm.NFC.String(cases.Fold().String(norm.NFC.String(s))), "ё", "е")
		if next == s {
			break
		}
		s = next
	}
	return s
}

// visible leaves out what nobody sees, and joins white space.
func visible(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range strings.ToValidUTF8(s, "") {
		switch {
		case unicode.IsSpace(r):
			gap = true
			continue
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(r)
	}
	return b.String()
}

// Key gives s as it is sorted, byte by byte: Text, with each run of ASCII digits written as the count of its digits (two digits) and
// the digits themselves without leading zeros, so that «Камера 2» comes before «Камера 10».
func Key(s string) string {
	s = Text(s)
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i := 0; i < len(s); {
		if !digit(s[i]) {
			b.WriteByte(s[i])
			i++
			continue
		}
		end := i
		for end < len(s) && digit(s[end]) {
			end++
		}
		number := strings.TrimLeft(s[i:end], "0")
		n := min(len(number), 99) // longer numbers sort by their first 99 digits
		b.WriteByte('0' + byte(n/10))
		b.WriteByte('0' + byte(n%10))
		b.WriteString(number)
		i = end
	}
	return b.String()
}

func digit(c byte) bool { return '0' <= c && c <= '9' }
