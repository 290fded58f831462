package signaling

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

// TestManyScreensOfOneUserAtOnce has screens click, restore, close and replace at random. Whatever they do: every watch is answered
// once, there are never more views than the limit, and in the end what screens, gateway and tracker believe is the same.
func TestManyScreensOfOneUserAtOnce(t *testing.T) {
	r := newRig(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	done := make(chan struct{})
	var peers sync.WaitGroup
	peers.Go(func() { // some peers connect, some fail
		rnd := rand.New(rand.NewPCG(seed, 0))
		for {
			select {
			case p := <-r.peers.opened:
				state := Connected
				if rnd.IntN(10) == 0 {
					state = Failed
				}
				p.becomes(func(s *Snapshot) { s.Connection, s.Status = state, "live" })
			case <-done:
				return
			}
		}
	})
	var most atomic.Int64
	peers.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				most.Store(max(most.Load(), int64(len(r.watching("u")))))
			}
		}
	})

	const screens, acts = 5, 150
	var all sync.WaitGroup
	var open sync.Map // view → generation, as the screens believe
	for n := range screens {
		p := r.page("u")
		all.Go(func() {
			rnd := rand.New(rand.NewPCG(seed, uint64(n+1)))
			asked, answered := 0, 0
			generation := map[string]float64{}
			take := func(m map[string]any) {
				view, _ := m["view"].(string)
				switch m["type"] {
				case "answer":
					answered++
					if g := m["generation"].(float64); g <= generation[view] {
						t.Errorf("%s: generation %v after %v", view, g, generation[view])
					} else {
						generation[view] = g
						open.Store(view, g)
					}
				case "error":
					answered++
					switch code := m["code"]; code {
					case viewers.ErrLimit.Code:
					case viewers.CodeEvicted, viewers.CodeClosed:
						open.Delete(view) // in the very moment of its opening: nothing stands
					default:
						t.Errorf("%s: error %v", view, m)
					}
				case "end":
					if m["generation"] == generation[view] {
						open.Delete(view)
					}
				}
			}
			for range acts {
				view := fmt.Sprintf("screen%d-%d", n, rnd.IntN(3))
				switch rnd.IntN(4) {
				case 0:
					if p.conn.WriteJSON(ClientMessage{Type: "close", View: view}) != nil {
						t.Error("the socket is closed")
					}
				default:
					m := ClientMessage{Type: "watch", View: view, Camera: fmt.Sprintf("c%d", rnd.IntN(4)), Offer: "v=0", Admit: "if_free"}
					if rnd.IntN(2) == 0 {
						m.Admit = "evict_oldest"
					}
					if rnd.IntN(5) == 0 {
						m.Replaces = fmt.Sprintf("screen%d-%d", rnd.IntN(screens), rnd.IntN(3))
					}
					asked++
					if p.conn.WriteJSON(m) != nil {
						t.Error("the socket is closed")
					}
				}
				for asked-answered > 20 { // ahead, but not by more than a gateway lets a page be
					select {
					case m := <-p.in:
						take(m)
					case <-p.closed:
						t.Errorf("screen %d: the socket is closed: %v", n, p.err)
						return
					}
				}
			}
			late := time.After(patience)
			for answered < asked {
				select {
				case m := <-p.in:
					take(m)
				case <-late:
					t.Errorf("screen %d: %d watches, %d answers", n, asked, answered)
					return
				}
			}
			// Ends that come later are read until all is quiet.
			quiet := time.NewTimer(time.Second)
			defer quiet.Stop()
			for {
				select {
				case m := <-p.in:
					take(m)
					quiet.Reset(time.Second)
				case <-quiet.C:
					return
				}
			}
		})
	}
	all.Wait()
	close(done)
	peers.Wait()
	if n := most.Load(); n > 4 || n < 2 {
		t.Errorf("%d views at once", n)
	}
	believed := 0
	open.Range(func(view, _ any) bool {
		believed++
		return true
	})
	if watching, tiles := len(r.watching("u")), r.s.Stats().Views; believed != watching || tiles != watching {
		t.Errorf("screens believe in %d views, the gateway in %d, the tracker in %d", believed, tiles, watching)
	}
}
