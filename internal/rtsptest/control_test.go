package rtsptest_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

func await(t *testing.T, cam *rtsptest.Camera, sessions int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := cam.AwaitSessions(ctx, sessions); err != nil {
		t.Fatal(err)
	}
}

// withCredentials is the URL with a user and a password, as clients are given it.
func withCredentials(url, user, password string) string {
	return strings.Replace(url, "rtsp://", "rtsp://"+user+":"+password+"@", 1)
}

// refused fails the test unless playing fails with an answer that contains the status.
func refused(t *testing.T, url, status string, changes ...func(*gortsplib.Client)) {
	t.Helper()
	r, err := dial(url, changes...)
	if err == nil {
		r.close()
		t.Fatalf("%s plays", url)
	}
	if !strings.Contains(err.Error(), status) {
		t.Fatalf("refused with %q, not with %s", err, status)
	}
}

func udp(c *gortsplib.Client) {
	p := gortsplib.ProtocolUDP
	c.Protocol = &p
}

func TestSessionsAreCounted(t *testing.T) {
	cam := rtsptest.Start(t, small(1))
	first, second := watch(t, cam.URL()), watch(t, cam.URL(), udp)
	first.packet(t)
	second.packet(t)
	s := cam.Stats()
	if s.SessionsNow != 2 || s.SessionsEver != 2 || s.ConnectionsEver != 2 || s.LastTransport != "udp" || s.LastUserAgent != "tester" {
		t.Errorf("two play: %+v", s)
	}
	first.close()
	await(t, cam, 1)
	second.close()
	await(t, cam, 0)
	frames := cam.Stats().Frames
	watch(t, cam.URL()).picture(t)
	if s := cam.Stats(); s.SessionsEver != 3 || s.Frames == frames {
		t.Errorf("a third: %+v", s)
	}
}

func TestTimeRunsOnWhileNobodyPlays(t *testing.T) {
	cam := rtsptest.Start(t, small(1))
	one := watch(t, cam.URL())
	before := one.picture(t)
	one.close()
	await(t, cam, 0)
	<-time.After(300 * time.Millisecond) // the gap itself
	after := watch(t, cam.URL()).picture(t)
	frames := int64(after.counter - before.counter)
	if gap := after.sent.Sub(before.sent); frames < 5 || (time.Duration(frames)*40*time.Millisecond-gap).Abs() > 250*time.Millisecond {
		t.Errorf("%d frames in %v", frames, gap)
	}
	if got := int64(after.stamp - before.stamp); got != frames*3600 {
		t.Errorf("time stamps went on by %d in %d frames", got, frames)
	}
}

func TestStatsTellWhenFramesWereSent(t *testing.T) {
	cam := rtsptest.Start(t, small(1), func(o *rtsptest.Options) { o.Recent = 8 })
	r := watch(t, cam.URL())
	var pic picture
	for range 12 {
		pic = r.picture(t)
	}
	recent := cam.Stats().Recent
	if len(recent) != 8 {
		t.Fatalf("%d frames remembered, not 8", len(recent))
	}
	for _, f := range recent {
		if f.Counter == pic.counter {
			if f.RTP != pic.stamp || !f.Sent.Equal(pic.sent) || f.Frame != int(pic.counter%25) || f.Bytes == 0 {
				t.Errorf("sent %+v, received %+v", f, pic)
			}
			return
		}
	}
	t.Errorf("frame %d is not among %+v", pic.counter, recent)
}

func TestPauseKeepsTheConnection(t *testing.T) {
	cam := rtsptest.Start(t, small(1))
	r := watch(t, cam.URL())
	before := r.picture(t)
	cam.Pause()
	r.silence(t)
	if n := cam.Stats().SessionsNow; n != 1 {
		t.Errorf("%d sessions while paused", n)
	}
	watch(t, cam.URL()).close() // it still answers
	cam.Resume()
	after := r.picture(t)
	if after.counter < before.counter+10 {
		t.Errorf("time stood still: frame %d after %d", after.counter, before.counter)
	}
}

func TestKilledRefusesAndComesBackAtThePort(t *testing.T) {
	cam := rtsptest.Start(t, small(1))
	r := watch(t, cam.URL())
	r.packet(t)
	if err := cam.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := r.client.Wait(); err == nil {
		t.Error("the client was not cut off")
	}
	if n := cam.Stats().SessionsNow; n != 0 {
		t.Errorf("%d sessions with a dead camera", n)
	}
	for range 20 {
		conn, err := net.Dial("tcp", cam.Address())
		if !errors.Is(err, syscall.ECONNREFUSED) {
			if conn != nil {
				_ = conn.Close()
			}
			t.Fatalf("connecting to a dead camera: %v", err)
		}
	}
	if err := cam.Kill(); err != nil {
		t.Errorf("kill the dead: %v", err)
	}
	url := cam.URL()
	if err := cam.Restart(); err != nil {
		t.Fatal(err)
	}
	if cam.URL() != url {
		t.Errorf("came back as %s, not %s", cam.URL(), url)
	}
	watch(t, url).picture(t)
}

