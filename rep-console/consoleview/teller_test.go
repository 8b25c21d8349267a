package consoleview

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"handrail/rep-console/console"
	"handrail/shared/words"
)

// mayTell is the desk of a rep who may push notices in some portals.
func mayTell(s console.State, change ...func(*console.State)) console.State {
	s.Boards = []console.Board{
		{Portal: "main", Name: "Alpine Support", Waiting: 12, Notices: []console.Notice{
			{ID: 9, Title: "Mail is down", Text: "We **know** of it and are at work.", Until: noon().Add(90 * time.Minute), Told: 12},
			{ID: 3, Title: "Closed on Friday", Text: "We are back on Monday at eight.", Until: noon().Add(30 * time.Hour), Ending: true},
		}},
		{Portal: "shop", Name: "Alpine Shop"},
	}
	return with(s, change...)
}

func tells(title, text string, change ...func(*console.Tell)) func(*console.State) {
	return func(s *console.State) {
		s.Tell = console.Tell{Open: true, Portal: "main", Title: title, Text: text, Term: time.Hour}
		for _, f := range change {
			f(&s.Tell)
		}
	}
}

func tellScenes() []scene {
	const title, text = "Mail is down", "We **know** of it and are at work.\nIt is mended by ten."
	one := func(s *console.State) { s.Boards = s.Boards[1:]; s.Tell.Portal = "shop" }
	return []scene{
		{"tell-may", mayTell(queued(three()...))},
		{"tell-open", mayTell(picked(queued(three()...), 1), tells("", ""), one)},
		{"tell-written", mayTell(queued(three()...), tells(title, text, func(v *console.Tell) { v.Leave, v.Term = true, 0 }))},
		{"tell-busy", mayTell(queued(three()...), tells(title, text, func(v *console.Tell) { v.Busy = true }))},
		{"tell-refused", mayTell(queued(three()...), tells(title, text, func(v *console.Tell) { v.Problem = words.ManyNotices }))},
		{"tell-long", mayTell(queued(three()...), tells(title, strings.Repeat("Straßenbahnhaltestelle ", 50)))},
		{"tell-long-title", mayTell(queued(three()...), tells(strings.Repeat("t", 81), text))},
		{"tell-done", mayTell(queued(three()...), tells("", "", func(v *console.Tell) { v.Done, v.Told = true, 12 }))},
		{"tell-done-nobody", mayTell(queued(), tells("", "", func(v *console.Tell) { v.Done = true }), one)},
	}
}

func TestP07TheSheetOfEachState(t *testing.T) {
	for _, s := range tellScenes() {
		t.Run(s.name, func(t *testing.T) {
			b := showing(t, s.state)
			b.w.Canvas().Unfocus()
			test.AssertRendersToMarkup(t, s.name+".xml", b.w.Canvas())
		})
	}
}

func TestP07WhoMayNotPushHasNoButton(t *testing.T) {
	b := showing(t, queued(three()...))
	if b.v.queues.tell.Visible() || b.reads("Tell everybody…") {
		t.Error("there is one")
	}
	b.v.Show(mayTell(queued(three()...)))
	test.Tap(b.v.queues.tell)
	b.want("pressed", console.TellOn{})
	b.v.Show(queued(three()...))
	if b.v.queues.tell.Visible() {
		t.Error("who may no more has one")
	}
}

func TestP07TheSheetSaysWhatTheRepDoes(t *testing.T) {
	b := showing(t, mayTell(queued(three()...)))
	b.v.Show(mayTell(queued(three()...), tells("", "")))
	p := b.v.queues.teller
	if b.w.Canvas().Focused() != fyne.Focusable(p.title) {
		t.Error("the keyboard is elsewhere")
	}
	if !p.goes.Disabled() {
		t.Error("an empty notice can be pushed")
	}
	b.write("Hi")
	b.want("the title", console.TellTitle{Text: "H"}, console.TellTitle{Text: "Hi"})
	p.title.OnSubmitted("Hi")
	b.write("Yo")
	b.want("the text", console.TellText{Text: "Y"}, console.TellText{Text: "Yo"})
	b.v.Show(mayTell(queued(three()...), tells("H", ""))) // what the model knew a moment ago
	if p.title.Text != "Hi" || p.text.Text != "Yo" {
		t.Errorf("what was typed meanwhile is gone: %q %q", p.title.Text, p.text.Text)
	}
	b.v.Show(mayTell(queued(three()...), tells("Hi", "Yo")))
	b.events()
	p.portal.list.SetSelectedIndex(1)
	b.want("the portal", console.TellAt{Portal: "shop"})
	p.term.list.SetSelectedIndex(5)
	b.want("until midnight", console.TellTerm{})
	test.Tap(p.leave)
	b.want("to leave", console.TellLeave{On: true})
	b.press(words.TellGo)
	b.want("pushed", console.TellGo{})
	test.Tap(p.rows[9].end)
	b.want("ended", console.TellEnd{ID: 9})
	if !p.rows[3].end.Disabled() {
		t.Error("one that is being ended can be ended")
	}
	b.v.Show(mayTell(queued(three()...), tells("", "", func(v *console.Tell) { v.Done, v.Told = true, 1 })))
	if p.title.Text != "" || p.text.Text != "" || !b.reads("Told 1 person.") {
		t.Errorf("after it was pushed: %q %q", p.title.Text, p.text.Text)
	}
	if got := b.events(); len(got) != 0 {
		t.Errorf("the rep did %v", got)
	}
	b.press(words.TellShut)
	b.want("shut", console.TellShut{})
}
