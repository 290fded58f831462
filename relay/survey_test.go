package relay

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

var surveyed = rtsptest.Spec{Width: 320, Height: 180, FPS: 25, GOP: 25, Seconds: 4}

// reaches reads a stream until it has a status.
func reaches(t *testing.T, r *Reader, status Status) {
	t.Helper()
	late := time.After(time.Minute)
	for r.State().Status != status {
		select {
		case <-r.Ready():
			drain(r)
		case <-late:
			t.Fatalf("the stream is %s, not %s", r.State().Status, status)
		}
	}
}

// TestWhoNeedsACameraForAMomentLeavesNoSessionBehind: unless somebody else reads it, for whom it lingers as ever.
func TestWhoNeedsACameraForAMomentLeavesNoSessionBehind(t *testing.T) {
	t.Parallel()
	y := newYard(t, func(o *Options) { o.Linger = time.Hour })
	c := y.camera("gate", rtsptest.Start(t, surveyed))
	key := Key{"gate", camera.Main}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	first := y.read(t, "gate")
	reaches(t, first, Live)
	first.CloseSoon()
	if err := c.AwaitSessions(ctx, 0); err != nil {
		t.Fatal(err)
	}

	viewer, moment := y.read(t, "gate"), y.read(t, "gate")
	reaches(t, moment, Live)
	moment.CloseSoon()
	moment.CloseSoon() // twice is as once
	drain(viewer)
	viewer.Close()
	// A third one finds the session that lingers.
	third := y.read(t, "gate")
	reaches(t, third, Live)
	if ever := c.Stats().SessionsEver; ever != 2 {
		t.Errorf("%d sessions: the viewer's did not linger", ever)
	}
	if _, lives := y.State(key); !lives {
		t.Error("the stream is gone")
	}
}

// TestStreamsAreFoundByTheirTarget, be it with another login.
func TestStreamsAreFoundByTheirTarget(t *testing.T) {
	t.Parallel()
	y := newYard(t, nil)
	c := rtsptest.Start(t, surveyed, func(o *rtsptest.Options) { o.Username, o.Password, o.MaxSessions = "viewer", "canary", 1 })
	login := func(target *camera.Target) {
		target.Username, target.Password = "viewer", camera.NewPassword("canary")
	}
	y.camera("gate", c, login)
	target := camera.Target{Address: c.URL(), Username: "viewer", Password: camera.NewPassword("canary")}
	if _, how := y.Sharing(target); how != NotShared {
		t.Errorf("%v before anybody reads", how)
	}
	r := y.read(t, "gate")
	reaches(t, r, Live)
	if key, how := y.Sharing(target); how != SharedWhole || key.Camera != "gate" {
		t.Errorf("%v, %v", key, how)
	}
	// A description is had beside the only session; of a wrong login, a refusal.
	if err := y.Ask(t.Context(), target); err != nil {
		t.Errorf("the camera does not describe itself: %v", err)
	}
	target.Password = camera.NewPassword("canary 2")
	if key, how := y.Sharing(target); how != SharedOtherLogin || key.Camera != "gate" {
		t.Errorf("%v, %v", key, how)
	}
	var why *Refusal
	if err := y.Ask(t.Context(), target); !errors.As(err, &why) || why.Code != CodeCredentials {
		t.Errorf("%v", err)
	}
	if s := c.Stats(); s.SessionsEver != 1 || s.SessionsNow != 1 {
		t.Errorf("the camera saw %d sessions", s.SessionsEver)
	}
}

// TestASurveySaysWhatAStreamWould: of pictures that no stream takes too, which it reads all the same.
func TestASurveySaysWhatAStreamWould(t *testing.T) {
	t.Parallel()
	spec := surveyed
	spec.Codec, spec.Audio = "h265", "pcma"
	c := rtsptest.Start(t, spec)
	y := newYard(t, nil)
	y.camera("gate", c)
	r := y.read(t, "gate")
	reaches(t, r, Unsupported)
	said := r.State()

	s := y.Survey(t.Context(), camera.Target{Address: c.URL(), Transport: camera.TransportAuto})
	defer s.Close()
	late := time.After(time.Minute)
	var keys, pictures int
	for keys < 2 {
		for f, ok := s.Next(); ok; f, ok = s.Next() {
			if f.Track != Video {
				continue
			}
			pictures++
			if f.Keyframe {
				keys++
				if len(f.Packets) != 1 || len(f.Packets[0].Payload) < 100 {
					t.Errorf("a keyframe of %d packets", len(f.Packets))
				}
			}
		}
		select {
		case <-s.Ready():
		case <-late:
			t.Fatalf("%d keyframes in a minute", keys)
		}
	}
	got := s.State()
	if got.Status != said.Status || got.Code != said.Code || got.Params["codec"] != said.Params["codec"] {
		t.Errorf("a stream says %s %s, the survey %s %s", said.Status, said.Code, got.Status, got.Code)
	}
	if m := got.Media; m.Video.Name != "H265" || m.Width != 320 || m.Height != 180 || m.Video.Profile == "" || m.Audio.Name != "PCMA" || m.Transport != "tcp" {
		t.Errorf("%+v", m)
	}
	if pictures < 25 || s.Ended() || !s.Heard() {
		t.Errorf("%d pictures, ended: %v", pictures, s.Ended())
	}
	if key, how := y.Sharing(camera.Target{Address: c.URL()}); how == NotShared {
		t.Errorf("%v: the stream that waits is not found", key)
	}
}

// TestARefusedLoginIsForgivenWhenItIsRight: the stream that waits because of it does not wait on.
func TestARefusedLoginIsForgivenWhenItIsRight(t *testing.T) {
	t.Parallel()
	y := newYard(t, nil)
	c := rtsptest.Start(t, surveyed, func(o *rtsptest.Options) { o.Username, o.Password = "viewer", "old" })
	y.camera("gate", c, func(target *camera.Target) {
		target.Username, target.Password = "viewer", camera.NewPassword("canary")
	})
	key := Key{"gate", camera.Main}
	r := y.read(t, "gate")
	reaches(t, r, Refused)
	if !y.CredentialsHeld(key) {
		t.Error("it is not known that they were refused")
	}
	c.RequireAuth("viewer", "canary", "digest")
	y.Forgive(key)
	began := time.Now()
	reaches(t, r, Live)
	if waited := time.Since(began); waited > 20*time.Second {
		t.Errorf("it waited %v", waited)
	}
	if y.CredentialsHeld(key) {
		t.Error("it is held on")
	}
}
