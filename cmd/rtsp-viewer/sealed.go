package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// sealedRecords are records whose sealed columns a command must open: it needs the gateway's encryption keys too.
type sealedRecords struct {
	records
	EncryptionKeys string `placeholder:"ID:BASE64,…" help:"The gateway's encryption keys; empty: from the data folder." secret:""`
}

// keyring gives the keys that the gateway has. It makes none.
func (r sealedRecords) keyring() (*camera.Keyring, error) {
	text := r.EncryptionKeys
	if text == "" {
		file, err := os.ReadFile(filepath.Join(r.DataDir, encryptionKeysFile))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no %s in %s, and %sENCRYPTION_KEYS is not set: name the gateway's data folder, or give its keys",
				encryptionKeysFile, r.DataDir, envPrefix)
		}
		if err != nil {
			return nil, fmt.Errorf("read the encryption keys: %w", err)
		}
		text = strings.TrimSpace(string(file))
	}
	ring, err := camera.ParseKeyring(text)
	if err != nil {
		return nil, fmt.Errorf("read the encryption keys: %w", err)
	}
	return ring, nil
}

// cameras opens the database and its cameras, and makes sure that the keys are those that it is sealed with. The caller closes the database.
func (r sealedRecords) cameras(ctx context.Context, con console) (*store.DB, *camera.Service, error) {
	ring, err := r.keyring()
	if err != nil {
		return nil, nil, err
	}
	db, _, err := r.open(ctx, con)
	if err != nil {
		return nil, nil, err
	}
	log := slog.New(slog.NewTextHandler(con.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	cameras, err := camera.New(camera.Options{Store: db, Keys: ring, Logger: log})
	if err == nil {
		err = cameras.CheckSentinel(ctx)
	}
	if err != nil {
		db.Close() //nolint:errcheck // the first error counts
		return nil, nil, err
	}
	return db, cameras, nil
}
