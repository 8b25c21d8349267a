package console

import (
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// SurveyLife is how long the broker takes answers (PROTOCOL.md, 4a).
const SurveyLife = 30 * time.Minute

// SurveyStage is how far the questions after a session have come.
//
//	open ──send──▶ sending ──kept──▶ kept
//	  │               └─refused, too late──▶ late
//	  └──skip, too late──▶ skipped
type SurveyStage int

const (
	SurveyOpen SurveyStage = iota
	SurveySending
	SurveyKept
	SurveySkipped
	SurveyLate
)

// Survey are the questions that a rep is asked after a session (row E02), and
// what is answered so far.
type Survey struct {
	session.Survey
	Stage SurveyStage
	until time.Time // then answers are taken no more
}

// Asked says whether the rep is asked how the session was.
func (x *Session) Asked() bool {
	return x.Taken && x.over() && x.Survey != nil && x.Survey.Stage <= SurveySending
}

// What the broker says about them.
type (
	Surveyed struct {
		ID        wire.SessionID
		Questions []wire.SurveyQuestion
	}
	// SurveyNoted: the answers are kept.
	SurveyNoted struct{ ID wire.SessionID }
	// SurveyRefused: they won't be.
	SurveyRefused struct{ ID wire.SessionID }
)

// What the rep does with them. Closing the tab is skipping, too.
type (
	Fill struct {
		ID      wire.SessionID
		Filling session.Filling
	}
	SendSurvey struct{ ID wire.SessionID }
	SkipSurvey struct{ ID wire.SessionID }
)

func (Surveyed) event()      {}
func (SurveyNoted) event()   {}
func (SurveyRefused) event() {}
func (Fill) event()          {}
func (SendSurvey) event()    {}
func (SkipSurvey) event()    {}

type (
	// Answer has the answers said to the broker until it keeps or refuses them,
	// whatever becomes of the tab.
	Answer struct {
		ID      wire.SessionID
		Answers []wire.SurveyAnswer
	}
	// Unasked says that the rep has no answers, or none any more.
	Unasked struct{ ID wire.SessionID }
)

func (Answer) effect()  {}
func (Unasked) effect() {}

// survey takes what concerns the questions after a session.
func (m *Model) survey(now time.Time, e Event) {
	switch e := e.(type) {
	case Surveyed:
		m.surveyed(now, e)
	case SurveyNoted:
		m.surveyTo(e.ID, SurveySending, SurveyKept)
	case SurveyRefused:
		m.surveyTo(e.ID, SurveySending, SurveyLate)
	case Fill:
		if x := m.session(e.ID); x != nil && x.Asked() && x.Survey.Stage == SurveyOpen {
			s := *x.Survey
			s.Survey = s.Fill(e.Filling)
			x.Survey = &s
		}
	case SendSurvey:
		m.sendSurvey(e.ID)
	case SkipSurvey:
		if x := m.session(e.ID); x != nil && x.Asked() && m.surveyTo(e.ID, SurveyOpen, SurveySkipped) {
			m.do(Unasked(e))
		}
	}
}

// surveyed takes the questions in, once. They may come before this side knows
// that the session is over; nothing is asked until then.
func (m *Model) surveyed(now time.Time, e Surveyed) {
	x := m.session(e.ID)
	if x == nil || x.Survey != nil || len(e.Questions) == 0 {
		return
	}
	x.Survey = &Survey{Survey: session.NewSurvey(e.Questions), until: now.Add(SurveyLife)}
}

// sendSurvey sends the answers if nothing that is required is missing.
func (m *Model) sendSurvey(id wire.SessionID) {
	x := m.session(id)
	if x == nil || !x.Asked() || x.Survey.Stage != SurveyOpen {
		return
	}
	s := *x.Survey
	all, checked, ok := s.Answers()
	s.Survey = checked
	if ok {
		s.Stage = SurveySending
		m.do(Answer{ID: id, Answers: all})
	}
	x.Survey = &s
}

// surveyTo takes the questions from one stage to the next. States that were
// handed out keep theirs.
func (m *Model) surveyTo(id wire.SessionID, from, to SurveyStage) (done bool) {
	x := m.session(id)
	if x == nil || x.Survey == nil || x.Survey.Stage != from {
		return false
	}
	s := *x.Survey
	s.Stage = to
	x.Survey = &s
	return true
}

// passSurveys ends the questions that it is too late for. Who gave no answers
// hears nothing of it.
func (m *Model) passSurveys(now time.Time) {
	for _, x := range m.s.Sessions {
		if x.Survey == nil || x.Survey.Stage > SurveySending || now.Before(x.Survey.until) {
			continue
		}
		if !m.surveyTo(x.ID, SurveySending, SurveyLate) {
			m.surveyTo(x.ID, SurveyOpen, SurveySkipped)
		}
		m.do(Unasked{ID: x.ID})
	}
}
