package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// patience is how long a tile may take to be live before its opening counts as failed.
const patience = 15 * time.Second

// plan tells a player process what to open. It crosses a pipe as JSON.
type plan struct {
	URL       string        `json:"url"`       // the gateway's
	Control   string        `json:"control"`   // of the cameras: what they sent and when
	Sources   []source      `json:"sources"`   // the cameras, in the order of Control
	Cameras   []string      `json:"cameras"`   // their ids at the gateway, in the same order
	Player    string        `json:"player"`    // pion or chromium
	Tiles     int           `json:"tiles"`     // opened at once
	Opens     int           `json:"opens"`     // how many times
	Interval  time.Duration `json:"interval"`  // from keyframe to keyframe
	Overlap   bool          `json:"overlap"`   // the next opening need not wait for the end of this one
	Cold      bool          `json:"cold"`      // each opening takes cameras that nobody has watched
	WHEP      []crowdJoin   `json:"whep"`      // pion: come so to each camera, in the same order; empty: by the page's WebSocket
	Addresses []string      `json:"addresses"` // pion: each opening comes from the next of these; empty: any
}

// player opens views of a gateway.
type player interface {
	// open opens n-th tiles at once, tile i with cameras[i], waits until all have been live for a second, and closes them.
	open(ctx context.Context, n int, cameras []int) []opening
	close()
}

// run opens views at random offsets between two keyframes and gives what each tile was like.
func (p plan) run(ctx context.Context) ([]opening, error) {
	var (
		with player
		err  error
	)
	switch p.Player {
	case "pion":
		with, err = newPool(ctx, p)
	case "chromium":
		with, err = newBrowser(ctx, p)
	default:
		err = fmt.Errorf("there is no player %q", p.Player)
	}
	if err != nil {
		return nil, err
	}
	defer with.close()

	results := make([][]opening, p.Opens)
	at := newOffsets(p.Interval, p.Opens)
	var wg sync.WaitGroup
	for n := range p.Opens {
		select {
		case <-time.After(at.next(time.Now().Add(p.Interval / 5))):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		cameras := make([]int, p.Tiles)
		for i := range cameras {
			cameras[i] = i
			if p.Cold {
				cameras[i] = n*p.Tiles + i
			}
		}
		wg.Go(func() { results[n] = with.open(ctx, n, cameras) })
		if !p.Overlap {
			wg.Wait()
		}
	}
	wg.Wait()
	var all []opening
	for _, r := range results {
		all = append(all, r...)
	}
	return all, ctx.Err()
}

// runIn runs the plan in a process of its own, in a network namespace; empty: ours.
func (p plan) runIn(ctx context.Context, space string) ([]opening, error) {
	c, err := spawn("view", space, p)
	if err != nil {
		return nil, err
	}
	defer c.end()
	text, err := c.drain(ctx)
	if err != nil {
		return nil, err
	}
	var all []opening
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("read what the %s tells: %w", c.name, err)
	}
	return all, nil
}

// keepIn adds the plan's cameras to the gateway and watches them, unless the plan is cold, from a process of its own. It returns once all
// of them play, with their ids. The process ends with end.
func (p plan) keepIn(ctx context.Context, space string) (*child, []string, error) {
	c, err := spawn("keep", space, p)
	if err != nil {
		return nil, nil, err
	}
	line, err := c.line(ctx, "ready ")
	var ids []string
	if err == nil {
		err = json.Unmarshal([]byte(strings.TrimPrefix(line, "ready ")), &ids)
	}
	if err != nil {
		c.end()
		return nil, nil, err
	}
	return c, ids, nil
}

// spawn starts this program's half for a word in a process of its own, with its plan on standard input.
func spawn(word, space string, plan any) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	text, err := json.Marshal(plan)
	if err != nil {
		return nil, err
	}
	return order{name: "players", space: space, path: self, args: []string{word}, stdin: strings.NewReader(string(text))}.start()
}

// viewCommand is the players' half in another process.
type viewCommand struct{}

// Run opens views by the plan on standard input and prints what they were like.
func (viewCommand) Run(ctx context.Context, con console) error {
	var p plan
	err := readPlan(os.Stdin, &p)
	if err != nil {
		return err
	}
	all, err := p.run(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(con.out).Encode(all)
}

// keepCommand is the one who watches already when others come.
type keepCommand struct{}

// Run adds the plan's cameras, watches them until ctx ends, and prints "ready" with their ids when all of them play.
func (keepCommand) Run(ctx context.Context, con console) error {
	var p plan
	err := readPlan(os.Stdin, &p)
	if err != nil {
		return err
	}
	pool, err := newPool(ctx, p)
	if err != nil {
		return err
	}
	defer pool.close()
	ids := make([]string, len(p.Sources))
	for i, s := range p.Sources {
		if ids[i], err = addCamera(ctx, p.URL, pool.token, s); err != nil {
			return fmt.Errorf("add camera %d: %w", i+1, err)
		}
	}
	if p.Cold {
		return ready(ctx, con, ids)
	}
	tiles := make([]*tile, len(ids)) // all at once: each waits for a keyframe
	for i, id := range ids {
		if tiles[i], err = pool.watch(ctx, id, ""); err != nil {
			return fmt.Errorf("watch camera %d: %w", i+1, err)
		}
		defer tiles[i].close()
	}
	for i, t := range tiles {
		select {
		case <-t.playing:
		case <-time.After(patience):
			return fmt.Errorf("camera %d does not play after %v", i+1, patience)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ready(ctx, con, ids)
}

// ready tells the cameras' ids to who started this process, and stays until ctx ends.
func ready(ctx context.Context, con console, ids []string) error {
	text, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	fmt.Fprintf(con.out, "ready %s\n", text)
	<-ctx.Done()
	return nil
}

func readPlan(from io.Reader, into any) error {
	if err := json.NewDecoder(from).Decode(into); err != nil {
		return fmt.Errorf("read the plan: %w", err)
	}
	return nil
}
