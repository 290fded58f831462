package camera

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Sheet is a spreadsheet of cameras as it was read. It holds passwords, and prints none.
type Sheet struct {
	name    string
	sheets  int
	header  int
	columns []SheetColumn
	rows    []sheetRow
}

// sheetRow is a row with anything in it.
type sheetRow struct {
	row    int               // from 1
	cells  map[string]string // by field; empty ones are missing
	faults []CellFault       // of cells that can't be read
}

// Format hides the cells from every verb of fmt.
func (s *Sheet) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "sheet of %d rows", len(s.rows)) }

// column gives the column of a field; false if the sheet has none.
func (s *Sheet) column(field string) (SheetColumn, bool) {
	i := slices.IndexFunc(s.columns, func(c SheetColumn) bool { return c.Field == field })
	if i < 0 {
		return SheetColumn{}, false
	}
	return s.columns[i], true
}

// fault gives the fault of a cell.
func (s *Sheet) fault(row int, field, code string, item int) CellFault {
	f := CellFault{Field: field, Code: code, Item: item}
	if c, ok := s.column(field); ok {
		f.Cell = c.Letter + strconv.Itoa(row)
	}
	return f
}

// ReadSheet reads the first sheet of an .xlsx workbook that people see and that has a row of known column names among its first ones. It checks the
// file before it unpacks it, keeps no reference to from, and touches no database. ErrSheetFormat, ErrSheetEncrypted, ErrSheetMacros, ErrSheetLarge,
// ErrSheetHeader, ErrSheetTwice, ErrSheetRows, ErrSheetEmpty.
func ReadSheet(ctx context.Context, from io.ReaderAt, size int64, tell Tell) (*Sheet, error) {
	w, err := openWorkbook(ctx, from, size, tell)
	if err != nil {
		return nil, err
	}
	for _, one := range w.sheets {
		s := &Sheet{name: one.name, sheets: w.count}
		r := rowsReader{book: w, sheet: s}
		merged, err := w.walk(ctx, one, tell, func(number int, cells []gridCell) error { return r.row(ctx, number, cells) })
		switch {
		case errors.Is(err, ErrSheetHeader), err == nil && s.header == 0:
			continue
		case err != nil:
			return nil, err
		case len(s.rows) == 0:
			return nil, ErrSheetEmpty
		}
		if err := s.merge(merged); err != nil {
			return nil, err
		}
		return s, nil
	}
	return nil, ErrSheetHeader
}

// rowsReader makes rows of a worksheet's cells.
type rowsReader struct {
	book    *workbook
	sheet   *Sheet
	figures *figures // nil: no number has been asked for
	texts   int      // bytes kept
}

// row takes a row for the header, or for one below it. ErrSheetHeader where there can't be a header any more.
func (r *rowsReader) row(ctx context.Context, number int, cells []gridCell) error {
	s := r.sheet
	if s.header == 0 {
		if number > headerWithin {
			return ErrSheetHeader
		}
		return s.readHeader(number, cells)
	}
	row := sheetRow{row: number, cells: map[string]string{}}
	at := 0
	for _, c := range s.columns { // both from left to right
		for at < len(cells) && cells[at].column < c.index {
			at++
		}
		if at == len(cells) {
			break
		}
		if cells[at].column != c.index {
			continue
		}
		text, code, err := r.read(ctx, c.Field, cells[at])
		switch {
		case err != nil:
			return err
		case code != "":
			row.faults = append(row.faults, s.fault(number, c.Field, code, 0))
		case text != "":
			row.cells[c.Field] = text
			if r.texts += len(text); r.texts > maxTexts {
				return ErrSheetLarge
			}
		}
	}
	if len(row.cells) == 0 && len(row.faults) == 0 {
		return nil
	}
	if s.rows = append(s.rows, row); len(s.rows) > maxSheetRows {
		return ErrSheetRows
	}
	return nil
}

