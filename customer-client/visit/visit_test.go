package visit

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"handrail/customer-client/chat"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

func TestP03FromTheKeyToGoodbye(t *testing.T) {
	inWorld(t, func(w *world) {
		w.do(chat.Submit{Code: goodKey, Name: "Maria"})
		w.pass(time.Second)
		if got := w.state(); got.Screen != chat.Connecting || got.Progress != chat.Accepting {
			t.Fatalf("screen %d, progress %d", got.Screen, got.Progress)
		}
		join := w.broker.take(wire.KindJoin)
		if len(join) != 1 || *join[0].(*wire.Join) != (wire.Join{Number: "482913", Name: "Maria", Locale: "de_DE.UTF-8"}) {
			t.Errorf("joined with %+v", join)
		}
		w.rep.do(session.Accept{})
		w.pass(time.Second)
		w.on(chat.InSession)
		if got := w.state().Session; got.Peer != "Anna" || got.Organisation != "Example Ltd" {
			t.Errorf("the rep is %q of %q", got.Peer, got.Organisation)
		}
		w.do(chat.Say{Text: "Hello"})
		w.rep.do(session.Say{Text: "How can I help?"})
		w.rep.do(session.Nudge{})
		w.pass(time.Second)
		if got := texts(w.rep.sees()); got != "Hello|How can I help?" {
			t.Errorf("the rep reads %q", got)
		}
		if got := texts(w.state().Session); got != "Hello|How can I help?" {
			t.Errorf("the customer reads %q", got)
		}
		if w.nudges != 1 {
			t.Errorf("%d nudges", w.nudges)
		}
		w.do(chat.CloseAsked{})
		w.do(chat.CloseConfirmed{})
		if got := w.rep.sees(); got.Stage != session.Over || got.Why != wire.EndByCustomer {
			t.Errorf("the rep's session is in stage %d, why %d", got.Stage, got.Why)
		}
		w.pass(2 * time.Second) // in which questions may come
		if w.quits != 1 || w.broker.left() != wire.EndByCustomer {
			t.Errorf("%d times to quit, left with %d", w.quits, w.broker.left())
		}
	})
}

func TestT01WhatIsKeptIsSettledForTheWholeSession(t *testing.T) {
	inWorld(t, func(w *world) {
		w.do(chat.Submit{Code: goodKey, Name: "Maria"})
		w.pass(time.Second)
		w.rep.do(session.Accept{Keep: wire.KeepSealed})
		w.pass(time.Second)
		w.cut()
		w.pass(time.Second)
		w.rep.do(session.Accept{Keep: wire.KeepReadable})
		w.pass(20 * time.Second)
		if got := w.state().Session; !got.Linked || got.Keep != wire.KeepSealed {
			t.Errorf("linked %v, kept %d", got.Linked, got.Keep)
		}
		w.rep.do(session.Leave{})
		w.pass(time.Second)
		w.on(chat.Ended)
		if got := w.state().Session.Keep; got != wire.KeepSealed {
			t.Errorf("at the end kept is %d", got)
		}
	})
}

// texts are the lines of chat.
func texts(s session.State) string {
	var all []string
	for _, l := range s.Lines {
		if l.Kind == session.LineChat {
			all = append(all, l.Text)
		}
	}
	return strings.Join(all, "|")
}

