package consoleview

import (
	"image/color"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// bench is a rep's place in a test: the view in a window, and what the rep did there.
type bench struct {
	*testing.T
	v       *View
	w       fyne.Window
	did     []console.Event
	viewers map[wire.SessionID]fyne.CanvasObject
	opened  []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(look.Theme{})
	b := &bench{T: t, viewers: map[wire.SessionID]fyne.CanvasObject{}}
	b.v = New(Actions{
		Do: func(e console.Event) { b.did = append(b.did, e) },
		Viewer: func(id wire.SessionID) fyne.CanvasObject {
			if b.viewers[id] == nil {
				b.viewers[id] = canvas.NewRectangle(color.Black)
			}
			return b.viewers[id]
		},
		Open: func(u *url.URL) { b.opened = append(b.opened, u.String()) },
	}, words.Speaker{})
	b.w = test.NewTempWindow(t, nil)
	b.v.Fill(b.w)
	b.w.Resize(fyne.NewSize(1280, 800))
	return b
}

// showing is a bench that shows a state.
func showing(t *testing.T, s console.State) *bench {
	t.Helper()
	b := newBench(t)
	b.v.Show(s)
	b.did = nil
	return b
}

// events gives and forgets what the rep did, without the moves of the focus.
func (b *bench) events() []console.Event {
	did := slices.DeleteFunc(b.did, func(e console.Event) bool {
		_, focus := e.(console.Focus)
		return focus
	})
	b.did = nil
	return did
}

func (b *bench) want(what string, events ...console.Event) {
	b.Helper()
	if got := b.events(); !reflect.DeepEqual(got, events) && len(got)+len(events) > 0 {
		b.Errorf("%s: did %#v, want %#v", what, got, events)
	}
}

// find gives the first thing in sight, in the order of drawing, that fits.
func (b *bench) find(what string, fits func(fyne.CanvasObject) bool) fyne.CanvasObject {
	b.Helper()
	if o := find(b.w.Content(), fits); o != nil {
		return o
	}
	b.Fatalf("there is no %s", what)
	return nil
}

func find(o fyne.CanvasObject, fits func(fyne.CanvasObject) bool) fyne.CanvasObject {
	if !o.Visible() {
		return nil
	}
	if fits(o) {
		return o
	}
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		inside = o.Objects
	case fyne.Widget:
		inside = test.WidgetRenderer(o).Objects()
	}
	for _, i := range inside {
		if found := find(i, fits); found != nil {
			return found
		}
	}
	return nil
}

// textOf is what stands on something that can be pressed.
func textOf(o fyne.CanvasObject) string {
	switch o := o.(type) {
	case *tool:
		return o.Text
	case *look.Button:
		return o.Text
	}
	return ""
}

// press taps the button with a text.
func (b *bench) press(x words.Sentence) {
	b.Helper()
	text := b.v.say(x)
	test.Tap(b.find("button "+text, func(o fyne.CanvasObject) bool { return textOf(o) == text }).(fyne.Tappable))
}

// pressHint taps the button whose hint begins so.
func (b *bench) pressHint(x words.Sentence) {
	b.Helper()
	hint := b.v.say(x)
	test.Tap(b.find("button with the hint "+hint, func(o fyne.CanvasObject) bool {
		t, ok := o.(*tool)
		return ok && strings.HasPrefix(t.Hint, hint)
	}).(fyne.Tappable))
}

// reads says whether a text can be seen.
func (b *bench) reads(text string) bool {
	return find(b.w.Content(), func(o fyne.CanvasObject) bool {
		switch o := o.(type) {
		case *canvas.Text:
			return strings.Contains(o.Text, text)
		case interface{ String() string }:
			return strings.Contains(o.String(), text)
		}
		return false
	}) != nil
}

func (b *bench) write(keys string) { test.Type(b.w.Canvas().Focused(), keys) }

func TestTheWindowOfEachState(t *testing.T) {
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			b := showing(t, s.state)
			b.w.Canvas().Unfocus()
			test.AssertRendersToMarkup(t, s.name+".xml", b.w.Canvas())
		})
	}
}

