package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/shared/wire"
)

// Expire deletes the records of sessions that came before a moment, with all
// that belongs to them: at most limit of them, the oldest first. It says how
// many there were. The daily sums stay; they know of no customer.
//
// A session that some broker may still have is left for another time.
func (s *Store) Expire(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = s.engine.write(ctx, func(tx *Tx) error {
		old, err := list(tx.ctx, tx.tx, func(rows *sql.Rows) (id wire.SessionID, err error) {
			var b []byte
			err = rows.Scan(&b)
			copy(id[:], b)
			return id, err
		}, expired, micros(before), limit)
		if err != nil {
			return err
		}
		n = len(old)
		return forget(tx, old)
	})
	if err == nil && n < limit {
		err = s.unnameUnowned(ctx, before, limit)
	}
	if err != nil {
		return 0, fmt.Errorf("deleting old records: %w", err)
	}
	return n, nil
}

const expired = `select r.session from records r where r.came < $1 and not exists (select 1 from visits v where v.id = r.session)
	order by r.came, r.session limit $2`

// Erase deletes the record of one session with all that belongs to it, by
// somebody's wish: record.ErrNone when it is not in the scope, and
// record.ErrGoing while a broker may still have it. The daily sums stay, and
// the audit log says that it was done.
func (s *Store) Erase(ctx context.Context, by uint64, session wire.SessionID, scope record.Scope, now time.Time) error {
	return s.change(ctx, fmt.Sprintf("deleting the record of %v", session), func(tx *Tx) error {
		q := oneOf(scope, session)
		var seen, going bool
		if err := tx.row(`select exists (select 1 from records r`+q.where()+`)`, q.args...).Scan(&seen); err != nil {
			return err
		}
		if !seen {
			return record.ErrNone
		}
		if err := tx.row(`select exists (select 1 from visits where id = $1 and (ended = 0 or ended > $2))`,
			session[:], micros(now.Add(-lobby.Afterlife))).Scan(&going); err != nil {
			return err
		}
		if going {
			return record.ErrGoing
		}
		if err := forget(tx, []wire.SessionID{session}); err != nil {
			return err
		}
		return noted(tx, by, "record.erase", subject("session", session), nil, now)
	})
}

// ofSession deletes what is kept of a session.
var ofSession = []string{
	`delete from outbox where fact in (select number from facts where session = $1)`,
	`delete from facts where session = $1`,
	`delete from participants where session = $1`,
	`delete from answers where session = $1`,
	`delete from transcripts where session = $1`,
	`delete from visits where id = $1`,
	`delete from sessions where id = $1`,
	`delete from records where session = $1`,
}

const unusedCompany = `delete from companies where company_key = $1 and not exists (select 1 from records where company_key = $1)`

// forget deletes everything that is kept of sessions, except what they count in
// the daily sums.
func forget(tx *Tx, sessions []wire.SessionID) error {
	companies := map[string]bool{}
	for _, id := range sessions {
		var name, company string
		var came int64
		if err := tx.row(`select name_key, company_key, came from records where session = $1`, id[:]).Scan(&name, &company, &came); err != nil {
			return err
		}
		companies[company] = true
		if err := unname(tx, id, came, name); err != nil {
			return err
		}
		for _, text := range ofSession {
			if _, err := tx.exec(text, id[:]); err != nil {
				return err
			}
		}
	}
	for company := range companies {
		if _, err := tx.exec(unusedCompany, company); err != nil {
			return err
		}
	}
	return nil
}
