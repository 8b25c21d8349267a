package console

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// staffed is a desk of a rep with three queues.
func staffed(t *testing.T) *desk {
	d := signedIn(t)
	d.step(SignedIn{Rep: 7, Name: "Robin Rep"}, Queues{Queues: []wire.Queue{
		{ID: "rep:7", What: wire.QueuePersonal, Name: "Robin Rep"}, {ID: "team:1", What: wire.QueueTeam, Name: "Printers"}, {ID: "general", What: wire.QueueGeneral},
	}})
	d.pass(staleTime)
	d.effects()
	return d
}

// comes has somebody wait in a queue since a while.
func (d *desk) comes(n byte, queue, name, issue string, since time.Duration) wire.SessionID {
	d.Helper()
	id := wire.SessionID{n}
	d.step(Visitor{Visitor: wire.Visitor{Session: id, Queue: queue, Name: name, Issue: issue, Here: true}, Since: d.now.Add(-since)})
	return id
}

// just is did for what happened since it was asked last.
func just[E Effect](d *desk) []E {
	all := did[E](d)
	d.effects()
	return all
}

// names are those on the list, gone ones in brackets.
func (d *desk) names() string {
	var all []string
	for _, w := range d.m.State().Waiters {
		name := w.Name
		if w.Stage == WaiterGone {
			name = "(" + name + ")"
		}
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

func (d *desk) picked() string {
	s := d.m.State()
	if w := s.Waiter(); w != nil {
		return w.Name
	}
	return ""
}

func TestK02WhoWaitsIsSortedByWaitNameOrIssueEitherWay(t *testing.T) {
	d := staffed(t)
	d.comes(1, "team:1", "Maria", "scanner", 3*time.Minute)
	d.comes(2, "general", "anna", "", 5*time.Minute)
	d.comes(3, "rep:7", "", "password", time.Minute)
	rows := []struct {
		by   []Sorting
		want string
	}{
		{nil, "anna Maria "},
		{[]Sorting{SortWait}, " Maria anna"},
		{[]Sorting{SortName}, "anna Maria "},
		{[]Sorting{SortName, SortName}, " Maria anna"},
		{[]Sorting{SortIssue}, " Maria anna"},
		{[]Sorting{SortIssue, SortWait}, "anna Maria "},
		{[]Sorting{"nonsense"}, "anna Maria "},
	}
	for _, r := range rows {
		d.m.s.Settings.Order = Order{}
		d.m.q.dirty = true
		for _, by := range r.by {
			d.step(SortBy{By: by})
		}
		equal(d, fmt.Sprint(r.by), d.names(), r.want)
	}
}

func TestK02TheOrderIsRemembered(t *testing.T) {
	d := staffed(t)
	d.step(SortBy{By: SortName}, SortBy{By: SortName}, Mute{On: true})
	kept := did[Remember](d)
	want := Settings{Life: 10 * time.Minute, Split: 0.68, Order: Order{By: SortName, Down: true}, Mute: true}
	equal(d, "remembered", kept[len(kept)-1].Settings, want)
	equal(d, "next start", New(d.now, Config{Settings: want}).State().Settings, want)
}

func TestK02EachQueueHasItsCountAndItsList(t *testing.T) {
	d := staffed(t)
	d.comes(1, "team:1", "Maria", "", time.Minute)
	d.comes(2, "team:1", "Noor", "", 2*time.Minute)
	d.comes(3, "general", "Bo", "", 3*time.Minute)
	d.step(Visitor{Visitor: wire.Visitor{Session: wire.SessionID{4}, Queue: "general", Name: "not here"}, Since: d.now})
	var counts []string
	for _, q := range d.m.State().Queues {
		counts = append(counts, fmt.Sprintf("%s %d/%d", q.Name, q.Here, q.Waits))
	}
	if want := []string{"All queues 3/4", "My queue 0/0", "Printers 2/2", "General queue 1/2"}; !slices.Equal(counts, want) {
		t.Errorf("counts %q", counts)
	}
	d.step(ChooseQueue{ID: "team:1"})
	equal(d, "in the team's", d.names(), "Noor Maria")
	d.step(ChooseQueue{ID: "team:9"})
	equal(d, "no such queue", d.m.State().Queue, "team:1")
	d.step(Queues{Queues: []wire.Queue{{ID: "general", What: wire.QueueGeneral}}})
	equal(d, "the queue is gone", d.m.State().Queue, "")
	equal(d, "and who was in it", d.names(), "Bo not here")
}

func TestK02WhoIsPickedStaysAndTheNeighbourFollows(t *testing.T) {
	d := staffed(t)
	for i, name := range []string{"Ana", "Bo", "Cem", "Dai"} {
		d.comes(byte(i+1), "general", name, "", time.Duration(9-i)*time.Minute)
	}
	rows := []struct {
		e    Event
		want string
	}{
		{PickBy{}, "Ana"},
		{PickBy{By: 2}, "Cem"},
		{PickBy{By: 0}, "Cem"},
		{PickBy{By: 99}, "Dai"},
		{PickBy{By: -99}, "Ana"},
		{Pick{ID: wire.SessionID{2}}, "Bo"},
		{Pick{ID: wire.SessionID{99}}, "Bo"},
		{SortBy{By: SortWait}, "Bo"},
		{ChooseQueue{ID: "general"}, ""},
		{PickBy{By: -1}, "Ana"},
	}
	for _, r := range rows {
		d.step(r.e)
		equal(d, fmt.Sprintf("%T%+v", r.e, r.e), d.picked(), r.want)
	}
	d.step(VisitorGone{ID: wire.SessionID{1}, Why: wire.GoneLeft})
	equal(d, "while it can be read", d.picked(), "Ana")
	d.pass(GoneStays)
	equal(d, "then", d.picked(), "Bo")
}

func TestK02NothingMovesUnderThePointer(t *testing.T) {
	d := staffed(t)
	for i, name := range []string{"Ana", "Bo", "Cem"} {
		d.comes(byte(i+1), "general", name, "", time.Duration(9-i)*time.Minute)
	}
	d.step(SortBy{By: SortName}, Steady{On: true})
	d.step(VisitorGone{ID: wire.SessionID{2}, Why: wire.GoneTaken, By: "Anna"})
	d.comes(4, "general", "Aki", "", time.Minute)
	equal(d, "while the pointer is there", d.names(), "Ana (Bo) Cem Aki")
	d.pass(2 * GoneStays)
	equal(d, "however long", d.names(), "Ana (Bo) Cem Aki")
	d.step(Steady{}, Steady{On: true}) // from one row to the next
	equal(d, "between two rows", d.names(), "Ana (Bo) Cem Aki")
	d.step(Steady{})
	d.pass(SteadyMore)
	equal(d, "when it has left", d.names(), "Aki Ana Cem")
	d.step(Steady{On: true})
	d.comes(5, "general", "Abe", "", time.Minute)
	d.pass(SteadyTime)
	equal(d, "a pointer that was forgotten there", d.names(), "Abe Aki Ana Cem")
}

func TestK02AcceptAsksOnceAndOpensTheTabWithoutASecondAccept(t *testing.T) {
	d := staffed(t)
	id := d.comes(1, "general", "Maria", "Printer", 2*time.Minute)
	d.step(TakeWaiter{ID: id}, TakeWaiter{ID: id}, TakeWaiter{ID: id})
	asked := just[Fetch](d)
	if len(asked) != 1 || asked[0].Session != id || asked[0].Request == [16]byte{} {
		t.Fatalf("asked %+v", asked)
	}
	d.step(Given{ID: id, Peer: "Maria", System: "windows"})
	x := d.session(id)
	s := d.m.State()
	if !x.Meeting || !x.Taken || s.Selected != id || !slices.Equal(s.Tabs, []wire.SessionID{id}) || len(s.Waiters) != 0 || s.Waiting() != 0 {
		t.Errorf("session %+v", x)
	}
	equal(d, "what is known goes along", x.Visitor.Issue, "Printer")
	equal(d, "met without a key", did[Meet](d), []Meet{{ID: id, Compare: true}})
	d.step(SessionArrived{ID: id, Denied: []string{"transfer"}})
	begun := did[Do](d)
	if len(begun) != 1 || begun[0] != (Do{ID: id, Event: session.Accept{}}) {
		t.Errorf("begun with %+v", begun)
	}
	x = d.session(id)
	if x.Meeting || x.MayMove() {
		t.Errorf("session %+v", x)
	}
}

func TestK02WhatTheBrokerSaysToATake(t *testing.T) {
	rows := []struct {
		name    string
		answer  func(d *desk, f Fetch) []Event
		note    words.Sentence
		problem words.Problem
		list    string
	}{
		{"another was quicker", func(_ *desk, f Fetch) []Event { return []Event{TakeFailed{f.Request, words.Taken}} }, words.QueueTaken, 0, "(Maria)"},
		{"taken, and said so before", func(_ *desk, f Fetch) []Event {
			return []Event{VisitorGone{f.Session, wire.GoneTaken, "Anna"}, TakeFailed{f.Request, words.Taken}}
		}, words.QueueTaken, 0, ""},
		{"nobody waits", func(_ *desk, f Fetch) []Event { return []Event{TakeFailed{f.Request, words.NobodyWaits}} }, words.QueueNobody, 0, "Maria"},
		{"not allowed", func(_ *desk, f Fetch) []Event { return []Event{TakeFailed{f.Request, words.NotAllowed}} }, "", words.NotAllowed, "Maria"},
		{"an answer to nothing", func(*desk, Fetch) []Event { return []Event{TakeFailed{[16]byte{1}, words.NotAllowed}} }, "", 0, "Maria"},
		{"no answer", func(d *desk, _ Fetch) []Event { d.pass(AnswerTime); return nil }, "", words.BrokerBusy, "Maria"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			d := staffed(t)
			id := d.comes(1, "general", "Maria", "", time.Minute)
			d.step(TakeWaiter{ID: id})
			d.step(r.answer(d, just[Fetch](d)[0])...)
			s := d.m.State()
			equal(d, "note", s.Note, string(r.note))
			equal(d, "problem", s.QueueProblem, r.problem)
			equal(d, "list", d.names(), r.list)
			equal(d, "questions", s.Question, Question{})
			d.comes(1, "general", "Maria", "", time.Minute) // waits again
			d.step(TakeWaiter{ID: id})
			want := 2
			if r.name == "an answer to nothing" {
				want = 1
			}
			equal(d, "can be asked for again", len(just[Fetch](d)), want-1)
			equal(d, "problem then", d.m.State().QueueProblem, words.NoProblem)
		})
	}
}

func TestK02GetNextIsAskedForOneAtATime(t *testing.T) {
	d := staffed(t)
	d.comes(1, "team:1", "Maria", "", time.Minute)
	d.step(ChooseQueue{ID: "team:1"}, TakeNext{}, TakeNext{}, Accept{})
	asked := just[Fetch](d)
	if len(asked) != 1 || asked[0].Queue != "team:1" || asked[0].Session != (wire.SessionID{}) || !d.m.State().Nexting {
		t.Fatalf("asked %+v", asked)
	}
	d.step(Given{ID: wire.SessionID{9}, Peer: "Somebody"})
	if s := d.m.State(); s.Nexting || s.Selected != (wire.SessionID{9}) {
		t.Errorf("state %+v", s)
	}
	d.step(Select{}, Accept{})
	equal(d, "Ctrl+Enter gets the next one", len(just[Fetch](d)), 1)
}

func TestK02ATakeOutlivesItsConnection(t *testing.T) {
	d := staffed(t)
	id := d.comes(1, "general", "Maria", "", time.Minute)
	d.step(TakeWaiter{ID: id})
	first := just[Fetch](d)
	d.step(Unlinked{Problem: words.BrokerAway}, TakeNext{})
	equal(d, "asked without a connection", len(just[Fetch](d)), 0)
	equal(d, "which is said", d.m.State().QueueProblem, words.BrokerAway)
	d.step(Linked{}, SignedIn{Name: "Robin"})
	equal(d, "asked again", just[Fetch](d), first)
}

func TestK02WhoWasNotAskedForIsNotTaken(t *testing.T) {
	d := staffed(t)
	d.comes(1, "general", "Maria", "", time.Minute)
	d.step(Given{ID: wire.SessionID{1}})
	equal(d, "turned away", just[TurnAway](d), []TurnAway{{ID: wire.SessionID{1}}})
	equal(d, "sessions", len(d.m.State().Sessions), 0)
	d.step(TakeWaiter{ID: wire.SessionID{1}}, Given{ID: wire.SessionID{1}}, Given{ID: wire.SessionID{1}})
	equal(d, "given twice", len(just[TurnAway](d)), 1)
	equal(d, "sessions", len(d.m.State().Sessions), 1)
}

func TestK02WhoNeverMetIsSaidSoInTheTab(t *testing.T) {
	for _, r := range []struct {
		ends  bool
		stays int
	}{{false, 1}, {true, 0}} {
		d := staffed(t)
		id := d.comes(1, "general", "Maria", "", time.Minute)
		d.step(TakeWaiter{ID: id}, Given{ID: id, Peer: "Maria"})
		if r.ends {
			d.step(End{ID: id})
			equal(d, "left", did[Do](d), []Do{{ID: id, Event: session.Leave{}}})
		}
		d.step(NotMet{ID: id, Why: wire.EndNeverMet})
		s := d.m.State()
		equal(d, "sessions", len(s.Sessions), r.stays)
		if r.stays == 1 {
			equal(d, "why", s.Sessions[0].State.Why, wire.EndNeverMet)
			d.step(End{ID: id})
			equal(d, "closed", len(d.m.State().Sessions), 0)
		}
	}
}

func TestK02ACustomerWhoseProgramIsNotThereCannotBeTaken(t *testing.T) {
	d := staffed(t)
	v := wire.Visitor{Session: wire.SessionID{1}, Queue: "general", Name: "Maria"}
	d.step(Visitor{Visitor: v, Since: d.now}, TakeWaiter{ID: v.Session})
	equal(d, "asked", len(just[Fetch](d)), 0)
	equal(d, "note", d.m.State().Note, string(words.QueueNotHere))
	d.pass(time.Minute)
	equal(d, "sounds", len(just[Chime](d)), 0)
	v.Here = true
	d.step(Visitor{Visitor: v, Since: d.now}, TakeWaiter{ID: v.Session})
	equal(d, "asked", len(just[Fetch](d)), 1)
}

func TestK02NewcomersAreHeardOnceHoweverManyComeTogether(t *testing.T) {
	d := staffed(t)
	d.step(Focus{Nowhere: true})
	d.comes(1, "general", "Maria", "a secret", time.Second)
	d.pass(bellWait)
	note := did[Notify](d)
	if len(note) != 1 || note[0].Title != "Maria is waiting" || note[0].Visitor != (wire.SessionID{1}) || note[0].Accept == "" ||
		strings.Contains(note[0].Text, "secret") {
		t.Errorf("notified %+v", note)
	}
	equal(d, "sounds", len(just[Chime](d)), 1)
	for n := range byte(50) {
		d.comes(n+10, "general", "Somebody", "", time.Second)
	}
	d.pass(bellWait)
	equal(d, "sounds so soon after", len(just[Chime](d)), 0)
	d.pass(bellRest)
	note = did[Notify](d)
	if len(note) != 1 || note[0].Title != "50 customers are waiting" || note[0].Accept != "" || note[0].Show == "" {
		t.Errorf("notified %+v", note)
	}
	equal(d, "sounds", len(just[Chime](d)), 1)
	d.step(Mute{On: true})
	d.comes(2, "general", "Noor", "", time.Second)
	d.pass(time.Minute)
	equal(d, "notifications while it is quiet", len(did[Notify](d)), 0)
	equal(d, "sounds while it is quiet", len(just[Chime](d)), 0)
	d.step(Mute{})
	d.comes(3, "general", "Bo", "", time.Second)
	d.step(VisitorGone{ID: wire.SessionID{3}, Why: wire.GoneTaken})
	d.pass(time.Minute)
	equal(d, "sounds for who is gone again", len(just[Chime](d)), 0)
}

func TestK02NewcomersAreMarkedUntilSomebodyHasLooked(t *testing.T) {
	d := staffed(t)
	d.step(Focus{Nowhere: true})
	d.comes(1, "general", "Maria", "", time.Second)
	d.pass(time.Hour)
	s := d.m.State()
	equal(d, "marks while nobody looks", s.News(), 1)
	d.step(Focus{})
	d.pass(SeenTime)
	s = d.m.State()
	equal(d, "marks once looked at", s.News(), 0)
	equal(d, "in the list", s.Waiters[0].New, false)
	talk := d.talk(8, "Ana")
	d.step(Select{ID: talk})
	d.comes(2, "general", "Noor", "", time.Second)
	d.pass(time.Hour)
	s = d.m.State()
	equal(d, "marks while another tab is in front", s.News(), 1)
	d.step(ShowWaiter{ID: wire.SessionID{2}})
	s = d.m.State()
	equal(d, "shown", d.picked(), "Noor")
	equal(d, "the start page", s.Selected, wire.SessionID{})
}

func TestK02AfterSigningInAgainWhoIsNotSaidToWaitDoesNot(t *testing.T) {
	d := staffed(t)
	d.comes(1, "general", "Maria", "", time.Minute)
	d.comes(2, "general", "Noor", "", time.Minute)
	d.effects()
	d.step(Unlinked{Problem: words.BrokerAway}, Linked{}, SignedIn{Name: "Robin"}, Queues{Queues: []wire.Queue{{ID: "general", What: wire.QueueGeneral}}})
	equal(d, "at first nothing flickers", d.names(), "Maria Noor")
	d.comes(2, "general", "Noor", "", time.Minute)
	d.pass(staleTime)
	equal(d, "then", d.names(), "Noor")
}

func TestK02TheWaitCountsLive(t *testing.T) {
	d := staffed(t)
	d.comes(1, "general", "Maria", "", 90*time.Second+300*time.Millisecond)
	d.pass(bellRest + SeenTime)
	if got := d.m.Wake().Sub(d.now); got <= 0 || got > time.Second {
		t.Errorf("the next second is drawn in %v", got)
	}
	d.pass(words.WaitExact)
	if got := d.m.Wake().Sub(d.now); got <= time.Second || got > time.Minute {
		t.Errorf("the next minute is drawn in %v", got)
	}
	d.step(Select{ID: d.talk(8, "Ana")}, Focus{})
}

// What a broker can say must not fill the console's memory, nor keep it busy.
func TestAHostileBrokerIsBounded(t *testing.T) {
	d := staffed(t)
	text := strings.Repeat("x", wire.MaxPlain)
	for n := range 12_000 {
		id := wire.SessionID{byte(n), byte(n >> 8), 1}
		d.m.Step(d.now, Visitor{Visitor: wire.Visitor{Session: id, Queue: "general", Name: fmt.Sprint(n), Description: text, Note: text, Here: true}, Since: d.now})
		d.m.Step(d.now, Visitor{Visitor: wire.Visitor{Session: id, Queue: "team:77", Name: "unknown queue"}, Since: d.now})
	}
	s := d.m.State()
	equal(d, "list", len(s.Waiters), maxWaiters)
	if d.m.q.told > maxTold+maxWaiters*1024 {
		t.Errorf("%d bytes are kept", d.m.q.told)
	}
	less := 0
	for _, w := range s.Waiters {
		if w.Less {
			less++
		}
		if w.Name == "unknown queue" {
			t.Fatal("a queue that nobody told of")
		}
	}
	if less == 0 || less == len(s.Waiters) {
		t.Errorf("%d without their text", less)
	}
	for n := range 12_000 {
		d.m.Step(d.now, VisitorGone{ID: wire.SessionID{byte(n), byte(n >> 8), 1}, Why: wire.GoneLeft})
	}
	equal(d, "ghosts", len(d.m.State().Waiters), maxGhosts)
	d.pass(GoneStays)
	equal(d, "in the end", len(d.m.State().Waiters), 0)
	equal(d, "bytes in the end", d.m.q.told, 0)
	var same []wire.Queue
	for range 2 * wire.MaxQueues {
		same = append(same, wire.Queue{ID: "general", What: wire.QueueGeneral})
	}
	d.step(Queues{Queues: same})
	equal(d, "queues", len(d.m.State().Queues), 2)
}

// Nobody whom the broker tells of is ever changed in a State that was handed
// out.
func TestWhoWasHandedOutStaysAsItWas(t *testing.T) {
	d := staffed(t)
	id := d.comes(1, "general", "Maria", "", time.Minute)
	before := d.m.State()
	was := *before.Waiters[0]
	d.step(TakeWaiter{ID: id}, VisitorGone{ID: id, Why: wire.GoneLeft})
	d.comes(2, "general", "Noor", "", time.Hour)
	_ = d.m.State()
	equal(d, "waiter", fmt.Sprint(*before.Waiters[0]), fmt.Sprint(was))
	equal(d, "list", len(before.Waiters), 1)
	equal(d, "count", before.Queues[0].Waits, 1)
}

func TestK04WhomTheRepHandedOnIsNoNews(t *testing.T) {
	d := staffed(t)
	id := d.comes(1, "team:1", "Maria", "", time.Minute)
	d.step(TakeWaiter{ID: id}, Given{ID: id, Peer: "Maria"}, NotMet{ID: id, Why: wire.EndMoved}, Focus{Nowhere: true})
	d.pass(time.Minute)
	d.effects()
	d.comes(1, "general", "Maria", "", time.Second)
	d.pass(time.Minute)
	s := d.m.State()
	equal(d, "on the list", d.names(), "Maria")
	equal(d, "marks", s.News(), 0)
	equal(d, "sounds", len(did[Chime](d)), 0)
	d.step(TakeWaiter{ID: id}, Given{ID: id, Peer: "Maria"})
	equal(d, "taken again", d.session(id).Meeting, true)
	equal(d, "in one tab", len(d.m.State().Tabs), 1)
}