func TestTheNarrowWindowOfEachState(t *testing.T) {
	for _, name := range []string{"many-keys", "controlling", "many-sessions"} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.w.Resize(fyne.NewSize(900, 600))
			for _, s := range scenes() {
				if s.name == name {
					b.v.Show(s.state)
				}
			}
			b.w.Canvas().Unfocus()
			test.AssertRendersToMarkup(t, name+"-900.xml", b.w.Canvas())
		})
	}
}

// Whatever is shown, a small window must be possible.
func TestEveryStateFitsIntoASmallWindow(t *testing.T) {
	for _, s := range scenes() {
		b := showing(t, s.state)
		if m := b.w.Content().MinSize(); m.Width > 800 || m.Height > 560 {
			t.Errorf("%s needs %v", s.name, m)
		}
	}
}

// Showing the same again must not draw anything anew: the console shows its
// state once a second while something counts down.
func TestShowingTheSameAgainChangesNothing(t *testing.T) {
	for _, s := range scenes() {
		b := showing(t, s.state)
		before := test.RenderToMarkup(b.w.Canvas())
		focused := b.w.Canvas().Focused()
		b.v.Show(s.state)
		if test.RenderToMarkup(b.w.Canvas()) != before {
			t.Errorf("%s looks different when it is shown again", s.name)
		}
		if b.w.Canvas().Focused() != focused {
			t.Errorf("%s moves the focus when it is shown again", s.name)
		}
		if len(b.events()) > 0 {
			t.Errorf("%s does something by being shown", s.name)
		}
	}
}

func TestTheEnrolmentCodeIsSentByEnterAndByButton(t *testing.T) {
	b := showing(t, console.State{Now: noon(), SignIn: console.Unknown})
	b.press(words.RepEnrol)
	b.want("without a code")
	b.w.Canvas().Focus(b.v.gate.code)
	b.write(" ABCD-1234 ")
	b.press(words.RepEnrol)
	b.want("by button", console.EnterCode{Code: "ABCD-1234"})
	b.v.gate.code.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	b.want("by Enter", console.EnterCode{Code: "ABCD-1234"})
}

func TestTheProblemCardTriesAgain(t *testing.T) {
	s := at()
	s.SignIn, s.Problem = console.Away, words.SignedInElse
	b := showing(t, s)
	if !b.reads("You have signed in from another console.") {
		t.Error("nothing says what is wrong")
	}
	b.press(words.RepTryNow)
	b.want("try now", console.TryAgain{})
}

func TestSessionsAreNeverHiddenBehindTheSignIn(t *testing.T) {
	s := with(at(), visit(1, "Maria Huber", session.Talking, talk()))
	s.SignIn = console.Unknown
	if b := showing(t, s); !b.reads("Maria Huber") {
		t.Error("the session is out of sight")
	}
}

func TestK06EverythingThatCanBeDoneWithAKey(t *testing.T) {
	b := showing(t, at())
	b.press(words.RepNewKey)
	b.want("new key", console.NewKey{})
	b.v.rail.life.SetSelectedIndex(2)
	b.want("life", console.ChooseLife{Life: time.Hour})

	b.v.Show(with(at(), key("482913", "507264", 9*time.Minute+41*time.Second)))
	for _, text := range []string{"482 913", "507 264", "Valid for 9:41"} {
		if !b.reads(text) {
			t.Errorf("%q is not to be read", text)
		}
	}
	b.press(words.RepCopyKey)
	b.want("copy key", console.CopyKey{Number: "482913"})
	b.press(words.RepCopyLink)
	b.want("copy link", console.CopyLink{Number: "482913"})
	b.press(words.RepInvitation)
	b.press(words.RepMailIt)
	b.want("mail", console.MailInvitation{Number: "482913"})
	b.press(words.RepCopyText)
	b.want("copy invitation", console.CopyInvitation{Number: "482913"})
	b.press(words.RepReadOut)
	for _, text := range []string{"four eight two — nine one three", "five zero seven — two six four"} {
		if !b.reads(text) {
			t.Errorf("%q is not to be read", text)
		}
	}
	b.press(words.RepQR)
	b.find("QR code", func(o fyne.CanvasObject) bool {
		m, ok := o.(*canvas.Image)
		return ok && m.Image != nil && m.Image.Bounds().Dx() > 100
	})
	b.press(words.RepRevoke)
	b.want("revoke", console.Revoke{Number: "482913"})
}

