package camera

// Step is a part of the work on a spreadsheet.
type Step string

// The steps, in their order. A step that takes no time is told of or not.
const (
	SheetUnpacking Step = "unpacking" // counted in bytes, and checked against their checksums
	SheetReading   Step = "reading"   // in bytes of the XML of one sheet after the other
	SheetJudging   Step = "judging"   // in rows
	SheetWriting   Step = "writing"   // in records of the database, which are there for others only at the end of all
)

// Progress is how far a step has come: Done of Of, or of nobody knows yet how many for 0. A transaction that is begun anew begins anew here too.
type Progress struct {
	Step Step
	Done int
	Of   int
}

// Tell takes note of progress. It is called by the goroutine that works, some thousand times at most, and under no lock of ours; but rows are
// judged and written within a transaction, so it must return at once and wait for nobody. nil: nobody asks.
type Tell func(Progress)

// at tells where a step is.
func (t Tell) at(step Step, done, of int) {
	if t != nil {
		t(Progress{Step: step, Done: done, Of: of})
	}
}
