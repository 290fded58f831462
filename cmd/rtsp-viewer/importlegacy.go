package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/legacy"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// importLegacyCommand takes over people, cameras, grants and favourites from the predecessor. It works beside a running gateway.
type importLegacyCommand struct {
	sealedRecords
	Database    string `required:"" placeholder:"postgres://…" help:"The predecessor's PostgreSQL, which is only read." secret:""`
	Key         string `required:"" placeholder:"BASE64" help:"The predecessor's key of camera addresses (AES-256)." secret:""`
	DryRun      bool   `xor:"how" help:"Tell what would be taken over and keep nothing (the default)."`
	Apply       bool   `xor:"how" help:"Take over, unless a row is wrong."`
	SkipInvalid bool   `help:"With --apply: leave out the rows that are wrong and take over the rest."`
}

// exitWrong is the exit code of an import, or its dry run, that found wrong rows and kept nothing.
const exitWrong = 3

// codedError ends the program with a code of its own.
type codedError struct {
	error
	code int
}

// Run prints a verdict for each row on standard output, and how far it is on standard error.
func (c *importLegacyCommand) Run(con console) (err error) {
	ctx, stop := asked()
	defer stop()
	key, err := legacy.ParseKey(c.Key)
	if err != nil {
		return err
	}
	if c.SkipInvalid && !c.Apply {
		return errors.New("--skip-invalid goes with --apply; a dry run tells of wrong rows anyway")
	}
	db, cameras, err := c.cameras(ctx, con)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	from, err := store.ReadLegacy(ctx, c.Database)
	if err != nil {
		return err
	}
	fmt.Fprintf(con.err, "Read: %d people, %d cameras, %d grants, %d favourites.\n",
		len(from.Users), len(from.Cameras), len(from.Grants), len(from.Favourites))
	told := time.Now()
	importer, err := legacy.NewImporter(legacy.Options{Store: db, Cameras: cameras, Now: time.Now, Progress: func(kind legacy.Kind, done, all int) {
		if now := time.Now(); now.Sub(told) >= time.Second {
			told = now
			fmt.Fprintf(con.err, "%s: %d of %d\n", kind, done, all)
		}
	}})
	if err != nil {
		return err
	}
	mode := legacy.DryRun
	switch {
	case c.Apply && c.SkipInvalid:
		mode = legacy.SkipInvalid
	case c.Apply:
		mode = legacy.Apply
	}
	report, err := importer.Run(ctx, from, key, mode)
	if err != nil && !errors.Is(err, legacy.ErrWrongRows) {
		return fmt.Errorf("take over from the predecessor: %w", err)
	}
	if err := printReport(con, report); err != nil {
		return err
	}
	wrong := report.Wrong()
	switch {
	case mode == legacy.DryRun && wrong > 0:
		return codedError{fmt.Errorf("a dry run: nothing was changed. %d rows are wrong; mend them there, or go on with --apply --skip-invalid", wrong), exitWrong}
	case mode == legacy.DryRun:
		fmt.Fprintln(con.err, "A dry run: nothing was changed. Go on with --apply.")
	case err != nil:
		return codedError{fmt.Errorf("%w: %d rows; mend them there, or leave them out with --skip-invalid", err, wrong), exitWrong}
	default:
		fmt.Fprintln(con.err, "Taken over.")
	}
	return nil
}

// printReport prints a line for each person and camera, for each grant and favourite that is not simply taken over, and the counts.
func printReport(con console, report legacy.Report) error {
	table := tabwriter.NewWriter(con.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "KIND\tTHERE\tVERDICT\tNAME\tHERE\tREMARK")
	for _, r := range report.Rows {
		pair := r.Origin.Kind == legacy.KindGrant || r.Origin.Kind == legacy.KindFavourite
		if pair && (r.Verdict == legacy.New || r.Verdict == legacy.Present) {
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Origin.Kind, r.Origin.ID, r.Verdict, r.Name, r.As, r.Why)
	}
	fmt.Fprintln(table, "\nCOUNT\tNEW\tOF THESE WITHOUT PASSWORD\tPRESENT\tGONE\tWRONG")
	for _, kind := range []legacy.Kind{legacy.KindUser, legacy.KindCamera, legacy.KindGrant, legacy.KindFavourite} {
		reset := report.Count(kind, legacy.Reset)
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\n", kind, report.Count(kind, legacy.New)+reset, reset,
			report.Count(kind, legacy.Present), report.Count(kind, legacy.Gone), report.Count(kind, legacy.Wrong))
	}
	return table.Flush()
}
