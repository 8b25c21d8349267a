package chatview

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"handrail/customer-client/chat"
	"handrail/shared/look"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// queue leads a desk into the queue.
func (d *desk) queue() {
	d.t.Helper()
	d.step(chat.Submit{Code: "482913507", Name: "Jo"})
	d.step(chat.Reached{})
	d.step(chat.Admitted{Portal: "Example IT Services"})
}

// waits is somebody who has waited for a while.
func (d *desk) waits() {
	d.queue()
	d.step(chat.Stands{Position: 3, Estimate: 4 * time.Minute, Queue: "Network"})
	d.step(chat.Tells{What: wire.TellGreeting, Text: "Welcome to the help desk.\nYou are number 3."})
	d.step(chat.Tells{What: wire.TellNotice, Title: "Mail is down", Text: "It will work again at 11 o'clock.", Leave: true})
	d.step(chat.Tells{What: wire.TellHold, Text: "Thank you for waiting."})
}

func (d *desk) asks(what wire.Asked, text string) {
	d.queue()
	d.step(chat.Asks{ID: 1, What: what, Title: "Terms", Text: text, Until: d.now.Add(5 * time.Minute)})
}

// unproved is a session without a key that nobody has compared the words of.
func unproved() session.State {
	s := talking()
	s.Proof, s.Words = wire.ProofCompare, [3]string{"otter", "maple", "violin"}
	return s
}

func (d *desk) helped() {
	d.queue()
	d.step(chat.Taken{Rep: "Ana Petrović"})
	d.step(chat.Session{State: over(wire.EndByRep)})
}

func questions() chat.Surveyed {
	return chat.Surveyed{Survey: wire.Survey{
		Intro: "Tell us how it was.", Thanks: "It helps us.", URL: "https://help.example.org/bye",
		Questions: []wire.SurveyQuestion{
			{ID: 1, Form: wire.FormRating, Text: "How content are you?", Required: true},
			{ID: 2, Form: wire.FormOne, Text: "Is it solved?", Options: []string{"Yes", "No"}},
			{ID: 3, Form: wire.FormSome, Text: "What was it?", Options: []string{"Mail", "Printing"}},
			{ID: 4, Form: wire.FormText, Text: "Anything else?"},
		},
	}}
}

