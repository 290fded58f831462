package camera

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fold"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

// Present is what a store has that a sheet is judged against.
type Present struct {
	Records []Record             // all cameras, by number
	Numbers map[int]ID           // every number that any camera ever had
	Highest int                  // of them, or higher
	Groups  map[string]Group     // all, by folded name
	Users   map[string]auth.User // those asked for, by folded login
	Members map[GroupID]map[ID]bool
	Grants  map[auth.UserID]map[ID]bool // direct ones of those users, ended ones left out
}

// judgedAtOnce is how many rows are judged between two looks at whether anybody still waits for it.
const judgedAtOnce = 64

// judged is a row with what becomes of its camera.
type judged struct {
	RowVerdict
	old    *known // nil: a new camera
	next   draft
	groups []Group     // to be joined
	users  []auth.User // to be granted the camera
}

// known is a camera that is there.
type known struct {
	draft
	row int // that means it; 0: none yet
}

// judge is a sheet being judged. A row means the camera of its number, or else the one of its address.
type judge struct {
	sheet     *Sheet
	present   Present
	byNumber  map[int]*known
	byAddress map[string][]*known // by number
	numbers   map[int]int         // of the rows so far: number to row
	addresses map[string]int      // of new cameras without a number: address to row
}

// judge says what each row of a sheet comes to. It is the one judgement, of a dry run and of the transaction that takes the rows.
func (s *Service) judge(ctx context.Context, sheet *Sheet, p Present, tell Tell) ([]judged, error) {
	j := judge{
		sheet: sheet, present: p, byNumber: map[int]*known{}, byAddress: map[string][]*known{}, numbers: map[int]int{}, addresses: map[string]int{},
	}
	for _, r := range p.Records {
		k := &known{draft: draft{record: r}}
		// One that does not open comes without its secrets, as in Patch: a new address writes it anew.
		if o, err := s.open(r); err == nil {
			k.secret = o
			key := mask(o.Address)
			j.byAddress[key] = append(j.byAddress[key], k)
		}
		j.byNumber[r.Number] = k
	}
	for _, row := range sheet.rows { // first come those who name their camera
		if n, code := sheetNumber(row.cells["number"]); code == "" && n != 0 {
			if k := j.byNumber[n]; k != nil && k.row == 0 {
				k.row = row.row
			}
		}
	}
	all := make([]judged, 0, len(sheet.rows))
	for i, row := range sheet.rows {
		if i%judgedAtOnce == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			tell.at(SheetJudging, i, len(sheet.rows))
		}
		all = append(all, j.row(row))
	}
	return all, nil
}

// sheetNumber reads a number as people and spreadsheets write one; 0 for none.
func sheetNumber(text string) (int, string) {
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "№"))
	if text == "" {
		return 0, ""
	}
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || f != math.Trunc(f):
		return 0, cellNumber
	case f < 1 || f > maxNumber:
		return 0, "out_of_range"
	}
	return int(f), ""
}

// row judges one row.
func (j *judge) row(r sheetRow) judged {
	v := judged{RowVerdict: RowVerdict{Row: r.row, Name: strings.TrimSpace(r.cells["name"]), Faults: slices.Clone(r.faults)}}
	if len([]rune(v.Name)) > maxName {
		v.Name = string([]rune(v.Name)[:maxName])
	}
	v.Main, v.Sub = parsed(r.cells["address"]), parsed(r.cells["sub_address"])
	number, code := sheetNumber(r.cells["number"])
	if code != "" {
		v.Faults = append(v.Faults, j.sheet.fault(r.row, "number", code, 0))
	}
	v.Number = number
	if of := j.find(&v, r, number); of != 0 {
		v.Verdict, v.Of, v.Faults = RowDuplicate, of, nil
		return v
	}
	values := j.values(&v, r)
	if v.old != nil {
		v.ID, v.Number = v.old.record.ID, v.old.record.Number
		j.change(&v, values, number)
	} else {
		j.make(&v, values, number)
	}
	j.lists(&v, r)
	switch {
	case len(v.Faults) > 0:
		v.Verdict, v.Fields = RowWrong, nil
		slices.SortStableFunc(v.Faults, func(a, b CellFault) int {
			return cmp.Compare(slices.Index(fieldsOfSheets, a.Field), slices.Index(fieldsOfSheets, b.Field))
		})
		v.Faults = slices.Compact(v.Faults)
	case v.old == nil:
		v.Verdict = RowNew
	case len(v.Fields) > 0:
		v.Verdict = RowChanged
	default:
		v.Verdict = RowUnchanged
	}
	return v
}

