package checks

import (
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
)

// Windows within which the turns of one camera become one event.
const (
	firstWindow = 30 * time.Second
	lastWindow  = 10 * time.Minute // after doubling for as long as the camera flaps
)

// periods turns the turns of cameras' health into events, one for each period. The first turn after a quiet time is told at once; those
// that follow within the window are told as one when it is over, with their count, and the window doubles. States.Run owns it.
type periods struct {
	events  Recorder
	cameras map[camera.ID]*period
}

// period is a camera that has turned lately.
type period struct {
	told    time.Time // when the last event was told
	window  time.Duration
	pending []camera.Turn // the first and the last of those that were not told yet
	times   int           // how many
}

func newPeriods(to Recorder) periods {
	return periods{events: to, cameras: map[camera.ID]*period{}}
}

// turn takes a turn.
func (p periods) turn(t camera.Turn, now time.Time) {
	c := p.cameras[t.Camera]
	if c == nil {
		p.cameras[t.Camera] = &period{told: now, window: firstWindow}
		p.tell(t, t, 1)
		return
	}
	if c.times++; len(c.pending) < 2 {
		c.pending = append(c.pending, t)
	} else {
		c.pending[1] = t
	}
}

// flush tells what is due, and forgets cameras that are quiet.
func (p periods) flush(now time.Time) {
	for id, c := range p.cameras {
		switch quiet := now.Sub(c.told); {
		case quiet < c.window:
		case c.times > 0:
			p.tellPending(c)
			c.told, c.window = now, min(2*c.window, lastWindow)
		default:
			delete(p.cameras, id)
		}
	}
}

// end tells all that is left.
func (p periods) end(now time.Time) {
	for _, c := range p.cameras {
		if c.times > 0 {
			p.tellPending(c)
		}
	}
	clear(p.cameras)
}

func (p periods) tellPending(c *period) {
	p.tell(c.pending[0], c.pending[len(c.pending)-1], c.times)
	c.pending, c.times = nil, 0
}

// tell writes the event of turns from the first to the last. Lasted is how long the health before them lasted; of several, how long
// they took.
func (p periods) tell(first, last camera.Turn, times int) {
	state := last.Now.State
	if state == camera.StateConnecting && last.Now.Code != "" {
		state = camera.StateRefused // somebody goes on trying, which is no news
	}
	e := events.Event{
		At: last.Now.ToldAt.UTC(), Kind: events.CameraState, Code: last.Now.Code, Times: times,
		Camera: events.Subject{ID: string(last.Camera), Number: last.Number, Name: last.Name}, Note: "main " + string(state),
	}
	switch {
	case times > 1:
		e.Lasted = max(0, last.Now.ToldAt.Sub(first.Now.ToldAt))
	case !first.Was.ToldAt.IsZero():
		e.Lasted = max(0, first.Now.ToldAt.Sub(first.Was.ToldAt))
	}
	p.events.Record(e)
}
