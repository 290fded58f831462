package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// userCommand is for whoever sits at the machine itself: no sign-in, only the right to read the database. It works beside a running
// gateway, which notices the change by the rights revision within 2 s.
type userCommand struct {
	ResetPassword resetPasswordCommand `cmd:"" help:"Give somebody a new password and sign them out everywhere."`
	List          listUsersCommand     `cmd:"" help:"List the people."`
}

// records says where a command finds the database: by the settings of serve, under the same names.
type records struct {
	DataDir     string `default:"./data" help:"Folder with the SQLite file."`
	DatabaseURL string `placeholder:"postgres://…" help:"PostgreSQL; empty: SQLite in the data folder." secret:""`
}

type resetPasswordCommand struct {
	records
	Login        string `arg:"" help:"Login name or e-mail."`
	PasswordFile string `placeholder:"FILE" help:"Read the password from the first line of FILE, or of standard input if it is \"-\". Without it one is made and printed."`
}

type listUsersCommand struct{ records }

// open opens the database and the accounts in it. The caller closes the database.
func (r records) open(ctx context.Context, con console) (*store.DB, *auth.Service, error) {
	log := slog.New(slog.NewTextHandler(con.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	db, err := store.Open(ctx, store.Options{URL: r.DatabaseURL, Dir: r.DataDir, Logger: log, Schema: store.AsItIs})
	switch {
	case errors.Is(err, store.ErrMissing) && r.DatabaseURL == "":
		return nil, nil, fmt.Errorf("no gateway has kept its records in %s; name its folder by --data-dir, or its PostgreSQL by --database-url", r.DataDir)
	case err != nil:
		return nil, nil, err
	}
	people, err := r.people(db, log)
	if err != nil {
		db.Close() //nolint:errcheck // the first error counts
		return nil, nil, err
	}
	return db, people, nil
}

func (r records) people(db *store.DB, log *slog.Logger) (*auth.Service, error) {
	journal, err := events.New(events.Options{Store: db, Logger: log})
	if err != nil {
		return nil, err
	}
	// No token is made here, so the gateway's signing keys are not needed, and its folder need not be readable.
	keys, err := auth.NewSigningKeys(auth.NewSigningKey())
	if err != nil {
		return nil, err
	}
	return auth.New(auth.Options{Store: db, Events: journal, Keys: keys, Logger: log})
}

// asked gives a context that ends when the person at the terminal has had enough.
func asked() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
}

// Run sets the password. The password is never an argument: arguments are seen by everybody on the machine.
func (c *resetPasswordCommand) Run(con console) (err error) {
	ctx, stop := asked()
	defer stop()
	password, err := c.password(con.in)
	if err != nil {
		return err
	}
	db, people, err := c.open(ctx, con)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	made, err := people.SetPasswordOffline(ctx, c.Login, password)
	switch f := fault.From(err); {
	case errors.Is(err, auth.ErrNoUser):
		return fmt.Errorf("there is nobody with the login or e-mail %q", c.Login)
	case errors.Is(err, auth.ErrPassword):
		return fmt.Errorf("this password can't be used: %s", f.Fields[0].Code)
	case err != nil:
		return fmt.Errorf("set the password: %w", err)
	}
	fmt.Fprintf(con.err, "%s has a new password and is signed out everywhere.\n", c.Login)
	if account, err := db.AccountByLogin(ctx, c.Login); err == nil && account.Banned {
		fmt.Fprintf(con.err, "%s is banned, and can't sign in before an admin lifts the ban.\n", c.Login)
	}
	if made != "" {
		fmt.Fprintln(con.out, made) // alone on standard output, so that a script can take it
	}
	return nil
}

// maxPasswordFile is more than any password, in bytes.
const maxPasswordFile = 4096

// password reads the password that was given; empty if one shall be made.
func (c *resetPasswordCommand) password(in io.Reader) (string, error) {
	if c.PasswordFile == "" {
		return "", nil
	}
	if c.PasswordFile != "-" {
		file, err := os.Open(c.PasswordFile)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		defer file.Close()
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, maxPasswordFile))
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	if line = strings.TrimSuffix(line, "\r"); line == "" {
		return "", errors.New("read the password: the first line is empty")
	}
	return line, nil
}

// Run prints a line for each person.
func (c *listUsersCommand) Run(con console) (err error) {
	ctx, stop := asked()
	defer stop()
	db, people, err := c.open(ctx, con)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	table := tabwriter.NewWriter(con.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "LOGIN\tROLE\tNAME\tE-MAIL\tBARRED")
	q := auth.UsersQuery{Query: paging.Query{Limit: paging.MaxLimit, Sort: "login"}, Kind: auth.KindPerson}
	for {
		page, err := people.Users(ctx, q)
		if err != nil {
			return fmt.Errorf("list the people: %w", err)
		}
		for _, u := range page.Items {
			barred := ""
			switch {
			case u.Banned:
				barred = "banned"
			case !u.HasPassword:
				barred = "no password"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", u.Login, u.Role, u.Name(), u.Email, barred)
		}
		if q.Cursor = page.NextCursor; q.Cursor == "" {
			return table.Flush()
		}
	}
}
