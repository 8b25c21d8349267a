package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
)

// A rep's key, where it has several consoles, is that of the first one.
const (
	repColumns = `r.id, r.name, c.public_key, r.created, r.revoked`
	repTables  = `reps r left join consoles c on c.id = (select min(id) from consoles where rep = r.id)`
)

func scanRep(row interface{ Scan(...any) error }) (lobby.Rep, error) {
	var r lobby.Rep
	var created, revoked int64
	err := row.Scan(&r.ID, &r.Name, &r.PublicKey, &created, &revoked)
	if errors.Is(err, sql.ErrNoRows) {
		return lobby.Rep{}, lobby.ErrNoRep
	}
	r.Created, r.Revoked = moment(created), moment(revoked)
	return r, err
}

// AddEnrolment lets one rep called name enrol until expires with the code of
// that hash.
func (s *Store) AddEnrolment(ctx context.Context, codeHash [sha256.Size]byte, name string, now, expires time.Time) error {
	return s.change(ctx, "adding an enrolment", func(tx *Tx) error {
		n, err := tx.exec(`insert into enrolments (code_hash, name, expires, used) values ($1, $2, $3, 0)
			on conflict (code_hash) do nothing`, codeHash[:], name, micros(expires))
		if err != nil || n == 0 {
			return err
		}
		return noted(tx, 0, "console.code", people.Actor(0), nil, now)
	})
}

// Enrol makes the owner of publicKey a rep, and uses the code up. The same
// code with the same key again gives the same rep; a fresh code with a known
// key names that rep anew and lets a revoked one back in. A code that can't be
// used is lobby.ErrBadCode.
func (s *Store) Enrol(ctx context.Context, codeHash [sha256.Size]byte, publicKey []byte, now time.Time) (lobby.Rep, error) {
	var r lobby.Rep
	err := s.change(ctx, "enrolling", func(tx *Tx) error {
		var name string
		var expires, used int64
		var by sql.Null[uint64]
		err := tx.row(`select name, expires, used, rep from enrolments where code_hash = $1`,
			codeHash[:]).Scan(&name, &expires, &used, &by)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return lobby.ErrBadCode
		case err != nil:
			return err
		case used != 0:
			if r, err = scanRep(tx.row(byKey, publicKey)); errors.Is(err, lobby.ErrNoRep) || err == nil && r.ID != by.V {
				return lobby.ErrBadCode
			}
			return err
		case micros(now) >= expires:
			return lobby.ErrBadCode
		}
		tx.hint() // consoles of others hear of a colleague
		if r, err = enrolled(tx, name, publicKey, now); err != nil {
			return err
		}
		if _, err = tx.exec(`update enrolments set used = $1, rep = $2 where code_hash = $3`,
			micros(now), r.ID, codeHash[:]); err != nil {
			return err
		}
		return noted(tx, r.ID, "console.enrol", people.Actor(r.ID), nil, now)
	})
	if err != nil {
		return lobby.Rep{}, err
	}
	return r, nil
}

// enrolled makes the owner of a console a rep called name, or calls that rep
// so and lets the console in again.
func enrolled(tx *Tx, name string, publicKey []byte, now time.Time) (lobby.Rep, error) {
	var id uint64
	err := tx.row(`select rep from consoles where public_key = $1`, publicKey).Scan(&id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		const add = `insert into reps (name, private_name, mail, language, listed, place, must_change, idle_minutes, created, revoked)
			values ($1, '', '', '', 0, 0, 0, 0, $2, 0) returning id`
		if err := tx.row(add, name, micros(now)).Scan(&id); err != nil {
			return lobby.Rep{}, err
		}
		_, err = tx.exec(`insert into consoles (rep, public_key, name, made, seen, revoked) values ($1, $2, '', $3, 0, 0)`,
			id, publicKey, micros(now))
	case err == nil:
		if _, err = tx.exec(`update reps set name = $1, revoked = 0 where id = $2`, name, id); err == nil {
			_, err = tx.exec(`update consoles set revoked = 0, login_until = -1 where public_key = $1`, publicKey)
		}
	}
	if err != nil {
		return lobby.Rep{}, err
	}
	return scanRep(tx.row(byKey, publicKey))
}

// byKey finds the rep who may sign in with a console's key.
const byKey = `select r.id, r.name, c.public_key, r.created, r.revoked
	from consoles c join reps r on r.id = c.rep where c.public_key = $1 and c.revoked = 0 and r.revoked = 0`

// RepByKey finds the rep who may sign in with publicKey, or lobby.ErrNoRep.
func (s *Store) RepByKey(ctx context.Context, publicKey []byte) (lobby.Rep, error) {
	r, err := scanRep(s.engine.reader().QueryRowContext(ctx, byKey, publicKey))
	if err != nil {
		return lobby.Rep{}, fmt.Errorf("finding a rep: %w", err)
	}
	return r, nil
}

// Reps lists all reps, revoked ones too, in the order they came.
func (s *Store) Reps(ctx context.Context) ([]lobby.Rep, error) {
	return list(ctx, s.engine.reader(), func(rows *sql.Rows) (lobby.Rep, error) { return scanRep(rows) },
		`select `+repColumns+` from `+repTables+` order by r.id`)
}

// Revoked lists the reps who may not sign in any more.
func (s *Store) Revoked(ctx context.Context) ([]uint64, error) {
	return list(ctx, s.engine.reader(), func(rows *sql.Rows) (id uint64, err error) { return id, rows.Scan(&id) },
		`select id from reps where revoked <> 0 order by id`)
}

// RevokeRep takes a rep off the list, or says lobby.ErrNoRep. Once more is
// harmless.
func (s *Store) RevokeRep(ctx context.Context, id uint64, now time.Time) error {
	return s.change(ctx, fmt.Sprintf("revoking rep %d", id), func(tx *Tx) error {
		n, err := tx.exec(`update reps set revoked = $1 where id = $2 and revoked = 0`, micros(now), id)
		if err != nil {
			return err
		}
		if n == 0 {
			err := tx.row(`select id from reps where id = $1`, id).Scan(&id)
			if errors.Is(err, sql.ErrNoRows) {
				return lobby.ErrNoRep
			}
			return err
		}
		tx.hint()
		if err := shutOut(tx, id); err != nil {
			return err
		}
		return noted(tx, 0, "rep.disable", people.Actor(id), nil, now)
	})
}
