package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
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
