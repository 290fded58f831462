package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// keysCommand is for the keys that seal camera addresses and credentials, and for those that sign tokens. It works beside running gateways.
type keysCommand struct {
	Rotate rotateCommand `cmd:"" help:"Make a new key and seal everything anew with it; run again, it goes on where it was broken off. With --signing: make a new key that signs access tokens."`
}

type rotateCommand struct {
	sealedRecords
	SecretKey string `placeholder:"BASE64" help:"With --signing: the gateway's signing key, or keys; empty: from the data folder." secret:""`
	Signing   bool   `help:"Change the key that signs access tokens, not those that seal cameras. Nobody is signed out."`
	KeyOnly   bool   `help:"Make the new key and stop: to be carried to the other gateways of the same PostgreSQL before anything is sealed or signed with it."`
	To        string `placeholder:"ID" help:"With --signing: let the key of this id sign, which --key-only has made."`
}

// Run goes on with a rotation that was broken off, or begins one. It needs no memory of its own: what is not sealed with the primary key tells
// that a rotation is under way, and the sentinel is sealed last.
func (c *rotateCommand) Run(con console) (err error) {
	ctx, stop := asked()
	defer stop()
	switch {
	case c.Signing:
		return c.signing(ctx, con)
	case c.To != "":
		return errors.New("--to goes with --signing")
	}
	if c.EncryptionKeys == "" {
		unlock, err := lockKeys(c.DataDir)
		if err != nil {
			return err
		}
		defer unlock()
	}
	done, err := c.onKeys(ctx, con, func(r *camera.Rotation) (bool, error) { return r.Done(ctx) })
	if err != nil {
		return err
	}
	switch {
	case done && c.EncryptionKeys != "":
		return c.sayNewKeys(con)
	case done:
		if err := c.addKey(con); err != nil {
			return err
		}
	case c.KeyOnly:
		return errors.New("a rotation is under way; run keys rotate to end it before making another key")
	default:
		fmt.Fprintln(con.err, "Going on with the rotation that is under way.")
	}
	if c.KeyOnly {
		fmt.Fprintf(con.err, "Copy %s to the data folder of every other gateway, then run keys rotate.\n", filepath.Join(c.DataDir, encryptionKeysFile))
		return nil
	}
	finished, err := c.onKeys(ctx, con, func(r *camera.Rotation) (bool, error) {
		unopened, err := r.Run(ctx, func(done, all int) { fmt.Fprintf(con.err, "sealed anew: %d of %d cameras\n", done, all) })
		if len(unopened) > 0 {
			return false, fmt.Errorf("no key opens the addresses of cameras %v: write them anew or delete these cameras, and run this again. All others are sealed with the new key", unopened)
		}
		return true, err
	})
	if ctx.Err() != nil {
		return fmt.Errorf("broken off; nothing is lost, run it again to go on: %w", ctx.Err())
	}
	if err != nil || !finished {
		return err
	}
	ring, err := c.keyring()
	if err != nil {
		return err
	}
	fmt.Fprintf(con.err, "Everything is sealed with key %s.\n", ring.Primary())
	if old := ring.IDs()[1:]; len(old) > 0 {
		where := "from " + filepath.Join(c.DataDir, encryptionKeysFile)
		if c.EncryptionKeys != "" {
			where = "from " + envPrefix + "ENCRYPTION_KEYS"
		}
		fmt.Fprintf(con.err, "No longer needed, and to be removed %s: %s. Backups from before need it still: keep it with them.\n", where, strings.Join(old, ", "))
		fmt.Fprintln(con.out, strings.Join(old, "\n")) // alone on standard output, so that a script can take it
	}
	return nil
}

// onKeys opens the records with the keys as they are now.
func (c *rotateCommand) onKeys(ctx context.Context, con console, do func(*camera.Rotation) (bool, error)) (_ bool, err error) {
	db, cameras, err := c.cameras(ctx, con)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rotation, err := camera.NewRotation(cameras, db)
	if err != nil {
		return false, err
	}
	return do(rotation)
}

// addKey puts a new key before those in the file. It is on the disk before anything is sealed with it.
func (c *rotateCommand) addKey(con console) error {
	key, err := camera.NewKey()
	if err != nil {
		return err
	}
	path := filepath.Join(c.DataDir, encryptionKeysFile)
	old, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the encryption keys: %w", err)
	}
	if err := replaceSecret(path, key.Reveal()+","+strings.TrimSpace(string(old))); err != nil {
		return err
	}
	fmt.Fprintf(con.err, "New primary key %s in %s.\n", key.ID(), path)
	return nil
}

// sayNewKeys says what to set where keys come from the settings, which this program can't write.
func (c *rotateCommand) sayNewKeys(con console) error {
	key, err := camera.NewKey()
	if err != nil {
		return err
	}
	fmt.Fprintf(con.err, `The keys come from %[1]sENCRYPTION_KEYS, so nothing was written. On standard output is the list with a new primary key.
1. Put the new key %[2]s (the first of the list) at the END of every gateway's list and restart them: now all can open what it seals.
2. Set the list as printed, for every gateway and for this command; restart them.
3. Run keys rotate again: it seals everything anew and names the key to remove.
`, envPrefix, key.ID())
	fmt.Fprintln(con.out, key.Reveal()+","+c.EncryptionKeys)
	return nil
}

// replaceSecret replaces a file of mode 0600 as a whole: whoever reads it has the old text or the new, also after a power cut.
func replaceSecret(path, text string) error {
	next := path + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) { // of a run that was broken off
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := writeSecret(next, text); err != nil {
		return err
	}
	// Root may turn the keys of a gateway that runs as somebody else, who must be able to read them as before.
	if was, err := os.Stat(path); err == nil {
		if owner, ok := was.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != os.Geteuid() {
			if err := os.Chown(next, int(owner.Uid), int(owner.Gid)); err != nil {
				return fmt.Errorf("write %s: %w", filepath.Base(path), err)
			}
		}
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// lockKeys lets one process at a time change the key file: two new keys at once would be one too few. The kernel drops the lock with the process.
func lockKeys(dir string) (unlock func(), err error) {
	folder, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("open the data folder: %w", err)
	}
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		folder.Close()
		return nil, errors.New("another keys rotate is at work in this data folder")
	}
	return func() { folder.Close() }, nil
}
