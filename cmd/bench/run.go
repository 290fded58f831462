package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// runCommand is the command line of measuring.
type runCommand struct {
	Gateway    string   `help:"The gateway's program." type:"path" default:"bin/rtsp-viewer" placeholder:"FILE"`
	Cameras    string   `help:"The simulated cameras' program." type:"path" default:"bin/fakecam" placeholder:"FILE"`
	Player     string   `help:"The product's player by HLS as one script, which make bench builds." type:"path" default:"bin/bench-player.js" placeholder:"FILE"`
	HLSJS      string   `name:"hlsjs" help:"hls.js, the build for script elements." type:"path" default:"web/node_modules/hls.js/dist/hls.min.js" placeholder:"FILE"`
	MediaMTX   string   `name:"mediamtx" env:"MEDIAMTX" help:"A MediaMTX to compare with." type:"path" placeholder:"FILE"`
	Peer       []string `sep:"none" help:"Another system that serves the cameras by WHEP and runs already; {n} stands for a camera's number, from 1. May be repeated." placeholder:"NAME=URL"`
	CameraPort int      `help:"Cameras of many viewers listen at this port and the next ones, at 127.0.0.1, for --peer; 0: any." placeholder:"PORT"`
	Quick      bool     `help:"Many viewers: look for 2 s in place of 4, and let fewer come."`
	Only       string   `help:"Only scenarios whose name has this in it; the document is left alone." placeholder:"TEXT"`
	Document   string   `help:"Write the tables into this document, between its markers." type:"path" placeholder:"FILE"`
}

// onlyFan as --only is the part of many viewers, which a document has for itself.
const onlyFan = "fan "

// Run measures all scenarios.
func (c runCommand) Run(ctx context.Context, con console) error {
	if c.Only != "" && strings.TrimSpace(c.Only)+" " != onlyFan && c.Document != "" {
		return errors.New("--only and --document: a document has all, or with --only fan all of that, or nothing")
	}
	if c.Only == strings.TrimSpace(onlyFan) {
		c.Only = onlyFan
	}
	paths := programs{cameras: absolute(c.Cameras), gateway: absolute(c.Gateway), player: absolute(c.Player), hlsjs: absolute(c.HLSJS)}
	if c.MediaMTX != "" {
		paths.mediamtx = absolute(c.MediaMTX)
	}
	if c.Only == onlyStore {
		return measureStores(ctx, con.out)
	}
	if c.Only == onlySheet {
		return measureSheets(ctx, con.out)
	}
	if c.Only == "" || strings.HasPrefix(c.Only, "hls") { // told before the first minutes rather than after them
		if _, err := os.Stat(paths.player); err != nil {
			return fmt.Errorf("find the product's player, which make bench builds: %w", err)
		}
	}
	about := describeMachine(ctx)
	fmt.Fprintf(con.out, "%s\n\n", about)
	bed, err := newFanBed(paths, c, con.out)
	if err != nil {
		return err
	}
	var broken []error
	if err := canFanOut(); err != nil {
		bed.skipped = append(bed.skipped, err.Error())
	} else if err := bed.run(ctx, c.Only); err != nil {
		return err
	} else {
		broken = bed.tellVerdicts()
	}
	if c.Document != "" {
		fan := about
		fan.took = time.Since(about.began).Round(time.Second)
		if err := bed.write(c.Document, fan); err != nil {
			return err
		}
	}
	if c.Only == onlyFan {
		return errors.Join(broken...)
	}
	all := measureGroups(ctx, scenarios, func(s scenario) bool { return strings.Contains(s.id, c.Only) }, func(s scenario) result { return s.measure(ctx, paths) }, con.out)
	byHLS := measureGroups(ctx, hlsScenarios, func(s hlsScenario) bool { return strings.Contains(s.id, c.Only) }, func(s hlsScenario) hlsResult { return s.measure(ctx, paths) }, con.out)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if c.Only == "" {
		broken = append(broken, measureStores(ctx, con.out), measureSheets(ctx, con.out))
	}
	about.took = time.Since(about.began).Round(time.Second)
	if c.Document != "" {
		if err := writeDocument(c.Document, about, all, byHLS); err != nil {
			return err
		}
		fmt.Fprintf(con.out, "\nWritten into %s after %v.\n", c.Document, about.took)
	}
	for _, r := range all {
		for _, why := range r.broken {
			broken = append(broken, fmt.Errorf("%s: %s", r.id, why))
		}
	}
	for _, r := range byHLS {
		for _, why := range r.broken {
			broken = append(broken, fmt.Errorf("%s: %s", r.id, why))
		}
	}
	return errors.Join(broken...)
}

// measureGroups measures the wanted scenarios, those of one group at the same time, and tells each one's figures, until ctx ends.
func measureGroups[S any, R interface{ tell(io.Writer) }](ctx context.Context, groups [][]S, wanted func(S) bool, measure func(S) R, w io.Writer) []R {
	var all []R
	for _, group := range groups {
		group = slices.DeleteFunc(slices.Clone(group), func(s S) bool { return !wanted(s) })
		results := make([]R, len(group))
		var wg sync.WaitGroup
		for i, s := range group {
			wg.Go(func() { results[i] = measure(s) })
		}
		wg.Wait()
		if ctx.Err() != nil {
			break
		}
		for _, r := range results {
			r.tell(w)
		}
		all = append(all, results...)
	}
	return all
}

// absolute makes a program's path hold in other processes too.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
