package relay

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

func want(t *testing.T, r *Reader, status Status, code string) State {
	t.Helper()
	synctest.Wait()
	s := r.State()
	if s.Status != status || s.Code != code {
		t.Fatalf("at %v: state %s %q, want %s %q", time.Now(), s.Status, s.Code, status, code)
	}
	return s
}

func TestOneSessionForManyReadersUntilTheLastHasLingered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		first := b.read(t, "a")
		c := (<-b.script.news).describe()
		want(t, first, Connecting, "")
		c.frame(nalIDR, 3000, 3600)
		s := want(t, first, Live, "")
		if s.Media.Width != 640 || s.Media.Video.Name != "H264" || s.Media.Audio.Name != "PCMU" {
			t.Fatalf("media %+v", s.Media)
		}
		second, third := b.read(t, "a"), b.read(t, "a")
		first.Close()
		second.Close()
		third.Close()
		go c.play(t, time.Hour, 40*time.Millisecond, 25)
		time.Sleep(9 * time.Second)
		fourth := b.read(t, "a")
		time.Sleep(20 * time.Second)
		want(t, fourth, Live, "")
		fourth.Close()
		time.Sleep(9900 * time.Millisecond)
		if c.ctx.Err() != nil {
			t.Fatal("the session ended before the linger time")
		}
		time.Sleep(200 * time.Millisecond)
		if c.ctx.Err() == nil {
			t.Fatal("the session outlived the linger time")
		}
		if _, ok := b.relay.State(Key{"a", camera.Main}); ok {
			t.Fatal("the stream lives on")
		}
		if n := b.script.count(); n != 1 {
			t.Fatalf("%d sessions, want 1", n)
		}
		if k, ok := b.relay.LastKeyframe(Key{"a", camera.Main}); !ok || len(k.AnnexB()) < 3000 {
			t.Fatal("no keyframe is left of the closed stream")
		}
		if st := b.relay.Stats(); st.CacheBytes != 0 || len(st.Streams) != 0 || st.Sessions != 1 {
			t.Fatalf("left behind: %+v", st)
		}
	})
}

func TestAPausedCameraStallsThenIsDialledAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		r := b.read(t, "a")
		defer r.Close()
		c := (<-b.script.news).describe()
		c.play(t, 3*time.Second, 40*time.Millisecond, 25)
		s := want(t, r, Live, "")
		if s.FrameInterval < 39*time.Millisecond || s.FrameInterval > 41*time.Millisecond {
			t.Fatalf("interval %v", s.FrameInterval)
		}
		time.Sleep(1900 * time.Millisecond)
		want(t, r, Live, "")
		time.Sleep(200 * time.Millisecond)
		want(t, r, Stalled, "")
		time.Sleep(1 * time.Second)
		c.frame(nalSlice, 500, 3600) // resumes: live at once
		want(t, r, Live, "")
		time.Sleep(5100 * time.Millisecond)
		if c.ctx.Err() == nil {
			t.Fatal("a silent session is kept for more than 5 s")
		}
		c = (<-b.script.news).describe()
		c.frame(nalIDR, 3000, 3600)
		want(t, r, Live, "")
	})
}

// Browsers that see no picture for 3 s ask for a keyframe, and pages tell live from dead by decoded frames: a kept picture that is
// sent once more after the camera fell silent would count as a new one.
func TestPicturesOfASilentCameraAreNotShownAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		r := b.read(t, "a")
		defer r.Close()
		c := (<-b.script.news).describe()
		c.play(t, 3*time.Second, 40*time.Millisecond, 30)
		drain(r)
		time.Sleep(1900 * time.Millisecond)
		if !r.Rewind() {
			t.Fatal("a pause that is no stall yet hides the pictures")
		}
		drain(r)
		time.Sleep(200 * time.Millisecond)
		want(t, r, Stalled, "")
		if r.Rewind() || len(drain(r)) != 0 {
			t.Fatal("a request for a keyframe brings back the last picture")
		}
		late := b.read(t, "a")
		defer late.Close()
		if n, _ := late.Behind(); n != 0 || len(drain(late)) != 0 {
			t.Fatal("a new viewer begins with an old picture")
		}
		// The camera goes on where it stopped: what is kept leads up to now again.
		c.frame(nalSlice, 500, 3600)
		if again := b.read(t, "a"); len(drain(again)) == 0 {
			t.Fatal("nothing to begin with after a pause")
		} else {
			again.Close()
		}
		if !late.Rewind() {
			t.Fatal("no keyframe for a viewer that came during the pause")
		}
		// It begins anew, seconds later: a reader of two groups of pictures gets none of the old ones.
		c.end <- &Refusal{Status: Connecting, Code: CodeLost}
		next := <-b.script.news
		time.Sleep(time.Second)
		next.end <- &Refusal{Status: Connecting, Code: CodeUnreachable}
		next = <-b.script.news
		time.Sleep(2 * time.Second)
		next.describe().frame(nalIDR, 3000, 3600)
		two, err := b.relay.read(Key{"a", camera.Main}, 2)
		if err != nil {
			t.Fatal(err)
		}
		defer two.Close()
		if got := videoOf(drain(two)); len(got) != 1 {
			t.Fatalf("%d frames, want the new keyframe alone", len(got))
		}
	})
}

