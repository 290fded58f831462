package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// tell prints a scenario's figures for who watches the run.
func (r result) tell(w io.Writer) {
	fmt.Fprintf(w, "%-22s %s; %s\n", r.id, r.what(), r.network)
	switch {
	case r.skipped != "":
		fmt.Fprintf(w, "  left out: %s\n", r.skipped)
		return
	case r.err != nil:
		fmt.Fprintf(w, "  failed: %v\n", r.err)
		return
	}
	for _, side := range []struct {
		name string
		all  []opening
	}{{"cache", r.cached}, {"no cache", r.bare}} {
		if len(side.all) == 0 {
			continue
		}
		fmt.Fprintf(w, "  %-9s connect %-16s first %-24s live %-24s age 1 s later %-14s missing %d, asked for: keyframes %d, resends %d\n", side.name,
			two(spreadOf(side.all, connectOf)), three(spreadOf(side.all, firstOf)), three(spreadOf(side.all, liveOf)),
			two(spreadOf(side.all, laterOf)), sum(side.all, missingOf), sum(side.all, askedOf), sum(side.all, resendsOf))
	}
	if r.firstR > 0 {
		fmt.Fprintf(w, "  ratio     first %.2f, live %.2f\n", r.firstR, r.liveR)
	}
	for _, why := range r.broken {
		fmt.Fprintf(w, "  BROKEN    %s\n", why)
	}
	fmt.Fprintf(w, "  gateway   %v of processor, %.0f MB; %v in all\n", r.usage.cpu, float64(r.usage.memory)/1e6, r.took.Round(100*time.Millisecond))
}

// what tells in a few words what is opened.
func (r result) what() string {
	text := r.clip.String()
	if r.tiles > 1 {
		text += fmt.Sprintf(", %d tiles at once", r.tiles)
	}
	if r.known {
		text += ", from a known address"
	}
	return text
}

func missingOf(o opening) int { return o.Missing }
func askedOf(o opening) int   { return o.Asked }
func resendsOf(o opening) int { return o.Resends }

// ms is a duration in whole milliseconds, or seconds where that reads better.
func ms(d time.Duration) string {
	if d >= time.Second {
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
}

func two(s spread) string   { return ms(s.median) + " / " + ms(s.p95) }
func three(s spread) string { return two(s) + " / " + ms(s.max) }

// Marks between which a document holds what was measured.
const (
	measuredBegin = "<!-- measured: written by make bench, not by hand -->"
	measuredEnd   = "<!-- end of what was measured -->"
)

// writeDocument puts the tables into a document.
func writeDocument(path string, about machine, all []result, byHLS []hlsResult) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n\n", about)
	writeTables(&out, all)
	writeHLSTables(&out, byHLS)
	return writeBetween(path, measuredBegin, measuredEnd, out.String())
}

// writeBetween puts text between two marks of a document.
func writeBetween(path, begin, end, text string) error {
	former, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("write the tables: %w", err)
	}
	before, rest, begins := strings.Cut(string(former), begin)
	_, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		return fmt.Errorf("write the tables: %s has no marks %q and %q", path, begin, end)
	}
	if err := os.WriteFile(path, []byte(before+begin+"\n\n"+text+"\n"+end+after), 0o644); err != nil {
		return fmt.Errorf("write the tables: %w", err)
	}
	return nil
}

// writeTables prints what was measured as Markdown.
func writeTables(w io.Writer, all []result) {
	fmt.Fprintln(w, "Each figure is median / 95th percentile / maximum, from the click; ratios are of medians.")
	for _, part := range []struct {
		title string
		in    func(result) bool
	}{
		{"Players in Go (pion), loopback", func(r result) bool { return r.player == "pion" && r.network.rate == 0 && !r.cold }},
		{"Chromium, loopback", func(r result) bool { return r.player == "chromium" && r.network.rate == 0 }},
		{"Over a line of " + narrow.String(), func(r result) bool { return r.network.rate != 0 }},
		{"Cold: nobody has watched the camera", func(r result) bool { return r.cold }},
	} {
		fmt.Fprintf(w, "\n### %s\n\n", part.title)
		fmt.Fprintln(w, "| player, camera | cache | tiles | connected | first picture | live | age 1 s later | missing | keyframes asked for | resends asked for |")
		fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|")
		for _, r := range all {
			if part.in(r) {
				r.rows(w)
			}
		}
	}
}

// rows prints a scenario's rows.
func (r result) rows(w io.Writer) {
	name := r.player + ", " + r.what()
	if why := errors.Join(r.err); why != nil || r.skipped != "" {
		fmt.Fprintf(w, "| %s | | | | not measured: %s | | | | | |\n", name, strings.TrimSpace(fmt.Sprint(r.skipped)))
		return
	}
	for _, side := range []struct {
		name string
		all  []opening
	}{{"yes", r.cached}, {"no", r.bare}} {
		if len(side.all) == 0 {
			continue
		}
		good := len(side.all)
		for _, o := range side.all {
			if o.Fault != "" {
				good--
			}
		}
		count := fmt.Sprint(good)
		if good < len(side.all) {
			count += fmt.Sprintf(" of %d", len(side.all))
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s | %s | %d | %d | %d |\n", name, side.name, count, ms(spreadOf(side.all, connectOf).median),
			three(spreadOf(side.all, firstOf)), three(spreadOf(side.all, liveOf)), ms(spreadOf(side.all, laterOf).median),
			sum(side.all, missingOf), sum(side.all, askedOf), sum(side.all, resendsOf))
		name = ""
	}
	if r.firstR > 0 {
		verdict := "reported"
		if r.promise != (promise{}) {
			verdict = "holds"
			if len(r.broken) > 0 {
				verdict = "**does not hold**"
			}
		}
		fmt.Fprintf(w, "| | ratio | | | **%.2f** | **%.2f** | | | | %s |\n", r.firstR, r.liveR, verdict)
	}
}
