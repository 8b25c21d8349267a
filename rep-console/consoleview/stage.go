package consoleview

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// stage is the left part of a session: the customer's screen with what the rep
// may do on top, or the page on which the rep asks for it.
type stage struct {
	p      *pane
	object *fyne.Container

	screen   fyne.CanvasObject
	bar      *fyne.Container // above the screen
	barShows string          // what was in it when it was laid out last
	place    *fyne.Container // where the viewer is
	state    *widget.Label
	dot      *dot
	ask      *tool // for control, while only viewing
	back     *tool // gives control back
	retract  *tool // the question
	stop     *tool
	monitors *widget.Select
	ids      []uint8 // of the monitors on offer, in their order
	full     *tool

	page    fyne.CanvasObject
	picture *fyne.Container
	icon    assets.Icon
	title   *look.Text
	text    *look.Text
	both    *tool
	view    *tool
	asking  *tool
	closing *tool

	asks   *container.Scroll // how it was, after the session (E02)
	survey *look.Survey
}

func newStage(p *pane) *stage {
	g := &stage{p: p}
	g.screen = g.makeScreen()
	g.page = g.makePage()
	g.asks = g.makeSurvey()
	g.object = container.NewStack(g.page)
	return g
}

func (g *stage) makeScreen() fyne.CanvasObject {
	v, do, to, id := g.p.v, g.p.v.act.Do, g.p.to, g.p.id
	g.dot = newDot()
	g.state = line("", theme.SizeNameCaptionText, widget.MediumImportance, true)
	g.ask = newTool(to, v.say(words.RepTakeControl), look.Icon(assets.Pointer), widget.MediumImportance,
		v.withKeys(words.RepAskControlHint, keysAsk), func() { do(console.AskFor{ID: id, What: wire.View | wire.Control}) })
	g.back = newTool(to, v.say(words.RepGiveBack), look.Icon(assets.Eye), widget.MediumImportance,
		v.say(words.RepGiveBackHint), func() { do(console.GiveBack{ID: id, What: wire.Control}) })
	g.retract = newTool(to, v.say(words.RepTakeBack), look.Icon(assets.Cross), widget.MediumImportance,
		v.say(words.RepTakeBack), g.takeBack)
	g.stop = newTool(to, v.say(words.RepStopViewing), look.Icon(assets.Stop), widget.MediumImportance,
		v.say(words.RepStopHint), func() { do(console.GiveBack{ID: id, What: wire.View | wire.Control}) })
	g.monitors = widget.NewSelect(nil, nil)
	g.monitors.OnChanged = func(string) {
		if i := g.monitors.SelectedIndex(); i >= 0 && i < len(g.ids) {
			do(console.PickMonitor{ID: id, Monitor: g.ids[i]})
		}
	}
	g.full = newTool(to, "", look.Icon(assets.Fullscreen), widget.MediumImportance,
		v.withKeys(words.RepFullScreen, keysFull), func() { do(console.FullScreen{ID: id, On: true}) })
	g.state.Alignment = fyne.TextAlignLeading
	tools := []*tool{g.ask, g.back, g.retract, g.stop}
	g.bar = container.New(newBarLayout(tools), g.ask, g.back, g.retract, g.stop,
		container.NewCenter(g.dot), container.New(centred{}, tight(g.state)), g.monitors, g.full)
	bar := look.NewStripe(g.bar, theme.ColorNameBackground)
	bar.Pad = fyne.NewSize(6, 4)
	g.place = container.NewStack(g.p.viewer)
	return container.NewBorder(bar, nil, nil, nil, container.New(yielding{}, g.place))
}

// yielding lets its object be smaller than it wants to be: tools around the
// picture must not decide how small the window can get.
type yielding struct{}

func (yielding) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(240, 160) }

func (yielding) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Move(fyne.Position{})
	o[0].Resize(s)
}

// takeBack takes the open question back, and nothing that was granted.
func (g *stage) takeBack() {
	if r := g.p.x.State.Request; r != nil {
		g.p.v.act.Do(console.GiveBack{ID: g.p.id, What: r.What &^ g.p.x.State.Granted})
	}
}

func (g *stage) makePage() fyne.CanvasObject {
	v, do, to, id := g.p.v, g.p.v.act.Do, g.p.to, g.p.id
	g.picture = container.NewCenter()
	g.title = look.NewText("", "", theme.SizeNameHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignCenter)
	g.text = look.NewText("", look.ColorMuted, "", fyne.TextStyle{}, fyne.TextAlignCenter)
	g.both = newTool(to, v.say(words.RepAskControl), look.IconIn(assets.Pointer, theme.ColorNameForegroundOnPrimary), widget.HighImportance,
		v.withKeys(words.RepAskControlHint, keysAsk), func() { do(console.AskFor{ID: id, What: wire.View | wire.Control}) })
	g.view = newTool(to, v.say(words.RepAskView), look.Icon(assets.Eye), widget.MediumImportance,
		v.say(words.RepAskViewHint), func() { do(console.AskFor{ID: id, What: wire.View}) })
	g.asking = newTool(to, v.say(words.RepTakeBack), nil, widget.MediumImportance, "", g.takeBack)
	g.closing = newTool(to, v.say(words.RepClose), nil, widget.MediumImportance,
		v.withKeys(words.RepCloseHint, keysClose), func() { do(console.End{ID: id}) })
	buttons := container.NewCenter(container.NewHBox(g.both, g.view, g.asking, g.closing))
	return container.New(middle{}, look.Wide(look.Rows(4, g.picture, g.title, g.text, buttons), 460))
}

