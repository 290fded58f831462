package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// fanCamera is the camera of the field's comparisons: 720p, 2 Mbit/s, a keyframe each second.
var fanCamera = clip{width: 1280, height: 720, kbps: 2000, gop: 25}

// fanScenario is one thing to measure with many viewers.
type fanScenario struct {
	id      string
	cameras int
	each    int      // viewers of each camera
	clip    clip     // what cameras send; nothing: fanCamera
	peers   bool     // peers too
	floors  []string // ways of floors to look at
	turns   bool     // the gateway and the GSO floor turn about, too
	page    bool     // viewers come by the WebSocket
	plain   bool     // as on a system without UDP GSO
}

func (s fanScenario) viewers() int { return s.cameras * s.each }

// crowdScenarios go on with the viewers of the one before, where that has the same camera.
var crowdScenarios = []fanScenario{
	{id: "fan 1x1", cameras: 1, each: 1, peers: true},
	{id: "fan 1x25", cameras: 1, each: 25, peers: true},
	{id: "fan 1x50", cameras: 1, each: 50, peers: true, turns: true},
	{id: "fan 1x100", cameras: 1, each: 100, peers: true, floors: []string{floorPull, floorEncrypt, floorPlain, floorMany}, turns: true},
	{id: "fan 1x150", cameras: 1, each: 150, peers: true, turns: true},
	{id: "fan 1x300", cameras: 1, each: 300},
}

// fieldScenarios have many cameras, or another way.
var fieldScenarios = []fanScenario{
	{id: "fan 32x1", cameras: 32, each: 1, peers: true, floors: []string{floorPull, floorCut}},
	{id: "fan 4x10", cameras: 4, each: 10, peers: true},
	{id: "fan 4x1", cameras: 4, each: 1, peers: true},
	{id: "fan 50x6", cameras: 50, each: 6},
	{id: "fan 1x50 WebSocket", cameras: 1, each: 50, page: true},
	{id: "fan 1x100 without GSO", cameras: 1, each: 100, plain: true},
}

// growthCamera is small, so that two hundred of it are not what two cores bend under.
var growthCamera = clip{width: 640, height: 360, kbps: 500, gop: 25}

// growthScenarios are one camera after another, each with a viewer.
var growthScenarios = []fanScenario{
	{id: "fan grow 1x1", cameras: 1, each: 1, clip: growthCamera},
	{id: "fan grow 25x1", cameras: 25, each: 1, clip: growthCamera},
	{id: "fan grow 50x1", cameras: 50, each: 1, clip: growthCamera},
	{id: "fan grow 100x1", cameras: 100, each: 1, clip: growthCamera},
	{id: "fan grow 200x1", cameras: 200, each: 1, clip: growthCamera},
}

// wanted gives those whose name has a text in it.
func wanted(all []fanScenario, only string) []fanScenario {
	return slices.DeleteFunc(slices.Clone(all), func(s fanScenario) bool { return !strings.Contains(s.id, only) })
}

// starter starts a system before cameras.
type starter struct {
	name  string
	start func(ctx context.Context, dir string, sources []source, o fanOptions) (*fanSystem, error)
}

// systems are the gateway and, if asked, its peers.
func (b *fanBed) systems(peers bool) []starter {
	all := []starter{{systemOurs, func(ctx context.Context, dir string, sources []source, o fanOptions) (*fanSystem, error) {
		return startOurs(ctx, b.paths, dir, sources, o)
	}}}
	if peers && b.paths.mediamtx != "" {
		all = append(all, starter{systemMTX, func(ctx context.Context, dir string, sources []source, _ fanOptions) (*fanSystem, error) {
			return startMediaMTX(ctx, b.paths.mediamtx, dir, sources)
		}})
	}
	for _, p := range b.peers {
		if peers {
			all = append(all, starter{p.name, func(context.Context, string, []source, fanOptions) (*fanSystem, error) { return p.start() }})
		}
	}
	return all
}

