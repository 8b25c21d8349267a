package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/shared/wire"
)

// keepFacts keeps what happened, in order, and everything that follows from
// it: records, the daily roll-up, and what other programs are to be told. A
// fact that is kept already changes nothing.
func keepFacts(tx *Tx, facts []lobby.Fact) error {
	if len(facts) == 0 {
		return nil
	}
	if err := keeping(tx, func(k *keeper) error { return k.keep(facts) }); err != nil {
		return fmt.Errorf("facts: %w", err)
	}
	return nil
}

// keeping lets do keep something, and puts away what it prepared.
func keeping(tx *Tx, do func(*keeper) error) error {
	k := &keeper{tx: tx, records: map[wire.SessionID]*kept{}, prepared: map[string]*sql.Stmt{}}
	err := do(k)
	for _, s := range k.prepared {
		err = errors.Join(err, s.Close())
	}
	return err
}

// keeper keeps the facts of one transaction.
type keeper struct {
	tx         *Tx
	zone       *time.Location
	recipients []recipient
	records    map[wire.SessionID]*kept
	order      []*kept
	prepared   map[string]*sql.Stmt
}

// kept is a record and what it was called and counted before.
type kept struct {
	record.Record
	name  string
	place record.Place
	count record.Count
}

func (k *keeper) keep(facts []lobby.Fact) error {
	var err error
	if k.zone, err = dayZone(k.tx); err != nil {
		return err
	}
	if k.recipients, err = recipients(k.tx); err != nil {
		return err
	}
	for _, f := range facts {
		if err := k.keepOne(clean(f)); err != nil {
			return fmt.Errorf("%s: %w", f.What, err)
		}
	}
	for _, r := range k.order {
		if err := k.save(r); err != nil {
			return fmt.Errorf("record %v: %w", r.Session, err)
		}
	}
	return nil
}

