package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// Names of the files in the data folder that hold keys, each mode 0600.
const (
	secretKeyFile      = "secret-key"
	encryptionKeysFile = "encryption-keys"
	firstPasswordFile  = "first-password"
)

// errKeyMissing refuses a start on a database that holds sealed data while the key is gone.
var errKeyMissing = fault.New(fault.Internal, "keys.missing", "the key is missing")

// storedKey gives a key from a file of the data folder. On an empty database a missing file is made from fresh; on any other it is an
// error: a new key would open nothing that is stored, and would hide the loss.
func storedKey(dir, name, setting string, databaseEmpty func() (bool, error), fresh func() (string, error)) (string, error) {
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(text)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read key: %w", err)
	}
	empty, err := databaseEmpty()
	if err != nil {
		return "", err
	}
	if !empty {
		return "", errKeyMissing.Because(fmt.Errorf("%s is not there and %s%s is not set, but the database is not empty: put the file back, or give the key", path, envPrefix, setting))
	}
	key, err := fresh()
	if err != nil {
		return "", fmt.Errorf("make key: %w", err)
	}
	if err := writeSecret(path, key); err != nil {
		return "", err
	}
	return key, nil
}

// writeSecret writes a new file of mode 0600 and never overwrites: two gateways that start at once agree on the first's key.
func writeSecret(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	_, err = file.WriteString(text + "\n")
	return errors.Join(err, file.Sync(), file.Close())
}

// randomKey gives 32 random bytes in base64.
func randomKey() (string, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(key), nil
}

// keys gives the signing key and the keyring, from the settings or from the data folder.
func (a *App) keys(ctx context.Context, db *store.DB) ([]byte, *camera.Keyring, error) {
	empty := func() (bool, error) { return db.Empty(ctx) }
	secret := a.config.SecretKey
	if len(secret) == 0 {
		text, err := storedKey(a.config.DataDir, secretKeyFile, "SECRET_KEY", empty, randomKey)
		if err != nil {
			return nil, nil, err
		}
		s := settings{SecretKey: text}
		var f faults
		if secret = s.signingKey(&f); len(f.list) > 0 {
			return nil, nil, fmt.Errorf("%s in the data folder is not base64 of at least 32 bytes", secretKeyFile)
		}
	}
	text := a.config.EncryptionKeys
	if text == "" {
		var err error
		text, err = storedKey(a.config.DataDir, encryptionKeysFile, "ENCRYPTION_KEYS", empty, func() (string, error) {
			key, err := randomKey()
			return "k1:" + key, err
		})
		if err != nil {
			return nil, nil, err
		}
	}
	ring, err := camera.ParseKeyring(text)
	if err != nil {
		return nil, nil, fmt.Errorf("read the encryption keys: %w", err)
	}
	return secret, ring, nil
}

// reread gives what reads the keyring again, while one key replaces another; nil where it comes from the settings.
func (a *App) reread() func() (*camera.Keyring, error) {
	if a.config.EncryptionKeys != "" {
		return nil
	}
	return sealedRecords{records: records{DataDir: a.config.DataDir}}.keyring
}

// firstAdmin makes the first account on an empty database. A random password is in its file before the account exists, so that it
// can't be lost between the two.
func (a *App) firstAdmin(ctx context.Context, db *store.DB, people *auth.Service) error {
	empty, err := db.Empty(ctx)
	if err != nil || !empty {
		return err
	}
	password, path := a.config.AdminPassword, ""
	if password == "" {
		path = filepath.Join(a.config.DataDir, firstPasswordFile)
		if old, err := os.ReadFile(path); err == nil { // a start that was cut off before the account existed
			password = strings.TrimSpace(string(old))
		} else {
			key, err := randomKey()
			if err != nil {
				return fmt.Errorf("make the first password: %w", err)
			}
			password = key[:24]
			if err := writeSecret(path, password); err != nil {
				return err
			}
		}
	}
	_, created, err := people.FirstAdmin(ctx, a.config.AdminLogin, password)
	if err != nil {
		return fmt.Errorf("make the first admin: %w", err)
	}
	if created {
		a.firstPassword = path
	}
	return nil
}
