package camera

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"
)

// workbook is a file that was found to be an .xlsx of bearable size.
type workbook struct {
	*excelize.File
	parts map[string]*zip.File // by name
}

// oleMagic begins the files of Excel 97 and, around an encrypted package, those of today (MS-CFB, 2.2).
var oleMagic = []byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}

// encryptedPackage is the name of the stream that an encrypted workbook keeps (MS-OFFCRYPTO, 1.3.3), in UTF-16.
var encryptedPackage = utf16("EncryptedPackage")

func utf16(text string) []byte {
	out := make([]byte, 0, 2*len(text))
	for _, c := range []byte(text) {
		out = append(out, c, 0)
	}
	return out
}

// openWorkbook looks at the directory of the archive before anything in it is unpacked, and then reads the workbook.
func openWorkbook(from io.ReaderAt, size int64) (*workbook, error) {
	if size > MaxSheetFile {
		return nil, ErrSheetLarge
	}
	start := make([]byte, len(oleMagic))
	if _, err := from.ReadAt(start, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read a spreadsheet: %w", err)
	}
	if bytes.Equal(start, oleMagic) {
		all, err := io.ReadAll(io.NewSectionReader(from, 0, size))
		if err != nil {
			return nil, fmt.Errorf("read a spreadsheet: %w", err)
		}
		if bytes.Contains(all, encryptedPackage) {
			return nil, ErrSheetEncrypted
		}
		return nil, ErrSheetFormat
	}
	archive, err := zip.NewReader(from, size)
	if err != nil {
		return nil, ErrSheetFormat.Because(err)
	}
	w := &workbook{parts: make(map[string]*zip.File, len(archive.File))}
	if len(archive.File) > maxParts {
		return nil, ErrSheetLarge
	}
	var unpacked uint64
	for _, part := range archive.File {
		name := strings.ReplaceAll(part.Name, "\\", "/")
		switch {
		case part.Flags&1 != 0:
			return nil, ErrSheetEncrypted
		case strings.EqualFold(path.Base(name), "vbaProject.bin"):
			return nil, ErrSheetMacros
		case w.parts[name] != nil: // two parts of one name: what is checked might not be what is read
			return nil, ErrSheetFormat
		}
		// A part that turns out longer than it says is broken off by archive/zip.
		if part.UncompressedSize64 > maxUnzipped || unpacked+part.UncompressedSize64 > maxUnzipped {
			return nil, ErrSheetLarge
		}
		unpacked += part.UncompressedSize64
		w.parts[name] = part
	}
	for _, part := range archive.File { // excelize makes nothing of a part that is damaged, and rows would be missing
		if err := whole(part); err != nil {
			return nil, ErrSheetFormat.Because(err)
		}
	}
	types, err := w.part("[Content_Types].xml")
	if err != nil || w.parts["xl/workbook.xml"] == nil {
		return nil, ErrSheetFormat.Because(err)
	}
	if bytes.Contains(types, []byte("macroEnabled")) {
		return nil, ErrSheetMacros
	}
	err = guarded(func() error {
		w.File, err = excelize.OpenReader(io.NewSectionReader(from, 0, size), excelize.Options{
			UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped, // nothing of it, passwords least, is put into files
		})
		return err
	})
	if err != nil {
		return nil, ErrSheetFormat.Because(err)
	}
	return w, nil
}

// whole reads a part to its end, where its length and checksum are compared.
func whole(part *zip.File) error {
	from, err := part.Open()
	if err != nil {
		return err
	}
	defer from.Close() //nolint:errcheck // reading only
	_, err = io.Copy(io.Discard, from)
	return err
}

// guarded runs a reading of what strangers send: a part that excelize panics at is a fault of the file.
func guarded(read func() error) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = ErrSheetFormat.Because(fmt.Errorf("reading the workbook broke off: %v", broken))
		}
	}()
	return read()
}

