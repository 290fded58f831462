package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
)

// keepSecret is a password that must be seen nowhere.
const keepSecret = "Кенар@ка#7:пароль"

// sheet reads rows as a workbook that was sent.
func (y *yard) sheet(rows ...[]any) *camera.Sheet {
	y.t.Helper()
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // in memory
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			y.t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if _, err := f.WriteTo(&out); err != nil {
		y.t.Fatal(err)
	}
	return y.read(out.Bytes())
}

func (y *yard) read(file []byte) *camera.Sheet {
	y.t.Helper()
	s, err := camera.ReadSheet(y.t.Context(), bytes.NewReader(file), int64(len(file)), nil)
	if err != nil {
		y.t.Fatal(err)
	}
	return s
}

// verdicts gives a report as lines.
func verdicts(r camera.SheetReport) string {
	var lines []string
	for _, v := range r.Verdicts {
		line := fmt.Sprintf("%d %s", v.Row, v.Verdict)
		if v.Of > 0 {
			line += fmt.Sprintf(" of %d", v.Of)
		}
		if len(v.Fields) > 0 {
			line += " " + strings.Join(v.Fields, ",")
		}
		for _, f := range v.Faults {
			line += " " + f.Cell + ":" + f.Code
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func (y *yard) take(s *camera.Sheet, taking camera.Taking) camera.SheetReport {
	y.t.Helper()
	r, err := y.TakeSheet(y.t.Context(), y.by, s, taking, nil)
	if err != nil {
		y.t.Fatal(err)
	}
	return r
}

func (y *yard) export(secrets camera.Secrets) []byte {
	y.t.Helper()
	var out bytes.Buffer
	if err := y.ExportSheet(y.t.Context(), y.by, &out, secrets, "ru"); err != nil {
		y.t.Fatal(err)
	}
	return out.Bytes()
}

// cellsOf gives all texts of a workbook.
func cellsOf(t *testing.T, file []byte) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // in memory
	var all strings.Builder
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			all.WriteString(strings.Join(row, "\t") + "\n")
		}
	}
	return all.String()
}

// TestSheetOfAnAfternoon: 500 rows of our predecessor's columns, three of them wrong: nothing is taken, then all but those, and again nothing
// changes; and an export taken back changes nothing.
func TestSheetOfAnAfternoon(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		rows := [][]any{{"id", "name", "stream_url", "location", "created_at", "updated_at"}}
		for i := 1; i <= 500; i++ {
			addr := fmt.Sprintf("rtsp://admin:%s@10.1.%d.%d/stream", keepSecret, i/200, i%200+1)
			switch i {
			case 100:
				addr = "http://" + keepSecret
			case 200:
				addr = "rtsp://admin:" + keepSecret
			}
			name := fmt.Sprintf("Камера %d", i)
			if i == 300 {
				name = ""
			}
			rows = append(rows, []any{i * 2, name, addr, "=Корпус+" + fmt.Sprint(i%7), 45293.25, "2024-01-01 10:00"})
		}
		s := y.sheet(rows...)
		before, err := db.RightsRevision(ctx)
		if err != nil {
			t.Fatal(err)
		}

		dry, err := y.JudgeSheet(ctx, s, nil)
		if err != nil || dry.Applied || dry.Count(camera.RowNew) != 497 || dry.Count(camera.RowWrong) != 3 {
			t.Fatalf("%v, %+v", err, dry)
		}
		if v := dry.Verdicts[0]; *v.Main != (camera.ParsedAddress{Scheme: "rtsp", Host: "10.1.0.2", Port: "554", Path: "/stream", Username: "admin", HasPassword: true}) {
			t.Errorf("%+v", v.Main)
		}
		refused, err := y.TakeSheet(ctx, y.by, s, camera.AllRows, nil)
		if !errors.Is(err, camera.ErrSheetWrong) || verdicts(refused) != verdicts(dry) {
			t.Fatalf("%v, %+v", err, refused)
		}
		if page, _ := y.List(ctx, camera.ListQuery{}); page.Total != 0 {
			t.Fatalf("%d cameras", page.Total)
		}

		taken := y.take(s, camera.RightRows)
		after, err := db.RightsRevision(ctx)
		if err != nil || after != before+1 || y.changes.Load() != 1 {
			t.Errorf("revision %d after %d, %d changes told, %v", after, before, y.changes.Load(), err)
		}
		if !taken.Applied || taken.Count(camera.RowNew) != 497 {
			t.Fatalf("%+v", taken)
		}
		var left bytes.Buffer
		if err := s.WriteVerdicts(&left, taken, "ru", camera.RowWrong, camera.RowDuplicate); err != nil {
			t.Fatal(err)
		}
		words := cellsOf(t, left.Bytes())
		for _, want := range []string{
			"ошибка: Адрес потока (C101): должно начинаться с rtsp:// или rtsps://", "ошибка: Название (B301): не заполнено", "Адрес потока (C201): ", "\t101", "\t201", "\t301",
		} {
			if !strings.Contains(words, want) {
				t.Errorf("no %q in\n%s", want, words)
			}
		}
		if n := strings.Count(words, "ошибка"); n != 3 {
			t.Errorf("%d rows are left out", n)
		}

		again := y.take(s, camera.RightRows)
		if again.Count(camera.RowUnchanged) != 497 || again.Count(camera.RowWrong) != 3 {
			t.Errorf("again: %s", verdicts(again))
		}
		exported := y.export(camera.WithoutSecrets)
		back := y.take(y.read(exported), camera.AllRows)
		if back.Count(camera.RowUnchanged) != 497 || len(back.Verdicts) != 497 {
			t.Errorf("export and import: %s", verdicts(back))
		}
		if now, _ := db.RightsRevision(ctx); now != after {
			t.Errorf("revision %d after %d: nothing has changed", now, after)
		}
		created, err := db.Events(ctx, events.Query{Kinds: []events.Kind{events.CameraCreated}, Limit: 1000})
		if err != nil || len(created) != 497 {
			t.Errorf("%d events, %v", len(created), err)
		}
		all := words + cellsOf(t, exported) + fmt.Sprintf("%+v %+v", dry, s) + y.log.String()
		if strings.Contains(all, "Кенар") || strings.Contains(all, "пароль@") {
			t.Error("the password is seen")
		}

		// With passwords it makes another gateway's cameras, and is kept as an event.
		secret := y.export(camera.WithSecrets)
		if !strings.Contains(cellsOf(t, secret), keepSecret) {
			t.Error("no passwords")
		}
		if page, err := db.Events(ctx, events.Query{Kinds: []events.Kind{events.CameraExported}}); err != nil || len(page) != 1 || page[0].Actor.Login != "moderator" {
			t.Errorf("%+v, %v", page, err)
		}
		if back := y.take(y.read(secret), camera.AllRows); back.Count(camera.RowUnchanged) != 497 {
			t.Errorf("with passwords: %s", verdicts(back))
		}
		target, err := y.Dial(ctx, taken.Verdicts[0].ID, camera.Main)
		if err != nil || target.Password.Reveal() != keepSecret || target.Username != "admin" {
			t.Errorf("%v, %v", target, err)
		}
	})
}

