package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/shared/wire"
)

// condition is the where of a query as it grows.
type condition struct {
	parts []string
	args  []any
}

// add adds a part, in which each ? is the next argument.
func (c *condition) add(part string, args ...any) {
	for _, a := range args {
		c.args = append(c.args, a)
		part = strings.Replace(part, "?", "$"+strconv.Itoa(len(c.args)), 1)
	}
	c.parts = append(c.parts, part)
}

func (c *condition) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return " where " + strings.Join(c.parts, " and ")
}

// among is "column in (…)". The numbers are ours, so they may stand in the text.
func among[N int64 | uint64](column string, ids []N) string {
	if len(ids) == 0 {
		return "1 = 0"
	}
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(int64(id), 10)
	}
	return column + " in (" + strings.Join(texts, ", ") + ")"
}

// lookup is how a list of records is read.
type lookup struct {
	condition
	from  string
	came  string // the column that is ordered by
	led   bool   // an index is chosen
	whole bool   // the companies have so many sessions that everything is read
	aside func(column string) string
}

// find turns a filter into a query on records r. It starts from the few that it
// may be about; where reps decide alone, from who took part, whose index is by
// rep and time; elsewhere from the records.
func find(e engine, f record.Filter, few *set) *lookup {
	q := &lookup{from: "records r", came: "r.came", aside: e.aside}
	alone := f.Rep == 0 && onesOwn(f.Scope)
	switch {
	case few != nil:
		q.start(few)
		if f.Rep != 0 {
			q.add(within(record.Scope{Reps: []uint64{f.Rep}}))
		}
		alone = false
	case f.Rep != 0 || alone:
		q.from, q.came, q.led = "participants p join records r on r.session = p.session", "p.came", true
		rep := f.Rep
		if alone {
			rep = f.Scope.Reps[0]
		}
		q.add("p.rep = ?", int64(rep))
	}
	if !f.Scope.All && !alone {
		q.add(within(f.Scope))
	}
	q.narrow(f)
	return q
}

// onesOwn says whether a scope is what one rep took part in.
func onesOwn(s record.Scope) bool { return !s.All && len(s.Teams) == 0 && len(s.Reps) == 1 }

// start begins with a few sessions: no index is looked for after that.
func (q *lookup) start(few *set) {
	q.led, q.came = true, q.aside(q.came)
	q.add("r.session in ("+few.text+")", few.args...)
}

// oneOf is the condition that a record r is that of a session, and in a scope.
func oneOf(scope record.Scope, id wire.SessionID) *condition {
	q := &condition{}
	q.add("r.session = ?", id[:])
	if !scope.All {
		q.add(within(scope))
	}
	return q
}

// within is the condition that a record r is in a scope. Each rep of it is looked
// up by the time, too: in the order of a list, neighbours lie side by side.
func within(s record.Scope) string {
	return "(" + among("r.team", s.Teams) + " or exists (select 1 from participants s where s.session = r.session and s.came = r.came and " + among("s.rep", s.Reps) + "))"
}

// lead gives the column that the next condition is about: as it is for the
// first, whose index the list comes out of, and aside for all others.
func (q *lookup) lead(column string) string {
	if q.led {
		return q.aside(column)
	}
	q.led = true
	return column
}

