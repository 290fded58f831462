package relay

// bitReader reads the head of a NAL unit: bits most significant first, leaving out emulation prevention bytes (ITU-T H.264, 7.4.1).
// It allocates nothing and gives zeros after the end, which bad reports.
type bitReader struct {
	b     []byte
	pos   int // next byte
	left  uint
	cur   byte
	zeros int
	bad   bool
}

func (r *bitReader) bit() uint32 {
	if r.left == 0 {
		if r.zeros >= 2 && r.pos < len(r.b) && r.b[r.pos] == 3 {
			r.pos, r.zeros = r.pos+1, 0
		}
		if r.pos >= len(r.b) {
			r.bad = true
			return 0
		}
		r.cur, r.left = r.b[r.pos], 8
		r.pos++
		if r.cur == 0 {
			r.zeros++
		} else {
			r.zeros = 0
		}
	}
	r.left--
	return uint32(r.cur>>r.left) & 1
}

// golomb reads an unsigned Exp-Golomb code, ue(v), of at most 32 bits.
func (r *bitReader) golomb() uint32 {
	n := 0
	for r.bit() == 0 {
		if n++; n > 31 || r.bad {
			r.bad = true
			return 0
		}
	}
	v := uint32(0)
	for range n {
		v = v<<1 | r.bit()
	}
	return 1<<n - 1 + v
}
