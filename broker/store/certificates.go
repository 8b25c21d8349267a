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

// Signed is what was made with the organisation's key, for the broker to hand
// out: certificates, the record key that consoles seal for, and grants for the
// consoles that may open what was sealed.
type Signed struct {
	Certificates []Certificate
	RecordKey    []byte // nil: the one that is kept stays
	Grants       []Grant
}

// Grant is the record key's private half, sealed for one console.
type Grant struct {
	PublicKey []byte // of the console
	Bytes     []byte
}

const (
	settingOrganisationKey = "organisation-key"
	settingRecordKey       = "record-key"
)

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
		tx.hint()
		for _, text := range []string{`delete from certificates`, `delete from grants`, `delete from settings where name = '` + settingRecordKey + `'`} {
			if _, err := tx.exec(text); err != nil {
				return err
			}
		}
		return noted(tx, 0, "certificate.key", "organisation", nil, now)
	})
}

// KeepSigned keeps all of it, in place of what the consoles have, or none:
// ErrNoConsole. Who calls it has checked what can be checked.
func (s *Store) KeepSigned(ctx context.Context, in Signed, now time.Time) error {
	return s.change(ctx, "keeping what the organisation has signed", func(tx *Tx) error {
		tx.hint()
		for _, c := range in.Certificates {
			if err := keepFor(tx, c.PublicKey, "certificate.keep", now, `insert into certificates (public_key, certificate, expires, kept) values ($1, $2, $3, $4)
				on conflict (public_key) do update set certificate = excluded.certificate, expires = excluded.expires, kept = excluded.kept`,
				c.PublicKey, c.Bytes, micros(c.Expires), micros(now)); err != nil {
				return err
			}
		}
		if in.RecordKey != nil {
			n, err := tx.exec(`insert into settings (name, value) values ($1, $2)
				on conflict (name) do update set value = excluded.value where settings.value <> excluded.value`,
				settingRecordKey, in.RecordKey)
			if err == nil && n > 0 {
				err = noted(tx, 0, "record.key", "organisation", nil, now)
			}
			if err != nil {
				return err
			}
		}
		for _, g := range in.Grants {
			if err := keepFor(tx, g.PublicKey, "grant.keep", now, `insert into grants (public_key, sealed, kept) values ($1, $2, $3)
				on conflict (public_key) do update set sealed = excluded.sealed, kept = excluded.kept`,
				g.PublicKey, g.Bytes, micros(now)); err != nil {
				return err
			}
		}
		return nil
	})
}

// keepFor keeps something for a console that some rep has.
func keepFor(tx *Tx, console []byte, act string, now time.Time, insert string, values ...any) error {
	var rep uint64
	err := tx.row(`select rep from consoles where public_key = $1`, console).Scan(&rep)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNoConsole
	}
	if err != nil {
		return err
	}
	if _, err := tx.exec(insert, values...); err != nil {
		return err
	}
	return noted(tx, 0, act, subject("rep", rep), nil, now)
}

// RecordKey is the public half of the organisation's record key with its
// signature, nil where there is none.
func (s *Store) RecordKey(ctx context.Context) ([]byte, error) {
	return s.Setting(ctx, settingRecordKey)
}

// Grants are what consoles open sealed transcripts with, by their public keys:
// of those that may sign in.
func (s *Store) Grants(ctx context.Context) (map[string][]byte, error) {
	all, err := list(ctx, s.engine.reader(), func(r *sql.Rows) (g Grant, err error) {
		return g, r.Scan(&g.PublicKey, &g.Bytes)
	}, `select g.public_key, g.sealed from grants g join consoles c on c.public_key = g.public_key join reps r on r.id = c.rep
		where c.revoked = 0 and r.revoked = 0`)
	if err != nil {
		return nil, fmt.Errorf("reading who may open transcripts: %w", err)
	}
	by := make(map[string][]byte, len(all))
	for _, g := range all {
		by[string(g.PublicKey)] = g.Bytes
	}
	return by, nil
}

// Ungrant forgets a console's grant: ErrNoConsole where it has none.
func (s *Store) Ungrant(ctx context.Context, console []byte, now time.Time) error {
	return s.change(ctx, "taking a grant back", func(tx *Tx) error {
		var rep uint64
		err := tx.row(`select c.rep from consoles c join grants g on g.public_key = c.public_key where c.public_key = $1`, console).Scan(&rep)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoConsole
		}
		if err != nil {
			return err
		}
		tx.hint()
		if _, err := tx.exec(`delete from grants where public_key = $1`, console); err != nil {
			return err
		}
		return noted(tx, 0, "grant.end", subject("rep", rep), nil, now)
	})
}

// ungrantRep forgets the grants of a rep who may not sign in any more. Who comes
// back is let in anew by those who have the organisation's key.
func ungrantRep(tx *Tx, rep uint64) error {
	_, err := tx.exec(`delete from grants where public_key in (select public_key from consoles where rep = $1)`, rep)
	return err
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
