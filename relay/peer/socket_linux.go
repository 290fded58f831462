//go:build amd64 || arm64

package peer

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// prepare keeps the descriptor, so that writers need neither a closure per packet nor the exclusive lock of net.UDPConn.
func (s *socket) prepare() error {
	raw, err := s.conn.SyscallConn()
	if err != nil {
		return err
	}
	s.raw, s.receive = raw, s.receiveOnce
	return raw.Control(func(fd uintptr) {
		s.fd = fd
		s.granted, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUF)
		s.granted /= 2 // the kernel doubles it for its own needs, and tells the double
		_, err := unix.GetsockoptInt(int(fd), unix.SOL_UDP, unix.UDP_SEGMENT)
		s.cuts = err == nil
	})
}

// reading is what one goroutine at a time reads with.
type reading struct {
	raw     syscall.RawConn
	receive func(fd uintptr) bool // made once

	alone sync.Mutex // guards what follows
	into  []byte
	n     int
	errno syscall.Errno
	from  unix.RawSockaddrInet6 // has room for IPv4
	size  uint32
}

// readOne reads one datagram and allocates nothing. Like sending it does not announce its system calls to Go's scheduler, for none of them waits: an announced one that ends a pause of the process wakes the runtime's watchdog,
// which then looks around each 20 µs for milliseconds. With a hundred viewers that was a sixth of all that the gateway used.
func (s *socket) readOne(b []byte) (int, netip.AddrPort, error) {
	s.alone.Lock()
	defer s.alone.Unlock()
	if len(b) == 0 {
		return 0, netip.AddrPort{}, nil
	}
	s.into = b
	err := s.raw.Read(s.receive)
	s.into = nil
	if err == nil && s.errno != 0 {
		err = &net.OpError{Op: "read", Net: "udp", Source: s.local, Err: os.NewSyscallError("recvfrom", s.errno)}
	}
	if err != nil {
		return 0, netip.AddrPort{}, err
	}
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&s.from.Port))[:])
	if s.from.Family == unix.AF_INET {
		return s.n, netip.AddrPortFrom(netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(&s.from)).Addr), port), nil
	}
	return s.n, netip.AddrPortFrom(netip.AddrFrom16(s.from.Addr), port), nil
}

// receiveOnce takes a datagram. False: there is none yet. The caller holds alone.
func (s *socket) receiveOnce(fd uintptr) bool {
	for {
		s.size = uint32(unsafe.Sizeof(s.from))
		n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&s.into[0])), uintptr(len(s.into)), unix.MSG_DONTWAIT,
			uintptr(unsafe.Pointer(&s.from)), uintptr(unsafe.Pointer(&s.size)))
		switch errno {
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			return false
		}
		s.n, s.errno = int(n), errno
		return true
	}
}

// vector is what sendmsg reads; it lies beside the buffer so that nothing is allocated for a frame.
type vector struct {
	message unix.Msghdr
	parts   unix.Iovec
	name4   unix.RawSockaddrInet4
	name6   unix.RawSockaddrInet6
	control [3]uint64 // a header of 16 bytes, two bytes of size, padding; aligned as the kernel wants it
}

// sendCut hands all segments over in one sendmsg. The caller holds s.held.
func (s *socket) sendCut(h *segments, to netip.AddrPort) error {
	v := &h.vector
	v.parts = unix.Iovec{Base: &h.buf[0]}
	v.parts.SetLen(len(h.buf))
	v.message = unix.Msghdr{Iov: &v.parts}
	v.message.SetIovlen(1)
	if s.is4 {
		v.name4 = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: to.Addr().As4()}
		binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&v.name4.Port))[:], to.Port())
		v.message.Name, v.message.Namelen = (*byte)(unsafe.Pointer(&v.name4)), unix.SizeofSockaddrInet4
	} else {
		v.name6 = unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: to.Addr().As16()}
		binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&v.name6.Port))[:], to.Port())
		v.message.Name, v.message.Namelen = (*byte)(unsafe.Pointer(&v.name6)), unix.SizeofSockaddrInet6
	}
	header := (*unix.Cmsghdr)(unsafe.Pointer(&v.control[0]))
	header.Level, header.Type = unix.SOL_UDP, unix.UDP_SEGMENT
	header.SetLen(unix.CmsgLen(2))
	*(*uint16)(unsafe.Add(unsafe.Pointer(header), unix.CmsgLen(0))) = uint16(h.size)
	v.message.Control = (*byte)(unsafe.Pointer(header))
	v.message.SetControllen(unix.CmsgSpace(2))
	_, _, errno := syscall.RawSyscall(syscall.SYS_SENDMSG, s.fd, uintptr(unsafe.Pointer(&v.message)), unix.MSG_DONTWAIT)
	if errno != 0 {
		return errno
	}
	return nil
}

// cannotCut says that segments are not taken: EIO where a card or IPsec has no checksums for them, EINVAL or (since Linux 6.15)
// EMSGSIZE where one is larger than the MTU of the path. One by one, packets go through all of these; IP cuts those that are too large.
func cannotCut(err error) bool {
	return errors.Is(err, unix.EIO) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EMSGSIZE) ||
		errors.Is(err, unix.ENOPROTOOPT) || errors.Is(err, unix.EOPNOTSUPP)
}

// send is one sendto that does not wait. The caller holds s.held.
func (s *socket) send(b []byte, to netip.AddrPort) error {
	if len(b) == 0 || to.Addr().Unmap().Is4() != s.is4 {
		return unix.EINVAL
	}
	var errno syscall.Errno
	if s.is4 {
		name := unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: to.Addr().As4()}
		binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&name.Port))[:], to.Port())
		_, _, errno = syscall.RawSyscall6(syscall.SYS_SENDTO, s.fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_DONTWAIT,
			uintptr(unsafe.Pointer(&name)), unsafe.Sizeof(name))
	} else {
		name := unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: to.Addr().As16()}
		binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&name.Port))[:], to.Port())
		_, _, errno = syscall.RawSyscall6(syscall.SYS_SENDTO, s.fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_DONTWAIT,
			uintptr(unsafe.Pointer(&name)), unsafe.Sizeof(name))
	}
	if errno != 0 {
		return errno
	}
	return nil
}

// isFull says that the queue to the network had no room.
func isFull(err error) bool {
	return errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.ENOBUFS)
}

// limitUnsent bounds what a TCP socket takes beyond what is on its way.
func limitUnsent(fd uintptr) {
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, tcpUnsent)
}
