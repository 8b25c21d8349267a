package consoleview

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"handrail/rep-console/console"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// asked is an ended session about which the rep is asked.
func asked(stage console.SurveyStage, does ...session.Filling) func(*console.Session) {
	s := session.NewSurvey([]wire.SurveyQuestion{
		{ID: 1, Form: wire.FormRating, Text: "How did the session go?", Required: true},
		{ID: 2, Form: wire.FormOne, Text: "Is the matter closed?", Options: []string{"Yes", "No, somebody has to call back"}, Required: true},
		{ID: 3, Form: wire.FormSome, Text: "What was it about?", Options: []string{"Mail", "Printing", "The network"}},
		{ID: 4, Form: wire.FormText, Text: "What should the next colleague know?"},
	})
	for _, f := range does {
		s = s.Fill(f)
	}
	return func(x *console.Session) {
		x.State.Why = wire.EndByCustomer
		x.State.Lines = append(x.State.Lines, session.Line{At: noon(), Kind: session.LineEnded, Why: wire.EndByCustomer})
		x.Survey = &console.Survey{Survey: s, Stage: stage}
	}
}

func surveyScenes() []scene {
	missed := func(x *console.Session) {
		_, checked, _ := x.Survey.Answers()
		x.Survey.Survey = checked
	}
	all := []session.Filling{
		session.Rate{ID: 1, Rating: 4},
		session.Choose{ID: 2, Option: 1, On: true},
		session.Choose{ID: 3, Option: 1, On: true},
		session.Write{ID: 4, Text: "The driver is two years old."},
	}
	ended := func(change ...func(*console.Session)) console.State {
		return with(at(), visit(1, "Maria Huber", session.Over, append([]func(*console.Session){talk()}, change...)...))
	}
	return []scene{
		{"survey", ended(asked(console.SurveyOpen))},
		{"survey-needs", ended(asked(console.SurveyOpen, all[1]), missed)},
		{"survey-sending", ended(asked(console.SurveySending, all...))},
		{"survey-kept", ended(asked(console.SurveyKept, all...))},
		{"survey-late", ended(asked(console.SurveyLate, all...))},
	}
}

func TestE02TheRepsSurveyLooksAsItShould(t *testing.T) {
	for _, s := range surveyScenes() {
		t.Run(s.name, func(t *testing.T) {
			b := showing(t, s.state)
			b.w.Canvas().Unfocus()
			test.AssertRendersToMarkup(t, s.name+".xml", b.w.Canvas())
		})
	}
}

func TestE02TheRepsSurveyIsAnsweredByTheKeyboard(t *testing.T) {
	b := showing(t, surveyScenes()[0].state)
	c := b.w.Canvas()
	at := func(name string) {
		t.Helper()
		if o := b.v.inFront().stage.survey.Places()[name]; any(c.Focused()) != any(o) {
			t.Fatalf("the focus is on %T, not on %s", c.Focused(), name)
		}
	}
	key := func(k fyne.KeyName) { c.Focused().TypedKey(&fyne.KeyEvent{Name: k}) }
	tab := func(times int) {
		for range times {
			c.(interface{ FocusNext() }).FocusNext()
		}
	}
	at("survey-rating-1-1")
	tab(3)
	key(fyne.KeySpace)
	b.want("rating", console.Fill{ID: id(1), Filling: session.Rate{ID: 1, Rating: 4}})
	tab(2)
	key(fyne.KeyReturn)
	b.want("one", console.Fill{ID: id(1), Filling: session.Choose{ID: 2, Option: 0, On: true}})
	tab(4)
	at("survey-option-3-3")
	key(fyne.KeySpace)
	b.want("several", console.Fill{ID: id(1), Filling: session.Choose{ID: 3, Option: 2, On: true}})
	tab(1)
	at("survey-text-4")
	b.write("Hm")
	b.want("text", console.Fill{ID: id(1), Filling: session.Write{ID: 4, Text: "H"}}, console.Fill{ID: id(1), Filling: session.Write{ID: 4, Text: "Hm"}})
	c.Focused().(fyne.Shortcutable).TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyW, Modifier: fyne.KeyModifierShortcutDefault})
	b.want("close", console.End{ID: id(1)})
	tab(1)
	at("survey-skip")
	key(fyne.KeySpace)
	b.want("skip", console.SkipSurvey{ID: id(1)})
	tab(1)
	at("survey-send")
	key(fyne.KeyReturn)
	b.want("send", console.SendSurvey{ID: id(1)})
	if _, seen := b.v.Places()["survey-send"]; !seen {
		t.Error("the button with the focus is out of view")
	}
}

// Who is writing when the customer ends the session goes on with the questions,
// and then with the notes; who does something else is not torn away.
func TestE02TheFocusComesWithTheQuestionsAndGoesWithThem(t *testing.T) {
	talking, over := with(at(), visit(1, "Maria Huber", session.Talking, talk())), surveyScenes()[0].state
	for _, writing := range []bool{true, false} {
		b := showing(t, talking)
		var before fyne.Focusable = b.v.inFront().entry
		if !writing {
			before = b.v.inFront().nudge
		}
		b.w.Canvas().Focus(before)
		b.v.Show(over)
		p := b.v.inFront()
		if moved := any(b.w.Canvas().Focused()) == any(p.stage.survey.First()); moved != writing {
			t.Errorf("writing %v: the focus is on %T", writing, b.w.Canvas().Focused())
		}
		b.v.Show(surveyScenes()[3].state)
		if any(b.w.Canvas().Focused()) != any(p.notes.text) || p.stage.survey.Visible() || !b.reads(string(words.RepSurveyKept)) {
			t.Errorf("then the focus is on %T", b.w.Canvas().Focused())
		}
	}
}

// What is written stays when the session moves to a window of its own.
func TestE02AnswersMoveWithTheWindow(t *testing.T) {
	s := surveyScenes()[2].state
	s.Sessions = slices.Clone(s.Sessions)
	s.Sessions[0].Survey.Stage = console.SurveyOpen
	b := showing(t, s)
	s.Sessions = slices.Clone(s.Sessions)
	s.Sessions[0].Detached = true
	b.v.Show(s)
	a := b.v.asides[id(1)]
	if !a.pane.stage.survey.Visible() || !strings.Contains(test.RenderToMarkup(a.window.Canvas()), "The driver is two years old.") {
		t.Error("what was written is lost")
	}
	b.want("moving")
}
