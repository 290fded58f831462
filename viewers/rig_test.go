package viewers_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

// rights are records of people, cameras and grants that a test changes under the feet of viewers.
type rights struct {
	mu       sync.Mutex
	users    map[auth.UserID]auth.User
	cameras  map[camera.ID]camera.Camera
	denied   map[camera.ID]bool
	ended    map[auth.SessionID]bool
	broken   error
	asked    int
	mayWatch func() // called during MayWatch
}

func newRights() *rights {
	r := &rights{
		users:   map[auth.UserID]auth.User{"u": {ID: "u", Login: "ivanov", LastName: "Ivanov", Role: auth.RoleUser}},
		cameras: map[camera.ID]camera.Camera{}, denied: map[camera.ID]bool{}, ended: map[auth.SessionID]bool{},
	}
	for i, id := range []camera.ID{"c1", "c2", "c3", "c4", "c5", "c6"} {
		r.cameras[id] = camera.Camera{ID: id, Number: i + 1, Name: "Gate " + string(id)}
	}
	return r
}

func (r *rights) change(f func(*rights)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(r)
}

func (r *rights) MayWatch(_ context.Context, _ auth.User, id camera.ID) (camera.Camera, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	c, ok := r.cameras[id]
	denied, broken, hook := r.denied[id], r.broken, r.mayWatch
	r.mayWatch = nil
	if hook != nil {
		r.mu.Unlock()
		hook()
		r.mu.Lock()
	}
	switch {
	case broken != nil:
		return camera.Camera{}, broken
	case !ok || denied:
		return camera.Camera{}, camera.ErrNotFound
	}
	return c, nil
}

func (r *rights) User(_ context.Context, id auth.UserID) (auth.User, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken != nil {
		return auth.User{}, r.broken
	}
	u, ok := r.users[id]
	if !ok {
		return auth.User{}, auth.ErrNoUser
	}
	return u, nil
}

func (r *rights) SessionLives(_ context.Context, id auth.SessionID) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.ended[id], r.broken
}

func (r *rights) CameraExists(_ context.Context, id camera.ID) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.cameras[id]
	return ok, r.broken
}

// diary keeps events.
type diary struct {
	mu  sync.Mutex
	all []events.Event
}

func (d *diary) Record(e events.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, e)
}

func (d *diary) of(view string, kind events.Kind) []events.Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(d.all), func(e events.Event) bool { return e.View != view || e.Kind != kind })
}

type rig struct {
	t *testing.T
	*viewers.Viewers
	rights  *rights
	diary   *diary
	tracker viewers.Tracker
	stop    func() // ends Run and waits
}

// inBubble runs a test with time that passes at once.
func inBubble(t *testing.T, f func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m, err := viewers.NewMemory(time.Now)
		if err != nil {
			t.Fatal(err)
		}
		r := newRig(t, m, "")
		f(r)
		r.stop()
	})
}

func newRig(t *testing.T, tracker viewers.Tracker, node string) *rig {
	t.Helper()
	r := &rig{t: t, rights: newRights(), diary: &diary{}, tracker: tracker}
	v, err := viewers.New(viewers.Options{
		Rights: r.rights, Tracker: tracker, Events: r.diary, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Limit: 4, Node: node,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Viewers = v
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- v.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(r.stop)
	return r
}

func request(view, cam string, admit viewers.Admit) viewers.Request {
	return viewers.Request{
		Principal: auth.Principal{User: auth.User{ID: "u"}, Session: "s1", Remote: "192.0.2.7"},
		View:      viewers.ViewID(view), Camera: camera.ID(cam), Transport: viewers.WebRTC, Admit: admit,
		Label: "Chrome, Windows", Lease: 12 * time.Second,
	}
}

func (r *rig) open(view, cam string, admit viewers.Admit) *viewers.View {
	r.t.Helper()
	v, err := r.Open(context.Background(), request(view, cam, admit))
	if err != nil {
		r.t.Fatal(err)
	}
	return v
}

// four opens v1 to v4 on c1 to c4 and keeps them renewed until the test ends or they do.
func (r *rig) four() (views []*viewers.View) {
	r.t.Helper()
	for _, n := range []string{"1", "2", "3", "4"} {
		views = append(views, r.open("v"+n, "c"+n, viewers.IfFree))
		time.Sleep(time.Millisecond)
	}
	for _, v := range views {
		watchOver(v)
	}
	return views
}

// watchOver renews a view every 2 s, as a transport does, until it has ended.
func watchOver(v *viewers.View) {
	go func() {
		tick := time.NewTicker(2 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				v.Renew()
			case <-v.Done():
				return
			}
		}
	}()
}

func (r *rig) ended(v *viewers.View, code string) viewers.End {
	r.t.Helper()
	select {
	case <-v.Done():
	default:
		r.t.Fatalf("view %s lives on; want %s", v.ID(), code)
	}
	if end := v.End(); end.Code != code {
		r.t.Fatalf("view %s ended with %s, want %s", v.ID(), end.Code, code)
	}
	return v.End()
}

func (r *rig) lives(views ...*viewers.View) {
	r.t.Helper()
	for _, v := range views {
		select {
		case <-v.Done():
			r.t.Fatalf("view %s ended: %+v", v.ID(), v.End())
		default:
		}
	}
}

func (r *rig) refused(want error, req viewers.Request) {
	r.t.Helper()
	if _, err := r.Open(context.Background(), req); !errors.Is(err, want) {
		r.t.Fatalf("open %s: got %v, want %v", req.View, err, want)
	}
}
