package viewers_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rtsp-viewer/rtsp-viewer/viewers"
	"github.com/rtsp-viewer/rtsp-viewer/viewers/trackertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a time of day that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func TestMemoryKeepsTheRules(t *testing.T) {
	trackertest.Run(t, func(t *testing.T) trackertest.Subject {
		c := newClock()
		m, err := viewers.NewMemory(c.Now)
		if err != nil {
			t.Fatal(err)
		}
		return trackertest.Subject{Tracker: m, Advance: c.Advance}
	})
}

func TestMemoryGenerationsRiseOverARestart(t *testing.T) {
	c := newClock()
	ctx := context.Background()
	open := func(m *viewers.Memory) int64 {
		a, err := m.Admit(ctx, viewers.Claim{
			Entry: viewers.Entry{Seat: viewers.Seat{Place: viewers.Place{User: "u", View: "v"}}}, Admit: viewers.IfFree, Limit: 4, TTL: time.Second,
		})
		if err != nil {
			t.Fatal(err)
		}
		return a.Entry.Generation
	}
	before, _ := viewers.NewMemory(c.Now)
	var last int64
	for range 100 {
		last = open(before)
	}
	c.Advance(time.Second)
	after, _ := viewers.NewMemory(c.Now)
	if got := open(after); got <= last {
		t.Fatalf("generation %d after the restart, %d before: pages would take its messages for stale ones", got, last)
	}
}

func TestMemoryRemembersBoundedly(t *testing.T) {
	c := newClock()
	ctx := context.Background()
	m, _ := viewers.NewMemory(c.Now)
	claim := func(i int, admit viewers.Admit) viewers.Claim {
		return viewers.Claim{
			Entry: viewers.Entry{Seat: viewers.Seat{Place: viewers.Place{User: "u", View: viewers.ViewID(fmt.Sprintf("v%d", i))}}},
			Admit: admit, Limit: 1, TTL: time.Hour,
		}
	}
	for i := range 1000 {
		c.Advance(time.Millisecond)
		if _, err := m.Admit(ctx, claim(i, viewers.EvictOldest)); err != nil {
			t.Fatal(err)
		}
	}
	// The latest are remembered, the first are not: what a machine is told then is that no place is free.
	if _, err := m.Admit(ctx, claim(998, viewers.IfFree)); !errors.Is(err, viewers.ErrEvicted) {
		t.Fatalf("the last evicted: %v", err)
	}
	if _, err := m.Admit(ctx, claim(0, viewers.IfFree)); !errors.Is(err, viewers.ErrLimit) {
		t.Fatalf("the first evicted: %v", err)
	}
}
