package viewers

import (
	"context"
	"sync"
	"time"
)

// When all views are judged without being asked.
const (
	rejudgeEvery = time.Minute
	rejudgeSoon  = time.Second // after a pass that could not find out all
)

// Run ends views whose lease lapsed, tells the tracker about those that live, hears its kicks, and judges again from time to time. When
// ctx ends it ends all views with server.stopping and returns; their places stay theirs until the leases lapse.
func (v *Viewers) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	kicks, err := v.tracker.Kicks(ctx, v.node)
	if err != nil {
		v.tell("listening for kicks", err) // Renew's answers tell the same, only later
	}
	wg.Go(func() { v.rejudgeAll(ctx) })

	beat := time.NewTicker(v.beat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			v.stop()
			return nil
		case loss, ok := <-kicks:
			if !ok {
				kicks = nil
				continue
			}
			v.lose(loss)
		case <-beat.C:
			v.tend(ctx)
		}
	}
}

// rejudgeAll judges without being asked: soon after a pass that could not find out all, since nobody tells of a change twice, and now and
// then because sign-in sessions lapse by the clock. Ends of grants are told like changes.
func (v *Viewers) rejudgeAll(ctx context.Context) {
	timer := time.NewTimer(rejudgeEvery)
	defer timer.Stop()
	soon := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-v.unsure:
			if !soon {
				soon = true
				timer.Reset(rejudgeSoon)
			}
		case <-timer.C:
			soon = false
			timer.Reset(rejudgeEvery)
			v.Judge(ctx)
		}
	}
}

// tend is one heartbeat: lapsed views end, the others' leases go to the tracker, and what the tracker has lost ends here.
func (v *Viewers) tend(ctx context.Context) {
	now := v.now()
	var leases []Lease
	var lapsed []*View
	for _, view := range v.local() {
		if left := view.left(now); left > 0 {
			leases = append(leases, Lease{Entry: view.entry, TTL: left + v.grace()})
		} else {
			lapsed = append(lapsed, view)
		}
	}
	if len(leases) > 0 {
		ctx, cancel := context.WithTimeout(ctx, v.beat+time.Second)
		defer cancel()
		losses, err := v.tracker.Renew(ctx, leases)
		v.tell("renewing leases", err)
		for _, loss := range losses {
			v.lose(loss)
		}
	}
	for _, view := range lapsed {
		view.Close(CodeExpired)
	}
}

func (v *Viewers) stop() {
	v.mu.Lock()
	v.stopping = true
	v.mu.Unlock()
	for _, view := range v.local() {
		view.Close(CodeStopping)
	}
}

// local gives the views of this process in no order.
func (v *Viewers) local() []*View {
	v.mu.Lock()
	defer v.mu.Unlock()
	views := make([]*View, 0, len(v.views))
	for _, view := range v.views {
		views = append(views, view)
	}
	return views
}
