package probe

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// camerasAtOnce is how many cameras of a job are looked at at the same time, each on a host of its own: a recorder with 64 channels
// is one host, and many of them answer one at a time.
const camerasAtOnce = 8

// JobState is how a job is doing.
type JobState string

// The states of a job.
const (
	Running   JobState = "running"
	Done      JobState = "done"
	Cancelled JobState = "cancelled"
)

// Job is a job as people see it.
type Job struct {
	ID      string
	State   JobState
	Of      int // cameras in all
	Done    int // Well and Failed
	Well    int // can be watched by some way
	Failed  int // all others
	BeganAt time.Time
	EndedAt time.Time // zero while it runs
	By      string    // the name of who began it
}

// ItemState is how a camera of a job is doing.
type ItemState string

// The states of a camera of a job.
const (
	ItemWaiting ItemState = "waiting"
	ItemProbing ItemState = "probing"
	ItemDone    ItemState = "done"
)

// Item is a camera of a job.
type Item struct {
	Camera   camera.ID
	Number   int
	Name     string
	State    ItemState
	Passport *camera.Passport // nil before it is done. Nobody changes it
}

// job probes cameras, each host's one after another.
type job struct {
	prober *Prober
	stop   context.CancelFunc
	hosts  []string // of items, by place

	mu    sync.Mutex // guards what follows
	told  Job
	items []Item
	// refused are credentials that a host has refused during this job: they are not sent to it again, since it may lock the account.
	refused map[login]bool
}

// login is what a host is signed in to with.
type login struct {
	host, username string
	password       camera.Password
}

func newJob(p *Prober, cameras []camera.Camera, by string) (*job, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	now := p.now()
	j := &job{
		prober: p, hosts: make([]string, len(cameras)), items: make([]Item, len(cameras)), refused: map[login]bool{},
		told: Job{ID: id.String(), State: Running, Of: len(cameras), BeganAt: now.UTC().Truncate(time.Millisecond), By: by},
	}
	for i, c := range cameras {
		j.hosts[i] = cmp.Or(hostOf(c.Address), string(c.ID))
		j.items[i] = Item{Camera: c.ID, Number: c.Number, Name: c.Name, State: ItemWaiting}
	}
	return j, nil
}

// hostOf gives an address's host without its port: channels of a recorder may have ports of their own.
func hostOf(address string) string {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	u := url.URL{Host: rest}
	return u.Hostname()
}

// run probes all cameras until ctx ends, and returns when no probe goes on.
func (j *job) run(ctx context.Context) {
	queues := map[string][]int{} // by host, of cameras that wait
	var ready []string           // hosts that have some and of which none is looked at
	for i, host := range j.hosts {
		if queues[host] == nil {
			ready = append(ready, host)
		}
		queues[host] = append(queues[host], i)
	}
	finished := make(chan string, camerasAtOnce)
	running := 0
	for running > 0 || len(ready) > 0 && ctx.Err() == nil {
		if running < camerasAtOnce && len(ready) > 0 && ctx.Err() == nil {
			host := ready[0]
			i := queues[host][0]
			ready, queues[host] = ready[1:], queues[host][1:]
			running++
			go func() {
				j.probe(ctx, i)
				finished <- host
			}()
			continue
		}
		host := <-finished
		running--
		if len(queues[host]) > 0 {
			ready = append(ready, host)
		}
	}
}

// probe looks at one camera, and keeps what it found.
func (j *job) probe(ctx context.Context, i int) {
	id := j.set(i, ItemProbing, nil)
	found, err := j.look(ctx, id, j.hosts[i])
	if ctx.Err() != nil {
		j.set(i, ItemWaiting, nil) // it was broken off
		return
	}
	if err != nil {
		j.prober.log.Error("a camera could not be probed", "camera", string(id), "error", err)
		found = unseen(j.prober.now(), relay.CodeRecords)
	}
	j.set(i, ItemDone, found)
}

func (j *job) look(ctx context.Context, id camera.ID, host string) (*camera.Passport, error) {
	tried, err := j.prober.cameras.Try(ctx, camera.Trial{Camera: id})
	switch {
	case errors.Is(err, camera.ErrNotFound):
		return unseen(j.prober.now(), relay.CodeNoSuch), nil
	case err != nil:
		return nil, err
	}
	with := login{host, tried.Target.Username, tried.Target.Password}
	j.mu.Lock()
	refused := j.refused[with]
	j.mu.Unlock()
	if refused {
		found := unseen(j.prober.now(), relay.CodeCredentials)
		_, err := j.prober.cameras.KeepPassport(ctx, tried.Target, *found, nil)
		return found, err
	}
	found := j.prober.examine(ctx, tried, byJob)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if found.Passport.Code == relay.CodeCredentials {
		j.mu.Lock()
		j.refused[with] = true
		j.mu.Unlock()
	}
	if _, err := j.prober.cameras.KeepPassport(ctx, tried.Target, found.Passport, found.Still); err != nil {
		return nil, err
	}
	return &found.Passport, nil
}

// unseen is the passport of a camera that was not dialled.
func unseen(now time.Time, code string) *camera.Passport {
	return &camera.Passport{
		At: now.UTC().Truncate(time.Millisecond), Via: camera.ViaDialled, Code: code,
		WebRTC: camera.Carriage{Code: code}, HLS: camera.Carriage{Code: code},
	}
}

// set notes how a camera is doing.
func (j *job) set(i int, state ItemState, found *camera.Passport) camera.ID {
	j.mu.Lock()
	defer j.mu.Unlock()
	item := &j.items[i]
	item.State, item.Passport = state, found
	if state == ItemDone {
		j.told.Done++
		switch found.Outcome() {
		case camera.OutcomeWell, camera.OutcomeAdvice:
			j.told.Well++
		default:
			j.told.Failed++
		}
	}
	return item.Camera
}

// end notes that nothing is done any more.
func (j *job) end(at time.Time) Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.told.State, j.told.EndedAt = Done, at.UTC().Truncate(time.Millisecond)
	if j.told.Done < j.told.Of {
		j.told.State = Cancelled
	}
	return j.told
}

func (j *job) tell() Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.told
}
