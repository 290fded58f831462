package peer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/transport/v4"
	"github.com/pion/transport/v4/stdnet"
)

// rescan is how often new and vanished local addresses are looked for: a lease renewed, a cable plugged in, a VPN come up.
const rescan = 5 * time.Second

// tcpBuffer and tcpUnsent are what may wait for one slow viewer over TCP, here and in the kernel, before packets are dropped: 2.3 s of
// 4 Mbit/s. More would only be delay.
const (
	tcpBuffer = 1 << 20
	tcpUnsent = 128 << 10
)

// tcpFirst is how long a new TCP connection may keep us waiting for its first ICE check.
const tcpFirst = 10 * time.Second

// freePort is how often a free port number is tried for, before it is an error.
const freePort = 50

// ports is one port number on every usable local address: a UDP socket and a TCP listener each.
type ports struct {
	scope  Scope
	port   int
	log    *slog.Logger
	pion   logging.LoggerFactory
	counts *counters
	all    *batches
	tcp    *listener
	tcpMux *ice.TCPMuxDefault // made by start

	mu    sync.RWMutex
	bound []bound // guarded by mu; in order of preference
}

// bound is one local address.
type bound struct {
	ip     netip.Addr
	udp    *socket
	tcp    net.Listener
	udpMux *ice.UDPMuxDefault // nil before start
}

// bind takes the port on all usable addresses, or fails and takes none. Port 0 finds one that is free on all of them.
func bind(scope Scope, port int, log *slog.Logger, pion logging.LoggerFactory, all *batches, counts *counters) (*ports, error) {
	addresses, err := usable(scope)
	if err != nil {
		return nil, err
	}
	if len(addresses) == 0 {
		return nil, errors.New("no network interface is up, loopback included")
	}
	for try := 1; ; try++ {
		list, number, err := bindAll(addresses, port, all, counts)
		if err == nil {
			if granted := list[0].udp.granted; granted < sendBuffer {
				log.Info("the kernel grants a smaller send buffer than asked for; with hundreds of viewers raise net.core.wmem_max",
					"granted", granted, "asked", sendBuffer)
			}
			return &ports{
				scope: scope, port: number, log: log, pion: pion, counts: counts, all: all, bound: list, tcp: newListener(number),
			}, nil
		}
		if port != 0 || try == freePort || !errors.Is(err, syscall.EADDRINUSE) {
			return nil, err
		}
	}
}

// bindAll takes the port on each address, but for those that can't be bound just now: an IPv6 address whose duplicate check is going
// on, as when a machine starts, or one that has just gone. follow tries them again.
func bindAll(addresses []netip.Addr, port int, all *batches, counts *counters) (list []bound, number int, err error) {
	var absent error
	for _, ip := range addresses {
		b, err := bindOne(ip, port, all, counts)
		if errors.Is(err, syscall.EADDRNOTAVAIL) {
			absent = err
			continue
		}
		if err != nil {
			for _, b := range list {
				b.close()
			}
			return nil, 0, err
		}
		list, port = append(list, b), b.udp.local.Port
	}
	if len(list) == 0 {
		return nil, 0, absent
	}
	return list, port, nil
}

func bindOne(ip netip.Addr, port int, all *batches, counts *counters) (bound, error) {
	udp, err := listenSocket(ip, port, all, counts)
	if err != nil {
		return bound{}, err
	}
	tcp, err := listenTCP(ip, udp.local.Port)
	if err != nil {
		_ = udp.Close()
		return bound{}, err
	}
	return bound{ip: ip, udp: udp, tcp: tcp}, nil
}

func (b bound) close() {
	if b.udpMux != nil {
		_ = b.udpMux.Close()
	}
	_ = b.udp.Close()
	_ = b.tcp.Close()
}

// start begins to read. It is called once, by Run.
func (p *ports) start() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tcpMux = ice.NewTCPMuxDefault(ice.TCPMuxParams{
		Listener:             p.tcp,
		Logger:               p.pion.NewLogger("ice-tcp"),
		ReadBufferSize:       16,
		WriteBufferSize:      tcpBuffer, // without a buffer a slow TCP viewer would block its sender
		FirstStunBindTimeout: tcpFirst,
	})
	for i := range p.bound {
		p.open(&p.bound[i])
	}
}

func (p *ports) open(b *bound) {
	b.udpMux = ice.NewUDPMuxDefault(ice.UDPMuxParams{Logger: p.pion.NewLogger("ice-udp"), UDPConn: b.udp})
	p.tcp.add(b.ip, b.tcp)
}

// watch follows the machine's addresses until ctx ends.
func (p *ports) watch(ctx context.Context) {
	tick := time.NewTicker(rescan)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			p.tell()
			p.follow()
		}
	}
}

// tell logs what sockets have found out.
func (p *ports) tell() {
	p.mu.RLock()
	list := slices.Clone(p.bound)
	p.mu.RUnlock()
	for _, b := range list {
		if b.udp.refused.Load() && !b.udp.told {
			b.udp.told = true
			p.log.Info("the way to some viewers takes no segmented sends: they are sent packet by packet", "address", b.ip)
		}
	}
}

