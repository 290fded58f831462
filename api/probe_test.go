package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"image/jpeg"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// pulling is an option by which the site's relay runs; it is left in *to.
func pulling(t *testing.T, to **relay.Relay) func(*Options) {
	return func(o *Options) {
		run(t, o.Relay.Run)
		<-o.Relay.Ready()
		if to != nil {
			*to = o.Relay
		}
	}
}

// small is what most cameras of these tests show.
var small = rtsptest.Spec{Width: 320, Height: 180, FPS: 25, GOP: 25, Seconds: 4}

// register adds a simulated camera to the records.
func (s *site) register(name string, cam *rtsptest.Camera, username, password string) Camera {
	s.t.Helper()
	var c Camera
	s.into(s.as("moderator", "POST", v1+"/cameras", map[string]any{
		"name": name, "address": cam.URL(), "username": username, "password": password,
	}), 201, &c)
	return c
}

// probe looks at a camera as a moderator.
func (s *site) probe(body map[string]any) Passport {
	s.t.Helper()
	began := time.Now()
	var p Passport
	s.into(s.as("moderator", "POST", v1+"/cameras/probe", body), 200, &p)
	if took := time.Since(began); took > 20*time.Second {
		s.t.Errorf("it took %v", took)
	}
	return p
}

// TestProbe: what is found of a camera as it is stored is kept with it, picture and all, until it is dialled otherwise.
func TestProbe(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		probed(t, store.Options{})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		probed(t, store.Options{URL: pgtest.URL(t)})
	})
}

func probed(t *testing.T, where store.Options) {
	cam := rtsptest.Start(t, small, func(o *rtsptest.Options) { o.Username, o.Password = "viewer", canary })
	s := open(t, where, pulling(t, nil))
	c := s.register("Gate", cam, "viewer", canary)
	if c.Passport != nil {
		t.Errorf("a passport before any probe: %+v", c.Passport)
	}
	still := v1 + "/cameras/" + c.ID + "/passport/still"
	s.problem(s.as("moderator", "GET", still, nil), 404, "probe.no_still")

	p := s.probe(map[string]any{"camera_id": c.ID})
	if p.Code != "" || p.Via != "dialled" || p.Transport != "tcp" || p.Video == nil || p.Video.Codec != "H264" || p.Video.Width != 320 ||
		p.Video.Height != 180 || p.Video.FPS != 25 || p.Video.KeyframeS == nil || *p.Video.KeyframeS != 1 || p.Video.BFrames || p.Video.Kbps < 20 ||
		p.Video.Profile != "Constrained Baseline" || p.Video.Level == "" || p.Audio != nil {
		t.Fatalf("%+v, video %+v", p, p.Video)
	}
	if !p.WebRTC.Carried || p.WebRTC.By != "copy" || p.WebRTC.Sound || !p.HLS.Carried || len(p.Advice) != 0 || p.TookMS <= 0 {
		t.Errorf("webrtc %+v, hls %+v, advice %v", p.WebRTC, p.HLS, p.Advice)
	}
	if p.Still == nil || !strings.HasPrefix(*p.Still, still) {
		t.Fatalf("no picture: %v", p.Still)
	}
	// The picture, as a browser gets it and asks for it again.
	a := s.as("moderator", "GET", *p.Still, nil)
	s.expect(a, 200)
	if picture, err := jpeg.Decode(strings.NewReader(a.text)); err != nil || picture.Bounds().Dx() != 320 || len(a.text) > camera.MaxStill ||
		a.header.Get("Content-Type") != "image/jpeg" || !strings.Contains(a.header.Get("Cache-Control"), "private") {
		t.Errorf("no JPEG of the camera's picture: %v, %v", err, a.header)
	}
	if again := s.as("moderator", "GET", *p.Still, nil, "If-None-Match", a.header.Get("ETag")); again.status != 304 || again.text != "" {
		t.Errorf("%d with %d bytes", again.status, len(again.text))
	}
	s.problem(s.as("user", "GET", *p.Still, nil), 403, "auth.role")

	// The same in the records, without a new version of the camera.
	var kept Camera
	s.into(s.as("moderator", "GET", v1+"/cameras/"+c.ID, nil), 200, &kept)
	if kept.Passport == nil || kept.Passport.Video.FPS != 25 || *kept.Passport.Still != *p.Still || kept.Version != c.Version {
		t.Fatalf("%+v", kept)
	}
	listed := func(outcome string) int {
		var l list[Camera]
		s.into(s.as("moderator", "GET", v1+"/cameras?passport="+outcome, nil), 200, &l)
		return l.Total
	}
	if listed("well") != 1 || listed("none&passport=failed") != 0 {
		t.Error("the filter by what probes found")
	}
	// Another name keeps it; another password does not.
	s.into(s.as("moderator", "PATCH", v1+"/cameras/"+c.ID, map[string]any{"name": "Yard"}), 200, &kept)
	if kept.Passport == nil {
		t.Error("a new name took the passport away")
	}
	// With a part changed for the trial, what is kept stays.
	if p := s.probe(map[string]any{"camera_id": c.ID, "password": "another"}); p.Code != "camera.credentials" || p.Video != nil || p.Still != nil {
		t.Errorf("a wrong password: %+v", p)
	}
	s.into(s.as("moderator", "GET", v1+"/cameras/"+c.ID, nil), 200, &kept)
	if kept.Passport == nil || kept.Passport.Code != "" {
		t.Errorf("what was only tried was kept: %+v", kept.Passport)
	}
	s.into(s.as("moderator", "PATCH", v1+"/cameras/"+c.ID, map[string]any{"password": "another"}), 200, &kept)
	if kept.Passport != nil || listed("none") != 1 {
		t.Error("a passport of what is dialled no more")
	}
	s.problem(s.as("moderator", "GET", still, nil), 404, "probe.no_still")

	if strings.Contains(s.log.String(), "canary") {
		t.Error("the log tells the password")
	}
	must(t, cam.AwaitSessions(t.Context(), 0))
}