func TestEveryStateOfTheWaitLooksAsItShould(t *testing.T) {
	proved := unproved()
	proved.Verified, proved.Certified = true, "Ana Petrović"
	proved.Lines = append(proved.Lines, session.Line{Kind: session.LineDenied, What: wire.View | wire.Control, At: start()})
	for name, do := range map[string]func(*desk){
		"place": func(d *desk) { d.step(chat.SetNumber{Number: "482913507"}); d.step(chat.Reached{}) },
		"agreement": func(d *desk) {
			d.asks(wire.AskedAgreement, strings.Repeat("Be kind to each other. ", 40))
			d.passes(chat.ArmTime)
		},
		"recording": func(d *desk) { d.asks(wire.AskedRecording, "May we record it?") },
		"wait":      func(d *desk) { d.waits() },
		"wait-cut":  func(d *desk) { d.waits(); d.step(chat.BrokerCut{}) },
		"wait-rtl": func(d *desk) {
			d.asks(wire.AskedAgreement, "שלום! אתם מאשרים לטכנאי לראות את המסך שלכם.")
		},
		"wait-leave": func(d *desk) { d.waits(); d.step(chat.LeaveFor{ID: 2}) },
		"wait-close": func(d *desk) { d.waits(); d.step(chat.CloseAsked{}) },
		"wait-again": func(d *desk) {
			d.waits()
			d.step(chat.Taken{Rep: "Ana Petrović"})
			d.step(chat.Returned{Why: wire.EndLost})
		},
		"taken": func(d *desk) { d.waits(); d.step(chat.Taken{Rep: "Ana Petrović"}) },
		"nobody": func(d *desk) {
			d.queue()
			d.step(chat.Tells{What: wire.TellNobody, Text: "Please write to us.", URL: "https://help.example.org/later"})
			d.step(chat.Finished{Why: wire.EndNobody})
		},
		"words": func(d *desk) {
			d.queue()
			d.step(chat.Taken{})
			d.step(chat.Session{State: unproved()})
			d.passes(chat.ArmTime)
		},
		"words-cut": func(d *desk) {
			d.queue()
			d.step(chat.Taken{})
			d.step(chat.Session{State: unproved()})
			d.passes(chat.ArmTime)
			cut := unproved()
			cut.Linked = false
			d.step(chat.Session{State: cut})
		},
		"proved": func(d *desk) { d.queue(); d.step(chat.Taken{}); d.step(chat.Session{State: proved}) },
		"survey": func(d *desk) { d.helped(); d.step(questions()) },
		"survey-needs": func(d *desk) {
			d.helped()
			d.step(questions())
			d.step(chat.Fill{Filling: session.Choose{ID: 2, Option: 1, On: true}})
			d.step(chat.SendSurvey{})
		},
		"survey-thanks": func(d *desk) {
			d.helped()
			d.step(questions())
			d.step(chat.Fill{Filling: session.Rate{ID: 1, Rating: 4}})
			d.step(chat.SendSurvey{})
			d.step(chat.Noted{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			do(d)
			d.v.way.rest()
			test.AssertRendersToMarkup(t, name+".xml", d.w.Canvas())
		})
	}
}

// tab presses Tab so often, and gives what has the focus then.
func (d *desk) tab(times int) fyne.Focusable {
	for range times {
		d.w.Canvas().FocusNext()
	}
	return d.w.Canvas().Focused()
}

func TestE02TheWholeSurveyIsAnsweredByTheKeyboard(t *testing.T) {
	d := open(t)
	d.helped()
	d.step(questions())
	if any(d.w.Canvas().Focused()) != any(d.v.end.survey.Places()["survey-rating-1-1"]) {
		t.Fatalf("the focus is on %T", d.w.Canvas().Focused())
	}
	d.tab(3)
	d.key(fyne.KeySpace) // 4 of 5
	d.tab(2)
	d.key(fyne.KeyReturn) // Yes
	d.tab(3)
	d.key(fyne.KeySpace) // Printing
	f := d.tab(1)
	if any(f) != any(d.v.end.survey.Places()["survey-text-4"]) {
		t.Fatalf("the focus is on %T", f)
	}
	test.Type(f, "Well done.")
	d.tab(2)
	page, send := d.v.end.page, d.v.end.survey.Places()["survey-send"]
	if at := fyne.CurrentApp().Driver().AbsolutePositionForObject(send); at.Y+send.Size().Height > page.Size().Height {
		t.Errorf("the button with the focus is at %v, out of view", at)
	}
	d.key(fyne.KeySpace)
	want := []wire.SurveyAnswer{{ID: 1, Rating: 4}, {ID: 2, Options: []uint8{0}}, {ID: 3, Options: []uint8{1}}, {ID: 4, Text: "Well done."}}
	got, ok := d.effects[len(d.effects)-1].(chat.Answer)
	if !ok || !reflect.DeepEqual(got.Answers, want) {
		t.Fatalf("sent %+v", d.effects[len(d.effects)-1])
	}
	d.step(chat.Noted{})
	if d.w.Canvas().Focused() != d.v.end.close {
		t.Errorf("then the focus is on %T", d.w.Canvas().Focused())
	}
}

func TestW01TheSafeAnswerHasTheFocusAndTheTextLeafs(t *testing.T) {
	d := open(t)
	d.asks(wire.AskedAgreement, strings.Repeat("Be kind to each other. ", 300))
	ask := d.v.wait.ask
	if !ask.yes.Disabled() || !ask.no.Disabled() {
		t.Error("an answer counts in the moment the question appears")
	}
	d.passes(chat.ArmTime)
	if d.w.Canvas().Focused() != ask.no {
		t.Fatalf("the focus is on %T", d.w.Canvas().Focused())
	}
	d.key(fyne.KeyReturn) // somebody who is typing must not answer
	d.key(fyne.KeyPageDown)
	if ask.scroll.Offset.Y == 0 {
		t.Error("Page Down does not leaf")
	}
	d.key(fyne.KeyPageUp)
	if ask.scroll.Offset.Y != 0 {
		t.Error("Page Up does not leaf back")
	}
	d.tab(1)
	d.key(fyne.KeySpace)
	if !d.did(chat.Decide{ID: 1, Yes: true}) {
		t.Errorf("did %+v", d.effects)
	}
}

func TestW01WhatATextLeadsToOpensOnAClick(t *testing.T) {
	d := open(t)
	const terms = "Read our terms (https://example.org/terms) and what we keep (https://example.org/privacy)."
	d.asks(wire.AskedAgreement, terms)
	for _, l := range d.v.wait.ask.links {
		test.Tap(l)
	}
	if want := []string{"https://example.org/terms", "https://example.org/privacy"}; !slices.Equal(d.opened, want) {
		t.Errorf("opened %q", d.opened)
	}
	d.passes(chat.ArmTime)
	if d.w.Canvas().Focused() != d.v.wait.ask.no {
		t.Errorf("the focus is on %T", d.w.Canvas().Focused())
	}
	test.Tap(d.v.wait.ask.yes)
	d.step(chat.Asks{ID: 2, What: wire.AskedRecording, Title: "Recording", Text: "May we record?", Until: d.now.Add(time.Minute)})
	if got := d.v.wait.ask.title.String(); got != "Recording" {
		t.Fatalf("asked about %q", got)
	}
	if n := len(d.v.wait.ask.rows.Objects); n != 2 {
		t.Errorf("%d rows, as if links were left of the text before", n)
	}
}

func TestP07WhatANoticeLeadsToOpensOnAClick(t *testing.T) {
	d := open(t)
	d.queue()
	d.step(chat.Tells{What: wire.TellNotice, Title: "Mail is down", Text: "See https://status.example.org/mail."})
	for _, c := range d.v.wait.told.cards {
		for _, l := range c.links {
			test.Tap(l)
		}
	}
	if want := []string{"https://status.example.org/mail"}; !slices.Equal(d.opened, want) {
		t.Errorf("opened %q", d.opened)
	}
}

func TestW06ANoticeIsLeftForAfterOneQuestion(t *testing.T) {
	d := open(t)
	d.waits()
	var leave *look.Button
	for _, c := range d.v.wait.told.cards {
		if c.leave != nil {
			leave = c.leave
		}
	}
	test.Tap(leave)
	if d.v.closing.pop == nil || d.w.Canvas().Focused() != d.v.closing.stay {
		t.Fatal("not asked")
	}
	d.key(fyne.KeyEscape)
	if d.v.closing.pop != nil || d.v.shown.Screen != chat.Waiting {
		t.Fatal("Esc does not go back")
	}
	test.Tap(leave)
	test.Tap(d.v.closing.leave)
	if !d.did(chat.Depart{Why: wire.EndForNotice}) || d.v.closing.pop != nil {
		t.Errorf("did %+v", d.effects)
	}
	if got := d.v.end.why.String(); got != "You left because of the notice." {
		t.Errorf("says %q", got)
	}
}

func TestW05TheLinkStaysAfterTheEnd(t *testing.T) {
	d := open(t)
	d.queue()
	d.step(chat.Tells{What: wire.TellNobody, Text: "Nobody.", URL: "https://help.example.org/later"})
	if !d.did(chat.Browse{URL: "https://help.example.org/later"}) {
		t.Error("the page was not opened")
	}
	d.step(chat.Finished{Why: wire.EndNobody})
	if got := test.RenderObjectToMarkup(d.v.end.notes); !strings.Contains(got, "help.example.org") {
		t.Errorf("the end shows %s", got)
	}
}

// TestW04ReadingIsNotDisturbed has messages come while the customer reads an
// older one.
func TestW04ReadingIsNotDisturbed(t *testing.T) {
	d := open(t)
	d.queue()
	say := func(n int) {
		for i := range n {
			d.step(chat.Tells{What: wire.TellHold, Text: strings.Repeat("Still here. ", i+2)})
		}
	}
	d.step(chat.Tells{What: wire.TellGreeting, Text: "Hello."})
	say(20)
	scroll := d.v.wait.told.scroll
	bottom := func() bool {
		return scroll.Offset.Y >= scroll.Content.MinSize().Height-scroll.Size().Height-2
	}
	if scroll.Offset.Y == 0 || !bottom() {
		t.Fatalf("the newest is not in view: %v", scroll.Offset)
	}
	d.key(fyne.KeyPageUp)
	before := scroll.Offset.Y
	d.step(chat.Tells{What: wire.TellNotice, Text: "Outage."})
	if scroll.Offset.Y != before || bottom() {
		t.Errorf("reading is disturbed: from %v to %v", before, scroll.Offset.Y)
	}
}

// TestP07ANoticeIsInViewInTheLargestText has the text grow over the window while
// nothing is read.
func TestP07ANoticeIsInViewInTheLargestText(t *testing.T) {
	d := open(t)
	d.queue()
	d.w.Resize(fyne.NewSize(420, 520))
	d.step(chat.Tells{What: wire.TellGreeting, Text: "Thank you for coming. A support rep will be with you soon."})
	for d.m.State().CanLarger {
		d.step(chat.Font{Step: 1})
	}
	scroll := d.v.wait.told.scroll
	end := func() float32 { return scroll.Content.MinSize().Height - scroll.Size().Height }
	if scroll.Offset.Y != 0 || end() < 20 {
		t.Fatalf("at %v of %v: the text is not larger than the window", scroll.Offset.Y, end())
	}
	d.step(chat.Tells{What: wire.TellNotice, Title: "Outage", Text: "Mail is down."})
	if scroll.Offset.Y < end()-2 {
		t.Errorf("at %v of %v: the notice is out of view", scroll.Offset.Y, end())
	}
}

// TestTheWaitIsReachedInTheSmallestWindow has the text be as large as it gets.
func TestTheWaitIsReachedInTheSmallestWindow(t *testing.T) {
	for name, do := range map[string]func(*desk) []fyne.CanvasObject{
		"wait": func(d *desk) []fyne.CanvasObject {
			d.waits()
			return []fyne.CanvasObject{d.v.wait.stop, d.v.wait.told.scroll}
		},
		"agreement": func(d *desk) []fyne.CanvasObject {
			d.asks(wire.AskedAgreement, strings.Repeat("Be kind to each other. ", 300))
			return []fyne.CanvasObject{d.v.wait.ask.yes, d.v.wait.ask.no, d.v.wait.ask.scroll}
		},
		"cut": func(d *desk) []fyne.CanvasObject {
			d.waits()
			d.step(chat.BrokerCut{})
			return []fyne.CanvasObject{d.v.wait.stop}
		},
		"words": func(d *desk) []fyne.CanvasObject {
			d.queue()
			d.step(chat.Taken{})
			d.step(chat.Session{State: unproved()})
			return []fyne.CanvasObject{d.v.talk.words.same, d.v.talk.words.differ}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			d.w.Resize(smallest())
			for range 5 {
				d.step(chat.Font{Step: 1})
			}
			for _, o := range do(d) {
				at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
				if end := at.Y + o.Size().Height; at.Y < 0 || end > smallest().Height || at.X+o.Size().Width > smallest().Width {
					t.Errorf("%T is at %v with %v", o, at, o.Size())
				}
				if o.Size().Height < 30 {
					t.Errorf("%T is only %v high", o, o.Size().Height)
				}
			}
		})
	}
}

