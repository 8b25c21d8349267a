package chat

import (
	"reflect"
	"testing"
	"time"

	"handrail/shared/secret"
	"handrail/shared/session"
	"handrail/shared/wire"
)

func oneRating() []wire.SurveyQuestion {
	return []wire.SurveyQuestion{{ID: 1, Form: wire.FormRating, Text: "How was it?", Required: true}}
}

// asks are questions of each form.
func allForms() wire.Survey {
	return wire.Survey{
		Intro: "Please tell us.", Thanks: "Thanks.", URL: "https://example.org/thanks",
		Questions: append(oneRating(),
			wire.SurveyQuestion{ID: 2, Form: wire.FormOne, Text: "Solved?", Options: []string{"Yes", "No"}},
			wire.SurveyQuestion{ID: 3, Form: wire.FormSome, Text: "What?", Options: []string{"Mail", "Print", "Net"}},
			wire.SurveyQuestion{ID: 4, Form: wire.FormText, Text: "More?"}),
	}
}

// helped is a window after a session that came from the portal.
func helped(t *testing.T) *window {
	t.Helper()
	w := inQueue(t)
	w.does(Taken{Rep: "Ana"})
	w.does(Session{talking()})
	w.does(Session{ended()})
	w.screen(Ended)
	return w
}

func ended() session.State {
	s := talking()
	s.Stage, s.Why = session.Over, wire.EndByRep
	return s
}

func (w *window) surveyed() *Survey {
	w.t.Helper()
	s := w.m.State().Survey
	if s == nil {
		w.t.Fatal("nothing is asked")
	}
	return s
}

func TestE02EveryFormOfQuestionIsAnswered(t *testing.T) {
	w := helped(t)
	w.does(Surveyed{allForms()})
	w.does(SendSurvey{})
	if s := w.surveyed(); !s.Missing() || !s.Questions[0].Missing || s.Questions[1].Missing {
		t.Errorf("sent without what is needed: %+v", s)
	}
	for _, e := range []Event{
		Fill{session.Rate{ID: 1, Rating: 4}},
		Fill{session.Rate{ID: 2, Rating: 1}},
		Fill{session.Choose{ID: 2, Option: 0, On: true}},
		Fill{session.Choose{ID: 2, Option: 1, On: true}},
		Fill{session.Choose{ID: 3, Option: 2, On: true}},
		Fill{session.Choose{ID: 3, Option: 0, On: true}},
		Fill{session.Choose{ID: 3, Option: 1, On: true}},
		Fill{session.Choose{ID: 3, Option: 1}},
		Fill{session.Choose{ID: 3, Option: 9, On: true}},
		Fill{session.Choose{ID: 99, Option: 1, On: true}},
		Fill{session.Write{ID: 4, Text: "Well done."}},
	} {
		w.does(e)
	}
	w.does(SendSurvey{}, Answer{[]wire.SurveyAnswer{{ID: 1, Rating: 4}, {ID: 2, Options: []uint8{1}}, {ID: 3, Options: []uint8{0, 2}}, {ID: 4, Text: "Well done."}}})
	w.does(Fill{session.Rate{ID: 1, Rating: 1}})
	if s := w.surveyed(); s.Stage != SurveySending || s.Questions[0].Rating != 4 {
		t.Errorf("while it is sent: %+v", s)
	}
	w.does(Noted{}, Browse{"https://example.org/thanks"})
	if s := w.surveyed(); s.Stage != SurveyThanked || s.Thanks != "Thanks." {
		t.Errorf("kept: %+v", s)
	}
	w.does(Noted{})
}

func TestE02SkippingOpensThePageAndEndsTheWay(t *testing.T) {
	w := helped(t)
	w.does(Surveyed{allForms()})
	w.does(SkipSurvey{}, GiveUp{}, Browse{"https://example.org/thanks"})
	w.does(SendSurvey{})
	w.does(Again{}, GiveUp{})
	w.screen(KeyForm)
	if w.m.State().Survey != nil {
		t.Error("asked at the form")
	}
}