// narrow adds what a filter says of the session itself.
func (q *lookup) narrow(f record.Filter) {
	if !f.From.IsZero() {
		q.add(q.came+" >= ?", micros(f.From))
	}
	if !f.Until.IsZero() {
		q.add(q.came+" < ?", micros(f.Until))
	}
	if name := record.Key(text(f.Name)); name != "" {
		q.add(`r.name_key like ? escape '\'`, "%"+escaped(name)+"%")
	}
	// Those that leave the fewest come first. What an index leaves out is said
	// besides, or it is not used.
	if f.Code != "" {
		q.add(q.lead("r.company_code")+" = ? and r.company_code <> ''", text(f.Code))
	}
	if company := record.Key(text(f.Company)); company != "" {
		column := q.aside("r.company_key")
		if !q.whole {
			column = q.lead("r.company_key")
		}
		q.add(column+` in (select company_key from companies where company_key like ? escape '\')`, "%"+escaped(company)+"%")
	}
	if f.Issue != "" {
		q.add(q.lead("r.issue")+" = ?", text(f.Issue))
	}
	if f.Team != 0 {
		q.add(q.lead("r.team")+" = ?", int64(f.Team))
	}
	if f.Result != wire.OutcomeNone {
		q.add(q.lead("r.result")+" = ? and r.result <> 0", int(f.Result))
	}
	if f.Rating != 0 {
		q.add(q.lead("r.rating")+" = ? and r.rating <> 0", f.Rating)
	}
	if f.Portal != "" {
		q.add(q.lead("r.portal")+" = ?", text(f.Portal))
	}
	if f.Outcome != "" {
		q.add(q.lead("r.outcome")+" = ?", text(string(f.Outcome)))
	}
}

// Records lists sessions, the newest first.
func (s *Store) Records(ctx context.Context, f record.Filter, page record.Page) ([]record.Record, error) {
	few, err := s.few(ctx, f, fewListed)
	if err != nil {
		return nil, err
	}
	text, args := listing(s.engine, f, few, page)
	found, err := list(ctx, s.engine.reader(), func(rows *sql.Rows) (record.Record, error) { return scanRecord(rows) }, text, args...)
	if err != nil {
		return nil, fmt.Errorf("reading records: %w", err)
	}
	if page.Before != nil {
		slices.Reverse(found)
	}
	return found, nil
}

// listing is the query of a page of records.
func listing(e engine, f record.Filter, few *set, page record.Page) (text string, args []any) {
	q := find(e, f, few)
	session, order := "r.session", "desc"
	if strings.HasPrefix(q.came, "p.") {
		session = "p.session"
	}
	at := func(c *record.Cursor, sign string) {
		q.add(fmt.Sprintf("(%[1]s %[3]s ? or %[1]s = ? and %[2]s %[3]s ?)", q.came, session, sign), micros(c.Came), micros(c.Came), c.Session[:])
		q.add(q.came+" "+sign+"= ?", micros(c.Came)) // where the index begins
	}
	if page.After != nil {
		at(page.After, "<")
	}
	if page.Before != nil {
		at(page.Before, ">")
		order = "asc"
	}
	text = fmt.Sprintf("select %s from %s%s order by %s %s, %s %s limit %d", prefixed("r.", recordColumns), q.from, q.where(),
		q.came, order, session, order, max(0, page.Limit))
	return text, q.args
}

func prefixed(prefix, columns string) string {
	names := strings.Split(columns, ",")
	for i, n := range names {
		names[i] = prefix + strings.TrimSpace(n)
	}
	return strings.Join(names, ", ")
}

