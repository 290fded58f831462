//go:build amd64 || arm64

package main

import (
	"fmt"
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	crowdBatch   = 32      // datagrams taken with one system call
	crowdReceive = 1 << 20 // bytes of a viewer's receive buffer, as browsers ask for
)

// crowdSocket opens a viewer's UDP socket at an address, any port. The kernel notes when each datagram arrived: how soon this process gets
// the processor then does not matter to the ages.
func crowdSocket(host netip.Addr) (fd int, at netip.AddrPort, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("open a viewer's socket: %w", err)
		}
	}()
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, at, err
	}
	defer func() {
		if err != nil {
			_ = unix.Close(fd)
		}
	}()
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, crowdReceive) // less is granted where rmem_max is less
	if err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		return 0, at, err
	}
	if err = unix.Bind(fd, &unix.SockaddrInet4{Addr: host.As4()}); err != nil {
		return 0, at, err
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		return 0, at, err
	}
	return fd, netip.AddrPortFrom(host, uint16(name.(*unix.SockaddrInet4).Port)), nil
}

// mmsghdr is the kernel's struct of the same name (recvmmsg(2)).
type mmsghdr struct {
	header unix.Msghdr
	size   uint32
	_      uint32
}

// crowdInbox takes many datagrams with one system call. It belongs to one goroutine.
type crowdInbox struct {
	heads   [crowdBatch]mmsghdr
	vectors [crowdBatch]unix.Iovec
	names   [crowdBatch]unix.RawSockaddrInet4
	control [crowdBatch][64]byte
	bytes   [crowdBatch][2048]byte
}

// receive takes what waits at a socket, at most crowdBatch datagrams.
func (in *crowdInbox) receive(fd int) (int, error) {
	for i := range in.heads {
		in.vectors[i].Base = &in.bytes[i][0]
		in.vectors[i].SetLen(len(in.bytes[i]))
		h := &in.heads[i].header
		h.Iov = &in.vectors[i]
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&in.names[i]))
		h.Namelen = unix.SizeofSockaddrInet4
		h.Control = &in.control[i][0]
		h.SetControllen(len(in.control[i]))
	}
	n, _, fault := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&in.heads[0])), crowdBatch, unix.MSG_DONTWAIT, 0, 0)
	if fault != 0 {
		return 0, fault
	}
	return int(n), nil
}

// datagram gives what was received i-th, when, in Unix nanoseconds, and from where. The bytes are good until the next receive.
func (in *crowdInbox) datagram(i int) (b []byte, at int64, from [4]byte, port uint16) {
	h := &in.heads[i]
	b = in.bytes[i][:h.size]
	at = time.Now().UnixNano()
	if h.header.Controllen >= unix.SizeofCmsghdr {
		c := (*unix.Cmsghdr)(unsafe.Pointer(&in.control[i][0]))
		if c.Level == unix.SOL_SOCKET && c.Type == unix.SO_TIMESTAMPNS {
			at = (*unix.Timespec)(unsafe.Pointer(&in.control[i][unix.SizeofCmsghdr])).Nano()
		}
	}
	p := (*[2]byte)(unsafe.Pointer(&in.names[i].Port))
	return b, at, in.names[i].Addr, uint16(p[0])<<8 | uint16(p[1])
}

// crowdWaits is epoll.
type crowdWaits struct{ fd int }

func newCrowdWaits() (crowdWaits, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return crowdWaits{}, fmt.Errorf("make an epoll: %w", err)
	}
	return crowdWaits{fd}, nil
}

func (w crowdWaits) add(fd int) error {
	return unix.EpollCtl(w.fd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

// wait gives the sockets at which something waits.
func (w crowdWaits) wait(into []unix.EpollEvent, atMost time.Duration) []unix.EpollEvent {
	n, err := unix.EpollWait(w.fd, into, int(atMost.Milliseconds()))
	if err != nil {
		return nil // interrupted
	}
	return into[:n]
}

func (w crowdWaits) close() { _ = unix.Close(w.fd) }

// crowdSend sends a datagram; one that the kernel does not take is lost.
func crowdSend(fd int, b []byte, to netip.AddrPort) {
	_ = unix.Sendto(fd, b, unix.MSG_DONTWAIT, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
}
