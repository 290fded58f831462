//go:build !linux || !(amd64 || arm64)

package peer

import (
	"errors"
	"net/netip"
	"os"
	"time"
)

// soon bounds a write where the socket can't be asked not to wait.
const soon = 5 * time.Millisecond

// reading is empty: nothing of our own is needed to read.
type reading struct{}

// readOne reads one datagram.
func (s *socket) readOne(b []byte) (int, netip.AddrPort, error) {
	return s.conn.ReadFromUDPAddrPort(b)
}

func (s *socket) prepare() error {
	s.granted = sendBuffer
	return nil
}

func (s *socket) send(b []byte, to netip.AddrPort) error {
	_ = s.conn.SetWriteDeadline(time.Now().Add(soon))
	_, err := s.conn.WriteToUDPAddrPort(b, to)
	return err
}

// vector is empty: datagrams are cut on 64-bit Linux alone.
type vector struct{}

func (s *socket) sendCut(*segments, netip.AddrPort) error { return errors.ErrUnsupported }

func cannotCut(err error) bool { return errors.Is(err, errors.ErrUnsupported) }

func isFull(err error) bool { return os.IsTimeout(err) }

func limitUnsent(uintptr) {}
