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

// keys gives the signing keys and the keyring, from the settings or from the data folder.
func (a *App) keys(ctx context.Context, db *store.DB) (*auth.SigningKeys, *camera.Keyring, error) {
	empty := func() (bool, error) { return db.Empty(ctx) }
	signing := a.config.SecretKeys
	if signing == nil {
		text, err := storedKey(a.config.DataDir, secretKeyFile, "SECRET_KEY", empty, randomKey)
		if err != nil {
			return nil, nil, err
		}
		if signing, err = auth.ParseSigningKeys(text); err != nil {
			return nil, nil, fmt.Errorf("read %s in the data folder: %w", secretKeyFile, err)
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
	return signing, ring, nil
}

// reread gives what reads the keyring again, while one key replaces another; nil where it comes from the settings.
func (a *App) reread() func() (*camera.Keyring, error) {
	if a.config.EncryptionKeys != "" {
		return nil
	}
	return sealedRecords{records: records{DataDir: a.config.DataDir}}.keyring
}

// rereadSigning gives what reads the signing keys again; nil where they come from the settings.
func (a *App) rereadSigning() func() (*auth.SigningKeys, error) {
	if a.config.SecretKeys != nil {
		return nil
	}
	return func() (*auth.SigningKeys, error) { return keptSigningKeys(a.config.DataDir) }
}

// keptSigningKeys reads the signing keys of a data folder. It makes none.
func keptSigningKeys(dir string) (*auth.SigningKeys, error) {
	text, err := os.ReadFile(filepath.Join(dir, secretKeyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s in %s, and %sSECRET_KEY is not set: name the gateway's data folder, or give its key", secretKeyFile, dir, envPrefix)
	}
	if err != nil {
		return nil, fmt.Errorf("read the signing keys: %w", err)
	}
	keys, err := auth.ParseSigningKeys(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", secretKeyFile, err)
	}
	return keys, nil
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