// TestSheetMatches: what a row means, what it changes, and why it is wrong.
func TestSheetMatches(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		olga := y.person("Ольга", auth.RoleUser)
		group, err := y.CreateGroup(ctx, y.by, camera.NewGroup{Name: "Склад, север"})
		if err != nil {
			t.Fatal(err)
		}
		secret := camera.NewPassword(keepSecret)
		one := y.add(camera.NewCamera{Number: 1, Name: "Один", Address: "rtsp://10.0.0.1/1", Username: "u", Password: secret, Tags: []string{"a;b", "c"}, Notes: "x\r\ny"})
		two := y.add(camera.NewCamera{Number: 2, Name: "Два", Address: "rtsp://10.0.0.2/user=a&password=abc", Location: "=1+1"})
		gone := y.add(camera.NewCamera{Number: 9, Name: "Была", Address: "rtsp://10.0.0.9/1"})
		if err := y.Delete(ctx, y.by, gone.ID, camera.IfUnused); err != nil {
			t.Fatal(err)
		}
		if err := y.AddToGroup(ctx, y.by, group.ID, one.ID); err != nil {
			t.Fatal(err)
		}
		if r := y.take(y.read(y.export(camera.WithoutSecrets)), camera.AllRows); r.Count(camera.RowUnchanged) != 2 {
			t.Fatalf("export and import: %s", verdicts(r))
		}

		header := []any{"number", "name", "address", "username", "password", "tags", "groups", "logins", "transport", "sweep"}
		s := y.sheet(header,
			[]any{1, "Один", "rtsp://10.0.0.1:554/1", "", "", "новая", `Склад\, север`, "ольга", "TCP", "нет"}, // 2
			[]any{"", "Второй", "rtsp://10.0.0.2/user=a&password=abc"},                                         // 3: found by its address
			[]any{"", "Ещё", "RTSP://10.0.0.2:554/user=a&password=abc"},                                        // 4: the same camera
			[]any{"", "Новая", "rtsp://10.0.0.3/1"},                                                            // 5
			[]any{"", "Новая снова", "rtsp://10.0.0.3/1"},                                                      // 6
			[]any{40, "Сороковая", "rtsp://10.0.0.3/1"},                                                        // 7: by its number another one
			[]any{40, "Снова", "rtsp://10.0.0.4/1"},                                                            // 8
			[]any{9, "Номер удалённой", "rtsp://10.0.0.5/1"},                                                   // 9
			[]any{"x", "", "rtsp://", "", "•••", "", "нет такой", "olga; никто", "sctp", "может"},              // 10
			[]any{50, "Две учётные", "rtsp://a:b@10.0.0.6/1", "c", ""},                                         // 11
			[]any{"", "Последняя", "rtsp://10.0.0.7/1"},                                                        // 12
		)
		want := strings.Join([]string{
			"2 changed tags,transport,sweep,logins", "3 changed name", "4 duplicate of 3", "5 new", "6 duplicate of 5", "7 new", "8 duplicate of 7",
			"9 wrong A9:camera.number_retired",
			"10 wrong A10:sheet.number B10:required C10:camera.address_host E10:redacted I10:not_allowed G10:group.not_found H10:user.not_found H10:user.not_found J10:not_allowed",
			"11 wrong C11:camera.credentials_differ", "12 new",
		}, "\n")
		r := y.take(s, camera.RightRows)
		if got := verdicts(r); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		var numbers []int
		for _, v := range r.Verdicts {
			if v.Verdict == camera.RowNew {
				numbers = append(numbers, v.Number)
			}
		}
		if !slices.Equal(numbers, []int{41, 40, 42}) {
			t.Errorf("numbers %v", numbers)
		}
		got, err := y.Get(ctx, one.ID)
		if err != nil || !got.HasPassword || got.Username != "u" || !slices.Equal(got.Tags, []string{"новая"}) || got.Transport != camera.TransportTCP || got.Sweep || got.Notes != "x\r\ny" {
			t.Errorf("%+v, %v", got, err)
		}
		if c, err := y.MayWatch(ctx, olga, one.ID); err != nil || c.Number != 1 {
			t.Errorf("%v", err)
		}
		if got, _ := y.Get(ctx, two.ID); got.Name != "Второй" || got.Location != "=1+1" {
			t.Errorf("%+v", got)
		}
		if next := y.camera("следующая"); next.Number != 43 {
			t.Errorf("the next number is %d", next.Number)
		}

		// A password goes nowhere new by itself; with it, it may.
		moved := []any{1, "Один", "rtsp://10.0.0.77/1"}
		header = header[:5]
		r, err = y.TakeSheet(ctx, y.by, y.sheet(header, moved), camera.AllRows, nil)
		if !errors.Is(err, camera.ErrSheetWrong) || verdicts(r) != "2 wrong C2:camera.password_required" {
			t.Errorf("%v\n%s", err, verdicts(r))
		}
		if r := y.take(y.sheet(header, append(moved, "", keepSecret)), camera.AllRows); verdicts(r) != "2 changed address" {
			t.Errorf("%s", verdicts(r))
		}
		// A sheet of two columns changes what it has.
		if r := y.take(y.sheet([]any{"Номер", "Место"}, []any{1, "Двор"}), camera.AllRows); verdicts(r) != "2 changed location" {
			t.Errorf("%s", verdicts(r))
		}
		y.pass(time.Hour)
		if log := y.log.String(); strings.Contains(log, "Кенар") {
			t.Error("the log has the password")
		}
	})
}

