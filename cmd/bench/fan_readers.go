package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// The scenario of readers with bad lines, and its two readings.
const (
	fanReaders  = "fan bad readers"
	readersGood = systemOurs + ", beside healthy readers"
	readersBad  = systemOurs + ", beside slow and lossy readers"
)

const (
	readersHealthy = 40 // whose frame age is looked at
	readersEach    = 10 // slow, and as many lossy
)

// readers measures whether viewers behind a line that is too narrow, and viewers whose line loses packets, raise the others' frame age.
// The others are first measured beside as many healthy ones.
func (b *fanBed) readers(ctx context.Context) error {
	if !canMakeStreets() {
		b.skipped = append(b.skipped, fanReaders+": network namespaces need Linux, root, and the programs ip, tc and nft")
		fmt.Fprintf(b.tell, "%-24s left out: %s\n", fanReaders, b.skipped[len(b.skipped)-1])
		return nil
	}
	dir, err := os.MkdirTemp("", "rtsp-viewer-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	s, err := newStreets(ctx)
	if err != nil {
		return fmt.Errorf("make the streets: %w", err)
	}
	defer s.close()
	shown, err := startCameras(ctx, b.paths.cameras, s.home, "127.0.0.1", dir, fanCamera, 1)
	if err != nil {
		return err
	}
	defer shown.end()
	gateway, err := startGateway(ctx, b.paths.gateway, s.home, streetHost, dir, nil)
	if err != nil {
		return err
	}
	defer gateway.end()
	all := readersHealthy + 3*readersEach
	who, err := setUpIn(ctx, s.home, gateway.url, shown.List, 2*all)
	if err != nil {
		return err
	}
	join := who.joins(false)
	next := 0
	joins := func(n int) (list []crowdJoin) {
		for range n {
			list = append(list, join(0, next))
			next++
		}
		return list
	}
	steady, err := startAudience(s.home, streetHost)
	if err != nil {
		return err
	}
	defer steady.end()
	sc := &scene{cameras: shown}
	good := reading{scenario: fanReaders, system: readersGood, cameras: 1, viewers: readersHealthy + 2*readersEach}
	if good.joined, err = steady.join(ctx, joins(readersHealthy), readersHealthy*time.Second/joinRate); err != nil {
		return err
	}
	err = func() error {
		more, err := startAudience(s.home, streetHost)
		if err != nil {
			return err
		}
		defer more.end()
		if _, err := more.join(ctx, joins(2*readersEach), time.Second); err != nil {
			return err
		}
		return b.look(ctx, &good, sc, gateway.child, steady, nil)
	}()
	if err != nil {
		return err
	}
	b.note(good)

	next = readersHealthy // their places are free again
	bad := reading{scenario: fanReaders, system: readersBad, cameras: 1, viewers: good.viewers}
	ill := []reading{
		{scenario: fanReaders, system: "slow readers themselves", cameras: 1, viewers: readersEach, ill: true},
		{scenario: fanReaders, system: "lossy readers themselves", cameras: 1, viewers: readersEach, ill: true},
	}
	var coming errgroup.Group
	var crowds []*audience
	for i, end := range []street{s.slow, s.lossy} {
		crowd, err := startAudience(end.space, end.host)
		if err != nil {
			return err
		}
		defer crowd.end()
		crowds = append(crowds, crowd)
		list := joins(readersEach)
		coming.Go(func() (err error) {
			ill[i].joined, err = crowd.join(ctx, list, time.Second)
			return err
		})
	}
	if err := pause(ctx, 4*time.Second); err != nil {
		return err
	}
	if err := b.look(ctx, &bad, sc, gateway.child, steady, nil); err != nil {
		return err
	}
	b.note(bad)
	if err := coming.Wait(); err != nil { // those who are never live are given up after a while
		return err
	}
	for i, crowd := range crowds {
		if ill[i].window, err = crowd.read(ctx); err != nil {
			return err
		}
		b.note(ill[i])
	}
	return nil
}

// setUpPlan is what setUp needs, in another namespace.
type setUpPlan struct {
	URL     string   `json:"url"`
	Sources []source `json:"sources"`
	Viewers int      `json:"viewers"`
}

// setUpIn does setUp from a network namespace.
func setUpIn(ctx context.Context, space, url string, sources []source, viewers int) (p people, err error) {
	c, err := spawn("set-up", space, setUpPlan{url, sources, viewers})
	if err != nil {
		return p, err
	}
	defer c.end()
	text, err := c.drain(ctx)
	if err != nil {
		return p, err
	}
	return p, json.NewDecoder(strings.NewReader(text)).Decode(&p)
}

// setUpCommand is setUp in a process of its own.
type setUpCommand struct{}

// Run sets a gateway up by the plan on standard input and prints who may watch what.
func (setUpCommand) Run(ctx context.Context, con console) error {
	var s setUpPlan
	if err := readPlan(os.Stdin, &s); err != nil {
		return err
	}
	p, err := setUp(ctx, s.URL, s.Sources, s.Viewers)
	if err != nil {
		return err
	}
	return json.NewEncoder(con.out).Encode(p)
}
