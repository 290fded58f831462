package hls

// Sound is always AAC-LC, 48 kHz, mono, whatever the camera sends: the head that players get can be written before FFmpeg has heard
// anything, and silence can be put where there is none.
const (
	audioCodec = "mp4a.40.2"
	audioKbps  = "48k"
	audioFrame = 1024 // samples in a frame of sound
)

// silence is one frame of it: a raw_data_block of one channel with nothing in it (ISO/IEC 14496-3, 4.4.2.1).
var silence = []byte{0x00, 0xc8, 0x00, 0x80, 0x23, 0x80}

// audioTrak is the track of sound as players are told of it.
func audioTrak() []byte {
	identity := numbers(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
	tkhd := box("tkhd", numbers(3, 0, 0, audioTrack, 0, 0, 0, 0, 0x00000001, 0x01000000), identity, numbers(0, 0)) // volume 1
	mdhd := box("mdhd", numbers(0, 0, 0, audioRate, 0, 0x55c40000))                                                // language "und"
	hdlr := box("hdlr", numbers(0, 0), []byte("soun"), numbers(0, 0, 0), []byte("SoundHandler\x00"))
	dinf := box("dinf", box("dref", numbers(0, 1), box("url ", numbers(1))))
	config := []byte{0x11, 0x88} // AudioSpecificConfig: LC, 48 kHz, one channel
	// ES_Descriptor, DecoderConfigDescriptor (MPEG-4 audio, 48 kbit/s), DecoderSpecificInfo, SLConfigDescriptor: ISO/IEC 14496-1, 7.2.6.
	specific := append([]byte{0x05, byte(len(config))}, config...)
	decoder := append([]byte{0x04, byte(13 + len(specific)), 0x40, 0x15, 0, 0, 0, 0, 0, 0xbb, 0x80, 0, 0, 0xbb, 0x80}, specific...)
	es := append([]byte{0x03, byte(3 + len(decoder) + 3), 0, audioTrack, 0}, decoder...)
	es = append(es, 0x06, 1, 0x02)
	entry := box("mp4a", []byte{0, 0, 0, 0, 0, 0, 0, 1}, numbers(0, 0), []byte{0, 1, 0, 16, 0, 0, 0, 0}, numbers(audioRate<<16),
		box("esds", numbers(0), es))
	stbl := box("stbl", box("stsd", numbers(0, 1), entry), box("stts", numbers(0, 0)), box("stsc", numbers(0, 0)),
		box("stsz", numbers(0, 0, 0)), box("stco", numbers(0, 0)))
	return box("trak", tkhd, box("mdia", mdhd, hdlr, box("minf", box("smhd", numbers(0, 0)), dinf, stbl)))
}