func (g *stage) show(x console.Session, s console.State) {
	seen := g.page
	switch {
	case x.State.Granted.Has(wire.View):
		g.showScreen(x, s)
		seen = g.screen
	case x.Asked():
		g.survey.Set(x.Survey.Survey, g.p.v.say(words.RepSurveyIntro, x.Name), x.Survey.Stage == console.SurveySending)
		seen = g.asks
	default:
		g.showPage(x, s)
	}
	if !x.Asked() {
		g.survey.Hide()
	}
	swap(g.object, []fyne.CanvasObject{seen})
}

// makeSurvey makes the page with the questions after a session.
func (g *stage) makeSurvey() *container.Scroll {
	v, do, id := g.p.v, g.p.v.act.Do, g.p.id
	g.survey = look.NewSurvey(v.say(words.RepSurveyTitle), v.speak, look.SurveyDo{
		Fill:       func(f session.Filling) { do(console.Fill{ID: id, Filling: f}) },
		Send:       func() { do(console.SendSurvey{ID: id}) },
		Skip:       func() { do(console.SkipSurvey{ID: id}) },
		OnShortcut: taker(v.shortcuts(func() wire.SessionID { return id })),
		Reveal:     func(o fyne.CanvasObject) { look.Reveal(g.asks, o) },
	})
	over := look.NewText(v.say(words.RepOverTitle), "", theme.SizeNameHeadingText, fyne.TextStyle{Bold: true}, fyne.TextAlignLeading)
	head := look.Leading(look.NewPicture(look.IconIn(assets.Check, theme.ColorNamePrimary), 32), look.Flush(over))
	return container.NewVScroll(container.New(inset{top: 16, right: 16, bottom: 16, left: 16}, look.Wide(look.Rows(16, head, g.survey.Object), 520)))
}

func (g *stage) showScreen(x console.Session, s console.State) {
	say, st := g.p.v.say, x.State
	controls := st.Granted.Has(wire.Control)
	text, colour := say(words.RepBarSees), theme.ColorNamePrimary
	switch {
	case !st.Linked:
		text, colour = say(words.RepCut), theme.ColorNameError
	case st.Request != nil:
		text, colour = say(words.RepBarAsking), theme.ColorNameWarning
	case controls:
		text, colour = say(words.RepBarControls), theme.ColorNameSuccess
	}
	setLine(g.state, text)
	g.dot.set(colour)
	show(g.ask, !controls && st.Request == nil)
	both := g.p.v.barred(x, wire.View|wire.Control)
	bar(g.ask, g.p.v.withKeys(words.RepAskControlHint, keysAsk), both, !s.Now.Before(st.AskFrom))
	show(g.back, controls)
	show(g.retract, st.Request != nil)
	g.showMonitors(st.Monitors, st.Monitor)
	// Fyne lays out anew what has outgrown its room; the bar has room enough.
	if shows := inSight(g.bar); shows != g.barShows {
		g.barShows = shows
		g.bar.Refresh()
	}
}

// inSight says which things of a container are shown: a letter for each.
func inSight(c *fyne.Container) string {
	all := make([]byte, len(c.Objects))
	for i, o := range c.Objects {
		all[i] = '-'
		if o.Visible() {
			all[i] = 'x'
		}
	}
	return string(all)
}

// showMonitors offers a choice where there is one.
func (g *stage) showMonitors(all []wire.Monitor, shown uint8) {
	show(g.monitors, len(all) > 1)
	options, ids, chosen := []string{g.p.v.say(words.RepAllMonitors)}, []uint8{0}, 0
	for i, m := range all {
		options = append(options, fmt.Sprintf("%s  %d × %d", g.p.v.say(words.RepMonitor, i+1), m.W, m.H))
		ids = append(ids, m.ID)
		if m.ID == shown {
			chosen = i + 1
		}
	}
	g.ids = ids
	if fmt.Sprint(options) != fmt.Sprint(g.monitors.Options) {
		g.monitors.SetOptions(options)
	}
	if g.monitors.Selected != options[chosen] {
		g.monitors.Selected = options[chosen]
		g.monitors.Refresh()
	}
}