func TestK06RevokingIsAskedInTheCardAndEnterDoesNotSayYes(t *testing.T) {
	s := with(at(), key("482913", "507264", 9*time.Minute))
	b := showing(t, s)
	s.Question = console.Question{Ask: console.RevokeKey, Number: "482913"}
	b.v.Show(s)
	card := b.v.rail.cards["482913"]
	card.yes.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	b.want("Enter")
	b.press(words.RepRevokeYes)
	b.want("yes", console.Yes{})
	b.press(words.RepRevokeNo)
	b.want("no", console.No{})
	s.Question = console.Question{}
	b.v.Show(s)
	if b.reads("Take this key back?") {
		t.Error("the question stays after the answer")
	}
}

func TestK06ADeadKeyShowsNoSecretAndCanBePutAway(t *testing.T) {
	for _, stage := range []console.KeyStage{console.KeyBurnt, console.KeyExpired, console.KeyRevoked, console.KeyUsed} {
		b := showing(t, with(at(), key("482913", "507264", 0, staged(stage, 3))))
		if b.reads("507 264") {
			t.Errorf("stage %d shows the secret", stage)
		}
		b.pressHint(words.RepPutAway)
		b.want("put away", console.PutAway{Number: "482913"})
	}
}

func TestK06AnotherKeyUnfoldsWhenPressed(t *testing.T) {
	s := with(at(), key("482913", "507264", time.Hour), key("482914", "111222", 47*time.Minute))
	b := showing(t, s)
	test.Tap(b.v.rail.cards["482914"].unfold)
	if card := b.v.rail.cards["482914"]; card.large == nil || find(card.object, func(o fyne.CanvasObject) bool { return textOf(o) == "Revoke" }) == nil {
		t.Error("the card stays folded")
	}
}

func TestWithoutALinkThereIsNoneToCopy(t *testing.T) {
	b := showing(t, with(at(), key("482913", "507264", time.Hour, func(k *console.Key) { k.Link = "" })))
	b.press(words.RepCopyLink)
	b.press(words.RepQR)
	b.want("without a link")
}

func TestK02WhoWaitsIsTakenFromTheListAndFromThePage(t *testing.T) {
	b := showing(t, with(at(), visit(1, "Maria Huber", session.Waiting), visit(2, "Noor Haddad", session.Waiting)))
	test.Tap(b.v.start.accept)
	b.want("page", console.Accept{ID: id(1)})
	test.Tap(b.v.start.decline)
	b.want("page", console.Decline{ID: id(1)})
	test.Tap(b.v.rail.seats[id(2)].press)
	b.want("row", console.Select{ID: id(2)})
	b.press(words.RepAccept)
	b.want("list", console.Accept{ID: id(1)})
}

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
	b.v.panes[id(1)].stage.monitors.SetSelectedIndex(2)
	b.want("second monitor", console.PickMonitor{ID: id(1), Monitor: 2})
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

func TestAnEndedSessionCanBeReadAndClosed(t *testing.T) {
	b := showing(t, with(at(), visit(1, "Maria Huber", session.Over, talk())))
	if b.v.panes[id(1)].compose.Visible() {
		t.Error("one can still write")
	}
	b.press(words.RepClose)
	b.want("close", console.End{ID: id(1)})
}

// shortcuts is a canvas of which nothing is used but its shortcuts.
type shortcuts struct {
	fyne.Canvas
	handler fyne.ShortcutHandler
}

func (s *shortcuts) AddShortcut(on fyne.Shortcut, do func(fyne.Shortcut)) {
	s.handler.AddShortcut(on, do)
}
func (s *shortcuts) TypedShortcut(on fyne.Shortcut) { s.handler.TypedShortcut(on) }

