package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

func keepAll(t *testing.T, s *Store, facts ...lobby.Fact) {
	t.Helper()
	if err := s.engine.write(t.Context(), func(tx *Tx) error { return keepFacts(tx, facts) }); err != nil {
		t.Fatal(err)
	}
}

func settle(t *testing.T, s *Store, to settings.Settings) {
	t.Helper()
	if err := s.engine.write(t.Context(), func(tx *Tx) error { return settledRecords(tx, to) }); err != nil {
		t.Fatal(err)
	}
}

// visit is the facts of a session that was helped.
func visit(id byte, at time.Time, rep uint64) []lobby.Fact {
	session := wire.SessionID{id}
	fact := func(after time.Duration, what lobby.What, rep uint64, queue string, detail map[string]string) lobby.Fact {
		return lobby.Fact{Session: session, At: at.Add(after), What: what, Rep: rep, Queue: queue, Detail: detail}
	}
	return []lobby.Fact{
		fact(0, lobby.FactCame, 0, "", map[string]string{
			"portal": "main", "start": "issue", "name": "Maria  Huber", "company": "Bäckerei Süß", "companyCode": "B-7", "issue": "printer",
			"description": "paper", "system": "Windows", "locale": "de", "address": "192.0.2.1", "field.room": "12",
		}),
		fact(time.Second, lobby.FactEntered, 0, "", nil),
		fact(2*time.Second, lobby.FactAgreed, 0, "", nil),
		fact(3*time.Second, lobby.FactRecording, 0, "", map[string]string{"said": "no"}),
		fact(3*time.Second, lobby.FactQueued, 0, "team:3", map[string]string{"why": "start"}),
		fact(63*time.Second, lobby.FactTaken, rep, "team:3", map[string]string{"waited": "60"}),
		fact(64*time.Second, lobby.FactJoined, rep, "", nil),
		fact(664*time.Second, lobby.FactLeft, rep, "", map[string]string{"why": "rep"}),
		fact(664*time.Second, lobby.FactEnded, rep, "", map[string]string{"why": "rep"}),
		fact(700*time.Second, lobby.FactSurvey, 0, "", map[string]string{"rating": "4", "answer.1": "4", "answer.2": "thanks\x00 \xff", "answer.x": "no"}),
		fact(701*time.Second, lobby.FactSurvey, rep, "", map[string]string{"answer.1": "1"}),
	}
}

// logged is the facts of a session that was helped, and what its rep's console
// told of it.
func logged(id byte, at time.Time, rep uint64) []lobby.Fact {
	fact := func(after time.Duration, what lobby.What, detail map[string]string) lobby.Fact {
		return lobby.Fact{Session: wire.SessionID{id}, At: at.Add(after), What: what, Rep: rep, Detail: detail}
	}
	return append(visit(id, at, rep), fact(100*time.Second, lobby.FactAsked, map[string]string{"what": "view"}),
		fact(702*time.Second, lobby.FactNote, map[string]string{"outcome": "unsolved", "text": "draft"}),
		fact(703*time.Second, lobby.FactNote, map[string]string{"outcome": "solved", "text": "New\npaper\x00"}))
}

// everything is what all my tables hold, as text.
func everything(t *testing.T, s *Store) string {
	t.Helper()
	var all strings.Builder
	for _, table := range []string{"records", "companies", "words", "named", "facts", "participants", "answers", "transcripts", "days", "outbox"} {
		rows, err := list(t.Context(), s.engine.reader(), func(rows *sql.Rows) (string, error) {
			columns, err := rows.Columns()
			if err != nil {
				return "", err
			}
			values, places := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				places[i] = &values[i]
			}
			err = rows.Scan(places...)
			text, _ := json.Marshal(values)
			return string(text), err
		}, "select * from "+table)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(rows)
		fmt.Fprintln(&all, table, rows)
	}
	return all.String()
}

