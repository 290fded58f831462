package probe_test

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
	"github.com/rtsp-viewer/rtsp-viewer/probe"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// facts are what a passport must say of a camera.
type facts struct {
	codec, profile string // codec empty: no pictures
	width, height  int
	fps, keyframe  float64 // keyframe 0: not known
	bFrames        bool
	kbps           int  // 0: not known
	unread         bool // a codec of which only the name is known and how many pictures come

	sound          string // empty: none
	rate, channels int

	transport   camera.Transport
	server      string
	webRTC, hls string // why not; empty: it carries the camera
	silent      string // why WebRTC has no sound
	advice      []string
}

// audible says that a way that carries the camera carries its sound too.
func (f facts) audible(refused string) bool { return f.sound != "" && refused == "" }

func (f facts) hold(t *testing.T, p camera.Passport, still []byte) {
	t.Helper()
	if f.codec == "" {
		if p.Video != nil || still != nil {
			t.Errorf("pictures: %+v", p.Video)
		}
	} else if f.holdVideo(t, p.Video); f.unread {
		if still != nil {
			t.Errorf("a picture of %d bytes", len(still))
		}
	} else {
		wide, high := stillSize(t, still)
		if most := min(f.width, 640); wide != most || math.Abs(float64(high)-float64(f.height*most)/float64(f.width)) > 1 {
			t.Errorf("a picture of %dx%d made of %dx%d", wide, high, f.width, f.height)
		}
	}
	switch a := p.Audio; {
	case f.sound == "" && a != nil:
		t.Errorf("sound: %+v", a)
	case f.sound == "":
	case a == nil || a.Codec != f.sound || a.SampleRate != f.rate || a.Channels != f.channels:
		t.Errorf("sound: %+v, not %s %d Hz, %d channels", a, f.sound, f.rate, f.channels)
	}
	want := camera.Carriage{Carried: f.webRTC == "", Code: f.webRTC, Sound: f.audible(f.webRTC) && f.silent == "", SoundCode: f.silent}
	if want.Carried {
		want.By = "copy"
	}
	if p.WebRTC != want {
		t.Errorf("WebRTC: %+v, not %+v", p.WebRTC, want)
	}
	want = camera.Carriage{Carried: f.hls == "", Code: f.hls, Sound: f.audible(f.hls)}
	if want.Carried {
		want.By = "copy"
	}
	if p.HLS != want {
		t.Errorf("HLS: %+v, not %+v", p.HLS, want)
	}
	if p.Transport != f.transport || p.Via != camera.ViaDialled || p.Server != f.server {
		t.Errorf("over %s, %s, server %q", p.Transport, p.Via, p.Server)
	}
	var advice []string
	for _, a := range p.Advice {
		advice = append(advice, a.Code)
	}
	if !slices.Equal(advice, f.advice) {
		t.Errorf("advice %q, not %q", advice, f.advice)
	}
}

func (f facts) holdVideo(t *testing.T, v *camera.PassportVideo) {
	t.Helper()
	if v == nil {
		t.Error("no pictures")
		return
	}
	if v.Codec != f.codec || v.Profile != f.profile || v.Width != f.width || v.Height != f.height || v.BFrames != f.bFrames {
		t.Errorf("%+v, not %s %q %dx%d, B-frames %v", *v, f.codec, f.profile, f.width, f.height, f.bFrames)
	}
	if (v.Level == "") != (f.profile == "") {
		t.Errorf("level %q", v.Level)
	}
	if math.Abs(v.FPS-f.fps) > f.fps/10 {
		t.Errorf("%g frames a second, not %g", v.FPS, f.fps)
	}
	switch {
	case v.KeyframeS == nil && f.keyframe != 0:
		t.Errorf("no keyframes, not one each %g s", f.keyframe)
	case v.KeyframeS != nil && math.Abs(*v.KeyframeS-f.keyframe) > f.keyframe/5:
		t.Errorf("a keyframe each %g s, not %g", *v.KeyframeS, f.keyframe)
	}
	if v.Kbps <= 0 || f.kbps > 0 && (v.Kbps < f.kbps*4/5 || v.Kbps > f.kbps*6/5) {
		t.Errorf("%d kbit/s", v.Kbps)
	}
}

