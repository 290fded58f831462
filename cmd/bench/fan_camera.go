package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// keptCameras is how many cameras of each kind memory is measured with.
const keptCameras = 4

// keptClips are the kinds: by bit rate, and by the time between keyframes.
var keptClips = []clip{
	{width: 640, height: 360, kbps: 800, gop: 25}, {width: 640, height: 360, kbps: 800, gop: 100},
	{width: 1280, height: 720, kbps: 2000, gop: 25}, {width: 1280, height: 720, kbps: 2000, gop: 100},
	{width: 1920, height: 1080, kbps: 4000, gop: 25}, {width: 1920, height: 1080, kbps: 4000, gop: 100},
}

const fanMemory = "fan memory of a camera"

// kept measures what a camera that is watched takes of memory; all kinds at the same time, each with a gateway of its own.
func (b *fanBed) kept(ctx context.Context) error {
	all := make([]reading, len(keptClips))
	var group errgroup.Group
	for i, c := range keptClips {
		group.Go(func() error {
			all[i] = reading{scenario: fanMemory, system: fmt.Sprintf("%s, keyframe every %v", c, c.interval()), cameras: keptCameras, viewers: keptCameras}
			all[i].err = b.keptOf(ctx, c, &all[i])
			return all[i].err
		})
	}
	err := group.Wait()
	for _, r := range all {
		b.note(r)
	}
	return err
}

func (b *fanBed) keptOf(ctx context.Context, c clip, r *reading) error {
	sc, err := b.openScene(ctx, c, keptCameras)
	if err != nil {
		return err
	}
	defer sc.close()
	system, err := startOurs(ctx, b.paths, sc.dir, sc.List, fanOptions{viewers: keptCameras})
	if err != nil {
		return err
	}
	defer system.end()
	if err := pause(ctx, b.settle); err != nil {
		return err
	}
	idle, err := system.child.usage()
	if err != nil {
		return err
	}
	crowd, err := startAudience("", "127.0.0.1")
	if err != nil {
		return err
	}
	defer crowd.end()
	var joins []crowdJoin
	for i := range keptCameras {
		joins = append(joins, system.join(i, i))
	}
	if r.joined, err = crowd.join(ctx, joins, time.Second); err != nil {
		return err
	}
	// Until what is kept has its full length: since the keyframe before last.
	if err := pause(ctx, 2*c.interval()+2*time.Second); err != nil {
		return err
	}
	if err := b.look(ctx, r, sc, system.child, crowd, system.figures); err != nil {
		return err
	}
	r.memory -= idle.memory
	return nil
}
