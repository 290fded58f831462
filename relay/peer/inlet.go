package peer

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/srtp/v3"
	"github.com/pion/stun/v4"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// inlet is the short way of what one viewer says, as outlet is of what it is sent: RTCP, and answers to consent checks, are taken where they leave the
// socket. By pion a report goes through six goroutines, which costs as much as three pictures do. What is not known for sure is left to pion: ICE's
// checks, DTLS, whatever can't be deciphered, and now and then a report, by which ICE sees that the viewer is there.
type inlet struct {
	now  func() time.Time
	ssrc [2]uint32       // of our tracks; 0: there is none
	say  chan<- feedback // to the sender's own goroutine, which it wakes: what can't wait

	news atomic.Bool // something waits to be collected

	mu      sync.Mutex
	opener  *srtp.Context // of the viewer's keys; nil: pion alone has them; guarded by mu, as all below
	proved  bool          // it has opened something
	plain   []byte        // reused
	left    time.Time     // when something was last left to pion
	reports [2]feedback   // to be collected
	trip    time.Duration // to be collected: the round trip of the last consent check
	consent consent
}

// leaveEvery is how long pion may be left without anything of a viewer who speaks: well below iceDisconnected, since what follows may get lost.
const leaveEvery = 2 * time.Second

// replayWindow is how far back a repeated SRTCP packet is known for one (RFC 3711, 3.3.2).
const replayWindow = 64

// hear takes a datagram that has come from an address; false if it is pion's business.
func (b *batches) hear(from netip.AddrPort, datagram []byte) bool {
	batch := b.find(from)
	return batch != nil && batch.inlet.take(datagram)
}

func (i *inlet) take(datagram []byte) (taken bool) {
	if i == nil {
		return false
	}
	now := i.now()
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case isRTCP(datagram):
		taken = i.takeRTCP(datagram, now)
	case isBindingSuccess(datagram):
		taken = i.takeAnswer(datagram, now) && !i.leaves(now)
	}
	if !taken && !stun.IsMessage(datagram) { // of those pion takes only what it can check for a sign of life
		i.left = now
	}
	return taken
}

// leaves says that it is time to leave something to pion. The caller holds mu.
func (i *inlet) leaves(now time.Time) bool { return now.Sub(i.left) >= leaveEvery }

// isRTCP tells RTCP from all else that shares the port (RFC 7983; RFC 5761, 4).
func isRTCP(datagram []byte) bool {
	return len(datagram) >= 8 && datagram[0]>>6 == 2 && datagram[1] >= 192 && datagram[1] <= 223
}

// takeRTCP deciphers a compound packet. The caller holds mu.
func (i *inlet) takeRTCP(datagram []byte, now time.Time) bool {
	if i.opener == nil {
		return false
	}
	plain, err := i.opener.DecryptRTCP(i.plain[:0], datagram, nil)
	if err != nil {
		// With the right keys it is forged or was here before; pion, which does not see all, would hear it twice (RFC 3711, 3.3.2).
		return i.proved
	}
	i.plain, i.proved = plain, true
	if i.leaves(now) {
		return false
	}
	for t, ssrc := range i.ssrc {
		if ssrc == 0 {
			continue
		}
		f := parseFeedback(plain, ssrc)
		if f.empty() {
			continue
		}
		f.video, f.at = relay.Track(t) == relay.Video, now
		if f.canWait() {
			i.reports[t] = f
			i.news.Store(true)
			continue
		}
		if f.report != nil {
			i.reports[t] = feedback{} // is older
		}
		select {
		case i.say <- f:
		default: // a flood; viewers ask again
		}
	}
	return true
}

// takeAnswer takes the answer to the consent check under way. The caller holds mu.
func (i *inlet) takeAnswer(datagram []byte, now time.Time) bool {
	trip, ok := i.consent.answered(datagram, now)
	if ok {
		i.trip = max(trip, 1)
		i.news.Store(true)
	}
	return ok
}

// collect gives what has waited for a frame: a report on each track (empty: none), and a round trip, or 0.
func (i *inlet) collect() (reports [2]feedback, trip time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	reports, trip = i.reports, i.trip
	i.reports, i.trip = [2]feedback{}, 0
	i.news.Store(false)
	return reports, trip
}