// TestProbeRefusals: what is wrong with a request is a problem; what is wrong with a camera is an answer.
func TestProbeRefusals(t *testing.T) {
	t.Parallel()
	s := open(t, store.Options{}, pulling(t, nil))
	c := s.camera("Gate")
	for _, bad := range []struct {
		body   map[string]any
		status int
		code   string
	}{
		{map[string]any{}, 422, "camera.invalid"},
		{map[string]any{"address": "http://10.0.0.1/"}, 422, "camera.invalid"},
		{map[string]any{"address": "rtsp://10.0.0.1/", "transport": "carrier pigeon"}, 422, "request.invalid"},
		{map[string]any{"camera_id": "nothing"}, 404, "camera.not_found"},
		{map[string]any{"camera_id": string(c.ID), "address": "rtsp://elsewhere.example/stream"}, 422, "camera.password_required"},
	} {
		a := s.as("moderator", "POST", v1+"/cameras/probe", bad.body)
		if p := s.problem(a, bad.status, bad.code); bad.status == 422 && len(p.Errors) == 0 {
			t.Errorf("%v: no field is named", bad.body)
		}
	}

	// A session stands, and nothing comes: that takes its time, beside all the others.
	mute := rtsptest.Start(t, small)
	mute.Pause()
	silence := make(chan Passport, 1)
	go func() {
		var p Passport
		defer func() { silence <- p }()
		_ = json.Unmarshal([]byte(s.as("admin", "POST", v1+"/cameras/probe", map[string]any{"address": mute.URL()}).text), &p)
	}()

	// Nobody listens there.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	free := l.Addr().String()
	must(t, l.Close())
	if p := s.probe(map[string]any{"address": "rtsp://" + free + "/1"}); p.Code != "camera.unreachable" || p.Video != nil || p.WebRTC.Carried || p.HLS.Carried {
		t.Errorf("%+v", p)
	}
	// Something listens that speaks something else: this gateway.
	web := strings.TrimPrefix(s.url, "http://")
	if p := s.probe(map[string]any{"address": "rtsp://" + web + "/1"}); p.Code != "camera.not_rtsp" {
		t.Errorf("%+v", p)
	}
	cam := rtsptest.Start(t, small, func(o *rtsptest.Options) { o.Username, o.Password, o.AuthMethod = "viewer", canary, "basic" })
	if p := s.probe(map[string]any{"address": cam.URL()}); p.Code != "camera.credentials" {
		t.Errorf("%+v", p)
	}
	if p := s.probe(map[string]any{"address": cam.URL() + "/none", "username": "viewer", "password": canary}); p.Code != "camera.no_stream" {
		t.Errorf("%+v", p)
	}
	// An address alone is kept nowhere; its picture comes along. Its credentials may stand in it.
	u, err := url.Parse(cam.URL())
	must(t, err)
	u.User = url.UserPassword("viewer", canary)
	p := s.probe(map[string]any{"address": u.String()})
	if p.Code != "" || p.Via != "dialled" || len(p.Advice) != 1 || p.Advice[0].Code != "probe.basic_auth" || p.Still == nil {
		t.Fatalf("%+v", p)
	}
	data, ok := strings.CutPrefix(*p.Still, "data:image/jpeg;base64,")
	raw, err := base64.StdEncoding.DecodeString(data)
	if _, bad := jpeg.Decode(bytes.NewReader(raw)); !ok || err != nil || bad != nil {
		t.Errorf("no picture in the answer: %v, %v", err, bad)
	}
	if p := <-silence; p.Code != "camera.stalled" || p.Still != nil || p.Video == nil || p.WebRTC.Carried {
		t.Errorf("a silent camera: %+v", p)
	}
	if strings.Contains(s.log.String(), "canary") {
		t.Error("the log tells the password")
	}
}

