package store

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/shared/wire"
)

var benchRows = flag.Int("rows", 20_000, "how many sessions BenchmarkReports looks through")

const (
	benchDays      = 730
	benchReps      = 50
	benchTeams     = 8
	benchCompanies = 5_000
)

// benchEnd is when the newest generated session came.
var benchEnd = time.Date(2026, 6, 30, 18, 0, 0, 0, time.UTC)

var (
	firstNames = strings.Fields(`Maria Anna Jonas Ünal Elena Tom Aisha Li Pedro Olga Sven Chloé Ivan Noor Greta Hassan Zoë Paul Ines Yuki`)
	lastNames  = strings.Fields(`Huber Lindqvist Øst Papadopoulou Petrova Smith García Nguyen Kowalski Rossi Müller Haddad Tanaka Silva Novák Berg Dubois Weber`)
	nameParts  = strings.Fields(`ba be bi bor da del dor el en fa fel ga ger hal han hir ja jo ka kel kor la len lo ma mer mo na ner or pa per ra ris sa sen ta tor va zel`)
)

// someName is one of the common names each so many times, else one of so many
// syllables: there are 60,000 of three.
func someName(random *rand.Rand, common []string, each, syllables int) string {
	if random.IntN(each) == 0 {
		return common[random.IntN(len(common))]
	}
	var name strings.Builder
	for range syllables {
		name.WriteString(nameParts[random.IntN(len(nameParts))])
	}
	whole := name.String()
	return strings.ToUpper(whole[:1]) + whole[1:]
}

// generated is the session with a number. The newer ones have higher numbers;
// most come by day and from Monday to Friday.
func generated(random *rand.Rand, number, of int) record.Record {
	at := benchEnd.Add(-time.Duration(int64(of-1-number)*benchDays*24*3600/int64(of)) * time.Second)
	hour := 7 + (random.IntN(6)+random.IntN(6))%11
	at = time.Date(at.Year(), at.Month(), at.Day(), hour, random.IntN(60), random.IntN(60), random.IntN(1e6)*1000, time.UTC)
	company := random.IntN(benchCompanies)
	r := record.Record{
		Came: at, Day: record.Day(at, time.UTC), Portal: []string{"main", "shop"}[random.IntN(2)], Start: "issue",
		Name:    someName(random, firstNames, 2, 2) + " " + someName(random, lastNames, 4, 3),
		Company: fmt.Sprintf("Company %05d Ltd", company), CompanyCode: fmt.Sprint(company), Issue: fmt.Sprint("issue-", random.IntN(12)),
		Description: "It does not work since this morning, and nobody here knows why.", System: "Windows 11", Locale: "de",
		Rep: uint64(1 + random.IntN(benchReps)), Waited: time.Duration(random.IntN(300)) * time.Second, Outcome: record.Abandoned, Why: "customer",
	}
	for i := range r.Session {
		r.Session[i] = byte(random.Uint32())
	}
	r.Team = 1 + r.Rep%benchTeams
	if random.IntN(10) == 0 {
		r.Team = uint64(1 + random.IntN(benchTeams)) // reps help out
	}
	r.Queue = fmt.Sprint("team:", r.Team)
	r.FirstQueue, r.Ended = r.Queue, at.Add(r.Waited)
	if random.IntN(6) == 0 {
		r.Rep = 0
	} else {
		r.Taken, r.Lasted = at.Add(r.Waited), time.Duration(60+random.IntN(3000))*time.Second
		r.Ended, r.Why, r.Outcome, r.Rating = r.Taken.Add(r.Lasted), "rep", record.Helped, max(0, random.IntN(9)-3)
		r.Result = []wire.Outcome{wire.OutcomeNone, wire.OutcomeSolved, wire.OutcomeSolved, wire.OutcomeUnsolved}[random.IntN(4)]
	}
	return r
}

