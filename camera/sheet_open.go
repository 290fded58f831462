package camera

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// workbook is a file that was found to be an .xlsx of bearable size. It is unpacked while it is read, never as a whole.
type workbook struct {
	parts  map[string]*zip.File // by name in small letters: two names that differ only in case name one part (ECMA-376, part 2, 6.2.2.3)
	sheets []worksheet          // that people see, in their order
	count  int                  // of all sheets
	styles string               // the part; empty: none
	shared string               // the part of texts that cells share; empty: none
	texts  []string             // those, once they are read
	since  epoch                // from which dates are counted
	left   int                  // pieces of XML that may still be looked at
}

// worksheet is a sheet of rows and columns.
type worksheet struct {
	name string
	part string
}

// epoch is from when a workbook counts the days of its dates.
type epoch bool

const (
	since1900 epoch = false
	since1904 epoch = true
)

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

// openWorkbook looks at the directory of the archive before anything in it is unpacked, then whether all of it is whole, and then reads what
// sheets there are.
func openWorkbook(ctx context.Context, from io.ReaderAt, size int64, tell Tell) (*workbook, error) {
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
	w := &workbook{parts: make(map[string]*zip.File, min(len(archive.File), maxParts)), left: maxPieces}
	if len(archive.File) > maxParts {
		return nil, ErrSheetLarge
	}
	unpacked, err := w.list(archive.File)
	if err != nil {
		return nil, err
	}
	done := 0
	for _, part := range archive.File { // what is damaged anywhere is not what was saved
		tell.at(SheetUnpacking, done, unpacked)
		if err := whole(ctx, part); err != nil {
			return nil, badXML(err)
		}
		done += sizeOf(part)
	}
	if err := w.describe(ctx); err != nil {
		return nil, err
	}
	return w, nil
}

// list checks the archive's directory and gives how many bytes its parts say that they have.
func (w *workbook) list(parts []*zip.File) (int, error) {
	unpacked := uint64(0)
	for _, part := range parts {
		name := strings.ToLower(strings.ReplaceAll(part.Name, "\\", "/"))
		switch {
		case part.Flags&1 != 0:
			return 0, ErrSheetEncrypted
		case path.Base(name) == "vbaproject.bin":
			return 0, ErrSheetMacros
		case w.parts[name] != nil: // two parts of one name: what one program reads is not what another one reads
			return 0, ErrSheetFormat
		}
		// A part that turns out longer than it says is broken off by archive/zip.
		if part.UncompressedSize64 > maxUnzipped || unpacked+part.UncompressedSize64 > maxUnzipped {
			return 0, ErrSheetLarge
		}
		unpacked += part.UncompressedSize64
		w.parts[name] = part
	}
	return int(unpacked), nil
}

// whole reads a part to its end, where its length and checksum are compared.
func whole(ctx context.Context, part *zip.File) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	from, err := part.Open()
	if err != nil {
		return err
	}
	defer from.Close() //nolint:errcheck // reading only
	_, err = io.Copy(io.Discard, from)
	return err
}

// badXML makes a fault of what reading met, unless it is one already or the caller has gone.
func badXML(err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return ErrSheetFormat.Because(err)
}

// describe reads what the workbook says of itself: its sheets, and where its parts are (ECMA-376, part 1, 12.3 and 18.2; part 2, 6.5).
func (w *workbook) describe(ctx context.Context) error {
	macros, book := false, ""
	err := w.elements(ctx, "[content_types].xml", func(e xml.StartElement, _ int) {
		macros = macros || strings.Contains(attribute(e, "ContentType"), "macroEnabled")
	})
	switch {
	case err != nil:
		return err
	case macros:
		return ErrSheetMacros
	}
	err = w.elements(ctx, "_rels/.rels", func(e xml.StartElement, _ int) {
		if path.Base(attribute(e, "Type")) == "officeDocument" { // the same word in the transitional and in the strict namespace
			book = partName(".", attribute(e, "Target"))
		}
	})
	if err != nil {
		return err
	}
	folder, name := path.Split(book)
	parts, worksheets := map[string]string{}, map[string]bool{} // by id of the relation
	err = w.elements(ctx, folder+"_rels/"+name+".rels", func(e xml.StartElement, _ int) {
		if e.Name.Local != "Relationship" || len(parts) > maxParts {
			return
		}
		id, part := attribute(e, "Id"), partName(folder, attribute(e, "Target"))
		parts[id] = part
		switch path.Base(attribute(e, "Type")) {
		case "worksheet":
			worksheets[id] = true
		case "styles":
			w.styles = part
		case "sharedStrings":
			w.shared = part
		}
	})
	if err != nil {
		return err
	}
	taken := map[string]bool{}
	err = w.elements(ctx, book, func(e xml.StartElement, depth int) {
		switch {
		case depth == 2 && e.Name.Local == "workbookPr":
			day := attribute(e, "date1904")
			w.since = epoch(day == "1" || day == "true")
		case depth == 3 && e.Name.Local == "sheet":
			w.count++
			id, state := attribute(e, "id"), attribute(e, "state")
			part := parts[id]
			// A sheet that is hidden is not what a person has looked at before sending it. A part that is several sheets is read once.
			if worksheets[id] && w.parts[part] != nil && !taken[part] && state != "hidden" && state != "veryHidden" {
				taken[part] = true
				w.sheets = append(w.sheets, worksheet{name: attribute(e, "name"), part: part})
			}
		}
	})
	if err == nil && w.count == 0 {
		err = ErrSheetFormat.Because(errors.New("a workbook without sheets"))
	}
	return err
}

// partName gives the name of the part to which a relation of one in a folder leads.
func partName(folder, target string) string {
	if !strings.HasPrefix(target, "/") {
		target = path.Join(folder, target)
	}
	return strings.ToLower(strings.TrimPrefix(target, "/"))
}

// elements goes through the elements of a part.
func (w *workbook) elements(ctx context.Context, name string, element func(e xml.StartElement, depth int)) error {
	in, err := w.open(ctx, name)
	if err != nil {
		return err
	}
	defer in.close()
	for {
		switch piece, err := in.next(); e := piece.(type) {
		case xml.StartElement:
			element(e, in.depth)
		case nil:
			return err
		}
	}
}

// attribute gives an attribute by its name in whatever namespace; empty if there is none.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
