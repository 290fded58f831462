package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// fanBed is what the scenarios of many viewers share: the programs, how long to look, and where to tell what is going on.
type fanBed struct {
	paths    programs
	peers    []peer
	port     int // of the first camera; 0: any
	window   time.Duration
	settle   time.Duration
	tell     io.Writer
	all      readings
	charts   []chart
	verdict  []verdict
	skipped  []string // what was left out, and why
	failed   []string // what could not be measured, and why
	openings int
}

// newFanBed makes one by the command line.
func newFanBed(paths programs, c runCommand, tell io.Writer) (*fanBed, error) {
	b := &fanBed{paths: paths, window: 6 * time.Second, settle: 2500 * time.Millisecond, openings: fanOpenings, tell: tell}
	if c.Quick {
		b.window, b.settle, b.openings = 2*time.Second, 500*time.Millisecond, fanOpenings/3
	}
	b.port = c.CameraPort
	for _, text := range c.Peer {
		p, err := readPeer(text)
		if err != nil {
			return nil, err
		}
		b.peers = append(b.peers, p)
	}
	if len(b.peers) > 0 && b.port == 0 {
		return nil, errors.New("--peer needs --camera-port: the peer has to know where the cameras are")
	}
	return b, nil
}

// scene is a fakecam process and a folder, for one scenario.
type scene struct {
	*cameras
	dir string
}

