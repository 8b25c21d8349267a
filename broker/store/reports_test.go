package store

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

// several keeps sessions of every kind, three an hour, and gives their records,
// the newest first.
func several(t *testing.T, s *Store, n int) []record.Record {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	var all []record.Record
	for i := range n {
		id := wire.SessionID{byte(i >> 8), byte(i), 9}
		at := start.Add(time.Duration(i) * 20 * time.Minute)
		fact := func(after int, what lobby.What, rep uint64, queue string, detail map[string]string) lobby.Fact {
			return lobby.Fact{Session: id, At: at.Add(time.Duration(after) * time.Second), What: what, Rep: rep, Queue: queue, Detail: detail}
		}
		rep, team := uint64(1+random.IntN(4)), 1+random.IntN(3)
		queue := fmt.Sprintf("team:%d", team)
		facts := []lobby.Fact{
			fact(0, lobby.FactCame, 0, "", map[string]string{
				"portal": []string{"main", "shop"}[i%2], "start": "issue", "name": fmt.Sprintf("Ünal %d%%", i), "company": fmt.Sprintf("Company_%d", i%5),
				"companyCode": fmt.Sprint(i % 5), "issue": "printer",
			}),
			fact(1, lobby.FactQueued, 0, queue, nil),
		}
		switch random.IntN(4) {
		case 0:
			facts = append(facts, fact(60, lobby.FactAbandoned, 0, queue, map[string]string{"waited": "60"}), fact(60, lobby.FactEnded, 0, "", map[string]string{"why": "customer"}))
		case 1:
		default:
			facts = append(facts, fact(90, lobby.FactTaken, rep, queue, nil), fact(91, lobby.FactJoined, rep, "", nil))
			if random.IntN(2) == 0 {
				facts = append(facts, fact(95, lobby.FactLeft, rep, "", nil), fact(96, lobby.FactTaken, rep%4+1, queue, nil), fact(97, lobby.FactJoined, rep%4+1, "", nil))
			}
			facts = append(facts, fact(400, lobby.FactEnded, 0, "", map[string]string{"why": "rep"}),
				fact(500, lobby.FactSurvey, 0, "", map[string]string{"rating": fmt.Sprint(1 + i%5), "answer.1": fmt.Sprint(1 + i%5), "answer.2": fmt.Sprint("text ", i)}))
			outcome := lobby.OutcomeName(wire.Outcome(i % 4))
			facts = append(facts, fact(600, lobby.FactNote, rep, "", map[string]string{"outcome": "solved", "text": "draft"}),
				fact(610, lobby.FactNote, rep, "", map[string]string{"outcome": outcome, "text": fmt.Sprint("note ", i)}))
		}
		keepAll(t, s, facts...)
		r, err := s.Record(t.Context(), id, record.Scope{All: true})
		if err != nil || len(r.Facts) != len(facts) {
			t.Fatalf("record with %d facts of %d, %v", len(r.Facts), len(facts), err)
		}
		all = append(all, r.Record)
	}
	slices.Reverse(all)
	return all
}

func names(all []record.Record) (names []string) {
	for _, r := range all {
		names = append(names, r.Name)
	}
	return names
}