// joinRate is how many viewers a second come while a reading is prepared.
const joinRate = 40

// climb measures scenarios of the same cameras, one after the other: viewers come, none leaves.
func (b *fanBed) climb(ctx context.Context, all []fanScenario) error {
	if len(all) == 0 {
		return nil
	}
	top := all[len(all)-1]
	show := fanCamera
	if top.clip != (clip{}) {
		show = top.clip
	}
	sc, err := b.openScene(ctx, show, top.cameras)
	if err != nil {
		return err
	}
	defer sc.close()
	for _, system := range b.systems(slices.ContainsFunc(all, func(s fanScenario) bool { return s.peers })) {
		steps := slices.DeleteFunc(slices.Clone(all), func(s fanScenario) bool { return !s.peers && system.name != systemOurs })
		if err := b.climbWith(ctx, sc, system, steps); err != nil {
			return fmt.Errorf("%s: %w", system.name, err)
		}
	}
	for _, s := range all {
		for _, way := range s.floors {
			each := s.each
			if way == floorPull {
				each = 0
			}
			b.note(b.lookAtFloor(ctx, s.id, way, sc, s.cameras, each))
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		if s.turns {
			if err := b.turnAbout(ctx, sc, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// systemBeside is a gateway that has just begun, between two readings of the floor.
const systemBeside = systemOurs + ", beside the floor"

// turnAbout measures the GSO floor, the gateway, and the floor again, which counts with the mean of both: what a machine does in a second may
// drift by a third within minutes, above all a virtual one.
func (b *fanBed) turnAbout(ctx context.Context, sc *scene, s fanScenario) error {
	before := b.lookAtFloor(ctx, s.id, floorCut, sc, s.cameras, s.each)
	ours := b.systems(false)[0]
	ours.name = systemBeside
	if err := b.climbWith(ctx, sc, ours, []fanScenario{s}); err != nil {
		return err
	}
	b.note(mean(before, b.lookAtFloor(ctx, s.id, floorCut, sc, s.cameras, s.each)))
	return ctx.Err()
}

// climbWith measures one system.
func (b *fanBed) climbWith(ctx context.Context, sc *scene, with starter, steps []fanScenario) error {
	top := steps[len(steps)-1]
	had, err := sc.sessions(ctx, top.cameras)
	if err != nil {
		return err
	}
	system, err := with.start(ctx, sc.dir, sc.List[:top.cameras], fanOptions{viewers: top.viewers(), page: top.page, plain: top.plain})
	if err != nil {
		return err
	}
	defer system.end()
	if !strings.HasPrefix(with.name, systemOurs) {
		if err := system.warm(ctx, top.cameras); err != nil {
			return fmt.Errorf("wait until it serves the cameras: %w", err)
		}
	}
	crowd, err := startAudience("", "127.0.0.1")
	if err != nil {
		return err
	}
	defer crowd.end()
	here := 0
	for _, s := range steps {
		r := reading{scenario: s.id, system: with.name, cameras: s.cameras, viewers: s.viewers()}
		r.err = func() error {
			var joins []crowdJoin
			for ; here < s.viewers(); here++ {
				joins = append(joins, system.join(here%s.cameras, here))
			}
			var err error
			if r.joined, err = crowd.join(ctx, joins, time.Duration(len(joins))*time.Second/joinRate); err != nil {
				return err
			}
			if here == len(joins) {
				if err := pause(ctx, b.settle); err != nil { // a process that has just begun is busy with itself
					return err
				}
			}
			if err := b.look(ctx, &r, sc, system.child, crowd, system.figures); err != nil {
				return err
			}
			if len(b.peers) > 0 {
				return nil // they have sessions of their own, all the time
			}
			now, err := sc.sessions(ctx, s.cameras)
			r.sessions = now - had
			return err
		}()
		b.note(r)
		if r.err != nil {
			return r.err
		}
	}
	return nil
}
