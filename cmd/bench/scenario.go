package main

import "time"

// scenario is one thing to measure: what the cameras send, who watches, and over what.
type scenario struct {
	id      string
	player  string // pion or chromium
	clip    clip
	tiles   int // opened at once, each another camera
	opens   int
	network network
	known   bool // over a line: from an address that the gateway knows, not each time from a new one
	cold    bool // cameras that nobody watches yet; measured with the cache only
	alone   bool // needs the machine for itself: its two sides run one after the other
	promise promise
}

// promise is what must hold, as ratios of medians with the cache to those without it. 0 promises nothing.
type promise struct{ first, live float64 }

// quarter is the promise of the first picture.
var quarter = promise{0.25, 0.25}

// What cameras send in the scenarios: a keyframe every 4 s.
var (
	small      = clip{width: 640, height: 360, kbps: 800, gop: 100}
	smallSound = clip{width: 640, height: 360, kbps: 800, gop: 100, audio: "pcma"}
	large      = clip{width: 1920, height: 1080, kbps: 4000, gop: 100}
	largeSound = clip{width: 1920, height: 1080, kbps: 4000, gop: 100, audio: "pcma"}
)

// scenarios are all there is to measure, in order. Those of one group run at the same time.
var scenarios = [][]scenario{
	{
		{id: "pion 360p", player: "pion", clip: small, tiles: 1, opens: 16, promise: quarter},
		{id: "pion 360p sound", player: "pion", clip: smallSound, tiles: 1, opens: 16, promise: quarter},
	},
	{
		{id: "pion 1080p", player: "pion", clip: large, tiles: 1, opens: 16, promise: quarter},
		{id: "pion 1080p sound", player: "pion", clip: largeSound, tiles: 1, opens: 16, promise: quarter},
	},
	{{id: "pion 360p ×4", player: "pion", clip: smallSound, tiles: 4, opens: 10, promise: quarter}},
	{{id: "pion 1080p ×4", player: "pion", clip: largeSound, tiles: 4, opens: 10, promise: quarter}},
	{
		{id: "line 360p", player: "pion", clip: smallSound, tiles: 1, opens: 8, network: narrow},
		{id: "line 360p ×4", player: "pion", clip: smallSound, tiles: 4, opens: 8, network: narrow},
		{id: "line 1080p", player: "pion", clip: largeSound, tiles: 1, opens: 8, network: narrow},
		{id: "line 1080p known", player: "pion", clip: largeSound, tiles: 1, opens: 8, network: narrow, known: true},
		{id: "cold 360p", player: "pion", clip: smallSound, tiles: 1, opens: 8, cold: true},
		{id: "cold 1080p", player: "pion", clip: largeSound, tiles: 1, opens: 8, cold: true},
	},
	{{id: "chromium 360p", player: "chromium", clip: smallSound, tiles: 1, opens: 6, promise: quarter}},
	{{id: "chromium 1080p", player: "chromium", clip: largeSound, tiles: 1, opens: 12, alone: true, promise: quarter}},
	{{id: "chromium 360p ×4", player: "chromium", clip: smallSound, tiles: 4, opens: 6, alone: true, promise: quarter}},
	{
		{id: "chromium line 360p", player: "chromium", clip: smallSound, tiles: 1, opens: 6, network: narrow},
		{id: "chromium line 360p ×4", player: "chromium", clip: smallSound, tiles: 4, opens: 6, network: narrow},
	},
	{{id: "chromium line 1080p", player: "chromium", clip: largeSound, tiles: 1, opens: 6, network: narrow}},
}

// cameras is how many the scenario needs.
func (s scenario) cameras() int {
	if s.cold {
		return s.tiles * s.opens
	}
	return s.tiles
}

// nomads is from how many addresses beside its usual one the player comes.
func (s scenario) nomads() int {
	if s.network.rate == 0 || s.player != "pion" || s.known {
		return 0
	}
	return s.opens
}

// result is what was measured in one scenario.
type result struct {
	scenario
	cached, bare []opening
	usage        usage // of the gateway with the cache, while it was measured
	took         time.Duration
	firstR       float64  // median with the cache to that without: first picture; 0: not measured
	liveR        float64  // live
	broken       []string // why the run is not good
	skipped      string   // why it was not measured; empty: it was
	err          error
}
