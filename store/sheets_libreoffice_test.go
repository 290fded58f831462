package store

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
)

var sheetsTo = flag.String("sheets", "", "a folder in which to put an export and a template, for camera/testdata/libreoffice/make.sh")

// byLibreOffice gives a workbook that LibreOffice has saved.
func byLibreOffice(t *testing.T, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("..", "camera", "testdata", "libreoffice", name))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestSheetsByLibreOffice: 500 rows of another program, three of them wrong: they are told in Russian, the rest is taken, and taken again changes
// nothing; nor does an export, whether it comes back as it was or as LibreOffice has saved it.
func TestSheetsByLibreOffice(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		y := newYard(t, db)
		ctx := t.Context()
		s := y.read(byLibreOffice(t, "cameras.xlsx"))
		dry, err := y.JudgeSheet(ctx, s, nil)
		if err != nil || dry.Count(camera.RowNew) != 497 || dry.Count(camera.RowWrong) != 3 {
			t.Fatalf("%v\n%s", err, verdicts(dry))
		}
		if refused, err := y.TakeSheet(ctx, y.by, s, camera.AllRows, nil); !errors.Is(err, camera.ErrSheetWrong) || verdicts(refused) != verdicts(dry) {
			t.Fatalf("%v\n%s", err, verdicts(refused))
		}
		if page, err := y.List(ctx, camera.ListQuery{}); err != nil || page.Total != 0 {
			t.Fatalf("%d cameras, %v", page.Total, err)
		}
		taken := y.take(s, camera.RightRows)
		var left bytes.Buffer
		if err := s.WriteVerdicts(&left, taken, "ru", camera.RowWrong, camera.RowDuplicate); err != nil {
			t.Fatal(err)
		}
		words := cellsOf(t, left.Bytes())
		for _, want := range []string{
			"ошибка: Адрес потока (D102): должно начинаться с rtsp:// или rtsps://\t102", "ошибка: Название (B251): не заполнено\t251",
			"ошибка: Адрес потока (D402): порт должен быть от 1 до 65535\t402",
		} {
			if !strings.Contains(words, want) {
				t.Errorf("no %q in\n%s", want, words)
			}
		}
		if n := strings.Count(words, "ошибка"); n != 3 {
			t.Errorf("%d rows are left out", n)
		}
		if again := y.take(s, camera.RightRows); again.Count(camera.RowUnchanged) != 497 {
			t.Errorf("again: %s", verdicts(again))
		}
		c, err := y.Dial(ctx, taken.Verdicts[49].ID, camera.Main)
		if err != nil || c.Address != "rtsp://10.20.0.51/live" || c.Username != "admin" || c.Password.Reveal() != keepSecret {
			t.Errorf("%v, %v", c, err)
		}
		if got, err := y.Get(ctx, taken.Verdicts[49].ID); err != nil || got.Notes != "первая строка\nвторая; +7 495 123-45-67" || got.Location != "Корпус 1, этаж 2" || strings.Join(got.Tags, "|") != "улица|цех 2" {
			t.Errorf("%+v, %v", got, err)
		}

		exported := y.export(camera.WithoutSecrets)
		var template bytes.Buffer
		if err := camera.WriteTemplate(&template, "ru"); err != nil {
			t.Fatal(err)
		}
		if *sheetsTo != "" {
			for name, file := range map[string][]byte{"export.xlsx": exported, "template.xlsx": template.Bytes()} {
				if err := errors.Join(os.MkdirAll(*sheetsTo, 0o755), os.WriteFile(filepath.Join(*sheetsTo, name), file, 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			return
		}
		for name, file := range map[string][]byte{"as it was": exported, "by LibreOffice": byLibreOffice(t, "export.xlsx")} {
			if back := y.take(y.read(file), camera.AllRows); back.Count(camera.RowUnchanged) != 497 || len(back.Verdicts) != 497 {
				t.Errorf("export, %s: %s", name, verdicts(back))
			}
		}
		if created, err := db.Events(ctx, events.Query{Kinds: []events.Kind{events.CameraChanged}}); err != nil || len(created) != 0 {
			t.Errorf("%+v, %v", created, err)
		}
		if all := words + cellsOf(t, exported) + y.log.String(); strings.Contains(all, "Кенар") {
			t.Error("the password is seen")
		}
	})
}

// TestTemplateByLibreOffice: template and export keep their drop-downs.
func TestTemplateByLibreOffice(t *testing.T) {
	for name, file := range map[string][]byte{"template": byLibreOffice(t, "template.xlsx"), "export": byLibreOffice(t, "export.xlsx")} {
		f, err := excelize.OpenReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		lists, err := f.GetDataValidations("Камеры")
		choices := map[string]bool{}
		for _, list := range lists {
			choices[html.UnescapeString(list.Formula1)] = strings.Contains(list.Sqref, "2:") // LibreOffice keeps them for a thousand rows below the last
		}
		if err != nil || len(lists) != 2 || !choices[`"auto,tcp,udp"`] || !choices[`"да,нет"`] {
			t.Errorf("%s: %v, %v", name, choices, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	file := byLibreOffice(t, "template.xlsx")
	if _, err := camera.ReadSheet(context.Background(), bytes.NewReader(file), int64(len(file)), nil); !errors.Is(err, camera.ErrSheetEmpty) {
		t.Errorf("%v", err)
	}
}
