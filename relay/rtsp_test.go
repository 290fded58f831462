package relay

import (
	"bufio"
	"context"
	"crypto/tls"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

func TestMain(m *testing.M) {
	// Most of these tests wait for a camera's promises in seconds and need no processor meanwhile.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// yard is a relay with real sockets, and the addresses of its cameras.
type yard struct {
	*Relay
	book *book
	log  *lines
}

func newYard(t *testing.T, change func(*Options)) *yard {
	t.Helper()
	y := &yard{book: &book{}, log: &lines{}}
	o := Options{Addresses: y.book, Linger: 300 * time.Millisecond,
		Logger: slog.New(slog.NewTextHandler(y.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if change != nil {
		change(&o)
	}
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	y.Relay = r
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	select {
	case <-r.Ready():
	case err := <-done:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("Run does not return")
		}
		if text := y.log.String(); strings.Contains(text, "canary") || strings.Contains(text, "127.0.0.1") {
			t.Errorf("the log tells an address or a password:\n%s", text)
		}
	})
	return y
}

// camera puts a simulated camera into the book.
func (y *yard) camera(id camera.ID, c *rtsptest.Camera, change ...func(*camera.Target)) *rtsptest.Camera {
	y.target(id, c.URL(), change...)
	return c
}

func (y *yard) target(id camera.ID, address string, change ...func(*camera.Target)) {
	address, user, password := splitURL(address)
	target := camera.Target{Camera: id, Kind: camera.Main, Address: address, Username: user, Password: camera.NewPassword(password), Transport: camera.TransportAuto}
	for _, f := range change {
		f(&target)
	}
	y.book.set(id, target)
}

func splitURL(u string) (address, user, password string) {
	scheme, rest, _ := strings.Cut(u, "://")
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		user, password, _ = strings.Cut(rest[:at], ":")
		rest = rest[at+1:]
	}
	return scheme + "://" + rest, user, password
}

func (y *yard) read(t *testing.T, id camera.ID) *Reader {
	t.Helper()
	r, err := y.Read(Key{id, camera.Main})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// emptied waits until every stream is closed and nothing is kept of them.
func (y *yard) emptied(t *testing.T) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for limit := time.After(y.opt.Linger + 2*time.Second); ; {
		s := y.Stats()
		if s.Loopback == 0 && s.CacheBytes == 0 && len(s.Streams) == 0 {
			return
		}
		select {
		case <-look.C:
		case <-limit:
			t.Fatalf("left behind: %+v", s)
		}
	}
}

// await waits for a state, draining frames, and gives what came meanwhile.
func await(t *testing.T, r *Reader, within time.Duration, ok func(State) bool) (frames []Frame) {
	t.Helper()
	limit := time.After(within)
	for !ok(r.State()) {
		select {
		case <-r.Ready():
			frames = append(frames, drain(r)...)
		case <-limit:
			t.Fatalf("after %v the state is %+v", within, r.State())
		}
	}
	return append(frames, drain(r)...)
}

func is(status Status, code string) func(State) bool {
	return func(s State) bool { return s.Status == status && s.Code == code }
}

// watch reads frames until enough came.
func watch(t *testing.T, r *Reader, within time.Duration, enough func(Frame) bool) (frames []Frame) {
	t.Helper()
	limit := time.After(within)
	for {
		for {
			f, ok := r.Next()
			if !ok {
				break
			}
			frames = append(frames, f)
			if enough(f) {
				return frames
			}
		}
		select {
		case <-r.Ready():
		case <-limit:
			t.Fatalf("%d frames in %v, state %+v", len(frames), within, r.State())
		}
	}
}

// counter gives the camera's picture counter in a frame.
func counter(f Frame) (uint64, bool) {
	for nal := range strings.SplitSeq(string(annexB(f.Packets)), "\x00\x00\x00\x01") {
		if n, _, ok := rtsptest.ParseSEI([]byte(nal)); ok {
			return n, true
		}
	}
	return 0, false
}

var small = rtsptest.Spec{Number: 7, Width: 320, Height: 180, FPS: 25, GOP: 25, Seconds: 4}

func TestPicturesAndSoundOfARealCameraArriveWholeAndFit(t *testing.T) {
	t.Parallel()
	y := newYard(t, nil)
	spec := small
	spec.Audio, spec.Kbps = "pcmu", 1500
	y.camera("a", rtsptest.Start(t, spec))
	r := y.read(t, "a")
	n := 0
	frames := watch(t, r, 10*time.Second, func(f Frame) bool {
		if f.Track == Video {
			n++
		}
		return n == 60
	})
	var index [tracks]uint64
	var last uint64
	sound := 0
	for i, f := range frames {
		if i == 0 && !f.Keyframe {
			t.Fatal("the first frame is no keyframe")
		}
		if f.Track == Audio {
			sound++
		}
		if index[f.Track] != 0 && f.First != index[f.Track] {
			t.Fatalf("%v: index %d follows %d", f.Track, f.First, index[f.Track])
		}
		index[f.Track] = f.First + uint64(len(f.Packets))
		for j, p := range f.Packets {
			if len(p.Payload) > MaxPayload || f.Track == Video && (p.Marker != (j == len(f.Packets)-1) || p.Timestamp != f.Timestamp) {
				t.Fatalf("packet %d of frame %d: %d bytes, marker %v", j, i, len(p.Payload), p.Marker)
			}
		}
		if f.Track != Video {
			continue
		}
		c, ok := counter(f)
		if !ok || last != 0 && c != last+1 {
			t.Fatalf("frame %d: counter %d after %d", i, c, last)
		}
		last = c
		if text := string(annexB(f.Packets)); f.Keyframe != strings.Contains(text, "\x00\x00\x00\x01\x67") {
			t.Fatalf("frame %d: keyframe %v, but parameter sets %v", i, f.Keyframe, !f.Keyframe)
		}
	}
	if sound == 0 {
		t.Fatal("no sound")
	}
	s := r.State()
	if s.Status != Live || s.Media.Width != 320 || s.Media.Audio.Name != "PCMU" || s.FrameInterval.Round(5*time.Millisecond) != 40*time.Millisecond {
		t.Fatalf("%+v", s)
	}
	if at, wall := r.Clock(Video); wall.IsZero() || time.Since(wall) > time.Second || at == 0 {
		t.Fatal("no clock for sender reports")
	}
}

func TestWhatIsWrongHasACodeWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	off := rtsptest.Start(t, small) // its port stays its own
	if err := off.Kill(); err != nil {
		t.Fatal(err)
	}
	banner := speak(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.2\r\n")
		_, _ = bufio.NewReader(c).ReadString(0)
	})
	y := newYard(t, nil)
	cases := []struct {
		id     camera.ID
		status Status
		code   string
	}{
		{"password", Refused, CodeCredentials}, {"no-password", Refused, CodeCredentials}, {"host", Connecting, CodeUnknownHost},
		{"closed", Connecting, CodeUnreachable}, {"hole", Connecting, CodeTimeout}, {"web", Refused, CodeNotRTSP},
		{"ssh", Refused, CodeNotRTSP}, {"sound", Unsupported, CodeNoVideo}, {"h265", Unsupported, CodeCodec},
		{"mjpeg", Unsupported, CodeCodec}, {"b", Unsupported, CodeBFrames}, {"path", Refused, CodeNoStream}, {"busy", Refused, CodeBusy},
	}
	locked := func(o *rtsptest.Options) { o.Username, o.Password = "admin", "canary-right" }
	y.camera("password", rtsptest.Start(t, small, locked), func(c *camera.Target) { c.Username, c.Password = "admin", camera.NewPassword("canary") })
	y.camera("no-password", rtsptest.Start(t, small, locked), func(c *camera.Target) { c.Username, c.Password = "", camera.Password{} })
	y.target("host", "rtsp://canary-host.invalid/")
	y.camera("closed", off)
	hole := rtsptest.Start(t, small)
	hole.BlackHole()
	y.camera("hole", hole)
	y.target("web", "rtsp://"+web.Listener.Addr().String()+"/")
	y.target("ssh", "rtsp://"+banner+"/")
	y.camera("sound", rtsptest.Start(t, rtsptest.Spec{Number: 1, NoVideo: true, Audio: "pcma", Seconds: 2}))
	y.camera("h265", rtsptest.Start(t, rtsptest.Spec{Number: 2, Codec: "h265", Width: 320, Height: 180, Seconds: 2}))
	y.camera("mjpeg", rtsptest.Start(t, rtsptest.Spec{Number: 3, Codec: "mjpeg", Width: 320, Height: 180, Seconds: 2}))
	y.camera("b", rtsptest.Start(t, rtsptest.Spec{Number: 4, BFrames: 2, Width: 320, Height: 180, Seconds: 2}))
	y.target("path", rtsptest.Start(t, small).URL()+"/elsewhere")
	busy := rtsptest.Start(t, small, func(o *rtsptest.Options) { o.MaxSessions = 1 })
	y.camera("busy", busy)
	y.camera("first", busy)
	await(t, y.read(t, "first"), 10*time.Second, is(Live, ""))
	readers := map[camera.ID]*Reader{}
	begun := time.Now()
	for _, c := range cases {
		readers[c.id] = y.read(t, c.id)
	}
	for _, c := range cases {
		t.Run(string(c.id), func(t *testing.T) {
			await(t, readers[c.id], 5*time.Second-time.Since(begun), is(c.status, c.code))
		})
	}
	for _, s := range y.Stats().Streams {
		if s.Key.Camera == "b" && s.Frames == 0 {
			t.Error("B-frames don't reach the readers that can take them")
		}
	}
}

