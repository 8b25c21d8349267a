package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"handrail/broker/record"
)

// A list that no filter's index leads comes out of the index of all sessions in
// the order of time, until a page is full. That is quick if many sessions fit,
// and reads all of them if few do. So it is counted first, and not far, whether
// a part of a name, or who a lead's people are, leaves but a few: then these
// are looked up, and put in order.
const (
	// fewListed is how many are looked up for a list. Where more fit, a page of
	// 50 is full after a hundredth of a million.
	fewListed = 5_000
	// fewSummed is the same for sums, which read all that fit anyway: by number it
	// takes ten times as long as one after the other.
	fewSummed = 100_000
	// fewBeside is how many sessions a word may have that is looked for together
	// with another one.
	fewBeside = 50_000
	// fewWords of a name are looked for, the longest, each of which may be a part
	// of so many.
	fewWords     = 4
	fewSpellings = 500
)

// set is a query of sessions, in which each ? is the next argument.
type set struct {
	text string
	args []any
}

// few gives at most so many sessions, among which are all that a filter asks
// for; or nil.
func (s *Store) few(ctx context.Context, f record.Filter, most int) (*set, error) {
	few, err := s.fewNamed(ctx, f, most)
	if few == nil && err == nil {
		few, err = s.fewOfLead(ctx, f, most)
	}
	if err != nil {
		return nil, fmt.Errorf("looking whether they are few: %w", err)
	}
	return few, nil
}

// fewNamed gives the sessions of who has the name, if one word of it or all
// together have few.
func (s *Store) fewNamed(ctx context.Context, f record.Filter, most int) (*set, error) {
	parts := record.Words(text(f.Name))
	slices.SortStableFunc(parts, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	together, n := &set{}, 0
	for _, part := range parts[:min(len(parts), fewWords)] {
		one, err := s.having(ctx, f, part, "named", "word", "words")
		if err != nil {
			return nil, err
		}
		if few, err := s.ifFew(ctx, one.meanwhile(f), most); few != nil || err != nil {
			return few, err
		}
		if one, err = s.ifFew(ctx, one, fewBeside); err != nil {
			return nil, err
		}
		if one != nil {
			together, n = together.beside(" intersect ", one), n+1
		}
	}
	if n < 2 {
		return nil, nil
	}
	return s.ifFew(ctx, together.meanwhile(f), most)
}

// fewOfCompany gives the sessions of the companies, if they have few.
func (s *Store) fewOfCompany(ctx context.Context, f record.Filter, most int) (*set, error) {
	part := record.Key(text(f.Company))
	if part == "" {
		return nil, nil
	}
	one, err := s.having(ctx, f, part, "records", "company_key", "companies")
	if err != nil {
		return nil, err
	}
	return s.ifFew(ctx, one, most)
}

// fewOfLead gives what there is in the scope of who sees several people's.
func (s *Store) fewOfLead(ctx context.Context, f record.Filter, most int) (*set, error) {
	if f.Scope.All || onesOwn(f.Scope) || f.Rep != 0 {
		return nil, nil
	}
	teams := from("records", among("team", f.Scope.Teams), f)
	return s.ifFew(ctx, teams.beside(" union all ", from("participants", among("rep", f.Scope.Reps), f)), most)
}

// having gives the sessions in a table whose column is one of all those that
// a part is in; nil if there are too many of these.
func (s *Store) having(ctx context.Context, f record.Filter, part, table, column, all string) (*set, error) {
	text := fmt.Sprintf(`select %s from %s where %[1]s like $1 escape '\' limit %[3]d`, column, all, fewSpellings+1)
	found, err := list(ctx, s.engine.reader(), func(rows *sql.Rows) (one any, err error) {
		var text string
		err = rows.Scan(&text)
		return text, err
	}, text, "%"+escaped(part)+"%")
	switch {
	case err != nil || len(found) > fewSpellings:
		return nil, err
	case len(found) == 0:
		return from(table, "1 = 0", f), nil
	}
	return from(table, column+" in (?"+strings.Repeat(", ?", len(found)-1)+")", f, found...), nil
}

// from gives the sessions in a table that a condition is true of, within a
// filter's dates.
func from(table, condition string, f record.Filter, args ...any) *set {
	s := &set{"select session from " + table + " where " + condition, args}
	if !f.From.IsZero() {
		s.text, s.args = s.text+" and came >= ?", append(s.args, micros(f.From))
	}
	if !f.Until.IsZero() {
		s.text, s.args = s.text+" and came < ?", append(s.args, micros(f.Until))
	}
	return s
}

// meanwhile adds what came about when words of names were first kept: during an
// upgrade, another broker of the older version keeps none.
func (s *set) meanwhile(f record.Filter) *set {
	if s == nil {
		return nil
	}
	return s.beside(" union all ", from("records", `came >= (select applied - 3600000000 from migrations where number = 15)
		and came < (select applied + 7200000000 from migrations where number = 15)`, f))
}

// beside puts another set beside a set, the first of them beside nothing.
func (s *set) beside(how string, other *set) *set {
	if s.text == "" {
		return other
	}
	return &set{s.text + how + other.text, slices.Concat(s.args, other.args)}
}

// ifFew gives a set back if there are no more sessions in it than that.
func (s *Store) ifFew(ctx context.Context, of *set, most int) (*set, error) {
	if of == nil {
		return nil, nil
	}
	var q condition
	q.add(fmt.Sprintf("select count(*) from (%s limit %d) few", of.text, most+1), of.args...)
	var n int
	err := s.engine.reader().QueryRowContext(ctx, q.parts[0], q.args...).Scan(&n)
	if err != nil || n > most {
		return nil, err
	}
	return of, nil
}
