package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
)

// signingSlack is added to the time for which a replaced signing key is needed: gateways notice within seconds, and clocks differ.
const signingSlack = time.Minute

// signing changes the key that signs tokens. Nothing that is stored depends on it, so that it is done once the file is written: what was signed
// before is verified by the old key until it runs out.
func (c *rotateCommand) signing(ctx context.Context, con console) (err error) {
	if c.KeyOnly && c.To != "" {
		return errors.New("--to lets a key sign that is there, --key-only makes another: use one")
	}
	given := c.SecretKey != ""
	if !given {
		unlock, err := lockKeys(c.DataDir)
		if err != nil {
			return err
		}
		defer unlock()
	}
	// The database first: what follows would be for nothing if the gateways could not hear of it.
	db, _, err := c.open(ctx, con)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var before *auth.SigningKeys
	if given {
		before, err = auth.ParseSigningKeys(c.SecretKey)
	} else {
		before, err = keptSigningKeys(c.DataDir)
	}
	if err != nil {
		return err
	}
	after, err := c.changed(before)
	switch {
	case err != nil:
		return err
	case given:
		c.saySigningKeys(con, before, after)
		return nil
	}
	path := filepath.Join(c.DataDir, secretKeyFile)
	if after.Reveal() != before.Reveal() {
		if err := replaceSecret(path, after.Reveal()); err != nil {
			return err
		}
	}
	if _, err := db.Reseal(ctx, nil); err != nil { // seals nothing: gateways hear that the keys have changed
		return fmt.Errorf("the key is in %s; run this again with --to %s, since the running gateways could not be told: %w", path, after.Primary(), err)
	}
	if c.KeyOnly {
		ids := after.IDs()
		key := ids[len(ids)-1]
		fmt.Fprintf(con.err, `New key %[1]s is in %[2]s; it does not sign yet.
1. Copy %[2]s to the data folder of every other gateway.
2. Run keys rotate --signing --to %[1]s with each of these folders. What the last run says of the old key counts.
`, key, path)
		fmt.Fprintln(con.out, key)
		return nil
	}
	fmt.Fprintf(con.err, "Key %s in %s signs access tokens now; running gateways take it within 2 s. Nobody is signed out.\n", after.Primary(), path)
	if old := after.IDs()[1:]; len(old) > 0 {
		fmt.Fprintf(con.err, "To be removed from %s after %s, when what they signed has run out: %s.\n", path, neededUntil(), strings.Join(old, ", "))
		fmt.Fprintln(con.out, strings.Join(old, "\n")) // alone on standard output, so that a script can take it
	}
	return nil
}

// changed gives the keys as they shall be.
func (c *rotateCommand) changed(before *auth.SigningKeys) (*auth.SigningKeys, error) {
	switch {
	case c.To != "":
		after, found := before.Moved(c.To)
		if !found {
			return nil, fmt.Errorf("there is no key %s; there are %s", c.To, strings.Join(before.IDs(), ", "))
		}
		return after, nil
	case c.KeyOnly:
		return before.Announced(auth.NewSigningKey())
	default:
		return before.Begun(auth.NewSigningKey())
	}
}

// saySigningKeys says what to set where keys come from the settings, which this program can't write.
func (c *rotateCommand) saySigningKeys(con console, before, after *auth.SigningKeys) {
	fmt.Fprintf(con.err, "The keys come from %sSECRET_KEY, so nothing was written. On standard output is the list to set.\n", envPrefix)
	switch minutes := int((auth.KeyNeeded + signingSlack).Minutes()); {
	case c.KeyOnly:
		ids := after.IDs()
		fmt.Fprintf(con.err, `1. Set it for every gateway and restart them: now all believe what key %[1]s signs, which does not sign yet.
2. Run keys rotate --signing --to %[1]s with that list, and set what it prints.
`, ids[len(ids)-1])
	case c.To == "":
		fmt.Fprintf(con.err, `1. Several gateways: put the new key %[1]s (the first of the list) at the END of every gateway's list first, and restart them.
2. Set the list as printed, and restart.
3. %[2]d minutes after the last restart %[3]s can be removed, when what it signed has run out. Nobody is signed out.
`, after.Primary(), minutes, strings.Join(before.IDs(), ", "))
	default:
		fmt.Fprintf(con.err, `1. Set it for every gateway and restart them: now key %s signs.
2. %d minutes after the last restart the others of the list can be removed, when what they signed has run out. Nobody is signed out.
`, after.Primary(), minutes)
	}
	fmt.Fprintln(con.out, after.Reveal())
}

// neededUntil gives the moment from which on the keys that do not sign any more may be removed, to the full minute after it.
func neededUntil() string {
	at := time.Now().Add(auth.KeyNeeded + signingSlack)
	if full := at.Truncate(time.Minute); full.Before(at) {
		at = full.Add(time.Minute)
	}
	return at.UTC().Format("2006-01-02 15:04 UTC")
}
