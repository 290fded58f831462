package relay

import (
	"bytes"
	"slices"
	"testing"

	"github.com/pion/rtp"
)

// packetsOf makes RTP packets of payloads with rising sequence numbers; the last has the marker.
func packetsOf(ts uint32, payloads ...[]byte) (out []*rtp.Packet) {
	for i, b := range payloads {
		out = append(out, &rtp.Packet{Header: rtp.Header{Timestamp: ts, Marker: i == len(payloads)-1}, Payload: b})
	}
	return out
}

func types(nals [][]byte) (out []byte) {
	for _, n := range nals {
		out = append(out, nalType(n))
	}
	return out
}

func later(n []byte) []byte { // a slice that does not begin its picture
	n = bytes.Clone(n)
	n[1] = 0x50 // first_mb_in_slice 1, slice_type 0
	return n
}

func TestAccessUnitsOfOddCameras(t *testing.T) {
	sps, pps, sei := testSPS, testPPS, []byte{6, 5, 1, 0x11, 0x80}
	idr, p := nal(nalIDR, 50), nal(nalSlice, 40)
	aud, filler := []byte{9, 0xf0}, []byte{12, 0xff, 0x80}
	code := []byte{0, 0, 0, 1}
	stap := func(nals ...[]byte) []byte {
		b := []byte{0x78}
		for _, n := range nals {
			b = append(append(b, byte(len(n)>>8), byte(len(n))), n...)
		}
		return b
	}
	fu := func(n []byte, flags byte, part []byte) []byte {
		return append([]byte{n[0]&0x60 | 28, flags | n[0]&0x1f}, part...)
	}
	cases := []struct {
		name    string
		packets [][]*rtp.Packet
		units   [][]byte
		lost    int
	}{
		{"one packet a NAL unit", [][]*rtp.Packet{packetsOf(1, sps, pps, sei, idr), packetsOf(2, p)}, [][]byte{{7, 8, 6, 5}, {1}}, 0},
		{"aggregated", [][]*rtp.Packet{packetsOf(1, stap(sps, pps), idr), packetsOf(2, p)}, [][]byte{{7, 8, 5}, {1}}, 0},
		{"markers on parameter sets", [][]*rtp.Packet{packetsOf(1, sps), packetsOf(1, pps), packetsOf(1, idr), packetsOf(2, p)}, [][]byte{{7, 8, 5}, {1}}, 0},
		{"parameter sets with the timestamp before", [][]*rtp.Packet{packetsOf(1, sps, pps), packetsOf(2, idr)}, [][]byte{{7, 8, 5}}, 0},
		{"delimiters and filler", [][]*rtp.Packet{packetsOf(1, aud, idr, filler), packetsOf(2, aud, p)}, [][]byte{{5}, {1}}, 0},
		{"start codes inside", [][]*rtp.Packet{packetsOf(1, slices.Concat(code, sps, code, pps, code[1:], idr)), packetsOf(2, p)}, [][]byte{{7, 8, 5}, {1}}, 0},
		{"start codes in fragments", [][]*rtp.Packet{packetsOf(1, fu(sps, 0x80, sps[1:]), fu(sps, 0, code), fu(sps, 0x40, idr))}, [][]byte{{7, 5}}, 0},
		{"fragments", [][]*rtp.Packet{packetsOf(1, fu(idr, 0x80, idr[1:20]), fu(idr, 0, idr[20:30]), fu(idr, 0x40, idr[30:]))}, [][]byte{{5}}, 0},
		{"a fragment that begins and ends", [][]*rtp.Packet{packetsOf(1, fu(idr, 0xc0, idr[1:]))}, [][]byte{{5}}, 0},
		{"several slices", [][]*rtp.Packet{packetsOf(1, idr, later(idr), later(idr)), packetsOf(2, p, later(p))}, [][]byte{{5, 5, 5}, {1, 1}}, 0},
		{"a fragment without beginning", [][]*rtp.Packet{packetsOf(1, fu(idr, 0x40, idr[1:])), packetsOf(2, p)}, [][]byte{{1}}, 1},
		{"empty packets", [][]*rtp.Packet{packetsOf(1, nil), packetsOf(2, p)}, [][]byte{{1}}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got [][]byte
			a := newAssembler(func(u accessUnit) {
				got = append(got, types(u.nals))
				if u.idr != slices.Contains(types(u.nals), byte(nalIDR)) {
					t.Error("idr is wrong")
				}
				for _, n := range u.nals {
					if nalType(n) == nalIDR && !bytes.Equal(n, idr) && !bytes.Equal(n, later(idr)) {
						t.Errorf("the keyframe came out as %x", n)
					}
				}
			})
			lost := 0
			for _, unit := range c.packets {
				for _, p := range unit {
					if a.push(p) != nil {
						lost++
					}
				}
			}
			if !slices.EqualFunc(got, c.units, bytes.Equal) || lost != c.lost {
				t.Errorf("got %v with %d errors, want %v with %d", got, lost, c.units, c.lost)
			}
		})
	}
}

