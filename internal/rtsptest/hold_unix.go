//go:build unix

package rtsptest

import (
	"fmt"
	"net/netip"
	"syscall"
)

// heldPort is a TCP port that is bound and not listened at: connecting is refused, and nobody else gets it, not even as
// the near end of a connection, which could then connect to itself.
type heldPort struct {
	fd    int
	taken bool
}

func (h *heldPort) take(address string) error {
	addr, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("hold the port: %w", err)
	}
	family, sockaddr := syscall.AF_INET6, syscall.Sockaddr(&syscall.SockaddrInet6{Port: int(addr.Port()), Addr: addr.Addr().As16()})
	if addr.Addr().Unmap().Is4() {
		family, sockaddr = syscall.AF_INET, &syscall.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().Unmap().As4()}
	}
	fd, err := syscall.Socket(family, syscall.SOCK_STREAM, 0)
	if err != nil {
		return fmt.Errorf("hold the port: %w", err)
	}
	syscall.CloseOnExec(fd)
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err == nil {
		err = syscall.Bind(fd, sockaddr)
		if err == nil {
			h.fd, h.taken = fd, true
			return nil
		}
	}
	_ = syscall.Close(fd)
	return fmt.Errorf("hold the port %s: %w", address, err)
}

func (h *heldPort) release() {
	if h.taken {
		_ = syscall.Close(h.fd)
		h.taken = false
	}
}