func TestSlowCamerasDoNotStall(t *testing.T) {
	for _, every := range []time.Duration{500 * time.Millisecond, 5 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			b := start(t, nil)
			defer b.stop()
			r := b.read(t, "a")
			defer r.Close()
			c := (<-b.script.news).describe()
			c.play(t, 2*time.Minute, every, 4)
			want(t, r, Live, "")
			b.mu.Lock()
			defer b.mu.Unlock()
			if len(b.states) != 1 || b.script.count() != 1 {
				t.Fatalf("every %v: states %+v, %d sessions", every, b.states, b.script.count())
			}
		})
	}
}

func TestASteadySessionThatEndsIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		r := b.read(t, "a")
		defer r.Close()
		c := (<-b.script.news).describe()
		c.play(t, 10*time.Second, 40*time.Millisecond, 25)
		before := videoOf(drain(r))
		last := before[len(before)-1]
		c.end <- &Refusal{Status: Connecting, Code: CodeLost}
		next := <-b.script.news
		time.Sleep(500 * time.Millisecond)
		next.describe().frame(nalIDR, 3000, 3600)
		want(t, r, Live, "")
		b.mu.Lock()
		if len(b.states) != 1 {
			t.Errorf("people saw %+v", b.states)
		}
		b.mu.Unlock()
		after := videoOf(drain(r))
		if len(after) != 1 || !after[0].Keyframe {
			t.Fatalf("after the reconnect: %d frames", len(after))
		}
		elapsed := after[0].Arrived.Sub(last.Arrived)
		if step := time.Duration(after[0].Timestamp-last.Timestamp) * time.Second / 90000; (step - elapsed).Abs() > 10*time.Millisecond {
			t.Fatalf("the clock rose by %v while %v passed", step, elapsed)
		}
		// One that can't be reached again is one as soon as pictures are late.
		next.play(t, 10*time.Second, 40*time.Millisecond, 25)
		next.end <- &Refusal{Status: Connecting, Code: CodeLost}
		for range 2 {
			(<-b.script.news).end <- &Refusal{Status: Connecting, Code: CodeUnreachable}
		}
		want(t, r, Live, "")
		time.Sleep(2 * time.Second)
		want(t, r, Connecting, CodeUnreachable)
	})
}

func TestRetriesBackOffAndStopWhenNobodyWatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		r := b.read(t, "a")
		var gaps []time.Duration
		at := time.Now()
		for range 8 {
			c := <-b.script.news
			gaps = append(gaps, time.Since(at))
			at = time.Now()
			c.end <- &Refusal{Status: Connecting, Code: CodeUnreachable}
		}
		if s := want(t, r, Connecting, CodeUnreachable); s.RetryAt.IsZero() {
			t.Fatal("people are not told when the next attempt is")
		}
		for i, most := range []time.Duration{0, 500, 1000, 2000, 4000, 4000, 4000, 4000} {
			if most *= time.Millisecond; gaps[i] > most || gaps[i] < most*3/4 {
				t.Errorf("attempt %d after %v, want at most %v", i, gaps[i], most)
			}
		}
		r.Close()
		time.Sleep(time.Minute)
		if n := b.script.count(); n != 8 {
			t.Fatalf("%d attempts for nobody", n-8)
		}
	})
}

func TestWrongCredentialsClimbTheirOwnLadder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		wrong := &Refusal{Status: Refused, Code: CodeCredentials}
		r := b.read(t, "a")
		(<-b.script.news).end <- wrong
		want(t, r, Refused, CodeCredentials)
		r.Close()
		time.Sleep(20 * time.Second) // the stream is gone by now
		r = b.read(t, "a")           // opening the tile again must not lock the account
		want(t, r, Refused, CodeCredentials)
		if b.script.count() != 1 {
			t.Fatal("a new reader tried the password again")
		}
		at := time.Now()
		for i, step := range []time.Duration{10, 60, 120, 240, 480, 600, 600} {
			(<-b.script.news).end <- wrong
			if got := time.Since(at).Round(time.Second); got != step*time.Second {
				t.Fatalf("attempt %d after %v, want %d s", i, got, step)
			}
			at = time.Now()
		}
		// Another password is tried at once, and only for the camera that got it.
		b.book.set("a", camera.Target{Camera: "a", Address: "rtsp://canary-host/a", Username: "u", Password: camera.NewPassword("better")})
		b.relay.Recheck(t.Context())
		c := (<-b.script.news).describe()
		if time.Since(at) > time.Second {
			t.Fatal("a changed password waited")
		}
		c.frame(nalIDR, 3000, 3600)
		want(t, r, Live, "")
		b.relay.Recheck(t.Context()) // nothing changed: the session stays
		time.Sleep(time.Second)
		want(t, r, Live, "")
		if c.ctx.Err() != nil {
			t.Fatal("an unchanged camera was redialled")
		}
		r.Close()
	})
}

