package visit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"handrail/customer-client/chat"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

const place = "482913507"

// inQueue plays a story of a customer who came by the portal.
func inQueue(t *testing.T, story func(w *world)) {
	t.Helper()
	inWorld(t, func(w *world) {
		w.stands()
		story(w)
	})
}

// stands has the customer wait in the queue.
func (w *world) stands() {
	w.t.Helper()
	w.rep.secret = ""
	w.do(chat.Submit{Code: place, Name: "Maria"})
	w.pass(time.Second)
	w.on(chat.Waiting)
}

// tells has the broker say something.
func (w *world) tells(all ...wire.Message) {
	for _, m := range all {
		w.broker.tell(m)
	}
	w.pass(chat.ArmTime + time.Millisecond)
}

func agreement() *wire.Question {
	return &wire.Question{
		Session: sessionID, ID: 7, What: wire.AskedAgreement, Title: "Terms", Text: "Be kind.",
		Until: time.Now().Add(5 * time.Minute).UnixMilli(),
	}
}

// TestP02FromTheCodeToTheSurvey follows one customer from the portal's code to
// the answers afterwards.
func TestP02FromTheCodeToTheSurvey(t *testing.T) {
	inQueue(t, func(w *world) {
		enter := w.broker.take(wire.KindEnter)
		if len(enter) != 1 || *enter[0].(*wire.Enter) != (wire.Enter{Code: place, Name: "Maria", Locale: "de_DE.UTF-8"}) {
			t.Fatalf("entered with %+v", enter)
		}
		w.tells(agreement())
		w.do(chat.Decision{ID: 7, Yes: true})
		said := w.broker.take(wire.KindDecision)
		if len(said) != 1 || *said[0].(*wire.Decision) != (wire.Decision{Session: sessionID, ID: 7, Yes: true}) {
			t.Fatalf("decided %+v", said)
		}
		w.tells(&wire.Told{Session: sessionID, What: wire.TellGreeting, Text: "Hello."},
			&wire.Waiting{Session: sessionID, Position: 3, Estimate: 240, Queue: "Network"})
		v := w.state().Visit
		if v.Position != 3 || v.Estimate != 4*time.Minute || v.Portal != "Example Ltd" || len(v.Told) != 1 {
			t.Errorf("waits as %+v", v)
		}
		w.broker.takes()
		w.on(chat.InSession)
		if c := w.state().Compare; c == nil || c.Words != [3]string{"otter", "maple", "violin"} {
			t.Errorf("compares %+v", c)
		}
		w.do(chat.Compared{Same: true})
		w.pass(time.Second)
		if w.state().Compare != nil || !w.rep.sees().Verified {
			t.Error("the words are not compared")
		}
		w.rep.do(session.Ask{What: both})
		w.pass(time.Second)
		if p := w.state().Prompt; p != nil {
			t.Errorf("asked for what the organisation denies: %+v", p)
		}
		w.rep.do(session.Leave{})
		w.pass(time.Second)
		w.on(chat.Ended)
		w.tells(&wire.Ended{Session: sessionID, Why: wire.EndByRep},
			&wire.Survey{Session: sessionID, Questions: []wire.SurveyQuestion{{ID: 1, Form: wire.FormRating, Text: "How?"}}, URL: "https://example.org/"})
		w.do(chat.Fill{Filling: session.Rate{ID: 1, Rating: 5}})
		w.do(chat.SendSurvey{})
		w.pass(time.Second)
		if s := w.state().Survey; s == nil || s.Stage != chat.SurveyThanked {
			t.Errorf("the survey is %+v", s)
		}
		if got := w.seen(); !slices.Equal(got, []string{"https://example.org/"}) {
			t.Errorf("opened %q", got)
		}
	})
}

// proof is how the rep proves itself: without a secret by words.
func (r *rep) proof() wire.Proof {
	if r.secret == "" {
		return wire.ProofCompare
	}
	return wire.ProofKey
}

// seen are the pages that were opened.
func (w *world) seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.browsed)
}

