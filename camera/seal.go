package camera

import (
	"context"
	"fmt"

	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// The sealed columns, as they are authenticated. Renaming one makes all that was sealed unreadable.
const (
	columnAddress    = "address"
	columnSubAddress = "sub_address"
	columnUsername   = "username"
	columnPassword   = "password"
	columnSentinel   = "sentinel"
)

// sentinelKey is the setting that keeps the sentinel.
const sentinelKey = "keys.sentinel"

// sentinelText is what the sentinel holds; that it opens is what counts.
const sentinelText = "rtsp-viewer"

// open4 are a camera's sealed columns in the clear. It never leaves the package; the password prints redacted.
type open4 struct {
	Address    string
	SubAddress string
	Username   string
	Password   Password
}

// seal seals all columns anew, with the primary key.
func (s *Service) seal(id ID, o open4) (Sealed, error) {
	keys := s.keys.Load()
	out := Sealed{Key: keys.Primary()}
	for _, c := range []struct {
		name string
		text string
		to   *[]byte
	}{
		{columnAddress, o.Address, &out.Address},
		{columnSubAddress, o.SubAddress, &out.SubAddress},
		{columnUsername, o.Username, &out.Username},
		{columnPassword, o.Password.Reveal(), &out.Password},
	} {
		sealed, err := keys.Seal(id, c.name, []byte(c.text))
		if err != nil {
			return Sealed{}, fmt.Errorf("seal a camera: %w", err)
		}
		*c.to = sealed
	}
	return out, nil
}

// open opens all columns.
func (s *Service) open(r Record) (open4, error) {
	var o open4
	var password string
	for _, c := range []struct {
		name   string
		sealed []byte
		to     *string
	}{
		{columnAddress, r.Sealed.Address, &o.Address},
		{columnSubAddress, r.Sealed.SubAddress, &o.SubAddress},
		{columnUsername, r.Sealed.Username, &o.Username},
		{columnPassword, r.Sealed.Password, &password},
	} {
		plain, err := s.unseal(r.ID, c.name, c.sealed)
		if err != nil {
			return open4{}, fmt.Errorf("open camera %d: %w", r.Number, err)
		}
		*c.to = string(plain)
	}
	o.Password = NewPassword(password)
	return o, nil
}

// camera gives a record as moderators see it. The password stays sealed. A record that does not open comes without address and user name:
// one camera restored from elsewhere must not hide the list of all others, and who sees it can write its address anew or delete it.
func (s *Service) camera(r Record) Camera {
	c := r.plain()
	c.Passport = r.passport()
	c.HasPassword = len(r.Sealed.Password) > 0
	r.Sealed.Password = nil
	o, err := s.open(r)
	if err != nil {
		s.logger.Error("a camera's address can't be opened", "camera", r.Number, "error", err)
		return c
	}
	c.Address, c.SubAddress, c.Username = mask(o.Address), mask(o.SubAddress), o.Username
	return c
}

// plain gives what of a record is not sealed: all that somebody sees who may watch and no more.
func (r Record) plain() Camera {
	return Camera{
		ID: r.ID, Number: r.Number, Name: r.Name, Location: r.Location, Tags: append([]string(nil), r.Tags...), Notes: r.Notes,
		Transport: r.Transport, Sweep: r.Sweep, Standing: r.Standing, Version: r.Version, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
}

// CheckSentinel makes sure that the keys given are those that this database is sealed with, before anything else is done with it: a
// gateway with other keys would run and reach no camera, or seal some cameras with one key and some with another. On a database
// without cameras it leaves a sentinel. ErrKey, which names the key that is needed.
func (s *Service) CheckSentinel(ctx context.Context) error {
	sealed, there, err := s.store.Setting(ctx, sentinelKey)
	if err != nil {
		return fmt.Errorf("check the encryption keys: %w", err)
	}
	if !there {
		// Cameras without a sentinel: somebody took it away. The keys are right if they open a camera.
		page, err := s.store.Cameras(ctx, ListQuery{Query: paging.Query{Limit: 1}})
		if err != nil {
			return fmt.Errorf("check the encryption keys: %w", err)
		}
		for _, r := range page.Items {
			if _, err := s.open(r); err != nil {
				return fmt.Errorf("check the encryption keys: %w", err)
			}
		}
		made, err := s.keys.Load().Seal("", columnSentinel, []byte(sentinelText))
		if err != nil {
			return fmt.Errorf("make the sentinel: %w", err)
		}
		// Another gateway that starts at the same moment may be first; then its sentinel is the one to open.
		if sealed, err = s.store.PutSettingOnce(ctx, sentinelKey, made); err != nil {
			return fmt.Errorf("keep the sentinel: %w", err)
		}
	}
	if _, err := s.unseal("", columnSentinel, sealed); err != nil {
		return fmt.Errorf("check the encryption keys: %w", err)
	}
	return nil
}
