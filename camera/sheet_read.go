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

// ReadSheet reads the first sheet of an .xlsx workbook that has a row of known column names among its first ones. It checks the file before it
// unpacks it, keeps no reference to from, and touches no database. ErrSheetFormat, ErrSheetEncrypted, ErrSheetMacros, ErrSheetLarge,
// ErrSheetHeader, ErrSheetTwice, ErrSheetRows, ErrSheetEmpty.
func ReadSheet(ctx context.Context, from io.ReaderAt, size int64) (*Sheet, error) {
	w, err := openWorkbook(from, size)
	if err != nil {
		return nil, err
	}
	defer w.Close() //nolint:errcheck // nothing is written
	var s *Sheet
	err = guarded(func() error {
		s, err = w.read(ctx)
		return err
	})
	return s, err
}

// read looks for the sheet and reads it.
func (w *workbook) read(ctx context.Context) (*Sheet, error) {
	names := w.GetSheetList()
	for _, name := range names {
		s := &Sheet{name: name, sheets: len(names)}
		err := w.readRows(ctx, s)
		switch {
		case errors.Is(err, ErrSheetHeader):
			continue
		case err != nil:
			return nil, err
		case len(s.rows) == 0:
			return nil, ErrSheetEmpty
		}
		if err := w.mark(s); err != nil {
			return nil, err
		}
		return s, w.typed(ctx, s)
	}
	return nil, ErrSheetHeader
}

// each walks through the rows of a sheet with their values, as they are kept or as they are shown.
func (w *workbook) each(ctx context.Context, name string, o excelize.Options, row func(number int, cells []string) error) error {
	rows, err := w.Rows(name)
	if err != nil {
		var none excelize.ErrSheetNotExist
		if errors.As(err, &none) { // a sheet of charts
			return nil
		}
		return ErrSheetFormat.Because(err)
	}
	defer rows.Close() //nolint:errcheck // reading only
	looked := 0
	for number := 1; rows.Next(); number++ {
		cells, err := rows.Columns(o)
		if err != nil {
			return ErrSheetFormat.Because(err)
		}
		if looked += len(cells) + 1; looked > maxCells {
			return ErrSheetLarge
		}
		if number%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := row(number, cells); err != nil {
			return err
		}
	}
	if err := rows.Error(); err != nil {
		return ErrSheetFormat.Because(err)
	}
	return nil
}

// readRows reads header and rows. ErrSheetHeader if there is none.
func (w *workbook) readRows(ctx context.Context, s *Sheet) error {
	err := w.each(ctx, s.name, excelize.Options{RawCellValue: true}, func(number int, cells []string) error {
		if s.header == 0 {
			if number > headerWithin {
				return ErrSheetHeader
			}
			return s.readHeader(number, cells)
		}
		r := sheetRow{row: number, cells: map[string]string{}}
		for _, c := range s.columns {
			if c.index < len(cells) && strings.TrimSpace(cells[c.index]) != "" {
				r.cells[c.Field] = meant(cells[c.index])
			}
		}
		if len(r.cells) == 0 {
			return nil
		}
		if s.rows = append(s.rows, r); len(s.rows) > maxSheetRows {
			return ErrSheetRows
		}
		return nil
	})
	if err == nil && s.header == 0 {
		return ErrSheetHeader
	}
	return err
}

// readHeader takes a row for the header if it names at least two columns, and among them the camera's number, name or address.
func (s *Sheet) readHeader(number int, cells []string) error {
	var columns []SheetColumn
	var twice []SheetColumn
	telling := false
	for i, title := range cells {
		if len(title) > 200 {
			continue
		}
		field := fieldOf(meant(title))
		if field == "" {
			continue
		}
		letter, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return ErrSheetFormat.Because(err)
		}
		c := SheetColumn{Field: field, Letter: letter, Title: strings.TrimSpace(title), index: i}
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

// mark puts what the values do not tell to the rows.
func (w *workbook) mark(s *Sheet) error {
	m, err := w.marksOf(s.name)
	if err != nil {
		return ErrSheetFormat.Because(err)
	}
	if len(m.cells) == 0 && len(m.merged) == 0 {
		return nil
	}
	for i := range s.rows {
		r := &s.rows[i]
		for _, c := range s.columns {
			if code := m.cells[[2]int{c.index + 1, r.row}]; code != "" {
				r.faults = append(r.faults, s.fault(r.row, c.Field, code, 0))
				delete(r.cells, c.Field)
			}
		}
	}
	looked := 0
	for _, area := range m.merged {
		first := sort.Search(len(s.rows), func(i int) bool { return s.rows[i].row >= area[1] })
		for i := first; i < len(s.rows) && s.rows[i].row <= area[3]; i++ {
			if looked++; looked > maxCells { // areas over each other, which no spreadsheet program makes
				return ErrSheetLarge
			}
			r := &s.rows[i]
			for _, c := range s.columns {
				if area[0] <= c.index+1 && c.index+1 <= area[2] {
					r.faults = append(r.faults, s.fault(r.row, c.Field, cellMerged, 0))
				}
			}
		}
	}
	return nil
}

// typed sees to numbers in columns of text: a spreadsheet makes a date of "1-2" and cuts long numbers, and keeps only the number. Where a cell
// shows something else than the number that it keeps, the number is not what was meant.
func (w *workbook) typed(ctx context.Context, s *Sheet) error {
	byRow := map[int]*sheetRow{}
	for i := range s.rows {
		for field, text := range s.rows[i].cells {
			if _, err := strconv.ParseFloat(text, 64); err == nil && field != "number" && field != "sweep" {
				byRow[s.rows[i].row] = &s.rows[i]
			}
		}
	}
	if len(byRow) == 0 {
		return nil
	}
	return w.each(ctx, s.name, excelize.Options{}, func(number int, cells []string) error {
		r := byRow[number]
		if r == nil {
			return nil
		}
		for _, c := range s.columns {
			kept, there := r.cells[c.Field]
			_, err := strconv.ParseFloat(kept, 64)
			if !there || err != nil || c.index >= len(cells) || c.Field == "number" || c.Field == "sweep" {
				continue
			}
			shown := meant(cells[c.index])
			if shown == kept {
				continue
			}
			if _, err := strconv.ParseFloat(shown, 64); err != nil || strings.ContainsAny(shown, "eE") {
				r.faults = append(r.faults, s.fault(r.row, c.Field, cellNotText, 0))
				delete(r.cells, c.Field)
				continue
			}
			r.cells[c.Field] = shown
		}
		return nil
	})
}
