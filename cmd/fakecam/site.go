package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// site is all cameras of this process. The cameras are set once, before serving.
type site struct {
	log     *slog.Logger
	cameras atomic.Pointer[[]installed] // nil until all serve
}

// installed is a camera and what it was made from.
type installed struct {
	model
	camera *rtsptest.Camera
}

// play prepares the clips, runs the cameras and the control interface, and returns when ctx ends or something fails.
func play(ctx context.Context, f flags, stdout, stderr io.Writer) error {
	if f.Manifest != "" {
		if err := removeManifest(f.Manifest); err != nil {
			return err
		}
	}
	s := &site{log: f.logger(stderr)}
	l, err := net.Listen("tcp", f.HTTP)
	if err != nil {
		return fmt.Errorf("open the control interface: %w", err)
	}

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return serve(ctx, l, s.handler()) })
	group.Go(func() error {
		installs, err := s.install(ctx, f, stderr)
		if err != nil {
			return err
		}
		for _, i := range installs {
			group.Go(func() error {
				if err := i.camera.Run(ctx); err != nil {
					return fmt.Errorf("camera %d: %w", i.number, err)
				}
				return nil
			})
		}
		for _, i := range installs {
			select {
			case <-i.camera.Ready():
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		s.cameras.Store(&installs)
		m := s.manifest("http://" + l.Addr().String())
		if f.Manifest != "" {
			if err := m.write(f.Manifest); err != nil {
				return err
			}
		}
		s.log.Info("all cameras serve", "cameras", len(installs), "control", m.Control)
		return m.print(stdout)
	})
	return group.Wait()
}

// install loads or encodes every clip once and makes the cameras.
func (s *site) install(ctx context.Context, f flags, stderr io.Writer) ([]installed, error) {
	models := f.models()
	clips := make(map[rtsptest.Spec]*rtsptest.Clip)
	installs := make([]installed, 0, len(models))
	for i, m := range models {
		clip := clips[m.spec]
		if clip == nil {
			if !rtsptest.Cached(f.Clips, m.spec) {
				fmt.Fprintf(stderr, "fakecam: drawing and encoding %q, once (%d of %d)\n", m.spec.Name, i+1, len(models))
			}
			var err error
			if clip, err = rtsptest.Prepare(ctx, f.Clips, m.spec); err != nil {
				return nil, err
			}
			clips[m.spec] = clip
		}
		port := "0"
		if f.PortBase != 0 {
			port = strconv.Itoa(f.PortBase + i)
		}
		camera, err := rtsptest.NewCamera(rtsptest.Options{
			Clip: clip, Listen: net.JoinHostPort(f.Listen, port), Logger: s.log.With("camera", m.number),
			Username: m.username, Password: m.password, AuthMethod: m.method,
		})
		if err != nil {
			return nil, fmt.Errorf("camera %d: %w", m.number, err)
		}
		installs = append(installs, installed{m, camera})
	}
	return installs, nil
}

// serve answers HTTP until ctx ends.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(grace) != nil {
			_ = server.Close()
		}
	}()
	err := server.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		<-stopped
		return nil
	}
	return fmt.Errorf("serve the control interface: %w", err)
}