// TestProbeOfOneSession: a camera that takes one session only is looked at beside whoever watches it, as it is stored, by its address, and
// by another record of it; and its viewers keep their session.
func TestProbeOfOneSession(t *testing.T) {
	t.Parallel()
	cam := rtsptest.Start(t, small, func(o *rtsptest.Options) { o.Username, o.Password, o.MaxSessions = "viewer", "secret", 1 })
	var streams *relay.Relay
	s := open(t, store.Options{}, pulling(t, &streams))
	c := s.register("Gate", cam, "viewer", "secret")
	twin := s.register("The same", cam, "viewer", "secret")
	reader, err := streams.Read(relay.Key{Camera: camera.ID(c.ID), Kind: camera.Main})
	must(t, err)
	defer reader.Close()
	for reader.State().Status != relay.Live {
		select {
		case <-reader.Ready():
			for _, ok := reader.Next(); ok; _, ok = reader.Next() {
			}
		case <-t.Context().Done():
			t.Fatal("the camera does not come")
		}
	}
	var looking sync.WaitGroup
	for what, body := range map[string]map[string]any{
		"as it is stored": {"camera_id": c.ID}, "by its address": {"address": cam.URL(), "username": "viewer", "password": "secret"},
		"by another record": {"camera_id": twin.ID},
	} {
		looking.Go(func() {
			var p Passport
			a := s.as("moderator", "POST", v1+"/cameras/probe", body)
			if err := json.Unmarshal([]byte(a.text), &p); err != nil || p.Via != "running" || p.Code != "" || p.Video == nil || p.Video.FPS != 25 || p.Still == nil {
				t.Errorf("%s: %d %s", what, a.status, a.text)
			}
		})
	}
	looking.Wait()
	// Looking through somebody's stream must not make a wrong password look right.
	if p := s.probe(map[string]any{"address": cam.URL(), "username": "viewer", "password": "wrong"}); p.Code != "camera.credentials" {
		t.Errorf("%+v", p)
	}
	if stats := cam.Stats(); stats.SessionsEver != 1 || stats.SessionsNow != 1 {
		t.Errorf("the camera has seen %d sessions", stats.SessionsEver)
	}
	if reader.State().Status != relay.Live {
		t.Error("whoever watched it sees it no more")
	}
}

