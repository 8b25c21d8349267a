// Package consoleview is the rep's window: the bar on the left with session
// keys and the list of sessions, and a tab for each session, or a window of
// its own. It draws the State of package console and reports what the rep
// does; it decides nothing.
//
//	view := consoleview.New(consoleview.Actions{Do: shift.Do, Viewer: screens.Object, Open: open}, speaker)
//	view.Fill(window)
//	…
//	fyne.Do(func() { view.Show(state) })
//
// Everything here is called on Fyne's goroutine.
package consoleview

import (
	"net/url"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Actions is what the view asks for.
type Actions struct {
	// Do tells the console what the rep did. It may not block.
	Do func(console.Event)
	// Viewer gives what shows the customer's screen. It is called each time
	// the session gets a place in a window, and again when the two ends of one
	// that had its place before have met. It may give the same object again: it
	// is in no other window then. The object is hidden (Hide)
	// whenever nothing of it can be seen and shown (Show) when it can.
	Viewer func(wire.SessionID) fyne.CanvasObject
	// Open opens a link that was pressed in the chat.
	Open func(*url.URL)
	// Show shows the folder in which the file or folder at place is.
	Show func(place string)
}

// View is the console's window and those of detached sessions.
type View struct {
	act   Actions
	speak words.Speaker
	s     console.State

	window fyne.Window // nil until Fill
	root   *fyne.Container
	desk   fyne.CanvasObject // everything but the gate and a full screen
	gate   *gate
	quit   *ask
	foot   *foot
	rail   *rail
	tabs   *tabs
	body   *fyne.Container // what the chosen tab shows
	start  *startPage
	queues *queuePage
	idle   *idle
	reader *reader // the window of the transcript that is read; nil: none
	report func(console.Event)
	used   time.Time // when the console last heard that somebody is here
	panes  map[wire.SessionID]*pane
	asides map[wire.SessionID]*aside
	shown  wire.SessionID // whose pane is in front
}

// New makes a view that shows nothing yet.
func New(act Actions, speaker words.Speaker) *View {
	v := &View{
		act: act, speak: speaker, report: act.Do, foot: newFoot(),
		panes: map[wire.SessionID]*pane{}, asides: map[wire.SessionID]*aside{},
	}
	v.act.Do = func(e console.Event) {
		v.use()
		v.report(e)
	}
	v.foot.use = v.use
	v.gate = newGate(v)
	v.quit = newAsk(v.say(words.RepQuitYes), v.say(words.RepQuitNo), v.act.Do)
	v.rail = newRail(v)
	v.tabs = newTabs(v)
	v.queues = newQueuePage(v)
	v.idle = newIdle(v)
	v.start = newStartPage(v)
	v.body = container.NewStack()
	right := container.NewBorder(v.tabs.object, v.foot, nil, nil, v.body)
	desk := container.NewBorder(v.quit, nil, nil, nil, container.New(&deskLayout{v.rail}, v.rail.object, right))
	v.desk = container.NewBorder(v.idle, nil, nil, nil, desk)
	v.root = container.NewStack()
	return v
}

// useEvery is how often the console hears that somebody is here.
const useEvery = 2 * time.Second

// use notes that the rep did something, whatever it is.
func (v *View) use() {
	if now := time.Now(); now.Sub(v.used) >= useEvery {
		v.used = now
		v.report(console.Used{})
	}
}

// Content is what the main window holds.
func (v *View) Content() fyne.CanvasObject { return v.root }

// Fill puts the view into the main window: content, title, shortcuts, the
// question before closing, and who has the keyboard. It takes the app's hooks
// for coming to the foreground and leaving it.
func (v *View) Fill(w fyne.Window) {
	v.window = w
	w.SetTitle(v.say(words.RepWindow))
	w.SetIcon(look.AppIcon())
	w.SetPadded(false)
	w.SetContent(container.NewStack(newSensor(v.use), v.root))
	w.SetCloseIntercept(func() { v.act.Do(console.Quit{}) })
	w.SetOnDropped(v.dropped)
	v.addShortcuts(w.Canvas(), func() wire.SessionID { return v.s.Selected })
	life := fyne.CurrentApp().Lifecycle()
	life.SetOnEnteredForeground(func() { v.act.Do(console.Focus{}) })
	life.SetOnExitedForeground(func() { v.act.Do(console.Focus{Nowhere: true}) })
}

// dropped takes files that fell on the main window: whatever is shown there,
// the customer's screen too, they are for the session in front, or to be read.
func (v *View) dropped(_ fyne.Position, what []fyne.URI) {
	v.act.Do(console.Dropped{ID: v.shown, Paths: look.Paths(what)})
}

func (v *View) say(x words.Sentence, args ...any) string { return v.speak.Say(x, args...) }

// Show draws a State.
func (v *View) Show(s console.State) {
	v.s = s
	v.foot.note(s.Note)
	v.title()
	v.dropGone()
	v.detach()
	v.showTranscript()
	if v.gate.show(s) {
		v.fill(v.gate.object)
		v.fullScreen(false)
		return
	}
	v.askQuit()
	v.idle.set(s)
	v.rail.show(s)
	v.tabs.show(s)
	v.showBody()
}

// title has the window say how many wait, where it is seen when the window is
// not.
func (v *View) title() {
	if v.window == nil {
		return
	}
	title, n := v.say(words.RepWindow), v.s.Waiting()
	if len(v.s.Queues) > 0 {
		n += v.s.Queues[0].Here
	}
	if n > 0 {
		title = v.say(words.QueueTitle, n, title)
	}
	if v.window.Title() != title {
		v.window.SetTitle(title)
	}
}

// showBody puts the chosen tab's content in front.
func (v *View) showBody() {
	x, ok := v.s.Session(v.s.Selected)
	if !ok || !x.Taken || x.Detached {
		v.start.show(v.s)
		swap(v.body, []fyne.CanvasObject{v.start.object})
		v.front(wire.SessionID{})
		v.fill(v.desk)
		v.fullScreen(false)
		return
	}
	p := v.panes[x.ID]
	if p == nil {
		p = newPane(v, v.foot, x)
		v.panes[x.ID] = p
	}
	p.show(x, v.s)
	if x.Full {
		swap(v.body, nil)
		p.lend()
		v.fill(p.viewer)
	} else {
		p.takeBack()
		swap(v.body, []fyne.CanvasObject{p.object})
		v.fill(v.desk)
	}
	v.fullScreen(x.Full)
	v.front(x.ID)
}

// front remembers whose pane is seen, tells the others that they are not, and
// puts the cursor where a rep writes.
func (v *View) front(id wire.SessionID) {
	for other, p := range v.panes {
		if other != id {
			p.away()
		}
	}
	if v.shown == id {
		return
	}
	v.shown = id
	if (id != wire.SessionID{}) {
		v.rail.peekAt(false)
	}
	if p := v.panes[id]; p != nil && v.window != nil {
		p.enter(v.window.Canvas())
	}
}

func (v *View) fill(o fyne.CanvasObject) { swap(v.root, []fyne.CanvasObject{o}) }

func (v *View) fullScreen(on bool) {
	if v.window != nil && v.window.FullScreen() != on {
		v.window.SetFullScreen(on)
	}
}

// dropGone forgets the panes of sessions that were closed, and of those that
// moved to another window.
func (v *View) dropGone() {
	for id, p := range v.panes {
		if x, ok := v.s.Session(id); !ok || x.Detached {
			p.away()
			delete(v.panes, id)
		}
	}
}

// askQuit draws the question before the program ends. Its safe answer has the
// keyboard meanwhile.
func (v *View) askQuit() {
	on, before := v.s.Question.Ask == console.QuitConsole || v.s.Question.Ask == console.QuitUnkept, v.quit.Visible()
	v.quit.set(v.quitText(), on)
	if on == before || v.window == nil {
		return
	}
	c, p := v.window.Canvas(), v.panes[v.shown]
	switch {
	case on:
		c.Focus(v.quit.no)
	case !v.quit.focused(c):
	case p != nil:
		p.enter(c)
	default:
		c.Unfocus()
	}
}

func (v *View) quitText() string {
	if v.s.Question.Ask == console.QuitUnkept && v.s.Question.Count == 1 {
		return v.say(words.QuitUnkeptOne)
	}
	if v.s.Question.Ask == console.QuitUnkept {
		return v.say(words.QuitUnkeptAsk, v.s.Question.Count)
	}
	if v.s.Question.Count == 1 {
		return v.say(words.RepQuitAskOne)
	}
	return v.say(words.RepQuitAsk, v.s.Question.Count)
}

// deskLayout gives the bar its width, wide or narrow, and the rest to the
// other. In a small window the bar is narrow whatever was chosen.
type deskLayout struct{ rail *rail }

// roomy is the window's width from which the wide bar leaves enough room.
const roomy = 1060

func (l *deskLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	right := o[1].MinSize()
	return fyne.NewSize(thinRail+right.Width, max(right.Height, 320))
}

func (l *deskLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	width := l.rail.fit(s.Width < roomy)
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(width, s.Height))
	o[1].Move(fyne.NewPos(width, 0))
	o[1].Resize(fyne.NewSize(s.Width-width, s.Height))
}

