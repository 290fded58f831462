package relay

import "net"

// sniffer is a connection that ends as soon as what answers is not RTSP. The RTSP client would skip such bytes and wait.
type sniffer struct {
	net.Conn
	head []byte
	sure bool
}

func (s *sniffer) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	if s.sure || n == 0 {
		return n, err
	}
	for _, c := range b[:n] {
		if len(s.head) == 0 && (c == '\r' || c == '\n' || c == ' ') {
			continue // some cameras send empty lines first
		}
		s.head = append(s.head, c)
		if s.head[0] == '$' {
			s.sure = true
			break
		}
		// The name of the protocol in an answer, or of a method in a request: upper case both. HTTP is upper case too.
		if upper := c >= 'A' && c <= 'Z' || c == '_'; !upper {
			return 0, errNotRTSP
		}
		if len(s.head) == 4 {
			if string(s.head) == "HTTP" {
				return 0, errNotRTSP
			}
			s.sure = true
			break
		}
	}
	return n, err
}
