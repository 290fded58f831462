package relay

// pack makes RTP payloads of at most MaxPayload out of an access unit (RFC 6184, 5.6 to 5.8): small NAL units together, large ones in
// fragments which are all of one size but the last, so that a frame can leave in one system call. The payloads share one new block of
// memory. The NAL units are copied and each must have at least one byte.
func pack(nals [][]byte, timestamp uint32) ([]Packet, int) {
	const piece = MaxPayload - 2 // of a fragment, after its two bytes of header
	count, size := 0, 0
	plan(nals, func(group [][]byte, groupSize int) {
		if len(group) == 1 && len(group[0]) > MaxPayload {
			n := (len(group[0]) - 1 + piece - 1) / piece
			count, size = count+n, size+len(group[0])-1+2*n
			return
		}
		count, size = count+1, size+groupSize
	})
	packets := make([]Packet, 0, count)
	block := make([]byte, 0, size)
	add := func(from int) {
		packets = append(packets, Packet{Payload: block[from:len(block):len(block)], Timestamp: timestamp})
	}
	plan(nals, func(group [][]byte, _ int) {
		first := group[0]
		switch {
		case len(group) > 1:
			from, header := len(block), byte(nalSTAPA)
			block = append(block, 0)
			for _, nal := range group {
				// The importance of the whole is that of the most important part.
				header = max(header&0x60, nal[0]&0x60) | nalSTAPA
				block = append(block, byte(len(nal)>>8), byte(len(nal)))
				block = append(block, nal...)
			}
			block[from] = header
			add(from)
		case len(first) <= MaxPayload:
			from := len(block)
			block = append(block, first...)
			add(from)
		default:
			body, begin := first[1:], byte(0x80)
			for len(body) > 0 {
				n := min(len(body), piece)
				end := byte(0)
				if n == len(body) {
					end = 0x40
				}
				from := len(block)
				block = append(block, first[0]&0x60|nalFUA, begin|end|first[0]&0x1f)
				block = append(block, body[:n]...)
				add(from)
				body, begin = body[n:], 0
			}
		}
	})
	if len(packets) > 0 {
		packets[len(packets)-1].Marker = true
	}
	return packets, size
}

// plan groups NAL units in order: those of a group fit one packet together. groupSize is that of an aggregate, or of the only one.
func plan(nals [][]byte, give func(group [][]byte, groupSize int)) {
	from, size := 0, 1
	flush := func(to int) {
		switch to - from {
		case 0:
		case 1:
			give(nals[from:to], len(nals[from]))
		default:
			give(nals[from:to], size)
		}
		from, size = to, 1
	}
	for i, nal := range nals {
		if size+2+len(nal) > MaxPayload {
			flush(i)
		}
		size += 2 + len(nal)
	}
	flush(len(nals))
}

// annexB joins packets made by pack into NAL units with start codes.
func annexB(packets []Packet) []byte {
	var out []byte
	for _, p := range packets {
		b := p.Payload
		if len(b) == 0 {
			continue
		}
		switch nalType(b) {
		case nalSTAPA:
			for b = b[1:]; len(b) > 2; {
				n := min(int(b[0])<<8|int(b[1]), len(b)-2)
				out = append(append(out, 0, 0, 0, 1), b[2:2+n]...)
				b = b[2+n:]
			}
		case nalFUA:
			if len(b) < 2 {
				continue
			}
			if b[1]&0x80 != 0 {
				out = append(out, 0, 0, 0, 1, b[0]&0x60|b[1]&0x1f)
			}
			out = append(out, b[2:]...)
		default:
			out = append(append(out, 0, 0, 0, 1), b...)
		}
	}
	return out
}
