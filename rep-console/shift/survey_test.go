package shift

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// asks has the broker ask the rep about a session.
func (o *office) asks(c *customer) {
	o.t.Helper()
	o.tell(&wire.Survey{Session: c.id, Questions: []wire.SurveyQuestion{
		{ID: 1, Form: wire.FormRating, Text: "How did it go?", Required: true},
		{ID: 2, Form: wire.FormText, Text: "What was missing?"},
	}})
	if x := o.session(c); !x.Asked() {
		o.t.Fatalf("not asked: %+v", x.Survey)
	}
}

// served is a customer whom the rep has helped.
func (o *office) served(n byte) *customer {
	o.t.Helper()
	c := o.serve(n)
	c.do(session.Leave{})
	o.pass(2 * time.Second)
	return c
}

// rates answers the questions.
func (o *office) rates(c *customer, rating uint8) {
	o.do(console.Fill{ID: c.id, Filling: session.Rate{ID: 1, Rating: rating}})
	o.do(console.SendSurvey{ID: c.id})
}

// last is what the broker heard on the newest connection, after the sign-in.
func (o *office) last() []wire.Kind {
	o.pass(0)
	l := o.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	var kinds []wire.Kind
	for _, m := range l.said {
		if m.Kind() != wire.KindRevokeKey { // this broker doesn't hear that a key was used
			kinds = append(kinds, m.Kind())
		}
	}
	return kinds[slices.Index(kinds, wire.KindSignIn)+1:]
}

func (o *office) stage(c *customer) console.SurveyStage {
	o.t.Helper()
	x := o.session(c)
	return x.Survey.Stage
}

func TestE02TheRepsAnswersAreSaidUntilTheyAreKept(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		c := o.served(1)
		o.asks(c)
		o.rates(c, 4)
		said := heard[*wire.Answers](o)
		if len(said) != 1 || !reflect.DeepEqual(*said[0], wire.Answers{Session: c.id, Answers: []wire.SurveyAnswer{{ID: 1, Rating: 4}}}) {
			t.Fatalf("said %+v", said)
		}
		for range 2 {
			o.lose()
			o.pass(10 * time.Second)
			if got := o.last(); !slices.Equal(got, []wire.Kind{wire.KindRejoin, wire.KindLeave, wire.KindAnswers}) {
				t.Errorf("on a new connection it said %v", got)
			}
		}
		if o.stage(c) != console.SurveySending {
			t.Errorf("stage %d", o.stage(c))
		}
		o.tell(&wire.Noted{Session: c.id})
		if o.stage(c) != console.SurveyKept {
			t.Errorf("then stage %d", o.stage(c))
		}
		o.lose()
		o.pass(10 * time.Second)
		if got := o.last(); len(got) != 0 {
			t.Errorf("in the end it said %v", got)
		}
	})
}

func TestE02QuestionsThatWereLostComeWithTheNextConnection(t *testing.T) {
	for name, end := range map[string]func(*office, *customer){
		"skipped": func(o *office, c *customer) { o.asks(c); o.do(console.SkipSurvey{ID: c.id}) },
		"closed":  func(o *office, c *customer) { o.do(console.End{ID: c.id}) },
		"nothing is asked": func(o *office, c *customer) {
			o.tell(&wire.Problem{Code: wire.CodeGone, About: wire.KindRejoin, Key: c.id})
		},
		"too late":    func(o *office, _ *customer) { o.pass(console.SurveyLife) },
		"taken again": func(o *office, c *customer) { o.tell(&wire.Start{Session: c.id, Ticket: make([]byte, 16)}) },
	} {
		t.Run(name, func(t *testing.T) {
			inOffice(t, func(o *office) {
				o.open()
				c := o.serve(1)
				o.set(func() { o.down = true })
				o.lose()
				c.do(session.Leave{})
				o.pass(2 * time.Second)
				o.set(func() { o.down = false })
				o.pass(time.Minute)
				if got := o.last(); !slices.Equal(got, []wire.Kind{wire.KindRejoin, wire.KindLeave}) {
					t.Errorf("on a new connection it said %v", got)
				}
				if left := heard[*wire.Leave](o); len(left) != 1 || left[0].Why != wire.EndByCustomer {
					t.Errorf("the broker was told %+v", left)
				}
				end(o, c)
				o.lose()
				o.pass(10 * time.Second)
				if got := o.last(); len(got) != 0 {
					t.Errorf("then it said %v", got)
				}
			})
		})
	}
}

