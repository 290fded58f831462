package probe

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// codeSound says that browsers do not take a camera's sound by WebRTC as it is.
const codeSound = "media.sound_codec"

// byCopy is how pictures get to a browser as they are.
const byCopy = "copy"

// hlsMost bounds the question whether HLS would carry a camera.
const hlsMost = 2 * time.Second

// examine looks at a camera and writes its passport.
func (p *Prober) examine(ctx context.Context, tried camera.Tried, how insistence) Found {
	began := p.now()
	ctx, cancel := context.WithTimeout(ctx, probeMost)
	defer cancel()
	f := p.look(ctx, tried.Target, how)
	out := Found{Passport: camera.Passport{
		At: p.now().UTC().Truncate(time.Millisecond), TookMS: int(p.now().Sub(began).Milliseconds()), Via: f.via, Code: f.code, Params: f.params,
		Transport: camera.Transport(f.state.Media.Transport), Server: f.device.Server, Others: f.device.Others,
		Video: f.video(), Audio: f.audio(),
	}}
	out.Passport.WebRTC, out.Passport.HLS = f.webRTC(), f.hls(p.askHLS(ctx, f.state))
	out.Passport.Advice = advise(f, out.Passport, tried)
	if f.measure.pictures > 0 {
		var err error
		if out.Still, err = p.still(ctx, f); err != nil && !errors.Is(err, context.Canceled) {
			p.log.Warn("no picture could be made of what a probe saw", "camera", string(tried.Target.Camera), "codec", f.state.Media.Video.Name, "error", err)
		}
	}
	out.Passport.HasStill = out.Still != nil
	return out
}

// askHLS asks for HLS's word. Where FFmpeg was not looked for yet, that takes a moment, for which nobody is kept waiting long.
func (p *Prober) askHLS(ctx context.Context, s relay.State) string {
	ctx, cancel := context.WithTimeout(ctx, hlsMost)
	defer cancel()
	return p.hls(ctx, s)
}

func (f *finding) video() *camera.PassportVideo {
	c := f.state.Media.Video
	if c.Name == "" {
		return nil
	}
	m := f.state.Media
	v := &camera.PassportVideo{Codec: c.Name, Width: m.Width, Height: m.Height, Kbps: f.measure.kbps()}
	v.Profile, v.Level = profileOf(c)
	v.BFrames = f.state.Code == relay.CodeBFrames || c.Name != "H264" && f.measure.backwards
	fps := f.measure.fps()
	if said := m.FPS; fps > 0 && said > 0 && math.Abs(fps-said) < said/50 {
		fps = math.Round(said*100) / 100 // what is within 2 % of what the camera says is that
	} else {
		fps = math.Round(fps*10) / 10
	}
	v.FPS = fps
	if s, ok := f.measure.keyframes(); ok && keysKnown(c.Name) {
		s = math.Round(s*100) / 100
		v.KeyframeS = &s
	}
	return v
}

func (f *finding) audio() *camera.PassportAudio {
	c := f.state.Media.Audio
	if c.Name == "" {
		return nil
	}
	a := &camera.PassportAudio{Codec: c.Name, SampleRate: c.ClockRate, Channels: c.Channels}
	if c.Name == "G722" {
		a.SampleRate = 16000 // its clock in RTP is half of that by mistake, and had to stay so (RFC 3551, 4.5.2)
	}
	return a
}

// webRTC says what WebRTC makes of the camera: the relay's own word, by which peers go.
func (f *finding) webRTC() camera.Carriage {
	code := f.code
	if code == "" && f.state.Status == relay.Unsupported {
		code = f.state.Code
	}
	out := f.carriage(code)
	if sound := f.state.Media.Audio; out.Carried && sound.Name != "" {
		if out.Sound = sound.WebRTC(); !out.Sound {
			out.SoundCode = codeSound
		}
	}
	return out
}

// hls says what HLS makes of it; code is its own word of why not.
func (f *finding) hls(code string) camera.Carriage {
	if f.code != "" {
		code = f.code
	}
	out := f.carriage(code)
	out.Sound = out.Carried && f.state.Media.Audio.Name != "" // whatever FFmpeg hears becomes AAC
	return out
}

func (f *finding) carriage(code string) camera.Carriage {
	if code != "" {
		return camera.Carriage{Code: code}
	}
	return camera.Carriage{Carried: true, By: byCopy}
}

// keysKnown reports whether the relay knows this codec's keyframes from other pictures.
func keysKnown(rtp string) bool { return rtp == "H264" || rtp == "H265" || rtp == "JPEG" }