func TestP02ACodeThatDoesNotWorkSaysWhy(t *testing.T) {
	for code, problem := range map[wire.Code]words.Problem{
		wire.CodeBadKey: words.BadPlace, wire.CodeTooManyTries: words.TooManyTries, wire.CodeBusy: words.BrokerBusy,
	} {
		inWorld(t, func(w *world) {
			w.broker.enter = code
			w.do(chat.SetNumber{Number: place})
			w.pass(time.Second)
			w.on(chat.KeyForm)
			if got := w.state().Problem; got != problem {
				t.Errorf("code %d: problem %d, want %d", code, got, problem)
			}
		})
	}
}

func TestW01TheWaitEndsAsItShould(t *testing.T) {
	for name, c := range map[string]struct {
		does func(w *world)
		left wire.EndWhy // told to the broker
		why  wire.EndWhy // shown
	}{
		"agreement refused": {func(w *world) { w.tells(agreement()); w.do(chat.Decision{ID: 7}) }, wire.EndNotAgreed, wire.EndNotAgreed},
		"agreement ignored": {func(w *world) {
			w.tells(agreement())
			w.pass(5 * time.Minute)
			w.tells(&wire.Ended{Session: sessionID, Why: wire.EndNotAgreed})
		}, 0, wire.EndNotAgreed},
		"for a notice": {func(w *world) {
			w.tells(&wire.Told{Session: sessionID, What: wire.TellNotice, Text: "Mail is down.", Leave: true})
			w.do(chat.LeaveFor{ID: 1})
			w.do(chat.LeaveConfirmed{})
		}, wire.EndForNotice, wire.EndForNotice},
		"nobody": {func(w *world) {
			w.tells(&wire.Told{Session: sessionID, What: wire.TellNobody, Text: "Nobody.", URL: "https://example.org/"},
				&wire.Ended{Session: sessionID, Why: wire.EndNobody})
			if got := w.seen(); len(got) != 1 {
				t.Errorf("opened %q", got)
			}
		}, 0, wire.EndNobody},
		"forgotten": {func(w *world) {
			w.broker.set(func() { w.broker.gone = true })
			w.broker.restart()
			w.pass(10 * time.Second)
		}, 0, wire.EndLost},
		"no way to the rep": {func(w *world) {
			w.set(func() { w.noPath = true })
			w.tells(&wire.Start{Session: sessionID, Ticket: make([]byte, 32), Peer: "Anna", Proof: wire.ProofCompare})
			w.pass(time.Minute)
		}, wire.EndNeverMet, wire.EndNeverMet},
	} {
		t.Run(name, func(t *testing.T) {
			inQueue(t, func(w *world) {
				c.does(w)
				w.pass(time.Second)
				w.on(chat.Ended)
				if got := w.state().Session.Why; got != c.why {
					t.Errorf("shows %d, want %d", got, c.why)
				}
				if got := w.broker.left(); got != c.left {
					t.Errorf("left with %d, want %d", got, c.left)
				}
			})
		})
	}
}

func TestC08ClosingWhileWaitingTellsTheBroker(t *testing.T) {
	inQueue(t, func(w *world) {
		w.do(chat.CloseAsked{})
		w.do(chat.CloseConfirmed{})
		w.pass(time.Second)
		if w.quits != 1 || w.broker.left() != wire.EndByCustomer {
			t.Errorf("%d times to quit, left with %d", w.quits, w.broker.left())
		}
	})
}

// TestTheWaitSurvivesTheLossOfTheLine cuts the line and has the broker refuse
// for a while.
func TestTheWaitSurvivesTheLossOfTheLine(t *testing.T) {
	inQueue(t, func(w *world) {
		w.tells(&wire.Told{Session: sessionID, What: wire.TellGreeting, Text: "Hello."})
		w.broker.set(func() { w.broker.hello = wire.CodeBusy })
		w.broker.restart()
		w.pass(time.Minute)
		w.on(chat.Waiting)
		if !w.state().Visit.Cut {
			t.Error("the loss is not shown")
		}
		w.broker.set(func() { w.broker.hello, w.broker.down = 0, true })
		w.pass(10 * time.Minute)
		w.on(chat.Waiting)
		w.broker.set(func() { w.broker.down = false })
		w.pass(20 * time.Second)
		w.on(chat.Waiting)
		if v := w.state().Visit; v.Cut || len(v.Told) != 1 {
			t.Errorf("after the return: %+v", v)
		}
		if got := w.broker.take(wire.KindEnter); len(got) != 1 {
			t.Errorf("entered %d times", len(got))
		}
		w.broker.takes()
		w.on(chat.InSession)
	})
}

