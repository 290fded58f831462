package probe_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
	"github.com/rtsp-viewer/rtsp-viewer/probe"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// plain is an ordinary camera, which each of these makes a strange one of.
var plain = rtsptest.Spec{Number: 60, Width: 320, Height: 180, Seconds: 2, Audio: "pcmu"}

var plainFacts = facts{
	codec: "H264", profile: "Constrained Baseline", width: 320, height: 180, fps: 25, keyframe: 1,
	sound: "PCMU", rate: 8000, channels: 1, transport: camera.TransportTCP, server: "gortsplib",
}

// otherSPS is of x264, baseline, 640x360.
var otherSPS = []byte{0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x70, 0x11, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00, 0x00, 0x03, 0x00, 0x32, 0x0f, 0x16, 0x2e, 0x48}

func misdescribe(change func(*description.Session)) func(*rtsptest.Options) {
	return func(o *rtsptest.Options) { o.Misdescribe = change }
}

func media(kind description.MediaType, f format.Format) *description.Media {
	return &description.Media{Type: kind, Formats: []format.Format{f}}
}

func generic(t *testing.T, payloadType uint8, rtpmap string) format.Format {
	t.Helper()
	f := &format.Generic{PayloadTyp: payloadType, RTPMa: rtpmap}
	must(t, f.Init())
	return f
}

func describedOddly(t *testing.T, r *rig) {
	onvif := generic(t, 107, "vnd.onvif.metadata/90000")
	cases := map[string]struct {
		describe func(*description.Session)
		others   []string
	}{
		"no parameter sets": {func(d *description.Session) { d.Medias[0].Formats[0].(*format.H264).SafeSetParams(nil, nil) }, nil},
		"another picture's sizes": {func(d *description.Session) {
			d.Medias[0].Formats[0].(*format.H264).SafeSetParams(otherSPS, []byte{0x68, 0xcb, 0x83, 0xcb, 0x20})
		}, nil},
		"ruined parameter sets": {func(d *description.Session) {
			d.Medias[0].Formats[0].(*format.H264).SafeSetParams([]byte{0x67, 1}, []byte{0x68})
		}, nil},
		"H.265 before H.264": {func(d *description.Session) {
			d.Medias = slices.Insert(d.Medias, 0, media(description.MediaTypeVideo, &format.H265{PayloadTyp: 100}))
		}, []string{"video H265"}},
		"H.264 twice, and metadata": {func(d *description.Session) {
			d.Medias = append(d.Medias, media(description.MediaTypeApplication, onvif),
				media(description.MediaTypeVideo, &format.H264{PayloadTyp: 101, PacketizationMode: 1, SPS: otherSPS}))
		}, []string{"ONVIF metadata", "video H264"}},
		"metadata first": {func(d *description.Session) {
			d.Medias = slices.Insert(d.Medias, 0, media(description.MediaTypeApplication, onvif))
		}, []string{"ONVIF metadata"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cam := rtsptest.Start(t, plain, misdescribe(c.describe))
			p, still := r.probe(t, dial(cam.URL(), false))
			plainFacts.hold(t, p, still)
			if !slices.Equal(p.Others, c.others) {
				t.Errorf("besides it has %q, not %q", p.Others, c.others)
			}
			alone(t, cam)
		})
	}
}

func soundOfAnOddRate(t *testing.T, r *rig) {
	spec := plain
	spec.Audio = ""
	cam := rtsptest.Start(t, spec, misdescribe(func(d *description.Session) {
		d.Medias = append(d.Medias, media(description.MediaTypeAudio, &format.G722{}))
	}))
	p, _ := r.probe(t, dial(cam.URL(), false))
	// RFC 3551, 4.5.2: its clock is of 8 kHz by mistake, and has to stay so.
	if a := p.Audio; a == nil || a.Codec != "G722" || a.SampleRate != 16000 || p.WebRTC.SoundCode != "media.sound_codec" || !p.HLS.Sound {
		t.Errorf("%+v, %+v, %+v", p.Audio, p.WebRTC, p.HLS)
	}
}

func changeOfSize(t *testing.T, r *rig) {
	small, large := plain, plain
	large.Width, large.Height = 640, 480
	clip, err := rtsptest.Prepare(t.Context(), rtsptest.CacheDir(), large)
	must(t, err)
	cam := rtsptest.Start(t, small)
	changed := make(chan error, 1)
	go func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			if slices.ContainsFunc(cam.Stats().Recent, func(f rtsptest.SentFrame) bool { return f.Keyframe }) {
				changed <- cam.SwitchClip(clip)
				return
			}
			select {
			case <-tick.C:
			case <-t.Context().Done():
				changed <- t.Context().Err()
				return
			}
		}
	}()
	p, still := r.probe(t, dial(cam.URL(), false))
	must(t, <-changed)
	if v := p.Video; v == nil || v.Width != 640 || v.Height != 480 {
		t.Errorf("%+v", p.Video)
	}
	if wide, high := stillSize(t, still); wide != 640 || high != 480 {
		t.Errorf("a picture of %dx%d", wide, high)
	}
}