// TestW01AnAgreementIsReadInTheLargestTextToo: what stands above it gives way
// before it has to be read line by line.
func TestW01AnAgreementIsReadInTheLargestTextToo(t *testing.T) {
	d := open(t)
	d.w.Resize(fyne.NewSize(340, 520))
	for range 5 {
		d.step(chat.Font{Step: 1})
	}
	d.asks(wire.AskedAgreement, strings.Repeat("Be kind to each other. ", 40))
	line := 1.4 * theme.TextSize()
	if h := d.v.wait.ask.scroll.Size().Height; h < 4*line {
		t.Errorf("%.0f high, a line %.0f", h, line)
	}
}

func TestZ03TheWordsAreAskedForAndOtherFilesWait(t *testing.T) {
	d := open(t)
	d.queue()
	d.step(chat.Taken{})
	d.step(chat.Session{State: unproved()})
	d.passes(chat.ArmTime)
	d.step(chat.Files{Paths: []string{"/tmp/a"}})
	if got := d.v.talk.why.String(); got != string(words.FilesUnproved) {
		t.Errorf("says %q", got)
	}
	if d.w.Canvas().Focused() != d.v.talk.words.differ {
		t.Errorf("the focus is on %T", d.w.Canvas().Focused())
	}
	test.Tap(d.v.talk.words.same)
	if !d.did(chat.Do{Event: session.Compared{Same: true}}) {
		t.Errorf("did %+v", d.effects)
	}
	sure := unproved()
	sure.Verified = true
	d.step(chat.Session{State: sure})
	if d.v.talk.words.card.Visible() {
		t.Error("the words are still asked for")
	}
}

