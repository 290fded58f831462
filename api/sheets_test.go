package api

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// workbookOf makes a workbook of rows.
func workbookOf(t testing.TB, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // in memory
	for i, row := range rows {
		must(t, f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row))
	}
	var out bytes.Buffer
	_, err := f.WriteTo(&out)
	must(t, err)
	return out.Bytes()
}

// rowsOf reads the first sheet of a workbook.
func rowsOf(t testing.TB, file string) [][]string {
	t.Helper()
	f, err := excelize.OpenReader(strings.NewReader(file))
	must(t, err)
	defer f.Close() //nolint:errcheck // in memory
	rows, err := f.GetRows(f.GetSheetName(0))
	must(t, err)
	return rows
}

// form gives a file as a form sends it, and the form's type.
func form(t testing.TB, file []byte) (body, media string) {
	t.Helper()
	var text bytes.Buffer
	form := multipart.NewWriter(&text)
	must(t, form.WriteField("comment", "first"))
	part, err := form.CreateFormFile("file", "cameras.xlsx")
	must(t, err)
	_, err = part.Write(file)
	must(t, err)
	must(t, form.Close())
	return text.String(), form.FormDataContentType()
}

// upload sends a file as a form does.
func (s *site) upload(login, path string, file []byte, header ...string) answer {
	s.t.Helper()
	body, media := form(s.t, file)
	return s.as(login, http.MethodPost, path, body, append(header, "Content-Type", media)...)
}

// TestImport: dry run, refusal, the rest, export and template, on both engines.
func TestImport(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		importing(t, store.Options{})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		importing(t, store.Options{URL: pgtest.URL(t)})
	})
}

