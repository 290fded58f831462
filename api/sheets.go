package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

const (
	formType       = "multipart/form-data"
	importBody     = 256 << 20        // read to its end, and thrown away past camera.MaxSheetFile, so that the refusal reaches a browser that is still sending
	importSending  = 10 * time.Minute // for sending a sheet
	importPatience = 2 * time.Minute  // for the work on a sheet, once it is here
	sheetsAtOnce   = 2                // that are read or written at a time: each takes some hundred MiB at worst
)

var (
	errNoFile     = fault.New(fault.Invalid, "sheet.no_file", "send multipart/form-data with the workbook in the field file").At("file", "required")
	errSheetsBusy = fault.New(fault.Unavailable, "sheet.busy", "other spreadsheets are being worked on; try again").With(retryAfterParam, "5")
)

// ImportReport is what a spreadsheet comes to.
type ImportReport struct {
	Applied   bool           `json:"applied" doc:"false: nothing has changed"`
	Sheet     string         `json:"sheet" doc:"the sheet that was read: the first one with known column names"`
	Sheets    int            `json:"sheets" doc:"how many the workbook has"`
	Header    int            `json:"header" doc:"the row of the column names"`
	Columns   []ImportColumn `json:"columns" nullable:"false"`
	New       int            `json:"new"`
	Changed   int            `json:"changed"`
	Unchanged int            `json:"unchanged"`
	Wrong     int            `json:"wrong"`
	Duplicate int            `json:"duplicate"`
	Rows      []ImportRow    `json:"rows" nullable:"false"`
}

// ImportColumn is a column that was understood.
type ImportColumn struct {
	Field  string `json:"field" example:"address"`
	Letter string `json:"letter" example:"C"`
	Title  string `json:"title" doc:"as the sheet has it"`
}

// ImportRow is what one row comes to. It never holds a password.
type ImportRow struct {
	Row     int            `json:"row" doc:"as spreadsheets count"`
	Verdict string         `json:"verdict" enum:"new,changed,unchanged,wrong,duplicate"`
	ID      string         `json:"id" doc:"of the camera; empty for one that is not there yet"`
	Number  int            `json:"number" doc:"0: to be assigned"`
	Name    string         `json:"name"`
	Fields  []string       `json:"fields" nullable:"false" doc:"those that change"`
	Errors  []ImportError  `json:"errors" nullable:"false" doc:"of a wrong row"`
	Of      int            `json:"of" doc:"the row that a duplicate repeats; else 0"`
	Address *ImportAddress `json:"address" doc:"how it was read; null if it could not be"`
	Sub     *ImportAddress `json:"sub_address" doc:"likewise; null without one"`
}

// ImportError is what is wrong with a cell.
type ImportError struct {
	Field string `json:"field" example:"address"`
	Cell  string `json:"cell" example:"C5" doc:"empty where the sheet has no such column"`
	Code  string `json:"code" example:"camera.address_scheme"`
	Item  int    `json:"item" doc:"which entry of a list, from 1; 0: the cell as a whole"`
}

// ImportAddress is how an address was taken apart.
type ImportAddress struct {
	Scheme      string `json:"scheme" enum:"rtsp,rtsps"`
	Host        string `json:"host"`
	Port        string `json:"port"`
	Path        string `json:"path" doc:"with dots in place of a password"`
	Username    string `json:"username" doc:"that stood in the address"`
	HasPassword bool   `json:"has_password" doc:"one stood in the address"`
}

func showAddress(a *camera.ParsedAddress) *ImportAddress {
	if a == nil {
		return nil
	}
	out := ImportAddress(*a)
	return &out
}

