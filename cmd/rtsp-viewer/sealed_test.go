package main

import (
	"os"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// opened opens a gateway's records as commands do, beside it.
func (g *gateway) opened(where []string) (*store.DB, *camera.Service) {
	g.t.Helper()
	return openedAt(g.t, where)
}

func openedAt(t *testing.T, where []string) (*store.DB, *camera.Service) {
	t.Helper()
	r := sealedRecords{}
	for i := 0; i < len(where); i += 2 {
		switch where[i] {
		case "--data-dir":
			r.DataDir = where[i+1]
		case "--database-url":
			r.DatabaseURL = where[i+1]
		}
	}
	db, cameras, err := r.cameras(t.Context(), console{err: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	return db, cameras
}
