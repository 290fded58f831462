package relay

import (
	"bytes"
	"encoding/hex"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
)

// The NAL unit types that matter here (ITU-T H.264 table 7-1, RFC 6184 table 1).
const (
	nalSlice     = 1
	nalPartA     = 2
	nalPartC     = 4
	nalIDR       = 5
	nalSEI       = 6
	nalSPS       = 7
	nalPPS       = 8
	nalDelimiter = 9
	nalFiller    = 12
	nalSTAPA     = 24
	nalFUA       = 28
)

func nalType(nal []byte) byte { return nal[0] & 0x1f }

// isPicture tells NAL units that carry a part of a picture.
func isPicture(typ byte) bool { return typ >= nalSlice && typ <= nalIDR }

// slice is the head of a slice: enough to tell where a picture begins and whether it refers to the future.
type slice struct {
	first bool // the first of its picture
	b     bool // bi-predictive
}

func parseSlice(nal []byte) (slice, bool) {
	typ := nalType(nal)
	if typ != nalSlice && typ != nalIDR && typ != nalPartA {
		return slice{}, false
	}
	r := bitReader{b: nal[1:min(len(nal), 16)]}
	firstMB, kind := r.golomb(), r.golomb()
	if r.bad || kind > 9 {
		return slice{}, false
	}
	return slice{first: firstMB == 0, b: kind%5 == 1}, true
}

var startCode = []byte{0, 0, 1}

// eachNAL gives the NAL units in b, which should be one, but which some cameras fill with several, divided by start codes. A start code
// can't occur within a NAL unit, so one found is a division (ITU-T H.264, annex B).
func eachNAL(b []byte, give func([]byte)) {
	for {
		i := bytes.Index(b, startCode)
		if i < 0 {
			break
		}
		if nal := bytes.TrimRight(b[:i], "\x00"); len(nal) > 0 {
			give(nal)
		}
		b = b[i+len(startCode):]
	}
	if len(b) > 0 {
		give(b)
	}
}

// parameterSet reads the id of a PPS and of the SPS that it belongs to, or of an SPS.
func parameterSetID(nal []byte) (uint32, bool) {
	r := bitReader{b: nal[1:]}
	if nalType(nal) == nalSPS {
		if len(nal) < 5 {
			return 0, false
		}
		r = bitReader{b: nal[4:]}
	}
	id := r.golomb()
	return id, !r.bad && id < 256
}

// parameterSets are the newest SPS and PPS of a stream, by their ids.
type parameterSets struct {
	sps, pps []parameterSet
}

type parameterSet struct {
	id  uint32
	nal []byte
}

// maxParameterSets bounds what a strange camera can make us keep.
const maxParameterSets = 16

// learn keeps a copy of an SPS or PPS; it reports whether it is a new one.
func (p *parameterSets) learn(nal []byte) bool {
	nal = bytes.TrimPrefix(bytes.TrimPrefix(nal, []byte{0}), startCode) // SDP of some cameras has start codes
	if len(nal) < 2 || len(nal) > MaxPayload {
		return false
	}
	list := &p.pps
	switch nalType(nal) {
	case nalSPS:
		list = &p.sps
	case nalPPS:
	default:
		return false
	}
	id, ok := parameterSetID(nal)
	if !ok {
		return false
	}
	for i, old := range *list {
		if old.id == id {
			if bytes.Equal(old.nal, nal) {
				return false
			}
			// The last one learned goes to the end: it is the one in use.
			*list = append(append((*list)[:i:i], (*list)[i+1:]...), parameterSet{id, bytes.Clone(nal)})
			return true
		}
	}
	if len(*list) == maxParameterSets {
		*list = append([]parameterSet(nil), (*list)[1:]...)
	}
	*list = append(*list, parameterSet{id, bytes.Clone(nal)})
	return true
}

// complete reports whether a decoder could begin.
func (p *parameterSets) complete() bool { return len(p.sps) > 0 && len(p.pps) > 0 }

// newest gives the SPS and PPS in use, nil if unknown. They must not be changed.
func (p *parameterSets) newest() (sps, pps []byte) {
	if n := len(p.sps); n > 0 {
		sps = p.sps[n-1].nal
	}
	if n := len(p.pps); n > 0 {
		pps = p.pps[n-1].nal
	}
	return sps, pps
}

// spsFacts are what an SPS says about the stream. Zero values mean that it does not.
type spsFacts struct {
	width, height int
	fps           float64
	profile       string
	reorder       reorderRule
}

// reorderRule is how far an SPS lets pictures be shown in another order than they come.
type reorderRule uint8

const (
	reorderUnsaid    reorderRule = iota // anything may come
	reorderNever                        // output order is decoding order
	reorderAnnounced                    // max_num_reorder_frames > 0
)

func readSPS(nal []byte) spsFacts {
	var f spsFacts
	if len(nal) < 4 {
		return f
	}
	f.profile = hex.EncodeToString(nal[1:4])
	var sps h264.SPS
	if err := sps.Unmarshal(nal); err != nil {
		return f
	}
	f.width, f.height, f.fps = sps.Width(), sps.Height(), sps.FPS()
	if f.width < 0 || f.height < 0 || f.width > 1<<15 || f.height > 1<<15 {
		f.width, f.height = 0, 0
	}
	if !(f.fps > 0 && f.fps <= 1000) {
		f.fps = 0
	}
	switch {
	case sps.PicOrderCntType == 2, sps.ProfileIdc == 66:
		f.reorder = reorderNever
	case sps.VUI == nil || sps.VUI.BitstreamRestriction == nil:
	case sps.VUI.BitstreamRestriction.MaxNumReorderFrames == 0:
		f.reorder = reorderNever
	default:
		f.reorder = reorderAnnounced
	}
	return f
}
