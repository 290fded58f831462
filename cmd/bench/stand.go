package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sync/errgroup"
)

// programs are the paths of what is measured (the gateway and the script of its page's player by HLS), of hls.js, and of a MediaMTX to compare
// with (empty: none).
type programs struct{ cameras, gateway, player, hlsjs, mediamtx string }

// stand is one side of a scenario, set up: cameras, a gateway that has them, and somebody who watches already.
type stand struct {
	plan    plan
	gateway *gateway
	space   string // where players live; empty: our network
	before  usage
	undo    []func()
}

// openStand sets up a side of a scenario. env are variables of the gateway. close undoes all.
func openStand(ctx context.Context, paths programs, s scenario, env []string) (_ *stand, err error) {
	st := &stand{}
	defer func() {
		if err != nil {
			st.close()
		}
	}()
	dir, err := os.MkdirTemp("", "rtsp-viewer-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	st.undo = append(st.undo, func() { _ = os.RemoveAll(dir) })
	space, host := "", "127.0.0.1"
	if s.network.rate != 0 {
		l, err := newLine(ctx, s.network, s.nomads())
		if err != nil {
			return nil, fmt.Errorf("make the line: %w", err)
		}
		st.undo = append(st.undo, l.close)
		space, host, st.space = l.near, nearHost, l.far
	}
	shown, err := startCameras(ctx, paths.cameras, space, host, dir, s.clip, s.cameras())
	if err != nil {
		return nil, err
	}
	st.undo = append(st.undo, shown.end)
	if st.gateway, err = startGateway(ctx, paths.gateway, space, host, dir, env); err != nil {
		return nil, err
	}
	st.undo = append(st.undo, st.gateway.end)
	st.plan = plan{
		URL: st.gateway.url, Control: shown.Control, Sources: shown.List, Player: s.player, Tiles: s.tiles, Opens: s.opens,
		Interval: s.clip.interval(), Overlap: s.player == "pion" && s.network.rate == 0 && !s.cold, Cold: s.cold,
	}
	if s.known && s.player == "pion" {
		st.plan.Addresses = []string{farHost}
	}
	for n := range s.nomads() {
		st.plan.Addresses = append(st.plan.Addresses, nomad(n))
	}
	// On the gateway's side of the line: whoever watches already takes nothing of it.
	keeper, ids, err := st.plan.keepIn(ctx, space)
	if err != nil {
		return nil, err
	}
	st.undo = append(st.undo, keeper.end)
	st.plan.Cameras = ids
	st.before, err = st.gateway.usage()
	return st, err
}

// measure opens the views and tells what they were like, and what the gateway took meanwhile.
func (st *stand) measure(ctx context.Context) ([]opening, usage, error) {
	all, err := st.plan.runIn(ctx, st.space)
	if err != nil {
		return nil, usage{}, err
	}
	after, err := st.gateway.usage()
	after.cpu -= st.before.cpu
	return all, after, err
}

// close undoes what was set up, the last first.
func (st *stand) close() {
	for i := len(st.undo) - 1; i >= 0; i-- {
		st.undo[i]()
	}
	st.undo = nil
}

// measure runs a scenario with the cache and without.
func (s scenario) measure(ctx context.Context, paths programs) (r result) {
	r.scenario = s
	began := time.Now()
	defer func() { r.took = time.Since(began) }()
	if s.network.rate != 0 && !canMakeLines() {
		r.skipped = errNoNetworks.Error()
		return r
	}
	side := func(into *[]opening, cost *usage, env ...string) func() error {
		return func() error {
			st, err := openStand(ctx, paths, s, env)
			if err != nil {
				return err
			}
			defer st.close()
			*into, *cost, err = st.measure(ctx)
			return err
		}
	}
	cached := side(&r.cached, &r.usage)
	var ignored usage
	bare := side(&r.bare, &ignored, "RTSP_VIEWER_CACHE_BYTES=0")
	switch {
	case s.cold:
		r.err = cached()
	case s.alone:
		r.err = errors.Join(cached(), bare())
	default:
		var both errgroup.Group
		both.Go(cached)
		both.Go(bare)
		r.err = both.Wait()
	}
	r.judge()
	return r
}

// judge compares both sides and holds them to the promise.
func (r *result) judge() {
	if r.err != nil {
		r.broken = append(r.broken, r.err.Error())
		return
	}
	for _, side := range []struct {
		name string
		all  []opening
	}{{"with the cache", r.cached}, {"without", r.bare}} {
		for _, fault := range faults(side.all) {
			r.broken = append(r.broken, side.name+": "+fault)
		}
	}
	ratio := func(figure func(opening) time.Duration) float64 {
		without := spreadOf(r.bare, figure).median
		if without == 0 {
			return 0
		}
		return float64(spreadOf(r.cached, figure).median) / float64(without)
	}
	r.firstR, r.liveR = ratio(firstOf), ratio(liveOf)
	for _, p := range []struct {
		what          string
		ratio, wanted float64
	}{{"first picture", r.firstR, r.promise.first}, {"live", r.liveR, r.promise.live}} {
		if p.wanted > 0 && (p.ratio > p.wanted || p.ratio == 0) {
			r.broken = append(r.broken, fmt.Sprintf("%s takes %.2f of the time without the cache, more than %.2f", p.what, p.ratio, p.wanted))
		}
	}
}
