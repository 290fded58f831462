package peer

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"
	"github.com/pion/webrtc/v4"
)

// A viewer over UDP is asked for its consent to be sent more, by a check as ICE's (RFC 7675, 5.1), and is sent nothing more when it has not answered for
// long. ICE itself is told not to ask (iceKeepalive): it would do so every 2 s at the least, and each time wake five goroutines; ours goes along
// with a frame. The RFC has it over TCP too, where a sender could be kept going by forged acknowledgements; there it is not asked for, and a viewer lives by
// what it sends (iceDisconnected).
const (
	consentEvery = 5 * time.Second // give or take a fifth
	consentLasts = 30 * time.Second
)

// consent is a viewer's.
type consent struct {
	given    time.Time
	of       grantor
	template []stun.Setter // of the check; nil: there is no path yet
	key      stun.MessageIntegrity
	id       [stun.TransactionIDSize]byte // of the check under way
	asked    time.Time                    // when it was sent; zero: none is under way
}

// grantor is who gave consent by ICE's own checks.
type grantor struct {
	at            netip.AddrPort
	local, remote webrtc.ICEParameters // an ICE restart changes them
}

// renew begins with a path that ICE has chosen; false if it is the one that there is, whose consent is as old as it is: that it was lost and came back proves
// nothing. The role is that of the beginning: between browsers and us no conflict changes it.
func (c *consent) renew(of grantor, role webrtc.ICERole, priority uint32, now time.Time) (fresh bool) {
	if c.template != nil && c.of == of {
		return false
	}
	c.of = of
	tie := rand.Uint64() // decides between two agents of the same role, which ICE's own checks have settled
	var part stun.Setter = ice.AttrControlled(tie)
	if role == webrtc.ICERoleControlling {
		part = ice.AttrControlling(tie)
	}
	c.key = stun.NewShortTermIntegrity(of.remote.Password)
	c.template = []stun.Setter{
		stun.BindingRequest, stun.TransactionID, stun.NewUsername(of.remote.UsernameFragment + ":" + of.local.UsernameFragment),
		part, ice.PriorityAttr(priority), c.key, stun.Fingerprint,
	}
	c.given, c.asked = now, time.Time{}
	return true
}

// ask makes a check. It replaces the one before: each is good for one answer.
func (c *consent) ask(now time.Time) ([]byte, error) {
	m, err := stun.Build(c.template...)
	if err != nil {
		return nil, err
	}
	c.id, c.asked = m.TransactionID, now
	return m.Raw, nil
}

// lapsed says that nothing more may be sent.
func (c *consent) lapsed(now time.Time) bool { return now.Sub(c.given) >= consentLasts }

// next is when to ask again, or to find that it has lapsed.
func (c *consent) next(now time.Time) time.Time {
	at := now.Add(around(consentEvery))
	if end := c.given.Add(consentLasts); end.After(now) && end.Before(at) {
		return end
	}
	return at
}

// isBindingSuccess says whether a datagram may be an answer to a check (RFC 8489, 5).
func isBindingSuccess(datagram []byte) bool {
	return len(datagram) >= 20 && stun.IsMessage(datagram) && datagram[0] == 1 && datagram[1] == 1
}

// answered takes a datagram that is the answer to the check under way, and gives the round trip.
func (c *consent) answered(datagram []byte, now time.Time) (trip time.Duration, ok bool) {
	if c.asked.IsZero() || !bytes.Equal(datagram[8:20], c.id[:]) {
		return 0, false
	}
	m := &stun.Message{Raw: bytes.Clone(datagram)}
	if m.Decode() != nil || c.key.Check(m) != nil {
		return 0, false
	}
	trip = now.Sub(c.asked)
	c.given, c.asked = now, time.Time{}
	return trip, true
}

// renew begins with a path that ICE has chosen.
func (s *sender) renew(now time.Time) {
	transport := s.peer.transport()
	local, err := transport.GetLocalParameters()
	if err != nil {
		return // it is closing
	}
	remote, err := transport.GetRemoteParameters()
	if err != nil {
		return
	}
	s.inlet.mu.Lock()
	defer s.inlet.mu.Unlock()
	c := &s.inlet.consent
	if c.renew(grantor{s.path.remote, local, remote}, transport.Role(), s.path.priority, now) {
		s.checkAt = c.next(now)
	}
}

// check asks for consent when it is time; false when it has lapsed.
func (s *sender) check(now time.Time) bool {
	if s.batch == nil || s.inlet == nil || s.checkAt.After(now) {
		return true
	}
	s.inlet.mu.Lock()
	defer s.inlet.mu.Unlock()
	c := &s.inlet.consent
	s.checkAt = c.next(now)
	s.due = time.Time{} // the timer may have been for this one
	switch {
	case c.template == nil: // ICE did not tell with what
		return true
	case c.lapsed(now):
		return false
	}
	if via := s.peer.endpoint.ports.socket(s.path.local); via != nil {
		if m, err := c.ask(now); err == nil {
			_, _ = via.WriteToAddrPort(m, s.path.remote) // a full socket may have room for the next
		}
	}
	return true
}

// around is a time, give or take a fifth, so that many viewers do not all speak at once.
func around(d time.Duration) time.Duration {
	return time.Duration((0.8 + 0.4*rand.Float64()) * float64(d))
}
