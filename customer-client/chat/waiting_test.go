package chat

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"handrail/shared/secret"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

const place = "482913507"

// inQueue is a window whose customer has a place.
func inQueue(t *testing.T) *window {
	t.Helper()
	w := open(t)
	w.does(Submit{Code: "482 913 507", Name: " Jo "}, Connect{Place: place, Name: "Jo"})
	w.m.Step(w.now, Reached{})
	w.does(Admitted{Portal: "Example IT"})
	w.screen(Waiting)
	return w
}

func (w *window) visit() *Visit {
	w.t.Helper()
	v := w.m.State().Visit
	if v == nil {
		w.t.Fatal("there is no visit")
	}
	return v
}

// agreement is a question that is open for five minutes.
func agreement(w *window) Asks {
	return Asks{ID: 7, What: wire.AskedAgreement, Title: "Terms", Text: "Be kind.", Until: w.now.Add(5 * time.Minute)}
}

func TestP02ACodeFromThePortalTakesItsPlace(t *testing.T) {
	for name, e := range map[string]Event{
		"typed": Submit{Code: "482-913 507"}, "in another script": Submit{Code: "٤٨٢٩١٣٥٠٧"}, "from a link": SetNumber{Number: place},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			w.does(e, Connect{Place: place})
			w.screen(Connecting)
			if !w.m.State().Place {
				t.Error("not known as a place")
			}
		})
	}
	w := inSession(t)
	w.does(SetNumber{Number: place})
	w.screen(InSession)
}

func TestP02AWrongCodeIsOneClearMessage(t *testing.T) {
	for _, c := range []struct{ told, want words.Problem }{
		{words.BadKey, words.BadPlace},
		{words.NoProblem, words.BadKey},
		{words.TooManyTries, words.TooManyTries},
		{words.BrokerAway, words.BrokerAway},
	} {
		w := open(t)
		w.m.Step(w.now, Submit{Code: place})
		w.does(Failed{Problem: c.told})
		w.screen(KeyForm)
		if got := w.m.State().Problem; got != c.want {
			t.Errorf("%d became %d, want %d", c.told, got, c.want)
		}
	}
}

func TestW01TheAgreementIsAskedAndANoEndsTheVisit(t *testing.T) {
	for _, c := range []struct {
		yes  bool
		want []Effect
		then Screen
	}{
		{true, []Effect{Decide{ID: 7, Yes: true}}, Waiting},
		{false, []Effect{Decide{ID: 7}, Depart{wire.EndNotAgreed}}, Ended},
	} {
		w := inQueue(t)
		w.does(agreement(w))
		q := w.visit().Question
		if q == nil || q.Title != "Terms" || q.Left != 5*time.Minute || q.Armed {
			t.Fatalf("asked %+v", q)
		}
		w.does(Decision{ID: 7, Yes: c.yes}) // too early
		w.after(ArmTime)
		w.does(Decision{ID: 8, Yes: c.yes}) // another question
		w.does(Decision{ID: 7, Yes: c.yes}, c.want...)
		w.screen(c.then)
		if c.then == Ended && w.m.State().Session.Why != wire.EndNotAgreed {
			t.Errorf("ended with %d", w.m.State().Session.Why)
		}
		if w.visit().Question != nil {
			t.Error("it is still asked")
		}
	}
}

func TestW01TheTimeLeftIsShownAndThenNoAnswerCounts(t *testing.T) {
	w := inQueue(t)
	w.does(agreement(w))
	for want := 5 * time.Minute; want > 0; {
		at := w.m.Wake()
		if at.IsZero() || !at.After(w.now) {
			t.Fatalf("wakes at %v", at)
		}
		w.now = at
		w.does(Tick{})
		left := w.visit().Question.Left
		if left >= want {
			t.Fatalf("%v left after %v", left, want)
		}
		want = left
	}
	w.does(Decision{ID: 7, Yes: true})
	if w.visit().Question == nil {
		t.Error("answered too late")
	}
	w.does(Finished{wire.EndNotAgreed})
	w.screen(Ended)
}

