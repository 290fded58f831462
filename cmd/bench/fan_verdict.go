package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

// verdict is one promise held against what was measured.
type verdict struct {
	what    string
	ours    string  // the gateway's figure, in words
	other   string  // what it is compared with; empty: the promise is a figure itself
	value   float64 // the ratio, or the figure
	limit   float64 // 0: reported, not judged
	note    string  // what disturbed it
	percent bool    // value and limit are parts of a hundred
}

// holds tells whether the promise holds.
func (v verdict) holds() bool { return v.limit == 0 || v.value <= v.limit }

// exact marks a limit of none at all.
const exact = 1e-9

// The promises of many viewers: ratios to a peer's figure and to a floor's.
const (
	promiseViewerPeer  = 0.35
	promiseViewerFloor = 1.6
	promisePlainPeer   = 0.6
	promiseCameraPeer  = 0.6
	promiseCameraFloor = 1.6
	promiseAgePeer     = 0.5
	promiseAgeFloor    = 2
	promiseLivePeer    = 1. / 15
	promiseLateLive    = 1. / 12
	promiseViewerBytes = 0.5e6
	promiseMachine     = 0.02
	promiseStorm       = 1.5  // of the frame age beside as many viewers who are there already
	promiseReaders     = 1.5  // of the frame age beside as many healthy ones
	promiseFlat        = 1.25 // of the cost of one, where there are half as many or fewer
)

// judge holds all promises against readings. Promises of which nothing was measured are left out.
func (all readings) judge() (list []verdict) {
	list = append(list, all.judgeViewers()...)
	list = append(list, all.judgeCameras()...)
	list = append(list, all.judgeComing()...)
	list = append(list, all.judgeGrowth()...)
	return append(list, all.judgeLosses()...)
}

// ratio compares a figure of two readings; nothing if one was not taken.
func (all readings) ratio(what, scenario, system, otherScenario, other string, figure func(reading) float64, unit string, limit float64) []verdict {
	a, ok := all.find(scenario, system)
	b, ok2 := all.find(otherScenario, other)
	if !ok || !ok2 || figure(b) == 0 {
		return nil
	}
	return []verdict{{
		what: what, ours: fmt.Sprintf("%.2f %s", figure(a), unit), other: fmt.Sprintf("%s: %.2f %s", other, figure(b), unit),
		value: figure(a) / figure(b), limit: limit, note: noteOf(a, b),
	}}
}

// noteOf says what disturbed readings.
func noteOf(all ...reading) string {
	var words []string
	for _, r := range all {
		if r.disturbed() {
			words = append(words, fmt.Sprintf("under load: others took %.0f %% of the machine (%s)", 100*r.others, r.system))
		}
		if r.busy > 0.95 && !r.disturbed() {
			words = append(words, fmt.Sprintf("the machine was full (%s)", r.system))
		}
	}
	return strings.Join(words, "; ")
}

// The figures that are compared.
func ageOf(r reading) float64 { return float64(r.window.P99) / float64(time.Millisecond) }
func liveMedian(r reading) float64 {
	return float64(spreadOf(r.joined, liveOf).median) / float64(time.Millisecond)
}
func liveLate(r reading) float64 {
	return float64(spreadOf(r.joined, liveOf).p95) / float64(time.Millisecond)
}

func (all readings) judgeViewers() (list []verdict) {
	for _, n := range []int{50, 100, 150} {
		scenario, what := fmt.Sprintf("fan 1x%d", n), fmt.Sprintf("processor per viewer-second, %d viewers", n)
		list = append(list, all.ratio(what, scenario, systemOurs, scenario, systemMTX, reading.perViewer, "ms", promiseViewerPeer)...)
		list = append(list, all.ratio(what, scenario, systemBeside, scenario, "floor: "+floorCut, reading.perViewer, "ms", promiseViewerFloor)...)
	}
	list = append(list, all.ratio("processor per viewer-second, 100 viewers, without GSO", "fan 1x100 without GSO", systemOurs, "fan 1x100", systemMTX,
		reading.perViewer, "ms", promisePlainPeer)...)
	list = append(list, all.ratio("frame age p99, 150 viewers", "fan 1x150", systemOurs, "fan 1x150", systemMTX, ageOf, "ms", promiseAgePeer)...)
	list = append(list, all.ratio("frame age p99, 150 viewers", "fan 1x150", systemBeside, "fan 1x150", "floor: "+floorCut, ageOf, "ms", promiseAgeFloor)...)
	list = append(list, all.slope("memory per viewer, 25 to 150 viewers", "fan 1x25", "fan 1x150")...)
	return append(list, all.slope("memory per viewer, 150 to 300 viewers", "fan 1x150", "fan 1x300")...)
}