func TestAChangedAddressIsRedialledWithoutOldPictures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		r := b.read(t, "a")
		defer r.Close()
		c := (<-b.script.news).describe()
		c.play(t, time.Second, 40*time.Millisecond, 25)
		b.book.set("a", camera.Target{Camera: "a", Address: "rtsp://elsewhere/"})
		b.relay.Recheck(t.Context())
		next := <-b.script.news
		if c.ctx.Err() == nil {
			t.Fatal("the old session stands beside the new one")
		}
		if next.target.Address != "rtsp://elsewhere/" {
			t.Fatalf("dialled %s", next.target.Address)
		}
		fresh := b.read(t, "a")
		defer fresh.Close()
		if got := drain(fresh); len(got) != 0 {
			t.Fatalf("%d frames of the old address were kept", len(got))
		}
		b.book.fail(camera.ErrNotFound)
		b.relay.Recheck(t.Context())
		want(t, r, Refused, CodeNoSuch)
		if next.ctx.Err() == nil {
			t.Fatal("a deleted camera is still pulled")
		}
		b.book.fail(fault.New(fault.Internal, "db", "down"))
		b.relay.Recheck(t.Context())
		want(t, r, Refused, CodeNoSuch)
	})
}

func TestRecordsThatComeBackAreReadAgain(t *testing.T) {
	down := fault.New(fault.Internal, "db", "down")
	t.Run("to dial", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := start(t, nil)
			defer b.stop()
			r := b.read(t, "a")
			defer r.Close()
			c := (<-b.script.news).describe()
			c.play(t, 2*time.Second, 40*time.Millisecond, 25)
			b.book.fail(down)
			c.end <- &Refusal{Status: Connecting, Code: CodeLost}
			time.Sleep(time.Minute)
			want(t, r, Connecting, CodeRecords)
			b.book.fail(nil)
			at := time.Now()
			(<-b.script.news).describe().frame(nalIDR, 3000, 3600)
			if waited := time.Since(at); waited > retryMost {
				t.Fatalf("dialled %v after the records came back", waited)
			}
			want(t, r, Live, "")
		})
	})
	t.Run("to see a changed address", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := start(t, nil)
			defer b.stop()
			r := b.read(t, "a")
			defer r.Close()
			c := (<-b.script.news).describe()
			c.frame(nalIDR, 3000, 3600)
			want(t, r, Live, "")
			b.book.set("a", camera.Target{Camera: "a", Address: "rtsp://elsewhere/"})
			b.book.fail(down)
			b.relay.Recheck(t.Context()) // told once, while the records are away
			time.Sleep(time.Second)
			want(t, r, Live, "")
			b.book.fail(nil)
			time.Sleep(recheckSoonest)
			synctest.Wait()
			if c.ctx.Err() == nil {
				t.Fatal("the pictures of the former address go on")
			}
			if next := <-b.script.news; next.target.Address != "rtsp://elsewhere/" {
				t.Fatalf("dialled %s", next.target.Address)
			}
		})
	})
}

func TestUnsupportedIsAskedAgainSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		r := b.read(t, "a")
		defer r.Close()
		no := &Refusal{Status: Unsupported, Code: CodeCodec, Params: map[string]string{"codec": "H265"}, Media: Media{Video: Codec{Name: "H265"}}}
		(<-b.script.news).end <- no
		s := want(t, r, Unsupported, CodeCodec)
		if s.Params["codec"] != "H265" || s.Media.Video.Name != "H265" {
			t.Fatalf("%+v", s)
		}
		at := time.Now()
		(<-b.script.news).end <- no
		if d := time.Since(at); d != recheckMedia {
			t.Fatalf("asked again after %v", d)
		}
		synctest.Wait()
		time.Sleep(10 * time.Second)
		at = time.Now()
		b.relay.Recheck(t.Context())
		c := (<-b.script.news).describe()
		if time.Since(at) > 0 {
			t.Fatal("Recheck did not ask")
		}
		c.frame(nalIDR, 3000, 3600)
		want(t, r, Live, "")
	})
}

func TestACameraThatDoesNotAnswerHasACodeWithinFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		r := b.read(t, "a")
		defer r.Close()
		c := <-b.script.news
		time.Sleep(4900 * time.Millisecond)
		want(t, r, Connecting, CodeTimeout)
		c.describe().frame(nalIDR, 3000, 3600) // a slow one is let in all the same
		want(t, r, Live, "")
	})
}

func TestADeadCameraDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil)
		defer b.stop()
		dead := b.read(t, "dead")
		defer dead.Close()
		<-b.script.news
		begun := time.Now()
		for i := range 49 {
			r := b.read(t, camera.ID(rune('A'+i)))
			defer r.Close()
			(<-b.script.news).describe().frame(nalIDR, 3000, 3600)
			want(t, r, Live, "")
		}
		if d := time.Since(begun); d != 0 { // fake time: any wait for the dead one would show
			t.Fatalf("49 cameras took %v beside a dead one", d)
		}
	})
}