// find looks for the camera that a row means, and gives the row before it that says the same, if there is one.
func (j *judge) find(v *judged, r sheetRow, number int) (of int) {
	if number != 0 {
		if first := j.numbers[number]; first != 0 {
			return first
		}
		j.numbers[number] = r.row
		if v.old = j.byNumber[number]; v.old != nil {
			return 0
		}
	}
	a, code := parseAddress(r.cells["address"])
	if code != "" {
		return 0
	}
	key := mask(a.String())
	for _, k := range j.byAddress[key] {
		if k.row == 0 {
			k.row, v.old = r.row, k
			return 0
		}
	}
	if number != 0 { // of two cameras with one address, each by its number, both are meant
		return 0
	}
	if same := j.byAddress[key]; len(same) > 0 {
		return same[0].row
	}
	if first := j.addresses[key]; first != 0 {
		return first
	}
	j.addresses[key] = r.row
	return 0
}

// values reads the cells that are not plain text.
func (j *judge) values(v *judged, r sheetRow) NewCamera {
	n := NewCamera{
		Name: r.cells["name"], Location: r.cells["location"], Notes: r.cells["notes"], Address: r.cells["address"], SubAddress: r.cells["sub_address"],
		Username: r.cells["username"], Password: NewPassword(r.cells["password"]), Tags: splitList(r.cells["tags"]), Transport: TransportAuto,
	}
	if len(n.Tags) > maxSheetList {
		v.Faults, n.Tags = append(v.Faults, j.sheet.fault(r.row, "tags", "too_many", 0)), nil
	}
	switch fold.Text(strings.TrimSpace(r.cells["transport"])) {
	case "", "auto", "авто", "автоматически":
	case "tcp":
		n.Transport = TransportTCP
	case "udp":
		n.Transport = TransportUDP
	default:
		v.Faults = append(v.Faults, j.sheet.fault(r.row, "transport", cellChoice, 0))
	}
	yes := true
	switch fold.Text(strings.TrimSpace(r.cells["sweep"])) {
	case "", "yes", "true", "1", "да", "истина", "+":
	case "no", "false", "0", "нет", "ложь", "-":
		yes = false
	default:
		v.Faults = append(v.Faults, j.sheet.fault(r.row, "sweep", cellChoice, 0))
	}
	n.Sweep = &yes
	return n
}

// plainLines ends lines as a spreadsheet's cells do.
func plainLines(text string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
}

// make makes a new camera.
func (j *judge) make(v *judged, n NewCamera, number int) {
	n.Number = number
	next, fail := n.draft()
	j.fail(v, fail)
	if number != 0 && j.present.Numbers[number] != "" {
		v.Faults = append(v.Faults, j.sheet.fault(v.Row, "number", ErrNumberRetired.Code, 0))
	}
	v.next = next
}