// TestProbeAfterMending: a person's probe tries credentials that a camera has just refused, and the viewers' stream hears of it.
func TestProbeAfterMending(t *testing.T) {
	t.Parallel()
	cam := rtsptest.Start(t, small, func(o *rtsptest.Options) { o.Username, o.Password = "viewer", "old" })
	var streams *relay.Relay
	s := open(t, store.Options{}, pulling(t, &streams))
	c := s.register("Gate", cam, "viewer", "new")
	reader, err := streams.Read(relay.Key{Camera: camera.ID(c.ID), Kind: camera.Main})
	must(t, err)
	defer reader.Close()
	await(t, reader, relay.Refused)
	if p := s.probe(map[string]any{"camera_id": c.ID}); p.Code != "camera.credentials" {
		t.Errorf("%+v", p)
	}
	cam.RequireAuth("viewer", "new", "digest")
	if p := s.probe(map[string]any{"camera_id": c.ID}); p.Code != "" || p.Video == nil {
		t.Errorf("%+v", p)
	}
	await(t, reader, relay.Live) // without waiting for the half minute that it had to
}

// await reads a stream until it has a state.
func await(t *testing.T, r *relay.Reader, status relay.Status) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second) // of a lockout's half minute
	defer cancel()
	for r.State().Status != status {
		select {
		case <-r.Ready():
			for _, ok := r.Next(); ok; _, ok = r.Next() {
			}
		case <-ctx.Done():
			t.Fatalf("the stream is %s, not %s", r.State().Status, status)
		}
	}
}

// TestProbes: many cameras as a job, its progress, its sheet, its end in the log.
func TestProbes(t *testing.T) {
	t.Parallel()
	s := open(t, store.Options{}, pulling(t, nil))
	good := rtsptest.Start(t, small, func(o *rtsptest.Options) { o.Username, o.Password = "viewer", canary })
	locked := rtsptest.Start(t, small, func(o *rtsptest.Options) { o.Username, o.Password = "viewer", "secret" })
	s.problem(s.as("moderator", "POST", v1+"/probes", map[string]any{"tag": "none"}), 422, "probe.nothing")
	one := s.register("=Ворота", good, "viewer", canary)
	two := s.register("Двор", locked, "viewer", canary)
	three := s.register("Двор 2", locked, "viewer", canary) // whose password was refused a moment before

	var job Probes
	a := s.as("moderator", "POST", v1+"/probes", map[string]any{"ids": []string{one.ID, two.ID, three.ID}})
	s.into(a, 202, &job)
	if job.State != "running" || job.Of != 3 || job.By != "moderator" || a.header.Get("Location") != v1+"/probes/"+job.ID {
		t.Errorf("%+v at %s", job, a.header.Get("Location"))
	}
	if p := s.problemAny(s.as("admin", "POST", v1+"/probes", map[string]any{}), 409); p.Code != "probe.running" || p.Params["id"] != job.ID {
		t.Errorf("%+v", p)
	}
	s.settle(&job)
	if job.State != "done" || job.Done != 3 || job.Well != 1 || job.Failed != 2 || job.EndedAt == nil {
		t.Errorf("%+v", job)
	}
	if denied := locked.Stats().Denied; denied != 1 {
		t.Errorf("a password that a host has refused was sent to it %d times", denied)
	}
	var items list[ProbedCamera]
	s.into(s.as("moderator", "GET", v1+"/probes/"+job.ID+"/cameras?outcome=failed&q=двор&limit=1", nil), 200, &items)
	if items.Total != 2 || len(items.Items) != 1 || items.Items[0].Passport.Code != "camera.credentials" || items.NextCursor == "" {
		t.Errorf("%+v", items)
	}
	s.into(s.as("moderator", "GET", v1+"/probes/"+job.ID+"/cameras?outcome=failed&limit=1&cursor="+items.NextCursor, nil), 200, &items)
	if len(items.Items) != 1 || items.Items[0].Camera.Name != "Двор 2" || items.NextCursor != "" {
		t.Errorf("%+v", items)
	}
	var kept Camera
	s.into(s.as("moderator", "GET", v1+"/cameras/"+one.ID, nil), 200, &kept)
	if kept.Passport == nil || kept.Passport.Still == nil {
		t.Errorf("what the job found is not kept: %+v", kept.Passport)
	}

	sheet := s.as("moderator", "GET", v1+"/probes/"+job.ID+"/sheet?lang=ru", nil)
	s.expect(sheet, 200)
	f, err := excelize.OpenReader(strings.NewReader(sheet.text))
	must(t, err)
	rows, err := f.GetRows(f.GetSheetName(0))
	must(t, err)
	if len(rows) != 4 || rows[0][1] != "Название" || rows[1][1] != "'=Ворота" || rows[1][2] != "работает" || rows[1][7] != "H.264" ||
		rows[2][3] != "Камера не принимает логин или пароль." {
		t.Errorf("%q", rows)
	}
	for _, row := range rows {
		if strings.Contains(strings.Join(row, " "), "canary") {
			t.Errorf("the sheet tells the password: %q", row)
		}
	}
	var happened list[Event]
	s.eventually(func() bool {
		s.into(s.as("admin", "GET", v1+"/events?kind=probe.", nil), 200, &happened)
		return len(happened.Items) == 2
	})
	for _, e := range happened.Items {
		if e.Actor.Login != "moderator" {
			t.Errorf("%+v", e)
		}
	}
	for _, path := range []string{"/probes", "/probes/" + job.ID, "/probes/" + job.ID + "/cameras", "/events", "/cameras", "/cameras/" + two.ID} {
		if a := s.as("admin", "GET", v1+path, nil); a.status != 200 || strings.Contains(a.text, "canary") {
			t.Errorf("%s tells the password, or is not there: %d %s", path, a.status, a.text)
		}
	}
	s.expect(s.as("moderator", "DELETE", v1+"/probes/"+job.ID, nil), 204) // of one that has ended
	if strings.Contains(s.log.String(), "canary") {
		t.Error("the log tells the password")
	}
}

