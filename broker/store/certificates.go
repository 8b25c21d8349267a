package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Certificate is what the organisation's key, which is not here, has signed for
// a console.
type Certificate struct {
	PublicKey []byte // of the console
	Bytes     []byte
	Expires   time.Time
}

// Uncertified is a console without a certificate that is good for some time.
type Uncertified struct {
	PublicKey []byte
	Rep       uint64
	Name      string // the rep's, as customers see it
	Computer  string
}

// ErrNoConsole: no rep has such a console.
var ErrNoConsole = errors.New("store: no such console")

const settingOrganisationKey = "organisation-key"

// OrganisationKey is the public half of the organisation's key, nil where the
// broker has not been told of one.
func (s *Store) OrganisationKey(ctx context.Context) ([]byte, error) {
	return s.Setting(ctx, settingOrganisationKey)
}

// SetOrganisationKey keeps it. What another key has signed is worth nothing any
// more and is forgotten.
func (s *Store) SetOrganisationKey(ctx context.Context, public []byte, now time.Time) error {
	return s.change(ctx, "keeping the organisation's key", func(tx *Tx) error {
		n, err := tx.exec(`insert into settings (name, value) values ($1, $2)
			on conflict (name) do update set value = excluded.value where settings.value <> excluded.value`,
			settingOrganisationKey, public)
		if err != nil || n == 0 {
			return err // it is the same
		}
		if _, err := tx.exec(`delete from certificates`); err != nil {
			return err
		}
		return noted(tx, 0, "certificate.key", "organisation", nil, now)
	})
}

// KeepCertificates keeps all certificates, in place of those that the consoles
// have, or none: ErrNoConsole. Who calls it has checked them.
func (s *Store) KeepCertificates(ctx context.Context, all []Certificate, now time.Time) error {
	return s.change(ctx, "keeping certificates", func(tx *Tx) error {
		for _, c := range all {
			var rep uint64
			err := tx.row(`select rep from consoles where public_key = $1`, c.PublicKey).Scan(&rep)
			if errors.Is(err, sql.ErrNoRows) {
				return ErrNoConsole
			}
			if err != nil {
				return err
			}
			if _, err := tx.exec(`insert into certificates (public_key, certificate, expires, kept) values ($1, $2, $3, $4)
				on conflict (public_key) do update set certificate = excluded.certificate, expires = excluded.expires, kept = excluded.kept`,
				c.PublicKey, c.Bytes, micros(c.Expires), micros(now)); err != nil {
				return err
			}
			if err := noted(tx, 0, "certificate.keep", subject("rep", rep), nil, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// Certificate gives a console's certificate, nil where there is none that is
// still good.
func (s *Store) Certificate(ctx context.Context, publicKey []byte, now time.Time) ([]byte, error) {
	var b []byte
	err := s.engine.reader().QueryRowContext(ctx, `select certificate from certificates where public_key = $1 and expires > $2`,
		publicKey, micros(now)).Scan(&b)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("reading a certificate: %w", err)
	}
	return b, nil
}

// Uncertified lists the consoles that may sign in and have no certificate that
// is good until then.
func (s *Store) Uncertified(ctx context.Context, until time.Time) ([]Uncertified, error) {
	all, err := list(ctx, s.engine.reader(), func(r *sql.Rows) (u Uncertified, err error) {
		return u, r.Scan(&u.PublicKey, &u.Rep, &u.Name, &u.Computer)
	}, `select c.public_key, r.id, r.name, c.name from consoles c join reps r on r.id = c.rep
		where c.revoked = 0 and r.revoked = 0
			and not exists (select 1 from certificates where public_key = c.public_key and expires > $1)
		order by r.name, r.id, c.id`, micros(until))
	if err != nil {
		return nil, fmt.Errorf("reading who has no certificate: %w", err)
	}
	return all, nil
}