func recordOf(t *testing.T, s *Store, id byte) record.Record {
	t.Helper()
	session := wire.SessionID{id}
	r, err := scanRecord(s.engine.reader().QueryRowContext(t.Context(), `select `+recordColumns+` from records where session = $1`, session[:]))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestT01FactsMakeARecordAndRepeatedOnesChangeNothing(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		settle(t, s, settings.Settings{Hooks: []settings.Hook{{ID: "a"}, {ID: "b", Events: []string{"session.end"}}, {ID: "c", Off: true}}})
		facts := visit(1, start, 7)
		keepAll(t, s, facts...)
		r := recordOf(t, s, 1)
		if r.Portal != "main" || r.Name != "Maria  Huber" || r.Team != 3 || r.Rep != 7 || r.Waited != time.Minute || r.Lasted != 601*time.Second ||
			r.Outcome != record.Helped || r.Rating != 4 || r.Agreed != record.Yes || r.Recording != record.No || r.Fields["room"] != "12" ||
			!r.Came.Equal(start) || r.Why != "rep" || r.FirstQueue != "team:3" {
			t.Errorf("the record is %+v", r)
		}
		whole, err := s.Record(t.Context(), r.Session, record.Scope{All: true})
		if given := fmt.Sprint(whole.Answers); err != nil || given != "[{1 false 4} {2 false thanks \ufffd} {1 true 1}]" || len(whole.People) != 1 || !whole.People[0].Left.Equal(start.Add(664*time.Second)) {
			t.Errorf("the answers are %s, took part %+v, %v", given, whole.People, err)
		}
		want := everything(t, s)
		keepAll(t, s, facts...)
		for _, f := range facts {
			keepAll(t, s, f)
		}
		if again := everything(t, s); again != want {
			t.Errorf("facts said again changed\n%s\nto\n%s", want, again)
		}
		var lines, days int
		if err := s.engine.reader().QueryRowContext(t.Context(), `select (select count(*) from outbox), (select count(*) from days where came > 0)`).Scan(&lines, &days); err != nil ||
			lines != len(facts)+1 || days != 1 {
			t.Errorf("%d lines to tell, want %d; %d days, %v", lines, len(facts)+1, days, err)
		}
	})
}

func TestT01OneFactAtATimeMakesTheSameAsAllAtOnce(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		whole, single := opened(t, p), opened(t, Place{Dir: t.TempDir()})
		facts := logged(1, start, 7)
		keepAll(t, whole, facts...)
		for _, f := range facts {
			keepAll(t, single, f)
		}
		const sums = `select day, portal, team, rep, came, taken, unhelped, waited, ended, lasted, rated, rating, solved, unsolved, follow_up from days where came <> 0`
		scan := func(rows *sql.Rows) (c [15]string, err error) {
			return c, rows.Scan(&c[0], &c[1], &c[2], &c[3], &c[4], &c[5], &c[6], &c[7], &c[8], &c[9], &c[10], &c[11], &c[12], &c[13], &c[14])
		}
		a, err := list(t.Context(), whole.engine.reader(), scan, sums)
		if err != nil {
			t.Fatal(err)
		}
		b, err := list(t.Context(), single.engine.reader(), scan, sums)
		if err != nil || len(a) != 1 || len(b) != 1 || a[0] != b[0] {
			t.Errorf("counted %v and %v, %v", a, b, err)
		}
		if one, other := recordOf(t, whole, 1), recordOf(t, single, 1); fmt.Sprint(one) != fmt.Sprint(other) {
			t.Errorf("records\n%+v\n%+v", one, other)
		}
	})
}

func TestT03NobodyListensNothingIsQueued(t *testing.T) {
	s := opened(t, Place{Dir: t.TempDir()})
	keepAll(t, s, visit(1, start, 7)...)
	settle(t, s, settings.Settings{Syslog: &settings.Syslog{}})
	keepAll(t, s, visit(2, start, 7)[:2]...)
	count := func() (n int) {
		if err := s.engine.reader().QueryRowContext(t.Context(), `select count(*) from outbox`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != 2 {
		t.Errorf("%d lines, want those of the two facts after the server was set", n)
	}
	settle(t, s, settings.Settings{})
	if n := count(); n != 0 {
		t.Errorf("%d lines for a recipient that is gone", n)
	}
}

func TestDaysBeginWhereTheOrganisationIs(t *testing.T) {
	s := opened(t, Place{Dir: t.TempDir()})
	main := settings.Portal{ID: settings.Main}
	main.Hours.Zone = "Pacific/Auckland"
	settle(t, s, settings.Settings{Portals: map[string]settings.Portal{settings.Main: main}})
	keepAll(t, s, visit(1, time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC), 7)...)
	if d := record.Date(recordOf(t, s, 1).Day); d.Format(time.DateOnly) != "2026-03-02" {
		t.Errorf("counted on %v", d)
	}
}

// TestT01NoTextKeepsAFactFromBeingKept: what is decided must be kept, or the
// broker stops.
func TestT01NoTextKeepsAFactFromBeingKept(t *testing.T) {
	long := strings.Repeat("\u0130ü\x00\xff\U0001F600", 20_000)
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		facts := visit(1, start, 1<<62)
		for i := range facts {
			if facts[i].Detail == nil {
				facts[i].Detail = map[string]string{}
			}
			for name := range facts[i].Detail {
				if name != "portal" && name != "waited" {
					facts[i].Detail[name] = long
				}
			}
			facts[i].Detail[long] = long
		}
		keepAll(t, s, facts...)
		want := everything(t, s)
		keepAll(t, s, facts...)
		if everything(t, s) != want {
			t.Error("said again it changed something")
		}
		if found, err := s.Records(t.Context(), record.Filter{Scope: record.Scope{All: true}, Name: "\x00\U0001F600", Company: "Ü\xff"}, record.Page{Limit: 1}); err != nil || len(found) != 1 {
			t.Errorf("found %d, %v", len(found), err)
		}
	})
}
