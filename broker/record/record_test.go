package record

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/broker/lobby"
	"handrail/shared/wire"
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// tell makes a record of facts that follow each other by ten seconds.
func tell(facts ...lobby.Fact) Record {
	var r Record
	for i, f := range facts {
		f.Session, f.At = wire.SessionID{1}, start.Add(time.Duration(i)*10*time.Second)
		r.Apply(f, time.UTC)
	}
	return r
}

func fact(what lobby.What, rep uint64, queue string, detail ...string) lobby.Fact {
	f := lobby.Fact{What: what, Rep: rep, Queue: queue, Detail: map[string]string{}}
	for i := 0; i+1 < len(detail); i += 2 {
		f.Detail[detail[i]] = detail[i+1]
	}
	return f
}

func TestT01WhatBecameOfASession(t *testing.T) {
	came := fact(lobby.FactCame, 0, "team:3", "portal", "main")
	entered := fact(lobby.FactEntered, 0, "", "system", "linux")
	waits := fact(lobby.FactQueued, 0, "team:3", "why", "start")
	taken, joined := fact(lobby.FactTaken, 7, "team:3", "waited", "10"), fact(lobby.FactJoined, 7, "")
	left := fact(lobby.FactLeft, 7, "", "why", "lost")
	moved, again := fact(lobby.FactMoved, 7, "team:3", "to", "general"), fact(lobby.FactQueued, 0, "general", "why", "moved")
	abandoned := fact(lobby.FactAbandoned, 0, "team:3", "waited", "10")
	end := func(why string) lobby.Fact { return fact(lobby.FactEnded, 0, "", "why", why) }
	for name, c := range map[string]struct {
		facts   []lobby.Fact
		outcome Outcome
		count   Count
	}{
		"waits":                         {[]lobby.Fact{came, entered, waits}, Waiting, Count{Came: 1}},
		"with a rep":                    {[]lobby.Fact{came, waits, taken, joined}, Going, Count{Came: 1, Taken: 1, Waited: 10}},
		"the customer ended it":         {[]lobby.Fact{came, waits, taken, joined, end("customer")}, Helped, Count{Came: 1, Taken: 1, Waited: 10, Ended: 1, Lasted: 20}},
		"the rep ended it, twice":       {[]lobby.Fact{came, waits, taken, end("rep"), end("lost")}, Helped, Count{Came: 1, Taken: 1, Waited: 10, Ended: 1, Lasted: 10}},
		"lost in the session":           {[]lobby.Fact{came, waits, taken, end("lost")}, Broken, Count{Came: 1, Taken: 1, Waited: 10, Ended: 1, Lasted: 10}},
		"left while waiting":            {[]lobby.Fact{came, waits, abandoned, end("customer")}, Abandoned, Count{Came: 1, Unhelped: 1}},
		"lost while waiting":            {[]lobby.Fact{came, waits, abandoned, end("lost")}, Abandoned, Count{Came: 1, Unhelped: 1}},
		"left before the program":       {[]lobby.Fact{came, end("customer")}, Abandoned, Count{Came: 1, Unhelped: 1}},
		"never came with the program":   {[]lobby.Fact{came, end("lost")}, NotMet, Count{Came: 1, Unhelped: 1}},
		"left because of a notice":      {[]lobby.Fact{came, waits, abandoned, end("notice")}, Notice, Count{Came: 1, Unhelped: 1}},
		"nobody there":                  {[]lobby.Fact{came, waits, end("nobody")}, Nobody, Count{Came: 1, Unhelped: 1}},
		"did not agree":                 {[]lobby.Fact{came, fact(lobby.FactNotAgreed, 0, "", "why", "said"), end("not-agreed")}, NotAgreed, Count{Came: 1, Unhelped: 1}},
		"handed on":                     {[]lobby.Fact{came, waits, taken, left, moved, again}, Waiting, Count{Came: 1, Taken: 1, Waited: 10}},
		"handed on, left while waiting": {[]lobby.Fact{came, waits, taken, moved, again, abandoned, end("customer")}, Abandoned, Count{Came: 1, Taken: 1, Waited: 10, Ended: 1, Lasted: 40}},
		"handed on, then broken off":    {[]lobby.Fact{came, waits, taken, moved, again, end("broker")}, Broken, Count{Came: 1, Taken: 1, Waited: 10, Ended: 1, Lasted: 30}},
		"by a key, helped":              {[]lobby.Fact{came, entered, joined, left, end("customer")}, Helped, Count{Came: 1, Taken: 1, Waited: 20, Ended: 1, Lasted: 20}},
		"by a key, mistyped":            {[]lobby.Fact{came, entered, joined, left, end("wrong-secret")}, NotMet, Count{Came: 1, Taken: 1, Waited: 20, Ended: 1, Lasted: 20}},
		"rated":                         {[]lobby.Fact{came, joined, end("rep"), fact(lobby.FactSurvey, 0, "", "rating", "4")}, Helped, Count{Came: 1, Taken: 1, Waited: 10, Ended: 1, Lasted: 10, Rated: 1, Rating: 4}},
		"rated with something else":     {[]lobby.Fact{came, fact(lobby.FactSurvey, 0, "", "rating", "6")}, Waiting, Count{Came: 1}},
	} {
		r := tell(c.facts...)
		if _, count := r.Counts(); r.Outcome != c.outcome || count != c.count {
			t.Errorf("%s: %s %+v, want %s %+v", name, r.Outcome, count, c.outcome, c.count)
		}
	}
	r := tell(came, entered, waits, taken, joined, moved, again, fact(lobby.FactTaken, 8, "general"), fact(lobby.FactJoined, 9, ""))
	if r.FirstQueue != "team:3" || r.Queue != "general" || r.Team != 3 || r.Rep != 8 || r.System != "linux" || r.Waited != 10*time.Second {
		t.Errorf("handed on and taken again: %+v", r)
	}
}

