package checks

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

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// book keeps how cameras are in memory, by the rules that the database has too, so that hours pass in no time.
type book struct {
	mu      sync.Mutex
	cameras map[camera.ID]camera.Standing
	fails   error
}

func newBook(n int) *book {
	b := &book{cameras: map[camera.ID]camera.Standing{}}
	for i := range n {
		b.cameras[camera.ID(fmt.Sprintf("c%03d", i))] = camera.Standing{State: camera.StateUnknown}
	}
	return b
}

func (b *book) Saw(_ context.Context, found []camera.Sighting) (turns []camera.Turn, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails != nil {
		return nil, b.fails
	}
	for _, f := range found {
		was, there := b.cameras[f.Camera]
		if !there {
			continue
		}
		now, told := was.Taking(f)
		if b.cameras[f.Camera] = now; told {
			turns = append(turns, camera.Turn{Camera: f.Camera, Number: 7, Name: "Gate", Was: was, Now: now})
		}
	}
	return turns, nil
}

func (b *book) ClaimChecks(_ context.Context, since time.Duration, limit int) (due []camera.ID, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, s := range b.cameras {
		if len(due) < limit && time.Since(s.CheckedAt) >= since {
			s.CheckedAt = time.Now()
			b.cameras[id] = s
			due = append(due, id)
		}
	}
	return due, b.fails
}

func (b *book) CountSwept(context.Context) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.cameras), nil
}

func (b *book) Lapse(context.Context, time.Duration) error { return nil }

func (b *book) count(state camera.State) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.cameras {
		if s.State == state {
			n++
		}
	}
	return n
}

func (b *book) standing(id camera.ID) camera.Standing {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cameras[id]
}

func (b *book) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fails = err
}

// network is cameras that answer as a test says, after a while.
type network struct {
	mu     sync.Mutex
	after  time.Duration
	answer func(id camera.ID) error
	lives  map[camera.ID]relay.State
	asked  map[camera.ID]int
	now    int // being asked
	most   int
	every  time.Duration
}

func newNetwork() *network {
	return &network{lives: map[camera.ID]relay.State{}, asked: map[camera.ID]int{}, every: DefaultEvery, answer: func(camera.ID) error { return nil }}
}

func (n *network) State(key relay.Key) (relay.State, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s, ok := n.lives[key.Camera]
	return s, ok
}

func (n *network) Reach(ctx context.Context, key relay.Key) error {
	n.mu.Lock()
	n.asked[key.Camera]++
	n.now++
	n.most = max(n.most, n.now)
	n.mu.Unlock()
	defer n.change(func() { n.now-- })
	if !pause(ctx, n.after) {
		return ctx.Err()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.answer(key.Camera)
}

func (n *network) SweepEvery(context.Context) (time.Duration, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.every, nil
}

func (n *network) change(fn func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	fn()
}

func (n *network) questions() (sum int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, times := range n.asked {
		sum += times
	}
	return sum
}

// journal keeps events.
type journal struct {
	mu   sync.Mutex
	kept []events.Event
}

func (j *journal) Record(e events.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.kept = append(j.kept, e)
}

// take gives what was told since the last take, each in a few words.
func (j *journal) take() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var words []string
	for _, e := range j.kept {
		word := strings.TrimPrefix(e.Note, "main ")
		if e.Code != "" {
			word += " " + e.Code
		}
		if e.Times > 1 {
			word += fmt.Sprint(" ×", e.Times)
		}
		if e.Lasted > 0 {
			word += fmt.Sprint(" after ", e.Lasted)
		}
		words = append(words, word)
		if e.Kind != events.CameraState || e.Camera != (events.Subject{ID: e.Camera.ID, Number: 7, Name: "Gate"}) {
			words = append(words, fmt.Sprintf("which is wrong: %+v", e))
		}
	}
	j.kept = nil
	return strings.Join(words, ", ")
}

type rig struct {
	*States
	book    *book
	network *network
	journal *journal
	log     *bytes.Buffer
}