func TestT01FiltersFindWhatFits(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		all := several(t, s, 60)
		took := func(reps ...uint64) func(record.Record) bool {
			return func(r record.Record) bool {
				w, err := s.Record(t.Context(), r.Session, record.Scope{All: true})
				return err == nil && slices.ContainsFunc(w.People, func(p record.Participant) bool { return slices.Contains(reps, p.Rep) })
			}
		}
		everyone := record.Scope{All: true}
		for name, c := range map[string]struct {
			filter record.Filter
			fits   func(record.Record) bool
		}{
			"everything": {record.Filter{Scope: everyone}, func(record.Record) bool { return true }},
			"nobody's":   {record.Filter{}, func(record.Record) bool { return false }},
			"dates": {record.Filter{Scope: everyone, From: start.Add(time.Hour), Until: start.Add(2 * time.Hour)}, func(r record.Record) bool {
				return !r.Came.Before(start.Add(time.Hour)) && r.Came.Before(start.Add(2*time.Hour))
			}},
			"a part of a name":   {record.Filter{Scope: everyone, Name: " üNAL  7"}, func(r record.Record) bool { return r.Name == "Ünal 7%" }},
			"a sign in a name":   {record.Filter{Scope: everyone, Name: "1%"}, func(r record.Record) bool { return r.Name[len(r.Name)-2:] == "1%" }},
			"parts of two words": {record.Filter{Scope: everyone, Name: "al 1"}, func(r record.Record) bool { return strings.HasPrefix(r.Name, "Ünal 1") }},
			"the other way":      {record.Filter{Scope: everyone, Name: "1 ünal"}, func(record.Record) bool { return false }},
			"a name of a rep's":  {record.Filter{Scope: everyone, Name: "7%", Rep: 2}, func(r record.Record) bool { return strings.HasSuffix(r.Name, "7%") && took(2)(r) }},
			"a name and dates": {record.Filter{Scope: everyone, Name: "2", From: start.Add(4 * time.Hour), Until: start.Add(9 * time.Hour)}, func(r record.Record) bool {
				return strings.Contains(r.Name, "2") && !r.Came.Before(start.Add(4*time.Hour)) && r.Came.Before(start.Add(9*time.Hour))
			}},
			"a name in one's own": {record.Filter{Scope: record.Scope{Reps: []uint64{3}}, Name: "nal 2"}, func(r record.Record) bool {
				return strings.HasPrefix(r.Name, "Ünal 2") && took(3)(r)
			}},
			"no such name":      {record.Filter{Scope: everyone, Name: "_"}, func(record.Record) bool { return false }},
			"a company":         {record.Filter{Scope: everyone, Company: "company_3"}, func(r record.Record) bool { return r.Company == "Company_3" }},
			"a company's code":  {record.Filter{Scope: everyone, Code: "2"}, func(r record.Record) bool { return r.CompanyCode == "2" }},
			"hostile text":      {record.Filter{Scope: everyone, Name: "'; drop table records; --", Issue: "\\"}, func(record.Record) bool { return false }},
			"a portal":          {record.Filter{Scope: everyone, Portal: "shop"}, func(r record.Record) bool { return r.Portal == "shop" }},
			"a team":            {record.Filter{Scope: everyone, Team: 2}, func(r record.Record) bool { return r.Team == 2 }},
			"a rep":             {record.Filter{Scope: everyone, Rep: 2}, took(2)},
			"an outcome":        {record.Filter{Scope: everyone, Outcome: record.Abandoned}, func(r record.Record) bool { return r.Outcome == record.Abandoned }},
			"what the rep says": {record.Filter{Scope: everyone, Result: wire.OutcomeFollowUp}, func(r record.Record) bool { return r.Result == wire.OutcomeFollowUp }},
			"a rating":          {record.Filter{Scope: everyone, Rating: 5}, func(r record.Record) bool { return r.Rating == 5 }},
			"one's own":         {record.Filter{Scope: record.Scope{Reps: []uint64{3}}}, took(3)},
			"a lead's": {record.Filter{Scope: record.Scope{Teams: []uint64{2}, Reps: []uint64{1, 4}}}, func(r record.Record) bool {
				return r.Team == 2 || took(1, 4)(r)
			}},
			"a lead asks for a rep of another team": {record.Filter{Rep: 3, Scope: record.Scope{Teams: []uint64{2}, Reps: []uint64{1}}}, func(r record.Record) bool {
				return took(3)(r) && (r.Team == 2 || took(1)(r))
			}},
		} {
			var want []record.Record
			for _, r := range all {
				if c.fits(r) {
					want = append(want, r)
				}
			}
			got, err := s.Records(t.Context(), c.filter, record.Page{Limit: 100})
			if err != nil || !slices.Equal(names(got), names(want)) {
				t.Errorf("%s: found %v, want %v, %v", name, names(got), names(want), err)
			}
			var paged []record.Record
			page := record.Page{Limit: 7}
			for {
				some, err := s.Records(t.Context(), c.filter, page)
				if err != nil {
					t.Fatal(err)
				}
				paged = append(paged, some...)
				if len(some) < page.Limit {
					break
				}
				last := some[len(some)-1].At()
				page.After = &last
			}
			if !slices.Equal(names(paged), names(want)) {
				t.Errorf("%s: pages hold %v, want %v", name, names(paged), names(want))
			}
			for _, r := range all {
				w, err := s.Record(t.Context(), r.Session, c.filter.Scope)
				_ = w
				in := errors.Is(err, nil)
				if c.filter.Rep == 0 && c.filter.Plain() && c.filter.Portal == "" && c.filter.Team == 0 && c.filter.From.IsZero() && in != c.fits(r) {
					t.Errorf("%s: may see the one of %s: %v, %v", name, r.Name, in, err)
				}
			}
		}
	})
}

