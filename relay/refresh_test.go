package relay

import (
	"bytes"
	"context"
	"os/exec"
	"testing"
	"testing/synctest"
	"time"
)

// stripes encodes pictures that are refreshed stripe by stripe: the first is the only IDR.
func stripes(t *testing.T) (units [][][]byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=160x96:r=25:d=4",
		"-c:v", "libx264", "-preset", "ultrafast", "-threads", "1", "-bf", "0", "-g", "25", "-x264-params", "intra-refresh=1:aud=1",
		"-f", "h264", "-").Output()
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	eachNAL(out, func(nal []byte) {
		if nal = bytes.TrimRight(nal, "\x00"); nalType(nal) == nalDelimiter {
			units = append(units, nil)
		}
		units[len(units)-1] = append(units[len(units)-1], nal)
	})
	return units
}

// unit sends one access unit.
func (c *call) unit(nals [][]byte) {
	for i, nal := range nals {
		if len(nal) <= 1400 {
			c.rtp(nal, i == len(nals)-1)
			continue
		}
		body := nal[1:]
		for first := byte(0x80); len(body) > 0; first = 0 {
			n := min(1390, len(body))
			end := byte(0)
			if n == len(body) {
				end = 0x40
			}
			c.rtp(append([]byte{nal[0]&0x60 | nalFUA, first | end | nalType(nal)}, body[:n]...), end != 0 && i == len(nals)-1)
			body = body[n:]
		}
	}
	c.ts += 3600
}

func TestACameraWithoutKeyframesSaysSo(t *testing.T) {
	units := stripes(t)
	if len(units) < 50 {
		t.Fatalf("%d pictures", len(units))
	}
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		r := b.read(t, "a")
		defer r.Close()
		c := (<-b.script.news).describe()
		// We come in the middle: its only keyframe was before us.
		middle := units[1:]
		send := func(d time.Duration) {
			for i := range int(d / (40 * time.Millisecond)) {
				c.unit(middle[i%len(middle)])
				time.Sleep(40 * time.Millisecond)
			}
		}
		send(9 * time.Second)
		want(t, r, Connecting, "")
		send(2 * time.Second)
		want(t, r, Unsupported, CodeNoKeyframe)
		send(30 * time.Second)
		want(t, r, Unsupported, CodeNoKeyframe)
		if n := b.script.count(); n != 1 {
			t.Errorf("%d sessions, want 1", n)
		}
		// It restarts its encoder, and the picture is there.
		c.unit(units[0])
		want(t, r, Live, "")
		if f, ok := r.Next(); !ok || !f.Keyframe {
			t.Fatalf("begins with %+v", f)
		}
		// A loss: from now on there is nothing to go on with, until a keyframe comes.
		send(time.Second)
		c.seq[Video]++
		send(9 * time.Second)
		want(t, r, Stalled, "")
		send(2 * time.Second)
		want(t, r, Unsupported, CodeNoKeyframe)
	})
}