// foot is the line at the bottom of a window: a remark, or the hint of what
// the pointer or the focus is on.
type foot struct {
	look.Panel
	label  *widget.Label
	remark string
	hinted string
	use    func() // somebody pointed at something
}

func newFoot() *foot {
	f := &foot{label: line("", theme.SizeNameCaptionText, widget.MediumImportance, false)}
	f.Content, f.Fill, f.Pad = tight(f.label), theme.ColorNameHeaderBackground, fyne.NewSize(12, 3)
	f.ExtendBaseWidget(f)
	return f
}

func (f *foot) note(text string) {
	f.remark = text
	f.refresh()
}

func (f *foot) hint(text string) {
	f.hinted = text
	f.refresh()
	if text != "" && f.use != nil {
		f.use()
	}
}

func (f *foot) refresh() {
	text := f.hinted
	if f.remark != "" {
		text = f.remark
	}
	if f.label.Text != text {
		f.label.TextStyle.Bold = f.remark != ""
		f.label.SetText(text)
	}
}

// ask is a question in a stripe, with the answer that does it and the one that
// doesn't. Enter, which somebody may just be typing, does nothing.
type ask struct {
	look.Panel
	text    *look.Text
	yes, no *look.Button
}

func newAsk(yes, no string, do func(console.Event)) *ask {
	a := &ask{text: look.Paragraph("")}
	a.yes = look.NewButton(yes, nil, widget.DangerImportance, func() { do(console.Yes{}) })
	a.yes.Deliberate = true
	a.no = look.NewButton(no, nil, widget.MediumImportance, func() { do(console.No{}) })
	a.yes.OnEscape, a.no.OnEscape = a.no.OnTapped, a.no.OnTapped
	icon := container.NewCenter(look.NewPicture(look.IconIn(assets.Warning, theme.ColorNameWarning), 24))
	a.Content = container.NewBorder(nil, nil, icon, container.NewCenter(container.NewHBox(a.yes, a.no)), a.text)
	a.Fill, a.Pad = look.ColorSharing, fyne.NewSize(12, 8)
	a.ExtendBaseWidget(a)
	a.Hide()
	return a
}

// focused says whether one of the answers has the keyboard.
func (a *ask) focused(c fyne.Canvas) bool {
	f := c.Focused()
	return f == fyne.Focusable(a.yes) || f == fyne.Focusable(a.no)
}

func (a *ask) set(text string, on bool) {
	if on {
		a.text.SetText(text)
	}
	show(a, on)
}

// relay lays the bar out anew after something in it has grown or shrunk.
func (v *View) relay() { v.rail.object.Refresh() }

// sensor feels the pointer wherever nothing else does.
type sensor struct {
	widget.BaseWidget
	use func()
}

func newSensor(use func()) *sensor {
	s := &sensor{use: use}
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer is for Fyne.
func (*sensor) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewStack())
}

// MouseIn is for Fyne.
func (s *sensor) MouseIn(*desktop.MouseEvent) { s.use() }

// MouseMoved is for Fyne.
func (s *sensor) MouseMoved(*desktop.MouseEvent) { s.use() }

// MouseOut is for Fyne.
func (*sensor) MouseOut() {}