// read gives what is meant by a cell, or the code of what is wrong with it. A spreadsheet makes a date of "1-2" and cuts long numbers, and keeps only
// the number: where a cell shows something else than the number that it keeps, the number is not what was meant.
func (r *rowsReader) read(ctx context.Context, field string, c gridCell) (text, code string, err error) {
	switch c.holds {
	case failed:
		return "", cellError, nil
	case unreckoned:
		return "", cellFormula, nil
	case dated:
		return "", cellNotText, nil
	case truth:
		if field != "sweep" {
			return "", cellNotText, nil
		}
		return c.text, "", nil
	case plain:
		switch {
		case strings.TrimSpace(c.text) == "":
			return "", "", nil
		case len(c.text) > maxText && utf8.RuneCountInString(c.text) > maxText:
			return "", badLength, nil
		}
		return meant(c.text), "", nil
	}
	if field == "sweep" {
		return c.text, "", nil
	}
	if r.figures == nil {
		if r.figures, err = r.book.figures(ctx); err != nil {
			return "", "", err
		}
	}
	shown, err := r.figures.shown(c)
	if err != nil {
		return "", "", err
	}
	shown = meant(shown)
	if field == "number" { // "1,234" and "№ 5" by their style are 1234 and 5
		kept, code := sheetNumber(c.text)
		seen, other := sheetNumber(strings.NewReplacer(",", "", " ", "", "\u00a0", "", "\u202f", "").Replace(shown))
		if code == "" && (other != "" || seen != kept) {
			return "", cellNotText, nil
		}
		return c.text, "", nil
	}
	if shown == c.text {
		return shown, "", nil
	}
	if _, err := strconv.ParseFloat(shown, 64); err != nil || strings.ContainsAny(shown, "eE") {
		return "", cellNotText, nil
	}
	return shown, "", nil
}

// readHeader takes a row for the header if it names at least two columns, and among them the camera's number, name or address.
func (s *Sheet) readHeader(number int, cells []gridCell) error {
	var columns []SheetColumn
	var twice []SheetColumn
	telling := false
	for _, cell := range cells {
		title := cell.text
		if len(title) > 200 || cell.holds != plain {
			continue
		}
		field := fieldOf(meant(title))
		if field == "" {
			continue
		}
		letter, err := excelize.ColumnNumberToName(cell.column + 1)
		if err != nil {
			return ErrSheetFormat.Because(err)
		}
		c := SheetColumn{Field: field, Letter: letter, Title: strings.TrimSpace(title), index: cell.column}
		if slices.ContainsFunc(columns, func(other SheetColumn) bool { return other.Field == field }) {
			twice = append(twice, c)
			continue
		}
		telling = telling || field == "number" || field == "name" || field == "address"
		columns = append(columns, c)
	}
	if len(columns) < 2 || !telling {
		return nil
	}
	if len(twice) > 0 {
		err := ErrSheetTwice.With("sheet", s.name)
		for _, c := range twice {
			err = err.At(c.Letter+strconv.Itoa(number), c.Field)
		}
		return err
	}
	s.header, s.columns = number, columns
	return nil
}

// merge marks the cells that are merged with others. A value stands in the first of them only.
func (s *Sheet) merge(areas []area) error {
	looked := 0
	for _, a := range areas {
		first := sort.Search(len(s.rows), func(i int) bool { return s.rows[i].row >= a.top })
		for i := first; i < len(s.rows) && s.rows[i].row <= a.bottom; i++ {
			if looked++; looked > maxMerged { // areas over each other, which no spreadsheet program makes
				return ErrSheetLarge
			}
			r := &s.rows[i]
			for _, c := range s.columns {
				if a.left <= c.index+1 && c.index+1 <= a.right && !slices.ContainsFunc(r.faults, func(f CellFault) bool { return f.Field == c.Field }) {
					r.faults = append(r.faults, s.fault(r.row, c.Field, cellMerged, 0))
				}
			}
		}
	}
	return nil
}
