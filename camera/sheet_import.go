package camera

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
)

// Import is what a store is to do for a sheet, all of it in one transaction.
type Import struct {
	New     []Record // with numbers
	Changed []Record
	Numbers map[int]ID // those that become theirs
	Members []Member
	Grants  []SheetGrant
	Via     Via // of the grants
	Events  []events.Event
	Wrote   func(done, of int) // to be called now and then while all that is written; it returns at once
}

// Member is a camera's place in a group.
type Member struct {
	Group  GroupID
	Camera ID
}

// SheetGrant is a camera that is granted to a user.
type SheetGrant struct {
	User   auth.UserID
	Camera ID
}

// JudgeSheet says what a sheet would come to, and changes nothing.
func (s *Service) JudgeSheet(ctx context.Context, sheet *Sheet, tell Tell) (SheetReport, error) {
	p, err := s.store.Present(ctx, sheet.logins(), s.at())
	if err != nil {
		return SheetReport{}, fmt.Errorf("judge a sheet: %w", err)
	}
	all, err := s.judge(ctx, sheet, p, tell)
	if err != nil {
		return SheetReport{}, fmt.Errorf("judge a sheet: %w", err)
	}
	return sheet.report(all), nil
}

// TakeSheet adds and changes cameras as a sheet says, in one transaction: what was judged before is judged again within it. ErrSheetWrong, with
// the report, if rows are wrong or duplicates and all were to be taken; nothing has changed then. Nor has anything after whatever other error, such
// as that of ctx, which ends the work up to the commit.
func (s *Service) TakeSheet(ctx context.Context, by auth.Principal, sheet *Sheet, taking Taking, tell Tell) (SheetReport, error) {
	var report SheetReport
	told, err := s.store.ImportCameras(ctx, sheet.logins(), s.at(), func(p Present) (Import, error) {
		all, err := s.judge(ctx, sheet, p, tell)
		if err != nil {
			return Import{}, err
		}
		report = sheet.report(all)
		wrong, doubles := report.Count(RowWrong), report.Count(RowDuplicate)
		if taking == AllRows && wrong+doubles > 0 {
			return Import{}, ErrSheetWrong.With("wrong", strconv.Itoa(wrong)).With("duplicates", strconv.Itoa(doubles))
		}
		i, err := s.plan(by, all, p)
		i.Wrote = func(done, of int) { tell.at(SheetWriting, done, of) }
		for at, row := range all { // new cameras have got their numbers
			report.Verdicts[at].ID, report.Verdicts[at].Number = row.ID, row.Number
		}
		return i, err
	})
	switch {
	case errors.Is(err, ErrSheetWrong):
		return report, err
	case err != nil:
		return SheetReport{}, fmt.Errorf("take a sheet: %w", err)
	}
	s.doneMany(told)
	report.Applied = true
	return report, nil
}

func (s *Sheet) report(all []judged) SheetReport {
	r := SheetReport{Sheet: s.name, Sheets: s.sheets, Header: s.header, Columns: s.columns, Verdicts: make([]RowVerdict, len(all))}
	for i, row := range all {
		r.Verdicts[i] = row.RowVerdict
	}
	return r
}

// plan makes of rows that were judged what is to be written. It gives new cameras their ids and numbers.
func (s *Service) plan(by auth.Principal, all []judged, p Present) (Import, error) {
	v, err := s.via(by, Terms{})
	if err != nil {
		return Import{}, err
	}
	i := Import{Numbers: map[int]ID{}, Via: v}
	now, grant := s.at(), s.pairEvent(by)
	highest := p.Highest
	for _, row := range all { // the numbers that rows ask for are not given to others
		if row.Verdict == RowNew || row.Verdict == RowChanged {
			highest = max(highest, row.next.record.Number)
		}
	}
	for at := range all {
		row := &all[at]
		if row.Verdict != RowNew && row.Verdict != RowChanged {
			continue
		}
		r := row.next.record
		var before draft
		if row.old != nil {
			before = row.old.draft
		} else {
			id, err := newID()
			if err != nil {
				return Import{}, err
			}
			r.ID, r.CreatedAt = ID(id), now
			if r.Number == 0 {
				if highest++; highest > maxNumber {
					return Import{}, ErrInvalid.At("number", "out_of_range")
				}
				r.Number = highest
			}
		}
		r.UpdatedAt = now
		if row.old == nil || row.next.secret != before.secret {
			if r.Sealed, err = s.seal(r.ID, row.next.secret); err != nil {
				return Import{}, err
			}
		}
		if r.Number != before.record.Number {
			i.Numbers[r.Number] = r.ID
		}
		row.ID, row.Number = r.ID, r.Number
		if row.old == nil {
			e := s.event(events.CameraCreated, by)
			e.Camera = subject(r)
			i.New, i.Events = append(i.New, r), append(i.Events, e)
		} else if fields := row.next.differs(before); len(fields) > 0 {
			e := s.event(events.CameraChanged, by)
			e.Camera, e.Fields = subject(r), fields
			i.Changed, i.Events = append(i.Changed, r), append(i.Events, e)
		}
		for _, g := range row.groups {
			i.Members = append(i.Members, Member{g.ID, r.ID})
			i.Events = append(i.Events, s.memberEventOf(by, g, r, true))
		}
		for _, u := range row.users {
			i.Grants = append(i.Grants, SheetGrant{u.ID, r.ID})
			i.Events = append(i.Events, grant(events.GrantGiven, u, subject(r), Group{}))
		}
	}
	return i, nil
}
