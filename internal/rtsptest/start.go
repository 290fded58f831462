package rtsptest

import (
	"context"
	"log/slog"
	"testing"
	"time"
)

// Start gives a test a camera that listens on loopback: its clip taken from the cache or encoded, closed and waited for
// by tb.Cleanup. Options may be changed before it is made.
func Start(tb testing.TB, s Spec, opts ...func(*Options)) *Camera {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	clip, err := Prepare(ctx, CacheDir(), s)
	if err != nil {
		cancel()
		tb.Fatal(err)
	}
	o := Options{Clip: clip, Logger: slog.New(slog.DiscardHandler)}
	for _, change := range opts {
		change(&o)
	}
	c, err := NewCamera(o)
	if err != nil {
		cancel()
		tb.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	select {
	case <-c.Ready():
	case err := <-ended:
		cancel()
		tb.Fatal(err)
	case <-time.After(10 * time.Second):
		cancel()
		tb.Fatal("the camera does not listen")
	}
	tb.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Error(err)
		}
	})
	return c
}