func TestW02TheRecordingIsAskedAfterTheAgreementAndSilenceIsNo(t *testing.T) {
	w := inQueue(t)
	w.does(Asks{ID: 9, What: wire.AskedRecording, Text: "Recorded?", Until: w.now.Add(time.Minute)})
	w.does(agreement(w))
	if got := w.visit().Question.What; got != wire.AskedAgreement {
		t.Fatalf("asks %d first", got)
	}
	w.after(ArmTime).does(Decision{ID: 7, Yes: true}, Decide{ID: 7, Yes: true})
	q := w.visit().Question
	if q == nil || q.What != wire.AskedRecording || q.Armed {
		t.Fatalf("then asks %+v", q)
	}
	w.after(time.Minute).does(Tick{})
	if w.visit().Question != nil {
		t.Error("it is asked after its time")
	}
	w.screen(Waiting)
}

func TestAQuestionThatWasAnsweredIsAnsweredAgainUnlessItChanged(t *testing.T) {
	w := inQueue(t)
	ask := agreement(w)
	w.does(ask)
	w.after(ArmTime).does(Decision{ID: 7, Yes: true}, Decide{ID: 7, Yes: true})
	w.does(BrokerCut{})
	if !w.visit().Cut {
		t.Error("the loss is not shown")
	}
	w.does(Admitted{Portal: "Example IT"})
	w.does(ask, Decide{ID: 7, Yes: true})
	if v := w.visit(); v.Cut || v.Question != nil {
		t.Errorf("after the return: %+v", v)
	}
	ask.Text = "Pay me."
	w.does(ask)
	if w.visit().Question == nil {
		t.Error("another text counts as agreed to")
	}
}

func TestW03ThePlaceAndTheTimeAreShownAsTheyAreTold(t *testing.T) {
	w := inQueue(t)
	w.does(Stands{Position: 3, Estimate: 4 * time.Minute, Queue: "Network"})
	v := w.visit()
	if v.Position != 3 || v.Estimate != 4*time.Minute || v.Queue != "Network" || v.Portal != "Example IT" {
		t.Errorf("%+v", v)
	}
	w.does(Stands{})
	if v := w.visit(); v.Position != 0 || v.Estimate != 0 {
		t.Errorf("%+v", v)
	}
}

func TestW04WhatIsToldIsListedOnceAndTheNewestLast(t *testing.T) {
	w := inQueue(t)
	hold := Tells{What: wire.TellHold, Text: "Still here."}
	notice := Tells{What: wire.TellNotice, Title: "Outage", Text: "Mail is down.", Leave: true}
	for _, e := range []Tells{{What: wire.TellGreeting, Text: "Hello."}, hold, notice, hold, notice} {
		w.after(time.Minute).does(e)
	}
	var got []string
	for _, told := range w.visit().Told {
		got = append(got, fmt.Sprint(told.What, " ", told.Text, " ", told.At.Sub(start()).Minutes(), " ", told.Leave))
	}
	want := "1 Hello. 1 false|3 Mail is down. 3 true|2 Still here. 4 false"
	if strings.Join(got, "|") != want {
		t.Errorf("told %q", got)
	}
}

// TestEachVisitsTextsHaveNumbersOfTheirOwn: a window knows texts by their
// numbers.
func TestEachVisitsTextsHaveNumbersOfTheirOwn(t *testing.T) {
	w := inQueue(t)
	w.does(Tells{What: wire.TellGreeting, Text: "Good morning."})
	first := w.visit().Told[0].ID
	w.does(Finished{wire.EndNobody})
	w.does(Again{}, GiveUp{})
	w.does(Submit{Code: place}, Connect{Place: place})
	w.does(Admitted{Portal: "Example IT"})
	w.does(Tells{What: wire.TellGreeting, Text: "Good evening."})
	if second := w.visit().Told[0]; second.ID <= first {
		t.Errorf("number %d after %d", second.ID, first)
	}
}

func TestWhatIsToldCannotDressUp(t *testing.T) {
	w := inQueue(t)
	w.does(Tells{What: wire.TellGreeting, Title: "a\tb", Text: "one\r\ntwo\x1b[1m\u202eevil\u2066"})
	if told := w.visit().Told[0]; told.Title != "a b" || told.Text != "one\ntwo [1mevil" {
		t.Errorf("%q, %q", told.Title, told.Text)
	}
}

func TestP07OnlyANoticeOffersToLeave(t *testing.T) {
	w := inQueue(t)
	w.does(Tells{What: wire.TellHold, Text: "a", Leave: true})
	w.does(LeaveFor{ID: w.visit().Told[0].ID})
	if v := w.visit(); v.Leaving != nil || v.Told[0].Leave {
		t.Error("a hold message leads out")
	}
}

