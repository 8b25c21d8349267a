package session

import (
	"slices"
	"unicode/utf8"

	"handrail/shared/wire"
)

// Survey are the questions after a session (row E02), and what is answered so
// far, for either side. It is a value: what was handed out stays as it was.
type Survey struct {
	Questions []SurveyQuestion
	Missed    int // how often it was sent like that; a window leads to the first such question whenever this has grown
}

// Missing says that something that is required has no answer.
func (s Survey) Missing() bool {
	return slices.ContainsFunc(s.Questions, func(q SurveyQuestion) bool { return q.Missing })
}

// SurveyQuestion is one of them.
type SurveyQuestion struct {
	wire.SurveyQuestion
	Rating  uint8 // 0: none yet
	Chosen  []uint8
	Written string
	Missing bool // it was sent without the answer it requires
}

// Filling is what somebody does with a question of a Survey: Rate, Choose or
// Write, whichever its form asks for.
type Filling interface{ filling() }

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
)

func (Rate) filling()   {}
func (Choose) filling() {}
func (Write) filling()  {}

// NewSurvey has nothing answered yet.
func NewSurvey(questions []wire.SurveyQuestion) Survey {
	var s Survey
	for _, q := range questions {
		s.Questions = append(s.Questions, SurveyQuestion{SurveyQuestion: q})
	}
	return s
}

// Fill gives the survey with one answer changed. What doesn't fit its question
// changes nothing.
func (s Survey) Fill(f Filling) Survey {
	switch f := f.(type) {
	case Rate:
		return s.change(f.ID, func(q *SurveyQuestion) bool {
			q.Rating = min(f.Rating, 5)
			return q.Form == wire.FormRating
		})
	case Choose:
		return s.change(f.ID, func(q *SurveyQuestion) bool { return q.choose(f) })
	case Write:
		room := s.room()
		return s.change(f.ID, func(q *SurveyQuestion) bool {
			q.Written = first(f.Text, room)
			return q.Form == wire.FormText
		})
	}
	return s
}

// change changes the answer to a question, if that fits.
func (s Survey) change(id uint32, change func(*SurveyQuestion) (fits bool)) Survey {
	i := slices.IndexFunc(s.Questions, func(q SurveyQuestion) bool { return q.ID == id })
	if i < 0 {
		return s
	}
	q := s.Questions[i]
	if change(&q) {
		q.Missing = false
		s.Questions = slices.Clone(s.Questions)
		s.Questions[i] = q
	}
	return s
}

func (q *SurveyQuestion) choose(c Choose) (fits bool) {
	if int(c.Option) >= len(q.Options) {
		return false
	}
	switch q.Form {
	case wire.FormOne:
		q.Chosen = nil
	case wire.FormSome:
		q.Chosen = slices.DeleteFunc(slices.Clone(q.Chosen), func(o uint8) bool { return o == c.Option })
	default:
		return false
	}
	if c.On {
		q.Chosen = append(q.Chosen, c.Option)
		slices.Sort(q.Chosen)
	}
	return true
}

// Answers gives what is answered, to be sent. If something that is required is
// not, ok is false, and checked says where.
func (s Survey) Answers() (all []wire.SurveyAnswer, checked Survey, ok bool) {
	checked = Survey{Questions: slices.Clone(s.Questions), Missed: s.Missed}
	for i := range checked.Questions {
		q := &checked.Questions[i]
		a := wire.SurveyAnswer{ID: q.ID, Rating: q.Rating, Options: q.Chosen, Text: q.Written}
		given := a.Rating != 0 || len(a.Options) != 0 || a.Text != ""
		q.Missing = q.Required && !given
		if given {
			all = append(all, a)
		}
	}
	missing := checked.Missing()
	if missing {
		checked.Missed++
	}
	return all, checked, !missing
}

// room is how long one text may be, so that all answers fit in one message.
func (s Survey) room() int {
	texts := 0
	for _, q := range s.Questions {
		if q.Form == wire.FormText {
			texts++
		}
	}
	return min(wire.MaxLine, wire.MaxMessage*3/4/max(texts, 1))
}

// first is the beginning of a text: so many bytes, no half characters.
func first(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}
