package chatview

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"handrail/customer-client/chat"
	"handrail/shared/look"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

func start() time.Time { return time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC) }

// desk is a window with its model, as main joins them.
type desk struct {
	t       *testing.T
	m       *chat.Model
	v       *View
	w       fyne.Window
	now     time.Time
	events  []chat.Event
	effects []chat.Effect
	opened  []string
	folders []string
}

func open(t *testing.T) *desk {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(look.Theme{})
	d := &desk{t: t, now: start(), m: chat.New(start(), chat.Config{Site: "Example IT Services"})}
	d.v = New(chat.Actions{
		Step: d.step, Open: func(link string) { d.opened = append(d.opened, link) },
		Show: func(place string) { d.folders = append(d.folders, place) },
	}, words.Speaker{})
	d.w = test.NewTempWindow(t, nil)
	d.v.Attach(d.w)
	d.w.Resize(fyne.NewSize(420, 640))
	d.v.Show(d.m.State())
	return d
}

func (d *desk) step(e chat.Event) {
	d.events = append(d.events, e)
	d.effects = append(d.effects, d.m.Step(d.now, e)...)
	d.v.Show(d.m.State())
}

// passes lets time pass, waking the model when it wants to be.
func (d *desk) passes(span time.Duration) {
	end := d.now.Add(span)
	for at := d.m.Wake(); !at.IsZero() && !at.After(end); at = d.m.Wake() {
		d.now = at
		d.step(chat.Tick{})
	}
	d.now = end
}

// did says whether an effect was asked for.
func (d *desk) did(want chat.Effect) bool {
	return slices.Contains(d.effects, want)
}

func (d *desk) key(name fyne.KeyName) {
	d.t.Helper()
	f := d.w.Canvas().Focused()
	if f == nil {
		d.t.Fatal("nothing has the focus")
	}
	f.TypedKey(&fyne.KeyEvent{Name: name})
}

func (d *desk) connect() { d.step(chat.Submit{Code: "482913507264", Name: "Jo"}) }

// TestP03OnlyASessionKeyHasASecondHalf: whoever comes with a portal's code that
// works no more has no rep to ask for one.
func TestP03OnlyASessionKeyHasASecondHalf(t *testing.T) {
	for number, want := range map[string]words.Sentence{"482913": words.FormFilled, "482913507": words.FormIntro} {
		d := open(t)
		d.step(chat.SetNumber{Number: number})
		if len(number) == 9 {
			d.step(chat.Failed{Problem: words.BadPlace})
		}
		if got := d.v.form.intro.String(); d.m.State().Screen != chat.KeyForm || got != string(want) {
			t.Errorf("with %s: %q", number, got)
		}
	}
}

// talking is a session with some lines.
func talking() session.State {
	st := session.State{
		Role: wire.RoleCustomer, Stage: session.Talking, Peer: "Ana Petrović", Organisation: "Example IT Services",
		Linked: true, Began: start(), Acked: 1,
	}
	at := start()
	for _, l := range []session.Line{
		{Kind: session.LineAccepted},
		{Text: "Good morning! Please look at https://help.example.org/printers first."},
		{Text: "Done.", Mine: true, Seq: 1},
		{Text: "No change.", Mine: true, Seq: 2},
	} {
		at = at.Add(40 * time.Second)
		l.At = at
		st.Lines = append(st.Lines, l)
	}
	return st
}

// keeping is a session of which something is kept.
func keeping(st session.State, keep wire.Keep) session.State {
	st.Keep = keep
	st.Lines = slices.Insert(st.Lines, 1, session.Line{At: st.Lines[0].At, Kind: session.LineKept, Keep: keep})
	return st
}

func sharing() session.State {
	st := talking()
	st.Granted, st.SharedAt = wire.View|wire.Control, start()
	st.Lines = append(st.Lines, session.Line{At: start(), Kind: session.LineSharing, What: st.Granted, Sharing: wire.SharingGranted})
	return st
}

