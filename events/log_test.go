package events

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a store that can be made to fail or hang: faults that a real one shows only by accident.
type memory struct {
	mu     sync.Mutex
	kept   []Event
	fails  bool
	hangs  bool
	failed int

	deletions []int // of each DeleteEvents
}

func (m *memory) AppendEvents(ctx context.Context, batch []Event) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.hangs {
		m.mu.Unlock()
		<-ctx.Done()
		m.mu.Lock()
		return ctx.Err()
	}
	if m.fails {
		m.failed++
		return errors.New("no space left")
	}
	m.kept = append(m.kept, batch...)
	return nil
}

func (m *memory) Events(context.Context, Query) ([]Event, error) { return nil, nil }

func (m *memory) CountEvents(context.Context, Query) (int, error) { return 0, nil }

func (m *memory) LastEventID(context.Context) (int64, error) { return 0, nil }

func (m *memory) DeleteEvents(_ context.Context, before time.Time, limit int) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for n < limit && n < len(m.kept) && m.kept[n].At.Before(before) {
		n++
	}
	m.kept = m.kept[n:]
	m.deletions = append(m.deletions, n)
	return n, nil
}

func (m *memory) views() (views []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.kept {
		views = append(views, e.View)
	}
	return views
}

func (m *memory) all() []Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.kept)
}

func (m *memory) batches() []int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.deletions)
}

func (m *memory) set(fn func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fn()
}

func newLog(t *testing.T, store Store, out *bytes.Buffer) *Log {
	t.Helper()
	l, err := New(Options{Store: store, Logger: slog.New(slog.NewTextHandler(out, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// run runs l until the test ends it; stop waits for that.
func run(l *Log) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { l.Run(ctx); close(done) }()
	return func() { cancel(); <-done }
}

func TestEventsReachTheStoreInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		store := &memory{}
		l := newLog(t, store, &out)
		l.Record(Event{Kind: ViewBegun, View: "0"}) // before Run
		stop := run(l)
		for i := 1; i < 1000; i++ {
			l.Record(Event{Kind: ViewBegun, View: fmt.Sprint(i)})
		}
		synctest.Wait()
		stop()
		kept := store.views()
		if len(kept) != 1000 {
			t.Fatalf("the store has %d events of 1000", len(kept))
		}
		for i, view := range kept {
			if view != fmt.Sprint(i) {
				t.Fatalf("event %d is %s", i, view)
			}
		}
		if s := l.Stats(); s != (Stats{Written: 1000}) {
			t.Errorf("stats are %+v", s)
		}
		if store.kept[0].At.IsZero() {
			t.Error("an event has no time")
		}
	})
}

func TestFailingStoreLosesNothingWithinTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		store := &memory{fails: true}
		l := newLog(t, store, &out)
		stop := run(l)
		for i := range 300 {
			l.Record(Event{Kind: ViewBegun, View: fmt.Sprint(i)})
		}
		time.Sleep(10 * time.Second) // of the bubble's clock
		synctest.Wait()
		if n := strings.Count(out.String(), "writing events failed"); n != 1 {
			t.Errorf("the failure was told %d times", n)
		}
		if store.failed < 5 {
			t.Errorf("the store was tried %d times", store.failed)
		}
		store.set(func() { store.fails = false })
		time.Sleep(2 * time.Second)
		stop()
		if kept := store.views(); len(kept) != 300 || kept[0] != "0" || kept[299] != "299" {
			t.Errorf("the store has %d events", len(kept))
		}
	})
}

func TestFullQueueDropsTheOldestAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		store := &memory{}
		l := newLog(t, store, &out)
		const all = queueBound + 500
		for i := range all {
			l.Record(Event{Kind: ViewBegun, View: fmt.Sprint(i)})
		}
		if s := l.Stats(); s.Dropped != 500 || s.Queued != queueBound {
			t.Errorf("stats are %+v", s)
		}
		if n := strings.Count(out.String(), "the event queue is full"); n != 1 {
			t.Errorf("within a second it was told %d times", n)
		}
		time.Sleep(tellDropped)
		l.Record(Event{Kind: ViewBegun, View: "last"})
		if n := strings.Count(out.String(), "the event queue is full"); n != 2 || !strings.Contains(out.String(), "count=500") {
			t.Errorf("a second later it was told %d times", n)
		}
		if n := strings.Count(out.String(), "msg=view.begun"); n != all+1 {
			t.Errorf("%d of %d events are in the structured log", n, all+1)
		}
		run(l)()
		if kept := store.views(); len(kept) != queueBound || kept[0] != "501" || kept[queueBound-1] != "last" {
			t.Errorf("the store has %d events from %s", len(kept), kept[0])
		}
	})
}

func TestEndTakesAtMostTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		store := &memory{hangs: true}
		l := newLog(t, store, &out)
		stop := run(l)
		l.Record(Event{Kind: ViewBegun})
		synctest.Wait()
		began := time.Now()
		stop()
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("the end took %v", took)
		}
		if s := l.Stats(); s.Dropped != 1 || !strings.Contains(out.String(), "events were lost at the end") {
			t.Errorf("stats are %+v, the log says %s", s, out.String())
		}
	})
}

func TestLogLineNamesPersonCameraKindAndCode(t *testing.T) {
	var out bytes.Buffer
	l := newLog(t, &memory{}, &out)
	l.Tell(Event{
		Kind: ViewEnded, Actor: Person{ID: "u1", Login: "ivanov"}, Camera: Subject{ID: "c1", Number: 17, Name: "Gate"}, View: "v1",
		Transport: "webrtc", Remote: "10.0.0.7", Code: "view.evicted", Lasted: 90 * time.Second,
	})
	for _, want := range []string{
		"level=INFO", "kind=view.ended", "actor=ivanov", "actor_id=u1", "camera=17", "camera_id=c1", "camera_name=Gate", "view=v1",
		"transport=webrtc", "remote=10.0.0.7", "code=view.evicted", "lasted=1m30s",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is missing in %s", want, out.String())
		}
	}
	for _, not := range []string{"user=", "note=", "fields=", "times="} {
		if strings.Contains(out.String(), not) {
			t.Errorf("what is unknown is told: %s", out.String())
		}
	}
}

func TestNewRefusesMissingParts(t *testing.T) {
	if _, err := New(Options{Logger: slog.Default()}); err == nil {
		t.Error("no store, no refusal")
	}
	if _, err := New(Options{Store: &memory{}}); err == nil {
		t.Error("no logger, no refusal")
	}
}
