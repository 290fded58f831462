package camera

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// Bounds of the styles that excelize gets to see.
const (
	maxStyles  = 8 << 20 // bytes
	maxFormats = 10_000  // of numbers, each looked for among all
	maxFormat  = 1000    // characters of one; Excel takes 255
)

// figures tells how numbers are shown by the styles of a workbook. Its own workbook has those styles and one cell: of a stranger's file excelize gets
// nothing else, since it unpacks all and copies a text once more for each cell that shares it.
type figures struct {
	book *excelize.File
}

// The one cell.
const scratchSheet, scratchCell = "Sheet1", "A1"

// figures gives what shows this workbook's numbers.
func (w *workbook) figures(ctx context.Context) (*figures, error) {
	f := &figures{book: excelize.NewFile()}
	date1904 := w.since == since1904
	if err := f.book.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &date1904}); err != nil {
		return nil, fmt.Errorf("read a spreadsheet: %w", err)
	}
	part := w.parts[w.styles]
	if part == nil {
		return f, nil
	}
	if sizeOf(part) > maxStyles {
		return nil, ErrSheetLarge
	}
	in, err := w.open(ctx, w.styles)
	if err != nil {
		return nil, err
	}
	defer in.close()
	for { // its XML is held to the bounds first
		piece, err := in.next()
		if err != nil {
			return nil, err
		}
		if piece == nil {
			break
		}
	}
	from, err := part.Open()
	if err != nil {
		return nil, ErrSheetFormat.Because(err)
	}
	defer from.Close() //nolint:errcheck // reading only
	text, err := io.ReadAll(from)
	if err != nil {
		return nil, ErrSheetFormat.Because(err)
	}
	blank(f.book.Styles)
	text = bytes.ReplaceAll(text, []byte(excelize.StrictNameSpaceSpreadSheet), []byte(excelize.NameSpaceSpreadSheet.Value))
	if err := xml.Unmarshal(text, f.book.Styles); err != nil {
		return nil, ErrSheetFormat.Because(err)
	}
	if formats := f.book.Styles.NumFmts; formats != nil {
		if len(formats.NumFmt) > maxFormats {
			return nil, ErrSheetLarge
		}
		for _, one := range formats.NumFmt {
			if len(one.FormatCode) > maxFormat || len(one.FormatCode16) > maxFormat {
				return nil, ErrSheetFormat.Because(errors.New("a format of numbers is too long"))
			}
		}
	}
	return f, nil
}

// blank makes a value empty, be its type whose it may.
func blank[T any](value *T) {
	var empty T
	*value = empty
}

// shown gives a number as a person sees it.
func (f *figures) shown(c gridCell) (text string, err error) {
	err = guarded(func() error {
		if err := f.book.SetCellDefault(scratchSheet, scratchCell, c.text); err != nil {
			return err
		}
		if err := f.book.SetCellStyle(scratchSheet, scratchCell, scratchCell, c.style); err != nil { // none of this workbook's
			return f.book.SetCellStyle(scratchSheet, scratchCell, scratchCell, 0)
		}
		return nil
	})
	if err != nil {
		return c.text, nil //nolint:nilerr // without styles a number is shown as it is kept
	}
	err = guarded(func() error {
		text, err = f.book.GetCellValue(scratchSheet, scratchCell)
		return err
	})
	if err != nil {
		return "", ErrSheetFormat.Because(err)
	}
	return text, nil
}

// guarded runs a reading of what strangers send: what excelize panics at is a fault of the file.
func guarded(read func() error) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = ErrSheetFormat.Because(fmt.Errorf("reading the workbook broke off: %v", broken))
		}
	}()
	return read()
}