func (d *desk) asking() session.State {
	st := talking()
	st.Request = &session.Request{ID: 7, What: wire.View | wire.Control, Deadline: d.now.Add(session.PromptTime), Longest: d.now.Add(session.LongestPrompt)}
	return st
}

func over(why wire.EndWhy) session.State {
	st := talking()
	st.Stage, st.Why = session.Over, why
	st.Lines = append(st.Lines, session.Line{At: start().Add(14 * time.Minute), Kind: session.LineEnded, Why: why})
	return st
}

func TestEveryStateLooksAsItShould(t *testing.T) {
	cut := sharing()
	cut.Linked = false
	declined := over(wire.EndDeclined)
	declined.Began = time.Time{}
	ended := keeping(over(wire.EndByRep), wire.KeepReadable)
	for name, do := range map[string]func(*desk){
		"form":       func(*desk) {},
		"filled":     func(d *desk) { d.step(chat.SetNumber{Number: "482913"}) },
		"hint":       func(d *desk) { d.step(chat.Submit{Code: "482"}) },
		"problem":    func(d *desk) { d.connect(); d.step(chat.Failed{Problem: words.BadKey}) },
		"connecting": func(d *desk) { d.connect(); d.step(chat.Reached{}) },
		"accepting": func(d *desk) {
			d.connect()
			d.step(chat.Session{State: session.State{Role: wire.RoleCustomer, Peer: "Ana Petrović"}})
		},
		"session":  func(d *desk) { d.connect(); d.step(chat.Session{State: talking()}) },
		"kept":     func(d *desk) { d.connect(); d.step(chat.Session{State: keeping(talking(), wire.KeepSealed)}) },
		"kept-end": func(d *desk) { d.connect(); d.step(chat.Session{State: talking()}); d.step(chat.Session{State: ended}) },
		"sharing":  func(d *desk) { d.connect(); d.step(chat.Session{State: sharing()}) },
		"cut":      func(d *desk) { d.connect(); d.step(chat.Session{State: cut}) },
		"asked":    func(d *desk) { d.connect(); d.step(chat.Session{State: d.asking()}) },
		"armed":    func(d *desk) { d.connect(); d.step(chat.Session{State: d.asking()}); d.passes(chat.ArmTime) },
		"closing":  func(d *desk) { d.connect(); d.step(chat.Session{State: talking()}); d.step(chat.CloseAsked{}) },
		"ended":    func(d *desk) { d.connect(); d.step(chat.Session{State: over(wire.EndByRep)}) },
		"declined": func(d *desk) { d.connect(); d.step(chat.Session{State: declined}) },
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			do(d)
			d.v.way.rest() // what moves has no place in a picture
			test.AssertRendersToMarkup(t, name+".xml", d.w.Canvas())
		})
	}
}

func TestP03TheKeyIsGroupedWhileItIsTypedAndEnterConnects(t *testing.T) {
	d := open(t)
	test.Type(d.v.form.code, "482913507264")
	if got := d.v.form.code.Text; got != "482 913 · 507 264" {
		t.Errorf("shows %q", got)
	}
	test.Type(d.v.form.name, "Jo")
	d.v.form.code.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if d.v.shown.Screen != chat.Connecting {
		t.Fatal("not connecting")
	}
	d.step(chat.Failed{Problem: words.BrokerAway})
	if d.v.form.code.Text != "482 913 · 507 264" || d.v.form.name.Text != "Jo" {
		t.Error("what was typed is gone")
	}
	if !d.v.form.problem.Visible() {
		t.Error("no problem shown")
	}
	test.Type(d.v.form.name, "e")
	if d.v.form.problem.Visible() {
		t.Error("the problem stays while it is corrected")
	}
}

