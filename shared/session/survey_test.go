package session

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"handrail/shared/wire"
)

// allForms are questions of each form.
func allForms() Survey {
	return NewSurvey([]wire.SurveyQuestion{
		{ID: 1, Form: wire.FormRating, Text: "How was it?", Required: true},
		{ID: 2, Form: wire.FormOne, Text: "Solved?", Options: []string{"Yes", "No"}},
		{ID: 3, Form: wire.FormSome, Text: "What?", Options: []string{"Mail", "Print", "Net"}},
		{ID: 4, Form: wire.FormText, Text: "More?"},
	})
}

func TestE02OnlyWhatAQuestionAsksForIsAnAnswer(t *testing.T) {
	for _, row := range []struct {
		name string
		does []Filling
		want []wire.SurveyAnswer
	}{
		{"a rating", []Filling{Rate{1, 3}, Rate{1, 4}}, []wire.SurveyAnswer{{ID: 1, Rating: 4}}},
		{"no more than five", []Filling{Rate{1, 9}}, []wire.SurveyAnswer{{ID: 1, Rating: 5}}},
		{"one option", []Filling{Choose{2, 0, true}, Choose{2, 1, true}}, []wire.SurveyAnswer{{ID: 2, Options: []uint8{1}}}},
		{"taken back", []Filling{Choose{2, 0, true}, Choose{2, 0, false}}, nil},
		{"several", []Filling{Choose{3, 2, true}, Choose{3, 0, true}, Choose{3, 1, true}, Choose{3, 1, false}}, []wire.SurveyAnswer{{ID: 3, Options: []uint8{0, 2}}}},
		{"no such option", []Filling{Choose{2, 1, true}, Choose{2, 2, true}, Choose{3, 9, true}}, []wire.SurveyAnswer{{ID: 2, Options: []uint8{1}}}},
		{"a text", []Filling{Write{4, "Well done."}}, []wire.SurveyAnswer{{ID: 4, Text: "Well done."}}},
		{"other forms'", []Filling{Rate{2, 1}, Choose{1, 0, true}, Choose{4, 0, true}, Write{1, "x"}, Write{3, "x"}}, nil},
		{"no such question", []Filling{Rate{9, 1}, Choose{9, 0, true}, Write{9, "x"}}, nil},
	} {
		s := allForms()
		for _, f := range row.does {
			s = s.Fill(f)
		}
		got, checked, ok := s.Answers()
		if !slices.EqualFunc(got, row.want, func(a, b wire.SurveyAnswer) bool { return reflect.DeepEqual(a, b) }) {
			t.Errorf("%s: %+v", row.name, got)
		}
		if rated := s.Questions[0].Rating != 0; ok != rated || checked.Missing() == rated || checked.Questions[0].Missing == rated {
			t.Errorf("%s: sent %v, though required: %+v", row.name, ok, checked.Questions[0])
		}
	}
}

func TestE02AnAnswerIsMissedNoMoreOnceItIsGiven(t *testing.T) {
	questions := allForms()
	questions.Questions[3].Required = true
	_, s, _ := questions.Answers()
	if s = s.Fill(Rate{1, 2}); s.Questions[0].Missing || !s.Missing() {
		t.Errorf("with one of two: %+v", s)
	}
	if s = s.Fill(Write{4, "Fine."}); s.Missing() {
		t.Errorf("still missed: %+v", s)
	}
	if _, s, ok := s.Answers(); !ok || s.Missing() {
		t.Errorf("still missed: %+v", s)
	}
}

func TestE02ASurveyThatWasHandedOutStays(t *testing.T) {
	s := allForms()
	for _, f := range []Filling{Rate{1, 2}, Choose{2, 1, true}, Choose{3, 1, true}, Write{4, "a"}} {
		s = s.Fill(f)
	}
	kept := Survey{Questions: slices.Clone(s.Questions)}
	for _, f := range []Filling{Rate{1, 5}, Choose{2, 0, true}, Choose{3, 1, false}, Choose{3, 0, true}, Write{4, "b"}} {
		s.Fill(f)
	}
	s.Answers()
	if !reflect.DeepEqual(s, kept) {
		t.Errorf("changed: %+v", s)
	}
}

// All answers fit into one message, however long they are.
func TestE02AnswersFitIntoOneMessage(t *testing.T) {
	var questions []wire.SurveyQuestion
	for i := range wire.MaxQuestions {
		questions = append(questions, wire.SurveyQuestion{ID: uint32(i + 1), Form: wire.FormText, Text: "?"})
	}
	s := NewSurvey(questions)
	for _, q := range questions {
		s = s.Fill(Write{q.ID, strings.Repeat("€", wire.MaxPlain)})
	}
	all, _, _ := s.Answers()
	if len(all) != len(questions) || !strings.HasSuffix(all[0].Text, "€") {
		t.Fatalf("%d answers", len(all))
	}
	if _, err := wire.Append(nil, wire.Packet{Body: &wire.Answers{Answers: all}}); err != nil {
		t.Error(err)
	}
}

func TestE02EverySendThatLacksAnAnswerIsCounted(t *testing.T) {
	s := allForms()
	for i := range s.Questions {
		s.Questions[i].Required = true
	}
	for n := range 2 {
		_, s, _ = s.Answers()
		if !s.Missing() || s.Missed != n+1 {
			t.Fatalf("after %d: %+v", n+1, s)
		}
		s = s.Fill(Rate{1, 5})
	}
	for _, f := range []Filling{Choose{2, 1, true}, Choose{3, 1, true}, Write{4, "a"}} {
		s = s.Fill(f)
	}
	if _, s, ok := s.Answers(); !ok || s.Missed != 2 {
		t.Errorf("with all answered: %+v", s)
	}
}
