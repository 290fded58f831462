package camera

import (
	"fmt"
	"time"
)

// Prepare gives the record that Create would keep, with the times of another program, and keeps nothing. ErrInvalid with Fields.
func (s *Service) Prepare(n NewCamera, created, updated time.Time) (Record, error) {
	d, fail := n.draft()
	if len(fail.Fields) > 0 {
		return Record{}, fail
	}
	id, err := newID()
	if err != nil {
		return Record{}, fmt.Errorf("prepare a camera: %w", err)
	}
	r := d.record
	r.ID, r.CreatedAt, r.UpdatedAt = ID(id), created.UTC().Truncate(time.Millisecond), updated.UTC().Truncate(time.Millisecond)
	if r.Sealed, err = s.seal(r.ID, d.secret); err != nil {
		return Record{}, fmt.Errorf("prepare a camera: %w", err)
	}
	return r, nil
}

// AddressOf gives a record's main address without credentials, for comparing; the path may hold a secret, so it is not for printing. ErrKey.
func (s *Service) AddressOf(r Record) (string, error) {
	o, err := s.open(r)
	if err != nil {
		return "", err
	}
	return o.Address, nil
}