// start runs States, and so many sweeps beside it, in a bubble of time.
func start(t *testing.T, cameras, sweeps int) *rig {
	t.Helper()
	r := &rig{book: newBook(cameras), network: newNetwork(), journal: &journal{}, log: &bytes.Buffer{}}
	logger := slog.New(slog.NewTextHandler(r.log, nil))
	var err error
	r.States, err = NewStates(StatesOptions{Records: r.book, Events: r.journal, Logger: logger, Lives: r.network.State})
	if err != nil {
		t.Fatal(err)
	}
	run := func(part func(context.Context) error) {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- part(ctx) }()
		t.Cleanup(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	run(r.Run)
	for range sweeps {
		s, err := NewSweep(SweepOptions{Records: r.book, Streams: r.network, Settings: r.network, Found: r.Found, Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		run(s.Run)
	}
	return r
}

// pass lets time pass, and what is due in it happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// stream says what a stream does now.
func (r *rig) stream(id camera.ID, status relay.Status, code string) {
	state := relay.State{Status: status, Code: code, Since: time.Now()}
	r.network.change(func() { r.network.lives[id] = state })
	r.Changed(relay.Key{Camera: id, Kind: camera.Main}, state)
	pass(2 * gatherFor)
}

func (r *rig) close(id camera.ID) {
	r.network.change(func() { delete(r.network.lives, id) })
	r.Closed(relay.Key{Camera: id, Kind: camera.Main})
	pass(2 * gatherFor)
}

func TestBlackHoledNetworkIsKnownWithinThePeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const cameras = 500
		r := start(t, cameras, 2) // two gateways
		r.network.change(func() {
			r.network.after = 8 * time.Second
			r.network.answer = func(camera.ID) error { return &relay.Refusal{Status: relay.Connecting, Code: relay.CodeTimeout} }
		})
		pass(DefaultEvery)
		if got := r.book.count(camera.StateRefused); got != cameras {
			t.Errorf("%d of %d cameras are known to be gone", got, cameras)
		}
		if got := r.network.questions(); got != 2*cameras {
			t.Errorf("%d questions for %d cameras: each is asked once, and once more", got, cameras)
		}
		r.network.change(func() {
			if r.network.most > atOnce || r.network.most < 2 {
				t.Errorf("%d were asked at once", r.network.most)
			}
		})
		if told := strings.Count(r.journal.take(), "refused camera.timeout"); told != cameras {
			t.Errorf("%d events", told)
		}
		// An hour of the same is no news.
		pass(time.Hour)
		if news := r.journal.take(); news != "" {
			t.Errorf("told again: %s", news)
		}
		if got := r.network.questions(); got < 2*cameras*11 || got > 2*cameras*14 {
			t.Errorf("%d questions in 13 periods", got)
		}
		r.network.change(func() { r.network.answer = func(camera.ID) error { return nil } })
		pass(2 * DefaultEvery)
		if got := r.book.count(camera.StateReachable); got != cameras {
			t.Errorf("%d of %d cameras are known to be back", got, cameras)
		}
	})
}

func TestSweepLeavesOutWhatIsWatchedAndMayBeSwitchedOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, 3, 0)
		r.stream("c001", relay.Live, "")
		s, err := NewSweep(SweepOptions{Records: r.book, Streams: r.network, Settings: r.network, Found: r.Found, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		pass(time.Hour)
		r.network.change(func() {
			if r.network.asked["c001"] != 0 || r.network.asked["c000"] < 10 {
				t.Errorf("asked: %v", r.network.asked)
			}
		})
		if got := r.book.count(camera.StateLive); got != 1 {
			t.Errorf("%d live", got)
		}
		if got := s.Stats(); got.Asked < 20 || got.Failed != 0 || got.Asking != 0 {
			t.Errorf("%+v", got)
		}
		r.network.change(func() { r.network.every = 0 })
		pass(settingsFor * 2)
		before := r.network.questions()
		pass(time.Hour)
		if got := r.network.questions(); got != before {
			t.Errorf("%d questions while switched off", got-before)
		}
		r.network.change(func() { r.network.every = time.Minute })
		pass(settingsFor * 2)
		if got := r.network.questions(); got == before {
			t.Error("not switched on again")
		}
		// Records that fail are told of once, and overcome.
		r.book.fail(errors.New("no space left"))
		pass(10 * time.Minute)
		r.book.fail(nil)
		before = r.network.questions()
		pass(2 * time.Minute)
		if r.network.questions() == before {
			t.Error("not taken up again")
		}
		// Its end waits for nobody.
		r.network.change(func() { r.network.after = time.Hour })
		pass(2 * time.Minute)
		began := time.Now()
		cancel()
		if err := <-done; err != nil || time.Since(began) > time.Second {
			t.Errorf("it ended with %v after %v", err, time.Since(began))
		}
	})
}

func TestOneLostAnswerIsNoNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, 1, 1)
		first := true
		r.network.change(func() {
			r.network.answer = func(camera.ID) error {
				if first = !first; !first {
					return &relay.Refusal{Status: relay.Connecting, Code: relay.CodeLost}
				}
				return nil
			}
		})
		pass(time.Hour)
		if got := r.journal.take(); got != "reachable" {
			t.Errorf("told: %s", got)
		}
		// What does not concern the camera is none either.
		r.network.change(func() {
			r.network.answer = func(camera.ID) error { return &relay.Refusal{Status: relay.Connecting, Code: relay.CodeRecords} }
		})
		pass(time.Hour)
		if got := r.journal.take(); got != "" {
			t.Errorf("told: %s", got)
		}
	})
}