func TestC06StopSharingStandsInTheBannerAndStops(t *testing.T) {
	d := open(t)
	d.connect()
	d.step(chat.Session{State: talking()})
	if d.v.talk.banner.stop.Visible() {
		t.Error("something to stop while nothing is shared")
	}
	d.step(chat.Session{State: sharing()})
	stop := d.v.talk.banner.stop
	if !stop.Visible() {
		t.Fatal("no STOP SHARING")
	}
	middle := fyne.CurrentApp().Driver().AbsolutePositionForObject(stop).AddXY(stop.Size().Width/2, stop.Size().Height/2)
	test.TapCanvas(d.w.Canvas(), middle)
	if !d.did(chat.Do{Event: session.StopSharing{}}) {
		t.Error("not stopped")
	}
}

func TestC06StopSharingIsInViewInEverySizeOfWindowAndText(t *testing.T) {
	for _, size := range []fyne.Size{smallest(), fyne.NewSize(340, 600), fyne.NewSize(420, 640), fyne.NewSize(1200, 700)} {
		for font := -1; font <= 5; font++ {
			d := open(t)
			d.connect()
			st := sharing()
			st.Peer = strings.Repeat("Wide Name ", 20)
			d.step(chat.Session{State: st})
			for range max(font, -font) {
				d.step(chat.Font{Step: font})
			}
			d.w.Resize(size)
			d.v.Show(d.m.State())
			stop := d.v.talk.banner.stop
			at, s := fyne.CurrentApp().Driver().AbsolutePositionForObject(stop), stop.Size()
			if at.X < 0 || at.Y < 0 || at.X+s.Width > size.Width || at.Y+s.Height > size.Height {
				t.Errorf("window %v, font %d: %v at %v", size, font, s, at)
			}
		}
	}
}

func TestC09AllowWorksOnlyAfterAMoment(t *testing.T) {
	d := open(t)
	d.connect()
	d.step(chat.Session{State: d.asking()})
	test.Tap(d.v.talk.prompt.allow)
	if len(d.effects) != 1 {
		t.Fatalf("answered at once: %v", d.effects)
	}
	d.passes(chat.ArmTime)
	test.Tap(d.v.talk.prompt.allow)
	if !d.did(chat.Do{Event: session.Reply{ID: 7, Allow: true}}) {
		t.Error("never answered")
	}
}

func TestP03AWrongKeyTakesTheFocusOnce(t *testing.T) {
	d := open(t)
	d.w.Canvas().Focus(d.v.form.connect)
	d.step(chat.Submit{Code: "482", Name: "Jo"})
	if d.w.Canvas().Focused() != d.v.form.code {
		t.Errorf("%T has the focus", d.w.Canvas().Focused())
	}
	d.w.Canvas().Focus(d.v.form.name)
	d.v.Show(d.m.State())
	if d.w.Canvas().Focused() != d.v.form.name {
		t.Errorf("%T has taken the focus", d.w.Canvas().Focused())
	}
}

func TestC09RefuseHasTheFocusAndEnterAllowsNothing(t *testing.T) {
	d := open(t)
	d.connect()
	d.step(chat.Session{State: d.asking()})
	d.passes(chat.ArmTime)
	if d.w.Canvas().Focused() != d.v.talk.prompt.refuse {
		t.Fatalf("%T has the focus", d.w.Canvas().Focused())
	}
	d.key(fyne.KeyReturn)
	d.w.Canvas().Focus(d.v.talk.prompt.allow)
	d.key(fyne.KeyReturn)
	if len(d.effects) != 1 {
		t.Fatalf("Enter answered: %v", d.effects)
	}
	d.w.Canvas().Focus(d.v.talk.prompt.refuse)
	d.key(fyne.KeySpace)
	if !d.did(chat.Do{Event: session.Reply{ID: 7}}) {
		t.Error("Space does not refuse")
	}
}