func TestW06LeavingForANoticeIsAskedOnceAndSkipsTheSurvey(t *testing.T) {
	w := inQueue(t)
	w.does(Tells{What: wire.TellNotice, Text: "Mail is down.", Leave: true})
	id := w.visit().Told[0].ID
	w.does(LeaveConfirmed{}) // nothing was asked
	w.does(LeaveFor{ID: id})
	if w.visit().Leaving == nil {
		t.Fatal("not asked")
	}
	w.does(LeaveDismissed{})
	if w.visit().Leaving != nil {
		t.Fatal("still asked")
	}
	w.does(LeaveFor{ID: id})
	w.does(LeaveConfirmed{}, Depart{wire.EndForNotice})
	w.screen(Ended)
	w.does(Surveyed{wire.Survey{Questions: oneRating(), URL: "https://example.org/"}})
	if s := w.m.State(); s.Survey != nil || s.Session.Why != wire.EndForNotice {
		t.Errorf("after leaving: %+v", s.Survey)
	}
}

func TestW05ThePageForNobodyIsOpenedOnceAndOnlyIfItIsSafe(t *testing.T) {
	for address, host := range map[string]string{
		"https://example.org/later?a=b":   "example.org",
		"https://example.org":             "example.org",
		"https://example.org:8443#x":      "example.org:8443",
		"http://example.org/":             "",
		"javascript:alert(1)":             "",
		"https://user@example.org/":       "",
		"https://exаmple.org/":            "",
		"https://example.org/\u202egpj":   "",
		"https://":                        "",
		"https:///etc/passwd":             "",
		"https://example.org\\@evil.org/": "",
		"":                                "",
	} {
		w := inQueue(t)
		tells := Tells{What: wire.TellNobody, Text: "Nobody is here.", URL: address}
		if host == "" {
			w.does(tells)
		} else {
			w.does(tells, Browse{address})
		}
		if told := w.visit().Told[0]; told.Host != host || (told.URL == "") != (host == "") {
			t.Errorf("%q: shown as %q", address, told.Host)
		}
		tells.Text = "Nobody is here yet."
		w.does(tells)
		w.does(Finished{wire.EndNobody})
		w.screen(Ended)
		if len(w.visit().Told) != 2 {
			t.Error("the page is gone with the wait")
		}
	}
}

func TestW07WhoLosesTheRepWaitsAgainAndIsTold(t *testing.T) {
	for _, why := range []wire.EndWhy{wire.EndLost, wire.EndMoved} {
		w := inQueue(t)
		w.does(Tells{What: wire.TellGreeting, Text: "Hello."})
		w.does(Taken{Rep: "Ana"})
		w.screen(Connecting)
		if s := w.m.State(); s.Progress != Linking || s.Session.Peer != "Ana" {
			t.Errorf("taken: %+v", s.Session)
		}
		w.does(Session{talking()})
		w.does(Tells{What: wire.TellMoved, Text: "Ana is gone."})
		w.screen(InSession)
		w.does(Returned{why})
		w.screen(Waiting)
		if v := w.visit(); v.Back != why || len(v.Told) != 2 {
			t.Errorf("%+v", v)
		}
		if s := w.m.State().Session; s.Granted != 0 || len(s.Lines) != 0 || s.Peer != "" {
			t.Errorf("the session goes on: %+v", s)
		}
		w.does(Session{talking()})
		w.screen(Waiting)
		w.does(Taken{Rep: "Ben"})
		w.does(Session{talking()})
		w.screen(InSession)
	}
}

// TestW07WhoWaitsAgainKnowsThePlace: the broker says the place as soon as it has
// it, which is before the session is over here.
func TestW07WhoWaitsAgainKnowsThePlace(t *testing.T) {
	place := Stands{Position: 3, Estimate: time.Minute, Queue: "Printers"}
	for name, w := range map[string]*window{"from a queue": inQueue(t), "with a key": inSession(t)} {
		if name == "from a queue" {
			w.does(Stands{Position: 1, Queue: "Network"})
			w.does(Taken{Rep: "Ana"})
			w.does(Session{talking()})
		}
		w.does(place)
		w.does(Returned{wire.EndMoved})
		if v := w.visit(); v.Position != 3 || v.Estimate != time.Minute || v.Queue != "Printers" {
			t.Errorf("%s: stands at %d, %v, in %q", name, v.Position, v.Estimate, v.Queue)
		}
		w.does(Taken{Rep: "Ben"})
		w.does(Session{talking()})
		w.does(Returned{wire.EndLost})
		if v := w.visit(); v.Position != 0 || v.Queue != "" {
			t.Errorf("%s: stands where another rep took the customer from: %d, %q", name, v.Position, v.Queue)
		}
	}
}