func importing(t *testing.T, where store.Options) {
	s := open(t, where)
	const route = "/api/v1/cameras/import"
	file := workbookOf(t, []any{"id", "name", "stream_url", "location"},
		[]any{5, "Ворота", "rtsp://admin:" + canary + "@10.0.0.5/1", "Двор"},
		[]any{6, "Склад", "ftp://admin:" + canary + "@10.0.0.6/1", ""},
		[]any{7, "=2+2", "rtsp://10.0.0.7/1", ""},
		[]any{7, "Снова", "rtsp://10.0.0.8/1", ""},
	)
	total := func() int {
		var page list[Camera]
		s.into(s.as("moderator", "GET", "/api/v1/cameras", nil), 200, &page)
		return page.Total
	}
	seen := s.log

	var dry ImportReport
	a := s.upload("moderator", route+"?dry_run=true", file)
	s.into(a, 200, &dry)
	if dry.Applied || dry.New != 2 || dry.Wrong != 1 || dry.Duplicate != 1 || dry.Sheet != "Sheet1" || dry.Header != 1 || len(dry.Columns) != 4 || total() != 0 {
		t.Fatalf("%+v", dry)
	}
	if r := dry.Rows[0]; *r.Address != (ImportAddress{Scheme: "rtsp", Host: "10.0.0.5", Port: "554", Path: "/1", Username: "admin", HasPassword: true}) {
		t.Errorf("%+v", r.Address)
	}
	if r := dry.Rows[1]; len(r.Errors) != 1 || r.Errors[0] != (ImportError{Field: "address", Cell: "C3", Code: "camera.address_scheme"}) {
		t.Errorf("%+v", r)
	}
	if r := dry.Rows[3]; r.Verdict != "duplicate" || r.Of != 4 {
		t.Errorf("%+v", r)
	}
	answers := a.text

	a = s.upload("moderator", route+"?dry_run=true&lang=ru", file, "Accept", camera.SheetType)
	s.expect(a, 200)
	if rows := rowsOf(t, a.text); a.header.Get("Content-Type") != camera.SheetType || len(rows) != 5 || !strings.HasPrefix(rows[2][4], "ошибка: Адрес потока (C3)") || rows[4][4] != "повтор строки 4" {
		t.Errorf("%q", rows)
	} else {
		answers += fmt.Sprint(rows)
	}

	a = s.upload("moderator", route, file)
	var refused struct {
		Problem
		Import ImportReport `json:"import"`
	}
	s.into(a, 422, &refused)
	if s.problem(a, 422, "sheet.rows_wrong"); refused.Import.Wrong != 1 || refused.Import.Applied || refused.Params["duplicates"] != "1" || total() != 0 {
		t.Errorf("%s", a.text)
	}
	answers += a.text

	for _, one := range []struct {
		flags string
		total int
	}{{"?dry_run=true&skip_invalid=true", 0}, {"?skip_invalid=true", 2}} { // what would be left out, and what was
		a = s.upload("moderator", route+one.flags+"&as=xlsx&lang=en", file)
		s.expect(a, 200)
		if rows := rowsOf(t, a.text); len(rows) != 3 || rows[1][5] != "3" || rows[2][5] != "5" || total() != one.total {
			t.Errorf("%s: %q", one.flags, rows)
		} else {
			answers += fmt.Sprint(rows)
		}
	}
	var again ImportReport
	s.into(s.upload("moderator", route+"?skip_invalid=true", file), 200, &again)
	if again.Unchanged != 2 || again.Wrong != 1 || again.Duplicate != 1 || !again.Applied {
		t.Errorf("%+v", again)
	}

	a = s.as("moderator", "GET", "/api/v1/cameras/export?lang=ru", nil)
	s.expect(a, 200)
	rows := rowsOf(t, a.text)
	if len(rows) != 3 || rows[0][1] != "Название" || rows[2][1] != "'=2+2" || rows[1][6] != "" {
		t.Errorf("%q", rows)
	}
	answers += fmt.Sprint(rows)
	var back ImportReport
	s.into(s.upload("moderator", route, []byte(a.text)), 200, &back)
	if back.Unchanged != 2 || len(back.Rows) != 2 {
		t.Errorf("%+v", back)
	}

	s.problem(s.as("moderator", "GET", "/api/v1/cameras/export?passwords=true", nil), 403, "auth.role")
	a = s.as("admin", "GET", "/api/v1/cameras/export?passwords=true", nil)
	s.expect(a, 200)
	if rows := rowsOf(t, a.text); rows[1][6] != canary {
		t.Errorf("%q", rows)
	}
	var log struct {
		Items []struct{ Kind string }
	}
	s.into(s.as("admin", "GET", "/api/v1/events?kind=camera.exported", nil), 200, &log)
	if len(log.Items) != 1 {
		t.Errorf("%+v", log)
	}

	for language, title := range map[string]string{"ru": "Адрес потока", "en": "Stream address"} {
		a = s.as("moderator", "GET", "/api/v1/cameras/template?lang="+language, nil)
		s.expect(a, 200)
		if rows := rowsOf(t, a.text); len(rows) != 1 || rows[0][3] != title {
			t.Errorf("%q", rows)
		}
		s.problem(s.upload("moderator", route, []byte(a.text)), 422, "sheet.empty")
	}
	if strings.Contains(answers+seen.String(), canary) {
		t.Error("the password is seen")
	}
}