// TestWhatIsSaidOfACameraIsRight holds the probe against cameras of all kinds, ordinary and strange ones, all with one prober.
func TestWhatIsSaidOfACameraIsRight(t *testing.T) {
	r := newRig(t)
	for _, of := range []struct {
		name string
		hold func(*testing.T, *rig)
	}{ // the longest first
		{"GStreamer's server", gstreamersKinds},
		{"a keyframe at first, and no other", rareKeyframesFromTheFirst},
		{"a keyframe each 10 s", rareKeyframes},
		{"hostile ones", hostile},
		{"junk between packets", junkBetweenPackets},
		{"no pictures", noPictures},
		{"many at once", manyAtOnce},
		{"simulated cameras", simulatedKinds},
		{"a live camera of one session", liveCameraOfOneSession},
		{"odd descriptions", describedOddly},
		{"another size meanwhile", changeOfSize},
		{"sound of an odd rate", soundOfAnOddRate},
		{"redirections", redirections},
		{"a name of its own", named},
	} {
		t.Run(of.name, func(t *testing.T) {
			t.Parallel()
			of.hold(t, r)
		})
	}
}

func simulatedKinds(t *testing.T, r *rig) {
	lock := func(method string) func(*rtsptest.Options) {
		return func(o *rtsptest.Options) { o.Username, o.Password, o.AuthMethod = rightName, rightWord, method }
	}
	cases := []struct {
		name   string
		spec   rtsptest.Spec
		change func(*rtsptest.Options)
		want   facts
	}{
		{"baseline, mu-law, Digest", rtsptest.Spec{Width: 640, Height: 360, FPS: 25, GOP: 25, Audio: "pcmu"}, lock("digest"),
			facts{codec: "H264", profile: "Constrained Baseline", sound: "PCMU", rate: 8000, channels: 1}},
		{"main, A-law", rtsptest.Spec{Profile: "main", Width: 320, Height: 180, FPS: 15, GOP: 30, Audio: "pcma"}, nil,
			facts{codec: "H264", profile: "Main", sound: "PCMA", rate: 8000, channels: 1}},
		{"high, Opus, UDP alone", rtsptest.Spec{Profile: "high", Width: 640, Height: 480, FPS: 30, GOP: 45, Audio: "opus"},
			func(o *rtsptest.Options) { o.UDPOnly = true },
			facts{codec: "H264", profile: "High", sound: "opus", rate: 48000, channels: 1, transport: camera.TransportUDP,
				advice: []string{probe.AdviceUDPOnly}}},
		{"B-frames, AAC, Basic", rtsptest.Spec{Profile: "high", BFrames: 2, Width: 320, Height: 180, GOP: 50, Audio: "aac"}, lock("basic"),
			facts{codec: "H264", profile: "High", bFrames: true, sound: "MPEG4-GENERIC", rate: 48000, channels: 1, webRTC: relay.CodeBFrames,
				advice: []string{probe.AdviceBFrames, probe.AdviceBasic}}},
		{"AAC", rtsptest.Spec{Width: 320, Height: 180, Audio: "aac"}, nil,
			facts{codec: "H264", profile: "Constrained Baseline", sound: "MPEG4-GENERIC", rate: 48000, channels: 1, silent: "media.sound_codec",
				advice: []string{probe.AdviceAudio}}},
		{"H.265, A-law", rtsptest.Spec{Codec: "h265", Width: 320, Height: 240, FPS: 20, GOP: 40, Audio: "pcma"}, nil,
			facts{codec: "H265", profile: "Main", sound: "PCMA", rate: 8000, channels: 1, webRTC: relay.CodeCodec, hls: relay.CodeCodec,
				advice: []string{probe.AdviceH265}}},
		{"H.265 with B-frames", rtsptest.Spec{Codec: "h265", BFrames: 2, Width: 320, Height: 240}, nil,
			facts{codec: "H265", profile: "Main", bFrames: true, webRTC: relay.CodeCodec, hls: relay.CodeCodec, advice: []string{probe.AdviceH265}}},
		{"MJPEG", rtsptest.Spec{Codec: "mjpeg", Width: 320, Height: 240, FPS: 10}, nil,
			facts{codec: "JPEG", keyframe: 0.1, webRTC: relay.CodeCodec, hls: relay.CodeCodec, advice: []string{probe.AdviceCodec}}},
		{"sound alone", rtsptest.Spec{NoVideo: true, Audio: "pcma"}, nil,
			facts{sound: "PCMA", rate: 8000, channels: 1, webRTC: relay.CodeNoVideo, hls: relay.CodeNoVideo, advice: []string{probe.AdviceNoVideo}}},
		{"two frames a second", rtsptest.Spec{Width: 320, Height: 180, FPS: 2, GOP: 4}, nil, facts{codec: "H264", profile: "Constrained Baseline"}},
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.spec.Number, c.spec.Seconds = i, 4
			if c.change == nil {
				c.change = func(*rtsptest.Options) {}
			}
			locked := false
			cam := rtsptest.Start(t, c.spec, c.change, func(o *rtsptest.Options) { locked = o.Username != "" })
			p, still := r.probe(t, dial(cam.URL(), locked))
			c.want.server = "gortsplib"
			if c.want.transport == "" && c.want.codec != "" {
				c.want.transport = camera.TransportTCP
			}
			if c.want.codec != "" {
				c.want.width, c.want.height, c.want.fps = c.spec.Width, c.spec.Height, 25
				if c.spec.FPS != 0 {
					c.want.fps = float64(c.spec.FPS)
				}
				if c.want.keyframe == 0 {
					c.want.keyframe = 1
					if c.spec.GOP != 0 {
						c.want.keyframe = float64(c.spec.GOP) / c.want.fps
					}
				}
			}
			c.want.hold(t, p, still)
			alone(t, cam)
		})
	}
}