func TestP03ATryThatFailsSaysWhy(t *testing.T) {
	tests := []struct {
		name    string
		spoil   func(w *world)
		code    string
		wait    time.Duration
		problem words.Problem
		left    wire.EndWhy
	}{
		{"wrong number", func(w *world) { w.broker.join = wire.CodeBadKey }, goodKey, time.Second, words.BadKey, 0},
		{"too many tries", func(w *world) { w.broker.join = wire.CodeTooManyTries }, goodKey, time.Second, words.TooManyTries, 0},
		{"rep away", func(w *world) { w.broker.join = wire.CodeRepAway }, goodKey, time.Second, words.RepAway, 0},
		{"too old", func(w *world) { w.broker.hello = wire.CodeVersion }, goodKey, time.Second, words.VersionTooOld, 0},
		{"no broker", func(w *world) { w.broker.down = true }, goodKey, 15 * time.Second, words.BrokerAway, 0},
		{"broker without words", func(w *world) { w.broker.silent = true }, goodKey, 15 * time.Second, words.BrokerAway, 0},
		{"wrong secret", func(*world) {}, wrongKey, time.Second, words.BadKey, wire.EndWrongSecret},
		{"no path", func(w *world) { w.noPath = true }, goodKey, time.Minute, words.NeverMet, wire.EndNeverMet},
		{"rep never comes", func(w *world) { w.broker.repMute = true }, goodKey, time.Minute, words.NeverMet, wire.EndNeverMet},
		{"session ended before", func(w *world) {
			w.broker.repMute, w.noPath = true, true
			time.AfterFunc(time.Second, func() { w.broker.tell(&wire.Ended{Session: sessionID, Why: wire.EndNeverMet}) })
		}, goodKey, 2 * time.Second, words.NeverMet, wire.EndNeverMet},
		{"session forgotten", func(w *world) {
			w.broker.repMute, w.noPath, w.broker.gone = true, true, true
			time.AfterFunc(time.Second, w.broker.cut)
		}, goodKey, 3 * time.Second, words.NeverMet, wire.EndNeverMet},
		{"refused after a restart", func(w *world) {
			w.broker.repMute, w.noPath = true, true
			time.AfterFunc(time.Second, func() {
				w.broker.set(func() { w.broker.hello = wire.CodeBusy })
				w.broker.cut()
			})
		}, goodKey, 3 * time.Second, words.BrokerBusy, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				tt.spoil(w)
				w.do(chat.Submit{Code: tt.code})
				w.pass(tt.wait)
				w.on(chat.KeyForm)
				if got := w.state().Problem; got != tt.problem {
					t.Errorf("problem %d, not %d", got, tt.problem)
				}
				if got := w.broker.left(); got != tt.left {
					t.Errorf("left with %d, not %d", got, tt.left)
				}
			})
		})
	}
}

func TestP03TheBrokerMayBeLateForAMoment(t *testing.T) {
	inWorld(t, func(w *world) {
		w.broker.down = true
		w.do(chat.Submit{Code: goodKey})
		w.pass(3 * time.Second)
		w.on(chat.Connecting)
		w.broker.set(func() { w.broker.down = false })
		w.pass(5 * time.Second)
		if got := w.state(); got.Progress != chat.Accepting {
			t.Errorf("progress %d, problem %d", got.Progress, got.Problem)
		}
	})
}

func TestP03ThreeWrongSecretsBurnTheKey(t *testing.T) {
	inWorld(t, func(w *world) {
		for i, want := range []words.Problem{words.BadKey, words.BadKey, words.KeyBurnt, words.KeyBurnt} {
			w.do(chat.Submit{Code: wrongKey})
			w.pass(2 * time.Second)
			if got := w.state(); got.Screen != chat.KeyForm || got.Problem != want {
				t.Errorf("try %d: screen %d, problem %d", i, got.Screen, got.Problem)
			}
		}
		if n := len(w.broker.take(wire.KindJoin)); n != 3 {
			t.Errorf("%d tries reached the broker", n)
		}
	})
}

func TestAWrongSecretIsMendedInTheNextTry(t *testing.T) {
	inWorld(t, func(w *world) {
		w.do(chat.Submit{Code: wrongKey})
		w.pass(time.Second)
		w.begin()
	})
}