func TestE02APageAloneIsOpenedAtTheEnd(t *testing.T) {
	w := helped(t)
	w.does(Surveyed{wire.Survey{URL: "https://example.org/bye"}}, GiveUp{}, Browse{"https://example.org/bye"})
	w.does(Surveyed{wire.Survey{URL: "https://example.org/again"}})
	if s := w.surveyed(); s.Stage != SurveySkipped || s.Host != "example.org" {
		t.Errorf("%+v", s)
	}
}

func TestE02QuestionsMayComeBeforeTheEndIsKnown(t *testing.T) {
	w := inQueue(t)
	w.does(Taken{Rep: "Ana"})
	w.does(Session{talking()})
	w.does(Surveyed{allForms()})
	if w.m.State().Survey != nil {
		t.Error("asked in the session")
	}
	w.does(Session{ended()})
	if got := len(w.surveyed().Questions); got != 4 {
		t.Errorf("%d questions", got)
	}
}

// closedInSession is the window of a customer out of a queue who has closed it
// in the session, which is over since.
func closedInSession(t *testing.T) *window {
	w := inQueue(t)
	w.does(Taken{Rep: "Ana"})
	w.does(Session{talking()})
	w.does(CloseAsked{})
	w.does(CloseConfirmed{}, Do{session.Leave{}})
	w.does(Session{ended()})
	return w
}

// TestE02WhoClosesTheWindowIsAskedToo has the customer close the window in the
// session.
func TestE02WhoClosesTheWindowIsAskedToo(t *testing.T) {
	begin := func(t *testing.T) *window {
		w := closedInSession(t)
		w.screen(Ended)
		return w
	}
	t.Run("no questions", func(t *testing.T) {
		w := begin(t)
		w.after(surveyWait).does(Tick{}, Quit{})
	})
	t.Run("skipped", func(t *testing.T) {
		w := begin(t)
		w.does(Surveyed{wire.Survey{Questions: oneRating()}})
		w.after(time.Hour).does(Tick{})
		w.does(SkipSurvey{}, GiveUp{}, Quit{})
	})
	t.Run("a page alone", func(t *testing.T) {
		w := begin(t)
		w.does(Surveyed{wire.Survey{URL: "https://example.org/"}}, GiveUp{}, Browse{"https://example.org/"}, Quit{})
	})
	t.Run("closed again", func(t *testing.T) {
		w := begin(t)
		w.does(Surveyed{wire.Survey{Questions: oneRating()}})
		w.does(CloseAsked{}, Quit{})
	})
	t.Run("closed while it is sent", func(t *testing.T) {
		w := begin(t)
		w.does(Surveyed{wire.Survey{Questions: oneRating()}})
		w.does(Fill{session.Rate{ID: 1, Rating: 5}})
		w.does(SendSurvey{}, Answer{[]wire.SurveyAnswer{{ID: 1, Rating: 5}}})
		w.does(CloseAsked{})
		w.does(Noted{}, Quit{})
	})
}

// TestE02WhoHadAKeyAndClosesTheWindowIsAskedToo: a portal's survey follows its
// sessions by key, too.
func TestE02WhoHadAKeyAndClosesTheWindowIsAskedToo(t *testing.T) {
	w := inSession(t)
	w.does(CloseAsked{})
	w.does(CloseConfirmed{}, Do{session.Leave{}})
	w.does(Session{ended()})
	w.does(Surveyed{wire.Survey{Questions: oneRating()}})
	w.after(time.Hour).does(Tick{})
	w.surveyed()
	w.does(SkipSurvey{}, GiveUp{}, Quit{})
}

