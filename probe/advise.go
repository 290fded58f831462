package probe

import (
	"strconv"
	"strings"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// The codes of advice. They are stable; the web app and the sheet of a job turn them into words.
const (
	AdviceH265        = "probe.h265"         // H.264 instead
	AdviceCodec       = "probe.video_codec"  // likewise of others; Params "codec"
	AdviceNoVideo     = "probe.no_video"     // switch the pictures on, or take another path
	AdviceBFrames     = "probe.b_frames"     // none of them
	AdviceNoKeyframes = "probe.no_keyframes" // some
	AdviceLongGOP     = "probe.long_gop"     // more often; Params "seconds"
	AdviceBitrate     = "probe.high_bitrate" // less; Params "kbps"
	AdviceAudio       = "probe.audio_codec"  // G.711 or Opus; Params "codec"
	AdviceBasic       = "probe.basic_auth"   // Digest
	AdviceSub         = "probe.sub_address"  // write down the second stream; Params "width", "height"
	AdviceUDPOnly     = "probe.udp_only"     // the camera refuses TCP
	AdviceUDPSilent   = "probe.udp_silent"   // UDP does not get through
)

// What is worth a word.
const (
	longGOP  = 4.0        // seconds
	highKbps = 8_000      // for one camera on a wall of many
	subFrom  = 1280 * 720 // pixels above which a wall wants the second stream
)

// advise says what to change, what hinders most first.
func advise(f finding, p camera.Passport, tried camera.Tried) []camera.Advice {
	var list []camera.Advice
	add := func(code string, params ...string) {
		a := camera.Advice{Code: code}
		for i := 0; i+1 < len(params); i += 2 {
			if a.Params == nil {
				a.Params = map[string]string{}
			}
			a.Params[params[i]] = params[i+1]
		}
		list = append(list, a)
	}
	v := p.Video
	switch {
	case p.Code == relay.CodeNoVideo:
		add(AdviceNoVideo)
	case v != nil && v.Codec == "H265":
		add(AdviceH265)
	case v != nil && v.Codec != "H264":
		add(AdviceCodec, "codec", v.Codec)
	case p.Code == relay.CodeNoKeyframe:
		add(AdviceNoKeyframes)
	}
	if f.state.Code == relay.CodeBFrames {
		add(AdviceBFrames)
	}
	if p.Code == codeSilent && (p.Transport == camera.TransportUDP || tried.Target.Transport == camera.TransportUDP) {
		add(AdviceUDPSilent)
	}
	if v != nil && v.KeyframeS != nil && *v.KeyframeS > longGOP {
		add(AdviceLongGOP, "seconds", strconv.FormatFloat(*v.KeyframeS, 'f', -1, 64))
	}
	// No second keyframe came while we looked, or the first one only after long.
	without := max(f.unkeyed.Seconds(), f.measure.waited())
	if v != nil && v.KeyframeS == nil && keysKnown(v.Codec) && f.measure.keys == 1 && without > longGOP {
		add(AdviceLongGOP, "seconds", strconv.Itoa(int(without)))
	}
	if v != nil && v.Kbps > highKbps {
		add(AdviceBitrate, "kbps", strconv.Itoa(v.Kbps))
	}
	if p.Audio != nil && p.WebRTC.Carried && !p.WebRTC.Sound {
		add(AdviceAudio, "codec", p.Audio.Codec)
	}
	if f.session && p.Transport == camera.TransportUDP && tried.Target.Transport == camera.TransportAuto {
		add(AdviceUDPOnly)
	}
	if f.device.Auth == "basic" && strings.HasPrefix(tried.Target.Address, "rtsp:") {
		add(AdviceBasic)
	}
	if v != nil && f.session && tried.Camera.ID != "" && tried.Target.Kind == camera.Main && tried.Camera.SubAddress == "" && v.Width*v.Height > subFrom {
		add(AdviceSub, "width", strconv.Itoa(v.Width), "height", strconv.Itoa(v.Height))
	}
	return list
}
