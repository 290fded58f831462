package main

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// backupCommand writes a tar archive with SQLite's file, and with the keys only if they are asked for: who has both can read every camera's
// password.
type backupCommand struct {
	sealedRecords
	SecretKey string `placeholder:"BASE64" help:"The gateway's signing key, for --with-keys; empty: from the data folder." secret:""`
	WithKeys  bool   `help:"Put the keys into the file too. Who has it can then read the cameras' passwords and sign in as anybody."`
	File      string `arg:"" help:"The file to write; it must not be there yet."`
}

// Run copies the records while gateways go on.
func (c *backupCommand) Run(con console) (err error) {
	ctx, stop := asked()
	defer stop()
	if c.DatabaseURL != "" {
		return fmt.Errorf(`%w. To back up, and to restore into an empty database:
  pg_dump --format=custom --no-owner --file=%s "$%sDATABASE_URL"
  pg_restore --no-owner --exit-on-error --single-transaction --dbname="$%sDATABASE_URL" %s
The keys are not in it: keep %s and %s of the data folder apart from it`,
			store.ErrPostgres, c.File, envPrefix, envPrefix, c.File, encryptionKeysFile, secretKeyFile)
	}
	db, _, err := c.open(ctx, con)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	out, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	// Beside the backup: there is room for it, and a crash leaves nothing in a folder that others read.
	work, err := os.MkdirTemp(filepath.Dir(c.File), ".rtsp-viewer-backup-")
	if err == nil {
		defer os.RemoveAll(work)
		copied := filepath.Join(work, store.FileName)
		if err = db.Backup(ctx, copied); err == nil {
			err = c.pack(out, copied)
		}
	}
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		os.Remove(c.File) //nolint:errcheck // half a backup is none
		return err
	}
	if c.WithKeys {
		fmt.Fprintf(con.err, "%s holds the records and the keys: whoever has it has every camera's password.\n", c.File)
	} else {
		fmt.Fprintf(con.err, "%s holds the records without keys. Keep %s and %s of the data folder apart from it: without them it can't be used.\n",
			c.File, encryptionKeysFile, secretKeyFile)
	}
	return nil
}

// pack writes the archive.
func (c *backupCommand) pack(out io.Writer, copied string) error {
	archive := tar.NewWriter(out)
	file, err := os.Open(copied)
	if err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	add := func(name string, size int64, from io.Reader) error {
		header := tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: size, ModTime: time.Now()}
		if err := archive.WriteHeader(&header); err != nil {
			return fmt.Errorf("write the backup: %w", err)
		}
		if _, err := io.Copy(archive, from); err != nil {
			return fmt.Errorf("write the backup: %w", err)
		}
		return nil
	}
	if c.WithKeys {
		for name, text := range map[string]string{encryptionKeysFile: c.EncryptionKeys, secretKeyFile: c.SecretKey} {
			if text == "" {
				kept, err := os.ReadFile(filepath.Join(c.DataDir, name))
				if err != nil {
					return fmt.Errorf("read a key for the backup: %w", err)
				}
				text = strings.TrimSpace(string(kept))
			}
			text += "\n"
			if err := add(name, int64(len(text)), strings.NewReader(text)); err != nil {
				return err
			}
		}
	}
	if err := add(store.FileName, stat.Size(), file); err != nil {
		return err
	}
	return archive.Close()
}

// restoreCommand makes a data folder of a backup.
type restoreCommand struct {
	DataDir string `default:"./data" help:"Folder to restore into; it must be empty or not there yet."`
	File    string `arg:"" help:"The file that backup wrote."`
}

// maxKeyFile bounds a file of keys in a backup, in bytes.
const maxKeyFile = 64 << 10

// Run unpacks into an empty folder, looks whether all is whole and whether the keys fit, and leaves nothing behind if not.
func (c *restoreCommand) Run(con console) (err error) {
	ctx, stop := asked()
	defer stop()
	in, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	defer in.Close()
	there, err := os.ReadDir(c.DataDir)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("look into the data folder: %w", err)
	case len(there) > 0:
		return fmt.Errorf("%s is not empty: name another folder by --data-dir, or move what is in it", c.DataDir)
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	defer func() {
		if err != nil { // only what this run has made can be in it
			left, _ := os.ReadDir(c.DataDir)
			for _, file := range left {
				os.Remove(filepath.Join(c.DataDir, file.Name())) //nolint:errcheck // the first error counts
			}
		}
	}()
	found, err := c.unpack(in)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(con.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	db, err := store.Open(ctx, store.Options{Dir: c.DataDir, Logger: log, Schema: store.AsItIs})
	if errors.Is(err, store.ErrOlder) { // the gateway brings it up to date when it starts
		fmt.Fprintln(con.err, "The backup is of an older version; the gateway brings it up to date when it starts.")
		return c.done(con, found)
	}
	if err != nil {
		return fmt.Errorf("open the restored records: %w", err)
	}
	err = db.Check(ctx)
	if err == nil && found[encryptionKeysFile] {
		var ring *camera.Keyring
		var cameras *camera.Service
		if ring, err = (sealedRecords{records: records{DataDir: c.DataDir}}).keyring(); err == nil {
			if cameras, err = camera.New(camera.Options{Store: db, Keys: ring, Logger: log}); err == nil {
				err = cameras.CheckSentinel(ctx)
			}
		}
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	return c.done(con, found)
}

func (c *restoreCommand) done(con console, found map[string]bool) error {
	fmt.Fprintf(con.err, "Restored into %s.\n", c.DataDir)
	if !found[encryptionKeysFile] || !found[secretKeyFile] {
		fmt.Fprintf(con.err, "The backup holds no keys: put %s and %s into that folder, mode 0600, or set %sENCRYPTION_KEYS and %sSECRET_KEY, before the gateway starts.\n",
			encryptionKeysFile, secretKeyFile, envPrefix, envPrefix)
	}
	return nil
}

// unpack writes the files of a backup, and refuses an archive of anything else.
func (c *restoreCommand) unpack(in io.Reader) (map[string]bool, error) {
	found := map[string]bool{}
	archive := tar.NewReader(in)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read the backup: %w", err)
		}
		switch name := header.Name; {
		case header.Typeflag != tar.TypeReg || found[name]:
			return nil, errors.New("this file is no backup of a gateway")
		case name == store.FileName:
		case (name == encryptionKeysFile || name == secretKeyFile) && header.Size <= maxKeyFile:
		default:
			return nil, errors.New("this file is no backup of a gateway")
		}
		found[header.Name] = true
		file, err := os.OpenFile(filepath.Join(c.DataDir, header.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, fmt.Errorf("restore: %w", err)
		}
		_, err = io.Copy(file, archive)
		if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
			return nil, fmt.Errorf("restore: %w", err)
		}
	}
	if !found[store.FileName] {
		return nil, errors.New("this file is no backup of a gateway")
	}
	return found, nil
}