func TestCamerasWithoutMarkersOrWithTooMany(t *testing.T) {
	idr, p := nal(nalIDR, 50), nal(nalSlice, 40)
	units := 0
	a := newAssembler(func(accessUnit) { units++ })
	for ts := range uint32(5) { // no markers at all
		pk := packetsOf(ts, p)[0]
		pk.Marker = false
		_ = a.push(pk)
	}
	if units != 4 {
		t.Fatalf("%d units without markers, want 4 and one in the making", units)
	}
	var sizes []int
	a = newAssembler(func(u accessUnit) { sizes = append(sizes, len(u.nals)) })
	failed := 0
	for ts := range uint32(4) { // a marker after each of two slices
		first, second := packetsOf(ts, idr)[0], packetsOf(ts, later(idr))[0]
		for _, pk := range []*rtp.Packet{first, second} {
			if a.push(pk) != nil {
				failed++
			}
		}
	}
	if failed != 1 || !slices.Equal(sizes, []int{1, 2, 2}) {
		t.Fatalf("units of %v slices, %d failures: after one torn picture the marker must not be believed", sizes, failed)
	}
}

func TestPackedPacketsFitAndGiveTheSameBytes(t *testing.T) {
	for _, sizes := range [][]int{{2}, {1188}, {1189}, {2, 3, 4}, {20, 5, 1100}, {20, 5, 1158}, {20, 5, 1159}, {100_000}, {7, 5000, 9, 9, 1187, 1186, 3}} {
		var nals [][]byte
		var want []byte
		for _, n := range sizes {
			b := nal(nalSlice, n)
			nals = append(nals, b)
			want = append(append(want, 0, 0, 0, 1), b...)
		}
		packets, size := pack(nals, 77)
		sum, fragment := 0, 0
		for i, p := range packets {
			sum += len(p.Payload)
			if len(p.Payload) > MaxPayload || p.Timestamp != 77 || p.Marker != (i == len(packets)-1) || cap(p.Payload) != len(p.Payload) {
				t.Errorf("%v: packet %d of %d: %d bytes, marker %v", sizes, i, len(packets), len(p.Payload), p.Marker)
			}
			if nalType(p.Payload) == nalFUA && p.Payload[1]&0x40 == 0 {
				if fragment++; len(p.Payload) != MaxPayload {
					t.Errorf("%v: a fragment of %d bytes is not the last", sizes, len(p.Payload))
				}
			}
		}
		if sum != size || !bytes.Equal(annexB(packets), want) {
			t.Errorf("%v: %d bytes for %d, same %v", sizes, sum, size, bytes.Equal(annexB(packets), want))
		}
		var back [][]byte
		a := newAssembler(func(u accessUnit) {
			for _, n := range u.nals {
				back = append(back, bytes.Clone(n))
			}
		})
		for _, p := range packets {
			if err := a.push(&rtp.Packet{Header: rtp.Header{Timestamp: 77, Marker: p.Marker}, Payload: p.Payload}); err != nil {
				t.Errorf("%v: %v", sizes, err)
			}
		}
		if !slices.EqualFunc(back, nals, bytes.Equal) {
			t.Errorf("%v: what was packed does not unpack", sizes)
		}
	}
}

func FuzzAssembler(f *testing.F) {
	f.Add([]byte{0x67, 0x42, 0, 0x1e, 0xff, 0x7c, 0x85, 1, 2, 0xff, 0x78, 0, 2, 0x65, 0x88, 0xff, 0, 0, 0, 1, 0x65})
	f.Add(append(append([]byte{0x7c, 0x87}, testSPS...), 0xff, 0x7c, 0x47, 0, 0, 1, 5, 0x88))
	f.Fuzz(func(t *testing.T, b []byte) {
		var params parameterSets
		a := newAssembler(func(u accessUnit) {
			if len(u.nals) == 0 {
				t.Fatal("an empty access unit")
			}
			for _, n := range u.nals {
				if len(n) == 0 {
					t.Fatal("an empty NAL unit")
				}
				if params.learn(n) {
					readSPS(n)
				}
			}
			packets, _ := pack(u.nals, u.timestamp)
			for _, p := range packets {
				if len(p.Payload) == 0 || len(p.Payload) > MaxPayload {
					t.Fatalf("a packet of %d bytes", len(p.Payload))
				}
			}
		})
		for i, payload := range bytes.Split(b, []byte{0xff}) {
			_ = a.push(&rtp.Packet{Header: rtp.Header{Timestamp: uint32(i / 3), Marker: i%3 == 2}, Payload: payload})
		}
	})
}
