package camera

import (
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// Bounds of a spreadsheet.
const (
	MaxSheetFile = 32 << 20 // of the file, in bytes
	maxSheetRows = 10_000   // with anything in them, below the header
	maxUnzipped  = 96 << 20 // of all parts of the file, in bytes
	maxParts     = 2000     // of the file
	maxTexts     = 96 << 20 // of all cells that are kept, a text that they share counted for each of them, in bytes
	maxText      = 32_767   // of one cell, in characters: Excel's own bound
	maxNumeral   = 64       // digits and signs of a number
	maxAreas     = 10_000   // of merged cells
	maxMerged    = 1 << 20  // rows of all those
	headerWithin = 30       // rows from the top in which the header is looked for
	maxSheetList = 200      // tags, groups or logins in one cell
)

// Faults of spreadsheets as a whole. None of them changes anything.
var (
	ErrSheetFormat    = fault.New(fault.Unsupported, "sheet.not_xlsx", "the file is no .xlsx workbook")
	ErrSheetEncrypted = fault.New(fault.Unsupported, "sheet.encrypted", "the workbook is protected by a password; save it without one")
	ErrSheetMacros    = fault.New(fault.Unsupported, "sheet.macros", "the workbook holds macros; save it as .xlsx")
	ErrSheetLarge     = fault.New(fault.TooLarge, "sheet.too_large", "the workbook exceeds 32 MiB, or 96 MiB unpacked")
	ErrSheetRows      = fault.New(fault.Invalid, "sheet.too_many_rows", "the sheet has more than 10,000 rows; send it in parts")
	ErrSheetHeader    = fault.New(fault.Invalid, "sheet.no_header", "no sheet has a row of known column names; take the template")
	ErrSheetTwice     = fault.New(fault.Invalid, "sheet.column_twice", "two columns of the sheet mean the same") // Fields: the field and the cells
	ErrSheetEmpty     = fault.New(fault.Invalid, "sheet.empty", "the sheet has no rows below its header")
	ErrSheetWrong     = fault.New(fault.Invalid, "sheet.rows_wrong", "some rows are wrong, so none was taken") // Params: wrong, duplicates
)

// The codes of what is wrong with a cell, beside those of a camera's fields.
const (
	cellFormula = "sheet.formula"  // a formula that was saved without its result
	cellError   = "sheet.error"    // a formula that failed: #REF!
	cellMerged  = "sheet.merged"   // merged with others, so that it is not clear whose value it is
	cellNotText = "sheet.not_text" // a date, or a number that lost digits, where a text belongs
	cellNumber  = "sheet.number"   // no whole number
	cellChoice  = "not_allowed"    // none of the words that may stand here
)

// Verdict says what a row comes to.
type Verdict string

// The verdicts. Wrong and duplicate rows are never taken.
const (
	RowNew       Verdict = "new"
	RowChanged   Verdict = "changed"
	RowUnchanged Verdict = "unchanged"
	RowWrong     Verdict = "wrong"
	RowDuplicate Verdict = "duplicate"
)

// CellFault is what is wrong with one cell of a row. It never holds what stands there.
type CellFault struct {
	Field string // the camera's field: "address"
	Cell  string // "C5"; empty where the sheet has no such column
	Code  string
	Item  int // which of a list's entries, from 1; 0: the cell as a whole
}

// ParsedAddress is how an address was read: enough to see that a password ended where it was meant to.
type ParsedAddress struct {
	Scheme      string
	Host        string
	Port        string
	Path        string // with dots in place of a password
	Username    string // that stood in the address
	HasPassword bool   // one stood in the address
}

// RowVerdict is what a row comes to, and why.
type RowVerdict struct {
	Row     int // as the spreadsheet counts, from 1
	Verdict Verdict
	ID      ID     // of the camera that it means; empty for a new one
	Number  int    // of that camera, or the one that the row asks for; 0: to be given
	Name    string // as the row says
	Fields  []string
	Faults  []CellFault
	Of      int // the row that says the same or means the same camera, for a duplicate
	Main    *ParsedAddress
	Sub     *ParsedAddress
}

// SheetReport is what a sheet comes to.
type SheetReport struct {
	Sheet    string // the name of the one that was read
	Sheets   int    // how many the workbook has
	Header   int    // the row of the column names
	Columns  []SheetColumn
	Verdicts []RowVerdict
	Applied  bool
}

// Count gives how many rows have a verdict.
func (r SheetReport) Count(v Verdict) int {
	n := 0
	for _, one := range r.Verdicts {
		if one.Verdict == v {
			n++
		}
	}
	return n
}

// SheetColumn is a column that means something.
type SheetColumn struct {
	Field  string // "address"; see fieldsOfSheets
	Letter string // "C"
	Title  string // as it is written in the sheet
	index  int    // from 0
}

// Taking says which rows of a sheet are taken.
type Taking uint8

// The ways to take rows.
const (
	AllRows   Taking = iota // all, or none if any is wrong
	RightRows               // those that are right
)