// TestWhoBeginsAgainHasClosedNothing: a window that was closed in one session,
// and is used for another one, stays.
func TestWhoBeginsAgainHasClosedNothing(t *testing.T) {
	t.Run("at once", func(t *testing.T) {
		w := closedInSession(t)
		w.does(Again{}, GiveUp{})
		w.after(time.Minute).does(Tick{})
		w.screen(KeyForm)
	})
	t.Run("after the survey", func(t *testing.T) {
		w := closedInSession(t)
		w.does(Surveyed{wire.Survey{Questions: oneRating()}})
		w.does(Fill{session.Rate{ID: 1, Rating: 5}})
		w.does(SendSurvey{}, Answer{[]wire.SurveyAnswer{{ID: 1, Rating: 5}}})
		w.does(Noted{})
		w.does(Again{}, GiveUp{})
		w.does(Submit{Code: key}, Connect{Code: secret.Code{Number: "482913", Secret: "507264"}})
		w.does(Session{talking()})
		w.does(Session{ended()})
		w.does(Surveyed{wire.Survey{Questions: oneRating()}})
		w.does(SkipSurvey{}, GiveUp{})
	})
}

func TestE02AnswersThatComeTooLateAreSaidToBe(t *testing.T) {
	w := helped(t)
	w.does(Surveyed{allForms()})
	w.does(Fill{session.Rate{ID: 1, Rating: 9}})
	if got := w.surveyed().Questions[0].Rating; got != 5 {
		t.Errorf("rated %d", got)
	}
	w.m.Step(w.now, SendSurvey{})
	w.does(SurveyOver{})
	if got := w.surveyed().Stage; got != SurveyLate {
		t.Errorf("stage %d", got)
	}
}

func TestStatesThatWereHandedOutStay(t *testing.T) {
	w := helped(t)
	w.does(Surveyed{allForms()})
	before := w.surveyed()
	kept := *before
	kept.Questions = append([]session.SurveyQuestion(nil), before.Questions...)
	for _, e := range []Event{Fill{session.Rate{ID: 1, Rating: 2}}, Fill{session.Choose{ID: 3, Option: 1, On: true}}, Fill{session.Write{ID: 4, Text: "a"}}, SendSurvey{}} {
		w.m.Step(w.now, e)
	}
	if !reflect.DeepEqual(*before, kept) {
		t.Errorf("changed: %+v", before)
	}
}

func TestZ03TheWordsAreComparedAndNotInPassing(t *testing.T) {
	unsure := talking()
	unsure.Proof, unsure.Words = wire.ProofCompare, [3]string{"otter", "maple", "violin"}
	for _, same := range []bool{true, false} {
		w := inQueue(t)
		w.does(Taken{Rep: "Ana"})
		w.does(Session{unsure})
		c := w.m.State().Compare
		if c == nil || c.Words != unsure.Words || c.Armed {
			t.Fatalf("%+v", c)
		}
		w.does(Compared{Same: same})
		if w.m.Wake() != w.now.Add(ArmTime) {
			t.Errorf("wakes at %v", w.m.Wake())
		}
		w.after(ArmTime).does(Compared{Same: same}, Do{session.Compared{Same: same}})
	}
	sure := unsure
	sure.Verified, sure.Certified = true, "Ana Petrović"
	w := inQueue(t)
	w.does(Taken{Rep: "Ana"})
	w.does(Session{sure})
	w.after(ArmTime).does(Compared{})
	if w.m.State().Compare != nil {
		t.Error("a proved rep is asked for words")
	}
}

func TestZ03ThatTheWordsAreTheSameIsNotSaidWithoutAConnection(t *testing.T) {
	unsure := talking()
	unsure.Proof, unsure.Words = wire.ProofCompare, [3]string{"otter", "maple", "violin"}
	cut := unsure
	cut.Linked = false
	w := inQueue(t)
	w.does(Taken{Rep: "Ana"})
	w.does(Session{unsure})
	w.after(ArmTime).does(Session{cut})
	if c := w.m.State().Compare; c == nil || !c.Cut {
		t.Fatalf("%+v", c)
	}
	w.does(Compared{Same: true})
	w.does(Compared{}, Do{session.Compared{}}) // nobody has to wait to say no
	w.after(time.Second).does(Session{unsure})
	w.does(Compared{Same: true}) // on its way to something else
	w.after(ArmTime).does(Compared{Same: true}, Do{session.Compared{Same: true}})
}
