package camera

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// contents says what a cell holds.
type contents uint8

const (
	plain      contents = iota // a text
	numeral                    // a number, shown as its style says
	truth                      // 1 or 0
	dated                      // a date by itself
	failed                     // the error of a formula
	unreckoned                 // a formula without its result
)

// gridCell is a cell of a worksheet with anything in it.
type gridCell struct {
	column int // from 0
	holds  contents
	text   string
	style  int
}

// area is of cells that are one: columns and rows, both ends included, from 1.
type area struct{ left, top, right, bottom int }

// errEnough ends a walk.
var errEnough = errors.New("enough rows")

// walk goes through the rows of a worksheet that are there (ECMA-376, part 1, 18.3.1), top down, each with its cells from left to right; they are
// row's until it returns. Then it gives what is merged. An error of row ends it and comes back.
func (w *workbook) walk(ctx context.Context, sheet worksheet, tell Tell, row func(number int, cells []gridCell) error) ([]area, error) {
	in, err := w.open(ctx, sheet.part)
	if err != nil {
		return nil, err
	}
	defer in.close()
	var merged []area
	var cells []gridCell
	number, column := 0, 0 // the last ones, from 1
	within, inRow := false, false
	for {
		piece, err := in.next()
		if piece == nil {
			return merged, err
		}
		switch e := piece.(type) {
		case xml.StartElement:
			switch name := e.Name.Local; {
			case name == "sheetData":
				within = true
			case name == "mergeCell":
				if a, ok := areaOf(attribute(e, "ref")); ok && len(merged) < maxAreas {
					merged = append(merged, a)
				}
			case !within: // a form's controls have rows of their own
			case name == "row" && !inRow:
				if number, err = rowNumber(e, number); err != nil {
					return nil, err
				}
				inRow, column, cells = true, 0, cells[:0]
				if number%256 == 0 {
					tell.at(SheetReading, in.read, in.size)
				}
			case name == "c" && inRow:
				c, err := w.cell(in, e, number, column)
				if err != nil {
					return nil, err
				}
				if column = c.column + 1; c.text != "" || c.holds != plain {
					cells = append(cells, c)
				}
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "sheetData":
				within = false
			case "row":
				if within && inRow {
					inRow = false
					if err := row(number, cells); err != nil {
						return nil, err
					}
				}
			}
		}
	}
}

// rowNumber gives the number of a row that begins after the last one.
func rowNumber(e xml.StartElement, last int) (int, error) {
	number := last + 1
	if text := attribute(e, "r"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n <= last {
			return 0, ErrSheetFormat.Because(fmt.Errorf("row %d is not followed by one below it", last))
		}
		number = n
	}
	if number > excelize.TotalRows {
		return 0, ErrSheetFormat.Because(errors.New("a row that no sheet can have"))
	}
	return number, nil
}

// cell reads a cell that has begun to its end.
func (w *workbook) cell(in *partReader, e xml.StartElement, row, last int) (gridCell, error) {
	c := gridCell{column: last}
	var err error
	kind := ""
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "r":
			x, y, err := excelize.CellNameToCoordinates(a.Value)
			if err != nil || y != row || x <= last {
				return c, ErrSheetFormat.Because(fmt.Errorf("a cell of row %d stands in the wrong place", row))
			}
			c.column = x - 1
		case "s":
			if c.style, err = strconv.Atoi(a.Value); err != nil {
				return c, ErrSheetFormat.Because(err)
			}
		case "t":
			kind = a.Value
		}
	}
	if c.column >= excelize.MaxColumns {
		return c, ErrSheetFormat.Because(errors.New("a column that no sheet can have"))
	}
	formula, valued := false, false
	value, inline := "", ""
	for depth := in.depth; in.depth >= depth; {
		piece, err := in.next()
		if piece == nil {
			return c, err
		}
		e, ok := piece.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "f":
			formula = true
			_, err = in.text()
		case "v":
			valued = true
			value, err = in.text()
		case "is":
			valued = true
			inline, err = in.rich()
		}
		if err != nil {
			return c, err
		}
	}
	return w.valued(in.ctx, c, kind, value, inline, formula && (!valued || value == "" && inline == "" && kind != "str"))
}

// valued gives the cell with what stands in it.
func (w *workbook) valued(ctx context.Context, c gridCell, kind, value, inline string, open bool) (gridCell, error) {
	c.text = value
	switch kind {
	case "s":
		if value == "" {
			break
		}
		if err := w.readTexts(ctx); err != nil {
			return c, err
		}
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || n < 0 || n >= len(w.texts) {
			return c, ErrSheetFormat.Because(errors.New("a cell shares a text that is not there"))
		}
		c.text = w.texts[n]
	case "str":
		c.text = unescaped(value)
	case "inlineStr":
		c.text = inline
	case "e":
		c.holds = failed
	case "b":
		c.holds = truth
	case "d":
		c.holds = dated
	case "", "n":
		if _, err := strconv.ParseFloat(value, 64); err == nil && len(value) <= maxNumeral {
			c.holds = numeral
		}
	default:
		return c, ErrSheetFormat.Because(errors.New("a cell of an unknown kind"))
	}
	if open { // as programs leave it that do not reckon
		c.holds = unreckoned
	}
	return c, nil
}

// areaOf reads what is merged.
func areaOf(ref string) (area, bool) {
	from, to, _ := strings.Cut(ref, ":")
	x1, y1, err1 := excelize.CellNameToCoordinates(from)
	x2, y2, err2 := excelize.CellNameToCoordinates(to)
	return area{x1, y1, x2, y2}, err1 == nil && err2 == nil
}
