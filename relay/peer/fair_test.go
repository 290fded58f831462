package peer

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// arrivals tells when each video packet of a script came from the camera.
func (c *script) arrivals() []time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []time.Time
	for _, f := range c.frames {
		for range f.Packets {
			if f.Track == relay.Video {
				list = append(list, f.Arrived)
			}
		}
	}
	return list
}

// usualAge is the median age at which viewers got the packets from one index to another.
func usualAge(c *script, viewers []*viewer, from, to uint64) time.Duration {
	came := c.arrivals()
	var ages []time.Duration
	for _, v := range viewers {
		for _, p := range v.video() {
			if i := indexOf(p); i >= from && i < to {
				ages = append(ages, p.at.Sub(came[i]))
			}
		}
	}
	slices.Sort(ages)
	return ages[len(ages)/2]
}

// crowd lets some viewers watch a camera undisturbed for a while, then disturbed. They must lose nothing, and the frames that they get must not be
// much older. The bound is wide: all of this runs in one process, and the disturbers take the time of it as well.
func crowd(t *testing.T, disturb func(e *Endpoint, c *script)) {
	t.Helper()
	c := newScript("fair")
	c.past(5, 4, 1000)
	c.play(t, 25, 4, 1000)
	e := start(t, scripts{c.key: c})
	var calm []*viewer
	for range 3 {
		v := newViewer(t, silent)
		v.watch(e, c.key)
		calm = append(calm, v)
	}
	reach := func(index uint64) {
		for _, v := range calm {
			v.reaches(index)
		}
	}
	reach(40)
	from := c.published()
	reach(from + 40*4)
	middle := c.published()
	disturb(e, c)
	reach(middle + 40*4)
	to := c.published()
	reach(to)
	before, after := usualAge(c, calm, from, middle), usualAge(c, calm, middle, to)
	t.Logf("usual age %v, disturbed %v", before, after)
	if after > 10*before+time.Second {
		t.Errorf("frames were %v old, and %v with the others", before, after)
	}
	for _, v := range calm {
		contiguous(t, v.video())
		rising(t, v.video())
	}
}

// TestALossyViewerDelaysNoOther: it loses every third packet, and asks for all that it saw again and for keyframes all the time.
func TestALossyViewerDelaysNoOther(t *testing.T) {
	crowd(t, func(e *Endpoint, c *script) {
		stop := make(chan struct{})
		var asking sync.WaitGroup
		t.Cleanup(func() { close(stop); asking.Wait() })
		for range 3 {
			v := newViewer(t, silent, losing(3))
			v.watch(e, c.key)
			v.reaches(40)
			ssrc := uint32(v.tracks[webrtc.RTPCodecTypeVideo].SSRC())
			asking.Go(func() {
				tick := time.NewTicker(10 * time.Millisecond)
				defer tick.Stop()
				for {
					select {
					case <-stop:
						return
					case <-tick.C:
					}
					got := v.video()
					last := got[len(got)-1].SequenceNumber
					var missing []uint16
					for n := range uint16(200) {
						missing = append(missing, last-n)
					}
					_ = v.pc.WriteRTCP([]rtcp.Packet{
						&rtcp.TransportLayerNack{MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(missing)},
						&rtcp.PictureLossIndication{MediaSSRC: ssrc},
					})
				}
			})
		}
	})
}

// TestJoinsDelayNoViewer: a wall of sixteen opens at once.
func TestJoinsDelayNoViewer(t *testing.T) {
	crowd(t, func(e *Endpoint, c *script) {
		var joining sync.WaitGroup
		joiners, offers := make([]*viewer, 16), make([]string, 16)
		for i := range joiners {
			joiners[i] = newViewer(t, silent)
			offers[i] = joiners[i].offer(nil)
		}
		for i, v := range joiners {
			joining.Go(func() {
				var err error
				if v.peer, err = e.Open(context.Background(), Request{Key: c.key, Offer: offers[i]}); err != nil {
					t.Errorf("join %d: %v", i, err)
				}
			})
		}
		joining.Wait()
		for _, v := range joiners {
			if v.peer == nil {
				t.FailNow()
			}
			t.Cleanup(func() { _ = v.peer.Close() })
			v.accept(v.peer.Answer())
		}
		for _, v := range joiners {
			v.reaches(40)
		}
	})
}
