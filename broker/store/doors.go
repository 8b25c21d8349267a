package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"handrail/broker/people"
)

// Ways to an account besides its own password: the first administrator's
// secret, resets, tokens for programs; and the end of all of them.

// AddFirst keeps the hash of the secret with which the first administrator
// comes in. It takes the place of all earlier ones.
func (s *Store) AddFirst(ctx context.Context, secret Hash, now, expires time.Time) error {
	return s.change(ctx, "adding a first secret", func(tx *Tx) error {
		if _, err := tx.exec(`delete from first_secrets where hash <> $1`, secret[:]); err != nil {
			return err
		}
		n, err := tx.exec(`insert into first_secrets (hash, made, expires, used) values ($1, $2, $3, 0)
			on conflict (hash) do nothing`, secret[:], micros(now), micros(expires))
		if err != nil || n == 0 {
			return err
		}
		return noted(tx, 0, "first.make", people.Actor(0), nil, now)
	})
}

// First says whether a secret could be used now: nil, or people.ErrUsed.
func (s *Store) First(ctx context.Context, secret Hash, now time.Time) error {
	var good bool
	err := s.engine.reader().QueryRowContext(ctx, `select exists (select 1 from first_secrets
		where hash = $1 and used = 0 and expires > $2)`, secret[:], micros(now)).Scan(&good)
	if err == nil && !good {
		err = people.ErrUsed
	}
	if err != nil {
		return fmt.Errorf("looking for a first secret: %w", err)
	}
	return nil
}

// TakeFirst uses the secret up and makes r an owner with a password. The rep's
// ID is chosen here. Errors: people.ErrUsed, people.ErrTaken, people.ErrBad.
func (s *Store) TakeFirst(ctx context.Context, secret Hash, r people.Rep, phc string, now time.Time) (uint64, error) {
	err := s.change(ctx, "taking a first secret", func(tx *Tx) error {
		if err := once(tx.exec(`update first_secrets set used = $1 where hash = $2 and used = 0 and expires > $1`,
			micros(now), secret[:])); err != nil {
			return err
		}
		before, err := organisation(tx.ctx, tx.tx)
		if err != nil {
			return err
		}
		if err := tx.row(`select coalesce(max(id), 0) + 1 from reps`).Scan(&r.ID); err != nil {
			return err
		}
		after, err := before.Found(r, now)
		if err != nil {
			return err
		}
		if err := keepOrganisation(tx, 0, before, after, now, s.engine); err != nil {
			return err
		}
		if err := setPassword(tx, r.ID, phc, now); err != nil {
			return err
		}
		return noted(tx, 0, "first.take", people.Actor(r.ID), nil, now)
	})
	return r.ID, err
}

// StartReset lets administrator by start a reset of a rep's password, or invite
// a rep who has never come in, by the link of that hash. Earlier ones of that
// rep are over. Errors: people's.
func (s *Store) StartReset(ctx context.Context, link Hash, by, rep uint64, lost bool, now time.Time) (people.Reset, error) {
	var r people.Reset
	err := s.change(ctx, "starting a reset", func(tx *Tx) error {
		o, err := organisation(tx.ctx, tx.tx)
		if err != nil {
			return err
		}
		c, err := credentials(tx.ctx, tx.tx, rep)
		if err != nil {
			return err
		}
		a, err := account(tx, rep, c)
		if err != nil {
			return err
		}
		a.Lost = lost
		if r, err = o.StartReset(by, rep, a, now); err != nil {
			return err
		}
		if err := cancelResets(tx, rep); err != nil {
			return err
		}
		_, err = tx.exec(`insert into resets (link_hash, rep, by_rep, made, expires, need_factor, approved_by, state)
			values ($1, $2, $3, $4, $5, $6, 0, $7)`, link[:], rep, by, micros(r.Made), micros(r.Until), bit(r.NeedFactor), int(r.State))
		if err != nil {
			return err
		}
		return noted(tx, by, "reset.start", people.Actor(rep), map[string]any{"factor lost": lost, "needs factor": r.NeedFactor}, now)
	})
	return r, err
}

const resetColumns = `rep, by_rep, made, expires, need_factor, approved_by, state`