func showReport(r camera.SheetReport) ImportReport {
	out := ImportReport{
		Applied: r.Applied, Sheet: r.Sheet, Sheets: r.Sheets, Header: r.Header,
		New: r.Count(camera.RowNew), Changed: r.Count(camera.RowChanged), Unchanged: r.Count(camera.RowUnchanged),
		Wrong: r.Count(camera.RowWrong), Duplicate: r.Count(camera.RowDuplicate),
		Columns: make([]ImportColumn, 0, len(r.Columns)), Rows: make([]ImportRow, 0, len(r.Verdicts)),
	}
	for _, c := range r.Columns {
		out.Columns = append(out.Columns, ImportColumn{Field: c.Field, Letter: c.Letter, Title: c.Title})
	}
	for _, v := range r.Verdicts {
		row := ImportRow{
			Row: v.Row, Verdict: string(v.Verdict), ID: string(v.ID), Number: v.Number, Name: v.Name, Fields: texts(v.Fields),
			Errors: make([]ImportError, 0, len(v.Faults)), Of: v.Of, Address: showAddress(v.Main), Sub: showAddress(v.Sub),
		}
		for _, f := range v.Faults {
			row.Errors = append(row.Errors, ImportError(f))
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// ImportProblem is the refusal of a sheet; if some rows of it are wrong, with what each row comes to.
type ImportProblem struct {
	*Problem
	Import *ImportReport `json:"import,omitempty" doc:"what each row comes to, if some of them are why"`
}

// importCameras judges a spreadsheet and takes it. The answer is JSON; or with ?as=xlsx (or an Accept that asks for it) the sheet with a
// column of verdicts: all rows of a dry run and of a refusal; those left out of one that was taken, or would be with skip_invalid; or, with an
// Accept that asks for lines, how far it is and at last what came of it.
func (a *API) importCameras(c *gin.Context) {
	flags := map[string]bool{}
	for _, name := range []string{"dry_run", "skip_invalid"} {
		on, err := flagOf(c, name)
		if err != nil {
			a.refuse(c, err)
			return
		}
		flags[name] = on
	}
	// A deadline that can't be set, as in a test's recorder, only leaves a slow sender more time.
	_ = http.NewResponseController(c.Writer).SetReadDeadline(a.now().Add(importSending))
	file, size, err := uploaded(c.Request)
	if err != nil {
		a.refuse(c, err)
		return
	}
	defer file.Close() //nolint:errcheck // it is gone already
	ctx, cancel := context.WithTimeout(c.Request.Context(), importPatience)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	release, err := a.sheetTurn(ctx)
	if err != nil {
		a.refuse(c, err)
		return
	}
	defer release()
	var out *importLines // nil: nobody asks how far it is
	var tell camera.Tell
	if wantsLines(c) {
		out = newLines(c)
		defer out.end()
		tell = out.tell
	}
	sheet, report, err := a.workOn(ctx, file, size, flags, tell)
	if sheet == nil || err != nil && !errors.Is(err, camera.ErrSheetWrong) {
		if out != nil && out.end() {
			out.send(ImportLine{Problem: &ImportProblem{Problem: a.problemOf(ctx, err)}}, lineWrite)
			return
		}
		a.refuse(c, err)
		return
	}
	status, answer := http.StatusOK, showReport(report)
	if err != nil {
		status = http.StatusUnprocessableEntity
	}
	if wantsSheet(c) {
		var only []camera.Verdict
		if report.Applied || flags["skip_invalid"] {
			only = []camera.Verdict{camera.RowWrong, camera.RowDuplicate}
		}
		a.sendSheet(c, status, "cameras-verdicts.xlsx", func(to io.Writer) error {
			defer release() // not to be kept by one who reads slowly
			return sheet.WriteVerdicts(to, report, sheetLanguage(c), only...)
		})
		return
	}
	release() // as above
	switch refused := (ImportProblem{Import: &answer}); {
	case out != nil && (out.end() || err == nil):
		line := ImportLine{Report: &answer}
		if err != nil {
			refused.Problem = a.problemOf(ctx, err)
			line = ImportLine{Problem: &refused}
		}
		out.send(line, importSending)
	case err != nil:
		refused.Problem = a.problemOf(ctx, err)
		c.Header("Content-Type", problemType)
		c.Header("Cache-Control", "no-store")
		c.Status(status)
		// A failed write means that the caller is gone.
		_ = json.NewEncoder(c.Writer).Encode(refused)
	default:
		c.JSON(status, answer)
	}
}

// workOn reads a sheet and judges or takes it as the request says. ErrSheetWrong comes with what was read and found.
func (a *API) workOn(ctx context.Context, file io.ReaderAt, size int64, flags map[string]bool, tell camera.Tell) (*camera.Sheet, camera.SheetReport, error) {
	sheet, err := camera.ReadSheet(ctx, file, size, tell)
	if err != nil {
		return nil, camera.SheetReport{}, err
	}
	var report camera.SheetReport
	switch {
	case flags["dry_run"]:
		report, err = a.cameras.JudgeSheet(ctx, sheet, tell)
	case flags["skip_invalid"]:
		report, err = a.cameras.TakeSheet(ctx, caller(ctx), sheet, camera.RightRows, tell)
	default:
		report, err = a.cameras.TakeSheet(ctx, caller(ctx), sheet, camera.AllRows, tell)
	}
	return sheet, report, err
}

// sheetTurn waits for the turn to work on a spreadsheet. release may be called again.
func (a *API) sheetTurn(ctx context.Context) (release func(), err error) {
	patience := time.NewTimer(a.patience)
	defer patience.Stop()
	select {
	case a.sheets <- struct{}{}:
		return sync.OnceFunc(func() { <-a.sheets }), nil
	case <-patience.C:
	case <-ctx.Done():
	}
	return nil, errSheetsBusy
}

// uploaded puts the form's file into one of ours that has no name any more, and reads the request to its end.
func uploaded(r *http.Request) (file *os.File, size int64, err error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, 0, errNoFile
	}
	for {
		part, err := form.NextPart()
		if err != nil {
			return nil, 0, formFault(err)
		}
		if part.FormName() == "file" {
			if file, err = os.CreateTemp("", "sheet-"); err != nil { // mode 0600: it may hold passwords
				return nil, 0, err
			}
			defer func() {
				if err != nil {
					file.Close() //nolint:errcheck // the first error counts
				}
			}()
			if err := os.Remove(file.Name()); err != nil {
				return nil, 0, err
			}
			size, err = io.Copy(file, io.LimitReader(part, camera.MaxSheetFile+1))
			if err == nil { // only at the request's end does the server notice that the caller goes
				_, err = io.Copy(io.Discard, r.Body)
			}
			if err == nil && size > camera.MaxSheetFile {
				err = camera.ErrSheetLarge
			}
			if err != nil {
				return nil, 0, formFault(err)
			}
			return file, size, nil
		}
	}
}

// formFault tells a request that is too long or no form from one that was broken off.
func formFault(err error) error {
	var long *http.MaxBytesError
	var disk *fs.PathError
	switch {
	case errors.As(err, &disk):
		return err
	case errors.As(err, &long):
		return camera.ErrSheetLarge
	case errors.Is(err, camera.ErrSheetLarge):
		return err
	}
	return errNoFile
}

// exportCameras writes all cameras; their passwords only for an admin who asks.
func (a *API) exportCameras(c *gin.Context) {
	ctx := c.Request.Context()
	secrets := camera.WithoutSecrets
	with, err := flagOf(c, "passwords")
	if err == nil && with {
		secrets = camera.WithSecrets
		if !caller(ctx).Role().Allows(auth.RoleAdmin) {
			err = auth.ErrRole
		}
	}
	if err != nil {
		a.refuse(c, err)
		return
	}
	release, err := a.sheetTurn(ctx)
	if err != nil {
		a.refuse(c, err)
		return
	}
	defer release()
	a.sendSheet(c, http.StatusOK, "cameras.xlsx", func(to io.Writer) error {
		defer release() // as of an import
		return a.cameras.ExportSheet(ctx, caller(ctx), to, secrets, sheetLanguage(c))
	})
}

func (a *API) cameraTemplate(c *gin.Context) {
	a.sendSheet(c, http.StatusOK, "cameras-template.xlsx", func(to io.Writer) error {
		return camera.WriteTemplate(to, sheetLanguage(c))
	})
}

// sendSheet sends a workbook once it is whole, so that what goes wrong is still a problem.
func (a *API) sendSheet(c *gin.Context, status int, name string, write func(io.Writer) error) {
	var file bytes.Buffer
	if err := write(&file); err != nil {
		a.refuse(c, err)
		return
	}
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Header("Cache-Control", "no-store")
	c.Data(status, camera.SheetType, file.Bytes())
}

// flagOf reads a parameter that is true or false.
func flagOf(c *gin.Context, name string) (bool, error) {
	text := c.Query(name)
	if text == "" {
		return false, nil
	}
	on, err := strconv.ParseBool(text)
	if err != nil {
		return false, fault.New(fault.Invalid, "request.invalid", "some fields are wrong").At(name, "type")
	}
	return on, nil
}

// wantsSheet reports whether the answer is to be a workbook.
func wantsSheet(c *gin.Context) bool {
	return c.Query("as") == "xlsx" || strings.Contains(c.GetHeader("Accept"), camera.SheetType)
}

// sheetLanguage gives the language of a sheet: that asked for, the user's, the browser's.
func sheetLanguage(c *gin.Context) string {
	for _, language := range []string{c.Query("lang"), caller(c.Request.Context()).User.Language} {
		if language == "ru" || language == "en" {
			return language
		}
	}
	if strings.HasPrefix(strings.ToLower(c.GetHeader("Accept-Language")), "ru") {
		return "ru"
	}
	return "en"
}
