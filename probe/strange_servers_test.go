package probe_test

import (
	"bufio"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/base"
)

// speak serves connections with say, each in a goroutine of its own, and gives the listener's host:port. A connection is closed when
// say returns, and all are when the test ends.
func speak(t *testing.T, say func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var (
		mu      sync.Mutex
		open    = map[net.Conn]bool{}
		over    bool
		running sync.WaitGroup
	)
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			if over {
				c.Close()
			}
			open[c] = true
			mu.Unlock()
			running.Go(func() {
				say(c)
				c.Close()
				mu.Lock()
				delete(open, c)
				mu.Unlock()
			})
		}
	})
	t.Cleanup(func() {
		mu.Lock()
		over = true
		for c := range open {
			c.Close()
		}
		mu.Unlock()
		l.Close()
		running.Wait()
	})
	return l.Addr().String()
}

// answering serves RTSP whose answers are answer's; nil is none. CSeq is seen to.
func answering(t *testing.T, answer func(*base.Request) *base.Response) string {
	return speak(t, func(c net.Conn) {
		for r := bufio.NewReader(c); ; {
			var req base.Request
			if err := req.Unmarshal(r); err != nil {
				return
			}
			res := answer(&req)
			if res == nil {
				continue
			}
			if res.Header == nil {
				res.Header = base.Header{}
			}
			res.Header["CSeq"] = req.Header["CSeq"]
			text, err := res.Marshal()
			if err != nil {
				return
			}
			if _, err := c.Write(text); err != nil {
				return
			}
		}
	})
}

// options is the answer that all cameras give first.
func options() *base.Response {
	public := base.HeaderValue{"OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"}
	return &base.Response{StatusCode: base.StatusOK, Header: base.Header{"Public": public}}
}

// moved redirects every DESCRIBE.
func moved(t *testing.T, to func(*base.Request) string) string {
	return answering(t, func(req *base.Request) *base.Response {
		if req.Method != base.Describe {
			return options()
		}
		return &base.Response{StatusCode: base.StatusFound, Header: base.Header{"Location": base.HeaderValue{to(req)}}}
	})
}

// described answers DESCRIBE with a text of the test's, and nothing after it with anything but 200.
func described(t *testing.T, sdp string) string {
	return answering(t, func(req *base.Request) *base.Response {
		if req.Method != base.Describe {
			return options()
		}
		return &base.Response{StatusCode: base.StatusOK, Body: []byte(sdp), Header: base.Header{
			"Content-Type": base.HeaderValue{"application/sdp"}, "Content-Base": base.HeaderValue{req.URL.String() + "/"},
		}}
	})
}

// dirty passes a camera on and puts dirt between its interleaved packets, after each tenth.
func dirty(t *testing.T, camera string, dirt []byte) string {
	return speak(t, func(in net.Conn) {
		out, err := net.DialTimeout("tcp", camera, 10*time.Second)
		if err != nil {
			return
		}
		var asking sync.WaitGroup
		asking.Go(func() {
			_, _ = io.Copy(out, in)
			out.Close()
		})
		defer asking.Wait()
		defer in.Close()
		r := bufio.NewReader(out)
		for packets := 0; ; {
			first, err := r.Peek(1)
			if err != nil {
				return
			}
			var text []byte
			if first[0] == base.InterleavedFrameMagicByte {
				var f base.InterleavedFrame
				if err := f.Unmarshal(r); err != nil {
					return
				}
				if text, err = f.Marshal(); err != nil {
					return
				}
				if packets++; packets%10 == 0 {
					text = append(text, dirt...)
				}
			} else {
				var res base.Response
				if err := res.Unmarshal(r); err != nil {
					return
				}
				if text, err = res.Marshal(); err != nil {
					return
				}
			}
			if _, err := in.Write(text); err != nil {
				return
			}
		}
	})
}
