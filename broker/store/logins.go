package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"handrail/broker/people"
)

// Hash is the SHA-256 of a secret that only its owner has.
type Hash = people.Hash

// Credentials gives what a rep signs in with; nothing for who has none or is
// nobody.
func (s *Store) Credentials(ctx context.Context, rep uint64) (people.Credentials, error) {
	c, err := credentials(ctx, s.engine.reader(), rep)
	if err != nil {
		return people.Credentials{}, fmt.Errorf("reading credentials: %w", err)
	}
	return c, nil
}

// both asks for rows and for one row.
type both interface {
	querier
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func credentials(ctx context.Context, from both, rep uint64) (people.Credentials, error) {
	var c people.Credentials
	err := from.QueryRowContext(ctx, `select phc from passwords where rep = $1`, rep).Scan(&c.Password)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return c, err
	}
	var confirmed int64
	err = from.QueryRowContext(ctx, `select sealed, confirmed, last_step from totps where rep = $1`, rep).Scan(&c.TOTP, &confirmed, &c.LastStep)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return c, err
	}
	c.Confirmed = confirmed != 0
	if err := from.QueryRowContext(ctx, `select count(*) from recovery_codes where rep = $1 and used = 0`, rep).Scan(&c.CodesLeft); err != nil {
		return c, err
	}
	c.Passkeys, err = list(ctx, from, scanPasskey, `select id, rep, name, record, made, used from passkeys where rep = $1 order by made, id`, rep)
	return c, err
}

func scanPasskey(rows *sql.Rows) (k people.Passkey, err error) {
	var made, used int64
	err = rows.Scan(&k.ID, &k.Rep, &k.Name, &k.Record, &made, &used)
	k.Made, k.Used = moment(made), moment(used)
	return k, err
}

// SetPassword keeps a rep's own new password, ends the other logins, those at
// consoles, and the resets under way. Keep is the login that goes on, or zero.
func (s *Store) SetPassword(ctx context.Context, rep uint64, phc string, keep Hash, now time.Time) error {
	return s.change(ctx, "setting a password", func(tx *Tx) error {
		if err := setPassword(tx, rep, phc, now); err != nil {
			return err
		}
		if err := endLogins(tx, rep, keep[:]); err != nil {
			return err
		}
		if err := endConsoles(tx, rep); err != nil {
			return err
		}
		return noted(tx, rep, "password.change", people.Actor(rep), nil, now)
	})
}

func setPassword(tx *Tx, rep uint64, phc string, now time.Time) error {
	if _, err := tx.exec(`insert into passwords (rep, phc, changed) values ($1, $2, $3)
		on conflict (rep) do update set phc = excluded.phc, changed = excluded.changed`, rep, phc, micros(now)); err != nil {
		return err
	}
	n, err := tx.exec(`update reps set must_change = 0 where id = $1 and must_change <> 0`, rep)
	if err != nil {
		return err
	}
	if n > 0 {
		tx.hint()
	}
	return cancelResets(tx, rep)
}

func cancelResets(tx *Tx, rep uint64) error {
	_, err := tx.exec(`update resets set state = $1 where rep = $2 and state in ($3, $4)`,
		int(people.ResetOver), rep, int(people.ResetStarted), int(people.ResetOpen))
	return err
}

// UpgradePassword keeps the same password under better parameters, unless it
// was changed meanwhile.
func (s *Store) UpgradePassword(ctx context.Context, rep uint64, old, phc string) error {
	return s.change(ctx, "upgrading a password", func(tx *Tx) error {
		_, err := tx.exec(`update passwords set phc = $1 where rep = $2 and phc = $3`, phc, rep, old)
		return err
	})
}

// SetTOTP keeps a sealed secret that counts once StepTOTP has seen a code.
func (s *Store) SetTOTP(ctx context.Context, rep uint64, sealed []byte, now time.Time) error {
	return s.change(ctx, "setting a TOTP secret", func(tx *Tx) error {
		_, err := tx.exec(`insert into totps (rep, sealed, made, confirmed, last_step) values ($1, $2, $3, 0, 0)
			on conflict (rep) do update set sealed = excluded.sealed, made = excluded.made, confirmed = 0, last_step = 0`,
			rep, sealed, micros(now))
		return err
	})
}

