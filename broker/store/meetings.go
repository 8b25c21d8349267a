package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"handrail/broker/lobby"
	"handrail/shared/wire"
)

// Keep keeps all records in one transaction, each in place of what was kept of
// it before.
func (s *Store) Keep(ctx context.Context, keys []lobby.Key, sessions []lobby.Session) error {
	err := s.engine.write(ctx, func(tx *Tx) error {
		for _, k := range keys {
			if err := keepKey(tx, k); err != nil {
				return fmt.Errorf("a key: %w", err)
			}
		}
		for _, m := range sessions {
			if err := keepSession(tx, m); err != nil {
				return fmt.Errorf("session %v: %w", m.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keeping: %w", err)
	}
	return nil
}

func keepKey(tx *Tx, k lobby.Key) error {
	const text = `insert into keys (rep, request, number, made, expires, state, session, ended, why)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (rep, request) do update set
			state = excluded.state, session = excluded.session, ended = excluded.ended, why = excluded.why`
	_, err := tx.exec(text, k.Rep, k.Request[:], k.Number, micros(k.Made), micros(k.Expires),
		int(k.State), k.Session[:], micros(k.Ended), int(k.Why))
	return err
}

func keepSession(tx *Tx, m lobby.Session) error {
	const text = `insert into sessions (id, rep, request, started, customer_ticket, rep_ticket, customer_left, ended, why)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (id) do update set
			customer_left = excluded.customer_left, ended = excluded.ended, why = excluded.why`
	_, err := tx.exec(text, m.ID[:], m.Rep, m.Request[:], micros(m.Started),
		m.Tickets[0][:], m.Tickets[1][:], int(m.CustomerLeft), micros(m.Ended), int(m.Why))
	return err
}

// Kept gives back what the lobby needs after a restart: all keys, and the
// sessions that go on.
func (s *Store) Kept(ctx context.Context) ([]lobby.Key, []lobby.Session, error) {
	keys, err := list(ctx, s.engine.reader(), scanKey,
		`select rep, request, number, made, expires, state, session, ended, why from keys order by made, request`)
	if err != nil {
		return nil, nil, fmt.Errorf("reading keys: %w", err)
	}
	sessions, err := list(ctx, s.engine.reader(), scanSession,
		`select id, rep, request, started, customer_ticket, rep_ticket, customer_left, ended, why
		from sessions where ended = 0 order by started, id`)
	if err != nil {
		return nil, nil, fmt.Errorf("reading sessions: %w", err)
	}
	return keys, sessions, nil
}

func scanKey(rows *sql.Rows) (lobby.Key, error) {
	var k lobby.Key
	var request, session []byte
	var made, expires, ended int64
	err := rows.Scan(&k.Rep, &request, &k.Number, &made, &expires, &k.State, &session, &ended, &k.Why)
	copy(k.Request[:], request)
	copy(k.Session[:], session)
	k.Made, k.Expires, k.Ended = moment(made), moment(expires), moment(ended)
	return k, err
}

func scanSession(rows *sql.Rows) (lobby.Session, error) {
	var m lobby.Session
	var id, request, customer, rep []byte
	var started, ended int64
	err := rows.Scan(&id, &m.Rep, &request, &started, &customer, &rep, &m.CustomerLeft, &ended, &m.Why)
	m.ID = wire.SessionID{}
	copy(m.ID[:], id)
	copy(m.Request[:], request)
	copy(m.Tickets[0][:], customer)
	copy(m.Tickets[1][:], rep)
	m.Started, m.Ended = moment(started), moment(ended)
	return m, err
}

// Prune forgets keys, sessions and enrolment codes that ended before then.
func (s *Store) Prune(ctx context.Context, before time.Time) error {
	err := s.engine.write(ctx, func(tx *Tx) error {
		for _, text := range []string{
			`delete from keys where ended <> 0 and ended < $1`,
			`delete from sessions where ended <> 0 and ended < $1`,
			`delete from enrolments where expires < $1`,
		} {
			if _, err := tx.exec(text, micros(before)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("pruning: %w", err)
	}
	return nil
}
