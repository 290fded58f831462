package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

// Passport is what a probe found out about a camera.
type Passport struct {
	At        time.Time         `json:"at"`
	TookMS    int               `json:"took_ms"`
	Via       string            `json:"via" enum:"running,dialled" doc:"running: it was looked at through a stream that was there already"`
	Code      string            `json:"code" doc:"why no picture came, in the codes of a camera's state; empty if one did" example:"camera.unreachable"`
	Params    map[string]string `json:"params" nullable:"false" doc:"what the words of the code need"`
	Transport string            `json:"transport" enum:"tcp,udp," doc:"how RTP came; empty if no session stood"`
	Server    string            `json:"server" doc:"what the camera calls itself"`
	Video     *PassportVideo    `json:"video" doc:"null if there are no pictures, or it is not known"`
	Audio     *PassportAudio    `json:"audio" doc:"null if there is no sound, or it is not known"`
	Others    []string          `json:"others" nullable:"false" doc:"what it sends besides" example:"[\"ONVIF metadata\"]"`
	WebRTC    Carriage          `json:"webrtc"`
	HLS       Carriage          `json:"hls"`
	Advice    []Advice          `json:"advice" nullable:"false" doc:"what to change"`
	Still     *string           `json:"still" doc:"a picture (JPEG, at most 640 pixels wide): a path, or a data: URL of what is not kept; null if none"`
}

// PassportVideo is what a camera's pictures are.
type PassportVideo struct {
	Codec     string   `json:"codec" example:"H264"`
	Profile   string   `json:"profile" example:"High"`
	Level     string   `json:"level" example:"4.1"`
	Width     int      `json:"width" doc:"0: unknown"`
	Height    int      `json:"height"`
	FPS       float64  `json:"fps" doc:"measured; 0: too few pictures came"`
	KeyframeS *float64 `json:"keyframe_s" doc:"seconds between keyframes, measured; null if fewer than two came in time"`
	BFrames   bool     `json:"b_frames"`
	Kbps      int      `json:"bitrate_kbps"`
}

// PassportAudio is what a camera's sound is.
type PassportAudio struct {
	Codec      string `json:"codec" example:"PCMA"`
	SampleRate int    `json:"sample_rate" doc:"Hz"`
	Channels   int    `json:"channels"`
}

// Carriage says whether a way to the browser carries the camera.
type Carriage struct {
	Carried   bool   `json:"carried"`
	Code      string `json:"code" doc:"why not" example:"media.codec"`
	Sound     bool   `json:"sound"`
	SoundCode string `json:"sound_code" doc:"why there is no sound, where the camera has any"`
	By        string `json:"by" enum:"copy,transcode," doc:"how it gets there"`
}

// Advice is something to change, mostly in the camera's own settings.
type Advice struct {
	Code   string            `json:"code" example:"probe.h265"`
	Params map[string]string `json:"params" nullable:"false"`
}

// showPassport shows a passport without its picture.
func showPassport(p *camera.Passport, id camera.ID) *Passport {
	if p == nil {
		return nil
	}
	out := &Passport{
		At: utc(p.At), TookMS: p.TookMS, Via: string(p.Via), Code: p.Code, Params: params(p.Params), Transport: string(p.Transport),
		Server: p.Server, Video: (*PassportVideo)(p.Video), Audio: (*PassportAudio)(p.Audio), Others: texts(p.Others),
		WebRTC: Carriage(p.WebRTC), HLS: Carriage(p.HLS), Advice: make([]Advice, 0, len(p.Advice)),
	}
	for _, a := range p.Advice {
		out.Advice = append(out.Advice, Advice{Code: a.Code, Params: params(a.Params)})
	}
	if p.HasStill && id != "" {
		// The time makes it another address for each picture.
		path := v1 + "/cameras/" + string(id) + "/passport/still?at=" + strconv.FormatInt(p.At.UnixMilli(), 10)
		out.Still = &path
	}
	return out
}

// params gives a map that is never null in JSON.
func params(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// ProbeInput says what to probe. With camera_id what is absent is taken from that camera.
type ProbeInput struct {
	CameraID  string                 `json:"camera_id,omitempty" maxLength:"100" doc:"what was found is kept with the camera if it is probed as it is"`
	Address   patch.Optional[string] `json:"address,omitzero" doc:"rtsp:// or rtsps://; credentials may stand in it"`
	Username  patch.Optional[string] `json:"username,omitzero"`
	Password  patch.Optional[string] `json:"password,omitzero" writeOnly:"true" doc:"must be sent for another host, port or scheme than the camera's"`
	Transport patch.Optional[string] `json:"transport,omitzero" enum:"auto,tcp,udp"`
}

func (a *API) probeCamera(ctx context.Context, in *struct{ Body ProbeInput }) (*struct{ Body *Passport }, error) {
	b := in.Body
	id := idsOf[camera.ID]([]string{b.CameraID})[0]
	found, err := a.probes.Probe(ctx, caller(ctx), camera.Trial{
		Camera: id, Address: b.Address, Username: b.Username, Password: as(b.Password, camera.NewPassword),
		Transport: as(b.Transport, func(s string) camera.Transport { return camera.Transport(s) }),
	})
	if err != nil {
		return nil, err
	}
	if found.Kept {
		return &struct{ Body *Passport }{showPassport(&found.Passport, found.Camera)}, nil
	}
	out := showPassport(&found.Passport, "")
	if len(found.Still) > 0 {
		data := "data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(found.Still)
		out.Still = &data
	}
	return &struct{ Body *Passport }{out}, nil
}

// passportStill gives the picture of a camera's last probe. A browser keeps it and asks each time whether it is still that one, so that who
// may not see it any more does not.
func (a *API) passportStill(c *gin.Context) {
	still, at, err := a.cameras.PassportStill(c.Request.Context(), camera.ID(c.Param("id")))
	if err != nil {
		a.refuse(c, err)
		return
	}
	tag := etag(at.UnixMilli())
	c.Header("ETag", tag)
	c.Header("Last-Modified", at.UTC().Format(http.TimeFormat))
	c.Header("Cache-Control", "private, no-cache")
	if c.GetHeader("If-None-Match") == tag {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	c.Data(http.StatusOK, "image/jpeg", still)
}
