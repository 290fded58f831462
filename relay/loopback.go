package relay

type loopback struct{ off bool }

func newLoopback(*Relay) *loopback          { return &loopback{} }
func (l *loopback) start() error            { return nil }
func (l *loopback) stop()                   {}
func (l *loopback) clients() int            { return 0 }
func (l *loopback) url(Key) (string, error) { return "", ErrStopped }