// follow binds addresses that are new and lets go of those that vanished.
func (p *ports) follow() {
	now, err := usable(p.scope)
	if err != nil || len(now) == 0 {
		return
	}
	p.mu.RLock()
	old := make([]netip.Addr, len(p.bound))
	for i, b := range p.bound {
		old[i] = b.ip
	}
	p.mu.RUnlock()

	var gained []bound
	for _, ip := range now {
		if slices.Contains(old, ip) {
			continue
		}
		b, err := bindOne(ip, p.port, p.all, p.counts)
		if err != nil {
			// The next round tries again; see bindAll.
			p.log.Debug("could not listen on a new local address", "address", ip, "error", err)
			continue
		}
		p.open(&b)
		gained = append(gained, b)
		p.log.Info("listening for viewers on a new local address", "address", ip, "port", p.port)
	}
	var lost []bound
	p.mu.Lock()
	kept := p.bound[:0:0]
	for _, b := range append(p.bound, gained...) {
		if slices.Contains(now, b.ip) {
			kept = append(kept, b)
		} else {
			lost = append(lost, b)
		}
	}
	slices.SortStableFunc(kept, func(a, b bound) int { return rank(a.ip) - rank(b.ip) })
	p.bound = kept
	p.mu.Unlock()
	for _, b := range lost {
		p.log.Info("a local address is gone", "address", b.ip)
		p.tcp.remove(b.ip)
		b.close()
	}
}

// close lets go of everything.
func (p *ports) close() {
	p.mu.Lock()
	list := p.bound
	p.bound = nil
	mux := p.tcpMux
	p.mu.Unlock()
	if mux != nil {
		_ = mux.Close()
	}
	_ = p.tcp.Close()
	for _, b := range list {
		b.close()
	}
}

// socket gives that of a local address; nil if it is gone.
func (p *ports) socket(ip netip.Addr) *socket {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for i := range p.bound {
		if p.bound[i].ip == ip {
			return p.bound[i].udp
		}
	}
	return nil
}

// local gives the addresses that are bound now.
func (p *ports) local() []netip.Addr {
	p.mu.RLock()
	defer p.mu.RUnlock()
	list := make([]netip.Addr, len(p.bound))
	for i, b := range p.bound {
		list[i] = b.ip
	}
	return list
}

// reach says which of the local addresses a viewer's ICE agent uses. An agent sends checks from each address to each of the
// browser's, so loopback, from which no other machine can be reached, is left out unless the page came by it.
type reach uint8

const (
	outside reach = iota
	withLoopback
)

// muxes is the set of UDP sockets as one viewer's ICE agent sees it.
type muxes struct {
	*ports
	reach reach
}

func (m muxes) visible(ip netip.Addr) bool { return m.reach == withLoopback || !ip.IsLoopback() }

// GetListenAddresses names the sockets.
func (m muxes) GetListenAddresses() []net.Addr {
	m.mu.RLock()
	defer m.mu.RUnlock()
	list := make([]net.Addr, 0, len(m.bound))
	for _, b := range m.bound {
		if m.visible(b.ip) {
			list = append(list, b.udp.local)
		}
	}
	return list
}

// GetConn gives an agent its share of one socket.
func (m muxes) GetConn(ufrag string, addr net.Addr) (net.PacketConn, error) {
	udp, ok := addr.(*net.UDPAddr)
	if !ok {
		return nil, net.InvalidAddrError("not a UDP address")
	}
	want := udp.AddrPort().Addr().Unmap()
	m.mu.RLock()
	i := slices.IndexFunc(m.bound, func(b bound) bool { return b.ip == want })
	var mux *ice.UDPMuxDefault
	if i >= 0 {
		mux = m.bound[i].udpMux
	}
	m.mu.RUnlock()
	if mux == nil {
		return nil, fmt.Errorf("no socket on %s: %w", want, net.ErrClosed)
	}
	return mux.GetConn(ufrag, addr)
}

// RemoveConnByUfrag takes an agent off all sockets.
func (m muxes) RemoveConnByUfrag(ufrag string) {
	m.mu.RLock()
	list := slices.Clone(m.bound)
	m.mu.RUnlock()
	for _, b := range list {
		b.udpMux.RemoveConnByUfrag(ufrag)
	}
}

// Close does nothing: the sockets belong to the endpoint, and agents share them.
func (m muxes) Close() error { return nil }

// localNet shows ICE the bound addresses alone, without asking the kernel for every viewer.
type localNet struct {
	*stdnet.Net
	muxes muxes
}

// Interfaces gives one interface that carries every bound address.
func (n localNet) Interfaces() ([]*transport.Interface, error) {
	all := transport.NewInterface(net.Interface{Index: 1, MTU: 1500, Name: "bound", Flags: net.FlagUp})
	for _, a := range n.muxes.GetListenAddresses() {
		ip := a.(*net.UDPAddr).IP
		bits := 128
		if ip.To4() != nil {
			bits = 32
		}
		all.AddAddress(&net.IPNet{IP: ip, Mask: net.CIDRMask(bits, bits)})
	}
	return []*transport.Interface{all}, nil
}