func scanReset(row interface{ Scan(...any) error }) (people.Reset, error) {
	var r people.Reset
	var made, expires int64
	var need int
	err := row.Scan(&r.Rep, &r.By, &made, &expires, &need, &r.ApprovedBy, &r.State)
	if errors.Is(err, sql.ErrNoRows) {
		return people.Reset{}, people.ErrResetOver
	}
	r.Made, r.Until, r.NeedFactor = moment(made), moment(expires), need != 0
	return r, err
}

// Reset finds a reset by its link; a link that is none is people.ErrResetOver.
func (s *Store) Reset(ctx context.Context, link Hash, now time.Time) (people.Reset, error) {
	r, err := scanReset(s.engine.reader().QueryRowContext(ctx, `select `+resetColumns+` from resets where link_hash = $1`, link[:]))
	if err != nil {
		return people.Reset{}, fmt.Errorf("finding a reset: %w", err)
	}
	return r.At(now), nil
}

// Resets lists the resets under way, the oldest first.
func (s *Store) Resets(ctx context.Context, now time.Time) ([]people.WaitingReset, error) {
	return list(ctx, s.engine.reader(), func(rows *sql.Rows) (w people.WaitingReset, err error) {
		var b []byte
		w.Reset, err = scanReset(scanAfter{rows, &b})
		copy(w.Link[:], b)
		return w, err
	}, `select link_hash, `+resetColumns+` from resets where state in ($1, $2) and expires > $3 order by made, link_hash`,
		int(people.ResetStarted), int(people.ResetOpen), micros(now))
}

// scanAfter reads a column before those that another function reads.
type scanAfter struct {
	rows  *sql.Rows
	first any
}

func (s scanAfter) Scan(to ...any) error { return s.rows.Scan(append([]any{s.first}, to...)...) }

// step takes a reset one step on.
func (s *Store) step(ctx context.Context, doing string, link Hash, do func(*Tx, people.Reset, people.Organisation) (people.Reset, error)) error {
	return s.change(ctx, doing, func(tx *Tx) error {
		r, err := scanReset(tx.row(`select `+resetColumns+` from resets where link_hash = $1`, link[:]))
		if err != nil {
			return err
		}
		o, err := organisation(tx.ctx, tx.tx)
		if err != nil {
			return err
		}
		if r, err = do(tx, r, o); err != nil {
			return err
		}
		_, err = tx.exec(`update resets set approved_by = $1, state = $2 where link_hash = $3`, r.ApprovedBy, int(r.State), link[:])
		return err
	})
}

// ApproveReset is the second administrator's; see people.Reset.
func (s *Store) ApproveReset(ctx context.Context, link Hash, by uint64, now time.Time) error {
	return s.step(ctx, "approving a reset", link, func(tx *Tx, r people.Reset, o people.Organisation) (people.Reset, error) {
		r, err := r.Approve(o, by, now)
		if err != nil {
			return r, err
		}
		return r, noted(tx, by, "reset.approve", people.Actor(r.Rep), nil, now)
	})
}

// OpenReset: who has the link has proved the rep's second factor.
func (s *Store) OpenReset(ctx context.Context, link Hash, now time.Time) error {
	return s.step(ctx, "opening a reset", link, func(tx *Tx, r people.Reset, _ people.Organisation) (people.Reset, error) {
		r, err := r.Factor(now)
		if err != nil {
			return r, err
		}
		return r, noted(tx, r.Rep, "reset.open", people.Actor(r.Rep), nil, now)
	})
}

// CancelReset ends, for administrator by, a reset. Else people.ErrNotAllowed.
func (s *Store) CancelReset(ctx context.Context, link Hash, by uint64, now time.Time) error {
	return s.step(ctx, "cancelling a reset", link, func(tx *Tx, r people.Reset, o people.Organisation) (people.Reset, error) {
		if may := o.May(by); !may[people.ManagePeople] && !may[people.ApproveResets] {
			return r, people.ErrNotAllowed
		}
		return r.Cancel(now), noted(tx, by, "reset.cancel", people.Actor(r.Rep), nil, now)
	})
}

