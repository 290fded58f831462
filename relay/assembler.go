package relay

import (
	"bytes"
	"errors"

	"github.com/pion/rtp"
)

// Bounds of an access unit: a 4K keyframe at the best quality stays below.
const (
	maxUnitBytes = 8 << 20
	maxUnitNALs  = 256
)

var (
	errPacketShort  = errors.New("packet is too short")
	errPacketKind   = errors.New("packetization of interleaved mode")
	errFragmentLost = errors.New("a fragment without its beginning")
	errUnitTooLarge = errors.New("access unit is too large")
)

// accessUnit is one picture with what belongs to it. Its bytes are the assembler's and are gone after the callback.
type accessUnit struct {
	nals      [][]byte
	timestamp uint32
	idr       bool
	b         bool // has a bi-predictive slice
}

// assembler makes access units out of H.264 RTP packets (RFC 6184, single NAL unit and non-interleaved mode), given in sequence.
//
// It copes with what cameras do: markers after parameter sets, no markers at all, markers after every slice, start codes inside
// packets, fragments that begin and end in one packet.
type assembler struct {
	emit func(accessUnit)

	buf       []byte // bytes of the unit in the making; reused
	ends      []int  // where each of its NAL units ends in buf
	fragment  int    // where the fragmented NAL unit in the making begins, -1 if none
	timestamp uint32
	pictures  int // NAL units of pictures in the unit
	idr, b    bool
	nals      [][]byte // reused

	emitted   bool   // a unit with a picture was emitted
	emittedTS uint32 // its timestamp
	// markerLies is set when a slice came after the marker of its picture: from then on only the timestamp divides pictures.
	markerLies bool
}

func newAssembler(emit func(accessUnit)) *assembler { return &assembler{emit: emit, fragment: -1} }

// drop forgets the unit in the making, after a loss.
func (a *assembler) drop() {
	a.buf, a.ends, a.fragment, a.pictures, a.idr, a.b = a.buf[:0], a.ends[:0], -1, 0, false, false
}

// push takes the next packet. After an error the unit in the making is gone, as after a loss.
func (a *assembler) push(p *rtp.Packet) error {
	if err := a.take(p); err != nil {
		a.drop()
		return err
	}
	return nil
}

func (a *assembler) take(p *rtp.Packet) error {
	if len(p.Payload) == 0 {
		return nil // padding, or a keep-alive through a NAT
	}
	if p.Timestamp != a.timestamp {
		if a.fragment >= 0 {
			a.drop() // its end never came
			a.timestamp = p.Timestamp
			return errFragmentLost
		}
		// Without a picture yet (parameter sets, SEI) what came belongs to the picture that follows.
		if a.pictures > 0 {
			a.flush()
		}
		a.timestamp = p.Timestamp
	}
	if err := a.unpack(p.Payload); err != nil {
		return err
	}
	if p.Marker && a.fragment < 0 && a.pictures > 0 && !a.markerLies {
		a.flush()
	}
	return nil
}

func (a *assembler) unpack(b []byte) error {
	switch typ := b[0] & 0x1f; typ {
	case nalFUA:
		return a.unpackFragment(b)
	case nalSTAPA:
		return a.unpackAggregate(b[1:])
	case 0, 25, 26, 27, 29, 30, 31:
		if typ != 0 || !bytes.HasPrefix(b, []byte{0, 0}) {
			return errPacketKind
		}
		fallthrough // a start code
	default:
		if a.fragment >= 0 {
			return errFragmentLost
		}
		return a.addAll(b)
	}
}

func (a *assembler) unpackAggregate(b []byte) error {
	if a.fragment >= 0 {
		return errFragmentLost
	}
	for len(b) > 2 {
		n := int(b[0])<<8 | int(b[1])
		b = b[2:]
		if n == 0 {
			return nil // padding
		}
		if n > len(b) {
			return errPacketShort
		}
		if err := a.addAll(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

func (a *assembler) unpackFragment(b []byte) error {
	if len(b) < 2 {
		return errPacketShort
	}
	begin, end := b[1]&0x80 != 0, b[1]&0x40 != 0
	switch {
	case begin:
		if a.fragment >= 0 {
			return errFragmentLost
		}
		a.fragment = len(a.buf)
		a.buf = append(a.buf, b[0]&0xe0|b[1]&0x1f)
	case a.fragment < 0:
		return errFragmentLost
	}
	if len(a.buf)+len(b) > maxUnitBytes {
		return errUnitTooLarge
	}
	a.buf = append(a.buf, b[2:]...)
	if !end {
		return nil
	}
	nal := a.buf[a.fragment:]
	from := a.fragment
	a.fragment = -1
	// The common case leaves the bytes where they are; a start code inside makes several of them.
	parts := 0
	eachNAL(nal, func([]byte) { parts++ })
	if parts == 1 && nal[0] != 0 {
		return a.keep(nal, from, len(a.buf))
	}
	whole := append([]byte(nil), nal...)
	a.buf = a.buf[:from]
	return a.addAll(whole)
}

// addAll copies the NAL units in b.
func (a *assembler) addAll(b []byte) error {
	var failed error
	eachNAL(b, func(nal []byte) {
		if failed != nil {
			return
		}
		if len(a.buf)+len(nal) > maxUnitBytes {
			failed = errUnitTooLarge
			return
		}
		from := len(a.buf)
		a.buf = append(a.buf, nal...)
		failed = a.keep(nal, from, len(a.buf))
	})
	return failed
}

// keep makes buf[from:to] a NAL unit of the unit in the making, or takes it off again if nobody needs it.
func (a *assembler) keep(nal []byte, from, to int) error {
	typ := nalType(nal)
	switch {
	case typ == 0 || typ >= nalSTAPA || nal[0]&0x80 != 0:
		a.buf = a.buf[:from]
		return errPacketKind
	case typ == nalDelimiter || typ == nalFiller:
		a.buf = a.buf[:from]
		return nil
	case len(a.ends) >= maxUnitNALs:
		return errUnitTooLarge
	}
	if isPicture(typ) {
		if s, ok := parseSlice(nal); ok {
			if !s.first && a.pictures == 0 && a.emitted && a.emittedTS == a.timestamp {
				a.markerLies = true
				return errFragmentLost // the first part of this picture is out already
			}
			a.b = a.b || s.b
		}
		a.pictures++
		a.idr = a.idr || typ == nalIDR
	}
	a.ends = append(a.ends, to)
	return nil
}

func (a *assembler) flush() {
	a.nals = a.nals[:0]
	from := 0
	for _, to := range a.ends {
		a.nals = append(a.nals, a.buf[from:to:to])
		from = to
	}
	a.emitted, a.emittedTS = true, a.timestamp
	a.emit(accessUnit{nals: a.nals, timestamp: a.timestamp, idr: a.idr, b: a.b})
	a.drop()
}
