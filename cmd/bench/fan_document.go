package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Marks between which a document holds what was measured with many viewers.
const (
	fanBegin = "<!-- many viewers: written by make bench, not by hand -->"
	fanEnd   = "<!-- end of many viewers -->"
)

// fanDrawing is the drawing's file, beside the document.
const fanDrawing = "fan-out.svg"

// write puts the tables and the drawing into a document.
func (b *fanBed) write(document string, about machine) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n\n", about)
	b.tables(&text)
	if err := writeBetween(document, fanBegin, fanEnd, text.String()); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(document), fanDrawing), []byte(drawing(b.all.charts())), 0o644); err != nil {
		return fmt.Errorf("write the drawing: %w", err)
	}
	return nil
}

// tables prints what was measured as Markdown.
func (b *fanBed) tables(w io.Writer) {
	fmt.Fprint(w, "### Promises\n\n")
	b.promises(w)
	fmt.Fprint(w, "\n### Figures\n\n")
	fmt.Fprintln(w, "Processor times are the measured process's own, user and system; times of coming are median / p95, ages median / p99.")
	fmt.Fprintln(w)
	fmt.Fprintln(w, "| cameras × viewers | system | ms per viewer-second | ms per camera-second | resident | calls per frame and viewer | came | connected | first picture | live | frame age | lost | sessions | others on the machine |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, r := range b.all {
		if r.scenario != fanMemory {
			r.row(w)
		}
	}
	b.memories(w)
	fmt.Fprintf(w, "\n![How the cost grows](%s)\n", fanDrawing)
	for _, why := range append(append([]string(nil), b.skipped...), b.failed...) {
		fmt.Fprintf(w, "\nNot measured: %s\n", why)
	}
}

// memories prints what cameras take.
func (b *fanBed) memories(w io.Writer) {
	fmt.Fprintf(w, "\n| one camera, with one viewer | kept of it | resident, beside an idle gateway's |\n|---|---|---|\n")
	for _, r := range b.all {
		if r.scenario == fanMemory && r.err == nil {
			each := float64(r.cameras) * 1e6
			fmt.Fprintf(w, "| %s | %.1f MB | %.1f MB |\n", r.system, float64(r.ring)/each, float64(r.memory)/each)
		}
	}
}

// promises prints what was promised, and whether it holds.
func (b *fanBed) promises(w io.Writer) {
	fmt.Fprintln(w, "| | RTSP Viewer | beside | ratio | at most | |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, v := range b.all.judge() {
		ratio := v.figure(v.value)
		if ratio != "" {
			ratio = "**" + ratio + "**"
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s |\n", v.what, v.ours, v.other, ratio, v.figure(v.limit), v.outcome())
	}
}

// figure is a ratio in words; none is empty.
func (v verdict) figure(x float64) string {
	switch {
	case v.limit == exact:
		return ""
	case x == 0:
		return ""
	case v.percent:
		return fmt.Sprintf("%.2f %%", 100*x)
	default:
		return fmt.Sprintf("%.3g", x)
	}
}

func (v verdict) String() string {
	text := v.what + ": " + v.ours
	if v.other != "" {
		text += ", beside " + v.other
	}
	if ratio := v.figure(v.value); ratio != "" {
		text += ": " + ratio
	}
	if limit := v.figure(v.limit); limit != "" {
		text += ", at most " + limit
	}
	return text
}

// outcome says whether a promise holds.
func (v verdict) outcome() string {
	text := "holds"
	switch {
	case v.limit == 0:
		text = "reported"
	case !v.holds():
		text = "**does not hold**"
	}
	if v.note != "" {
		text += "; " + v.note
	}
	return text
}

func (r reading) row(w io.Writer) {
	system := r.system
	if tail := strings.TrimPrefix(r.scenario, "fan "); !strings.ContainsAny(tail[:1], "0123456789") {
		system = tail + ": " + system
	} else if _, way, ok := strings.Cut(tail, " "); ok {
		system += " (" + way + ")"
	}
	size := fmt.Sprint(r.cameras)
	if r.viewers > 0 {
		size += fmt.Sprintf(" × %d", r.viewers/max(r.cameras, 1))
	}
	if r.err != nil {
		fmt.Fprintf(w, "| %s | %s | not measured: %v | | | | | | | | | | | |\n", size, system, r.err)
		return
	}
	cell := func(show bool, format string, args ...any) string {
		if !show {
			return ""
		}
		return fmt.Sprintf(format, args...)
	}
	came, measured := len(r.joined), r.cpu > 0
	fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", size, system,
		cell(measured && r.viewers > 0, "%.2f", r.perViewer()), cell(measured, "%.2f", r.perCamera()), cell(measured, "%s", mb(r.memory)),
		cell(r.calls > 0, "%.2f", r.calls), cell(came > 0, "%s", r.came()),
		cell(came > 0, "%s", two(spreadOf(r.joined, connectOf))), cell(came > 0, "%s", two(spreadOf(r.joined, firstOf))),
		cell(came > 0, "%s", two(spreadOf(r.joined, liveOf))),
		cell(r.window.Frames > 0, "%s / %s", us(r.window.Median), us(r.window.P99)), cell(r.window.Frames > 0, "%d of %d", r.window.Lost, r.window.Frames),
		cell(r.sessions > 0, "%d", r.sessions), cell(r.busy > 0, "%.0f %%", 100*r.others))
}
