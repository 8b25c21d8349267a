package console

import (
	"fmt"
	"testing"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

func repQuestions() []wire.SurveyQuestion {
	return []wire.SurveyQuestion{
		{ID: 1, Form: wire.FormRating, Text: "How did it go?", Required: true},
		{ID: 2, Form: wire.FormText, Text: "What was missing?"},
	}
}

// served is a desk at which a session has ended, and its rep is asked.
func served(t *testing.T) (*desk, wire.SessionID) {
	t.Helper()
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.customer(id, session.Leave{})
	d.step(Surveyed{id, repQuestions()})
	d.effects()
	return d, id
}

func (d *desk) stage(id wire.SessionID) SurveyStage {
	d.Helper()
	x := d.session(id)
	if x.Survey == nil {
		d.Fatal("nothing is asked")
	}
	return x.Survey.Stage
}

func (d *desk) asked(id wire.SessionID) bool {
	x := d.session(id)
	return x.Asked()
}

func TestE02TheRepIsAskedWhenTheSessionIsOver(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(Surveyed{id, repQuestions()})
	d.step(Fill{id, session.Rate{ID: 1, Rating: 4}}, SendSurvey{id}, SkipSurvey{id})
	equal(d, "asked in the session", d.asked(id), false)
	d.customer(id, session.Leave{})
	equal(d, "asked", d.asked(id), true)
	equal(d, "answered before", d.session(id).Survey.Questions[0].Rating, 0)
	d.step(SendSurvey{id})
	if s := d.session(id).Survey; !s.Missing() || !s.Questions[0].Missing || s.Questions[1].Missing || s.Stage != SurveyOpen {
		t.Errorf("sent without what is required: %+v", s)
	}
	d.effects()
	d.step(Fill{id, session.Rate{ID: 1, Rating: 4}}, Fill{id, session.Write{ID: 2, Text: "Time."}}, SendSurvey{id}, SendSurvey{id}, Fill{id, session.Rate{ID: 1, Rating: 1}})
	equal(d, "effects", d.effects(), []Effect{Answer{id, []wire.SurveyAnswer{{ID: 1, Rating: 4}, {ID: 2, Text: "Time."}}}})
	equal(d, "while it is sent", d.stage(id), SurveySending)
	d.step(SurveyNoted{id}, SurveyNoted{id}, SurveyRefused{id})
	equal(d, "kept", d.stage(id), SurveyKept)
	equal(d, "asked then", d.asked(id), false)
	d.step(End{id})
	equal(d, "tabs", len(d.m.State().Tabs), 0)
}

func TestE02SkippingAndClosingTheTabAreNoAnswer(t *testing.T) {
	for name, e := range map[string]func(wire.SessionID) Event{
		"skip":  func(id wire.SessionID) Event { return SkipSurvey{id} },
		"close": func(id wire.SessionID) Event { return End{id} },
	} {
		d, id := served(t)
		d.step(Fill{id, session.Rate{ID: 1, Rating: 4}}, e(id))
		equal(d, name, d.effects(), []Effect{Unasked{id}})
		d.step(SendSurvey{id}, Surveyed{id, repQuestions()}, SurveyNoted{id})
		equal(d, name+", then", len(d.effects()), 0)
		if name == "skip" {
			equal(d, "skipped", d.asked(id), false)
		}
	}
}

func TestE02WhatWasSentIsKeptThoughTheTabIsClosed(t *testing.T) {
	d, id := served(t)
	d.step(Fill{id, session.Rate{ID: 1, Rating: 4}}, SendSurvey{id})
	d.effects()
	d.step(End{id})
	equal(d, "effects", len(d.effects()), 0)
}

func TestE02AfterThirtyMinutesItIsTooLate(t *testing.T) {
	for _, row := range []struct {
		name string
		does []Event
		want SurveyStage
	}{
		{"nothing sent", nil, SurveySkipped},
		{"sent and not kept", []Event{SendSurvey{wire.SessionID{1}}}, SurveyLate},
		{"kept", []Event{SendSurvey{wire.SessionID{1}}, SurveyNoted{wire.SessionID{1}}}, SurveyKept},
	} {
		d, id := served(t)
		d.step(Fill{id, session.Rate{ID: 1, Rating: 4}})
		d.step(row.does...)
		d.pass(SurveyLife - time.Second)
		equal(d, row.name+", just before", d.stage(id) <= SurveySending, row.want != SurveyKept)
		d.effects()
		d.pass(time.Second)
		equal(d, row.name, d.stage(id), row.want)
		equal(d, row.name+": let go", len(did[Unasked](d)) == 1, row.want != SurveyKept)
	}
	d, id := served(t)
	d.step(Fill{id, session.Rate{ID: 1, Rating: 4}}, SendSurvey{id}, SurveyRefused{id})
	equal(d, "refused", d.stage(id), SurveyLate)
}

func TestE02ABrokerAsksOnceAndOnlyAboutSessionsThereAre(t *testing.T) {
	d, id := served(t)
	d.step(Fill{id, session.Rate{ID: 1, Rating: 4}})
	for n := range 1000 {
		d.m.Step(d.now, Surveyed{wire.SessionID{byte(n), byte(n >> 8), 9}, repQuestions()})
		d.m.Step(d.now, Surveyed{id, []wire.SurveyQuestion{{ID: 1, Form: wire.FormText, Text: fmt.Sprint(n)}}})
	}
	equal(d, "sessions", len(d.m.State().Sessions), 1)
	s := d.session(id).Survey
	equal(d, "questions", len(s.Questions), 2)
	equal(d, "answer", s.Questions[0].Rating, 4)
	other := d.talk(2, "Noor")
	d.customer(other, session.Leave{})
	d.step(Surveyed{ID: other})
	equal(d, "asked nothing", d.session(other).Survey == nil, true)
	d.step(SurveyNoted{other}, SurveyRefused{other}, SurveyNoted{wire.SessionID{77}}, Fill{other, session.Rate{ID: 1, Rating: 1}}, SendSurvey{other}, SkipSurvey{other})
	equal(d, "open", d.stage(id), SurveyOpen)
}

func TestE02StatesThatWereHandedOutStay(t *testing.T) {
	d, id := served(t)
	before := d.session(id).Survey
	was := *before
	d.step(Fill{id, session.Rate{ID: 1, Rating: 4}}, SendSurvey{id}, SurveyNoted{id})
	equal(d, "survey", *before, was)
	equal(d, "rating", before.Questions[0].Rating, 0)
}
