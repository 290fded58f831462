package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// engines are those that records are kept by.
var engines = []string{"sqlite", "postgres"}

// onRecords does something on an empty database of its own: PostgreSQL on a server of its own that syncs nothing. It writes into nobody's data.
func onRecords(ctx context.Context, engine string, do func(db *store.DB, cameras *camera.Service) error) error {
	dir, err := os.MkdirTemp("", "bench-records-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	o := store.Options{Dir: dir, Logger: slog.New(slog.DiscardHandler)}
	if engine == "postgres" {
		server, err := pgtest.Start()
		if err != nil {
			return err
		}
		defer server.Stop()
		o.URL = server.Address()
	}
	db, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	defer db.Close()
	key, err := camera.NewKey()
	if err != nil {
		return err
	}
	keys, err := camera.NewKeyring(key)
	if err != nil {
		return err
	}
	cameras, err := camera.New(camera.Options{Store: db, Keys: keys, Logger: o.Logger})
	if err != nil {
		return err
	}
	return do(db, cameras)
}
