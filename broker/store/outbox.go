package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/broker/settings"
)

// dayZoneName is a setting: where the days of the roll-up begin and end.
const dayZoneName = "records.zone"

// recipient is a program elsewhere that hears of facts.
type recipient struct {
	id     string
	events []string // empty: all
}

func (r recipient) hears(what lobby.What) bool {
	return len(r.events) == 0 || slices.Contains(r.events, string(what))
}

func recipients(tx *Tx) ([]recipient, error) {
	return list(tx.ctx, tx.tx, func(rows *sql.Rows) (r recipient, err error) {
		var events string
		err = rows.Scan(&r.id, &events)
		r.events = strings.Fields(events)
		return r, err
	}, `select id, events from recipients order by id`)
}

// tell puts a fact in the line of everybody who hears of its kind.
func (k *keeper) tell(f lobby.Fact, number int64) error {
	for _, r := range k.recipients {
		if !r.hears(f.What) {
			continue
		}
		if _, err := k.exec(`insert into outbox (recipient, fact, made) values ($1, $2, $3)`, r.id, number, micros(f.At)); err != nil {
			return err
		}
	}
	return nil
}

// dayZone is where the days of the roll-up begin and end.
func dayZone(tx *Tx) (*time.Location, error) {
	var name []byte
	err := tx.row(`select value from settings where name = $1`, dayZoneName).Scan(&name)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	zone, err := time.LoadLocation(string(name))
	if err != nil {
		return time.UTC, nil // a zone that this system does not know is better than no record
	}
	return zone, nil
}

// settledRecords keeps what the keeping of facts needs of new settings: who
// hears of them, and where days begin. It belongs in the transaction that keeps
// the settings.
func settledRecords(tx *Tx, s settings.Settings) error {
	_, err := tx.exec(`insert into settings (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value`,
		dayZoneName, []byte(s.Portals[settings.Main].Hours.Zone))
	if err != nil {
		return fmt.Errorf("the zone of days: %w", err)
	}
	var hear []recipient
	for _, h := range s.Hooks {
		if !h.Off {
			hear = append(hear, recipient{record.Hook + h.ID, h.Events})
		}
	}
	if s.Syslog != nil {
		hear = append(hear, recipient{id: record.Syslog})
	}
	had, err := recipients(tx)
	if err != nil {
		return err
	}
	for _, r := range had {
		if slices.ContainsFunc(hear, func(h recipient) bool { return h.id == r.id }) {
			continue
		}
		for _, text := range []string{
			`delete from outbox where recipient = $1`, `delete from tellings where recipient = $1`, `delete from recipients where id = $1`,
		} {
			if _, err := tx.exec(text, r.id); err != nil {
				return err
			}
		}
	}
	for _, r := range hear {
		_, err := tx.exec(`insert into recipients (id, events) values ($1, $2) on conflict (id) do update set events = excluded.events`,
			r.id, strings.Join(r.events, " "))
		if err == nil {
			_, err = tx.exec(`insert into tellings (recipient, tries, due, told, given_up, last, problem) values ($1, 0, 0, 0, 0, 0, '')
				on conflict (recipient) do nothing`, r.id)
		}
		if err != nil {
			return err
		}
	}
	// Whoever has set an address right does not wait an hour to see that it is.
	if _, err := tx.exec(`update tellings set due = 0 where due <> 0`); err != nil {
		return fmt.Errorf("asking everybody again: %w", err)
	}
	return nil
}

// Recipients lists who hears of facts.
func (s *Store) Recipients(ctx context.Context) ([]record.Recipient, error) {
	found, err := list(ctx, s.engine.reader(), func(rows *sql.Rows) (r record.Recipient, err error) {
		var due, last int64
		err = rows.Scan(&r.ID, &r.Tries, &due, &r.Told, &r.GivenUp, &last, &r.Problem, &r.Waiting)
		r.Due, r.Last = moment(due), moment(last)
		return r, err
	}, `select recipient, tries, due, told, given_up, last, problem, (select count(*) from outbox o where o.recipient = t.recipient)
		from tellings t order by recipient`)
	if err != nil {
		return nil, fmt.Errorf("reading who hears of facts: %w", err)
	}
	return found, nil
}

// Line gives what a recipient is to be told next, in order.
func (s *Store) Line(ctx context.Context, recipient string, limit int) ([]record.Line, error) {
	found, err := list(ctx, s.engine.reader(), func(rows *sql.Rows) (l record.Line, err error) {
		var mark []byte
		var made int64
		l.Fact, err = scanFact(rows, &l.Number, &made, &mark, &l.Portal)
		l.Made = moment(made)
		copy(l.Mark[:], mark)
		return l, err
	}, `select o.number, o.made, f.mark, coalesce(r.portal, ''), f.session, f.at, f.what, f.rep, f.queue, f.detail
		from outbox o join facts f on f.number = o.fact left join records r on r.session = f.session
		where o.recipient = $1 order by o.number limit $2`, recipient, limit)
	if err != nil {
		return nil, fmt.Errorf("reading what %s is to be told: %w", recipient, err)
	}
	return found, nil
}

// Told takes out of a recipient's line what it was told, and only that: of
// several brokers, one with a lower number may have come into it since. Told
// again changes nothing.
func (s *Store) Told(ctx context.Context, recipient string, numbers []int64, now time.Time) error {
	err := s.engine.write(ctx, func(tx *Tx) error {
		n, err := tx.exec(`delete from outbox where recipient = $1 and `+among("number", numbers), recipient)
		if err == nil {
			_, err = tx.exec(`update tellings set told = told + $1, tries = 0, due = 0, problem = '', last = $2 where recipient = $3`, n, micros(now), recipient)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping that %s was told: %w", recipient, err)
	}
	return nil
}

// NotTold keeps that a recipient could not be told the first in its line, why,
// and when to try again.
func (s *Store) NotTold(ctx context.Context, recipient, problem string, due time.Time) error {
	err := s.engine.write(ctx, func(tx *Tx) error {
		_, err := tx.exec(`update tellings set tries = tries + 1, due = $1, problem = $2 where recipient = $3`, micros(due), problem, recipient)
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping that %s was not told: %w", recipient, err)
	}
	return nil
}

// GiveUp takes out of a recipient's line what happened before then.
func (s *Store) GiveUp(ctx context.Context, recipient string, before time.Time) error {
	err := s.engine.write(ctx, func(tx *Tx) error {
		n, err := tx.exec(`delete from outbox where recipient = $1 and made < $2`, recipient, micros(before))
		if err == nil && n > 0 {
			_, err = tx.exec(`update tellings set given_up = given_up + $1 where recipient = $2`, n, recipient)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("giving up on %s: %w", recipient, err)
	}
	return nil
}

// Due gives who is to be told something now.
func (s *Store) Due(ctx context.Context, now time.Time) ([]record.Recipient, error) {
	found, err := list(ctx, s.engine.reader(), func(rows *sql.Rows) (r record.Recipient, err error) { return r, rows.Scan(&r.ID, &r.Tries) },
		`select recipient, tries from tellings t where due <= $1 and exists (select 1 from outbox o where o.recipient = t.recipient) order by recipient`, micros(now))
	if err != nil {
		return nil, fmt.Errorf("reading who is to be told: %w", err)
	}
	return found, nil
}