// part unpacks a part of the file.
func (w *workbook) part(name string) ([]byte, error) {
	file := w.parts[name]
	if file == nil {
		return nil, errors.New("no part " + name)
	}
	from, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer from.Close() //nolint:errcheck // reading only
	return io.ReadAll(io.LimitReader(from, maxUnzipped+1))
}

// marks are what the values of cells do not tell.
type marks struct {
	cells  map[[2]int]string // by column and row, from 1: the code of what is wrong
	merged [][4]int          // column and row from, column and row to
}

// marksOf looks through a worksheet for formulas and merged cells. It gives an error where the XML breaks off, at which excelize only stops
// reading.
func (w *workbook) marksOf(sheet string) (marks, error) {
	m := marks{cells: map[[2]int]string{}}
	text, err := w.worksheet(sheet)
	if err != nil {
		return m, err
	}
	cells := odd(text)
	type cell struct {
		R string `xml:"r,attr"`
		T string `xml:"t,attr"`
		F *struct {
			Text string `xml:",chardata"`
		} `xml:"f"`
		V  *string   `xml:"v"`
		Is *struct{} `xml:"is"`
	}
	in := xml.NewDecoder(bytes.NewReader(text))
	row, column := 0, 0
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return m, err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "row":
			row, column = row+1, 0
			for _, a := range start.Attr {
				if a.Name.Local == "r" {
					if _, at, err := excelize.CellNameToCoordinates("A" + a.Value); err == nil {
						row = at
					}
				}
			}
		case "c":
			if !cells {
				continue
			}
			var c cell
			if err := in.DecodeElement(&c, &start); err != nil {
				return m, err
			}
			column++
			at := [2]int{column, row}
			if x, y, err := excelize.CellNameToCoordinates(c.R); err == nil {
				at, column = [2]int{x, y}, x
			}
			switch {
			case c.T == "e":
				m.cells[at] = cellError
			case c.F != nil && c.Is == nil && (c.V == nil || *c.V == ""): // as programs leave it that do not reckon
				m.cells[at] = cellFormula
			}
		case "mergeCell":
			for _, a := range start.Attr {
				if a.Name.Local != "ref" || len(m.merged) >= maxSheetRows {
					continue
				}
				from, to, _ := strings.Cut(a.Value, ":")
				x1, y1, err1 := excelize.CellNameToCoordinates(from)
				x2, y2, err2 := excelize.CellNameToCoordinates(to)
				if err1 == nil && err2 == nil {
					m.merged = append(m.merged, [4]int{x1, y1, x2, y2})
				}
			}
		}
	}
}

// odd reports whether a worksheet may hold formulas, errors or merged cells: in most, no cell needs a second look.
func odd(text []byte) bool {
	for _, sign := range []string{"<f>", "<f ", "<f/", ":f>", ":f ", ":f/", `t="e"`, `t='e'`, "mergeCell"} {
		if bytes.Contains(text, []byte(sign)) {
			return true
		}
	}
	return false
}

// worksheet finds a sheet's part (ECMA-376, part 1, 12.3.24 and part 2, 9.3).
func (w *workbook) worksheet(name string) ([]byte, error) {
	var book struct {
		Sheets []struct {
			Name string     `xml:"name,attr"`
			Attr []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	var relations struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	for part, to := range map[string]any{"xl/workbook.xml": &book, "xl/_rels/workbook.xml.rels": &relations} {
		text, err := w.part(part)
		if err != nil {
			return nil, err
		}
		if err := xml.Unmarshal(text, to); err != nil {
			return nil, err
		}
	}
	for _, sheet := range book.Sheets {
		for _, a := range sheet.Attr {
			if sheet.Name != name || a.Name.Local != "id" {
				continue
			}
			for _, r := range relations.All {
				if r.ID != a.Value {
					continue
				}
				target := path.Join("xl", r.Target)
				if strings.HasPrefix(r.Target, "/") {
					target = r.Target[1:]
				}
				return w.part(target)
			}
		}
	}
	return nil, errors.New("no worksheet of that name")
}