// TestSheetBrokenOff: a caller who goes before the commit leaves everything as it was, wherever the work is by then.
func TestSheetBrokenOff(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		before, err := db.RightsRevision(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		rows := [][]any{{"number", "name", "address", "tags"}}
		for i := 1; i <= 100; i++ {
			rows = append(rows, []any{i, fmt.Sprint("Камера ", i), fmt.Sprintf("rtsp://10.1.1.%d/1", i), "улица"})
		}
		s := y.sheet(rows...)
		for name, here := range map[string]func(p camera.Progress) bool{
			"when it is judged":            func(p camera.Progress) bool { return p.Step == camera.SheetJudging },
			"when some is written":         func(p camera.Progress) bool { return p.Step == camera.SheetWriting && p.Done < p.Of },
			"when only the commit is left": func(p camera.Progress) bool { return p.Step == camera.SheetWriting && p.Done == p.Of },
		} {
			ctx, leave := context.WithCancel(t.Context())
			left := false
			report, err := y.TakeSheet(ctx, y.by, s, camera.AllRows, func(p camera.Progress) {
				if here(p) {
					left = true
					leave()
				}
			})
			leave()
			if !left || !errors.Is(err, context.Canceled) || report.Applied {
				t.Errorf("%s: left %v, %v", name, left, err)
			}
			page, err := y.List(t.Context(), camera.ListQuery{})
			if err != nil || page.Total != 0 {
				t.Errorf("%s: %d cameras, %v", name, page.Total, err)
			}
			if now, err := db.RightsRevision(t.Context()); err != nil || now != before || y.changes.Load() != 0 {
				t.Errorf("%s: revision %d instead of %d, %d changes told, %v", name, now, before, y.changes.Load(), err)
			}
			if found, err := db.Events(t.Context(), events.Query{}); err != nil || len(found) != 0 {
				t.Errorf("%s: %d events, %v", name, len(found), err)
			}
		}
		if r := y.take(s, camera.AllRows); r.Count(camera.RowNew) != 100 || r.Verdicts[0].Number != 1 {
			t.Errorf("after all: %s", verdicts(r))
		}
	})
}