// TestC08GivingUpIsPossibleAtAnyMoment gives a try up in each phase and begins
// another at once: nothing of the first may show in it.
func TestC08GivingUpIsPossibleAtAnyMoment(t *testing.T) {
	tests := []struct {
		name     string
		hold     func(w *world)
		progress chat.Progress
		left     wire.EndWhy
	}{
		{"dialling", func(w *world) { w.broker.hung = true }, chat.Reaching, 0},
		{"between two dials", func(w *world) { w.broker.down = true }, chat.Reaching, 0},
		{"joining", func(w *world) { w.broker.silent = true }, chat.Meeting, 0},
		{"meeting", func(w *world) { w.slow = 4 * time.Second }, chat.Linking, wire.EndByCustomer},
		{"no path yet", func(w *world) { w.noPath = true }, chat.Linking, wire.EndByCustomer},
		{"rep not there", func(w *world) { w.broker.repMute = true }, chat.Linking, wire.EndByCustomer},
		{"waiting for the rep", func(*world) {}, chat.Accepting, wire.EndByCustomer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				tt.hold(w)
				w.do(chat.Submit{Code: goodKey})
				w.pass(2 * time.Second)
				if got := w.state(); got.Screen != chat.Connecting || got.Progress != tt.progress {
					t.Fatalf("screen %d, progress %d, problem %d", got.Screen, got.Progress, got.Problem)
				}
				w.broker.set(func() {
					w.broker.single = true
					w.broker.hung, w.broker.down, w.broker.silent, w.broker.repMute = false, false, false, false
				})
				w.set(func() { w.slow, w.noPath = 0, false })
				w.visit.Do(chat.Cancel{})
				w.visit.Do(chat.Submit{Code: goodKey})
				w.pass(2 * time.Second)
				if got := w.broker.left(); got != tt.left {
					t.Errorf("left with %d, not %d", got, tt.left)
				}
				if got := w.state(); got.Screen != chat.Connecting || got.Progress != chat.Accepting {
					t.Fatalf("the second try: screen %d, progress %d, problem %d", got.Screen, got.Progress, got.Problem)
				}
				w.rep.do(session.Accept{})
				w.pass(time.Second)
				w.on(chat.InSession)
			})
		})
	}
}

func TestNothingIsHeardOfATryThatWasGivenUp(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slow = time.Minute
		w.do(chat.Submit{Code: goodKey})
		w.pass(time.Second)
		old := w.visit.way
		w.do(chat.Cancel{})
		w.do(chat.Submit{Code: goodKey})
		for _, e := range []chat.Event{chat.Linked{}, chat.Failed{Problem: words.NeverMet, WrongSecret: true}} {
			old.tell(e)
		}
		old.tellState(session.State{Stage: session.Over})
		w.pass(time.Second)
		if got := w.state(); got.Screen != chat.Connecting || got.Progress != chat.Linking {
			t.Errorf("screen %d, progress %d, problem %d", got.Screen, got.Progress, got.Problem)
		}
	})
}

func TestC08ClosingTheProgramInASessionTellsEverybody(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.allow(wire.View | wire.Control)
		began := time.Now()
		w.end()
		if got := w.rep.sees(); got.Why != wire.EndByCustomer || got.Granted != 0 {
			t.Errorf("the rep was told %d, still granted %d", got.Why, got.Granted)
		}
		if got := w.broker.left(); got != wire.EndByCustomer {
			t.Errorf("the broker was told %d", got)
		}
		if took := time.Since(began); took < lastWord || took > farewell {
			t.Errorf("the program was gone after %v: its last words were not sent", took)
		}
	})
}

func TestTheRepEndsTheSession(t *testing.T) {
	tests := []struct {
		name   string
		accept bool
		why    wire.EndWhy
	}{
		{"in the talk", true, wire.EndByRep},
		{"without having taken it", false, wire.EndDeclined},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.do(chat.Submit{Code: goodKey})
				w.pass(time.Second)
				if tt.accept {
					w.rep.do(session.Accept{})
				}
				w.rep.do(session.Leave{})
				w.pass(2 * time.Second)
				w.on(chat.Ended)
				if got := w.state().Session.Why; got != tt.why || w.broker.left() != tt.why {
					t.Errorf("ended with %d, told the broker %d", got, w.broker.left())
				}
				w.do(chat.Again{})
				w.begin()
			})
		})
	}
}

func TestASessionGoesOnWithoutTheBroker(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.broker.set(func() { w.broker.down = true })
		w.broker.restart()
		w.pass(20 * time.Second)
		w.do(chat.Say{Text: "still here"})
		if got := texts(w.rep.sees()); got != "still here" {
			t.Errorf("the rep reads %q", got)
		}
		w.broker.set(func() { w.broker.down = false })
		w.pass(10 * time.Second)
		again := w.broker.take(wire.KindRejoin)
		if len(again) != 1 || again[0].(*wire.Rejoin).Session != sessionID {
			t.Errorf("came back with %+v", again)
		}
		if n := len(w.broker.take(wire.KindJoin)); n != 1 {
			t.Errorf("joined %d times", n)
		}
		w.on(chat.InSession)
	})
}

