package chat

import (
	"slices"
	"time"

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
	Stage         SurveyStage
	Intro, Thanks string
	Questions     []SurveyQuestion
	Missing       bool   // something that is required has no answer
	URL, Host     string // a page to open afterwards; empty: none
}

// SurveyQuestion is one of them.
type SurveyQuestion struct {
	wire.SurveyQuestion
	Rating  uint8 // 0: none yet
	Chosen  []uint8
	Written string
	Missing bool // it was sent without the answer it requires
}

// What the customer does with them.
type (
	Rate struct { // a rating from 1 to 5
		ID     uint32
		Rating uint8
	}
	Choose struct { // an option, of several or the only one
		ID     uint32
		Option uint8
		On     bool
	}
	Write struct {
		ID   uint32
		Text string
	}
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

func (Rate) event()       {}
func (Choose) event()     {}
func (Write) event()      {}
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
	s.Questions = slices.Clone(s.Questions)
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
	case Rate:
		s.change(e.ID, wire.FormRating, func(q *SurveyQuestion) { q.Rating = min(e.Rating, 5) })
	case Choose:
		s.choose(e)
	case Write:
		s.change(e.ID, wire.FormText, func(q *SurveyQuestion) { q.Written = clip(e.Text, s.room()) })
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
	s := &Survey{Intro: tidy(w.Intro), Thanks: tidy(w.Thanks)}
	if s.Host = host(w.URL); s.Host != "" {
		s.URL = w.URL
	}
	for _, q := range w.Questions {
		s.Questions = append(s.Questions, SurveyQuestion{SurveyQuestion: q})
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
	s.Missing = false
	var all []wire.SurveyAnswer
	for i := range s.Questions {
		q := &s.Questions[i]
		a := wire.SurveyAnswer{ID: q.ID, Rating: q.Rating, Options: q.Chosen, Text: q.Written}
		given := a.Rating != 0 || len(a.Options) != 0 || a.Text != ""
		q.Missing = q.Required && !given
		s.Missing = s.Missing || q.Missing
		if given {
			all = append(all, a)
		}
	}
	if s.Missing {
		return
	}
	s.Stage = SurveySending
	m.do(Answer{Answers: all})
}

// change changes the answer to a question of a form.
func (s *Survey) change(id uint32, form wire.Form, change func(*SurveyQuestion)) {
	for i := range s.Questions {
		if q := &s.Questions[i]; q.ID == id && q.Form == form {
			q.Missing = false
			change(q)
		}
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

func (s *Survey) choose(e Choose) {
	s.change(e.ID, wire.FormOne, func(q *SurveyQuestion) {
		q.Chosen = nil
		if e.On && int(e.Option) < len(q.Options) {
			q.Chosen = []uint8{e.Option}
		}
	})
	s.change(e.ID, wire.FormSome, func(q *SurveyQuestion) {
		q.Chosen = slices.DeleteFunc(slices.Clone(q.Chosen), func(o uint8) bool { return o == e.Option })
		if e.On && int(e.Option) < len(q.Options) {
			q.Chosen = append(q.Chosen, e.Option)
			slices.Sort(q.Chosen)
		}
	})
}

// room is how long one text may be, so that all answers fit in one message.
func (s *Survey) room() int {
	texts := 0
	for _, q := range s.Questions {
		if q.Form == wire.FormText {
			texts++
		}
	}
	return min(wire.MaxLine, wire.MaxMessage*3/4/max(texts, 1))
}
