package rtsptest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts"
)

// Clip is an encoded loop, cut into RTP payloads. It never changes, so any number of cameras may play it at once.
type Clip struct {
	spec          Spec
	frames        []frame // in the order of decoding
	vps, sps, pps []byte
	audio         *track // nil: silent
}

// frame is one picture as it goes over the wire.
type frame struct {
	display  int      // position in the loop, in the order of display; what the barcode says
	keyframe bool     // an IDR picture, or any JPEG
	sets     [][]byte // payloads of the parameter sets, before the SEI
	payloads [][]byte // payloads of the picture, after it
	size     int      // bytes of all payloads
}

// Spec is what the clip was made from, with all defaults filled in.
func (c *Clip) Spec() Spec { return c.spec }

// Frames is the length of the loop in frames; 0 without video. A camera's counter modulo Frames is what its barcode
// says, until it switches clips.
func (c *Clip) Frames() int { return len(c.frames) }

// unit is an access unit as the encoder made it.
type unit struct {
	pts   int64 // 90 kHz
	nalus [][]byte
}

func loadClip(folder string, s Spec) (*Clip, error) {
	c := &Clip{spec: s}
	if !s.NoVideo {
		file := filepath.Join(folder, videoFile(s))
		units, err := readUnits(file, s)
		if err != nil {
			return nil, fmt.Errorf("read the video: %w", err)
		}
		if len(units) != s.frames() {
			return nil, fmt.Errorf("the video has %d frames, not %d", len(units), s.frames())
		}
		if err := c.cut(units); err != nil {
			return nil, fmt.Errorf("cut the video into packets: %w", err)
		}
	}
	if s.Audio != "" {
		sound, err := loadAudio(filepath.Join(folder, audioFile), s)
		if err != nil {
			return nil, fmt.Errorf("read the sound: %w", err)
		}
		if len(sound.frames) == 0 {
			return nil, errors.New("the sound is empty")
		}
		c.audio = sound
	}
	return c, nil
}

func readUnits(file string, s Spec) ([]unit, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if s.Codec == "mjpeg" {
		return readJPEGs(f, s)
	}

	r := &mpegts.Reader{R: f}
	if err := r.Initialize(); err != nil {
		return nil, fmt.Errorf("read MPEG-TS: %w", err)
	}
	if len(r.Tracks()) != 1 {
		return nil, fmt.Errorf("%d tracks, not one", len(r.Tracks()))
	}
	var units []unit
	collect := func(pts, _ int64, nalus [][]byte) error {
		units = append(units, unit{pts, nalus})
		return nil
	}
	if s.Codec == "h265" {
		r.OnDataH265(r.Tracks()[0], collect)
	} else {
		r.OnDataH264(r.Tracks()[0], collect)
	}
	for {
		if err := r.Read(); errors.Is(err, io.EOF) {
			return units, nil
		} else if err != nil {
			return nil, fmt.Errorf("read MPEG-TS: %w", err)
		}
	}
}

// readJPEGs parts pictures that follow each other: an end-of-image marker can't occur within the coded data.
func readJPEGs(f io.Reader, s Spec) ([]unit, error) {
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	var units []unit
	for {
		end := bytes.Index(text, []byte{0xff, 0xd9})
		if end < 0 {
			return units, nil
		}
		pts := int64(len(units)) * 90000 / int64(s.FPS)
		units = append(units, unit{pts, [][]byte{text[: end+2 : end+2]}})
		text = text[end+2:]
	}
}

// cut turns access units into payloads and learns the parameter sets.
func (c *Clip) cut(units []unit) error {
	first := units[0].pts
	for _, u := range units {
		first = min(first, u.pts)
	}
	cutter, err := newCutter(c.spec.Codec)
	if err != nil {
		return err
	}
	shown := make([]bool, len(units))
	for i, u := range units {
		fps := int64(c.spec.FPS)
		display := int(((u.pts-first)*fps + 45000) / 90000)
		if display < 0 || display >= len(units) || shown[display] {
			return fmt.Errorf("frame %d: time stamp %d is nobody's turn", i, u.pts)
		}
		shown[display] = true
		f := frame{display: display}
		if err := c.cutFrame(cutter, u.nalus, &f); err != nil {
			return fmt.Errorf("frame %d: %w", i, err)
		}
		for _, p := range f.sets {
			f.size += len(p)
		}
		for _, p := range f.payloads {
			f.size += len(p)
		}
		c.frames = append(c.frames, f)
	}
	if !c.frames[0].keyframe {
		return errors.New("the loop does not begin with a keyframe")
	}
	return nil
}

func (c *Clip) cutFrame(cut *cutter, nalus [][]byte, f *frame) (err error) {
	if c.spec.Codec == "mjpeg" {
		f.keyframe = true
		f.payloads, err = cut.payloads(nalus)
		return err
	}
	var picture [][]byte
	for _, nalu := range nalus {
		if len(nalu) == 0 {
			continue
		}
		switch kindOf(c.spec.Codec, nalu) {
		case vpsUnit:
			c.vps = nalu
		case spsUnit:
			c.sps = nalu
		case ppsUnit:
			c.pps = nalu
		case keyUnit:
			f.keyframe = true
			picture = append(picture, nalu)
		case sliceUnit:
			picture = append(picture, nalu)
		case otherUnit: // delimiters, and what encoders say of themselves
		}
	}
	if len(picture) == 0 {
		return errors.New("no picture in the access unit")
	}
	if f.keyframe {
		// Each parameter set in a packet of its own, as most cameras have it.
		for _, set := range [][]byte{c.vps, c.sps, c.pps} {
			if set != nil {
				f.sets = append(f.sets, set)
			}
		}
	}
	f.payloads, err = cut.payloads(picture)
	return err
}

// unitKind is what a NAL unit means here.
type unitKind int

const (
	otherUnit unitKind = iota
	sliceUnit
	keyUnit // a slice of an IDR picture
	vpsUnit
	spsUnit
	ppsUnit
)

func kindOf(codec string, nalu []byte) unitKind {
	if codec == "h265" {
		switch h265.NALUType(nalu[0] >> 1 & 0x3f) {
		case h265.NALUType_VPS_NUT:
			return vpsUnit
		case h265.NALUType_SPS_NUT:
			return spsUnit
		case h265.NALUType_PPS_NUT:
			return ppsUnit
		case h265.NALUType_IDR_W_RADL, h265.NALUType_IDR_N_LP, h265.NALUType_CRA_NUT:
			return keyUnit
		default:
			if nalu[0]>>1&0x3f < 32 {
				return sliceUnit
			}
			return otherUnit
		}
	}
	switch h264.NALUType(nalu[0] & 0x1f) {
	case h264.NALUTypeSPS:
		return spsUnit
	case h264.NALUTypePPS:
		return ppsUnit
	case h264.NALUTypeIDR:
		return keyUnit
	case h264.NALUTypeNonIDR:
		return sliceUnit
	default:
		return otherUnit
	}
}