func TestRestartCutsAndServes(t *testing.T) {
	cam := rtsptest.Start(t, small(1))
	r := watch(t, cam.URL())
	before := r.picture(t)
	if err := cam.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := r.client.Wait(); err == nil {
		t.Error("the client was not cut off")
	}
	after := watch(t, cam.URL()).picture(t)
	if after.counter <= before.counter {
		t.Errorf("frame %d after %d", after.counter, before.counter)
	}
	if d := after.stamp - before.stamp; d == uint32(after.counter-before.counter)*3600 {
		t.Error("the time stamps did not begin anew")
	}
}

func TestBlackHoleSwallows(t *testing.T) {
	cam := rtsptest.Start(t, small(1))
	r := watch(t, cam.URL())
	r.picture(t)
	cam.BlackHole()
	r.silence(t)

	conn, err := net.Dial("tcp", cam.Address())
	if err != nil {
		t.Fatalf("a black hole accepts: %v", err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "OPTIONS "+cam.URL()+" RTSP/1.0\r\nCSeq: 1\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 256)
	_ = conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	if n, err := conn.Read(answer); !isTimeout(err) {
		t.Fatalf("out of the black hole comes %q, %v", answer[:n], err)
	}

	cam.Resume()
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	if n, err := conn.Read(answer); err != nil || !strings.HasPrefix(string(answer[:n]), "RTSP/1.0 200") {
		t.Fatalf("after the black hole comes %q, %v", answer[:n], err)
	}
	r.picture(t)
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func TestBlackHoleEndsWithTheCamera(t *testing.T) {
	cam := rtsptest.Start(t, small(1))
	r := watch(t, cam.URL())
	cam.BlackHole()
	if err := cam.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := r.client.Wait(); err == nil {
		t.Error("the client was not cut off")
	}
}

func TestSlowAnswersLate(t *testing.T) {
	cam := rtsptest.Start(t, small(1))
	cam.Slow(200 * time.Millisecond)
	begin := time.Now()
	r := watch(t, cam.URL()) // OPTIONS, DESCRIBE, SETUP, PLAY
	if took := time.Since(begin); took < 700*time.Millisecond {
		t.Errorf("four answers came in %v", took)
	}
	r.picture(t)
}

func TestAuthentication(t *testing.T) {
	for _, method := range []string{"basic", "digest"} {
		t.Run(method, func(t *testing.T) {
			cam := rtsptest.Start(t, small(1))
			cam.RequireAuth("operator", "p:w", method)
			refused(t, cam.URL(), "401")
			if n := cam.Stats().Denied; n != 0 {
				t.Errorf("%d denied who brought nothing", n)
			}
			refused(t, withCredentials(cam.URL(), "operator", "wrong"), "401")
			if n := cam.Stats().Denied; n == 0 {
				t.Error("a wrong password is not counted")
			}
			watch(t, withCredentials(cam.URL(), "operator", "p%3Aw")).picture(t)
			cam.RequireAuth("", "", "")
			watch(t, cam.URL()).picture(t)
		})
	}
}

func TestDigestHidesThePassword(t *testing.T) {
	cam := rtsptest.Start(t, small(1), func(o *rtsptest.Options) {
		o.Username, o.Password, o.AuthMethod = "u", "p", "digest"
	})
	conn, err := net.Dial("tcp", cam.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, "DESCRIBE "+cam.URL()+" RTSP/1.0\r\nCSeq: 1\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 1024)
	n, err := conn.Read(answer)
	if err != nil || !strings.Contains(string(answer[:n]), "401") || !strings.Contains(string(answer[:n]), "Digest") ||
		strings.Contains(string(answer[:n]), "Basic") {
		t.Errorf("asked with %q, %v", answer[:n], err)
	}
}

func TestTransportsAreRefused(t *testing.T) {
	cam := rtsptest.Start(t, small(1))
	cam.TCPOnly()
	refused(t, cam.URL(), "461", udp)
	watch(t, cam.URL()).picture(t)
	cam.UDPOnly()
	refused(t, cam.URL(), "461")
	watch(t, cam.URL(), udp).picture(t)
}

func TestOneSession(t *testing.T) {
	cam := rtsptest.Start(t, small(1))
	cam.OneSession()
	first := watch(t, cam.URL())
	refused(t, cam.URL(), "453")
	first.picture(t)
	first.close()
	await(t, cam, 0)
	watch(t, cam.URL()).picture(t)
}

func TestWrongPathIsNotFound(t *testing.T) {
	cam := rtsptest.Start(t, small(1))
	refused(t, strings.Replace(cam.URL(), "/cam", "/other", 1), "404")
}

func TestDroppedPacketsLeaveAGap(t *testing.T) {
	cam := rtsptest.Start(t, small(1))
	r := watch(t, cam.URL())
	last := r.packet(t).SequenceNumber
	cam.DropPackets(3)
	for {
		seq := r.packet(t).SequenceNumber
		if gap := seq - last; gap == 4 {
			break
		} else if gap != 1 {
			t.Fatalf("sequence number %d after %d", seq, last)
		}
		last = seq
	}
	last = r.packet(t).SequenceNumber
	for range 50 {
		seq := r.packet(t).SequenceNumber
		if seq-last != 1 {
			t.Fatalf("sequence number %d after %d", seq, last)
		}
		last = seq
	}
}

func TestTimestampsJump(t *testing.T) {
	cam := rtsptest.Start(t, small(1))
	r := watch(t, cam.URL())
	for _, delta := range []time.Duration{time.Hour, -2 * time.Hour} {
		last := r.picture(t)
		cam.JumpTimestamps(delta)
		jumped := false
		for range 25 {
			next := r.picture(t)
			step := int64(int32(next.stamp - last.stamp))
			if step == int64(delta/time.Second)*90000+3600 {
				jumped = true
			} else if step != 3600 {
				t.Fatalf("time stamp goes by %d", step)
			}
			last = next
		}
		if !jumped {
			t.Errorf("no jump by %v", delta)
		}
	}
}

func TestClipIsSwitched(t *testing.T) {
	other := small(2)
	other.Width, other.Height, other.FPS = 160, 90, 10
	clip, err := rtsptest.Prepare(t.Context(), rtsptest.CacheDir(), other)
	if err != nil {
		t.Fatal(err)
	}
	cam := rtsptest.Start(t, small(1))
	r := watch(t, cam.URL())
	last := r.picture(t)
	if err := cam.SwitchClip(clip); err != nil {
		t.Fatal(err)
	}
	for switched := false; !switched; {
		p := r.packet(t)
		if p.Payload[0]&0x1f == 7 {
			var sps h264.SPS
			if err := sps.Unmarshal(p.Payload); err != nil {
				t.Fatal(err)
			}
			switched = sps.Width() == 160
		}
	}
	for step := uint32(0); step != 9000; {
		next := r.picture(t)
		if next.counter <= last.counter || int32(next.stamp-last.stamp) <= 0 {
			t.Fatalf("from frame %d to %d the time stamp goes by %d", last.counter, next.counter, int32(next.stamp-last.stamp))
		}
		step, last = next.stamp-last.stamp, next
	}
	f := watch(t, cam.URL()).desc.Medias[0].Formats[0].(*format.H264)
	var sps h264.SPS
	if err := sps.Unmarshal(f.SPS); err != nil || sps.Width() != 160 {
		t.Errorf("the SDP says %d pixels, %v", sps.Width(), err)
	}

	sound := small(2)
	sound.Audio = "pcma"
	clip, err = rtsptest.Prepare(t.Context(), rtsptest.CacheDir(), sound)
	if err != nil {
		t.Fatal(err)
	}
	if err := cam.SwitchClip(clip); err == nil {
		t.Error("a track came out of nowhere")
	}
}

func TestWhatIsRefused(t *testing.T) {
	clip, err := rtsptest.Prepare(t.Context(), rtsptest.CacheDir(), small(1))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	for name, o := range map[string]rtsptest.Options{
		"no logger":  {Clip: clip},
		"no clip":    {Logger: log},
		"transports": {Clip: clip, Logger: log, TCPOnly: true, UDPOnly: true},
		"method":     {Clip: clip, Logger: log, AuthMethod: "ntlm"},
	} {
		if _, err := rtsptest.NewCamera(o); err == nil {
			t.Errorf("%s: not refused", name)
		}
	}

	cam, err := rtsptest.NewCamera(rtsptest.Options{Clip: clip, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := cam.Run(ended); err != nil {
		t.Error(err)
	}
	if cam.Run(t.Context()) == nil || cam.Restart() == nil || cam.Kill() == nil {
		t.Error("a camera that has stopped did something")
	}

	busy := rtsptest.Start(t, small(1))
	second, err := rtsptest.NewCamera(rtsptest.Options{Clip: clip, Logger: log, Listen: busy.Address()})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Run(t.Context()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("two cameras at one port: %v", err)
	}
}
