package relay

// Bounds of the keyframes kept of closed streams.
const (
	maxKeyframes     = 1000
	maxKeyframeBytes = 64 << 20
)

// keyframes are the last ones of streams that closed, the oldest first to go.
type keyframes struct {
	byKey map[Key]Keyframe
	order []Key // as they closed, the oldest first
	bytes int
}

func (k *keyframes) keep(key Key, frame Keyframe) {
	k.drop(key)
	if k.byKey == nil {
		k.byKey = map[Key]Keyframe{}
	}
	k.byKey[key] = frame
	k.order = append(k.order, key)
	k.bytes += frame.size()
	for len(k.order) > maxKeyframes || k.bytes > maxKeyframeBytes {
		k.drop(k.order[0])
	}
}

func (k *keyframes) drop(key Key) {
	old, ok := k.byKey[key]
	if !ok {
		return
	}
	delete(k.byKey, key)
	k.bytes -= old.size()
	for i, o := range k.order {
		if o == key {
			k.order = append(k.order[:i], k.order[i+1:]...)
			break
		}
	}
}

func (k *keyframes) get(key Key) (Keyframe, bool) {
	f, ok := k.byKey[key]
	return f, ok
}

func (k Keyframe) size() int {
	n := 0
	for _, p := range k.Packets {
		n += len(p.Payload)
	}
	return n
}

// AnnexB gives the picture with its parameter sets as a byte stream with start codes, as decoders read it from a file.
func (k Keyframe) AnnexB() []byte { return annexB(k.Packets) }
