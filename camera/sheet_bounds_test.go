package camera

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// withPart gives a workbook with another text in one of its parts.
func withPart(t testing.TB, file []byte, name, text string) []byte {
	t.Helper()
	parts := unpacked(t, file)
	at := slices.IndexFunc(parts, func(p part) bool { return p.name == name })
	if at < 0 {
		parts, at = append(parts, part{name: name}), len(parts)
	}
	parts[at].text = text
	return archive(t, parts...)
}

const (
	theSheet  = "xl/worksheets/sheet1.xml"
	theTexts  = "xl/sharedStrings.xml"
	theStyles = "xl/styles.xml"
	theBook   = "xl/workbook.xml"
)

// partOf gives the text of a workbook's part.
func partOf(t testing.TB, file []byte, name string) string {
	t.Helper()
	for _, p := range unpacked(t, file) {
		if p.name == name {
			return p.text
		}
	}
	t.Fatal("no part " + name)
	return ""
}

// TestCostlyWorkbooks: workbooks of some KiB that once cost seconds, minutes or gigabytes are bounded by what is counted of them.
func TestCostlyWorkbooks(t *testing.T) {
	good := book(t, nil, [][]any{plainHeader, plainRow})
	sheet, styles, workbook := partOf(t, good, theSheet), partOf(t, good, theStyles), partOf(t, good, theBook)
	data := func(rows string) []byte {
		return withPart(t, good, theSheet, `<worksheet><sheetData>`+rows+`</sheetData></worksheet>`)
	}
	header := `<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c><c r="B1" t="inlineStr"><is><t>address</t></is></c><c r="C1" t="inlineStr"><is><t>notes</t></is></c></row>`
	cells := func(n int, cell string) string { return strings.Repeat(cell, n) }
	rows := func(from, to int, inside string) string {
		var b strings.Builder
		for i := from; i <= to; i++ {
			fmt.Fprintf(&b, `<row r="%d">%s</row>`, i, inside)
		}
		return b.String()
	}
	const short = `<c t="inlineStr"><is><t>x</t></is></c>`
	for name, c := range map[string]struct {
		file []byte
		want *fault.Error // nil: it is read
	}{
		"titles in all columns of all rows that may be the header": {data(rows(1, 30, cells(200, short))), ErrSheetHeader},
		"more columns than a sheet can have":                       {data(rows(1, 1, cells(16385, short))), ErrSheetFormat},
		"a row that no sheet can have":                             {withPart(t, good, theSheet, strings.Replace(sheet, `<row r="2">`, `<row r="2000000000">`, 1)), ErrSheetFormat},
		"the last row that a sheet can have":                       {data(header + `<row r="1048576">` + cells(3, short) + `</row>`), nil},
		"rows that go up":                                          {data(header + rows(2, 2, short) + rows(2, 2, short)), ErrSheetFormat},
		"cells that go left":                                       {data(header + `<row r="2"><c r="B2"/><c r="A2"/></row>`), ErrSheetFormat},
		"a cell of another row":                                    {data(header + `<row r="2"><c r="A3"/></row>`), ErrSheetFormat},
		"escapes without end":                                      {data(header + `<row r="2"><c t="inlineStr"><is><t>` + strings.Repeat("_x0041_", 140000) + `</t></is></c></row>`), nil},
		"a long text that all cells share": {
			withPart(t, withPart(t, good, theSheet, `<worksheet><sheetData><row r="1"><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c></row>`+
				rows(2, 1100, cells(3, `<c t="s"><v>3</v></c>`))+`</sheetData></worksheet>`),
				theTexts, `<sst><si><t>name</t></si><si><t>address</t></si><si><t>notes</t></si><si><t>`+strings.Repeat("a", 32_000)+`</t></si></sst>`), ErrSheetLarge,
		},
		"a text that is not there": {data(header + `<row r="2"><c t="s"><v>77</v></c></row>`), ErrSheetFormat},
		"elements within elements": {withPart(t, good, theSheet, strings.Repeat("<a>", maxDepth+1)), ErrSheetFormat},
		"a tag without end":        {withPart(t, good, theSheet, "<worksheet "+strings.Repeat(`a="" `, maxPiece/5)+"/>"), ErrSheetFormat},
		"a text without end":       {withPart(t, good, theSheet, "<worksheet>"+strings.Repeat(`a`, maxPiece+8192)+"</worksheet>"), ErrSheetFormat},
		"a part that is a thousand sheets": {withPart(t, withPart(t, good, theSheet, `<worksheet><sheetData>`+rows(1, 30, cells(100, short))+`</sheetData></worksheet>`), theBook,
			strings.Replace(workbook, "<sheets>", "<sheets>"+strings.Repeat(`<sheet name="x" sheetId="9" r:id="rId1"></sheet>`, 1000), 1)), ErrSheetHeader},
		"formats of numbers without end": {withPart(t, data(header+rows(2, 10, cells(3, `<c s="1"><v>5.5</v></c>`))), theStyles,
			`<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts>`+cells(maxFormats+1, `<numFmt numFmtId="200" formatCode="0"/>`)+`</numFmts><cellXfs><xf/><xf numFmtId="201"/></cellXfs></styleSheet>`), ErrSheetLarge},
		"a format of a number that is a book": {withPart(t, data(header+rows(2, 10, cells(3, `<c s="1"><v>5.5</v></c>`))), theStyles,
			`<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts><numFmt numFmtId="200" formatCode="`+strings.Repeat("0", 100000)+`"/></numFmts><cellXfs><xf/><xf numFmtId="200"/></cellXfs></styleSheet>`), ErrSheetFormat},
		"styles that are none": {withPart(t, data(header+rows(2, 2, cells(3, `<c s="1"><v>5.5</v></c>`))), theStyles, "<<<"), ErrSheetFormat},
		"merged over and over": {withPart(t, good, theSheet, strings.Replace(`<worksheet><sheetData>`+header+rows(2, 600, short)+`</sheetData></worksheet>`, "</sheetData>",
			"</sheetData><mergeCells>"+cells(2000, `<mergeCell ref="A1:XFD1048576"/>`)+"</mergeCells>", 1)), ErrSheetLarge},
		"a hidden sheet":     {withPart(t, good, theBook, strings.Replace(workbook, "<sheet ", `<sheet state="hidden" `, 1)), ErrSheetHeader},
		"no sheets":          {withPart(t, good, theBook, `<workbook/>`), ErrSheetFormat},
		"styles of long ago": {withPart(t, data(header+rows(2, 2, short)), theStyles, styles), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := readBytes(c.file)
			if c.want == nil && err != nil || c.want != nil && (s != nil || fault.From(err).Code != c.want.Code) {
				t.Errorf("%v, %v", s, err)
			}
		})
	}
}

// TestPartsAreFoundByTheirRelations: some programs give the workbook's parts other names.
func TestPartsAreFoundByTheirRelations(t *testing.T) {
	parts := unpacked(t, book(t, nil, [][]any{plainHeader, plainRow}))
	for i := range parts {
		for from, to := range map[string]string{"xl/": "content/", "workbook.xml": "Book 2.XML", "sharedStrings.xml": "texts.xml", "sheet1.xml": "one.xml"} {
			parts[i].name = strings.ReplaceAll(parts[i].name, from, to)
			parts[i].text = strings.ReplaceAll(parts[i].text, from, to)
		}
	}
	s, err := readBytes(archive(t, parts...))
	if err != nil || len(s.rows) != 1 || s.rows[0].cells["name"] != "Ворота" {
		t.Errorf("%v, %v", s, err)
	}
}

// TestTitlesAreCheap: half a million cells may stand where a header is looked for.
func TestTitlesAreCheap(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { fieldOf("Инвентарный номер") }); n > 50 {
		t.Errorf("a title costs %v allocations", n)
	}
}
