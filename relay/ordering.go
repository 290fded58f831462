package relay

// ordering tells whether pictures come in another order than they are to be shown (B-frames), which WebRTC can't carry: it has no
// decoding timestamp. An SPS that merely permits it proves nothing, since encoders announce more than they use.
type ordering struct {
	rule  reorderRule
	seen  bool
	begun bool
	last  uint32 // timestamp of the last picture
	count int    // pictures watched
}

// suspicious is how many pictures without reordering clear an SPS that announces it.
const suspicious = 8

// suspect reports whether the SPS announces reordering and it is too early to say that it does not happen.
func (o *ordering) suspect() bool {
	return o.rule == reorderAnnounced && !o.seen && o.count < suspicious
}

// see watches a picture; it reports whether a small step back of its timestamp is the order of pictures and no jump of the clock:
// what is shown before a picture that came earlier is bi-predictive.
func (o *ordering) see(u accessUnit) (inOrder bool) {
	step := int32(u.timestamp - o.last)
	back := o.begun && step < 0 && step > -90000
	o.begun, o.last = true, u.timestamp
	o.count = min(o.count+1, suspicious)
	if o.rule == reorderNever || !u.b {
		return false
	}
	o.seen = o.seen || back || o.rule == reorderAnnounced
	return back
}
