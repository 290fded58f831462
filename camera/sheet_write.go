package camera

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
)

// SheetType is the media type of .xlsx.
const SheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Secrets says whether an export holds passwords.
type Secrets uint8

// The sorts of exports.
const (
	WithoutSecrets Secrets = iota
	WithSecrets            // which is kept as an event before the first of them leaves
)

// maxCell bounds a cell's text (Excel's own bound is 32,767).
const maxCell = 32_000

// ExportSheet writes all cameras as a sheet that ReadSheet reads: taken again, every row is unchanged. Who may watch them is not part of it.
func (s *Service) ExportSheet(ctx context.Context, by auth.Principal, to io.Writer, secrets Secrets, language string) error {
	p, err := s.store.Present(ctx, nil, s.at())
	if err != nil {
		return fmt.Errorf("export cameras: %w", err)
	}
	if secrets == WithSecrets {
		e := s.event(events.CameraExported, by)
		e.Fields, e.Note = []string{"password"}, strconv.Itoa(len(p.Records))
		if err := s.store.AppendEvents(ctx, []events.Event{e}); err != nil {
			return fmt.Errorf("export cameras: %w", err)
		}
		events.Tell(s.logger, e)
	}
	groups := map[ID][]string{}
	for _, g := range p.Groups {
		for id := range p.Members[g.ID] {
			groups[id] = append(groups[id], g.Name)
		}
	}
	w := words(language)
	fields := slices.DeleteFunc(slices.Clone(fieldsOfSheets), func(f string) bool { return f == fieldLogins })
	return writeSheet(to, w, fields, func(row func(values []any) error) error {
		for _, r := range p.Records {
			o, err := s.open(r)
			if err != nil {
				s.logger.Error("a camera's address can't be opened", "camera", r.Number, "error", err)
			}
			addr, sub, password := mask(o.Address), mask(o.SubAddress), ""
			if secrets == WithSecrets {
				addr, sub, password = o.Address, o.SubAddress, o.Password.Reveal()
			}
			slices.Sort(groups[r.ID])
			sweep := w.no
			if r.Sweep {
				sweep = w.yes
			}
			values := []any{r.Number}
			for _, text := range []string{
				r.Name, r.Location, addr, sub, o.Username, password, string(r.Transport), joinList(r.Tags), joinList(groups[r.ID]), plainLines(r.Notes), sweep,
			} {
				if len(text) > maxCell { // only groups can be so many; those left out stay as they are
					text = ""
				}
				values = append(values, neutral(text))
			}
			if err := row(values); err != nil {
				return err
			}
		}
		return nil
	})
}

// WriteTemplate writes an empty sheet with drop-downs, and a second one that explains it.
func WriteTemplate(to io.Writer, language string) error {
	w := words(language)
	return writeSheet(to, w, fieldsOfSheets, func(func(values []any) error) error { return nil })
}

// writeSheet writes a workbook of cameras: the header in the language, the rows that fill gives, drop-downs, explanations.
func writeSheet(to io.Writer, w sheetWords, fields []string, fill func(row func(values []any) error) error) error {
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // in memory
	if err := f.SetSheetName("Sheet1", w.cameras); err != nil {
		return fmt.Errorf("write a sheet: %w", err)
	}
	// Before the rows: once they are there, a change to the sheet reads and writes all of them again.
	for field, choices := range map[string][]string{"transport": {"auto", "tcp", "udp"}, "sweep": {w.yes, w.no}} {
		letter, err := excelize.ColumnNumberToName(slices.Index(fields, field) + 1)
		if err != nil {
			return fmt.Errorf("write a sheet: %w", err)
		}
		v := excelize.NewDataValidation(true)
		v.Sqref = letter + "2:" + letter + strconv.Itoa(maxSheetRows+1)
		if err := v.SetDropList(choices); err != nil {
			return fmt.Errorf("write a sheet: %w", err)
		}
		if err := f.AddDataValidation(w.cameras, v); err != nil {
			return fmt.Errorf("write a sheet: %w", err)
		}
	}
	titles := make([]string, len(fields))
	for i, field := range fields {
		titles[i] = w.titles[field]
	}
	out, err := newRows(f, w.cameras, titles)
	if err != nil {
		return err
	}
	if err := fill(out.add); err != nil {
		return err
	}
	if err := out.stream.Flush(); err != nil {
		return fmt.Errorf("write a sheet: %w", err)
	}
	if err := explain(f, w, fields); err != nil {
		return err
	}
	if _, err := f.WriteTo(to); err != nil {
		return fmt.Errorf("write a sheet: %w", err)
	}
	return nil
}

// explain adds the sheet of explanations.
func explain(f *excelize.File, w sheetWords, fields []string) error {
	if _, err := f.NewSheet(w.help); err != nil {
		return fmt.Errorf("write a sheet: %w", err)
	}
	stream, err := f.NewStreamWriter(w.help)
	if err != nil {
		return fmt.Errorf("write a sheet: %w", err)
	}
	wrap, err := f.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return fmt.Errorf("write a sheet: %w", err)
	}
	rows := make([][]any, 0, len(fields)+len(w.intro)+1)
	for _, line := range w.intro {
		rows = append(rows, []any{"", excelize.Cell{Value: line, StyleID: wrap}})
	}
	rows = append(rows, nil)
	for _, field := range fields {
		rows = append(rows, []any{excelize.Cell{Value: w.titles[field], StyleID: wrap}, excelize.Cell{Value: w.about[field], StyleID: wrap}})
	}
	if err := stream.SetColWidth(1, 1, 26); err != nil {
		return fmt.Errorf("write a sheet: %w", err)
	}
	if err := stream.SetColWidth(2, 2, 100); err != nil {
		return fmt.Errorf("write a sheet: %w", err)
	}
	for i, row := range rows {
		if err := stream.SetRow("A"+strconv.Itoa(i+1), row); err != nil {
			return fmt.Errorf("write a sheet: %w", err)
		}
	}
	if err := stream.Flush(); err != nil {
		return fmt.Errorf("write a sheet: %w", err)
	}
	return nil
}