// FuzzT01WhateverHappensTheSumsStaySums holds that what a record counts is
// never negative, never more than one session, and follows from the facts
// alone.
func FuzzT01WhateverHappensTheSumsStaySums(f *testing.F) {
	kinds := []lobby.What{
		lobby.FactCame, lobby.FactEntered, lobby.FactAgreed, lobby.FactNotAgreed, lobby.FactRecording, lobby.FactQueued, lobby.FactTaken,
		lobby.FactJoined, lobby.FactLeft, lobby.FactMoved, lobby.FactEnded, lobby.FactSurvey, lobby.FactAbandoned, "something.new",
	}
	f.Add([]byte{0, 1, 5, 6, 7, 8, 10, 11}, "team:3", "60")
	f.Add([]byte{10, 6, 12, 5, 0}, "team:-1", "-5")
	f.Fuzz(func(t *testing.T, acts []byte, queue, text string) {
		var facts []lobby.Fact
		for _, a := range acts {
			facts = append(facts, fact(kinds[int(a)%len(kinds)], uint64(a/16), queue, "waited", text, "rating", text, "why", text, "said", text, "field."+text, text))
		}
		r := tell(facts...)
		_, c := r.Counts()
		if c.Came > 1 || c.Taken+c.Unhelped > c.Came || c.Ended > c.Taken || c.Rated > 1 || c.Waited < 0 || c.Lasted < 0 || c.Rating > 5 ||
			(len(acts) > 0) != (c.Came == 1) {
			t.Fatalf("%+v counts %+v", r, c)
		}
		if again := tell(facts...); fmt.Sprint(again) != fmt.Sprint(r) {
			t.Fatalf("%+v is not %+v", again, r)
		}
		if c.Plus(c, -1) != (Count{}) {
			t.Fatal("taken away something is left")
		}
	})
}

