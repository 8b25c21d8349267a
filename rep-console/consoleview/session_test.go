package consoleview

import (
	"image/color"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

func TestK03TabsChooseAndClose(t *testing.T) {
	s := with(at(), visit(1, "Maria Huber", session.Talking, talk()), visit(2, "Noor Haddad", session.Talking, unread(3)))
	b := showing(t, s)
	test.Tap(b.v.tabs.all[id(2)].press)
	b.want("second tab", console.Select{ID: id(2)})
	test.Tap(b.v.tabs.all[id(1)].shut)
	b.want("close", console.Select{ID: id(1)}, console.End{ID: id(1)})
	test.Tap(b.v.tabs.home)
	b.want("start page", console.Select{})
	if !b.reads("3") {
		t.Error("the unread mark is missing")
	}
}

func TestK03EachTabKeepsItsDraft(t *testing.T) {
	s := with(at(), visit(1, "Maria Huber", session.Talking), visit(2, "Noor Haddad", session.Talking, func(x *console.Session) { x.Draft = "kept" }))
	b := showing(t, s)
	b.write("half")
	s.Selected = id(2)
	b.v.Show(s)
	if got := b.v.panes[id(2)].entry.Text; got != "kept" {
		t.Errorf("the other tab's entry holds %q", got)
	}
	s.Selected = id(1)
	b.v.Show(s)
	if got := b.v.panes[id(1)].entry.Text; got != "half" {
		t.Errorf("the entry holds %q", got)
	}
	if b.w.Canvas().Focused() != b.v.panes[id(1)].entry {
		t.Error("the cursor is not in the entry")
	}
}

func TestC01EnterSendsAndTheEntryIsEmptyThen(t *testing.T) {
	b := showing(t, with(at(), visit(1, "Maria Huber", session.Talking)))
	b.write("Good morning")
	b.events()
	b.v.panes[id(1)].entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	b.want("Enter", console.Draft{ID: id(1)}, console.Say{ID: id(1), Text: "Good morning"})
	if got := b.v.panes[id(1)].entry.Text; got != "" {
		t.Errorf("the entry still holds %q", got)
	}
}

func TestC01WhatCannotBeSentStays(t *testing.T) {
	b := showing(t, with(at(), visit(1, "Maria Huber", session.Talking, func(x *console.Session) { x.State.Full = true })))
	b.write("Good morning")
	b.pressHint(words.SendMessage)
	if got := b.v.panes[id(1)].entry.Text; got != "Good morning" {
		t.Errorf("the entry holds %q", got)
	}
}

func TestC05TheNudgeButtonCountsItsRest(t *testing.T) {
	s := with(at(), visit(1, "Maria Huber", session.Talking))
	b := showing(t, s)
	b.press(words.RepNudge)
	b.want("nudge", console.Nudge{ID: id(1)})
	if b.w.Canvas().Focused() != b.v.panes[id(1)].entry {
		t.Error("the click took the cursor out of the entry")
	}
	s.Sessions[0].State.NudgeFrom = noon().Add(9500 * time.Millisecond)
	b.v.Show(s)
	nudge := b.v.panes[id(1)].nudge
	if nudge.Text != "Nudge (10 s)" || !nudge.Disabled() {
		t.Errorf("the button says %q, disabled %v", nudge.Text, nudge.Disabled())
	}
	s.Now = s.Sessions[0].State.NudgeFrom
	b.v.Show(s)
	if nudge.Text != "Nudge" || nudge.Disabled() {
		t.Errorf("after its rest the button says %q, disabled %v", nudge.Text, nudge.Disabled())
	}
}

func TestS01AskingWaitingViewingControllingGivingBack(t *testing.T) {
	state := func(change ...func(*console.Session)) console.State {
		return with(at(), visit(1, "Maria Huber", session.Talking, change...))
	}
	b := showing(t, state())
	b.press(words.RepAskControl)
	b.want("view and control", console.AskFor{ID: id(1), What: wire.View | wire.Control})
	b.press(words.RepAskView)
	b.want("view only", console.AskFor{ID: id(1), What: wire.View})

	b.v.Show(state(func(x *console.Session) { x.State.Request = &session.Request{What: wire.View} }))
	b.press(words.RepTakeBack)
	b.want("take the question back", console.GiveBack{ID: id(1), What: wire.View})

	b.v.Show(state(granted(wire.View)))
	if !b.viewers[id(1)].Visible() {
		t.Error("the screen is not shown")
	}
	b.press(words.RepTakeControl)
	b.want("ask for control", console.AskFor{ID: id(1), What: wire.View | wire.Control})

	b.v.Show(state(granted(wire.View), func(x *console.Session) {
		x.State.Request = &session.Request{What: wire.View | wire.Control}
	}))
	b.press(words.RepTakeBack)
	b.want("the question for control leaves the screen", console.GiveBack{ID: id(1), What: wire.Control})

	b.v.Show(state(granted(wire.View | wire.Control)))
	b.press(words.RepGiveBack)
	b.want("give control back", console.GiveBack{ID: id(1), What: wire.Control})
	b.press(words.RepStopViewing)
	b.want("stop viewing", console.GiveBack{ID: id(1), What: wire.View | wire.Control})

	b.v.Show(state(func(x *console.Session) { x.State.AskFrom = noon().Add(5 * time.Second) }))
	b.press(words.RepAskView)
	b.want("right after a refusal")
	if b.viewers[id(1)].Visible() {
		t.Error("the screen is still shown")
	}
}

func TestS04MonitorsAreChosenWhereThereAreSeveral(t *testing.T) {
	one := wire.Monitor{ID: 1, W: 1920, H: 1080}
	two := wire.Monitor{ID: 2, X: 1920, W: 1280, H: 1024}
	b := showing(t, with(at(), visit(1, "Maria Huber", session.Talking, granted(wire.View, one))))
	if b.v.panes[id(1)].stage.monitors.Visible() {
		t.Error("one monitor is offered as a choice")
	}
	b.v.Show(with(at(), visit(1, "Maria Huber", session.Talking, granted(wire.View, one, two))))
	if b.v.panes[id(1)].stage.monitors.Size().IsZero() {
		t.Error("the choice has no room")
	}
	b.v.panes[id(1)].stage.monitors.SetSelectedIndex(2)
	b.want("second monitor", console.PickMonitor{ID: id(1), Monitor: 2})
}

// TestK02TheScreenOfWhoWasTakenFromAQueueIsSeen: the tab is there before the two
// programs have met, and the screen only afterwards.
func TestK02TheScreenOfWhoWasTakenFromAQueueIsSeen(t *testing.T) {
	b := newBench(t)
	nothing, screen := canvas.NewRectangle(nil), canvas.NewRectangle(color.Black)
	viewer := fyne.CanvasObject(nothing)
	b.v.act.Viewer = func(wire.SessionID) fyne.CanvasObject { return viewer }
	b.v.Show(with(at(), visit(1, "Maria Huber", session.Waiting, func(x *console.Session) { x.Taken, x.Meeting = true, true })))
	viewer = screen
	sharing := visit(1, "Maria Huber", session.Talking, func(x *console.Session) { x.State.Granted = wire.View })
	b.v.Show(with(at(), sharing))
	if fyne.CurrentApp().Driver().CanvasForObject(screen) == nil || !slices.Contains(b.v.panes[id(1)].stage.place.Objects, fyne.CanvasObject(screen)) || !screen.Visible() {
		t.Error("the rep sees nothing of the screen that is shared")
	}
}

// entered is a viewer that takes the keyboard.
type entered struct {
	fyne.CanvasObject
	v     *View
	times int
}

func (e *entered) Enter() {
	e.times++
	e.v.window.Canvas().Unfocus()
}

func TestK10TheKeyboardGoesToThePictureAndBack(t *testing.T) {
	s := with(at(), visit(1, "Maria Huber", session.Talking, granted(wire.View)))
	b := showing(t, s)
	p := b.v.panes[id(1)]
	picture := &entered{CanvasObject: p.viewer, v: b.v}
	p.viewer = picture
	c := b.v.window.Canvas()
	c.Focus(p.entry)
	b.v.switchKeyboard(id(1))
	if picture.times != 1 || p.entry.focused {
		t.Fatalf("the picture was entered %d times", picture.times)
	}
	b.v.switchKeyboard(id(1))
	if c.Focused() != p.entry || picture.times != 1 {
		t.Error("the keyboard does not come back")
	}
}

func TestTheViewerIsHiddenWhereverItCannotBeSeen(t *testing.T) {
	s := with(at(), visit(1, "Maria Huber", session.Talking, granted(wire.View)), visit(2, "Noor Haddad", session.Talking))
	b := showing(t, s)
	viewer := b.viewers[id(1)]
	steps := []struct {
		name string
		do   func()
		want bool
	}{
		{"in front", func() {}, true},
		{"another tab", func() { s.Selected = id(2) }, false},
		{"in front again", func() { s.Selected = id(1) }, true},
		{"the start page", func() { s.Selected = wire.SessionID{} }, false},
		{"full screen", func() { s.Selected = id(1); s.Sessions[0].Full = true }, true},
		{"out of it", func() { s.Sessions[0].Full = false }, true},
		{"nothing shared", func() { s.Sessions[0].State.Granted = 0 }, false},
	}
	for _, step := range steps {
		s.Sessions = slices.Clone(s.Sessions)
		step.do()
		b.v.Show(s)
		if viewer.Visible() != step.want {
			t.Errorf("%s: visible is %v", step.name, viewer.Visible())
		}
		if full := s.Sessions[0].Full; b.w.FullScreen() != full {
			t.Errorf("%s: full screen is %v", step.name, b.w.FullScreen())
		}
	}
}

func TestK03ADetachedSessionHasItsOwnWindowAndComesBack(t *testing.T) {
	s := with(at(), visit(1, "Maria Huber", session.Talking, talk(), granted(wire.View)))
	b := showing(t, s)
	b.pressHint(words.RepDetach)
	b.want("detach", console.Detach{ID: id(1), On: true})
	windows := func() int { return len(fyne.CurrentApp().Driver().AllWindows()) }
	before := windows()
	s.Sessions = slices.Clone(s.Sessions)
	s.Sessions[0].Detached = true
	b.v.Show(s)
	if windows() != before+1 {
		t.Fatalf("%d windows", windows())
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(b.viewers[id(1)]); c == b.w.Canvas() {
		t.Error("the viewer stays in the main window")
	}
	b.press(words.RepAttach)
	b.want("put back", console.Detach{ID: id(1)})
	s.Sessions = slices.Clone(s.Sessions)
	s.Sessions[0].Detached = false
	b.v.Show(s)
	if windows() != before || !b.viewers[id(1)].Visible() {
		t.Errorf("%d windows, viewer visible %v", windows(), b.viewers[id(1)].Visible())
	}
}

func TestEndingIsAskedInTheTab(t *testing.T) {
	s := with(at(), visit(1, "Maria Huber", session.Talking))
	b := showing(t, s)
	b.press(words.RepEnd)
	b.want("end", console.End{ID: id(1)})
	s.Question = console.Question{Ask: console.EndSession, ID: id(1)}
	b.v.Show(s)
	b.press(words.RepEndNo)
	b.press(words.RepEndYes)
	b.want("answers", console.No{}, console.Yes{})
}

// TestK10AQuestionIsAnsweredByTheKeyboard: the safe answer has the focus, Enter
// does nothing that can't be undone, Esc goes on, and the focus comes back.
func TestK10AQuestionIsAnsweredByTheKeyboard(t *testing.T) {
	s := with(at(), visit(1, "Maria Huber", session.Talking))
	b := showing(t, s)
	p, c := b.v.panes[id(1)], b.w.Canvas()
	c.Focus(p.entry)
	asking := s
	asking.Question = console.Question{Ask: console.EndSession, ID: id(1)}
	b.v.Show(asking)
	if any(c.Focused()) != any(p.ask.no) {
		t.Fatalf("the focus is on %T", c.Focused())
	}
	b.events()
	for _, k := range []struct {
		on   *look.Button
		key  fyne.KeyName
		want []console.Event
	}{
		{p.ask.no, fyne.KeyEscape, []console.Event{console.No{}}},
		{p.ask.no, fyne.KeyReturn, []console.Event{console.No{}}},
		{p.ask.yes, fyne.KeyEscape, []console.Event{console.No{}}},
		{p.ask.yes, fyne.KeyReturn, nil},
		{p.ask.yes, fyne.KeySpace, []console.Event{console.Yes{}}},
	} {
		c.Focus(k.on)
		b.events()
		c.Focused().TypedKey(&fyne.KeyEvent{Name: k.key})
		b.want(string(k.key)+" on "+k.on.Text, k.want...)
	}
	b.v.Show(s)
	if any(c.Focused()) != any(p.entry) {
		t.Errorf("afterwards the focus is on %T", c.Focused())
	}
}

func TestK10TheQuestionBeforeQuittingHasTheKeyboard(t *testing.T) {
	s := with(at(), visit(1, "Maria Huber", session.Talking))
	b := showing(t, s)
	p, c := b.v.panes[id(1)], b.w.Canvas()
	c.Focus(p.entry)
	asking := s
	asking.Question = console.Question{Ask: console.QuitConsole, Count: 1}
	b.v.Show(asking)
	if any(c.Focused()) != any(b.v.quit.no) {
		t.Fatalf("the focus is on %T", c.Focused())
	}
	b.events()
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	b.want("Esc", console.No{})
	b.v.Show(s)
	if any(c.Focused()) != any(p.entry) {
		t.Errorf("afterwards the focus is on %T", c.Focused())
	}
}

func TestAnEndedSessionCanBeReadAndClosed(t *testing.T) {
	b := showing(t, with(at(), visit(1, "Maria Huber", session.Over, talk())))
	if b.v.panes[id(1)].compose.Visible() {
		t.Error("one can still write")
	}
	b.press(words.RepClose)
	b.want("close", console.End{ID: id(1)})
}

func TestASessionThatNeverBeganIsNotSaidToHaveEnded(t *testing.T) {
	b := showing(t, with(at(), visit(1, "Maria Huber", session.Over, func(x *console.Session) {
		x.State.Why, x.State.Began = wire.EndNeverMet, time.Time{}
	})))
	if !b.reads(string(words.RepNeverBegan)) || b.reads(string(words.RepOverTitle)) || b.reads(string(words.RepOverText)) {
		t.Error("it reads as if it had been")
	}
}
