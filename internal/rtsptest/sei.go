package rtsptest

import (
	"bytes"
	"encoding/binary"
	"time"
)

// seiUUID marks our own user_data_unregistered messages (ITU-T H.264 D.1.6, H.265 D.2.7).
var seiUUID = [16]byte{0x7c, 0x0e, 0x51, 0x1a, 0x9d, 0x3b, 0x4f, 0x86, 0xb2, 0x65, 0xe1, 0x94, 0x2a, 0xd7, 0x38, 0xc3}

// seiPayload is the UUID, the counter (8 bytes) and the time of sending in Unix nanoseconds (8 bytes), big endian.
const seiPayload = 16 + 8 + 8

// newSEI is an SEI NAL unit after the given NAL header (one byte for H.264, two for H.265), with emulation prevention.
func newSEI(header []byte, counter uint64, sent time.Time) []byte {
	rbsp := make([]byte, 0, 2+seiPayload+1)
	rbsp = append(rbsp, 5, seiPayload) // payloadType user_data_unregistered, payloadSize
	rbsp = append(rbsp, seiUUID[:]...)
	rbsp = binary.BigEndian.AppendUint64(rbsp, counter)
	rbsp = binary.BigEndian.AppendUint64(rbsp, uint64(sent.UnixNano()))
	rbsp = append(rbsp, 0x80) // rbsp_trailing_bits

	nalu := make([]byte, 0, len(header)+len(rbsp)+len(rbsp)/2)
	nalu = append(nalu, header...)
	zeros := 0
	for _, b := range rbsp {
		if zeros == 2 && b <= 3 {
			nalu, zeros = append(nalu, 3), 0
		}
		nalu = append(nalu, b)
		if b == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return nalu
}

// ParseSEI reads the frame counter and the time of sending from an SEI NAL unit of a simulated camera, H.264 or H.265,
// given without start code, NAL header included. Counter numbers the camera's pictures in display order since it was made
// (with B-frames they are sent in another order). It is false for any other NAL unit.
func ParseSEI(nalu []byte) (counter uint64, sent time.Time, ok bool) {
	header := 0
	switch {
	case len(nalu) > 2 && nalu[0]&0x80 == 0 && nalu[0]&0x1f == 6: // H.264 SEI
		header = 1
	case len(nalu) > 3 && nalu[0]>>1 == 39: // H.265 prefix SEI
		header = 2
	default:
		return 0, time.Time{}, false
	}
	rbsp := withoutEmulation(nalu[header:])
	for len(rbsp) > 2 {
		kind, size := 0, 0
		if kind, rbsp = seiNumber(rbsp); rbsp == nil {
			break
		}
		if size, rbsp = seiNumber(rbsp); size > len(rbsp) {
			break
		}
		if kind == 5 && size == seiPayload && bytes.Equal(rbsp[:16], seiUUID[:]) {
			counter = binary.BigEndian.Uint64(rbsp[16:])
			return counter, time.Unix(0, int64(binary.BigEndian.Uint64(rbsp[24:]))), true
		}
		rbsp = rbsp[size:]
	}
	return 0, time.Time{}, false
}

// seiNumber reads a number coded as a run of 0xff bytes and a last one; the rest is nil at the end of the text.
func seiNumber(rbsp []byte) (n int, rest []byte) {
	for i, b := range rbsp {
		n += int(b)
		if b != 0xff {
			return n, rbsp[i+1:]
		}
	}
	return n, nil
}

func withoutEmulation(nalu []byte) []byte {
	rbsp := make([]byte, 0, len(nalu))
	zeros := 0
	for _, b := range nalu {
		if zeros == 2 && b == 3 {
			zeros = 0
			continue
		}
		rbsp = append(rbsp, b)
		if b == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return rbsp
}