func TestAnAddressWithTLS(t *testing.T) {
	t.Parallel()
	y := newYard(t, nil)
	cam := rtsptest.Start(t, small)
	web := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate, which nobody has signed
	cert := web.TLS.Certificates[0]
	web.Close()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := tls.NewListener(plain, &tls.Config{Certificates: []tls.Certificate{cert}})
	var running sync.WaitGroup
	running.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", cam.Address())
			if err != nil {
				in.Close()
				continue
			}
			running.Go(func() { _, _ = io.Copy(out, in); out.Close() })
			running.Go(func() { _, _ = io.Copy(in, out); in.Close() })
		}
	})
	t.Cleanup(func() { l.Close(); running.Wait() })
	y.target("a", strings.Replace(strings.Replace(cam.URL(), "rtsp://", "rtsps://", 1), cam.Address(), plain.Addr().String(), 1))
	y.target("plain", "rtsps://"+cam.Address()+"/")
	r := y.read(t, "a")
	await(t, r, 10*time.Second, is(Live, ""))
	await(t, y.read(t, "plain"), 5*time.Second, func(s State) bool { return s.Code == CodeNotRTSP || s.Code == CodeTimeout || s.Code == CodeLost })
	r.Close()
}

// speak serves one protocol that is not RTSP.
func speak(t *testing.T, say func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			say(c)
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}
