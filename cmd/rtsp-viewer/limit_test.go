package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/signaling"
)

// TestFifthViewClosesTheOldest counts views over all of a user's pages.
func TestFifthViewClosesTheOldest(t *testing.T) {
	g := startGateway(t)
	_, one := g.simulated(small(1))
	_, two := g.simulated(small(2))
	first, second := g.openPage(g.admin), g.openPage(g.admin)

	var tiles []*tile
	for i := range 4 {
		x := first.watch([]cameraAnswer{one, two}[i%2])
		x.wantFrames(1, 10*time.Second)
		tiles = append(tiles, x)
	}
	// A machine does not evict.
	refused := second.watch(two, func(m *signaling.ClientMessage) { m.Admit = "if_free" })
	refused.wantError("view.limit", 5*time.Second)

	fifth := second.watch(two, func(m *signaling.ClientMessage) { m.Label = "control room 2" })
	end := tiles[0].wantEnd("view.evicted", 2*time.Second)
	if end.Retry {
		t.Error("an evicted view may not be opened again by a machine")
	}
	if end.Params["camera"] != two.Name || end.Params["where"] == "" {
		t.Errorf("the evicted is not told what was opened where: %v", end.Params)
	}
	fifth.wantFrames(5, 10*time.Second)
	for _, x := range tiles[1:] {
		x.wantFrames(5, 5*time.Second)
	}
	var views struct {
		Total int `json:"total"`
	}
	g.admin.want(http.StatusOK, "GET", "/me/views", nil, &views)
	if views.Total != 4 {
		t.Errorf("%d views, want 4", views.Total)
	}
	// The evicted id answers the machine with its end.
	again := first.watch(one, func(m *signaling.ClientMessage) { m.View, m.Admit = tiles[0].view, "if_free" })
	again.wantError("view.evicted", 5*time.Second)
}

// TestCallingAnotherCameraTouchesOnlyItsTile replaces the camera of one tile of four.
func TestCallingAnotherCameraTouchesOnlyItsTile(t *testing.T) {
	g := startGateway(t)
	_, one := g.simulated(small(1))
	_, two := g.simulated(small(2))
	p := g.openPage(g.admin)
	var tiles []*tile
	for range 4 {
		x := p.watch(one)
		x.wantFrames(1, 10*time.Second)
		tiles = append(tiles, x)
	}
	moved := p.watch(two, func(m *signaling.ClientMessage) { m.View = tiles[2].view })
	moved.wantFrames(5, 10*time.Second)
	for i, x := range tiles {
		if i == 2 {
			continue
		}
		x.wantFrames(5, 5*time.Second)
		x.mu.Lock()
		if len(x.ends) > 0 {
			t.Errorf("tile %d ended: %+v", i, x.ends)
		}
		x.mu.Unlock()
	}
}