// TestARepWhoCameWhileTheLineWasLostIsMet has the answer to Rejoin be Start.
func TestARepWhoCameWhileTheLineWasLostIsMet(t *testing.T) {
	inQueue(t, func(w *world) {
		w.broker.restart()
		w.broker.set(func() { w.broker.queue.waits = false })
		w.pass(10 * time.Second) // Rejoined alone begins nothing
		w.on(chat.Waiting)
		w.broker.takes()
		w.on(chat.InSession)
	})
}

// lose has the rep's computer vanish.
func (w *world) lose() {
	w.set(func() { w.noPath = true })
	w.conn().fallSilent()
	w.conn().other.fallSilent()
}

func TestW07TheCustomerWaitsAgainWithoutTheRep(t *testing.T) {
	told := func(what wire.Telling) *wire.Told {
		return &wire.Told{Session: sessionID, What: what, Text: "Please wait."}
	}
	for name, c := range map[string]struct {
		does func(w *world)
		why  wire.EndWhy
	}{
		"handed on": {func(w *world) { w.tells(told(wire.TellMoved)) }, wire.EndMoved},
		"handed on, heard from the rep": {func(w *world) {
			w.rep.do(session.Leave{Moved: true})
			w.pass(time.Second)
			w.tells(told(wire.TellMoved))
		}, wire.EndMoved},
		"lost": {func(w *world) {
			w.lose()
			w.pass(5 * time.Second)
			w.tells(told(wire.TellLost))
		}, wire.EndLost},
		"lost to the broker first": {func(w *world) {
			w.tells(told(wire.TellLost))
			w.on(chat.InSession)
			w.lose()
			w.pass(10 * time.Second)
		}, wire.EndLost},
		"admitted again": {func(w *world) {
			w.lose()
			w.broker.set(func() { w.broker.queue.waits = true })
			w.broker.restart()
			w.pass(10 * time.Second)
		}, wire.EndLost},
	} {
		t.Run(name, func(t *testing.T) {
			inQueue(t, func(w *world) {
				w.broker.takes()
				w.on(chat.InSession)
				w.allow(wire.View)
				c.does(w)
				w.on(chat.Waiting)
				if v := w.state().Visit; v.Back != c.why {
					t.Errorf("waits because of %d", v.Back)
				}
				if m := w.mark(); m.On || !w.screen().isClosed() {
					t.Error("the screen is still shared")
				}
				if got := w.broker.left(); got != 0 {
					t.Errorf("left with %d", got)
				}
				w.set(func() { w.noPath = false })
				w.broker.takes()
				w.on(chat.InSession)
				if s := w.state(); s.Session.Granted != 0 || s.Compare == nil {
					t.Errorf("the next rep begins with %v", s.Session.Granted)
				}
				w.do(chat.Say{Text: "Hello again"})
				w.pass(time.Second)
				if got := texts(w.rep.sees()); got != "Hello again" {
					t.Errorf("the next rep reads %q", got)
				}
			})
		})
	}
}

// TestW07TheBrokerEndsASessionOnlyWhereTheRepIsGone: two who are connected with
// each other need no broker.
func TestW07TheBrokerEndsASessionOnlyWhereTheRepIsGone(t *testing.T) {
	for _, lost := range []bool{true, false} {
		inQueue(t, func(w *world) {
			w.broker.takes()
			if lost {
				w.lose()
				w.pass(5 * time.Second)
			}
			w.tells(&wire.Ended{Session: sessionID, Why: wire.EndLost})
			w.pass(time.Second)
			if got := w.state(); (got.Screen == chat.Ended) != lost {
				t.Errorf("lost is %v: screen %d", lost, got.Screen)
			}
			w.do(chat.Say{Text: "Hello"})
			w.pass(time.Second)
			if got := texts(w.rep.sees()); (got == "Hello") == lost {
				t.Errorf("lost is %v: the rep reads %q", lost, got)
			}
		})
	}
}