func TestE02ARepWhoWasLoggedOutCanStillAnswer(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		c := o.served(1)
		o.asks(c)
		o.set(func() { o.lapsed = true })
		o.tell(&wire.Problem{Code: wire.CodeIdle})
		o.pass(time.Minute)
		if !o.now().isClosed() {
			t.Fatal("the line is not hung up")
		}
		o.rates(c, 5)
		o.pass(10 * time.Second)
		if got := o.last(); !slices.Equal(got, []wire.Kind{wire.KindRejoin, wire.KindLeave, wire.KindAnswers}) {
			t.Errorf("it said %v", got)
		}
		o.tell(&wire.Noted{Session: c.id})
		if s := o.shown(); s.SignIn != console.LoggedOut || o.stage(c) != console.SurveyKept {
			t.Errorf("sign-in %d, stage %d", s.SignIn, o.stage(c))
		}
	})
}

func TestE02WhatABrokerSaysToAnswers(t *testing.T) {
	for _, row := range []struct {
		code wire.Code
		want console.SurveyStage
	}{
		{wire.CodeGone, console.SurveyLate},
		{wire.CodeMalformed, console.SurveyLate},
		{wire.CodeInternal, console.SurveySending},
	} {
		inOffice(t, func(o *office) {
			o.open()
			c := o.served(1)
			o.asks(c)
			o.tell(&wire.Problem{Code: row.code, About: wire.KindAnswers, Key: c.id}) // to none
			if o.stage(c) != console.SurveyOpen {
				t.Errorf("code %d ends what was not sent", row.code)
			}
			o.rates(c, 3)
			o.tell(&wire.Problem{Code: row.code, About: wire.KindAnswers, Key: c.id})
			if got := o.stage(c); got != row.want {
				t.Errorf("code %d: stage %d, want %d", row.code, got, row.want)
			}
		})
	}
}

func TestE02WhoHandedACustomerOnIsNotBroughtBack(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		c := o.taken(1)
		o.tell(&wire.Targets{Targets: []wire.Target{{Queue: "rep:9", What: wire.QueuePersonal, Name: "Bo", Here: true}}})
		o.do(console.MoveOn{ID: c.id})
		o.do(console.MoveTo{Queue: "rep:9"})
		o.do(console.MoveGo{})
		o.tell(&wire.Ended{Session: c.id, Why: wire.EndMoved})
		o.pass(2 * time.Second)
		o.lose()
		o.pass(10 * time.Second)
		if got := o.last(); len(got) != 0 {
			t.Errorf("it said %v", got)
		}
	})
}

// What a broker can say must neither show the rep anything nor be kept.
func TestE02AHostileBrokerIsBounded(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		c := o.serve(1)
		for n := range 2000 {
			id := wire.SessionID{byte(n), byte(n >> 8), 9}
			for _, m := range []wire.Message{
				&wire.Survey{Session: id, Questions: []wire.SurveyQuestion{{ID: 1, Form: wire.FormText, Text: "?"}}},
				&wire.Survey{Session: c.id, Questions: []wire.SurveyQuestion{{ID: uint32(n + 1), Form: wire.FormText, Text: "?"}}},
				&wire.Noted{Session: id}, &wire.Problem{Code: wire.CodeGone, About: wire.KindAnswers, Key: id},
			} {
				o.tell(m)
			}
		}
		x := o.session(c)
		if x.Asked() || x.Survey.Questions[0].ID != 1 || len(o.shown().Sessions) != 1 || len(o.shift.past.all(time.Now())) != 0 {
			t.Errorf("asked %v, %+v", x.Asked(), x.Survey)
		}
		for n := range 10 * maxVisitors {
			o.shift.ended(&wire.Start{Session: wire.SessionID{byte(n), byte(n >> 8), 9}}, newSeat(home), wire.EndByRep)
			o.pass(time.Millisecond)
		}
		all := o.shift.past.all(time.Now())
		if len(all) != maxVisitors {
			t.Errorf("%d are kept", len(all))
		}
		for _, p := range all {
			if n := int(p.start.Session[0]) | int(p.start.Session[1])<<8; n < 9*maxVisitors {
				t.Errorf("an old one is kept: %d", n)
			}
		}
	})
}
