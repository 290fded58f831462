package peer

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// directory is where the relay finds the cameras.
type directory map[camera.ID]string

func (d directory) Dial(_ context.Context, id camera.ID, kind camera.StreamKind) (camera.Target, error) {
	address, ok := d[id]
	if !ok {
		return camera.Target{}, camera.ErrNotFound
	}
	return camera.Target{Camera: id, Kind: kind, Address: address, Transport: camera.TransportTCP}, nil
}

// pull runs a real relay with an endpoint above it.
func pull(t testing.TB, cameras directory, adjust ...func(*Options)) (*relay.Relay, *Endpoint) {
	t.Helper()
	r, err := relay.New(relay.Options{Addresses: cameras, Logger: quiet(t)})
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Relay: r, Logger: quiet(t), Scope: Loopback}
	for _, f := range adjust {
		f(&o)
	}
	e, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	relaying, stopRelay := context.WithCancel(context.Background())
	serving, stopServing := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- r.Run(relaying) }()
	go func() { ended <- e.Run(serving) }()
	t.Cleanup(func() {
		stopServing()
		first := <-ended
		stopRelay()
		if err := errorOf(first, <-ended); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return r, e
}

func errorOf(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// picture is one access unit as a viewer can decode it.
type picture struct {
	counter   uint64 // of the camera, from the SEI
	sent      time.Time
	timestamp uint32
	key       bool
	at        time.Time
}

// pictures puts packets together; what is not complete is left out. Packets must be in order and without duplicates.
func pictures(t testing.TB, packets []received) (list []picture) {
	t.Helper()
	var unit []byte
	depacketizer := &codecs.H264Packet{}
	whole := true
	for i, p := range packets {
		if i > 0 && p.SequenceNumber != packets[i-1].SequenceNumber+1 {
			whole = false
		}
		part, err := depacketizer.Unmarshal(p.Payload)
		if err != nil {
			t.Fatalf("packet %d can't be read: %v", i, err)
		}
		unit = append(unit, part...)
		if !p.Marker {
			continue
		}
		pic := picture{timestamp: p.Timestamp, at: p.at}
		found := false
		for nal := range bytes.SplitSeq(unit, []byte{0, 0, 0, 1}) {
			if len(nal) == 0 {
				continue
			}
			pic.key = pic.key || nal[0]&0x1f == 5
			if counter, sent, ok := rtsptest.ParseSEI(nal); ok {
				pic.counter, pic.sent, found = counter, sent, true
			}
		}
		if found && whole {
			list = append(list, pic)
		}
		unit, whole = nil, true
	}
	return list
}

// continuous checks that no picture is missing between the first and the last.
func continuous(t testing.TB, list []picture) {
	t.Helper()
	for i := 1; i < len(list); i++ {
		if list[i].counter != list[i-1].counter+1 {
			t.Fatalf("picture %d follows %d", list[i].counter, list[i-1].counter)
		}
	}
}

func mainOf(id camera.ID) relay.Key { return relay.Key{Camera: id, Kind: camera.Main} }

// sees waits until a viewer has a picture that satisfies ok, and gives all pictures so far.
func (v *viewer) sees(what string, ok func(picture) bool) []picture {
	v.t.Helper()
	var list []picture
	seen := 0
	v.until(what, func() bool {
		got := v.got[webrtc.RTPCodecTypeVideo]
		if len(got) == seen || len(got) == 0 || !got[len(got)-1].Marker {
			return false
		}
		seen = len(got)
		list = pictures(v.t, got)
		return slices.ContainsFunc(list, ok)
	})
	return list
}

func TestRealCameraFromFirstPictureToNth(t *testing.T) {
	t.Parallel()
	spec := rtsptest.Spec{Number: 1, GOP: 100, Seconds: 8, Audio: "pcmu"} // a keyframe every 4 s
	cam := rtsptest.Start(t, spec)
	r, e := pull(t, directory{"one": cam.URL()})

	// Cold: the camera is dialled for the first viewer, who has its answer before.
	first := newViewer(t)
	p := first.watch(e, mainOf("one"))
	list := first.sees("the middle of a group", func(p picture) bool { return p.counter%100 >= 50 && p.counter%100 < 80 })
	continuous(t, list)
	if !list[0].key {
		t.Error("the first picture is no keyframe")
	}
	waitFor(t, p, "the live state", func(s Snapshot) bool {
		return s.State.Status == relay.Live && s.AudioPlayable && s.State.Media.Width == 640
	})
	first.until("sound", func() bool { return len(first.got[webrtc.RTPCodecTypeAudio]) > 10 })

	// Warm, between keyframes: from the last keyframe to live at once.
	second := newViewer(t)
	begun := time.Now()
	second.watch(e, mainOf("one"))
	list = second.sees("a live picture", func(p picture) bool { return p.at.Sub(p.sent) < 150*time.Millisecond })
	continuous(t, list)
	rising := slices.IsSortedFunc(list, func(a, b picture) int { return int(int32(a.timestamp - b.timestamp)) })
	if !list[0].key || !rising || len(list) < 50 {
		t.Errorf("begins with a keyframe: %v; timestamps rise: %v; %d pictures", list[0].key, rising, len(list))
	}
	t.Logf("first picture %v after asking, live after %v, %d pictures replayed",
		list[0].at.Sub(begun).Round(time.Millisecond), list[len(list)-1].at.Sub(begun).Round(time.Millisecond), len(list))

	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := cam.AwaitSessions(ctx, 1); err != nil || r.Stats().Sessions != 1 {
		t.Errorf("two viewers make %d sessions (%v)", r.Stats().Sessions, err)
	}
}

func TestRealLossIsMended(t *testing.T) {
	t.Parallel()
	cam := rtsptest.Start(t, rtsptest.Spec{Number: 2, GOP: 50, Seconds: 6})
	_, e := pull(t, directory{"lossy": cam.URL()})
	warm := newViewer(t)
	warm.watch(e, mainOf("lossy"))
	warm.sees("twenty pictures", func(p picture) bool { return p.counter >= 20 })

	// The browser asks for what is missing each 30 ms, as browsers do.
	v := newViewer(t, losing(7))
	p := v.watch(e, mainOf("lossy"))
	asked := make(chan struct{})
	stop := make(chan struct{})
	go func() {
		defer close(asked)
		tick := time.NewTicker(30 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				v.nackMissing()
			}
		}
	}()
	var list []picture
	v.until("fifty pictures without a hole", func() bool {
		list = pictures(t, ordered(v.got[webrtc.RTPCodecTypeVideo]))
		return len(list) >= 50 && list[len(list)-1].counter-list[0].counter+1 == uint64(len(list))
	})
	close(stop)
	<-asked
	continuous(t, list)
	if s := p.Stats(); s.Resent < 5 {
		t.Errorf("only %d packets resent", s.Resent)
	}
}

// nackMissing asks for every hole.
func (v *viewer) nackMissing() {
	v.mu.Lock()
	got := ordered(v.got[webrtc.RTPCodecTypeVideo])
	track := v.tracks[webrtc.RTPCodecTypeVideo]
	v.mu.Unlock()
	var missing []uint16
	for i := 1; i < len(got); i++ {
		for seq := got[i-1].SequenceNumber + 1; seq != got[i].SequenceNumber; seq++ {
			missing = append(missing, seq)
		}
	}
	if len(missing) > 0 {
		_ = v.pc.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{
			MediaSSRC: uint32(track.SSRC()), Nacks: rtcp.NackPairsFromSequenceNumbers(missing),
		}})
	}
}