// TestImportRefuses: each bad file has its code, and nothing changes.
func TestImportRefuses(t *testing.T) {
	s := open(t, store.Options{})
	const route = "/api/v1/cameras/import"
	good := workbookOf(t, []any{"name", "address"}, []any{"x", "rtsp://h/1"})
	s.problem(s.upload("moderator", route, []byte("id;name\n")), 422, "sheet.not_xlsx")
	s.problem(s.upload("moderator", route, append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"...)), 422, "sheet.encrypted")
	s.problem(s.upload("moderator", route, append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 600)...)), 422, "sheet.not_xlsx") // Excel 97
	s.problem(s.upload("moderator", route, workbookOf(t, []any{"a", "b"})), 422, "sheet.no_header")
	s.problem(s.upload("moderator", route, workbookOf(t, []any{"Название", "Адрес"})), 422, "sheet.empty")
	s.problem(s.upload("moderator", route, workbookOf(t, []any{"Название", "Адрес", "name"}, []any{"x", "rtsp://h/1", "y"})), 422, "sheet.column_twice")
	s.problem(s.upload("moderator", route, manyCameras(t, 10_001)), 422, "sheet.too_many_rows")
	s.problem(s.upload("moderator", route, packed(t, good, "xl/vbaProject.bin", 4)), 422, "sheet.macros")
	s.problem(s.upload("moderator", route, packed(t, good, "xl/media/image1.png", 200<<20)), 413, "sheet.too_large")
	s.problem(s.upload("moderator", route, good[:len(good)-200]), 422, "sheet.not_xlsx")
	for cells, change := range map[string]func(f *excelize.File) error{
		"A2 sheet.formula": func(f *excelize.File) error {
			return errors.Join(f.SetCellValue("Sheet1", "A2", nil), f.SetCellFormula("Sheet1", "A2", `"a"&"b"`))
		},
		"B2 sheet.merged": func(f *excelize.File) error { return f.MergeCell("Sheet1", "B2", "B9") },
		"A2 sheet.not_text": func(f *excelize.File) error {
			return f.SetCellValue("Sheet1", "A2", time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC))
		},
	} {
		f, err := excelize.OpenReader(bytes.NewReader(good))
		must(t, err)
		must(t, change(f))
		var out bytes.Buffer
		_, err = f.WriteTo(&out)
		must(t, err)
		a := s.upload("moderator", route, out.Bytes())
		s.problem(a, 422, "sheet.rows_wrong")
		var refused ImportProblem
		must(t, json.Unmarshal([]byte(a.text), &refused))
		if e := refused.Import.Rows[0].Errors; len(e) != 1 || e[0].Cell+" "+e[0].Code != cells {
			t.Errorf("%s: %+v", cells, e)
		}
	}
	s.problem(s.upload("moderator", route+"?dry_run=perhaps", good), 422, "request.invalid")
	s.problem(s.upload("user", route, good), 403, "auth.role")
	s.problem(s.as("moderator", "POST", route, `{"file": "x"}`), 422, "sheet.no_file")
	s.problem(s.as("moderator", "POST", route, "--x\r\n", "Content-Type", "multipart/form-data; boundary=x"), 422, "sheet.no_file")

	// 200 MB are read and thrown away: the refusal arrives.
	body := io.MultiReader(
		strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\n\r\n"),
		io.LimitReader(zeros{}, 200<<20), strings.NewReader("\r\n--x--\r\n"),
	)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+route, body)
	must(t, err)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	r.Header.Set("Authorization", "Bearer "+s.tokens["moderator"])
	response, err := s.transport.RoundTrip(r)
	must(t, err)
	defer response.Body.Close()
	var p Problem
	must(t, json.NewDecoder(response.Body).Decode(&p))
	if response.StatusCode != 413 || p.Code != "sheet.too_large" {
		t.Errorf("%d %+v", response.StatusCode, p)
	}
	var page list[Camera]
	s.into(s.as("moderator", "GET", "/api/v1/cameras", nil), 200, &page)
	if page.Total != 0 {
		t.Errorf("%d cameras", page.Total)
	}
	if n := s.totalOf("/api/v1/events?kind=camera.created"); n != 0 {
		t.Errorf("%d events", n)
	}
}

// packed gives a workbook with one more part, of so many bytes.
func packed(t testing.TB, file []byte, name string, size uint64) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range r.File {
		must(t, w.Copy(part))
	}
	_, err = w.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, UncompressedSize64: size})
	must(t, err)
	must(t, w.Close())
	return out.Bytes()
}