// StepTOTP notes that a code of a step was right; one of this step or an
// earlier one is people.ErrUsed from now on, whoever else tries at the same time.
func (s *Store) StepTOTP(ctx context.Context, rep uint64, step int64, now time.Time) error {
	return s.change(ctx, "using a TOTP code", func(tx *Tx) error {
		first, err := tx.exec(`update totps set confirmed = $1 where rep = $2 and last_step < $3 and confirmed = 0`, micros(now), rep, step)
		if err != nil {
			return err
		}
		if err := once(tx.exec(`update totps set last_step = $1 where rep = $2 and last_step < $1`, step, rep)); err != nil || first == 0 {
			return err
		}
		return noted(tx, rep, "totp.set", people.Actor(rep), nil, now)
	})
}

func once(n int64, err error) error {
	if err == nil && n == 0 {
		return people.ErrUsed
	}
	return err
}

// DropTOTP takes the secret away. It is the rep's own to do; for another one a
// reset is the way.
func (s *Store) DropTOTP(ctx context.Context, rep uint64, now time.Time) error {
	return s.change(ctx, "dropping a TOTP secret", func(tx *Tx) error {
		n, err := tx.exec(`delete from totps where rep = $1`, rep)
		if err != nil || n == 0 {
			return err
		}
		return noted(tx, rep, "totp.drop", people.Actor(rep), nil, now)
	})
}

// AddPasskey keeps a passkey. One that is known already is people.ErrUsed.
func (s *Store) AddPasskey(ctx context.Context, k people.Passkey) error {
	return s.change(ctx, "adding a passkey", func(tx *Tx) error {
		if err := once(tx.exec(`insert into passkeys (id, rep, name, record, made, used) values ($1, $2, $3, $4, $5, 0)
			on conflict (id) do nothing`, k.ID, k.Rep, k.Name, k.Record, micros(k.Made))); err != nil {
			return err
		}
		return noted(tx, k.Rep, "passkey.add", people.Actor(k.Rep), nil, k.Made)
	})
}

// UsePasskey keeps a passkey's record as it is after a login.
func (s *Store) UsePasskey(ctx context.Context, k people.Passkey, now time.Time) error {
	return s.change(ctx, "using a passkey", func(tx *Tx) error {
		return once(tx.exec(`update passkeys set record = $1, used = $2 where id = $3 and rep = $4`, k.Record, micros(now), k.ID, k.Rep))
	})
}

// DropPasskey takes a rep's passkey away. Once more is harmless.
func (s *Store) DropPasskey(ctx context.Context, rep uint64, id []byte, now time.Time) error {
	return s.change(ctx, "dropping a passkey", func(tx *Tx) error {
		n, err := tx.exec(`delete from passkeys where id = $1 and rep = $2`, id, rep)
		if err != nil || n == 0 {
			return err
		}
		return noted(tx, rep, "passkey.drop", people.Actor(rep), nil, now)
	})
}

// SetRecoveryCodes keeps a rep's new codes in place of all earlier ones.
func (s *Store) SetRecoveryCodes(ctx context.Context, rep uint64, hashes []Hash, now time.Time) error {
	return s.change(ctx, "setting recovery codes", func(tx *Tx) error {
		_, err := tx.exec(`delete from recovery_codes where rep = $1`, rep)
		for _, h := range hashes {
			if err == nil {
				_, err = tx.exec(`insert into recovery_codes (rep, hash, used) values ($1, $2, 0)`, rep, h[:])
			}
		}
		if err != nil {
			return err
		}
		return noted(tx, rep, "codes.new", people.Actor(rep), nil, now)
	})
}

// UseRecoveryCode uses a code up, or says people.ErrUsed.
func (s *Store) UseRecoveryCode(ctx context.Context, rep uint64, hash Hash, now time.Time) error {
	return s.change(ctx, "using a recovery code", func(tx *Tx) error {
		if err := once(tx.exec(`update recovery_codes set used = $1 where rep = $2 and hash = $3 and used = 0`, micros(now), rep, hash[:])); err != nil {
			return err
		}
		return noted(tx, rep, "codes.use", people.Actor(rep), nil, now)
	})
}

