package store

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
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

func TestEventsAreSearched(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		ctx := t.Context()
		ivanov := events.Person{ID: "u1", Login: "ivanov", Name: "Иванов Пётр Ильич"}
		gate := events.Subject{ID: "c1", Number: 17, Name: "Ворота Ёлочные"}
		renamed := gate
		renamed.Name = "Проходная"
		batch := []events.Event{
			{Kind: events.SignedIn, Actor: ivanov, Remote: "10.0.0.7"},
			{Kind: events.ViewBegun, Actor: ivanov, Camera: gate, Remote: "10.0.0.7"},
			{Kind: events.ViewEnded, Actor: ivanov, Camera: gate, Remote: "10.0.0.7", Code: "view.evicted", Note: "camera 5 was opened at 100%"},
			{Kind: events.CameraChanged, Actor: events.Person{ID: "u2", Login: "admin"}, Camera: renamed},
			{Kind: events.UserChanged, Actor: events.Person{ID: "u2", Login: "admin"}, User: ivanov, Code: "x"},
			{Kind: events.ServerStarted},
		}
		for i := range batch {
			batch[i].At = time.UnixMilli(int64(i) * 1000)
		}
		if err := db.AppendEvents(ctx, batch); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			q    events.Query
			want string
		}{
			{events.Query{Q: "ИВАНОВ"}, "1 2 3 5"},
			{events.Query{Q: "петр"}, "1 2 3 5"},
			{events.Query{Q: "елочные иван"}, "2 3"},
			{events.Query{Q: "17"}, "2 3 4"},
			{events.Query{Q: "проходная"}, "4"}, // the name of that time only
			{events.Query{Q: "0.0.7 ворота"}, "2 3"},
			{events.Query{Q: "100%"}, "3"},
			{events.Query{Q: "1_0"}, ""},
			{events.Query{Q: "'; DROP"}, ""},
			{events.Query{Q: "  "}, "1 2 3 4 5 6"},
			{events.Query{Q: "иванов", Kinds: []events.Kind{events.ViewBegun, events.ViewEnded}}, "2 3"},
			{events.Query{Q: "иванов", Camera: "c1", Codes: []string{"view.evicted"}}, "3"},
			{events.Query{Q: "admin", User: "u1"}, "5"},
			{events.Query{Codes: []string{"x", "view.evicted"}}, "3 5"},
			{events.Query{Q: "иванов", From: time.UnixMilli(1000), To: time.UnixMilli(2000)}, "2"},
			{events.Query{Q: "иванов", Before: 5, Limit: 2}, "3 2"},
		} {
			got, err := db.Events(ctx, c.q)
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, e := range got {
				found = append(found, fmt.Sprint(e.ID))
			}
			if strings.Join(found, " ") != c.want {
				t.Errorf("%+v: %v, want %s", c.q, found, c.want)
			}
			total, err := db.CountEvents(ctx, events.Query{Q: c.q.Q, Kinds: c.q.Kinds, Codes: c.q.Codes, Camera: c.q.Camera, User: c.q.User, From: c.q.From, To: c.q.To})
			if err != nil || total < len(got) || c.q.Limit == 0 && total != len(got) {
				t.Errorf("%+v: %d in all, %v, %d found", c.q, total, err, len(got))
			}
		}
		if last, err := db.LastEventID(ctx); last != 6 || err != nil {
			t.Errorf("the last id is %d, %v", last, err)
		}
	})
}

// Events that a program wrote which knew no search are found after the next start.
func TestEventsOfOlderProgramsAreFound(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		ctx := t.Context()
		var batch []events.Event
		for i := range fillBatch + 20 {
			batch = append(batch, events.Event{Kind: events.SignedIn, Actor: events.Person{ID: "u1", Name: fmt.Sprint("Ёлкин ", i%3)}})
		}
		if err := db.AppendEvents(ctx, batch); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{`UPDATE events SET text_id = 0`, `DELETE FROM event_texts`} {
			if _, err := db.write.ExecContext(ctx, text); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := db.CountEvents(ctx, events.Query{Q: "елкин"}); n != 0 || err != nil {
			t.Fatalf("%d events, %v", n, err)
		}
		if err := db.fillTexts(ctx); err != nil {
			t.Fatal(err)
		}
		if n, err := db.CountEvents(ctx, events.Query{Q: "елкин"}); n != len(batch) || err != nil {
			t.Errorf("%d events of %d, %v", n, len(batch), err)
		}
	})
}