// slope judges what one more viewer takes of memory.
func (all readings) slope(what, from, to string) []verdict {
	a, ok := all.find(from, systemOurs)
	b, ok2 := all.find(to, systemOurs)
	if !ok || !ok2 || b.viewers <= a.viewers {
		return nil
	}
	each := float64(b.memory-a.memory) / float64(b.viewers-a.viewers)
	return []verdict{{what: what, ours: fmt.Sprintf("%.2f MB", each/1e6), value: each / promiseViewerBytes, limit: 1, other: "0.5 MB"}}
}

func (all readings) judgeCameras() (list []verdict) {
	const scenario, what = "fan 32x1", "processor per camera-second, 32 cameras with one viewer"
	list = append(list, all.ratio(what, scenario, systemOurs, scenario, systemMTX, reading.perCamera, "ms", promiseCameraPeer)...)
	list = append(list, all.ratio(what, scenario, systemOurs, scenario, "floor: "+floorCut, reading.perCamera, "ms", promiseCameraFloor)...)
	if r, ok := all.find("fan 4x1", systemOurs); ok {
		part := r.cpu.Seconds() / float64(runtime.NumCPU())
		list = append(list, verdict{what: "four cameras with one viewer each: part of this machine", ours: fmt.Sprintf("%.2f %%", 100*part),
			value: part, limit: promiseMachine, percent: true, note: noteOf(r)})
	}
	return list
}

func (all readings) judgeComing() (list []verdict) {
	for _, system := range []string{systemOurs, systemPage} {
		list = append(list, all.ratio("keyframe every 4 s: live, median ("+system+")", fanKeyframe, system, fanKeyframe, systemMTX, liveMedian, "ms", promiseLivePeer)...)
		list = append(list, all.ratio("keyframe every 4 s: live, p95 ("+system+")", fanKeyframe, system, fanKeyframe, systemMTX, liveLate, "ms", promiseLateLive)...)
	}
	during, after, before := systemOurs+stormDuring, systemOurs+stormAfter, systemOurs+stormBefore
	list = append(list, all.ratio("100 come in a second: frame age p99 of 50 others, to that beside the 100", fanStorm, during, fanStorm, after, ageOf, "ms", promiseStorm)...)
	list = append(list, all.ratio("100 come in a second: frame age p99 of 50 others, to that of the 50 alone", fanStorm, during, fanStorm, before, ageOf, "ms", 0)...)
	return append(list, all.ratio("frame age p99 beside slow and lossy readers", fanReaders, readersBad, fanReaders, readersGood, ageOf, "ms", promiseReaders)...)
}

func (all readings) judgeGrowth() (list []verdict) {
	for _, g := range []struct {
		what, to, from string
		figure         func(reading) float64
	}{
		{"growth: processor per viewer-second, 300 viewers to 100", "fan 1x300", "fan 1x100", reading.perViewer},
		{"growth: processor per viewer-second, 50 cameras with 6 viewers to 1 with 300", "fan 50x6", "fan 1x300", reading.perViewer},
		{"growth: processor per camera-second, 200 cameras to 50", "fan grow 200x1", "fan grow 50x1", reading.perCamera},
	} {
		limit := promiseFlat
		if g.to == "fan 50x6" {
			limit = 0 // other work: 50 cameras are pulled
		}
		list = append(list, all.ratio(g.what, g.to, systemOurs, g.from, systemOurs, g.figure, "ms", limit)...)
	}
	if r, ok := all.find("fan grow 200x1", systemOurs); ok && r.ringLimit > 0 {
		list = append(list, verdict{what: "200 cameras: what is kept of them, to what may be", ours: mb(r.ring), other: mb(r.ringLimit),
			value: float64(r.ring) / float64(r.ringLimit), limit: 1})
	}
	return list
}

func (all readings) judgeLosses() (list []verdict) {
	lost, faulty, counted, extra := 0, 0, 0, 0
	for _, r := range all {
		if !strings.HasPrefix(r.system, systemOurs) || r.err != nil || r.ill {
			continue
		}
		counted++
		lost += r.window.Lost
		faulty += r.window.Silent + r.window.Ended + len(r.joined)
		for _, o := range r.joined {
			if o.Fault == "" {
				faulty--
			}
		}
		if r.sessions > 0 {
			extra += max(r.sessions-r.cameras, r.cameras-r.sessions)
		}
	}
	if counted == 0 {
		return nil
	}
	return []verdict{
		{what: "frames lost, in all of it", ours: fmt.Sprint(lost), other: "none", value: float64(lost), limit: exact},
		{what: "viewers that did not come, saw nothing or were hung up on", ours: fmt.Sprint(faulty), other: "none", value: float64(faulty), limit: exact},
		{what: "sessions with cameras but one each", ours: fmt.Sprint(extra), other: "none", value: float64(extra), limit: exact},
	}
}