// ordered sorts packets by sequence number, without duplicates.
func ordered(got []received) []received {
	if len(got) == 0 {
		return nil
	}
	list := slices.Clone(got)
	base := list[0].SequenceNumber
	slices.SortStableFunc(list, func(a, b received) int {
		return int(int16(a.SequenceNumber-base)) - int(int16(b.SequenceNumber-base))
	})
	return slices.CompactFunc(list, func(a, b received) bool { return a.SequenceNumber == b.SequenceNumber })
}

func TestRealCamerasSwitch(t *testing.T) {
	t.Parallel()
	a := rtsptest.Start(t, rtsptest.Spec{Number: 1, GOP: 100, Seconds: 8})
	b := rtsptest.Start(t, rtsptest.Spec{Number: 2, GOP: 50, Seconds: 6})
	_, e := pull(t, directory{"a": a.URL(), "b": b.URL()})
	warm := newViewer(t)
	warm.watch(e, mainOf("b"))
	warm.sees("the other camera", func(p picture) bool { return p.counter >= 10 })

	v := newViewer(t)
	p := v.watch(e, mainOf("a"))
	v.sees("the first camera", func(p picture) bool { return p.counter >= 5 })
	before := len(v.video())
	if err := p.Switch(mainOf("b")); err != nil {
		t.Fatal(err)
	}
	v.until("live pictures of the second", func() bool {
		list := pictures(t, v.got[webrtc.RTPCodecTypeVideo])
		keys := 0
		for _, p := range list {
			if p.key {
				keys++
			}
		}
		last := list[len(list)-1]
		return len(v.got[webrtc.RTPCodecTypeVideo]) > before+50 && keys >= 2 && last.at.Sub(last.sent) < 150*time.Millisecond
	})
	list := pictures(t, v.video())
	if !slices.IsSortedFunc(list, func(a, b picture) int { return int(int32(a.timestamp - b.timestamp)) }) {
		t.Error("the clock turned back")
	}
	waitFor(t, p, "the other camera's state", func(s Snapshot) bool { return s.Key == mainOf("b") && s.State.Status == relay.Live })
}
