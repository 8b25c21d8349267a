package consoleview

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"handrail/rep-console/console"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

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
	for _, name := range []string{"many-keys", "controlling", "many-sessions", "queues-picked", "compare", "session-moving", "tell-written"} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.w.Resize(fyne.NewSize(900, 600))
			for _, s := range slices.Concat(scenes(), queueScenes(), tellScenes()) {
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
	for _, s := range slices.Concat(scenes(), fileScenes(), queueScenes(), surveyScenes(), noteScenes(), tellScenes()) {
		b := showing(t, s.state)
		if m := b.w.Content().MinSize(); m.Width > 800 || m.Height > 560 {
			t.Errorf("%s needs %v", s.name, m)
		}
	}
}

// Showing the same again must not draw anything anew: the console shows its
// state once a second while something counts down.
func TestShowingTheSameAgainChangesNothing(t *testing.T) {
	for _, s := range slices.Concat(scenes(), fileScenes(), queueScenes(), surveyScenes(), noteScenes(), tellScenes()) {
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
	test.Tap(b.v.rail.cards["482914"].fold)
	if card := b.v.rail.cards["482914"]; find(card.object, func(o fyne.CanvasObject) bool { return textOf(o) == "Revoke" }) != nil {
		t.Error("the card stays unfolded")
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
	for _, s := range slices.Concat(scenes(), fileScenes(), queueScenes(), surveyScenes(), noteScenes(), tellScenes()) {
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
	for _, name := range []string{"new-key", "copy-key", "revoke", "entry", "nudge", "end", "ask-control", "ask-view"} {
		if places[name].W == 0 {
			t.Errorf("%s has no place", name)
		}
	}
	for _, name := range []string{"give-back", "accept"} {
		if _, there := places[name]; there {
			t.Errorf("%s is out of sight and has a place", name)
		}
	}
	if tab := places["tab-1"]; tab.W == 0 || tab.Text != "Maria Huber" {
		t.Errorf("the tab is %+v", tab)
	}
	if b, err := json.Marshal(places); err != nil || strings.Contains(strings.ReplaceAll(string(b), " ", ""), "507264") {
		t.Errorf("a file tells the secret of a key: %s, %v", b, err)
	}
	if !strings.Contains(places["lines"].Text, "My printer says it is offline.") {
		t.Errorf("the lines read %q", places["lines"].Text)
	}
}
