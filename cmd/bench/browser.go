package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// viewerJS is the page in the browser: the protocol of docs/protocol.md in its shortest form, and a look at every frame presented.
//
//go:embed viewer.js
var viewerJS string

// The browser looks at a view's frames for at least this long after the first one, and longer while what was behind catches up.
const (
	watchedLeast = 1800 * time.Millisecond
	watchedMost  = 8 * time.Second
)

// browser opens views in headless Chromium.
type browser struct {
	plan  plan
	child *child
	tab   *tab
	dir   string
}

func newBrowser(ctx context.Context, p plan) (_ *browser, err error) {
	b, err := startBrowser(ctx, p, viewerJS)
	if err != nil {
		return nil, err
	}
	if err := b.tab.evaluate(ctx, fmt.Sprintf("bench.connect(%q, %q)", "admin", password), nil); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// startBrowser starts Chromium on a page of the gateway in which scripts have run.
func startBrowser(ctx context.Context, p plan, scripts ...string) (_ *browser, err error) {
	b := &browser{plan: p}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.dir, err = os.MkdirTemp("", "rtsp-viewer-bench-chromium-"); err != nil {
		return nil, fmt.Errorf("make a folder for the browser: %w", err)
	}
	path := os.Getenv("CHROMIUM")
	if path == "" {
		path = "/usr/bin/chromium"
	}
	if b.child, err = (order{name: "browser", path: path, args: []string{
		"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--mute-audio", "--autoplay-policy=no-user-gesture-required",
		"--window-size=1300,800", "--user-data-dir=" + b.dir, "--remote-debugging-port=0", "about:blank",
	}}).start(); err != nil {
		return nil, err
	}
	if b.tab, err = openTab(ctx, b.dir); err != nil {
		return nil, fmt.Errorf("%w: %s", err, b.child.stderr)
	}
	// A page of the gateway, so that cookie and Origin are as they are for users; what it shows does not matter.
	if err := b.tab.call(ctx, "Page.setBypassCSP", map[string]any{"enabled": true}, nil); err != nil {
		return nil, err
	}
	if err := b.tab.navigate(ctx, p.URL+"/api/v1/openapi.json"); err != nil {
		return nil, err
	}
	for _, script := range append([]string{rtsptest.BarcodeJS + "\nwindow.readBarcode = readBarcode;\n0;"}, scripts...) {
		if err := b.tab.evaluate(ctx, script, nil); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *browser) close() {
	if b.tab != nil {
		b.tab.close()
	}
	if b.child != nil {
		b.child.end()
	}
	_ = os.RemoveAll(b.dir)
}

// sight is what the page saw of one tile. Times are milliseconds since 1970.
type sight struct {
	Clicked   float64      `json:"clicked"`
	Connected float64      `json:"connected"`
	Frames    [][2]float64 `json:"frames"` // when presented, RTP timestamp
	Codes     [][3]float64 `json:"codes"`  // when read, RTP timestamp of the frame, its place in the camera's loop
	Asked     int          `json:"asked"`
	Resends   int          `json:"resends"`
	Fault     string       `json:"fault"`
}

// open opens tiles at once.
func (b *browser) open(ctx context.Context, _ int, cameras []int) []opening {
	ids := make([]string, len(cameras))
	for i, c := range cameras {
		ids[i] = b.plan.Cameras[c]
	}
	all := make([]opening, len(cameras))
	text, err := json.Marshal(ids)
	var sights []sight
	if err == nil {
		err = b.tab.evaluate(ctx, fmt.Sprintf("bench.open(%s, %d, %d)", text, watchedLeast.Milliseconds(), watchedMost.Milliseconds()), &sights)
	}
	for i := range all {
		switch {
		case err != nil:
			all[i].Fault = err.Error()
		case i >= len(sights):
			all[i].Fault = "the browser told nothing"
		default:
			all[i] = b.judge(ctx, sights[i], cameras[i])
		}
	}
	return all
}

// judge finds out how old the frames were that the browser presented: some frames' barcodes tell which of the camera's frames they are, and
// the camera tells when it sent those; for all others the RTP timestamps tell the distance.
func (b *browser) judge(ctx context.Context, s sight, camera int) opening {
	o := opening{Asked: s.Asked, Resends: s.Resends, Fault: s.Fault}
	if o.Fault != "" {
		return o
	}
	sent, err := sentFrames(ctx, b.plan.Control, camera)
	if err != nil {
		o.Fault = err.Error()
		return o
	}
	var zeros []float64 // when the camera would have sent RTP timestamp base, by each barcode
	base := s.Frames[0][1]
	since := func(rtp float64) float64 { return float64(int32(uint32(rtp)-uint32(base))) / 90 } // ms
	for _, code := range s.Codes {
		for i := len(sent) - 1; i >= 0; i-- {
			if at := millis(sent[i].Sent); sent[i].Frame == int(code[2]) && at < code[0] {
				zeros = append(zeros, at-since(code[1]))
				break
			}
		}
	}
	if len(zeros) == 0 {
		o.Fault = "no barcode could be read"
		return o
	}
	slices.Sort(zeros)
	zero := zeros[len(zeros)/2]
	o.Connect, o.First = span(s.Connected-s.Clicked), span(s.Frames[0][0]-s.Clicked)
	for _, f := range s.Frames {
		age := span(f[0] - zero - since(f[1]))
		if o.Live == 0 && age < livelyAge {
			o.Live = span(f[0] - s.Clicked)
		}
		if o.Live > 0 && span(f[0]-s.Clicked) >= o.Live+time.Second {
			o.Later = age
			return o
		}
	}
	o.Fault = "not live for a second while it was looked at"
	return o
}

func millis(t time.Time) float64 { return float64(t.UnixMicro()) / 1000 }

func span(ms float64) time.Duration {
	return time.Duration(math.Round(ms * float64(time.Millisecond))).Round(time.Microsecond)
}
