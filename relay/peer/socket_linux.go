package peer

import (
	"encoding/binary"
	"errors"
	"net/netip"
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
	return raw.Control(func(fd uintptr) { s.fd = fd })
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
		_, _, errno = syscall.Syscall6(syscall.SYS_SENDTO, s.fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_DONTWAIT,
			uintptr(unsafe.Pointer(&name)), unsafe.Sizeof(name))
	} else {
		name := unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: to.Addr().As16()}
		binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&name.Port))[:], to.Port())
		_, _, errno = syscall.Syscall6(syscall.SYS_SENDTO, s.fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_DONTWAIT,
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
