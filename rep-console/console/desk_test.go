package console

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"handrail/shared/secret"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// desk is a rep's desk in a test: the console, a broker that hands out the
// numbers 482913, 482914, …, and for each session that arrives a real rep's
// side and a real customer's side, joined by nothing but their packets.
type desk struct {
	*testing.T
	now  time.Time
	m    *Model
	all  []Effect // since the last call of effects
	next int
	rep  map[wire.SessionID]*session.Session
	cust map[wire.SessionID]*session.Session
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	now := time.Date(2031, 3, 4, 9, 30, 0, 0, time.UTC)
	d := &desk{
		T: t, now: now, next: 482913,
		m:   New(now, Config{Rand: rand.NewChaCha8([32]byte{7})}),
		rep: map[wire.SessionID]*session.Session{}, cust: map[wire.SessionID]*session.Session{},
	}
	return d
}

// signedIn is a desk at which work can begin.
func signedIn(t *testing.T) *desk {
	d := newDesk(t)
	d.step(Site{Organisation: "Alpine Support", Page: "https://help.example/s/"}, Linked{}, SignedIn{Name: "Robin Rep"})
	d.effects()
	return d
}

// step feeds events and lets the broker and the sessions answer.
func (d *desk) step(events ...Event) {
	d.Helper()
	for len(events) > 0 {
		e := events[0]
		events = events[1:]
		for _, f := range d.m.Step(d.now, e) {
			d.all = append(d.all, f)
			switch f := f.(type) {
			case MakeKey:
				if d.m.State().SignIn == In {
					events = append(events, KeyMade{Request: f.Request, Number: fmt.Sprint(d.next), Expires: d.now.Add(f.Life)})
					d.next++
				}
			case Do:
				if d.rep[f.ID] != nil {
					events = append(events, d.run(f.ID, wire.RoleRep, f.Event)...)
				}
			}
		}
	}
}

// run lets one side of a session take an event, carries its packets to the
// other side until both are silent, and reports the rep's State.
func (d *desk) run(id wire.SessionID, role wire.Role, e session.Event) []Event {
	type letter struct {
		to wire.Role
		e  session.Event
	}
	for post := []letter{{role, e}}; len(post) > 0; post = post[1:] {
		s, other := d.rep[id], wire.RoleCustomer
		if post[0].to == wire.RoleCustomer {
			s, other = d.cust[id], wire.RoleRep
		}
		for _, f := range s.Step(d.now, post[0].e) {
			if send, ok := f.(session.Send); ok {
				post = append(post, letter{other, session.Heard(send)})
			}
		}
	}
	return []Event{SessionChanged{ID: id, State: d.rep[id].State()}}
}

// customer lets the customer do something.
func (d *desk) customer(id wire.SessionID, e session.Event) {
	d.Helper()
	d.step(d.run(id, wire.RoleCustomer, e)...)
}

// key makes a key.
func (d *desk) key() Key {
	d.Helper()
	d.step(NewKey{})
	keys := d.m.State().Keys
	if len(keys) == 0 {
		d.Fatal("no key was made")
	}
	return keys[0]
}

// arrive lets a customer come by a new key.
func (d *desk) arrive(n byte, name string) wire.SessionID {
	d.Helper()
	id := wire.SessionID{n}
	k := d.key()
	d.step(KeyEntered{ID: id, Number: k.Number})
	d.rep[id] = session.New(d.now, session.Config{Role: wire.RoleRep, Me: "Robin Rep", Organisation: "Alpine Support"})
	d.cust[id] = session.New(d.now, session.Config{Role: wire.RoleCustomer, Me: name, System: "linux", CanControl: true, CanClip: true})
	d.step(SessionArrived{ID: id, Number: k.Number})
	// both sides say what they have before either hears the other
	var post []session.Effect
	post = append(post, d.cust[id].Step(d.now, session.Linked{})...)
	d.run(id, wire.RoleRep, session.Linked{})
	for _, f := range post {
		if send, ok := f.(session.Send); ok {
			d.step(d.run(id, wire.RoleRep, session.Heard(send))...)
		}
	}
	return id
}