func TestC09APromptDoesNotTakeTheFocusFromSomebodyWriting(t *testing.T) {
	d := open(t)
	d.connect()
	d.step(chat.Session{State: talking()})
	test.Type(d.v.talk.compose, "half a sen")
	d.step(chat.Session{State: d.asking()})
	d.passes(chat.ArmTime)
	if d.w.Canvas().Focused() != d.v.talk.compose {
		t.Errorf("%T has the focus", d.w.Canvas().Focused())
	}
}

func TestC09MoreTimeIsOfferedWhileThereIsSome(t *testing.T) {
	d := open(t)
	d.connect()
	st := d.asking()
	d.step(chat.Session{State: st})
	test.Tap(d.v.talk.prompt.more)
	if !d.did(chat.Do{Event: session.MoreTime{ID: 7}}) {
		t.Error("no more time")
	}
	last := *st.Request
	last.Deadline = last.Longest
	st.Request = &last
	d.step(chat.Session{State: st})
	if d.v.talk.prompt.more.Visible() {
		t.Error("more time than there is")
	}
}

func TestC09TheButtonsOfAPromptAreInViewInEverySizeOfText(t *testing.T) {
	for font := range 6 {
		d := open(t)
		d.w.Resize(fyne.NewSize(340, 600))
		for range font {
			d.step(chat.Font{Step: 1})
		}
		d.connect()
		d.step(chat.Session{State: d.asking()})
		d.passes(chat.ArmTime)
		for _, b := range []*look.Button{d.v.talk.prompt.allow, d.v.talk.prompt.refuse} {
			at, s := fyne.CurrentApp().Driver().AbsolutePositionForObject(b), b.Size()
			if at.X < 0 || at.X+s.Width > 340 || at.Y+s.Height > 600 {
				t.Errorf("font %d: %s %v at %v", font, b.Text, s, at)
			}
		}
	}
}

func TestEnterSendsAndADraftSurvivesEverythingElse(t *testing.T) {
	d := open(t)
	d.connect()
	d.step(chat.Session{State: talking()})
	test.Type(d.v.talk.compose, "hello")
	cut := sharing()
	cut.Linked = false
	for _, e := range []chat.Event{
		chat.Session{State: cut},
		chat.Session{State: d.asking()},
		chat.Session{State: talking()},
		chat.Font{Step: 1},
		chat.CloseAsked{},
		chat.CloseDismissed{},
		chat.Looking{Yes: false},
	} {
		d.step(e)
		if d.v.talk.compose.Text != "hello" {
			t.Fatalf("%T took the draft", e)
		}
	}
	d.v.talk.compose.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if !d.did(chat.Do{Event: session.Say{Text: "hello"}}) || d.v.talk.compose.Text != "" {
		t.Errorf("not sent; left %q", d.v.talk.compose.Text)
	}
}

func TestADraftIsForTheSessionItWasWrittenIn(t *testing.T) {
	d := open(t)
	d.connect()
	d.step(chat.Session{State: talking()})
	test.Type(d.v.talk.compose, "my PIN is")
	d.step(chat.Session{State: over(wire.EndByRep)})
	d.step(chat.Again{})
	d.connect()
	d.step(chat.Session{State: talking()})
	if d.v.talk.compose.Text != "" {
		t.Errorf("another rep's session begins with %q", d.v.talk.compose.Text)
	}
}

func TestTextThatWasNotTakenIsBackInTheField(t *testing.T) {
	d := open(t)
	d.connect()
	full := talking()
	full.Full = true
	d.step(chat.Session{State: full})
	test.Type(d.v.talk.compose, "hello")
	d.v.talk.compose.Send()
	if d.v.talk.compose.Text != "hello" || !d.v.talk.whyRow.Visible() {
		t.Errorf("left %q", d.v.talk.compose.Text)
	}
}