func TestK10Shortcuts(t *testing.T) {
	const ctrl, alt, shift = fyne.KeyModifierShortcutDefault, fyne.KeyModifierAlt, fyne.KeyModifierShift
	rows := []struct {
		mods fyne.KeyModifier
		key  fyne.KeyName
		want console.Event
	}{
		{ctrl, fyne.KeyN, console.NewKey{}},
		{ctrl, fyne.KeyReturn, console.Accept{}},
		{ctrl, fyne.Key1, console.SelectTab{Place: 0}},
		{ctrl, fyne.Key9, console.SelectTab{Place: 8}},
		{ctrl, fyne.KeyTab, console.NextTab{By: 1}},
		{ctrl | shift, fyne.KeyTab, console.NextTab{By: -1}},
		{ctrl, fyne.KeyW, console.End{ID: id(1)}},
		{ctrl, fyne.KeyD, console.Detach{ID: id(1), On: true}},
		{alt, fyne.KeyReturn, console.FullScreen{ID: id(1), On: true}},
		{ctrl, fyne.KeyG, console.Nudge{ID: id(1)}},
		{ctrl, fyne.KeyR, console.AskFor{ID: id(1), What: wire.View | wire.Control}},
		{ctrl, fyne.KeyEqual, console.Font{By: 1}},
		{ctrl, fyne.KeyMinus, console.Font{By: -1}},
		{ctrl, fyne.Key0, console.Font{}},
		{ctrl, fyne.KeyB, console.Thin{On: true}},
		{ctrl, fyne.KeyQ, console.Quit{}},
	}
	b := showing(t, with(at(), visit(1, "Maria Huber", session.Talking)))
	var window shortcuts
	b.v.addShortcuts(&window, func() wire.SessionID { return id(1) })
	for _, r := range rows {
		s := &desktop.CustomShortcut{KeyName: r.key, Modifier: r.mods}
		window.TypedShortcut(s)
		b.want(s.ShortcutName(), r.want)
		b.v.panes[id(1)].entry.TypedShortcut(s) // Fyne asks the focused entry alone
		b.want(s.ShortcutName()+" while writing", r.want)
	}
}

// Every button, tab and row must be reached by Tab, and say what it is.
func TestK10EverythingIsReachedByTheKeyboard(t *testing.T) {
	for _, s := range scenes() {
		b := showing(t, s.state)
		b.w.Canvas().Unfocus()
		reached := map[fyne.Focusable]bool{}
		for range 200 {
			b.w.Canvas().(interface{ FocusNext() }).FocusNext()
			f := b.w.Canvas().Focused()
			if f == nil || reached[f] {
				break
			}
			reached[f] = true
		}
		find(b.w.Content(), func(o fyne.CanvasObject) bool {
			switch o := o.(type) {
			case *tool:
				if !o.Disabled() && !reached[o] {
					t.Errorf("%s: Tab does not reach %q", s.name, o.AccessibilityLabel())
				}
				if o.AccessibilityLabel() == "" {
					t.Errorf("%s: a button without words", s.name)
				}
			case *press:
				if !reached[o] {
					t.Errorf("%s: Tab does not reach %q", s.name, o.hintOf)
				}
			case *handle:
				if !reached[o] {
					t.Errorf("%s: Tab does not reach the divider", s.name)
				}
			}
			return false
		})
	}
}

func TestK10SpaceAndEnterPressWhatHasTheFocus(t *testing.T) {
	b := showing(t, with(at(), visit(1, "Maria Huber", session.Talking)))
	for _, k := range []fyne.KeyName{fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter} {
		b.v.panes[id(1)].nudge.TypedKey(&fyne.KeyEvent{Name: k})
		b.want(string(k), console.Nudge{ID: id(1)})
		b.v.tabs.home.TypedKey(&fyne.KeyEvent{Name: k})
		b.want(string(k), console.Select{})
	}
	b.v.panes[id(1)].nudge.Disable()
	b.v.panes[id(1)].nudge.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	b.want("disabled")
}