func TestABrokerThatRefusesIsAskedAgainAndCannotEndASession(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.broker.set(func() { w.broker.hello = wire.CodeBusy })
		w.broker.restart()
		w.pass(20 * time.Second)
		w.on(chat.InSession)
		w.broker.set(func() { w.broker.hello = 0 })
		w.pass(10 * time.Second)
		if n := len(w.broker.take(wire.KindRejoin)); n != 1 {
			t.Errorf("came back %d times", n)
		}
		for _, m := range []wire.Message{
			&wire.Ended{Session: sessionID, Why: wire.EndLost},
			&wire.Problem{Code: wire.CodeGone, About: wire.KindSignal, Key: sessionID},
		} {
			w.broker.tell(m)
			w.pass(time.Second)
			w.on(chat.InSession)
		}
	})
}

// TestA06TheOrganisationEndsASession in which the two are connected, also one in
// which the customer has just lost the broker.
func TestA06TheOrganisationEndsASession(t *testing.T) {
	for name, begin := range map[string]func(*world){
		"from a key":   func(w *world) { w.begin() },
		"from a queue": func(w *world) { w.stands(); w.broker.takes() },
		"that the broker has given up before": func(w *world) {
			w.stands()
			w.broker.takes()
			w.tells(&wire.Told{Session: sessionID, What: wire.TellLost, Text: "Please wait."})
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				begin(w)
				w.allow(wire.View)
				w.on(chat.InSession)
				w.broker.tell(&wire.Ended{Session: sessionID, Why: wire.EndByBroker})
				w.pass(time.Second)
				w.on(chat.Ended)
				if s := w.state(); s.Session.Why != wire.EndByBroker {
					t.Errorf("because of %d", s.Session.Why)
				}
				if m := w.mark(); m.On || !w.screen().isClosed() {
					t.Error("the screen is still shared")
				}
				if s := w.rep.sees(); s.Stage != session.Over {
					t.Errorf("the rep is in stage %d", s.Stage)
				}
			})
		})
	}
}

func TestWhatTheBrokerSaysOfOtherSessionsChangesNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slow = 3 * time.Second
		w.do(chat.Submit{Code: goodKey})
		w.pass(time.Second)
		other := wire.SessionID{9}
		for _, m := range []wire.Message{
			&wire.Ended{Session: other, Why: wire.EndNeverMet},
			&wire.Problem{Code: wire.CodeGone, About: wire.KindSignal, Key: other},
			&wire.Signal{Session: other, Epoch: 7},
			&wire.Rejoined{Session: other},
		} {
			w.broker.tell(m)
		}
		w.pass(3 * time.Second)
		if got := w.state(); got.Progress != chat.Accepting {
			t.Errorf("screen %d, progress %d, problem %d", got.Screen, got.Progress, got.Problem)
		}
	})
}

func TestC01NoLineIsLostInAFlood(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		const lines = 3000 // more than wait in any queue
		e := w.conn().other
		for i := range lines {
			// Counted on from the rep's Accepted.
			if err := e.Send(wire.Packet{Seq: uint64(i + 2), Body: &wire.Chat{Text: fmt.Sprint(i), At: 1}}); err != nil {
				t.Fatal(err)
			}
		}
		w.pass(time.Second)
		if n := strings.Count(texts(w.state().Session), "|") + 1; n != lines {
			t.Errorf("%d lines of %d", n, lines)
		}
		if n := w.visit.Dropped(); n != 0 {
			t.Errorf("%d events were dropped", n)
		}
	})
}

func TestC01LinesOfACutConnectionArriveInTheNext(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.set(func() { w.slow = time.Second })
		w.cut()
		w.do(chat.Say{Text: "one"})
		w.rep.do(session.Say{Text: "two"})
		w.pass(5 * time.Second)
		if got := texts(w.rep.sees()); got != "two|one" {
			t.Errorf("the rep reads %q", got)
		}
		if got := texts(w.state().Session); got != "one|two" {
			t.Errorf("the customer reads %q", got)
		}
	})
}

func TestTheLocaleFitsItsMessage(t *testing.T) {
	for _, s := range []string{"", "de_DE.UTF-8", "a\nb", strings.Repeat("ä", 60), "\xff\xfe", strings.Repeat("x", 1000)} {
		m := &wire.Join{Number: "123456", Locale: locale(s)}
		if _, err := wire.Append(nil, wire.Packet{Body: m}); err != nil {
			t.Errorf("%q became %q: %v", s, m.Locale, err)
		}
	}
}