// TestW07TheBrokerKnowsWhetherTheRepIsThere: it must not give a customer to
// another rep who is being helped by one that only the broker has lost.
func TestW07TheBrokerKnowsWhetherTheRepIsThere(t *testing.T) {
	inQueue(t, func(w *world) {
		told := func(when string, want ...bool) { // in all
			t.Helper()
			var got []bool
			for _, m := range w.broker.take(wire.KindLinked) {
				if l := m.(*wire.Linked); l.Session == sessionID {
					got = append(got, l.Yes)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: told %v, want %v", when, got, want)
			}
		}
		cameBack := func(want ...bool) { // in all
			t.Helper()
			w.pass(10 * time.Second)
			var got []bool
			for _, m := range w.broker.take(wire.KindRejoin) {
				got = append(got, m.(*wire.Rejoin).Linked)
			}
			if !slices.Equal(got, want) {
				t.Errorf("came back with %v, want %v", got, want)
			}
		}
		told("waiting")
		w.broker.restart()
		cameBack(false)
		w.broker.takes()
		w.on(chat.InSession)
		told("met", true)
		w.broker.restart()
		cameBack(false, true)
		w.lose()
		w.pass(5 * time.Second)
		told("lost", true, false)
		w.set(func() { w.noPath = false })
		w.pass(20 * time.Second)
		told("found again", true, false, true)
		w.tells(&wire.Told{Session: sessionID, What: wire.TellMoved, Text: "Please wait."})
		w.pass(time.Second)
		told("handed on", true, false, true, false)
		w.broker.takes()
		told("met the next", true, false, true, false, true)
		w.broker.set(func() { w.broker.down = true })
		w.broker.restart()
		w.lose()
		w.pass(5 * time.Second)
		w.broker.set(func() { w.broker.down = false })
		cameBack(false, true, false)
		told("the broker away", true, false, true, false, true)
	})
}

func TestZ03DifferentWordsEndTheSession(t *testing.T) {
	inQueue(t, func(w *world) {
		w.broker.takes()
		w.do(chat.Compared{})
		w.pass(time.Second)
		w.on(chat.Ended)
		if got := w.broker.left(); got != wire.EndNotVerified || w.state().Session.Why != got {
			t.Errorf("left with %d", got)
		}
	})
}

func TestZ04ACertifiedRepNeedsNoWords(t *testing.T) {
	inQueue(t, func(w *world) {
		w.certified = "Anna Proved"
		w.broker.takes()
		if s := w.state(); s.Compare != nil || s.Session.Certified != "Anna Proved" || s.Session.Peer != "Anna Proved" {
			t.Errorf("%+v", s.Session)
		}
	})
}

// TestE02AnswersAreSaidUntilTheyAreKept has the line be lost meanwhile.
func TestE02AnswersAreSaidUntilTheyAreKept(t *testing.T) {
	inQueue(t, func(w *world) {
		w.broker.takes()
		w.rep.do(session.Leave{})
		w.pass(time.Second)
		w.tells(&wire.Survey{Session: sessionID, Questions: []wire.SurveyQuestion{{ID: 1, Form: wire.FormText, Text: "How?"}}})
		w.pass(10 * time.Minute)
		w.do(chat.Fill{Filling: session.Write{ID: 1, Text: "Well."}})
		w.broker.set(func() { w.broker.queue.deaf = true })
		w.do(chat.SendSurvey{})
		w.pass(7 * time.Second)
		w.broker.set(func() { w.broker.down = true })
		w.broker.restart()
		w.pass(time.Minute)
		if s := w.state().Survey; s.Stage != chat.SurveySending {
			t.Fatalf("stage %d", s.Stage)
		}
		w.broker.set(func() { w.broker.down, w.broker.queue.deaf = false, false })
		w.pass(20 * time.Second)
		if s := w.state().Survey; s.Stage != chat.SurveyThanked {
			t.Errorf("stage %d", s.Stage)
		}
		if got := w.broker.take(wire.KindAnswers); len(got) < 3 {
			t.Errorf("said %d times", len(got))
		}
	})
}

func TestE02WithoutQuestionsTheLineEnds(t *testing.T) {
	inQueue(t, func(w *world) {
		w.broker.takes()
		w.rep.do(session.Leave{})
		w.pass(surveyTime + 2*time.Second)
		w.broker.mu.Lock()
		defer w.broker.mu.Unlock()
		select {
		case <-w.broker.conns[len(w.broker.conns)-1].done:
		default:
			t.Error("the line is still held")
		}
	})
}

// TestHostileBrokerLeavesTheWindowWorking has a broker say far too much, in no
// order, about this session and others.
func TestHostileBrokerLeavesTheWindowWorking(t *testing.T) {
	long := strings.Repeat("much ", wire.MaxPlain/5)
	flood := func(n int, make func(i int) wire.Message) func(w *world) {
		return func(w *world) {
			for i := range n {
				w.broker.tell(make(i))
				if i%32 == 31 {
					synctest.Wait()
				}
			}
		}
	}
	for name, does := range map[string]func(w *world){
		"texts without end": flood(3000, func(i int) wire.Message {
			return &wire.Told{Session: sessionID, What: wire.Telling(i%9 + 1), Title: fmt.Sprint(i), Text: long, URL: "https://example.org/", Leave: true}
		}),
		"places without end": flood(3000, func(i int) wire.Message {
			return &wire.Waiting{Session: sessionID, Position: uint32(i), Estimate: 1<<32 - 1, Queue: "q"}
		}),
		"questions without end": flood(3000, func(i int) wire.Message {
			return &wire.Question{Session: sessionID, ID: uint32(i + 1), What: wire.AskedRecording, Text: long, Until: 1 << 47}
		}),
		"questions of long ago": flood(100, func(i int) wire.Message {
			return &wire.Question{Session: sessionID, ID: uint32(i + 1), What: wire.AskedRecording, Text: long, Until: 1}
		}),
		"admissions without end": flood(3000, func(int) wire.Message { return admitted() }),
		"questions of the end too early": flood(100, func(i int) wire.Message {
			return &wire.Survey{Session: sessionID, URL: "https://example.org/"}
		}),
		"kept what was never said": flood(100, func(int) wire.Message { return &wire.Noted{Session: sessionID} }),
		"lost reps that never came": flood(100, func(int) wire.Message {
			return &wire.Told{Session: sessionID, What: wire.TellLost, Text: "Lost."}
		}),
		"other sessions": flood(100, func(i int) wire.Message {
			other := wire.SessionID{9}
			return []wire.Message{
				&wire.Ended{Session: other, Why: wire.EndByBroker}, &wire.Start{Session: other, Ticket: make([]byte, 32)},
				&wire.Told{Session: other, What: wire.TellNobody, Text: "a", URL: "https://example.org/"},
				&wire.Survey{Session: other}, &wire.Problem{Code: wire.CodeGone, Key: other},
			}[i%5]
		}),
		"what is not for it": flood(100, func(i int) wire.Message {
			return []wire.Message{&wire.Queues{}, &wire.SignedIn{}, &wire.VisitorGone{Session: sessionID, Why: 1}, &wire.Problem{Code: wire.CodeInternal}}[i%4]
		}),
		"starts without end": func(w *world) {
			w.set(func() { w.slow = time.Hour })
			flood(200, func(int) wire.Message {
				return &wire.Start{Session: sessionID, Ticket: make([]byte, 32), Peer: "Anna", Proof: wire.ProofCompare}
			})(w)
			w.tells(&wire.Told{Session: sessionID, What: wire.TellLost, Text: "Lost."})
			w.set(func() { w.slow = 0 })
		},
	} {
		t.Run(name, func(t *testing.T) {
			inQueue(t, func(w *world) {
				does(w)
				w.pass(2 * time.Second)
				w.on(chat.Waiting)
				if n := len(w.seen()); n > 1 {
					t.Errorf("%d pages were opened", n)
				}
				if n := w.visit.Dropped(); n != 0 {
					t.Errorf("%d events found the queue full", n)
				}
				if n := len(w.state().Visit.Told); n > 64 {
					t.Errorf("%d texts are kept", n)
				}
				if q := w.state().Visit.Question; q != nil && q.What == wire.AskedRecording && q.Left > 0 {
					w.pass(time.Second)
					w.do(chat.Decision{ID: q.ID})
				}
				w.broker.takes()
				w.on(chat.InSession)
				w.do(chat.Say{Text: "still here"})
				w.pass(time.Second)
				if got := texts(w.rep.sees()); got != "still here" {
					t.Errorf("the rep reads %q", got)
				}
			})
		})
	}
}
