package peer

import (
	"net/netip"
	"slices"
	"sync"

	"github.com/pion/rtp"
)

// maxSegment bounds a datagram that a batch takes: an RTP packet of the relay's largest payload, encrypted, fits. What is larger goes
// by itself.
const maxSegment = 1280

// batch gathers what is written to one viewer between begin and flush, so that the packets of a frame cost one system call where the
// kernel can cut a buffer into datagrams (UDP GSO; Linux 4.18). pion writes packet by packet; the address tells whose they are.
//
// Whatever else is written to the viewer meanwhile (checks, reports) joins in, in order.
type batch struct {
	all   *batches
	to    netip.AddrPort
	inlet *inlet // what comes from there; nil: pion alone

	mu    sync.Mutex
	open  bool    // guarded by mu, as all below
	apart bool    // the way to this viewer takes no more than a datagram at once
	from  *socket // of the datagrams held
	held  *segments
}

// segments is a buffer of datagrams of one size, the last of which may be shorter.
type segments struct {
	buf   []byte
	size  int
	count int
	last  int // size of the last
	vector
}

// batches finds a viewer's batch by its address.
type batches struct {
	pool sync.Pool // of *segments: held while a frame is sent only

	mu sync.RWMutex
	by map[netip.AddrPort]*batch // guarded by mu
}

// join makes the batch of an address, from which an inlet hears; leave takes it back.
func (b *batches) join(to netip.AddrPort, from *inlet) *batch {
	to = plain(to)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.by == nil {
		b.by = make(map[netip.AddrPort]*batch)
	}
	made := &batch{all: b, to: to, inlet: from}
	b.by[to] = made
	return made
}

func (b *batches) leave(old *batch) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.by[old.to] == old {
		delete(b.by, old.to)
	}
}

func (b *batches) find(to netip.AddrPort) *batch {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.by[plain(to)]
}

func plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// begin holds back what is written from now on.
func (b *batch) begin() {
	if b == nil {
		return
	}
	b.mu.Lock()
	b.open = true
	b.mu.Unlock()
}

// flush sends what was held back.
func (b *batch) flush() {
	if b == nil {
		return
	}
	b.mu.Lock()
	b.send()
	b.open = false
	b.mu.Unlock()
}

// take holds a datagram back; false if it has to go by itself, after what is held.
func (b *batch) take(s *socket, p []byte) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.open || len(p) > maxSegment || len(p) == 0 {
		b.send()
		return false
	}
	h := b.room(s, len(p))
	h.buf = append(h.buf, p...)
	h.took(len(p))
	return true
}

// seal encrypts a packet into the batch, which must be open. Its size must be at most maxSegment.
func (b *batch) seal(s *socket, with *sealer, h *rtp.Header, number uint64, payload []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	size := with.sealed(len(payload))
	to := b.room(s, size)
	to.buf = with.seal(to.buf, h, number, payload)
	to.took(size)
}

// newestIs gives the socket by which the datagram that was held back last is to leave, if it has these bytes; else nil.
func (b *batch) newestIs(bytes []byte) *socket {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held == nil || b.held.count == 0 || !slices.Equal(b.held.buf[len(b.held.buf)-b.held.last:], bytes) {
		return nil
	}
	return b.from
}

// room gives the buffer that takes a datagram of n bytes, which the caller appends and counts; what does not go together with it is sent
// before. The caller holds mu.
func (b *batch) room(s *socket, n int) *segments {
	if h := b.held; h != nil && (b.from != s || h.count == burstPackets || n > h.size || h.last < h.size) {
		b.send()
	}
	if b.held == nil {
		h, ok := b.all.pool.Get().(*segments)
		if !ok {
			h = &segments{buf: make([]byte, 0, burstPackets*maxSegment)}
		}
		h.buf, h.size, h.count, h.last = h.buf[:0], n, 0, n
		b.held, b.from = h, s
	}
	return b.held
}

// took counts a datagram of n bytes that was appended.
func (h *segments) took(n int) {
	h.count++
	h.last = n
}

// send empties the batch. The system call does not wait, so it may be made under b.mu; others who write to this viewer have to come
// after it anyway.
func (b *batch) send() {
	if b.held == nil {
		return
	}
	sent := false
	if b.held.count > 1 && !b.apart {
		sent = b.from.sendTogether(b.held, b.to)
		b.apart = !sent
	}
	if !sent {
		b.from.sendEach(b.held, b.to)
	}
	b.all.pool.Put(b.held)
	b.held, b.from = nil, nil
}
