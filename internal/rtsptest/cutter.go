package rtsptest

import (
	"fmt"

	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph264"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph265"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpmjpeg"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpmpeg4audio"
	"github.com/pion/rtp"
)

const (
	// maxPayload is what common cameras put into an RTP packet, in bytes.
	maxPayload = 1400

	videoPayloadType = 96
	audioPayloadType = 97
	videoClock       = 90000
)

// cutter turns access units into RTP payloads (RFC 6184, RFC 7798, RFC 2435).
type cutter struct {
	encode func(nalus [][]byte) ([]*rtp.Packet, error)
}

func newCutter(codec string) (*cutter, error) {
	switch codec {
	case "h265":
		e := &rtph265.Encoder{PayloadType: videoPayloadType, PayloadMaxSize: maxPayload}
		return &cutter{e.Encode}, e.Init()
	case "mjpeg":
		e := &rtpmjpeg.Encoder{PayloadMaxSize: maxPayload}
		return &cutter{func(pictures [][]byte) ([]*rtp.Packet, error) { return e.Encode(pictures[0]) }}, e.Init()
	default:
		e := &rtph264.Encoder{PayloadType: videoPayloadType, PayloadMaxSize: maxPayload, PacketizationMode: 1}
		return &cutter{e.Encode}, e.Init()
	}
}

func (c *cutter) payloads(nalus [][]byte) ([][]byte, error) {
	packets, err := c.encode(nalus)
	if err != nil {
		return nil, err
	}
	payloads := make([][]byte, len(packets))
	for i, p := range packets {
		payloads[i] = p.Payload
	}
	return payloads, nil
}

// session describes the clip as an SDP would. Every camera gets a description of its own.
func (c *Clip) session() (*description.Session, error) {
	desc := &description.Session{Title: c.spec.Name}
	if !c.spec.NoVideo {
		var f format.Format
		switch c.spec.Codec {
		case "h265":
			f = &format.H265{PayloadTyp: videoPayloadType, VPS: c.vps, SPS: c.sps, PPS: c.pps}
		case "mjpeg":
			f = &format.MJPEG{}
		default:
			f = &format.H264{PayloadTyp: videoPayloadType, SPS: c.sps, PPS: c.pps, PacketizationMode: 1}
		}
		desc.Medias = append(desc.Medias, &description.Media{Type: description.MediaTypeVideo, Formats: []format.Format{f}})
	}
	if c.audio != nil {
		f, err := c.audioFormat()
		if err != nil {
			return nil, err
		}
		desc.Medias = append(desc.Medias, &description.Media{Type: description.MediaTypeAudio, Formats: []format.Format{f}})
	}
	return desc, nil
}

func (c *Clip) audioFormat() (format.Format, error) {
	switch c.spec.Audio {
	case "pcmu":
		return &format.G711{PayloadTyp: 0, MULaw: true, SampleRate: 8000, ChannelCount: 1}, nil
	case "pcma":
		return &format.G711{PayloadTyp: 8, SampleRate: 8000, ChannelCount: 1}, nil
	case "opus":
		return &format.Opus{PayloadTyp: audioPayloadType, ChannelCount: 1}, nil
	case "aac":
		return &format.MPEG4Audio{
			PayloadTyp: audioPayloadType, Config: c.audio.config, SizeLength: 13, IndexLength: 3, IndexDeltaLength: 3,
		}, nil
	default:
		return nil, fmt.Errorf("audio %q: no RTP format", c.spec.Audio)
	}
}

// packAAC wraps AAC frames for RTP (RFC 3640, AAC-hbr); the other sounds go as they are.
func packAAC(frames [][]byte) ([][]byte, error) {
	e := &rtpmpeg4audio.Encoder{
		PayloadType: audioPayloadType, SizeLength: 13, IndexLength: 3, IndexDeltaLength: 3, PayloadMaxSize: maxPayload,
	}
	if err := e.Init(); err != nil {
		return nil, err
	}
	payloads := make([][]byte, 0, len(frames))
	for _, f := range frames {
		packets, err := e.Encode([][]byte{f})
		if err != nil {
			return nil, err
		}
		if len(packets) != 1 {
			return nil, fmt.Errorf("an AAC frame of %d bytes: more than a packet", len(f))
		}
		payloads = append(payloads, packets[0].Payload)
	}
	return payloads, nil
}
