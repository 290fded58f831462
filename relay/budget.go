package relay

import "sync/atomic"

// budget bounds what the rings of all streams hold together. It is counted with atomics, so that no stream waits for another.
type budget struct {
	limit   int64
	used    atomic.Int64
	streams atomic.Int64
}

// share is what one stream may hold while all are over the limit.
func (b *budget) share() int64 { return b.limit / max(b.streams.Load(), 1) }

// over reports whether the streams hold too much together.
func (b *budget) over() bool { return b.used.Load() > b.limit }
