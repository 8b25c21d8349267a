package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"handrail/broker/lobby"
	"handrail/shared/wire"
)

// Keep keeps all of a batch in one transaction, each record in place of what
// was kept of it before, as that of a broker that has joined. A broker that
// others have taken over from keeps nothing: lobby.ErrFenced.
func (s *Store) Keep(ctx context.Context, by lobby.NodeID, b lobby.Batch) error {
	err := s.engine.write(ctx, func(tx *Tx) error {
		if err := holds(tx, by); err != nil {
			return err
		}
		home := homed{tx, by[:]}
		if err := keepEach("a key", b.Keys, home.keepKey); err != nil {
			return err
		}
		if err := keepEach("a session", b.Sessions, home.keepSession); err != nil {
			return err
		}
		if err := keepEach("a visit", latest(b.Visits), home.keepVisit); err != nil {
			return err
		}
		if err := keepEach("a wait", b.Waits, home.keepWait); err != nil {
			return err
		}
		if err := keepEach("a part of a log", b.Logs, func(p lobby.LogPart) error { return keepPart(tx, p) }); err != nil {
			return err
		}
		return keepFacts(tx, b.Facts)
	})
	if err != nil {
		return fmt.Errorf("keeping: %w", err)
	}
	return nil
}

func keepEach[T any](what string, all []T, keep func(T) error) error {
	for _, one := range all {
		if err := keep(one); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}

// latest is each visit as the batch has it last: one changes several times in
// a step, and only that counts.
func latest(all []lobby.Visit) []lobby.Visit {
	last := map[wire.SessionID]int{}
	for i, v := range all {
		last[v.ID] = i
	}
	var rest []lobby.Visit
	for i, v := range all {
		if last[v.ID] == i {
			rest = append(rest, v)
		}
	}
	return rest
}

// homed keeps records as those of a node.
type homed struct {
	*Tx
	node []byte
}

// keepKey: a console that has not heard the answer of a broker which is gone
// asks another one with the same request. The newer key is the one it hears
// of, and so the one that is kept.
func (h homed) keepKey(k lobby.Key) error {
	const text = `insert into keys (rep, request, number, made, expires, state, session, ended, why, home)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (rep, request) do update set
			number = excluded.number, made = excluded.made, expires = excluded.expires,
			state = excluded.state, session = excluded.session, ended = excluded.ended, why = excluded.why, home = excluded.home
		where keys.home = excluded.home or keys.made < excluded.made`
	_, err := h.exec(text, k.Rep, k.Request[:], k.Number, micros(k.Made), micros(k.Expires),
		int(k.State), k.Session[:], micros(k.Ended), int(k.Why), h.node)
	return err
}

func (h homed) keepSession(m lobby.Session) error {
	const text = `insert into sessions (id, rep, request, started, customer_ticket, rep_ticket, customer_left, ended, why, home)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (id) do update set
			rep = excluded.rep, request = excluded.request, started = excluded.started,
			customer_ticket = excluded.customer_ticket, rep_ticket = excluded.rep_ticket,
			customer_left = excluded.customer_left, ended = excluded.ended, why = excluded.why
		where sessions.home = excluded.home`
	return fenced(h.exec(text, m.ID[:], m.Rep, m.Request[:], micros(m.Started),
		m.Tickets[0][:], m.Tickets[1][:], int(m.CustomerLeft), micros(m.Ended), int(m.Why), h.node))
}

func (h homed) keepVisit(v lobby.Visit) error {
	record, err := json.Marshal(v)
	if err != nil {
		return err
	}
	const text = `insert into visits (id, page, ticket, ended, record, code, home) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (id) do update set
			ticket = excluded.ticket, ended = excluded.ended, record = excluded.record, code = excluded.code
		where visits.home = excluded.home`
	return fenced(h.exec(text, v.ID[:], v.Page[:], v.Ticket[:], micros(v.Over), string(record), v.Code, h.node))
}

func (h homed) keepWait(w lobby.Wait) error {
	const text = `insert into waits (queue, slot, ended, place) values ($1, $2, $3, $4)
		on conflict (queue, slot) do update set ended = excluded.ended, place = excluded.place`
	_, err := h.exec(text, w.Queue, w.Slot, micros(w.At), w.Each.Microseconds())
	return err
}

// atHome reads what is at home where the condition says.
func atHome(ctx context.Context, from querier, where string, args ...any) (lobby.Batch, error) {
	var b lobby.Batch
	var err error
	if b.Keys, err = list(ctx, from, scanKey, `select rep, request, number, made, expires, state, session, ended, why
		from keys where `+where+` order by made, request`, args...); err != nil {
		return b, fmt.Errorf("reading keys: %w", err)
	}
	if b.Sessions, err = list(ctx, from, scanSession,
		`select id, rep, request, started, customer_ticket, rep_ticket, customer_left, ended, why
		from sessions where ended = 0 and `+where+` order by started, id`, args...); err != nil {
		return b, fmt.Errorf("reading sessions: %w", err)
	}
	if b.Visits, err = list(ctx, from, scanVisit,
		`select id, page, ticket, record from visits where `+where+` order by id`, args...); err != nil {
		return b, fmt.Errorf("reading visits: %w", err)
	}
	return b, nil
}

func waits(ctx context.Context, from querier) ([]lobby.Wait, error) {
	return list(ctx, from, scanWait, `select queue, slot, ended, place from waits order by ended, queue, slot`)
}

func scanVisit(rows *sql.Rows) (v lobby.Visit, err error) {
	var id, page, ticket []byte
	var record string
	if err := rows.Scan(&id, &page, &ticket, &record); err != nil {
		return v, err
	}
	if err := json.Unmarshal([]byte(record), &v); err != nil {
		return v, err
	}
	copy(v.ID[:], id)
	copy(v.Page[:], page)
	copy(v.Ticket[:], ticket)
	return v, nil
}

func scanWait(rows *sql.Rows) (w lobby.Wait, err error) {
	var ended, place int64
	err = rows.Scan(&w.Queue, &w.Slot, &ended, &place)
	w.At, w.Each = moment(ended), time.Duration(place)*time.Microsecond
	return w, err
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

// Prune forgets keys, sessions, visits and enrolment codes that ended before
// then, and waits that are too old to tell anything.
func (s *Store) Prune(ctx context.Context, before time.Time) error {
	err := s.engine.write(ctx, func(tx *Tx) error {
		for _, text := range []string{
			`delete from keys where ended <> 0 and ended < $1`,
			`delete from sessions where ended <> 0 and ended < $1`,
			`delete from visits where ended <> 0 and ended < $1`,
			`delete from enrolments where expires < $1`,
		} {
			if _, err := tx.exec(text, micros(before)); err != nil {
				return err
			}
		}
		_, err := tx.exec(`delete from waits where ended < $1`, micros(before.Add(-lobby.WaitMemory)))
		return err
	})
	if err != nil {
		return fmt.Errorf("pruning: %w", err)
	}
	return nil
}