const loginColumns = `token_hash, rep, made, seen, expires, address, factor, how, agent`

func scanLogin(row interface{ Scan(...any) error }) (people.Login, error) {
	var l people.Login
	var token []byte
	var made, seen, expires int64
	var factor int
	err := row.Scan(&token, &l.Rep, &made, &seen, &expires, &l.Address, &factor, &l.How, &l.Agent)
	if errors.Is(err, sql.ErrNoRows) {
		return people.Login{}, people.ErrNoLogin
	}
	copy(l.Token[:], token)
	l.Made, l.Seen, l.Expires, l.Factor = moment(made), moment(seen), moment(expires), factor != 0
	return l, err
}

// AddLogin keeps a login. A rep who signs in fully ends the resets of the
// account: the password was not lost.
func (s *Store) AddLogin(ctx context.Context, l people.Login) error {
	return s.change(ctx, "adding a login", func(tx *Tx) error {
		if _, err := tx.exec(`insert into logins (`+loginColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			on conflict (token_hash) do nothing`, l.Token[:], l.Rep, micros(l.Made), micros(l.Seen), micros(l.Expires),
			append([]byte{}, l.Address...), bit(l.Factor), l.How, l.Agent); err != nil {
			return err
		}
		if !l.Factor {
			return nil
		}
		return signedIn(tx, l.Rep, l.How, l.Made)
	})
}

// signedIn is what a whole sign-in does besides: the log tells of it, and the
// resets of the account are over.
func signedIn(tx *Tx, rep uint64, how string, now time.Time) error {
	if err := cancelResets(tx, rep); err != nil {
		return err
	}
	return noted(tx, rep, "login.in", people.Actor(rep), map[string]any{"with": how}, now)
}

// Login finds a login that is not over and whose rep is not disabled, or says
// people.ErrNoLogin.
func (s *Store) Login(ctx context.Context, token Hash, now time.Time) (people.Login, error) {
	l, err := scanLogin(s.engine.reader().QueryRowContext(ctx, `select `+loginColumns+` from logins
		where token_hash = $1 and expires > $2 and exists (select 1 from reps where id = logins.rep and revoked = 0)`,
		token[:], micros(now)))
	if err != nil {
		return people.Login{}, fmt.Errorf("finding a login: %w", err)
	}
	return l, nil
}

// SeeLogin notes that somebody was there, and how long the login lasts now.
func (s *Store) SeeLogin(ctx context.Context, token Hash, now, expires time.Time) error {
	return s.change(ctx, "seeing a login", func(tx *Tx) error {
		_, err := tx.exec(`update logins set seen = $1, expires = $2 where token_hash = $3 and seen <= $1`, micros(now), micros(expires), token[:])
		return err
	})
}

// FactorDone gives a login whose second factor was right a new token: the old
// one, which proved less, is worth nothing any more.
func (s *Store) FactorDone(ctx context.Context, old, token Hash, now, expires time.Time) error {
	return s.change(ctx, "finishing a login", func(tx *Tx) error {
		var rep uint64
		var how string
		err := tx.row(`update logins set token_hash = $1, factor = 1, made = $2, seen = $2, expires = $3
			where token_hash = $4 and expires > $2 returning rep, how`, token[:], micros(now), micros(expires), old[:]).Scan(&rep, &how)
		if errors.Is(err, sql.ErrNoRows) {
			return people.ErrNoLogin
		}
		if err != nil {
			return err
		}
		return signedIn(tx, rep, how, now)
	})
}

// EndLogin ends one. Once more is harmless.
func (s *Store) EndLogin(ctx context.Context, token Hash) error {
	return s.change(ctx, "ending a login", func(tx *Tx) error {
		_, err := tx.exec(`delete from logins where token_hash = $1`, token[:])
		return err
	})
}

// Logins lists a rep's logins.
func (s *Store) Logins(ctx context.Context, rep uint64) ([]people.Login, error) {
	return list(ctx, s.engine.reader(), func(r *sql.Rows) (people.Login, error) { return scanLogin(r) },
		`select `+loginColumns+` from logins where rep = $1 order by made, token_hash`, rep)
}

func endLogins(tx *Tx, rep uint64, but []byte) error {
	_, err := tx.exec(`delete from logins where rep = $1 and token_hash <> $2`, rep, append([]byte{}, but...))
	return err
}

// Try asks for one try at a name or from an address, by a keyed hash of it; see
// people.Patience. Tries at the same time are counted one by one.
func (s *Store) Try(ctx context.Context, subject Hash, p people.Patience, now time.Time) (wait time.Duration, err error) {
	err = s.change(ctx, "counting a try", func(tx *Tx) error {
		t, err := tries(tx, subject)
		if err != nil {
			return err
		}
		if t, wait = p.Try(t, now); wait > 0 {
			return nil
		}
		return keepTries(tx, subject, t)
	})
	return wait, err
}

// Right takes the last try back; see people.Tries.
func (s *Store) Right(ctx context.Context, subject Hash, all bool) error {
	return s.change(ctx, "taking a try back", func(tx *Tx) error {
		t, err := tries(tx, subject)
		if err != nil {
			return err
		}
		return keepTries(tx, subject, t.Right(all))
	})
}

func tries(tx *Tx, subject Hash) (people.Tries, error) {
	var t people.Tries
	var last, until int64
	err := tx.row(`select wrong, last, until from attempts where subject = $1`, subject[:]).Scan(&t.Wrong, &last, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return people.Tries{}, nil
	}
	t.Last, t.Until = moment(last), moment(until)
	return t, err
}

func keepTries(tx *Tx, subject Hash, t people.Tries) error {
	if t.Wrong == 0 {
		_, err := tx.exec(`delete from attempts where subject = $1`, subject[:])
		return err
	}
	_, err := tx.exec(`insert into attempts (subject, wrong, last, until) values ($1, $2, $3, $4)
		on conflict (subject) do update set wrong = excluded.wrong, last = excluded.last, until = excluded.until`,
		subject[:], t.Wrong, micros(t.Last), micros(t.Until))
	return err
}

// EndLoginOf ends one of a rep's other logins, by the hash of its token.
func (s *Store) EndLoginOf(ctx context.Context, rep uint64, token Hash, now time.Time) error {
	return s.change(ctx, "ending a login", func(tx *Tx) error {
		n, err := tx.exec(`delete from logins where token_hash = $1 and rep = $2`, token[:], rep)
		if err != nil || n == 0 {
			return err
		}
		return noted(tx, rep, "login.end", people.Actor(rep), nil, now)
	})
}

// EndOtherLogins ends all of a rep's logins but one, and those at consoles.
func (s *Store) EndOtherLogins(ctx context.Context, rep uint64, but Hash, now time.Time) error {
	return s.change(ctx, "ending logins", func(tx *Tx) error {
		if err := endLogins(tx, rep, but[:]); err != nil {
			return err
		}
		if err := endConsoles(tx, rep); err != nil {
			return err
		}
		return noted(tx, rep, "login.end", people.Actor(rep), nil, now)
	})
}

func endConsoles(tx *Tx, rep uint64) error {
	tx.hint()
	_, err := tx.exec(`update consoles set login_until = 0 where rep = $1`, rep)
	return err
}

// PruneLogins forgets what ended before then: logins, tries, resets, first
// secrets, consoles that asked.
func (s *Store) PruneLogins(ctx context.Context, before time.Time) error {
	return s.change(ctx, "pruning logins", func(tx *Tx) error {
		for _, text := range []string{
			`delete from logins where expires < $1`,
			`delete from attempts where last < $1`,
			`delete from resets where expires < $1`,
			`delete from first_secrets where expires < $1`,
			`delete from pairs where expires < $1`,
			`delete from spent where expires < $1`,
		} {
			if _, err := tx.exec(text, micros(before)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Spend uses up something that a browser may bring back once, until it expires
// by itself; people.ErrUsed when that was done already.
func (s *Store) Spend(ctx context.Context, what Hash, expires time.Time) error {
	return s.change(ctx, "using something up", func(tx *Tx) error {
		return once(tx.exec(`insert into spent (hash, expires) values ($1, $2) on conflict (hash) do nothing`, what[:], micros(expires)))
	})
}