// talk is arrive and accept.
func (d *desk) talk(n byte, name string) wire.SessionID {
	d.Helper()
	id := d.arrive(n, name)
	d.step(Accept{ID: id})
	d.effects()
	return id
}

// pass lets time go by, ticking whenever the console wants it.
func (d *desk) pass(by time.Duration) {
	d.Helper()
	end := d.now.Add(by)
	for range 10_000 {
		at := d.m.Wake()
		if at.IsZero() || at.After(end) {
			d.now = end
			d.step(Tick{})
			return
		}
		d.now = at
		d.step(Tick{})
	}
	d.Fatal("the console wants to be woken without end")
}

// effects gives and forgets what was to be done.
func (d *desk) effects() []Effect {
	all := d.all
	d.all = nil
	return all
}

// did gives the effects of type E since the last call of effects.
func did[E Effect](d *desk) []E {
	var found []E
	for _, f := range d.all {
		if f, ok := f.(E); ok {
			found = append(found, f)
		}
	}
	return found
}

func (d *desk) session(id wire.SessionID) Session {
	d.Helper()
	s := d.m.State()
	x, ok := s.Session(id)
	if !ok {
		d.Fatalf("session %x is not on the list", id[:1])
	}
	return x
}

func equal[T any](d testing.TB, what string, got, want T) {
	d.Helper()
	if !reflect.DeepEqual(got, want) {
		d.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestTheSignInLineSaysWhereTheConsoleStands(t *testing.T) {
	at := time.Date(2031, 3, 4, 9, 30, 5, 0, time.UTC)
	rows := []struct {
		name    string
		events  []Event
		stage   SignIn
		problem words.Problem
	}{
		{"no site file", nil, Homeless, words.NoSite},
		{"a site, no answer yet", []Event{Site{Organisation: "A"}}, Connecting, words.NoProblem},
		{"nobody answers", []Event{Site{}, Unlinked{words.BrokerAway, at}}, Connecting, words.BrokerAway},
		{"an answer after all", []Event{Site{}, Unlinked{words.BrokerAway, at}, Linked{}}, Connecting, words.NoProblem},
		{"not known", []Event{Site{}, Linked{}, NeedEnrolment{}}, Unknown, words.NoProblem},
		{"code sent", []Event{Site{}, Linked{}, NeedEnrolment{}, EnterCode{"x"}}, Enrolling, words.NoProblem},
		{"code refused", []Event{Site{}, Linked{}, NeedEnrolment{}, EnterCode{"x"}, NeedEnrolment{words.BadEnrolment}}, Unknown, words.BadEnrolment},
		{"empty code", []Event{Site{}, Linked{}, NeedEnrolment{}, EnterCode{""}}, Unknown, words.NoProblem},
		{"signed in", []Event{Site{}, Linked{}, SignedIn{Name: "R"}}, In, words.NoProblem},
		{"connection lost", []Event{Site{}, Linked{}, SignedIn{Name: "R"}, Unlinked{words.BrokerAway, at}}, Away, words.BrokerAway},
		{"back", []Event{Site{}, Linked{}, SignedIn{Name: "R"}, Unlinked{words.BrokerAway, at}, Linked{}, SignedIn{}}, In, words.NoProblem},
		{"signed in elsewhere", []Event{Site{}, Linked{}, SignedIn{Name: "R"}, Unlinked{words.SignedInElse, time.Time{}}}, Away, words.SignedInElse},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			d := newDesk(t)
			d.step(r.events...)
			s := d.m.State()
			equal(d, "stage", s.SignIn, r.stage)
			equal(d, "problem", s.Problem, r.problem)
		})
	}
}

func TestTheRepCanTryAgainAtOnce(t *testing.T) {
	d := signedIn(t)
	d.step(Unlinked{Problem: words.SignedInElse})
	d.step(TryAgain{})
	equal(d, "connects", len(did[Connect](d)), 1)
	equal(d, "problem", d.m.State().Problem, words.NoProblem)
}

