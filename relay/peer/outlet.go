package peer

import (
	"github.com/pion/rtp"
)

// outlet is the way of media packets to one viewer: encrypted into the batch, where that is known to be the same as what pion would do; by pion
// otherwise. It belongs to the sender's goroutine.
//
// pion takes a packet through five layers, which cost as much as the cipher and the kernel. What it makes of a packet comes out at our
// own socket, so that nothing needs to be taken on trust: the first packet on each path, and every proofEvery-th of each track after it, goes by pion,
// and is held against our own work. Equal bytes show that the keys are right, and tell which socket leads to the viewer; and pion, whose turn it is
// again where a viewer goes on over TCP, does not lose count of the rounds of sequence numbers. If it did, for a track of which it saw too little, it would
// send other bytes under a nonce that was used.
type outlet struct {
	batch  *batch  // nil over TCP
	sealer *sealer // nil: pion alone
	via    *socket // nil until shown
	tries  int     // left for this path
	own    []byte  // our work, to be held against pion's; reused
}

const (
	// proofEvery is far below the 32,768 packets after which SRTP would guess the round wrongly (RFC 3711, 3.3.1).
	proofEvery = 4096
	// proofTries is how many packets of a path may go by pion without an answer: it may still be sending by the path before.
	proofTries = 64
)

// follow begins with another path.
func (o *outlet) follow(b *batch) { o.batch, o.via, o.tries = b, nil, proofTries }

// send writes a packet of which number is the sequence number, counted on beyond 16 bits from 1<<16.
func (o *outlet) send(to *binding, h *rtp.Header, number uint64, payload []byte) error {
	switch {
	case o == nil || o.sealer == nil || o.batch == nil, o.via == nil && o.tries == 0, len(payload) > maxSegment-overhead:
		return to.byPion(h, number, payload)
	case o.via != nil && to.last > 0 && number-to.last < proofEvery:
		o.batch.seal(o.via, o.sealer, h, number, payload)
		return nil
	}
	return o.prove(to, h, number, payload)
}

// resend is send for a packet that was sent before. It proves nothing.
func (o *outlet) resend(to *binding, h *rtp.Header, number uint64, payload []byte) error {
	if o != nil && o.via != nil {
		o.batch.seal(o.via, o.sealer, h, number, payload)
		return nil
	}
	_, err := to.out.WriteRTP(h, payload)
	return err
}

func (o *outlet) prove(to *binding, h *rtp.Header, number uint64, payload []byte) error {
	if err := to.byPion(h, number, payload); err != nil {
		return err
	}
	if o.own == nil {
		o.own = make([]byte, 0, maxSegment)
	}
	o.own = o.sealer.seal(o.own[:0], h, number, payload)
	switch from := o.batch.newestIs(o.own); {
	case from != nil:
		o.via, o.tries = from, proofTries
	case o.tries > 0:
		o.via = nil
		o.tries--
	}
	return nil
}

// byPion sends a new packet by pion alone.
func (b *binding) byPion(h *rtp.Header, number uint64, payload []byte) error {
	_, err := b.out.WriteRTP(h, payload)
	if err == nil {
		b.last = number
	}
	return err
}
