package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// hlsScenario is one thing to measure by HLS: the gateway and FFmpeg's own HLS muxer before the same cameras, which others watch by WebRTC.
type hlsScenario struct {
	id      string
	clip    clip
	cold    int       // openings beside the long view's
	warm    int       // openings while the long view goes on
	stay    int       // each stay-th opening is looked at after 10 s, too
	long    []float64 // when the long view is looked at
	warmFor []float64 // when the first warm opening is; empty: as the others
	plain   int       // openings, cold and warm each, of the gateway's list by hls.js on its defaults, after the others
	promise hlsPromise
}

// hlsPromise is what must hold, as ratios of the gateway's figures to the muxer's; the zero value promises nothing.
type hlsPromise struct {
	median, p95 float64 // first picture; warm: the first one from after the click
	behind      float64 // how far behind live, after 10 s and after 60 s
	stalls      int     // of the long view, at most
}

// eighth is the promise of HLS.
var eighth = hlsPromise{median: 1. / 8, p95: 1. / 5, behind: 1. / 4}

// hlsClip is what cameras show to players that may be far behind: long enough that no picture comes back meanwhile.
func hlsClip(c clip, gop int) clip {
	c.gop, c.seconds = gop*fps, 40
	return c
}

var (
	longView  = []float64{markFirst, markShort, mark10, mark60}
	shortView = []float64{markFirst, markShort, mark10}
)

// hlsScenarios are all there is to measure by HLS, in order. Those of one group run at the same time.
var hlsScenarios = [][]hlsScenario{
	{{id: "hls 360p 4s", clip: hlsClip(smallSound, 4), cold: 8, warm: 8, stay: 4, long: longView, warmFor: longView, plain: 4, promise: eighth}},
	// A browser decodes in software here, and there are two: few views of 1080p at once.
	{{id: "hls 1080p 4s", clip: hlsClip(largeSound, 4), cold: 6, warm: 6, stay: 6, long: longView, promise: eighth}},
	{
		{id: "hls 360p 1s", clip: hlsClip(smallSound, 1), cold: 3, warm: 3, stay: 3, long: shortView},
		{id: "hls 360p 2s", clip: hlsClip(smallSound, 2), cold: 3, warm: 3, stay: 3, long: shortView},
	},
	{{id: "hls 1080p 1s", clip: hlsClip(largeSound, 1), cold: 2, warm: 2, stay: 2, long: shortView}},
	{{id: "hls 1080p 2s", clip: hlsClip(largeSound, 2), cold: 2, warm: 2, stay: 2, long: shortView}},
}

// hlsResult is what was measured in one scenario.
type hlsResult struct {
	hlsScenario
	ours, muxer []hlsView
	byPlain     []hlsView
	usage       usage // of the gateway, without its FFmpegs
	took        time.Duration
	broken      []string // why the run is not good
	err         error
}

// measure runs a scenario, both sides at the same time.
func (s hlsScenario) measure(ctx context.Context, paths programs) (r hlsResult) {
	r.hlsScenario = s
	began := time.Now()
	defer func() { r.took = time.Since(began) }()
	st, err := openStand(ctx, paths, scenario{id: s.id, player: "chromium", clip: s.clip, tiles: 1 + s.cold, opens: 1}, nil)
	if err != nil {
		r.err = err
		r.judge()
		return r
	}
	defer st.close()
	side := func(name, script string, into *[]hlsView) func() error {
		return func() (err error) {
			p := hlsPlan{plan: st.plan, Side: name, Script: script, Warm: s.warm, StayEvery: s.stay, LongMarks: s.long, WarmMarks: s.warmFor}
			*into, err = p.runApart(ctx)
			return err
		}
	}
	var both errgroup.Group
	both.Go(side(sideOurs, paths.player, &r.ours))
	both.Go(side(sideMuxer, paths.hlsjs, &r.muxer))
	if r.err = both.Wait(); r.err == nil {
		r.usage, r.err = st.gateway.usage()
		r.usage.cpu -= st.before.cpu
	}
	if r.err == nil && s.plain > 0 {
		r.byPlain, r.err = s.measurePlain(ctx, st.plan, paths)
	}
	r.judge()
	return r
}

// measurePlain opens views of the gateway's list by hls.js on its defaults, as pages of others may, and without anything beside it.
func (s hlsScenario) measurePlain(ctx context.Context, all plan, paths programs) ([]hlsView, error) {
	select {
	case <-time.After(ffmpegStays):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	all.Cameras = all.Cameras[:1+s.plain]
	return hlsPlan{plan: all, Side: sidePlain, Script: paths.hlsjs, Warm: s.plain, StayEvery: 2, LongMarks: s.long, WarmMarks: s.warmFor}.runApart(ctx)
}

// ffmpegStays is more than how long the gateway keeps an FFmpeg after its last view: what is opened then is opened cold.
const ffmpegStays = 7 * time.Second

// runApart runs the plan in a process of its own.
func (p hlsPlan) runApart(ctx context.Context) ([]hlsView, error) {
	c, err := spawn("hls", "", p)
	if err != nil {
		return nil, err
	}
	defer c.end()
	text, err := c.drain(ctx)
	if err != nil {
		return nil, err
	}
	var all []hlsView
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("read what the %s tells: %w", c.name, err)
	}
	return all, nil
}

