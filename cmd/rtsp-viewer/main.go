// Command rtsp-viewer is the gateway: it pulls each camera once by RTSP and shows it in browsers.
//
// It owns the process: flags and environment, signals, the exit code, and the wiring of all parts (app.go). Exit codes: 0 after an
// asked-for end, 1 when it cannot start or a part of it fails, 2 when flags or settings are wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

func main() {
	os.Exit(run(os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}

type command struct {
	Serve        serveCommand        `cmd:"" default:"withargs" help:"Run the gateway (the default)."`
	Healthcheck  healthcheckCommand  `cmd:"" help:"Ask a running gateway on this machine whether it is ready; exit code 0 if so."`
	User         userCommand         `cmd:"" help:"Accounts, at the machine itself: also beside a running gateway."`
	Keys         keysCommand         `cmd:"" help:"Keys that seal camera addresses: also beside running gateways."`
	Backup       backupCommand       `cmd:"" help:"Copy the records into a file, also beside a running gateway."`
	Restore      restoreCommand      `cmd:"" help:"Make a data folder of a backup."`
	Doctor       doctorCommand       `cmd:"" help:"Look whether a gateway with these settings can work here, and say how to mend what can't."`
	ImportLegacy importLegacyCommand `cmd:"" help:"Take over people, cameras and grants from the predecessor's database."`
	Version      versionCommand      `cmd:"" help:"Print the version."`
}

type serveCommand struct{ settings }

type healthcheckCommand struct {
	URL string `arg:"" optional:"" default:"http://127.0.0.1:8080/readyz" help:"The gateway's readiness address."`
}

type versionCommand struct{}

// console is where a command reads and prints.
type console struct {
	in       io.Reader
	out, err io.Writer
}

// newParser makes the parser of the whole command line. exit is called by --help with code 0.
func newParser(cli *command, getenv func(string) string, out, errOut io.Writer, exit func(int)) (*kong.Kong, error) {
	return kong.New(cli,
		kong.Name("rtsp-viewer"),
		kong.Description("RTSP cameras in the browser. Every setting is also read from the environment as "+envPrefix+"NAME, or from the file that "+envPrefix+"NAME_FILE names."),
		kong.UsageOnError(),
		kong.Writers(out, errOut),
		kong.Exit(exit),
		kong.Resolvers(fromEnvironment(getenv)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
}

// run is main without the process: it gives the exit code.
func run(args []string, getenv func(string) string, in io.Reader, out, errOut io.Writer) (code int) {
	var cli command
	type exited struct{ code int }
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(exited)
			if !ok {
				panic(r)
			}
			code = e.code
		}
	}()
	// kong ends --help by calling exit and counts on not coming back.
	parser, err := newParser(&cli, getenv, out, errOut, func(code int) { panic(exited{code}) })
	if err != nil {
		fmt.Fprintln(errOut, "rtsp-viewer:", err)
		return 2
	}
	ctx, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(errOut, "rtsp-viewer:", err)
		return 2
	}
	err = ctx.Run(console{in: in, out: out, err: errOut})
	var wrong settingsError
	var coded codedError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &coded):
		fmt.Fprintln(errOut, "rtsp-viewer:", err)
		return coded.code
	case errors.As(err, &wrong):
		fmt.Fprintln(errOut, "rtsp-viewer: these settings are wrong:")
		for line := range strings.SplitSeq(wrong.Error(), "\n") {
			fmt.Fprintln(errOut, "  "+line)
		}
		return 2
	default:
		fmt.Fprintln(errOut, "rtsp-viewer:", err)
		return 1
	}
}

// settingsError holds every fault of the settings, one a line.
type settingsError struct{ error }

// Run serves until SIGINT or SIGTERM; a second signal ends the process at once.
func (s *serveCommand) Run(con console) error {
	config, err := s.check()
	if err != nil {
		return settingsError{err}
	}
	log := newLogger(con.err, config)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	app, err := New(ctx, config, log)
	if err != nil {
		return err
	}
	fmt.Fprintf(con.out, "RTSP Viewer %s: %s\n", version(), app.URL())
	if path := app.FirstPasswordFile(); path != "" {
		fmt.Fprintf(con.out, "First sign-in: login %q, password in %s\n", config.AdminLogin, path)
	}
	context.AfterFunc(ctx, stop)
	return app.Run(ctx)
}

func newLogger(w io.Writer, config Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: config.LogLevel}
	if config.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// Run asks the readiness address once, within three seconds.
func (h *healthcheckCommand) Run() error {
	client := http.Client{Timeout: 3 * time.Second}
	answer, err := client.Get(h.URL)
	if err != nil {
		return fmt.Errorf("ask the gateway: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the gateway is not ready: %s", answer.Status)
	}
	return nil
}

// Run prints the version.
func (versionCommand) Run(con console) error {
	_, err := fmt.Fprintln(con.out, version())
	return err
}

// version gives the module's version as the build recorded it: a tag, or the commit.
func version() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := build.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range build.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	return "development"
}
