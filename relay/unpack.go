package relay

import (
	"bytes"
	"encoding/hex"
	"image/jpeg"
	"slices"

	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph265"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpmjpeg"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
	"github.com/pion/rtp"
)

// oddUnit is a picture of a codec that streams do not take.
type oddUnit struct {
	timestamp     uint32
	key           bool
	bytes         int
	whole         []byte // of a keyframe, so that a decoder can begin with it
	width, height int    // 0: not said here
	profile       string // as Codec.Profile; empty: not said here
}

// unpacker makes pictures of packets, given in sequence; false if none is whole yet.
type unpacker interface {
	take(p *rtp.Packet) (oddUnit, bool)
}

// anyPictures takes the first pictures of a description, whatever they are.
func (c *choice) anyPictures(desc *description.Session) bool {
	for _, m := range desc.Medias {
		if m.Type == description.MediaTypeVideo && !m.IsBackChannel && len(m.Formats) > 0 {
			c.video, c.picture = m, m.Formats[0]
			return true
		}
	}
	return false
}

func newUnpacker(f format.Format) unpacker {
	switch f := f.(type) {
	case *format.H265:
		if d, err := f.CreateDecoder(); err == nil {
			u := &unpackH265{decoder: d}
			vps, sps, pps := f.SafeParams()
			for _, nal := range [][]byte{vps, sps, pps} {
				u.learn(nal)
			}
			return u
		}
	}
	if encodingName(f) == "JPEG" { // under a dynamic payload type it is no format of its own
		d := &rtpmjpeg.Decoder{}
		if err := d.Init(); err == nil {
			return &unpackJPEG{decoder: d}
		}
	}
	return &unpackAny{}
}

// unpackH265 makes access units of RFC 7798.
type unpackH265 struct {
	decoder       *rtph265.Decoder
	sets          [3][]byte // newest VPS, SPS, PPS
	width, height int
	profile       string
}

// parameterSetOf gives the place of a parameter set in sets, -1 for other NAL units.
func parameterSetOf(nal []byte) int {
	switch h265.NALUType(nal[0] >> 1 & 0x3f) {
	case h265.NALUType_VPS_NUT:
		return 0
	case h265.NALUType_SPS_NUT:
		return 1
	case h265.NALUType_PPS_NUT:
		return 2
	}
	return -1
}

func (u *unpackH265) learn(nal []byte) {
	if len(nal) < 3 {
		return
	}
	i := parameterSetOf(nal)
	if i < 0 || bytes.Equal(u.sets[i], nal) {
		return
	}
	u.sets[i] = bytes.Clone(nal)
	var sps h265.SPS
	if i != 1 || sps.Unmarshal(nal) != nil {
		return
	}
	if w, h := sps.Width(), sps.Height(); w > 0 && h > 0 && w <= 1<<15 && h <= 1<<15 {
		u.width, u.height = w, h
	}
	t := sps.ProfileTierLevel
	u.profile = hex.EncodeToString([]byte{t.GeneralProfileIdc, t.GeneralTierFlag, t.GeneralLevelIdc})
}

func (u *unpackH265) take(p *rtp.Packet) (oddUnit, bool) {
	nals, err := u.decoder.Decode(p)
	if err != nil || len(nals) == 0 {
		return oddUnit{}, false // more is to come, or something was lost
	}
	nals = slices.DeleteFunc(nals, func(nal []byte) bool { return len(nal) < 3 })
	out := oddUnit{timestamp: p.Timestamp}
	var inBand [3]bool
	picture := false
	for _, nal := range nals {
		out.bytes += len(nal)
		if i := parameterSetOf(nal); i >= 0 {
			inBand[i] = true
			u.learn(nal)
		}
		picture = picture || nal[0]>>1&0x3f < 32 // VCL (ITU-T H.265, table 7-1)
	}
	if !picture {
		return oddUnit{}, false // a marker behind parameter sets
	}
	out.width, out.height, out.profile = u.width, u.height, u.profile
	if out.key = h265.IsRandomAccess(nals); out.key {
		for i, set := range u.sets {
			if !inBand[i] && set != nil {
				out.whole = append(append(out.whole, 0, 0, 0, 1), set...)
			}
		}
		for _, nal := range nals {
			out.whole = append(append(out.whole, 0, 0, 0, 1), nal...)
		}
	}
	return out, true
}

// unpackJPEG makes pictures of RFC 2435: each is a keyframe.
type unpackJPEG struct{ decoder *rtpmjpeg.Decoder }

func (u *unpackJPEG) take(p *rtp.Packet) (oddUnit, bool) {
	picture, err := u.decoder.Decode(p)
	if err != nil || len(picture) == 0 {
		return oddUnit{}, false
	}
	out := oddUnit{timestamp: p.Timestamp, key: true, bytes: len(picture), whole: picture}
	if c, err := jpeg.DecodeConfig(bytes.NewReader(picture)); err == nil {
		out.width, out.height = c.Width, c.Height
	}
	return out, true
}

// unpackAny counts what it can't read: packets of one timestamp are a picture.
type unpackAny struct {
	begun bool
	now   oddUnit
}

func (u *unpackAny) take(p *rtp.Packet) (oddUnit, bool) {
	if u.begun && p.Timestamp == u.now.timestamp {
		u.now.bytes += len(p.Payload)
		return oddUnit{}, false
	}
	done, ok := u.now, u.begun
	u.begun, u.now = true, oddUnit{timestamp: p.Timestamp, key: true, bytes: len(p.Payload)}
	return done, ok
}