// UseReset keeps the new password, once, and ends all logins of the rep. Second
// factors go where two administrators agreed that they are lost, and so does who
// the rep is at identity providers.
func (s *Store) UseReset(ctx context.Context, link Hash, phc string, now time.Time) error {
	return s.step(ctx, "using a reset", link, func(tx *Tx, r people.Reset, o people.Organisation) (people.Reset, error) {
		r, drop, err := r.Use(o, now)
		if err != nil {
			return r, err
		}
		if drop {
			for _, text := range []string{
				`delete from totps where rep = $1`, `delete from passkeys where rep = $1`, `delete from recovery_codes where rep = $1`,
			} {
				if _, err := tx.exec(text, r.Rep); err != nil {
					return r, err
				}
			}
			if err := forgetKnown(tx, r.Rep, now); err != nil {
				return r, err
			}
		}
		if err := setPassword(tx, r.Rep, phc, now); err != nil {
			return r, err
		}
		if err := endLogins(tx, r.Rep, nil); err != nil {
			return r, err
		}
		if err := endConsoles(tx, r.Rep); err != nil {
			return r, err
		}
		return r, noted(tx, r.Rep, "reset.use", people.Actor(r.Rep), map[string]any{"factors dropped": drop}, now)
	})
}

const tokenColumns = `id, hash, rep, name, may, made, seen, expires, revoked`

func scanToken(row interface{ Scan(...any) error }) (people.Token, error) {
	var t people.Token
	var hash []byte
	var may string
	var made, seen, expires, revoked int64
	err := row.Scan(&t.ID, &hash, &t.Rep, &t.Name, &may, &made, &seen, &expires, &revoked)
	if errors.Is(err, sql.ErrNoRows) {
		return people.Token{}, people.ErrNoLogin
	}
	copy(t.Hash[:], hash)
	t.May, t.Made, t.Seen, t.Expires, t.Revoked = unspaced(may), moment(made), moment(seen), moment(expires), moment(revoked)
	return t, err
}

// AddToken keeps a token. It may do no more than the rep who makes it; else
// people.ErrNotAllowed or people.ErrOwnRights.
func (s *Store) AddToken(ctx context.Context, t people.Token) error {
	return s.change(ctx, "adding a token", func(tx *Tx) error {
		o, err := organisation(tx.ctx, tx.tx)
		if err != nil {
			return err
		}
		if may := o.May(t.Rep); !may[people.APITokens] {
			return people.ErrNotAllowed
		} else if !t.May.Within(may) {
			return people.ErrOwnRights
		}
		n, err := tx.exec(`insert into api_tokens (hash, rep, name, may, made, seen, expires, revoked)
			values ($1, $2, $3, $4, $5, 0, $6, 0) on conflict (hash) do nothing`,
			t.Hash[:], t.Rep, t.Name, spaced(t.May), micros(t.Made), micros(t.Expires))
		if err != nil || n == 0 {
			return err
		}
		if err := tx.row(`select id from api_tokens where hash = $1`, t.Hash[:]).Scan(&t.ID); err != nil {
			return err
		}
		return noted(tx, t.Rep, "token.add", subject("token", t.ID), map[string]any{"may": spaced(t.May)}, t.Made)
	})
}

// Token finds a token that may be used now, and notes that it was. May is what
// it may do today: no more than its rep. Else people.ErrNoLogin.
func (s *Store) Token(ctx context.Context, hash Hash, now time.Time) (people.Token, error) {
	var t people.Token
	err := s.change(ctx, "using a token", func(tx *Tx) error {
		var err error
		if t, err = scanToken(tx.row(`select `+tokenColumns+` from api_tokens
			where hash = $1 and revoked = 0 and (expires = 0 or expires > $2)`, hash[:], micros(now))); err != nil {
			return err
		}
		o, err := organisation(tx.ctx, tx.tx)
		if err != nil {
			return err
		}
		may := o.May(t.Rep)
		if !may[people.APITokens] {
			return people.ErrNoLogin // its rep is disabled, or may not have tokens any more
		}
		t.May = t.May.Without(t.May.Without(may))
		_, err = tx.exec(`update api_tokens set seen = $1 where id = $2`, micros(now), t.ID)
		return err
	})
	return t, err
}

