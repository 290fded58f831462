package relay

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// TestReachAsksWithoutASession asks what answers at many kinds of address.
func TestReachAsksWithoutASession(t *testing.T) {
	t.Parallel()
	y := newYard(t, nil)
	reach := func(id camera.ID) string {
		t.Helper()
		err := y.Reach(t.Context(), Key{id, camera.Main})
		var why *Refusal
		switch {
		case err == nil:
			return ""
		case errors.As(err, &why):
			return why.Code
		}
		t.Fatalf("%s: %v", id, err)
		return ""
	}
	heard := make(chan string, 16)
	// peer answers each connection with a text, and keeps it open if there is none.
	peer := func(answer string, listen func(net.Listener) net.Listener) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		l = listen(l)
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer c.Close()
					head, err := bufio.NewReader(c).ReadString('\n')
					if err != nil {
						return
					}
					heard <- head
					if answer == "" {
						_, _ = io.Copy(io.Discard, c)
						return
					}
					_, _ = io.WriteString(c, answer)
				}()
			}
		}()
		return address
	}
	plain := func(l net.Listener) net.Listener { return l }
	const fine = "RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS\r\n\r\n"

	cam := y.camera("camera", rtsptest.Start(t, small))
	busy := y.camera("one session", rtsptest.Start(t, small))
	busy.OneSession()
	locked := rtsptest.Start(t, small)
	locked.RequireAuth("admin", "canary", "digest")
	y.camera("locked", locked)
	off := rtsptest.Start(t, small) // its port stays its own
	if err := off.Kill(); err != nil {
		t.Fatal(err)
	}
	y.camera("refusing", off)
	y.target("unknown host", "rtsp://no-such-host.invalid/1")
	y.target("web", "rtsp://"+peer("HTTP/1.1 400 Bad Request\r\n\r\n", plain)+"/1")
	y.target("noise", "rtsp://"+peer("220 mail ESMTP\r\n", plain)+"/1")
	y.target("401", "rtsp://admin:canary@"+peer("RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n\r\n", plain)+"/secret=canary")
	y.target("hangs up", "rtsp://"+peer(" ", plain)+"/1")
	certificate := httptest.NewTLSServer(nil)
	defer certificate.Close()
	secured := func(l net.Listener) net.Listener {
		return tls.NewListener(l, &tls.Config{Certificates: certificate.TLS.Certificates})
	}
	y.target("rtsps", "rtsps://"+peer(fine, secured)+"/1")
	y.target("rtsps without TLS", "rtsps://"+peer(fine, plain)+"/1")

	// The one viewer of a camera that takes one only.
	r := y.read(t, "one session")
	await(t, r, 30*time.Second, func(s State) bool { return s.Status == Live })

	for id, want := range map[camera.ID]string{
		"camera": "", "one session": "", "locked": "", "401": "", "rtsps": "",
		"refusing": CodeUnreachable, "unknown host": CodeUnknownHost, "web": CodeNotRTSP, "noise": CodeNotRTSP, "hangs up": CodeNotRTSP,
		"rtsps without TLS": CodeNotRTSP,
	} {
		if got := reach(id); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	if s := cam.Stats(); s.SessionsEver != 0 {
		t.Errorf("a camera that was only asked has had %d sessions", s.SessionsEver)
	}
	if s := busy.Stats(); s.SessionsEver != 1 || s.SessionsNow != 1 {
		t.Errorf("the camera for one viewer: %+v", s)
	}
	if s := locked.Stats(); s.Denied != 0 {
		t.Errorf("credentials were sent %d times", s.Denied)
	}
	for len(heard) > 0 {
		if head := <-heard; strings.Contains(head, "canary") || strings.HasPrefix(head, "OPTIONS") && !strings.Contains(head, "/ RTSP/1.0") {
			t.Errorf("the camera was told %q", head)
		}
	}

	// Silence is bounded, and ends with its context.
	y.target("silent", "rtsp://"+peer("", plain)+"/1")
	ctx, cancel := context.WithCancel(t.Context())
	began := time.Now()
	done := make(chan error, 1)
	go func() { done <- y.Reach(ctx, Key{"silent", camera.Main}) }()
	for head := range heard {
		if strings.HasPrefix(head, "OPTIONS") {
			break
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || time.Since(began) > answerTimeout {
		t.Errorf("cancelled: %v after %v", err, time.Since(began))
	}
	if got := reach("silent"); got != CodeTimeout {
		t.Errorf("silent: %q", got)
	}
}

// TestClosedComesLast: who is told of a stream's states is told of its end.
func TestClosedComesLast(t *testing.T) {
	t.Parallel()
	told := make(chan string, 64)
	y := newYard(t, func(o *Options) {
		o.StateChanged = func(_ Key, s State) { told <- string(s.Status) }
		o.Closed = func(k Key) { told <- "closed " + k.String() }
	})
	y.camera("c", rtsptest.Start(t, small))
	r, err := y.Read(Key{"c", camera.Main})
	if err != nil {
		t.Fatal(err)
	}
	await(t, r, 30*time.Second, func(s State) bool { return s.Status == Live })
	r.Close()
	for last := range told {
		if last == "closed c/main" {
			break
		}
	}
	if _, lives := y.State(Key{"c", camera.Main}); lives {
		t.Error("it lives still")
	}
}
