package console

import (
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

func TestK01LoggingInWithTheBrowserStepByStep(t *testing.T) {
	page := Paired{Code: "K7QF-2MHT", URL: "https://help.example/x"}
	rows := []struct {
		name    string
		e       []Event
		want    SignIn
		problem words.Problem
	}{
		{"known", []Event{NeedLogin{}}, LoggedOut, 0},
		{"unknown", []Event{NeedEnrolment{}}, Unknown, 0},
		{"asked", []Event{NeedLogin{}, LogIn{}}, LoggingIn, 0},
		{"asked twice", []Event{NeedLogin{}, LogIn{}, LogIn{}}, LoggingIn, 0},
		{"page", []Event{NeedLogin{}, LogIn{}, page}, LoggingIn, 0},
		{"page that nobody wants", []Event{NeedLogin{}, page}, LoggedOut, 0},
		{"given up, known", []Event{NeedLogin{}, LogIn{}, page, StopLogIn{}}, LoggedOut, 0},
		{"given up, unknown", []Event{NeedEnrolment{}, LogIn{}, StopLogIn{}}, Unknown, 0},
		{"refused", []Event{NeedEnrolment{}, LogIn{}, page, PairFailed{words.PairRefused}}, Unknown, words.PairRefused},
		{"a refusal too late", []Event{NeedLogin{}, PairFailed{words.PairRefused}}, LoggedOut, 0},
		{"no connection meanwhile", []Event{NeedLogin{}, LogIn{}, page, Unlinked{Problem: words.BrokerAway}}, LoggingIn, words.BrokerAway},
		{"in", []Event{NeedLogin{}, LogIn{}, page, SignedIn{Name: "Robin"}}, In, 0},
		{"while in", []Event{SignedIn{Name: "Robin"}, LogIn{}}, In, 0},
		{"away too long", []Event{SignedIn{Name: "Robin"}, NeedLogin{words.IdleTooLong}}, LoggedOut, words.IdleTooLong},
		{"signed out", []Event{SignedIn{Name: "Robin"}, SignOut{}}, LoggedOut, 0},
		{"signed out without being in", []Event{NeedEnrolment{}, SignOut{}}, Unknown, 0},
	}
	for _, r := range rows {
		d := newDesk(t)
		d.step(Site{Organisation: "Alpine Support"}, Linked{})
		for _, e := range r.e {
			if p, ok := e.(Paired); ok {
				p.Expires = d.now.Add(10 * time.Minute)
				e = p
			}
			d.step(e)
		}
		s := d.m.State()
		equal(d, r.name, s.SignIn, r.want)
		equal(d, r.name, s.Problem, r.problem)
		if (s.Pairing.Code != "") != (s.SignIn == LoggingIn && slices.Contains(r.e, Event(page))) {
			t.Errorf("%s: pairing %+v", r.name, s.Pairing)
		}
	}
}

func TestK01ThePageIsOpenedOnceAndAgainWhenTheRepWants(t *testing.T) {
	d := newDesk(t)
	d.step(Site{}, NeedLogin{}, LogIn{}, OpenLogIn{}, CopyLogIn{})
	equal(d, "without a page", len(did[OpenPage](d))+len(did[Copy](d)), 0)
	page := Paired{Code: "A", URL: "https://help.example/x", Expires: d.now.Add(10 * time.Minute)}
	d.step(page, page) // said again after a lost connection
	equal(d, "opened", len(did[OpenPage](d)), 1)
	d.step(OpenLogIn{}, CopyLogIn{})
	equal(d, "opened again", len(did[OpenPage](d)), 2)
	equal(d, "copied", did[Copy](d), []Copy{{Text: page.URL}})
	d.pass(10 * time.Minute)
	equal(d, "given up when its time is over", len(did[EndPair](d)), 1)
	equal(d, "which is said", d.m.State().Problem, words.PairRefused)
}

func TestK01TheWarningComesThirtySecondsBefore(t *testing.T) {
	d := newDesk(t)
	const idle = 10 * time.Minute
	d.step(Site{}, SignedIn{Name: "Robin", Idle: idle}, Focus{Nowhere: true})
	d.pass(idle - IdleWarning - time.Second)
	equal(d, "before", d.m.State().IdleAt, time.Time{})
	d.pass(time.Second)
	equal(d, "warned", d.m.State().IdleAt, d.now.Add(IdleWarning))
	equal(d, "on the desktop, too", len(did[Notify](d)), 1)
	d.pass(time.Second)
	equal(d, "once", len(did[Notify](d)), 1)
	d.step(Used{})
	equal(d, "who is there stays", did[Active](d), []Active{{}})
	equal(d, "and is not warned", d.m.State().IdleAt, time.Time{})
}

func TestK01WhoIsLoggedOutIsWarnedNoMore(t *testing.T) {
	d := signedIn(t)
	d.step(SignedIn{Name: "Robin Rep", Idle: 10 * time.Minute})
	d.pass(10*time.Minute - IdleWarning)
	if d.m.State().IdleAt.IsZero() {
		t.Fatal("not warned")
	}
	d.step(NeedLogin{Problem: words.IdleTooLong})
	equal(d, "warned until", d.m.State().IdleAt, time.Time{})
}

func TestK01NobodyIsWarnedWhereNobodyIsLoggedOut(t *testing.T) {
	d := signedIn(t)
	d.step(Used{})
	d.pass(100 * time.Hour)
	d.step(Used{})
	equal(d, "warned", d.m.State().IdleAt, time.Time{})
	equal(d, "said", len(did[Active](d)), 0)
}

// A connection that comes back is no sign of anybody, and the broker has heard
// of none.
func TestK01ALostConnectionIsNoUse(t *testing.T) {
	d := newDesk(t)
	const idle = 10 * time.Minute
	d.step(Site{}, SignedIn{Name: "Robin", Idle: idle})
	d.pass(5 * time.Minute)
	d.step(Unlinked{Problem: words.BrokerAway}, Linked{}, SignedIn{Name: "Robin", Idle: idle})
	d.pass(5*time.Minute - IdleWarning)
	equal(d, "warned", d.m.State().IdleAt.IsZero(), false)
}

func TestK01SigningOutTakesKeysBackAndLeavesSessions(t *testing.T) {
	d := staffed(t)
	id := d.talk(1, "Maria")
	k := d.key()
	d.comes(2, "general", "Noor", "", time.Minute)
	d.effects()
	d.step(SignOut{})
	equal(d, "told", len(did[SayGoodbye](d)), 1)
	equal(d, "keys", did[TakeKeyBack](d), []TakeKeyBack{{k.Number, wire.KeyRevoked}})
	equal(d, "session", d.session(id).State.Stage, session.Talking)
	s := d.m.State()
	equal(d, "queues", len(s.Queues)+len(s.Waiters), 0)
}

func TestK04WhereACustomerCanBeHandedOnTo(t *testing.T) {
	d := staffed(t)
	id := d.comes(1, "team:1", "Maria", "", time.Minute)
	d.step(Targets{Targets: []wire.Target{
		{Queue: "rep:8", What: wire.QueuePersonal, Name: "Bo"},
		{Queue: "general", What: wire.QueueGeneral, Here: true},
		{Queue: "team:1", What: wire.QueueTeam, Name: "Printers", Here: true},
		{Queue: "team:2", What: wire.QueueTeam, Name: "Networks", Here: true},
		{Queue: "rep:9", What: wire.QueuePersonal, Name: "Anna", Here: true},
		{Queue: "rep:7", What: wire.QueuePersonal, Name: "Robin", Here: true},
	}})
	rows := []struct {
		find string
		want string
	}{
		{"", "Anna Robin Networks General queue Bo"},
		{" AN", "Anna"},
		{"queue", "General queue"},
		{"nobody", ""},
	}
	d.step(MoveOn{})
	equal(d, "nobody is picked", d.m.State().Move.ID, wire.SessionID{})
	d.step(MoveOn{ID: id})
	for _, r := range rows {
		d.step(MoveFind{Text: r.find})
		var got strings.Builder
		for i, t := range d.m.State().Move.Targets {
			if i > 0 {
				got.WriteString(" ")
			}
			got.WriteString(t.Name)
		}
		equal(d, r.find, got.String(), r.want)
	}
	talk := d.talk(5, "Noor")
	d.step(MoveOn{ID: talk})
	for _, t := range d.m.State().Move.Targets {
		if t.Queue == "rep:7" {
			d.Error("a session is handed on to the rep who has it")
		}
	}
}

func TestK04WhoWaitsIsHandedOn(t *testing.T) {
	rows := []struct {
		name    string
		answer  []Event
		open    bool
		problem words.Problem
		note    string
	}{
		{"to a queue of ours", []Event{Visitor{Visitor: wire.Visitor{Session: wire.SessionID{1}, Queue: "general", Here: true}}}, false, 0, "Maria has been handed on."},
		{"out of sight", []Event{VisitorGone{ID: wire.SessionID{1}, Why: wire.GoneMoved}}, false, 0, "Maria has been handed on."},
		{"taken meanwhile", []Event{VisitorGone{ID: wire.SessionID{1}, Why: wire.GoneTaken}}, false, 0, ""},
		{"nobody is there", []Event{HandOnFailed{ID: wire.SessionID{1}, Problem: words.NoTarget}}, true, words.NoTarget, ""},
		{"somebody else's answer", []Event{HandOnFailed{ID: wire.SessionID{2}, Problem: words.NoTarget}}, true, 0, ""},
	}
	for _, r := range rows {
		d := staffed(t)
		id := d.comes(1, "team:1", "Maria", "", time.Minute)
		d.step(Targets{Targets: []wire.Target{{Queue: "general", What: wire.QueueGeneral, Here: true}}})
		d.step(MoveOn{ID: id}, MoveGo{}, MoveTo{Queue: "rep:1"}, MoveGo{})
		equal(d, r.name+": to nobody", len(did[HandOn](d)), 0)
		d.step(MoveTo{Queue: "general"}, MoveNote{Text: "x"}, MoveGo{}, MoveGo{}, MoveTo{Queue: "rep:1"})
		equal(d, r.name+": asked once", did[HandOn](d), []HandOn{{ID: id, Queue: "general", Note: "x"}})
		d.step(r.answer...)
		s := d.m.State()
		equal(d, r.name+": open", s.Move.ID == id, r.open)
		equal(d, r.name+": problem", s.Move.Problem, r.problem)
		equal(d, r.name+": note", s.Note, r.note)
		if r.open {
			d.pass(AnswerTime)
			equal(d, r.name+": goes on for ever", d.m.State().Move.Busy, false)
		}
	}
}