// exec runs a statement that is prepared once for all facts.
func (k *keeper) exec(text string, args ...any) (int64, error) {
	s, err := k.statement(text)
	if err != nil {
		return 0, err
	}
	done, err := s.ExecContext(k.tx.ctx, args...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

func (k *keeper) statement(text string) (*sql.Stmt, error) {
	if s := k.prepared[text]; s != nil {
		return s, nil
	}
	s, err := k.tx.tx.PrepareContext(k.tx.ctx, text)
	if err == nil {
		k.prepared[text] = s
	}
	return s, err
}

func (k *keeper) keepOne(f lobby.Fact) error {
	detail, err := json.Marshal(f.Detail)
	if err != nil {
		return err
	}
	if f.Detail == nil {
		detail = []byte("{}")
	}
	mark := record.Mark(f)
	const text = `insert into facts (session, mark, at, what, rep, queue, detail) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (session, mark) do nothing returning number`
	s, err := k.statement(text)
	if err != nil {
		return err
	}
	var number int64
	err = s.QueryRowContext(k.tx.ctx, f.Session[:], mark[:], micros(f.At), string(f.What), int64(f.Rep), f.Queue, string(detail)).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // it is there
	}
	if err != nil {
		return err
	}
	if err := k.tell(f, number); err != nil {
		return err
	}
	if f.Session == (wire.SessionID{}) {
		return nil
	}
	r, err := k.record(f.Session)
	if err != nil {
		return err
	}
	r.Apply(f, k.zone)
	return k.beside(r, f)
}

// beside keeps what of a fact is not in the record itself.
func (k *keeper) beside(r *kept, f lobby.Fact) error {
	switch f.What {
	case lobby.FactTaken, lobby.FactJoined:
		if f.Rep == 0 {
			return nil
		}
		_, err := k.exec(`insert into participants (session, rep, came, joined, gone) values ($1, $2, $3, $4, 0)
			on conflict (rep, came, session) do update set gone = 0`, r.Session[:], int64(f.Rep), micros(r.Came), micros(f.At))
		return err
	case lobby.FactLeft:
		_, err := k.exec(`update participants set gone = $1 where rep = $2 and came = $3 and session = $4`,
			micros(f.At), int64(f.Rep), micros(r.Came), r.Session[:])
		return err
	case lobby.FactEnded:
		_, err := k.exec(`update participants set gone = $1 where session = $2 and gone = 0`, micros(f.At), r.Session[:])
		return err
	case lobby.FactCame:
		if r.Company == "" {
			return nil
		}
		_, err := k.exec(addCompany, record.Key(r.Company))
		return err
	case lobby.FactSurvey:
		whose := 0
		if f.Rep != 0 {
			whose = 1
		}
		for name, answer := range f.Detail {
			question, err := strconv.ParseUint(strings.TrimPrefix(name, "answer."), 10, 32)
			if err != nil || !strings.HasPrefix(name, "answer.") {
				continue
			}
			if _, err := k.exec(`insert into answers (session, whose, question, portal, came, answer) values ($1, $2, $3, $4, $5, $6)
				on conflict (portal, whose, question, came, session) do update set answer = excluded.answer`,
				r.Session[:], whose, int64(question), r.Portal, micros(r.Came), answer); err != nil {
				return err
			}
		}
	}
	return nil
}

// record gives a session's record as it is so far.
func (k *keeper) record(id wire.SessionID) (*kept, error) {
	if r := k.records[id]; r != nil {
		return r, nil
	}
	r := &kept{}
	s, err := k.statement(`select ` + recordColumns + ` from records where session = $1`)
	if err != nil {
		return nil, err
	}
	r.Record, err = scanRecord(s.QueryRowContext(k.tx.ctx, id[:]))
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	r.name = r.Name
	r.place, r.count = r.Counts()
	k.records[id] = r
	k.order = append(k.order, r)
	return r, nil
}

// save keeps a record and what it counts now in place of what it counted.
func (k *keeper) save(r *kept) error {
	if err := k.write(r); err != nil {
		return err
	}
	if err := rename(k.tx, r); err != nil {
		return err
	}
	place, count := r.Counts()
	if place == r.place {
		return k.count(place, count.Plus(r.count, -1))
	}
	if err := k.count(r.place, record.Count{}.Plus(r.count, -1)); err != nil {
		return err
	}
	return k.count(place, count)
}

// count adds to a row of the roll-up.
func (k *keeper) count(p record.Place, c record.Count) error {
	if c == (record.Count{}) {
		return nil
	}
	_, err := k.exec(`insert into days (day, portal, team, rep, came, taken, unhelped, waited, ended, lasted, rated, rating, solved, unsolved, follow_up)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		on conflict (day, portal, team, rep) do update set
			came = days.came + excluded.came, taken = days.taken + excluded.taken,
			unhelped = days.unhelped + excluded.unhelped, waited = days.waited + excluded.waited,
			ended = days.ended + excluded.ended, lasted = days.lasted + excluded.lasted,
			rated = days.rated + excluded.rated, rating = days.rating + excluded.rating,
			solved = days.solved + excluded.solved, unsolved = days.unsolved + excluded.unsolved, follow_up = days.follow_up + excluded.follow_up`,
		p.Day, p.Portal, int64(p.Team), int64(p.Rep), c.Came, c.Taken, c.Unhelped, c.Waited, c.Ended, c.Lasted, c.Rated, c.Rating, c.Solved, c.Unsolved, c.FollowUp)
	return err
}

const recordColumns = `session, day, portal, start, came, entered, taken, ended, why, outcome, name, company, company_code,
	issue, description, system, locale, address, fields, first_queue, queue, team, rep, waited, lasted, agreed, recording, rating, note, result`

func scanRecord(row interface{ Scan(...any) error }) (record.Record, error) {
	var r record.Record
	var id []byte
	var came, entered, taken, ended, waited, lasted int64
	var fields string
	err := row.Scan(&id, &r.Day, &r.Portal, &r.Start, &came, &entered, &taken, &ended, &r.Why, &r.Outcome, &r.Name, &r.Company, &r.CompanyCode,
		&r.Issue, &r.Description, &r.System, &r.Locale, &r.Address, &fields, &r.FirstQueue, &r.Queue, &r.Team, &r.Rep, &waited, &lasted,
		&r.Agreed, &r.Recording, &r.Rating, &r.Note, &r.Result)
	if err != nil {
		return r, err
	}
	copy(r.Session[:], id)
	r.Came, r.Entered, r.Taken, r.Ended = moment(came), moment(entered), moment(taken), moment(ended)
	r.Waited, r.Lasted = time.Duration(waited)*time.Second, time.Duration(lasted)*time.Second
	return r, json.Unmarshal([]byte(fields), &r.Fields)
}

func (k *keeper) write(r *kept) error {
	fields := []byte("{}")
	if len(r.Fields) > 0 {
		var err error
		if fields, err = json.Marshal(r.Fields); err != nil {
			return err
		}
	}
	_, err := k.exec(`insert into records (`+recordColumns+`, name_key, company_key) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
			$13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)
		on conflict (session) do update set
			portal = excluded.portal, start = excluded.start, entered = excluded.entered, taken = excluded.taken,
			ended = excluded.ended, why = excluded.why, outcome = excluded.outcome, name = excluded.name, company = excluded.company,
			company_code = excluded.company_code, issue = excluded.issue, description = excluded.description,
			system = excluded.system, locale = excluded.locale, address = excluded.address, fields = excluded.fields,
			first_queue = excluded.first_queue, queue = excluded.queue, team = excluded.team, rep = excluded.rep,
			waited = excluded.waited, lasted = excluded.lasted, agreed = excluded.agreed, recording = excluded.recording,
			rating = excluded.rating, note = excluded.note, result = excluded.result, name_key = excluded.name_key, company_key = excluded.company_key`,
		r.Session[:], r.Day, r.Portal, r.Start, micros(r.Came), micros(r.Entered), micros(r.Taken), micros(r.Ended), r.Why, string(r.Outcome),
		r.Name, r.Company, r.CompanyCode, r.Issue, r.Description, r.System, r.Locale, r.Address, string(fields), r.FirstQueue, r.Queue,
		int64(r.Team), int64(r.Rep), int64(r.Waited/time.Second), int64(r.Lasted/time.Second), int(r.Agreed), int(r.Recording), r.Rating, r.Note, int(r.Result),
		record.Key(r.Name), record.Key(r.Company))
	return err
}

// clean takes out what PostgreSQL keeps in no text: one bad letter must not
// cost everything that is kept beside it.
func clean(f lobby.Fact) lobby.Fact {
	detail := make(map[string]string, len(f.Detail))
	for name, value := range f.Detail {
		detail[text(name)] = text(value)
	}
	f.What, f.Queue, f.Detail = lobby.What(text(string(f.What))), text(f.Queue), detail
	return f
}

func text(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
}