// Record gives everything about one session: record.ErrNone when there is none
// in the scope.
func (s *Store) Record(ctx context.Context, id wire.SessionID, scope record.Scope) (record.Whole, error) {
	var w record.Whole
	err := s.view(ctx, fmt.Sprintf("reading the record of %v", id), func(tx *Tx) (err error) {
		w, err = wholeRecord(tx, id, scope)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return record.Whole{}, record.ErrNone
	}
	if err != nil {
		return record.Whole{}, err
	}
	return w, nil
}

func wholeRecord(tx *Tx, id wire.SessionID, scope record.Scope) (w record.Whole, err error) {
	q := oneOf(scope, id)
	w.Record, err = scanRecord(tx.row(`select `+prefixed("r.", recordColumns)+` from records r`+q.where(), q.args...))
	if err != nil {
		return w, err
	}
	w.People, err = list(tx.ctx, tx.tx, func(rows *sql.Rows) (p record.Participant, err error) {
		var joined, gone int64
		err = rows.Scan(&p.Rep, &joined, &gone)
		p.Joined, p.Left = moment(joined), moment(gone)
		return p, err
	}, `select rep, joined, gone from participants where session = $1 order by joined, rep`, id[:])
	if err != nil {
		return w, err
	}
	w.Answers, err = list(tx.ctx, tx.tx, func(rows *sql.Rows) (g record.Given, err error) {
		var whose int
		err = rows.Scan(&whose, &g.Question, &g.Answer)
		g.Rep = whose == 1
		return g, err
	}, `select whose, question, answer from answers where session = $1 order by whose, question`, id[:])
	if err != nil {
		return w, err
	}
	w.Facts, err = list(tx.ctx, tx.tx, func(rows *sql.Rows) (lobby.Fact, error) { return scanFact(rows) },
		`select session, at, what, rep, queue, detail from facts where session = $1 order by at, number`, id[:])
	return w, err
}

func scanFact(rows *sql.Rows, before ...any) (f lobby.Fact, err error) {
	var id []byte
	var at int64
	var detail string
	if err := rows.Scan(append(before, &id, &at, &f.What, &f.Rep, &f.Queue, &detail)...); err != nil {
		return f, err
	}
	copy(f.Session[:], id)
	f.At = moment(at)
	return f, json.Unmarshal([]byte(detail), &f.Detail)
}

// grouped are the columns that a summary is divided by.
var grouped = map[record.By]string{record.ByDay: "day", record.ByRep: "rep", record.ByTeam: "team", record.ByPortal: "portal"}

const (
	sums = `sum(came), sum(taken), sum(unhelped), sum(waited), sum(ended), sum(lasted), sum(rated), sum(rating), sum(solved), sum(unsolved), sum(follow_up)`

	// counted is what Record.Counts says, for filters that the roll-up has no
	// columns for. A test compares the two.
	counted = `count(*), sum(case when r.taken > 0 then 1 else 0 end), sum(case when r.taken = 0 and r.ended > 0 then 1 else 0 end),
		sum(case when r.taken > 0 then r.waited else 0 end), sum(case when r.taken > 0 and r.ended > 0 then 1 else 0 end),
		sum(case when r.taken > 0 and r.ended > 0 then r.lasted else 0 end), sum(case when r.rating > 0 then 1 else 0 end), sum(r.rating),
		sum(case when r.result = 1 then 1 else 0 end), sum(case when r.result = 2 then 1 else 0 end), sum(case when r.result = 3 then 1 else 0 end)`
)

// Totals adds sessions up: through the daily roll-up where the filter allows
// it, whose rep is the one who had the session last.
func (s *Store) Totals(ctx context.Context, f record.Filter, by record.By) ([]record.Total, error) {
	column, ok := grouped[by]
	if !ok {
		return nil, fmt.Errorf("adding up records by %d: %w", by, record.ErrNone)
	}
	var text string
	var args []any
	if f.Plain() {
		q := rollUp(f)
		text, args = "select "+column+", "+sums+" from days d"+q.where()+" group by "+column+" having sum(came) > 0 order by "+column, q.args
	} else {
		q, err := s.lastOf(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("adding up records: %w", err)
		}
		column := s.engine.aside("r." + column) // all in its order would be all over the table
		text, args = "select "+column+", "+counted+" from "+q.from+q.where()+" group by "+column+" order by "+column, q.args
	}
	totals, err := list(ctx, s.engine.reader(), func(rows *sql.Rows) (t record.Total, err error) {
		c := &t.Count
		part := map[record.By]any{record.ByDay: &t.Day, record.ByRep: &t.Rep, record.ByTeam: &t.Team, record.ByPortal: &t.Portal}[by]
		return t, rows.Scan(part, &c.Came, &c.Taken, &c.Unhelped, &c.Waited, &c.Ended, &c.Lasted, &c.Rated, &c.Rating, &c.Solved, &c.Unsolved, &c.FollowUp)
	}, text, args...)
	if err != nil {
		return nil, fmt.Errorf("adding up records: %w", err)
	}
	return totals, nil
}

// lastOf is find for summaries, which count a session for the rep who had it
// last.
func (s *Store) lastOf(ctx context.Context, f record.Filter) (*lookup, error) {
	q := &lookup{from: "records r", came: "r.came", aside: s.engine.aside}
	few, err := s.few(ctx, f, fewSummed)
	if err != nil {
		return nil, err
	}
	if few != nil {
		q.start(few)
	} else {
		companies, err := s.fewOfCompany(ctx, f, fewSummed)
		if err != nil {
			return nil, err
		}
		q.whole = companies == nil
	}
	if !f.Scope.All {
		q.add("(" + among("r.team", f.Scope.Teams) + " or " + among("r.rep", f.Scope.Reps) + ")")
	}
	if f.Rep != 0 {
		q.add(q.lead("r.rep")+" = ?", int64(f.Rep))
	}
	q.narrow(f)
	return q, nil
}

func rollUp(f record.Filter) *condition {
	q := &condition{}
	if !f.Scope.All {
		q.add("(" + among("team", f.Scope.Teams) + " or " + among("rep", f.Scope.Reps) + ")")
	}
	if f.FromDay != 0 {
		q.add("day >= ?", f.FromDay)
	}
	if f.UntilDay != 0 {
		q.add("day < ?", f.UntilDay)
	}
	if f.Portal != "" {
		q.add("portal = ?", text(f.Portal))
	}
	if f.Team != 0 {
		q.add("team = ?", int64(f.Team))
	}
	if f.Rep != 0 {
		q.add("rep = ?", int64(f.Rep))
	}
	return q
}

// given is the query of the answers to a question in the sessions of a filter.
// It looks into the records only if it must, or is told to.
func given(f record.Filter, asked record.Asked, records bool) (from string, q *condition) {
	c := &condition{}
	whose := 0
	if asked.Rep {
		whose = 1
	}
	c.add("a.portal = ?", text(asked.Portal))
	c.add("a.whose = ?", whose)
	c.add("a.question = ?", int64(asked.ID))
	if !f.From.IsZero() {
		c.add("a.came >= ?", micros(f.From))
	}
	if !f.Until.IsZero() {
		c.add("a.came < ?", micros(f.Until))
	}
	if !f.Scope.All {
		c.add(within(f.Scope))
	}
	if f.Team != 0 {
		c.add("r.team = ?", int64(f.Team))
	}
	if f.Rep != 0 {
		c.add(within(record.Scope{Reps: []uint64{f.Rep}}))
	}
	if !records && f.Scope.All && f.Team == 0 && f.Rep == 0 {
		return " from answers a", c
	}
	return " from answers a join records r on r.session = a.session", c
}

// Tallies counts the answers to a question of a portal, each with how often it
// was given. Of the filter, the scope, dates, team and rep count.
func (s *Store) Tallies(ctx context.Context, f record.Filter, asked record.Asked) ([]record.Tally, error) {
	from, q := given(f, asked, false)
	tallies, err := list(ctx, s.engine.reader(), func(rows *sql.Rows) (t record.Tally, err error) { return t, rows.Scan(&t.Answer, &t.Times) },
		"select a.answer, count(*)"+from+q.where()+" group by a.answer order by a.answer limit 1000", q.args...)
	if err != nil {
		return nil, fmt.Errorf("counting answers: %w", err)
	}
	return tallies, nil
}

// Texts lists answers to a question in somebody's own words, the newest first.
func (s *Store) Texts(ctx context.Context, f record.Filter, asked record.Asked, page record.Page) ([]record.Text, error) {
	from, q := given(f, asked, true)
	q.add("a.answer <> ''")
	if c := page.After; c != nil {
		q.add("(a.came < ? or a.came = ? and a.session < ?)", micros(c.Came), micros(c.Came), c.Session[:])
	}
	texts, err := list(ctx, s.engine.reader(), func(rows *sql.Rows) (t record.Text, err error) {
		var id []byte
		var came int64
		err = rows.Scan(&id, &came, &t.Name, &t.Answer)
		copy(t.Session[:], id)
		t.Came = moment(came)
		return t, err
	}, fmt.Sprintf("select a.session, a.came, r.name, a.answer%s%s order by a.came desc, a.session desc limit %d", from, q.where(), max(0, page.Limit)), q.args...)
	if err != nil {
		return nil, fmt.Errorf("reading answers: %w", err)
	}
	return texts, nil
}
