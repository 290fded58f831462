//go:build !linux

package peer

import (
	"net/netip"
	"os"
	"time"
)

// soon bounds a write where the socket can't be asked not to wait.
const soon = 5 * time.Millisecond

func (s *socket) prepare() error { return nil }

func (s *socket) send(b []byte, to netip.AddrPort) error {
	_ = s.conn.SetWriteDeadline(time.Now().Add(soon))
	_, err := s.conn.WriteToUDPAddrPort(b, to)
	return err
}

func isFull(err error) bool { return os.IsTimeout(err) }