func TestC04KeysAndButtonsChangeTheSizeOfText(t *testing.T) {
	d := open(t)
	d.connect()
	d.step(chat.Session{State: talking()})
	ctrl := func(k fyne.KeyName) fyne.Shortcut {
		return &desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierControl}
	}
	size := func() float32 { return fyne.CurrentApp().Settings().Theme().Size("text") }
	usual := size()
	d.v.talk.compose.TypedShortcut(ctrl(fyne.KeyEqual)) // while writing
	if size() <= usual {
		t.Error("Ctrl and plus in the field: not larger")
	}
	d.v.talk.compose.TypedShortcut(ctrl(fyne.Key0))
	if size() != usual {
		t.Error("Ctrl and 0: not as usual")
	}
	test.Tap(d.v.talk.font.small)
	if size() >= usual {
		t.Error("button: not smaller")
	}
	test.Tap(d.v.talk.font.usual)
	test.Tap(d.v.talk.font.larger)
	if size() <= usual {
		t.Error("button: not larger")
	}
	if !d.did(chat.Save{Settings: chat.Settings{Font: 1}}) {
		t.Error("not remembered")
	}
}

func TestC08ClosingAsksWithTheSafeAnswerFirst(t *testing.T) {
	d := open(t)
	d.connect()
	d.step(chat.Session{State: talking()})
	d.step(chat.CloseAsked{})
	if d.w.Canvas().Focused() != d.v.closing.stay {
		t.Errorf("%T has the focus", d.w.Canvas().Focused())
	}
	d.key(fyne.KeyEscape)
	if d.v.closing.pop != nil {
		t.Error("Esc does not leave the question")
	}
	d.step(chat.CloseAsked{})
	test.Tap(d.v.closing.stay)
	if d.v.closing.pop != nil || d.did(chat.Do{Event: session.Leave{}}) {
		t.Error("going on does not go on")
	}
	d.step(chat.CloseAsked{})
	test.Tap(d.v.closing.leave)
	if !d.did(chat.Do{Event: session.Leave{}}) {
		t.Error("ending does not end")
	}
	d.step(chat.Session{State: over(wire.EndByCustomer)})
	d.passes(chat.LeaveTime)
	if !d.did(chat.Quit{}) {
		t.Error("the window stays")
	}
}

func TestC01ALinkInTheChatOpensOutside(t *testing.T) {
	d := open(t)
	d.connect()
	d.step(chat.Session{State: talking()})
	var link *look.Link
	for _, o := range test.LaidOutObjects(d.v.root) {
		if l, ok := o.(*look.Link); ok {
			link = l
		}
	}
	if link == nil {
		t.Fatal("no link")
	}
	test.Tap(link)
	if len(d.opened) != 1 || d.opened[0] != "https://help.example.org/printers" {
		t.Errorf("opened %q", d.opened)
	}
}

func TestC16EveryButtonIsReachedByTab(t *testing.T) {
	d := open(t)
	d.connect()
	d.step(chat.Session{State: func() session.State {
		st := d.asking()
		st.Granted = wire.View
		return st
	}()})
	d.passes(chat.ArmTime)
	tk := d.v.talk
	want := map[fyne.Focusable]string{
		tk.banner.stop: "stop", tk.font.larger: "larger", tk.font.small: "smaller",
		tk.prompt.allow: "allow", tk.prompt.refuse: "refuse", tk.prompt.more: "more time", tk.clip: "send a file", tk.compose: "the field",
	}
	for range 40 {
		d.w.Canvas().FocusNext()
		delete(want, d.w.Canvas().Focused())
	}
	for _, name := range want {
		t.Errorf("Tab never reaches %s", name)
	}
}

func TestTheTitleFollowsTheState(t *testing.T) {
	d := open(t)
	if got := d.w.Title(); got != "Support by Example IT Services" {
		t.Errorf("%q", got)
	}
	d.connect()
	d.step(chat.Session{State: sharing()})
	if got := d.w.Title(); got != "Sharing with Ana Petrović" {
		t.Errorf("%q", got)
	}
}