func TestSessionsGoOnWithoutTheBroker(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(Unlinked{Problem: words.BrokerAway, RetryAt: d.now.Add(5 * time.Second)})
	d.step(Say{ID: id, Text: "still here"})
	lines := d.cust[id].State().Lines
	equal(d, "last line at the customer's", lines[len(lines)-1].Text, "still here")
}

func TestK10SettingsAreRemembered(t *testing.T) {
	rows := []struct {
		name   string
		events []Event
		want   Settings
	}{
		{"usual", nil, Settings{Life: 10 * time.Minute, Split: 0.68}},
		{"life", []Event{ChooseLife{time.Hour}}, Settings{Life: time.Hour, Split: 0.68}},
		{"no such life", []Event{ChooseLife{time.Second}}, Settings{Life: 10 * time.Minute, Split: 0.68}},
		{"larger", []Event{Font{1}, Font{1}}, Settings{Life: 10 * time.Minute, Font: 2, Split: 0.68}},
		{"not without end", []Event{Font{99}}, Settings{Life: 10 * time.Minute, Font: maxFont, Split: 0.68}},
		{"usual again", []Event{Font{3}, Font{0}}, Settings{Life: 10 * time.Minute, Split: 0.68}},
		{"split", []Event{Split{0.5}}, Settings{Life: 10 * time.Minute, Split: 0.5}},
		{"narrow bar", []Event{Thin{true}}, Settings{Life: 10 * time.Minute, Split: 0.68, Thin: true}},
		{"no such profile", []Event{Tune{Profile: 4}}, Settings{Life: 10 * time.Minute, Split: 0.68}},
		{"split within reason", []Event{Split{0.01}}, Settings{Life: 10 * time.Minute, Split: minSplit}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			d := signedIn(t)
			d.step(r.events...)
			equal(d, "settings", d.m.State().Settings, r.want)
			if kept := did[Remember](d); len(kept) > 0 {
				equal(d, "remembered", kept[len(kept)-1].Settings, r.want)
				equal(d, "next start", New(d.now, Config{Settings: r.want}).State().Settings, r.want)
			}
		})
	}
}

func TestQuittingAsksWhileSomebodyIsHelpedAndLeavesNothingBehind(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	open := d.key()
	d.effects()
	d.step(Quit{})
	equal(d, "question", d.m.State().Question, Question{Ask: QuitConsole, Count: 1})
	equal(d, "exits before the answer", len(did[Exit](d)), 0)
	d.step(No{})
	equal(d, "question", d.m.State().Question, Question{})
	d.step(Quit{}, Yes{})
	equal(d, "the customer's session", d.cust[id].State().Stage, session.Over)
	equal(d, "keys taken back", did[TakeKeyBack](d), []TakeKeyBack{{open.Number, wire.KeyRevoked}})
	equal(d, "exits", len(did[Exit](d)), 1)
}

func TestQuittingWithNobodyWaitingAsksNothing(t *testing.T) {
	d := signedIn(t)
	d.step(Quit{})
	equal(d, "exits", len(did[Exit](d)), 1)
}

// The state that was handed out must not change under whoever holds it.
func TestAStateThatWasHandedOutStaysAsItIs(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	k := d.key()
	before := d.m.State()
	was := fmt.Sprintf("%#v %v %d", before.Sessions, before.Tabs, len(before.Keys))
	d.step(KeyEntered{Number: k.Number}, KeyTried{Number: k.Number}, Draft{ID: id, Text: "x"})
	d.talk(2, "Noor")
	d.customer(id, session.Leave{})
	d.step(End{ID: id})
	if now := fmt.Sprintf("%#v %v %d", before.Sessions, before.Tabs, len(before.Keys)); now != was {
		t.Errorf("was %s\nis  %s", was, now)
	}
	equal(d, "tries in the old state", before.Keys[0].Tried, 0)
	equal(d, "key in the old state", before.Keys[0].Code, secret.Code{Number: k.Number, Secret: k.Code.Secret})
}