func TestFlappingIsOneEventWithACount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, 1, 0)
		told := func(want string) {
			t.Helper()
			if got := r.journal.take(); got != want {
				t.Errorf("told %q, want %q", got, want)
			}
		}
		r.stream("c000", relay.Connecting, "")
		told("")
		r.stream("c000", relay.Live, "")
		told("live")
		pass(time.Hour)
		r.stream("c000", relay.Stalled, "")
		told("stalled after 1h0m0.2s")
		r.stream("c000", relay.Live, "")
		told("") // comes with the count
		for range 10 {
			r.stream("c000", relay.Connecting, relay.CodeLost)
			r.stream("c000", relay.Live, "")
		}
		pass(firstWindow)
		told("live ×21 after 4s")
		pass(time.Hour)
		told("")
		r.stream("c000", relay.Connecting, relay.CodeTimeout)
		told("refused camera.timeout after 1h0m30.2s")
		// Who opens and closes it tells nothing new.
		r.close("c000")
		if got := r.book.standing("c000"); got.State != camera.StateRefused || got.Code != relay.CodeTimeout {
			t.Errorf("%+v", got)
		}
		told("")
		// Flapping for hours: a few events.
		for range 1000 {
			r.stream("c000", relay.Live, "")
			pass(5 * time.Second)
			r.stream("c000", relay.Connecting, relay.CodeLost)
			pass(5 * time.Second)
		}
		if got := strings.Count(r.journal.take(), "×"); got < 5 || got > 30 {
			t.Errorf("%d events in three hours of flapping", got)
		}
	})
}

func TestStatesHoldWhatLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, 2, 0)
		is := func(want camera.State) {
			t.Helper()
			if got := r.book.standing("c000").State; got != want {
				t.Errorf("it is %s, want %s", got, want)
			}
		}
		r.stream("c000", relay.Live, "")
		pass(10 * time.Minute)
		if s := r.book.standing("c000"); time.Since(s.CheckedAt) > camera.HoldLives/2 || time.Since(s.SeenAt) > camera.HoldLives/2 {
			t.Errorf("nobody has said since %v that it lives", s.CheckedAt)
		}
		// The end of an old stream, told after the beginning of the new one.
		r.Closed(relay.Key{Camera: "c000", Kind: camera.Main})
		pass(time.Second)
		is(camera.StateLive)
		// The sub stream says nothing of the camera.
		r.Changed(relay.Key{Camera: "c000", Kind: camera.Sub}, relay.State{Status: relay.Refused, Code: relay.CodeNoStream})
		r.Closed(relay.Key{Camera: "c000", Kind: camera.Sub})
		pass(time.Second)
		is(camera.StateLive)
		// What happens while the records fail is kept when they work again, in its order.
		r.book.fail(errors.New("no space left"))
		r.stream("c000", relay.Stalled, "")
		pass(time.Minute)
		r.stream("c000", relay.Refused, relay.CodeCredentials)
		is(camera.StateLive)
		r.book.fail(nil)
		pass(retryRecords * 3)
		is(camera.StateRefused)
		if text := r.log.String(); strings.Count(text, "can't be kept") != 1 || !strings.Contains(text, "work again") {
			t.Errorf("the log says %s", text)
		}
		r.stream("c000", relay.Live, "")
		r.close("c000")
		is(camera.StateReachable)
	})
}

func TestOptionsAreComplete(t *testing.T) {
	b, n, j, log := newBook(0), newNetwork(), &journal{}, slog.New(slog.DiscardHandler)
	var faults []string
	for _, o := range []StatesOptions{
		{}, {Records: b}, {Records: b, Events: j}, {Records: b, Events: j, Logger: log},
	} {
		_, err := NewStates(o)
		faults = append(faults, fmt.Sprint(err))
	}
	found := func(camera.Sighting) {}
	for _, o := range []SweepOptions{
		{}, {Records: b}, {Records: b, Streams: n}, {Records: b, Streams: n, Settings: n}, {Records: b, Streams: n, Settings: n, Found: found},
	} {
		_, err := NewSweep(o)
		faults = append(faults, fmt.Sprint(err))
	}
	if slices.Contains(faults, "<nil>") || len(slices.Compact(faults)) != 9 {
		t.Errorf("%q", faults)
	}
}
