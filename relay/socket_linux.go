//go:build amd64 || arm64

package relay

import (
	"io"
	"net"
	"os"
	"syscall"
	"unsafe"
)

// readAhead is how much is taken from the kernel at once: what a camera sends for a frame, which comes in a burst.
const readAhead = 32 << 10

// eager is a TCP connection that is read without telling Go's scheduler: a read that does not wait needs none of what it prepares for
// one that does. Each announced system call of a process that was idle wakes the runtime's watchdog, which then looks around each
// 20 µs for milliseconds; with a few dozen cameras that is more than reading them costs.
type eager struct {
	*net.TCPConn
	raw  syscall.RawConn
	take func(fd uintptr) bool // made once

	buf   []byte
	rest  []byte // of buf: read and not given yet
	errno syscall.Errno
	n     int
}

// hasten gives the connection a quicker way of reading, if it is TCP.
func hasten(conn net.Conn) net.Conn {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return conn
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return conn
	}
	e := &eager{TCPConn: tcp, raw: raw, buf: make([]byte, readAhead)}
	e.take = e.once
	return e
}

// once reads what there is. False: nothing yet. The descriptor is in non-blocking mode, as all of Go's sockets are.
func (e *eager) once(fd uintptr) bool {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(&e.buf[0])), uintptr(len(e.buf)))
		switch errno {
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			return false
		}
		e.n, e.errno = int(n), errno
		return true
	}
}

// Read is for one goroutine at a time.
func (e *eager) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if len(e.rest) == 0 {
		if err := e.raw.Read(e.take); err != nil {
			return 0, err
		}
		switch {
		case e.errno != 0:
			return 0, &net.OpError{Op: "read", Net: "tcp", Source: e.LocalAddr(), Addr: e.RemoteAddr(), Err: os.NewSyscallError("read", e.errno)}
		case e.n == 0:
			return 0, io.EOF
		}
		e.rest = e.buf[:e.n]
	}
	n := copy(b, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}
