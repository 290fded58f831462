package camera

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// book makes a workbook; each sheet is rows of cells.
func book(t testing.TB, adjust func(f *excelize.File), sheets ...[][]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, rows := range sheets {
		name := fmt.Sprintf("Sheet%d", i+1)
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for at, row := range rows {
			if err := f.SetSheetRow(name, fmt.Sprintf("A%d", at+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if adjust != nil {
		adjust(f)
	}
	var out bytes.Buffer
	if _, err := f.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// part is one file of an archive.
type part struct{ name, text string }

// archive makes a zip.
func archive(t testing.TB, parts ...part) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, p := range parts {
		f, err := w.Create(p.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(p.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// unpacked gives the parts of an archive.
func unpacked(t testing.TB, file []byte) []part {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var parts []part
	for _, f := range r.File {
		from, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if _, err := text.ReadFrom(from); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part{f.Name, text.String()})
	}
	return parts
}

// declared gives the archive with another size in its central directory (APPNOTE, 4.3.12) for the part of a size.
func declared(file []byte, size, instead uint32) []byte {
	file = slices.Clone(file)
	for at := 0; ; at += 4 {
		i := bytes.Index(file[at:], []byte("PK\x01\x02"))
		if i < 0 {
			return file
		}
		at += i
		if binary.LittleEndian.Uint32(file[at+24:]) == size {
			binary.LittleEndian.PutUint32(file[at+24:], instead)
		}
	}
}

func readBytes(file []byte) (*Sheet, error) {
	return ReadSheet(context.Background(), bytes.NewReader(file), int64(len(file)), nil)
}

var (
	plainHeader = []any{"id", "name", "stream_url", "location", "created_at", "updated_at"}
	plainRow    = []any{7, "Ворота", "rtsp://admin:s3cret@10.0.0.7/1", "Двор", 45293.5, "2024-01-01"}
)

// TestBadWorkbooks: what is no readable sheet has a code of its own.
func TestBadWorkbooks(t *testing.T) {
	good := book(t, nil, [][]any{plainHeader, plainRow})
	ole := append(slices.Clone(oleMagic), make([]byte, 600)...)
	// A bomb that says what it unpacks to, and one that understates it.
	image := archive(t, append(unpacked(t, good), part{"xl/media/image1.png", strings.Repeat("\x00", 1<<20)})...)
	bomb, liar := declared(image, 1<<20, maxUnzipped), declared(image, 1<<20, 100)
	many := unpacked(t, good)
	var rows strings.Builder
	for i := range maxSheetRows + 1 {
		fmt.Fprintf(&rows, `<row r="%d"><c r="A%[1]d"><v>%d</v></c></row>`, i+2, i+1)
	}
	for i := range many {
		if many[i].name == "xl/worksheets/sheet1.xml" {
			from, to := strings.Index(many[i].text, `<row r="2"`), strings.Index(many[i].text, "</sheetData>")
			many[i].text = many[i].text[:from] + rows.String() + many[i].text[to:]
		}
	}
	crowd := unpacked(t, good)
	for i := range maxParts {
		crowd = append(crowd, part{fmt.Sprint("x", i), ""})
	}
	broken := unpacked(t, good)
	for i := range broken {
		if broken[i].name == "xl/worksheets/sheet1.xml" {
			broken[i].text = strings.Replace(broken[i].text, "</sheetData>", `<row r="3"><c r="A3"><v>8</v></d></row></sheetData>`, 1)
		}
	}
	macros := unpacked(t, good)
	for i := range macros {
		macros[i].text = strings.ReplaceAll(macros[i].text, "openxmlformats-officedocument.spreadsheetml.sheet.main", "ms-excel.sheet.macroEnabled.main")
	}
	for name, c := range map[string]struct {
		file []byte
		want *fault.Error
	}{
		"nothing":                {nil, ErrSheetFormat},
		"a text":                 {[]byte("id;name\n1;x"), ErrSheetFormat},
		"half of one":            {good[:len(good)/2], ErrSheetFormat},
		"a zip of other things":  {archive(t, part{"readme.txt", "hello"}), ErrSheetFormat},
		"parts without XML":      {archive(t, part{"[Content_Types].xml", "?"}, part{"xl/workbook.xml", "<<<"}), ErrSheetFormat},
		"Excel 97":               {ole, ErrSheetFormat},
		"encrypted":              {append(ole, utf16("EncryptedPackage")...), ErrSheetEncrypted},
		"macros by their part":   {archive(t, append(unpacked(t, good), part{"xl/vbaProject.bin", "x"})...), ErrSheetMacros},
		"macros by their type":   {archive(t, macros...), ErrSheetMacros},
		"a bomb":                 {bomb, ErrSheetLarge},
		"a bomb that lies":       {liar, ErrSheetFormat},
		"XML that breaks off":    {archive(t, broken...), ErrSheetFormat},
		"too many parts":         {archive(t, crowd...), ErrSheetLarge},
		"two parts of one name":  {archive(t, append(unpacked(t, good), part{"xl/workbook.xml", "x"})...), ErrSheetFormat},
		"too many rows":          {archive(t, many...), ErrSheetRows},
		"no header":              {book(t, nil, [][]any{{"foo", "bar"}, {"1", "2"}}), ErrSheetHeader},
		"an empty sheet":         {book(t, nil, [][]any{}), ErrSheetHeader},
		"a header and no rows":   {book(t, nil, [][]any{plainHeader, {}, {" ", ""}}), ErrSheetEmpty},
		"two columns of a kind":  {book(t, nil, [][]any{{"name", "address", "Название"}, {"x", "rtsp://h/1", "y"}}), ErrSheetTwice},
		"larger than all others": {make([]byte, MaxSheetFile+1), ErrSheetLarge},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := readBytes(c.file)
			if !errors.Is(err, c.want) || s != nil {
				t.Errorf("%v, %v", s, err)
			}
		})
	}
}

// TestReadSheet: headers of two languages and of our predecessor, in any order and place; the first sheet that has them.
func TestReadSheet(t *testing.T) {
	for name, c := range map[string]struct {
		sheets [][][]any
		want   string
	}{
		"predecessor": {[][][]any{{plainHeader, plainRow}}, "Sheet1/1: 2 number=7 name=Ворота location=Двор address=rtsp://admin:s3cret@10.0.0.7/1"},
		"Russian, below a title": {[][][]any{{{"Камеры объекта"}, {}, {"Адрес потока", " НАЗВАНИЕ* ", "Примечание", "№"}, {}, {"rtsp://h/1", "Ёлка", "", "12"}}},
			"Sheet1/3: 5 number=12 name=Ёлка address=rtsp://h/1"},
		"second sheet": {[][][]any{{{"Отчёт", "за май"}}, {{"Name", "Address"}, {"'=x", "rtsp://h/1"}}}, "Sheet2/1: 2 name==x address=rtsp://h/1"},
		"number as text, and a fraction": {[][][]any{{{"number", "location"}, {"№ 5", 1.5}, {5.0, "'''-"}}},
			"Sheet1/1: 2 number=№ 5 location=1.5 3 number=5 location=''-"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := readBytes(book(t, nil, c.sheets...))
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprintf("%s/%d:", s.name, s.header)
			for _, r := range s.rows {
				got += fmt.Sprintf(" %d", r.row)
				for _, field := range fieldsOfSheets {
					if text, ok := r.cells[field]; ok {
						got += " " + field + "=" + text
					}
				}
				if len(r.faults) > 0 {
					t.Errorf("%+v", r.faults)
				}
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if printed := fmt.Sprintf("%v %+v %#v", s, s, s); strings.Contains(printed, "s3cret") {
				t.Errorf("printed: %s", printed)
			}
		})
	}
}

// TestOddCells: a value that is not what the person saw is a fault of its cell.
func TestOddCells(t *testing.T) {
	file := book(t, func(f *excelize.File) {
		date, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		if err == nil {
			err = errors.Join(
				f.SetCellFormula("Sheet1", "B2", "A2&B1"), // never reckoned: no value
				f.SetCellValue("Sheet1", "C3", 45293), f.SetCellStyle("Sheet1", "C3", "C3", date),
				f.MergeCell("Sheet1", "C4", "C5"), f.MergeCell("Sheet1", "H1", "I9"),
			)
		}
		if err != nil {
			t.Fatal(err)
		}
	}, [][]any{{"id", "name", "location", "address"}, {1, nil, "x", "rtsp://h/1"}, {2, "y", "", "rtsp://h/2"}, {3, "z", "w", "rtsp://h/3"}, {4, "z", "", "rtsp://h/4"}, {5, "a", "45293", "rtsp://h/5"}})
	// A reckoned formula is its value; one that failed is none.
	parts := unpacked(t, file)
	for i := range parts {
		if parts[i].name == "xl/worksheets/sheet1.xml" {
			parts[i].text = strings.Replace(parts[i].text, "</sheetData>",
				`<row r="7"><c r="A7"><f>3+3</f><v>6</v></c><c r="B7" t="str"><f>"a"</f><v>сложено</v></c><c r="C7" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="D7" t="inlineStr"><is><t>rtsp://h/6</t></is></c></row></sheetData>`, 1)
		}
	}
	s, err := readBytes(archive(t, parts...))
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]string{2: "B2 sheet.formula", 3: "C3 sheet.not_text", 4: "C4 sheet.merged", 5: "C5 sheet.merged", 6: "", 7: "C7 sheet.error"}
	for _, r := range s.rows {
		var got []string
		for _, f := range r.faults {
			got = append(got, f.Cell+" "+f.Code)
		}
		if strings.Join(got, ", ") != want[r.row] {
			t.Errorf("row %d: %v, want %q", r.row, got, want[r.row])
		}
		if r.row == 7 && (r.cells["number"] != "6" || r.cells["name"] != "сложено" || r.cells["address"] != "rtsp://h/6") {
			t.Errorf("row 7: %v", r.cells)
		}
	}
	if len(s.rows) != 6 {
		t.Errorf("%d rows", len(s.rows))
	}
}

// TestSheetByLibreOffice: how LibreOffice keeps dates, numbers as text, merged cells, formulas, a sheet before the one that counts, empty rows.
func TestSheetByLibreOffice(t *testing.T) {
	file, err := os.ReadFile("testdata/libreoffice/odd.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	s, err := readBytes(file)
	if err != nil {
		t.Fatal(err)
	}
	report, err := (&Service{}).judge(t.Context(), s, Present{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%s, %d, %d", s.name, s.sheets, s.header)
	for i, v := range report {
		got += fmt.Sprintf("\n%d %s %d %q %q %q", v.Row, v.Verdict, v.Number, v.Name, s.rows[i].cells["location"], s.rows[i].cells["sweep"])
		for _, f := range v.Faults {
			got += " " + f.Cell + ":" + f.Code
		}
	}
	want := `Камеры, 2, 3
6 new 101 "0007" "12" "0"
7 wrong 102 "Двор" "" "" C7:sheet.not_text
8 wrong 0 "Склад" "" "" A8:sheet.not_text
12 wrong 104 "Верх" "Башня" "" C12:sheet.merged
13 wrong 105 "Низ" "" "" C13:sheet.merged
14 new 106 "Цех 106" "" ""
15 wrong 107 "Деление" "" "" C15:sheet.error
16 wrong 108 "" "" "" B16:sheet.not_text
17 new 109 "Ворота _x0041_" "=1+1" "да"`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestNeutralCells: no text begins a formula in a cell, and each comes back as it was.
func TestNeutralCells(t *testing.T) {
	for _, text := range []string{"", "a", "=1+1", "+7 495", "-", "@x", "\tx", "'", "'a", "'=x", "''=x", "'''", "=", "%x", "|x", "\r\nx", "-1'"} {
		cell := neutral(text)
		if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
			t.Errorf("%q stands as %q", text, cell)
		}
		if meant(cell) != text {
			t.Errorf("%q comes back as %q", text, meant(cell))
		}
	}
	for _, list := range [][]string{{"a"}, {"a", "b c"}, {"a, b", "c;d", `e\f`, `g\`}, {`\,`, ";"}} {
		if got := splitList(joinList(list)); !slices.Equal(got, list) {
			t.Errorf("%q comes back as %q", list, got)
		}
	}
}

// TestSheetWords: both languages have words for every field, verdict and code, and a column goes by all names that it is given.
func TestSheetWords(t *testing.T) {
	for language, w := range map[string]sheetWords{"ru": words("ru"), "en": words("en")} {
		for _, field := range fieldsOfSheets {
			if w.titles[field] == "" || w.about[field] == "" || fieldOf(w.titles[field]) != field {
				t.Errorf("%s: column %s", language, field)
			}
		}
		for _, v := range []Verdict{RowNew, RowChanged, RowUnchanged, RowWrong, RowDuplicate} {
			if w.verdicts[v] == "" {
				t.Errorf("%s: verdict %s", language, v)
			}
		}
		for code, text := range w.codes {
			if text == "" {
				t.Errorf("%s: code %s", language, code)
			}
		}
		for _, code := range []string{
			badLength, badCharacter, badScheme, badHost, badPort, badAmbiguous, differentCredentials, cellFormula, cellError, cellMerged, cellNotText, cellNumber,
			cellChoice, "required", "too_many", "out_of_range", "redacted", ErrPasswordRequired.Code, ErrNumberRetired.Code, ErrNoGroup.Code, auth.ErrNoUser.Code,
		} {
			if w.codes[code] == "" {
				t.Errorf("%s: code %s", language, code)
			}
		}
		if fieldOf(w.verdict) != "" || fieldOf(w.row) != "" {
			t.Errorf("%s: a column of verdicts means something", language)
		}
	}
	for field, names := range headers {
		for _, name := range names {
			if fieldOf(name) != field || fieldOf(" "+strings.ToUpper(name)+"\u00a0*") != field {
				t.Errorf("%q does not mean %s", name, field)
			}
		}
	}
}

// TestTemplate: drop-downs in the language, explanations of every column, and nothing that would be taken.
func TestTemplate(t *testing.T) {
	for language, yes := range map[string]string{"ru": "да", "en": "yes"} {
		var out bytes.Buffer
		if err := WriteTemplate(&out, language); err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lists, err := f.GetDataValidations(f.GetSheetName(0))
		if err != nil || len(lists) != 2 || !strings.Contains(lists[0].Formula1+lists[1].Formula1, yes) {
			t.Errorf("%s: drop-downs %+v, %v", language, lists, err)
		}
		help, err := f.GetRows(f.GetSheetName(1))
		if err != nil || len(help) < len(fieldsOfSheets) {
			t.Errorf("%s: %q, %v", language, help, err)
		}
		if _, err := readBytes(out.Bytes()); !errors.Is(err, ErrSheetEmpty) {
			t.Errorf("%s: %v", language, err)
		}
	}
}