// openScene starts n cameras.
func (b *fanBed) openScene(ctx context.Context, c clip, n int) (*scene, error) {
	dir, err := os.MkdirTemp("", "rtsp-viewer-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	var more []string
	if b.port != 0 {
		more = []string{"--port-base", strconv.Itoa(b.port)}
	}
	all, err := startCameras(ctx, b.paths.cameras, "", "127.0.0.1", dir, c, n, more...)
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return &scene{all, dir}, nil
}

func (s *scene) close() {
	s.end()
	_ = os.RemoveAll(s.dir)
}

// sessions counts those that the first n cameras have ever had.
func (s *scene) sessions(ctx context.Context, n int) (ever int, err error) {
	var all struct {
		Cameras []rtsptest.Stats `json:"cameras"`
	}
	if err := ask(ctx, http.MethodGet, s.Control+"/stats?recent=0", "", nil, &all); err != nil {
		return 0, fmt.Errorf("ask the cameras: %w", err)
	}
	for _, c := range all.Cameras[:min(n, len(all.Cameras))] {
		ever += c.SessionsEver
	}
	return ever, nil
}

// look takes a reading of a system's process while a crowd watches.
func (b *fanBed) look(ctx context.Context, r *reading, sc *scene, process *child, crowd *audience, figures func(context.Context) map[string]float64) error {
	if err := pause(ctx, b.settle); err != nil {
		return err
	}
	parties := []*child{sc.child, process, crowd.child}
	before, err := takeAll(parties)
	if err != nil {
		return err
	}
	var told map[string]float64
	if figures != nil {
		told = figures(ctx)
	}
	if err := crowd.mark(ctx); err != nil {
		return err
	}
	cpu, err := process.usage()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := pause(ctx, b.window); err != nil {
		return err
	}
	after, err := process.usage()
	if err != nil {
		return err
	}
	took := time.Since(began)
	if r.window, err = crowd.read(ctx); err != nil {
		return err
	}
	end, err := takeAll(parties)
	if err != nil {
		return err
	}
	r.cpu = time.Duration(float64(after.cpu-cpu.cpu) / took.Seconds())
	r.memory = after.memory
	r.shared(before, end)
	if figures != nil {
		now := figures(ctx)
		r.heap, r.ring = int64(now["go_memstats_heap_inuse_bytes"]), int64(now["rtsp_viewer_cache_bytes"])
		r.ringLimit = int64(now["rtsp_viewer_cache_limit_bytes"])
		if r.window.Frames > 0 {
			r.calls = (now["rtsp_viewer_webrtc_send_calls_total"] - told["rtsp_viewer_webrtc_send_calls_total"]) / float64(r.window.Frames)
		}
	}
	return nil
}

// shared notes what the machine was busy with between two moments.
func (r *reading) shared(from, to taken) {
	spent := float64(runtime.NumCPU()) * to.at.Sub(from.at).Seconds()
	r.busy = (to.machine - from.machine).Seconds() / spent
	r.others = max(0, ((to.machine-from.machine)-(to.known-from.known)).Seconds()/spent)
}

// taken is processor time at a moment.
type taken struct {
	at             time.Time
	machine, known time.Duration
}

// takeAll reads what the machine, and what the processes and this one have taken of it.
func takeAll(of []*child) (taken, error) {
	t := taken{at: time.Now(), known: ownTime(), machine: machineTime()}
	for _, c := range of {
		u, err := c.usage()
		if err != nil {
			return t, err
		}
		t.known += u.cpu
	}
	return t, nil
}

// machineTime is the time that all cores have not been idle since the start (proc(5), /proc/stat): user, nice, system, irq, softirq, steal.
func machineTime() time.Duration {
	fields := strings.Fields(first("/proc/stat"))
	var ticks int64
	for _, i := range []int{1, 2, 3, 6, 7, 8} {
		if i < len(fields) {
			n, _ := strconv.ParseInt(fields[i], 10, 64)
			ticks += n
		}
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond
}

// pause waits.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// bareKey is the SRTP key of a floor's viewers.
func bareKey() []byte {
	key := make([]byte, 16+12)
	_, _ = rand.Read(key)
	return key
}

// lookAtFloor takes a reading of a floor: the first cameras of the scene, each with so many viewers.
func (b *fanBed) lookAtFloor(ctx context.Context, scenario, way string, sc *scene, cameras, each int) (r reading) {
	r = reading{scenario: scenario, system: "floor: " + way, cameras: cameras, viewers: cameras * each}
	r.err = func() error {
		crowd, err := startAudience("", "127.0.0.1")
		if err != nil {
			return err
		}
		defer crowd.end()
		p := floorPlan{Way: way, Sources: sc.List[:cameras], Key: bareKey()}
		for range cameras {
			answer, err := crowd.do(ctx, crowdOrder{Do: "bare", Viewers: each, Key: p.Key})
			if err != nil {
				return err
			}
			p.Ports = append(p.Ports, answer.Ports)
		}
		bare, err := startFloor(ctx, p)
		if err != nil {
			return err
		}
		defer bare.end()
		return b.look(ctx, &r, sc, bare, crowd, nil)
	}()
	return r
}

// note keeps a reading and tells it.
func (b *fanBed) note(r reading) {
	b.all = append(b.all, r)
	r.tell(b.tell)
}

// tellVerdicts prints which promises hold and gives those that do not, and what could not be measured.
func (b *fanBed) tellVerdicts() (broken []error) {
	for _, v := range b.all.judge() {
		fmt.Fprintf(b.tell, "%-16s %s\n", strings.ReplaceAll(v.outcome(), "**", ""), v)
		if !v.holds() {
			broken = append(broken, errors.New(v.String()))
		}
	}
	for _, why := range b.failed {
		broken = append(broken, errors.New(why))
	}
	return broken
}

// run measures all scenarios whose name has a text in it.
func (b *fanBed) run(ctx context.Context, only string) error {
	alone := func(name string, measure func(context.Context) error) func() error {
		return func() error {
			if !strings.Contains(name, only) {
				return nil
			}
			return measure(ctx)
		}
	}
	parts := []func() error{func() error { return b.climb(ctx, wanted(crowdScenarios, only)) }}
	for _, s := range wanted(fieldScenarios, only) {
		parts = append(parts, func() error { return b.climb(ctx, []fanScenario{s}) })
	}
	parts = append(parts,
		alone(fanKeyframe, b.keyframes), alone(fanStorm, b.storm),
		func() error { return b.climb(ctx, wanted(growthScenarios, only)) },
		alone(fanReaders, b.readers), alone(fanMemory, b.kept))
	for _, part := range parts {
		if err := part(); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			// The others are measured all the same; what is missing breaks the run.
			b.failed = append(b.failed, err.Error())
			fmt.Fprintf(b.tell, "  failed: %v\n", err)
		}
	}
	return nil
}