// alone holds that a camera was asked by one session at a time, which has ended.
func alone(t *testing.T, cam *rtsptest.Camera) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	must(t, cam.AwaitSessions(ctx, 0))
	if s := cam.Stats(); s.SessionsEver > 1 || s.Denied > 0 {
		t.Errorf("%d sessions, %d times a wrong password", s.SessionsEver, s.Denied)
	}
}

func gstreamersKinds(t *testing.T, r *rig) {
	small := "size=320x180:rate=25"
	jpeg := []string{"-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-huffman", "default", "-q:v", "6"}
	cases := []struct {
		film film
		want facts
	}{
		// Parameter sets in the description alone: that is GStreamer's way unless it is told otherwise.
		{film{name: "baseline", source: small, video: x264("baseline", 25, 0), videoPayer: "rtph264pay",
			sine: "sample_rate=8000", audio: []string{"-c:a", "pcm_mulaw"}, audioPayer: "rtppcmupay", auth: "digest"},
			facts{codec: "H264", profile: "Constrained Baseline", width: 320, height: 180, fps: 25, keyframe: 1, sound: "PCMU", rate: 8000, channels: 1}},
		{film{name: "main", source: "size=640x360:rate=30000/1001", video: x264("main", 60, 0), videoPayer: "rtph264pay config-interval=-1",
			sine: "sample_rate=8000", audio: []string{"-c:a", "pcm_alaw"}, audioPayer: "rtppcmapay", auth: "basic"},
			facts{codec: "H264", profile: "Main", width: 640, height: 360, fps: 30, keyframe: 2, sound: "PCMA", rate: 8000, channels: 1,
				advice: []string{probe.AdviceBasic}}},
		{film{name: "high", source: "size=704x576:rate=12", video: x264("high", 36, 0, "slices=4", "sliced-threads=0", "aud=1"), videoPayer: "rtph264pay aggregate-mode=zero-latency",
			sine: "sample_rate=44100", audio: []string{"-ac", "2", "-c:a", "aac"}, audioPayer: "rtpmp4gpay"},
			facts{codec: "H264", profile: "High", width: 704, height: 576, fps: 12, keyframe: 3, sound: "MPEG4-GENERIC", rate: 44100, channels: 2,
				silent: "media.sound_codec", advice: []string{probe.AdviceAudio}}},
		{film{name: "b-frames", source: small, video: x264("main", 50, 2), videoPayer: "rtph264pay",
			sine: "sample_rate=48000", audio: []string{"-ac", "2", "-c:a", "libopus"}, audioPayer: "rtpopuspay"},
			facts{codec: "H264", profile: "Main", width: 320, height: 180, fps: 25, keyframe: 2, bFrames: true, sound: "opus", rate: 48000, channels: 2,
				webRTC: relay.CodeBFrames, advice: []string{probe.AdviceBFrames}}},
		{film{name: "h265", source: small, video: x265(25, "yuv420p"), videoPayer: "rtph265pay"},
			facts{codec: "H265", profile: "Main", width: 320, height: 180, fps: 25, keyframe: 1, webRTC: relay.CodeCodec, hls: relay.CodeCodec,
				advice: []string{probe.AdviceH265}}},
		{film{name: "h265-of-10-bits", source: small, video: x265(50, "yuv420p10le"), videoPayer: "rtph265pay config-interval=1"},
			facts{codec: "H265", profile: "Main 10", width: 320, height: 180, fps: 25, keyframe: 2, webRTC: relay.CodeCodec, hls: relay.CodeCodec,
				advice: []string{probe.AdviceH265}}},
		{film{name: "vp8", source: small, video: []string{"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "500k"}, videoPayer: "rtpvp8pay"},
			facts{codec: "VP8", unread: true, fps: 25, webRTC: relay.CodeCodec, hls: relay.CodeCodec, advice: []string{probe.AdviceCodec}}},
		{film{name: "jpeg", source: "size=320x240:rate=10", video: jpeg, videoPayer: "rtpjpegpay"},
			facts{codec: "JPEG", width: 320, height: 240, fps: 10, keyframe: 0.1, webRTC: relay.CodeCodec, hls: relay.CodeCodec,
				advice: []string{probe.AdviceCodec}}},
		{film{name: "sound", sine: "sample_rate=48000", audio: []string{"-c:a", "libopus"}, audioPayer: "rtpopuspay"},
			facts{sound: "opus", rate: 48000, channels: 1, webRTC: relay.CodeNoVideo, hls: relay.CodeNoVideo, advice: []string{probe.AdviceNoVideo}}},
		{film{name: "udp", source: small, video: x264("high", 25, 0), videoPayer: "rtph264pay", udp: true},
			facts{codec: "H264", profile: "High", width: 320, height: 180, fps: 25, keyframe: 1, transport: camera.TransportUDP,
				advice: []string{probe.AdviceUDPOnly}}},
		{film{name: "4k", source: "size=3840x2160:rate=10", video: append(x264("high", 10, 0), "-qp", "12"), videoPayer: "rtph264pay", seconds: 4},
			facts{codec: "H264", profile: "High", width: 3840, height: 2160, fps: 10, keyframe: 1, kbps: 30_000, advice: []string{probe.AdviceBitrate}}},
	}
	films := make([]film, len(cases))
	for i, c := range cases {
		films[i] = c.film
	}
	addresses := screen(t, films)
	for _, c := range cases {
		t.Run(c.film.name, func(t *testing.T) {
			t.Parallel()
			p, still := r.probe(t, dial(addresses[c.film.name], c.film.auth != ""))
			c.want.server = "GStreamer RTSP server"
			if c.want.transport == "" && c.want.codec != "" {
				c.want.transport = camera.TransportTCP
			}
			c.want.hold(t, p, still)
		})
	}
}

// rareKeyframesFromTheFirst is what many cameras are set to: they begin with a keyframe, and the second does not come while anybody looks.
func rareKeyframesFromTheFirst(t *testing.T, r *rig) {
	address := screen(t, []film{
		{name: "rare", source: "size=320x180:rate=15", video: x264("high", 300, 0), videoPayer: "rtph264pay", seconds: 24},
	})["rare"]
	p, still := r.probe(t, dial(address, false))
	facts{
		codec: "H264", profile: "High", width: 320, height: 180, fps: 15, transport: camera.TransportTCP, server: "GStreamer RTSP server",
		advice: []string{probe.AdviceLongGOP},
	}.hold(t, p, still)
}

func liveCameraOfOneSession(t *testing.T, r *rig) {
	cam := rtsptest.Start(t, rtsptest.Spec{Number: 40, Width: 320, Height: 180, Seconds: 4, Audio: "pcmu"}, func(o *rtsptest.Options) {
		o.MaxSessions, o.Username, o.Password = 1, rightName, rightWord
	})
	stored, err := r.cameras.Create(t.Context(), auth.Principal{}, camera.NewCamera{
		Name: "Gate", Address: cam.URL(), Username: rightName, Password: camera.NewPassword(rightWord),
	})
	must(t, err)
	reader, err := r.relay.Read(relay.Key{Camera: stored.ID, Kind: camera.Main})
	must(t, err)
	defer reader.Close()
	for reader.State().Status != relay.Live {
		select {
		case <-reader.Ready():
			reader.SkipToLive()
		case <-time.After(20 * time.Second):
			t.Fatalf("the camera is %+v", reader.State())
		}
	}
	for name, trial := range map[string]camera.Trial{
		"as it is stored": {Camera: stored.ID}, "by its address": dial(cam.URL(), true),
	} {
		p, still := r.probe(t, trial)
		if p.Via != camera.ViaRunning || p.Code != "" || !p.WebRTC.Carried || !p.WebRTC.Sound || !p.HLS.Carried {
			t.Errorf("%s: %+v", name, p)
		}
		want := facts{codec: "H264", profile: "Constrained Baseline", width: 320, height: 180, fps: 25, keyframe: 1}
		want.holdVideo(t, p.Video)
		if wide, high := stillSize(t, still); wide != 320 || high != 180 {
			t.Errorf("%s: a picture of %dx%d", name, wide, high)
		}
	}
	if s := cam.Stats(); s.SessionsEver != 1 || s.SessionsNow != 1 {
		t.Errorf("%d sessions, %d now", s.SessionsEver, s.SessionsNow)
	}
}
