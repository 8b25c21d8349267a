package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"handrail/broker/people"
)

// refusedEvery is how often the audit log tells that a provider's word for one
// rep was refused: whoever tries again and again doesn't fill it.
const refusedEvery = time.Hour

// providerActor is who is refused: nobody that is known here.
const providerActor = "provider"

// Meet gives the rep of whom an identity provider speaks, and keeps at the first
// time who that is there. Errors: people's, of Organisation.Meet; those that
// name a rep are in the audit log.
func (s *Store) Meet(ctx context.Context, w people.Word, now time.Time) (people.Rep, error) {
	var met people.Rep
	var refused error
	err := s.change(ctx, "meeting somebody by an identity provider", func(tx *Tx) error {
		o, err := organisation(tx.ctx, tx.tx)
		if err != nil {
			return err
		}
		m, err := meeting(tx, o, w)
		if err != nil {
			return err
		}
		rep, first, err := o.Meet(w, m)
		met, refused = o.Reps[rep], err
		switch {
		case err != nil && rep != 0:
			return noteRefused(tx, rep, w, now)
		case err != nil:
			return nil
		case !first:
			return confirm(tx, o.Reps[rep], w)
		}
		if err := cancelResets(tx, rep); err != nil { // an invitation opens only what nobody has used
			return err
		}
		return know(tx, o.Reps[rep], w, "provider.meet", now)
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return people.Rep{}, err
	}
	return met, nil
}

// meeting is what is known of whom a provider speaks.
func meeting(tx *Tx, o people.Organisation, w people.Word) (people.Meeting, error) {
	var m people.Meeting
	if w.Fit() != nil {
		return m, nil // nobody is known by it
	}
	var err error
	if m.Known, err = knownAs(tx, w); err != nil || m.Known != 0 {
		return m, err
	}
	r, ok := o.ByMail(w.Mail)
	if !ok {
		return m, nil
	}
	c, err := credentials(tx.ctx, tx.tx, r.ID)
	if err != nil {
		return m, err
	}
	m.OwnWay = c.Password != "" || c.HasFactor()
	if m.Has, err = account(tx, r.ID, c); err != nil {
		return m, err
	}
	if m.Other, err = knownElse(tx, r.ID, w); err != nil {
		return m, err
	}
	return m, tx.row(`select mail_by from reps where id = $1`, r.ID).Scan(&m.MailBy)
}

// account is what a rep has to sign in with. Unused is one that nobody has ever
// been in: whoever was has left a trace in the audit log.
func account(tx *Tx, rep uint64, c people.Credentials) (people.Account, error) {
	var used bool
	err := tx.row(`select exists (select 1 from consoles where rep = $1) or exists (select 1 from known where rep = $1)
		or exists (select 1 from audit where actor = $2)`, rep, people.Actor(rep)).Scan(&used)
	return people.Account{Unused: c.Password == "" && !used, HasFactor: c.HasFactor()}, err
}

// knownAs gives whose an account at a provider is known to be, 0 for nobody's.
func knownAs(tx *Tx, w people.Word) (rep uint64, err error) {
	err = tx.row(`select rep from known where issuer = $1 and subject = $2`, w.Issuer, w.Subject).Scan(&rep)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return rep, err
}

// knownElse says whether a rep is known by another account there.
func knownElse(tx *Tx, rep uint64, w people.Word) (is bool, err error) {
	err = tx.row(`select exists (select 1 from known where rep = $1 and issuer = $2 and subject <> $3)`, rep, w.Issuer, w.Subject).Scan(&is)
	return is, err
}

func know(tx *Tx, r people.Rep, w people.Word, act string, now time.Time) error {
	if _, err := tx.exec(`insert into known (issuer, subject, rep, since) values ($1, $2, $3, $4)`, w.Issuer, w.Subject, r.ID, micros(now)); err != nil {
		return err
	}
	if err := confirm(tx, r, w); err != nil {
		return err
	}
	return noted(tx, r.ID, act, people.Actor(r.ID), map[string]any{"issuer": w.Issuer}, now)
}

// confirm: a mail address that a provider has confirmed for somebody who is known
// there is theirs, whoever gave it. So it vouches for them at the next provider.
func confirm(tx *Tx, r people.Rep, w people.Word) error {
	if mail, ok := people.Mail(w.Mail); !ok || mail != r.Mail {
		return nil
	}
	_, err := tx.exec(`update reps set mail_by = 0 where id = $1 and mail_by <> 0`, r.ID)
	return err
}

// noteRefused tells the audit log, once in a while, that somebody at a provider
// has a rep's mail address and isn't known to be that rep.
func noteRefused(tx *Tx, rep uint64, w people.Word, now time.Time) error {
	const act = "provider.refuse"
	var lately bool
	err := tx.row(`select exists (select 1 from audit where subject = $1 and act = $2 and at > $3)`,
		people.Actor(rep), act, micros(now.Add(-refusedEvery))).Scan(&lately)
	if err != nil || lately {
		return err
	}
	return notedOf(tx, providerActor, act, people.Actor(rep), map[string]any{"issuer": w.Issuer}, now)
}

// JoinProvider keeps that a rep who is signed in is whom an identity provider
// speaks of. Once more is harmless. Errors: people's, of Organisation.Join.
func (s *Store) JoinProvider(ctx context.Context, rep uint64, w people.Word, now time.Time) error {
	return s.change(ctx, "joining an account at an identity provider", func(tx *Tx) error {
		if err := w.Fit(); err != nil {
			return err
		}
		o, err := organisation(tx.ctx, tx.tx)
		if err != nil {
			return err
		}
		whose, err := knownAs(tx, w)
		if err != nil {
			return err
		}
		other, err := knownElse(tx, rep, w)
		if err != nil {
			return err
		}
		if err := o.Join(rep, w, whose, other); err != nil || whose == rep {
			return err
		}
		return know(tx, o.Reps[rep], w, "provider.join", now)
	})
}

// KnownAt lists who a rep is at identity providers, the earliest first.
func (s *Store) KnownAt(ctx context.Context, rep uint64) ([]people.Known, error) {
	return list(ctx, s.engine.reader(), func(rows *sql.Rows) (k people.Known, err error) {
		var since int64
		err = rows.Scan(&k.Rep, &k.Issuer, &k.Subject, &since)
		k.Since = moment(since)
		return k, err
	}, `select rep, issuer, subject, since from known where rep = $1 order by since, issuer`, rep)
}

// forgetKnown forgets who a rep is at identity providers.
func forgetKnown(tx *Tx, rep uint64, now time.Time) error {
	n, err := tx.exec(`delete from known where rep = $1`, rep)
	if err != nil || n == 0 {
		return err
	}
	return noted(tx, rep, "provider.forget", people.Actor(rep), nil, now)
}
