package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
)

// Consoles that ask to be logged in with the browser, and their logins.

// mostPairs is how many consoles may ask at the same time. Anybody can, so that
// what they leave must be little; it takes as many computers as an organisation
// has reps.
const mostPairs = 1000

const pairColumns = `public_key, code_hash, computer, came_from, rep, state, expires`

func scanPair(row interface{ Scan(...any) error }) (people.Pair, error) {
	var p people.Pair
	var code []byte
	var expires int64
	err := row.Scan(&p.PublicKey, &code, &p.Computer, &p.From, &p.Rep, &p.State, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return people.Pair{State: people.PairOver}, people.ErrNoPair
	}
	copy(p.Code[:], code)
	p.Expires = moment(expires)
	return p, err
}

// StartPair lets a console ask, in place of what it asked before. Too many at
// once are people.ErrManyPairs.
func (s *Store) StartPair(ctx context.Context, p people.Pair, now time.Time) error {
	return s.change(ctx, "starting a pair", func(tx *Tx) error {
		if _, err := tx.exec(`delete from pairs where expires <= $1 or public_key = $2`, micros(now), p.PublicKey); err != nil {
			return err
		}
		var n int
		if err := tx.row(`select count(*) from pairs`).Scan(&n); err != nil {
			return err
		}
		if n >= mostPairs {
			return people.ErrManyPairs
		}
		_, err := tx.exec(`insert into pairs (`+pairColumns+`) values ($1, $2, $3, $4, 0, $5, $6)`,
			p.PublicKey, p.Code[:], p.Computer, p.From, int(people.PairWaiting), micros(p.Expires))
		return err
	})
}

// PairOf gives what a console asked, as it is now; people.ErrNoPair if nothing.
func (s *Store) PairOf(ctx context.Context, publicKey []byte, now time.Time) (people.Pair, error) {
	return s.pair(ctx, `public_key = $1`, publicKey, now)
}

// PairByCode is the same by the code that its rep reads.
func (s *Store) PairByCode(ctx context.Context, code people.Hash, now time.Time) (people.Pair, error) {
	return s.pair(ctx, `code_hash = $1`, code[:], now)
}

func (s *Store) pair(ctx context.Context, which string, value []byte, now time.Time) (people.Pair, error) {
	p, err := scanPair(s.engine.reader().QueryRowContext(ctx, `select `+pairColumns+` from pairs where `+which, value))
	if err != nil {
		return people.Pair{State: people.PairOver}, fmt.Errorf("finding a pair: %w", err)
	}
	return p.At(now), nil
}

// AnswerPair is rep's yes or no to a console that waits. One that doesn't wait
// any more is people.ErrNoPair; one that is another rep's is
// people.ErrOthersConsole.
func (s *Store) AnswerPair(ctx context.Context, code people.Hash, rep uint64, yes bool, now time.Time) error {
	return s.change(ctx, "answering a pair", func(tx *Tx) error {
		p, err := scanPair(tx.row(`select `+pairColumns+` from pairs where code_hash = $1`, code[:]))
		if err != nil {
			return err
		}
		if p.At(now).State != people.PairWaiting {
			return people.ErrNoPair
		}
		var owner uint64
		err = tx.row(`select rep from consoles where public_key = $1`, p.PublicKey).Scan(&owner)
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return err
		case owner != rep && yes:
			return people.ErrOthersConsole
		}
		state, act := people.PairRefused, "console.refuse"
		if yes {
			state, act = people.PairAllowed, "console.allow"
		}
		if _, err := tx.exec(`update pairs set rep = $1, state = $2, came_from = '' where code_hash = $3`, rep, int(state), code[:]); err != nil {
			return err
		}
		return noted(tx, rep, act, people.Actor(rep), nil, now)
	})
}

// TakePair logs a console in that its rep has allowed, until then, once. The
// console is kept if it is new, and let in again if its rep had revoked it.
// Else people.ErrNoPair.
func (s *Store) TakePair(ctx context.Context, publicKey []byte, now, until time.Time) (lobby.Rep, error) {
	var r lobby.Rep
	err := s.change(ctx, "taking a pair", func(tx *Tx) error {
		p, err := scanPair(tx.row(`select `+pairColumns+` from pairs where public_key = $1`, publicKey))
		if err != nil {
			return err
		}
		if p.At(now).State != people.PairAllowed {
			return people.ErrNoPair
		}
		if _, err := tx.exec(`delete from pairs where public_key = $1`, publicKey); err != nil {
			return err
		}
		n, err := tx.exec(`insert into consoles (rep, public_key, name, made, seen, revoked, login_until) values ($1, $2, $3, $4, $4, 0, $5)
			on conflict (public_key) do update set name = excluded.name, seen = excluded.seen, revoked = 0, login_until = excluded.login_until
			where consoles.rep = excluded.rep`, p.Rep, publicKey, p.Computer, micros(now), micros(until))
		if err != nil {
			return err
		}
		if n == 0 {
			return people.ErrNoPair // another rep's since
		}
		r, err = scanRep(tx.row(byKey, publicKey))
		return err // a rep who was disabled since is lobby.ErrNoRep
	})
	return r, err
}

// ConsoleLogin finds the rep who is logged in at a console, and until when; a
// zero until is until somebody ends it. Errors: lobby.ErrNoRep where there is
// no such console or rep, people.ErrNoLogin where the login is over.
func (s *Store) ConsoleLogin(ctx context.Context, publicKey []byte, now time.Time) (r lobby.Rep, until time.Time, err error) {
	if r, err = s.RepByKey(ctx, publicKey); err != nil {
		return r, until, err
	}
	var at int64
	if err := s.engine.reader().QueryRowContext(ctx, `select login_until from consoles where public_key = $1`, publicKey).Scan(&at); err != nil {
		return lobby.Rep{}, until, fmt.Errorf("finding a console's login: %w", err)
	}
	switch {
	case at == loginStands:
		return r, until, nil
	case at <= micros(now):
		return lobby.Rep{}, until, people.ErrNoLogin
	}
	return r, moment(at), nil
}

// loginStands is the end of a login that ends when somebody ends it.
const loginStands = -1

// EndConsoleLogin ends the login at a console: its rep signs out, or was away.
func (s *Store) EndConsoleLogin(ctx context.Context, publicKey []byte) error {
	return s.change(ctx, "ending a console's login", func(tx *Tx) error {
		n, err := tx.exec(`update consoles set login_until = 0 where public_key = $1 and login_until <> 0`, publicKey)
		if n > 0 {
			tx.hint() // it may have lines to other brokers
		}
		return err
	})
}
