package signaling

import "context"

// switchTo gives the view another camera, in the place and over the connection that it has: no new peer, no negotiation. Rights and the limit
// are judged as for any opening; what is refused leaves the former camera playing.
func (t *tile) switchTo(m ClientMessage) {
	s := t.ses.s
	if t.peer == nil || t.dead() {
		t.ses.refuse(t.view, errNoView)
		return
	}
	r, stream, ok := t.asked(m)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(s.life, openWithin)
	defer cancel()
	view, err := s.viewers.Open(ctx, r)
	if err != nil {
		t.ses.refuse(t.view, err)
		return
	}
	// The former view has ended by this opening, and its peer goes on for the new one.
	select {
	case <-view.Done():
		t.drop()
		t.ses.refuse(t.view, endFault(view.End()))
		return
	default:
	}
	if err := t.peer.Switch(view.Camera().ID, stream); err != nil {
		view.Linger(keepPlace) // the page opens it anew in the same place
		t.drop()
		t.ses.refuse(t.view, err)
		return
	}
	t.open, t.stream = view, stream
	t.show(ViewState{View: t.view, Camera: string(view.Camera().ID), Generation: view.Generation()})
	t.ses.send(SwitchedMessage{
		Type: "switched", View: t.view, Generation: view.Generation(), Camera: string(view.Camera().ID), OpenedAt: view.OpenedAt().UTC(),
	})
	t.told = StateMessage{}
	t.tellState()
}