// sheetRows writes the rows of a sheet one by one.
type sheetRows struct {
	stream *excelize.StreamWriter
	next   int
}

// newRows begins a sheet: its header stays in view, and its cells are text, so that "007" stays what it is.
func newRows(f *excelize.File, sheet string, titles []string) (*sheetRows, error) {
	stream, err := f.NewStreamWriter(sheet)
	if err != nil {
		return nil, fmt.Errorf("write a sheet: %w", err)
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49})
	if err != nil {
		return nil, fmt.Errorf("write a sheet: %w", err)
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDE6EE"}}})
	if err != nil {
		return nil, fmt.Errorf("write a sheet: %w", err)
	}
	if err := stream.SetColStyle(1, len(titles), text); err != nil {
		return nil, fmt.Errorf("write a sheet: %w", err)
	}
	if err := stream.SetColWidth(1, len(titles), 22); err != nil {
		return nil, fmt.Errorf("write a sheet: %w", err)
	}
	if err := stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, fmt.Errorf("write a sheet: %w", err)
	}
	header := make([]any, len(titles))
	for i, title := range titles {
		header[i] = excelize.Cell{Value: title, StyleID: bold}
	}
	r := &sheetRows{stream: stream}
	return r, r.add(header)
}

func (r *sheetRows) add(values []any) error {
	r.next++
	if err := r.stream.SetRow("A"+strconv.Itoa(r.next), values); err != nil {
		return fmt.Errorf("write a sheet: %w", err)
	}
	return nil
}

// WriteVerdicts writes the rows of a sheet that have one of the verdicts (all without any), each with its verdict in words and its row
// in the sheet that was sent. Passwords are left out: dots stand for them, which are refused when the sheet comes back so.
func (s *Sheet) WriteVerdicts(to io.Writer, r SheetReport, language string, only ...Verdict) error {
	w := words(language)
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // in memory
	if err := f.SetSheetName("Sheet1", w.cameras); err != nil {
		return fmt.Errorf("write verdicts: %w", err)
	}
	titles := make([]string, 0, len(s.columns)+2)
	for _, c := range s.columns {
		titles = append(titles, w.titles[c.Field])
	}
	out, err := newRows(f, w.cameras, append(titles, w.verdict, w.row))
	if err != nil {
		return err
	}
	for i, row := range s.rows {
		v := r.Verdicts[i]
		if len(only) > 0 && !slices.Contains(only, v.Verdict) {
			continue
		}
		values := make([]any, 0, len(s.columns)+2)
		for _, c := range s.columns {
			values = append(values, neutral(shown(c.Field, row.cells[c.Field])))
		}
		if err := out.add(append(values, neutral(w.tell(v)), v.Row)); err != nil {
			return err
		}
	}
	if err := out.stream.Flush(); err != nil {
		return fmt.Errorf("write verdicts: %w", err)
	}
	if _, err := f.WriteTo(to); err != nil {
		return fmt.Errorf("write verdicts: %w", err)
	}
	return nil
}

// shown gives a cell as others may see it. What can't be read as an address may hold a password anywhere.
func shown(field, text string) string {
	switch {
	case text == "":
	case field == "password":
		return redacted
	case field == "address", field == "sub_address":
		a, code := parseAddress(text)
		if code != "" {
			scheme, _, _ := strings.Cut(text, "://")
			if s := strings.ToLower(strings.TrimSpace(scheme)); s != "rtsp" && s != "rtsps" {
				return redacted
			}
			return strings.ToLower(strings.TrimSpace(scheme)) + "://" + redacted
		}
		plain := mask(a.String())
		user := strings.NewReplacer("%", "%25", "@", "%40", ":", "%3A", "/", "%2F", "?", "%3F", "#", "%23").Replace(a.username)
		switch {
		case a.hasPassword:
			return strings.Replace(plain, "://", "://"+user+":"+redacted+"@", 1)
		case a.hasUsername:
			return strings.Replace(plain, "://", "://"+user+"@", 1)
		}
		return plain
	case len(text) > maxCell:
		return ""
	}
	return text
}

// tell puts a verdict into words.
func (w sheetWords) tell(v RowVerdict) string {
	text := w.verdicts[v.Verdict]
	switch v.Verdict {
	case RowDuplicate:
		return text + " " + w.of + " " + strconv.Itoa(v.Of)
	case RowWrong:
		parts := make([]string, 0, len(v.Faults))
		for _, f := range v.Faults {
			part := w.titles[f.Field]
			if f.Cell != "" {
				part += " (" + f.Cell + ")"
			}
			if f.Item > 0 {
				part += ", " + w.item + " " + strconv.Itoa(f.Item)
			}
			words := w.codes[f.Code]
			if words == "" {
				words = f.Code
			}
			parts = append(parts, part+": "+words)
		}
		return text + ": " + strings.Join(parts, "; ")
	case RowChanged:
		titles := make([]string, len(v.Fields))
		for i, field := range v.Fields {
			titles[i] = w.titles[field]
		}
		text += ", " + w.fields + ": " + strings.Join(titles, ", ")
	}
	if v.Main != nil && v.Verdict != RowUnchanged {
		text += "; " + w.read + " " + v.Main.Host + ":" + v.Main.Port + v.Main.Path
		if v.Main.Username != "" {
			text += ", " + v.Main.Username
		}
	}
	return text
}