func (g *stage) showPage(x console.Session, s console.State) {
	say, st := g.p.v.say, x.State
	rest := st.AskFrom.Sub(s.Now)
	icon, title, text := assets.Screen, say(words.RepNothingShared), say(words.RepNothingText, x.Name)
	switch {
	case x.Meeting:
		icon, title, text = assets.Clock, say(words.MeetTitle, x.Name), say(words.MeetText)
	case over(x) && st.Began.IsZero():
		icon, title, text = assets.Info, say(words.RepNeverBegan), ""
	case over(x):
		icon, title, text = assets.Check, say(words.RepOverTitle), say(overText(x))
	case st.Request != nil:
		icon, title, text = assets.Clock, say(words.RepAsking, x.Name), say(words.RepAskingText, x.Name)
	case rest > 0:
		text = say(words.RepAskAgainIn, g.p.v.speak.Seconds(rest))
	}
	if g.icon != icon {
		g.icon = icon
		g.picture.Objects = []fyne.CanvasObject{look.NewPicture(look.IconIn(icon, theme.ColorNamePrimary), 64)}
		g.picture.Refresh()
	}
	g.title.SetText(title)
	g.text.SetText(text)
	canAsk := !over(x) && !x.Meeting && st.Request == nil
	show(g.both, canAsk)
	show(g.view, canAsk)
	bar(g.both, g.p.v.withKeys(words.RepAskControlHint, keysAsk), g.p.v.barred(x, wire.View|wire.Control), rest <= 0)
	bar(g.view, say(words.RepAskViewHint), g.p.v.barred(x, wire.View), rest <= 0)
	show(g.asking, !over(x) && st.Request != nil)
	show(g.closing, over(x))
}

// overText is what there is to say when a session is over.
func overText(x console.Session) words.Sentence {
	switch {
	case x.Survey != nil && x.Survey.Stage == console.SurveyKept:
		return words.RepSurveyKept
	case x.Survey != nil && x.Survey.Stage == console.SurveyLate:
		return words.RepSurveyLate
	}
	return words.RepOverText
}

// centred puts an object in the middle of the height, over the whole width.
type centred struct{}

func (centred) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (centred) Layout(o []fyne.CanvasObject, s fyne.Size) {
	h := o[0].MinSize().Height
	o[0].Move(fyne.NewPos(0, (s.Height-h)/2))
	o[0].Resize(fyne.NewSize(s.Width, h))
}

// barLayout sets what stands above the screen in a row: buttons, then how it
// is, then at the far end the monitors and full screen. Where the room is
// short the buttons keep their pictures alone; the hint says what they do.
type barLayout struct {
	tools []*tool
	texts []string
}

func newBarLayout(tools []*tool) *barLayout {
	l := &barLayout{tools: tools}
	for _, t := range tools {
		l.texts = append(l.texts, t.Text)
	}
	return l
}

const (
	barHeight  = 36
	barIcon    = 36  // width of a button without text
	barGap     = 4   // between two things
	barState   = 92  // what the words on how it is want at least
	barMonitor = 138 // width of the choice of monitors
)

// right is the width of what stands at the far end.
func (l *barLayout) right(o []fyne.CanvasObject) float32 {
	w := float32(barIcon)
	if o[6].Visible() {
		w += barMonitor + barGap
	}
	return w
}

func (l *barLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	w := l.right(o)
	for _, t := range l.tools {
		if t.Visible() {
			w += barIcon + barGap
		}
	}
	return fyne.NewSize(w, barHeight)
}

func (l *barLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	size := theme.TextSize()
	whole := float32(0)
	widths := make([]float32, len(l.tools))
	for i, t := range l.tools {
		if t.Visible() {
			widths[i] = barIcon + barGap + fyne.MeasureText(l.texts[i], size, fyne.TextStyle{Bold: true}).Width
			whole += widths[i] + barGap
		}
	}
	right := l.right(o)
	terse := whole+barState+right > s.Width
	x := float32(0)
	for i, t := range l.tools {
		if !t.Visible() {
			continue
		}
		text := l.texts[i]
		if terse {
			text, widths[i] = "", barIcon
		}
		t.set(text, t.Icon, t.Importance)
		t.Move(fyne.NewPos(x, 0))
		t.Resize(fyne.NewSize(widths[i], s.Height))
		x += widths[i] + barGap
	}
	o[4].Move(fyne.NewPos(x+barGap, 0))
	o[4].Resize(fyne.NewSize(9, s.Height))
	x += 9 + 2*barGap
	o[5].Move(fyne.NewPos(x, 0))
	o[5].Resize(fyne.NewSize(max(s.Width-right-barGap-x, 0), s.Height))
	o[6].Move(fyne.NewPos(s.Width-right, 0))
	o[6].Resize(fyne.NewSize(barMonitor, s.Height))
	o[7].Move(fyne.NewPos(s.Width-barIcon, 0))
	o[7].Resize(fyne.NewSize(barIcon, s.Height))
}