// TestProbesCancelled: what is being looked at is broken off, what was found stays.
func TestProbesCancelled(t *testing.T) {
	t.Parallel()
	s := open(t, store.Options{}, pulling(t, nil))
	silent := rtsptest.Start(t, small)
	silent.Pause()
	var ids []string
	for i := range 3 {
		var c Camera
		s.into(s.as("moderator", "POST", v1+"/cameras", map[string]any{"name": "Gate " + strconv.Itoa(i), "address": silent.URL()}), 201, &c)
		ids = append(ids, c.ID)
	}
	var job Probes
	s.into(s.as("moderator", "POST", v1+"/probes", map[string]any{"ids": ids}), 202, &job)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	must(t, silent.AwaitSessions(ctx, 1))
	var items list[ProbedCamera]
	s.into(s.as("moderator", "GET", v1+"/probes/"+job.ID+"/cameras?state=probing", nil), 200, &items)
	if items.Total != 1 {
		t.Errorf("%d cameras of one host are looked at at once", items.Total)
	}
	s.expect(s.as("moderator", "DELETE", v1+"/probes/"+job.ID, nil), 204)
	s.settle(&job)
	if job.State != "cancelled" || job.Done != 0 || job.EndedAt == nil {
		t.Errorf("%+v", job)
	}
	must(t, silent.AwaitSessions(ctx, 0)) // it does not linger
	s.into(s.as("moderator", "GET", v1+"/probes/"+job.ID+"/cameras?state=waiting", nil), 200, &items)
	if items.Total != 3 {
		t.Errorf("%+v", items)
	}
	s.problem(s.as("moderator", "GET", v1+"/probes/none", nil), 404, "probe.not_found")
	var jobs list[Probes]
	s.into(s.as("moderator", "GET", v1+"/probes", nil), 200, &jobs)
	if len(jobs.Items) != 1 || jobs.Items[0].ID != job.ID {
		t.Errorf("%+v", jobs)
	}
}

// settle waits until a job has ended.
func (s *site) settle(job *Probes) {
	s.t.Helper()
	id := job.ID
	s.eventually(func() bool {
		s.into(s.as("moderator", "GET", v1+"/probes/"+id, nil), 200, job)
		return job.State != "running"
	})
}

// eventually waits until something is so.
func (s *site) eventually(so func() bool) {
	s.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(45 * time.Second); !so(); {
		select {
		case <-tick.C:
		case <-limit:
			s.t.Fatal("it did not come to that")
		}
	}
}
