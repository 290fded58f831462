package store

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/events"
)

func TestEventComesBackWhole(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		want := events.Event{
			ID: 2, At: time.UnixMilli(1_700_000_000_123).UTC(), Kind: events.ViewEnded,
			Actor: events.Person{ID: "u1", Login: "ivanov", Name: "Иванов И. И."}, User: events.Person{ID: "u2", Login: "petrov", Name: "Петров"},
			Camera: events.Subject{ID: "c1", Number: 17, Name: "Ворота"}, View: "v1", Transport: "webrtc", Remote: "10.0.0.7",
			Code: "view.evicted", Lasted: 90_500 * time.Millisecond, Fields: []string{"name", "address"}, Note: "note", Times: 3,
		}
		if err := db.AppendEvents(t.Context(), []events.Event{{Kind: events.ServerStarted, At: want.At}, want}); err != nil {
			t.Fatal(err)
		}
		got, err := db.Events(t.Context(), events.Query{After: 1})
		if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	})
}

func TestEventsAreFound(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		var batch []events.Event
		for i := range 120 { // more than one statement takes
			batch = append(batch, events.Event{
				At: time.UnixMilli(int64(i)), Kind: []events.Kind{events.ViewBegun, events.ViewEnded, events.SignedIn}[i%3],
				Actor: events.Person{ID: fmt.Sprint("u", i%2)}, User: events.Person{ID: fmt.Sprint("u", i%5)}, Camera: events.Subject{ID: fmt.Sprint("c", i%4)},
			})
		}
		if err := db.AppendEvents(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			q           events.Query
			first, last int64
			n           int
		}{
			"from the beginning": {events.Query{}, 1, 100, 100},
			"after":              {events.Query{After: 100}, 101, 120, 20},
			"after the last":     {events.Query{After: 120}, 0, 0, 0},
			"newest first":       {events.Query{Before: 1 << 60, Limit: 10}, 120, 111, 10},
			"back to":            {events.Query{Before: 111, After: 105}, 110, 106, 5},
			"kinds":              {events.Query{Kinds: []events.Kind{events.ViewBegun, events.ViewEnded}, Limit: 1000}, 1, 119, 80},
			"camera":             {events.Query{Camera: "c3"}, 4, 120, 30},
			"person, either way": {events.Query{User: "u1", Limit: 1000}, 2, 120, 72},
			"time":               {events.Query{From: time.UnixMilli(10), To: time.UnixMilli(20)}, 11, 20, 10},
		} {
			got, err := db.Events(t.Context(), c.q)
			if err != nil || len(got) != c.n {
				t.Errorf("%s: %d events, %v, want %d", name, len(got), err, c.n)
				continue
			}
			if c.n > 0 && (got[0].ID != c.first || got[c.n-1].ID != c.last) {
				t.Errorf("%s: from %d to %d, want from %d to %d", name, got[0].ID, got[c.n-1].ID, c.first, c.last)
			}
		}
	})
}

// One who follows the log by id while many write it misses nothing.
func TestFollowerMissesNoEvent(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		ctx := t.Context()
		const writers, each = 6, 15
		var group sync.WaitGroup
		for w := range writers {
			group.Go(func() {
				for i := range each {
					batch := make([]events.Event, 1+(w+i)%3)
					for j := range batch {
						batch[j] = events.Event{Kind: events.ViewBegun, View: fmt.Sprintf("%d-%d-%d", w, i, j)}
					}
					if err := db.AppendEvents(ctx, batch); err != nil {
						t.Error(err)
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { group.Wait(); close(done) }()
		seen, last := make(map[string]bool), int64(0)
		for over := false; ; {
			got, err := db.Events(ctx, events.Query{After: last})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range got {
				if e.ID != last+1 {
					t.Fatalf("after event %d came %d", last, e.ID)
				}
				last, seen[e.View] = e.ID, true
			}
			if len(got) == 0 && over {
				break
			}
			select {
			case <-done:
				over = true
			default:
			}
		}
		want := 0
		for w := range writers {
			for i := range each {
				want += 1 + (w+i)%3
			}
		}
		if len(seen) != want {
			t.Errorf("the follower saw %d events of %d", len(seen), want)
		}
	})
}
