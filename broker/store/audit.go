package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"
	"unicode/utf8"

	"handrail/broker/chain"
	"handrail/broker/people"
)

// audit adds an entry to the log in the transaction of the act that it tells
// of, so that neither is without the other. Seq, Prev and Hash are chosen here.
func audit(tx *Tx, e chain.Entry) error {
	var last chain.Entry
	var err error
	if last.Seq, last.Hash, err = auditHead(tx.row(auditHeadText)); err != nil {
		return fmt.Errorf("finding the end of the audit log: %w", err)
	}
	if e.Detail == nil {
		e.Detail = []byte("{}")
	}
	e = chain.Next(last, e)
	if _, err := tx.exec(`insert into audit_head (id, seq, hash) values (1, $1, $2)
		on conflict (id) do update set seq = excluded.seq, hash = excluded.hash`, e.Seq, e.Hash[:]); err != nil {
		return fmt.Errorf("adding to the audit log: %w", err)
	}
	if _, err := tx.exec(`insert into audit (`+auditColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		e.Seq, micros(e.At), e.Actor, e.Act, e.Subject, e.Detail, e.Prev[:], e.Hash[:]); err != nil {
		return fmt.Errorf("adding to the audit log: %w", err)
	}
	return nil
}

// noted is audit for what a rep does to something. What is told of it must name
// no person: the log can't forget.
func noted(tx *Tx, by uint64, act, subject string, told map[string]any, now time.Time) error {
	return notedOf(tx, people.Actor(by), act, subject, told, now)
}

// tokenKey finds the API token of a program that acts for a rep.
type tokenKey struct{}

// ByToken is a context in which whatever a rep does is done by a program that
// has that token: the audit log tells which.
func (s *Store) ByToken(ctx context.Context, token uint64) context.Context {
	return context.WithValue(ctx, tokenKey{}, token)
}

func notedOf(tx *Tx, actor, act, subject string, told map[string]any, now time.Time) error {
	if tx.token != 0 {
		told = maps.Clone(told)
		if told == nil {
			told = map[string]any{}
		}
		told["token"] = tx.token
	}
	detail, err := json.Marshal(told)
	if err != nil {
		return fmt.Errorf("writing an audit entry: %w", err)
	}
	if len(told) == 0 {
		detail = nil
	}
	return audit(tx, chain.Entry{At: now, Actor: actor, Act: act, Subject: subject, Detail: detail})
}

const auditColumns = `seq, at, actor, act, subject, detail, prev, hash`

func scanAudit(rows *sql.Rows) (e chain.Entry, err error) {
	var at int64
	var prev, hash []byte
	err = rows.Scan(&e.Seq, &at, &e.Actor, &e.Act, &e.Subject, &e.Detail, &prev, &hash)
	e.At = moment(at)
	copy(e.Prev[:], prev)
	copy(e.Hash[:], hash)
	return e, err
}

// Audit lists the entries that a filter lets through, the newest first.
func (s *Store) Audit(ctx context.Context, f people.AuditFilter) ([]chain.Entry, error) {
	text, args := `select `+auditColumns+` from audit where 1 = 1`, []any{}
	add := func(condition string, value any) {
		args = append(args, value)
		text += fmt.Sprintf(" and "+condition, len(args))
	}
	if f.Before > 0 {
		add("seq < $%d", f.Before)
	}
	if f.Actor != "" {
		add("actor = $%d", f.Actor)
	}
	if f.Subject != "" {
		add("subject = $%d", f.Subject)
	}
	if f.Act != "" { // of one kind: its names begin so
		args = append(args, f.Act, f.Act+".")
		text += fmt.Sprintf(" and (act = $%d or substr(act, 1, %d) = $%d)", len(args)-1, utf8.RuneCountInString(f.Act)+1, len(args))
	}
	if !f.From.IsZero() {
		add("at >= $%d", micros(f.From))
	}
	if !f.To.IsZero() {
		add("at < $%d", micros(f.To))
	}
	args = append(args, max(1, min(f.Limit, people.MostAudit)))
	return list(ctx, s.engine.reader(), scanAudit, text+fmt.Sprintf(" order by seq desc limit $%d", len(args)), args...)
}

// auditBatch is how many entries VerifyAudit reads at a time.
const auditBatch = 1000

// VerifyAudit reads the whole log and gives its newest entry's number and hash,
// or chain.ErrBroken and what is wrong first.
func (s *Store) VerifyAudit(ctx context.Context) (seq uint64, hash chain.Hash, err error) {
	var broken error // people read it: it says nothing of what we were doing
	err = s.view(ctx, "verifying the audit log", func(tx *Tx) error {
		var v chain.Verifier
		for {
			after, _ := v.Head()
			entries, err := list(tx.ctx, tx.tx, scanAudit, `select `+auditColumns+` from audit where seq > $1 order by seq limit $2`, after, auditBatch)
			if err != nil {
				return err
			}
			for _, e := range entries {
				if broken = v.Add(e); broken != nil {
					return nil
				}
			}
			if len(entries) < auditBatch {
				break
			}
		}
		var err error
		seq, hash, err = auditHead(tx.row(auditHeadText))
		broken = v.End(seq, hash)
		return err
	})
	if err == nil {
		err = broken
	}
	return seq, hash, err
}

const auditHeadText = `select seq, hash from audit_head where id = 1`

func auditHead(row *sql.Row) (seq uint64, hash chain.Hash, err error) {
	var b []byte
	err = row.Scan(&seq, &b)
	copy(hash[:], b)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil // nothing has happened yet
	}
	return seq, hash, err
}

// AuditHead gives the newest entry's number and hash: noted elsewhere, they
// show a log that was written anew as a whole.
func (s *Store) AuditHead(ctx context.Context) (uint64, chain.Hash, error) {
	seq, hash, err := auditHead(s.engine.reader().QueryRowContext(ctx, auditHeadText))
	if err != nil {
		return 0, hash, fmt.Errorf("reading the end of the audit log: %w", err)
	}
	return seq, hash, nil
}

// subject is how the log calls one of several things of a kind.
func subject(kind string, id any) string { return fmt.Sprintf("%s:%v", kind, id) }