// TestZ03TheSafeAnswerHasTheFocusHoweverLateTheWindowIsDrawn: a busy machine may
// draw the page for the first time when answers count already.
func TestZ03TheSafeAnswerHasTheFocusHoweverLateTheWindowIsDrawn(t *testing.T) {
	d := open(t)
	d.queue()
	d.m.Step(d.now, chat.Taken{})
	d.m.Step(d.now, chat.Session{State: unproved()})
	d.now = d.now.Add(chat.ArmTime)
	d.step(chat.Tick{})
	if d.w.Canvas().Focused() != d.v.talk.words.differ {
		t.Errorf("the focus is on %T", d.w.Canvas().Focused())
	}
	d.step(chat.CloseAsked{})
	d.step(chat.CloseDismissed{})
	if d.w.Canvas().Focused() != d.v.talk.words.differ {
		t.Errorf("after a question on top the focus is on %T", d.w.Canvas().Focused())
	}
}

// TestASecondVisitShowsItsOwnTexts: and not those of the first, which a window
// that is used again has drawn before. It draws what comes together once.
func TestASecondVisitShowsItsOwnTexts(t *testing.T) {
	d := open(t)
	d.queue()
	d.step(chat.Tells{What: wire.TellGreeting, Text: "Good morning."})
	d.step(chat.Finished{Why: wire.EndNobody})
	d.step(chat.Again{})
	d.m.Step(d.now, chat.Submit{Code: "482913507"})
	d.m.Step(d.now, chat.Reached{})
	d.m.Step(d.now, chat.Admitted{Portal: "Example IT Services"})
	d.step(chat.Tells{What: wire.TellGreeting, Text: "Good evening."})
	shown := test.RenderToMarkup(d.w.Canvas())
	if !strings.Contains(shown, "Good evening.") || strings.Contains(shown, "Good morning.") {
		t.Errorf("the window shows %s", shown)
	}
}

