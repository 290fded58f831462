package camera

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// To be run with -fuzzminimizetime=10x: Go else makes each input that it likes smaller for a minute, byte by byte, and tries nothing new meanwhile, so
// that with inputs of some KiB it seems to stand still.

// seeds are workbooks to begin with: one of each program, small ones.
func seeds(f *testing.F) [][]byte {
	odd, err := os.ReadFile("testdata/libreoffice/odd.xlsx")
	if err != nil {
		f.Fatal(err)
	}
	var template bytes.Buffer
	if err := WriteTemplate(&template, "ru"); err != nil {
		f.Fatal(err)
	}
	return [][]byte{
		odd, template.Bytes(), book(f, nil, [][]any{plainHeader, plainRow}),
		book(f, func(x *excelize.File) {
			if err := errors.Join(x.SetCellFormula("Sheet1", "B2", "A1"), x.MergeCell("Sheet1", "A2", "C3")); err != nil {
				f.Fatal(err)
			}
		}, [][]any{plainHeader, plainRow, plainRow}, [][]any{plainHeader}),
	}
}

// hold holds what must be so of any file: it is read, or refused by a fault of its own. What was read can be judged, and its verdicts make a sheet that can
// be read again.
func hold(t *testing.T, file []byte) {
	s, err := readBytes(file)
	if (s == nil) == (err == nil) {
		t.Fatalf("%v, %v", s, err)
	}
	if err != nil {
		if f := fault.From(err); f.Kind == fault.Internal || !strings.HasPrefix(f.Code, "sheet.") {
			t.Fatalf("internal: %v", err)
		}
		return
	}
	all, err := (&Service{}).judge(context.Background(), s, Present{}, nil)
	if err != nil || len(all) != len(s.rows) || len(all) == 0 {
		t.Fatalf("%d verdicts of %d rows, %v", len(all), len(s.rows), err)
	}
	var out bytes.Buffer
	if err := s.WriteVerdicts(&out, s.report(all), "ru"); err != nil {
		t.Fatal(err)
	}
	again, err := readBytes(out.Bytes())
	if err != nil && !errors.Is(err, ErrSheetEmpty) {
		t.Fatalf("its verdicts: %v", err)
	}
	if again != nil && len(again.rows) > len(s.rows) {
		t.Fatalf("%d rows became %d", len(s.rows), len(again.rows))
	}
}

func FuzzReadSheet(f *testing.F) {
	f.Add([]byte{})
	f.Add(oleMagic)
	for _, file := range seeds(f) {
		f.Add(file)
	}
	f.Fuzz(hold)
}

// FuzzSheetParts changes a part within a workbook, where bytes of a zip would seldom hit anything.
func FuzzSheetParts(f *testing.F) {
	names := []string{theSheet, theTexts, theStyles, theBook, "xl/_rels/workbook.xml.rels", "[Content_Types].xml"}
	parts := unpacked(f, book(f, nil, [][]any{plainHeader, plainRow}))
	for _, file := range seeds(f) {
		for _, p := range unpacked(f, file) {
			if i := slices.Index(names, p.name); i >= 0 {
				f.Add(uint8(i), p.text)
			}
		}
	}
	const in, out = `<worksheet><sheetData><row><c t="inlineStr"><is><t>name</t></is></c><c t="inlineStr"><is><t>id</t></is></c><c t="inlineStr"><is><t>notes</t></is></c></row>`,
		`</sheetData></worksheet>`
	for _, row := range []string{
		`<row r="99999999999"><c r="ZZZZ1"/></row>`, `<row><c><v>1e5</v></c><c t="b"><v>1</v></c><c t="d"><v>2024-01-01</v></c></row>`,
		`<row><c t="s"><v>1</v></c><c s="1"><v>45293</v></c><c t="e"><v>#N/A</v></c></row>`, `<row><c t="str"><f>1</f><v>_x0041__x005F_x0041_</v></c><c><f/></c></row>`,
		`<row><c t="inlineStr"><is><r><t>a</t></r><rPh><t>b</t></rPh><r><t xml:space="preserve"> c</t></r></is></c></row>` + "</sheetData><mergeCells><mergeCell ref=\"A1:XFD1048576\"/></mergeCells><sheetData>",
	} {
		f.Add(uint8(0), in+row+out)
	}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		changed := slices.Clone(parts)
		name := names[int(which)%len(names)]
		at := slices.IndexFunc(changed, func(p part) bool { return p.name == name })
		changed[at].text = text
		hold(t, archive(t, changed...))
	})
}

// FuzzCells holds that what is written into a cell comes back, and begins no formula there.
func FuzzCells(f *testing.F) {
	for _, text := range []string{"=1+1", "'=x", "''", "a, b; c", `\\;`, "\tx", "_x0041_", "_x005F_x0041_", "\u00a0"} {
		f.Add(text, text+";")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		a, b = strings.ToValidUTF8(a, ""), strings.ToValidUTF8(b, "") // XML holds nothing else, nor does the database
		if cell := neutral(a); meant(cell) != a || formula(cell) {
			t.Errorf("%q became %q and %q", a, cell, meant(cell))
		}
		list := []string{strings.TrimSpace(a), strings.TrimSpace(b)}
		list = slices.DeleteFunc(list, func(one string) bool { return one == "" || strings.ContainsAny(one, "\n") })
		if got := splitList(joinList(list)); !slices.Equal(got, list) {
			t.Errorf("%q became %q and %q", list, joinList(list), got)
		}
		if text := unescaped(a); len(text) > len(a) {
			t.Errorf("%q grew to %q", a, text)
		}
	})
}
