package hls

import (
	"encoding/binary"
	"fmt"
)

// Numbers of the tracks in what players get.
const (
	videoTrack = 1
	audioTrack = 2
)

// description is what a moov says of its one track. It is immutable.
type description struct {
	video bool
	ftyp  []byte // content
	mvhd  []byte // whole
	trak  []byte // whole, without an edit list
	rate  uint32 // ticks a second

	// Of video.
	codec      string // RFC 6381: "avc1.42c01e"
	lengthSize int    // of the length before each NAL unit, in bytes
	sps        [][]byte
}

// describe reads a moov with one track, H.264 or AAC.
func describe(ftyp, moov []byte) (*description, error) {
	d := &description{ftyp: ftyp}
	var trak []byte
	err := eachBox(moov, func(name string, whole, body []byte) error {
		switch name {
		case "mvhd":
			d.mvhd = whole
		case "trak":
			trak = body
		}
		return nil
	})
	mdhd, stsd := within(trak, "mdia", "mdhd"), within(trak, "mdia", "minf", "stbl", "stsd")
	if err != nil || d.mvhd == nil || len(mdhd) < 20 || len(stsd) < 16 {
		return nil, fmt.Errorf("%w: a description without a track", errBoxes)
	}
	at := 12 // version 0: two times of 32 bits
	if mdhd[0] == 1 {
		at = 20
	}
	if len(mdhd) < at+4 {
		return nil, errBoxes
	}
	d.rate = binary.BigEndian.Uint32(mdhd[at:])
	var parts []byte
	if err := eachBox(trak, func(name string, whole, _ []byte) error {
		if name != "edts" { // an empty edit list puts some players off, and says nothing
			parts = append(parts, whole...)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	d.trak = box("trak", parts)
	switch entry := string(stsd[12:16]); {
	case entry == "avc1" && d.rate == videoRate:
		d.video = true
		const fixed = 78 // fields of a visual sample entry before its boxes
		if len(stsd) < 16+fixed {
			return nil, errBoxes
		}
		return d, d.readAVC(within(stsd[16+fixed:], "avcC"))
	case entry == "mp4a" && d.rate == audioRate:
		return d, nil
	}
	return nil, fmt.Errorf("%w: neither H.264 nor AAC at the rates asked for", errBoxes)
}

// readAVC reads an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1).
func (d *description) readAVC(c []byte) error {
	if len(c) < 7 {
		return fmt.Errorf("%w: H.264 without its configuration", errBoxes)
	}
	d.codec = fmt.Sprintf("avc1.%02x%02x%02x", c[1], c[2], c[3])
	d.lengthSize = int(c[4]&3) + 1
	n, c := int(c[5]&0x1f), c[6:]
	for range n {
		if len(c) < 2 || len(c) < 2+int(binary.BigEndian.Uint16(c)) {
			return fmt.Errorf("%w: H.264 without its parameter sets", errBoxes)
		}
		size := int(binary.BigEndian.Uint16(c))
		d.sps = append(d.sps, c[2:2+size])
		c = c[2+size:]
	}
	return nil
}

// layout is which tracks a player gets. It stays the same for as long as somebody watches a stream, because players can't take on
// another track or lose one.
type layout uint8

const (
	pictures layout = iota
	picturesAndSound
)

// codecs gives the parameter of RFC 6381.
func (l layout) codecs(d *description) string {
	if l == picturesAndSound {
		return d.codec + "," + audioCodec
	}
	return d.codec
}

// initSegment is the head that players need before any segment.
func (d *description) initSegment(l layout) []byte {
	moov := [][]byte{d.mvhd, d.trak}
	trex := box("trex", numbers(0, videoTrack, 1, 0, 0, 0))
	if l == picturesAndSound {
		moov = append(moov, audioTrak())
		trex = append(trex, box("trex", numbers(0, audioTrack, 1, 0, 0, 0))...)
	}
	return append(box("ftyp", d.ftyp), box("moov", append(moov, box("mvex", trex))...)...)
}
