package main

import (
	"fmt"
	"io"
	"time"
)

// tell prints a scenario's figures for who watches the run.
func (r hlsResult) tell(w io.Writer) {
	fmt.Fprintf(w, "%-22s %s, keyframes every %v\n", r.id, r.clip, r.clip.interval())
	if r.err != nil {
		fmt.Fprintf(w, "  failed: %v\n", r.err)
		return
	}
	for _, row := range r.sides() {
		fmt.Fprintf(w, "  %-28s %s: %s first %-24s behind: first %-7s 1.5 s %-7s 10 s %-16s 60 s %-7s stalls %s\n",
			row.side, row.state, row.count, three(row.first), row.atFirst, row.at1, row.at10, row.at60, row.stalls)
	}
	for _, ratio := range r.ratios() {
		fmt.Fprintf(w, "  ratio %-32s %.3f\n", ratio.what, ratio.value())
	}
	for _, why := range r.broken {
		fmt.Fprintf(w, "  BROKEN    %s\n", why)
	}
	fmt.Fprintf(w, "  gateway   %v of processor, %.0f MB; %v in all\n", r.usage.cpu, float64(r.usage.memory)/1e6, r.took.Round(100*time.Millisecond))
}

// hlsRow is one side's figures in one state, in words; what was not measured is empty.
type hlsRow struct {
	side, state, count               string
	first                            spread
	atFirst, at1, at10, at60, stalls string
}

// sides gives the rows of all sides. The long view belongs to the cold ones.
func (r hlsResult) sides() []hlsRow {
	var rows []hlsRow
	for _, state := range []string{stateCold, stateWarm} {
		for _, side := range []struct {
			name string
			all  []hlsView
		}{{sideOurs, r.ours}, {sidePlain, r.byPlain}, {sideMuxer, r.muxer}} {
			if len(side.all) == 0 {
				continue
			}
			states := []string{state}
			if state == stateCold {
				states = append(states, stateLong)
			}
			good, all := 0, 0
			for _, v := range side.all {
				if v.State == state || v.State == stateLong && state == stateCold {
					all++
					if v.Fault == "" {
						good++
					}
				}
			}
			row := hlsRow{side: side.name, state: state, count: fmt.Sprint(good), first: firsts(side.all, state)}
			if good < all {
				row.count = fmt.Sprintf("%d of %d", good, all)
			}
			row.atFirst = ms(behind(side.all, markFirst, states...).median)
			row.at1 = ms(behind(side.all, markShort, states...).median)
			row.at10 = two(behind(side.all, mark10, states...))
			long := stateWarm
			if state == stateCold {
				long = stateLong
			}
			if s := behind(side.all, mark60, long); s.median > 0 {
				n, held := stood(side.all, long)
				row.at60, row.stalls = ms(s.median), stallsInWords(n, held)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// stallsInWords tells how often the picture stood.
func stallsInWords(n, held int) string {
	if held > 0 {
		return fmt.Sprintf("%d (%d with pictures at hand)", n, held)
	}
	return fmt.Sprint(n)
}

// writeHLSTables prints what was measured as Markdown.
func writeHLSTables(w io.Writer, all []hlsResult) {
	fmt.Fprint(w, "\n### HLS in Chromium, beside FFmpeg's own muxer\n\n")
	fmt.Fprintln(w, "| camera, keyframe every | FFmpeg | list by, player | views | first picture | behind live: first picture | after 1.5 s | after 10 s | after 60 s | stalls in 60 s |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|")
	for _, r := range all {
		name := fmt.Sprintf("%s, %v", r.clip, r.clip.interval())
		if r.err != nil {
			fmt.Fprintf(w, "| %s | | | | not measured | | | | | |\n", name)
			continue
		}
		for _, row := range r.sides() {
			fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", name, row.state, row.side, row.count, three(row.first), row.atFirst, row.at1, row.at10, row.at60, row.stalls)
			name = ""
		}
	}
	fmt.Fprint(w, "\n| the gateway's figure to the muxer's | ratio | promised | |\n|---|---|---|---|\n")
	for _, r := range all {
		for _, ratio := range r.ratios() {
			promised, verdict := "", "reported"
			if ratio.wanted > 0 {
				promised, verdict = fmt.Sprintf("%.3g", ratio.wanted), "holds"
				if !ratio.holds() {
					verdict = "**does not hold**"
				}
			}
			fmt.Fprintf(w, "| %s, %v: %s | **%.2f** | %s | %s |\n", r.clip, r.clip.interval(), ratio.what, ratio.value(), promised, verdict)
		}
		if r.promise == (hlsPromise{}) {
			continue
		}
		for _, row := range r.sides() {
			if row.side != sideOurs || row.stalls == "" {
				continue
			}
			long := stateWarm
			if row.state == stateCold {
				long = stateLong
			}
			verdict := "holds"
			if n, _ := stood(r.ours, long); n > r.promise.stalls {
				verdict = "**does not hold**"
			}
			fmt.Fprintf(w, "| %s, %v: %s, stalls in 60 s | %s | %d | %s |\n", r.clip, r.clip.interval(), row.state, row.stalls, r.promise.stalls, verdict)
		}
	}
}
