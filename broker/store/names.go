package store

import (
	"context"
	"database/sql"
	"time"

	"handrail/broker/record"
	"handrail/shared/wire"
)

// A session is found by a part of the customer's name through the words of it:
// there are far fewer of them than of sessions, so all of them are looked
// through, and each leads to the sessions of whoever has it in the name.

const (
	addNamed   = `insert into named (word, came, session) values ($1, $2, $3) on conflict do nothing`
	dropNamed  = `delete from named where word = $1 and came = $2 and session = $3`
	unusedWord = `delete from words where word = $1 and not exists (select 1 from named where word = $1)`

	// These look first, because only so the database sees that another broker
	// takes the last one's away at the same time.
	addWord    = `insert into words (word) select cast($1 as text) where not exists (select 1 from words where word = $1) on conflict do nothing`
	addCompany = `insert into companies (company_key) select cast($1 as text) where not exists (select 1 from companies where company_key = $1) on conflict do nothing`
)

// rename keeps the words of a name in place of those that it had before.
func rename(tx *Tx, r *kept) error {
	if r.Name == r.name {
		return nil
	}
	if err := unname(tx, r.Session, micros(r.Came), r.name); err != nil {
		return err
	}
	for _, word := range record.Words(r.Name) {
		if _, err := tx.exec(addNamed, word, micros(r.Came), r.Session[:]); err != nil {
			return err
		}
		if _, err := tx.exec(addWord, word); err != nil {
			return err
		}
	}
	return nil
}

// unname deletes the words of a session's name, and those that nobody has any
// more.
func unname(tx *Tx, session wire.SessionID, came int64, name string) error {
	for _, word := range record.Words(name) {
		if err := unnameOne(tx, session, came, word); err != nil {
			return err
		}
	}
	return nil
}

func unnameOne(tx *Tx, session wire.SessionID, came int64, word string) error {
	if _, err := tx.exec(dropNamed, word, came, session[:]); err != nil {
		return err
	}
	_, err := tx.exec(unusedWord, word)
	return err
}

const unowned = `select n.word, n.came, n.session from words w cross join named n
	where n.word = w.word and n.came < $1 and not exists (select 1 from records r where r.session = n.session) limit $2`

// unnameUnowned deletes words of sessions that are gone: during an upgrade,
// another broker of the older version deletes sessions without them.
func (s *Store) unnameUnowned(ctx context.Context, before time.Time, limit int) error {
	type owner struct {
		word    string
		came    int64
		session wire.SessionID
	}
	left, err := list(ctx, s.engine.reader(), func(rows *sql.Rows) (o owner, err error) {
		var id []byte
		err = rows.Scan(&o.word, &o.came, &id)
		copy(o.session[:], id)
		return o, err
	}, unowned, micros(before), limit)
	if err != nil || len(left) == 0 {
		return err
	}
	return s.engine.write(ctx, func(tx *Tx) error {
		for _, o := range left {
			if err := unnameOne(tx, o.session, o.came, o.word); err != nil {
				return err
			}
		}
		return nil
	})
}
