package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// manifest is how others find the cameras. It holds their passwords, which are nobody's secret.
type manifest struct {
	Control string  `json:"control"` // base URL of the control interface
	Cameras []entry `json:"cameras"`
}

type entry struct {
	Number   int    `json:"number"`
	Name     string `json:"name"`
	Location string `json:"location"`
	Address  string `json:"address"` // rtsp://, without credentials
	Username string `json:"username"`
	Password string `json:"password"`
}

func (s *site) manifest(control string) manifest {
	m := manifest{Control: control}
	for _, i := range *s.cameras.Load() {
		m.Cameras = append(m.Cameras, entry{
			Number: i.number, Name: i.name(), Location: i.location, Address: i.camera.URL(),
			Username: i.username, Password: i.password,
		})
	}
	return m
}

func (m manifest) print(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		return fmt.Errorf("print the manifest: %w", err)
	}
	return nil
}

// write puts the manifest there whole: who waits for the file never reads half of it.
func (m manifest) write(path string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write the manifest: %w", err)
		}
	}()
	f, err := os.CreateTemp(filepath.Dir(path), ".manifest-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if err := errors.Join(m.print(f), f.Chmod(0o600), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// removeManifest takes away that of an earlier run, whose cameras are gone.
func removeManifest(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the old manifest: %w", err)
	}
	return nil
}
