package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

// hlsViewerJS is the page in the browser that looks at views by HLS.
//
//go:embed hlsviewer.js
var hlsViewerJS string

// Who makes the list, and what plays it.
const (
	sideOurs  = "the gateway, its own player"
	sidePlain = "the gateway, plain hls.js"
	sideMuxer = "FFmpeg's muxer, plain hls.js"
)

// hlsPlan tells a process what to open by HLS. It crosses a pipe as JSON.
type hlsPlan struct {
	plan                // of Cameras, the first is watched long and opened warm, the others are opened cold, once each
	Side      string    `json:"side"`
	Script    string    `json:"script"` // the player: hls.js or the product's own
	Warm      int       `json:"warm"`   // how many warm openings
	StayEvery int       `json:"stay_every"`
	LongMarks []float64 `json:"long_marks"` // when after its first picture the long view is looked at, ms
	WarmMarks []float64 `json:"warm_marks"` // and the first warm opening, if any are given
}

// What a view is looked at after its first picture.
const (
	markFirst = 0.0
	markShort = 1500.0
	mark10    = 10_000.0
	mark60    = 60_000.0
)

// hlsView is what one view by HLS was like. Times count from the click; ages from when the camera sent what is shown.
type hlsView struct {
	State  string        `json:"state"`  // stateCold, stateWarm or stateLong
	First  time.Duration `json:"first"`  // first picture presented
	Ages   []markedAge   `json:"ages"`   // how far behind live it was, at each mark that it reached
	Stalls int           `json:"stalls"` // after the first picture
	Held   int           `json:"held"`   // of these, how many while later pictures were at hand: the browser's own
	Fault  string        `json:"fault"`
}

// markedAge is how far behind live a view was a while after its first picture.
type markedAge struct {
	Mark float64       `json:"mark"`
	Age  time.Duration `json:"age"`
}

// What ran when a view was opened: no FFmpeg for the camera, or one since long. The long view is a cold opening as well.
const (
	stateCold = "cold"
	stateWarm = "warm"
	stateLong = "long"
)

// hlsSpacing is the least time between two openings: browsers decode in software here, and few pictures at once.
const hlsSpacing = 2 * time.Second

// listFull is when a muxer that was started has as many segments in its list as it will ever have.
func listFull(interval time.Duration) time.Duration {
	return muxerListed*max(interval, time.Second) + 2*time.Second
}

// run opens the views.
func (p hlsPlan) run(ctx context.Context) ([]hlsView, error) {
	script, err := os.ReadFile(p.Script)
	if err != nil {
		return nil, fmt.Errorf("read the player: %w", err)
	}
	b, err := startBrowser(ctx, p.plan, string(script)+"\n;0;", hlsViewerJS)
	if err != nil {
		return nil, err
	}
	defer b.close()
	door := "hlsBench"
	if p.Side == sideOurs {
		door = "productPlayer"
	}
	if err := b.tab.evaluate(ctx, fmt.Sprintf("%s.signIn(%q, %q).then(hlsBench.prepare)", door, "admin", password), nil); err != nil {
		return nil, err
	}
	player := &hlsPlayer{plan: p, tab: b.tab, diary: &diary{control: p.Control}}
	if p.Side == sideMuxer {
		if player.muxer, err = newMuxer(p.Sources); err != nil {
			return nil, err
		}
		defer player.muxer.close()
	}
	inner, stop := context.WithCancel(ctx)
	var diary sync.WaitGroup
	diary.Go(func() { player.diary.run(inner) })
	defer func() {
		stop()
		diary.Wait()
	}()
	return player.open(ctx)
}

// hlsPlayer opens views by HLS in one page.
type hlsPlayer struct {
	plan  hlsPlan
	tab   *tab
	muxer *muxer // nil: the gateway's own
	diary *diary
}