// change changes the camera that is there, in the columns that the sheet has. An empty cell clears, but for user name and password: they stay.
func (j *judge) change(v *judged, n NewCamera, number int) {
	p := Patch{}
	if number != 0 && number != v.old.record.Number { // found by its address
		if j.present.Numbers[number] != "" {
			v.Faults = append(v.Faults, j.sheet.fault(v.Row, "number", ErrNumberRetired.Code, 0))
		}
		p.Number = patch.Of(number)
	}
	for _, c := range j.sheet.columns {
		switch c.Field {
		case "name":
			p.Name = patch.Of(n.Name)
		case "location":
			p.Location = patch.Of(n.Location)
		case "tags":
			p.Tags = patch.Of(n.Tags)
		case "notes":
			p.Notes = patch.Of(n.Notes)
			if plainLines(v.old.record.Notes) == n.Notes { // a cell's lines end by \n, whatever ended them before
				p.Notes = patch.Of(v.old.record.Notes)
			}
		case "address":
			p.Address = patch.Of(n.Address)
		case "sub_address":
			p.SubAddress = patch.Of(n.SubAddress)
		case "transport":
			p.Transport = patch.Of(n.Transport)
		case "sweep":
			p.Sweep = patch.Of(*n.Sweep)
		case "username":
			if n.Username != "" {
				p.Username = patch.Of(n.Username)
			}
		case "password":
			if n.Password.Set() {
				p.Password = patch.Of(n.Password)
			}
		}
	}
	next, fields, err := p.apply(v.old.draft)
	if err != nil {
		j.fail(v, fault.From(err))
		return
	}
	v.next, v.Fields = next, fields
}

// fail notes what is wrong with fields of the camera.
func (j *judge) fail(v *judged, fail *fault.Error) {
	for _, f := range fail.Fields {
		field, _, _ := strings.Cut(f.Path, "[")
		if slices.ContainsFunc(v.Faults, func(other CellFault) bool { return other.Field == field }) {
			continue // what can't be read is also missing: once is enough
		}
		v.Faults = append(v.Faults, j.sheet.fault(v.Row, field, f.Code, 0))
	}
}

// lists reads the groups to join and the logins to grant the camera to. What is not listed stays: a sheet takes nobody's access away.
func (j *judge) lists(v *judged, r sheetRow) {
	var id ID
	if v.old != nil {
		id = v.old.record.ID
	}
	groups, logins := splitList(r.cells[fieldGroups]), splitList(r.cells[fieldLogins])
	for field, list := range map[string][]string{fieldGroups: groups, fieldLogins: logins} {
		if len(list) > maxSheetList {
			v.Faults = append(v.Faults, j.sheet.fault(r.row, field, "too_many", 0))
			return
		}
	}
	seen := map[string]bool{}
	for i, name := range groups {
		g, ok := j.present.Groups[fold.Text(name)]
		if !ok {
			v.Faults = append(v.Faults, j.sheet.fault(r.row, fieldGroups, ErrNoGroup.Code, i+1))
		} else if !seen[string(g.ID)] && !j.present.Members[g.ID][id] {
			seen[string(g.ID)] = true
			v.groups = append(v.groups, g)
		}
	}
	for i, login := range logins {
		u, ok := j.present.Users[fold.Text(login)]
		if !ok {
			v.Faults = append(v.Faults, j.sheet.fault(r.row, fieldLogins, auth.ErrNoUser.Code, i+1))
		} else if !seen[string(u.ID)] && !j.present.Grants[u.ID][id] {
			seen[string(u.ID)] = true
			v.users = append(v.users, u)
		}
	}
	if v.old == nil {
		return
	}
	if len(v.groups) > 0 {
		v.Fields = append(v.Fields, fieldGroups)
	}
	if len(v.users) > 0 {
		v.Fields = append(v.Fields, fieldLogins)
	}
}

// parsed shows how an address was read; nil if it was not.
func parsed(text string) *ParsedAddress {
	a, code := parseAddress(text)
	if code != "" {
		return nil
	}
	port := a.port
	if port == "" {
		port = defaultPort(a.scheme)
	}
	return &ParsedAddress{
		Scheme: a.scheme, Host: a.host, Port: port, Path: strings.TrimPrefix(mask(a.String()), strings.TrimSuffix(a.String(), a.rest)),
		Username: a.username, HasPassword: a.hasPassword,
	}
}

// logins gives all logins that a sheet names, folded.
func (s *Sheet) logins() []string {
	written, keys := map[string]bool{}, map[string]bool{}
	for _, r := range s.rows {
		logins := splitList(r.cells[fieldLogins])
		if len(logins) > maxSheetList {
			continue // wrong
		}
		for _, login := range logins {
			if !written[login] && len(written) < maxPairs {
				written[login] = true
				keys[fold.Text(login)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(keys))
}
