package probe

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fold"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

const (
	keptJobs = 10
	// MaxJob is how many cameras a job takes at most.
	MaxJob = 10_000
)

// codeCancelled is the code of a job's end that somebody wanted.
const codeCancelled = "probe.cancelled"

// Selection says which cameras to probe: all without any of the three.
type Selection struct {
	IDs   []camera.ID
	Tag   string
	Group camera.GroupID
}

// Begin begins a job, one at a time. It runs within Run, and what it finds of each camera is kept with it. ErrRunning, ErrNothing;
// relay.ErrStopped while Run does not.
func (p *Prober) Begin(ctx context.Context, by auth.Principal, of Selection) (Job, error) {
	if err := p.idle(); err != nil {
		return Job{}, err
	}
	cameras, err := p.selected(ctx, of)
	if err != nil {
		return Job{}, err
	}
	if len(cameras) == 0 {
		return Job{}, ErrNothing
	}
	j, err := newJob(p, cameras, by.User.Name())
	if err != nil {
		return Job{}, fmt.Errorf("begin to probe cameras: %w", err)
	}
	p.mu.Lock()
	if p.ctx == nil {
		p.mu.Unlock()
		return Job{}, relay.ErrStopped
	}
	if other := p.runningLocked(); other != nil { // begun meanwhile
		p.mu.Unlock()
		return Job{}, ErrRunning.With("id", other.tell().ID)
	}
	own, stop := context.WithCancel(p.ctx)
	j.stop = stop
	p.jobs = slices.Insert(p.jobs, 0, j)
	p.jobs = p.jobs[:min(len(p.jobs), keptJobs)]
	p.working.Add(1)
	p.mu.Unlock()

	actor := events.Person{ID: string(by.User.ID), Login: by.User.Login, Name: by.User.Name()}
	p.events.Record(events.Event{Kind: events.ProbeStarted, At: j.tell().BeganAt, Actor: actor, Remote: by.Remote, Note: strconv.Itoa(len(cameras))})
	go func() {
		defer p.working.Done()
		defer stop()
		j.run(own)
		end := j.end(p.now())
		e := events.Event{
			Kind: events.ProbeEnded, At: end.EndedAt, Actor: actor, Lasted: end.EndedAt.Sub(end.BeganAt),
			Note: strconv.Itoa(end.Well) + " / " + strconv.Itoa(end.Of),
		}
		if end.State == Cancelled {
			e.Code = codeCancelled
		}
		p.events.Record(e)
	}()
	return j.tell(), nil
}

// selected gives the cameras of a selection, by number.
func (p *Prober) selected(ctx context.Context, of Selection) ([]camera.Camera, error) {
	wanted := map[camera.ID]bool{}
	for _, id := range of.IDs {
		wanted[id] = true
	}
	q := camera.ListQuery{Query: paging.Query{Limit: paging.MaxLimit}, Group: of.Group}
	if of.Tag != "" {
		q.Tags = []string{of.Tag}
	}
	var cameras []camera.Camera
	for {
		page, err := p.cameras.List(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("look for cameras to probe: %w", err)
		}
		for _, c := range page.Items {
			if len(of.IDs) == 0 || wanted[c.ID] {
				cameras = append(cameras, c)
			}
		}
		if page.NextCursor == "" || len(cameras) >= MaxJob {
			return cameras[:min(len(cameras), MaxJob)], nil
		}
		q.Cursor = page.NextCursor
	}
}

// idle gives ErrRunning with the job in the way.
func (p *Prober) idle() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if j := p.runningLocked(); j != nil {
		return ErrRunning.With("id", j.tell().ID)
	}
	return nil
}

// runningLocked gives the job that goes on. The caller holds mu.
func (p *Prober) runningLocked() *job {
	if len(p.jobs) > 0 && p.jobs[0].tell().State == Running {
		return p.jobs[0]
	}
	return nil
}

// Jobs gives the last jobs since the gateway began, the newest first.
func (p *Prober) Jobs() []Job {
	p.mu.Lock()
	jobs := slices.Clone(p.jobs)
	p.mu.Unlock()
	out := make([]Job, len(jobs))
	for i, j := range jobs {
		out[i] = j.tell()
	}
	return out
}

// Job gives one of them. ErrNoJob.
func (p *Prober) Job(id string) (Job, error) {
	j, err := p.find(id)
	if err != nil {
		return Job{}, err
	}
	return j.tell(), nil
}

func (p *Prober) find(id string) (*job, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, j := range p.jobs {
		if j.tell().ID == id {
			return j, nil
		}
	}
	return nil, ErrNoJob
}

// Cancel ends a job: what is being looked at is broken off, what was found stays. It does not wait. Ending one that has ended is no error.
// ErrNoJob.
func (p *Prober) Cancel(id string) error {
	j, err := p.find(id)
	if err != nil {
		return err
	}
	j.stop()
	return nil
}

// ItemQuery asks for a page of a job's cameras.
type ItemQuery struct {
	paging.Query                  // its Q finds number and name; Sort does not count
	State        ItemState        // only those; empty: all
	Outcomes     []camera.Outcome // only those that came to one of these; none: all
}

// Items gives a page of a job's cameras, by number. ErrNoJob.
func (p *Prober) Items(id string, q ItemQuery) (paging.Page[Item], error) {
	j, err := p.find(id)
	if err != nil {
		return paging.Page[Item]{}, err
	}
	words := strings.Fields(fold.Text(q.Q))
	fits := func(i Item) bool {
		if q.State != "" && i.State != q.State || len(q.Outcomes) > 0 && !slices.Contains(q.Outcomes, i.Passport.Outcome()) {
			return false
		}
		text := strconv.Itoa(i.Number) + " " + fold.Text(i.Name)
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
	}
	// A cursor is the place of the next camera: a job's cameras keep theirs.
	from, err := strconv.Atoi(q.Cursor)
	if err != nil || from < 0 {
		from = 0
	}
	page := paging.Page[Item]{Items: []Item{}}
	j.mu.Lock()
	defer j.mu.Unlock()
	for i, item := range j.items {
		if !fits(item) {
			continue
		}
		page.Total++
		switch {
		case i < from, page.NextCursor != "":
		case len(page.Items) == q.Bounded():
			page.NextCursor = strconv.Itoa(i)
		default:
			page.Items = append(page.Items, item)
		}
	}
	return page, nil
}

// Found gives what a job found so far, as a sheet takes it. ErrNoJob.
func (p *Prober) Found(id string) ([]camera.PassportRow, error) {
	j, err := p.find(id)
	if err != nil {
		return nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	rows := make([]camera.PassportRow, len(j.items))
	for i, item := range j.items {
		rows[i] = camera.PassportRow{Number: item.Number, Name: item.Name, Passport: item.Passport}
	}
	return rows, nil
}
