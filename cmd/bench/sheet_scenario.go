package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// onlySheet is what --only says for spreadsheets alone.
const onlySheet = "sheet"

// sheetRows is how many cameras the spreadsheet has: the most that one may have.
const sheetRows = 10_000

// measureSheets measures a spreadsheet of 10,000 cameras on both engines: read, judged, taken, taken again, exported.
func measureSheets(ctx context.Context, w io.Writer) error {
	var faults []error
	for _, engine := range engines {
		err := onRecords(ctx, engine, func(_ *store.DB, cameras *camera.Service) error { return measureSheet(ctx, w, engine, cameras) })
		if err != nil {
			faults = append(faults, fmt.Errorf("sheet on %s: %w", engine, err))
		}
	}
	return errors.Join(faults...)
}

func measureSheet(ctx context.Context, w io.Writer, engine string, cameras *camera.Service) error {
	file, err := sheetFile(sheetRows)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\nsheet: %s, %d rows, %d KiB\n", engine, sheetRows, len(file)>>10)
	var sheet *camera.Sheet
	var report camera.SheetReport
	var out bytes.Buffer
	by := auth.Principal{User: auth.User{ID: "bench", Login: "bench"}}
	for _, step := range []struct {
		name string
		do   func() error
		want camera.Verdict // of all rows; "" where there is none
	}{
		{"read", func() (err error) {
			sheet, err = camera.ReadSheet(ctx, bytes.NewReader(file), int64(len(file)), nil)
			return err
		}, ""},
		{"dry run", func() (err error) { report, err = cameras.JudgeSheet(ctx, sheet, nil); return err }, camera.RowNew},
		{"take", func() (err error) { report, err = cameras.TakeSheet(ctx, by, sheet, camera.AllRows, nil); return err }, camera.RowNew},
		{"take again", func() (err error) { report, err = cameras.TakeSheet(ctx, by, sheet, camera.AllRows, nil); return err }, camera.RowUnchanged},
		{"export", func() error { return cameras.ExportSheet(ctx, by, &out, camera.WithoutSecrets, "ru") }, ""},
		{"verdicts as a sheet", func() error { return sheet.WriteVerdicts(&out, report, "ru") }, ""},
	} {
		began := time.Now()
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		fmt.Fprintf(w, "  %-44s %v\n", step.name, time.Since(began).Round(time.Millisecond))
		if step.want != "" && report.Count(step.want) != sheetRows {
			return fmt.Errorf("%s: only %d rows are %s", step.name, report.Count(step.want), step.want)
		}
	}
	return nil
}

// sheetFile writes a workbook by hand, with its texts in the cells: as programs do that are not Excel.
func sheetFile(rows int) ([]byte, error) {
	const ns = `xmlns="http://schemas.openxmlformats.org/`
	var sheet strings.Builder
	sheet.WriteString(`<worksheet ` + ns + `spreadsheetml/2006/main"><sheetData>`)
	row := func(at int, texts ...string) {
		fmt.Fprintf(&sheet, `<row r="%d">`, at)
		for i, text := range texts {
			fmt.Fprintf(&sheet, `<c r="%c%d" t="inlineStr"><is><t>%s</t></is></c>`, 'A'+i, at, text)
		}
		sheet.WriteString(`</row>`)
	}
	row(1, "id", "name", "stream_url", "location", "tags", "notes")
	for i := range rows {
		row(i+2, fmt.Sprint(i+1), fmt.Sprintf("Камера %d", i+1), fmt.Sprintf("rtsp://admin:пароль@10.%d.%d.%d/1", i>>16, i>>8&255, i&255),
			fmt.Sprintf("Цех %d", i%50), fmt.Sprintf("метка %d; общая", i%40), "поставлена в мае")
	}
	sheet.WriteString(`</sheetData></worksheet>`)
	const types = "application/vnd.openxmlformats-officedocument.spreadsheetml."
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range [][2]string{
		{"[Content_Types].xml", `<Types ` + ns + `package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="` + types + `sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + types + `worksheet+xml"/></Types>`},
		{"_rels/.rels", `<Relationships ` + ns + `package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook ` + ns + `spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Камеры" sheetId="1" r:id="r1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships ` + ns + `package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
		{"xl/worksheets/sheet1.xml", sheet.String()},
	} {
		f, err := w.Create(part[0])
		if err != nil {
			return nil, err
		}
		if _, err := f.Write([]byte(part[1])); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