// TestW07WhatTheLostRepDidNotGetComesBack: it was said to be sent later.
func TestW07WhatTheLostRepDidNotGetComesBack(t *testing.T) {
	line := func(seq uint64, text string) session.Line {
		return session.Line{Kind: session.LineChat, Mine: true, Seq: seq, Text: text}
	}
	for name, c := range map[string]struct {
		acked uint64
		back  Back
	}{
		"two lines":  {1, Back{N: 1, Text: "and this\nand that", Why: words.Unheard}},
		"everything": {3, Back{}},
	} {
		w := inQueue(t)
		w.does(Taken{Rep: "Ana"})
		s := talking()
		s.Acked = c.acked
		s.Lines = []session.Line{
			line(1, "it arrived"),
			{Kind: session.LineChat, Text: "Hello"},
			line(2, "and this"), line(3, "and that"),
		}
		w.does(Session{s})
		w.does(Returned{wire.EndLost})
		if got := w.m.State().Back; got != c.back {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestW07EachRepWhoIsLostIsTold(t *testing.T) {
	w := inQueue(t)
	hello, lost := Tells{What: wire.TellGreeting, Text: "Hello."}, Tells{What: wire.TellLost, Text: "Your rep is lost."}
	w.does(hello)
	for n := range 2 {
		w.does(Taken{Rep: "Ana"})
		w.does(Session{talking()})
		w.does(lost)
		w.does(Returned{wire.EndLost})
		w.does(hello)
		w.does(lost) // as after a return to the broker
		if told := w.visit().Told; len(told) != 2+n || told[n+1].Text != lost.Text {
			t.Errorf("after %d: %+v", n+1, told)
		}
	}
}

func TestASessionWithAKeyCanBeHandedOnToo(t *testing.T) {
	w := inSession(t)
	w.does(Tells{What: wire.TellMoved, Text: "Ana handed you on."})
	w.screen(InSession)
	w.does(Returned{wire.EndMoved})
	w.screen(Waiting)
	if v := w.visit(); v.Portal != "Example" || v.Back != wire.EndMoved || len(v.Told) != 1 || v.Told[0].Text != "Ana handed you on." {
		t.Errorf("%+v", v)
	}
}

func TestC08ClosingTheWindowWhileWaitingIsAskedOnce(t *testing.T) {
	w := inQueue(t)
	w.does(CloseAsked{})
	if !w.m.State().Closing {
		t.Fatal("not asked")
	}
	w.does(CloseDismissed{})
	w.does(CloseConfirmed{})
	w.screen(Waiting)
	w.does(CloseAsked{})
	w.does(CloseConfirmed{}, Depart{wire.EndByCustomer}, Quit{})
}

func TestWhoLooksElsewhereIsCalledWhenARepComes(t *testing.T) {
	w := inQueue(t)
	w.does(Looking{})
	w.does(Tells{What: wire.TellHold, Text: "Hold."})
	w.does(Tells{What: wire.TellNotice, Text: "Outage."})
	if got := w.m.State().Unread; got != 1 {
		t.Errorf("%d unread", got)
	}
	w.does(Taken{Rep: "Ana"}, Attend{})
}

// TestABrokerThatFloodsIsBounded has a broker say far too much, in no order.
func TestABrokerThatFloodsIsBounded(t *testing.T) {
	w := inQueue(t)
	long := strings.Repeat("much ", wire.MaxPlain/5)
	for i := range 5000 {
		for _, e := range []Event{
			Tells{What: wire.Telling(i%8 + 1), Title: fmt.Sprint(i), Text: fmt.Sprint(i, long), URL: "https://example.org/" + fmt.Sprint(i), Leave: true},
			Asks{ID: uint32(i + 1), What: wire.Asked(i%2 + 1), Text: long, Until: w.now.Add(1000 * time.Hour)},
			Stands{Position: i, Estimate: time.Duration(i) * time.Hour, Queue: long[:256]},
			Admitted{Portal: "Example IT"},
		} {
			effects := w.m.Step(w.now, e)
			if i > 10 && len(effects) != 0 {
				t.Fatalf("%T has effects: %v", e, effects)
			}
		}
	}
	v, bytes := w.visit(), 0
	for _, told := range v.Told {
		bytes += told.size()
	}
	if len(v.Told) > maxTold || bytes > maxToldBytes || len(w.m.w.asks) > 2 || len(w.m.said) > 2 {
		t.Errorf("%d texts of %d bytes, %d questions are kept", len(v.Told), bytes, len(w.m.w.asks))
	}
	if v.Question.Left > lastAsk {
		t.Errorf("a question is open for %v", v.Question.Left)
	}
	w.does(CloseAsked{})
	w.does(CloseConfirmed{}, Depart{wire.EndByCustomer}, Quit{})
}

// A notice stays in the list however often the hold message is repeated.
func TestNoticesOutlastHoldMessages(t *testing.T) {
	w := inQueue(t)
	w.does(Tells{What: wire.TellNotice, Text: "Outage."})
	for i := range 10 * maxTold {
		w.does(Tells{What: wire.TellHold, Text: fmt.Sprint("You are number ", i)})
	}
	if told := w.visit().Told; told[0].What != wire.TellNotice || len(told) != maxTold {
		t.Errorf("%d texts, the first is %+v", len(told), told[0])
	}
}

// FuzzWaiting plays any events in any order: nothing is answered that was not
// asked and pressed, and what is kept stays small.
func FuzzWaiting(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 9, 9, 9, 5, 6, 7, 8})
	f.Add([]byte{0, 2, 9, 9, 9, 9, 5, 3, 7, 10, 11, 12, 13, 14, 0, 15})
	f.Fuzz(func(t *testing.T, script []byte) {
		m, now := New(start(), Config{Site: "Example"}), start()
		m.Step(now, Submit{Code: place})
		for _, b := range script {
			n := int(b >> 4)
			now = now.Add(time.Duration(n) * 100 * time.Millisecond)
			before := m.State()
			e := []Event{
				Admitted{Portal: "P"},
				Asks{ID: uint32(n), What: wire.Asked(n%2 + 1), Text: "t", Until: now.Add(time.Second)},
				Tells{What: wire.Telling(n%7 + 1), Text: fmt.Sprint(n), URL: "https://example.org/", Leave: n%2 == 0},
				Taken{Rep: "Ana"},
				Session{session.State{Role: wire.RoleCustomer, Stage: session.Stage(n % 3), Words: [3]string{"a", "b", "c"}, Why: wire.EndWhy(n%12 + 1)}},
				Decision{ID: uint32(n), Yes: n > 7},
				Returned{wire.EndLost},
				Finished{wire.EndWhy(n%12 + 1)},
				LeaveFor{ID: n},
				Tick{},
				LeaveConfirmed{},
				CloseAsked{},
				CloseConfirmed{},
				Surveyed{wire.Survey{Questions: oneRating(), URL: "https://example.org/"}},
				SendSurvey{},
				Compared{Same: n%2 == 0},
			}[b&15]
			for _, effect := range m.Step(now, e) {
				switch effect := effect.(type) {
				case Decide:
					_, pressed := e.(Decision)
					_, again := e.(Asks)
					if !pressed && !again || pressed && (before.Visit.Question == nil || before.Visit.Question.ID != effect.ID) {
						t.Fatalf("%#v decided %+v", e, effect)
					}
				case Do:
					if c, ok := effect.Event.(session.Compared); ok && (before.Compare == nil || e != Event(Compared(c))) {
						t.Fatalf("%#v said %+v", e, c)
					}
				case Browse:
					if host(effect.URL) == "" {
						t.Fatalf("opens %q", effect.URL)
					}
				}
			}
			after := m.State()
			if after.Screen == Waiting && after.Visit == nil || after.Screen == KeyForm && (after.Visit != nil || after.Survey != nil) {
				t.Fatalf("%#v leads to screen %d with %+v", e, after.Screen, after.Visit)
			}
			if at := m.Wake(); !at.IsZero() && !at.After(now) {
				m.Step(now, Tick{})
				if at = m.Wake(); !at.IsZero() && !at.After(now) {
					t.Fatalf("wakes without end after %#v", e)
				}
			}
		}
	})
}

func TestP03ANumberFromALinkIsStillOnlyFilledIn(t *testing.T) {
	w := open(t)
	w.does(SetNumber{Number: "482913"})
	w.screen(KeyForm)
	w.does(Submit{Code: key}, Connect{Code: secret.Code{Number: "482913", Secret: "507264"}})
	if w.m.State().Place {
		t.Error("a key counts as a place")
	}
}
