package camera

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// MaxStill bounds the picture that is kept with a passport, in bytes.
const MaxStill = 100 << 10

// Passport is what a probe found out about a camera's main stream. It holds no address, no credentials and no text of the camera's but
// Server and Others, of which only plain characters are left. Its JSON is how it is kept.
type Passport struct {
	At     time.Time `json:"at"`
	TookMS int       `json:"took_ms"`
	// Via is how it was looked at.
	Via PassportVia `json:"via"`
	// Code is why no picture came, in the codes of a stream's state; empty if one did. Params are what its words need.
	Code      string            `json:"code"`
	Params    map[string]string `json:"params,omitempty"`
	Transport Transport         `json:"transport"` // TransportTCP, TransportUDP; empty if no session stood
	Server    string            `json:"server"`
	Video     *PassportVideo    `json:"video"`
	Audio     *PassportAudio    `json:"audio"`
	Others    []string          `json:"others,omitempty"` // what it sends besides, as people call it
	WebRTC    Carriage          `json:"webrtc"`
	HLS       Carriage          `json:"hls"`
	Advice    []Advice          `json:"advice,omitempty"`
	HasStill  bool              `json:"still"` // a picture is kept beside it
}

// Outcome is a passport in one word, for filters.
type Outcome string

// The outcomes, the worst first.
const (
	OutcomeNone      Outcome = "none"      // not probed, or not as it is now
	OutcomeFailed    Outcome = "failed"    // no picture came
	OutcomeUncarried Outcome = "uncarried" // pictures that no way to a browser carries
	OutcomeAdvice    Outcome = "advice"    // it can be watched, and there is something to change
	OutcomeWell      Outcome = "well"
)

// Outcome gives the passport in one word; nil is OutcomeNone.
func (p *Passport) Outcome() Outcome {
	switch {
	case p == nil:
		return OutcomeNone
	case p.Code != "":
		return OutcomeFailed
	case !p.WebRTC.Carried && !p.HLS.Carried:
		return OutcomeUncarried
	case len(p.Advice) > 0:
		return OutcomeAdvice
	}
	return OutcomeWell
}

// PassportVia is how a camera was looked at.
type PassportVia string

// The ways.
const (
	ViaRunning PassportVia = "running" // through a stream that was there already
	ViaDialled PassportVia = "dialled" // by a session of the probe's own
)

// PassportVideo is what the pictures are.
type PassportVideo struct {
	Codec     string   `json:"codec"`   // "H264", "H265", "JPEG", …: the encoding name of the RTP payload format
	Profile   string   `json:"profile"` // "Baseline", "High", "Main 10"; empty if unknown or none
	Level     string   `json:"level"`   // "4.1"; empty likewise
	Width     int      `json:"width"`   // pixels; 0 if unknown
	Height    int      `json:"height"`
	FPS       float64  `json:"fps"`        // measured; 0 if too few pictures came
	KeyframeS *float64 `json:"keyframe_s"` // seconds between two keyframes, measured; nil if two did not come in time
	BFrames   bool     `json:"b_frames"`   // pictures come in another order than they are shown
	Kbps      int      `json:"bitrate_kbps"`
}

// PassportAudio is what the sound is.
type PassportAudio struct {
	Codec      string `json:"codec"`       // as PassportVideo.Codec
	SampleRate int    `json:"sample_rate"` // Hz
	Channels   int    `json:"channels"`
}

// Carriage says whether a way to the browser carries the camera.
type Carriage struct {
	Carried   bool   `json:"carried"`
	Code      string `json:"code"` // why not
	Sound     bool   `json:"sound"`
	SoundCode string `json:"sound_code"` // why there is no sound; empty also where the camera has none
	By        string `json:"by"`         // "copy", "transcode"; empty if it is not carried
}

// Advice is something to change in the camera's settings, or in the gateway's record of it.
type Advice struct {
	Code   string            `json:"code"`
	Params map[string]string `json:"params,omitempty"`
}

// passport reads what is kept; nil if nothing is.
func (r Record) passport() *Passport {
	if r.Passport == "" {
		return nil
	}
	var p Passport
	if json.Unmarshal([]byte(r.Passport), &p) != nil {
		return nil // of a newer program's making: as good as none
	}
	return &p
}

// KeepPassport keeps what a probe of target found, with its picture (nil: none; at most MaxStill). It reports false, and keeps nothing, if
// the camera is dialled otherwise by now, or is gone: what was found is not true of it any more.
func (s *Service) KeepPassport(ctx context.Context, target Target, p Passport, still []byte) (bool, error) {
	p.HasStill = len(still) > 0
	text, err := json.Marshal(p)
	if err != nil {
		return false, fmt.Errorf("keep what a probe found: %w", err)
	}
	for {
		r, err := s.store.Camera(ctx, target.Camera)
		if errors.Is(err, ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("keep what a probe found: %w", err)
		}
		o, err := s.open(r)
		if err != nil {
			return false, fmt.Errorf("keep what a probe found: %w", err)
		}
		if target != mainTarget(r, o) {
			return false, nil
		}
		switch err = s.store.PutPassport(ctx, r.ID, r.Version, string(text), p.Outcome(), still); {
		case err == nil:
			return true, nil
		case errors.Is(err, ErrVersion) && ctx.Err() == nil: // somebody changed it meanwhile: perhaps only its name
		default:
			return false, fmt.Errorf("keep what a probe found: %w", err)
		}
	}
}

func mainTarget(r Record, o open4) Target {
	return Target{Camera: r.ID, Kind: Main, Address: o.Address, Username: o.Username, Password: o.Password, Transport: r.Transport}
}

// PassportStill gives the picture of the last probe, a JPEG, and when the probe was. ErrNotFound, ErrNoStill.
func (s *Service) PassportStill(ctx context.Context, id ID) ([]byte, time.Time, error) {
	r, err := s.store.Camera(ctx, id)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("read the picture of a probe: %w", err)
	}
	p := r.passport()
	if p == nil || !p.HasStill {
		return nil, time.Time{}, ErrNoStill
	}
	still, err := s.store.PassportStill(ctx, id)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("read the picture of a probe: %w", err)
	}
	return still, p.At, nil
}