func TestT01APageBeforeIsTheOneThatWasLeft(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		all := several(t, s, 12)
		f := record.Filter{Scope: record.Scope{All: true}}
		at := all[7].At()
		got, err := s.Records(t.Context(), f, record.Page{Limit: 3, Before: &at})
		if err != nil || !slices.Equal(names(got), names(all[4:7])) {
			t.Errorf("before %s: %v, %v", all[7].Name, names(got), err)
		}
	})
}

func TestT01TheRollUpSaysWhatTheRecordsSay(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		main := settings.Portal{ID: settings.Main}
		main.Hours.Zone = "America/Los_Angeles"
		settle(t, s, settings.Settings{Portals: map[string]settings.Portal{settings.Main: main}})
		all := several(t, s, 200)
		days := [2]int64{all[150].Day, all[50].Day}
		zone, err := time.LoadLocation("America/Los_Angeles")
		if err != nil {
			t.Fatal(err)
		}
		midnight := func(day int64) time.Time {
			d := record.Date(day)
			return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, zone)
		}
		for name, f := range map[string]record.Filter{
			"all":         {Scope: record.Scope{All: true}},
			"some days":   {Scope: record.Scope{All: true}, FromDay: days[0], UntilDay: days[1], From: midnight(days[0]), Until: midnight(days[1])},
			"a portal":    {Scope: record.Scope{All: true}, Portal: "shop"},
			"a team":      {Scope: record.Scope{All: true}, Team: 2},
			"a rep":       {Scope: record.Scope{All: true}, Rep: 2},
			"a lead's":    {Scope: record.Scope{Teams: []uint64{1}, Reps: []uint64{2, 3}}},
			"one's own":   {Scope: record.Scope{Reps: []uint64{2}}},
			"not allowed": {},
		} {
			for _, by := range []record.By{record.ByDay, record.ByRep, record.ByTeam, record.ByPortal} {
				got, err := s.Totals(t.Context(), f, by)
				if err != nil {
					t.Fatal(err)
				}
				slow := f
				slow.Issue = "printer" // all of them have it
				want, err := s.Totals(t.Context(), slow, by)
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("%s by %d: the roll-up says\n%+v\nthe records\n%+v, %v", name, by, got, want, err)
				}
				if name == "all" {
					var sum, counts record.Count
					for _, x := range got {
						sum = sum.Plus(x.Count, 1)
					}
					for _, r := range all {
						_, c := r.Counts()
						counts = counts.Plus(c, 1)
					}
					if sum != counts {
						t.Errorf("by %d in all %+v, the records count %+v", by, sum, counts)
					}
				}
			}
		}
	})
}