func TestZ04AProvedRepShowsACheckMark(t *testing.T) {
	d := open(t)
	s := unproved()
	s.Verified, s.Certified = true, "Ana Petrović"
	d.queue()
	d.step(chat.Taken{})
	d.step(chat.Session{State: s})
	if !d.v.talk.proved.Visible() || d.v.talk.by.String() != "Proved by Example IT Services" {
		t.Errorf("says %q", d.v.talk.by.String())
	}
	d.step(chat.Session{State: talking()})
	if d.v.talk.proved.Visible() {
		t.Error("a session with a key shows it, too")
	}
}

func TestE02SendingLeadsToTheFirstQuestionThatWasMissed(t *testing.T) {
	d := open(t)
	d.helped()
	many := questions()
	for id := uint32(5); id < 12; id++ {
		many.Survey.Questions = append(many.Survey.Questions, wire.SurveyQuestion{
			ID: id, Form: wire.FormRating, Text: "And this?", Required: id == 8 || id == 11,
		})
	}
	d.step(many)
	d.step(chat.Fill{Filling: session.Rate{ID: 1, Rating: 4}})
	page, places := d.v.end.page, d.v.end.survey.Places()
	leads := func(to string) {
		t.Helper()
		d.w.Canvas().Focus(d.v.end.survey.Places()["survey-send"].(*look.Button))
		d.key(fyne.KeySpace)
		if any(d.w.Canvas().Focused()) != any(places[to]) {
			t.Fatalf("the focus is on %T", d.w.Canvas().Focused())
		}
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(places[to])
		if at.Y < 0 || at.Y+places[to].Size().Height > page.Size().Height {
			t.Errorf("%s is at %v, out of view", to, at)
		}
	}
	leads("survey-rating-8-1")
	leads("survey-rating-8-1") // as often as it is sent
	d.step(chat.Fill{Filling: session.Rate{ID: 8, Rating: 4}})
	leads("survey-rating-11-1")
	d.w.Canvas().Focus(places["survey-rating-1-1"].(*look.Button))
	d.passes(time.Minute)
	d.v.Show(d.m.State())
	if any(d.w.Canvas().Focused()) != any(places["survey-rating-1-1"]) {
		t.Error("the focus is taken from somebody who answers")
	}
}

func TestZ03TheWordsWaitForTheConnectionAndSaySo(t *testing.T) {
	d := open(t)
	d.queue()
	d.step(chat.Taken{})
	d.step(chat.Session{State: unproved()})
	d.passes(chat.ArmTime)
	cut := unproved()
	cut.Linked = false
	d.step(chat.Session{State: cut})
	card := d.v.talk.words
	if !card.card.Visible() || !card.same.Disabled() || card.differ.Disabled() || card.why.String() != string(words.CompareCut) {
		t.Fatalf("same works: %v, differ works: %v, it says %q", !card.same.Disabled(), !card.differ.Disabled(), card.why)
	}
	d.step(chat.Session{State: unproved()})
	if !card.same.Disabled() {
		t.Error("it can be answered in the moment the connection is back")
	}
	d.passes(chat.ArmTime)
	if card.same.Disabled() || card.why.String() != string(words.CompareText) {
		t.Errorf("it stays shut, and says %q", card.why)
	}
}