func TestOldEventsAreRemoved(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		ctx := t.Context()
		const day = 24 * time.Hour
		at := func(days int) time.Time { return time.UnixMilli(0).Add(time.Duration(days)*day + time.Hour) }
		var batch []events.Event
		for i := range 30 { // ten names, each on three days that follow one another
			batch = append(batch, events.Event{At: at(100 + i), Kind: events.SignedIn, Actor: events.Person{Login: fmt.Sprint("person", i/3)}})
		}
		if err := db.AppendEvents(ctx, batch); err != nil {
			t.Fatal(err)
		}
		var removed []int
		for {
			n, err := db.DeleteEvents(ctx, at(110), 4) // the fourth person's second day
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
			removed = append(removed, n)
		}
		if !slices.Equal(removed, []int{4, 4, 2, 3}) { // ten events, then the texts of three
			t.Errorf("removed %v", removed)
		}
		left, err := db.Events(ctx, events.Query{})
		if err != nil || len(left) != 20 || left[0].ID != 11 {
			t.Errorf("%d events are left, %v", len(left), err)
		}
		for q, want := range map[string]int{"person2": 0, "person3": 2, "person9": 3, "person": 20} {
			if n, err := db.CountEvents(ctx, events.Query{Q: q}); n != want || err != nil {
				t.Errorf("%s: %d events, %v, want %d", q, n, err, want)
			}
		}
		var texts int
		if err := db.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM event_texts`).Scan(&texts); err != nil || texts != 7 {
			t.Errorf("%d texts are left, %v", texts, err)
		}
	})
}

// fillEvents adds so many events of 200 people at 500 cameras, a minute apart from the beginning of 1970 on.
func fillEvents(t testing.TB, db *DB, events int) {
	t.Helper()
	const texts = 20_000
	for _, text := range []string{
		fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO event_texts (id, search, day) SELECT i, 'person' || (i %% 200) || ' camera' || (i %% 500) || ' 10.0.' || (i %% 7) || '.' || (i %% 250), 0 FROM n`, texts),
		fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO events (`+eventColumns+`, text_id) SELECT i, CAST(i AS BIGINT) * 60000, CASE WHEN i %% 1000 = 0 THEN 'user.changed' WHEN i %% 2 = 0 THEN 'view.begun' ELSE 'view.ended' END,
			'u' || (i %% 200), '', '', CASE WHEN i %% 50 = 0 THEN 'u' || (i %% 199) ELSE '' END, '', '', 'c' || (i %% 500), i %% 500, '', '', '', '',
			CASE WHEN i %% 2 = 0 THEN '' WHEN i %% 1001 = 0 THEN 'view.evicted' ELSE 'view.closed' END, 0, '', '', 1, 1 + i %% %d FROM n`, events, texts),
		fmt.Sprintf(`UPDATE counters SET value = %d WHERE name = 'event_id'`, events),
		`ANALYZE`,
	} {
		if _, err := db.write.ExecContext(context.Background(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

// questions are what people ask the log, with what makes each selective.
func questions(all int) map[string]events.Query {
	const newest = 1 << 60
	at := func(i int) time.Time { return time.UnixMilli(int64(i) * 60000) }
	return map[string]events.Query{
		"newest":            {Before: newest},
		"oldest":            {},
		"after":             {After: int64(all - 50)},
		"a kind":            {Before: newest, Kinds: []events.Kind{events.UserChanged}},
		"a family":          {Before: newest, Kinds: events.KindsNamed("user.")},
		"a person":          {Before: newest, User: "u77"},
		"a camera":          {Before: newest, Camera: "c77"},
		"a code":            {Before: newest, Codes: []string{"view.evicted"}},
		"an hour":           {Before: newest, From: at(all / 2), To: at(all/2 + 60)},
		"a word":            {Before: newest, Q: "camera477"},
		"two words":         {Before: newest, Q: "person77 camera477"},
		"a person's camera": {Before: newest, User: "u77", Camera: "c277"},
		"a word of nothing": {Before: newest, Q: "nobody"},
	}
}

func TestEventsAreFoundByIndex(t *testing.T) {
	eachEngine(t, func(t *testing.T, db *DB) {
		all := 100_000
		if db.engine == sqlite {
			all = 10_000 // SQLite goes by the averages that ANALYZE finds
		}
		fillEvents(t, db, all)
		whole := regexp.MustCompile(`Seq Scan on events|SCAN events($|\n)`)
		for name, q := range questions(all) {
			for what, make := range map[string]func(events.Query) (string, []any){"page": eventPage, "count": eventCount} {
				if what == "count" && (name == "newest" || name == "oldest" || name == "a word") {
					continue // they count all, or so many that PostgreSQL finds reading all no dearer
				}
				text, args := make(q)
				if steps := plan(t, db, text, args); whole.MatchString(steps) {
					t.Errorf("%s of %s reads all events:\n%s", what, name, steps)
				}
			}
		}
	})
}

// BenchmarkEvents asks a log of 1,000,000 events.
func BenchmarkEvents(b *testing.B) {
	for _, engine := range []engine{postgres, sqlite} {
		b.Run(string(engine), func(b *testing.B) {
			o := Options{Dir: b.TempDir(), Logger: slog.New(slog.DiscardHandler)}
			if engine == postgres {
				o.URL = pgtest.URL(b)
			}
			ctx := b.Context()
			db, err := Open(ctx, o)
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			fillEvents(b, db, 1_000_000)
			asked := questions(1_000_000)
			asked["a word of most"] = events.Query{Before: 1 << 60, Q: "person"}
			for name, q := range asked {
				b.Run(name+"/page", func(b *testing.B) {
					for b.Loop() {
						if _, err := db.Events(ctx, q); err != nil {
							b.Fatal(err)
						}
					}
				})
				b.Run(name+"/count", func(b *testing.B) {
					for b.Loop() {
						if _, err := db.CountEvents(ctx, q); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
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