func TestE02AnswersAreCounted(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		all := several(t, s, 80)
		for name, f := range map[string]record.Filter{
			"all": {Scope: record.Scope{All: true}}, "a team": {Scope: record.Scope{All: true}, Team: 1}, "a lead's": {Scope: record.Scope{Teams: []uint64{1}}},
		} {
			want := map[string]int64{}
			var texts []string
			for _, r := range all {
				if r.Rating > 0 && r.Portal == "shop" && (name == "all" || r.Team == 1) {
					want[fmt.Sprint(r.Rating)]++
					texts = append(texts, r.Name)
				}
			}
			got, err := s.Tallies(t.Context(), f, record.Asked{Portal: "shop", ID: 1})
			if err != nil || len(got) != len(want) {
				t.Errorf("%s: counted %v, want %v, %v", name, got, want, err)
			}
			for _, x := range got {
				if want[x.Answer] != x.Times {
					t.Errorf("%s: %s was given %d times, want %d", name, x.Answer, x.Times, want[x.Answer])
				}
			}
			var read []string
			page := record.Page{Limit: 4}
			for {
				some, err := s.Texts(t.Context(), f, record.Asked{Portal: "shop", ID: 2}, page)
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range some {
					read = append(read, x.Name)
				}
				if len(some) < page.Limit {
					break
				}
				page.After = &some[len(some)-1].Cursor
			}
			if !slices.Equal(read, texts) {
				t.Errorf("%s: read %v, want %v", name, read, texts)
			}
		}
	})
}

// TestT01AMillionSessionsNeedNoSearch reads SQLite's plans: whatever a list
// looks for is found by an index, and comes out of it in order.
func TestT01AMillionSessionsNeedNoSearch(t *testing.T) {
	s := opened(t, Place{Dir: t.TempDir()})
	several(t, s, 20)
	all := record.Scope{All: true}
	month := record.Filter{Scope: all, From: start, Until: start.Add(31 * 24 * time.Hour)}
	with := func(change func(*record.Filter)) record.Filter {
		f := month
		change(&f)
		return f
	}
	cursor := &record.Cursor{Came: start.Add(time.Hour)}
	for name, c := range map[string]struct {
		filter record.Filter
		page   record.Page
		index  string
		sorts  bool // a part is put in order afterwards
	}{
		"a month":          {month, record.Page{Limit: 50}, "records_came", false},
		"all":              {record.Filter{Scope: all}, record.Page{Limit: 50}, "records_came", false},
		"older":            {record.Filter{Scope: all}, record.Page{Limit: 50, After: cursor}, "records_came", false},
		"newer":            {record.Filter{Scope: all}, record.Page{Limit: 50, Before: cursor}, "records_came", false},
		"a part of a name": {with(func(f *record.Filter) { f.Name = "a" }), record.Page{Limit: 50}, "records_came", false},
		"a rep":            {with(func(f *record.Filter) { f.Rep = 3 }), record.Page{Limit: 50}, "sqlite_autoindex_participants_1", false},
		"one's own":        {record.Filter{Scope: record.Scope{Reps: []uint64{3}}}, record.Page{Limit: 50, After: cursor}, "sqlite_autoindex_participants_1", false},
		"a team":           {with(func(f *record.Filter) { f.Team = 3 }), record.Page{Limit: 50}, "records_team", false},
		"a lead's":         {with(func(f *record.Filter) { f.Scope = record.Scope{Teams: []uint64{3}, Reps: []uint64{1, 2}} }), record.Page{Limit: 50}, "records_came", false},
		"a company":        {with(func(f *record.Filter) { f.Company = "acme" }), record.Page{Limit: 50}, "records_company", true},
		"a company's code": {record.Filter{Scope: all, Code: "17"}, record.Page{Limit: 50}, "records_code", false},
		"an issue":         {record.Filter{Scope: all, Issue: "printer"}, record.Page{Limit: 50}, "records_issue", false},
		"a portal":         {record.Filter{Scope: all, Portal: "shop"}, record.Page{Limit: 50, After: cursor}, "records_portal", false},
		"how it went":      {record.Filter{Scope: all, Outcome: record.Abandoned}, record.Page{Limit: 50, Before: cursor}, "records_outcome", false},
		"an outcome":       {record.Filter{Scope: all, Result: wire.OutcomeFollowUp}, record.Page{Limit: 50}, "records_result", false},
		"stars":            {with(func(f *record.Filter) { f.Rating = 1 }), record.Page{Limit: 50}, "records_rating", false},
		"a lead's issue": {
			record.Filter{Scope: record.Scope{Teams: []uint64{3}, Reps: []uint64{1, 2}}, Issue: "printer"}, record.Page{Limit: 50}, "records_issue", false,
		},
		"the rarer of two": {
			record.Filter{Scope: all, Portal: "shop", Outcome: record.Helped, Issue: "printer", Rating: 1, Team: 3}, record.Page{Limit: 50}, "records_issue", false,
		},
		"the company first": {record.Filter{Scope: all, Outcome: record.Helped, Company: "acme"}, record.Page{Limit: 50}, "records_company", true},
		"the rep first": {
			record.Filter{Scope: all, Rep: 3, Code: "17", Outcome: record.Helped}, record.Page{Limit: 50}, "sqlite_autoindex_participants_1", false,
		},
	} {
		text, args := listing(s.engine, c.filter, nil, c.page)
		steps := strings.Join(plan(t, s, text, args...), "\n")
		if !strings.Contains(steps, c.index) || strings.Contains(steps, "SCAN r\n") || !c.sorts && strings.Contains(steps, "ORDER BY") {
			t.Errorf("%s:\n%s\nof %s", name, steps, text)
		}
	}
}

