// Command bench measures RTSP Viewer as its users have it: whole processes, real sockets, real players. `make bench` runs it and
// writes the measured part of docs/performance.md.
//
// It owns the scenarios, the processes that they need (simulated cameras, gateways, players in network namespaces of their own) and the
// judgement of what was measured. It refuses to judge milliseconds: a promise is a ratio of two measurements of one run.
//
// It runs one goroutine per process, player and scenario side; all have ended when it exits, and nothing that it started or made stays.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands are what the program can do; measuring needs no word. The hidden ones are the halves of it that must stand in another network
// namespace.
type commands struct {
	Run   runCommand   `cmd:"" default:"withargs" help:"Measure, print the table, and write it into the document."`
	View  viewCommand  `cmd:"" hidden:"" help:"Open views by the plan on standard input and print what they were like."`
	HLS   hlsCommand   `cmd:"" hidden:"" name:"hls" help:"Open views by HLS by the plan on standard input and print what they were like."`
	Crowd crowdCommand `cmd:"" hidden:"" help:"Hold many viewers by the orders on standard input."`
	Floor floorCommand `cmd:"" hidden:"" help:"Do the least that a gateway has to by the plan on standard input."`
	Plain plainCommand `cmd:"" hidden:"" help:"Run a program as on a system without UDP GSO."`
	SetUp setUpCommand `cmd:"" hidden:"" name:"set-up" help:"Add cameras and users by the plan on standard input and print them."`
	Keep  keepCommand  `cmd:"" hidden:"" help:"Watch the cameras of the plan on standard input until it ends."`
}

const description = `Measures how soon a tile is live: the gateway, simulated cameras and players as processes of their own.

The exit code is 1 if a promise does not hold or something could not be measured.`

// console is where words go.
type console struct{ out, err io.Writer }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], console{os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// run is the program and gives the exit code.
func run(ctx context.Context, args []string, con console) int {
	var c commands
	left := -1 // set when the parser itself wants to exit, as after --help
	parser, err := kong.New(&c, kong.Name("bench"), kong.Writers(con.out, con.err), kong.Exit(func(code int) { left = code }),
		kong.Description(description), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(con))
	if err != nil {
		fmt.Fprintln(con.err, "bench:", err)
		return 2
	}
	words, err := parser.Parse(args)
	if left >= 0 {
		return left
	}
	if err != nil {
		fmt.Fprintln(con.err, "bench:", err)
		return 2
	}
	if err := words.Run(); err != nil {
		fmt.Fprintln(con.err, "bench:", err)
		return 1
	}
	return 0
}
