package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"
)

// listen opens a TCP port, or says in a sentence who can't have it.
func listen(address, flag string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("the address %s is taken by another program; end it, or choose another address with --%s or %s", address, flag, envName(flag))
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("the address %s needs rights that this user lacks; choose a port from 1024 up with --%s or %s", address, flag, envName(flag))
	case err != nil:
		return nil, fmt.Errorf("listen on %s (--%s, %s): %w", address, flag, envName(flag), err)
	}
	return l, nil
}

// httpServer is one listener's server as a part.
type httpServer struct {
	*http.Server
	listener net.Listener
}

func (a *App) server(listener net.Listener, handler http.Handler) httpServer {
	return httpServer{listener: listener, Server: &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(a.log.With("component", "http").Handler(), slog.LevelDebug),
	}}
}

// run serves until ctx ends. Requests under way have a second to finish, then their contexts end, so that no long answer (a stream of
// events, a player waiting for its camera) holds the gateway up.
func (s httpServer) run(ctx context.Context) error {
	base, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.BaseContext = func(net.Listener) context.Context { return base }
	served := make(chan error, 1)
	go func() {
		if s.TLSConfig != nil {
			served <- s.ServeTLS(s.listener, "", "")
		} else {
			served <- s.Serve(s.listener)
		}
	}()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace := time.AfterFunc(time.Second, cancel)
	defer grace.Stop()
	bound, done := context.WithTimeout(context.Background(), 3*time.Second)
	defer done()
	if err := s.Shutdown(bound); err != nil {
		_ = s.Close()
	}
	<-served // ErrServerClosed
	return nil
}