// open opens the long view, the cold ones, and when lists are full the warm ones; views overlap.
func (h *hlsPlayer) open(ctx context.Context) ([]hlsView, error) {
	cold := len(h.plan.Cameras) - 1
	all := make([]hlsView, 1+cold+h.plan.Warm)
	full := time.Now().Add(listFull(h.plan.Interval))
	var wg sync.WaitGroup
	wg.Go(func() { all[0] = h.view(ctx, 0, stateLong, h.plan.LongMarks) })
	at := newOffsets(h.plan.Interval, cold)
	next := time.Now().Add(2 * time.Second)
	for n := 1; n < len(all); n++ {
		camera, state := n, stateCold
		if n > cold {
			camera, state = 0, stateWarm
		}
		if n == cold+1 {
			at, next = newOffsets(h.plan.Interval, h.plan.Warm), full
		}
		if soon := time.Now().Add(hlsSpacing); next.Before(soon) {
			next = soon
		}
		select {
		case <-time.After(at.next(next)):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		marks := []float64{markFirst, markShort}
		if n%h.plan.StayEvery == 0 {
			marks = append(marks, mark10)
		}
		if n == cold+1 && len(h.plan.WarmMarks) > 0 {
			marks = h.plan.WarmMarks
		}
		wg.Go(func() { all[n] = h.view(ctx, camera, state, marks) })
	}
	wg.Wait()
	return all, ctx.Err()
}

// hlsSight is what the page saw of one view. Times are milliseconds since 1970.
type hlsSight struct {
	Clicked float64      `json:"clicked"`
	First   float64      `json:"first"`
	Codes   [][3]float64 `json:"codes"` // when read, for which mark, the place in the camera's loop of what was shown
	Waits   int          `json:"waits"`
	Held    int          `json:"held"` // of Waits: pictures were at hand
	Gaps    int          `json:"gaps"`
	Fault   string       `json:"fault"`
}

// view opens a view, looks at it at the marks, and closes it.
func (h *hlsPlayer) view(ctx context.Context, camera int, state string, marks []float64) hlsView {
	v := hlsView{State: state}
	text, err := json.Marshal(marks)
	var seen hlsSight
	if err == nil {
		err = h.tab.evaluate(ctx, fmt.Sprintf("hlsBench.watch(%s, %s)", h.player(camera), text), &seen)
	}
	if err == nil {
		err = h.diary.refresh(ctx)
	}
	if err != nil {
		v.Fault = err.Error()
		return v
	}
	v.Fault, v.Stalls, v.Held = seen.Fault, max(seen.Waits, seen.Gaps), seen.Held
	if v.Fault != "" {
		return v
	}
	v.First = span(seen.First - seen.Clicked)
	for _, mark := range marks {
		var ages []time.Duration
		for _, code := range seen.Codes {
			if sent, ok := h.diary.sent(camera, int(code[2]), code[0]); ok && code[1] == mark {
				ages = append(ages, span(code[0]-sent))
			}
		}
		if len(ages) == 0 {
			v.Fault = "the camera does not know the picture that was shown"
			return v
		}
		slices.Sort(ages)
		v.Ages = append(v.Ages, markedAge{mark, ages[len(ages)/2]})
	}
	return v
}

// player gives what makes a player of a camera in the page.
func (h *hlsPlayer) player(camera int) string {
	switch h.plan.Side {
	case sideOurs:
		return fmt.Sprintf("productPlayer.open(%q)", h.plan.Cameras[camera])
	case sideMuxer:
		exit := h.muxer.url + "/close/"
		if camera == 0 {
			exit = "" // it stays warm
		}
		return fmt.Sprintf("hlsBench.plain(%q, %q)", h.muxer.url+"/open/"+strconv.Itoa(camera), exit)
	default:
		return fmt.Sprintf("hlsBench.plain(%q, %q)", "/api/v1/cameras/"+h.plan.Cameras[camera]+"/hls", "/api/v1/views/")
	}
}

// hlsCommand is the half of measuring HLS that opens views.
type hlsCommand struct{}

// Run opens views by the plan on standard input and prints what they were like.
func (hlsCommand) Run(ctx context.Context, con console) error {
	var p hlsPlan
	if err := readPlan(os.Stdin, &p); err != nil {
		return err
	}
	all, err := p.run(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(con.out).Encode(all)
}
