package api

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

const importRoute = "/api/v1/cameras/import"

// lined reads an answer of lines: the steps, and the last line.
func lined(t testing.TB, a answer) (steps []string, last ImportLine) {
	t.Helper()
	if a.status != 200 || a.header.Get("Content-Type") != linesType {
		t.Fatalf("%d %v %s", a.status, a.header, a.text)
	}
	for text := range strings.Lines(a.text) {
		if last.Report != nil || last.Problem != nil {
			t.Errorf("more follows the last line: %s", text)
		}
		last = ImportLine{}
		must(t, json.Unmarshal([]byte(text), &last))
		if last.Step != "" {
			steps = append(steps, last.Step)
			if last.Done < 0 || last.Of < 0 || last.Of > 0 && last.Done > last.Of {
				t.Errorf("%s", text)
			}
		}
	}
	if (last.Report == nil) == (last.Problem == nil) {
		t.Fatalf("no end: %s", a.text)
	}
	return slices.Compact(steps), last
}

// manyCameras gives a sheet of so many cameras.
func manyCameras(t testing.TB, count int) []byte {
	t.Helper()
	rows := [][]any{{"number", "name", "address"}}
	for i := 1; i <= count; i++ {
		rows = append(rows, []any{i, fmt.Sprint("Камера ", i), fmt.Sprintf("rtsp://10.1.%d.%d/1", i/250, i%250)})
	}
	return workbookOf(t, rows...)
}

func (s *site) totalOf(path string) int {
	s.t.Helper()
	var page struct{ Total int }
	s.into(s.as("admin", "GET", path, nil), 200, &page)
	return page.Total
}

// TestImportLines: who asks for lines gets the steps in their order, and at last the same as who does not.
func TestImportLines(t *testing.T) {
	t.Parallel()
	s := open(t, store.Options{})
	file := manyCameras(t, 300)
	var want ImportReport
	s.into(s.upload("moderator", importRoute+"?dry_run=true", file), 200, &want)
	for _, dry := range []bool{true, false} {
		steps, last := lined(t, s.upload("moderator", fmt.Sprintf("%s?dry_run=%v", importRoute, dry), file, "Accept", linesType))
		if last.Report == nil || last.Report.New != 300 || last.Report.Applied == dry || len(last.Report.Rows) != len(want.Rows) {
			t.Errorf("dry %v: %+v", dry, last)
		}
		at := -1
		for _, step := range steps {
			i := slices.Index([]string{"unpacking", "reading", "judging", "writing"}, step)
			if i <= at || dry && step == "writing" {
				t.Errorf("steps %v", steps)
			}
			at = i
		}
	}
	if s.totalOf("/api/v1/cameras") != 300 {
		t.Error("not all were taken")
	}

	// A refusal is a problem as ever, or a line where others have gone before it.
	for code, refused := range map[string][]byte{
		"sheet.not_xlsx": []byte("no workbook"), "sheet.no_header": workbookOf(t, []any{"a", "b"}),
		"sheet.rows_wrong": workbookOf(t, []any{"name", "address"}, []any{"", "rtsp://10.2.0.1/1"}),
	} {
		a := s.upload("moderator", importRoute, refused, "Accept", linesType+", application/json")
		var p ImportProblem
		if a.status == 200 {
			_, last := lined(t, a)
			if p = *last.Problem; p.RequestID != a.header.Get("X-Request-Id") {
				t.Errorf("%s", a.text)
			}
		} else {
			s.problem(a, 422, code)
			must(t, json.Unmarshal([]byte(a.text), &p))
		}
		if p.Code != code || (p.Import != nil) != (code == "sheet.rows_wrong") {
			t.Errorf("%s: %s", code, a.text)
		}
	}
	if a := s.upload("moderator", importRoute+"?dry_run=true&as=xlsx", file, "Accept", linesType); !strings.HasPrefix(a.text, "PK") {
		t.Errorf("%v instead of a workbook", a.header)
	}
}

// pipes is a network of which nothing is kept on the way: who writes waits for who reads.
type pipes struct {
	come chan net.Conn
	done chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.come:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error   { close(p.done); return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "pipe"} }

// TestImportReadSlowly: who reads nothing holds up neither the import nor those of others, and finds its end there when they read on.
func TestImportReadSlowly(t *testing.T) {
	t.Parallel()
	s := open(t, store.Options{})
	p := pipes{come: make(chan net.Conn), done: make(chan struct{})}
	server := &http.Server{Handler: s.api.Handler()} //nolint:gosec // nobody is slow in sending
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(p) }()
	t.Cleanup(func() {
		must(t, server.Close())
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	ours, theirs := net.Pipe()
	defer ours.Close()
	p.come <- theirs
	body, media := form(t, manyCameras(t, 400))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://pipe"+importRoute, strings.NewReader(body))
	must(t, err)
	r.Header.Set("Content-Type", media)
	r.Header.Set("Accept", linesType)
	r.Header.Set("Authorization", "Bearer "+s.tokens["moderator"])
	must(t, r.Write(ours))

	s.eventually(func() bool { return s.totalOf("/api/v1/cameras") == 400 })
	s.eventually(func() bool { return len(s.api.sheets) == 0 }) // the turn is others', though nothing has been read yet
	response, err := http.ReadResponse(bufio.NewReader(ours), r)
	must(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	steps, last := lined(t, answer{response.StatusCode, response.Header, string(text)})
	if len(steps) > 2 || last.Report == nil || !last.Report.Applied || last.Report.New != 400 {
		t.Errorf("%v, %+v: what nobody read is passed over", steps, last.Problem)
	}
}

// TestImportLeft: who goes in the middle ends the import, and nothing has changed.
func TestImportLeft(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	s := open(t, store.Options{URL: url})
	// Somebody else's change of rights goes on, so the import has to wait for it in the middle.
	db, err := sql.Open("pgx", url)
	must(t, err)
	defer db.Close()
	other, err := db.BeginTx(t.Context(), nil)
	must(t, err)
	_, err = other.ExecContext(t.Context(), `UPDATE counters SET value = value + 1 WHERE name = 'rights_revision'`)
	must(t, err)

	file := manyCameras(t, 300)
	body, media := form(t, file)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+importRoute, strings.NewReader(body))
	must(t, err)
	r.Header.Set("Content-Type", media)
	r.Header.Set("Accept", linesType)
	r.Header.Set("Authorization", "Bearer "+s.tokens["moderator"])
	response, err := s.transport.RoundTrip(r)
	must(t, err)
	defer response.Body.Close()
	if line, err := bufio.NewReader(response.Body).ReadString('\n'); err != nil || !strings.Contains(line, `"step"`) {
		t.Fatalf("%q, %v", line, err)
	}
	leave()
	s.eventually(func() bool { return len(s.api.sheets) == 0 }) // it has ended while the other change still goes on
	must(t, other.Rollback())
	if n := s.totalOf("/api/v1/cameras"); n != 0 {
		t.Errorf("%d cameras", n)
	}
	if n := s.totalOf("/api/v1/events?kind=camera."); n != 0 {
		t.Errorf("%d events", n)
	}
	if strings.Contains(s.log.String(), "level=ERROR") {
		t.Errorf("an error of ours: %s", s.log)
	}
	var report ImportReport
	s.into(s.upload("moderator", importRoute, file), 200, &report)
	if report.New != 300 || !report.Applied {
		t.Errorf("again: %+v", report)
	}
}
