package viewers

import (
	"context"
	"sync"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// View is one tile or player showing one camera. Its transport renews it while somebody watches and ends when Done closes. It is safe for
// concurrent use.
type View struct {
	viewers *Viewers
	entry   Entry
	camera  camera.Camera
	user    auth.User
	lease   time.Duration
	begunAt time.Time // when this opening began, by this process's clock
	done    chan struct{}

	mu       sync.Mutex // guards what follows
	deadline time.Time  // when the lease lapses
	parting  bool       // Linger was called: Renew has no effect any more
	end      End        // set once, before done closes
	ended    bool
}

// ID gives the id that the page made.
func (w *View) ID() ViewID { return w.entry.View }

// User gives the user as he was at the opening.
func (w *View) User() auth.User { return w.user }

// Camera gives the camera as it was at the opening.
func (w *View) Camera() camera.Camera { return w.camera }

// Transport gives what carries the view.
func (w *View) Transport() Transport { return w.entry.Transport }

// OpenedAt gives the opening time that orders the user's views; older than this View if the same camera was reopened in it.
func (w *View) OpenedAt() time.Time { return w.entry.OpenedAt }

// Generation tells this opening from others of the same view id; later ones are higher.
func (w *View) Generation() int64 { return w.entry.Generation }

// Done is closed when the view has ended, for whatever reason.
func (w *View) Done() <-chan struct{} { return w.done }

// End gives the reason; the zero End while the view lives.
func (w *View) End() End {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.end.clone()
}

// Renew says that somebody is watching: the view lives for another lease. It does no I/O and may be called for every request.
func (w *View) Renew() {
	deadline := w.viewers.now().Add(w.lease)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.parting && deadline.After(w.deadline) {
		w.deadline = deadline
	}
}

// Linger lets the view lapse in d at the latest, keeping its place until then: the transport is gone, and the page may come back
// with the same id. Later Renews have no effect.
func (w *View) Linger(d time.Duration) {
	deadline := w.viewers.now().Add(d)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.parting = true
	if deadline.Before(w.deadline) {
		w.deadline = deadline
	}
}

// Close ends the view with one of the codes and gives its place back, which takes a moment where the Tracker is another machine. Only the
// first end of a view counts.
func (w *View) Close(code string) { w.close(End{Code: code}) }

func (w *View) close(end End) {
	if !w.viewers.finish(w, end) {
		return
	}
	if end.Code == CodeStopping { // the place waits for the page at another node, or here again, until the lease lapses
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), releaseTimeout)
	defer cancel()
	w.viewers.tell("giving a place back", w.viewers.tracker.Release(ctx, w.entry.Seat))
}

// left gives how long the lease still lasts; negative when it has lapsed.
func (w *View) left(now time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deadline.Sub(now)
}