// fill keeps generated sessions: what reports look through, without the facts
// behind it.
func fill(t testing.TB, s *Store, n int) {
	t.Helper()
	const group = 10_000
	random := rand.New(rand.NewPCG(20, 26))
	days := map[record.Place]record.Count{}
	for from := 0; from < n; from += group {
		var some []record.Record
		for number := from; number < min(n, from+group); number++ {
			r := generated(random, number, n)
			some = append(some, r)
			place, count := r.Counts()
			days[place] = days[place].Plus(count, 1)
		}
		err := s.engine.write(t.Context(), func(tx *Tx) error {
			return keeping(tx, func(k *keeper) error {
				for _, r := range some {
					if err := errors.Join(k.write(&kept{Record: r}), rename(tx, &kept{Record: r})); err != nil {
						return err
					}
					if err := k.beside(&kept{Record: r}, lobby.Fact{Session: r.Session, At: r.Came, What: lobby.FactCame}); err != nil {
						return err
					}
					if r.Rep == 0 {
						continue
					}
					if err := k.beside(&kept{Record: r}, lobby.Fact{Session: r.Session, At: r.Taken, What: lobby.FactTaken, Rep: r.Rep}); err != nil {
						return err
					}
					if r.Rating > 0 {
						survey := map[string]string{"answer.1": fmt.Sprint(r.Rating), "answer.2": "Everything was fine."}
						if err := k.beside(&kept{Record: r}, lobby.Fact{Session: r.Session, At: r.Ended, What: lobby.FactSurvey, Detail: survey}); err != nil {
							return err
						}
					}
				}
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	err := s.engine.write(t.Context(), func(tx *Tx) error {
		return keeping(tx, func(k *keeper) error {
			for place, count := range days {
				if err := k.count(place, count); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// question is one that reports ask.
type question struct {
	name string
	ask  func(context.Context, *Store) (rows int, err error)
}

func questions() []question {
	all := record.Scope{All: true}
	month := func(f record.Filter) record.Filter {
		f.From, f.Until = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
		f.FromDay, f.UntilDay = record.Day(f.From, time.UTC), record.Day(f.Until, time.UTC)
		return f
	}
	list := func(name string, f record.Filter) question {
		return question{name, func(ctx context.Context, s *Store) (int, error) {
			found, err := s.Records(ctx, f, record.Page{Limit: 50})
			return len(found), err
		}}
	}
	sum := func(name string, f record.Filter, by record.By) question {
		return question{name, func(ctx context.Context, s *Store) (int, error) {
			found, err := s.Totals(ctx, f, by)
			return len(found), err
		}}
	}
	year := record.Filter{Scope: all, Team: 3, FromDay: record.Day(benchEnd.AddDate(-1, 0, 0), time.UTC)}
	deep := record.Cursor{Came: benchEnd.AddDate(-1, 0, 0)}
	return []question{
		list("newest 50 of a month", month(record.Filter{Scope: all})),
		{"50 from the middle of all", func(ctx context.Context, s *Store) (int, error) {
			found, err := s.Records(ctx, record.Filter{Scope: all}, record.Page{Limit: 50, After: &deep})
			return len(found), err
		}},
		list("newest 50 of one rep", record.Filter{Scope: record.Scope{Reps: []uint64{7}}}),
		list("newest 50 of a lead's team", record.Filter{Scope: record.Scope{Teams: []uint64{3}, Reps: []uint64{7, 8, 9, 10, 11, 12}}}),
		list("one company, one month", month(record.Filter{Scope: all, Company: "company 00123"})),
		list("one company, all dates", record.Filter{Scope: all, Company: "company 00123"}),
		list("name contains, one month", month(record.Filter{Scope: all, Name: "haddad"})),
		list("name that is nobody's, one month", month(record.Filter{Scope: all, Name: "nobody"})),
		list("name that is nobody's, all dates", record.Filter{Scope: all, Name: "nobody"}),
		list("part of a name that some have, all dates", record.Filter{Scope: all, Name: "elbaz"}),
		list("name that many have, all dates", record.Filter{Scope: all, Name: "haddad"}),
		list("names that many have, but nobody both, all dates", record.Filter{Scope: all, Name: "haddad maria"}),
		list("outcome that most chose, all dates", record.Filter{Scope: all, Result: wire.OutcomeSolved}),
		list("outcome that nobody chose, all dates", record.Filter{Scope: all, Result: wire.OutcomeFollowUp}),
		list("ending that there never was, all dates", record.Filter{Scope: all, Outcome: record.NotAgreed}),
		list("stars that nobody gave, all dates", record.Filter{Scope: all, Rating: 9}),
		list("portal that nobody used, all dates", record.Filter{Scope: all, Portal: "new"}),
		list("issue that nobody had, all dates", record.Filter{Scope: all, Issue: "new"}),
		list("the same, helped, all dates", record.Filter{Scope: all, Issue: "new", Outcome: record.Helped}),
		list("code that nobody has, all dates", record.Filter{Scope: all, Code: "new"}),
		list("team without sessions, all dates", record.Filter{Scope: all, Team: 99}),
		list("newest 50 of a lead with one rep", record.Filter{Scope: record.Scope{Teams: []uint64{99}, Reps: []uint64{7, 99}}}),
		list("lead of nobody, all dates", record.Filter{Scope: record.Scope{Teams: []uint64{99}, Reps: []uint64{98, 99}}}),
		sum("by rep, last month", month(record.Filter{Scope: all}), record.ByRep),
		sum("by rep, one issue, last month", month(record.Filter{Scope: all, Issue: "issue-4"}), record.ByRep),
		sum("by rep, one name, all dates", record.Filter{Scope: all, Name: "haddad"}, record.ByRep),
		sum("by rep, a part of all companies' names, all dates", record.Filter{Scope: all, Company: "ltd"}, record.ByRep),
		sum("by rep, one outcome, all dates", record.Filter{Scope: all, Result: wire.OutcomeUnsolved}, record.ByRep),
		sum("one team, one year, by day", year, record.ByDay),
		sum("all by team", record.Filter{Scope: all}, record.ByTeam),
		sum("all by day", record.Filter{Scope: all}, record.ByDay),
		{"ratings of a year", func(ctx context.Context, s *Store) (int, error) {
			found, err := s.Tallies(ctx, record.Filter{Scope: all, From: benchEnd.AddDate(-1, 0, 0)}, record.Asked{Portal: "main", ID: 1})
			return len(found), err
		}},
	}
}

// BenchmarkReports asks what reports ask, on both engines, of -rows sessions.
func BenchmarkReports(b *testing.B) {
	for name, place := range map[string]Place{"sqlite": {Dir: b.TempDir()}, "postgres": {Database: server.Database(b)}} {
		b.Run(name, func(b *testing.B) {
			s, err := Open(b.Context(), place)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = s.Close() }() // it is thrown away
			fill(b, s, *benchRows)
			for _, q := range questions() {
				b.Run(q.name, func(b *testing.B) {
					rows := 0
					for b.Loop() {
						if rows, err = q.ask(b.Context(), s); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(rows), "rows")
				})
			}
		})
	}
}

// BenchmarkSessions keeps whole sessions of eleven facts, each in a transaction of
// its own, from four brokers at once.
func BenchmarkSessions(b *testing.B) {
	for name, place := range map[string]Place{"sqlite": {Dir: b.TempDir()}, "postgres": {Database: server.Database(b)}} {
		b.Run(name, func(b *testing.B) {
			s, err := Open(b.Context(), place)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = s.Close() }() // it is thrown away
			b.SetParallelism(2)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					facts := visit(1, start.Add(time.Duration(rand.IntN(730*24))*time.Hour), uint64(1+rand.IntN(benchReps)))
					id := wire.SessionID{}
					for i := range id {
						id[i] = byte(rand.Uint32())
					}
					for i := range facts {
						facts[i].Session = id
					}
					if err := s.engine.write(b.Context(), func(tx *Tx) error { return keepFacts(tx, facts) }); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