// Tokens lists all tokens, revoked ones too.
func (s *Store) Tokens(ctx context.Context) ([]people.Token, error) {
	return list(ctx, s.engine.reader(), func(r *sql.Rows) (people.Token, error) { return scanToken(r) },
		`select `+tokenColumns+` from api_tokens order by id`)
}

// RevokeToken ends a token, for rep by. Once more is harmless.
func (s *Store) RevokeToken(ctx context.Context, by, id uint64, now time.Time) error {
	return s.change(ctx, "revoking a token", func(tx *Tx) error {
		n, err := tx.exec(`update api_tokens set revoked = $1 where id = $2 and revoked = 0`, micros(now), id)
		if err != nil || n == 0 {
			return err
		}
		return noted(tx, by, "token.revoke", subject("token", id), nil, now)
	})
}

const settingRevoked = "revoked-everything"

// RevokeEverything ends, for rep by, all logins but the one to keep, and all
// tokens, resets, enrolment codes and first secrets. Running brokers see by
// EverythingRevoked that keys and live sessions end, too. Else
// people.ErrNotAllowed.
func (s *Store) RevokeEverything(ctx context.Context, by uint64, keep Hash, now time.Time) error {
	return s.change(ctx, "revoking everything", func(tx *Tx) error {
		o, err := organisation(tx.ctx, tx.tx)
		if err != nil {
			return err
		}
		if !o.May(by)[people.RevokeEverything] {
			return people.ErrNotAllowed
		}
		tx.hint()
		at := micros(now)
		for _, do := range []struct {
			text string
			args []any
		}{
			{`delete from logins where token_hash <> $1 or rep <> $2`, []any{keep[:], by}},
			{`update api_tokens set revoked = $1 where revoked = 0`, []any{at}},
			{`update resets set state = $1 where state <> $2`, []any{int(people.ResetOver), int(people.ResetUsed)}},
			{`delete from first_secrets`, nil},
			{`delete from enrolments where used = 0`, nil},
			{`delete from pairs`, nil},
			{`update consoles set login_until = 0`, nil},
			{`insert into settings (name, value) values ($1, $2)
				on conflict (name) do update set value = excluded.value`, []any{settingRevoked, fmt.Append(nil, at)}},
		} {
			if _, err := tx.exec(do.text, do.args...); err != nil {
				return err
			}
		}
		return noted(tx, by, "everything.revoke", "everything", nil, now)
	})
}

// EverythingRevoked says when everything was revoked last, zero for never: all
// keys and sessions that began before it are to end.
func (s *Store) EverythingRevoked(ctx context.Context) (time.Time, error) {
	text, err := s.Setting(ctx, settingRevoked)
	if err != nil || text == nil {
		return time.Time{}, err
	}
	var at int64
	if _, err := fmt.Sscan(string(text), &at); err != nil {
		return time.Time{}, fmt.Errorf("reading when everything was revoked: %w", err)
	}
	return moment(at), nil
}

// SetMappedRoles makes a rep hold, of the roles that an identity provider
// decides about, those that it says, and tells whether that changed anything.
// The last owner stays one: people.ErrLastOwner.
func (s *Store) SetMappedRoles(ctx context.Context, rep uint64, decided, held []string, now time.Time) (bool, error) {
	changed := false
	err := s.change(ctx, "mapping roles", func(tx *Tx) error {
		changed = false
		before, err := organisation(tx.ctx, tx.tx)
		if err != nil {
			return err
		}
		after, err := before.Mapped(rep, decided, held, now)
		if err != nil {
			return err
		}
		if changed = len(before.Holdings) != len(after.Holdings) || !slices.Equal(before.Holdings, after.Holdings); !changed {
			return nil
		}
		if err := keepOrganisation(tx, 0, before, after, now, s.engine); err != nil {
			return err
		}
		return noted(tx, rep, "role.mapped", people.Actor(rep), map[string]any{"roles": held}, now)
	})
	return changed, err
}

// Note adds an act that changes nothing here to the audit log, such as an
// export.
func (s *Store) Note(ctx context.Context, by uint64, act, about string, now time.Time) error {
	return s.change(ctx, "adding to the audit log", func(tx *Tx) error { return noted(tx, by, act, about, nil, now) })
}