// TestSheetsTellNoPassword: a password that came in by a sheet, wherever it stood in the address and however wrong the row was, goes out again only by
// the export that an admin asks for.
func TestSheetsTellNoPassword(t *testing.T) {
	t.Parallel()
	s := open(t, store.Options{})
	const secret = "Кенар@ка#7:" + canary
	file := workbookOf(t, []any{"number", "name", "address", "sub_address", "username", "password", "notes"},
		[]any{1, "column", "rtsp://10.0.0.1/1", "", "admin", secret},
		[]any{2, "address", "rtsp://admin:" + secret + "@10.0.0.2/1", "rtsp://admin:" + secret + "@10.0.0.2/2"},
		[]any{3, "query", "rtsp://10.0.0.3/user=admin&password=" + canary + "&channel=1", "rtsp://10.0.0.3/?usr=a&pwd=" + canary},
		[]any{4, "encoded", "rtsp://admin:" + url.QueryEscape(secret) + "@10.0.0.4/1"},
		[]any{1, "again", "rtsp://admin:" + secret + "@10.0.0.5/1"},
		[]any{6, "no host", "rtsp://admin:" + secret + "@/1"},
		[]any{7, "no scheme", "admin:" + secret + "@10.0.0.7"},
		[]any{8, "no port", "rtsp://admin:" + secret + "@10.0.0.8:99999/1"},
		[]any{9, "two ways", "rtsp://admin:12/" + canary + "@nvr/1"},
		[]any{10, "another one", "rtsp://admin:" + secret + "@10.0.0.10/1", "", "root", canary},
		[]any{11, "too long", "rtsp://10.0.0.11/1", "", "", strings.Repeat(canary, 40)},
		[]any{12, "control", "rtsp://10.0.0.12/1", "", "", canary + "\n"},
		[]any{"x", "", "rtsp://admin:" + secret + "@10.0.0.13/1", "ftp://" + secret, "", secret},
	)
	heard := map[string]string{}
	hear := func(what string, a answer) {
		t.Helper()
		text := a.text
		if strings.HasPrefix(text, "PK") {
			r, err := zip.NewReader(strings.NewReader(text), int64(len(text)))
			must(t, err)
			text = ""
			for _, part := range r.File {
				from, err := part.Open()
				must(t, err)
				all, err := io.ReadAll(from)
				must(t, err)
				text += string(all)
			}
		}
		heard[what] = text + fmt.Sprint(a.header)
	}
	for _, query := range []string{"?dry_run=true", "", "?skip_invalid=true", "?skip_invalid=true&dry_run=true"} {
		for _, accept := range []string{"application/json", linesType, camera.SheetType + ";ru", camera.SheetType + ";en"} {
			kind, language, _ := strings.Cut(accept, ";")
			a := s.upload("moderator", importRoute+query, file, "Accept", kind, "Accept-Language", language)
			if a.status != 200 && a.status != 422 {
				t.Fatalf("%d %s", a.status, a.text)
			}
			hear(query+" "+accept, a)
		}
	}
	if n := s.totalOf("/api/v1/cameras"); n != 4 {
		t.Errorf("%d cameras", n)
	}
	for _, path := range []string{"/api/v1/cameras/export", "/api/v1/cameras/template", "/api/v1/cameras", "/api/v1/events?limit=200"} {
		a := s.as("admin", "GET", path, nil)
		s.expect(a, 200)
		hear(path, a)
	}
	s.problem(s.as("moderator", "GET", "/api/v1/cameras/export?passwords=true", nil), 403, "auth.role")
	with := s.as("admin", "GET", "/api/v1/cameras/export?passwords=true", nil)
	s.expect(with, 200)
	rows := rowsOf(t, with.text)
	if rows[1][6] != secret || rows[2][6] != secret || !strings.Contains(rows[3][3], "canary") || rows[4][6] != secret {
		t.Errorf("%q", rows)
	}
	hear("what was logged as an event", s.as("admin", "GET", "/api/v1/events?kind=camera.exported", nil))
	heard["the log"] = s.log.String()
	for what, text := range heard {
		for _, form := range []string{"canary", "Кенар", url.QueryEscape("Кенар"), "5k9w"} {
			if strings.Contains(text, form) {
				t.Errorf("%s tells %q", what, form)
			}
		}
	}
	if !strings.Contains(heard["what was logged as an event"], `"admin"`) || !strings.Contains(heard[" "+camera.SheetType+";ru"], "ошибка") {
		t.Error("what was looked through is not what was meant")
	}
}

// zeros reads as zeros without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