// firsts is how soon the first pictures came, in openings of one state. The long view's was a cold opening.
func firsts(all []hlsView, state string) spread {
	var values []time.Duration
	for _, v := range all {
		if v.Fault == "" && (v.State == state || v.State == stateLong && state == stateCold) {
			values = append(values, v.First)
		}
	}
	return spreadOfValues(values)
}

// presents is how soon a view showed what happened at the click or later: of a list that has been there since long the first picture comes
// at once, whoever makes it, and is from long before. What is shown at a mark stays as far behind live, so that far after the click the click's
// own moment is shown; or when the first picture is, if that comes later.
func presents(all []hlsView, state string) spread {
	var values []time.Duration
	for _, v := range all {
		for _, a := range v.Ages {
			if v.Fault == "" && v.State == state && a.Mark == markShort {
				values = append(values, max(v.First, a.Age))
			}
		}
	}
	return spreadOfValues(values)
}

// behind is how far behind live views of some states were at a mark.
func behind(all []hlsView, mark float64, states ...string) spread {
	var values []time.Duration
	for _, v := range all {
		for _, a := range v.Ages {
			if v.Fault == "" && a.Mark == mark && slices.Contains(states, v.State) {
				values = append(values, a.Age)
			}
		}
	}
	return spreadOfValues(values)
}

// stood counts how often the picture stood in views that were watched for 60 s or, if there are none, in the long view; and how often of
// these while later pictures were at hand.
func stood(all []hlsView, state string) (n, held int) {
	minute := func(v hlsView) bool {
		return slices.ContainsFunc(v.Ages, func(a markedAge) bool { return a.Mark == mark60 })
	}
	for _, v := range all {
		if v.State == state && (state == stateLong || minute(v)) {
			n, held = n+v.Stalls, held+v.Held
		}
	}
	return n, held
}

// hlsRatio is one figure of both sides, and what was promised of it.
type hlsRatio struct {
	what        string
	ours, other time.Duration
	wanted      float64 // 0: nothing
}

// value is the ratio; 0 if it was not measured.
func (r hlsRatio) value() float64 {
	if r.other == 0 {
		return 0
	}
	return float64(r.ours) / float64(r.other)
}

// holds tells whether what was promised holds.
func (r hlsRatio) holds() bool {
	v := r.value()
	return r.wanted == 0 || v > 0 && v <= r.wanted
}

// ratios compares both sides.
func (r hlsResult) ratios() []hlsRatio {
	var list []hlsRatio
	for _, state := range []string{stateCold, stateWarm} {
		ours, other := firsts(r.ours, state), firsts(r.muxer, state)
		after, first := []string{state}, r.promise
		if state == stateCold {
			after = append(after, stateLong)
		} else {
			first = hlsPromise{}
		}
		list = append(list,
			hlsRatio{state + ", first picture, median", ours.median, other.median, first.median},
			hlsRatio{state + ", first picture, p95", ours.p95, other.p95, first.p95},
		)
		if state == stateWarm {
			ours, other := presents(r.ours, state), presents(r.muxer, state)
			list = append(list,
				hlsRatio{state + ", first picture from after the click, median", ours.median, other.median, r.promise.median},
				hlsRatio{state + ", first picture from after the click, p95", ours.p95, other.p95, r.promise.p95},
			)
		}
		list = append(list,
			hlsRatio{state + ", behind live after 10 s", behind(r.ours, mark10, after...).median, behind(r.muxer, mark10, after...).median, r.promise.behind},
		)
	}
	for _, long := range []struct {
		name, state string
		marks       []float64
	}{{stateCold, stateLong, r.long}, {stateWarm, stateWarm, r.warmFor}} {
		if slices.Contains(long.marks, mark60) {
			ours, other := behind(r.ours, mark60, long.state).median, behind(r.muxer, mark60, long.state).median
			list = append(list, hlsRatio{long.name + ", behind live after 60 s", ours, other, r.promise.behind})
		}
	}
	return list
}

// judge holds what was measured to the promise.
func (r *hlsResult) judge() {
	if r.err != nil {
		r.broken = append(r.broken, r.err.Error())
		return
	}
	for _, side := range []struct {
		name string
		all  []hlsView
	}{{sideOurs, r.ours}, {sidePlain, r.byPlain}, {sideMuxer, r.muxer}} {
		for _, v := range side.all {
			if v.Fault != "" {
				r.broken = append(r.broken, side.name+", "+v.State+": "+v.Fault)
			}
		}
	}
	for _, ratio := range r.ratios() {
		switch {
		case ratio.holds():
		case ratio.value() == 0:
			r.broken = append(r.broken, ratio.what+": not measured")
		default:
			r.broken = append(r.broken, fmt.Sprintf("%s: %s is %.2f of the muxer's %s, more than %.2f", ratio.what, ms(ratio.ours), ratio.value(), ms(ratio.other), ratio.wanted))
		}
	}
	for _, state := range []string{stateLong, stateWarm} {
		if n, held := stood(r.ours, state); r.promise != (hlsPromise{}) && n > r.promise.stalls {
			r.broken = append(r.broken, fmt.Sprintf("%s: the picture stood %d times in 60 s, %d of these while later ones were at hand", state, n, held))
		}
	}
}