func TestMarksTellFactsApart(t *testing.T) {
	f := lobby.Fact{Session: wire.SessionID{1}, At: start, What: lobby.FactCame, Rep: 1, Queue: "a", Detail: map[string]string{"b": "c", "d": "e"}}
	same := f
	same.Detail = maps.Clone(f.Detail)
	same.At = f.At.In(time.FixedZone("", 3600)).Add(time.Nanosecond) // kept are microseconds
	if Mark(same) != Mark(f) {
		t.Error("the same fact has two marks")
	}
	for name, change := range map[string]func(*lobby.Fact){
		"session": func(f *lobby.Fact) { f.Session[0]++ }, "time": func(f *lobby.Fact) { f.At = f.At.Add(time.Microsecond) },
		"kind": func(f *lobby.Fact) { f.What += "x" }, "rep": func(f *lobby.Fact) { f.Rep++ }, "queue": func(f *lobby.Fact) { f.Queue = "ab" },
		"detail": func(f *lobby.Fact) { f.Detail = map[string]string{"b": "cd", "e": ""} },
	} {
		other := f
		change(&other)
		if Mark(other) == Mark(f) {
			t.Errorf("another %s has the same mark", name)
		}
	}
}

func TestDaysAreThoseOfTheCalendar(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"2026-03-28T22:59:59Z": "2026-03-28", "2026-03-28T23:00:00Z": "2026-03-29", "2026-03-29T21:59:59Z": "2026-03-29",
		"2026-03-29T22:00:00Z": "2026-03-30", "1969-12-31T12:00:00Z": "1969-12-31",
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := Date(Day(when, zone)).Format(time.DateOnly); got != want {
			t.Errorf("%s is on %s, want %s", at, got, want)
		}
	}
}

func TestNamesAreLookedForInOneSpelling(t *testing.T) {
	for name, want := range map[string]string{"": "", "  ÜNAL \t\n Øst ": "ünal øst", "Bäckerei\u00a0Süß": "bäckerei süß", strings.Repeat("ü", 9000): strings.Repeat("ü", 200), "a" + strings.Repeat("ü", 9000): "a" + strings.Repeat("ü", 199)} {
		if got := Key(name); got != want {
			t.Errorf("%q is looked for as %q, want %q", name, got, want)
		}
	}
}

func TestEachWordOfANameIsTakenOnce(t *testing.T) {
	for name, want := range map[string][]string{"": {}, " \t": {}, "Øst  Anna ANNA\u00a0b-c": {"anna", "b-c", "øst"}} {
		if got := Words(name); !slices.Equal(got, want) {
			t.Errorf("words of %q are %q, want %q", name, got, want)
		}
	}
}

func TestT01NotesAreThoseWrittenLastByEachRep(t *testing.T) {
	note := func(rep uint64, outcome, text string) lobby.Fact {
		return fact(lobby.FactNote, rep, "", "outcome", outcome, "text", text)
	}
	facts := []lobby.Fact{
		fact(lobby.FactCame, 0, "general"), fact(lobby.FactTaken, 7, "general"), note(7, "follow-up", "draft"), note(8, "", "Seen before."),
		note(9, "solved", "by mistake"), note(9, "", ""), fact(lobby.FactEnded, 0, "", "why", "rep"), note(7, "solved", "New paper."),
	}
	r := tell(facts...)
	if r.Note != "New paper." || r.Result != wire.OutcomeSolved || r.Outcome != Helped {
		t.Errorf("noted %q and %d of a session that was %s", r.Note, r.Result, r.Outcome)
	}
	if _, count := r.Counts(); count.Solved != 1 || count.FollowUp != 0 || count.Came != 1 {
		t.Errorf("counted %+v", count)
	}
	w := Whole{Record: r, Facts: facts}
	var got []string
	for _, n := range w.Notes() {
		got = append(got, fmt.Sprintf("%d %s %d", n.Rep, n.Text, n.Result))
	}
	if want := "8 Seen before. 0, 7 New paper. 1"; strings.Join(got, ", ") != want {
		t.Errorf("notes are %s, want %s", strings.Join(got, ", "), want)
	}
}
