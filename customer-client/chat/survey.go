package chat

import (
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// surveyWait is how long a customer who has closed the window stays for a
// survey that may follow.
const surveyWait = 1500 * time.Millisecond

// SurveyStage is how far the questions after a session have come.
//
//	open ──send──▶ sending ──kept──▶ thanked
//	  └───skip──▶ skipped     late: answers are taken no more
type SurveyStage int

const (
	SurveyOpen SurveyStage = iota
	SurveySending
	SurveyThanked
	SurveySkipped
	SurveyLate
)

// Survey are the questions after a session (row E02), and what is answered so
// far.
type Survey struct {
	session.Survey
	Stage         SurveyStage
	Intro, Thanks string
	URL, Host     string // a page to open afterwards; empty: none
}

// What the customer does with them.
type (
	Fill       struct{ Filling session.Filling }
	SendSurvey struct{}
	SkipSurvey struct{}
)

// What the broker says about them.
type (
	Surveyed struct{ Survey wire.Survey }
	Noted    struct{} // the answers are kept
	// SurveyOver says that answers can't be given any more.
	SurveyOver struct{}
)

func (Fill) event()       {}
func (SendSurvey) event() {}
func (SkipSurvey) event() {}
func (Surveyed) event()   {}
func (Noted) event()      {}
func (SurveyOver) event() {}

// Answer has the answers sent until they are kept, which Noted says.
type Answer struct{ Answers []wire.SurveyAnswer }

func (Answer) effect() {}

// survey takes what concerns the questions. States that were handed out keep
// theirs.
func (m *Model) survey(e Event) {
	if e, ok := e.(Surveyed); ok {
		m.surveyed(e.Survey)
		return
	}
	if m.s.Survey == nil || m.s.Screen != Ended {
		return
	}
	s := *m.s.Survey
	m.s.Survey = &s
	switch e.(type) {
	case Noted:
		if s.Stage == SurveySending {
			m.surveyDone(SurveyThanked)
		}
		return
	case SurveyOver:
		if s.Stage == SurveyOpen || s.Stage == SurveySending {
			s.late()
		}
		return
	}
	if s.Stage != SurveyOpen {
		return
	}
	switch e := e.(type) {
	case Fill:
		s.Survey = s.Fill(e.Filling)
	case SendSurvey:
		m.sendSurvey(&s)
	case SkipSurvey:
		m.surveyDone(SurveySkipped)
	}
}

// surveyed takes the questions in. They may come before this side knows that
// the session is over. Who left because of a notice is asked nothing.
func (m *Model) surveyed(w wire.Survey) {
	if m.s.Screen == KeyForm || m.s.Survey != nil || m.s.Screen == Ended && m.s.Session.Why == wire.EndForNotice {
		return
	}
	s := &Survey{Survey: session.NewSurvey(w.Questions), Intro: tidy(w.Intro), Thanks: tidy(w.Thanks)}
	if s.Host = host(w.URL); s.Host != "" {
		s.URL = w.URL
	}
	m.s.Survey = s
	if m.s.Screen == Ended {
		m.surveyShown()
	}
}

// surveyShown begins the questions at the end. Without any there is only a page
// to open. Somebody who closed the window is asked, and then it closes.
func (m *Model) surveyShown() {
	s := m.s.Survey
	if s == nil {
		return
	}
	if len(s.Questions) == 0 {
		m.surveyDone(SurveySkipped)
		return
	}
	m.left = m.left || !m.leaving.IsZero()
	m.leaving = time.Time{}
}

// surveyDone ends the questions and opens the page that follows them, once.
func (m *Model) surveyDone(stage SurveyStage) {
	s := *m.s.Survey
	s.Stage = stage
	m.s.Survey = &s
	if stage == SurveySkipped {
		m.do(GiveUp{}) // nobody needs the line to the broker any more
	}
	if s.URL != "" {
		m.do(Browse{s.URL})
	}
	if stage == SurveySkipped && (m.left || !m.leaving.IsZero()) || stage == SurveyThanked && !m.leaving.IsZero() {
		m.quit()
	}
}

// sendSurvey sends the answers if nothing that is required is missing.
func (m *Model) sendSurvey(s *Survey) {
	all, checked, ok := s.Answers()
	s.Survey = checked
	if ok {
		s.Stage = SurveySending
		m.do(Answer{Answers: all})
	}
}

// late ends the questions because answers are taken no more. Who gave none hears
// nothing of it.
func (s *Survey) late() {
	if s.Stage == SurveySending {
		s.Stage = SurveyLate
	} else {
		s.Stage = SurveySkipped
	}
}
