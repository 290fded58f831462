package hls

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// Clock rates of the two tracks, in ticks a second.
const (
	videoRate = 90000
	audioRate = 48000
)

// sample is one picture, or one frame of sound. It is immutable; data is shared by all who serve it.
type sample struct {
	dts  int64  // decoding time in ticks of the track
	dur  uint32 // in ticks
	cto  int32  // presentation time less decoding time (B-frames), in ticks
	key  bool   // an IDR picture
	data []byte
}

func (s sample) pts() int64 { return s.dts + int64(s.cto) }
func (s sample) end() int64 { return s.dts + int64(s.dur) }

// news is what comes out of a pipe: the description first, then samples.
type news struct {
	about   *description
	samples []sample
}

// readTrack reads one track's file until it ends or can't be read, and tells its news. It gives nil when tell says no.
func readTrack(r io.Reader, tell func(news) bool) error {
	boxes := newBoxReader(r)
	var (
		about *description
		typ   []byte
		moof  []byte
	)
	for {
		name, body, err := boxes.next()
		if err != nil {
			return err
		}
		var n news
		switch name {
		case "ftyp":
			typ = body
		case "moov":
			if about, err = describe(typ, body); err != nil {
				return err
			}
			n.about = about
		case "moof":
			if about == nil {
				return fmt.Errorf("%w: a fragment before its description", errBoxes)
			}
			moof = body
			continue
		case "mdat":
			if moof == nil {
				return fmt.Errorf("%w: media without a fragment", errBoxes)
			}
			if n.samples, err = parseFragment(moof, body, about); err != nil {
				return err
			}
			moof = nil
		case "free", "sidx", "styp", "mfra", "prft", "emsg":
			continue
		default:
			return fmt.Errorf("%w: an unknown box", errBoxes)
		}
		if (n.about != nil || len(n.samples) > 0) && !tell(n) {
			return nil
		}
	}
}

// parseFragment reads the samples of a moof with the mdat that follows (ISO/IEC 14496-12, 8.8).
func parseFragment(moof, mdat []byte, about *description) ([]sample, error) {
	traf := within(moof, "traf")
	tfhd, tfdt, trun := within(traf, "tfhd"), within(traf, "tfdt"), within(traf, "trun")
	if len(tfhd) < 8 || len(tfdt) < 8 || len(trun) < 8 {
		return nil, fmt.Errorf("%w: a fragment without its run", errBoxes)
	}
	f := cursor{b: tfhd}
	flags := f.u32() & 0xffffff
	f.u32() // track
	f.skip(flags&0x1 != 0, 8)
	f.skip(flags&0x2 != 0, 4)
	var defaultDur, defaultSize uint32
	if flags&0x8 != 0 {
		defaultDur = f.u32()
	}
	if flags&0x10 != 0 {
		defaultSize = f.u32()
	}
	t := cursor{b: tfdt}
	dts := int64(0)
	if t.u32()>>24 == 1 {
		dts = int64(t.u64())
	} else {
		dts = int64(t.u32())
	}

	r := cursor{b: trun}
	flags = r.u32() & 0xffffff
	count := r.u32()
	if flags&0x1 == 0 || count > 1024 {
		return nil, fmt.Errorf("%w: a run of %d", errBoxes, count)
	}
	at := int64(int32(r.u32())) - int64(len(moof)+8) - 8 // from the moof's beginning to the mdat's content
	r.skip(flags&0x4 != 0, 4)
	samples := make([]sample, 0, count)
	for range count {
		s := sample{dts: dts, dur: defaultDur}
		if flags&0x100 != 0 {
			s.dur = r.u32()
		}
		size := defaultSize
		if flags&0x200 != 0 {
			size = r.u32()
		}
		r.skip(flags&0x400 != 0, 4)
		if flags&0x800 != 0 {
			s.cto = int32(r.u32())
		}
		if r.short || f.short || t.short || size == 0 || at < 0 || at+int64(size) > int64(len(mdat)) || s.dur > 1<<31 {
			return nil, fmt.Errorf("%w: a sample outside its fragment", errBoxes)
		}
		s.data = mdat[at : at+int64(size) : at+int64(size)]
		at += int64(size)
		dts += int64(s.dur)
		if about.video {
			s.key = hasNAL(s.data, about.lengthSize, nalIDR)
		}
		samples = append(samples, s)
	}
	return samples, nil
}

// cursor reads numbers; short tells that it read past the end.
type cursor struct {
	b     []byte
	short bool
}

func (c *cursor) take(n int) []byte {
	if len(c.b) < n {
		c.short, c.b = true, nil
		return make([]byte, n)
	}
	out := c.b[:n]
	c.b = c.b[n:]
	return out
}

func (c *cursor) u32() uint32 { return binary.BigEndian.Uint32(c.take(4)) }
func (c *cursor) u64() uint64 { return binary.BigEndian.Uint64(c.take(8)) }

func (c *cursor) skip(present bool, n int) {
	if present {
		c.take(n)
	}
}

// Types of NAL units (H.264, table 7-1).
const (
	nalIDR = 5
	nalSPS = 7
)

// eachNAL walks the NAL units of a sample, each behind its length (ISO/IEC 14496-15, 5.3.4.2), until f says no.
func eachNAL(data []byte, lengthSize int, f func(nal []byte) bool) {
	for len(data) > lengthSize {
		n := 0
		for _, b := range data[:lengthSize] {
			n = n<<8 | int(b)
		}
		data = data[lengthSize:]
		if n <= 0 || n > len(data) {
			return
		}
		if !f(data[:n]) {
			return
		}
		data = data[n:]
	}
}

func hasNAL(data []byte, lengthSize int, typ byte) (found bool) {
	eachNAL(data, lengthSize, func(nal []byte) bool {
		found = nal[0]&0x1f == typ
		return !found
	})
	return found
}

// otherSPS reports whether a keyframe brings a sequence parameter set that its description does not know: the camera was set up
// differently, and decoders must be told anew.
func otherSPS(s sample, about *description) (other bool) {
	eachNAL(s.data, about.lengthSize, func(nal []byte) bool {
		if nal[0]&0x1f != nalSPS {
			return true
		}
		for _, known := range about.sps {
			if bytes.Equal(known, nal) {
				return true
			}
		}
		other = true
		return false
	})
	return other
}

// with gives the description with the sequence parameter sets of a picture beside its own.
func (d *description) with(s sample) *description {
	more := *d
	more.sps = slices.Clone(d.sps)
	eachNAL(s.data, d.lengthSize, func(nal []byte) bool {
		if nal[0]&0x1f == nalSPS {
			more.sps = append(more.sps, nal)
		}
		return true
	})
	return &more
}