// plan is how SQLite goes about a query, step by step.
func plan(t *testing.T, s *Store, text string, args ...any) []string {
	t.Helper()
	steps, err := list(t.Context(), s.engine.reader(), func(rows *sql.Rows) (step string, err error) {
		var id, parent, unused int
		err = rows.Scan(&id, &parent, &unused, &step)
		return step, err
	}, "explain query plan "+text, args...)
	if err != nil || len(steps) == 0 {
		t.Fatalf("%v of %s", err, text)
	}
	return steps
}

// TestT01AFewAreLookedUpByNumber reads SQLite's plans, too.
func TestT01AFewAreLookedUpByNumber(t *testing.T) {
	s := opened(t, Place{Dir: t.TempDir()})
	several(t, s, 20)
	all := record.Scope{All: true}
	for name, f := range map[string]record.Filter{
		"a part of a name":      {Scope: all, Name: "nal"},
		"parts of two words":    {Scope: all, Name: "al 1", From: start},
		"a name and others":     {Scope: all, Name: "nal", Team: 2, Issue: "printer", Company: "acme", Code: "17", Outcome: record.Helped},
		"a rep's":               {Scope: all, Name: "nal", Rep: 3},
		"one's own":             {Scope: record.Scope{Reps: []uint64{3}}, Name: "nal"},
		"a lead's":              {Scope: record.Scope{Teams: []uint64{3}, Reps: []uint64{1, 2}}, Until: start.AddDate(0, 1, 0)},
		"a lead's, of a portal": {Scope: record.Scope{Teams: []uint64{3}, Reps: []uint64{1, 2}}, Portal: "shop"},
	} {
		few, err := s.few(t.Context(), f, fewListed)
		if err != nil || few == nil {
			t.Errorf("%s: %v, %v", name, few, err)
			continue
		}
		text, args := listing(s.engine, f, few, record.Page{Limit: 50, After: &record.Cursor{Came: start}})
		steps := strings.Join(plan(t, s, text, args...), "\n")
		if !strings.Contains(steps, "sqlite_autoindex_records_1 (session=?)") || strings.Contains(steps, "SCAN r\n") || strings.Contains(steps, "SCAN named") || strings.Contains(steps, "SCAN participants") {
			t.Errorf("%s:\n%s\nof %s", name, steps, text)
		}
	}
}
