package main

import (
	"fmt"
	"math"
	"strings"
)

// chart is a drawing of how a cost grows.
type chart struct {
	title, across, up string // and what stands at the axes
	lines             []chartLine
}

// chartLine is one system's points, in the order of their x.
type chartLine struct {
	name   string
	points [][2]float64
}

const (
	chartWidth  = 420
	chartHeight = 260
	chartLeft   = 56
	chartBelow  = 44
	chartAbove  = 34
)

// charts draws what grows: processor and memory per viewer and per camera.
func (all readings) charts() []chart {
	line := func(name, system string, figure func(reading) float64, scenarios ...string) chartLine {
		l := chartLine{name: name}
		for _, id := range scenarios {
			if r, ok := all.find(id, system); ok {
				x := float64(r.viewers)
				l.points = append(l.points, [2]float64{x, figure(r)})
			}
		}
		return l
	}
	crowd := []string{"fan 1x25", "fan 1x50", "fan 1x100", "fan 1x150", "fan 1x300"}
	growth := []string{"fan grow 1x1", "fan grow 25x1", "fan grow 50x1", "fan grow 100x1", "fan grow 200x1"}
	memory := func(r reading) float64 { return float64(r.memory) / 1e6 }
	return []chart{
		{"Viewers of one camera", "viewers", "ms of processor per viewer-second", []chartLine{
			line(systemOurs, systemOurs, reading.perViewer, crowd...), line(systemMTX, systemMTX, reading.perViewer, crowd...),
			line("floor: GSO", "floor: "+floorCut, reading.perViewer, crowd...),
		}},
		{"Viewers of one camera", "viewers", "MB resident", []chartLine{
			line(systemOurs, systemOurs, memory, crowd...), line(systemMTX, systemMTX, memory, crowd...),
		}},
		{"Cameras with one viewer each", "cameras", "ms of processor per camera-second", []chartLine{line(systemOurs, systemOurs, reading.perCamera, growth...)}},
		{"Cameras with one viewer each", "cameras", "MB resident", []chartLine{line(systemOurs, systemOurs, memory, growth...)}},
	}
}

// chartColours tell lines apart, on white and on black.
var chartColours = []string{"#2f7ed8", "#d9822b", "#6b7280"}

// drawing is an SVG of charts, two in a row.
func drawing(all []chart) string {
	var b strings.Builder
	rows := (len(all) + 1) / 2
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">`+"\n", 2*chartWidth, rows*chartHeight)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", 2*chartWidth, rows*chartHeight)
	for i, c := range all {
		fmt.Fprintf(&b, `<g transform="translate(%d %d)">`+"\n", i%2*chartWidth, i/2*chartHeight)
		c.draw(&b)
		b.WriteString("</g>\n")
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (c chart) draw(b *strings.Builder) {
	most := [2]float64{1, 1e-9}
	for _, l := range c.lines {
		for _, p := range l.points {
			most[0], most[1] = max(most[0], p[0]), max(most[1], p[1])
		}
	}
	top := roundUp(most[1] * 1.1)
	wide, high := float64(chartWidth-chartLeft-16), float64(chartHeight-chartBelow-chartAbove)
	at := func(p [2]float64) (x, y float64) {
		return chartLeft + p[0]/most[0]*wide, chartAbove + high - p[1]/top*high
	}
	fmt.Fprintf(b, `<text x="%d" y="16" font-size="13">%s: %s</text>`+"\n", chartLeft, c.title, c.up)
	for i := range 5 {
		value := top * float64(i) / 4
		_, y := at([2]float64{0, value})
		fmt.Fprintf(b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="#d1d5db"/><text x="%d" y="%.1f" text-anchor="end">%g</text>`+"\n",
			chartLeft, y, chartWidth-16, y, chartLeft-6, y+4, value)
	}
	for i := range 5 {
		value := most[0] * float64(i) / 4
		x, _ := at([2]float64{value, 0})
		fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle">%.4g</text>`+"\n", x, chartHeight-chartBelow+16, value)
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", chartLeft+wide/2, chartHeight-chartBelow+30, c.across)
	name := 0
	for i, l := range c.lines {
		if len(l.points) == 0 {
			continue
		}
		colour := chartColours[i%len(chartColours)]
		var path []string
		for _, p := range l.points {
			x, y := at(p)
			path = append(path, fmt.Sprintf("%.1f,%.1f", x, y))
			fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", x, y, colour)
		}
		fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="1.5"/>`+"\n", strings.Join(path, " "), colour)
		fmt.Fprintf(b, `<text x="%d" y="%d" fill="%s">%s</text>`+"\n", chartLeft+8+name*104, chartAbove-4, colour, l.name)
		name++
	}
}

// roundUp gives the next number that begins with 1, 2 or 5.
func roundUp(x float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(x)))
	for _, n := range []float64{1, 2, 5, 10} {
		if x <= n*unit {
			return n * unit
		}
	}
	return x
}
