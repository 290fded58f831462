package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// runCommand is the command line of measuring.
type runCommand struct {
	Gateway  string `help:"The gateway's program." type:"path" default:"bin/rtsp-viewer" placeholder:"FILE"`
	Cameras  string `help:"The simulated cameras' program." type:"path" default:"bin/fakecam" placeholder:"FILE"`
	Only     string `help:"Only scenarios whose name has this in it; the document is left alone." placeholder:"TEXT"`
	Document string `help:"Write the tables into this document, between its markers." type:"path" placeholder:"FILE"`
}

// Run measures all scenarios.
func (c runCommand) Run(ctx context.Context, con console) error {
	if c.Only != "" && c.Document != "" {
		return errors.New("--only and --document: a document has all or nothing")
	}
	paths := programs{cameras: absolute(c.Cameras), gateway: absolute(c.Gateway)}
	about := describeMachine(ctx)
	fmt.Fprintf(con.out, "%s\n\n", about)
	var all []result
	for _, group := range scenarios {
		var wg sync.WaitGroup
		results := make([]result, 0, len(group))
		for _, s := range group {
			if strings.Contains(s.id, c.Only) {
				results = append(results, result{scenario: s})
			}
		}
		for i := range results {
			wg.Go(func() { results[i] = results[i].scenario.measure(ctx, paths) })
		}
		wg.Wait()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for _, r := range results {
			r.tell(con.out)
		}
		all = append(all, results...)
	}
	about.took = time.Since(about.began).Round(time.Second)
	if c.Document != "" {
		if err := writeDocument(c.Document, about, all); err != nil {
			return err
		}
		fmt.Fprintf(con.out, "\nWritten into %s after %v.\n", c.Document, about.took)
	}
	var broken []error
	for _, r := range all {
		for _, why := range r.broken {
			broken = append(broken, fmt.Errorf("%s: %s", r.id, why))
		}
	}
	return errors.Join(broken...)
}

// absolute makes a program's path hold in other processes too.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
