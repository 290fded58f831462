package hls

import (
	"encoding/binary"
	"time"
)

// generation is what one FFmpeg made, or the part of it without a gap: its segments share a clock and a head.
type generation struct {
	number int // rises; stands in addresses
	about  *description
	layout layout
	head   []byte // init segment
	began  time.Time
	wall   func(pts int64) time.Time // when on the wall a picture was
}

// segment is a piece of media that all views share. What window.close has closed is immutable.
type segment struct {
	seq    uint64
	gen    *generation
	epoch  int // rises at each discontinuity
	native int // > 0: a native segment of this number begins here
	video  []sample
	audio  []sample // without gaps, each audioFrame long
	bytes  int64
	at     time.Time // of the first picture shown, on the wall
}

func (s *segment) start() int64 { return s.video[0].dts }
func (s *segment) end() int64   { return s.video[len(s.video)-1].end() }

// seconds gives how long it lasts.
func (s *segment) seconds() float64 { return float64(s.end()-s.start()) / videoRate }

// piece is a fragment to be sent: its head (moof, and the mdat's beginning), then the samples' bytes, which are shared.
type piece struct {
	head         []byte
	video, audio []sample
	size         int // of all
}

// newPiece writes the head of a fragment with these samples.
func newPiece(number uint64, video, audio []sample) piece {
	p := piece{video: video, audio: audio}
	media := 0
	for _, s := range video {
		media += len(s.data)
	}
	videoMedia := media
	for _, s := range audio {
		media += len(s.data)
	}
	const ( // sizes
		tfhd     = 24
		tfdt     = 20
		trunHead = 20
		traf     = 8 + tfhd + tfdt + trunHead
	)
	moof := 8 + 16 + traf + 16*len(video)
	if len(audio) > 0 {
		moof += traf + 4*len(audio)
	}
	b := make([]byte, 0, moof+8)
	u32 := func(n uint32) { b = binary.BigEndian.AppendUint32(b, n) }
	open := func(size int, name string) {
		u32(uint32(size))
		b = append(b, name...)
	}
	open(moof, "moof")
	open(16, "mfhd")
	u32(0)
	u32(uint32(number))

	track := func(id uint32, samples []sample, offset, perSample int, runFlags, defaultDur, defaultFlags uint32, entry func(sample)) {
		open(traf+perSample*len(samples), "traf")
		open(tfhd, "tfhd")
		u32(0x020000 | 0x8 | 0x20) // default-base-is-moof
		u32(id)
		u32(defaultDur)
		u32(defaultFlags)
		open(tfdt, "tfdt")
		u32(1 << 24)
		b = binary.BigEndian.AppendUint64(b, uint64(samples[0].dts))
		open(trunHead+perSample*len(samples), "trun")
		u32(1<<24 | 0x1 | runFlags)
		u32(uint32(len(samples)))
		u32(uint32(moof + 8 + offset))
		for _, s := range samples {
			entry(s)
		}
	}
	const (
		sync    = 0x02000000 // depends on nothing
		notSync = 0x01010000
	)
	track(videoTrack, video, 0, 16, 0x100|0x200|0x400|0x800, 0, notSync, func(s sample) {
		u32(s.dur)
		u32(uint32(len(s.data)))
		if s.key {
			u32(sync)
		} else {
			u32(notSync)
		}
		u32(uint32(s.cto))
	})
	if len(audio) > 0 {
		track(audioTrack, audio, videoMedia, 4, 0x200, audioFrame, sync, func(s sample) { u32(uint32(len(s.data))) })
	}
	open(8+media, "mdat")
	p.head, p.size = b, len(b)+media
	return p
}

// writeTo sends it; write is called for each part.
func (p piece) writeTo(write func([]byte) error) error {
	if err := write(p.head); err != nil {
		return err
	}
	for _, track := range [...][]sample{p.video, p.audio} {
		for _, s := range track {
			if err := write(s.data); err != nil {
				return err
			}
		}
	}
	return nil
}