func noPictures(t *testing.T, r *rig) {
	for name, still := range map[string]func(*rtsptest.Camera){"nothing at all": (*rtsptest.Camera).Pause, "sound": (*rtsptest.Camera).Blind} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cam := rtsptest.Start(t, plain)
			still(cam)
			p, picture := r.probe(t, dial(cam.URL(), false))
			if p.Code != "camera.stalled" || p.WebRTC.Code != p.Code || p.HLS.Code != p.Code || picture != nil {
				t.Errorf("%+v", p)
			}
			// What it describes is known all the same.
			if v := p.Video; v == nil || v.Codec != "H264" || v.Width != 320 || v.FPS != 0 || v.KeyframeS != nil || v.Kbps != 0 {
				t.Errorf("pictures %+v", p.Video)
			}
			if p.Audio == nil || p.Audio.Codec != "PCMU" || p.Transport != camera.TransportTCP {
				t.Errorf("sound %+v, transport %q", p.Audio, p.Transport)
			}
			alone(t, cam)
		})
	}
}

func rareKeyframes(t *testing.T, r *rig) {
	cam := rtsptest.Start(t, rtsptest.Spec{Number: 62, Width: 320, Height: 180, FPS: 10, GOP: 100, Seconds: 10})
	p, still := r.probe(t, dial(cam.URL(), false))
	want := plainFacts
	want.fps, want.keyframe, want.sound, want.advice = 10, 10, "", []string{probe.AdviceLongGOP}
	if p.Video != nil && p.Video.KeyframeS == nil {
		want.keyframe = 0 // as honest
	}
	if still == nil && p.TookMS > 12_000 {
		// There were few seconds left to make a picture in, which a busy machine may not have.
		want.holdVideo(t, p.Video)
		return
	}
	want.hold(t, p, still)
}

func redirections(t *testing.T, r *rig) {
	cam := rtsptest.Start(t, plain, func(o *rtsptest.Options) { o.Username, o.Password = rightName, rightWord })
	elsewhere := strings.Replace(cam.URL(), "127.0.0.1", "localhost", 1)
	to := func(address string) string {
		return "rtsp://" + moved(t, func(*base.Request) string { return address }) + "/old"
	}
	round := "rtsp://" + moved(t, func(req *base.Request) string { return req.URL.String() }) + "/round"
	cases := map[string]struct {
		address string
		locked  bool
		code    string
	}{
		"to the camera":                            {to(cam.URL()), true, ""},
		"with a password, to another host":         {to(elsewhere), true, relay.CodeNoStream},
		"to where nobody is":                       {to("rtsp://127.0.0.1:1/"), false, relay.CodeUnreachable},
		"to something else":                        {to("http://127.0.0.1/"), false, relay.CodeNoStream},
		"to itself, for ever":                      {round, false, relay.CodeNoStream},
		"with a password, to itself, for ever":     {round, true, relay.CodeNoStream},
		"without a password, to one that asks one": {to(cam.URL()), false, relay.CodeCredentials},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, still := r.probe(t, dial(c.address, c.locked))
			if c.code == "" {
				plainFacts.hold(t, p, still)
			} else if p.Code != c.code || p.WebRTC.Carried || still != nil {
				t.Errorf("%+v", p)
			}
		})
	}
}

func junkBetweenPackets(t *testing.T, r *rig) {
	cam := rtsptest.Start(t, plain)
	cases := map[string]string{
		"a channel of nobody":     "$\x0a\x00\x04junk",
		"packets cut short":       "$\x00\x00\x02\x80\x60$\x00\x00\x00$\x01\x00\x01\x80",
		"another payload type":    "$\x00\x00\x10\x80\x21\x00\x01\x00\x00\x00\x01\x00\x00\x00\x09junk",
		"RTCP that is none":       "$\x01\x00\x08\xff\xff\xff\xff\xff\xff\xff\xff",
		"empty lines":             "\r\n\r\n",
		"words":                   "\x00encoder overrun\n",
		"an answer to nothing":    "RTSP/1.0 200 OK\r\nCSeq: 999\r\n\r\n",
		"a request of its own":    "OPTIONS * RTSP/1.0\r\nCSeq: 7\r\n\r\n",
		"half an answer":          "RTSP/1.0 200",
		"a packet without an end": "$\x00\xff\xff",
	}
	for name, dirt := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, still := r.probe(t, dial("rtsp://"+dirty(t, cam.Address(), []byte(dirt))+rtsptest.Path, false))
			if p.Code == "" {
				stillSize(t, still)
				want := plainFacts
				if p.Video.KeyframeS == nil { // a few pictures came, and then the fault
					want.keyframe = 0
				}
				if p.Video.FPS > 0 {
					want.holdVideo(t, p.Video)
				}
				return
			}
			// It is a fault of the camera's, and told as one.
			codes := []string{relay.CodeLost, relay.CodeNoKeyframe, "camera.stalled"}
			if !slices.Contains(codes, p.Code) || still != nil || p.WebRTC.Carried || p.HLS.Carried {
				t.Errorf("%+v", p)
			}
		})
	}
}