func TestK10TheDividerIsMovedByMouseAndByKeys(t *testing.T) {
	b := showing(t, with(at(), visit(1, "Maria Huber", session.Talking)))
	d := b.v.panes[id(1)].divide
	before := d.left.Size().Width
	d.handle.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(-60, 0)})
	b.want("while it is dragged")
	d.handle.DragEnd()
	if e := b.events(); len(e) != 1 || d.left.Size().Width >= before {
		t.Errorf("dragging did %v", e)
	}
	d.handle.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	if e := b.events(); len(e) != 1 {
		t.Errorf("the arrow key did %v", e)
	}
}

func TestHintsSayWhatAnIconMeans(t *testing.T) {
	b := showing(t, with(at(), visit(1, "Maria Huber", session.Talking)))
	move := b.v.panes[id(1)].move
	move.MouseIn(&desktop.MouseEvent{})
	if got := b.v.foot.label.Text; got != "Move this session into a window of its own  (Ctrl+D)" {
		t.Errorf("the foot says %q", got)
	}
	move.MouseOut()
	if got := b.v.foot.label.Text; got != "" {
		t.Errorf("the foot still says %q", got)
	}
}

func TestTheRemarkIsShownAndLeaves(t *testing.T) {
	s := at()
	s.Note = "Session key copied"
	b := showing(t, s)
	if !b.reads("Session key copied") {
		t.Error("the remark is not to be read")
	}
	b.v.Show(at())
	if b.reads("Session key copied") {
		t.Error("the remark stays")
	}
}

func TestC04TheChatGrowsWithTheSetting(t *testing.T) {
	s := with(at(), visit(1, "Maria Huber", session.Talking, talk()))
	b := showing(t, s)
	b.pressHint(words.TextLarger)
	b.want("larger", console.Font{By: 1})
	before := b.v.panes[id(1)].entry.MinSize().Height
	s.Settings.Font = 5
	b.v.Show(s)
	if after := b.v.panes[id(1)].entry.MinSize().Height; after <= before {
		t.Errorf("the entry is %v high, was %v", after, before)
	}
}

func TestClosingTheWindowAsksTheConsole(t *testing.T) {
	b := showing(t, with(at(), visit(1, "Maria Huber", session.Talking)))
	s := b.v.s
	s.Question = console.Question{Ask: console.QuitConsole, Count: 1}
	b.v.Show(s)
	b.press(words.RepQuitNo)
	b.press(words.RepQuitYes)
	b.want("answers", console.No{}, console.Yes{})
}

func TestInASmallWindowTheBarComesOutForAMoment(t *testing.T) {
	b := newBench(t)
	b.w.Resize(fyne.NewSize(900, 600))
	s := with(at(), key("482913", "507264", time.Hour))
	b.v.Show(s)
	if b.reads("507 264") {
		t.Fatal("the bar is wide")
	}
	test.Tap(b.v.rail.thinKey)
	b.want("new key", console.NewKey{})
	if !b.reads("507 264") {
		t.Error("the key can't be read")
	}
	b.v.Show(with(s, visit(1, "Maria Huber", session.Talking)))
	if b.reads("507 264") {
		t.Error("the bar is still wide in a session")
	}
}

func TestPlacesNameWhatCanBeSeen(t *testing.T) {
	b := showing(t, with(at(), key("482913", "507264", time.Hour), visit(1, "Maria Huber", session.Talking, talk())))
	places := b.v.Places()
	for _, name := range []string{"new-key", "key", "revoke", "entry", "nudge", "end", "ask-control", "ask-view"} {
		if places[name].W == 0 {
			t.Errorf("%s has no place", name)
		}
	}
	if places["key"].Text != "482 913 · 507 264" {
		t.Errorf("the key reads %q", places["key"].Text)
	}
	if _, there := places["give-back"]; there {
		t.Error("a button out of sight has a place")
	}
	if !strings.Contains(places["lines"].Text, "My printer says it is offline.") {
		t.Errorf("the lines read %q", places["lines"].Text)
	}
}
