package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// The scenarios of coming.
const (
	fanKeyframe = "fan keyframe 4s"
	fanStorm    = "fan 100 joins"
)

// systemPage is the gateway with viewers by the WebSocket.
const systemPage = systemOurs + ", WebSocket"

// rareKeyframes is fanCamera with a keyframe every 4 s.
var rareKeyframes = clip{width: 1280, height: 720, kbps: 2000, gop: 100}

// fanOpenings is how many viewers come at random moments between two keyframes.
const fanOpenings = 24

// keyframes measures how soon viewers are live who come to a camera that is watched and sends a keyframe every 4 s. They are pion's peer
// connections, whole. All systems are measured at the same time, before the same camera.
func (b *fanBed) keyframes(ctx context.Context) error {
	sc, err := b.openScene(ctx, rareKeyframes, 1)
	if err != nil {
		return err
	}
	defer sc.close()
	crowd, err := startAudience("", "127.0.0.1")
	if err != nil {
		return err
	}
	defer crowd.end()
	var group errgroup.Group
	var all []*reading
	parties := []*child{sc.child, crowd.child}
	var systems []*fanSystem
	for _, with := range b.systems(true) {
		system, err := with.start(ctx, sc.dir, sc.List, fanOptions{viewers: viewsOfOne})
		if err != nil {
			return fmt.Errorf("%s: %w", with.name, err)
		}
		defer system.end()
		systems, parties = append(systems, system), append(parties, system.child)
		if with.name != systemOurs {
			if err := system.warm(ctx, 1); err != nil {
				return fmt.Errorf("%s: %w", with.name, err)
			}
		}
		came, err := crowd.join(ctx, []crowdJoin{system.join(0, 0)}, time.Second)
		if err == nil && came[0].Fault != "" {
			err = errors.New(came[0].Fault)
		}
		if err != nil {
			return fmt.Errorf("%s: watch the camera: %w", with.name, err)
		}
	}
	before, err := takeAll(parties)
	if err != nil {
		return err
	}
	for _, system := range systems {
		p := plan{Player: "pion", Tiles: 1, Opens: b.openings, Interval: rareKeyframes.interval(), Overlap: true, WHEP: []crowdJoin{system.join(0, 0)}}
		b.opens(ctx, &group, &all, system.name, p)
		if system.name == systemOurs {
			page := p
			page.WHEP, page.URL, page.Cameras = nil, system.people.URL, system.people.Cameras
			b.opens(ctx, &group, &all, systemPage, page)
		}
	}
	err = group.Wait()
	after, failed := takeAll(parties)
	for _, r := range all {
		if failed == nil {
			r.shared(before, after)
		}
		b.note(*r)
	}
	return errors.Join(err, failed)
}

// opens lets viewers come by a plan, meanwhile.
func (b *fanBed) opens(ctx context.Context, group *errgroup.Group, all *[]*reading, name string, p plan) {
	r := &reading{scenario: fanKeyframe, system: name, cameras: 1}
	*all = append(*all, r)
	group.Go(func() error {
		r.joined, r.err = p.runIn(ctx, "")
		return r.err
	})
}

const (
	stormSteady = 50  // viewers that were there before
	stormCome   = 100 // come in one second
	stormLook   = 2 * time.Second
)

// The moments of fanStorm, as names of systems' readings.
const (
	stormBefore = ", before"
	stormDuring = ", during"
	stormAfter  = ", after"
)

// storm measures what viewers have of 100 others who come in one second.
func (b *fanBed) storm(ctx context.Context) error {
	sc, err := b.openScene(ctx, fanCamera, 1)
	if err != nil {
		return err
	}
	defer sc.close()
	for _, with := range b.systems(true) {
		if err := b.stormWith(ctx, sc, with); err != nil {
			return fmt.Errorf("%s: %w", with.name, err)
		}
	}
	return nil
}

func (b *fanBed) stormWith(ctx context.Context, sc *scene, with starter) error {
	system, err := with.start(ctx, sc.dir, sc.List, fanOptions{viewers: stormSteady + stormCome})
	if err != nil {
		return err
	}
	defer system.end()
	if with.name != systemOurs {
		if err := system.warm(ctx, 1); err != nil {
			return err
		}
	}
	steady, err := startAudience("", "127.0.0.1")
	if err != nil {
		return err
	}
	defer steady.end()
	others, err := startAudience("", "127.0.0.1")
	if err != nil {
		return err
	}
	defer others.end()
	joins := func(from, n int) (all []crowdJoin) {
		for i := range n {
			all = append(all, system.join(0, from+i))
		}
		return all
	}
	before := reading{scenario: fanStorm, system: with.name + stormBefore, cameras: 1, viewers: stormSteady}
	if before.joined, err = steady.join(ctx, joins(0, stormSteady), stormSteady*time.Second/joinRate); err != nil {
		return err
	}
	if err := b.look(ctx, &before, sc, system.child, steady, nil); err != nil {
		return err
	}
	b.note(before)

	during := reading{scenario: fanStorm, system: with.name + stormDuring, cameras: 1, viewers: stormSteady}
	if err := steady.mark(ctx); err != nil {
		return err
	}
	parties := []*child{sc.child, system.child, steady.child, others.child}
	from, err := takeAll(parties)
	if err != nil {
		return err
	}
	began, err := system.child.usage()
	if err != nil {
		return err
	}
	var coming errgroup.Group
	coming.Go(func() (err error) {
		during.joined, err = others.join(ctx, joins(stormSteady, stormCome), time.Second)
		return err
	})
	err = pause(ctx, stormLook)
	if err == nil {
		during.window, err = steady.read(ctx)
	}
	ended, failed := system.child.usage()
	if to, err := takeAll(parties); err == nil {
		during.shared(from, to)
	}
	if err := errors.Join(err, failed, coming.Wait()); err != nil {
		return err
	}
	during.cpu, during.memory = (ended.cpu-began.cpu)*time.Duration(time.Second)/stormLook, ended.memory
	b.note(during)

	after := reading{scenario: fanStorm, system: with.name + stormAfter, cameras: 1, viewers: stormSteady + stormCome}
	if err := b.look(ctx, &after, sc, system.child, steady, nil); err != nil {
		return err
	}
	b.note(after)
	return nil
}
