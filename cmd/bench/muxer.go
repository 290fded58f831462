package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// muxer is what people have without this program: FFmpeg's own HLS muxer, one process per camera, writing into a folder that a web server
// serves. It stands in the same run, before the same cameras.
type muxer struct {
	sources []source
	dir     string
	server  *http.Server
	url     string

	mu      sync.Mutex
	running map[string]*child // by the camera's number
}

// muxerReady bounds how long FFmpeg may take until it has a list.
const muxerReady = 30 * time.Second

func newMuxer(sources []source) (*muxer, error) {
	dir, err := os.MkdirTemp("", "rtsp-viewer-bench-muxer-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the muxer: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the muxer: %w", err)
	}
	m := &muxer{sources: sources, dir: dir, url: "http://" + listener.Addr().String(), running: make(map[string]*child)}
	routes := http.NewServeMux()
	routes.HandleFunc("POST /open/{camera}", m.open)
	routes.HandleFunc("OPTIONS /close/{camera}", func(http.ResponseWriter, *http.Request) {})
	routes.HandleFunc("DELETE /close/{camera}", func(_ http.ResponseWriter, r *http.Request) { m.end(r.PathValue("camera")) })
	routes.Handle("GET /", http.FileServer(http.Dir(dir)))
	m.server = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*") // the page is the gateway's
		w.Header().Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
		w.Header().Set("Cache-Control", "no-store")
		routes.ServeHTTP(w, r)
	})}
	go func() { _ = m.server.Serve(listener) }() // ends with close
	return m, nil
}

// close ends all that runs and removes what was written.
func (m *muxer) close() {
	_ = m.server.Close()
	for i := range m.sources {
		m.end(strconv.Itoa(i))
	}
	_ = os.RemoveAll(m.dir)
}

// open answers with a camera's list as soon as there is one. FFmpeg is started unless it runs.
func (m *muxer) open(w http.ResponseWriter, r *http.Request) {
	camera := r.PathValue("camera")
	if err := m.start(camera); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if err := m.await(r.Context(), camera); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"view": camera, "playlist": m.url + "/" + camera + "/" + muxerList})
}

const muxerList = "index.m3u8"

func (m *muxer) start(camera string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, err := strconv.Atoi(camera)
	if err != nil || i < 0 || i >= len(m.sources) {
		return fmt.Errorf("there is no camera %q", camera)
	}
	if m.running[camera] != nil {
		return nil
	}
	folder := filepath.Join(m.dir, camera)
	if err := os.Mkdir(folder, 0o700); err != nil {
		return fmt.Errorf("make a folder for FFmpeg: %w", err)
	}
	c, err := order{name: "FFmpeg", path: "ffmpeg", args: []string{
		"-hide_banner", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", m.sources[i].Address,
		"-map", "0:v:0", "-c:v", "copy", "-map", "0:a:0?", "-c:a", "aac", "-b:a", "48k",
		"-f", "hls", "-hls_time", "1", "-hls_list_size", strconv.Itoa(muxerListed), "-hls_flags", "delete_segments+independent_segments",
		filepath.Join(folder, muxerList),
	}}.start()
	if err == nil {
		m.running[camera] = c
	}
	return err
}

// muxerListed is how many segments FFmpeg's list has.
const muxerListed = 6

func (m *muxer) await(ctx context.Context, camera string) error {
	late := time.NewTimer(muxerReady)
	defer late.Stop()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		if _, err := os.Stat(filepath.Join(m.dir, camera, muxerList)); err == nil {
			return nil
		}
		select {
		case <-look.C:
		case <-late.C:
			return fmt.Errorf("FFmpeg has no list after %v", muxerReady)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (m *muxer) end(camera string) {
	m.mu.Lock()
	c := m.running[camera]
	delete(m.running, camera)
	m.mu.Unlock()
	if c != nil {
		c.end()
		_ = os.RemoveAll(filepath.Join(m.dir, camera))
	}
}
