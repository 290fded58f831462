package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// read is a reading of an undisturbed machine.
func read(scenario, system string, cameras, viewers int, cpu time.Duration) reading {
	return reading{scenario: scenario, system: system, cameras: cameras, viewers: viewers, cpu: cpu, busy: 0.5}
}

func verdictsOf(all readings, what string) (found []verdict) {
	for _, v := range all.judge() {
		if strings.HasPrefix(v.what, what) {
			found = append(found, v)
		}
	}
	return found
}

func TestAPromiseIsJudgedAsARatio(t *testing.T) {
	all := readings{
		read("fan 1x100", systemOurs, 1, 100, 100*time.Millisecond),
		read("fan 1x100", systemMTX, 1, 100, 400*time.Millisecond),
		read("fan 1x100", systemBeside, 1, 100, 100*time.Millisecond),
		mean(read("fan 1x100", "floor: "+floorCut, 1, 100, 40*time.Millisecond), read("fan 1x100", "floor: "+floorCut, 1, 100, 60*time.Millisecond)),
	}
	got := verdictsOf(all, "processor per viewer-second, 100 viewers")
	if len(got) != 2 || !got[0].holds() || got[1].holds() {
		t.Fatalf("%v: want 0.25 of the peer's to hold, and twice the floor's not to", got)
	}
	if got[0].value != 0.25 || got[1].value != 2 {
		t.Errorf("ratios %v and %v, want 0.25 and 2", got[0].value, got[1].value)
	}
	if got := verdictsOf(all[:1], "processor"); len(got) != 0 {
		t.Errorf("%v: judged without anything to compare with", got)
	}
}

func TestAReadingUnderLoadSaysSo(t *testing.T) {
	ours := read("fan 4x1", systemOurs, 4, 4, time.Millisecond)
	ours.others = 0.4
	got := verdictsOf(readings{ours}, "four cameras")
	if len(got) != 1 || !strings.Contains(got[0].outcome(), "under load: others took 40 %") {
		t.Errorf("%v", got)
	}
}

func TestMemoryOfAViewerIsTheSlope(t *testing.T) {
	few, many := read("fan 1x25", systemOurs, 1, 25, 1), read("fan 1x150", systemOurs, 1, 150, 1)
	few.memory, many.memory = 100e6, 150e6
	if got := verdictsOf(readings{few, many}, "memory per viewer"); len(got) != 1 || !got[0].holds() || got[0].ours != "0.40 MB" {
		t.Errorf("%v, want 0.40 MB", got)
	}
	many.memory = 200e6
	if got := verdictsOf(readings{few, many}, "memory per viewer"); got[0].holds() {
		t.Errorf("%v holds", got)
	}
}

func TestALostFrameBreaksTheRun(t *testing.T) {
	good := read("fan 1x50", systemOurs, 1, 50, 1)
	good.sessions = 1
	for name, spoil := range map[string]func(*reading){
		"frames lost": func(r *reading) { r.window.Lost = 1 },
		"viewers":     func(r *reading) { r.joined = []opening{{}, {Fault: "not live"}} },
		"sessions":    func(r *reading) { r.sessions = 2 },
	} {
		bad := good
		spoil(&bad)
		for _, v := range (readings{good, bad}).judge() {
			if want := !strings.HasPrefix(v.what, name); v.holds() != want {
				t.Errorf("spoilt %s: %s: %v", name, v, v.holds())
			}
		}
	}
	other := good
	other.system, other.window.Lost, other.cpu = systemMTX, 9, time.Second
	ill := good
	ill.ill, ill.window.Lost = true, 9
	for _, v := range (readings{good, other, ill}).judge() {
		if !v.holds() {
			t.Errorf("%s: others' losses are not ours", v)
		}
	}
}

// TestDocumentHasManyViewersForItself writes that part alone: the other part and what is written by hand stay.
func TestDocumentHasManyViewersForItself(t *testing.T) {
	path := filepath.Join(t.TempDir(), "performance.md")
	kept := "by hand\n" + measuredBegin + "\ntiles\n" + measuredEnd + "\n"
	if err := os.WriteFile(path, []byte(kept+fanBegin+"\nformer\n"+fanEnd+"\nend\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	bed := &fanBed{tell: io.Discard}
	bed.all = readings{
		read("fan 1x150", systemOurs, 1, 150, 150*time.Millisecond), read("fan 1x150", systemMTX, 1, 150, 300*time.Millisecond),
		{scenario: "fan 32x1", system: systemMTX, cameras: 32, viewers: 32, err: errors.New("it ended")},
	}
	bed.failed = []string{"fan bad readers: no room"}
	for range 2 {
		if err := bed.write(path, machine{}); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), kept) || !strings.HasSuffix(string(text), fanEnd+"\nend\n") || strings.Contains(string(text), "former") {
		t.Errorf("not only that part was written:\n%s", text)
	}
	for _, want := range []string{"**0.5**", "**does not hold**", "| 1 × 150 | MediaMTX | 2.00 |", "not measured: it ended", "no room"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	picture, err := os.ReadFile(filepath.Join(filepath.Dir(path), fanDrawing))
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(picture, new(struct{})); err != nil {
		t.Errorf("the drawing is not XML: %v", err)
	}
}

func TestPeersAreNamedByAURL(t *testing.T) {
	if p, err := readPeer("go2rtc=http://127.0.0.1:1984/api/webrtc?src=cam{n}"); err != nil || p.name != "go2rtc" || !strings.HasSuffix(p.url, "?src=cam{n}") {
		t.Errorf("%v, %v", p, err)
	}
	for _, text := range []string{"", "http://127.0.0.1/{n}", "x=http://127.0.0.1/cam", "x={n}"} {
		if _, err := readPeer(text); err == nil {
			t.Errorf("%q was taken for a peer", text)
		}
	}
}
